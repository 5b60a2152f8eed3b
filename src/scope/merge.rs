//! The four scopes and their merge: the most specific scope that declares a name wins it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Variables;
use crate::error::Error;
use crate::error::Warning;

use super::DefaultProvider;
use super::Policy;
use super::Scope;
use super::Scoped;
use super::Selection;
use super::Settings;
use super::role::role;

/// Merges the four scopes.
///
/// # Errors
///
/// [`Error::Unknown`] for a role that is nowhere, [`Error::RoleCase`] for one that jackin could not
/// find; [`Error::RoleNotAllowed`] for one that the workspace does not allow.
pub fn settings<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    selection: Selection<'a>,
    warnings: &mut Vec<Warning>,
) -> Result<Settings<'a>, Error> {
    let role = role(global, exec, selection, warnings)?;
    let name = selection.workspace.map(|(name, _)| name);
    let workspace = selection.workspace.map(|(_, workspace)| workspace);
    let ours = name.and_then(|name| exec.workspaces.get(name));
    let role = role.as_deref();
    let workspace_role =
        workspace.zip(role).and_then(|(workspace, role)| workspace.roles.get(role));
    // Within one scope exec.toml comes after, and so beats, jackin's own file.
    let layers = [
        (Scope::Global, false, Some(&global.env)),
        (Scope::Global, true, Some(&exec.env)),
        (Scope::Role, false, role.and_then(|role| global.roles.get(role))),
        (Scope::Role, true, role.and_then(|role| exec.roles.get(role))),
        (Scope::Workspace, false, workspace.map(|workspace| &workspace.env)),
        (Scope::Workspace, true, ours.map(|ours| &ours.env)),
        (Scope::WorkspaceRole, false, workspace_role.map(|role| &role.env)),
        (Scope::WorkspaceRole, true, ours.zip(role).and_then(|(ours, role)| ours.roles.get(role))),
    ];
    let of_workspace = ours.and_then(|ours| ours.default_provider.clone());
    let default_provider = of_workspace
        .map(|provider| DefaultProvider { provider, of_workspace: true })
        .or_else(|| {
            exec.default_provider
                .clone()
                .map(|provider| DefaultProvider { provider, of_workspace: false })
        });
    let bound = name.into_iter().chain(selection.surrounding.iter().map(String::as_str));
    let mut policies: Vec<Policy> = Vec::new();
    for workspace in bound {
        let list = exec.workspaces.get(workspace).and_then(|ours| ours.providers.clone());
        if let Some(providers) =
            list.filter(|_| policies.iter().all(|policy| policy.workspace != workspace))
        {
            policies.push(Policy { workspace: workspace.to_owned(), providers });
        }
    }
    let kimi = [
        (Scope::WorkspaceRole, workspace_role.and_then(|role| role.kimi_ignored)),
        (Scope::Workspace, workspace.and_then(|workspace| workspace.kimi_ignored)),
        (Scope::Global, global.kimi_ignored),
    ];
    let kimi = kimi.into_iter().find_map(|(scope, ignored)| Some((scope, ignored?)));
    let (env, lost) = merge(layers);
    Ok(Settings {
        workspace: name.map(str::to_owned),
        role: role.map(str::to_owned),
        env,
        lost,
        kimi_ignored: kimi.is_some_and(|(_, ignored)| ignored),
        kimi_decided: kimi.map(|(scope, _)| scope),
        default_provider,
        policies,
    })
}

/// The winners by name, and the variables of ours that lost one.
type Merged<'a> = (BTreeMap<&'a EnvName, Scoped<&'a Declared>>, Vec<(&'a EnvName, &'a EnvValue)>);

/// The last layer that declares a name wins it whole.
fn merge<'a>(layers: impl IntoIterator<Item = (Scope, bool, Option<&'a Variables>)>) -> Merged<'a> {
    let mut lost = Vec::new();
    let mut merged: BTreeMap<&EnvName, Scoped<&Declared>> = BTreeMap::new();
    for (scope, ours, variables) in layers {
        for (name, value) in variables.into_iter().flatten() {
            match merged.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(Scoped { value, scope, ours, hides: Vec::new() });
                }
                Entry::Occupied(mut place) => {
                    let winner = place.get_mut();
                    if winner.scope != scope {
                        winner.hides.push(winner.scope);
                    }
                    if matches!(winner.value.value, EnvValue::HostVar(_)) {
                        lost.push((name, &winner.value.value));
                    }
                    *winner =
                        Scoped { value, scope, ours, hides: std::mem::take(&mut winner.hides) };
                }
            }
        }
    }
    (merged, lost)
}
