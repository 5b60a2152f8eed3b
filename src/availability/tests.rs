use std::path::Path;

use super::*;
use crate::config;
use crate::provider;
use crate::scope;
use crate::scope::Names;
use crate::scope::Selection;

/// The files of one launch, and its role `r` in workspace `w`.
fn with_settings(global: &str, workspace: &str, check: impl FnOnce(&Settings<'_>)) {
    let mut offences = Vec::new();
    let global = format!("[roles.r]\n{global}");
    let global = config::global(Path::new("config.toml"), &global, &mut offences).unwrap();
    let workspace = config::workspace(Path::new("w.toml"), workspace, &mut offences).unwrap();
    assert_eq!(offences, []);
    let exec = config::ExecToml::default();
    let selection =
        Selection { workspace: Some(("w", &workspace)), role: Some("r"), ..Selection::default() };
    check(&scope::settings(&global, &exec, selection, &mut Vec::new()).unwrap());
}

/// `exec.toml` with a custom provider, and one without a key.
const PROVIDERS: &str = "[providers.free]\nbase_url = \"http://127.0.0.1:1\"\nkey = false\nmodel = \"m\"\n\
     [providers.mine]\nbase_url = \"https://mine.example\"\nkey_env = \"MINE\"\nmodel = \"m\"\n";

fn providers(exec: &str) -> Vec<Provider> {
    let exec = config::exec(Path::new("exec.toml"), exec, &mut Vec::new()).unwrap();
    provider::providers(&exec).usable
}

fn of<'a>(candidates: &'a [Candidate<'a>], id: &str) -> &'a Candidate<'a> {
    candidates.iter().find(|candidate| candidate.provider.id == id).unwrap()
}

/// The result for Kimi: where its key is and which scope declares it, or why there is none.
fn kimi(global: &str, workspace: &str, environment: &[&str]) -> String {
    let mut said = String::new();
    with_settings(global, workspace, |settings| {
        let candidates = candidates(providers(""), settings, &Environment::of(environment));
        let candidate = of(&candidates, "kimi");
        said = match &candidate.availability {
            Availability::Free => "free".to_owned(),
            Availability::Key(KeySource { name, value, origin }) => {
                assert_eq!(name.as_str(), "KIMI_CODE_API_KEY");
                assert!(candidate.is_available() && candidate.usable().is_ok());
                format!("{value:?} {}", origin.word())
            }
            Availability::Missing(missing) => {
                assert!(!candidate.is_available());
                assert_eq!(candidate.usable().unwrap_err(), missing);
                missing.text("KIMI_CODE_API_KEY")
            }
        };
    });
    said
}

#[test]
fn a_declared_key_is_final_and_else_the_environment_has_it() {
    let ambient = &["KIMI_CODE_API_KEY=SENTINEL"][..];
    for (global, workspace, environment, says) in [
        ("", "", &[][..], "KIMI_CODE_API_KEY is not set"),
        ("", "", ambient, "HostVar(\"KIMI_CODE_API_KEY\") environment"),
        ("", "", &["KIMI_CODE_API_KEY="][..], "KIMI_CODE_API_KEY is empty in the environment"),
        (
            "",
            "",
            &["KIMI_CODE_API_KEY=op://v/i/f"][..],
            "Op(OpReference { reference: \"op://v/i/f\", path: None, account: None }) environment",
        ),
        ("", "", &["KIMI_CODE_API_KEY_FILE=/k"][..], "File(\"/k\") file"),
        ("", "", &["KIMI_CODE_API_KEY_FILE="][..], "KIMI_CODE_API_KEY is not set"),
        (
            "",
            "",
            &["KIMI_CODE_API_KEY=SENTINEL", "KIMI_CODE_API_KEY_FILE=/k"][..],
            "HostVar(\"KIMI_CODE_API_KEY\") environment",
        ),
        (
            "[env]\nKIMI_CODE_API_KEY = \"\"\n",
            "",
            ambient,
            "KIMI_CODE_API_KEY is empty in the global scope",
        ),
        (
            "",
            "[env]\nKIMI_CODE_API_KEY = { value = \"SENTINEL\", on_demand = true }\n",
            ambient,
            "KIMI_CODE_API_KEY is on_demand in the workspace scope",
        ),
        (
            "[roles.r.env]\nKIMI_CODE_API_KEY = \"$OTHER\"\n",
            "",
            ambient,
            "KIMI_CODE_API_KEY in the role scope is $OTHER, which is unset or empty",
        ),
        (
            "[env]\nKIMI_CODE_API_KEY = \"$OTHER\"\n",
            "",
            &["OTHER="][..],
            "KIMI_CODE_API_KEY in the global scope is $OTHER, which is unset or empty",
        ),
        (
            "[env]\nKIMI_CODE_API_KEY = \"$OTHER\"\n",
            "",
            &["OTHER=SENTINEL"][..],
            "HostVar(\"OTHER\") global",
        ),
        (
            "",
            "[roles.r.env]\nKIMI_CODE_API_KEY = \"op://a/b/c\"\n",
            &[][..],
            "Op(OpReference { reference: \"op://a/b/c\", path: None, account: None }) workspace-role",
        ),
    ] {
        let said = kimi(global, workspace, environment);
        assert_eq!(said, says, "{global} {workspace} {environment:?}");
        assert!(!said.contains("SENTINEL"));
    }
}

#[test]
fn a_literal_is_a_key_and_is_not_shown() {
    let said = kimi("[env]\nKIMI_CODE_API_KEY = \"SENTINEL\"\n", "", &[]);
    assert!(said.ends_with(" global") && !said.contains("SENTINEL"), "{said}");
}

#[test]
fn a_credential_of_the_service_manager_is_looked_for_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("KIMI_CODE_API_KEY");
    let credentials = format!("CREDENTIALS_DIRECTORY={}", folder.path().display());
    let found = || kimi("", "", &[&credentials]);
    assert_eq!(found(), "KIMI_CODE_API_KEY is not set");
    std::fs::write(&path, "SENTINEL").unwrap();
    assert_eq!(found(), format!("File({path:?}) credential"));
    let both = kimi("", "", &[&credentials, "KIMI_CODE_API_KEY_FILE=/k"]);
    assert_eq!(both, "File(\"/k\") file");
    assert_eq!(kimi("", "", &["CREDENTIALS_DIRECTORY="]), "KIMI_CODE_API_KEY is not set");
    assert_eq!(kimi("", "", &["CREDENTIALS_DIRECTORY=src"]), "KIMI_CODE_API_KEY is not set");
}

