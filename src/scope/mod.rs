//! Choosing the workspace and the role, merging the four scopes, and where each value comes from.

mod directory;
mod error;
mod ignore;
mod merge;
mod role;

#[cfg(test)]
mod tests;

pub use directory::Depth;
pub use directory::Here;
pub use directory::chosen;
pub use directory::surrounding;
pub use error::Error;
pub use merge::settings;

use std::collections::BTreeMap;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::Variables;
use crate::config::Workspace;

/// A scope. The order is from least to most specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `[env]`
    Global,
    /// `[roles.R.env]`
    Role,
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
    /// The winning declaration of each name.
    pub env: BTreeMap<&'a EnvName, Scoped<&'a Declared>>,
    /// For each provider id, the most specific scope that sets whether the provider is ignored.
    pub ignored: BTreeMap<&'a str, Ignoring>,
    /// `default_provider` of the workspace, or else of exec.toml.
    pub default_provider: Option<DefaultProvider>,
    /// The variables of every scope in the files that were read, including scopes that were not
    /// chosen: the environment variables that they refer to may hold other providers' keys.
    pub declared: Vec<&'a Variables>,
    /// The allow-lists that apply, each with its workspace and provider ids. A provider must be in
    /// all of them.
    pub policies: Vec<Policy>,
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
    /// Whether the workspace sets it, and not exec.toml as a whole.
    pub of_workspace: bool,
}

/// A workspace's list of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The workspace.
    pub workspace: String,
    /// The only providers that may be chosen.
    pub providers: Vec<String>,
}

/// The requested workspace and role.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The chosen workspace with its file, if there is one.
    pub workspace: Option<(&'a str, &'a Workspace)>,
    /// The role that was named.
    pub role: Option<&'a str>,
    /// The workspaces that contain the current directory, for their policies.
    pub surrounding: &'a [String],
}
