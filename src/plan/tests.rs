use std::path::Path;

use super::*;
use crate::availability;
use crate::catalog;
use crate::config;
use crate::provider;
use crate::scope;
use crate::scope::Selection;

/// A launch: what the files say, what the environment holds, and what was typed.
#[derive(Default)]
struct Launch<'a> {
    global: &'a str,
    exec: &'a str,
    environment: &'a [&'a str],
    model: Option<&'a str>,
    pass_keys: bool,
    title: bool,
    words: &'a [&'a str],
    escaped: bool,
}

impl Launch<'_> {
    fn plan(&self, id: &str, check: impl FnOnce(&Plan<'_>, &[Warning])) {
        let mut offences = Vec::new();
        let global = config::global(Path::new("config.toml"), self.global, &mut offences).unwrap();
        let exec = config::exec(Path::new("exec.toml"), self.exec, &mut offences).unwrap();
        assert_eq!(offences, []);
        let selection = Selection { workspace: None, role: None, surrounding: &[] };
        let settings = scope::settings(&global, &exec, selection, &mut Vec::new()).unwrap();
        let environment = Environment::of(self.environment);
        let inner = environment.without(&outer_names(&environment));
        let providers = provider::providers(&exec.providers).unwrap();
        let candidates = availability::candidates(providers, &settings, &inner);
        let chosen = candidates.iter().find(|one| one.provider.id == id).unwrap();
        let words = self.words.iter().map(OsString::from).collect();
        let mut warnings = Vec::new();
        let inputs = Inputs {
            candidates: &candidates,
            chosen: chosen.usable().unwrap(),
            by: By::Flag,
            model: self.model,
            label: "Claude (Label)",
            settings: &settings,
            allow_env: &exec.allow_env,
            environment: &environment,
            words: &Words { words, escaped: self.escaped },
            default_command: &["claude".to_owned(), "--x".to_owned()],
            pass_keys: self.pass_keys,
            title: self.title,
        };
        check(&plan(inputs, &mut warnings), &warnings);
    }

    /// What the plan does, a line each: `+NAME=VALUE`, `+NAME=<NEED>` or `-NAME`.
    fn lines(&self, id: &str) -> Vec<String> {
        let mut lines = Vec::new();
        self.plan(id, |plan, _| {
            for Assignment { name, action, .. } in &plan.assignments {
                lines.push(match action {
                    Action::Unset => format!("-{name}"),
                    Action::Public(value) => format!("+{name}={}", value.to_string_lossy()),
                    Action::Secret { prefix, need, suffix } => {
                        let need = plan.needs.get(*need);
                        let (key, kind, origin) = (&need.key, need.kind(), need.origin.word());
                        format!("+{name}={prefix}<{key} {kind} {origin}>{suffix}")
                    }
                });
            }
        });
        lines
    }

    fn set(&self, id: &str) -> Vec<String> {
        let mut lines = self.lines(id);
        lines.retain(|line| line.starts_with('+'));
        lines
    }

    fn unsets(&self, id: &str, name: &str) -> bool {
        self.lines(id).contains(&format!("-{name}"))
    }
}

fn name_of(line: &str) -> &str {
    let assignment = line.trim_start_matches(['+', '-']);
    assignment.split_once('=').map_or(assignment, |(name, _)| name)
}

const KEY: &[&str] = &["KIMI_CODE_API_KEY=SENTINEL"];

/// `exec.toml` with a provider on this machine that sets all that a redirect can set.
const LOCAL: &str = "[providers.local]\nbase_url = \"http://127.0.0.1:9\"\nkey_env = \"LOCAL\"\n\
     auth = \"x-api-key\"\nmodel = \"m\"\ncontext_tokens = 1000\n";