#[test]
fn only_kimi_is_ignored_and_a_more_specific_key_beats_that() {
    const IGNORE: &str = "[kimi]\nauth_forward = \"ignore\"\n";
    const KEY: &str = "[env]\nKIMI_CODE_API_KEY = \"$K\"\n";
    let ignored = |scope: &str| format!("ignored by [kimi] auth_forward in the {scope} scope");
    let key = |scope: &str| format!("HostVar(\"K\") {scope}");
    let both = format!("{IGNORE}{KEY}");
    for (global, workspace, says) in [
        (IGNORE, "", ignored("global")),
        (&*both, "", ignored("global")),
        (IGNORE, KEY, key("workspace")),
        ("", &*both, ignored("workspace")),
        (KEY, IGNORE, ignored("workspace")),
        (IGNORE, IGNORE, ignored("workspace")),
        (IGNORE, "[kimi]\nauth_forward = \"sync\"\n", "KIMI_CODE_API_KEY is not set".to_owned()),
    ] {
        assert_eq!(kimi(global, workspace, &["K=k"]), says, "{global} {workspace}");
    }
    with_settings(IGNORE, "", |settings| {
        let environment = Environment::of(&["ZAI_API_KEY=k", "KIMI_CODE_API_KEY=k"]);
        let candidates = candidates(providers(""), settings, &environment);
        assert!(of(&candidates, "zai").is_available());
        assert!(of(&candidates, "anthropic").is_available());
    });
}

#[test]
fn exec_toml_ignores_any_provider() {
    let mut offences = Vec::new();
    let exec = "[ignore]\nzai = true\nkimi = false\n[workspaces.w.ignore]\nminimax = true\n";
    let exec = config::exec(Path::new("exec.toml"), exec, &mut offences).unwrap();
    let global = "[kimi]\nauth_forward = \"ignore\"\n[env]\nMINIMAX_API_KEY = \"$K\"\n";
    let global = config::global(Path::new("config.toml"), global, &mut offences).unwrap();
    let workspace = "[env]\nZAI_API_KEY = \"$K\"\n";
    let workspace = config::workspace(Path::new("w.toml"), workspace, &mut offences).unwrap();
    let environment = Environment::of(&["K=k", "KIMI_CODE_API_KEY=k", "ZAI_API_KEY=k"]);
    for (selected, zai, minimax) in [
        (None, "ignored by [ignore] in the global scope of exec.toml", "available"),
        (
            Some(("w", &workspace)),
            "available",
            "ignored by [ignore] in the workspace scope of exec.toml",
        ),
    ] {
        let selection = Selection { workspace: selected, role: None, ..Selection::default() };
        let settings = scope::settings(&global, &exec, selection, &mut Vec::new()).unwrap();
        let candidates = candidates(providers(""), &settings, &environment);
        let said = |id| match of(&candidates, id).usable() {
            Ok(_) => "available".to_owned(),
            Err(missing) => missing.text("KEY"),
        };
        assert_eq!((said("zai").as_str(), said("minimax").as_str()), (zai, minimax));
        assert_eq!(said("kimi"), "available", "exec.toml beats jackin's mode in one scope");
    }
}

