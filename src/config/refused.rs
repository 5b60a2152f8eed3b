//! What jackin refuses in its own files although a launch can read them. Only `doctor` checks this,
//! because the operator uses both programs.
//!
//! Source: jackin 0.6.4 (commit e89a3da8, August 2026), `jackin-config/src/validation.rs`,
//! `versions.rs` and `schema.rs`; checked 2026-11-26.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::config::document::Document;
use crate::config::error::Offence;
use crate::config::error::Problem;
use crate::config::table::Spanned;
use crate::config::table::Table;
use crate::config::table::Value;

/// Roles that jackin registers itself.
pub const BUILT_IN_ROLES: [&str; 2] = ["agent-smith", "the-architect"];

/// The keys of a role in config.toml: `RoleSource` in `schema.rs`.
const KEYS_OF_ROLE: [&str; 3] = ["git", "trusted", "env"];

/// The keys of a role in a workspace: `WorkspaceRoleOverride` in `schema.rs`.
const KEYS_OF_WORKSPACE_ROLE: [&str; 8] =
    ["env", "claude", "codex", "amp", "kimi", "opencode", "grok", "github"];

/// The agents for which jackin knows no `oauth_token`: `validate_auth_modes`.
const WITHOUT_OAUTH: [&str; 5] = ["codex", "amp", "kimi", "opencode", "grok"];

/// What jackin refuses in config.toml.
pub fn refused_in_global(path: &Path, text: &str) -> Vec<Offence> {
    let mut judge = Judge::new(path, text);
    let Ok(root) = judge.document.parse() else {
        return Vec::new();
    };
    let table = &root;
    judge.version(table);
    for (role, value) in tables(table, "roles") {
        let is_registered =
            value.contains_key("git") || BUILT_IN_ROLES.contains(&&**role.get_ref());
        if !is_registered {
            judge.refuse(role.span(), "git = \"URL\" beside it");
        }
        judge.keys(value, &KEYS_OF_ROLE, "git, trusted or env");
    }
    judge.modes(table);
    for (name, workspace) in tables(table, "workspaces") {
        judge.workspace(name.span(), workspace);
    }
    judge.offences
}

/// What jackin refuses in a workspace's file.
pub fn refused_in_workspace(path: &Path, text: &str) -> Vec<Offence> {
    let mut judge = Judge::new(path, text);
    let Ok(root) = judge.document.parse() else {
        return Vec::new();
    };
    judge.version(&root);
    judge.workspace(0..0, &root);
    judge.offences
}

/// The subtables of a table. Anything else in it has already been refused.
fn tables<'t, 'a>(table: &'t Table<'a>, key: &str) -> Vec<(Name<'t, 'a>, &'t Table<'a>)> {
    let mut found = Vec::new();
    if let Some(inner) = table.get(key).and_then(|value| value.get_ref().as_table()) {
        for (name, value) in inner {
            found.extend(value.get_ref().as_table().map(|value| (name, value)));
        }
    }
    found
}

type Name<'t, 'a> = &'t Spanned<std::borrow::Cow<'a, str>>;

struct Judge<'a> {
    document: Document<'a>,
    offences: Vec<Offence>,
}

impl<'a> Judge<'a> {
    fn new(path: &'a Path, text: &'a str) -> Self {
        let document = Document { path, text, ours: false, op_account: None };
        Self { document, offences: Vec::new() }
    }

    fn refuse(&mut self, at: Range<usize>, expected: &'static str) {
        let place = self.document.place(at);
        self.offences.push(Offence { place, problem: Problem::Expected(expected) });
    }

    /// Numbers start at 1, so `v1alpha0` is not a version.
    fn version(&mut self, table: &Table<'a>) {
        let Some(value) = table.get("version") else {
            return;
        };
        // A value of another type has already been refused.
        let Some(text) = value.get_ref().as_str() else {
            return;
        };
        if text.split(|character: char| !character.is_ascii_digit()).any(|number| number == "0") {
            self.refuse(value.span(), "a version whose numbers begin at 1");
        }
    }

