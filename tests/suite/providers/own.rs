//! Providers of one's own, and second accounts.

use crate::providers::OWN;
use crate::providers::map;
use crate::providers::received;
use crate::support::SENTINEL;
use crate::support::sandbox;

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
    assert_eq!((&listed["label"], &listed["available"]), (&"Kimi work".into(), &true.into()));
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
