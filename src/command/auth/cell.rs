//! One scope of the configuration, in both files that can declare a key for it, and the entries that
//! change it.

use secrecy::SecretString;

use crate::command::auth::error::Error;
use crate::config;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Variables;
use crate::config::Workspace;
use crate::files;
use crate::files::Change;
use crate::provider::Provider;
use crate::scope::Scope;

/// A workspace as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it says.
    pub workspace: &'a Workspace,
    /// Whether it has a file of its own; else it is a table of config.toml, as old versions of
    /// jackin wrote it.
    pub in_file: bool,
}

/// What the configuration says before the change.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// config.toml
    pub global: &'a Global,
    /// exec.toml
    pub exec: &'a ExecToml,
    /// The workspace of the request; to unset a key in all scopes, all of them.
    pub workspaces: &'a [Known<'a>],
}

/// One scope, with the workspace and the role that it needs.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) workspace: Option<Known<'a>>,
    pub(super) role: Option<&'a str>,
}

/// A table of a file.
pub(super) struct Table {
    file: String,
    path: Vec<String>,
}

/// jackin's configuration.
pub(super) const CONFIG: &str = "config.toml";

/// Our own configuration.
pub(super) const EXEC: &str = "exec.toml";

/// The provider for which jackin has a mode, under the name of its table.
pub(super) const KIMI: &str = "kimi";

/// The key of the mode in that table.
pub(super) const MODE: &str = "auth_forward";

impl Table {
    fn change(&self, inner: &str, key: &str, value: Option<SecretString>) -> Change {
        let mut table = self.path.clone();
        table.push(inner.to_owned());
        let fresh = if self.file == CONFIG { config::NEW_GLOBAL } else { "" };
        Change { file: self.file.clone(), table, key: key.to_owned(), value, fresh }
    }

    fn set(&self, key: &EnvName, value: SecretString) -> Change {
        self.change("env", key.as_str(), Some(value))
    }

    fn remove(&self, key: &EnvName) -> Change {
        self.change("env", key.as_str(), None)
    }

    pub(super) fn set_mode(&self, mode: &str) -> Change {
        self.change(KIMI, MODE, Some(quoted(mode)))
    }

    fn remove_mode(&self) -> Change {
        self.change(KIMI, MODE, None)
    }
}

/// What jackin's mode for Kimi says in a scope. None: nothing.
#[derive(Clone, Copy)]
pub(super) struct Modes {
    /// Whether this scope says "ignore".
    pub(super) here: Option<bool>,
    /// The same of the less specific scopes.
    below: Option<bool>,
}

