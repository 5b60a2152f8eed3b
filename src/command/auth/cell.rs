//! One cell of the configuration, a scope with the workspace and the role that it needs, and the entries
//! that change it.

use secrecy::SecretString;

use crate::command::auth::error::Error;
use crate::config;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Variables;
use crate::config::Workspace;
use crate::files::edit;
use crate::files::edit::Change;
use crate::files::load;
use crate::provider::Provider;
use crate::scope::Scope;

/// A workspace as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it says.
    pub workspace: &'a Workspace,
    /// Whether it has a file of its own; else it is a table of config.toml, as old versions wrote
    /// it.
    pub in_file: bool,
}

/// What the configuration says now.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// config.toml
    pub global: &'a Global,
    /// exec.toml
    pub exec: &'a ExecToml,
    /// The workspace of the request; for [`Verb::UnsetAll`] all of them.
    pub workspaces: &'a [Known<'a>],
}

/// One cell of the configuration: a scope with the workspace and the role that it needs.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) workspace: Option<Known<'a>>,
    pub(super) role: Option<&'a str>,
}

/// A table of a file.
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) table: Vec<String>,
}

pub(super) const CONFIG: &str = "config.toml";

pub(super) const EXEC: &str = "exec.toml";

/// The provider for which jackin has a mode, under the name of its table.
pub(super) const KIMI: &str = "kimi";

/// The key of the mode in that table.
pub(super) const MODE: &str = "auth_forward";

impl Spot {
    pub(super) fn change(&self, last: &str, key: &str, value: Option<SecretString>) -> Change {
        let table =
            self.table.iter().map(String::as_str).chain([last]).map(str::to_owned).collect();
        let fresh = if self.file == CONFIG { config::NEW_GLOBAL } else { "" };
        Change { file: self.file.clone(), table, key: key.to_owned(), value, fresh }
    }
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

    fn under(&self, workspace: &[&str]) -> Vec<String> {
        let role = self.role.map(|role| ["roles", role]);
        workspace.iter().copied().chain(role.into_iter().flatten()).map(str::to_owned).collect()
    }

    /// The cell in exec.toml.
    fn ours(&self) -> Spot {
        let workspace = self.workspace.map(|known| ["workspaces", known.name]);
        Spot {
            file: EXEC.to_owned(),
            table: self.under(workspace.as_ref().map_or(&[], |path| path.as_slice())),
        }
    }

    /// The cell in jackin's files. None for a role that is not registered: jackin refuses a
    /// `[roles.R]` without `git`.
    fn theirs(&self) -> Option<Spot> {
        match self.workspace {
            Some(known) if known.in_file => {
                Some(Spot { file: load::workspace_file(known.name), table: self.under(&[]) })
            }
            Some(known) => Some(Spot {
                file: CONFIG.to_owned(),
                table: self.under(&["workspaces", known.name]),
            }),
            None => {
                let exists =
                    self.role.is_none_or(|role| self.ground.global.roles.contains_key(role));
                exists.then(|| Spot { file: CONFIG.to_owned(), table: self.under(&[]) })
            }
        }
    }

