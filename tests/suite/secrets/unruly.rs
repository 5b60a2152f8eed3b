//! Helpers that hang, leave processes behind, or change the terminal.

use std::fs::File;
use std::os::unix::process::CommandExt;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;

use crate::pty::Terminal;
use crate::support::LIMITS;
use crate::support::PROGRAM;
use crate::support::copy_program;
use crate::support::is_root;
use crate::support::sandbox;
use crate::support::within_limits;

/// Holds a lock while it lives, in itself and in a child that leaves a mark if it is not killed.
const LINGER: &str = r#"exec 9> "$HOME/lock"
flock 9
(sleep 20; : > "$HOME/survived") &
sleep 20"#;

#[test]
fn a_helper_that_takes_too_long_is_killed_with_all_that_it_started() {
    if !crate::support::has("flock") {
        return;
    }
    // Alone it shares our process group; beside others it has its own, which a child may leave.
    for (claim, beside, script) in [
        ("alone", false, "linger"),
        ("beside others", true, "linger"),
        ("out of its group", true, "leave"),
        // Its parent is gone before the time is up, as with a program that makes itself a daemon.
        ("abandoned", false, "abandon"),
        ("abandoned beside others", true, "abandon"),
    ] {
        within_limits(|limit| is_killed(claim, beside, script, limit));
    }
}

/// Whether the helper came to its lock within the limit; fails if it was not killed then.
fn is_killed(claim: &str, beside: bool, script: &str, limit: u32) -> bool {
    let longer = f64::from(limit + 100) / 1000.0;
    let others = format!(
        "A1 = {{ command = [\"true\"] }}\nA2 = {{ command = [\"sleep\", \"{longer}\"] }}\n"
    );
    let home = sandbox()
        .script("bin/linger", LINGER)
        .script("bin/leave", "setsid linger & sleep 20")
        .script("bin/abandon", "(setsid linger >/dev/null 2>&1 &); exec sleep 20")
        .path_first("bin")
        .exec(&format!(
            "[env]\n{}B = {{ command = [\"{script}\"], timeout = \"{limit}ms\" }}\n",
            if beside { &others } else { "" }
        ));
    let outcome = home.run(["true"]);
    let words = format!(
        "jackin-exec: B of global [env] ({script}): {script} took longer than {limit} ms\n"
    );
    assert_eq!((outcome.status, outcome.stderr), (125, words), "{claim}");
    let Ok(lock) = File::open(home.path("home/lock")) else {
        return false;
    };
    // Waits for the last of them to be gone.
    let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno).unwrap();
    assert!(!home.path("home/survived").exists(), "{claim}");
    drop(lock);
    true
}

#[test]
fn a_grandchild_that_keeps_the_pipe_open_is_not_waited_for() {
    let home = sandbox().script("bin/daemon", "echo value\n(sleep 20; : > \"$HOME/late\") &").path_first("bin").exec(
        "[env]\nA = { command = [\"daemon\"] }\nB = { command = [\"daemon\"] }\nC = { command = [\"daemon\"] }\n",
    );
    home.run(["sh", "-c", "echo $A $B $C"]).prints("value value value\n");
    assert!(!home.path("home/late").exists());
}

#[test]
fn whatever_a_helper_does_to_the_terminal_is_undone() {
    for (claim, script, status) in [
        ("too late", "stty -echo </dev/tty; : >$HOME/came; sleep 20", "exit 125"),
        ("stops", "stty -echo -icanon </dev/tty; kill -STOP $$", "exit 125"),
        ("is killed", "stty -echo </dev/tty; kill -KILL $$", "exit 125"),
        ("succeeds", "stty -echo </dev/tty; echo value", "exit 0"),
        ("changes more", "stty -opost -icrnl </dev/tty; kill -KILL $$", "exit 125"),
        ("is ended with us", "stty -echo </dev/tty; kill -USR1 $PPID; sleep 20", "signal 10"),
    ] {
        for redirected in [false, true] {
            within_limits(|limit| {
                let limit = if claim == "too late" { limit } else { 30_000 };
                let home = sandbox().env("TERM", "xterm").exec(&format!(
                    "[env]\nA = {{ command = [\"sh\", \"-c\", \"{script}\"], timeout = \"{limit}ms\" }}\n"
                ));
                let mut terminal = Terminal::open();
                let before = terminal.modes();
                // Where stderr is a file, the terminal is still there.
                let words = "exec \"$0\" -q -p anthropic true 2>\"$HOME/said\"";
                let launch = if redirected {
                    home.launch().program("/bin/sh").words(["-c", words, PROGRAM])
                } else {
                    home.launch().words(["-q", "-p", "anthropic", "true"])
                };
                terminal = terminal.start(&launch);
                assert_eq!(terminal.end(), status, "{claim}: {}", terminal.text());
                assert_eq!(terminal.modes(), before, "{claim}, redirected: {redirected}");
                claim != "too late" || home.path("home/came").exists()
            });
        }
    }
}

