//! A launcher and a probe in the test binary itself: what starts the program under test, and what
//! it becomes.
//!
//! Both run before Rust's runtime does, which would ignore SIGPIPE and open /dev/null on closed
//! descriptors. The test binary starts itself with `--stage=RECIPE`; it then gives itself the
//! signals, descriptors, limits and entries of the recipe, and becomes the program. Started with
//! `--report=FOLDER`, it writes down what it sees, and ends.
#![expect(
    unsafe_code,
    reason = "code before the runtime, and dispositions of signals, have no safe interface"
)]

use std::ffi::CString;
use std::ffi::OsStr;
use std::fs;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use nix::fcntl::FcntlArg;
use nix::fcntl::OFlag;
use nix::sys::resource::Resource;
use nix::sys::signal::SigHandler;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use tempfile::TempDir;

use crate::support::status;

// SAFETY: the C library calls the functions of this section once, before `main`, on the only
// thread.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

extern "C" fn before_main() {
    // The C library hands over arguments here on one target only; where /proc is missing, we are
    // neither of the two.
    let words = fs::read("/proc/self/cmdline").unwrap_or_default();
    let word = words.split(|&byte| byte == 0).nth(1).unwrap_or_default();
    if let Some(path) = word.strip_prefix(b"--stage=") {
        play(Path::new(OsStr::from_bytes(path)));
    }
    if let Some(path) = word.strip_prefix(b"--report=") {
        report(Path::new(OsStr::from_bytes(path)));
    }
}

/// Descriptors beyond this are not looked at.
const DESCRIPTORS: i32 = 256;

/// Writes down what a process can see of itself. Looks at the descriptors first, and without
/// opening one.
fn report(folder: &Path) {
    let descriptors: Vec<(i32, PathBuf)> = (0..DESCRIPTORS)
        .filter_map(|fd| Some((fd, fs::read_link(format!("/proc/self/fd/{fd}")).ok()?)))
        .collect();
    let lines: Vec<String> =
        descriptors.iter().map(|(fd, path)| format!("{fd} {}", path.display())).collect();
    fs::write(folder.join("descriptors"), lines.join("\n")).unwrap();
    for file in
        ["status", "limits", "stat", "environ", "cmdline", "oom_score_adj", "personality", "cgroup"]
    {
        fs::write(
            folder.join(file),
            fs::read(Path::new("/proc/self").join(file)).unwrap_or_default(),
        )
        .unwrap();
    }
    let mut children = Vec::new();
    for task in fs::read_dir("/proc/self/task").unwrap() {
        children.extend(fs::read(task.unwrap().path().join("children")).unwrap_or_default());
    }
    fs::write(folder.join("children"), children).unwrap();
    fs::write(folder.join("cwd"), fs::read_link("/proc/self/cwd").unwrap().as_os_str().as_bytes())
        .unwrap();
    fs::write(folder.join("dumpable"), format!("{:?}", nix::sys::prctl::get_dumpable())).unwrap();
    fs::write(folder.join("pdeathsig"), format!("{:?}", nix::sys::prctl::get_pdeathsig())).unwrap();
    end(0);
}

#[expect(clippy::exit, reason = "a launcher and a probe are programs")]
fn end(status: i32) -> ! {
    std::process::exit(status)
}

/// Does what a recipe says, line by line, and becomes its program.
fn play(recipe: &Path) -> ! {
    let text = fs::read(recipe).unwrap();
    for fd in 3..DESCRIPTORS {
        let _ = nix::unistd::close(fd);
    }
    for signal in
        Signal::iterator().filter(|signal| !matches!(signal, Signal::SIGKILL | Signal::SIGSTOP))
    {
        // SAFETY: sets a default; no handler is involved.
        unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }.unwrap();
    }
    nix::sys::signal::sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).unwrap();
    let mut program = CString::default();
    let mut arguments = Vec::new();
    let mut environment = Vec::new();
    for record in text.split_inclusive(|&byte| byte == 0) {
        let record = record.strip_suffix(b"\0").unwrap();
        let at = record.iter().position(|&byte| byte == b'=').unwrap();
        let (step, value) = (&record[..at], &record[at + 1..]);
        match step {
            b"program" => program = CString::new(value).unwrap(),
            b"argument" => arguments.push(CString::new(value).unwrap()),
            b"entry" => environment.push(CString::new(value).unwrap()),
            step => act(std::str::from_utf8(step).unwrap(), value),
        }
    }
    let Err(errno) = nix::unistd::execve(&program, &arguments, &environment);
    let _ = nix::unistd::write(
        std::io::stderr(),
        format!("stage: {}: {errno}\n", program.to_string_lossy()).as_bytes(),
    );
    end(99);
}

