//! argv → `run` → exit.
#![no_main]

jackin_exec::main!(jackin_exec::run);
