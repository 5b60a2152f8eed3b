//! What the command finds is what our caller gave: the 36 ways in which a program that becomes
//! another one can fail at that, each with a test that names its number.
//!
//! The rules that hold for any such program are a table. It runs against the program and against
//! `env`, the yardstick, and, with others beside them, becomes docs/inheritance.md.
#![cfg(target_os = "linux")]

mod matrix;
mod processes;
mod rules;
mod signals;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::time::Instant;

use crate::inheritance::rules::RULES;
use crate::stage::Launch;
use crate::stage::PATIENCE;
use crate::stage::Ran;
use crate::stage::probe;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::can_unshare;
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

fn first(ran: &Ran, wanted: &str) -> String {
    match ran.report.arguments().first() {
        Some(first) if first == wanted.as_bytes() => "as typed".to_owned(),
        Some(first) => {
            Path::new(OsStr::from_bytes(first)).file_name().unwrap().to_string_lossy().into_owned()
        }
        None => "none".to_owned(),
    }
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
