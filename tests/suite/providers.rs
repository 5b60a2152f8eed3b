//! The providers: what is listed, what each sets, and what exec.toml may change and add.

use std::collections::BTreeMap;

use crate::pty::Terminal;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A provider of one's own with everything that can be said.
const OWN: &str = "[providers.litellm]\n\
    label = \"LiteLLM\"\n\
    base_url = \"http://127.0.0.1:4000/\"\n\
    key_env = \"LITELLM_API_KEY\"\n\
    auth = \"x-api-key\"\n\
    models = { opus = \"b\", sonnet = \"c\", haiku = \"d\" }\n\
    context_tokens = 262144\n\
    timeout_ms = 5000\n\
    env = { ENABLE_TOOL_SEARCH = \"false\", MINE = \"SENTINEL-sk-kimi-0123456789\", HOSTED = \"$HOST_A\" }\n";

#[test]
fn the_table_says_who_has_a_key_and_why_another_has_none() {
    let home = sandbox()
        .config("[env]\nMINIMAX_API_KEY = \"\"\nDEEPSEEK_API_KEY = { value = \"x\", on_demand = true }\nMOONSHOT_API_KEY = \"$NOT_SET\"\n")
        .workspace("w", "[env]\nZAI_API_KEY = \"x\"\n")
        .exec(OWN)
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .env("LITELLM_API_KEY_FILE", "/some/file");
    home.run(["providers", "-w", "w"]).prints(
        "anthropic  Anthropic  ready, needs no key\n\
         zai        Z.AI       ready, key from workspace\n\
         minimax    MiniMax    no key: MINIMAX_API_KEY is empty in the global scope\n\
         kimi       Kimi       ready, key from environment\n\
         deepseek   DeepSeek   no key: DEEPSEEK_API_KEY is on_demand in the global scope\n\
         litellm    LiteLLM    ready, key from file\n\
         moonshot   Moonshot   no key: MOONSHOT_API_KEY in the global scope is $NOT_SET, which is unset or empty\n\
         34 more have no key here: jackin-exec providers --all\n",
    );
    home.run(["-w", "w", "providers"]).shows_no_secret();
}

#[test]
fn the_list_for_programs_has_the_promised_fields_in_the_order_of_the_question() {
    let json = sandbox()
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .exec(&OWN.replace("[providers.litellm]", "[providers.own]"))
        .run(["providers", "--json"])
        .json();
    let list = json.as_array().unwrap();
    let ids: Vec<&str> = list.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids[..5], ["anthropic", "zai", "minimax", "kimi", "bigmodel"]);
    assert_eq!(ids.last(), Some(&"own"));
    let labels = list[4..list.len() - 1].iter().map(|one| one["label"].as_str().unwrap());
    assert!(labels.map(str::to_lowercase).is_sorted(), "{ids:?}");
    let wanted = serde_json::json!({
        "id": "kimi", "label": "Kimi", "base_url": "https://api.kimi.com/coding", "key_env": "KIMI_CODE_API_KEY",
        "available": true, "origin": "environment",
        "models": {
            "fable": "kimi-for-coding", "opus": "kimi-for-coding",
            "sonnet": "kimi-for-coding", "haiku": "kimi-for-coding"
        }
    });
    assert_eq!(list[3], wanted);
    let wanted = serde_json::json!({
        "id": "anthropic", "label": "Anthropic", "base_url": null, "key_env": "ANTHROPIC_API_KEY",
        "available": true, "origin": null, "models": null
    });
    assert_eq!(list[0], wanted);
    let wanted = serde_json::json!({
        "id": "own", "label": "LiteLLM", "base_url": "http://127.0.0.1:4000", "key_env": "LITELLM_API_KEY",
        "available": false, "origin": null,
        "models": { "fable": "b", "opus": "b", "sonnet": "c", "haiku": "d" }
    });
    assert_eq!(list.last(), Some(&wanted));
}

