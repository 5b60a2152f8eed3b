//! The size of a terminal's window.

#![expect(unsafe_code, reason = "an ioctl without a safe wrapper")]

use std::os::fd::AsFd;
use std::os::fd::AsRawFd;

use nix::libc;

/// How many rows a terminal's window has; `None` if it does not report it.
pub(crate) fn rows(terminal: impl AsFd) -> Option<usize> {
    known(window(terminal)?.ws_row)
}

/// How many columns it has, likewise.
pub(crate) fn columns(terminal: impl AsFd) -> Option<usize> {
    known(window(terminal)?.ws_col)
}

/// The window of a terminal; `None` if the descriptor is none.
fn window(terminal: impl AsFd) -> Option<libc::winsize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is open, and the kernel writes one winsize to ours.
    let answer =
        unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    if answer == 0 { Some(size) } else { None }
}

/// A length that the terminal tells: 0 means that it does not know.
fn known(length: u16) -> Option<usize> {
    if length > 0 { Some(usize::from(length)) } else { None }
}
