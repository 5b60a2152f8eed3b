//! Asking a program something: bounded in time and size, without a terminal, and nothing of it
//! stays behind.
#![expect(clippy::disallowed_methods, reason = "this file runs programs, as secret.rs does")]

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::PollFd;
use nix::poll::PollFlags;
use nix::poll::PollTimeout;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

use crate::error::Error;
use crate::host::Entry;
use crate::secret::Pipe;
use crate::sys;
use crate::sys::Children;
use crate::sys::Trap;

/// What a program answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it ended.
    pub end: End,
    /// What it printed, as far as it was kept.
    pub stdout: String,
    /// What it said, as far as it was kept.
    pub stderr: String,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with a status, or 128 and the signal.
    Status(i32),
    /// It was killed, because it took too long.
    TooLate,
    /// It was killed, because it waited for a terminal.
    WantsTerminal,
    /// It could not be started.
    CannotRun(Errno),
}

/// So much of each stream is kept, in bytes.
const KEPT: usize = 1 << 20;

/// How long an end can go unnoticed where a grandchild keeps the pipes open.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Runs a program with these words and this environment, in a process group of its own, until it
/// ends or the time is up.
///
/// # Errors
///
/// [`Error::Signalled`] if a signal ends us meanwhile; the program is ended, too.
pub fn ask(
    path: &Path,
    words: &[OsString],
    environment: &[Cow<'static, CStr>],
    patience: Duration,
) -> Result<Answer, Error> {
    let mut command = std::process::Command::new(path);
    if let Some((name, arguments)) = words.split_first() {
        command.arg0(name).args(arguments);
    }
    command.env_clear();
    // The first of several entries is the one that getenv would find.
    for entry in environment
        .iter()
        .rev()
        .filter_map(|entry| Entry::new(entry))
        .filter(|entry| !entry.name.is_empty())
    {
        command.env(OsStr::from_bytes(entry.name), OsStr::from_bytes(entry.value));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let _children = Children::keep();
    let trap = Trap::new(&sys::ENDING);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
            return Ok(Answer {
                end: End::CannotRun(errno),
                stdout: String::new(),
                stderr: String::new(),
            });
        }
    };
    let process = Pid::from_raw(child.id().cast_signed());
    let deadline = Instant::now() + patience;
    let mut stdout = Pipe::new(child.stdout.take().map(OwnedFd::from), KEPT);
    let mut stderr = Pipe::new(child.stderr.take().map(OwnedFd::from), KEPT);
    let end = loop {
        wait(stdout.file.as_ref(), stderr.file.as_ref());
        // Before it is read: what comes until here was said before the end.
        let status =
            nix::sys::wait::waitpid(process, Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED));
        stdout.read();
        stderr.read();
        if let Some(signal) = trap.take() {
            end(process);
            return Err(Error::Signalled(signal));
        }
        match status {
            Ok(WaitStatus::Exited(_, code)) => break End::Status(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => break End::Status(128 + signal as i32),
            Ok(WaitStatus::Stopped(..)) => {
                end(process);
                break End::WantsTerminal;
            }
            Err(errno) if errno != Errno::EINTR => break End::CannotRun(errno),
            _ if Instant::now() >= deadline => {
                end(process);
                break End::TooLate;
            }
            _ => {}
        }
    };
    // What it started in its group ends with it. There may be nothing.
    let _ = nix::sys::signal::killpg(process, Signal::SIGKILL);
    Ok(Answer { end, stdout: stdout.text(), stderr: stderr.text() })
}

/// Ends a program with its group, and reaps it.
fn end(process: Pid) {
    // It may be gone already, which is what is wanted.
    let _ = nix::sys::signal::killpg(process, Signal::SIGKILL);
    sys::reap(process);
}

/// Waits until there is something to read, or for a moment.
fn wait(stdout: Option<&impl AsFd>, stderr: Option<&impl AsFd>) {
    let pipes = stdout.map(AsFd::as_fd).into_iter().chain(stderr.map(AsFd::as_fd));
    let mut ready: Vec<PollFd<'_>> =
        pipes.map(|pipe| PollFd::new(pipe, PollFlags::POLLIN)).collect();
    let patience = PollTimeout::try_from(LOOK_AGAIN).unwrap_or(PollTimeout::ZERO);
    // An error is an interruption: the caller looks at everything anyway.
    let _ = nix::poll::poll(&mut ready, patience);
}
