//! What each preset sets, and what exec.toml changes in it.

use crate::providers::map;
use crate::providers::received;
use crate::support::sandbox;

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

#[test]
fn a_preset_whose_key_was_renamed_still_keeps_the_old_name_from_the_command() {
    sandbox()
        .exec("[providers.kimi]\nkey_env = \"MY_KEY\"\n")
        .env("MY_KEY", "sk-kimi-mine")
        .env("KIMI_CODE_API_KEY", "another")
        .run(["-p", "kimi", "sh", "-c", "echo ${MY_KEY-gone} ${KIMI_CODE_API_KEY-gone}"])
        .prints("gone gone\n");
}
