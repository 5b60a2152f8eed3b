//! Which role: the one that was named, or the workspace's default.

use crate::config::ExecToml;
use crate::config::Global;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Warning;
use crate::error::nearest;

use super::Selection;

/// The roles that jackin always has.
const BUILT_IN_ROLES: [&str; 2] = ["agent-smith", "the-architect"];

pub(super) fn role(
    global: &Global,
    exec: &ExecToml,
    selection: Selection<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<String>, Error> {
    let workspace = selection.workspace.map(|(_, workspace)| workspace);
    let allowed = workspace.map(|workspace| workspace.allowed_roles.as_slice()).unwrap_or_default();
    let is_allowed =
        |role: &str| allowed.is_empty() || allowed.iter().any(|allowed| allowed == role);
    let registered = |role: &str| global.roles.contains_key(role) || BUILT_IN_ROLES.contains(&role);
    let Some(typed) = selection.role else {
        let default = workspace.and_then(|workspace| workspace.default_role.clone());
        return Ok(default.filter(|role| {
            let eligible = is_allowed(role) && registered(role);
            if !eligible {
                warnings.push(Warning::DefaultRole { role: role.clone() });
            }
            eligible
        }));
    };
    let role = typed.to_ascii_lowercase();
    let name = selection.workspace.map(|(name, _)| name);
    let ours = name.and_then(|name| exec.workspaces.get(name));
    let mut known: Vec<&str> = BUILT_IN_ROLES.to_vec();
    known.extend(global.roles.keys().map(String::as_str));
    known.extend(exec.roles.keys().map(String::as_str));
    known.extend(
        workspace.into_iter().flat_map(|workspace| workspace.roles.keys()).map(String::as_str),
    );
    known.extend(ours.into_iter().flat_map(|ours| ours.roles.keys()).map(String::as_str));
    known.extend(allowed.iter().map(String::as_str));
    // jackin looks for a role in lower case only, so what is stored otherwise is never found.
    let (mut known, never): (Vec<&str>, Vec<&str>) =
        known.into_iter().partition(|role| !role.bytes().any(|byte| byte.is_ascii_uppercase()));
    known.sort_unstable();
    known.dedup();
    if !known.contains(&role.as_str()) {
        if let Some(stored) = never.iter().find(|stored| stored.eq_ignore_ascii_case(&role)) {
            return Err(Error::RoleCase { stored: (*stored).to_owned() });
        }
        return Err(Error::Unknown {
            kind: Kind::Role,
            name: typed.into(),
            place: "",
            nearest: nearest(&role, known.iter().copied()),
            known: known.into_iter().map(str::to_owned).collect(),
        });
    }
    if !is_allowed(&role) {
        return Err(Error::RoleNotAllowed {
            role,
            workspace: name.unwrap_or_default().to_owned(),
            allowed: allowed.to_vec(),
        });
    }
    Ok(Some(role))
}
