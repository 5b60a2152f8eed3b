//! What an outer redirect left over, and what the operator says of the same names.

use crate::providers::received;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

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
fn another_vendors_key_goes_to_anthropic_only_with_a_warning() {
    let key = format!("sk-kimi-{SENTINEL}");
    let script = "echo ${ANTHROPIC_API_KEY:+api},${ANTHROPIC_AUTH_TOKEN:+token}";
    let launch = ["-p", "anthropic", "sh", "-c", script];
    let warning = |name| format!("jackin-exec: warning: {name} begins like a key of Kimi\n");
    for (name, left) in [("ANTHROPIC_API_KEY", "api,\n"), ("ANTHROPIC_AUTH_TOKEN", ",token\n")] {
        let home = sandbox().env(name, &key);
        home.run(launch).is(0, left, &warning(name)).shows_no_secret();
        // The same value in the provider's own variable: both are removed.
        let home = home.env("KIMI_CODE_API_KEY", &key);
        home.run(launch).is(0, ",\n", "");
        let home = sandbox().env(name, format!("sk-ant-{SENTINEL}"));
        home.run(launch).is(0, left, "");
    }
    // Set by a scope.
    let home = sandbox().config(&format!("[env]\nANTHROPIC_API_KEY = \"{key}\"\n"));
    home.run(launch).is(0, "api,\n", &warning("ANTHROPIC_API_KEY"));
    // A gateway may want any key.
    let home = sandbox()
        .env("ANTHROPIC_BASE_URL", "https://gateway.example")
        .env("ANTHROPIC_AUTH_TOKEN", &key);
    home.run(launch).is(0, ",token\n", "");
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

/// Settings of the client that name an endpoint and its key.
fn settings(url: &str) -> String {
    format!(
        "{{\n\"env\": {{\n\"ANTHROPIC_BASE_URL\": \"{url}\",\n\"ANTHROPIC_AUTH_TOKEN\": \"{SENTINEL}\"}}}}"
    )
}

fn with_client() -> Sandbox {
    let home = sandbox().script("bin/claude", "echo started").path_first("bin");
    home.env("KIMI_CODE_API_KEY", "sk-kimi-x")
}

const USERS: &str = "home/.claude/settings.json";

#[test]
fn settings_of_the_client_that_lead_to_another_provider_are_named_before_the_start() {
    let zai = settings("https://api.z.ai/api/anthropic");
    let gateway = settings("https://gateway.example");
    let (project, local) = ("here/.claude/settings.json", "here/.claude/settings.local.json");
    let own_folder = with_client();
    let folder = own_folder.path("own");
    for (home, file) in [
        (with_client().file(USERS, &zai), USERS),
        (with_client().file(local, format!("\u{feff}{zai}")), local),
        (with_client().file(USERS, &gateway).file(project, &zai), project),
        (
            own_folder.file("own/settings.json", &zai).env("CLAUDE_CONFIG_DIR", folder),
            "own/settings.json",
        ),
    ] {
        let warning = format!(
            "jackin-exec: warning: [ROOT]/{file}:3: env.ANTHROPIC_BASE_URL makes Claude Code send everything \
             to api.z.ai, not to Anthropic; remove it there\n"
        );
        home.run(["-p", "anthropic"]).is(0, "started\n", &warning);
        home.run(["-q", "-p", "anthropic"]).prints("started\n");
        home.run(["-p", "kimi"]).prints("started\n");
        home.run(["-p", "anthropic", "echo", "started"]).prints("started\n");
    }
}

#[test]
fn settings_of_the_client_that_lead_to_no_other_provider_are_no_matter() {
    for text in [&*settings(""), "{ANTHROPIC_BASE_URL", &settings("https://api.anthropic.com")] {
        with_client().file(USERS, text).run(["-p", "anthropic"]).prints("started\n");
    }
}
