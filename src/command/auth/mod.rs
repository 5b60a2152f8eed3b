//! `auth`: shows, sets, removes, ignores and imports the providers' keys, scope by scope.
//!
//! Decides which entries of which files change and in which order; `files` makes the changes.

mod error;
mod request;
mod cell;
mod changes;
mod outcome;
mod keys;
mod new_key;
mod report;
mod import;
mod run;

pub(crate) use error::Error;
pub(crate) use import::Error as ImportError;
pub(crate) use report::report;
pub(crate) use run::change_key;
pub(crate) use run::show;
