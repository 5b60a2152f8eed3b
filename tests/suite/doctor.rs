//! `doctor`: set-ups that are broken on purpose, and its words.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::clients;
use crate::support::sandbox;
use crate::support::sealed;

const CLIENT: &str = "case \"$1\" in --version) echo '2.1.330 (Claude Code)';; *) exit 9;; esac";

/// A home with a client and nothing else.
fn healthy() -> Sandbox {
    sandbox().script("bin/claude", CLIENT).path_first("bin")
}

/// All that was found, as `status check: message | remedy`.
fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let outcome = sandbox.run(["doctor", "--json"].iter().chain(arguments));
    outcome.shows_no_secret();
    assert_eq!(outcome.stderr, "");
    let parsed: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("no JSON: {outcome:#?}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let found: Vec<String> = parsed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let remedy = one
                .get("remedy")
                .map(|_| format!(" | {}", text(one, "remedy")))
                .unwrap_or_default();
            format!(
                "{} {}: {}{remedy}",
                text(one, "status"),
                text(one, "check"),
                text(one, "message")
            )
        })
        .collect();
    let fails = found.iter().any(|line| line.starts_with("fail"));
    assert_eq!(outcome.status, i32::from(fails), "{found:#?}");
    found
}

/// A path of the sandbox, as outcomes show it.
fn at(relative: &str) -> String {
    format!("[ROOT]/{relative}")
}

/// The finding, word for word.
#[track_caller]
fn has(found: &[String], wanted: &str) {
    assert!(found.iter().any(|line| line == wanted), "no {wanted}\nin {found:#?}");
}

#[test]
fn nothing_is_wrong_where_nothing_is_wrong() {
    let sandbox = healthy().config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    sandbox.run(["doctor", "-p", "kimi"]).is(
        0,
        "\
ok  config    [ROOT]/home/.config/jackin/config.toml
ok  scope     no workspace here
ok  choice    a launch here takes Kimi (from --provider)
ok  provider  Anthropic: needs no key
ok  provider  Kimi: KIMI_CODE_API_KEY from global (written in the file)
ok  provider  39 more have no key here (jackin-exec providers --all)
ok  client    [ROOT]/bin/claude, version 2.1.330
ok  settings  no settings of the client conflict with a redirect
ok  terminal  stderr is not a terminal: no question is asked, and no launch line is shown
ok  resume    Claude Code prints claude --resume ID at its end, which goes on at Anthropic; with a link claude-kimi it prints that name

No errors.
",
        "",
    );
}

#[test]
fn where_a_session_goes_on_that_is_resumed_as_printed_is_told() {
    let resumes = |home: &Sandbox, id: &str| {
        let found = findings(home, &["-p", id]);
        let mut lines =
            found.into_iter().filter_map(|line| Some(line.split_once("resume: ")?.1.to_owned()));
        (lines.next(), lines.next())
    };
    let told = |words: &str| (Some(words.to_owned()), None);
    let home = healthy().config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n").path_first("links");
    assert_eq!(resumes(&home, "anthropic"), (None, None));
    let plain = "Claude Code prints claude --resume ID at its end, which goes on at Anthropic; with a link claude-kimi it prints that name";
    assert_eq!(resumes(&home, "kimi"), told(plain));
    let home = home.link("links/claude-zai", PROGRAM);
    assert_eq!(resumes(&home, "kimi"), told(plain), "another provider's link");
    let home = home.link("links/claude-kimi", PROGRAM);
    assert_eq!(
        resumes(&home, "kimi"),
        told("Claude Code prints claude-kimi --resume ID at its end")
    );
    let home = home.link("links/claude", PROGRAM);
    let ours = "claude in PATH is jackin-exec: claude --resume ID chooses by the rule";
    assert_eq!(resumes(&home, "kimi"), told(ours));
}

