//! What the fuzz targets claim: one module for each, each with one `check` that panics where a claim is false.
//!
//! The targets in `fuzz_targets/` hand their bytes over and nothing more.

pub mod config;
pub mod merge;
pub mod plan;
pub mod references;

mod dice;
mod mark;
mod toml;