#[test]
fn kimi_is_the_seven_variables_and_what_todays_client_needs() {
    let launch = Launch { environment: KEY, ..Launch::default() };
    let names = "ANTHROPIC_AUTH_TOKEN,ANTHROPIC_BASE_URL,ANTHROPIC_DEFAULT_OPUS_MODEL,\
         ANTHROPIC_DEFAULT_SONNET_MODEL,ANTHROPIC_DEFAULT_HAIKU_MODEL,API_TIMEOUT_MS,\
         CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC,ANTHROPIC_DEFAULT_FABLE_MODEL,ANTHROPIC_MODEL,\
         CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST,CLAUDE_CODE_MAX_CONTEXT_TOKENS,\
         CLAUDE_CODE_DISABLE_1M_CONTEXT,ENABLE_TOOL_SEARCH";
    assert_eq!(
        launch.set("kimi"),
        [
            "+ANTHROPIC_AUTH_TOKEN=<KIMI_CODE_API_KEY inherited environment>",
            "+ANTHROPIC_BASE_URL=https://api.kimi.com/coding",
            "+ANTHROPIC_DEFAULT_OPUS_MODEL=kimi-for-coding",
            "+ANTHROPIC_DEFAULT_SONNET_MODEL=kimi-for-coding",
            "+ANTHROPIC_DEFAULT_HAIKU_MODEL=kimi-for-coding",
            "+API_TIMEOUT_MS=3000000",
            "+CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
            "+ANTHROPIC_DEFAULT_FABLE_MODEL=kimi-for-coding",
            "+ANTHROPIC_MODEL=opus",
            "+CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=1",
            "+CLAUDE_CODE_MAX_CONTEXT_TOKENS=262144",
            "+CLAUDE_CODE_DISABLE_1M_CONTEXT=1",
            "+ENABLE_TOOL_SEARCH=false",
            &format!("+JACKIN_EXEC_NAMES={names}"),
            "+JACKIN_EXEC_ACTIVE=kimi",
            "+JACKIN_EXEC_LABEL=Claude (Label)",
        ]
    );
    launch.plan("kimi", |plan, warnings| {
        assert!(plan.redirect && plan.gateway.is_none() && warnings.is_empty());
        assert_eq!(plan.needs.as_slice().len(), 1);
        assert_eq!(plan.key, plan.hidden);
        assert!(plan.key.is_some());
    });
}

#[test]
fn the_table_says_which_names_a_redirect_sets() {
    let launch = Launch { exec: LOCAL, environment: &["LOCAL=k"], ..Launch::default() };
    let lines = launch.set("local");
    let names = lines.iter().map(|line| name_of(line));
    let mut set: Vec<&str> = names.filter(|name| !name.starts_with("JACKIN_EXEC_")).collect();
    set.sort_unstable();
    let table = catalog::REDIRECT_NAMES.iter().filter(|name| name.set).map(|name| name.name);
    let mut table: Vec<&str> = table.collect();
    table.sort_unstable();
    assert_eq!(set, table);
}

