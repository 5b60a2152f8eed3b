//! Why nobody answered.

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::report::lower;

/// Why nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The question was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A signal ended the question.
    #[error("ended by {0}")]
    Signalled(Signal),
    /// The terminal does not do what a terminal does.
    #[error("the terminal: {}", lower(.0.desc()))]
    Terminal(Errno),
}