/// One step of a recipe.
fn act(step: &str, value: &[u8]) {
    let text = std::str::from_utf8(value).unwrap();
    let number = || text.parse::<i32>().unwrap();
    let signal = || Signal::try_from(number()).unwrap();
    let path = Path::new(OsStr::from_bytes(value));
    let standard = |fd: &dyn AsFd, to: &str| match to {
        "0" => nix::unistd::dup2_stdin(fd.as_fd()).unwrap(),
        "1" => nix::unistd::dup2_stdout(fd.as_fd()).unwrap(),
        _ => nix::unistd::dup2_stderr(fd.as_fd()).unwrap(),
    };
    match step {
        // SAFETY: no handler is involved.
        "ignore" => {
            unsafe { nix::sys::signal::signal(signal(), SigHandler::SigIgn) }.unwrap();
        }
        "block" => SigSet::from(signal()).thread_block().unwrap(),
        "raise" => nix::sys::signal::raise(signal()).unwrap(),
        "close" => nix::unistd::close(number()).unwrap(),
        "open" => {
            let wanted = number();
            let mut below = Vec::new();
            loop {
                let fd = nix::fcntl::open("/dev/zero", OFlag::O_RDONLY, Mode::empty()).unwrap();
                if fd.as_raw_fd() == wanted {
                    let _ = fd.into_raw_fd();
                    break;
                }
                below.push(fd);
            }
        }
        "limit" => {
            let (name, soft) = text.split_once(':').unwrap();
            let resource = match name {
                "core" => Resource::RLIMIT_CORE,
                "cpu" => Resource::RLIMIT_CPU,
                "stack" => Resource::RLIMIT_STACK,
                _ => Resource::RLIMIT_NOFILE,
            };
            let (_, hard) = nix::sys::resource::getrlimit(resource).unwrap();
            nix::sys::resource::setrlimit(resource, soft.parse().unwrap(), hard).unwrap();
        }
        "umask" => drop(nix::sys::stat::umask(
            Mode::from_bits(u32::from_str_radix(text, 8).unwrap()).unwrap(),
        )),
        "oom" => fs::write("/proc/self/oom_score_adj", value).unwrap(),
        "privileges" => nix::sys::prctl::set_no_new_privs().unwrap(),
        "pdeathsig" => nix::sys::prctl::set_pdeathsig(signal()).unwrap(),
        "traced" => nix::sys::ptrace::traceme().unwrap(),
        "group" => {
            nix::unistd::setpgid(nix::unistd::Pid::from_raw(0), nix::unistd::Pid::from_raw(0))
                .unwrap();
        }
        "session" => drop(nix::unistd::setsid().unwrap()),
        // The first terminal that a session leader opens becomes its controlling terminal.
        "terminal" => {
            nix::unistd::setsid().unwrap();
            let terminal = nix::fcntl::open(path, OFlag::O_RDWR, Mode::empty()).unwrap();
            for fd in ["0", "1", "2"] {
                standard(&terminal, fd);
            }
        }
        "0" | "1" | "2" => {
            let file =
                nix::fcntl::open(path, OFlag::O_RDWR | OFlag::O_NOCTTY, Mode::empty()).unwrap();
            standard(&file, step);
        }
        "nonblocking" => {
            nix::fcntl::fcntl(std::io::stdin(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        }
        "user" => {
            let id = u32::try_from(number()).unwrap();
            nix::unistd::setgroups(&[]).unwrap();
            nix::unistd::setgid(id.into()).unwrap();
            nix::unistd::setuid(id.into()).unwrap();
        }
        step => panic!("no step is called {step}"),
    }
}

/// The program that writes reports: this one.
pub(crate) fn probe() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Nothing takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A start of a program with everything that a caller can decide.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// Held, so that it is there as long as a launch or what came of it is.
    folder: Arc<TempDir>,
    directory: PathBuf,
    program: PathBuf,
    before: Vec<Vec<u8>>,
    arguments: Vec<Vec<u8>>,
    environment: Vec<Vec<u8>>,
    steps: Vec<u8>,
}

impl Launch {
    /// A start with an empty environment, with room for a recipe and a report in a folder.
    pub(crate) fn new(folder: &Arc<TempDir>) -> Self {
        Self {
            folder: Arc::clone(folder),
            directory: folder.path().to_owned(),
            program: PathBuf::new(),
            before: Vec::new(),
            arguments: Vec::new(),
            environment: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// The file to be executed, and argv\[0].
    pub(crate) fn program(mut self, path: impl AsRef<Path>) -> Self {
        self.program = path.as_ref().to_owned();
        self.before = vec![self.program.as_os_str().as_bytes().to_owned()];
        self
    }

    /// Starts it through another program, which is given the path and the arguments.
    pub(crate) fn through<I: AsRef<OsStr>>(
        mut self,
        path: &str,
        options: impl IntoIterator<Item = I>,
    ) -> Self {
        let options = options.into_iter().map(|option| option.as_ref().as_bytes().to_owned());
        self.before =
            [path.as_bytes().to_owned()].into_iter().chain(options).chain(self.before).collect();
        self.program = PathBuf::from(path);
        self
    }

    /// An empty argv.
    pub(crate) fn no_arguments(mut self) -> Self {
        self.before.clear();
        self
    }

    /// More words.
    pub(crate) fn words<I: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = I>) -> Self {
        self.arguments.extend(words.into_iter().map(|word| word.as_ref().as_bytes().to_owned()));
        self
    }

    /// The probe as the command, called by some name, and more words for it.
    pub(crate) fn probe<I: AsRef<OsStr>>(
        self,
        name: impl AsRef<OsStr>,
        more: impl IntoIterator<Item = I>,
    ) -> Self {
        let report = self.report();
        self.words([name.as_ref()]).words([report]).words(more)
    }

    /// The word that asks the probe for a report.
    pub(crate) fn report(&self) -> String {
        format!("--report={}", self.folder.path().join("report").display())
    }

    /// One more entry of the environment, of whatever form.
    pub(crate) fn entry(mut self, entry: impl AsRef<[u8]>) -> Self {
        self.environment.push(entry.as_ref().to_owned());
        self
    }

    /// Nothing of the environment so far.
    pub(crate) fn no_entries(mut self) -> Self {
        self.environment.clear();
        self
    }

    /// The entries as they will be given.
    pub(crate) fn entries(&self) -> &[Vec<u8>] {
        &self.environment
    }

    /// The current directory.
    pub(crate) fn directory(mut self, path: impl AsRef<Path>) -> Self {
        self.directory = path.as_ref().to_owned();
        self
    }

    /// A step of the recipe, see [`act`].
    pub(crate) fn step(mut self, step: &str, value: impl AsRef<OsStr>) -> Self {
        self.steps.extend([step.as_bytes(), b"=", value.as_ref().as_bytes(), b"\0"].concat());
        self
    }

    /// The same step with several numbers.
    pub(crate) fn steps(self, step: &str, numbers: &[i32]) -> Self {
        numbers.iter().fold(self, |launch, number| launch.step(step, number.to_string()))
    }

    /// The launcher as a command: it has written its recipe, and reads it when it starts.
    pub(crate) fn command(&self) -> Command {
        let mut recipe = self.steps.clone();
        let mut record = |step: &str, value: &[u8]| {
            recipe.extend([step.as_bytes(), b"=", value, b"\0"].concat());
        };
        record("program", self.program.as_os_str().as_bytes());
        self.before.iter().chain(&self.arguments).for_each(|word| record("argument", word));
        self.environment.iter().for_each(|entry| record("entry", entry));
        let report = self.folder.path().join("report");
        let _ = fs::remove_dir_all(&report);
        fs::create_dir(&report).unwrap();
        // For the probe under another user.
        fs::set_permissions(&report, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let path = tempfile::Builder::new()
            .prefix("recipe")
            .tempfile_in(self.folder.path())
            .unwrap()
            .keep()
            .unwrap()
            .1;
        fs::write(&path, recipe).unwrap();
        let mut command = Command::new(probe());
        command.arg(format!("--stage={}", path.display())).env_clear().current_dir(&self.directory);
        command
    }

    /// What the probe wrote down, for those who waited for its end elsewhere.
    pub(crate) fn read(&self) -> Report {
        Report { path: self.folder.path().join("report"), _folder: Arc::clone(&self.folder) }
    }

    /// Runs it to its end, with null stdin unless the recipe says otherwise. What does not end is
    /// killed.
    pub(crate) fn run(&self) -> Ran {
        let child = self
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let process = child.id();
        let (ended, end) = mpsc::channel();
        let waiting = std::thread::spawn(move || {
            let output = child.wait_with_output().unwrap();
            let _ = ended.send(());
            output
        });
        let hangs = end.recv_timeout(PATIENCE).is_err();
        if hangs {
            let _ = nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(process.cast_signed()),
                Signal::SIGKILL,
            );
        }
        let output = waiting.join().unwrap();
        Ran {
            status: status(output.status),
            signal: std::os::unix::process::ExitStatusExt::signal(&output.status),
            hangs,
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr)
                .replace(&*self.folder.path().to_string_lossy(), "[ROOT]"),
            process,
            report: self.read(),
        }
    }
}

/// How a launch ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status, or 128 and the signal.
    pub(crate) status: i32,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// Whether it had to be killed.
    pub(crate) hangs: bool,
    /// All of stdout.
    pub(crate) stdout: Vec<u8>,
    /// All of stderr, with the sandbox's folder shown as `[ROOT]`.
    pub(crate) stderr: String,
    /// The process that was started.
    pub(crate) process: u32,
    /// What the probe saw, if it was the command.
    pub(crate) report: Report,
}

