//! Saving and restoring the terminal around programs that may ask on it: its modes, and its
//! foreground group.

use std::os::fd::AsFd;
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::signal::killpg;
use nix::sys::signal::pthread_sigmask;
use nix::sys::stat::Mode;
use nix::sys::termios;
use nix::sys::termios::SetArg;
use nix::sys::termios::Termios;
use nix::unistd::getpgrp;
use nix::unistd::tcgetpgrp;
use nix::unistd::tcsetpgrp;

use crate::program::run::Running;

/// The terminal as it was before programs ran; empty if there is no terminal.
#[derive(Debug)]
pub(crate) struct Terminal(Option<Saved>);

#[derive(Debug)]
struct Saved {
    file: OwnedFd,
    modes: Termios,
    /// Whether we were in the foreground.
    foreground: bool,
}

impl Terminal {
    /// Saves the terminal on which a program can ask: that of stderr or stdin, else the controlling
    /// terminal.
    pub(crate) fn save() -> Self {
        Self(find().map(|(file, modes)| {
            let foreground = tcgetpgrp(&file) == Ok(getpgrp());
            Saved { file, modes, foreground }
        }))
    }

    /// Whether a program has changed how input is read: without echo, or key by key.
    pub(crate) fn is_changed(&self) -> bool {
        let Some(saved) = &self.0 else {
            return false;
        };
        let now = termios::tcgetattr(&saved.file);
        now.is_ok_and(|now| now.local_flags != saved.modes.local_flags)
    }

    /// Takes the foreground back from programs that ended, and restores the modes.
    ///
    /// In the background, the terminal belongs to another job, which may be using it.
    pub(crate) fn restore(&self, ended: &[Running]) {
        let Some(saved) = &self.0 else {
            return;
        };
        if saved.foreground {
            take_foreground(&saved.file, ended);
        }
        if tcgetpgrp(&saved.file) == Ok(getpgrp())
            && termios::tcgetattr(&saved.file).is_ok_and(|now| !same(&now, &saved.modes))
        {
            // There is no one left to report an error to.
            let _ = termios::tcsetattr(&saved.file, SetArg::TCSANOW, &saved.modes);
        }
    }
}

fn find() -> Option<(OwnedFd, Termios)> {
    if let Ok(modes) = termios::tcgetattr(std::io::stderr()) {
        return Some((std::io::stderr().as_fd().try_clone_to_owned().ok()?, modes));
    }
    if let Ok(modes) = termios::tcgetattr(std::io::stdin()) {
        return Some((std::io::stdin().as_fd().try_clone_to_owned().ok()?, modes));
    }
    let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let own = nix::fcntl::open("/dev/tty", flags, Mode::empty()).ok()?;
    let modes = termios::tcgetattr(&own).ok()?;
    Some((own, modes))
}

/// Makes our process group the terminal's foreground group, if that is now a group of the programs
/// or one without processes.
///
/// A shell that stopped us and continued is alive, and its group is not one of the programs'.
fn take_foreground(file: &OwnedFd, ended: &[Running]) {
    let Ok(holder) = tcgetpgrp(file) else {
        return;
    };
    if holder == getpgrp() {
        return;
    }
    let is_empty = killpg(holder, None) == Err(Errno::ESRCH);
    if !is_empty && !ended.iter().any(|program| program.has_group(holder)) {
        return;
    }
    // From the background this call would stop us.
    let mut before = SigSet::empty();
    let background = SigSet::from(Signal::SIGTTOU);
    if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&background), Some(&mut before)).is_ok() {
        let _ = tcsetpgrp(file, getpgrp());
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
    }
}

/// Compares only the fields that programs set: `tcgetattr` fills in others, too.
fn same(one: &Termios, other: &Termios) -> bool {
    one.input_flags == other.input_flags
        && one.output_flags == other.output_flags
        && one.control_flags == other.control_flags
        && one.local_flags == other.local_flags
        && one.control_chars == other.control_chars
}
