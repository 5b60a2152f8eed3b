//! The question on a terminal: it takes no more than the answer, and leaves the terminal as it was.

use std::fs;

use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;

use crate::pty::Terminal;
use crate::stage::Launch;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A home with keys for three providers beside Anthropic: `anthropic`, `zai`, `minimax`, `kimi`.
fn home() -> Sandbox {
    sandbox()
        .env("TERM", "xterm")
        .env("ZAI_API_KEY", "key-zai")
        .env("MINIMAX_API_KEY", "key-minimax")
        .env("KIMI_CODE_API_KEY", "sk-kimi-key")
}

/// The launch line and what a command says of its provider.
const SAYS: &str = "echo chose $JACKIN_EXEC_ACTIVE";

fn asks(sandbox: &Sandbox, script: &str) -> Launch {
    sandbox.launch().words(["-q", "--", "sh", "-c", script])
}

/// The last line of both forms of the question.
fn prompt(term: &str) -> &'static str {
    if term == "xterm" { "Esc cancel" } else { "1-4, or an id; q cancels [1]: " }
}

/// Both forms: by keys, and by a line.
const FORMS: [&str; 3] = ["xterm", "dumb", ""];

#[test]
fn the_provider_is_the_one_that_was_chosen() {
    let rows: [(&str, &str, &str); 32] = [
        // TERM, keys, provider
        ("xterm", "\r", "anthropic"),
        ("xterm", "\n", "anthropic"),
        ("xterm", "\x1b[B\r", "zai"),
        ("xterm", "\x1bOB\r", "zai"),
        ("xterm", "\x1b[A\r", "kimi"),
        ("xterm", "\x1b[B\x1b[B\x1b[A\r", "zai"),
        ("xterm", "\x1b[1;5B\r", "zai"),
        ("xterm", "\x1b[F\x1b[B\r", "anthropic"),
        ("xterm", "\x1b[F\r", "kimi"),
        ("xterm", "jj\r", "minimax"),
        ("xterm", "jjk\r", "zai"),
        ("xterm", "3", "minimax"),
        ("xterm", "0954", "kimi"),
        ("xterm", "x\tJ\x00\u{e9}\r", "anthropic"),
        // Sequences that are no key of ours: focus, bracketed paste, mouse, an unknown key, Alt,
        // answers of the terminal.
        ("xterm", "\x1b[I\x1b[O\x1b[200~\x1b[201~\x1b[<0;12;3M\x1b[15~\x1b3j\r", "zai"),
        ("xterm", "\x1b[3;4R\x1b[?62;4c\r", "anthropic"),
        ("xterm", "\x1b]11;rgb:2323/2323/4444\x07\r", "anthropic"),
        ("xterm", "\x1b]11;rgb:2323/2323/4444\x1b\\\r", "anthropic"),
        ("xterm", "\x1bP1$r2 q\x1b\\\r", "anthropic"),
        ("dumb", "\n", "anthropic"),
        ("dumb", "2\n", "zai"),
        ("dumb", " 4 \n", "kimi"),
        ("dumb", "minimax\n", "minimax"),
        ("dumb", "Z.AI\n", "zai"),
        ("dumb", "KIMI\n", "kimi"),
        ("dumb", "9\n0\nmaximin\n-1\n3\n", "minimax"),
        ("", "\n", "anthropic"),
        ("", "4\n", "kimi"),
        ("", "zai\r", "zai"),
        ("", "zz\x7f\x7f4\n", "kimi"),
        ("xterm", "\x1b[H\r", "anthropic"),
        ("xterm", "kk\r", "minimax"),
    ];
    for (term, keys, provider) in rows {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
        terminal.wait_for(prompt(term)).send(keys);
        assert_eq!(terminal.end(), "exit 0", "{keys:?} with TERM={term:?}: {}", terminal.text());
        let (text, screen) = (terminal.text(), terminal.screen());
        assert!(
            text.ends_with(&format!("chose {provider}\r\n")),
            "{keys:?} with TERM={term:?}: {screen:#?}"
        );
        if term == "xterm" {
            assert_eq!(screen.len(), 1, "the question is gone without a trace: {screen:#?}");
        }
    }
}

