//! Job control: Ctrl-Z, fg and the background.

use std::fs;

use nix::sys::wait::WaitStatus;

use crate::pty::Terminal;
use crate::question::FORMS;
use crate::question::SAYS;
use crate::question::asks;
use crate::question::home;
use crate::question::prompt;
use crate::question::with_helper;

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
