//! Fetching what a plan needs: literals, variables, files, `op` and commands. Knows nothing of how
//! the plan was made.
//!
//! This file runs helpers. A value is a `SecretString` from the moment its bytes are complete.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one file that runs helpers, and looks for their children"
)]

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::PollFd;
use nix::poll::PollFlags;
use nix::poll::PollTimeout;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::sys::termios;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::catalog::KeyShape;
use crate::config;
use crate::config::EnvValue;
use crate::error::Error;
use crate::error::Failure;
use crate::error::Reason;
use crate::error::Warning;
use crate::files::load;
use crate::host::Environment;
use crate::plan::Need;
use crate::report;
use crate::sys;
use crate::sys::Children;
use crate::sys::Trap;

/// What fetching needs beside the plan.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Our own environment.
    pub environment: &'a Environment,
    /// Names that helpers have no business with: the providers' keys.
    pub hidden: &'a [String],
    /// Which need is the provider's key: it may not be empty.
    pub key: Option<usize>,
    /// How the chosen provider's keys begin.
    pub key_shape: Option<KeyShape>,
    /// Why commands of exec.toml are not run: as root, from a file that root does not own.
    pub commands_refused: Option<&'a Path>,
    /// Whether a person can see what we say.
    pub talkative: bool,
    /// The workspace, for messages.
    pub workspace: Option<&'a str>,
    /// The role, for messages.
    pub role: Option<&'a str>,
}

