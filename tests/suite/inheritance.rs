//! What the command finds is what our caller gave: the 36 ways in which a program that becomes
//! another one can fail at that, each with a test that names its number.
//!
//! The rules that hold for any such program are a table. It runs against the program and against
//! `env`, the yardstick, and, with others beside them, becomes docs/inheritance.md.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::time::Instant;

use crate::pty::Terminal;
use crate::stage::Launch;
use crate::stage::PATIENCE;
use crate::stage::Ran;
use crate::stage::probe;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::can_unshare;
use crate::support::copy_program;
use crate::support::has;
use crate::support::is_root;
use crate::support::sandbox;

/// A program that becomes the command that it is given.
#[derive(Debug, Clone)]
struct Runner {
    name: String,
    path: PathBuf,
    options: &'static [&'static str],
}

fn ours() -> Runner {
    Runner { name: "jackin-exec".to_owned(), path: PROGRAM.into(), options: &["--"] }
}

/// `env`, if it is the one that serves as the yardstick.
fn env() -> Option<Runner> {
    let version = Command::new("/usr/bin/env").arg("--version").output().ok()?.stdout;
    let is_gnu = String::from_utf8_lossy(&version).contains("GNU coreutils");
    if !is_gnu {
        crate::support::skipped("/usr/bin/env is not that of GNU coreutils");
    }
    is_gnu.then(|| Runner {
        name: "env (GNU)".to_owned(),
        path: "/usr/bin/env".into(),
        options: &[],
    })
}

/// One thing that a command can see, or a caller of it.
struct Rule {
    /// The numbers that it answers.
    traps: &'static [u32],
    /// What is looked at.
    what: &'static str,
    /// What is seen through us.
    ours: &'static str,
    /// What is seen through `env`.
    env: &'static str,
    /// Looks.
    see: fn(&Case) -> String,
}

/// A rule where we and `env` agree.
const fn as_env(
    traps: &'static [u32],
    what: &'static str,
    right: &'static str,
    see: fn(&Case) -> String,
) -> Rule {
    Rule { traps, what, ours: right, env: right, see }
}

/// A runner in a home of its own, with the probe in `tool/`.
struct Case {
    runner: Runner,
    sandbox: Sandbox,
}

impl Case {
    fn new(runner: Runner) -> Self {
        let sandbox = sandbox();
        fs::create_dir_all(sandbox.path("tool")).unwrap();
        std::os::unix::fs::symlink(probe(), sandbox.path("tool/probe")).unwrap();
        Self { runner, sandbox }
    }

    /// The runner, and nothing behind it.
    fn launch(&self) -> Launch {
        self.sandbox.launch().program(&self.runner.path).words(self.runner.options)
    }

    /// The probe through the runner.
    fn probe(&self) -> Launch {
        self.launch().probe(self.sandbox.path("tool/probe"), [""; 0])
    }

    /// The runner with this PATH, in which `[ROOT]` is the sandbox.
    fn with_path(&self, path: &str) -> Launch {
        let path = path.replace("[ROOT]", &self.sandbox.path("").to_string_lossy());
        let others: Vec<Vec<u8>> = self
            .launch()
            .entries()
            .iter()
            .filter(|entry| !entry.starts_with(b"PATH="))
            .cloned()
            .collect();
        let launch = others.into_iter().fold(self.launch().no_entries(), Launch::entry);
        launch.entry(format!("PATH={path}"))
    }