#[test]
fn an_unset_term_gets_the_numbered_question() {
    let sandbox = home().env_remove("TERM");
    let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
    terminal.wait_for("1-4, or an id; q cancels [1]: ").send("2\n");
    assert_eq!(terminal.end(), "exit 0");
    let wanted = [
        "jackin-exec: which provider?",
        "  1  Anthropic",
        "  2  Z.AI (zai)",
        "  3  MiniMax",
        "  4  Kimi",
        "1-4, or an id; q cancels [1]: 2",
        "chose zai",
    ];
    assert_eq!(terminal.screen(), wanted);
}

#[test]
fn the_question_shows_each_candidate_and_marks_the_chosen_one() {
    let mut terminal = Terminal::open().start(&asks(&home(), SAYS));
    terminal.wait_for("Esc cancel").send("jj");
    terminal.wait_for("❯ 2").wait_for("❯ 3").wait_for("Esc cancel");
    let wanted = [
        "jackin-exec: which provider?",
        "  1  Anthropic",
        "  2  Z.AI",
        "❯ 3  MiniMax",
        "  4  Kimi",
        "  ↑ ↓ choose · Enter start · Esc cancel",
    ];
    assert_eq!(terminal.screen(), wanted);
    terminal.send("\r");
    assert_eq!(terminal.end(), "exit 0");
}

#[test]
fn ask_forces_the_question_where_one_provider_is_left_and_where_one_is_the_default() {
    let rows = [
        sandbox().env("TERM", "xterm"),
        home().exec("default_provider = \"kimi\"\n"),
        home().env("JACKIN_EXEC_PROVIDER", "kimi"),
    ];
    for sandbox in rows {
        let launch = sandbox.launch().words(["-q", "-p", "ask", "sh", "-c", SAYS]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for("Esc cancel").send("\r");
        assert_eq!(
            (terminal.end().as_str(), terminal.screen()),
            ("exit 0", vec!["chose anthropic".to_owned()])
        );
    }
}

#[test]
fn ten_and_more_are_chosen_with_two_digits() {
    let keys = [
        "ZAI_CN_API_KEY",
        "DEEPSEEK_API_KEY",
        "MINIMAX_CN_API_KEY",
        "MOONSHOT_API_KEY",
        "MOONSHOT_CN_API_KEY",
    ];
    let mut sandbox = keys.into_iter().fold(home(), |sandbox, key| sandbox.env(key, "key"));
    let own = ["a", "b", "c"].map(|id| {
        format!("[providers.own-{id}]\nlabel = \"Own {id}\"\nbase_url = \"http://127.0.0.1:9\"\nkey = false\nmodel = \"m\"\n")
    });
    sandbox = sandbox.exec(&own.concat());
    for (keys, provider) in [
        ("12", "own-c"),
        ("10", "own-a"),
        ("1\r", "anthropic"),
        ("19\r", "anthropic"),
        ("2", "zai"),
        ("1j3", "minimax"),
    ] {
        let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
        terminal.wait_for("Esc cancel").send(keys);
        assert_eq!(terminal.end(), "exit 0", "{keys:?}: {}", terminal.text());
        assert_eq!(terminal.screen(), [format!("chose {provider}")], "{keys:?}");
    }
}

#[test]
fn two_providers_with_one_label_are_told_apart_by_their_ids() {
    let own = ["first", "second"].map(|id| {
        format!("[providers.{id}]\nlabel = \"Mine\"\nbase_url = \"http://127.0.0.1:9\"\nkey = false\nmodel = \"m\"\n")
    });
    for term in ["xterm", "dumb"] {
        let sandbox = home().exec(&own.concat()).env("TERM", term);
        let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
        terminal.wait_for("Mine (first)").wait_for("Mine (second)").send("\x04");
        assert_eq!(terminal.end(), "exit 130");
    }
}

#[test]
fn a_cancelled_question_is_130_and_starts_nothing() {
    for (term, keys) in [
        ("xterm", "\x1b"),
        ("xterm", "\x1b\x1b"),
        ("xterm", "q"),
        ("xterm", "\x04"),
        ("xterm", "jj\x04"),
        ("dumb", "q\n"),
        ("dumb", "\x04"),
        ("", "\x04"),
    ] {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&asks(&sandbox, SAYS));
        terminal.wait_for(prompt(term)).send(keys);
        assert_eq!(terminal.end(), "exit 130", "{keys:?} with TERM={term:?}");
        assert_eq!(terminal.modes(), before, "{keys:?} with TERM={term:?}");
        assert!(!terminal.text().contains("chose"));
    }
}

