//! The scopes and their merge: the most specific scope that declares a name wins it.

use std::collections::BTreeMap;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::ExecFolder;
use crate::config::ExecToml;
use crate::config::ExecWorkspace;
use crate::config::Global;
use crate::config::Sorted;
use crate::config::Variables;
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
    let mut workspace = None;
    if let Some((name, _)) = selection.workspace {
        workspace = Some(name.to_owned());
    }
    let env = merge(layers(global, exec, selection, role.as_deref()));
    let ignored = ignored(global, exec, selection.workspace, role.as_deref());
    Ok(Settings {
        workspace,
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
    let mut layers = [
        (Scope::Global, false, Some(&global.env)),
        (Scope::Global, true, Some(&exec.env)),
        (Scope::Role, false, of_role(&global.roles, role)),
        (Scope::Role, true, of_role(&exec.roles, role)),
        (Scope::Folder, true, None),
        (Scope::Workspace, false, None),
        (Scope::Workspace, true, None),
        (Scope::WorkspaceRole, false, None),
        (Scope::WorkspaceRole, true, None),
    ];
    let [.., in_folder, workspaces, our_workspaces, cell, our_cell] = &mut layers;
    if let Some(folder) = folder(exec, selection) {
        in_folder.2 = Some(&folder.env);
    }
    if let Some((_, workspace)) = selection.workspace {
        workspaces.2 = Some(&workspace.env);
        if let Some(role) = role
            && let Some(role) = workspace.roles.get(role)
        {
            cell.2 = Some(&role.env);
        }
    }
    if let Some(ours) = ours(exec, selection) {
        our_workspaces.2 = Some(&ours.env);
        our_cell.2 = of_role(&ours.roles, role);
    }
    layers
}

fn of_role<'a>(
    roles: &'a BTreeMap<String, Variables>,
    role: Option<&str>,
) -> Option<&'a Variables> {
    roles.get(role?)
}

/// What exec.toml says of the chosen workspace.
fn ours<'a>(exec: &'a ExecToml, selection: Selection<'a>) -> Option<&'a ExecWorkspace> {
    let (name, _) = selection.workspace?;
    exec.workspaces.get(name)
}

/// The folder that applies.
fn folder<'a>(exec: &'a ExecToml, selection: Selection<'a>) -> Option<&'a ExecFolder> {
    exec.folders.get(selection.folder?)
}

fn default_provider(exec: &ExecToml, selection: Selection<'_>) -> Option<DefaultProvider> {
    if let Some(ours) = ours(exec, selection)
        && let Some(provider) = ours.default_provider.clone()
    {
        return Some(DefaultProvider { provider, of: DefaultOf::Workspace });
    }
    if let Some(folder) = folder(exec, selection)
        && let Some(provider) = folder.default_provider.clone()
    {
        return Some(DefaultProvider { provider, of: DefaultOf::Folder });
    }
    let provider = exec.default_provider.clone()?;
    Some(DefaultProvider { provider, of: DefaultOf::All })
}

/// The lists that apply: of the chosen workspace, and of the workspaces and folders that contain
/// the current directory.
fn policies(exec: &ExecToml, selection: Selection<'_>) -> Vec<Policy> {
    let mut names: Vec<&str> = Vec::new();
    if let Some((name, _)) = selection.workspace {
        names.push(name);
    }
    for name in selection.surrounding {
        names.push(name);
    }
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
        if let Some(folder) = exec.folders.get(path)
            && let Some(providers) = &folder.providers
        {
            let owner = Owner::Folder(path.clone());
            policies.push(Policy { owner, providers: providers.clone() });
        }
    }
    policies
}

/// The winning declarations, by name.
type Merged<'a> = Vec<(&'a EnvName, Scoped<&'a Declared>)>;

/// The last layer that declares a name supplies the whole entry.
fn merge(layers: [Layer<'_>; 9]) -> Sorted<&EnvName, Scoped<&Declared>> {
    let mut merged = Merged::new();
    for (scope, ours, variables) in layers {
        if let Some(variables) = variables
            && !variables.is_empty()
        {
            merged = with(merged, scope, ours, variables);
        }
    }
    Sorted::in_order(merged)
}

/// Lays a layer over those below it. Both are in order, so one pass over both is enough.
fn with<'a>(below: Merged<'a>, scope: Scope, ours: bool, layer: &'a Variables) -> Merged<'a> {
    let mut merged = Merged::with_capacity(below.len() + layer.len());
    let mut below = below.into_iter().peekable();
    for (name, value) in layer {
        while let Some(one) = below.next_if(|(other, _)| *other < name) {
            merged.push(one);
        }
        let mut hides = Vec::new();
        if let Some((_, hidden)) = below.next_if(|(other, _)| *other == name) {
            hides = hidden.hides;
            if hidden.scope != scope {
                hides.push(hidden.scope);
            }
        }
        merged.push((name, Scoped { value, scope, ours, hides }));
    }
    merged.extend(below);
    merged
}