/// Fetches all values, in the order of the needs.
///
/// # Errors
///
/// [`Error::Values`] with every failure, in the order of their keys; [`Error::Signalled`] if a
/// signal ends it.
pub fn fetch(
    needs: &[Need<'_>],
    circumstances: Circumstances<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<SecretString>, Error> {
    let mut results: Vec<Result<SecretString, Reason>> = Vec::with_capacity(needs.len());
    let mut jobs = Vec::new();
    for (index, need) in needs.iter().enumerate() {
        let found = match at_hand(&need.value, circumstances.environment) {
            Some(found) => found,
            None => match Job::new(index, need, circumstances) {
                Ok(job) => {
                    jobs.push(job);
                    Err(Reason::NotRun)
                }
                Err(reason) => Err(reason),
            },
        };
        results.push(found);
    }
    run(jobs, &mut results, circumstances)?;
    if let Some(key) = circumstances.key
        && let Some(result) = results.get_mut(key)
    {
        let name = needs.get(key).map(|need| &*need.key).unwrap_or_default();
        let checked = result
            .as_ref()
            .map(|secret| check_key(secret, name, circumstances.key_shape, warnings));
        if let Ok(Err(reason)) = checked {
            *result = Err(reason);
        }
    }
    silence(&mut results);
    let mut failures: Vec<Failure> = Vec::new();
    let mut values = Vec::with_capacity(needs.len());
    for (need, result) in needs.iter().zip(results) {
        match result {
            Ok(value) => values.push(value),
            Err(reason) => failures.push(Failure {
                layer: need.origin.layer(circumstances.workspace, circumstances.role),
                key: need.key.clone().into_owned(),
                reference: need.reference(),
                reason,
            }),
        }
    }
    failures.sort_by(|one, other| one.key.cmp(&other.key));
    if failures.is_empty() { Ok(values) } else { Err(Error::Values(failures)) }
}

/// Takes the values that we have out of what failed helpers said.
fn silence(results: &mut [Result<SecretString, Reason>]) {
    let (values, mut failed): (Vec<_>, Vec<_>) =
        results.iter_mut().partition(|result| result.is_ok());
    for result in &mut failed {
        if let Err(Reason::Failed { words, .. }) = result {
            // Asked once: what is hidden makes them shorter.
            let cut = words.len() >= CUT;
            for value in values.iter().filter_map(|value| value.as_ref().ok()) {
                hide(words, value.expose_secret(), cut);
            }
        }
    }
}

/// A shorter text is found in words by chance, and is no key.
const SHORTEST_SECRET: usize = 8;

/// So much of one at the end of what was cut off is taken for a part of it.
const SHORTEST_PART: usize = 4;

/// Words of at least this length may have been cut off; they were trimmed since. In bytes.
const CUT: usize = WORDS - 64;

/// Replaces a secret in words that will be shown, and its beginning where they were cut off in the
/// middle of it.
fn hide(words: &mut String, secret: &str, cut: bool) {
    let secret = secret.trim();
    if secret.len() < SHORTEST_SECRET {
        return;
    }
    if words.contains(secret) {
        *words = words.replace(secret, "•••");
    }
    if !cut {
        return;
    }
    let beginnings =
        secret.char_indices().rev().map(|(at, _)| secret.get(..at).unwrap_or_default());
    let mut beginnings = beginnings.take_while(|beginning| beginning.len() >= SHORTEST_PART);
    if let Some(beginning) = beginnings.find(|beginning| words.ends_with(beginning)) {
        words.truncate(words.len() - beginning.len());
        words.push_str("•••");
    }
}

/// Judges a key that needs no helper; none for one that does. Nothing of it comes out.
///
/// # Errors
///
/// Why it could not be used.
pub fn judge_key(
    need: &Need<'_>,
    shape: Option<KeyShape>,
    environment: &Environment,
    warnings: &mut Vec<Warning>,
) -> Option<Result<(), Reason>> {
    let found = at_hand(&need.value, environment)?;
    Some(found.and_then(|secret| check_key(&secret, &need.key, shape, warnings)))
}

/// A text of somebody else's with every word hidden that holds a secret, or a good part of one.
pub fn redact(text: &str, secrets: &[SecretString]) -> String {
    const PART: usize = 6;
    let holds = |word: &str, secret: &SecretString| {
        let secret = secret.expose_secret().as_bytes();
        let mut parts = secret.windows(PART.min(secret.len()).max(1));
        parts.any(|part| word.as_bytes().windows(part.len()).any(|window| window == part))
    };
    let long = |secret: &&SecretString| secret.expose_secret().len() >= SHORTEST_SECRET;
    let hidden = |word: &str| secrets.iter().filter(long).any(|secret| holds(word, secret));
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| if hidden(word) { "••• " } else { word }).collect()
}

/// A value that needs no helper; none for the others.
fn at_hand(value: &EnvValue, environment: &Environment) -> Option<Result<SecretString, Reason>> {
    match value {
        EnvValue::Empty => Some(Ok(SecretString::from(""))),
        EnvValue::Literal(secret) => Some(Ok(secret.clone())),
        EnvValue::HostVar(name) => Some(match environment.get(name).map(OsStr::to_str) {
            None => Err(Reason::HostVarUnset),
            Some(None) => Err(Reason::NotUtf8),
            Some(Some(text)) => Ok(SecretString::from(text)),
        }),
        EnvValue::File(path) if !path.is_absolute() => Some(Err(Reason::RelativePath)),
        EnvValue::File(path) => Some(match load::value_file(path) {
            Ok(bytes) => text(bytes),
            Err(error) => Err(Reason::File(Box::new(error))),
        }),
        EnvValue::Op { .. } | EnvValue::Command { .. } => None,
    }
}

/// Reads a value from a descriptor to its end.
///
/// # Errors
///
/// [`Error::Unreadable`], or [`Error::Key`] for what cannot be a value.
pub fn read(file: impl AsFd, name: &str, key: &str) -> Result<SecretString, Error> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    while bytes.len() <= load::LARGEST_VALUE {
        match nix::unistd::read(&file, &mut buffer) {
            Ok(0) => {
                return text(bytes).map_err(|reason| Error::Key { key: key.to_owned(), reason });
            }
            Ok(count) => bytes.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Error::Unreadable { path: name.into(), errno }),
        }
    }
    Err(Error::TooLarge { path: name.into(), limit: load::LARGEST_VALUE })
}

/// The one place where output becomes a value: exactly one newline is stripped.
///
/// # Errors
///
/// What no environment can hold.
pub fn text(mut bytes: Vec<u8>) -> Result<SecretString, Reason> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.contains(&0) {
        return Err(Reason::Nul);
    }
    String::from_utf8(bytes).map(SecretString::from).map_err(|_| Reason::NotUtf8)
}

