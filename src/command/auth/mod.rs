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

pub use cell::Ground;
pub use cell::Known;
pub use changes::Before;
pub use changes::before;
pub use changes::changes;
pub use error::Error;
pub use import::Error as ImportError;
pub use outcome::elsewhere;
pub use outcome::outcome;
pub use outcome::place;
pub use report::report;
pub use request::Request;
pub use request::Source;
pub use request::Target;
pub use request::Verb;
pub use request::source;
pub(crate) use run::change_key;
pub(crate) use run::show;