#[test]
fn files_that_do_not_parse_are_all_named_with_their_places_and_quoted_nowhere() {
    let sandbox = healthy()
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\n"))
        .exec(&format!(
            "[env]\nA = \"{SENTINEL}\"\nJACKIN_ROLE = \"{SENTINEL}\"\nDOCKER_HOST = \"x\"\n"
        ))
        .workspace("one", &format!("env = \"{SENTINEL}\"\n"))
        .workspace("two", "workdir = \"/nowhere\"\n");
    let found = findings(&sandbox, &[]);
    let root = at("home/.config/jackin");
    assert!(
        found.iter().any(|line| line.starts_with(&format!("fail config: {root}/config.toml:2:"))),
        "{found:#?}"
    );
    has(
        &found,
        &format!(
            "fail config: {root}/exec.toml:3:1: JACKIN_ROLE is reserved by jackin | rename or remove it"
        ),
    );
    has(
        &found,
        &format!(
            "fail config: {root}/exec.toml:4:1: DOCKER_HOST is reserved by jackin | rename or remove it"
        ),
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with(&format!("fail config: {root}/workspaces/one.toml:1:"))),
        "{found:#?}"
    );
    has(&found, &format!("ok config: {root}/workspaces/two.toml"));
    // What does not depend on it is looked at all the same.
    has(&found, &format!("ok client: {}, version 2.1.330", at("bin/claude")));
}

#[test]
fn files_that_others_may_write_or_read_are_named_with_the_command_that_mends_them() {
    let key = format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n");
    let sandbox = healthy();
    sandbox.write("home/.config/jackin/config.toml", &key, 0o664);
    sandbox.write("home/.config/jackin/exec.toml", "", 0o666);
    let found = findings(&sandbox, &[]);
    let (config, exec) =
        (at("home/.config/jackin/config.toml"), at("home/.config/jackin/exec.toml"));
    has(
        &found,
        &format!(
            "fail config: {exec}: writable by everyone, so it is not trusted | chmod o-w {exec}"
        ),
    );
    has(&found, &format!("warn config: {config} is writable by its group | chmod g-w {config}"));
    has(
        &found,
        &format!(
            "warn config: {config} holds a key and is readable by everyone | chmod 600 {config}"
        ),
    );
}

#[test]
fn a_key_that_cannot_work_or_looks_wrong_is_told_without_being_shown() {
    let sandbox = healthy()
        .config(&format!(
            "[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\nZAI_API_KEY = \" {SENTINEL}\"\nMINIMAX_API_KEY = \"$NOT_SET\"\n\
             DEEPSEEK_API_KEY = \"\"\n"
        ))
        .exec("[env]\nMOONSHOT_API_KEY = { file = \"/nowhere/key\" }\n")
        .env("ZAI_CN_API_KEY", format!("{SENTINEL}\n"));
    let found = findings(&sandbox, &["-p", "kimi"]);
    has(
        &found,
        "warn provider: Kimi: KIMI_CODE_API_KEY from global (written in the file): KIMI_CODE_API_KEY does not begin with \
         sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com | check that the key belongs to this provider \
         and product",
    );
    has(
        &found,
        "warn provider: Z.AI (zai): ZAI_API_KEY from global (written in the file): ZAI_API_KEY has spaces or quotes around \
         it | remove the spaces or quotes",
    );
    has(
        &found,
        "warn provider: MiniMax: no key: MINIMAX_API_KEY in the global scope is $NOT_SET, which is unset or empty | export NOT_SET, \
         or set MINIMAX_API_KEY in another way",
    );
    has(&found, "ok provider: DeepSeek: no key: DEEPSEEK_API_KEY is empty in the global scope");
    assert!(
        found.iter().any(|line| line.starts_with(
            "fail provider: Moonshot: MOONSHOT_API_KEY from global (file /nowhere/key): "
        )),
        "{found:#?}"
    );
    has(
        &found,
        "fail provider: BigModel: ZAI_CN_API_KEY from environment: the key contains a line break or another control character \
         | give it a value, or another source",
    );
}