/// A key that cannot work is an error; one that looks wrong is a warning. Neither shows it.
///
/// # Errors
///
/// Why it cannot work.
pub fn check_key(
    secret: &SecretString,
    key: &str,
    shape: Option<KeyShape>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Reason> {
    let text = secret.expose_secret();
    if !text.chars().any(|character| !character.is_whitespace() && !report::is_unsafe(character)) {
        return Err(Reason::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(Reason::ControlInKey);
    }
    // The client sends it in a header, which holds ASCII. Usually it is an invisible character of a
    // web page.
    if !text.is_ascii() {
        return Err(Reason::ForeignInKey);
    }
    let key = key.to_owned();
    let quote = |character: char| matches!(character, '"' | '\'') || character.is_whitespace();
    if text.starts_with(quote) || text.ends_with(quote) {
        warnings.push(Warning::KeyPadded { key });
    } else if let Some(shape) = shape.filter(|shape| !text.starts_with(shape.prefix)) {
        warnings.push(Warning::KeyShape { key, prefix: shape.prefix, otherwise: shape.otherwise });
    }
    Ok(())
}

/// The option that takes a text which is a reference and no key; a literal of that form would be
/// read as the reference.
pub fn reference_option(secret: &SecretString) -> Option<&'static str> {
    let text = secret.expose_secret();
    if text.starts_with("op://") {
        return Some("--op");
    }
    config::host_reference(text).map(|_| "--env")
}

/// A helper to be run for one value.
struct Job {
    /// Which need.
    index: usize,
    /// For messages.
    key: String,
    argv: Vec<OsString>,
    path: PathBuf,
    timeout: Duration,
}

/// How long `op` may take: a person may have to find a finger.
const OP_TIMEOUT: Duration = config::COMMAND_TIMEOUT;

impl Job {
    fn new(
        index: usize,
        need: &Need<'_>,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
        let (argv, timeout): (Vec<OsString>, Duration) = match &*need.value {
            EnvValue::Op { reference, account } => {
                let account = account.iter().flat_map(|account| ["--account", account]);
                let words = ["op"].into_iter().chain(account).chain(["read", "--", reference]);
                (words.map(OsString::from).collect(), OP_TIMEOUT)
            }
            EnvValue::Command { argv, timeout } => {
                if let Some(path) = circumstances.commands_refused {
                    return Err(Reason::CommandOfAnother(path.to_owned()));
                }
                (argv.iter().map(OsString::from).collect(), *timeout)
            }
            EnvValue::Empty | EnvValue::Literal(_) | EnvValue::HostVar(_) | EnvValue::File(_) => {
                return Err(Reason::NotRun);
            }
        };
        let program = argv.first().cloned().unwrap_or_default();
        let path = find(&program, circumstances.environment)
            .ok_or_else(|| Reason::NotFound(program.to_string_lossy().into_owned()))?;
        Ok(Self { index, key: need.key.clone().into_owned(), argv, path, timeout })
    }

    fn program(&self) -> String {
        self.argv
            .first()
            .map(|word| report::escape(&word.to_string_lossy()).into_owned())
            .unwrap_or_default()
    }
}

/// A helper's program: an absolute path, or found in the absolute entries of PATH. A relative entry
/// would depend on where we happen to be.
pub fn find(program: &OsStr, environment: &Environment) -> Option<PathBuf> {
    let runnable = |path: &Path| {
        path.is_file() && nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
    };
    if program.as_bytes().contains(&b'/') {
        let path = Path::new(program);
        return (path.is_absolute() && runnable(path)).then(|| path.to_owned());
    }
    let entries = std::env::split_paths(
        environment.get("PATH").unwrap_or_else(|| OsStr::new("/usr/bin:/bin")),
    );
    entries
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join(program))
        .find(|path| runnable(path))
}

/// How many helpers run side by side, once the first has unlocked what they share.
const SIDE_BY_SIDE: usize = 4;

/// After this time a person is told what we wait for.
const SILENCE: Duration = Duration::from_secs(1);

