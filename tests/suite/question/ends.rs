//! How a question ends without an answer: cancelled, by a signal, with its window.

use nix::sys::signal::Signal;

use crate::pty::Terminal;
use crate::question::FORMS;
use crate::question::SAYS;
use crate::question::asks;
use crate::question::home;
use crate::question::prompt;

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