#[test]
fn what_jackin_would_refuse_is_a_warning_though_a_launch_can_read_it() {
    let sandbox = healthy()
        .config("[roles.mine.env]\nA = \"x\"\n[kimi]\nauth_forward = \"oauth_token\"\n")
        .workspace("w", "workdir = \"~/here\"\n[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n");
    let found = findings(&sandbox, &[]);
    for place in [
        "config.toml:1:8: jackin refuses this file: expected git = \"URL\" beside it",
        "config.toml:4:16: jackin refuses this file: expected sync, api_key or ignore",
        "workspaces/w.toml:1:11: jackin refuses this file: expected an absolute path",
    ] {
        has(
            &found,
            &format!(
                "warn config: [ROOT]/home/.config/jackin/{place} | jackin's own commands fail until it is corrected"
            ),
        );
    }
    // A launch goes on, and what jackin takes is fine.
    sandbox.run(["-p", "anthropic", "-w", "w", "echo", "started"]).prints("started\n");
    let sandbox =
        healthy().workspace("w", "workdir = \"/b\"\n[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n");
    assert!(!findings(&sandbox, &[]).iter().any(|line| line.contains("jackin refuses")));
}

#[test]
fn a_key_in_the_place_of_a_providers_id_is_not_repeated() {
    let sandbox = healthy().exec(&format!("default_provider = \"sk-{SENTINEL}\"\n"));
    sandbox.run(["doctor"]).shows_no_secret();
    let found = findings(&sandbox, &[]);
    assert!(
        found.iter().any(|line| line.starts_with(
            "fail config: exec.toml: default_provider: no provider named that (not shown: it may be a key)"
        )),
        "{found:#?}"
    );
}

#[test]
fn names_that_mean_nothing_are_found_before_a_launch_meets_them() {
    let sandbox = healthy()
        .workspace("w", "workdir = \"/nowhere\"\n")
        .exec("default_provider = \"kimmi\"\n[workspaces.w]\nproviders = [\"zay\"]\n");
    let found = findings(&sandbox, &[]);
    has(
        &found,
        "fail config: exec.toml: default_provider: no provider named kimmi | did you mean kimi?",
    );
    has(
        &found,
        "fail config: exec.toml: [workspaces.w]: no provider named zay | did you mean zai?",
    );
    let found = findings(&healthy(), &["-p", "kimi"]);
    assert!(
        found.iter().any(|line| line.starts_with("fail choice: provider kimi has no key: ")),
        "{found:#?}"
    );
    let found = findings(&healthy(), &["-w", "nowhere"]);
    assert!(
        found.iter().any(|line| line.starts_with("fail config: no workspace named nowhere")),
        "{found:#?}"
    );
}

#[test]
fn helpers_are_looked_for_and_asked_who_is_signed_in_and_nothing_is_fetched() {
    let config = "[env]\nKIMI_CODE_API_KEY = \"op://Private/Kimi/key\"\n";
    let found = findings(&healthy().config(config).env("PATH", "/nowhere"), &["-p", "kimi"]);
    has(
        &found,
        "fail helper: op was not found in the absolute entries of PATH | install 1Password's command-line tool, or put its \
         folder into PATH",
    );
    let sandbox = healthy()
        .config(config)
        .exec("[env]\nX = { command = [\"no-such-helper\"] }\n")
        .env("ZAI_API_KEY", SENTINEL)
        .script(
            "bin/op",
            "echo \"$@ ${ZAI_API_KEY-}\" >> \"$HOME/op\"; echo '[ERROR] account is not signed in' >&2; exit 1",
        );
    let found = findings(&sandbox, &["-p", "kimi"]);
    let op = at("bin/op");
    has(
        &found,
        &format!(
            "warn helper: op: {op}, is not signed in: [ERROR] account is not signed in | sign in with `op signin`, or set \
             OP_SERVICE_ACCOUNT_TOKEN; with the desktop app, a launch will ask you",
        ),
    );
    has(
        &found,
        "fail helper: no-such-helper was not found in the absolute entries of PATH | install it, or name it with its path",
    );
    assert_eq!(fs::read_to_string(sandbox.path("home/op")).unwrap(), "whoami \n");
    has(
        &found,
        "ok provider: Kimi: KIMI_CODE_API_KEY from global (op op://Private/Kimi/key), not fetched here",
    );
}

