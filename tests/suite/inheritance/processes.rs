//! Threads, helpers, memory, ids, and process 1.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::inheritance::ends;
use crate::inheritance::holds;
use crate::inheritance::probed;
use crate::inheritance::with_values;
use crate::pty::Terminal;
use crate::stage::Launch;
use crate::stage::probe;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::can_unshare;
use crate::support::copy_program;
use crate::support::is_root;
use crate::support::sandbox;
use crate::support::within_limits;

#[test]
fn trap_24_no_thread_is_alive_at_exec() {
    holds(24);
    // While a helper runs, and then there is only less to do.
    let sandbox =
        with_values(&[("A", "ls /proc/$PPID/task | wc -l"), ("B", "ls /proc/$PPID/task | wc -l")]);
    sandbox.run(["sh", "-c", "echo $A $B"]).prints("1 1\n");
}

/// See also tests/suite/question/jobs.rs, for Ctrl-Z.
#[test]
fn trap_25_group_session_and_foreground_are_the_callers() {
    holds(25);
    let sandbox = with_values(&[("A", "echo a"), ("B", "echo b"), ("C", "echo c")]);
    let launch = probed(&sandbox);
    let mut terminal = Terminal::open().start(&launch);
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
    let (report, process) = (launch.read(), terminal.process().to_string());
    assert!([5, 6, 8].iter().all(|&field| report.stat(field) == process));
}

#[test]
fn trap_27_what_a_helper_leaves_behind_does_not_hold_us() {
    let left = "(while test -d \"$HOME\"; do sleep 0.05; done) & echo x";
    for values in [&[("A", left)][..], &[("A", "echo x"), ("B", left), ("C", left)]] {
        let sandbox = with_values(values);
        let launch = sandbox.launch().words(["--"]).probe(probe(), [""; 0]);
        let ran = launch.run();
        assert_eq!(
            (ran.status, ran.stderr.as_str(), ran.report.values("A").concat().as_str()),
            (0, "", "x")
        );
        assert_eq!(ran.report.descriptors(), "0 1 2");
        assert_eq!(ran.report.text("children"), "");
    }
}

#[test]
fn trap_28_no_helper_is_left_unreaped() {
    holds(28);
    let values: Vec<(String, &str)> =
        (0..9).map(|number| (format!("V{number}"), "echo x")).collect();
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, script)| (name.as_str(), *script)).collect();
    let ran = probed(&with_values(&values)).run();
    assert_eq!((ran.status, ran.report.text("children").as_str()), (0, ""), "{}", ran.stderr);
}

#[test]
fn trap_28_a_helper_that_takes_too_long_is_gone_with_all_that_it_started() {
    let hangs = "echo $$ >>pids; sleep 60 & echo $! >>pids; wait";
    let value = |name: &str, script: &str, limit: u32| {
        format!("{name} = {{ command = [\"sh\", \"-c\", '{script}'], timeout = \"{limit}ms\" }}\n")
    };
    let alone = |limit| value("A", hangs, limit);
    let beside = |limit| {
        let late = value("C", hangs, limit) + &value("D", hangs, limit);
        format!("A = \"$PATH\"\n{}{late}", value("B", "echo b", 30_000))
    };
    within_limits(|limit| are_gone(&alone(limit), 2));
    within_limits(|limit| are_gone(&beside(limit), 4));
}

/// Whether so many processes were started; fails if one of them is left.
fn are_gone(values: &str, count: usize) -> bool {
    let sandbox = sandbox().exec(&format!("[env]\n{values}"));
    let ran = sandbox.launch().words(["--", "echo", "ran"]).run();
    assert_eq!((ran.status, ran.text().as_str()), (125, ""), "{}", ran.stderr);
    let pids = sandbox.read("here/pids");
    for pid in pids.lines() {
        assert!(ends(pid), "{pid} is gone");
    }
    pids.lines().count() == count
}

#[test]
fn trap_28_what_a_helper_abandoned_and_has_ended_is_no_child_of_process_1() {
    if !can_unshare() {
        return;
    }
    // As process 1 we get the child of a parent that is gone; the helper waits until it has ended.
    let helper = "(sh -c 'echo $$ > ended' &); until [ -s ended ]; do :; done; \
                  until grep -q ') Z' /proc/$(cat ended)/stat; do :; done; echo value";
    let sandbox = sandbox()
        .script("bin/helper", helper)
        .path_first("bin")
        .exec("[env]\nA = { command = [\"helper\"] }\n");
    let words = "read children < /proc/1/task/1/children; echo \"$A [$children]\"";
    let launch = sandbox.launch().words(["-p", "anthropic", "sh", "-c", words]);
    let ran = launch.through("/usr/bin/unshare", ["-pf", "--mount-proc"]).run();
    assert_eq!((ran.text().as_str(), ran.status), ("value []", 0), "{}", ran.stderr);
}

