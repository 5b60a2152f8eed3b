//! The catalogue as a user meets it: rows by id, by other words, by other tools' names of their
//! keys; servers on this machine.

use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn everything_about_one_row_is_shown_with_its_source_and_age() {
    let home = sandbox().env("KIMI_CODE_API_KEY", SENTINEL);
    let outcome = home.run(["providers", "kimi"]);
    for line in [
        "provider     Kimi (kimi)\n",
        "state        ready, key from environment\n",
        "base URL     https://api.kimi.com/coding\n",
        "key          KIMI_CODE_API_KEY, sent as Authorization: Bearer\n",
        "keys begin   sk-kimi-\n",
        "elsewhere    other tools say KIMI_API_KEY, KIMICODE_API_KEY\n",
        "get a key    https://www.kimi.com/code/console\n",
        "limit        a key is shown once, when it is created; an account has at most five\n",
        "limit        a membership has a weekly limit and a rate limit; ",
        "model        kimi-for-coding\n",
        "window       262144 tokens, 1000000 for an id with [1m]\n",
        "             1048576 for -m k3\n",
        "sets         ENABLE_TOOL_SEARCH=false (the endpoint answers 400 to a tool reference)\n",
        "also called  kimi-code, kimi-coding, kimi-for-coding\n",
        "unsure       whether every membership gets 1048576 tokens",
        "source       kimi.com/code/docs/",
        "checked      2026-11-26",
        "rests on     URL and header: vendor page; models: vendor page\n",
    ] {
        assert!(outcome.stdout.contains(line), "{line}in\n{}", outcome.stdout);
    }
    outcome.shows_no_secret();
}

#[test]
fn one_row_for_programs_is_an_object_with_what_exec_toml_changed() {
    let home = sandbox().exec(
        "[providers.kimi]\nmodel = \"k3\"\nenv = { MINE = \"SENTINEL-sk-kimi-0123456789\" }\n",
    );
    let outcome = home.run(["providers", "kimi", "--json"]);
    let row = outcome.json();
    assert_eq!(row["context_tokens"], 1_048_576);
    assert_eq!(row["models"]["opus"], "k3");
    assert_eq!(row["windows"]["k3-256k"], 262_144);
    assert_eq!(row["configured"], true);
    assert_eq!(row["available"], false);
    assert_eq!(row["confidence"], "vendor page");
    outcome.shows_no_secret();
}

#[test]
fn all_rows_for_programs_are_what_each_row_is() {
    let all = sandbox().run(["providers", "--all", "--json"]).json();
    let rows = all.as_array().unwrap();
    assert_eq!(rows.len(), 41);
    for id in ["anthropic", "kimi", "opencode-go", "ollama"] {
        let one = sandbox().run(["providers", id, "--json"]).json();
        assert!(rows.contains(&one), "{id}");
    }
}

#[test]
fn a_list_for_people_is_short_and_all_is_all() {
    let short = sandbox().run(["providers"]);
    short.prints(
        "anthropic  Anthropic  ready, needs no key\n\
         40 more have no key here: jackin-exec providers --all\n",
    );
    let all = sandbox().run(["providers", "--all"]).stdout;
    assert_eq!(all.lines().count(), 41, "{all}");
    assert!(all.contains("a server on this machine: ready if it runs, needs no key"), "{all}");
}

/// Words that people type for a provider, and the id that they mean.
const WORDS: &[(&str, &str)] = &[
    ("glm", "zai"),
    ("GLM", "zai"),
    ("claude", "anthropic"),
    ("kimi-ai", "kimi-global"),
    ("kimmi", "kimi"),
];

#[test]
fn a_word_that_people_use_for_a_provider_is_answered_with_its_id() {
    for (word, id) in WORDS {
        let wanted = format!("hint: did you mean {id}?\n");
        let (flag, task) =
            (sandbox().run(["-p", word, "true"]), sandbox().run(["providers", word]));
        for outcome in [flag, task] {
            assert_eq!(outcome.status, 125, "{word}");
            assert!(outcome.stderr.ends_with(&wanted), "{word}: {}", outcome.stderr);
        }
    }
}

/// Provider, a variable of other tools, and the hint.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("zai", "GLM_API_KEY", "GLM_API_KEY is set, but the name is ZAI_API_KEY"),
    ("zai", "ZHIPU_API_KEY", "ZHIPU_API_KEY is set, but the name is ZAI_API_KEY"),
    ("bigmodel", "GLM_API_KEY", "GLM_API_KEY is set, but the name is ZAI_CN_API_KEY"),
    ("qwen", "QWEN_API_KEY", "QWEN_API_KEY is set, but the name is DASHSCOPE_API_KEY"),
    (
        "moonshot-cn",
        "MOONSHOT_API_KEY",
        "MOONSHOT_API_KEY is set, which is the key of provider moonshot; jackin-exec auth set moonshot-cn asks for MOONSHOT_CN_API_KEY; or set it in the environment",
    ),
    (
        "kimi-global",
        "KIMI_CODE_API_KEY",
        "KIMI_CODE_API_KEY is set, which is the key of provider kimi; jackin-exec auth set kimi-global asks for KIMI_GLOBAL_API_KEY; or set it in the environment",
    ),
];

#[test]
fn a_key_under_the_name_of_another_tool_is_found_and_not_used() {
    for (provider, variable, hint) in ELSEWHERE {
        let outcome = sandbox().env(variable, SENTINEL).run(["-p", provider, "true"]);
        assert_eq!(outcome.status, 125, "{provider}");
        assert!(outcome.stderr.ends_with(&format!("hint: {hint}\n")), "{}", outcome.stderr);
        outcome.shows_no_secret();
    }
}

