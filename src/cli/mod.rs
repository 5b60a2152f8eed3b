//! What was typed: options, a subcommand, the words of the command.

mod definition;
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
pub use definition::TASKS;
pub use definition::Task;
pub use definition::Words;
pub use definition::definition;
pub use definition::tailored;
pub use scan::Parsed;
pub use scan::parse;
pub use shim::Shim;
pub use shim::may_be_shim;
pub use shim::shim;
