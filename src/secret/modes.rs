//! The terminal's modes around helpers.

use std::os::fd::AsFd;
use std::os::fd::OwnedFd;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::sys::termios;

/// The terminal's mode before helpers ran; none where there is no terminal.
pub(super) struct Modes(Option<(OwnedFd, termios::Termios)>);

impl Modes {
    /// Of the terminal on stderr or stdin, else of the one that controls us: a helper can ask
    /// there.
    pub(super) fn save() -> Self {
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
    pub(super) fn is_changed(&self) -> bool {
        let now = |file| termios::tcgetattr(file).map(|now| now.local_flags);
        self.0
            .as_ref()
            .is_some_and(|(file, before)| now(file).is_ok_and(|now| now != before.local_flags))
    }

    /// Puts it back, if it is ours: in the background it is somebody else's, who may be in the
    /// middle of something.
    pub(super) fn restore(&self) {
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