#[test]
fn a_client_that_is_missing_old_or_silent_is_told() {
    let found = findings(&sandbox().env("PATH", "/nowhere"), &[]);
    has(
        &found,
        "fail client: claude: not found | install it with: npm install -g @anthropic-ai/claude-code",
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
fn links_are_read_as_a_launch_would_read_them() {
    let sandbox = healthy().env("ZAI_API_KEY", SENTINEL);
    for name in
        ["foo", "claude-zai", "claude-kimi", "claude-kimmi", "jackin-zai", "jackin-exec", "foo-zai"]
    {
        symlink(PROGRAM, sandbox.path(&format!("bin/{name}"))).unwrap();
    }
    symlink("/gone/jackin-exec", sandbox.path("bin/claude-minimax")).unwrap();
    symlink("/gone/else", sandbox.path("bin/other")).unwrap();
    let found = findings(&sandbox, &["-p", "zai"]);
    let bin = at("bin");
    has(&found, &format!("ok link: {bin}/claude-zai: claude on zai"));
    has(&found, &format!("ok link: {bin}/jackin-zai: the command that follows on zai"));
    has(&found, &format!("ok link: {bin}/jackin-exec is this program"));
    has(
        &found,
        &format!(
            "warn link: {bin}/claude-kimi: claude on kimi, which has no key: KIMI_CODE_API_KEY is not set | give it a key, or \
             remove the link"
        ),
    );
    has(
        &found,
        &format!(
            "warn link: {bin}/claude-kimmi names no provider, so it is plain jackin-exec | did you mean kimi? a link's name ends in \
             -ID; `jackin-exec providers` lists the ids"
        ),
    );
    has(
        &found,
        &format!(
            "warn link: {bin}/foo-zai: foo on zai, but foo is not in PATH | the name is COMMAND-ID, or jackin-ID for any \
             command"
        ),
    );
    has(
        &found,
        &format!(
            "fail link: {bin}/claude-minimax leads to a jackin-exec that does not exist | ln -sf \"$(command -v jackin-exec)\" \
             {bin}/claude-minimax"
        ),
    );
    assert!(!found.iter().any(|line| line.contains("/other")));
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
        format!("ok settings: {user}:2: model is ignored by a redirect, and used without one"),
        format!(
            "ok settings: {user}:3: apiKeyHelper is ignored by a redirect, and used without one"
        ),
        format!(
            "warn settings: {user}:5: env.ANTHROPIC_BASE_URL is ignored by a redirect, but used without one \
             | remove it, unless plain claude should use it, too"
        ),
        format!(
            "warn settings: {user}:6: env.API_TIMEOUT_MS overrides the value that a redirect sets | remove it: the preset has the \
             right value for its provider"
        ),
        format!(
            "warn settings: {user}:7: env.HTTPS_PROXY is ignored by a redirect | export HTTPS_PROXY in the shell"
        ),
        format!(
            "warn settings: {user}:11: a redirect asks the provider for the models of fallbackModel when it is overloaded | name \
             models of the provider, or remove it"
        ),
        format!(
            "ok settings: {state}:2: primaryApiKey is ignored by a redirect, and used without one"
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
    assert!(
        !found.iter().any(|line| line.contains("FOO") || line.contains("env.ANTHROPIC_API_KEY")),
        "{found:#?}"
    );
    // An old client sends them.
    let old = sandbox.script("bin/claude", "echo '2.1.197 (Claude Code)'");
    let found = findings(&old, &[]);
    let update = "claude update, or npm install -g @anthropic-ai/claude-code";
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
            "ok settings: {}:1: model is ignored by a redirect, and used without one",
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

#[test]
fn inherited_variables_are_named_with_what_becomes_of_them() {
    let sandbox = healthy()
        .env("ANTHROPIC_API_KEY", SENTINEL)
        .env("ANTHROPIC_BASE_URL", SENTINEL)
        .env("ANTHROPIC_DEFAULT_SAGA_MODEL", SENTINEL)
        .env("ANTHROPIC_MODEL", "")
        .env("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB", "1")
        .path_first("bin");
    let found = findings(&sandbox, &[]);
    has(
        &found,
        "ok environment: ANTHROPIC_API_KEY is set (another credential); a redirect removes it",
    );
    has(
        &found,
        "ok environment: ANTHROPIC_DEFAULT_SAGA_MODEL is set (another model); a redirect removes it",
    );
    has(
        &found,
        "warn environment: ANTHROPIC_BASE_URL is set (another route); a redirect removes it, a launch with Anthropic keeps it | unset \
         ANTHROPIC_BASE_URL, unless it is meant",
    );
    assert!(!found.iter().any(|line| line.contains("ANTHROPIC_MODEL ")), "{found:#?}");
    let without_bubblewrap = crate::support::sandbox()
        .env("PATH", "/nowhere")
        .env("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB", "1");
    has(
        &findings(&without_bubblewrap, &[]),
        "fail environment: CLAUDE_CODE_SUBPROCESS_ENV_SCRUB is set, and bubblewrap is not installed: the client will not \
         start | install bubblewrap and socat, or unset it",
    );
}

#[test]
fn a_redirect_that_was_left_over_is_told_as_a_launch_tells_it() {
    let sandbox = healthy().env("ANTHROPIC_BASE_URL", "https://api.z.ai/api/anthropic");
    has(
        &findings(&sandbox, &["-p", "anthropic"]),
        "warn environment: ANTHROPIC_BASE_URL is set (another route); a redirect removes it, and so does a launch with \
         Anthropic, because it leads to another provider | unset ANTHROPIC_BASE_URL, unless it is meant",
    );
}

#[test]
fn a_helper_that_a_launch_here_does_without_is_no_failure() {
    let sandbox = healthy()
        .env("KIMI_CODE_API_KEY", "sk-kimi-x")
        .exec("[env]\nZAI_API_KEY = { command = [\"no-such-helper\"] }\n");
    has(
        &findings(&sandbox, &["-p", "kimi"]),
        "warn helper: no-such-helper was not found in the absolute entries of PATH; a launch here does not need it | install it, \
         or name it with its path",
    );
    assert_eq!(sandbox.run(["doctor", "-p", "kimi"]).status, 0);
    has(
        &findings(&sandbox, &["-p", "zai"]),
        "fail helper: no-such-helper was not found in the absolute entries of PATH | install it, or name it with its path",
    );
    let path = sandbox.path("none").display().to_string();
    let named =
        sandbox.exec(&format!("[env]\nX = {{ command = [\"{path}\"] }}\n")).file("none", "");
    let found = findings(&named, &["-p", "kimi"]);
    has(
        &found,
        &format!(
            "fail helper: {} does not exist or cannot be executed | make it executable, or name another",
            at("none")
        ),
    );
}

#[test]
fn a_link_to_nothing_in_the_place_of_a_file_stops_a_launch() {
    for file in ["config.toml", "exec.toml"] {
        let sandbox = healthy().link(&format!("home/.config/jackin/{file}"), "/nowhere/dotfiles");
        let words = format!("{}: broken link", at(&format!("home/.config/jackin/{file}")));
        let hint = "restore the file, or remove the link";
        has(&findings(&sandbox, &[]), &format!("fail config: {words} | {hint}"));
        sandbox.run(["true"]).fails(125, &format!("jackin-exec: {words}\nhint: {hint}\n"));
    }
    // The folder of workspaces, the whole configuration, and a workspace whose list of providers
    // would bind.
    let exec = "[workspaces.o]\nproviders = [\"kimi\"]\n";
    for (gone, exec) in
        [("jackin/workspaces", ""), ("jackin", ""), ("jackin/workspaces/o.toml", exec)]
    {
        let sandbox = healthy().exec(exec);
        let path = sandbox.path(&format!("home/.config/{gone}"));
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        symlink("/nowhere", &path).unwrap();
        let outcome = sandbox.run(["-p", "anthropic", "true"]);
        let wanted = format!("jackin-exec: [ROOT]/home/.config/{gone}: broken link\n");
        assert!(outcome.status == 125 && outcome.stderr.starts_with(&wanted), "{outcome:#?}");
    }
    // An editor's lock is such a link, too.
    let sandbox =
        healthy().workspace("o", "").link("home/.config/jackin/workspaces/.#o.toml", "me@host.1:2");
    sandbox.run(["-q", "-p", "anthropic", "true"]).prints("");
    assert_eq!(sandbox.run(["doctor"]).status, 0);
}

#[test]
fn completion_scripts_are_compared_with_this_version() {
    let place = "home/.local/share/bash-completion/completions/jackin-exec";
    let none = healthy().env("SHELL", "/bin/bash").env("XDG_DATA_HOME", "");
    let target = at(place);
    let folder = target.trim_end_matches("/jackin-exec");
    let hint = format!("mkdir -p {folder} && jackin-exec completions bash > {target}");
    has(
        &findings(&none, &[]),
        &format!("warn completion: bash does not complete jackin-exec's words | {hint}"),
    );
    let old = none.file(place, "# old\n");
    let again = format!("jackin-exec completions bash > {target}");
    has(
        &findings(&old, &[]),
        &format!("warn completion: {target} is from another version | {again}"),
    );
    let script = old.run(["completions", "bash"]).stdout;
    has(&findings(&old.file(place, script), &[]), &format!("ok completion: {target}"));
    // zsh has no folder of the user's in its fpath.
    let zsh = healthy().env("SHELL", "/usr/bin/zsh").env("XDG_DATA_HOME", "");
    let script = zsh.run(["completions", "zsh"]).stdout;
    let zsh = zsh.file("home/.local/share/zsh/site-functions/_jackin-exec", script);
    let folder = at("home/.local/share/zsh/site-functions");
    has(
        &findings(&zsh, &[]),
        &format!(
            "ok completion: {folder}/_jackin-exec: works if ~/.zshrc has fpath=({folder} $fpath) before compinit"
        ),
    );
}

#[test]
fn the_table_fits_a_narrow_terminal_and_keeps_every_word() {
    let label = "[providers.own]\nlabel = \"智谱 מותאם\"\nbase_url = \"https://x.example\"\nkey = false\nmodel = \"m\"\n";
    let sandbox = sandbox().exec(label).env("PATH", "/nowhere").env("SHELL", "/bin/zsh");
    let words = |outcome: &Outcome| outcome.stdout.split_whitespace().collect::<String>();
    let wide = sandbox.run(["doctor"]);
    let root = sandbox.path("").to_string_lossy().trim_end_matches('/').to_owned();
    for columns in ["40", "80"] {
        let sandbox = sandbox.command().env("COLUMNS", columns).arg("doctor").output().unwrap();
        let text = String::from_utf8(sandbox.stdout).unwrap();
        let width: usize = columns.parse().unwrap();
        for line in text.lines() {
            // The two names are five wide characters and a word from right to left: at most twice
            // their number.
            assert!(
                line.chars().map(|c| if ('一'..='龥').contains(&c) { 2 } else { 1 }).sum::<usize>()
                    <= width,
                "{line}"
            );
        }
        assert_eq!(
            text.split_whitespace().collect::<String>().replace(&root, "[ROOT]"),
            words(&wide),
            "{columns}"
        );
    }
    assert!(!wide.stdout.contains('\u{1b}'));
    let colour = sandbox.command().env("CLICOLOR_FORCE", "1").arg("doctor").output().unwrap();
    assert!(String::from_utf8_lossy(&colour.stdout).contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    let none = sandbox
        .command()
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .arg("doctor")
        .output()
        .unwrap();
    assert!(!none.stdout.contains(&0x1b));
}

// ---------------------------------------------------------------- --online

/// A client that logs what the endpoint said and prints a result, as 2.1.330 does.
fn stub(status: u16, body: &str, words: &str) -> String {
    let log = if status == 0 {
        String::new()
    } else {
        format!(
            "printf '%s\\n' '2026-11-24T08:57:15.568Z [ERROR] API error (attempt 1/1): {status} {status} {body}' >&2; "
        )
    };
    let shown = if status == 0 { "null".to_owned() } else { status.to_string() };
    format!(
        "[ \"$1\" = --version ] && {{ echo '2.1.330 (Claude Code)'; exit; }}\n\
         printf '%s\\n' \"$@\" \"$ANTHROPIC_BASE_URL $CLAUDE_CODE_MAX_RETRIES ${{#ANTHROPIC_AUTH_TOKEN}}\" > \"$HOME/seen\"\n\
         echo 'a hook says hello'\n{log}\
         printf '%s\\n' '{{\"type\":\"result\",\"is_error\":true,\"api_error_status\":{shown},\"result\":\"{words}\"}}'\nexit 1"
    )
}

fn online(client: &str) -> Vec<String> {
    let sandbox = sandbox()
        .script("bin/claude", client)
        .path_first("bin")
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    findings(&sandbox, &["--online", "-p", "kimi"])
        .into_iter()
        .filter(|line| line.contains(" online: "))
        .collect()
}

#[test]
fn a_turn_that_works_is_told_and_has_the_launchs_own_environment() {
    let client = "[ \"$1\" = --version ] && { echo 2.1.330; exit; }\n\
                  printf '%s\\n' \"$@\" \"$ANTHROPIC_BASE_URL $CLAUDE_CODE_MAX_RETRIES ${#ANTHROPIC_AUTH_TOKEN}\" > \"$HOME/seen\"\n\
                  echo '{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}'";
    let sandbox = sandbox()
        .script("bin/claude", client)
        .path_first("bin")
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    has(&findings(&sandbox, &["--online", "-p", "kimi"]), "ok online: Kimi answers");
    let seen = fs::read_to_string(sandbox.path("home/seen")).unwrap();
    let length = "sk-kimi-".len() + SENTINEL.len();
    assert_eq!(
        seen,
        format!(
            "-p\nsay ok\n--output-format\njson\n--debug-to-stderr\n--no-session-persistence\nhttps://api.kimi.com/coding 0 \
             {length}\n"
        )
    );
}

/// What endpoints answer, and what that means. The bodies are those that users report (facts of the
/// providers' threads).
const ANSWERS: &[(u16, &str, &str)] = &[
    (
        401,
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid api key"}}"#,
        "does not know this key (401)",
    ),
    (
        401,
        r#"{"error":{"message":"this key belongs to another region"}}"#,
        "refuses this key for this endpoint",
    ),
    (
        403,
        r#"{"type":"error","error":{"type":"permission_error","message":"no"}}"#,
        "refuses this key for this endpoint",
    ),
    (
        403,
        r#"{"error":{"type":"access_terminated_error","message":"We are sorry"}}"#,
        "its plan has lapsed (403)",
    ),
    (404, "<html>404 page not found</html>", "nothing at this path (404)"),
    (
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"there is nothing here"}}"#,
        "nothing at this path (404)",
    ),
    (
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"model: m-x"}}"#,
        "does not serve this model",
    ),
    (
        400,
        r#"{"error":{"code":"1211","message":"Unknown Model, please check the model code."}}"#,
        "does not serve this model",
    ),
    (
        400,
        r#"{"error":{"message":"tool_reference is not supported"}}"#,
        "refuses the request (400)",
    ),
    (402, r#"{"error":{"message":"Insufficient Balance"}}"#, "its quota or balance is used up"),
    (
        429,
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"usage limit reached"}}"#,
        "its quota or balance is used up",
    ),
    (
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        "is down or busy (529)",
    ),
];

