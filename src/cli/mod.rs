//! The command line: options, a subcommand, the command's words.

mod definition;
mod error;
mod grammar;
mod parse;
mod scan;
mod shim;
mod task;
mod usage;

pub use definition::Cli;
pub use definition::Common;
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
pub use shim::Misnamed;
pub use shim::Shim;
pub use shim::may_be_shim;
pub use shim::misnamed;
pub use shim::shim;
pub use task::AuthIgnore;
pub use task::AuthImport;
pub use task::AuthSet;
pub use task::AuthTask;
pub use task::AuthUnset;
pub use task::Shell;
pub use task::Task;