    /// What jackin's file says in this cell.
    fn theirs_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let variables: Option<&Variables> =
            match (self.workspace.map(|known| known.workspace), self.role) {
                (None, None) => Some(&self.ground.global.env),
                (None, Some(role)) => self.ground.global.roles.get(role),
                (Some(workspace), None) => Some(&workspace.env),
                (Some(workspace), Some(role)) => workspace.roles.get(role).map(|role| &role.env),
            };
        Some(&variables?.get(key)?.value)
    }

    fn theirs_declare(&self, key: &EnvName) -> bool {
        self.theirs_value(key).is_some()
    }

    fn ours_declare(&self, key: &EnvName) -> bool {
        self.ours_value(key).is_some()
    }

    /// What exec.toml says in this cell.
    pub(super) fn ours_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let exec = self.ground.exec;
        let workspace = self.workspace.map(|known| exec.workspaces.get(known.name));
        let variables: Option<&Variables> = match (workspace, self.role) {
            (None, None) => Some(&exec.env),
            (None, Some(role)) => exec.roles.get(role),
            (Some(workspace), None) => workspace.map(|workspace| &workspace.env),
            (Some(workspace), Some(role)) => {
                workspace.and_then(|workspace| workspace.roles.get(role))
            }
        };
        Some(&variables?.get(key)?.value)
    }

    /// The value that the cell has, of which jackin's file may have a second one.
    pub(super) fn value(&self, key: &EnvName) -> Option<&EnvValue> {
        let full = |value: &&EnvValue| !matches!(value, EnvValue::Empty);
        self.ours_value(key).filter(full).or_else(|| self.theirs_value(key)).filter(full)
    }

    /// Where jackin has no mode, an empty key says no: it wins its name and is no key. It stands in
    /// exec.toml where the key is in jackin's file, which keeps it for the day on which it is
    /// wanted again.
    pub(super) fn hush(&self, key: &EnvName) -> Result<Vec<Change>, Error> {
        match (self.ours_value(key), self.theirs_value(key)) {
            (Some(EnvValue::Empty), _) | (None, Some(EnvValue::Empty)) => Ok(Vec::new()),
            // Of these a part would be shown at most.
            (
                Some(
                    EnvValue::Literal(_)
                    | EnvValue::Command { .. }
                    | EnvValue::Op { account: Some(_), .. },
                ),
                _,
            ) => Err(Error::WouldLoseKey { key: key.as_str().to_owned() }),
            (Some(_), _) | (None, Some(_)) => {
                Ok(vec![self.ours().change("env", key.as_str(), Some(text("")))])
            }
            (None, None) => Ok(self.set(key, &EnvValue::Empty)),
        }
    }

    /// What takes back [`Cell::hush`] and the mode, and leaves the key.
    pub(super) fn wake(&self, provider: &Provider, key: &EnvName) -> Vec<Change> {
        let hushed =
            matches!(self.ours_value(key), Some(EnvValue::Empty)) && self.theirs_declare(key);
        let mut changes: Vec<Change> =
            hushed.then(|| self.ours().change("env", key.as_str(), None)).into_iter().collect();
        changes.extend(self.lift(provider));
        changes
    }

    /// What jackin's mode for Kimi says in this cell, and in the less specific ones; a role scope
    /// has none.
    pub(super) fn modes(&self) -> (Option<bool>, Option<bool>) {
        let global = self.ground.global.kimi_ignored;
        let workspace = self.workspace.map(|known| known.workspace);
        let of_workspace = workspace.and_then(|workspace| workspace.kimi_ignored);
        match (workspace, self.role) {
            (None, None) => (global, None),
            (None, Some(_)) => (None, global),
            (Some(_), None) => (of_workspace, global),
            (Some(workspace), Some(role)) => (
                workspace.roles.get(role).and_then(|role| role.kimi_ignored),
                of_workspace.or(global),
            ),
        }
    }

    /// Where jackin's mode for a provider stands: for Kimi, in every scope but that of a role.
    pub(super) fn mode_spot(&self, provider: &Provider) -> Option<Spot> {
        self.theirs().filter(|_| provider.id == KIMI && self.scope() != Scope::Role)
    }

    /// The new value first, the other file's entry after it: between the two the old value is in
    /// force if exec.toml, which wins, holds it, and else the new one. Never neither.
    pub(super) fn set(&self, key: &EnvName, value: &EnvValue) -> Vec<Change> {
        let jackin_knows = !matches!(value, EnvValue::File(_) | EnvValue::Command { .. });
        let new = Some(edit::written(value));
        match self.theirs() {
            Some(theirs) if jackin_knows => {
                let mut changes = vec![theirs.change("env", key.as_str(), new)];
                changes.extend(
                    self.ours_declare(key).then(|| self.ours().change("env", key.as_str(), None)),
                );
                changes
            }
            theirs => {
                let mut changes = vec![self.ours().change("env", key.as_str(), new)];
                let theirs = theirs.filter(|_| self.theirs_declare(key));
                changes.extend(theirs.map(|theirs| theirs.change("env", key.as_str(), None)));
                changes
            }
        }
    }

    /// Makes sure that the mode does not hide a key that is set here.
    pub(super) fn lift(&self, provider: &Provider) -> Option<Change> {
        let spot = self.mode_spot(provider)?;
        match self.modes() {
            (Some(true) | None, Some(true)) => Some(spot.change(KIMI, MODE, Some(text("api_key")))),
            (Some(true), Some(false) | None) => Some(spot.change(KIMI, MODE, None)),
            (Some(false), _) | (None, Some(false) | None) => None,
        }
    }

    /// The entry that loses first, then the one that wins, then the mode: the old state is in force
    /// to the end.
    pub(super) fn unset(&self, provider: &Provider, key: Option<&EnvName>) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(key) = key {
            let theirs = self.theirs().filter(|_| self.theirs_declare(key));
            changes.extend(theirs.map(|theirs| theirs.change("env", key.as_str(), None)));
            changes.extend(
                self.ours_declare(key).then(|| self.ours().change("env", key.as_str(), None)),
            );
        }
        let mode = match self.modes() {
            (Some(true), _) | (Some(false), Some(true)) => self.mode_spot(provider),
            (Some(false) | None, _) => None,
        };
        changes.extend(mode.map(|spot| spot.change(KIMI, MODE, None)));
        changes
    }
}

pub(super) fn text(word: &str) -> SecretString {
    SecretString::from(format!("\"{word}\""))
}
