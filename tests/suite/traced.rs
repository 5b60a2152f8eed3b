//! A program that stops before and after each of its system calls.

use std::process::Child;
use std::process::Stdio;

use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::stage::Launch;
use crate::support::skipped;
use crate::support::status;

/// A program that waits for the next step.
pub(crate) struct Traced {
    child: Child,
    process: Pid,
}

impl Traced {
    /// Starts a program without output; `None`, which is said loudly, if processes may not be
    /// traced here.
    pub(crate) fn start(launch: &Launch) -> Option<Self> {
        let mut command = launch.clone().step("traced", "").command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let process = Pid::from_raw(child.id().cast_signed());
        if !matches!(waitpid(process, None), Ok(WaitStatus::Stopped(_, Signal::SIGTRAP))) {
            let _ = child.wait();
            skipped("this test needs the right to trace a process");
            return None;
        }
        Some(Self { child, process })
    }

    /// Goes on to the start or the end of the next system call. Tells whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        ptrace::syscall(self.process, None).unwrap();
        let goes_on = matches!(waitpid(self.process, None).unwrap(), WaitStatus::Stopped(..));
        if !goes_on {
            // It was waited for already; this only tells so.
            let _ = self.child.wait();
        }
        goes_on
    }

    /// Kills it where it is.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets it go on to its end, without stops; the exit status, or 128 and the signal.
    pub(crate) fn end(mut self) -> i32 {
        ptrace::detach(self.process, None).unwrap();
        status(self.child.wait().unwrap())
    }
}
