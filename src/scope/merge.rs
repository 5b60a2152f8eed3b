//! The scopes and their merge: the most specific scope that declares a name wins it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::ExecFolder;
use crate::config::ExecToml;
use crate::config::ExecWorkspace;
use crate::config::Global;
use crate::config::Variables;
use crate::config::Workspace;
use crate::config::WorkspaceRole;
use crate::warning::Warning;

use super::DefaultOf;
use super::DefaultProvider;
use super::Error;
use super::Owner;
use super::Policy;
use super::Scope;
use super::Scoped;
use super::Selection;
use super::Settings;
use super::ignore::ignored;
use super::role::role;

/// Merges the scopes.
///
/// # Errors
///
/// [`Error`] for a role that cannot be used.
pub fn settings<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    selection: Selection<'a>,
    warnings: &mut Vec<Warning>,
) -> Result<Settings<'a>, Error> {
    let role = role(global, exec, selection, warnings)?;
    let name = selection.workspace.map(|(name, _)| name);
    let env = merge(layers(global, exec, selection, role.as_deref()));
    let ignored = ignored(global, exec, selection.workspace, role.as_deref());
    Ok(Settings {
        workspace: name.map(str::to_owned),
        role,
        folder: selection.folder,
        env,
        declared: declared(global, exec, selection),
        ignored,
        default_provider: default_provider(exec, selection),
        policies: policies(exec, selection),
    })
}

/// The variables of every scope in the files that were read. Files of other workspaces are not read
/// for this: twenty of them take 830,000 instructions, and a whole launch takes 270,000 (callgrind,
/// 2026-11-26).
fn declared<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    selection: Selection<'a>,
) -> Vec<&'a Variables> {
    let mut declared: Vec<&Variables> = Vec::new();
    declared.extend(global.scopes());
    declared.extend(exec.scopes());
    if let Some((_, workspace)) = selection.workspace {
        declared.extend(workspace.scopes());
    }
    declared
}

/// A scope's variables, and whether exec.toml declares them.
type Layer<'a> = (Scope, bool, Option<&'a Variables>);

/// The layers, from least to most specific. Within one scope exec.toml comes after jackin's own
/// file, so it takes precedence.
fn layers<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    selection: Selection<'a>,
    role: Option<&str>,
) -> [Layer<'a>; 9] {
    let workspace = selection.workspace.map(|(_, workspace)| workspace);
    let ours = ours(exec, selection);
    let of_role = |roles: &'a BTreeMap<String, Variables>| role.and_then(|role| roles.get(role));
    [
        (Scope::Global, false, Some(&global.env)),
        (Scope::Global, true, Some(&exec.env)),
        (Scope::Role, false, of_role(&global.roles)),
        (Scope::Role, true, of_role(&exec.roles)),
        (Scope::Folder, true, folder(exec, selection).map(|folder| &folder.env)),
        (Scope::Workspace, false, workspace.map(|workspace| &workspace.env)),
        (Scope::Workspace, true, ours.map(|ours| &ours.env)),
        (Scope::WorkspaceRole, false, role_of(workspace, role).map(|role| &role.env)),
        (Scope::WorkspaceRole, true, ours.and_then(|ours| of_role(&ours.roles))),
    ]
}

fn role_of<'a>(workspace: Option<&'a Workspace>, role: Option<&str>) -> Option<&'a WorkspaceRole> {
    workspace?.roles.get(role?)
}

/// What exec.toml says of the chosen workspace.
fn ours<'a>(exec: &'a ExecToml, selection: Selection<'a>) -> Option<&'a ExecWorkspace> {
    selection.workspace.and_then(|(name, _)| exec.workspaces.get(name))
}

/// The folder that applies.
fn folder<'a>(exec: &'a ExecToml, selection: Selection<'a>) -> Option<&'a ExecFolder> {
    selection.folder.and_then(|path| exec.folders.get(path))
}

fn default_provider(exec: &ExecToml, selection: Selection<'_>) -> Option<DefaultProvider> {
    let workspaces = ours(exec, selection).and_then(|ours| ours.default_provider.as_ref());
    let folders = folder(exec, selection).and_then(|folder| folder.default_provider.as_ref());
    let (provider, of) = match (workspaces, folders, &exec.default_provider) {
        (Some(provider), _, _) => (provider, DefaultOf::Workspace),
        (None, Some(provider), _) => (provider, DefaultOf::Folder),
        (None, None, Some(provider)) => (provider, DefaultOf::All),
        (None, None, None) => return None,
    };
    Some(DefaultProvider { provider: provider.clone(), of })
}

/// The lists that apply: of the chosen workspace, and of the workspaces and folders that contain
/// the current directory.
fn policies(exec: &ExecToml, selection: Selection<'_>) -> Vec<Policy> {
    let mut names: Vec<&str> = Vec::new();
    names.extend(selection.workspace.map(|(name, _)| name));
    names.extend(selection.surrounding.iter().map(String::as_str));
    let mut policies: Vec<Policy> = Vec::new();
    for name in names {
        let owner = Owner::Workspace(name.to_owned());
        let is_known = policies.iter().any(|policy| policy.owner == owner);
        if let Some(ours) = exec.workspaces.get(name)
            && let Some(providers) = &ours.providers
            && !is_known
        {
            policies.push(Policy { owner, providers: providers.clone() });
        }
    }
    for path in selection.listed_folders {
        if let Some(providers) = exec.folders.get(path).and_then(|found| found.providers.as_ref()) {
            let owner = Owner::Folder(path.clone());
            policies.push(Policy { owner, providers: providers.clone() });
        }
    }
    policies
}

/// The last layer that declares a name supplies the whole entry.
fn merge(layers: [Layer<'_>; 9]) -> BTreeMap<&EnvName, Scoped<&Declared>> {
    let mut merged: BTreeMap<&EnvName, Scoped<&Declared>> = BTreeMap::new();
    for (scope, ours, variables) in layers {
        if merged.is_empty() {
            // Sorted already: building the tree in one go costs less than one insertion each.
            let of_scope = |(name, value)| (name, Scoped { value, scope, ours, hides: Vec::new() });
            merged = variables.into_iter().flatten().map(of_scope).collect();
            continue;
        }
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
                    (winner.value, winner.scope, winner.ours) = (value, scope, ours);
                }
            }
        }
    }
    merged
}
