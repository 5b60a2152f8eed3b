//! Finding other programs and running them. Independent of what they are run for.

mod ask;
mod family;
mod pipe;
mod run;
mod search;
mod terminal;

pub use ask::Answer;
pub use ask::ask;
pub(crate) use family::Orphans;
pub use run::End;
pub use run::Group;
pub use run::Program;
pub use run::Running;
pub use run::Stderr;
pub use run::wait;
pub use search::DEFAULT_PATH;
pub use search::FileId;
pub use search::Found;
pub use search::candidates;
pub use search::file_id;
pub use search::find;
pub use search::find_command;
pub use search::is_runnable;
pub use search::own_file;
pub use search::own_path;
pub use search::path_of;
pub use terminal::Terminal;
