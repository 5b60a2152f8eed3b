mod operator;
mod policy;
mod redirect;
mod show;

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
    picked: &'a [&'a str],
    title: bool,
    words: &'a [&'a str],
    escaped: bool,
    role_model: Option<&'a str>,
    /// The link's file, and whether a process that it starts reads the same configuration.
    link: Option<(&'a str, bool)>,
}

impl Launch<'_> {
    fn plan(&self, id: &str, check: impl FnOnce(&mut Plan<'_>, &[Warning])) {
        let mut offences = Vec::new();
        let global = config::global(Path::new("config.toml"), self.global, &mut offences).unwrap();
        let exec = config::exec(Path::new("exec.toml"), self.exec, &mut offences).unwrap();
        assert_eq!(offences, []);
        let selection = Selection { workspace: None, role: None, ..Selection::default() };
        let settings = scope::settings(&global, &exec, selection, &mut Vec::new()).unwrap();
        let environment = Environment::of(self.environment);
        let inner = environment.without(&outer_names(&environment));
        let provider::Providers { usable: providers, wrong } = provider::providers(&exec);
        let candidates = availability::candidates(providers, &settings, &inner);
        let chosen = candidates.iter().find(|one| one.provider.id == id).unwrap();
        let words = self.words.iter().map(OsString::from).collect();
        let mut warnings = Vec::new();
        let inputs = Inputs {
            candidates: &candidates,
            wrong: &wrong,
            chosen: chosen.usable().unwrap(),
            by: By::Flag,
            model: self.model,
            role_model: self.role_model,
            label: "Claude (Label)",
            link: self.link.map(|(path, alike)| Link { path: Path::new(path), alike }),
            settings: &settings,
            allow_env: &exec.allow_env,
            environment: &environment,
            words: &Words { words, escaped: self.escaped },
            default_command: &["claude".to_owned(), "--x".to_owned()],
            pass_keys: self.pass_keys,
            picked: self.picked,
            title: self.title,
        };
        check(&mut plan(inputs, &mut warnings), &warnings);
    }

    /// What the plan does, see [`lines_of`].
    fn lines(&self, id: &str) -> Vec<String> {
        let mut lines = Vec::new();
        self.plan(id, |plan, _| lines = lines_of(plan));
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

/// What a plan does, a line each: `+NAME=VALUE`, `+NAME=<NEED>` or `-NAME`.
fn lines_of(plan: &Plan<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for Assignment { name, action, .. } in &plan.assignments {
        lines.push(match action {
            Action::Unset => format!("-{name}"),
            Action::Public(value) => format!("+{name}={}", value.to_string_lossy()),
            Action::Secret { need, around } => {
                let Around { prefix, suffix } = around.as_deref().cloned().unwrap_or_default();
                format!("+{name}={prefix}{}{suffix}", shown(plan, *need))
            }
            Action::Header(header) => {
                let key = header.key.map_or_else(String::new, |(before, key)| {
                    format!("{before}{}", shown(plan, key))
                });
                format!("+{name}={key}{}{}", header.text, shown(plan, header.need))
            }
        });
    }
    lines
}

fn shown(plan: &Plan<'_>, need: NeedId) -> String {
    let need = plan.needs.get(need);
    format!("<{} {} {}>", need.key, need.kind(), need.origin.word())
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
fn an_on_demand_value_that_was_picked_is_set_as_any_other() {
    let global = "[env]\nA = { value = \"a\", on_demand = true }\nB = { value = \"$X\", on_demand = true }\n\
         PATH = { value = \"x\", on_demand = true }\nANTHROPIC_BASE_URL = { value = \"x\", on_demand = true }\n\
         ZAI_API_KEY = { value = \"x\", on_demand = true }\n";
    let all = ["A", "B", "PATH", "ANTHROPIC_BASE_URL", "ZAI_API_KEY"];
    for (id, picked, expected, left) in [
        ("kimi", &[] as &[&str], &[] as &[&str], &["A", "B", "PATH"] as &[&str]),
        ("kimi", &["B"], &["+B=<B host global>"], &["A", "PATH"]),
        ("kimi", &all, &["+A=<A literal global>", "+B=<B host global>"], &[]),
    ] {
        let launch = Launch { global, environment: KEY, picked, ..Launch::default() };
        let mut set = launch.set(id);
        set.retain(|line| line.ends_with(" global>"));
        assert_eq!(set, expected, "{picked:?}");
        launch.plan(id, |plan, _| {
            let names: Vec<&str> = plan.on_demand.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, left, "{picked:?}");
        });
    }
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
            match warning {
                Warning::ChangesTheHost { name, scope: "global" } => left_out.push(name.as_str()),
                Warning::Overruled { names, .. } => assert_eq!(names, &["ANTHROPIC_BASE_URL"]),
                _ => panic!("{warning:?}"),
            }
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
        assert!(plan.key.is_some() && plan.hidden == [None; 2]);
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
        ("ANTHROPIC_ZAI", true),
        ("CLAUDE_ZAI", true),
        ("ANTHROPIC_AUTH_TOKEN", false),
        ("ANTHROPIC_DEFAULT_NEW_MODEL", false),
        ("HOME", false),
        ("LD_X", false),
        ("JACKIN_EXEC_X", false),
    ] {
        let global = global(source);
        let launch = Launch { global: &global, environment: KEY, ..Launch::default() };
        for id in ["kimi", "anthropic"] {
            assert_eq!(launch.unsets(id, source), goes, "{id} {source}");
        }
    }
    let set_too = "[env]\nZAI_API_KEY = \"$CLIENT_ZAI\"\nCLIENT_ZAI = \"x\"\n";
    let launch = Launch { global: set_too, environment: KEY, ..Launch::default() };
    assert!(!launch.unsets("kimi", "CLIENT_ZAI"), "the operator says what it is");
}

/// Tables that make no provider: a key that nobody knows, one that is missing, and a wrong value.
const UNUSABLE: [&str; 4] = [
    "[providers.corp]\nkey_env = \"CORP_KEY\"\nbase_url = \"https://gw.example/v1\"\nmodel = \"m\"\n",
    "[providers.corp]\nkey_env = \"CORP_KEY\"\nbase_url = \"https://gw.example\"\nmodle = \"m\"\n",
    "[providers.corp]\nkey_env = \"CORP_KEY\"\nkey = false\n",
    "[providers.zai]\nkey_env = \"CORP_KEY\"\ncontext_tokens = \"many\"\n",
];

#[test]
fn the_key_of_a_provider_that_cannot_be_used_is_removed_all_the_same() {
    for table in UNUSABLE {
        let exec = format!("[env]\nCORP_KEY = \"$CORP_SRC\"\n{table}");
        let environment = &["KIMI_CODE_API_KEY=k", "CORP_KEY=k", "CORP_SRC=k"];
        let launch = Launch { exec: &exec, environment, ..Launch::default() };
        for id in ["kimi", "anthropic"] {
            assert!(!launch.set(id).iter().any(|set| set.starts_with("+CORP_KEY=")), "{table}");
            assert!(launch.unsets(id, "CORP_KEY"), "{id} {table}");
            assert!(launch.unsets(id, "CORP_SRC"), "{id} {table}");
        }
    }
    // A name that the host needs is no key's, however wrong the table.
    for name in ["PATH", "CLAUDE_CONFIG_DIR"] {
        let exec = format!("[providers.corp]\nkey_env = \"{name}\"\n");
        let environment = &["KIMI_CODE_API_KEY=k", "PATH=/bin", "CLAUDE_CONFIG_DIR=/x"];
        let launch = Launch { exec: &exec, environment, ..Launch::default() };
        assert!(!launch.unsets("kimi", name), "{name}");
    }
}

#[test]
fn helpers_see_no_provider_key_under_any_name() {
    let mut offences = Vec::new();
    let text =
        "[env]\nZAI_API_KEY = \"$CLIENT_ZAI\"\nOTHER = \"$X\"\nMINIMAX_API_KEY = \"$HOME\"\n";
    let global = config::global(Path::new("config.toml"), text, &mut offences).unwrap();
    let [unusable, ..] = UNUSABLE;
    let text =
        format!("{LOCAL}{unusable}[env]\nZAI_API_KEY = \"$OURS\"\nCORP_KEY = \"$CORP_SRC\"\n");
    let exec = config::exec(Path::new("exec.toml"), &text, &mut offences).unwrap();
    let settings = scope::settings(&global, &exec, Selection::default(), &mut Vec::new()).unwrap();
    let provider::Providers { usable: providers, wrong } = provider::providers(&exec);
    let candidates = availability::candidates(providers, &settings, &Environment::of(&[]));
    let hidden = hidden_names(&candidates, &wrong, &settings);
    let has = |name: &str| hidden.iter().any(|hidden| hidden == name);
    for name in ["KIMI_CODE_API_KEY", "ZAI_API_KEY", "LOCAL", "CLIENT_ZAI", "OURS", TOKEN] {
        assert!(has(name), "{name}");
    }
    for name in
        ["CORP_KEY", "CORP_SRC", HEADERS, "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_GATEWAY_TOKEN"]
    {
        assert!(has(name), "{name}");
    }
    assert!(has("CLAUDE_CODE_HOST_CREDS_FILE"), "a credential by its meaning, not by its name");
    for name in ["OTHER", "X", "HOME", "ANTHROPIC_BASE_URL"] {
        assert!(!has(name), "{name}");
    }
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