#[test]
fn a_redirect_removes_every_name_of_the_table_that_it_does_not_set() {
    for (id, launch) in [
        ("kimi", Launch { environment: KEY, ..Launch::default() }),
        ("local", Launch { exec: LOCAL, environment: &["LOCAL=k"], ..Launch::default() }),
    ] {
        let lines = launch.lines(id);
        let own = catalog::OWN_NAMES.iter().copied();
        for name in catalog::removed_names().chain(own).chain(["JACKIN_EXEC_NAMES"]) {
            let set = lines.iter().any(|line| line.starts_with(&format!("+{name}=")));
            let unset = lines.contains(&format!("-{name}"));
            assert!(set != unset, "{id}: {name} set {set}, unset {unset}");
        }
        let mut names: Vec<&str> = lines.iter().map(|line| name_of(line)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{id} decides a name twice");
    }
}

#[test]
fn models_for_tiers_of_the_future_do_not_survive_a_redirect() {
    let environment =
        &["KIMI_CODE_API_KEY=k", "ANTHROPIC_DEFAULT_SAGA_MODEL=x", "ANTHROPIC_DEFAULT_X=y"];
    let global = "[env]\nANTHROPIC_DEFAULT_EPIC_MODEL = \"x\"\n";
    let launch = Launch { global, environment, ..Launch::default() };
    assert!(launch.unsets("kimi", "ANTHROPIC_DEFAULT_SAGA_MODEL"));
    assert!(launch.unsets("kimi", "ANTHROPIC_DEFAULT_EPIC_MODEL"));
    assert!(!launch.unsets("kimi", "ANTHROPIC_DEFAULT_X"));
}

#[test]
fn the_key_is_sent_as_the_provider_wants_it() {
    for (exec, header) in [
        ("auth = \"bearer\"\n", None),
        (
            "auth = \"x-api-key\"\n",
            Some("+ANTHROPIC_CUSTOM_HEADERS=x-api-key: <MINE inherited environment>"),
        ),
    ] {
        let exec = format!(
            "[providers.mine]\nbase_url = \"https://mine.example\"\nkey_env = \"MINE\"\nmodel = \"m\"\n{exec}"
        );
        let launch = Launch { exec: &exec, environment: &["MINE=k"], ..Launch::default() };
        let lines = launch.lines("mine");
        let found = lines.iter().find(|line| line.contains("ANTHROPIC_CUSTOM_HEADERS"));
        let expected = header.unwrap_or("-ANTHROPIC_CUSTOM_HEADERS");
        assert_eq!(found.map(String::as_str), Some(expected));
    }
    let free =
        "[providers.free]\nbase_url = \"https://free.example\"\nkey = false\nmodel = \"m\"\n";
    let launch = Launch { exec: free, ..Launch::default() };
    assert!(launch.set("free").contains(&format!("+{TOKEN}={DUMMY_TOKEN}")));
    launch.plan("free", |plan, _| assert!(plan.key.is_none() && plan.hidden.is_none()));
}

#[test]
fn the_window_is_told_for_ids_without_a_million() {
    for (models, tokens, told, small) in [
        ("model = \"m\"\n", 1000, true, true),
        ("model = \"m\"\n", 999_999, true, true),
        ("model = \"m\"\n", 1_000_000, true, false),
        ("model = \"m[1m]\"\n", 1000, false, false),
        ("models = { opus = \"m[1m]\", sonnet = \"m\", haiku = \"m\" }\n", 1000, true, false),
    ] {
        let exec = format!(
            "[providers.mine]\nbase_url = \"https://mine.example\"\nkey = false\n{models}context_tokens = {tokens}\n"
        );
        let launch = Launch { exec: &exec, ..Launch::default() };
        let lines = launch.lines("mine");
        let line = format!("+CLAUDE_CODE_MAX_CONTEXT_TOKENS={tokens}");
        assert_eq!(lines.contains(&line), told, "{models} {tokens}");
        let line = "+CLAUDE_CODE_DISABLE_1M_CONTEXT=1".to_owned();
        assert_eq!(lines.contains(&line), small, "{models} {tokens}");
    }
}

#[test]
fn a_model_that_was_typed_is_asked_for_in_every_tier() {
    let launch = Launch { environment: KEY, model: Some("k3-256k"), ..Launch::default() };
    let lines = launch.set("kimi");
    for tier in ["FABLE", "OPUS", "SONNET", "HAIKU"] {
        assert!(lines.contains(&format!("+ANTHROPIC_DEFAULT_{tier}_MODEL=k3-256k")));
    }
}

#[test]
fn a_provider_on_this_machine_is_not_looked_for_through_a_proxy() {
    let of = |global: &str, environment: &[&str]| {
        let launch = Launch { global, exec: LOCAL, environment, ..Launch::default() };
        let mut lines = launch.set("local");
        lines.retain(|line| line.to_ascii_uppercase().contains("NO_PROXY="));
        lines
    };
    for (environment, value) in [
        (&["LOCAL=k"][..], "127.0.0.1"),
        (&["LOCAL=k", "NO_PROXY=a", "no_proxy=a"][..], "a,127.0.0.1"),
        (&["LOCAL=k", "NO_PROXY=", "no_proxy="][..], "127.0.0.1"),
        (
            &["LOCAL=k", "NO_PROXY=a, 127.0.0.1 ,b", "no_proxy=a, 127.0.0.1 ,b"][..],
            "a, 127.0.0.1 ,b",
        ),
    ] {
        let expected = [format!("+NO_PROXY={value}"), format!("+no_proxy={value}")];
        assert_eq!(of("", environment), expected);
    }
    assert_eq!(
        of(
            "[env]\nNO_PROXY = \"b\"\nno_proxy = { value = \"c\", on_demand = true }\n",
            &["LOCAL=k"]
        ),
        ["+NO_PROXY=<NO_PROXY literal global>,127.0.0.1", "+no_proxy=127.0.0.1"]
    );
    let launch = Launch { environment: KEY, ..Launch::default() };
    assert!(!launch.lines("kimi").iter().any(|line| line.contains("NO_PROXY")));
}

#[test]
fn what_the_operator_says_is_set_unless_it_is_the_redirects_or_changes_the_host() {
    let global = "[env]\nA = \"a\"\nPATH = \"/x\"\nHOME = \"/x\"\nLD_PRELOAD = \"x\"\nDYLD_X = \"x\"\nSHELL = \"x\"\n\
         NODE_OPTIONS = \"x\"\nBUN_OPTIONS = \"x\"\nJACKIN_EXEC_X = \"x\"\n\
         ANTHROPIC_BASE_URL = \"https://x\"\nON_DEMAND = { value = \"x\", on_demand = true }\nZAI_API_KEY = \"x\"\n";
    let environment = &["KIMI_CODE_API_KEY=k", "ZAI_API_KEY=k"];
    let launch =
        Launch { global, exec: "allow_env = [\"PATH\"]\n", environment, ..Launch::default() };
    let mut set = launch.set("kimi");
    set.retain(|line| line.ends_with(" global>"));
    assert_eq!(set, ["+A=<A literal global>", "+PATH=<PATH literal global>"]);
    assert!(launch.unsets("kimi", "ZAI_API_KEY"));
    launch.plan("kimi", |_, warnings| {
        let mut left_out = Vec::new();
        for warning in warnings {
            let Warning::ChangesTheHost { name, scope: "global" } = warning else {
                panic!("{warning:?}");
            };
            left_out.push(name.as_str());
        }
        let expected = [
            "BUN_OPTIONS",
            "DYLD_X",
            "HOME",
            "JACKIN_EXEC_X",
            "LD_PRELOAD",
            "NODE_OPTIONS",
            "SHELL",
        ];
        assert_eq!(left_out, expected);
    });
    let plain = launch.set("anthropic");
    assert!(plain.contains(&"+ANTHROPIC_BASE_URL=<ANTHROPIC_BASE_URL literal global>".to_owned()));
}

#[test]
fn keys_reach_the_command_only_if_they_are_passed_on() {
    let global = "[env]\nKIMI_CODE_API_KEY = \"x\"\nZAI_API_KEY = \"$CLIENT_ZAI\"\nANTHROPIC_API_KEY = \"y\"\n";
    let inherited =
        &["KIMI_CODE_API_KEY=k", "ZAI_API_KEY=k", "MINIMAX_API_KEY=k", "ZAI_CN_API_KEY=k"];
    let launch = Launch { global, environment: inherited, ..Launch::default() };
    for name in [
        "KIMI_CODE_API_KEY",
        "ZAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "CLIENT_ZAI",
        "MINIMAX_API_KEY",
        "ZAI_CN_API_KEY",
    ] {
        assert!(launch.unsets("kimi", name), "{name}");
    }
    // Anthropic's own key is the client's credential, where nothing is redirected.
    assert!(
        launch
            .set("anthropic")
            .contains(&"+ANTHROPIC_API_KEY=<ANTHROPIC_API_KEY literal global>".to_owned())
    );
    assert!(launch.unsets("anthropic", "KIMI_CODE_API_KEY"));
    let passed = Launch { global, environment: inherited, pass_keys: true, ..Launch::default() };
    let set = passed.set("kimi");
    assert!(set.contains(&"+KIMI_CODE_API_KEY=<KIMI_CODE_API_KEY literal global>".to_owned()));
    assert!(set.contains(&"+ZAI_API_KEY=<ZAI_API_KEY host global>".to_owned()));
    assert!(!passed.unsets("kimi", "CLIENT_ZAI") && !passed.unsets("kimi", "MINIMAX_API_KEY"));
    passed.plan("kimi", |plan, _| {
        assert!(plan.key.is_some() && plan.hidden.is_none());
        let keys = plan.needs.as_slice().iter().filter(|need| need.key == "KIMI_CODE_API_KEY");
        assert_eq!(keys.count(), 1, "the key is fetched once");
    });
}

#[test]
fn a_value_of_another_origin_is_another_need() {
    // The provider's own variable has the name of its key, and another value.
    let exec = "[providers.mine]\nbase_url = \"https://mine.example\"\nkey_env = \"MINE\"\nmodel = \"m\"\n\
         env = { MINE = \"other\" }\n";
    let launch = Launch { exec, environment: &["MINE=k"], pass_keys: true, ..Launch::default() };
    let set = launch.set("mine");
    assert!(set.contains(&"+ANTHROPIC_AUTH_TOKEN=<MINE inherited environment>".to_owned()));
    assert!(set.contains(&"+MINE=<MINE literal provider>".to_owned()), "{set:?}");
}

#[test]
fn the_variable_from_which_a_key_is_read_goes_with_it_unless_others_need_it() {
    let global = |source: &str| format!("[env]\nZAI_API_KEY = \"${source}\"\n");
    for (source, goes) in [
        ("CLIENT_ZAI", true),
        ("ANTHROPIC_X", false),
        ("HOME", false),
        ("LD_X", false),
        ("JACKIN_EXEC_X", false),
    ] {
        let global = global(source);
        let launch = Launch { global: &global, environment: KEY, ..Launch::default() };
        assert_eq!(launch.unsets("kimi", source), goes, "{source}");
    }
    let set_too = "[env]\nZAI_API_KEY = \"$CLIENT_ZAI\"\nCLIENT_ZAI = \"x\"\n";
    let launch = Launch { global: set_too, environment: KEY, ..Launch::default() };
    assert!(!launch.unsets("kimi", "CLIENT_ZAI"), "the operator says what it is");
}

#[test]
fn helpers_see_no_provider_key_under_any_name() {
    let mut offences = Vec::new();
    let text =
        "[env]\nZAI_API_KEY = \"$CLIENT_ZAI\"\nOTHER = \"$X\"\nMINIMAX_API_KEY = \"$HOME\"\n";
    let global = config::global(Path::new("config.toml"), text, &mut offences).unwrap();
    let text = format!("{LOCAL}[env]\nZAI_API_KEY = \"$OURS\"\n");
    let exec = config::exec(Path::new("exec.toml"), &text, &mut offences).unwrap();
    let settings = scope::settings(&global, &exec, Selection::default(), &mut Vec::new()).unwrap();
    let providers = provider::providers(&exec.providers).unwrap();
    let candidates = availability::candidates(providers, &settings, &Environment::of(&[]));
    let hidden = hidden_names(&candidates, &settings);
    let has = |name: &str| hidden.iter().any(|hidden| hidden == name);
    for name in ["KIMI_CODE_API_KEY", "ZAI_API_KEY", "LOCAL", "CLIENT_ZAI", "OURS", TOKEN] {
        assert!(has(name), "{name}");
    }
    for name in ["OTHER", "X", "HOME"] {
        assert!(!has(name), "{name}");
    }
}

#[test]
fn an_exported_redirect_to_a_provider_is_removed_for_anthropic() {
    let leftover = "ANTHROPIC_BASE_URL=https://api.kimi.com/coding/x?y";
    let launch =
        Launch { environment: &[leftover, "ANTHROPIC_DEFAULT_SAGA_MODEL=x"], ..Launch::default() };
    let lines = launch.lines("anthropic");
    let own = catalog::OWN_NAMES.iter().copied();
    let names = catalog::leftover_names().chain(own).chain(["ANTHROPIC_DEFAULT_SAGA_MODEL"]);
    for name in names {
        assert!(lines.contains(&format!("-{name}")), "{name}");
        assert!(catalog::is_leftover(name), "{name}");
    }
    // As today's and yesterday's redirects set them.
    for name in [
        "API_TIMEOUT_MS",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
        "ENABLE_TOOL_SEARCH",
        "ANTHROPIC_MODEL",
    ] {
        assert!(lines.contains(&format!("-{name}")), "{name}");
    }
    assert!(!catalog::is_leftover("CLAUDE_CODE_OAUTH_TOKEN"));
    launch.plan("anthropic", |plan, warnings| {
        assert_eq!(warnings, [Warning::Leftover]);
        assert!(plan.gateway.is_none() && !plan.redirect);
    });
    let global = "[env]\nANTHROPIC_BASE_URL = \"https://mine.example\"\n";
    let own = Launch { global, environment: &[leftover], ..Launch::default() };
    assert!(!own.unsets("anthropic", "ANTHROPIC_BASE_URL"), "the operator says what it is");
}

#[test]
fn a_gateway_of_the_users_own_stays_and_its_host_is_said() {
    for (environment, gateway, unset) in [
        (&[][..], None, false),
        (&["ANTHROPIC_BASE_URL=https://mine.example/x"][..], Some("mine.example"), false),
        (
            &["ANTHROPIC_BASE_URL=https://mine.example", "JACKIN_EXEC_NAMES=ANTHROPIC_BASE_URL"][..],
            None,
            true,
        ),
        (
            &["ANTHROPIC_BASE_URL=https://api.kimi.com/coding", "JACKIN_EXEC_NAMES=X"][..],
            None,
            true,
        ),
    ] {
        let launch = Launch { environment, ..Launch::default() };
        launch.plan("anthropic", |plan, _| assert_eq!(plan.gateway.as_deref(), gateway));
        assert_eq!(launch.unsets("anthropic", "ANTHROPIC_BASE_URL"), unset, "{environment:?}");
    }
    let global = "[env]\nANTHROPIC_BASE_URL = \"https://theirs.example\"\n";
    let environment = &["ANTHROPIC_BASE_URL=https://mine.example"];
    let launch = Launch { global, environment, ..Launch::default() };
    launch.plan("anthropic", |plan, _| assert_eq!(plan.gateway, None, "it is replaced"));
}

#[test]
fn what_an_outer_session_set_goes_first() {
    let environment = &["JACKIN_EXEC_NAMES=A,,B=C,D", "KIMI_CODE_API_KEY=k"];
    assert_eq!(outer_names(&Environment::of(environment)), ["A", "D"]);
    let launch = Launch { environment, ..Launch::default() };
    for id in ["anthropic", "kimi"] {
        assert!(launch.unsets(id, "A") && launch.unsets(id, "D"));
        assert!(!launch.unsets(id, "B=C") && !launch.unsets(id, ""));
    }
    assert!(launch.unsets("anthropic", "JACKIN_EXEC_NAMES"));
}

#[test]
fn a_title_is_kept_from_the_client_and_given_back_by_an_inner_session() {
    let launch = Launch { environment: KEY, title: true, ..Launch::default() };
    let line = format!("+{KEEPS_TITLE}=1");
    assert!(launch.set("kimi").contains(&line) && launch.set("anthropic").contains(&line));
    assert!(launch.set("anthropic").contains(&format!("+{SET_NAMES}={KEEPS_TITLE}")));
    let without = Launch { environment: KEY, ..Launch::default() };
    assert!(!without.set("anthropic").contains(&line));
    assert!(without.unsets("anthropic", SET_NAMES));
}

#[test]
fn the_words_are_the_command_or_arguments_of_the_default_one() {
    for (words, escaped, expected) in [
        (&[][..], false, &["claude", "--x"][..]),
        (&["codex", "-p"][..], false, &["codex", "-p"][..]),
        (&["codex"][..], true, &["codex"][..]),
        (&["-p", "hi"][..], true, &["claude", "--x", "-p", "hi"][..]),
        (&["-p", "hi"][..], false, &["-p", "hi"][..]),
    ] {
        let launch = Launch { words, escaped, ..Launch::default() };
        launch.plan("anthropic", |plan, _| assert_eq!(plan.command, expected, "{words:?}"));
    }
}

#[test]
fn a_plan_is_shown_without_values_that_may_not_be() {
    let global = "[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n";
    let words = &["claude", "it's"];
    let launch = Launch { global, words, environment: &["ZAI_API_KEY=k"], ..Launch::default() };
    launch.plan("kimi", |plan, _| {
        let text = plan.to_text(|name| name == "ANTHROPIC_API_KEY" || name == "ZAI_API_KEY");
        let json = plan.to_json();
        assert!(!text.contains("SENTINEL") && !json.contains("SENTINEL"));
        let (head, tail) = text.split_once("\nunset\n").unwrap();
        assert!(head.starts_with(
            "provider   Kimi (kimi), from --provider\nlabel      Claude (Label)\nworkspace  none\n\
             role       none\ncommand    claude 'it'\\''s'\n\nset\n  A=•••  (literal, global)\n  \
             ANTHROPIC_AUTH_TOKEN=•••  (KIMI_CODE_API_KEY op op://v/i/f, global)\n  \
             ANTHROPIC_BASE_URL=https://api.kimi.com/coding\n"
        ), "{head}");
        assert!(head.contains("  JACKIN_EXEC_NAMES=…  (13 names, for a session inside of this one)\n"));
        let others = plan.assignments.iter().filter(|one| matches!(one.action, Action::Unset)).count() - 2;
        assert_eq!(
            tail,
            format!(
                "  ANTHROPIC_API_KEY  (another credential)\n  ZAI_API_KEY  (not for this session)\n\n\
                 {others} more names would be unset, but are not set here (--json lists them)\n"
            )
        );
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["provider"], serde_json::json!({"id": "kimi", "label": "Kimi", "origin": "flag"}));
        assert_eq!(json["command"], serde_json::json!(["claude", "it's"]));
        assert_eq!(
            json["env"][0],
            serde_json::json!({"name": "A", "action": "set", "secret": true, "kind": "literal", "origin": "global"})
        );
        assert_eq!(
            json["env"][1],
            serde_json::json!({
                "name": "ANTHROPIC_AUTH_TOKEN", "action": "set", "secret": true,
                "key": "KIMI_CODE_API_KEY", "kind": "op", "reference": "op://v/i/f", "origin": "global"
            })
        );
        assert_eq!(
            json["env"][2],
            serde_json::json!({
                "name": "ANTHROPIC_BASE_URL", "action": "set", "secret": false,
                "value": "https://api.kimi.com/coding", "origin": "provider"
            })
        );
        let unset = serde_json::json!({"name": "ANTHROPIC_API_KEY", "action": "unset", "origin": "provider"});
        assert!(json["env"].as_array().unwrap().contains(&unset));
    });
}

