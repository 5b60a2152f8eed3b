//! The files of the configuration: which files there are, who may access them, and how they are
//! locked and changed. What the entries in them mean is decided elsewhere.

mod error;
mod read;
mod lock;
mod store;
mod links;
mod way;
mod text;
mod workspaces;
mod rows;
mod plain;
mod splice;
mod folder;
mod staged;
mod write;

pub use error::Error;
pub use folder::open;
pub use plain::Plain;
pub use read::LARGEST_VALUE;
pub use read::kind;
pub use read::list;
pub use read::plain_file;
pub use read::value_file;
pub use store::Store;
pub use text::Text;
pub use workspaces::Looked;
pub use workspaces::workspace_file;
pub use write::Change;
pub use write::apply;
pub use write::written;
