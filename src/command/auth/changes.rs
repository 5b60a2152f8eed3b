//! Which entries of which files change, and in which order.

use std::borrow::Cow;

use crate::availability::Origin;
use crate::command::auth::cell::Cell;
use crate::command::auth::cell::EXEC;
use crate::command::auth::cell::Ground;
use crate::command::auth::cell::KIMI;
use crate::command::auth::cell::MODE;
use crate::command::auth::cell::text;
use crate::command::auth::error::Error;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::config::EnvValue;
use crate::files::edit::Change;
use crate::plan::Need;
use crate::provider::Provider;

/// What the scope of a request says before it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// Whether there is a key, or a reference to one.
    pub key: bool,
    /// Whether it is in exec.toml.
    pub ours: bool,
    /// The reference in exec.toml, in words that may be shown: form and place.
    pub reference: Option<String>,
}

/// Looks at the scope of a request.
pub fn before(request: &Request<'_>, ground: Ground<'_>, provider: &Provider) -> Before {
    let workspace = ground.workspaces.first().copied().filter(|_| request.workspace.is_some());
    let cell = Cell { ground, workspace, role: request.role.as_deref() };
    let Some(key) = provider.key_env() else {
        return Before::default();
    };
    let reference = cell.ours_value(key).and_then(|value| {
        let need = Need {
            key: "".into(),
            value: Cow::Borrowed(value),
            origin: Origin::Scope(cell.scope()),
        };
        Some(format!("{} {}", need.kind(), need.reference()?))
    });
    let ours = cell.ours_value(key).is_some_and(|value| !matches!(value, EnvValue::Empty));
    Before { key: cell.value(key).is_some(), ours, reference }
}

/// The changes that a request asks for, in the order in which they are to be made; none if there is
/// nothing to do.
///
/// `value` is the new one, for [`Verb::Set`]; without one the key that is there is offered again.
///
/// # Errors
///
/// [`Error::Keyless`] for a provider that has no key to be set or emptied; [`Error::WouldLoseKey`]
/// where only exec.toml has it and would have to be emptied.
pub fn changes(
    request: &Request<'_>,
    ground: Ground<'_>,
    provider: &Provider,
    value: Option<&EnvValue>,
) -> Result<Vec<Change>, Error> {
    let workspace = ground.workspaces.first().copied().filter(|_| request.workspace.is_some());
    let cell = Cell { ground, workspace, role: request.role.as_deref() };
    let keyless = || Error::Keyless { provider: provider.id.to_string() };
    match request.verb {
        Verb::Set(_) => {
            let key = provider.key_env().ok_or_else(keyless)?;
            let Some(value) = value else {
                return Ok(cell.wake(provider, key));
            };
            let mut changes = cell.set(key, value);
            changes.extend(cell.lift(provider));
            Ok(changes)
        }
        Verb::Ignore if provider.is_anthropic() => Err(keyless()),
        Verb::Ignore => match cell.mode_spot(provider) {
            Some(_) if cell.modes().0 == Some(true) => Ok(Vec::new()),
            Some(spot) => Ok(vec![spot.change(KIMI, MODE, Some(text("ignore")))]),
            None => cell.hush(provider.key_env().ok_or_else(keyless)?),
        },
        Verb::Unset => {
            let changes = cell.unset(provider, provider.key_env());
            if changes.is_empty() && provider.key_env().is_none() {
                Err(keyless())
            } else {
                Ok(changes)
            }
        }
        Verb::UnsetAll => {
            let (exec, mut changes): (Vec<Change>, Vec<Change>) = cells(ground)
                .iter()
                .flat_map(|cell| cell.unset(provider, provider.key_env()))
                .partition(|one| one.file == EXEC);
            // One write for each file.
            changes.sort_by(|one, other| one.file.cmp(&other.file));
            changes.extend(exec);
            Ok(changes)
        }
    }
}

/// Every cell that could hold something.
fn cells(ground: Ground<'_>) -> Vec<Cell<'_>> {
    let cell = |workspace, role| Cell { ground, workspace, role };
    let roles =
        ground.global.roles.keys().chain(
            ground.exec.roles.keys().filter(|role| !ground.global.roles.contains_key(*role)),
        );
    let mut found = vec![cell(None, None)];
    found.extend(roles.map(|role| cell(None, Some(role.as_str()))));
    for known in ground.workspaces {
        let ours = ground.exec.workspaces.get(known.name);
        let ours = ours
            .into_iter()
            .flat_map(|ours| ours.roles.keys())
            .filter(|role| !known.workspace.roles.contains_key(*role));
        found.push(cell(Some(*known), None));
        found.extend(
            known
                .workspace
                .roles
                .keys()
                .chain(ours)
                .map(|role| cell(Some(*known), Some(role.as_str()))),
        );
    }
    found
}