#[test]
fn a_helpers_mark_comes_only_once_though_its_process_id_comes_again() {
    if !can_unshare() {
        return;
    }
    let sandbox = sandbox()
        .script("bin/helper", "echo \"$JACKIN_EXEC_HELPER\" >> marks; echo value")
        .path_first("bin")
        .exec("[env]\nA = { command = [\"helper\"] }\n");
    for _ in 0..2 {
        let launch = sandbox.launch().words(["-p", "anthropic", "true"]);
        let ran = launch.through("/usr/bin/unshare", ["-pf", "--mount-proc"]).run();
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    let marks = sandbox.read("here/marks");
    let [first, second] = marks.lines().collect::<Vec<_>>()[..] else { panic!("{marks}") };
    assert!(first.starts_with("1.") && second.starts_with("1.") && first != second, "{marks}");
}

#[test]
fn trap_29_exactly_one_newline_is_stripped() {
    for (script, value) in [
        ("printf \"  x  \\n\"", "  x  "),
        ("printf \"x\"", "x"),
        ("printf \"x\\n\\n\"", "x\n"),
        ("printf \"x\\r\\n\"", "x"),
        ("printf \"\\nx \\t\"", "\nx \t"),
        ("printf \"\\n\"", ""),
        ("true", ""),
    ] {
        let ran = probed(&with_values(&[("A", script)])).run();
        assert_eq!(
            (ran.status, ran.report.values("A")),
            (0, vec![value.to_owned()]),
            "{script}: {}",
            ran.stderr
        );
    }
}

#[test]
fn trap_30_our_memory_is_hidden_and_the_commands_is_not() {
    holds(30);
    if !is_root() {
        return;
    }
    // A file of a process that may not be dumped belongs to root.
    let sandbox =
        with_values(&[("A", "stat -c %u /proc/$PPID/environ; cat /proc/$PPID/environ >&2; true")]);
    for file in
        ["", "home", "here", "home/.config", "home/.config/jackin", "home/.config/jackin/exec.toml"]
    {
        std::os::unix::fs::chown(sandbox.path(file), Some(65534), Some(65534)).unwrap();
    }
    let reachable = sandbox.path("program");
    copy_program(PROGRAM, &reachable);
    let script = "echo $A; stat -c %u /proc/$$/environ";
    let launch =
        sandbox.launch().program(&reachable).words(["sh", "-c", script]).step("user", "65534");
    let Some(launch) = as_nobody(launch) else { return };
    let ran = launch.run();
    assert_eq!((ran.status, ran.text().as_str()), (0, "0\n65534"), "{}", ran.stderr);
}

/// A launch by another user, who has to reach the launcher.
fn as_nobody(launch: Launch) -> Option<Launch> {
    let reaches =
        probe().ancestors().skip(1).all(|folder| fs::metadata(folder).unwrap().mode() & 0o001 != 0);
    if !reaches {
        crate::support::skipped(format_args!("another user cannot reach {}", probe().display()));
    }
    reaches.then_some(launch)
}

#[test]
fn trap_31_nothing_else_of_the_process_changes() {
    holds(31);
    // All that /proc tells of the command, through us and without us.
    let sandbox = sandbox();
    let direct = sandbox.launch().program(probe());
    let report = direct.report();
    let direct = direct.words([report]).run();
    let status = |text: String| -> BTreeMap<String, String> {
        // Numbers of the process, how much memory and time it happened to take, and a count of all
        // of the user's signals.
        let volatile = [
            "Pid",
            "Tgid",
            "NSpid",
            "NStgid",
            "PPid",
            "SigQ",
            "voluntary_ctxt_switches",
            "nonvoluntary_ctxt_switches",
        ];
        let varies = |name: &str| {
            volatile.contains(&name) || name.starts_with("Rss") || name.starts_with("Vm")
        };
        let pairs = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        pairs.filter(|(name, _)| !varies(name) || name == "VmLck").collect()
    };
    let wanted = status(direct.report.text("status"));
    let others = [
        "limits",
        "oom_score_adj",
        "personality",
        "cgroup",
        "cwd",
        "dumpable",
        "pdeathsig",
        "children",
    ];
    let wanted_others = others.map(|file| direct.report.text(file));
    let report = probed(&sandbox).run().report;
    let found = status(report.text("status"));
    let differ: Vec<_> =
        wanted.iter().filter(|(name, value)| found.get(*name) != Some(value)).collect();
    assert_eq!((differ, found.len()), (Vec::new(), wanted.len()), "{found:#?}");
    assert_eq!(others.map(|file| report.text(file)), wanted_others);
}

#[test]
fn trap_32_a_set_id_copy_is_refused() {
    use nix::sys::statvfs::FsFlags;
    if !is_root() {
        return;
    }
    for (mode, status) in [(0o4755, 125), (0o2755, 125), (0o755, 0)] {
        let sandbox = sandbox();
        std::os::unix::fs::chown(sandbox.path(""), Some(65534), Some(65534)).unwrap();
        let copy = sandbox.path("jackin-exec");
        copy_program(PROGRAM, &copy);
        fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        if nix::sys::statvfs::statvfs(&copy).unwrap().flags().contains(FsFlags::ST_NOSUID) {
            crate::support::skipped(format_args!("set-id bits do nothing in {}", copy.display()));
            return;
        }
        let launch =
            sandbox.launch().program(&copy).words(["--", "echo", "ran"]).step("user", "65534");
        let Some(launch) = as_nobody(launch) else { return };
        let ran = launch.run();
        let refused = "jackin-exec: real and effective user or group differ: not for set-id use\n";
        let wanted = if status == 0 { (0, "ran", "") } else { (125, "", refused) };
        assert_eq!((ran.status, ran.text().as_str(), ran.stderr.as_str()), wanted, "{mode:o}");
    }
}

#[test]
fn trap_33_no_error_path_shows_a_secret() {
    let key = |more: &str| {
        sandbox().config(&format!(
            "[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\nOTHER = \"{SENTINEL}\"\n{more}"
        ))
    };
    let words: [&[&str]; 12] = [
        &["-p", "kimi", "no-such-command"],
        &["-p", "kimi", "/etc/passwd"],
        &["-p", "kimi", "/etc"],
        &["-p", "kimi", "--debug", "no-such-command"],
        &["-p", "kimi", "--debug", "true"],
        &["-p", "kimi", "--dry-run"],
        &["-p", "kimi", "--dry-run", "--json"],
        &["-p", "kimi", "--dry-run", "--debug"],
        &["-p", "zai", "true"],
        &["providers"],
        &["providers", "--json"],
        &["-p", "ask", "true"],
    ];
    for words in words {
        key("").run(words).shows_no_secret();
        key("BROKEN = { op = 1 }\n").run(words).shows_no_secret();
        key("MISSING = \"$NOWHERE\"\n").run(words).shows_no_secret();
    }
}

#[test]
fn trap_34_as_process_one_we_are_what_env_is() {
    if can_unshare() {
        holds(34);
    }
}

/// Stated in the documents, because nothing can be done about it: the environment of a process can
/// be read by its user.
#[test]
fn trap_36_the_token_is_in_the_commands_environment_and_nowhere_else() {
    let sandbox = sandbox().config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\n"));
    // Written so that the script itself is not found.
    let script = "tr '\\0' '\\n' </proc/$$/environ | grep 0[1]23456789 | cut -d= -f1; \
                  tr '\\0' '\\n' </proc/$$/cmdline | grep -c 0[1]23456789; grep -rl 0[1]23456789 . | wc -l";
    let ran = sandbox.launch().words(["-p", "kimi", "--", "sh", "-c", script]).run();
    assert_eq!(ran.text(), "ANTHROPIC_AUTH_TOKEN\n0\n0", "{}", ran.stderr);
}

// traps 25, 26 and 35: tests/suite/question/

#[test]
fn every_trap_has_a_test_that_names_it() {
    let text = [
        include_str!("signals.rs"),
        include_str!("words.rs"),
        include_str!("processes.rs"),
        include_str!("../question/ends.rs"),
        include_str!("../question/jobs.rs"),
        include_str!("../question/terminal.rs"),
    ]
    .concat();
    let missing: Vec<u32> =
        (1..=36).filter(|number| !text.contains(&format!("\nfn trap_{number:02}_"))).collect();
    assert_eq!(missing, [0; 0]);
}
