//! Signals and descriptors.

use std::fs;
use std::path::Path;

use crate::inheritance::holds;
use crate::inheritance::probed;
use crate::inheritance::with_values;
use crate::stage::probe;
use crate::support::sandbox;

#[test]
fn trap_01_sigpipe_is_what_the_caller_had() {
    holds(1);
}

#[test]
fn trap_02_ignored_signals_stay_ignored_and_others_do_not_become_so() {
    holds(2);
}

#[test]
fn trap_03_the_signal_mask_is_the_callers() {
    holds(3);
}

#[test]
fn trap_04_a_helper_starts_with_the_callers_signals_but_sigpipe_and_sigchld_at_their_default() {
    for (ignored, blocked, ignored_by_helper) in
        [(&[][..], &[][..], "none"), (&[2, 13], &[10], "2"), (&[1, 2, 3, 17], &[15, 17], "1 2 3")]
    {
        let sandbox = sandbox();
        let report = sandbox.launch().report();
        let helper = format!(
            "[env]\nX = {{ command = [{:?}, {report:?}] }}\n",
            probe().display().to_string()
        );
        let sandbox = sandbox.exec(&helper);
        let launch = sandbox
            .launch()
            .words(["--", "echo", "ran"])
            .steps("ignore", ignored)
            .steps("block", blocked);
        let ran = launch.run();
        assert_eq!(
            (ran.stderr.as_str(), ran.text().as_str()),
            ("", "ran"),
            "{ignored:?} {blocked:?}"
        );
        assert_eq!(ran.report.signals("SigIgn"), ignored_by_helper);
        let wanted: Vec<String> = blocked.iter().map(ToString::to_string).collect();
        assert_eq!(
            ran.report.signals("SigBlk"),
            if wanted.is_empty() { "none".to_owned() } else { wanted.join(" ") }
        );
        assert_eq!(ran.report.descriptors(), "0 1 2");
    }
}

/// See also question.rs, for what a person does meanwhile.
#[test]
fn trap_05_what_was_caught_while_helpers_ran_is_not_caught_later() {
    let sandbox = with_values(&[("A", "echo a"), ("B", "echo b"), ("C", "echo c")]);
    let launch = probed(&sandbox).steps("ignore", &[3, 13]).steps("block", &[10]);
    let ran = launch.run();
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let signals =
        ["SigIgn", "SigCgt", "SigBlk", "SigPnd", "ShdPnd"].map(|name| ran.report.signals(name));
    assert_eq!(signals, ["3 13", "none", "10", "none", "none"]);
}

#[test]
fn trap_05_a_signal_while_a_helper_runs_ends_us_and_the_helper() {
    for (signal, helpers) in [(1, 1), (2, 1), (3, 1), (15, 1), (15, 3)] {
        // The last helper sends the signal to us and then would wait for ever.
        let script = format!("echo $$ >>pids; kill -{signal} $PPID; while :; do sleep 0.05; done");
        let values: Vec<(&str, &str)> =
            ["A", "B", "C"].into_iter().zip(["echo a", "sleep 60", &script]).collect();
        let values = if helpers == 1 { vec![("A", script.as_str())] } else { values };
        let sandbox = with_values(&values);
        let ran = sandbox.launch().words(["--", "echo", "ran"]).run();
        assert_eq!((ran.signal, ran.text().as_str()), (Some(signal), ""), "{}", ran.stderr);
        let pids = fs::read_to_string(sandbox.path("here/pids")).unwrap();
        for pid in pids.lines() {
            assert!(!Path::new(&format!("/proc/{pid}")).exists(), "the helper is gone");
        }
    }
}

#[test]
fn trap_06_closed_descriptors_stay_closed() {
    holds(6);
}

#[test]
fn trap_06_what_we_open_ourselves_never_becomes_a_standard_descriptor() {
    for (closed, wanted) in [
        (&[0][..], "1 2"),
        (&[1], "0 2"),
        (&[2], "0 1"),
        (&[0, 1], "2"),
        (&[1, 2], "0"),
        (&[0, 1, 2], "none"),
    ] {
        let sandbox = with_values(&[("A", "echo a"), ("B", "echo b; echo words >&2")])
            .config("[env]\nC = \"c\"\n");
        let ran = probed(&sandbox).steps("close", closed).run();
        assert_eq!(ran.status, 0, "{closed:?}: {}", ran.stderr);
        assert_eq!(ran.report.descriptors(), wanted, "{closed:?}");
        assert_eq!(
            ["A", "B", "C"].map(|name| ran.report.values(name).concat()),
            ["a", "b", "c"],
            "{closed:?}"
        );
    }
}

#[test]
fn trap_06_a_failure_with_closed_descriptors_still_has_its_status() {
    for closed in [&[0][..], &[1], &[2], &[0, 1, 2]] {
        let launch = sandbox().launch().words(["-p", "kimi", "true"]).steps("close", closed);
        assert_eq!(launch.run().status, 125, "{closed:?}");
    }
}

#[test]
fn trap_07_descriptors_of_the_caller_stay_open_and_none_of_ours_is_added() {
    holds(7);
    let sandbox = with_values(&[("A", "echo a"), ("B", "echo b"), ("C", "echo c")])
        .config("[env]\nD = \"d\"\n")
        .file("home/.config/jackin/config.lock", "")
        .file("value", "e")
        .workspace("w", "version = \"v1alpha6\"\nworkdir = \"/w\"\n");
    let ran = probed(&sandbox).steps("open", &[7, 11]).run();
    assert_eq!(
        (ran.status, ran.stderr.as_str(), ran.report.descriptors().as_str()),
        (0, "", "0 1 2 7 11")
    );
}

/// See also question.rs, for the terminal.
#[test]
fn trap_08_piped_stdin_reaches_the_command_byte_for_byte_while_helpers_run() {
    let sandbox = with_values(&[("A", "cat; echo a"), ("B", "cat; echo b"), ("C", "cat; echo c")]);
    sandbox.write("input", b"a\nb\n\x00\xff", 0o600);
    let ran = sandbox.launch().words(["--", "cat"]).step("0", sandbox.path("input")).run();
    assert_eq!((ran.status, ran.stderr.as_str(), &ran.stdout[..]), (0, "", &b"a\nb\n\x00\xff"[..]));
}