impl Ran {
    /// stdout as text, without its last newline.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end_matches('\n').to_owned()
    }
}

/// What a probe wrote down.
#[derive(Debug)]
pub(crate) struct Report {
    path: PathBuf,
    _folder: Arc<TempDir>,
}

impl Report {
    /// Whether a probe has run.
    pub(crate) fn is_there(&self) -> bool {
        self.path.join("pdeathsig").exists()
    }

    /// One of its files.
    pub(crate) fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.path.join(file))
            .unwrap_or_else(|error| panic!("the probe wrote no {file}: {error}"))
    }

    /// One of its files as text.
    pub(crate) fn text(&self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).unwrap()
    }

    /// A line of /proc/self/status.
    pub(crate) fn field(&self, name: &str) -> String {
        let status = self.text("status");
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    }

    /// A set of signals of /proc/self/status, as numbers; without the two that the C library keeps
    /// to itself, which a launcher of ours can neither set nor reset.
    pub(crate) fn signals(&self, name: &str) -> String {
        let bits = u64::from_str_radix(&self.field(name), 16).unwrap();
        let numbers: Vec<String> = (1..=64)
            .filter(|n| !matches!(n, 32 | 33) && bits >> (n - 1) & 1 == 1)
            .map(|n| n.to_string())
            .collect();
        if numbers.is_empty() { "none".to_owned() } else { numbers.join(" ") }
    }

    /// A field of /proc/self/stat, counted from one as proc(5) does.
    pub(crate) fn stat(&self, number: usize) -> String {
        let stat = self.text("stat");
        // The second field is a name that may hold anything, in parentheses.
        stat.rsplit(')').next().unwrap().split_whitespace().nth(number - 3).unwrap().to_owned()
    }

    /// The numbers of the open descriptors.
    pub(crate) fn descriptors(&self) -> String {
        let text = self.text("descriptors");
        let numbers: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
        if numbers.is_empty() { "none".to_owned() } else { numbers.join(" ") }
    }

    /// argv, byte for byte.
    pub(crate) fn arguments(&self) -> Vec<Vec<u8>> {
        parts(&self.bytes("cmdline"))
    }

    /// The environment's entries, byte for byte and in order.
    pub(crate) fn entries(&self) -> Vec<Vec<u8>> {
        parts(&self.bytes("environ"))
    }

    /// The values of a variable: all of them.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let start = format!("{name}=");
        let values = self
            .entries()
            .into_iter()
            .filter_map(|entry| Some(entry.strip_prefix(start.as_bytes())?.to_owned()));
        values.map(|value| String::from_utf8_lossy(&value).into_owned()).collect()
    }
}

fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes
        .split_inclusive(|&byte| byte == 0)
        .map(|part| part.strip_suffix(b"\0").unwrap_or(part).to_owned())
        .collect()
}