#[test]
fn a_server_on_this_machine_is_offered_only_where_exec_toml_names_it() {
    let nobody = sandbox().env("LITELLM_API_KEY", SENTINEL).run(["--dry-run", "true"]);
    assert!(
        nobody.stdout.starts_with("provider   Anthropic (anthropic), the only one with a key\n"),
        "{}",
        nobody.stderr
    );
    assert!(nobody.stdout.contains("label      Claude\n"), "{}", nobody.stdout);
    let named = sandbox().exec("[providers.ollama]\nmodel = \"m\"\n").run(["--dry-run", "true"]);
    assert_eq!(
        (named.status, named.stderr.as_str()),
        (
            125,
            "jackin-exec: no provider was named, and a dry run asks nothing; candidates: anthropic, ollama\n\
             hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n"
        )
    );
}

#[test]
fn a_server_on_this_machine_needs_a_model_from_somebody() {
    sandbox().run(["-p", "ollama", "true"]).fails(
        125,
        "jackin-exec: ollama has no model of its own\n\
         hint: name one with --model, or permanently with model = \"…\" in [providers.ollama] of exec.toml\n",
    );
    let tiers = sandbox().exec("[providers.vllm]\nmodels = { haiku = \"m\" }\n");
    let outcome = tiers.run(["-p", "vllm", "true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.contains("exec.toml:1:12: expected models with opus, or model = \"ID\""),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_server_on_this_machine_gets_a_key_if_there_is_one_and_a_dummy_if_not() {
    let words = ["-q", "-p", "litellm", "-m", "m", "sh", "-c", "echo $ANTHROPIC_AUTH_TOKEN"];
    sandbox().run(words).prints("jackin-exec-no-key\n");
    sandbox().env("LITELLM_API_KEY", "sk-1").run(words).prints("sk-1\n");
    // Whoever names a variable wants its key to be sent.
    let named = sandbox().exec("[providers.litellm]\nkey_env = \"MY_KEY\"\n");
    assert_eq!(named.run(words).status, 125);
}

#[test]
fn the_users_own_gateway_on_this_machine_is_no_leftover_of_a_redirect() {
    let home = sandbox().env("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000");
    let outcome = home.run(["-p", "anthropic", "sh", "-c", "echo $ANTHROPIC_BASE_URL"]);
    outcome.is(0, "http://127.0.0.1:4000\n", "");
}

#[test]
fn what_one_row_sets_for_everybody_is_not_taken_from_the_others() {
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", "sk-kimi-x")
        .env("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "64000")
        .env("CLAUDE_CODE_ATTRIBUTION_HEADER", "0");
    let script = "echo $CLAUDE_CODE_MAX_OUTPUT_TOKENS $CLAUDE_CODE_ATTRIBUTION_HEADER";
    home.run(["-p", "kimi", "sh", "-c", script]).is(0, "64000 0\n", "");
}

#[test]
fn a_gateway_may_take_any_vendors_key() {
    let gateway = "[providers.kimi]\nbase_url = \"https://gateway.example\"\n";
    let moved = sandbox().exec(gateway).env("KIMI_CODE_API_KEY", "sk-ant-x");
    moved.run(["-p", "kimi", "true"]).is(0, "", "");
    let local = sandbox().env("LITELLM_API_KEY", "sk-ant-x");
    let outcome = local.run(["-p", "litellm", "-m", "m", "true"]);
    assert!(!outcome.stderr.contains("begins as"), "{}", outcome.stderr);
}

#[test]
fn a_reference_in_the_environment_is_resolved_and_never_sent() {
    let script = "test \"$*\" = 'read -- op://v/i/f' && echo sk-kimi-SENTINEL-1";
    let home =
        sandbox().script("bin/op", script).path_first("bin").env("KIMI_CODE_API_KEY", "op://v/i/f");
    let words = ["-q", "-p", "kimi", "sh", "-c", "echo $ANTHROPIC_AUTH_TOKEN $KIMI_CODE_API_KEY"];
    home.run(words).prints("sk-kimi-SENTINEL-1\n");
    let by_name = sandbox()
        .script("bin/op", script)
        .path_first("bin")
        .config("[env]\nKIMI_CODE_API_KEY = \"$MINE\"\n")
        .env("MINE", "op://v/i/f");
    by_name.run(words).prints("sk-kimi-SENTINEL-1\n");
    let planned = home.run(["-p", "kimi", "--dry-run", "true"]);
    assert!(
        planned.stdout.contains("(KIMI_CODE_API_KEY op op://v/i/f, environment)"),
        "{}",
        planned.stdout
    );
}

/// Where a reference may come from that nobody can resolve any more.
#[test]
fn a_reference_that_comes_instead_of_a_key_is_refused() {
    let file = sandbox().file("key", "op://v/i/f").rooted(
        "home/.config/jackin/exec.toml",
        "[env]\nZAI_API_KEY = { file = \"[ROOT]/key\" }\n",
    );
    let command = sandbox().exec("[env]\nZAI_API_KEY = { command = [\"echo\", \"op://v/i/f\"] }\n");
    for home in [file, command] {
        let outcome = home.run(["-p", "zai", "true"]);
        assert_eq!(outcome.status, 125, "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("the value is an op:// reference, not a key"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn an_empty_key_is_called_empty() {
    let home = sandbox().env("ZAI_API_KEY", "");
    let outcome = home.run(["-p", "zai", "true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.starts_with(
            "jackin-exec: provider zai has no key: ZAI_API_KEY is empty in the environment\n"
        ),
        "{}",
        outcome.stderr
    );
    let listed = home.run(["providers"]).stdout;
    assert!(
        listed.contains("zai        Z.AI       no key: ZAI_API_KEY is empty in the environment\n"),
        "{listed}"
    );
}