#[test]
fn every_refusal_is_told_from_the_others() {
    for (status, body, meaning) in ANSWERS {
        let found =
            online(&stub(*status, body, "There is an issue with the selected model (m-x)."));
        assert!(found.len() == 1 && found[0].contains(meaning), "{status} {body}: {found:#?}");
        assert!(
            found[0].starts_with("fail online: Kimi ") && found[0].contains(" | "),
            "{found:#?}"
        );
    }
    for words in [
        "API Error: Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)",
        "API Error: Can't reach the API server — check your internet or DNS (EAI_AGAIN)",
        "API Error: Unable to connect to API (ConnectionRefused)",
    ] {
        let found = online(&stub(0, "", &words.replace('\'', "")));
        assert!(found[0].starts_with("fail online: Kimi cannot be reached"), "{found:#?}");
    }
}

#[test]
fn what_a_provider_repeats_of_a_key_is_hidden() {
    let part = SENTINEL.get(..20).unwrap();
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: sk-kimi-{SENTINEL}, or {part}***."}}}}"#
    );
    let found = online(&stub(401, &body, "no"));
    assert!(found[0].contains("the answer: Incorrect API key provided: ••• or •••"), "{found:#?}");
    assert!(!found[0].contains(part), "{found:#?}");
}

#[test]
fn a_client_that_gives_no_result_is_not_taken_for_an_answer() {
    let found = online(
        "[ \"$1\" = --version ] && { echo 2.1.330; exit; }\necho 'cannot start' >&2; exit 4",
    );
    assert_eq!(
        found,
        [
            "fail online: the client ended with 4 and gave no result; the answer: cannot start | run it by hand: jackin-exec -p kimi -- -p \"say ok\""
        ]
    );
}