#[test]
fn who_needs_no_key_is_free() {
    with_settings("[env]\nANTHROPIC_API_KEY = \"\"\n", "", |settings| {
        let candidates = candidates(providers(PROVIDERS), settings, &Environment::of(&[]));
        for (id, free) in [("anthropic", true), ("free", true), ("mine", false), ("kimi", false)] {
            let candidate = of(&candidates, id);
            assert_eq!(matches!(candidate.availability, Availability::Free), free, "{id}");
            assert_eq!(candidate.usable().is_ok_and(|usable| usable.key.is_none()), free, "{id}");
        }
    });
}

#[test]
fn a_server_on_this_machine_is_offered_only_where_exec_toml_speaks_of_it() {
    let local = crate::catalog::PRESETS.iter().find(|preset| preset.local).unwrap().id;
    let configured = format!("[providers.{local}]\nmodel = \"m\"\n{PROVIDERS}");
    with_settings("", "", |settings| {
        for (exec, offered) in [(PROVIDERS, false), (&*configured, true)] {
            let candidates = candidates(providers(exec), settings, &Environment::of(&[]));
            let candidate = of(&candidates, local);
            assert!(candidate.is_available());
            assert_eq!((candidate.is_offered(), candidate.is_in_use()), (offered, offered));
        }
    });
}

#[test]
fn a_provider_is_in_use_if_there_is_something_to_say_about_it() {
    let global = "[env]\nZAI_API_KEY = \"\"\n";
    with_settings(global, "", |settings| {
        let environment = Environment::of(&["KIMI_CODE_API_KEY=k"]);
        let candidates = candidates(providers(PROVIDERS), settings, &environment);
        for (id, offered, in_use) in [
            ("anthropic", true, true),
            ("kimi", true, true),
            ("zai", false, true),
            ("minimax", false, false),
            ("free", true, true),
            ("mine", false, true),
        ] {
            let candidate = of(&candidates, id);
            assert_eq!((candidate.is_offered(), candidate.is_in_use()), (offered, in_use), "{id}");
        }
    });
}

#[test]
fn every_origin_has_its_words() {
    let all = [
        (Origin::Scope(Scope::Global), "global", "global [env]"),
        (Origin::Scope(Scope::Role), "role", "role \"r\" [env]"),
        (Origin::Scope(Scope::Folder), "folder", "folder \"~/f\" [env]"),
        (Origin::Scope(Scope::Workspace), "workspace", "workspace \"w\" [env]"),
        (
            Origin::Scope(Scope::WorkspaceRole),
            "workspace-role",
            "workspace \"w\" → role \"r\" [env]",
        ),
        (Origin::Environment, "environment", "the environment"),
        (Origin::File, "file", "the environment's _FILE"),
        (Origin::Credential, "credential", "$CREDENTIALS_DIRECTORY"),
        (Origin::Provider, "provider", "the provider's table in exec.toml"),
        (Origin::Manifest, "role-manifest", "the role's jackin.role.toml"),
        (Origin::Managed, "managed", "managed settings"),
    ];
    let names = Names { workspace: Some("w"), folder: Some("~/f"), role: Some("r") };
    for (origin, word, layer) in all {
        assert_eq!((origin.word(), origin.layer(names).as_str()), (word, layer));
        let text = if origin == Origin::Scope(Scope::Folder) { "folder ~/f" } else { word };
        assert_eq!(origin.text(names), text);
    }
}

#[test]
fn a_provider_that_cannot_be_used_comes_with_what_to_do() {
    for (missing, hint) in [
        (Missing::Nowhere, "jackin-exec auth set kimi asks for it; or set KEY in the environment"),
        (Missing::Empty { scope: Scope::Global }, "jackin-exec auth set kimi asks for it"),
        (Missing::Empty { scope: Scope::Role }, "give KEY a value there, or remove it there"),
        (
            Missing::OnDemand { scope: Scope::Global },
            "jackin fetches it only inside its container; for this host, set KEY in the same scope of exec.toml",
        ),
        (
            Missing::HostVar { variable: "V".to_owned(), scope: Scope::Global },
            "export V, or set KEY in another way",
        ),
        (
            Missing::Ignored { scope: Scope::Global, ours: true },
            "jackin-exec auth set kimi, in that scope, offers it again",
        ),
    ] {
        assert_eq!(missing.hint("kimi", "KEY", None), hint);
    }
}
