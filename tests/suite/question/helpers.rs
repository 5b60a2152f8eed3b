//! Programs that fetch values while a person looks on, and the launch line.

use std::fs;

use crate::pty::Terminal;
use crate::question::home;
use crate::question::with_helper;
use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn the_launch_line_is_for_terminals_and_not_for_the_quiet() {
    let line = "jackin-exec: Claude (Kimi)";
    for (options, wanted) in
        [(vec!["-p", "kimi"], vec![line, "ran"]), (vec!["-q", "-p", "kimi"], vec!["ran"])]
    {
        let launch = home().launch().words(&options).words(["--", "echo", "ran"]);
        let mut terminal = Terminal::open().start(&launch);
        assert_eq!(terminal.end(), "exit 0");
        assert_eq!(terminal.screen(), wanted);
        home().run(options.iter().chain(&["--", "echo", "ran"])).prints("ran\n");
    }
}

#[test]
fn the_launch_line_counts_what_was_resolved() {
    let sandbox = home()
        .env("NAME", "me")
        .config("[env]\nA = \"one\"\nB = \"$NAME\"\nC = { op = \"op://v/i/f\", path = \"v/i/f\" }\nD = { value = \"$NAME\", on_demand = true }\n")
        .script("bin/op", "echo secret")
        .path_first("bin");
    let mut terminal =
        Terminal::open().start(&sandbox.launch().words(["-p", "kimi", "--", "true"]));
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
    assert_eq!(
        terminal.screen().concat(),
        "jackin-exec: Claude (Kimi); operator env: 3 resolved (1 op://, 1 host ref, 1 literal)"
    );
}

/// A helper that asks on the terminal and has turned echo off, as those that ask for a password do.
const ASKS_ON_TTY: &str = "exec </dev/tty 3>/dev/tty\nstty -echo\nprintf 'password: ' >&3\nread word\nstty echo\necho sk-kimi-$word";

#[test]
fn a_helper_that_runs_alone_may_ask_on_the_terminal() {
    let sandbox = with_helper(ASKS_ON_TTY);
    let launch = sandbox.launch().words([
        "-q",
        "-p",
        "kimi",
        "--",
        "sh",
        "-c",
        "echo ${#ANTHROPIC_AUTH_TOKEN}",
    ]);
    let mut terminal = Terminal::open();
    let before = terminal.modes();
    terminal = terminal.start(&launch);
    terminal.wait_for("password: ").send("hunter2\n");
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
    assert_eq!(terminal.screen(), ["password: 15"]);
    assert_eq!(terminal.modes(), before);
}

#[test]
fn trap_05_ctrl_c_at_a_helper_ends_us_and_echo_is_back() {
    let launch = with_helper(ASKS_ON_TTY).launch().words(["-q", "-p", "kimi", "--", "echo", "ran"]);
    let mut terminal = Terminal::open();
    let before = terminal.modes();
    terminal = terminal.start(&launch);
    terminal.wait_for("password: ");
    assert_ne!(terminal.modes(), before, "the helper has turned echo off");
    terminal.send("\x03");
    assert_eq!(terminal.end(), "signal 2", "{}", terminal.text());
    assert_eq!(terminal.modes(), before, "echo is back");
    assert!(!terminal.text().contains("ran"));
}

