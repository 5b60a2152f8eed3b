//! Chooses the role: the one that was named, or the workspace's default.

use crate::config::BUILT_IN_ROLES;
use crate::config::ExecToml;
use crate::config::Global;
use crate::scope::Error;
use crate::scope::Selection;
use crate::typed::Typed;
use crate::typed::nearest;
use crate::warning::Warning;

/// The role of a launch; `None` if no role was named and the workspace has no default.
pub(super) fn role(
    global: &Global,
    exec: &ExecToml,
    selection: Selection<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<String>, Error> {
    let Some(typed) = selection.role else {
        return Ok(default_role(global, selection, warnings));
    };
    // jackin looks up roles in lower case only, so a name stored in another case is never found.
    let role = typed.to_ascii_lowercase();
    let (mut known, mut never) = (Vec::new(), Vec::new());
    for name in names(global, exec, selection) {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            never.push(name);
        } else {
            known.push(name);
        }
    }
    if !known.contains(&role.as_str()) {
        if let Some(stored) = never.iter().find(|stored| stored.eq_ignore_ascii_case(&role)) {
            return Err(Error::Case { stored: (*stored).to_owned() });
        }
        let nearest = nearest(&role, known.iter().copied());
        let name = Typed::new(typed);
        // A role's name is shown in many places, so a key must not pass as one.
        if nearest.is_some() || !is_namespaced(&role) || name.may_be_key() {
            known.sort_unstable();
            known.dedup();
            let known = known.into_iter().map(str::to_owned).collect();
            return Err(Error::Unknown { name, place: "", nearest, known });
        }
        warnings.push(Warning::NewRole { role: role.clone() });
    }
    match selection.workspace {
        Some((name, workspace)) if !is_allowed(&role, &workspace.allowed_roles) => {
            Err(Error::NotAllowed {
                role: Typed::new(role),
                workspace: name.to_owned(),
                allowed: workspace.allowed_roles.clone(),
            })
        }
        _ => Ok(Some(role)),
    }
}

/// Whether jackin would register a role of this name on request: its repository is in the GitHub
/// account that the namespace names.
fn is_namespaced(role: &str) -> bool {
    let is_part = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty() && part.bytes().all(fits)
    };
    match role.split_once('/') {
        Some((namespace, name)) => is_part(namespace) && is_part(name),
        None => false,
    }
}

/// The workspace's default role, if jackin would accept it.
fn default_role(
    global: &Global,
    selection: Selection<'_>,
    warnings: &mut Vec<Warning>,
) -> Option<String> {
    let (_, workspace) = selection.workspace?;
    let role = workspace.default_role.as_ref()?;
    let is_registered = global.roles.contains_key(role) || BUILT_IN_ROLES.contains(&role.as_str());
    if is_registered && is_allowed(role, &workspace.allowed_roles) {
        return Some(role.clone());
    }
    warnings.push(Warning::DefaultRole { role: role.clone() });
    None
}

/// An empty list allows every role.
fn is_allowed(role: &str, allowed: &[String]) -> bool {
    allowed.is_empty() || allowed.iter().any(|allowed| allowed == role)
}

/// Every role that is named anywhere, as stored.
fn names<'a>(global: &'a Global, exec: &'a ExecToml, selection: Selection<'a>) -> Vec<&'a str> {
    let mut names = BUILT_IN_ROLES.to_vec();
    let mut add = |role: &'a String| names.push(role);
    global.roles.keys().for_each(&mut add);
    exec.roles.keys().for_each(&mut add);
    if let Some((name, workspace)) = selection.workspace {
        workspace.roles.keys().for_each(&mut add);
        workspace.allowed_roles.iter().for_each(&mut add);
        if let Some(ours) = exec.workspaces.get(name) {
            ours.roles.keys().for_each(&mut add);
        }
    }
    names
}
