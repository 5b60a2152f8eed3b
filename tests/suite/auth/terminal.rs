//! The question for a key on a terminal, and what happens around it.

use std::fs;
use std::os::fd::AsFd;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;
use nix::sys::signal::Signal;

use crate::auth::DIR;
use crate::auth::KEY;
use crate::auth::WORKSPACE;
use crate::auth::files;
use crate::auth::run;
use crate::auth::with;
use crate::pty::Terminal;
use crate::support::sandbox;

/// What a terminal's window sees of the question for a key.
const PROMPT: &str = "KIMI_CODE_API_KEY for the global scope (not shown): ";

#[test]
fn the_key_is_asked_for_and_not_shown() {
    for (term, keys, wanted) in [
        ("xterm", "sk-kimi-SENTINEL\r", Some("sk-kimi-SENTINEL")),
        ("dumb", "sk-kimi-SENTINEL\n", Some("sk-kimi-SENTINEL")),
        ("xterm", "sk-kimi-SENTINExü\x7f\x7fL\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "wrong\x15sk-kimi-SENTINEL\x1b[D\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b[200~sk-kimi-SENTINEL\x1b[201~\r", Some("sk-kimi-SENTINEL")),
        // With its last line break, as it is copied from a page; and with the question of a
        // terminal answered meanwhile.
        ("xterm", "\x1b[200~sk-kimi-SENTINEL\r\x1b[201~\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b]11;rgb:0/0/0\x07sk-kimi-SENTINEL\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b", None),
        ("xterm", "\x04", None),
        ("xterm", "sk-kimi-SENTINEL\x1b", None),
    ] {
        let sandbox = sandbox().env("TERM", term);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&sandbox.launch().words(["auth", "set", "kimi"]));
        terminal.wait_for("jackin-exec: get a key at https://www.kimi.com/code/console");
        terminal.wait_for(PROMPT).send(keys);
        let end = terminal.end();
        assert_eq!(terminal.modes(), before, "{keys:?}");
        assert!(!terminal.text().contains("SENTINEL"), "{keys:?}: {:?}", terminal.text());
        assert_eq!(
            end,
            if wanted.is_some() { "exit 0" } else { "exit 130" },
            "{keys:?}: {:?}",
            terminal.text()
        );
        if term == "xterm" {
            assert!(
                terminal.text().contains("\x1b[?2004h") && terminal.text().contains("\x1b[?2004l")
            );
        }
        let written = wanted
            .map(|key| format!("version = \"v1alpha9\"\n\n[env]\nKIMI_CODE_API_KEY = \"{key}\"\n"));
        assert_eq!(
            sandbox.read(&format!("{DIR}/config.toml")),
            written.unwrap_or_default(),
            "{keys:?}"
        );
    }
}

#[test]
fn the_second_line_of_a_paste_does_not_become_a_command_of_the_shell() {
    for keys in ["sk-kimi-\nSENTINEL\n", "\x1b[200~sk-kimi-\rSENTINEL\x1b[201~\r"] {
        let sandbox = sandbox().env("TERM", "xterm");
        let script = format!(
            "{} auth set kimi; echo status $?; read -r line; echo \"then <$line>\"",
            crate::support::PROGRAM
        );
        let launch = sandbox.launch().program("/bin/sh").words(["-c", &script]);
        let mut terminal = Terminal::open().start(&launch);
        terminal
            .wait_for(PROMPT)
            .send(keys)
            .wait_for("control character")
            .wait_for(PROMPT)
            .send("\x1b");
        terminal.wait_for("status 130").send("next\n");
        assert_eq!(terminal.end(), "exit 0");
        let text = terminal.text();
        assert!(
            text.contains("the key contains a line break or another control character"),
            "{text:?}"
        );
        assert!(text.contains("then <next>") && !text.contains("SENTINEL"), "{text:?}");
        assert_eq!(files(&sandbox), []);
    }
}

#[test]
fn what_cannot_be_a_key_is_asked_for_again_and_three_times_at_most() {
    let wrong = "Bearer sk-kimi-SENTINEL";
    for (keys, end, refused) in [
        ([wrong, KEY, ""], "exit 0", 1),
        (["", "clear", KEY], "exit 0", 2),
        ([wrong, "$SENTINEL", "sk-ant-SENTINEL"], "exit 125", 3),
    ] {
        let sandbox = sandbox().env("TERM", "xterm");
        let mut terminal = Terminal::open().start(&sandbox.launch().words(["auth", "set", "kimi"]));
        for one in keys.iter().take(refused + usize::from(refused < 3)) {
            terminal.wait_for(PROMPT).send(format!("{one}\r"));
        }
        assert_eq!(terminal.end(), end, "{}", terminal.text());
        let text = terminal.text();
        assert!(!text.contains("SENTINEL"), "{text}");
        let said = text.matches("jackin-exec: KIMI_CODE_API_KEY: ").count();
        let said = said + text.matches("jackin-exec: what was given is a reference").count();
        assert_eq!((said, text.matches(PROMPT).count()), (refused, keys.len().min(refused + 1)));
        assert_eq!(text.matches("get a key at").count(), 1, "{text}");
        assert_eq!(files(&sandbox).is_empty(), refused == 3);
    }
}

#[test]
fn a_signal_at_the_question_for_a_key_restores_the_terminal() {
    for (keys, signal) in [("\x03", Signal::SIGINT), ("", Signal::SIGTERM), ("", Signal::SIGHUP)] {
        let sandbox = sandbox().env("TERM", "xterm");
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&sandbox.launch().words(["auth", "set", "kimi"]));
        terminal.wait_for(PROMPT).send("SENTINEL").send(keys);
        if keys.is_empty() {
            terminal.signal(signal);
        }
        assert_eq!(terminal.end(), format!("signal {}", signal as i32));
        assert_eq!(terminal.modes(), before);
        assert!(terminal.text().ends_with("\x1b[?2004l\r\n"), "{:?}", terminal.text());
        assert_eq!(files(&sandbox), []);
    }
}

#[test]
fn nobody_holds_the_lock_while_a_person_types() {
    let sandbox = with(&[("config.toml", ""), ("config.lock", "")]).env("TERM", "xterm");
    let mut terminal = Terminal::open().start(&sandbox.launch().words(["auth", "set", "kimi"]));
    terminal.wait_for(PROMPT);
    let file = fs::File::open(sandbox.config_dir().join("config.lock")).unwrap();
    assert!(
        Flock::lock(file.as_fd().try_clone_to_owned().unwrap(), FlockArg::LockExclusiveNonblock)
            .is_ok()
    );
    // What others wrote meanwhile is there afterwards.
    run(&sandbox, "auth set zai --env K", "");
    terminal.send(format!("{KEY}\r"));
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(
        sandbox.read(&format!("{DIR}/config.toml")),
        format!("[env]\nZAI_API_KEY = \"$K\"\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
}

#[test]
fn a_launch_that_asks_or_fetches_holds_no_lock() {
    let script = "echo waiting >/dev/tty; read -r line </dev/tty; echo k";
    for (words, seen, answer) in [
        (&["-q", "true"][..], "which provider?", "\r"),
        (&["-q", "-p", "kimi", "true"], "waiting", "go\n"),
    ] {
        let sandbox = with(&[
            ("config.lock", ""),
            (
                "exec.toml",
                &format!("[env]\nKIMI_CODE_API_KEY = {{ command = ['sh', '-c', '{script}'] }}\n"),
            ),
        ])
        .env("TERM", "xterm");
        let mut terminal = Terminal::open().start(&sandbox.launch().words(words));
        terminal.wait_for(seen);
        let file = fs::File::open(sandbox.config_dir().join("config.lock")).unwrap();
        assert!(Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok(), "{words:?}");
        terminal.send(answer);
        assert_eq!(terminal.end(), "exit 0", "{words:?}: {:?}", terminal.text());
    }
}

#[test]
fn after_the_first_key_a_person_is_told_how_to_start() {
    let said = |home: &crate::support::Sandbox, words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let mut terminal = Terminal::open().start(&home.launch().words(&words));
        if !words.contains(&"--env") {
            terminal.wait_for("): ").send(format!("{KEY}\r"));
        }
        assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
        assert!(!terminal.text().contains("SENTINEL"));
        let text = terminal.text();
        text.lines().find_map(|line| Some(line.split_once("start it with ")?.1.trim().to_owned()))
    };
    let home = sandbox().workspace("w", WORKSPACE);
    assert_eq!(said(&home, "-q auth set kimi -w w"), None, "for one workspace");
    assert_eq!(said(&home, "auth set kimi").as_deref(), Some("jackin-exec -p kimi"));
    assert_eq!(said(&home, "auth set kimi"), None, "not the first");
    assert_eq!(said(&home, "auth set zai --env NOT_SET"), None, "not there yet");
    assert_eq!(said(&sandbox(), "-q auth set kimi"), None);
    let own = "jackin-exec -p litellm -m MODEL";
    assert_eq!(said(&sandbox(), "auth set litellm").as_deref(), Some(own));
}
