//! Which providers the scopes ignore: for each provider, the most specific scope that sets it
//! decides.

use std::collections::BTreeMap;

use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Workspace;

use super::Ignoring;
use super::Scope;

/// The provider for which jackin has a mode, `[kimi] auth_forward`.
const KIMI: &str = "kimi";

/// Merges the scopes. Within one scope exec.toml takes precedence over jackin's file, which has no
/// mode for a role's scope.
pub(super) fn ignored<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    workspace: Option<(&'a str, &'a Workspace)>,
    role: Option<&str>,
) -> BTreeMap<&'a str, Ignoring> {
    let mut found = Found(BTreeMap::new());
    found.jackins(Scope::Global, global.kimi_ignored);
    found.ours(Scope::Global, Some(&exec.ignores.here));
    if let Some(role) = role {
        found.ours(Scope::Role, exec.ignores.roles.get(role));
    }
    let Some((name, workspace)) = workspace else {
        return found.0;
    };
    let ours = exec.workspaces.get(name);
    found.jackins(Scope::Workspace, workspace.kimi_ignored);
    if let Some(ours) = ours {
        found.ours(Scope::Workspace, Some(&ours.ignores.here));
    }
    let Some(role) = role else {
        return found.0;
    };
    if let Some(jackins) = workspace.roles.get(role) {
        found.jackins(Scope::WorkspaceRole, jackins.kimi_ignored);
    }
    if let Some(ours) = ours {
        found.ours(Scope::WorkspaceRole, ours.ignores.roles.get(role));
    }
    found.0
}

struct Found<'a>(BTreeMap<&'a str, Ignoring>);

impl<'a> Found<'a> {
    fn jackins(&mut self, scope: Scope, ignored: Option<bool>) {
        if let Some(ignored) = ignored {
            self.0.insert(KIMI, Ignoring { ignored, scope, ours: false });
        }
    }

    fn ours(&mut self, scope: Scope, table: Option<&'a BTreeMap<String, bool>>) {
        let Some(table) = table else { return };
        for (id, ignored) in table {
            self.0.insert(id, Ignoring { ignored: *ignored, scope, ours: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config;

    use super::*;

    /// config.toml, workspaces/w.toml, exec.toml, and the expected result with `w` and `r`.
    type Case = (&'static str, &'static str, &'static str, Option<(bool, Scope, bool)>);

    const CASES: &[Case] = &[
        ("", "", "", None),
        ("kimi.auth_forward = 'ignore'", "", "", Some((true, Scope::Global, false))),
        ("kimi.auth_forward = 'sync'", "", "", Some((false, Scope::Global, false))),
        ("", "", "ignore.kimi = true", Some((true, Scope::Global, true))),
        (
            "kimi.auth_forward = 'ignore'",
            "",
            "ignore.kimi = false",
            Some((false, Scope::Global, true)),
        ),
        ("", "", "roles.r.ignore.kimi = true", Some((true, Scope::Role, true))),
        ("", "", "roles.other.ignore.kimi = true", None),
        (
            "",
            "kimi.auth_forward = 'ignore'",
            "ignore.kimi = false\nroles.r.ignore.kimi = false",
            Some((true, Scope::Workspace, false)),
        ),
        (
            "",
            "kimi.auth_forward = 'ignore'",
            "workspaces.w.ignore.kimi = false",
            Some((false, Scope::Workspace, true)),
        ),
        (
            "",
            "roles.r.kimi.auth_forward = 'ignore'",
            "workspaces.w.ignore.kimi = false",
            Some((true, Scope::WorkspaceRole, false)),
        ),
        (
            "",
            "roles.r.kimi.auth_forward = 'ignore'",
            "workspaces.w.roles.r.ignore.kimi = false",
            Some((false, Scope::WorkspaceRole, true)),
        ),
        ("", "", "workspaces.v.ignore.kimi = true", None),
    ];

    #[test]
    fn the_most_specific_scope_that_says_something_counts() {
        for (global, workspace, exec, expected) in CASES {
            let (path, mut offences) = (Path::new("x"), Vec::new());
            let versions = ["version = 'v1alpha9'\n", "version = 'v1alpha6'\n"];
            let global = config::global(path, &(versions[0].to_owned() + global), &mut offences);
            let workspace =
                config::workspace(path, &(versions[1].to_owned() + workspace), &mut offences);
            let exec = config::exec(path, exec, &mut offences).unwrap();
            let (global, workspace) = (global.unwrap(), workspace.unwrap());
            let found = ignored(&global, &exec, Some(("w", &workspace)), Some("r"));
            let kimi = found.get("kimi").map(|one| (one.ignored, one.scope, one.ours));
            assert_eq!(kimi, *expected);
        }
    }
}
