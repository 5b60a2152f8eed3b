//! Which workspace and role, the four scopes, their merge, and where each value comes from.

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

/// A scope, least to most specific.
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
    /// The word for programs.
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
    /// Whether exec.toml declares it, not a file of jackin's.
    pub ours: bool,
    /// The less specific scopes that declare it, too, least specific first.
    pub hides: Vec<Scope>,
}

/// What the configuration says for this launch.
#[derive(Debug, Clone, Default)]
pub struct Settings<'a> {
    /// The workspace that was chosen.
    pub workspace: Option<String>,
    /// The role that was chosen.
    pub role: Option<String>,
    /// The winner for each name.
    pub env: BTreeMap<&'a EnvName, Scoped<&'a Declared>>,
    /// The most specific scope that says of a provider, by its id, whether it is ignored.
    pub ignored: BTreeMap<&'a str, Ignoring>,
    /// `default_provider` of the workspace, else of exec.toml.
    pub default_provider: Option<DefaultProvider>,
    /// The variables of every scope in the files that were read, also of those that were not
    /// chosen: where they refer to our environment, other providers' keys may be in it.
    pub declared: Vec<&'a Variables>,
    /// Allow-lists that bind: workspace and provider ids. A provider must be in all of them.
    pub policies: Vec<Policy>,
}

/// Whether a scope ignores a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ignoring {
    /// Whether it does.
    pub ignored: bool,
    /// The scope.
    pub scope: Scope,
    /// Whether exec.toml says so, not `[kimi] auth_forward` of a file of jackin's.
    pub ours: bool,
}

/// A default provider and who sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultProvider {
    /// The provider's id.
    pub provider: String,
    /// Whether the workspace sets it, not exec.toml as a whole.
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

/// The workspace and the role that were asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The chosen workspace with its file, if there is one.
    pub workspace: Option<(&'a str, &'a Workspace)>,
    /// The role that was named.
    pub role: Option<&'a str>,
    /// The workspaces in whose folders we are, for their policies.
    pub surrounding: &'a [String],
}