/// How long a helper's end can go unnoticed where a grandchild keeps its pipes open.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long the end of a helper that has closed its pipes can go unnoticed.
const SOON: Duration = Duration::from_millis(1);

fn run(
    jobs: Vec<Job>,
    results: &mut [Result<SecretString, Reason>],
    circumstances: Circumstances<'_>,
) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    // Helpers that ask may leave the terminal without echo, when they are killed and otherwise.
    let terminal = Modes::save();
    let _children = Children::keep();
    let trap = Trap::new(&sys::ENDING);
    let mut waiting = jobs.into_iter();
    let first = waiting.next().into_iter().collect();
    let outcome = round(first, results, circumstances, &trap, &terminal)
        .and_then(|()| round(waiting.collect(), results, circumstances, &trap, &terminal));
    terminal.restore();
    // Only now may another signal end us.
    drop(trap);
    outcome
}

/// Runs jobs up to four at a time. A round of one runs in our own process group, so that it may ask
/// on the terminal.
fn round(
    jobs: Vec<Job>,
    results: &mut [Result<SecretString, Reason>],
    circumstances: Circumstances<'_>,
    trap: &Trap,
    terminal: &Modes,
) -> Result<(), Error> {
    let alone = jobs.len() == 1;
    let mut silent_since = Instant::now();
    let mut said = !circumstances.talkative;
    let mut waiting = jobs.into_iter();
    let mut running: Vec<Helper> = Vec::new();
    loop {
        while running.len() < SIDE_BY_SIDE {
            let Some(job) = waiting.next() else {
                break;
            };
            let index = job.index;
            match Helper::start(job, alone, circumstances) {
                Ok(helper) => running.push(helper),
                Err(reason) => put(results, index, Err(reason)),
            }
        }
        if running.is_empty() {
            return Ok(());
        }
        // Not into the form of a helper that asks: it has taken the echo away, and a person sees
        // what is waited for. After its answer the silence begins anew.
        if !said && terminal.is_changed() {
            silent_since = Instant::now();
        }
        if !said && silent_since.elapsed() >= SILENCE {
            let names: Vec<_> = running
                .iter()
                .map(|helper| format!("{} ({})", helper.job.program(), helper.job.key))
                .collect();
            report::say(&format!("waiting for {}", names.join(", ")));
            said = true;
        }
        wait(&running);
        if let Some(signal) = trap.take() {
            for helper in &mut running {
                helper.kill();
            }
            return Err(Error::Signalled(signal));
        }
        running.retain_mut(|helper| match helper.turn() {
            None => true,
            Some(outcome) => {
                put(results, helper.job.index, outcome);
                false
            }
        });
    }
}

fn put(
    results: &mut [Result<SecretString, Reason>],
    index: usize,
    outcome: Result<SecretString, Reason>,
) {
    if let Some(place) = results.get_mut(index) {
        *place = outcome;
    }
}

/// Waits until a helper has said something, or for a moment.
fn wait(running: &[Helper]) {
    let open = running
        .iter()
        .flat_map(|helper| [&helper.stdout, &helper.stderr])
        .filter_map(|pipe| pipe.file.as_ref());
    let mut ready: Vec<PollFd<'_>> =
        open.map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN)).collect();
    // Where no pipe is left, a helper is about to end.
    let patience = if ready.is_empty() { SOON } else { LOOK_AGAIN };
    let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO);
    // An error is an interruption: the caller looks at everything anyway.
    let _ = nix::poll::poll(&mut ready, patience);
}

/// A helper that is running.
struct Helper {
    job: Job,
    process: Pid,
    /// Whether it shares our process group.
    alone: bool,
    deadline: Instant,
    stdout: Pipe,
    stderr: Pipe,
    ended: bool,
}

/// How much of a helper's words is kept, in bytes.
const WORDS: usize = 4096;

