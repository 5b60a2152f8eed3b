//! What was typed: options, a subcommand, the words of the command.

mod definition;
mod error;
mod grammar;
mod parse;
mod scan;
mod shim;
mod usage;

pub use definition::AuthIgnore;
pub use definition::AuthSet;
pub use definition::AuthTask;
pub use definition::AuthUnset;
pub use definition::Cli;
pub use definition::Common;
pub use definition::Shell;
pub use definition::Task;
pub use definition::Words;
pub use definition::definition;
pub use definition::tailored;
pub use error::Error;
pub use grammar::Level;
pub use grammar::Name;
pub use grammar::PROGRAM;
pub use grammar::Spelling;
pub use grammar::tasks;
pub use parse::Parsed;
pub use parse::parse;
pub use scan::Scanner;
pub use scan::Token;
pub use scan::looks_like_option;
pub use shim::Shim;
pub use shim::may_be_shim;
pub use shim::shim;
