use std::path::Path;

use super::*;
use crate::availability;
use crate::config;
use crate::provider;
use crate::scope;
use crate::scope::Owner;
use crate::scope::Policy;
use crate::scope::Selection;

const EXEC: &str = "[providers.free]\nlabel = \"Free\"\nbase_url = \"http://127.0.0.1:1\"\nkey = false\nmodel = \"m\"\n";

/// Candidates and settings of one launch, without workspaces: `exec` is added to exec.toml.
fn with(exec: &str, environment: &[&str], check: impl FnOnce(&[Candidate<'_>], &Settings<'_>)) {
    let mut offences = Vec::new();
    let exec = config::exec(Path::new("exec.toml"), exec, &mut offences).unwrap();
    let global = "[kimi]\nauth_forward = \"ignore\"\n[env]\nDEEPSEEK_API_KEY = \"\"\n";
    let global = config::global(Path::new("config.toml"), global, &mut offences).unwrap();
    let workspace = config::Workspace::default();
    let selection =
        Selection { workspace: Some(("w", &workspace)), role: None, ..Selection::default() };
    let settings = scope::settings(&global, &exec, selection, &mut Vec::new()).unwrap();
    let providers = provider::providers(&exec).usable;
    let candidates = availability::candidates(providers, &settings, &Environment::of(environment));
    check(&candidates, &settings);
}

/// What the rule says, in words: `id by`, `a or b`, or the error.
fn says(named: Option<(&str, By)>, exec: &str, environment: &[&str]) -> String {
    let mut said = String::new();
    with(exec, environment, |candidates, settings| {
        let named = named.map(|(id, by)| Named { id, by });
        said = match choose(named, candidates, settings) {
            Ok(Choice::Settled(usable, by)) => format!("{} {}", usable.provider.id, by.word()),
            Ok(Choice::Open(open)) => {
                let ids: Vec<&str> = open.iter().map(|usable| &*usable.provider.id).collect();
                ids.join(" or ")
            }
            Err(error) => {
                assert!(!format!("{error:?} {error}").contains("SENTINEL"));
                format!("{error}; {}", error.hint().unwrap_or_default())
            }
        };
    });
    said
}

#[test]
fn the_named_one_is_chosen_else_the_default_else_the_only_one_else_a_person_is_asked() {
    let keys = &["ZAI_API_KEY=k", "MINIMAX_API_KEY=k"][..];
    let (general, own) = (
        "default_provider = \"zai\"\n",
        "default_provider = \"zai\"\n[workspaces.w]\ndefault_provider = \"minimax\"\n",
    );
    let flag = |id| Some((id, By::Flag));
    for (named, exec, environment, expected) in [
        (flag("zai"), "", keys, "zai flag"),
        (Some(("zai", By::Name)), "", keys, "zai name"),
        (Some(("zai", By::Variable)), own, keys, "zai variable"),
        (flag("anthropic"), "", keys, "anthropic flag"),
        (None, general, keys, "zai default"),
        (None, own, keys, "minimax workspace"),
        (None, "", &[][..], "anthropic only"),
        (None, "", keys, "anthropic or zai or minimax"),
        (None, EXEC, &[][..], "anthropic or free"),
        (flag("ask"), "", &[][..], "anthropic"),
        (flag("ask"), general, keys, "anthropic or zai or minimax"),
        (flag("free"), EXEC, &[][..], "free flag"),
        (None, "", &["KIMI_CODE_API_KEY=k"][..], "anthropic only"),
    ] {
        assert_eq!(says(named, exec, environment), expected, "{named:?} {exec}");
    }
}

#[test]
fn a_list_is_a_limit_for_whoever_chooses() {
    let exec = "[workspaces.w]\nproviders = [\"zai\", \"minimax\"]\n";
    let keys = &["ZAI_API_KEY=k", "MINIMAX_API_KEY=k", "MOONSHOT_API_KEY=k"][..];
    let hint = "the list is `providers` of [workspaces.w] in exec.toml";
    for (named, environment, expected) in [
        (Some(("zai", By::Flag)), keys, "zai flag".to_owned()),
        (None, keys, "zai or minimax".to_owned()),
        (None, &["ZAI_API_KEY=k"][..], "zai only".to_owned()),
        (
            Some(("anthropic", By::Flag)),
            keys,
            format!("workspace w does not allow provider anthropic; it allows zai and minimax; {hint}"),
        ),
        (
            Some(("moonshot", By::Flag)),
            keys,
            format!("workspace w does not allow provider moonshot; it allows zai and minimax; {hint}"),
        ),
        (
            None,
            &[][..],
            "workspace w allows zai and minimax, and none of them has a key; give one of them a key, or change the list in exec.toml".to_owned(),
        ),
    ] {
        assert_eq!(says(named, exec, environment), expected, "{named:?}");
    }
    let nothing = says(None, "[workspaces.w]\nproviders = []\n", keys);
    assert_eq!(nothing, "workspace w allows no provider; change the list in exec.toml");
}

/// Lists of one workspace each.
fn lists(lists: &[&[&str]]) -> Vec<Policy> {
    let mut policies = Vec::new();
    for (number, list) in lists.iter().enumerate() {
        let providers = list.iter().map(ToString::to_string).collect();
        policies.push(Policy { owner: Owner::Workspace(format!("w{number}")), providers });
    }
    policies
}

#[test]
fn what_is_allowed_is_in_every_list() {
    for (policies, id, expected) in [
        (&[][..], "kimi", true),
        (&[&["kimi", "zai"][..]], "kimi", true),
        (&[&["zai"]], "kimi", false),
        (&[&["kimi", "zai"], &["kimi"]], "kimi", true),
        (&[&["kimi", "zai"], &["kimi"]], "zai", false),
        (&[&["kimi"], &["kimi", "zai"]], "zai", false),
    ] {
        assert_eq!(is_allowed(id, &lists(policies)), expected, "{id} {policies:?}");
    }
}

#[test]
fn where_several_lists_leave_nothing_it_is_said_what_they_allow_together() {
    for (policies, expected) in [
        (
            &[&["kimi", "zai", "kimi"][..], &["minimax", "zai", "kimi"]],
            "workspace w0 and workspace w1 together allow kimi and zai, and none of them has a key",
        ),
        (&[&["kimi"], &["zai"]], "workspace w0 and workspace w1 together allow no provider"),
    ] {
        let error = Error::nothing_allowed(&lists(policies));
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_named_provider_that_cannot_be_used_is_an_error_that_says_why() {
    let more = |count: usize| {
        let others = catalog::PRESETS.len() - count;
        format!("and {others} more in jackin-exec providers --all")
    };
    let known = format!("anthropic, kimi, deepseek, {}", more(3));
    for (id, by, environment, expected) in [
        (
            "zay",
            By::Flag,
            &[][..],
            format!("no provider named zay (available: {known}); did you mean zai?"),
        ),
        (
            "glm",
            By::Variable,
            &[][..],
            format!(
                "no provider named glm in JACKIN_EXEC_PROVIDER (available: {known}); did you mean zai?"
            ),
        ),
        (
            "sk-SENTINEL",
            By::Flag,
            &[][..],
            format!("no provider named that (not shown: it may be a key) (available: {known}); "),
        ),
        (
            "zai",
            By::Flag,
            &[][..],
            "provider zai has no key: ZAI_API_KEY is not set; get one at https://z.ai/manage-apikey/apikey-list; jackin-exec auth set zai asks for it; or set ZAI_API_KEY in the environment".to_owned(),
        ),
        (
            "zai",
            By::Flag,
            &["ZAI_CN_API_KEY=SENTINEL"][..],
            "provider zai has no key: ZAI_API_KEY is not set; ZAI_CN_API_KEY is set, which is the key of provider bigmodel; jackin-exec auth set zai asks for ZAI_API_KEY; or set it in the environment".to_owned(),
        ),
        (
            "zai",
            By::Flag,
            &["MINIMAX_API_KEY=SENTINEL"][..],
            "provider zai has no key: ZAI_API_KEY is not set; get one at https://z.ai/manage-apikey/apikey-list; jackin-exec auth set zai asks for it; or set ZAI_API_KEY in the environment".to_owned(),
        ),
        (
            "deepseek",
            By::Flag,
            &[][..],
            "provider deepseek has no key: DEEPSEEK_API_KEY is empty in the global scope; jackin-exec auth set deepseek asks for it".to_owned(),
        ),
        (
            "kimi",
            By::Flag,
            &["KIMI_CODE_API_KEY=SENTINEL"][..],
            "provider kimi is not used here: ignored by [kimi] auth_forward in the global scope; jackin-exec auth set kimi, in that scope, offers it again".to_owned(),
        ),
    ] {
        assert_eq!(says(Some((id, by)), "", environment), expected, "{id}");
    }
}

#[test]
fn only_a_key_that_is_set_is_called_set() {
    let exec = "[providers.litellm]\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"LITELLM_API_KEY\"\nmodel = \"m\"\n";
    let wanted = "provider litellm has no key: LITELLM_API_KEY is not set; jackin-exec auth set litellm asks for it; or set LITELLM_API_KEY in the environment";
    // Other servers on this machine need no key; and if one has a key, it is another server's.
    for environment in [&[][..], &["CCR_API_KEY=SENTINEL"]] {
        assert_eq!(says(Some(("litellm", By::Flag)), exec, environment), wanted);
    }
}

#[test]
fn anthropic_can_be_ignored_and_then_it_is_not_offered() {
    let exec = "[ignore]\nanthropic = true\n";
    let ignored = "ignored by [ignore] in the global scope of exec.toml";
    for (named, environment, expected) in [
        (None, &["ZAI_API_KEY=k"][..], "zai only".to_owned()),
        (None, &["ZAI_API_KEY=k", "MINIMAX_API_KEY=k"], "zai or minimax".to_owned()),
        (
            None,
            &[],
            "no provider can be used: none has a key, and Anthropic is ignored by [ignore] in exec.toml; jackin-exec auth set kimi asks for a key; or remove anthropic = true".to_owned(),
        ),
        (
            Some(("anthropic", By::Flag)),
            &[],
            format!("provider anthropic is not used here: {ignored}; remove anthropic = true from [ignore] of that scope in exec.toml"),
        ),
    ] {
        assert_eq!(says(named, exec, environment), expected);
    }
}

#[test]
fn a_default_that_does_not_exist_is_said_with_its_place() {
    for (exec, place) in [
        ("default_provider = \"nowhere\"\n", "default_provider of exec.toml"),
        (
            "[workspaces.w]\ndefault_provider = \"nowhere\"\n",
            "the workspace's default_provider of exec.toml",
        ),
    ] {
        let said = says(None, exec, &[]);
        assert!(said.starts_with(&format!("no provider named nowhere in {place} (")), "{said}");
    }
}

#[test]
fn a_variable_with_the_name_that_people_expect_is_named_in_the_hint() {
    let hint = |set: &[&str]| {
        let mut hint = None;
        with("", &["MOONSHOT_API_KEY=k"], |candidates, settings| {
            let named = Named { id: "moonshot-cn", by: By::Flag };
            let error = choose(Some(named), candidates, settings).unwrap_err();
            hint = error.guessed(|name| set.contains(&name)).hint();
        });
        hint.unwrap()
    };
    let others = hint(&[]);
    assert!(others.starts_with("MOONSHOT_API_KEY is set, which is the key of provider moonshot;"));
    assert_eq!(hint(&["MOONSHOT_API_KEY"]), others);
    let key = "MOONSHOT_CN_API_KEY";
    assert_eq!(hint(&[key]), others, "its own name is no guess");
    for elsewhere in catalog::names_elsewhere("moonshot-cn") {
        if elsewhere != "MOONSHOT_API_KEY" {
            assert_eq!(hint(&[elsewhere]), format!("{elsewhere} is set, but the name is {key}"));
        }
    }
}

#[test]
fn a_link_comes_before_a_flag_and_a_flag_before_the_variable() {
    let environment = Environment::of(&["JACKIN_EXEC_PROVIDER=variable"]);
    let none = Environment::of(&[]);
    for (link, flag, environment, expected) in [
        (Some("link"), Some("flag"), &environment, Some(("link", By::Name))),
        (None, Some("flag"), &environment, Some(("flag", By::Flag))),
        (None, None, &environment, Some(("variable", By::Variable))),
        (Some("link"), None, &none, Some(("link", By::Name))),
        (None, None, &none, None),
    ] {
        let found = named(link, flag, environment).map(|named| (named.id, named.by));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_session_is_named_after_its_provider_where_there_is_a_choice() {
    for (exec, environment, expected) in [
        ("", &[][..], "Claude"),
        ("", &["ZAI_API_KEY=k"][..], "Claude (Z.AI)"),
        (EXEC, &[][..], "Claude (Z.AI)"),
        ("", &["KIMI_CODE_API_KEY=k"][..], "Claude"),
    ] {
        with(exec, environment, |candidates, _| {
            let zai = candidates.iter().find(|one| one.provider.id == "zai").unwrap();
            assert_eq!(label(&zai.provider, candidates), expected);
        });
    }
}

#[test]
fn examples_are_the_first_presets_and_what_exec_toml_speaks_of() {
    let exec = config::exec(Path::new("exec.toml"), EXEC, &mut Vec::new()).unwrap();
    let providers = provider::providers(&exec).usable;
    let found = examples(&providers);
    let (rest, ids) = found.split_last().unwrap();
    assert_eq!(ids, ["anthropic", "zai", "minimax", "kimi", "free"]);
    assert_eq!(*rest, format!("and {} more in jackin-exec providers --all", providers.len() - 5));
    assert_eq!(examples(&providers[..2]), ["anthropic", "zai"]);
}

#[test]
fn every_way_of_choosing_has_its_words() {
    let all =
        [By::Name, By::Flag, By::Variable, By::Workspace, By::Default, By::Only, By::Question];
    assert_eq!(
        all.map(By::word),
        ["name", "flag", "variable", "workspace", "default", "only", "question"]
    );
    assert_eq!(
        all.map(By::text),
        [
            "from the name of the link",
            "from --provider",
            "from JACKIN_EXEC_PROVIDER",
            "the workspace's default_provider in exec.toml",
            "default_provider in exec.toml",
            "the only one with a key",
            "chosen at the question",
        ]
    );
}
