//! Choosing the workspace and the role, merging the scopes, and where each value comes from.

mod directory;
mod error;
mod ignore;
mod merge;
mod names;
mod role;

#[cfg(test)]
mod tests;

pub use directory::Depth;
pub use directory::Here;
pub use directory::chosen;
pub use directory::is_folder;
pub use directory::surrounding;
pub use error::Error;
pub use merge::settings;
pub use names::Names;
pub use names::Owner;

use std::collections::BTreeMap;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::Sorted;
use crate::config::Variables;
use crate::config::Workspace;

/// A scope. The order is from least to most specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `[env]`
    Global,
    /// `[roles.R.env]`
    Role,
    /// `[folders."PATH".env]`
    Folder,
    /// A workspace's `[env]`
    Workspace,
    /// A workspace's `[roles.R.env]`
    WorkspaceRole,
}

impl Scope {
    /// The word for machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Role => "role",
            Self::Folder => "folder",
            Self::Workspace => "workspace",
            Self::WorkspaceRole => "workspace-role",
        }
    }
}

/// A value and the scope that won.
#[derive(Debug, Clone)]
pub struct Scoped<T> {
    /// The value.
    pub value: T,
    /// The scope that declares it.
    pub scope: Scope,
    /// Whether exec.toml declares it, and not one of jackin's files.
    pub ours: bool,
    /// The less specific scopes that also declare it, least specific first.
    pub hides: Vec<Scope>,
}

/// The merged configuration for this launch.
#[derive(Debug, Clone, Default)]
pub struct Settings<'a> {
    /// The workspace that was chosen.
    pub workspace: Option<String>,
    /// The role that was chosen.
    pub role: Option<String>,
    /// The deepest folder of exec.toml that contains the current directory, as it is written.
    pub folder: Option<&'a str>,
    /// The winning declaration of each name.
    pub env: Sorted<&'a EnvName, Scoped<&'a Declared>>,
    /// For each provider id, the most specific scope that sets whether the provider is ignored.
    pub ignored: BTreeMap<&'a str, Ignoring>,
    /// `default_provider` of the workspace, else `default_provider` of the folder, else `default_provider`
    /// of exec.toml.
    pub default_provider: Option<DefaultProvider>,
    /// The variables of every scope in the files that were read, including scopes that were not
    /// chosen: the environment variables that they refer to may hold other providers' keys.
    pub declared: Vec<&'a Variables>,
    /// The allow-lists that apply, each with its owner and provider ids. A provider must be in
    /// all of them.
    pub policies: Vec<Policy>,
}

impl Settings<'_> {
    /// The names of the scopes that apply.
    pub fn names(&self) -> Names<'_> {
        Names {
            workspace: self.workspace.as_deref(),
            folder: self.folder,
            role: self.role.as_deref(),
        }
    }
}

/// Whether a scope ignores a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ignoring {
    /// Whether the provider is ignored.
    pub ignored: bool,
    /// The scope that decides.
    pub scope: Scope,
    /// Whether exec.toml sets this, and not `[kimi] auth_forward` in one of jackin's files.
    pub ours: bool,
}

/// A default provider, and where it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultProvider {
    /// The provider's id.
    pub provider: String,
    /// What it is a default of.
    pub of: DefaultOf,
}

/// What has a default provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultOf {
    /// The workspace.
    Workspace,
    /// The folder.
    Folder,
    /// exec.toml as a whole.
    All,
}

/// The list of providers of a workspace or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What has the list.
    pub owner: Owner,
    /// The only providers that may be chosen.
    pub providers: Vec<String>,
}

/// The requested workspace and role, and what the current directory adds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The chosen workspace with its file, if there is one.
    pub workspace: Option<(&'a str, &'a Workspace)>,
    /// The role that was named.
    pub role: Option<&'a str>,
    /// The workspaces that contain the current directory, for their policies.
    pub surrounding: &'a [String],
    /// The folder of exec.toml that applies.
    pub folder: Option<&'a str>,
    /// The folders of exec.toml that contain the current directory, for their policies.
    pub listed_folders: &'a [String],
}
