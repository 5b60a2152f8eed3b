use super::*;

#[test]
fn kimi_is_the_seven_variables_and_what_todays_client_needs() {
    let launch = Launch { environment: KEY, ..Launch::default() };
    let names = "ANTHROPIC_AUTH_TOKEN,ANTHROPIC_BASE_URL,ANTHROPIC_DEFAULT_OPUS_MODEL,\
         ANTHROPIC_DEFAULT_SONNET_MODEL,ANTHROPIC_DEFAULT_HAIKU_MODEL,API_TIMEOUT_MS,\
         CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC,ANTHROPIC_DEFAULT_FABLE_MODEL,ANTHROPIC_MODEL,\
         CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST,CLAUDE_CODE_MAX_CONTEXT_TOKENS,\
         CLAUDE_CODE_DISABLE_1M_CONTEXT,ENABLE_TOOL_SEARCH,CLAUDE_CODE_DISABLE_AGENT_VIEW,\
         DISABLE_LOGOUT_COMMAND";
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
            "+ANTHROPIC_MODEL=kimi-for-coding",
            "+CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=1",
            "+CLAUDE_CODE_MAX_CONTEXT_TOKENS=262144",
            "+CLAUDE_CODE_DISABLE_1M_CONTEXT=1",
            "+ENABLE_TOOL_SEARCH=false",
            "+CLAUDE_CODE_DISABLE_AGENT_VIEW=1",
            "+DISABLE_LOGOUT_COMMAND=1",
            &format!("+JACKIN_EXEC_NAMES={names}"),
            "+JACKIN_EXEC_ACTIVE=kimi",
            "+JACKIN_EXEC_LABEL=Claude (Label)",
        ]
    );
    launch.plan("kimi", |plan, warnings| {
        assert!(plan.redirect && plan.gateway.is_none() && warnings.is_empty());
        assert_eq!(plan.needs.as_slice().len(), 1);
        assert_eq!(plan.hidden, [plan.key, None]);
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
    // What it suggests, anybody may set otherwise.
    let suggested = ["CLAUDE_CODE_DISABLE_AGENT_VIEW", "DISABLE_LOGOUT_COMMAND"];
    let mut table: Vec<&str> = table.chain(suggested).collect();
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
        for name in catalog::removed_names().chain(["JACKIN_EXEC_NAMES"]) {
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
    launch.plan("free", |plan, _| assert!(plan.key.is_none() && plan.hidden == [None; 2]));
}

#[test]
fn the_window_is_set_for_ids_without_a_million() {
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
        assert_eq!(warnings, [Warning::Leftover { keys: Vec::new() }]);
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
fn what_is_suggested_yields_to_the_shell_but_not_to_an_outer_redirect() {
    const NAME: &str = "DISABLE_LOGOUT_COMMAND";
    for (environment, expected) in [
        (&["KIMI_CODE_API_KEY=k"][..], &["+DISABLE_LOGOUT_COMMAND=1"][..]),
        (&["KIMI_CODE_API_KEY=k", "DISABLE_LOGOUT_COMMAND=0"], &[]),
        (
            &[
                "KIMI_CODE_API_KEY=k",
                "DISABLE_LOGOUT_COMMAND=0",
                "JACKIN_EXEC_NAMES=DISABLE_LOGOUT_COMMAND",
            ],
            &["+DISABLE_LOGOUT_COMMAND=1"],
        ),
    ] {
        let mut lines = Launch { environment, ..Launch::default() }.lines("kimi");
        lines.retain(|line| name_of(line) == NAME);
        assert_eq!(lines, expected, "{environment:?}");
    }
}

#[test]
fn a_link_resumes_the_session_and_starts_team_mates_where_they_find_the_key() {
    const RESUME: &str = "CLAUDE_CODE_RESUME_HINT_COMMAND=claude-kimi";
    const MATES: &str = "CLAUDE_CODE_TEAMMATE_COMMAND=/bin/claude-kimi";
    let literal = "[env]\nKIMI_CODE_API_KEY = \"k\"\n";
    let of_shell = "[env]\nKIMI_CODE_API_KEY = \"$MINE\"\n";
    for (global, environment, link, resumes, mates) in [
        (literal, &[][..], ("/bin/claude-kimi", true), true, true),
        (literal, &[], ("/bin/claude-kimi", false), true, false),
        ("", KEY, ("/bin/claude-kimi", true), true, false),
        (of_shell, &["MINE=k"], ("/bin/claude-kimi", true), true, false),
        (literal, &[], ("/bin/claude kimi", true), false, false),
    ] {
        let launch = Launch { global, environment, link: Some(link), ..Launch::default() };
        let lines = launch.set("kimi");
        let sets = |line: &str| lines.contains(&format!("+{line}"));
        assert_eq!((sets(RESUME), sets(MATES)), (resumes, mates), "{global} {link:?}");
        let hints = lines.iter().any(|line| name_of(line) == "CLAUDE_CODE_RESUME_HINT_COMMAND");
        assert_eq!(hints, resumes, "{link:?}");
    }
    let exec =
        "[providers.free]\nbase_url = \"https://free.example\"\nkey = false\nmodel = \"m\"\n";
    let launch = Launch { exec, link: Some(("/bin/claude-free", true)), ..Launch::default() };
    let mates = "+CLAUDE_CODE_TEAMMATE_COMMAND=/bin/claude-free".to_owned();
    assert!(launch.set("free").contains(&mates), "no key has to be found");
}

#[test]
fn a_name_of_another_preset_goes_with_that_presets_value_only() {
    for (global, environment, expected) in [
        ("", "CLAUDE_CODE_AUTO_COMPACT_WINDOW=786432", &["-CLAUDE_CODE_AUTO_COMPACT_WINDOW"][..]),
        ("", "CLAUDE_CODE_AUTO_COMPACT_WINDOW=mine", &[]),
        (
            "[env]\nCLAUDE_CODE_AUTO_COMPACT_WINDOW = \"x\"\n",
            "CLAUDE_CODE_AUTO_COMPACT_WINDOW=786432",
            &["+CLAUDE_CODE_AUTO_COMPACT_WINDOW=<CLAUDE_CODE_AUTO_COMPACT_WINDOW literal global>"],
        ),
    ] {
        let environment = &["LOCAL=k", environment];
        let launch = Launch { global, exec: LOCAL, environment, ..Launch::default() };
        let mut lines = launch.lines("local");
        lines.retain(|line| name_of(line) == "CLAUDE_CODE_AUTO_COMPACT_WINDOW");
        assert_eq!(lines, expected, "{global} {environment:?}");
    }
}

#[test]
fn models_of_a_roles_manifest_have_it_as_their_origin() {
    for (role_model, model, manifest) in
        [(None, None, false), (Some("m"), None, true), (Some("m"), Some("typed"), false)]
    {
        let launch = Launch { environment: KEY, role_model, model, ..Launch::default() };
        launch.plan("kimi", |plan, _| {
            for assignment in &plan.assignments {
                let name = &*assignment.name;
                let names_a_model =
                    name == "ANTHROPIC_MODEL" || catalog::maps_a_tier(name.as_bytes());
                let credited = assignment.origin == Origin::Manifest;
                if !matches!(assignment.action, Action::Unset) {
                    assert_eq!(
                        credited,
                        names_a_model && manifest,
                        "{name} {role_model:?} {model:?}"
                    );
                }
            }
        });
    }
}
