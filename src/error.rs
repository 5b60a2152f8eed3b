//! Every failure: each stage has an error type with its own text and hint; here they become one
//! type with an exit status.

use nix::sys::signal::Signal;

use crate::choice;
use crate::cli;
use crate::command::auth;
use crate::config;
use crate::configuration;
use crate::exec;
use crate::files;
use crate::folder;
use crate::host;
use crate::launch;
use crate::managed;
use crate::picker;
use crate::report;
use crate::scope;
use crate::secret;
use crate::workspace;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line.
    #[error(transparent)]
    Cli(#[from] cli::Error),
    /// Our own process and its surroundings.
    #[error(transparent)]
    Host(#[from] host::Error),
    /// What the files may not set for root.
    #[error(transparent)]
    Configuration(#[from] configuration::Error),
    /// The text of a configuration file.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// Files and folders.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// A change of a key.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// The folders of exec.toml.
    #[error(transparent)]
    Folder(#[from] folder::Error),
    /// Keys of another tool.
    #[error(transparent)]
    Import(#[from] auth::ImportError),
    /// The workspace.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// The role.
    #[error(transparent)]
    Scope(#[from] scope::Error),
    /// The provider.
    #[error(transparent)]
    Choice(#[from] choice::Error),
    /// The question got no answer.
    #[error(transparent)]
    Picker(picker::Error),
    /// Managed settings of Claude Code, which forbid the redirect.
    #[error(transparent)]
    Managed(#[from] managed::Error),
    /// What a launch was asked for.
    #[error(transparent)]
    Launch(#[from] launch::Error),
    /// Fetching values.
    #[error(transparent)]
    Secret(secret::Error),
    /// Becoming the command.
    #[error(transparent)]
    Exec(#[from] exec::Error),
    /// A report that could not be written.
    #[error(transparent)]
    Report(#[from] report::Unwritten),
    /// A signal arrived while we asked or fetched.
    #[error("ended by {0}")]
    Signalled(Signal),
}

impl From<picker::Error> for Error {
    fn from(error: picker::Error) -> Self {
        match error {
            picker::Error::Signalled(signal) => Self::Signalled(signal),
            other => Self::Picker(other),
        }
    }
}

impl From<secret::Error> for Error {
    fn from(error: secret::Error) -> Self {
        match error {
            secret::Error::Signalled(signal) => Self::Signalled(signal),
            other => Self::Secret(other),
        }
    }
}

impl Error {
    /// The same error, with the place where an unknown name was found.
    #[must_use]
    pub(crate) fn found_in(self, place: &'static str) -> Self {
        match self {
            Self::Scope(error) => Self::Scope(error.found_in(place)),
            Self::Workspace(error) => Self::Workspace(error.found_in(place)),
            other => other,
        }
    }

    /// One text for each problem.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Config(config::Error::Names(offences))
            | Self::Files(files::Error::Config(config::Error::Names(offences))) => {
                offences.iter().map(config::Offence::to_string).collect()
            }
            Self::Secret(secret::Error::Values(failures)) => {
                failures.iter().map(secret::Failure::to_string).collect()
            }
            other => vec![other.to_string()],
        }
    }

    /// The exit status.
    pub(crate) const fn status(&self) -> u8 {
        match self {
            Self::Exec(error) => error.status(),
            Self::Picker(picker::Error::Cancelled) => 130,
            Self::Signalled(signal) => 128_u8.wrapping_add(*signal as u8),
            _ => 125,
        }
    }

    /// Tells the user: a message for each problem, and what to do about it.
    pub(crate) fn say(&self) {
        report::say_all(&self.lines(), self.hint().as_deref());
    }

    /// What to do about it, in one line.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Cli(error) => Some(error.hint()),
            Self::Host(error) => error.hint(),
            Self::Configuration(error) => Some(error.hint()),
            Self::Files(error) => error.hint(),
            Self::Auth(error) => error.hint(),
            Self::Folder(error) => Some(error.hint()),
            Self::Import(error) => error.hint(),
            Self::Workspace(error) => error.hint(),
            Self::Scope(error) => error.hint(),
            Self::Choice(error) => error.hint(),
            Self::Managed(error) => Some(error.hint()),
            Self::Launch(error) => error.hint(),
            Self::Secret(error) => error.hint(),
            Self::Exec(error) => error.hint(),
            Self::Config(_) | Self::Picker(_) | Self::Report(_) | Self::Signalled(_) => None,
        }
    }
}
