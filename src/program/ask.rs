//! Running a program for its answer: bounded in time and size, without a terminal, and with no
//! process left behind.

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::program::run::End;
use crate::program::run::Group;
use crate::program::run::Program;
use crate::program::run::Running;
use crate::program::run::Stderr;
use crate::program::run::wait;
use crate::program::terminal::Terminal;
use crate::sys;
use crate::sys::Children;
use crate::sys::Trap;

/// A program's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How it ended.
    pub end: End,
    /// Its stdout, up to the limit.
    pub stdout: String,
    /// Its stderr, up to the limit.
    pub stderr: String,
}

/// How much of each stream is kept, in bytes.
const KEPT: usize = 1 << 20;

/// Runs a program with these words and this environment, in a process group of its own, until it
/// ends or times out.
///
/// # Errors
///
/// The signal that ended us meanwhile; the program is killed, too.
pub(crate) fn ask(
    path: &Path,
    words: &[OsString],
    environment: &[Cow<'static, CStr>],
    time_limit: Duration,
) -> Result<Answer, Signal> {
    let terminal = Terminal::save();
    let _children = Children::keep();
    let trap = Trap::new(&sys::ENDING);
    let program = Program {
        path,
        words,
        environment,
        time_limit,
        stdout: KEPT,
        stderr: Stderr::Kept(KEPT),
        group: Group::Own,
    };
    let mut running = match Running::start(program) {
        Ok(running) => running,
        Err(errno) => {
            let end = End::CannotRun(errno);
            return Ok(Answer { end, stdout: String::new(), stderr: String::new() });
        }
    };
    let end = loop {
        wait([&running].into_iter());
        let end = running.poll();
        if let Some(signal) = trap.take() {
            running.kill();
            terminal.restore(std::slice::from_ref(&running));
            return Err(signal);
        }
        if let Some(end) = end {
            break end;
        }
    };
    // Kills whatever it started in its group.
    running.kill_group();
    terminal.restore(std::slice::from_ref(&running));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(running.stdout.bytes()), text(running.stderr.bytes()));
    Ok(Answer { end, stdout, stderr })
}
