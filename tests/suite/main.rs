//! The program from outside: each module is a promise, each test a sentence that can be false.
#![cfg(test)]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(clippy::disallowed_methods, reason = "tests look at the world that the program sees")]

mod support;

mod completions;
mod launch;
mod managed;
