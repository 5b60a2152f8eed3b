//! The size of a terminal's window.

#![expect(unsafe_code, reason = "an ioctl without a safe wrapper")]

use std::os::fd::AsFd;
use std::os::fd::AsRawFd;

use nix::libc;

/// How many rows a terminal's window has; `None` if it does not report it.
pub(crate) fn rows(terminal: impl AsFd) -> Option<usize> {
    let mut size = std::mem::MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: the descriptor is open, and the structure is what this request fills.
    let known =
        unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) }
            == 0;
    // SAFETY: all zeros are a valid window size.
    Some(usize::from(unsafe { size.assume_init() }.ws_row)).filter(|&rows| known && rows > 0)
}

/// How many columns the terminal on a descriptor has; `None` if it is not a terminal or does not
/// know.
pub(crate) fn columns(file: &impl AsRawFd) -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel writes one winsize to ours.
    let answer = unsafe { libc::ioctl(file.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (answer == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}
