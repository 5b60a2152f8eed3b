//! Where values come from, how helpers are run, and what is said when a value cannot be had.

mod fetching;
mod helpers;
mod kept_back;
mod reading;
mod sources;
mod told;
mod trust;
mod unruly;
mod words;

/// A Kimi key in the shape of one.
const KEY: &str = "sk-kimi-of-a-test";