    /// Files for the PATH rules: what each folder holds under the name `tool`.
    fn tools(&self) {
        let write = |path: &str, text: &str, mode| self.sandbox.write(path, text, mode);
        write("good/tool", "#!/bin/sh\necho runs\n", 0o755);
        write("other/tool", "#!/bin/sh\necho runs the other\n", 0o755);
        write("denied/tool", "#!/bin/sh\necho runs\n", 0o644);
        write("lost/tool", "#!/no/such/interpreter\n", 0o755);
        write("file", "no folder\n", 0o644);
        write("plain/tool", "echo \"sh runs it: ${0##*/} $1\"\n", 0o755);
        write("empty/tool", "", 0o755);
        fs::create_dir_all(self.sandbox.path("folder/tool")).unwrap();
        fs::create_dir_all(self.sandbox.path("none")).unwrap();
        let link = |to: &str, from: &str| {
            fs::create_dir_all(self.sandbox.path(from).parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(to, self.sandbox.path(from)).unwrap();
        };
        link("nowhere", "dangling/tool");
        link("tool", "loop/tool");
        link("../good/tool", "linked/tool");
    }

    /// Runs `tool` with a PATH, and says what came of it.
    fn search(&self, path: &str) -> String {
        self.tools();
        said(&self.with_path(path).words(["tool"]).run())
    }

    /// Runs a word that is no name, and says what came of it.
    fn word(&self, word: &str) -> String {
        self.tools();
        let word = word.replace("[ROOT]", &self.sandbox.path("").to_string_lossy());
        said(&self.launch().words([word, "argument".to_owned()]).run())
    }

    /// A script for sh as the command, and how it ends.
    fn sh(&self, script: &str) -> Ran {
        self.launch().words(["sh", "-c", script]).run()
    }
}

/// What a run printed, or else how it ended.
fn said(ran: &Ran) -> String {
    match (ran.text().as_str(), ran.signal) {
        _ if ran.hangs => "hangs".to_owned(),
        ("", Some(signal)) => format!("signal {signal}"),
        ("", None) => ran.status.to_string(),
        (text, _) => text.to_owned(),
    }
}

fn kept(is: bool) -> String {
    if is { "kept" } else { "changed" }.to_owned()
}

/// Whether a probe ran; else why not.
fn seen(ran: &Ran, see: impl Fn(&Ran) -> String) -> String {
    if ran.hangs {
        "hangs".to_owned()
    } else if ran.report.is_there() {
        see(ran)
    } else {
        format!("not started: {}", ran.status)
    }
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

const RULES: &[Rule] = &[
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

fn first(ran: &Ran, wanted: &str) -> String {
    match ran.report.arguments().first() {
        Some(first) if first == wanted.as_bytes() => "as typed".to_owned(),
        Some(first) => {
            Path::new(OsStr::from_bytes(first)).file_name().unwrap().to_string_lossy().into_owned()
        }
        None => "none".to_owned(),
    }
}

fn own_niceness() -> i32 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is a name that may hold anything, in parentheses.
    stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap()
}

/// Whether this machine lets us look.
fn can_see(rule: &Rule) -> bool {
    let namespaces = rule.traps.contains(&34);
    let privileges = rule.what.starts_with("score") || rule.what.starts_with("niceness");
    (!namespaces || can_unshare()) && (!privileges || is_root())
}

/// What is looked at, and the name of the runner.
type Look = (&'static str, String);

/// What a rule sees through a runner. One run of it serves the tests of all its numbers and the
/// matrix.
fn seen_once(rule: &Rule, runner: &Runner) -> String {
    static SEEN: Mutex<BTreeMap<Look, Arc<OnceLock<String>>>> = Mutex::new(BTreeMap::new());
    let key = (rule.what, runner.name.clone());
    let cell = Arc::clone(SEEN.lock().unwrap().entry(key).or_default());
    cell.get_or_init(|| (rule.see)(&Case::new(runner.clone()))).clone()
}

/// Runs the rules of a number against us and against `env`.
#[track_caller]
fn holds(number: u32) {
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.traps.contains(&number) && can_see(rule)) {
        let runners = [Some((ours(), rule.ours)), env().map(|env| (env, rule.env))];
        for (runner, wanted) in runners.into_iter().flatten() {
            let saw = seen_once(rule, &runner);
            if saw != wanted {
                wrong.push(format!(
                    "{}, {}: wanted {wanted:?}, saw {saw:?}",
                    rule.what, runner.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A home with commands for values, one for each name; the first runs alone, the others side by
/// side.
fn with_values(values: &[(&str, &str)]) -> Sandbox {
    let lines: Vec<String> = values
        .iter()
        .map(|(name, script)| {
            format!("{name} = {{ command = [\"sh\", \"-c\", '''{script}'''] }}\n")
        })
        .collect();
    sandbox().exec(&format!("[env]\n{}", lines.concat()))
}

/// The probe through us, in a home.
fn probed(sandbox: &Sandbox) -> Launch {
    sandbox.launch().words(["--"]).probe(probe(), [""; 0])
}

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

#[test]
fn trap_09_what_is_not_utf_8_passes() {
    holds(9);
}

#[test]
fn trap_10_the_environment_is_the_callers_byte_for_byte_and_in_order() {
    holds(10);
    // With a redirect: what it decides goes or is appended, and all else stays where it is.
    let sandbox = sandbox();
    let given: [&[u8]; 10] = [
        b"Z=1",
        b"ANTHROPIC_BASE_URL=http://old",
        b"A=1",
        b"junk",
        b"KIMI_CODE_API_KEY=sk-kimi-1",
        b"A=2",
        b"=x",
        b"CLAUDE_CODE_USE_BEDROCK=1",
        b"V=\xff",
        b"",
    ];
    let launch = sandbox.launch().words(["-p", "kimi", "--"]).probe(probe(), [""; 0]);
    let launch = given.iter().fold(launch, Launch::entry);
    let stays = |entry: &&Vec<u8>| {
        ![&b"ANTHROPIC_"[..], b"KIMI_", b"CLAUDE_CODE_USE"]
            .iter()
            .any(|name| entry.starts_with(name))
    };
    let stay: Vec<&Vec<u8>> = launch.entries().iter().filter(stays).collect();
    let entries = launch.run().report.entries();
    assert_eq!(entries.iter().take(stay.len()).collect::<Vec<_>>(), stay);
    let more =
        |entry: &Vec<u8>| String::from_utf8_lossy(entry).split('=').next().unwrap().to_owned();
    let names: Vec<String> = entries.iter().skip(stay.len()).map(more).collect();
    assert_eq!(&names[..2], ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"]);
    assert_eq!(names.last().unwrap(), "JACKIN_EXEC_PID");
}

#[test]
fn trap_11_no_second_entry_of_a_name_survives() {
    let twice = |launch: Launch, name: &str| {
        launch.entry(format!("{name}=first")).entry(format!("{name}=second"))
    };
    let sandbox =
        sandbox().config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\nOPERATOR = \"mine\"\n");
    let launch = sandbox.launch().words(["-p", "kimi", "--"]).probe(probe(), [""; 0]);
    let names = [
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_API_KEY",
        "OPERATOR",
        "JACKIN_EXEC_PID",
        "KIMI_CODE_API_KEY",
    ];
    let report = names.into_iter().fold(launch, twice).run().report;
    assert_eq!(report.values("ANTHROPIC_AUTH_TOKEN"), ["sk-kimi-1"]);
    assert_eq!(report.values("OPERATOR"), ["mine"]);
    assert_eq!(report.values("JACKIN_EXEC_PID").len(), 1);
    for gone in ["ANTHROPIC_API_KEY", "KIMI_CODE_API_KEY"] {
        assert_eq!(report.values(gone), [""; 0], "{gone}");
    }
}

#[test]
fn trap_12_a_name_that_is_none_is_refused_and_its_value_not_shown() {
    for name in ["A=B", "", "A\\u0000B"] {
        let outcome =
            sandbox().config(&format!("[env]\n\"{name}\" = \"{SENTINEL}\"\n")).run(["true"]);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{name:?}");
        outcome.shows_no_secret();
    }
}

#[test]
fn trap_13_a_value_with_nul_is_refused_by_its_name() {
    let script = format!("printf \"{SENTINEL}\\\\000x\"");
    let outcome = with_values(&[("OPERATOR", &script)]).run(["true"]);
    assert_eq!(outcome.status, 125, "{outcome:#?}");
    assert!(outcome.stderr.contains("OPERATOR"), "{outcome:#?}");
    outcome.shows_no_secret();
    let outcome =
        sandbox().config(&format!("[env]\nOPERATOR = \"{SENTINEL}\\u0000\"\n")).run(["true"]);
    outcome.fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml:2:12: a value cannot contain NUL\n",
    );
}

#[test]
fn trap_14_arguments_arrive_on_every_c_library() {
    holds(14);
}

#[test]
fn trap_15_a_script_without_a_first_line_is_run_by_sh_on_every_c_library() {
    holds(15);
}

#[test]
fn trap_16_path_is_the_commands_own() {
    let case = Case::new(ours());
    case.tools();
    let path = case.sandbox.path("other");
    case.sandbox.write(
        "home/.config/jackin/exec.toml",
        format!("allow_env = [\"PATH\"]\n[env]\nPATH = {path:?}\n"),
        0o600,
    );
    assert_eq!(said(&case.with_path("[ROOT]/good").words(["tool"]).run()), "runs the other");
    // `env` does the same with a PATH that it sets.
    if let Some(env) = env() {
        let case = Case { runner: env, ..case };
        let set = format!("PATH={}", path.display());
        assert_eq!(
            said(&case.with_path("[ROOT]/good").words([set.as_str(), "tool"]).run()),
            "runs the other"
        );
    }
}

#[test]
fn trap_17_path_is_searched_as_env_does() {
    holds(17);
}

#[test]
fn trap_18_a_missing_interpreter_is_126_and_says_so() {
    holds(18);
    let case = Case::new(ours());
    case.tools();
    let ran = case.launch().words([case.sandbox.path("lost/tool")]).run();
    assert_eq!(
        ran.stderr,
        "jackin-exec: [ROOT]/lost/tool: its interpreter or loader does not exist\n"
    );
}

#[test]
fn trap_19_each_exit_status_means_one_thing() {
    holds(19);
    // What is ours begins with our name, so that it can be told from the command's.
    let case = Case::new(ours());
    case.tools();
    let path = |relative: &str| case.sandbox.path(relative).display().to_string();
    for (words, status) in [
        (vec!["-p".to_owned(), "nobody".to_owned(), "true".to_owned()], 125),
        (vec!["--no-such-option".to_owned()], 125),
        (vec!["--".to_owned(), path("denied/tool")], 126),
        (vec!["--".to_owned(), path("folder")], 126),
        (vec!["--".to_owned(), path("lost/tool")], 126),
        (vec!["--".to_owned(), path("none/tool")], 127),
        (vec!["--".to_owned(), "no-such-command".to_owned()], 127),
        (vec!["--".to_owned(), String::new()], 127),
    ] {
        let ran = case.sandbox.launch().words(&words).run();
        assert_eq!((ran.status, ran.text().as_str()), (status, ""), "{words:?}");
        assert!(ran.stderr.starts_with("jackin-exec: "), "{words:?}: {}", ran.stderr);
    }
}

/// The kernel's limit for one entry, with its NUL.
const LONGEST: usize = 131_072;

#[test]
fn trap_20_a_variable_that_is_too_long_is_named_with_its_size() {
    let value = |size: usize| SENTINEL.chars().cycle().take(size).collect::<String>();
    let name = "OPERATOR_TEXT";
    let fits = LONGEST - name.len() - 2;
    let home = |size| sandbox().config(&format!("[env]\n{name} = \"{}\"\n", value(size)));
    home(fits).run(["sh", "-c", "echo ${#OPERATOR_TEXT}"]).prints(&format!("{fits}\n"));
    home(fits + 1)
        .run(["true"])
        .fails(125, "jackin-exec: OPERATOR_TEXT is too long: 131073 bytes; the limit is 131072\n");
    // The key, as the variable that carries it.
    let key = format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{}\"\n", value(LONGEST));
    let outcome = sandbox().config(&key).run(["-p", "kimi", "true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.contains("ANTHROPIC_AUTH_TOKEN is too long: 1311"),
        "{}",
        outcome.stderr
    );
    outcome.shows_no_secret();
}

#[test]
fn trap_20_an_environment_that_is_too_large_names_its_largest_part() {
    let value = SENTINEL.chars().cycle().take(100_000).collect::<String>();
    let lines: Vec<String> =
        (0..12).map(|number| format!("OPERATOR_{number} = \"{value}\"\n")).collect();
    let sandbox = sandbox()
        .config(&format!("[env]\n{}OPERATOR_X = \"{value}{value:.1000}\"\n", lines.concat()));
    let launch = sandbox.launch().words(["--", "true"]).step("limit", "stack:8388608");
    let launch =
        (0..10).fold(launch, |launch, number| launch.entry(format!("INHERITED_{number}={value}")));
    let ran = launch.run();
    assert_eq!(ran.status, 125);
    let start = "jackin-exec: arguments and environment are too large: 2";
    assert!(
        ran.stderr.starts_with(start)
            && ran.stderr.ends_with("the largest is OPERATOR_X with 101012\n"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(SENTINEL));
}

#[test]
fn trap_20_the_longest_argument_passes() {
    let words = ["--", "sh", "-c", "echo ${#1}", "sh"];
    let ran = sandbox().launch().words(words).words(["x".repeat(LONGEST - 1)]).run();
    assert_eq!((ran.status, ran.text()), (0, (LONGEST - 1).to_string()), "{}", ran.stderr);
}

#[test]
fn trap_21_an_empty_argv_is_survived() {
    holds(21);
}

#[test]
fn trap_22_the_commands_name_is_the_one_that_was_typed() {
    holds(22);
    // An applet's link and its shim: the name decides what the program is.
    if has("busybox") {
        let sandbox = sandbox();
        fs::create_dir_all(sandbox.path("bin")).unwrap();
        std::os::unix::fs::symlink("/bin/busybox", sandbox.path("bin/echo")).unwrap();
        sandbox.path_first("bin").run(["--", "echo", "an", "applet"]).prints("an applet\n");
    }
}

#[test]
fn trap_23_our_options_end_at_the_first_word_of_the_command() {
    holds(23);
    let words = ["sh", "-c", "printf '%s|' \"$@\"", "sh", "-p", "kimi", "--dry-run", "--", "-q"];
    sandbox().run(words).prints("-p|kimi|--dry-run|--|-q|");
    sandbox().run(["--"].iter().chain(&words)).prints("-p|kimi|--dry-run|--|-q|");
}

#[test]
fn trap_24_no_thread_is_alive_at_exec() {
    holds(24);
    // While a helper runs, and then there is only less to do.
    let sandbox =
        with_values(&[("A", "ls /proc/$PPID/task | wc -l"), ("B", "ls /proc/$PPID/task | wc -l")]);
    sandbox.run(["sh", "-c", "echo $A $B"]).prints("1 1\n");
}

/// See also question.rs, for Ctrl-Z.
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

// trap 26: question.rs

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
    for lines in [
        format!("A = {{ command = [\"sh\", \"-c\", '{hangs}'], timeout = \"500ms\" }}\n"),
        ["A = \"$PATH\"\n".to_owned()]
            .into_iter()
            .chain(["B", "C", "D"].map(|name| {
                let script = if name == "B" { "echo b" } else { hangs };
                format!(
                    "{name} = {{ command = [\"sh\", \"-c\", '{script}'], timeout = \"500ms\" }}\n"
                )
            }))
            .collect(),
    ] {
        let sandbox = sandbox().exec(&format!("[env]\n{lines}"));
        let ran = sandbox.launch().words(["--", "echo", "ran"]).run();
        assert_eq!((ran.status, ran.text().as_str()), (125, ""), "{}", ran.stderr);
        for pid in fs::read_to_string(sandbox.path("here/pids")).unwrap().lines() {
            assert!(ends(pid), "{pid} is gone");
        }
    }
}

/// Whether a process that was killed comes to its end: it does when it is its turn, and may then
/// wait to be reaped.
fn ends(pid: &str) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") || Instant::now() > deadline {
            return Instant::now() <= deadline;
        }
        std::thread::yield_now();
    }
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

// trap 35: question.rs

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

#[test]
fn every_trap_has_a_test_that_names_it() {
    let text = [include_str!("inheritance.rs"), include_str!("question.rs")].concat();
    let missing: Vec<u32> =
        (1..=36).filter(|number| !text.contains(&format!("\nfn trap_{number:02}_"))).collect();
    assert_eq!(missing, [0; 0]);
}

/// Where the matrix is kept.
const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/inheritance.md");

const ABOVE: &str = "\
# What a command inherits

What a command inherits when jackin-exec starts it, compared with other programs that start commands. Each row is a rule in
`tests/suite/inheritance.rs`, and each cell is what a run of it saw. `cargo test` checks the columns of jackin-exec and
`env`, on glibc and on musl. To regenerate the page with whichever of the other programs are installed:

    SNAPSHOTS=overwrite cargo test --test suite the_matrix

The yardstick is `env` from GNU coreutils. jackin-exec differs from it on purpose in three cases: a path that leads through
a file is not found (127), because it does not exist; a script whose interpreter is missing was found but cannot be run
(126); and an empty argv starts the default command, because that is what jackin-exec does when no command is given.

";

const BELOW: &str = "
`Command::exec` is a three-line Rust program that calls `std::os::unix::process::CommandExt::exec`. `tini` and `dumb-init`
are meant to stay as process 1 and reap orphans; if a container needs that, put one of them (or `--init`) in front of
jackin-exec. Signal numbers: 1 HUP, 2 INT, 3 QUIT, 10 USR1, 13 PIPE, 15 TERM, 17 CHLD, 20 TSTP, 21 TTIN, 22 TTOU.
";

#[test]
fn the_matrix_is_what_the_runs_show() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let before = Matrix::read(&fs::read_to_string(MATRIX).unwrap_or_default());
    let (Some(env), true) = (env(), can_unshare() && is_root()) else {
        crate::support::skipped(
            "the matrix needs GNU env, and root for namespaces and for the out-of-memory killer's score",
        );
        return;
    };
    let others = sandbox();
    let mut runners = vec![ours(), env];
    if overwrite {
        runners.extend(installed(&others));
    }
    let mut matrix = Matrix { programs: Vec::new(), cells: BTreeMap::new() };
    for runner in runners {
        for rule in RULES {
            let cell = seen_once(rule, &runner).replace('|', "\\|");
            matrix.cells.insert((rule.what.to_owned(), runner.name.clone()), cell);
        }
        matrix.programs.push(runner.name);
    }
    matrix.keep(before);
    let page = format!("{ABOVE}{}{BELOW}", matrix.table());
    if overwrite {
        fs::create_dir_all(Path::new(MATRIX).parent().unwrap()).unwrap();
        fs::write(MATRIX, page).unwrap();
    } else {
        snapbox::assert_data_eq!(page, snapbox::Data::read_from(Path::new(MATRIX), None).raw());
    }
}

/// What was seen, by what was looked at and by program.
struct Matrix {
    programs: Vec<String>,
    cells: BTreeMap<(String, String), String>,
}

impl Matrix {
    /// Reads a page that was written before.
    fn read(page: &str) -> Self {
        // A bar within a cell stands behind a backslash.
        let row = |line: &str| -> Vec<String> {
            let line = line.replace("\\|", "\u{0}");
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().replace('\u{0}', "\\|"))
                .collect()
        };
        let mut rows = page.lines().filter(|line| line.starts_with('|')).map(row);
        let programs: Vec<String> = rows.next().unwrap_or_default().into_iter().skip(2).collect();
        let mut cells = BTreeMap::new();
        for row in rows {
            for (program, cell) in programs.iter().zip(row.iter().skip(2)) {
                cells.insert((row[0].clone(), program.clone()), cell.clone());
            }
        }
        Self { programs, cells }
    }

    /// Keeps what was seen of programs that have not been run now.
    fn keep(&mut self, before: Self) {
        let stem = |program: &str| program.split(' ').next().unwrap_or_default().to_owned();
        for program in before.programs {
            if !self.programs.iter().any(|here| stem(here) == stem(&program)) {
                self.programs.push(program.clone());
                for rule in RULES {
                    let key = (rule.what.to_owned(), program.clone());
                    let cell = before.cells.get(&key).cloned().unwrap_or_default();
                    self.cells.insert(key, cell);
                }
            }
        }
    }

    /// The table; what differs from ours stands out.
    fn table(&self) -> String {
        let mut text =
            format!("| what is looked at | trap | {} |\n| --- | --- |", self.programs.join(" | "));
        text.push_str(&" --- |".repeat(self.programs.len()));
        text.push('\n');
        for rule in RULES {
            let traps: Vec<String> = rule.traps.iter().map(ToString::to_string).collect();
            let _ = write!(text, "| {} | {} |", rule.what, traps.join(", "));
            let ours = &self.cells[&(rule.what.to_owned(), ours().name)];
            for program in &self.programs {
                let cell = &self.cells[&(rule.what.to_owned(), program.clone())];
                let plain = cell.trim_matches('*');
                let marked = if plain == ours { plain.to_owned() } else { format!("**{plain}**") };
                let _ = write!(text, " {marked} |");
            }
            text.push('\n');
        }
        text
    }
}

/// Other programs of the kind, as far as they are here.
fn installed(sandbox: &Sandbox) -> Vec<Runner> {
    let version = |program: &str, option: &str| {
        let output = Command::new(program).arg(option).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let is_number =
            |word: &&str| word.chars().next().is_some_and(|first| first.is_ascii_digit());
        let words =
            text.split_whitespace().map(|word| word.trim_start_matches('v')).find(is_number);
        words.unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    let others: [(&str, &[&str], &str); 3] = [
        ("tini", &["-s", "--"], "--version"),
        ("dumb-init", &["--"], "--version"),
        ("gosu", &["root"], "--version"),
    ];
    for (program, options, option) in others.into_iter().filter(|(program, ..)| has(program)) {
        let folders = std::env::var_os("PATH").unwrap();
        let mut paths = std::env::split_paths(&folders).map(|folder| folder.join(program));
        let path = paths.find(|path| path.is_file()).unwrap();
        found.push(Runner {
            name: format!("{program} {}", version(program, option)),
            path,
            options,
        });
    }
    if has("rustc") {
        let (source, path) = (sandbox.path("exec.rs"), sandbox.path("exec"));
        fs::write(&source, STD_EXEC).unwrap();
        let built = Command::new("rustc").arg("-o").arg(&path).arg(&source).status().unwrap();
        assert!(built.success());
        found.push(Runner { name: "`Command::exec`".to_owned(), path, options: &[] });
    }
    found
}

/// The shortest program that starts a command the way Rust's library does.
const STD_EXEC: &str = "\
use std::os::unix::process::CommandExt;
fn main() {
    let mut words = std::env::args_os().skip(1);
    let Some(command) = words.next() else { return };
    let error = std::process::Command::new(command).args(words).exec();
    std::process::exit(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
}
";

#[test]
fn the_key_of_a_provider_whose_table_is_wrong_reaches_neither_the_command_nor_helpers() {
    let home = sandbox()
        .exec(
            "[env]\nCORP_KEY = \"$CORP_SRC\"\nSEEN = { command = [\"sh\", \"-c\", \"env | grep -c CORP || true\"] }\n\
             [providers.corp]\nkey_env = \"CORP_KEY\"\nbase_url = \"https://gw.example\"\nmodle = \"m\"\n",
        )
        .env("KIMI_CODE_API_KEY", "sk-kimi-k")
        .env("CORP_KEY", SENTINEL)
        .env("CORP_SRC", SENTINEL);
    let say = "echo $SEEN; env | grep -c CORP";
    let outcome = home.run(["-q", "-p", "kimi", "sh", "-c", say]);
    assert_eq!(outcome.stdout, "0\n0\n", "{}", outcome.stderr);
    outcome.shows_no_secret();
}