#[test]
fn an_interrupt_without_its_character_cancels_too() {
    // A terminal whose mode says that Ctrl-C is a character like any other.
    let launch = asks(&home(), SAYS);
    let mut terminal = Terminal::open();
    terminal.without_interrupts();
    let before = terminal.modes();
    terminal = terminal.start(&launch);
    terminal.wait_for("Esc cancel").send("\x03");
    assert_eq!(terminal.end(), "exit 130");
    assert_eq!(terminal.modes(), before);
}

#[test]
fn trap_26_a_signal_at_the_question_ends_it_and_leaves_the_terminal_as_it_was() {
    use Signal::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    for term in FORMS {
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2] {
            let sandbox = home().env("TERM", term);
            let mut terminal = Terminal::open();
            let before = terminal.modes();
            terminal = terminal.start(&asks(&sandbox, SAYS));
            terminal.wait_for(prompt(term)).signal(signal);
            assert_eq!(terminal.end(), format!("signal {}", signal as i32), "TERM={term:?}");
            assert_eq!(terminal.modes(), before, "{signal} with TERM={term:?}");
        }
        // The same, as the terminal sends them.
        for (keys, ends) in [("\x03", "signal 2"), ("\x1c", "signal 3")] {
            let sandbox = home().env("TERM", term);
            let mut terminal = Terminal::open();
            let before = terminal.modes();
            terminal = terminal.start(&asks(&sandbox, SAYS));
            terminal.wait_for(prompt(term)).send(keys);
            assert_eq!(terminal.end(), ends, "TERM={term:?}");
            assert_eq!(terminal.modes(), before, "{keys:?} with TERM={term:?}");
        }
    }
}

#[test]
fn trap_26_as_process_one_a_signal_at_the_question_is_128_and_its_number() {
    if !crate::support::can_unshare() {
        return;
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let launch = asks(&home(), SAYS).through("/usr/bin/unshare", ["-pf", "--mount-proc"]);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&launch);
        terminal.wait_for("Esc cancel");
        nix::sys::signal::kill(terminal.child(), signal).unwrap();
        assert_eq!(terminal.end(), format!("exit {}", 128 + signal as i32));
        assert_eq!(terminal.modes(), before, "{signal}");
    }
}

#[test]
fn a_window_that_is_closed_ends_the_question_by_a_hangup() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
        terminal.wait_for(prompt(term)).close();
        assert_eq!(terminal.end(), "signal 1", "TERM={term:?}");
    }
}

#[test]
fn signals_that_the_caller_ignores_do_not_end_the_question() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let launch = asks(&sandbox, SAYS).steps("ignore", &[1, 2, 3, 15, 20]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for(prompt(term));
        for signal in
            [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGTSTP]
        {
            terminal.signal(signal);
        }
        terminal.send("4\n");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert_eq!(terminal.screen().last().unwrap(), "chose kimi");
    }
}

#[test]
fn signals_that_the_caller_blocks_wait_for_the_command() {
    let launch = asks(&home(), SAYS).steps("block", &[15]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("Esc cancel").signal(Signal::SIGTERM).send("2");
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(terminal.screen(), ["chose zai"]);
}

/// A shell with job control: the question is stopped by Ctrl-Z, and the shell looks at the
/// terminal, and goes on.
#[test]
fn trap_25_ctrl_z_stops_the_question_and_fg_draws_it_anew() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let program = crate::support::PROGRAM;
        let script = format!(
            "stty -a >before; {program} -q -- sh -c '{SAYS}'; stty -a >stopped; read word; echo got $word; fg; echo ended $?"
        );
        let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for(prompt(term)).send("\x1a").wait_for("Stopped");
        terminal.send("meanwhile\n").wait_for("got meanwhile").wait_for(prompt(term)).send("4\n");
        terminal.wait_for("ended 0");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert!(terminal.text().contains("chose kimi"), "{}", terminal.text());
        let file = |name: &str| fs::read_to_string(sandbox.path("here").join(name)).unwrap();
        assert_eq!(
            file("stopped"),
            file("before"),
            "the shell finds its terminal as it was, TERM={term:?}"
        );
    }
}

