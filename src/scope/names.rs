//! The names of workspaces, folders and roles in messages.

use std::fmt;

use crate::report::escape;
use crate::report::table_key;

/// The names of the scopes that apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Names<'a> {
    /// The workspace.
    pub workspace: Option<&'a str>,
    /// The folder, as it is written in exec.toml.
    pub folder: Option<&'a str>,
    /// The role.
    pub role: Option<&'a str>,
}

/// What has a list of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A workspace.
    Workspace(String),
    /// A folder, as it is written in exec.toml.
    Folder(String),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace(name) => write!(f, "workspace {}", escape(name)),
            Self::Folder(path) => write!(f, "folder {}", escape(path)),
        }
    }
}

impl Owner {
    /// Its table in exec.toml.
    pub fn table(&self) -> String {
        match self {
            Self::Workspace(name) => format!("[workspaces.{}]", table_key(name)),
            Self::Folder(path) => format!("[folders.{}]", table_key(path)),
        }
    }
}
