//! The program from outside: each module is a promise, each test a sentence that can be false.
#![cfg(test)]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(clippy::disallowed_methods, reason = "tests look at the world that the program sees")]

mod support;
mod stage;
mod pty;

mod launch;
mod question;
mod inheritance;
mod shims;
mod containers;
