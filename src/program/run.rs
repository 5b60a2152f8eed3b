//! Starting, reading and ending one program. All programs whose output we need are run here.
#![expect(clippy::disallowed_methods, reason = "this is the one file that starts programs")]

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::PollFd;
use nix::poll::PollFlags;
use nix::poll::PollTimeout;
use nix::sys::signal::Signal;
use nix::sys::signal::killpg;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::host::Entry;
use crate::program::family;
use crate::program::pipe::Pipe;

/// A program and how it is to be run. Its stdin is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'a> {
    /// The path of its file.
    pub path: &'a Path,
    /// Its argv, including its name.
    pub words: &'a [OsString],
    /// Its environment. The first of several entries of one name is the one that getenv finds.
    pub environment: &'a [Cow<'static, CStr>],
    /// Its time limit.
    pub time_limit: Duration,
    /// How many bytes of stdout are kept.
    pub stdout: usize,
    /// What happens to its stderr.
    pub stderr: Stderr,
    /// Its process group.
    pub group: Group,
}

/// Where a program's stderr goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stderr {
    /// To our stderr, where a person reads it.
    Ours,
    /// To a pipe that we read. At most this many bytes are kept.
    Kept(usize),
}

/// A program's process group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Ours, so that it may ask on the terminal.
    Ours,
    /// One of its own, in the background.
    Own,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with this status, or with 128 plus the signal.
    Status(i32),
    /// It was killed, because it took too long.
    TimedOut,
    /// It was killed, because it was waiting for a terminal that it may not use.
    WantsTerminal,
    /// It could not be started.
    CannotRun(Errno),
}

/// A program that was started.
#[derive(Debug)]
pub(crate) struct Running {
    process: Pid,
    group: Group,
    deadline: Instant,
    mark: String,
    /// Its stdout.
    pub(crate) stdout: Pipe,
    /// Its stderr.
    pub(crate) stderr: Pipe,
    has_ended: bool,
    /// The process groups that may still be in the terminal's foreground.
    pub(super) groups: Vec<Pid>,
}

impl Running {
    /// Starts a program.
    ///
    /// # Errors
    ///
    /// Why it cannot be started.
    pub(crate) fn start(program: Program<'_>) -> Result<Self, Errno> {
        let mark = family::new_mark();
        let mut command = Command::new(program.path);
        if let Some((name, arguments)) = program.words.split_first() {
            command.arg0(name).args(arguments);
        }
        command.env_clear();
        // The last one set wins, so the first entry of a name is set last.
        for entry in program.environment.iter().rev() {
            if let Some(Entry { name, value }) = Entry::new(entry)
                && !name.is_empty()
            {
                command.env(OsStr::from_bytes(name), OsStr::from_bytes(value));
            }
        }
        command.env(family::MARK, &mark);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let (stderr, kept) = match program.stderr {
            Stderr::Ours => (Stdio::inherit(), 0),
            Stderr::Kept(kept) => (Stdio::piped(), kept),
        };
        command.stderr(stderr);
        if program.group == Group::Own {
            command.process_group(0);
        }
        let mut child = command
            .spawn()
            .map_err(|error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))?;
        let process = Pid::from_raw(child.id().cast_signed());
        Ok(Self {
            process,
            group: program.group,
            deadline: Instant::now() + program.time_limit,
            mark,
            stdout: Pipe::new(child.stdout.take().map(OwnedFd::from), program.stdout),
            stderr: Pipe::new(child.stderr.take().map(OwnedFd::from), kept),
            has_ended: false,
            groups: vec![process],
        })
    }

    /// Reads what is available and checks whether it has ended; `None` while it is running.
    pub(crate) fn poll(&mut self) -> Option<End> {
        // Checked before the pipes are read: everything written before the end is then available.
        let status = waitpid(self.process, Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED));
        self.stderr.read();
        self.stdout.read();
        match status {
            Ok(WaitStatus::Exited(_, code)) => {
                self.has_ended = true;
                Some(End::Status(code))
            }
            Ok(WaitStatus::Signaled(_, signal, _)) => {
                self.has_ended = true;
                Some(End::Status(128 + signal as i32))
            }
            // Ctrl-Z stops us and a program in our group alike; we continue together.
            Ok(WaitStatus::Stopped(_, Signal::SIGTSTP)) if self.group == Group::Ours => {
                self.check_time()
            }
            Ok(WaitStatus::Stopped(..)) => {
                self.kill();
                Some(End::WantsTerminal)
            }
            Err(errno) if errno != Errno::EINTR => {
                self.has_ended = true;
                Some(End::CannotRun(errno))
            }
            _ => self.check_time(),
        }
    }

    /// Kills it if its time is over.
    fn check_time(&mut self) -> Option<End> {
        if Instant::now() < self.deadline {
            return None;
        }
        self.kill();
        Some(End::TimedOut)
    }

    /// Kills it and everything that it started, and reaps it.
    pub(crate) fn kill(&mut self) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        self.groups.extend(family::end(self.process, &self.mark));
        self.kill_group();
    }

    /// Kills what is left of its own group, if anything.
    pub(super) fn kill_group(&self) {
        if self.group == Group::Own {
            let _ = killpg(self.process, Signal::SIGKILL);
        }
    }

    /// Whether a process group is one that it started.
    pub(super) fn has_group(&self, group: Pid) -> bool {
        self.groups.contains(&group) || family::is_marked(group, &self.mark)
    }
}

/// How often to check for the end of a program whose pipes are open: a grandchild may keep them so.
const STILL_OPEN: Duration = Duration::from_millis(20);

/// How often to check for the end of a program that has closed its pipes.
const ABOUT_TO_END: Duration = Duration::from_millis(1);

/// Waits until one of the programs has written something, or for a moment.
pub(crate) fn wait<'a>(running: impl Iterator<Item = &'a Running>) {
    let mut ready = Vec::new();
    for program in running {
        for pipe in [&program.stdout, &program.stderr] {
            if let Some(file) = &pipe.file {
                ready.push(PollFd::new(file.as_fd(), PollFlags::POLLIN));
            }
        }
    }
    let interval = if ready.is_empty() { ABOUT_TO_END } else { STILL_OPEN };
    // An error can only be an interruption, and the caller checks everything anyway.
    let _ =
        nix::poll::poll(&mut ready, PollTimeout::try_from(interval).unwrap_or(PollTimeout::ZERO));
}