impl Helper {
    fn start(job: Job, alone: bool, circumstances: Circumstances<'_>) -> Result<Self, Reason> {
        let mut command = std::process::Command::new(&job.path);
        if let Some((name, arguments)) = job.argv.split_first() {
            command.arg0(name).args(arguments);
        }
        let hidden =
            |name: &[u8]| circumstances.hidden.iter().any(|hidden| hidden.as_bytes() == name);
        let entries = circumstances
            .environment
            .entries()
            .filter(|entry| !hidden(entry.name) && !entry.name.is_empty());
        command.env_clear();
        // The first of several entries is the one that getenv would find.
        let mut seen = std::collections::BTreeSet::new();
        for entry in entries {
            if seen.insert(entry.name) {
                command.env(OsStr::from_bytes(entry.name), OsStr::from_bytes(entry.value));
            }
        }
        let shown = alone && circumstances.talkative;
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(if shown { Stdio::inherit() } else { Stdio::piped() });
        if !alone {
            command.process_group(0);
        }
        let program = job.program();
        let mut child = command.spawn().map_err(|error| Reason::CannotRun {
            program,
            errno: error.raw_os_error().map_or(Errno::EIO, Errno::from_raw),
        })?;
        Ok(Self {
            process: Pid::from_raw(child.id().cast_signed()),
            alone,
            deadline: Instant::now() + job.timeout,
            stdout: Pipe::new(child.stdout.take().map(OwnedFd::from), load::LARGEST_VALUE + 1),
            stderr: Pipe::new(child.stderr.take().map(OwnedFd::from), WORDS),
            ended: false,
            job,
        })
    }

    /// Reads what there is and looks whether it has ended; none while it goes on.
    fn turn(&mut self) -> Option<Result<SecretString, Reason>> {
        let status = nix::sys::wait::waitpid(
            self.process,
            Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED),
        );
        self.stderr.read();
        self.stdout.read();
        let program = self.job.program();
        if self.stdout.bytes.len() > load::LARGEST_VALUE {
            self.kill();
            return Some(Err(Reason::TooMuch { program }));
        }
        let code = match status {
            Ok(WaitStatus::StillAlive) => return self.late(program),
            // Ctrl-Z stops us and a helper in our group alike; we go on together.
            Ok(WaitStatus::Stopped(_, Signal::SIGTSTP)) if self.alone => return self.late(program),
            Ok(WaitStatus::Stopped(..)) => {
                self.kill();
                return Some(Err(Reason::Stopped { program }));
            }
            Ok(WaitStatus::Exited(_, code)) => code,
            Ok(WaitStatus::Signaled(_, signal, _)) => 128 + signal as i32,
            Ok(_) | Err(Errno::EINTR) => return None,
            Err(errno) => return Some(Err(Reason::CannotRun { program, errno })),
        };
        self.ended = true;
        if code == 0 {
            return Some(text(std::mem::take(&mut self.stdout.bytes)));
        }
        let mut words = String::from_utf8_lossy(&self.stderr.bytes).trim().to_owned();
        let cut = self.stderr.bytes.len() == WORDS;
        // A script that traces itself says on stderr what it has on stdout.
        for line in String::from_utf8_lossy(&self.stdout.bytes).lines() {
            hide(&mut words, line, cut);
        }
        Some(Err(Reason::Failed { program, code, words }))
    }

    fn late(&mut self, program: String) -> Option<Result<SecretString, Reason>> {
        if Instant::now() < self.deadline {
            return None;
        }
        self.kill();
        Some(Err(Reason::TimedOut { program, after: self.job.timeout }))
    }

    /// Ends the helper with all that it started, and reaps it.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        // Each of these may be gone already, which is what is wanted. One that runs alone is in our
        // own group, and any may have left the group that it was given; so descendants are
        // found by their parents.
        let family = stopped_family(self.process);
        for process in &family {
            let _ = nix::sys::signal::kill(*process, Signal::SIGKILL);
        }
        if !self.alone {
            let _ = nix::sys::signal::killpg(self.process, Signal::SIGKILL);
        }
        sys::reap(self.process);
        // The others are not ours to reap; but when we end, none of them still holds the terminal
        // or a lock.
        let start = Instant::now();
        while !family.iter().all(|process| is_gone(*process)) && start.elapsed() < sys::FAREWELL {
            std::thread::sleep(SOON);
        }
    }
}