/// Makes its process group the terminal's foreground, as a shell does with a job, and keeps it.
const TAKES_FOREGROUND: &str = r#"exec perl -MPOSIX -e '
    setpgid(0, 0); $SIG{TTOU} = "IGNORE"; open(T, "+<", "/dev/tty"); tcsetpgrp(fileno(T), getpid());
    $| = 1; print "value\n"; AFTER' "#;

#[test]
fn the_foreground_that_a_helper_took_is_ours_again() {
    if !crate::support::has("perl") {
        return;
    }
    for (claim, after, status) in [
        ("ends", "exit 0", 0),
        ("is too late", "open(M, \">came\"); sleep 20", 125),
        ("fails", "exit 3", 125),
        ("is killed", "kill 9, getpid()", 125),
        ("leaves somebody there", "fork() or do { open(STDOUT, \">/dev/null\"); sleep 2 }", 0),
    ] {
        for (alone, before) in [(true, ""), (false, "A = \"x\"\nA1 = { command = [\"true\"] }\n")] {
            within_limits(|limit| {
                let limit = if claim == "is too late" { limit } else { 30_000 };
                let home = sandbox()
                    .env("TERM", "xterm")
                    .script("bin/taker", &TAKES_FOREGROUND.replace("AFTER", after))
                    .path_first("bin")
                    .exec(&format!(
                        "[env]\n{before}B = {{ command = [\"taker\"], timeout = \"{limit}ms\" }}\n"
                    ));
                // The command reads from the terminal, and so does the calling script after it.
                let words = "\"$0\" -q -p anthropic sh -c 'read line; echo \"command $line\"'; \
                             echo status $?; read line; echo \"script $line\"";
                let launch = home.launch().program("/bin/sh").words(["-c", words, PROGRAM]);
                let mut terminal = Terminal::open().start(&launch);
                if status == 0 {
                    terminal.send("one\n").wait_for("command one");
                }
                terminal.wait_for(&format!("status {status}"));
                terminal.send("two\n").wait_for("script two");
                assert_eq!(terminal.end(), "exit 0", "{claim}, alone: {alone}");
                claim != "is too late" || home.path("here/came").exists()
            });
        }
    }
}

#[test]
fn a_helper_that_cannot_be_killed_is_not_waited_for() {
    if !is_root() || !crate::support::has("setpriv") {
        return;
    }
    for limit in LIMITS {
        if is_left_alone(limit) {
            return;
        }
    }
    // Where set-id bits have no effect, the helper has not become root.
    crate::support::skipped(
        "this test needs a folder for temporary files that is not mounted nosuid",
    );
}

/// Whether the helper became root within the limit; fails if its end was waited for.
fn is_left_alone(limit: u32) -> bool {
    // As sudo does, it becomes root for good; we are somebody else.
    let home = sandbox()
        .script("bin/helper", "echo $$ > \"$HOME/helper\"; exec sleep 1000")
        .folder("home/x");
    copy_program("/usr/bin/setpriv", home.path("bin/become"));
    let exec = format!(
        "[env]\nA = {{ command = [\"[ROOT]/bin/become\", \"--reuid=0\", \"--keep-groups\", \"[ROOT]/bin/helper\"], timeout = \"{limit}ms\" }}\n"
    );
    let home = home.rooted("home/.config/jackin/exec.toml", &exec).open_to_all();
    let home = home
        .mode("bin/become", 0o4755)
        .mode("home", 0o777)
        .mode("home/.config/jackin/exec.toml", 0o644);
    let home = ["", "/exec.toml", "/workspaces"]
        .iter()
        .fold(home, |home, path| home.owner(&format!("home/.config/jackin{path}"), 65534));
    let output =
        home.command().uid(65534).gid(65534).args(["-p", "anthropic", "true"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let Ok(helper) = home.read("home/helper").trim().parse() else {
        return false;
    };
    let helper = nix::unistd::Pid::from_raw(helper);
    // It is there: we have not waited for its end.
    nix::sys::signal::kill(helper, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.ends_with(&format!("took longer than {limit} ms\n")), "{said}");
    true
}

#[test]
fn a_signal_ends_the_helpers_and_us() {
    for (name, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let home = sandbox()
            .script("bin/signal", &format!("kill -{name} $PPID; sleep 20; : > \"$HOME/survived\""))
            .path_first("bin")
            .exec("[env]\nA = { command = [\"signal\"] }\n");
        // With the signals as a shell gives them, whatever this test was started with.
        let ran = home.launch().words(["sh", "-c", "echo started"]).run();
        assert_eq!((ran.status, ran.text().as_str(), ran.stderr.as_str()), (status, "", ""));
        assert!(!home.path("home/survived").exists());
    }
}