#[test]
fn trap_05_with_sigint_ignored_by_the_caller_ctrl_c_at_a_helper_ends_nothing() {
    let sandbox = with_helper(ASKS_ON_TTY);
    let launch =
        sandbox.launch().words(["-q", "-p", "kimi", "--", "echo", "ran"]).steps("ignore", &[2]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("password: ").send("\x03").send("hunter2\n");
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
    assert!(terminal.text().contains("ran"));
}

#[test]
fn trap_08_type_ahead_is_the_commands_while_a_helper_runs() {
    let sandbox =
        with_helper("echo here >/dev/tty; while ! test -e go; do sleep 0.01; done; echo sk-kimi-1");
    let launch = sandbox.launch().words(["-q", "-p", "kimi", "--", "head", "-n", "2"]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("here").send("one\ntwo\n").wait_for("two");
    fs::write(sandbox.path("here/go"), "").unwrap();
    terminal.wait_for("one").wait_for("two");
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
}

#[test]
fn a_person_is_told_what_we_wait_for_and_the_quiet_are_not() {
    let sandbox = with_helper("while ! test -e go; do sleep 0.01; done; echo sk-kimi-1");
    let mut terminal =
        Terminal::open().start(&sandbox.launch().words(["-p", "kimi", "--", "echo", "ran"]));
    terminal.wait_for("jackin-exec: waiting for op (KIMI_CODE_API_KEY)");
    fs::write(sandbox.path("here/go"), "").unwrap();
    assert_eq!(terminal.end(), "exit 0");
    let screen = terminal.screen();
    assert_eq!(screen[0], "jackin-exec: waiting for op (KIMI_CODE_API_KEY)");
    assert!(screen[1].starts_with("jackin-exec: Claude (Kimi)"), "{screen:#?}");
    assert_eq!(screen.last().unwrap(), "ran");
    // Longer than the silence that is broken otherwise.
    let sandbox = with_helper("sleep 1.2; echo sk-kimi-1");
    let mut terminal =
        Terminal::open().start(&sandbox.launch().words(["-q", "-p", "kimi", "--", "echo", "ran"]));
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(terminal.screen(), ["ran"]);
}

#[test]
fn values_that_are_fetched_side_by_side_are_counted_in_one_line() {
    let command = |name: &str, script: &str| {
        format!("{name} = {{ command = [\"sh\", \"-c\", \"{script}\"] }}\n")
    };
    let waits = |file: &str| format!("while ! test -e {file}; do sleep 0.01; done; echo x");
    let text = command("A", "echo x")
        + &command("B", &waits("one"))
        + &command("C", &waits("two"))
        + &command("D", &waits("two"));
    let home = || sandbox().env("TERM", "xterm").exec(&format!("[env]\n{text}"));
    let launch = |home: &Sandbox| home.launch().words(["-p", "anthropic", "--", "echo", "ran"]);
    let sandbox = home();
    let mut terminal = Terminal::open().start(&launch(&sandbox));
    terminal.wait_for("waiting for sh (B), sh (C), sh (D)").wait_for("jackin-exec: 1 of 4");
    fs::write(sandbox.path("here/one"), "").unwrap();
    terminal.wait_for("jackin-exec: 2 of 4");
    fs::write(sandbox.path("here/two"), "").unwrap();
    assert_eq!(terminal.end(), "exit 0");
    // The line is taken away, whatever number it came to.
    let text = terminal.text();
    let (_, after) = text.rsplit_once(" of 4").unwrap();
    assert!(after.starts_with("\r\u{1b}[K"), "{text:?}");
    // A terminal that cannot go back in a line sees no number.
    let sandbox = home().env("TERM", "dumb");
    let mut terminal = Terminal::open().start(&launch(&sandbox));
    terminal.wait_for("waiting for sh (B), sh (C), sh (D)");
    for file in ["here/one", "here/two"] {
        fs::write(sandbox.path(file), "").unwrap();
    }
    assert_eq!(terminal.end(), "exit 0");
    assert!(!terminal.text().contains(" of 4"), "{}", terminal.text());
}

/// A pinentry's form would be torn by a line in its middle; whoever sees it knows what is waited
/// for.
#[test]
fn a_helper_that_asks_without_echo_is_not_talked_over() {
    let script = "exec </dev/tty; stty -echo; printf 'PIN: ' >&2; read pin; stty echo; echo >&2; echo sk-kimi-$pin";
    let sandbox = with_helper(script);
    let mut terminal =
        Terminal::open().start(&sandbox.launch().words(["-p", "kimi", "--", "echo", "ran"]));
    terminal.wait_for("PIN: ");
    // Longer than the silence that is broken otherwise.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    terminal.send("1\n").wait_for("ran");
    assert_eq!(terminal.end(), "exit 0");
    assert!(!terminal.text().contains("waiting for"), "{}", terminal.text());
}
