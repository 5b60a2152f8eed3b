//! Which terminal is asked, and whose the rest of what is typed is.

use std::fs;

use crate::pty::Terminal;
use crate::question::FORMS;
use crate::question::SAYS;
use crate::question::asks;
use crate::question::home;
use crate::question::prompt;

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
fn nobody_to_ask_is_an_error_that_names_the_candidates_and_both_ways() {
    let nobody = "jackin-exec: no provider was named, and there is no terminal to ask on; candidates: anthropic, zai, minimax, kimi\n\
                  hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n";
    // stderr is no terminal.
    home().run(["true"]).fails(125, nobody);
    home()
        .run(["-p", "ask", "true"])
        .fails(125, &nobody.replace("no provider was named", "the question was asked for"));
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
    assert!(fs::read_to_string(sandbox.path("errors")).unwrap().contains("no provider was named"));
}