/// A process and those below it, as far as /proc tells: each stopped before its children are
/// listed, so that none is born behind our back.
fn stopped_family(process: Pid) -> Vec<Pid> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        next += 1;
        let _ = nix::sys::signal::kill(parent, Signal::SIGSTOP);
        // Each thread has children of its own.
        for thread in
            std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten()
        {
            let list = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            family.extend(
                list.split_whitespace().filter_map(|word| word.parse().ok()).map(Pid::from_raw),
            );
        }
    }
    family
}

/// Whether a process has ended, reaped or not, as far as /proc tells.
fn is_gone(process: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // PID (NAME) STATE, where a name may hold what it likes.
    status.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}

/// One end of a pipe from a program, read without waiting. What is too much is read, so that it can
/// end, and not kept.
#[derive(Debug)]
pub struct Pipe {
    /// None once the other end is closed.
    pub file: Option<File>,
    bytes: Vec<u8>,
    limit: usize,
}

impl Pipe {
    /// A pipe of which so many bytes are kept.
    pub fn new(end: Option<OwnedFd>, limit: usize) -> Self {
        let file = end.map(File::from).filter(|file| {
            let flags = OFlag::O_NONBLOCK;
            nix::fcntl::fcntl(file, nix::fcntl::FcntlArg::F_SETFL(flags)).is_ok()
        });
        Self { file, bytes: Vec::new(), limit }
    }

    /// What was kept, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Reads what there is.
    pub fn read(&mut self) {
        let mut buffer = [0; 8192];
        while let Some(file) = &mut self.file {
            match file.read(&mut buffer) {
                Ok(0) => self.file = None,
                Ok(count) => {
                    let room = self.limit.saturating_sub(self.bytes.len()).min(count);
                    self.bytes.extend_from_slice(buffer.get(..room).unwrap_or_default());
                    if self.bytes.len() == self.limit && self.limit > WORDS {
                        return;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(_) => self.file = None,
            }
        }
    }
}

/// The terminal's mode before helpers ran; none where there is no terminal.
struct Modes(Option<(OwnedFd, termios::Termios)>);

impl Modes {
    /// Of the terminal on stderr or stdin, else of the one that controls us: a helper can ask
    /// there.
    fn save() -> Self {
        let standard = termios::tcgetattr(std::io::stderr())
            .map(|modes| (std::io::stderr().as_fd().try_clone_to_owned(), modes))
            .or_else(|_| {
                termios::tcgetattr(std::io::stdin())
                    .map(|modes| (std::io::stdin().as_fd().try_clone_to_owned(), modes))
            });
        if let Ok((file, modes)) = standard {
            return Self(file.ok().map(|file| (file, modes)));
        }
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let own = nix::fcntl::open("/dev/tty", flags, Mode::empty()).ok();
        Self(
            own.and_then(|own| Some((termios::tcgetattr(&own).ok()?, own)))
                .map(|(modes, own)| (own, modes)),
        )
    }

    /// Whether somebody reads it otherwise than before: without echo, or key by key.
    fn is_changed(&self) -> bool {
        let now = |file| termios::tcgetattr(file).map(|now| now.local_flags);
        self.0
            .as_ref()
            .is_some_and(|(file, before)| now(file).is_ok_and(|now| now != before.local_flags))
    }

    /// Puts it back, if it is ours: in the background it is somebody else's, who may be in the
    /// middle of something.
    fn restore(&self) {
        let same = |one: &termios::Termios, other: &termios::Termios| {
            (
                one.input_flags,
                one.output_flags,
                one.control_flags,
                one.local_flags,
                one.control_chars,
            ) == (
                other.input_flags,
                other.output_flags,
                other.control_flags,
                other.local_flags,
                other.control_chars,
            )
        };
        if let Some((file, modes)) = &self.0
            && termios::tcgetattr(file).is_ok_and(|now| !same(&now, modes))
            && nix::unistd::tcgetpgrp(file) == Ok(nix::unistd::getpgrp())
        {
            // There is nobody left to tell.
            let _ = termios::tcsetattr(file, termios::SetArg::TCSANOW, modes);
        }
    }
}
