//! The program from outside: each module is a promise, each test a sentence that can be false.
// What these tests look at is in /proc, and what they arrange is asked of Linux.
#![cfg(target_os = "linux")]
#![cfg(test)]
#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "texts are built to be read, not to be fast"
)]
#![expect(clippy::too_many_lines, reason = "rows of data")]
#![expect(clippy::print_stderr, reason = "a failing test shows what it counted")]
#![expect(clippy::disallowed_methods, reason = "tests look at the world that the program sees")]

mod auth;
mod catalog;
mod completions;
mod containers;
mod docs;
mod doctor;
mod dry_run;
mod editors;
mod errors;
mod files;
mod folders;
mod headers;
mod import;
mod inheritance;
mod jackin;
mod labels;
mod launch;
mod leaks;
mod links;
mod managed;
mod newcomer;
mod on_demand;
mod providers;
mod pty;
mod question;
mod recipes;
mod rows;
mod scopes;
mod secrets;
mod shims;
mod stage;
mod support;
mod traced;
