//! The command starts, with what was asked for.

use std::env::consts::ARCH;

use crate::pty::Terminal;
use crate::support::ARTEFACT;
use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn the_command_receives_the_redirect_and_its_words() {
    let outcome = sandbox().config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\n")).run([
        "-p",
        "kimi",
        "sh",
        "-c",
        "echo $ANTHROPIC_BASE_URL ${#ANTHROPIC_AUTH_TOKEN} \"$@\"",
        "sh",
        "--",
        "-x",
    ]);
    outcome.is(
        0,
        &format!("https://api.kimi.com/coding {} -- -x\n", SENTINEL.len()),
        "jackin-exec: warning: KIMI_CODE_API_KEY does not begin with sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com\n",
    );
}

#[test]
fn the_command_keeps_its_exit_status() {
    for status in [0, 7, 125, 126, 127] {
        sandbox().run(["sh", "-c", &format!("exit {status}")]).is(status, "", "");
    }
}

#[test]
fn a_missing_command_is_127() {
    sandbox().run(["no-such-command"]).fails(127, "jackin-exec: no-such-command: not found\n");
}

#[test]
fn the_version_says_what_was_built_for_what_and_how_old_the_catalogue_is() {
    let said = sandbox().run(["--version"]);
    let version = env!("CARGO_PKG_VERSION");
    let rest = said.stdout.strip_prefix(&format!("jackin-exec {version} (")).unwrap();
    let parts: Vec<&str> = rest.strip_suffix(")\n").unwrap().split(", ").collect();
    let [built, target, catalogue] = parts[..] else { panic!("{}", said.stdout) };
    let commit = built.strip_prefix("commit ");
    assert!(
        built == "development build"
            || commit.is_some_and(|hash| hash.len() == 12 || hash == "unknown"),
        "{built}"
    );
    // The folder of a release artefact has the name of its target.
    let folder = ARTEFACT.and_then(|file| file.rsplit('/').nth(1));
    let wanted = folder.filter(|folder| folder.contains("-linux-")).unwrap_or(ARCH);
    assert!(target.starts_with(wanted), "{target}");
    let day = catalogue.strip_prefix("catalogue of ").unwrap();
    let rows = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog")).unwrap();
    let text: String =
        rows.map(|row| std::fs::read_to_string(row.unwrap().path()).unwrap()).collect();
    assert!(text.contains(day), "no row was checked on {day}");
    sandbox().run(["-V"]).is(0, &format!("jackin-exec {version}\n"), "");
}

#[test]
fn a_client_below_the_floor_is_reported_on_a_terminal_where_its_version_is_known() {
    let words = |version: &str| {
        format!(
            "warning: Claude Code {version} lets a cloned repository send the provider's key to another host"
        )
    };
    let native = |version: &str| {
        let file = format!("share/claude/versions/{version}");
        let home = sandbox().script(&file, "echo started");
        let target = home.path(&file);
        home.link("bin/claude", target)
    };
    let npm = |name: &str, version: &str| {
        let package = format!("{{\"name\": \"{name}\", \"version\": \"{version}\"}}");
        let home = sandbox()
            .script("lib/claude-code/bin/claude.exe", "echo started")
            .file("lib/claude-code/package.json", package);
        let target = home.path("lib/claude-code/bin/claude.exe");
        home.link("bin/claude", target)
    };
    let client = "@anthropic-ai/claude-code";
    for (home, told) in [
        (native("2.1.256"), Some("2.1.256")),
        (native("2.1.257"), None),
        (native("latest"), None),
        (npm(client, "2.1.240"), Some("2.1.240")),
        (npm(client, "2.1.332"), None),
        (npm("another", "1.0.0"), None),
        (sandbox().script("bin/claude", "echo started"), None),
    ] {
        let home = home.path_first("bin").env("KIMI_CODE_API_KEY", "sk-kimi-0123456789");
        for (options, shown) in [(["-p", "kimi"].as_slice(), told), (&["-q", "-p", "kimi"], None)] {
            let mut terminal = Terminal::open().start(&home.launch().words(options));
            assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
            let text = terminal.text();
            assert!(text.contains("started"), "{text}");
            assert_eq!(text.contains("warning: Claude Code"), shown.is_some(), "{text}");
            assert!(shown.is_none_or(|version| text.contains(&words(version))), "{text}");
        }
        // Without a redirect nothing is promised, and nothing said.
        let mut terminal = Terminal::open().start(&home.launch().words(["-p", "anthropic"]));
        assert_eq!(terminal.end(), "exit 0");
        assert!(!terminal.text().contains("warning"), "{}", terminal.text());
    }
}

#[test]
fn another_agent_that_would_send_its_own_key_to_the_provider_is_reported_on_a_terminal() {
    let warning = |agent: &str| {
        format!(
            "warning: {agent} is not Claude Code but uses ANTHROPIC_BASE_URL, too: your prompts and its own Anthropic key would go to api.kimi.com"
        )
    };
    let home = || {
        ["opencode", "npx", "claude"]
            .into_iter()
            .fold(sandbox(), |home, name| home.script(&format!("bin/{name}"), "echo started"))
            .path_first("bin")
            .env("KIMI_CODE_API_KEY", SENTINEL)
    };
    let local = "[providers.here]\nlabel = \"Here\"\nbase_url = \"http://127.0.0.1:1\"\nkey = false\nmodel = \"m\"\n";
    for (exec, words, told) in [
        ("", "-p kimi opencode run hi", true),
        ("", "-p kimi npx -y opencode-ai@latest", true),
        ("", "-q -p kimi opencode", false),
        ("", "-p anthropic opencode", false),
        ("", "-p kimi claude opencode", false),
        ("", "-p kimi sh -c opencode", false),
        ("", "-p kimi env opencode", false),
        (local, "-p here opencode", false),
        ("redirect_for = [\"opencode\"]\n", "-p kimi opencode", false),
        ("redirect_for = [\"aider\"]\n", "-p kimi opencode", true),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let mut terminal = Terminal::open().start(&home().exec(exec).launch().words(&words));
        assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
        let text = terminal.text();
        assert!(text.contains("started"), "{text}");
        assert_eq!(text.contains("is not Claude Code"), told, "{words:?}: {text}");
        assert_eq!(text.contains(&warning("opencode")), told, "{words:?}: {text}");
        assert!(!text.contains(SENTINEL), "{text}");
        // A script's output has no line of ours.
        let said = home().exec(exec).run(words);
        assert!(!said.stderr.contains("is not Claude Code"), "{}", said.stderr);
    }
}

#[test]
fn help_is_wrapped_at_words_and_fits_a_terminal() {
    for words in [&["--help"] as &[&str], &["-h"], &["auth", "set", "--help"], &["doctor", "-h"]] {
        let narrow = sandbox().env("COLUMNS", "80").run(words);
        for line in narrow.stdout.lines() {
            assert!(line.chars().count() <= 80, "{words:?}: {line}");
        }
        let wide = sandbox().env("COLUMNS", "100").run(words);
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(one_line(&narrow.stdout), one_line(&wide.stdout), "{words:?}");
    }
}