/// With nobody who could continue it, a stop would be the end: the kernel lets no such group stop,
/// and nor do we.
#[test]
fn trap_25_ctrl_z_without_a_shell_stops_nothing() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open().start(&asks(&sandbox, SAYS));
        terminal.wait_for(prompt(term)).send("\x1a").wait_for(prompt(term)).send("2\n");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert_eq!(terminal.screen().last().unwrap(), "chose zai");
    }
}

#[test]
fn trap_08_what_is_typed_ahead_belongs_to_the_command() {
    let ahead: &[u8] = b"first line\nsecond \xff\xc3\xa9 line\n";
    for (term, answer) in
        [("xterm", "\r"), ("xterm", "jjj\r"), ("xterm", "3"), ("dumb", "3\n"), ("", "\n")]
    {
        let sandbox = home().env("TERM", term);
        let script = format!("head -c {} >got", ahead.len());
        let mut terminal = Terminal::open().start(&asks(&sandbox, &script));
        terminal.wait_for(prompt(term)).send([answer.as_bytes(), ahead].concat());
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert_eq!(
            fs::read(sandbox.path("here/got")).unwrap(),
            ahead,
            "{answer:?} with TERM={term:?}"
        );
    }
}

/// The answer and the rest are typed before we have even started.
#[test]
fn trap_08_what_is_typed_before_we_start_is_an_answer_and_the_commands() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open();
        terminal.send("4\nrest of it\n");
        terminal = terminal.start(&asks(&sandbox, &format!("{SAYS}; head -n 1 >got")));
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert!(terminal.text().contains("chose kimi"), "TERM={term:?}: {}", terminal.text());
        let got = fs::read(sandbox.path("here/got")).unwrap();
        // What was typed as a line was ended by the line's own end, which the keys did not take.
        assert!(
            got == b"rest of it\n" || (term == "xterm" && got == b"\n"),
            "TERM={term:?}: {got:?}"
        );
    }
}

#[test]
fn trap_08_piped_stdin_is_not_touched_while_the_question_is_asked_on_the_terminal() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let program = crate::support::PROGRAM;
        let script = format!("printf 'a\\nb\\n' | {program} -q -p ask -- sh -c 'cat >got; {SAYS}'");
        let launch = sandbox.launch().program("/bin/sh").words(["-c", &script]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for(prompt(term)).send("4\n");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert_eq!(terminal.screen().last().unwrap(), "chose kimi");
        assert_eq!(fs::read(sandbox.path("here/got")).unwrap(), b"a\nb\n", "TERM={term:?}");
    }
}

#[test]
fn a_piped_stdout_is_no_reason_not_to_ask() {
    let program = crate::support::PROGRAM;
    let sandbox = home();
    let script = format!("{program} -q -p ask -- sh -c '{SAYS}' | cat >got");
    let launch = sandbox.launch().program("/bin/sh").words(["-c", &script]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("Esc cancel").send("4");
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(fs::read(sandbox.path("here/got")).unwrap(), b"chose kimi\n");
}

#[test]
fn trap_35_a_terminal_that_does_not_block_is_waited_for() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let mut terminal = Terminal::open();
        let launch = asks(&sandbox, SAYS).step("terminal", terminal.path()).step("nonblocking", "");
        terminal.start_as_it_says(&launch);
        terminal.wait_for(prompt(term)).send("jj").send("k\x7f");
        terminal.send("\x154\n");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
        assert!(terminal.screen().last().unwrap().starts_with("chose "));
    }
}

#[test]
fn a_narrow_window_keeps_no_debris_of_the_question() {
    for columns in [8, 20, 27, 28, 40] {
        let mut terminal = Terminal::of_size(columns, 24).start(&asks(&home(), "echo me"));
        terminal.wait_for("Esc cancel").send("jjkj");
        terminal.send("\r");
        assert_eq!(terminal.end(), "exit 0");
        assert_eq!(terminal.screen(), ["me"], "{columns} columns: {:?}", terminal.text());
    }
}

