//! `auth import`: takes keys over from the files of other tools.
//!
//! Reads only the files that are named, once, and runs nothing that they contain.

mod address;
mod entry;
mod json;
mod profile;
mod database;
mod error;
mod source;
mod places;
mod owner;
mod proposal;
mod show;
mod run;

pub(crate) use error::Error;
pub(in crate::command::auth) use run::run;
