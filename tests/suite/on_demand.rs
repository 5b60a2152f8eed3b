//! `--on-demand`: which of the `on_demand` values are set is asked on the terminal; without it
//! nothing of them is fetched.

use nix::sys::signal::Signal;

use crate::pty::Terminal;
use crate::stage::Launch;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A home with three values to pick, and four that are never offered: a provider's key, a name that
/// the redirect decides, one that would change this host, and one of another role.
fn home() -> Sandbox {
    sandbox()
        .op()
        .env("TERM", "xterm")
        .env("KIMI_CODE_API_KEY", "sk-kimi-key")
        .env("NPM", "from the host")
        .config(&format!(
            "[env]\n\
             GH_TOKEN = {{ op = \"op://abc/def/ghi\", path = \"team/gh/token\", on_demand = true }}\n\
             LITERAL = {{ value = \"{SENTINEL}\", on_demand = true }}\n\
             NPM_TOKEN = {{ value = \"$NPM\", on_demand = true }}\n\
             ALWAYS = \"always\"\n\
             ZAI_API_KEY = {{ value = \"x\", on_demand = true }}\n\
             ANTHROPIC_BASE_URL = {{ value = \"x\", on_demand = true }}\n\
             PATH = {{ value = \"/x\", on_demand = true }}\n\
             [roles.r]\ngit = \"https://x\"\n[roles.r.env]\nOTHER = {{ value = \"x\", on_demand = true }}\n"
        ))
}

/// What the command got, without the literal itself.
const SAYS: &str =
    "echo \"gh=$GH_TOKEN lit=${LITERAL:+set} npm=$NPM_TOKEN $ALWAYS path=${PATH%%:*} $OTHER.\"";

fn asks(sandbox: &Sandbox, script: &str) -> Launch {
    sandbox.launch().words(["-q", "-p", "kimi", "--on-demand", "--", "sh", "-c", script])
}

/// The last line of both forms of the question.
fn prompt(term: &str) -> &'static str {
    if term == "xterm" { "Esc cancel" } else { "some of each, or all; q cancels [1]: " }
}

#[test]
fn what_was_picked_is_fetched_and_set_and_nothing_else() {
    const GH: &str = "gh=from op://abc/def/ghi";
    for (term, keys, gh, lit, npm) in [
        ("xterm", "\r", true, false, false),
        ("xterm", "\x1b[B\r", false, true, false),
        ("xterm", " jj \r", true, false, true),
        ("xterm", "31\n", true, false, true),
        ("xterm", "a\r", true, true, true),
        ("xterm", "ak \r", true, true, false),
        ("dumb", "\n", true, false, false),
        ("dumb", "2 3\n", false, true, true),
        ("dumb", "npm_token, GH_TOKEN\n", true, false, true),
        ("dumb", "all\n", true, true, true),
        ("dumb", "4\nOTHER\nnpm_token\n", false, false, true),
    ] {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&asks(&sandbox, SAYS));
        terminal.wait_for(prompt(term)).send(keys);
        assert_eq!(terminal.end(), "exit 0", "{keys:?}: {:?}", terminal.text());
        assert_eq!(terminal.modes(), before, "{keys:?}");
        let text = terminal.text();
        let expected = format!(
            "{} lit={} npm={} always path={} .",
            if gh { GH } else { "gh=" },
            if lit { "set" } else { "" },
            if npm { "from the host" } else { "" },
            sandbox.path("bin").display()
        );
        assert!(text.contains(&expected), "{keys:?}: {expected} not in {text:?}");
        assert_eq!(sandbox.op_calls("argv").len(), usize::from(gh), "{keys:?}");
        assert!(!text.contains(SENTINEL), "{text:?}");
    }
}

#[test]
fn the_question_lists_names_and_where_they_come_from_and_no_values() {
    let sandbox = home();
    let mut terminal = Terminal::open().start(&asks(&sandbox, "true"));
    terminal.wait_for("Esc cancel");
    assert_eq!(
        terminal.screen(),
        [
            "jackin-exec: which on_demand values?",
            "❯ 1  [ ] GH_TOKEN (op team/gh/token, global)",
            "  2  [ ] LITERAL (literal, global)",
            "  3  [ ] NPM_TOKEN (host $NPM, global)",
            "  ↑ ↓ move · Space mark · a all · Enter take · Esc cancel",
        ]
    );
    terminal.send("\r").end();
    assert_eq!(terminal.screen(), [] as [&str; 0], "the question is erased");
}