/// What the command has of the names that a redirect is made of, for a home and arguments.
fn received(home: &Sandbox, arguments: &[&str]) -> BTreeMap<String, String> {
    let outcome = home.run(["-q"].iter().chain(arguments).chain(&["env", "-0"]));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    let entries = outcome.stdout.split_terminator('\0').filter_map(|entry| entry.split_once('='));
    let ours =
        |name: &str| !matches!(name, "HOME" | "PATH" | "PWD") && !name.starts_with("JACKIN_EXEC_");
    entries
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn kimi_sets_the_seven_of_jackin_and_what_todays_client_needs() {
    let home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-x");
    let wanted = map(&[
        ("ANTHROPIC_AUTH_TOKEN", "sk-kimi-x"),
        ("ANTHROPIC_BASE_URL", "https://api.kimi.com/coding"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", "kimi-for-coding"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "kimi-for-coding"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "kimi-for-coding"),
        ("API_TIMEOUT_MS", "3000000"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("ANTHROPIC_DEFAULT_FABLE_MODEL", "kimi-for-coding"),
        ("ANTHROPIC_MODEL", "kimi-for-coding"),
        ("CLAUDE_CODE_DISABLE_AGENT_VIEW", "1"),
        ("DISABLE_LOGOUT_COMMAND", "1"),
        ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1"),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "262144"),
        ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"),
        ("ENABLE_TOOL_SEARCH", "false"),
    ]);
    assert_eq!(received(&home, &["-p", "kimi"]), wanted);
}

/// What differs between the redirects: provider, key, base URL, models of fable, opus, sonnet,
/// haiku, and the rest.
type Redirect = (
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 4],
    &'static [(&'static str, &'static str)],
);

const GLM: [&str; 4] = ["glm-5.3[1m]", "glm-5.3[1m]", "glm-5.3[1m]", "glm-5.3-flash[1m]"];

const DEEPSEEK: [&str; 4] =
    ["deepseek-flash[1m]", "deepseek-flash[1m]", "deepseek-flash[1m]", "deepseek-flash"];

const REDIRECTS: &[Redirect] = &[
    ("zai", "ZAI_API_KEY", "https://api.z.ai/api/anthropic", GLM, &[]),
    ("minimax", "MINIMAX_API_KEY", "https://api.minimax.io/anthropic", ["MiniMax-M3[1m]"; 4], &[]),
    ("bigmodel", "ZAI_CN_API_KEY", "https://open.bigmodel.cn/api/anthropic", GLM, &[]),
    (
        "deepseek",
        "DEEPSEEK_API_KEY",
        "https://api.deepseek.com/anthropic",
        DEEPSEEK,
        &[
            ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", "786432"),
            ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "1000000"),
        ],
    ),
    (
        "minimax-cn",
        "MINIMAX_CN_API_KEY",
        "https://api.minimaxi.com/anthropic",
        ["MiniMax-M3[1m]"; 4],
        &[],
    ),
    (
        "moonshot",
        "MOONSHOT_API_KEY",
        "https://api.moonshot.ai/anthropic",
        ["kimi-k3.1-pro[1m]"; 4],
        &[("ENABLE_TOOL_SEARCH", "false")],
    ),
    (
        "moonshot-cn",
        "MOONSHOT_CN_API_KEY",
        "https://api.moonshot.cn/anthropic",
        ["kimi-k3.1-pro[1m]"; 4],
        &[("ENABLE_TOOL_SEARCH", "false")],
    ),
    (
        "kimi-global",
        "KIMI_GLOBAL_API_KEY",
        "https://api.kimi.ai/coding",
        ["kimi-for-coding"; 4],
        &[
            ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"),
            ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "262144"),
            ("ENABLE_TOOL_SEARCH", "false"),
        ],
    ),
    (
        "qwen-token",
        "ALIBABA_TOKEN_PLAN_API_KEY",
        "https://token-plan.ap-southeast-1.maas.aliyuncs.com/apps/anthropic",
        ["qwen3.8-max", "qwen3.8-max", "qwen3.8-max", "qwen3.6-flash"],
        &[("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"), ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "983616")],
    ),
    (
        // A window below a million for haiku alone.
        "openrouter",
        "OPENROUTER_API_KEY",
        "https://openrouter.ai/api",
        [
            "~anthropic/claude-fable-latest[1m]",
            "~anthropic/claude-opus-latest[1m]",
            "~anthropic/claude-sonnet-latest[1m]",
            "~anthropic/claude-haiku-latest",
        ],
        &[("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "200000")],
    ),
    (
        "opencode-go",
        "OPENCODE_API_KEY",
        "https://opencode.ai/inference/go/anthropic",
        ["qwen3.8-max[1m]", "qwen3.8-max[1m]", "minimax-m3[1m]", "qwen3.8-flash[1m]"],
        &[("ANTHROPIC_CUSTOM_HEADERS", "x-opencode-session: jackin-exec")],
    ),
    (
        "novita",
        "NOVITA_API_KEY",
        "https://api.novita.ai/anthropic",
        ["moonshotai/kimi-k3.1-pro[1m]"; 4],
        &[("ANTHROPIC_CUSTOM_HEADERS", "x-api-key: key of NOVITA_API_KEY")],
    ),
    (
        "longcat",
        "LONGCAT_API_KEY",
        "https://api.longcat.chat/anthropic",
        ["LongCat-2.0[1m]"; 4],
        &[("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "131072")],
    ),
];

#[test]
fn every_preset_sets_its_own_and_nothing_of_another() {
    // Started inside what every other preset would leave behind.
    let mut home = sandbox()
        .env("CLAUDE_CODE_AUTO_COMPACT_WINDOW", "786432")
        .env("ENABLE_TOOL_SEARCH", "true")
        .env("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "1")
        .env("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1")
        .env("ANTHROPIC_DEFAULT_SAGA_MODEL", "x");
    for (_, key, ..) in REDIRECTS {
        home = home.env(key, format!("key of {key}"));
    }
    for (id, key, url, [fable, opus, sonnet, haiku], more) in REDIRECTS {
        let token = format!("key of {key}");
        let mut wanted = map(&[
            ("ANTHROPIC_AUTH_TOKEN", &token),
            ("ANTHROPIC_BASE_URL", url),
            ("ANTHROPIC_DEFAULT_FABLE_MODEL", fable),
            ("ANTHROPIC_DEFAULT_OPUS_MODEL", opus),
            ("ANTHROPIC_DEFAULT_SONNET_MODEL", sonnet),
            ("ANTHROPIC_DEFAULT_HAIKU_MODEL", haiku),
            ("ANTHROPIC_MODEL", opus),
            ("CLAUDE_CODE_DISABLE_AGENT_VIEW", "1"),
            ("DISABLE_LOGOUT_COMMAND", "1"),
            ("API_TIMEOUT_MS", "3000000"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1"),
        ]);
        wanted.extend(map(more));
        assert_eq!(received(&home, &["-p", id]), wanted, "{id}");
    }
}

#[test]
fn a_provider_of_ones_own_sets_what_its_table_says() {
    let home = sandbox()
        .exec(OWN)
        .env("LITELLM_API_KEY", "sk-x")
        .env("HOST_A", "of the host")
        .env("no_proxy", "localhost");
    let wanted = map(&[
        ("ANTHROPIC_AUTH_TOKEN", "sk-x"),
        ("ANTHROPIC_CUSTOM_HEADERS", "x-api-key: sk-x"),
        ("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000"),
        ("ANTHROPIC_DEFAULT_FABLE_MODEL", "b"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", "b"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "c"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "d"),
        ("ANTHROPIC_MODEL", "b"),
        ("CLAUDE_CODE_DISABLE_AGENT_VIEW", "1"),
        ("DISABLE_LOGOUT_COMMAND", "1"),
        ("API_TIMEOUT_MS", "5000"),
        ("CLAUDE_CODE_ATTRIBUTION_HEADER", "0"),
        ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "262144"),
        ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1"),
        ("ENABLE_TOOL_SEARCH", "false"),
        ("HOSTED", "of the host"),
        ("HOST_A", "of the host"),
        ("MINE", SENTINEL),
        ("NO_PROXY", "127.0.0.1"),
        ("no_proxy", "localhost,127.0.0.1"),
    ]);
    assert_eq!(received(&home, &["-p", "litellm"]), wanted);
}

#[test]
fn a_key_that_is_a_word_of_the_redirects_own_takes_nothing_from_it() {
    for (key, name) in [
        ("1", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"),
        ("1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"),
        ("kimi-for-coding", "ANTHROPIC_MODEL"),
        ("false", "ENABLE_TOOL_SEARCH"),
    ] {
        let home = sandbox().env("KIMI_CODE_API_KEY", key);
        assert_eq!(
            received(&home, &["-p", "kimi"]).get(name).map(String::as_str),
            Some(key),
            "{name}"
        );
    }
}

#[test]
fn a_tier_that_the_operator_maps_or_describes_does_not_reach_a_redirect() {
    let home = sandbox()
        .config("[env]\nANTHROPIC_DEFAULT_SAGA_MODEL = \"m\"\nANTHROPIC_DEFAULT_OPUS_MODEL_NAME = \"Opus\"\n")
        .env("KIMI_CODE_API_KEY", "sk-kimi-x");
    let redirected = received(&home, &["-p", "kimi"]);
    let own = received(&home, &["-p", "anthropic"]);
    for name in ["ANTHROPIC_DEFAULT_SAGA_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL_NAME"] {
        assert!(!redirected.contains_key(name) && own.contains_key(name), "{name}");
    }
}

#[test]
fn what_the_operator_sets_stays_where_a_leftover_redirect_is_removed() {
    let home = sandbox()
        .config("[env]\nANTHROPIC_MODEL = \"opusplan\"\n")
        .env("ANTHROPIC_BASE_URL", "https://api.kimi.com/coding")
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .env("ANTHROPIC_MODEL", "kimi-for-coding");
    let outcome = home.run([
        "-q",
        "-p",
        "anthropic",
        "sh",
        "-c",
        "echo $ANTHROPIC_MODEL,$ANTHROPIC_BASE_URL,$ANTHROPIC_AUTH_TOKEN",
    ]);
    outcome.prints("opusplan,,\n");
}

#[test]
fn the_key_of_a_leftover_redirect_is_removed_with_it_and_anthropics_own_stays() {
    const HEADERS: &str = "ANTHROPIC_CUSTOM_HEADERS";
    let key = format!("sk-kimi-{SENTINEL}");
    for (own, headers, removed) in [
        (
            key.clone(),
            format!("x-api-key: {key}"),
            "ANTHROPIC_API_KEY and ANTHROPIC_CUSTOM_HEADERS",
        ),
        (key.clone(), "X-Team: a".to_owned(), "ANTHROPIC_API_KEY"),
        ("sk-ant-x".to_owned(), format!("X-Team: a\nAuthorization: Bearer {key}"), HEADERS),
        ("sk-ant-x".to_owned(), "X-Team: a".to_owned(), ""),
    ] {
        let home = sandbox()
            .env("ANTHROPIC_BASE_URL", "https://api.kimi.com/coding")
            .env("ANTHROPIC_API_KEY", &own)
            .env(HEADERS, &headers);
        let script = "echo \"${ANTHROPIC_API_KEY-unset},${ANTHROPIC_CUSTOM_HEADERS-unset}\"";
        let outcome = home.run(["-p", "anthropic", "sh", "-c", script]);
        let left = |name: &str, value| if removed.contains(name) { "unset" } else { value };
        let (own, headers) = (left("ANTHROPIC_API_KEY", &*own), left(HEADERS, &*headers));
        assert_eq!(outcome.stdout, format!("{own},{headers}\n"));
        let also = format!(", and so was its key in {removed}");
        let also = if removed.is_empty() { "" } else { &also };
        let wanted = format!("it was removed for Anthropic{also}\n");
        assert!(outcome.stderr.contains(&wanted), "{}", outcome.stderr);
    }
    let home = sandbox()
        .config("[env]\nANTHROPIC_API_KEY = \"mine\"\n")
        .env("ANTHROPIC_BASE_URL", "https://api.kimi.com/coding")
        .env("ANTHROPIC_API_KEY", &key);
    home.run(["-q", "-p", "anthropic", "sh", "-c", "echo $ANTHROPIC_API_KEY"]).prints("mine\n");
}

#[test]
fn a_redirect_is_left_over_whatever_stands_behind_the_providers_host() {
    for (url, left) in [
        ("https://api.kimi.com/coding", true),
        ("https://API.kimi.com/coding/v1/", true),
        ("https://api.kimi.com:443/coding?x", true),
        ("https://api.kimi.com", true),
        ("https://api.kimi.com.gateway.example/coding", false),
        ("https://gateway.example/api.kimi.com/coding", false),
    ] {
        let home = sandbox().env("ANTHROPIC_BASE_URL", url).env("ANTHROPIC_AUTH_TOKEN", "x");
        let outcome = home.run([
            "-q",
            "-p",
            "anthropic",
            "sh",
            "-c",
            "echo $ANTHROPIC_BASE_URL $ANTHROPIC_AUTH_TOKEN",
        ]);
        outcome.prints(&if left { "\n".to_owned() } else { format!("{url} x\n") });
    }
}

#[test]
fn a_loopback_endpoint_is_reached_around_proxies_whatever_an_outer_session_says() {
    let home = sandbox()
        .exec("[providers.ollama]\nbase_url = \"http://localhost:11434\"\nkey = false\nmodel = \"qwen\"\n")
        .env("NO_PROXY", "a.example, localhost")
        .env("no_proxy", "a.example")
        .env("JACKIN_EXEC_NAMES", "NO_PROXY,no_proxy");
    let received = received(&home, &["-p", "ollama"]);
    assert_eq!(received.get("NO_PROXY").map(String::as_str), Some("a.example, localhost"));
    assert_eq!(received.get("no_proxy").map(String::as_str), Some("a.example,localhost"));
}

#[test]
fn an_endpoint_that_wants_no_key_gets_a_dummy() {
    let home = sandbox()
        .exec("[providers.ollama]\nbase_url = \"http://localhost:11434\"\nkey = false\nmodel = \"qwen\"\n")
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .env("KIMI_CODE_API_KEY", SENTINEL);
    let received = received(&home, &["-p", "ollama"]);
    assert_eq!(
        received.get("ANTHROPIC_AUTH_TOKEN").map(String::as_str),
        Some("jackin-exec-no-key")
    );
    assert_eq!(received.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS").map(String::as_str), Some("65536"));
    assert!(!received.values().any(|value| value.contains(SENTINEL)), "{received:?}");
}

#[test]
fn a_preset_is_changed_key_by_key() {
    let home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-x").env("MY_KEY", "mine");
    let before = received(&home, &["-p", "kimi"]);
    for (table, name, value) in [
        ("model = \"k3-256k\"", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "k3-256k"),
        ("models = { opus = \"other\" }", "ANTHROPIC_DEFAULT_OPUS_MODEL", "other"),
        (
            "base_url = \"https://proxy.example/kimi/\"",
            "ANTHROPIC_BASE_URL",
            "https://proxy.example/kimi",
        ),
        ("timeout_ms = 1000", "API_TIMEOUT_MS", "1000"),
        ("context_tokens = 100000", "CLAUDE_CODE_MAX_CONTEXT_TOKENS", "100000"),
        ("key_env = \"MY_KEY\"", "ANTHROPIC_AUTH_TOKEN", "mine"),
        ("env = { ENABLE_TOOL_SEARCH = \"true\" }", "ENABLE_TOOL_SEARCH", "true"),
        ("env = { MINE = \"x\" }", "MINE", "x"),
        ("auth = \"x-api-key\"", "ANTHROPIC_CUSTOM_HEADERS", "x-api-key: sk-kimi-x"),
    ] {
        home.write("home/.config/jackin/exec.toml", format!("[providers.kimi]\n{table}\n"), 0o600);
        let after = received(&home, &["-p", "kimi"]);
        assert_eq!(after.get(name).map(String::as_str), Some(value), "{table}");
        let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).count();
        // A model is one for all tiers, and opus is the default; with another key the former one is an ordinary variable.
        let most = if table.starts_with("model =") {
            5
        } else if table.starts_with("key_env") || table.starts_with("models =") {
            2
        } else {
            1
        };
        assert!(changed <= most, "{table}: {after:?}");
    }
}

/// `--model`: what is asked for, and the window that comes of it.
const MODELS: &[(&str, &str, Option<&str>)] = &[
    ("kimi", "k3-256k", Some("262144")),
    ("kimi", "k3", Some("1048576")),
    ("kimi", "k3[1m]", None),
    ("kimi", "something-new", Some("200000")),
    ("kimi", "something-new[1m]", None),
    ("zai", "glm-5.3", Some("1000000")),
    ("zai", "glm-4.7", Some("204800")),
    ("zai", "glm-4.5-air", Some("200000")),
    ("moonshot", "kimi-k2.7-code", Some("262144")),
    ("minimax", "MiniMax-M3", Some("1000000")),
    ("deepseek", "deepseek-v4-pro", Some("1000000")),
    ("ollama", "anything", Some("65536")),
];

#[test]
fn a_model_is_for_every_tier_and_brings_its_window() {
    let mut home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-x");
    for key in ["ZAI_API_KEY", "MOONSHOT_API_KEY", "MINIMAX_API_KEY", "DEEPSEEK_API_KEY"] {
        home = home.env(key, "x");
    }
    for (provider, model, window) in MODELS {
        let received = received(&home, &["-p", provider, "-m", model]);
        for tier in ["FABLE", "OPUS", "SONNET", "HAIKU"] {
            assert_eq!(
                received.get(&format!("ANTHROPIC_DEFAULT_{tier}_MODEL")).map(String::as_str),
                Some(*model)
            );
        }
        assert_eq!(
            received.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS").map(String::as_str),
            *window,
            "{model}"
        );
        assert_eq!(
            received.contains_key("CLAUDE_CODE_DISABLE_1M_CONTEXT"),
            window.is_some_and(|window| window.len() < 7),
            "{model}"
        );
    }
}

/// Tables that make no provider, and what is said behind the path of exec.toml.
const REFUSED: &[(&str, &str)] = &[
    ("[providers.ask]\n", "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\""),
    (
        "[providers.UPPER]\n",
        "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\"",
    ),
    ("[providers.a--b]\n", "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\""),
    ("providers = \"[SECRET]\"\n", "1:13: expected a table"),
    ("[providers.x]\n", "1:12: expected a base_url: this is no preset"),
    (
        "[providers.x]\nbase_url = \"https://x\"\n",
        "1:12: expected key_env = \"NAME\", or key = false for an endpoint that wants no key",
    ),
    (
        "[providers.x]\nbase_url = \"https://x\"\nkey = false\n",
        "1:12: expected model = \"ID\", or models with opus, sonnet and haiku",
    ),
    (
        "[providers.x]\nbase_url = \"https://x\"\nkey = false\nmodels = { opus = \"a\" }\n",
        "1:12: expected model = \"ID\", or models with opus, sonnet and haiku",
    ),
    (
        "[providers.anthropic]\nlabel = \"x\"\n",
        "1:12: expected another id: Anthropic is not redirected",
    ),
    ("[providers.kimi]\nbase = \"[SECRET]\"\n", "2:1: unknown key; did you mean base_url?"),
    (
        "[providers.kimi]\napi_key = \"[SECRET]\"\n",
        "2:1: unknown key; known are like, label, base_url, insecure, key_env, key, auth, header, header_key, model, models, context_tokens, timeout_ms, env",
    ),
    ("[providers.kimi]\nbase_url = 1\n", "2:12: expected a string"),
    (
        "[providers.kimi]\nbase_url = \"[SECRET]\"\n",
        "2:12: expected a URL that begins with https:// or http://",
    ),
    (
        "[providers.kimi]\nbase_url = \"HTTPS://x\"\n",
        "2:12: expected a URL that begins with https:// or http://",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://user:[SECRET]@x\"\n",
        "2:12: expected a base URL without a user name or password",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x?key=[SECRET]\"\n",
        "2:12: expected a base URL without a query",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x#[SECRET]\"\n",
        "2:12: expected a base URL without a fragment",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x/v1\"\n",
        "2:12: expected a base URL without /v1, which the client adds itself",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x/v1/\"\n",
        "2:12: expected a base URL without /v1, which the client adds itself",
    ),
    (
        "[providers.kimi]\nbase_url = \"http://x\"\n",
        "2:12: expected https://, because the key would travel in clear; or key = false, or insecure = true",
    ),
    (
        "[providers.kimi]\nbase_url = \"http://127.0.0.1.evil.example\"\n",
        "2:12: expected https://, because the key would travel in clear; or key = false, or insecure = true",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://\"\n",
        "2:12: expected a URL with a host and, if any, a port from 1 to 65535",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x:0\"\n",
        "2:12: expected a URL with a host and, if any, a port from 1 to 65535",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x y\"\n",
        "2:12: expected a URL of visible ASCII characters",
    ),
    (
        "[providers.kimi]\nlabel = \" \"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    (
        "[providers.kimi]\nlabel = \"a\\u001b[2J\"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    (
        "[providers.kimi]\nlabel = \"a\\u202eb\"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    ("[providers.kimi]\nkey_env = \"[SECRET]\"\n", "2:11: expected the name of a variable"),
    ("[providers.kimi]\nkey_env = \"DOCKER_HOST\"\n", "2:11: DOCKER_HOST is reserved by jackin"),
    ("[providers.kimi]\nkey = true\n", "2:7: expected key_env = \"NAME\" or key = false, not both"),
    (
        "[providers.kimi]\nkey = false\nkey_env = \"X\"\n",
        "2:7: expected key_env = \"NAME\" or key = false, not both",
    ),
    ("[providers.kimi]\nauth = \"[SECRET]\"\n", "2:8: expected \"bearer\" or \"x-api-key\""),
    (
        "[providers.kimi]\nkey = false\nauth = \"x-api-key\"\n",
        "1:12: expected auth = \"bearer\": without a key there is none to send twice",
    ),
    (
        "[providers.kimi]\nmodel = \"a b\"\n",
        "2:9: expected a model id without blanks or control characters",
    ),
    (
        "[providers.kimi]\nmodels = { opsu = \"[SECRET]\" }\n",
        "2:12: unknown key; did you mean opus?",
    ),
    (
        "[providers.kimi]\ncontext_tokens = 10\n",
        "2:18: expected a whole number from 1000 to 100000000",
    ),
    (
        "[providers.kimi]\ncontext_tokens = \"[SECRET]\"\n",
        "2:18: expected a whole number from 1000 to 100000000",
    ),
    (
        "[providers.kimi]\ntimeout_ms = 1.5\n",
        "2:14: expected a whole number from 1000 to 2147483647",
    ),
    (
        "[providers.kimi]\ntimeout_ms = -1\n",
        "2:14: expected a whole number from 1000 to 2147483647",
    ),
    (
        "[providers.kimi]\nenv = { A = 1 }\n",
        "2:13: expected a string, { op = … }, { file = … }, { command = … } or { value = … }",
    ),
    ("[providers.kimi]\nenv = { \"[SECRET]\" = \"x\" }\n", "2:9: expected the name of a variable"),
    (
        "[providers.kimi]\nenv = { ANTHROPIC_API_KEY = \"[SECRET]\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { ANTHROPIC_DEFAULT_SAGA_MODEL = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { NO_PROXY = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { JACKIN_EXEC_LABEL = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { JACKIN_ROLE = \"[SECRET]\" }\n",
        "2:9: JACKIN_ROLE is reserved by jackin",
    ),
];

#[test]
fn a_table_that_makes_no_provider_is_placed_and_not_quoted() {
    for (text, words) in REFUSED {
        let home = sandbox()
            .rooted("home/.config/jackin/exec.toml", text)
            .env("KIMI_CODE_API_KEY", SENTINEL);
        let id = text.split(['.', ']']).nth(1).unwrap();
        let place = format!("[ROOT]/home/.config/jackin/exec.toml:{words}");
        let wanted = format!("jackin-exec: {place}\n");
        home.run(["-p", id, "true"]).fails(125, &wanted);
        home.run(["providers", id]).fails(125, &wanted);
        home.run(["auth", "set", id, "--env", "X"]).fails(125, &wanted);
        // A question would lack it.
        home.run(["-p", "ask", "true"]).fails(125, &wanted);
        if words.contains("expected a table") {
            // There is no provider that could be left out.
            home.run(["-q", "-p", "anthropic", "true"]).fails(125, &wanted);
            continue;
        }
        // Everybody else goes on.
        let other = if id == "anthropic" { "minimax" } else { "anthropic" };
        let home = home.env("MINIMAX_API_KEY", SENTINEL);
        home.run(["-q", "-p", other, "true"]).prints("");
        let listed = home.run(["providers", "--json"]);
        let entry = listed.json();
        let entry = entry.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        assert_eq!((&entry["available"], &entry["wrong"]), (&false.into(), &place.into()));
        let doctor = home.run(["doctor", "--json"]);
        assert!(doctor.stdout.contains(words.split_once(' ').unwrap().0), "{doctor:#?}");
        listed.shows_no_secret();
        doctor.shows_no_secret();
    }
}

/// A text of exec.toml, the id in it, how that is shown, and the place and words of the error.
const ODD_ENTRIES: &[(&str, &str, &str, &str)] = &[
    ("[providers]\nx = \"[SECRET]\"\n", "x", "x", "2:5: expected a table"),
    ("[providers.Kimi]\nmodel = \"k3\"\n", "Kimi", "Kimi", ID),
    ("[providers.ask]\nmodel = \"k3\"\n", "", "ask", ID),
    ("[providers.\"a\\u001b[2J\"]\n", "a\u{1b}[2J", "a\\u{1b}[2J", ID),
    ("[providers.\"\"]\n", "", "''", ID),
    ("[providers.sk-[SECRET]]\n", "sk-[SECRET]", "that (not shown: it may be a key)", ID),
];

const ID: &str = "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\"";

#[test]
fn an_entry_that_cannot_be_a_provider_stops_only_those_who_name_none() {
    for (text, id, shown, words) in ODD_ENTRIES {
        let home = sandbox()
            .rooted("home/.config/jackin/exec.toml", text)
            .env("MINIMAX_API_KEY", SENTINEL);
        let place = format!("[ROOT]/home/.config/jackin/exec.toml:{words}");
        let wanted = format!("jackin-exec: {place}\n");
        home.run(["-p", "ask", "true"]).fails(125, &wanted);
        home.run(["true"]).fails(125, &wanted);
        if !id.is_empty() {
            let id = id.replace("[SECRET]", SENTINEL);
            home.run(["-p", &id, "true"]).fails(125, &wanted);
            home.run(["providers", &id]).fails(125, &wanted);
        }
        home.run(["-q", "-p", "minimax", "true"]).prints("");
        home.run(["-q", "-p", "anthropic", "true"]).prints("");
        let listed = home.run(["providers", "--json"]);
        let entry = listed.json();
        let entry = entry.as_array().unwrap().iter().find(|one| one["id"] == *shown).unwrap();
        assert_eq!((&entry["available"], &entry["wrong"]), (&false.into(), &place.into()));
        listed.shows_no_secret();
        let table = home.run(["providers"]);
        assert!(table.stdout.contains("cannot be used") && !table.stdout.contains('\u{1b}'));
        table.shows_no_secret();
        let doctor = home.run(["doctor", "--json"]);
        assert!(doctor.stdout.contains(words.split_once(' ').unwrap().0), "{doctor:#?}");
        doctor.shows_no_secret();
    }
}

/// exec.toml, a variable that is set, and whether a launch that names no provider stops.
const LEFT_OUT: &[(&str, &str, bool)] = &[
    // Anthropic would be the only one, or one of two.
    ("[providers.anthropic]\nlabel = \"x\"\n", "NOTHING", true),
    ("[providers.anthropic]\nlabel = \"x\"\n", "MINIMAX_API_KEY", true),
    // Kimi would have been asked for; Anthropic must not take its place.
    ("[providers.kimi]\nbase_url = \"x\"\n", "KIMI_CODE_API_KEY", true),
    ("[providers.kimi]\nbase_url = \"x\"\n", "NOTHING", false),
    ("[providers.kimi]\nbase_url = \"x\"\nkey_env = \"MY_KEY\"\n", "KIMI_CODE_API_KEY", false),
    ("[providers.kimi]\nbase_url = \"x\"\nkey_env = \"MY_KEY\"\n", "MY_KEY", true),
    ("[providers.own]\nbase_url = \"x\"\nkey = false\nmodel = \"m\"\n", "NOTHING", true),
    // A server on this machine needs no key, and is offered where exec.toml names it.
    ("[providers.ollama]\nbase_url = \"x\"\n", "NOTHING", true),
    // A list that does not hold it keeps it out anyway.
    (
        "[providers.own]\nkey = false\n[workspaces.w]\nproviders = [\"anthropic\"]\n",
        "JACKIN_EXEC_WORKSPACE=w",
        false,
    ),
];

#[test]
fn no_provider_silently_takes_the_place_of_one_that_cannot_be_used() {
    for (text, variable, stops) in LEFT_OUT {
        let (name, value) = variable.split_once('=').unwrap_or((variable, SENTINEL));
        let workspace = "workdir = \"/elsewhere\"\n";
        let home = sandbox().exec(text).workspace("w", workspace).env(name, value);
        let outcome = home.run(["sh", "-c", "echo $JACKIN_EXEC_ACTIVE"]);
        if *stops {
            assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text}{variable}");
            let place = "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:";
            assert!(outcome.stderr.starts_with(place), "{text}{variable}: {}", outcome.stderr);
            outcome.shows_no_secret();
            let doctor = home.run(["doctor", "--json"]).json();
            let findings = doctor.as_array().unwrap();
            assert!(findings.iter().all(|one| one["check"] != "choice"), "{text}");
            assert!(findings.iter().any(|one| one["status"] == "fail"), "{text}");
        } else {
            outcome.is(0, "anthropic\n", "");
        }
    }
}

#[test]
fn a_default_provider_that_cannot_be_used_stops_and_a_list_without_it_does_not() {
    let text = "default_provider = \"own\"\n[providers.own]\nbase_url = \"[SECRET]\"\nkey = false\nmodel = \"m\"\n";
    let home = sandbox().rooted("home/.config/jackin/exec.toml", text);
    let wanted = "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:3:12: \
                  expected a URL that begins with https:// or http://\n";
    home.run(["true"]).fails(125, wanted);
    home.run(["-p", "anthropic", "true"]).prints("");
    // The table of people shows it, too.
    let text = home.run(["providers"]).stdout;
    assert!(text.contains("own") && text.contains("cannot be used"), "{text}");
}

#[test]
fn a_key_goes_to_a_name_that_nothing_else_needs() {
    for name in [
        "PATH",
        "HOME",
        "TERM",
        "USER",
        "SHELL",
        "TMPDIR",
        "LD_PRELOAD",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CONFIG_DIR",
        "JACKIN_EXEC_PROVIDER",
        "https_proxy",
        "NODE_OPTIONS",
        "LC_ALL",
    ] {
        let home = sandbox().exec(&format!("[providers.kimi]\nkey_env = \"{name}\"\n"));
        home.run(["-p", "kimi", "true"]).fails(
            125,
            "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:2:11: expected another name: the host or \
             Claude Code itself needs this one\n",
        );
    }
}

#[test]
fn plain_http_leaves_this_machine_without_a_key_or_where_exec_toml_says_so() {
    let own = |rest: &str| {
        let text =
            format!("[providers.own]\nbase_url = \"http://ollama:11434\"\nmodel = \"m\"\n{rest}");
        sandbox().exec(&text).env("OWN_KEY", SENTINEL)
    };
    let url = ["-p", "own", "sh", "-c", "echo $ANTHROPIC_BASE_URL"];
    own("key_env = \"OWN_KEY\"\n").run(url).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:2:12: expected https://, because the key would \
         travel in clear; or key = false, or insecure = true\n",
    );
    own("key = false\n").run(url).prints("http://ollama:11434\n");
    let insecure = own("key_env = \"OWN_KEY\"\ninsecure = true\n");
    // On a terminal, each launch says that what it sends can be read on the way.
    let launch_line = |home: &Sandbox| {
        let words = ["-p", "own", "true"];
        let mut terminal = Terminal::open().start(&home.launch().words(words));
        assert_eq!(terminal.end(), "exit 0");
        terminal.text().trim_end().to_owned()
    };
    assert_eq!(launch_line(&insecure), "jackin-exec: Claude (own); plain http");
    assert_eq!(launch_line(&own("key = false\n")), "jackin-exec: Claude (own); plain http");
    for url in ["https://ollama", "http://127.0.0.1:9"] {
        let text = format!("[providers.own]\nbase_url = \"{url}\"\nmodel = \"m\"\nkey = false\n");
        let line = launch_line(&sandbox().exec(&text));
        assert!(line.ends_with("jackin-exec: Claude (own)"), "{line}");
    }
    insecure.run(url).prints("http://ollama:11434\n");
    let doctor = insecure.run(["doctor", "--json"]);
    assert!(doctor.stdout.contains("own: OWN_KEY is sent to ollama unencrypted"), "{doctor:#?}");
    doctor.shows_no_secret();
    let doctor = own("key = false\n").run(["doctor", "--json"]);
    assert!(!doctor.stdout.contains("in clear"), "{doctor:#?}");
}

#[test]
fn a_second_account_takes_everything_but_its_key_from_the_preset() {
    let home = sandbox()
        .exec("[providers.kimi-work]\nlike = \"kimi\"\nkey_env = \"KIMI_WORK_API_KEY\"\n")
        .env("KIMI_CODE_API_KEY", "sk-kimi-private")
        .env("KIMI_WORK_API_KEY", "sk-kimi-work");
    let show = "env | grep -v ^JACKIN_EXEC | sort";
    let one = home.run(["-p", "kimi", "sh", "-c", show]);
    let two = home.run(["-p", "kimi-work", "sh", "-c", show]);
    assert_eq!((two.status, two.stderr.as_str()), (0, ""));
    assert_eq!(one.stdout.replace("sk-kimi-private", "sk-kimi-work"), two.stdout);
    assert!(two.stdout.contains("ANTHROPIC_AUTH_TOKEN=sk-kimi-work"), "{two:#?}");
    let listed = home.run(["providers", "--json"]).json();
    let listed = listed.as_array().unwrap().iter().find(|one| one["id"] == "kimi-work").unwrap();
    assert_eq!(
        (&listed["label"], &listed["available"]),
        (&"Kimi (kimi-work)".into(), &true.into())
    );
    // A link, and a key of its own.
    let linked = home.linked_as("bin/jackin-kimi-work");
    linked.run(["sh", "-c", "echo $ANTHROPIC_AUTH_TOKEN"]).prints("sk-kimi-work\n");
    let home = sandbox()
        .exec("[providers.kimi-work]\nlike = \"kimi\"\nkey_env = \"KIMI_WORK_API_KEY\"\nlabel = \"Kimi, work\"\n");
    home.run(["auth", "set", "kimi-work", "--env", "MY_WORK_KEY"]).is(
        0,
        "Kimi, work: KIMI_WORK_API_KEY is set in the global scope, [ROOT]/home/.config/jackin/config.toml\n\
         Kimi, work is not available yet: KIMI_WORK_API_KEY in the global scope is $MY_WORK_KEY, which is unset or empty\n",
        "",
    );
}

#[test]
fn base_urls_of_this_machine_may_be_plain() {
    for url in [
        "http://localhost",
        "http://127.0.0.1:8080/x",
        "http://[::1]:4000",
        "http://LOCALHOST:1",
        "https://example.com",
    ] {
        let home = sandbox()
            .exec(&format!("[providers.x]\nbase_url = \"{url}\"\nkey = false\nmodel = \"m\"\n"));
        home.run(["-q", "-p", "x", "true"]).prints("");
    }
}

/// A port of this machine at which nobody listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_provider_on_this_machine_that_is_not_there_is_told_before_the_client_tries_it() {
    let home = |host: &str, port: u16| {
        sandbox().exec(&format!(
            "[providers.x]\nlabel = \"Router\"\nbase_url = \"http://{host}:{port}\"\nkey = false\nmodel = \"m\"\n"
        ))
    };
    let port = free_port();
    for host in ["127.0.0.1", "localhost"] {
        let words = format!(
            "jackin-exec: warning: nothing listens at 127.0.0.1:{port}, where Router should be\n"
        );
        home(host, port).run(["-p", "x", "echo", "started"]).is(0, "started\n", &words);
        // Nobody is asked where nothing is started.
        let outcome = home(host, port).run(["-p", "x", "--dry-run"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        home(host, port).run(["-p", "x", "echo", "started"]).is(0, "started\n", "");
    }
}

#[test]
fn a_default_provider_that_is_not_there_is_an_error_and_a_named_one_beats_it() {
    let home = sandbox().exec("default_provider = \"kimmi\"\n");
    let outcome = home.run(["true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.starts_with(
            "jackin-exec: no provider named kimmi in default_provider of exec.toml (available: anthropic, "
        ),
        "{outcome:?}"
    );
    assert!(outcome.stderr.ends_with("\nhint: did you mean kimi?\n"), "{outcome:?}");
    home.run(["-p", "anthropic", "true"]).prints("");
}

#[test]
fn a_preset_whose_key_was_renamed_still_keeps_the_old_name_from_the_command() {
    sandbox()
        .exec("[providers.kimi]\nkey_env = \"MY_KEY\"\n")
        .env("MY_KEY", "sk-kimi-mine")
        .env("KIMI_CODE_API_KEY", "another")
        .run(["-p", "kimi", "sh", "-c", "echo ${MY_KEY-gone} ${KIMI_CODE_API_KEY-gone}"])
        .prints("gone gone\n");
}

#[test]
fn what_the_operator_says_of_another_presets_name_stays() {
    let name = "CLAUDE_CODE_AUTO_COMPACT_WINDOW";
    let found = |home: &Sandbox, id| received(home, &["-p", id]).get(name).cloned();
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", "sk-kimi-x")
        .env("DEEPSEEK_API_KEY", "sk-x")
        .env("ZAI_API_KEY", "zai-x")
        .env(name, "200000");
    assert_eq!(found(&home, "kimi").as_deref(), Some("200000"));
    assert_eq!(found(&home, "deepseek").as_deref(), Some("786432"), "the preset needs it");
    let home = home.env(name, "786432");
    assert_eq!(found(&home, "kimi"), None, "it is deepseek's");
    let text = format!("[env]\n{name} = \"150000\"\nENABLE_TOOL_SEARCH = \"auto\"\n");
    let home = home.config(&text);
    assert_eq!(found(&home, "zai").as_deref(), Some("150000"));
    let zai = received(&home, &["-p", "zai"]);
    assert_eq!(zai.get("ENABLE_TOOL_SEARCH").map(String::as_str), Some("auto"));
}

#[test]
fn what_the_operator_says_and_the_redirect_overrules_is_named() {
    let home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-x").config(&format!(
        "[env]\nANTHROPIC_MODEL = \"{SENTINEL}\"\nCLAUDE_CODE_USE_BEDROCK = \"1\"\nMINE = \"x\"\n"
    ));
    home.run(["-p", "kimi", "true"]).is(
        0,
        "",
        "jackin-exec: warning: left out for Kimi: ANTHROPIC_MODEL and CLAUDE_CODE_USE_BEDROCK, because the redirect sets or removes them\n",
    );
    home.run(["-p", "anthropic", "true"]).is(0, "", "");
}

#[test]
fn what_a_redirect_only_suggests_yields_to_the_shell_and_to_the_configuration() {
    for name in ["CLAUDE_CODE_DISABLE_AGENT_VIEW", "DISABLE_LOGOUT_COMMAND"] {
        let home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-x").env(name, "");
        let of_shell = received(&home, &["-p", "kimi"]);
        assert_eq!(of_shell.get(name).map(String::as_str), Some(""), "{name}");
        let home = home.config(&format!("[env]\n{name} = \"0\"\n"));
        let of_scope = received(&home, &["-p", "kimi"]);
        assert_eq!(of_scope.get(name).map(String::as_str), Some("0"), "{name}");
    }
}
