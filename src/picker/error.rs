//! Why a question got no answer.

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::report::lower;

/// Why a question got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The question was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A signal ended the question.
    #[error("ended by {0}")]
    Signalled(Signal),
    /// The terminal failed.
    #[error("the terminal: {}", lower(.0.desc()))]
    Terminal(Errno),
}
