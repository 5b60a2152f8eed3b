//! The subcommands, one file each, on top of the stages. None knows another.

pub mod auth;
pub mod completions;
pub mod doctor;
pub mod providers;
