//! One helper: started, read, ended.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one file that runs helpers, and looks for their children"
)]

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use secrecy::SecretString;

use crate::error::Reason;
use crate::files::load;
use crate::secret::fetch::Circumstances;
use crate::secret::fetch::text;
use crate::secret::job::Job;
use crate::secret::redact::hide;
use crate::sys;

/// How long a helper's end can go unnoticed where a grandchild keeps its pipes open.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long the end of a helper that has closed its pipes can go unnoticed.
pub(super) const SOON: Duration = Duration::from_millis(1);

/// A helper that is running.
pub(super) struct Helper {
    pub(super) job: Job,
    process: Pid,
    /// Whether it shares our process group.
    alone: bool,
    deadline: Instant,
    pub(super) stdout: Pipe,
    pub(super) stderr: Pipe,
    ended: bool,
}

/// How much of a helper's words is kept, in bytes.
pub(super) const WORDS: usize = 4096;

impl Helper {
    pub(super) fn start(
        job: Job,
        alone: bool,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
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
    pub(super) fn turn(&mut self) -> Option<Result<SecretString, Reason>> {
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
    pub(super) fn kill(&mut self) {
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
