use std::path::Path;

use super::*;
use crate::config;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::warning::Warning;

/// The files of one launch.
struct Files {
    global: Global,
    exec: ExecToml,
    workspace: Workspace,
}

impl Files {
    fn new(global: &str, exec: &str, workspace: &str) -> Self {
        let mut offences = Vec::new();
        let files = Self {
            global: config::global(Path::new("config.toml"), global, &mut offences).unwrap(),
            exec: config::exec(Path::new("exec.toml"), exec, &mut offences).unwrap(),
            workspace: config::workspace(Path::new("w.toml"), workspace, &mut offences).unwrap(),
        };
        assert_eq!(offences, []);
        files
    }

    /// The settings in workspace `w` and folder `/f`, with a role if one is given.
    fn settings<'a>(&'a self, role: Option<&'a str>) -> Result<Settings<'a>, Error> {
        let workspace = Some(("w", &self.workspace));
        let folder = Some("/f");
        let selection = Selection { workspace, role, folder, ..Selection::default() };
        let (settings, _) = self.settings_of(selection)?;
        Ok(settings)
    }

    fn settings_at<'a>(
        &'a self,
        workspace: Option<(&'a str, &'a Workspace)>,
        role: Option<&'a str>,
        surrounding: &'a [String],
    ) -> Result<(Settings<'a>, Vec<Warning>), Error> {
        self.settings_of(Selection { workspace, role, surrounding, ..Selection::default() })
    }

    fn settings_of<'a>(
        &'a self,
        selection: Selection<'a>,
    ) -> Result<(Settings<'a>, Vec<Warning>), Error> {
        let mut warnings = Vec::new();
        let settings = settings(&self.global, &self.exec, selection, &mut warnings)?;
        Ok((settings, warnings))
    }
}

/// A layer: its scope, whether it is in exec.toml, and the header of its table.
const LAYERS: [(Scope, bool, &str); 9] = [
    (Scope::Global, false, "[env]"),
    (Scope::Global, true, "[env]"),
    (Scope::Role, false, "[roles.r.env]"),
    (Scope::Role, true, "[roles.r.env]"),
    (Scope::Folder, true, "[folders.\"/f\".env]"),
    (Scope::Workspace, false, "[env]"),
    (Scope::Workspace, true, "[workspaces.w.env]"),
    (Scope::WorkspaceRole, false, "[roles.r.env]"),
    (Scope::WorkspaceRole, true, "[workspaces.w.roles.r.env]"),
];

/// Files in which the given layers each declare `A` with a different variable.
fn declaring(layers: &[usize]) -> Files {
    let (mut global, mut exec, mut workspace) = (String::new(), String::new(), String::new());
    for &index in layers {
        let (scope, ours, header) = LAYERS[index];
        let file = match (ours, scope) {
            (true, _) => &mut exec,
            (false, Scope::Global | Scope::Role | Scope::Folder) => &mut global,
            (false, Scope::Workspace | Scope::WorkspaceRole) => &mut workspace,
        };
        *file = format!("{file}{header}\nA = \"$L{index}\"\n");
    }
    if !global.contains("[roles.r.env]") {
        global.push_str("[roles.r]\n");
    }
    Files::new(&global, &exec, &workspace)
}

fn variable(value: &EnvValue) -> &str {
    match value {
        EnvValue::HostVar(name) => name,
        other => panic!("{other:?}"),
    }
}

