//! The client, its settings, and the policy of the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::doctor::at;
use crate::doctor::findings;
use crate::doctor::has;
use crate::doctor::healthy;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn a_client_that_is_missing_old_or_silent_is_reported() {
    let found = findings(&sandbox().env("PATH", "/nowhere"), &[]);
    has(
        &found,
        "fail client: claude: not found | install it with `npm install -g @anthropic-ai/claude-code`",
    );
    for file in ["home/.local/bin/claude", "home/.claude/local/claude"] {
        let elsewhere = sandbox().script(file, "echo 2.1.330").env("PATH", "/nowhere");
        let found = findings(&elsewhere, &[]);
        has(
            &found,
            &format!(
                "warn client: claude is not in PATH; a launch without a command, or by a link, starts {} | put its folder into PATH",
                at(file)
            ),
        );
        has(&found, &format!("ok client: {}, version 2.1.330", at(file)));
    }
    for (words, wanted) in [
        ("2.1.330 (Claude Code)", "ok client: [C], version 2.1.330"),
        (
            "2.1.329",
            "warn client: [C], version 2.1.329: before 2.1.330, programs that the client starts",
        ),
        ("2.1.257", "warn client: [C], version 2.1.257: before 2.1.330"),
        (
            "2.1.256 (Claude Code)",
            "fail client: [C], version 2.1.256: before 2.1.257, a cloned repository",
        ),
        ("2.0.999", "fail client: [C], version 2.0.999: before 2.1.257"),
        ("1.0.0", "fail client: [C], version 1.0.0: before 2.1.257"),
        ("2.2.0", "ok client: [C], version 2.2.0"),
        ("3.0.0-rc1 (Claude Code)", "ok client: [C], version 3.0.0"),
        ("nonsense", "fail client: [C] printed no version | run it by hand: [C] --version"),
    ] {
        let sandbox = sandbox().script("bin/claude", &format!("echo '{words}'")).path_first("bin");
        let found = findings(&sandbox, &[]);
        let wanted = wanted.replace("[C]", &at("bin/claude"));
        assert!(found.iter().any(|line| line.starts_with(&wanted)), "no {wanted} in {found:#?}");
    }
    let sandbox = sandbox().script("bin/claude", "echo broken >&2; exit 3").path_first("bin");
    let (claude, file) = (at("bin/claude"), sandbox.path("bin/claude"));
    let found = findings(&sandbox, &[]);
    has(
        &found,
        &format!("fail client: {claude} ended with 3: broken | run it by hand: {claude} --version"),
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let found = findings(&sandbox.env("PATH", file.parent().unwrap()), &[]);
    has(&found, &format!("fail client: {claude} cannot be run | chmod +x {claude}, or remove it"));
}

#[test]
fn programs_are_asked_though_our_caller_ignores_the_end_of_children() {
    let launch = healthy().launch().words(["doctor"]).steps("ignore", &[17]);
    let text = launch.run().text();
    assert!(text.contains("version 2.1.330"), "{text}");
}

#[test]
fn the_clients_settings_are_named_with_their_lines_and_never_shown() {
    let settings = format!(
        "{{\n  \"model\": \"{SENTINEL}\",\n  \"apiKeyHelper\": \"echo {SENTINEL}\",\n  \"env\": {{\n    \
         \"ANTHROPIC_BASE_URL\": \"{SENTINEL}\", \"FOO\": \"{SENTINEL}\",\n    \"API_TIMEOUT_MS\": \"1\",\n    \
         \"HTTPS_PROXY\": \"{SENTINEL}\",\n    \"ANTHROPIC_API_KEY\": \"\",\n    \"ANTHROPIC_CUSTOM_HEADERS\": \
         \"x: {SENTINEL}\"\n  }},\n  \"fallbackModel\": [\"{SENTINEL}\"]\n}}\n"
    );
    let state = format!(
        "{{\n  \"primaryApiKey\": \"{SENTINEL}\",\n  \"customApiKeyResponses\": {{\n    \"approved\": [\"{SENTINEL}\"]}}}}"
    );
    let files = |sandbox: Sandbox| {
        sandbox
            .file("home/.claude/settings.json", &settings)
            .file("home/.claude.json", &state)
            .file("here/.claude/settings.local.json", format!("{{\"env\": {{\n{SENTINEL}"))
    };
    let sandbox = files(healthy());
    let found = findings(&sandbox, &[]);
    let (user, state) = (at("home/.claude/settings.json"), at("home/.claude.json"));
    let local = at("here/.claude/settings.local.json");
    for wanted in [
        format!("ok settings: {user}:2: model is ignored under a redirect; plain claude uses it"),
        format!(
            "ok settings: {user}:3: apiKeyHelper is ignored under a redirect; plain claude uses it"
        ),
        format!(
            "warn settings: {user}:5: env.ANTHROPIC_BASE_URL is ignored under a redirect, but plain claude uses it \
             | remove it, unless plain claude should use it, too"
        ),
        format!(
            "warn settings: {user}:6: env.API_TIMEOUT_MS overrides the value that a redirect sets | remove it: the preset has the \
             right value for its provider"
        ),
        format!(
            "warn settings: {user}:7: env.HTTPS_PROXY is ignored under a redirect | export HTTPS_PROXY in the shell"
        ),
        format!(
            "warn settings: {user}:11: a redirect asks the provider for the models of fallbackModel when it is overloaded | name \
             models of the provider, or remove it"
        ),
        format!(
            "ok settings: {state}:2: primaryApiKey is ignored under a redirect; plain claude uses it"
        ),
        format!(
            "ok settings: {state}:4: customApiKeyResponses approves a key; a redirect uses none that needs approval"
        ),
        format!(
            "warn settings: {local}:2:1: not JSON | correct it: the client ignores the whole file"
        ),
    ] {
        has(&found, &wanted);
    }
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let text = format!("{{\"env\": {{\"ssl_cert_file\": \"{SENTINEL}\"}}}}");
    let unusual = format!("{{\"x\": 1e999, \"model\": \"{SENTINEL}\"}}");
    for (bytes, wanted) in [
        (
            utf16(&text),
            "1: env.ssl_cert_file is ignored under a redirect | export ssl_cert_file in the shell",
        ),
        (
            unusual.into_bytes(),
            "1:11: Claude Code can read this file and jackin-exec cannot | write it without unpaired \\uD800 to \\uDFFF, without numbers above 1e308 and with less than 128 levels; else doctor does not check it",
        ),
    ] {
        let found = findings(&healthy().file("home/.claude/settings.json", bytes), &[]);
        has(&found, &format!("warn settings: {user}:{wanted}"));
    }
    assert!(
        !found.iter().any(|line| line.contains("FOO") || line.contains("env.ANTHROPIC_API_KEY")),
        "{found:#?}"
    );
    // An old client sends them.
    let old = sandbox.script("bin/claude", "echo '2.1.197 (Claude Code)'");
    let found = findings(&old, &[]);
    let update = "`claude update`, or `npm install -g @anthropic-ai/claude-code`";
    for wanted in [
        format!(
            "fail settings: {user}:3: the key of apiKeyHelper is sent to the provider, too | remove it, or {update}"
        ),
        format!(
            "fail settings: {user}:9: env.ANTHROPIC_CUSTOM_HEADERS is sent to the provider | remove it, or {update}"
        ),
        format!(
            "fail settings: {state}:2: primaryApiKey, a key stored by login, is sent to the provider, too | log out \
             with /logout, or {update}"
        ),
    ] {
        has(&found, &wanted);
    }
    // Elsewhere it looks elsewhere.
    let moved = files(healthy()).file("elsewhere/settings.json", "{\"model\": \"x\"}");
    let folder = moved.path("elsewhere");
    let moved = moved.env("CLAUDE_CONFIG_DIR", &folder);
    let found = findings(&moved, &[]);
    has(
        &found,
        &format!(
            "ok settings: {}:1: model is ignored under a redirect; plain claude uses it",
            at("elsewhere/settings.json")
        ),
    );
    assert!(!found.iter().any(|line| line.contains("primaryApiKey")), "{found:#?}");
}

#[test]
fn a_policy_of_the_machine_is_named_with_its_line() {
    let sandbox = healthy().env("ZAI_API_KEY", SENTINEL);
    let policy = format!(
        "{{\n \"permissions\": {{}},\n \"env\": {{\n  \"ANTHROPIC_BASE_URL\": \"{SENTINEL}\"}}}}"
    );
    sandbox.write("etc/claude-code/managed-settings.json", policy, 0o644);
    let Some(outcome) = sandbox.run_with_etc(&["doctor", "-p", "zai"]) else {
        return;
    };
    assert_eq!(outcome.status, 1, "{outcome:#?}");
    let wanted = "/etc/claude-code/managed-settings.json:4 sets env.ANTHROPIC_BASE_URL: a redirect will not start\n";
    assert!(outcome.stdout.contains(wanted), "{outcome:#?}");
    outcome.shows_no_secret();
}