impl Cell<'_> {
    pub(super) fn scope(&self) -> Scope {
        match (self.workspace, self.role) {
            (None, None) => Scope::Global,
            (None, Some(_)) => Scope::Role,
            (Some(_), None) => Scope::Workspace,
            (Some(_), Some(_)) => Scope::WorkspaceRole,
        }
    }

    /// The table of this scope, below that of its workspace.
    fn table(&self, file: &str, workspace: Option<&str>) -> Table {
        let mut path = Vec::new();
        if let Some(name) = workspace {
            path.extend(["workspaces".to_owned(), name.to_owned()]);
        }
        if let Some(role) = self.role {
            path.extend(["roles".to_owned(), role.to_owned()]);
        }
        Table { file: file.to_owned(), path }
    }

    fn exec_table(&self) -> Table {
        self.table(EXEC, self.workspace.map(|known| known.name))
    }

    /// The table in jackin's files. None for a role that is not registered: jackin refuses a
    /// `[roles.R]` without `git`.
    fn jackin_table(&self) -> Option<Table> {
        match (self.workspace, self.role) {
            (Some(known), _) if known.in_file => {
                Some(self.table(&files::workspace_file(known.name), None))
            }
            (Some(known), _) => Some(self.table(CONFIG, Some(known.name))),
            (None, Some(role)) if !self.ground.global.roles.contains_key(role) => None,
            (None, _) => Some(self.table(CONFIG, None)),
        }
    }

    /// The table in jackin's files, if it declares the key.
    fn jackin_entry(&self, key: &EnvName) -> Option<Table> {
        self.jackin_value(key)?;
        self.jackin_table()
    }

    /// The table in exec.toml, if it declares the key.
    fn exec_entry(&self, key: &EnvName) -> Option<Table> {
        self.exec_value(key)?;
        Some(self.exec_table())
    }

    /// What jackin's file says in this scope.
    fn jackin_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let global = self.ground.global;
        let variables: &Variables = match (self.workspace, self.role) {
            (None, None) => &global.env,
            (None, Some(role)) => global.roles.get(role)?,
            (Some(known), None) => &known.workspace.env,
            (Some(known), Some(role)) => &known.workspace.roles.get(role)?.env,
        };
        Some(&variables.get(key)?.value)
    }

    /// What exec.toml says in this scope.
    pub(super) fn exec_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let exec = self.ground.exec;
        let variables: &Variables = match (self.workspace, self.role) {
            (None, None) => &exec.env,
            (None, Some(role)) => exec.roles.get(role)?,
            (Some(known), None) => &exec.workspaces.get(known.name)?.env,
            (Some(known), Some(role)) => exec.workspaces.get(known.name)?.roles.get(role)?,
        };
        Some(&variables.get(key)?.value)
    }

    /// Whether either file has a value for the key in this scope. One that is empty in exec.toml
    /// does not count, and jackin's may have another behind it.
    pub(super) fn has_value(&self, key: &EnvName) -> bool {
        [self.exec_value(key), self.jackin_value(key)]
            .iter()
            .any(|value| value.is_some_and(|value| !matches!(value, EnvValue::Empty)))
    }

    /// Where jackin has no mode, an empty key ignores the provider: it wins its name and is no key.
    /// It is written to exec.toml if the key is in jackin's file, which keeps it for later.
    pub(super) fn ignore_key(&self, key: &EnvName) -> Result<Vec<Change>, Error> {
        match (self.exec_value(key), self.jackin_value(key)) {
            (Some(EnvValue::Empty), _) | (None, Some(EnvValue::Empty)) => Ok(Vec::new()),
            // The report shows what a reference was, so that it can be typed again. Of these it
            // could show a part at most.
            (
                Some(
                    EnvValue::Literal(_)
                    | EnvValue::Command { .. }
                    | EnvValue::Op { account: Some(_), .. },
                ),
                _,
            ) => Err(Error::WouldLoseKey { key: key.as_str().to_owned() }),
            (Some(_), _) | (None, Some(_)) => Ok(vec![self.exec_table().set(key, quoted(""))]),
            (None, None) => Ok(self.set(key, &EnvValue::Empty)),
        }
    }

    /// Takes back [`Cell::ignore_key`] and the mode, and leaves the key.
    pub(super) fn unignore(&self, provider: &Provider, key: &EnvName) -> Vec<Change> {
        let mut changes = Vec::new();
        if matches!(self.exec_value(key), Some(EnvValue::Empty)) && self.jackin_value(key).is_some()
        {
            changes.push(self.exec_table().remove(key));
        }
        changes.extend(self.unignore_mode(provider));
        changes
    }

    /// The scope of a role has no mode.
    pub(super) fn modes(&self) -> Modes {
        let global = self.ground.global.kimi_ignored;
        let (here, below) = match (self.workspace, self.role) {
            (None, None) => (global, None),
            (None, Some(_)) => (None, global),
            (Some(known), None) => (known.workspace.kimi_ignored, global),
            (Some(known), Some(role)) => {
                let here = known.workspace.roles.get(role).and_then(|role| role.kimi_ignored);
                (here, known.workspace.kimi_ignored.or(global))
            }
        };
        Modes { here, below }
    }

    /// Where jackin keeps its mode for a provider: for Kimi, in every scope but that of a role.
    pub(super) fn mode_table(&self, provider: &Provider) -> Option<Table> {
        if provider.id != KIMI || self.scope() == Scope::Role {
            return None;
        }
        self.jackin_table()
    }

    /// The new value first, the other file's entry after it. Between the two writes the old value
    /// is in force if exec.toml holds it, because exec.toml wins, and else the new one.
    pub(super) fn set(&self, key: &EnvName, value: &EnvValue) -> Vec<Change> {
        let jackin_knows = !matches!(value, EnvValue::File(_) | EnvValue::Command { .. });
        let new = files::written(value);
        let (written, other) = match self.jackin_table() {
            Some(table) if jackin_knows => (table, self.exec_entry(key)),
            _ => (self.exec_table(), self.jackin_entry(key)),
        };
        let mut changes = vec![written.set(key, new)];
        if let Some(other) = other {
            changes.push(other.remove(key));
        }
        changes
    }

    /// Makes sure that the mode does not hide a key that is set here.
    pub(super) fn unignore_mode(&self, provider: &Provider) -> Option<Change> {
        let table = self.mode_table(provider)?;
        let modes = self.modes();
        match (modes.here, modes.below) {
            (Some(true) | None, Some(true)) => Some(table.set_mode("api_key")),
            (Some(true), Some(false) | None) => Some(table.remove_mode()),
            (Some(false), _) | (None, Some(false) | None) => None,
        }
    }

    /// The entry that loses first, then the one that wins, then the mode: the old state is in force
    /// to the end.
    pub(super) fn unset(&self, provider: &Provider) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(key) = provider.key_env() {
            for table in [self.jackin_entry(key), self.exec_entry(key)].into_iter().flatten() {
                changes.push(table.remove(key));
            }
        }
        let modes = self.modes();
        let says_something = match (modes.here, modes.below) {
            (Some(true), _) | (Some(false), Some(true)) => true,
            (Some(false) | None, _) => false,
        };
        if says_something && let Some(table) = self.mode_table(provider) {
            changes.push(table.remove_mode());
        }
        changes
    }
}

/// A word as a TOML string.
fn quoted(word: &str) -> SecretString {
    SecretString::from(format!("\"{word}\""))
}