/// The names that the declared variables refer to, in order.
fn declared<'s>(settings: &'s Settings<'_>) -> Vec<&'s str> {
    let mut found = Vec::new();
    for variables in &settings.declared {
        for (_, one) in *variables {
            found.push(variable(&one.value));
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn the_most_specific_layer_wins_and_knows_what_it_hides() {
    for mask in 1..512_usize {
        let layers: Vec<usize> = (0..9).filter(|index| mask & (1 << index) != 0).collect();
        let (winner, losers) = layers.split_last().unwrap();
        let files = declaring(&layers);
        let settings = files.settings(Some("r")).unwrap();
        let found = settings.env.get("A").unwrap();
        let (scope, ours, _) = LAYERS[*winner];
        assert_eq!(variable(&found.value.value), format!("L{winner}"), "{layers:?}");
        assert_eq!((found.scope, found.ours), (scope, ours), "{layers:?}");
        let mut hidden: Vec<Scope> = losers.iter().map(|index| LAYERS[*index].0).collect();
        hidden.dedup();
        hidden.retain(|hidden| *hidden != scope);
        assert_eq!(found.hides, hidden, "{layers:?}");
        let expected: Vec<String> = layers.iter().map(|index| format!("L{index}")).collect();
        assert_eq!(declared(&settings), expected, "{layers:?}");
    }
}

#[test]
fn the_scopes_that_apply_have_the_names_that_were_chosen() {
    let files = Files::new("[roles.r]\n", "", "");
    let folder = Some("/f");
    let names = |workspace, role| Names { workspace, folder, role };
    assert_eq!(files.settings(Some("r")).unwrap().names(), names(Some("w"), Some("r")));
    assert_eq!(files.settings(None).unwrap().names(), names(Some("w"), None));
    let selection = Selection { folder, ..Selection::default() };
    assert_eq!(files.settings_of(selection).unwrap().0.names(), names(None, None));
}

#[test]
fn a_scope_that_was_not_chosen_says_nothing() {
    let all: Vec<usize> = (0..9).collect();
    let files = declaring(&all);
    let winner = |workspace, role| {
        let (settings, _) = files.settings_at(workspace, role, &[]).unwrap();
        let role = settings.role.clone();
        (variable(&settings.env.get("A").unwrap().value.value).to_owned(), settings.workspace, role)
    };
    let workspace = Some(("w", &files.workspace));
    let (w, r) = (Some("w".to_owned()), Some("r".to_owned()));
    assert_eq!(winner(None, None), ("L1".to_owned(), None, None));
    assert_eq!(winner(None, Some("r")), ("L3".to_owned(), None, r.clone()));
    assert_eq!(winner(workspace, None), ("L6".to_owned(), w.clone(), None));
    assert_eq!(winner(workspace, Some("r")), ("L8".to_owned(), w, r));
    let other = Some(("x", &files.workspace));
    assert_eq!(winner(other, None).0, "L5", "exec.toml's table is another workspace's");
}

#[test]
fn scopes_that_were_not_chosen_are_known_too() {
    let global = "[roles.other.env]\nA = \"$L1\"\n[workspaces.inline.env]\nA = \"$L2\"\n";
    let exec = "[roles.other.env]\nA = \"$L3\"\n[workspaces.x.env]\nA = \"$L4\"\n\
         [workspaces.x.roles.other.env]\nA = \"$L5\"\n\
         [folders.\"/other\".env]\nA = \"$L7\"\n";
    let files = Files::new(global, exec, "[roles.other.env]\nA = \"$L6\"\n");
    let settings = files.settings(None).unwrap();
    assert!(settings.env.is_empty());
    assert_eq!(declared(&settings), ["L1", "L2", "L3", "L4", "L5", "L6", "L7"]);
}

#[test]
fn the_most_specific_mode_of_kimi_decides() {
    let modes = [None, Some("ignore"), Some("sync")];
    for global in modes {
        for workspace in modes {
            for role in modes {
                let table = |header: &str, mode: Option<&str>| {
                    mode.map_or(String::new(), |mode| {
                        format!("[{header}]\nauth_forward = \"{mode}\"\n")
                    })
                };
                let files = Files::new(
                    &format!("{}[roles.r]\n", table("kimi", global)),
                    "",
                    &(table("kimi", workspace) + &table("roles.r.kimi", role)),
                );
                let all = [
                    (Scope::WorkspaceRole, role),
                    (Scope::Workspace, workspace),
                    (Scope::Global, global),
                ];
                let decides = all.into_iter().find(|(_, mode)| mode.is_some());
                let expected = decides.filter(|(_, mode)| *mode == Some("ignore"));
                let settings = files.settings(Some("r")).unwrap();
                let found = settings.ignored.get("kimi").filter(|found| found.ignored);
                assert_eq!(
                    found.map(|found| (found.scope, found.ours)),
                    expected.map(|(scope, _)| (scope, false)),
                    "{all:?}"
                );
            }
        }
    }
}

#[test]
fn the_workspaces_default_provider_comes_before_the_folders_and_that_before_the_general_one() {
    let of = |exec: &str| Files::new("", exec, "").settings(None).unwrap().default_provider;
    let default = |provider: &str, of| Some(DefaultProvider { provider: provider.to_owned(), of });
    let (general, own) =
        ("default_provider = \"zai\"\n", "[workspaces.w]\ndefault_provider = \"kimi\"\n");
    assert_eq!(of(""), None);
    assert_eq!(of(general), default("zai", DefaultOf::All));
    assert_eq!(of(own), default("kimi", DefaultOf::Workspace));
    assert_eq!(of(&format!("{general}{own}")), default("kimi", DefaultOf::Workspace));
    let folders = "[folders.\"/f\"]\ndefault_provider = \"minimax\"\n";
    assert_eq!(of(&format!("{general}{folders}")), default("minimax", DefaultOf::Folder));
    assert_eq!(of(&format!("{general}{folders}{own}")), default("kimi", DefaultOf::Workspace));
    assert_eq!(
        of(&format!("{general}[workspaces.x]\ndefault_provider = \"kimi\"\n")),
        default("zai", DefaultOf::All)
    );
}

#[test]
fn the_lists_of_the_chosen_and_of_the_surrounding_workspaces_bind_once_each() {
    let exec = "[workspaces.w]\nproviders = [\"kimi\"]\n[workspaces.x]\nproviders = []\n[workspaces.y]\ndefault_provider = \"zai\"\n";
    let files = Files::new("", exec, "");
    for (chosen, surrounding, bound) in [
        (None, &[][..], &[][..]),
        (None, &["x"][..], &["x"][..]),
        (Some("w"), &[][..], &["w"][..]),
        (Some("w"), &["w"][..], &["w"][..]),
        (Some("w"), &["x", "y", "w"][..], &["w", "x"][..]),
        (Some("y"), &["nowhere"][..], &[][..]),
    ] {
        let surrounding: Vec<String> = surrounding.iter().map(|name| (*name).to_owned()).collect();
        let workspace = chosen.map(|name| (name, &files.workspace));
        let (settings, _) = files.settings_at(workspace, None, &surrounding).unwrap();
        let found: Vec<&str> = settings.policies.iter().map(workspace_of).collect();
        assert_eq!(found, bound, "{chosen:?} {surrounding:?}");
        for policy in &settings.policies {
            let expected: &[&str] = if workspace_of(policy) == "w" { &["kimi"] } else { &[] };
            assert_eq!(policy.providers, expected);
        }
    }
}

fn workspace_of(policy: &Policy) -> &str {
    match &policy.owner {
        Owner::Workspace(name) => name,
        Owner::Folder(path) => panic!("{path}"),
    }
}

#[test]
fn the_lists_of_workspaces_and_of_folders_bind_together() {
    let exec = "[workspaces.w]\nproviders = [\"kimi\"]\n[folders.\"/f\"]\ndefault_provider = \"zai\"\n\
        [folders.\"/g\"]\nproviders = [\"zai\", \"kimi\"]\n";
    let files = Files::new("", exec, "");
    let listed_folders = ["/g".to_owned(), "/f".to_owned()];
    let workspace = Some(("w", &files.workspace));
    let folder = Some("/f");
    let selection =
        Selection { workspace, folder, listed_folders: &listed_folders, ..Selection::default() };
    let (settings, _) = files.settings_of(selection).unwrap();
    let found: Vec<(String, String)> = settings
        .policies
        .iter()
        .map(|policy| (policy.owner.to_string(), policy.owner.table()))
        .collect();
    assert_eq!(
        found,
        [
            ("workspace w".to_owned(), "[workspaces.w]".to_owned()),
            ("folder /g".to_owned(), "[folders.\"/g\"]".to_owned()),
        ]
    );
    assert_eq!(settings.folder, Some("/f"));
}

const ROLES: &str = "[roles.known]\n[roles.Upper]\n";

#[test]
fn a_role_is_what_was_named_or_what_the_workspace_defaults_to() {
    for (workspace, typed, role, warned) in [
        ("", None, None, false),
        ("", Some("known"), Some("known"), false),
        ("", Some("KNOWN"), Some("known"), false),
        ("", Some("agent-smith"), Some("agent-smith"), false),
        ("", Some("of-exec"), Some("of-exec"), false),
        ("", Some("of-w-in-exec"), Some("of-w-in-exec"), false),
        ("[roles.of-w]\n", Some("of-w"), Some("of-w"), false),
        ("allowed_roles = [\"a\"]\n", Some("a"), Some("a"), false),
        ("default_role = \"known\"\n", None, Some("known"), false),
        ("default_role = \"the-architect\"\n", None, Some("the-architect"), false),
        ("default_role = \"known\"\n", Some("agent-smith"), Some("agent-smith"), false),
        ("default_role = \"known\"\nallowed_roles = [\"known\"]\n", None, Some("known"), false),
        ("default_role = \"known\"\nallowed_roles = [\"a\"]\n", None, None, true),
        ("default_role = \"nobody\"\n", None, None, true),
        ("default_role = \"of-w\"\n[roles.of-w]\n", None, None, true),
    ] {
        let exec = "[roles.of-exec.env]\n[workspaces.w.roles.of-w-in-exec.env]\n";
        let files = Files::new(ROLES, exec, workspace);
        let selected = Some(("w", &files.workspace));
        let (settings, warnings) = files.settings_at(selected, typed, &[]).unwrap();
        assert_eq!(settings.role.as_deref(), role, "{workspace} {typed:?}");
        assert_eq!(!warnings.is_empty(), warned, "{workspace} {typed:?}");
    }
}

#[test]
fn a_role_that_nobody_has_yet_is_taken_with_a_warning_if_jackin_could_register_it() {
    let files = Files::new(ROLES, "", "");
    for (role, taken) in [
        ("acme/reviewer-2", true),
        ("2/acme", true),
        ("reviewer-of-acme", false),
        ("acme/", false),
        ("/reviewer", false),
        ("acme/re_viewer", false),
        ("ac.me/reviewer", false),
        ("acme/reviewer/2", false),
    ] {
        match files.settings_at(None, Some(role), &[]) {
            Ok((settings, warnings)) => {
                assert!(taken, "{role}");
                assert_eq!(settings.role.as_deref(), Some(role));
                assert_eq!(warnings, [Warning::NewRole { role: role.to_owned() }]);
            }
            Err(error) => {
                assert!(!taken, "{role}");
                assert!(error.to_string().starts_with("no role named "), "{error}");
            }
        }
    }
}

#[test]
fn a_role_that_cannot_be_used_says_why() {
    for (workspace, typed, says, hint) in [
        (
            "",
            "knwon",
            "no role named knwon (available: agent-smith, known, the-architect)",
            Some("did you mean known?"),
        ),
        ("", "x", "no role named x (available: agent-smith, known, the-architect)", None),
        (
            "",
            "upper",
            "role Upper is never used, because jackin looks up upper: names of roles are in lower case",
            Some("rename [roles.\"Upper\"] to [roles.\"upper\"]"),
        ),
        (
            "allowed_roles = [\"a\", \"b\"]\n",
            "known",
            "workspace w does not allow role known; it allows a and b",
            None,
        ),
        (
            "",
            "sk-SENTINEL",
            "no role named that (not shown: it may be a key) (available: agent-smith, known, the-architect)",
            None,
        ),
    ] {
        let files = Files::new(ROLES, "", workspace);
        let error = files.settings(Some(typed)).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (says, hint));
        assert!(!format!("{error:?}").contains("SENTINEL"));
        let said = error.found_in(" in JACKIN_EXEC_ROLE").to_string();
        assert_eq!(said.contains("JACKIN_EXEC_ROLE"), says.starts_with("no role"), "{said}");
    }
}

#[test]
fn every_scope_has_its_word() {
    let words = [Scope::Global, Scope::Role, Scope::Folder, Scope::Workspace, Scope::WorkspaceRole]
        .map(Scope::word);
    assert_eq!(words, ["global", "role", "folder", "workspace", "workspace-role"]);
}