    fn keys(&mut self, table: &Table<'a>, known: &[&str], expected: &'static str) {
        for (key, _) in table {
            if !known.contains(&&**key.get_ref()) {
                self.refuse(key.span(), expected);
            }
        }
    }

    fn modes(&mut self, table: &Table<'a>) {
        for agent in WITHOUT_OAUTH {
            let inner = table.get(agent).and_then(|value| value.get_ref().as_table());
            if let Some(mode) = inner.and_then(|inner| inner.get("auth_forward"))
                && mode.get_ref().as_str() == Some("oauth_token")
            {
                self.refuse(mode.span(), "sync, api_key or ignore");
            }
        }
    }

    fn workspace(&mut self, at: Range<usize>, table: &Table<'a>) {
        let workdir = table.get("workdir");
        match workdir {
            Some(value) => self.plain_path(value, "an absolute path"),
            None => self.refuse(at.clone(), "workdir = \"/PATH\""),
        }
        let destinations = self.mounts(at, table);
        if let Some(value) = workdir
            && let Some(text) = value.get_ref().as_str()
            && !destinations.is_empty()
            && !destinations.iter().any(|destination| is_related(text, destination))
        {
            self.refuse(value.span(), "a folder that lies in a mount, or around one");
        }
        self.default_role(table);
        self.modes(table);
        for (_, role) in tables(table, "roles") {
            self.keys(role, &KEYS_OF_WORKSPACE_ROLE, "env, an agent or github");
            self.modes(role);
        }
    }

    /// Refuses anything but an absolute path without `.` and `..`.
    fn plain_path(&mut self, value: &Value<'a>, expected: &'static str) {
        match value.get_ref().as_str() {
            Some(text) if is_plain_path(text) => {}
            _ => self.refuse(value.span(), expected),
        }
    }

    /// Checks the mounts and returns their paths in the container.
    fn mounts(&mut self, at: Range<usize>, table: &Table<'a>) -> BTreeSet<String> {
        let mut destinations = BTreeSet::new();
        let mounts = table.get("mounts").and_then(|value| value.get_ref().as_array());
        let Some(mounts) = mounts.filter(|mounts| !mounts.is_empty()) else {
            self.refuse(at, "at least one [[mounts]] with src and dst");
            return destinations;
        };
        for mount in mounts {
            let Some(inner) = mount.get_ref().as_table() else {
                continue;
            };
            for key in ["src", "dst"] {
                let Some(value) = inner.get(key) else {
                    self.refuse(mount.span(), "a mount with src and dst");
                    continue;
                };
                self.plain_path(value, "an absolute path without ~, . or ..");
                if key == "dst"
                    && let Some(text) = value.get_ref().as_str()
                    && !destinations.insert(text.to_owned())
                {
                    self.refuse(value.span(), "a dst that no other mount has");
                }
            }
        }
        destinations
    }

    fn default_role(&mut self, table: &Table<'a>) {
        let (Some(role), Some(allowed)) = (table.get("default_role"), table.get("allowed_roles"))
        else {
            return;
        };
        let (Some(name), Some(allowed)) = (role.get_ref().as_str(), allowed.get_ref().as_array())
        else {
            return;
        };
        if !allowed.is_empty() && !allowed.iter().any(|one| one.get_ref().as_str() == Some(name)) {
            self.refuse(role.span(), "one of allowed_roles");
        }
    }
}

/// Whether a path is absolute and has no `.` or `..` component.
fn is_plain_path(text: &str) -> bool {
    text.starts_with('/') && !text.split('/').any(|part| part == "." || part == "..")
}

