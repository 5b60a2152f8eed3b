//! The rules that hold for any program that becomes another one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::inheritance::Case;
use crate::inheritance::Rule;
use crate::inheritance::first;
use crate::inheritance::kept;
use crate::inheritance::said;
use crate::inheritance::seen;
use crate::pty::Terminal;
use crate::stage::Launch;

/// A rule where we and `env` agree.
const fn as_env(
    traps: &'static [u32],
    what: &'static str,
    right: &'static str,
    see: fn(&Case) -> String,
) -> Rule {
    Rule { traps, what, ours: right, env: right, see }
}

/// The entries of a command's environment that we did not add.
fn without_ours(entries: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let added = [&b"JACKIN_EXEC_ACTIVE="[..], b"JACKIN_EXEC_LABEL=", b"JACKIN_EXEC_PID="];
    entries
        .into_iter()
        .filter(|entry| !added.iter().any(|added| entry.starts_with(added)))
        .collect()
}

/// Every signal that can be ignored and does not end or stop the launcher when it is.
const IGNORABLE: [i32; 27] = [
    1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30,
    31,
];

pub(super) const RULES: &[Rule] = &[
    as_env(&[1], "ignored signals, if the caller ignores none", "none", |case| {
        seen(&case.probe().run(), |ran| ran.report.signals("SigIgn"))
    }),
    as_env(&[1], "a writer whose reader has gone", "141", |case| {
        case.sh("{ yes; echo $? >&2; } | head -n 1 >/dev/null").stderr.trim().to_owned()
    }),
    as_env(&[1, 2], "SIGPIPE, if the caller ignores it", "13", |case| {
        seen(&case.probe().steps("ignore", &[13]).run(), |ran| ran.report.signals("SigIgn"))
    }),
    as_env(&[2], "ignored: 1 2 3 13", "1 2 3 13", |case| {
        seen(&case.probe().steps("ignore", &[1, 2, 3, 13]).run(), |ran| {
            ran.report.signals("SigIgn")
        })
    }),
    as_env(&[2], "ignored: all that can be", "kept", |case| {
        let wanted = IGNORABLE.map(|number| number.to_string()).join(" ");
        seen(&case.probe().steps("ignore", &IGNORABLE).run(), |ran| {
            kept(ran.report.signals("SigIgn") == wanted)
        })
    }),
    as_env(&[2], "caught signals", "none", |case| {
        seen(&case.probe().run(), |ran| ran.report.signals("SigCgt"))
    }),
    as_env(&[3], "blocked signals, if the caller blocks none", "none", |case| {
        seen(&case.probe().run(), |ran| ran.report.signals("SigBlk"))
    }),
    as_env(&[3], "blocked: 2 10 15 17", "2 10 15 17", |case| {
        seen(&case.probe().steps("block", &[2, 10, 15, 17]).run(), |ran| {
            ran.report.signals("SigBlk")
        })
    }),
    as_env(&[3], "a signal that is pending", "10", |case| {
        let launch = case.probe().steps("block", &[10]).steps("raise", &[10]);
        seen(&launch.run(), |ran| ran.report.signals("SigPnd"))
    }),
    as_env(&[6], "descriptors, started with 0 closed", "1 2", |case| {
        seen(&case.probe().steps("close", &[0]).run(), |ran| ran.report.descriptors())
    }),
    as_env(&[6], "descriptors, started with 1 closed", "0 2", |case| {
        seen(&case.probe().steps("close", &[1]).run(), |ran| ran.report.descriptors())
    }),
    as_env(&[6], "descriptors, started with 2 closed", "0 1", |case| {
        seen(&case.probe().steps("close", &[2]).run(), |ran| ran.report.descriptors())
    }),
    as_env(&[6], "descriptors, started with 0, 1 and 2 closed", "none", |case| {
        seen(&case.probe().steps("close", &[0, 1, 2]).run(), |ran| ran.report.descriptors())
    }),
    as_env(&[7], "descriptors, started with 7 open", "0 1 2 7", |case| {
        seen(&case.probe().steps("open", &[7]).run(), |ran| ran.report.descriptors())
    }),
    as_env(&[9, 14], "arguments that are empty, not UTF-8, or look like options", "kept", |case| {
        let words =
            [&b"a\xffb"[..], b"", b"-x", b"--", b"\xf0\x9f", b"a b", b"*"].map(OsStr::from_bytes);
        let report = case.launch().report();
        let probe = case.sandbox.path("tool/probe");
        let wanted: Vec<&[u8]> = [probe.as_os_str(), OsStr::new(&report)]
            .into_iter()
            .chain(words)
            .map(OsStr::as_bytes)
            .collect();
        seen(&case.probe().words(words).run(), |ran| kept(ran.report.arguments() == wanted))
    }),
    as_env(
        &[9, 10],
        "entries: order, not UTF-8, twice, without a name, without `=`",
        "kept",
        |case| {
            let entries: [&[u8]; 9] =
                [b"Z=last", b"A=1", b"A=2", b"V=\xff\xfe", b"\xff=v", b"=x", b"junk", b"", b"E="];
            let launch = entries.iter().fold(case.probe(), Launch::entry);
            seen(&launch.run(), |ran| kept(without_ours(ran.report.entries()) == launch.entries()))
        },
    ),
    as_env(&[10], "an environment of nothing but PATH", "kept", |case| {
        let launch = case.probe().no_entries().entry("PATH=/usr/bin:/bin");
        seen(&launch.run(), |ran| kept(without_ours(ran.report.entries()) == launch.entries()))
    }),
    as_env(&[15], "a script without `#!`", "sh runs it: tool argument", |case| {
        case.word("[ROOT]/plain/tool")
    }),
    as_env(&[15], "the same, found in PATH", "sh runs it: tool argument", |case| {
        case.tools();
        said(&case.with_path("[ROOT]/plain").words(["tool", "argument"]).run())
    }),
    as_env(&[15], "an empty file that may be executed", "0", |case| case.word("[ROOT]/empty/tool")),
    as_env(&[17], "PATH: not executable, then executable", "runs", |case| {
        case.search("[ROOT]/denied:[ROOT]/good")
    }),
    as_env(&[17], "PATH: a folder of that name, then executable", "runs", |case| {
        case.search("[ROOT]/folder:[ROOT]/good")
    }),
    as_env(&[17], "PATH: a dangling link, then executable", "runs", |case| {
        case.search("[ROOT]/dangling:[ROOT]/good")
    }),
    as_env(&[17], "PATH: a file as an entry, then executable", "runs", |case| {
        case.search("[ROOT]/file:[ROOT]/good")
    }),
    as_env(&[17], "PATH: no such folder, then executable", "runs", |case| {
        case.search("/nowhere:[ROOT]/good")
    }),
    as_env(&[17], "PATH: a link that leads to itself, then executable", "126", |case| {
        case.search("[ROOT]/loop:[ROOT]/good")
    }),
    as_env(&[17], "PATH: two that fit", "runs", |case| case.search("[ROOT]/good:[ROOT]/other")),
    as_env(&[17], "PATH: a link that fits", "runs", |case| case.search("[ROOT]/linked/")),
    as_env(&[17], "PATH: only one that is not executable", "126", |case| {
        case.search("[ROOT]/denied:[ROOT]/none")
    }),
    as_env(&[17], "PATH: only a folder of that name", "126", |case| {
        case.search("[ROOT]/folder:[ROOT]/none")
    }),
    as_env(&[17], "PATH: nothing", "127", |case| case.search("[ROOT]/none:/nowhere")),
    Rule {
        traps: &[17],
        what: "PATH: nothing but a file as an entry",
        ours: "127",
        env: "126",
        see: |case| case.search("[ROOT]/file"),
    },
    as_env(&[17], "PATH: an empty entry is the current directory", "runs", |case| {
        case.tools();
        said(
            &case
                .with_path("[ROOT]/none:")
                .directory(case.sandbox.path("good"))
                .words(["tool"])
                .run(),
        )
    }),
    as_env(&[17], "PATH: empty", "runs", |case| {
        case.tools();
        said(&case.with_path("").directory(case.sandbox.path("good")).words(["tool"]).run())
    }),
    as_env(&[17], "PATH: a relative entry", "runs", |case| {
        case.tools();
        said(&case.with_path("good").directory(case.sandbox.path("")).words(["tool"]).run())
    }),
    as_env(&[17], "PATH: unset", "runs", |case| {
        said(&case.launch().no_entries().entry("HOME=/nowhere").words(["echo", "runs"]).run())
    }),
    as_env(&[17], "PATH: set twice", "runs", |case| {
        case.tools();
        let second = format!("PATH={}", case.sandbox.path("other").display());
        said(&case.with_path("[ROOT]/good").entry(second).words(["tool"]).run())
    }),
    as_env(&[17], "a word with a slash is not searched", "127", |case| {
        case.tools();
        said(&case.with_path("[ROOT]").words(["good/tool"]).run())
    }),
    as_env(&[17], "a word with a slash is relative to the current directory", "runs", |case| {
        case.tools();
        said(&case.launch().directory(case.sandbox.path("")).words(["good/tool"]).run())
    }),
    as_env(&[17, 19], "an empty word", "127", |case| case.word("")),
    as_env(&[19], "a path: no such file", "127", |case| case.word("/no/such/file")),
    Rule {
        traps: &[19],
        what: "a path: through a file",
        ours: "127",
        env: "126",
        see: |case| case.word("/etc/passwd/tool"),
    },
    as_env(&[19], "a path: a dangling link", "127", |case| case.word("[ROOT]/dangling/tool")),
    as_env(&[19], "a path: a link that leads to itself", "126", |case| {
        case.word("[ROOT]/loop/tool")
    }),
    as_env(&[19], "a path: not executable", "126", |case| case.word("[ROOT]/denied/tool")),
    as_env(&[19], "a path: a folder", "126", |case| case.word("[ROOT]/folder")),
    Rule {
        traps: &[18],
        what: "a script whose `#!` names nothing",
        ours: "126",
        env: "127",
        see: |case| case.word("[ROOT]/lost/tool"),
    },
    as_env(&[18], "PATH: such a script, then executable", "runs", |case| {
        case.search("[ROOT]/lost:[ROOT]/good")
    }),
    as_env(
        &[19],
        "the command's exit status: 0 1 7 124 125 126 127 255",
        "0 1 7 124 125 126 127 255",
        |case| {
            let statuses = [0, 1, 7, 124, 125, 126, 127, 255];
            statuses.map(|status| case.sh(&format!("exit {status}")).status.to_string()).join(" ")
        },
    ),
    as_env(&[19], "a command that dies of a signal: 6 9 15", "signals 6 9 15", |case| {
        let ran = [6, 9, 15].map(|signal| case.sh(&format!("ulimit -c 0; kill -{signal} $$")));
        if ran.iter().all(|ran| ran.signal.is_some()) {
            format!("signals {}", ran.map(|ran| ran.signal.unwrap().to_string()).join(" "))
        } else {
            format!("exits {}", ran.map(|ran| ran.status.to_string()).join(" "))
        }
    }),
    as_env(&[19], "an option of its own that does not exist", "125", |case| {
        let launch = case.sandbox.launch().program(&case.runner.path);
        said(&launch.words(["--no-such-option"]).run())
    }),
    Rule {
        traps: &[21],
        what: "started with an empty argv",
        ours: "starts its default command",
        env: "0, prints the environment",
        see: |case| {
            case.sandbox.write(
                "good/claude",
                "#!/bin/sh\necho starts its default command\n",
                0o755,
            );
            let launch = case.with_path("[ROOT]/good").entry("A=1");
            let launch =
                launch.entries().iter().fold(case.sandbox.launch().no_entries(), Launch::entry);
            let ran = launch.program(&case.runner.path).no_arguments().run();
            let prints = ran.text().lines().any(|line| line == "A=1");
            if prints { format!("{}, prints the environment", ran.status) } else { said(&ran) }
        },
    },
    as_env(&[22], "argv[0] of a command found in PATH", "as typed", |case| {
        let launch = case.with_path("[ROOT]/tool").probe("probe", [""; 0]);
        seen(&launch.run(), |ran| first(ran, "probe"))
    }),
    as_env(&[22], "argv[0] of a path", "as typed", |case| {
        let launch = case.launch().directory(case.sandbox.path("")).probe("tool//probe", [""; 0]);
        seen(&launch.run(), |ran| first(ran, "tool//probe"))
    }),
    as_env(&[23], "`--`, options and empty words behind the command", "--|--y|-n||--|", |case| {
        let words = ["sh", "-c", "printf '%s|' \"$@\"", "sh", "--", "--y", "-n", "", "--"];
        said(&case.launch().words(words).run())
    }),
    as_env(&[24], "threads of the command at its start", "1", |case| {
        seen(&case.probe().run(), |ran| ran.report.field("Threads"))
    }),
    as_env(&[25], "the command is the process that was started", "yes", |case| {
        seen(&case.probe().run(), |ran| {
            if ran.report.field("Pid") == ran.process.to_string() {
                "yes"
            } else {
                "no, a child of it"
            }
            .to_owned()
        })
    }),
    as_env(&[25], "process group and session", "kept", |case| {
        seen(&case.probe().step("session", "").run(), |ran| {
            kept(
                [ran.report.stat(5), ran.report.stat(6)]
                    .iter()
                    .all(|id| *id == ran.process.to_string()),
            )
        })
    }),
    as_env(&[25], "the group in the terminal's foreground", "kept", |case| {
        let launch = case.probe();
        let mut terminal = Terminal::open().start(&launch);
        terminal.end();
        let (report, process) = (launch.read(), terminal.process().to_string());
        kept(report.stat(5) == process && report.stat(8) == process)
    }),
    as_env(&[28], "children of the command at its start", "none", |case| {
        seen(&case.probe().run(), |ran| match ran.report.text("children").as_str() {
            "" => "none".to_owned(),
            children => children.to_owned(),
        })
    }),
    as_env(&[30], "whether the command may leave a core file or be traced", "kept", |case| {
        seen(&case.probe().run(), |ran| kept(ran.report.text("dumpable") == "Ok(true)"))
    }),
    as_env(&[30, 31], "limits: core 0, open files 64", "kept", |case| {
        let launch = case.probe().step("limit", "core:0").step("limit", "files:64");
        seen(&launch.run(), |ran| {
            let limits = ran.report.text("limits");
            let soft = |name: &str| {
                let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                line.split_whitespace().next().unwrap().to_owned()
            };
            kept(soft("Max core file size") == "0" && soft("Max open files") == "64")
        })
    }),
    as_env(&[31], "umask 027", "0027", |case| {
        seen(&case.probe().step("umask", "027").run(), |ran| ran.report.field("Umask"))
    }),
    as_env(&[31], "current directory", "kept", |case| {
        let folder = case.sandbox.path("here").canonicalize().unwrap();
        seen(&case.probe().directory(&folder).run(), |ran| {
            kept(ran.report.bytes("cwd") == folder.as_os_str().as_bytes())
        })
    }),
    as_env(&[31], "niceness 5", "5", |case| {
        // `nice` adds to what the tests run with.
        let more = (5 - own_niceness()).to_string();
        seen(&case.probe().through("/usr/bin/nice", ["-n", &more]).run(), |ran| ran.report.stat(19))
    }),
    as_env(&[31], "score for the out-of-memory killer 500", "500", |case| {
        seen(&case.probe().step("oom", "500").run(), |ran| {
            ran.report.text("oom_score_adj").trim().to_owned()
        })
    }),
    as_env(&[31], "no new privileges", "1", |case| {
        seen(&case.probe().step("privileges", "").run(), |ran| ran.report.field("NoNewPrivs"))
    }),
    as_env(&[31], "a signal for the parent's death", "kept", |case| {
        seen(&case.probe().steps("pdeathsig", &[15]).run(), |ran| {
            kept(ran.report.text("pdeathsig") == "Ok(Some(SIGTERM))")
        })
    }),
    as_env(&[34], "its process id where it is the first", "1", |case| {
        let launch = case.launch().words(["sh", "-c", "echo $$"]);
        said(&launch.through("/usr/bin/unshare", ["-pf", "--mount-proc"]).run())
    }),
    as_env(&[34], "SIGTERM to process 1 that does not handle it", "lives on", |case| {
        let launch = case.launch().words(["sh", "-c", "kill -TERM $$; echo lives on"]);
        said(&launch.through("/usr/bin/unshare", ["-pf", "--mount-proc"]).run())
    }),
];

fn own_niceness() -> i32 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is a name that may hold anything, in parentheses.
    stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap()
}