#[test]
fn one_name_is_a_name_and_nothing_else_is_said_where_nothing_is_unset() {
    let launch = Launch { title: true, words: &["x"], ..Launch::default() };
    launch.plan("anthropic", |plan, _| {
        let text = plan.to_text(|_| false);
        assert!(text.contains("JACKIN_EXEC_NAMES=…  (1 name, for a session"), "{text}");
        assert!(!text.contains("\nunset\n"), "{text}");
    });
}

#[test]
fn a_need_says_where_its_value_is_and_never_what_it_is() {
    let global = "[env]\nA = \"SENTINEL\"\nB = \"\"\nC = \"$V\"\nD = \"op://v/i/f\"\n";
    let exec = "[env]\nE = { file = \"/f\" }\nF = { command = [\"pass\", \"SENTINEL\"] }\n";
    let launch = Launch { global, exec, ..Launch::default() };
    launch.plan("anthropic", |plan, _| {
        let mut said = Vec::new();
        for need in plan.needs.as_slice() {
            said.push((need.kind(), need.reference(), need.wants_helper()));
        }
        let reference = |text: &str| Some(text.to_owned());
        assert_eq!(
            said,
            [
                ("literal", None, false),
                ("literal", None, false),
                ("host", reference("$V"), false),
                ("op", reference("op://v/i/f"), true),
                ("file", reference("/f"), false),
                ("command", reference("pass"), true),
            ]
        );
    });
    let launch = Launch { environment: &["KIMI_CODE_API_KEY_FILE=SENTINEL"], ..Launch::default() };
    launch.plan("kimi", |plan, _| {
        assert_eq!(plan.needs.as_slice()[0].reference(), None, "what is no path may be a key");
    });
}

#[test]
#[should_panic(expected = "one value for each need")]
fn values_that_are_not_one_for_each_need_are_refused() {
    let launch = Launch { environment: KEY, ..Launch::default() };
    launch.plan("kimi", |plan, _| drop(plan.needs.with(vec![1, 2])));
}