#[test]
fn a_secret_that_cannot_be_had_is_a_finding_of_the_turn() {
    let sandbox =
        healthy().exec("[env]\nKIMI_CODE_API_KEY = { command = [\"sh\", \"-c\", \"exit 3\"] }\n");
    let found = findings(&sandbox, &["--online", "-p", "kimi"]);
    assert!(
        found.iter().any(|line| line
            .starts_with("fail online: KIMI_CODE_API_KEY of global [env] (sh): sh ended with 3")),
        "{found:#?}"
    );
}

/// An endpoint that says one thing to everybody.
fn endpoint(status: u16, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut seen = Vec::new();
                let mut buffer = [0; 4096];
                loop {
                    let count = stream.read(&mut buffer).unwrap_or(0);
                    seen.extend_from_slice(&buffer[..count]);
                    let text = String::from_utf8_lossy(&seen);
                    let length = text
                        .to_lowercase()
                        .split_once("content-length: ")
                        .and_then(|(_, rest)| rest.lines().next()?.trim().parse::<usize>().ok());
                    let whole = text.split_once("\r\n\r\n").is_some_and(|(head, _)| {
                        seen.len() >= head.len() + 4 + length.unwrap_or(0)
                    });
                    if whole || count == 0 {
                        break;
                    }
                }
                let kind = if body.starts_with("event") {
                    "text/event-stream"
                } else {
                    "application/json"
                };
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            });
        }
    });
    port
}