/// Whether the paths are equal or one contains the other.
fn is_related(one: &str, other: &str) -> bool {
    let (one, other) = (Path::new(one), Path::new(other));
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(offences: &[Offence]) -> Vec<String> {
        offences.iter().map(Offence::to_string).collect()
    }

    #[test]
    fn a_workspace_that_jackin_takes_is_not_refused() {
        let mounts =
            "[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n[[mounts]]\nsrc = \"/a\"\ndst = \"/c\"\n";
        for text in [
            format!("workdir = \"/b\"\n{mounts}"),
            format!("workdir = \"/b/deeper\"\n{mounts}"),
            format!("workdir = \"/\"\n{mounts}"),
            format!("version = \"v1alpha8\"\nworkdir = \"/c\"\n{mounts}"),
            format!("workdir = \"/c\"\ndefault_role = \"r\"\nallowed_roles = [\"r\"]\n{mounts}"),
            format!("workdir = \"/c\"\ndefault_role = \"r\"\nallowed_roles = []\n{mounts}"),
            // Text that cannot be parsed is reported elsewhere.
            "[".to_owned(),
        ] {
            let offences = refused_in_workspace(Path::new("w"), &text);
            assert_eq!(found(&offences), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_jackin_refuses_in_a_workspace_is_placed() {
        let mount = "[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n";
        for (text, expected) in [
            (
                String::new(),
                vec![
                    "w:1:1: expected workdir = \"/PATH\"",
                    "w:1:1: expected at least one [[mounts]] with src and dst",
                ],
            ),
            (
                "workdir = \"/b\"\nmounts = []\n".to_owned(),
                vec!["w:1:1: expected at least one [[mounts]] with src and dst"],
            ),
            (
                format!("workdir = \"b\"\n{mount}"),
                vec![
                    "w:1:11: expected an absolute path",
                    "w:1:11: expected a folder that lies in a mount, or around one",
                ],
            ),
            (
                format!("workdir = \"/x\"\n{mount}"),
                vec!["w:1:11: expected a folder that lies in a mount, or around one"],
            ),
            (
                format!("workdir = \"/b\"\n{mount}[[mounts]]\nsrc = \"~/a\"\ndst = \"/b\"\n"),
                vec![
                    "w:6:7: expected an absolute path without ~, . or ..",
                    "w:7:7: expected a dst that no other mount has",
                ],
            ),
            (
                "workdir = \"/b\"\n[[mounts]]\nsrc = \"/a/../b\"\n".to_owned(),
                vec![
                    "w:3:7: expected an absolute path without ~, . or ..",
                    "w:2:1: expected a mount with src and dst",
                ],
            ),
            (
                format!(
                    "version = \"v1alpha0\"\nworkdir = \"/b\"\ndefault_role = \"r\"\nallowed_roles = [\"s\"]\n{mount}"
                ),
                vec![
                    "w:1:11: expected a version whose numbers begin at 1",
                    "w:3:16: expected one of allowed_roles",
                ],
            ),
            (
                format!(
                    "workdir = \"/b\"\n{mount}[kimi]\nauth_forward = \"oauth_token\"\n[roles.r]\nodd = 1\nenv.A = \"x\"\n\
                     [roles.r.claude]\nauth_forward = \"oauth_token\"\n[roles.r.codex]\nauth_forward = \"oauth_token\"\n"
                ),
                vec![
                    "w:6:16: expected sync, api_key or ignore",
                    "w:8:1: expected env, an agent or github",
                    "w:13:16: expected sync, api_key or ignore",
                ],
            ),
        ] {
            assert_eq!(found(&refused_in_workspace(Path::new("w"), &text)), expected, "{text}");
        }
    }

    #[test]
    fn what_jackin_refuses_in_config_toml_is_placed() {
        let text = "version = \"v0alpha1\"\n[roles.mine]\n[roles.mine.env]\nA = \"x\"\n\
                    [roles.agent-smith.env]\n[roles.other]\ngit = \"https://x\"\n[workspaces.w]\nworkdir = \"/a\"\n\
                    [roles.odd]\ngit = \"x\"\ntrusted = true\nclaude = {}\n[kimi]\nauth_forward = \"oauth_token\"\n";
        assert_eq!(
            found(&refused_in_global(Path::new("c"), text)),
            [
                "c:1:11: expected a version whose numbers begin at 1",
                "c:2:8: expected git = \"URL\" beside it",
                "c:13:1: expected git, trusted or env",
                "c:15:16: expected sync, api_key or ignore",
                "c:8:13: expected at least one [[mounts]] with src and dst",
            ]
        );
    }
}