#[test]
fn the_provider_is_asked_for_first() {
    let sandbox = home();
    let launch = sandbox.launch().words(["-q", "-p", "ask", "--on-demand", "--", "sh", "-c"]);
    let launch = launch.words(["echo $JACKIN_EXEC_ACTIVE npm=$NPM_TOKEN"]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("which provider?").wait_for("Esc cancel").send("\x1b[F\r");
    terminal.wait_for("which on_demand values?").wait_for("Esc cancel").send("3\r");
    assert_eq!(terminal.end(), "exit 0");
    assert!(terminal.text().contains("kimi npm=from the host"), "{:?}", terminal.text());
}

#[test]
fn typing_ahead_belongs_to_the_command() {
    for term in ["xterm", "dumb"] {
        let sandbox = home().env("TERM", term);
        let launch = asks(&sandbox, "read -r line; echo \"then <$line>\"");
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for(prompt(term)).send("\nnext\n");
        assert_eq!(terminal.end(), "exit 0");
        assert!(terminal.text().contains("then <next>"), "{:?}", terminal.text());
    }
}

#[test]
fn it_can_be_cancelled_and_a_signal_ends_it() {
    for (term, keys, signal, end) in [
        ("xterm", "\x1b", None, "exit 130"),
        ("xterm", " q", None, "exit 130"),
        ("dumb", "q\n", None, "exit 130"),
        ("xterm", "\x03", None, "signal 2"),
        ("xterm", "", Some(Signal::SIGTERM), "signal 15"),
    ] {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&asks(&sandbox, "echo ran"));
        terminal.wait_for(prompt(term)).send(keys);
        if let Some(signal) = signal {
            terminal.signal(signal);
        }
        assert_eq!(terminal.end(), end, "{keys:?}");
        assert_eq!(terminal.modes(), before);
        assert!(!terminal.text().contains("ran") && sandbox.op_calls("argv").is_empty());
    }
}

#[test]
fn ctrl_z_stops_the_question_and_fg_asks_again() {
    let sandbox = home();
    let script = format!("{PROGRAM} -q -p kimi --on-demand -- sh -c '{SAYS}'; echo stopped $?; fg");
    let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("Esc cancel").send(" \x1a").wait_for("stopped 148");
    terminal.wait_for("Esc cancel").send("3\r").wait_for("gh= lit= npm=from the host");
    terminal.end();
}

#[test]
fn without_a_terminal_it_is_an_error_and_a_dry_run_names_them() {
    home().run(["-p", "kimi", "--on-demand", "true"]).fails(
        125,
        "jackin-exec: --on-demand asks which values to set, and there is no terminal to ask on; candidates: GH_TOKEN, LITERAL, NPM_TOKEN\n\
         hint: without on_demand, in the same scope of exec.toml, a value is always set\n",
    );
    let sandbox = home();
    let shown = sandbox.run(["-p", "kimi", "--on-demand", "--dry-run"]);
    assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
    let expected = "\non_demand, not set unless --on-demand asks for them\n  GH_TOKEN  (global)\n  LITERAL  (global)\n  NPM_TOKEN  (global)\n";
    assert!(shown.stdout.contains(expected), "{shown:#?}");
    shown.shows_no_secret();
    let names = sandbox.run(["-p", "kimi", "--on-demand", "--dry-run", "--json"]).json();
    assert_eq!(names["on_demand"][0], serde_json::json!({"name": "GH_TOKEN", "origin": "global"}));
    assert!(sandbox.op_calls("argv").is_empty());
}

#[test]
fn without_values_on_demand_it_says_so_and_goes_on() {
    let sandbox = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-key");
    sandbox.run(["-p", "kimi", "--on-demand", "echo", "ran"]).is(
        0,
        "ran\n",
        "jackin-exec: warning: --on-demand: no value is on_demand in the scopes that apply\n",
    );
}

#[test]
fn without_the_option_nothing_is_asked_or_fetched() {
    let sandbox = home();
    let launch = sandbox.launch().words(["-q", "-p", "kimi", "--", "sh", "-c", SAYS]);
    let mut terminal = Terminal::open().start(&launch);
    assert_eq!(terminal.end(), "exit 0");
    assert!(terminal.text().starts_with("gh= lit= npm= always"), "{:?}", terminal.text());
    assert!(sandbox.op_calls("argv").is_empty());
}
