//! One home for each test, an environment that holds only what the test says, and a comparison of
//! everything.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;

use tempfile::TempDir;

use crate::stage::Launch;

/// Stands wherever a secret could be; no message may ever show it.
pub(crate) const SENTINEL: &str = "SENTINEL-sk-kimi-0123456789";

/// A release artefact to test instead of the program that cargo has built: tests/artefact.
pub(crate) const ARTEFACT: Option<&str> = option_env!("SUITE_PROGRAM");

/// The program under test.
pub(crate) const PROGRAM: &str = match ARTEFACT {
    Some(artefact) => artefact,
    None => env!("CARGO_BIN_EXE_jackin-exec"),
};

/// Says that a test is left out, and why. Written past the test runner, which shows nothing of a
/// test that passes.
pub(crate) fn skipped(why: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {why}");
}

/// A home with a configuration, a current directory, and the environment of the program.
pub(crate) struct Sandbox {
    root: Arc<TempDir>,
    environment: BTreeMap<OsString, OsString>,
    program: PathBuf,
    directory: PathBuf,
}

/// A sandbox with an empty home, `HOME` and a plain `PATH`.
pub(crate) fn sandbox() -> Sandbox {
    let root = Arc::new(TempDir::new().unwrap());
    let home = root.path().join("home");
    let directory = root.path().join("here");
    for folder in [&home, &directory, &home.join(".config/jackin/workspaces")] {
        fs::create_dir_all(folder).unwrap();
    }
    let environment = BTreeMap::from([
        ("HOME".into(), home.into()),
        ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
    ]);
    Sandbox { root, environment, program: PROGRAM.into(), directory }
}

impl Sandbox {
    /// A path below the sandbox's root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    /// The folder of the configuration.
    pub(crate) fn config_dir(&self) -> PathBuf {
        self.path("home/.config/jackin")
    }

    /// Writes a file, 0600, with the folders above it.
    pub(crate) fn file(self, relative: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(relative, text, 0o600);
        self
    }

    /// Writes a program that sh runs.
    pub(crate) fn script(self, relative: &str, text: &str) -> Self {
        self.write(relative, format!("#!/bin/sh\n{text}\n"), 0o755);
        self
    }