const SAYS_OK: &str = "\
event: message_start
data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}

event: content_block_start
data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}

event: content_block_delta
data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"ok\"}}

event: content_block_stop
data: {\"type\":\"content_block_stop\",\"index\":0}

event: message_delta
data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}

event: message_stop
data: {\"type\":\"message_stop\"}

";

#[test]
fn the_real_client_tells_enough_for_every_answer() {
    let versions = clients();
    if versions.is_empty() || !sealed("doctor::the_real_client_tells_enough_for_every_answer") {
        return;
    }
    let newest = versions[0].clone();
    for bin in versions {
        let mut answers: Vec<(u16, &'static str, &str)> =
            vec![(200, SAYS_OK, "ok online: Own answers")];
        // All answers on the newest; on the others the one whose kind only the log holds.
        answers
            .extend(ANSWERS.iter().copied().filter(|(status, ..)| bin == newest || *status == 403));
        for (status, body, meaning) in answers {
            let port = endpoint(status, body);
            let found = with_real_client(&bin, port);
            assert!(
                found.len() == 1 && found[0].contains(meaning),
                "{} {status} {body}: {found:#?}",
                bin.display()
            );
        }
        // A port at which nobody listens.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let found = with_real_client(&bin, port);
        assert!(found[0].starts_with("fail online: Own cannot be reached"), "{found:#?}");
    }
}

fn with_real_client(bin: &std::path::Path, port: u16) -> Vec<String> {
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let sandbox = sandbox()
        .exec(&format!(
            "[env]\nOWN_KEY = \"{SENTINEL}\"\n[providers.own]\nlabel = \"Own\"\nbase_url = \"http://127.0.0.1:{port}\"\n\
             key_env = \"OWN_KEY\"\nmodel = \"m-x\"\n"
        ))
        .env("PATH", path);
    findings(&sandbox, &["--online", "-p", "own"])
        .into_iter()
        .filter(|line| line.contains(" online: "))
        .collect()
}
