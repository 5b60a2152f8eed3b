//! Which provider an answer chooses, and what is seen of the question.

use crate::pty::Terminal;
use crate::question::SAYS;
use crate::question::asks;
use crate::question::home;
use crate::question::prompt;
use crate::support::sandbox;

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
