//! Which entries of which files change, and in which order.

use std::collections::BTreeSet;

use crate::command::auth::cell::Cell;
use crate::command::auth::cell::EXEC;
use crate::command::auth::cell::Ground;
use crate::command::auth::error::Error;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::files::Change;
use crate::provider::Provider;

/// The state of the request's scope before the change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "none of these facts follows from another")]
pub(crate) struct Before {
    /// Whether there is a key, or a reference to one.
    pub key: bool,
    /// Whether it is in exec.toml.
    pub ours: bool,
    /// Whether jackin's `auth_forward` is set to forward no login, in this scope, or in any scope
    /// if the request means all.
    pub forwards_nothing: bool,
    /// Whether the scope ignores the provider; an empty key counts as that.
    pub is_ignored: bool,
}

/// Reads the state of the request's scope.
pub(crate) fn before(request: &Request<'_>, ground: Ground<'_>, provider: &Provider) -> Before {
    let cell = cell(request, ground);
    let forwards_nothing = match request.verb {
        Verb::UnsetAll => {
            cells(ground).iter().any(|cell| cell.jackin_ignores(provider) == Some(true))
        }
        Verb::Set | Verb::Unset | Verb::Ignore => cell.jackin_ignores(provider) == Some(true),
    };
    let Some(key) = provider.key_env() else {
        return Before { forwards_nothing, ..Before::default() };
    };
    let ours = cell.exec_value(key).is_some_and(|value| !matches!(value, EnvValue::Empty));
    Before { key: cell.has_value(key), ours, forwards_nothing, is_ignored: cell.ignores(provider) }
}

/// The scope of a request.
fn cell<'a>(request: &'a Request<'_>, ground: Ground<'a>) -> Cell<'a> {
    let workspace =
        if request.target.workspace.is_some() { ground.workspaces.first() } else { None };
    Cell {
        ground,
        folder: None,
        workspace: workspace.copied(),
        role: request.target.role.as_deref(),
    }
}

/// The changes that a request asks for, in the order in which they are to be made; empty if there
/// is nothing to do.
///
/// `value` is the new value for [`Verb::Set`]; without it the existing key is offered again.
///
/// # Errors
///
/// [`Error::Keyless`] for a provider whose key cannot be set.
pub(crate) fn changes(
    request: &Request<'_>,
    ground: Ground<'_>,
    provider: &Provider,
    value: Option<&EnvValue>,
) -> Result<Vec<Change>, Error> {
    let cell = cell(request, ground);
    match (request.verb, value) {
        (Verb::Set, None) => Ok(cell.unignore(provider, key_of(request, provider)?)),
        (Verb::Set, Some(value)) => {
            let mut changes = cell.set(key_of(request, provider)?, value);
            changes.extend(cell.offer(provider));
            Ok(changes)
        }
        (Verb::Ignore, _) => Ok(cell.ignore(provider)),
        (Verb::Unset, _) => {
            let changes = cell.unset(provider);
            if changes.is_empty() {
                // There is nothing to remove. For a provider without a key that is an error.
                key_of(request, provider)?;
            }
            Ok(changes)
        }
        (Verb::UnsetAll, _) => Ok(unset_all(ground, provider)),
    }
}

fn key_of<'p>(request: &Request<'_>, provider: &'p Provider) -> Result<&'p EnvName, Error> {
    match provider.key_env() {
        Some(key) => Ok(key),
        None => Err(keyless(request, provider)),
    }
}

/// The error for a provider that has no key.
pub(super) fn keyless(request: &Request<'_>, provider: &Provider) -> Error {
    Error::Keyless {
        provider: provider.id.to_string(),
        verb: request.verb,
        has_models: provider.has_models(),
    }
}

/// jackin's files come first, each in one write; exec.toml, which wins, comes last.
fn unset_all(ground: Ground<'_>, provider: &Provider) -> Vec<Change> {
    let mut changes = Vec::new();
    for cell in cells(ground) {
        changes.extend(cell.unset(provider));
    }
    changes.sort_by(|one: &Change, other| {
        (one.file == EXEC, &one.file).cmp(&(other.file == EXEC, &other.file))
    });
    changes
}

/// Every scope that could hold a key or an `ignore`.
fn cells(ground: Ground<'_>) -> Vec<Cell<'_>> {
    let cell = |workspace, role| Cell { ground, folder: None, workspace, role };
    let mut found = vec![cell(None, None)];
    for role in either(ground.global.roles.keys(), ground.exec.roles.keys()) {
        found.push(cell(None, Some(role)));
    }
    for known in ground.workspaces {
        found.push(cell(Some(*known), None));
        let theirs = known.workspace.roles.keys();
        let ours = ground.exec.workspaces.get(known.name);
        let ours = ours.into_iter().flat_map(|ours| ours.roles.keys());
        for role in either(theirs, ours) {
            found.push(cell(Some(*known), Some(role)));
        }
    }
    for path in ground.exec.folders.keys() {
        found.push(Cell { ground, folder: Some(path), workspace: None, role: None });
    }
    found
}

/// The names in either file, each once.
fn either<'a>(
    theirs: impl Iterator<Item = &'a String>,
    ours: impl Iterator<Item = &'a String>,
) -> BTreeSet<&'a str> {
    theirs.chain(ours).map(String::as_str).collect()
}
