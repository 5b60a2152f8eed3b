//! One scope of the configuration, in both files that can declare a key for it, and the entries
//! that change it.

use secrecy::SecretString;

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

/// A workspace that was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its content.
    pub workspace: &'a Workspace,
    /// Whether it has its own file. Otherwise it is a table of config.toml, as old versions of
    /// jackin wrote it.
    pub in_file: bool,
}

/// The configuration before the change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// config.toml
    pub global: &'a Global,
    /// exec.toml
    pub exec: &'a ExecToml,
    /// The workspace of the request, or all workspaces if a key is removed from every scope.
    pub workspaces: &'a [Known<'a>],
}

/// One scope: a folder of exec.toml, or the one of a workspace, a role, both or neither.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) folder: Option<&'a str>,
    pub(super) workspace: Option<Known<'a>>,
    pub(super) role: Option<&'a str>,
}

/// A table in a file.
pub(super) struct Table {
    file: String,
    path: Vec<String>,
}

/// jackin's configuration file.
pub(super) const CONFIG: &str = "config.toml";

/// Our own configuration file.
pub(super) const EXEC: &str = "exec.toml";

/// The table of exec.toml in which a scope ignores providers.
pub(super) const IGNORE: &str = "ignore";

/// The provider for which jackin has a mode, `[kimi] auth_forward`.
const KIMI: &str = "kimi";

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

    fn ignore(&self, provider: &Provider, ignored: bool) -> Change {
        let value = if ignored { "true" } else { "false" };
        self.change(IGNORE, &provider.id, Some(SecretString::from(value.to_owned())))
    }

    fn remove_ignore(&self, provider: &Provider) -> Change {
        self.change(IGNORE, &provider.id, None)
    }
}

impl Cell<'_> {
    /// The table of this scope, below the table of its workspace.
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
        if let Some(folder) = self.folder {
            let path = vec!["folders".to_owned(), folder.to_owned()];
            return Table { file: EXEC.to_owned(), path };
        }
        self.table(EXEC, self.workspace.map(|known| known.name))
    }

    /// The table in jackin's files. `None` for a role that is not registered: jackin refuses a
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

    /// The value in jackin's file for this scope.
    fn jackin_value(&self, key: &EnvName) -> Option<&EnvValue> {
        if self.folder.is_some() {
            return None;
        }
        let global = self.ground.global;
        let variables: &Variables = match (self.workspace, self.role) {
            (None, None) => &global.env,
            (None, Some(role)) => global.roles.get(role)?,
            (Some(known), None) => &known.workspace.env,
            (Some(known), Some(role)) => &known.workspace.roles.get(role)?.env,
        };
        Some(&variables.get(key)?.value)
    }

    /// The value in exec.toml for this scope.
    pub(super) fn exec_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let exec = self.ground.exec;
        if let Some(folder) = self.folder {
            return Some(&exec.folders.get(folder)?.env.get(key)?.value);
        }
        let variables: &Variables = match (self.workspace, self.role) {
            (None, None) => &exec.env,
            (None, Some(role)) => exec.roles.get(role)?,
            (Some(known), None) => &exec.workspaces.get(known.name)?.env,
            (Some(known), Some(role)) => exec.workspaces.get(known.name)?.roles.get(role)?,
        };
        Some(&variables.get(key)?.value)
    }

    /// Whether either file has a value for the key in this scope. An empty value in exec.toml does
    /// not count, and there may be one in jackin's file behind it.
    pub(super) fn has_value(&self, key: &EnvName) -> bool {
        [self.exec_value(key), self.jackin_value(key)]
            .iter()
            .any(|value| value.is_some_and(|value| !matches!(value, EnvValue::Empty)))
    }

    /// Whether jackin's `auth_forward` in this scope is "ignore". For jackin that means only that
    /// it forwards no login, so we read it and never change it. A role's scope has no
    /// `auth_forward`, nor has a folder.
    pub(super) fn jackin_ignores(&self, provider: &Provider) -> Option<bool> {
        if provider.id != KIMI || self.folder.is_some() {
            return None;
        }
        match (self.workspace, self.role) {
            (None, None) => self.ground.global.kimi_ignored,
            (None, Some(_)) => None,
            (Some(known), None) => known.workspace.kimi_ignored,
            (Some(known), Some(role)) => known.workspace.roles.get(role)?.kimi_ignored,
        }
    }

    /// Whether exec.toml ignores the provider in this scope.
    fn exec_ignores(&self, provider: &Provider) -> Option<bool> {
        if self.folder.is_some() {
            return None;
        }
        let exec = self.ground.exec;
        let ignores = match self.workspace {
            None => &exec.ignores,
            Some(known) => &exec.workspaces.get(known.name)?.ignores,
        };
        let table = match self.role {
            None => &ignores.here,
            Some(role) => ignores.roles.get(role)?,
        };
        table.get(&*provider.id).copied()
    }

    /// Whether this scope ignores the provider. An empty key counts as ignoring.
    pub(super) fn ignores(&self, provider: &Provider) -> bool {
        if let Some(ignored) = self.exec_ignores(provider).or(self.jackin_ignores(provider)) {
            return ignored;
        }
        let key = provider.key_env();
        let value = key.and_then(|key| self.exec_value(key).or(self.jackin_value(key)));
        matches!(value, Some(EnvValue::Empty))
    }

    pub(super) fn ignore(&self, provider: &Provider) -> Vec<Change> {
        if self.ignores(provider) {
            return Vec::new();
        }
        vec![self.exec_table().ignore(provider, true)]
    }

    /// Offers the key of this scope again, unchanged.
    pub(super) fn unignore(&self, provider: &Provider, key: &EnvName) -> Vec<Change> {
        let mut changes = Vec::new();
        if matches!(self.exec_value(key), Some(EnvValue::Empty)) && self.jackin_value(key).is_some()
        {
            changes.push(self.exec_table().remove(key));
        }
        changes.extend(self.offer(provider));
        changes
    }

    /// Makes sure that this scope does not hide its own key. A less specific scope cannot hide it.
    pub(super) fn offer(&self, provider: &Provider) -> Option<Change> {
        let table = self.exec_table();
        match (self.exec_ignores(provider), self.jackin_ignores(provider)) {
            (Some(true) | None, Some(true)) => Some(table.ignore(provider, false)),
            (Some(true), Some(false) | None) => Some(table.remove_ignore(provider)),
            (Some(false), _) | (None, Some(false) | None) => None,
        }
    }

    /// Writes the new value first, then removes the other file's entry. Between the two writes the
    /// old value is in force if it is in exec.toml, which wins; otherwise the new one is.
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

    /// Removes the entry that loses first, then the one that wins, then exec.toml's `ignore`: the
    /// old state stays in force until the end.
    pub(super) fn unset(&self, provider: &Provider) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(key) = provider.key_env() {
            for table in [self.jackin_entry(key), self.exec_entry(key)].into_iter().flatten() {
                changes.push(table.remove(key));
            }
        }
        if self.exec_ignores(provider).is_some() {
            changes.push(self.exec_table().remove_ignore(provider));
        }
        changes
    }
}
