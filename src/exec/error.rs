//! Why the command was not started.

use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::report::escape;
use crate::report::lower;
use crate::report::path;
use crate::report::quoted;
use crate::typed::Typed;

/// Why we cannot become the command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value holds NUL.
    #[error("the value of {} contains NUL", escape(name))]
    Nul {
        /// The variable.
        name: String,
    },
    /// An argument holds NUL.
    #[error("an argument contains NUL")]
    NulInArgument,
    /// A redirect without a credential or an endpoint is never started.
    #[error("a redirect without a token or an endpoint is not started")]
    EmptyRedirect,
    /// The command was not found.
    #[error("{command}: not found")]
    NotFound {
        /// The command as typed.
        command: Typed,
        /// A suggestion.
        hint: Option<String>,
    },
    /// The command may not be run.
    #[error("{}: {}", quoted(path), if *directory { "is a directory" } else { "permission denied" })]
    Denied {
        /// The file.
        path: OsString,
        /// Whether it is a directory.
        directory: bool,
    },
    /// The program in a script's first line does not exist.
    #[error("{}: its interpreter or loader does not exist", quoted(path))]
    NoInterpreter {
        /// The script.
        path: OsString,
    },
    /// The kernel will not run it.
    #[error("{}: {}", quoted(path), lower(errno.desc()))]
    CannotRun {
        /// The file.
        path: OsString,
        /// The reason that the kernel gave.
        errno: Errno,
    },
    /// An argument is longer than the kernel accepts.
    #[error("an argument of {size} bytes is too long; the limit is {limit}")]
    ArgumentTooLong {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A variable is longer than the kernel accepts.
    #[error("{} is too long: {size} bytes; the limit is {limit}", escape(name))]
    VariableTooLong {
        /// The variable.
        name: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Arguments and environment together are larger than the kernel accepts.
    #[error(
        "arguments and environment are too large: {total} bytes; the largest is {} with {size}",
        escape(name)
    )]
    EnvironmentTooBig {
        /// The largest variable.
        name: String,
        /// Its size in bytes.
        size: usize,
        /// The size of all arguments and variables in bytes.
        total: usize,
    },
    /// The command that we became has become us again, and the key was handed out in the round
    /// before.
    #[error("the command that jackin-exec started has started jackin-exec again")]
    Again,
    /// The command leads back to us.
    #[error("{command} starts {} again and again", own(file.as_deref()))]
    Loop {
        /// The command as typed.
        command: Typed,
        /// Our own file, if it is known.
        file: Option<PathBuf>,
    },
}

/// Our own file, for messages.
fn own(file: Option<&Path>) -> String {
    match file {
        Some(file) => path(file),
        None => "jackin-exec".to_owned(),
    }
}

impl Error {
    /// The exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::NotFound { .. } => 127,
            Self::Denied { .. } | Self::NoInterpreter { .. } | Self::CannotRun { .. } => 126,
            Self::Nul { .. }
            | Self::NulInArgument
            | Self::EmptyRedirect
            | Self::ArgumentTooLong { .. }
            | Self::VariableTooLong { .. }
            | Self::EnvironmentTooBig { .. }
            | Self::Again
            | Self::Loop { .. } => 125,
        }
    }

    /// How to fix it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { hint: Some(hint), .. } => Some(escape(hint).into_owned()),
            Self::NotFound { command, .. } if command.as_str() == "claude" => {
                Some("install it with `npm install -g @anthropic-ai/claude-code`".to_owned())
            }
            Self::Again | Self::Loop { .. } => {
                Some("name the real command with its path".to_owned())
            }
            _ => None,
        }
    }
}
