//! Finding other programs and running them. Independent of what they are run for.

mod ask;
mod family;
mod pipe;
mod run;
mod search;
mod terminal;

pub(crate) use ask::Answer;
pub(crate) use ask::ask;
pub(crate) use family::Orphans;
pub(crate) use run::End;
pub(crate) use run::Group;
pub(crate) use run::Program;
pub(crate) use run::Running;
pub(crate) use run::Stderr;
pub(crate) use run::wait;
pub(crate) use search::DEFAULT_PATH;
pub(crate) use search::candidates;
pub(crate) use search::file_id;
pub(crate) use search::find;
pub(crate) use search::find_command;
pub(crate) use search::is_runnable;
pub(crate) use search::own_file;
pub(crate) use search::own_path;
pub(crate) use search::path_of;
pub(crate) use terminal::Terminal;
