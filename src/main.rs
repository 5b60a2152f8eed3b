//! The program: hands argv to `run` and exits with its result.
#![no_main]

jackin_exec::main!(jackin_exec::run);