    /// Writes a file with a mode.
    pub(crate) fn write(&self, relative: &str, text: impl AsRef<[u8]>, mode: u32) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if mode & 0o111 == 0 {
            fs::write(&path, text).unwrap();
        } else {
            write_program(&path, text.as_ref());
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// config.toml
    pub(crate) fn config(self, text: &str) -> Self {
        self.file("home/.config/jackin/config.toml", text)
    }

    /// exec.toml
    pub(crate) fn exec(self, text: &str) -> Self {
        self.file("home/.config/jackin/exec.toml", text)
    }

    /// workspaces/NAME.toml
    pub(crate) fn workspace(self, name: &str, text: &str) -> Self {
        self.file(&format!("home/.config/jackin/workspaces/{name}.toml"), text)
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(name.as_ref().into(), value.as_ref().into());
        self
    }

    /// Removes a variable.
    pub(crate) fn env_remove(mut self, name: &str) -> Self {
        self.environment.remove(OsStr::new(name));
        self
    }

    /// Puts a folder of the sandbox before PATH.
    pub(crate) fn path_first(self, relative: &str) -> Self {
        let folder = self.path(relative);
        let path = self.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let mut first = folder.into_os_string();
        first.push(":");
        first.push(path);
        self.env("PATH", first)
    }

    /// Starts the program under another name, by a link in the sandbox.
    pub(crate) fn linked_as(mut self, relative: &str) -> Self {
        let link = self.path(relative);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
        self.program = link;
        self
    }

    /// Starts the program in a folder of the sandbox.
    pub(crate) fn in_folder(mut self, relative: &str) -> Self {
        self.directory = self.path(relative);
        fs::create_dir_all(&self.directory).unwrap();
        self
    }

    /// Writes a file with `[ROOT]` in its text replaced by the sandbox's root, and `[SECRET]` by
    /// the sentinel.
    pub(crate) fn rooted(self, relative: &str, text: &str) -> Self {
        let text = self.filled(text);
        self.file(relative, text)
    }

    /// A text with its placeholders filled in.
    pub(crate) fn filled(&self, text: &str) -> String {
        text.replace("[ROOT]", &self.root.path().to_string_lossy()).replace("[SECRET]", SENTINEL)
    }

    /// Lets every user reach what is in the sandbox.
    pub(crate) fn open_to_all(self) -> Self {
        fs::set_permissions(self.root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Makes a folder.
    pub(crate) fn folder(self, relative: &str) -> Self {
        fs::create_dir_all(self.path(relative)).unwrap();
        self
    }

    /// Makes a symbolic link to a path as it is given.
    pub(crate) fn link(self, relative: &str, target: impl AsRef<Path>) -> Self {
        let link = self.path(relative);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, link).unwrap();
        self
    }

    /// Makes a pipe with a name.
    pub(crate) fn fifo(self, relative: &str) -> Self {
        nix::unistd::mkfifo(&self.path(relative), nix::sys::stat::Mode::from_bits_truncate(0o600))
            .unwrap();
        self
    }

    /// Changes a mode.
    pub(crate) fn mode(self, relative: &str, mode: u32) -> Self {
        fs::set_permissions(self.path(relative), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Gives a path to another user; only root can.
    pub(crate) fn owner(self, relative: &str, user: u32) -> Self {
        std::os::unix::fs::chown(self.path(relative), Some(user), Some(user)).unwrap();
        self
    }

    /// Puts a stub of 1Password's `op` before PATH. It prints `from REFERENCE` and records how it
    /// was called.
    pub(crate) fn op(self) -> Self {
        self.script(
            "bin/op",
            r#"mkdir -p "$HOME/op"
            record="$HOME/op/$$"
            readlink /proc/self/fd/0 > "$record.stdin"
            env > "$record.env"
            for reference; do :; done
            printf 'from %s\n' "$reference"
            printf '%s\n' "$*" > "$record.argv""#,
        )
        .path_first("bin")
    }

    /// What the stub of `op` recorded under a name (argv, stdin, env), sorted.
    pub(crate) fn op_calls(&self, what: &str) -> Vec<String> {
        let records = fs::read_dir(self.path("home/op"))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path());
        let records =
            records.filter(|path| path.extension().is_some_and(|extension| extension == what));
        let mut found: Vec<String> =
            records.map(|path| fs::read_to_string(path).unwrap()).collect();
        found.sort();
        found
    }

    /// What a file of the sandbox holds; empty if it is not there.
    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read(self.path(relative))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The program as a command, with null stdin, for tests that need more than [`Sandbox::run`].
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .envs(&self.environment)
            .current_dir(&self.directory)
            .stdin(Stdio::null());
        command
    }

    /// The program as a launch, for tests that decide more about its start than
    /// [`Sandbox::command`] can.
    pub(crate) fn launch(&self) -> Launch {
        let entry = |(name, value): (&OsString, &OsString)| {
            [name.as_bytes(), b"=", value.as_bytes()].concat()
        };
        let launch = Launch::new(&self.root).program(&self.program).directory(&self.directory);
        self.environment.iter().map(entry).fold(launch, Launch::entry)
    }

    /// Runs the program to its end.
    pub(crate) fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Outcome {
        self.outcome(&self.command().args(arguments).output().unwrap())
    }

    /// Runs the program where the sandbox's `etc` is /etc; `None`, which is said loudly, where
    /// nothing can be mounted.
    pub(crate) fn run_with_etc(&self, arguments: &[&str]) -> Option<Outcome> {
        let script = "mount --bind \"$1\" /etc || exit 99; shift; exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["-r", "-m", "sh", "-c", script, "sh"]).arg(self.path("etc"));
        command.arg(&self.program).args(arguments);
        command.env_clear().envs(&self.environment).current_dir(&self.directory);
        let outcome = self.outcome(&command.stdin(Stdio::null()).output().unwrap());
        if outcome.status == 99 || outcome.stderr.contains("unshare") {
            skipped(format_args!("nothing can be mounted here: {}", outcome.stderr));
            return None;
        }
        Some(outcome)
    }

    /// How a run ended, with the sandbox's folder shown as `[ROOT]`.
    pub(crate) fn outcome(&self, output: &Output) -> Outcome {
        let root = self.root.path().to_string_lossy();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*root, "[ROOT]");
        Outcome {
            status: status(output.status),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// How a run ended, with the sandbox's folder shown as `[ROOT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The exit status, or 128 and the signal.
    pub(crate) status: i32,
    /// All of stdout.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Outcome {
    /// Compares status, stdout and stderr, and shows all three if any differs.
    #[track_caller]
    pub(crate) fn is(&self, status: i32, stdout: &str, stderr: &str) -> &Self {
        let wanted = Self { status, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        assert!(*self == wanted, "wanted {wanted:#?}\nbut got {self:#?}");
        self.shows_no_secret()
    }

    /// A success with this on stdout and nothing on stderr.
    #[track_caller]
    pub(crate) fn prints(&self, stdout: &str) -> &Self {
        self.is(0, stdout, "")
    }

    /// A failure of ours: nothing on stdout, these lines on stderr.
    #[track_caller]
    pub(crate) fn fails(&self, status: i32, stderr: &str) -> &Self {
        self.is(status, "", stderr)
    }

    /// stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// The sentinel is nowhere.
    #[track_caller]
    pub(crate) fn shows_no_secret(&self) -> &Self {
        assert!(
            !self.stdout.contains(SENTINEL) && !self.stderr.contains(SENTINEL),
            "a secret in {self:#?}"
        );
        self
    }
}

/// The exit status, or 128 and the signal, as shells say it.
pub(crate) fn status(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Whether we are root; a test that needs to be says loudly that it was skipped.
pub(crate) fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        skipped("this test needs root");
    }
    root
}

/// Whether a program is there; a test that needs it says loudly that it was skipped.
pub(crate) fn has(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder: PathBuf| Path::new(&folder).join(program).is_file());
    if !found {
        skipped(format_args!("this test needs {program}"));
    }
    found
}

/// Whether a process can be made the first of a namespace; a test that needs it says loudly that it
/// was skipped.
pub(crate) fn can_unshare() -> bool {
    let tried = Command::new("unshare")
        .args(["-pf", "--mount-proc", "true"])
        .stderr(Stdio::null())
        .status();
    let can = tried.is_ok_and(|status| status.success());
    if !can {
        skipped("this test needs the right to unshare a namespace");
    }
    can
}

/// The folders of the real clients that the end-to-end tests installed, the newest first; a test
/// that needs one says loudly that it was skipped.
pub(crate) fn clients() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = home.join(".cache/jackin-exec/claude-code");
    let bins = ["2.1.332", "2.1.330", "2.1.257"]
        .map(|version| cache.join(version).join("node_modules/.bin"));
    let found: Vec<PathBuf> = bins.into_iter().filter(|bin| bin.join("claude").is_file()).collect();
    if found.is_empty() {
        skipped(format_args!(
            "this test needs the client that tests/e2e installs in {}",
            cache.display()
        ));
    }
    found
}

/// Whether this test runs where there is no network but loopback. If not, it is run there, from its
/// beginning, by this call; a test that starts the real client must not go on then.
///
/// `test` is the test's full name, by which it is found.
#[track_caller]
pub(crate) fn sealed(test: &str) -> bool {
    const INSIDE: &str = "SUITE_SEALED";
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let net = ["--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"];
    let up = ["sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""];
    let tried =
        Command::new("unshare").args(net).args(up).arg("true").stderr(Stdio::null()).status();
    if !tried.is_ok_and(|status| status.success()) {
        skipped("this test needs the right to unshare the network");
        return false;
    }
    let this = std::env::current_exe().unwrap();
    let mut again = Command::new("unshare");
    again.args(net).args(up).arg(this).args(["--exact", "--nocapture", test]).env(INSIDE, "1");
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("test result: ok. 1 passed"),
        "in a sealed network: {said}"
    );
    false
}

/// Time limits, in milliseconds, for helpers that are stopped by one. None is a whole number of
/// seconds, so all are shown in milliseconds.
pub(crate) const LIMITS: [u32; 3] = [200, 1500, 9500];

/// Runs with one limit after the other, until the helpers came as far as the test wants within it:
/// on a busy machine, even the start of a shell takes its time.
#[track_caller]
pub(crate) fn within_limits(mut came: impl FnMut(u32) -> bool) {
    assert!(LIMITS.into_iter().any(&mut came), "the helpers did not come far enough");
}

/// Writes a program, by a process of its own: a descriptor of ours that is open for writing could
/// be inherited for a moment by what another test starts, and a file that is open for writing
/// cannot be executed.
fn write_program(path: &Path, text: &[u8]) {
    let mut command = Command::new("tee");
    command.arg(path).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Copies a program, for the same reason by another one.
pub(crate) fn copy_program(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    assert!(Command::new("cp").arg(from.as_ref()).arg(to.as_ref()).status().unwrap().success());
}