#[test]
fn a_window_of_few_rows_gets_the_numbered_question() {
    // Four candidates, a title, a line of help and the cursor.
    for (rows, prompt) in [
        (7, "Esc cancel"),
        (6, "1-4, or an id; q cancels [1]: "),
        (2, "1-4, or an id; q cancels [1]: "),
    ] {
        let mut terminal = Terminal::of_size(80, rows).start(&asks(&home(), SAYS));
        terminal.wait_for(prompt).send("2\n");
        assert_eq!(terminal.end(), "exit 0", "{rows} rows");
        assert_eq!(terminal.screen().last().unwrap(), "chose zai");
    }
}

#[test]
fn nobody_to_ask_is_an_error_that_names_the_candidates_and_both_ways() {
    let nobody = "jackin-exec: which provider? nobody can be asked, and there are anthropic, zai, minimax and kimi\n\
                  hint: name one with --provider ID or JACKIN_EXEC_PROVIDER=ID\n";
    // stderr is no terminal.
    home().run(["true"]).fails(125, nobody);
    home()
        .run(["-p", "ask", "true"])
        .fails(125, &nobody.replace("nobody can be asked", "the question needs a terminal"));
    // stderr is one, and so could /dev/tty be, but a session of its own has none.
    let mut terminal = Terminal::open();
    let launch = home().launch().words(["true"]).step("session", "").step("2", terminal.path());
    terminal.start_as_it_says(&launch);
    assert_eq!(terminal.end(), "exit 125");
    assert_eq!(terminal.text().replace('\r', ""), nobody);
}

#[test]
fn a_question_is_not_asked_on_a_terminal_where_stderr_is_not_seen() {
    let sandbox = home();
    let mut terminal = Terminal::open();
    let launch = sandbox.launch().words(["true"]).step("terminal", terminal.path());
    fs::write(sandbox.path("errors"), "").unwrap();
    terminal.start_as_it_says(&launch.step("2", sandbox.path("errors")));
    assert_eq!(terminal.end(), "exit 125");
    assert_eq!(terminal.text(), "");
    assert!(fs::read_to_string(sandbox.path("errors")).unwrap().contains("nobody can be asked"));
}

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

fn with_helper(text: &str) -> Sandbox {
    let sandbox = sandbox().env("TERM", "xterm").script("bin/op", text).path_first("bin");
    sandbox.config("[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n")
}

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

/// Ctrl-Z stops us and a helper that runs in our group; the shell's fg continues both.
#[test]
fn trap_25_ctrl_z_at_a_helper_stops_us_and_fg_goes_on() {
    let sandbox =
        with_helper("echo here >/dev/tty; while ! test -e go; do sleep 0.01; done; echo sk-kimi-1");
    let script = format!(
        "{} -q -p kimi -- echo ran; echo stopped; touch go; fg; echo ended $?",
        crate::support::PROGRAM
    );
    let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("here").send("\x1a").wait_for("stopped").wait_for("ran").wait_for("ended 0");
    assert_eq!(terminal.end(), "exit 0");
}

#[test]
fn trap_25_a_question_in_the_background_waits_for_the_foreground() {
    for term in FORMS {
        let sandbox = home().env("TERM", term);
        let program = crate::support::PROGRAM;
        // The shell goes on when it has seen the job stop.
        let script = format!("{program} -q -- sh -c '{SAYS}' & wait %1; jobs; fg; echo ended $?");
        let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for("Stopped").wait_for("jackin-exec -q");
        if term == "xterm" {
            terminal.wait_for("Esc cancel");
        }
        terminal.send("4\n").wait_for("chose kimi").wait_for("ended 0");
        assert_eq!(terminal.end(), "exit 0", "TERM={term:?}: {}", terminal.text());
    }
}

/// The state that a caller's wait sees while the question is stopped.
#[test]
fn a_stopped_question_is_a_stopped_process_that_a_signal_still_ends() {
    let sandbox = home();
    // Not a session of its own: a group whose parent can continue it.
    let script = format!(
        "{} -q -- true; kill -TERM %1; bg; wait %1; echo ended $?",
        crate::support::PROGRAM
    );
    let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
    let mut terminal = Terminal::open();
    let before = terminal.modes();
    terminal = terminal.start(&launch);
    terminal.wait_for("Esc cancel").send("\x1a").wait_for("ended 143");
    assert!(matches!(terminal.change(), WaitStatus::Exited(_, 0)));
    assert_eq!(terminal.modes(), before);
}
