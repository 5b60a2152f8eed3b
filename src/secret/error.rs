//! Why values could not be obtained. Fields are names, paths and numbers, never a value; a helper's
//! output has passed through the redactor.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::availability::Origin;
use crate::files;
use crate::plan::Need;
use crate::redact::Words;
use crate::report::escape;
use crate::report::joined;
use crate::report::lower;
use crate::report::path;
use crate::scope::Names;
use crate::typed::Typed;

/// Why fetching failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// All values that could not be obtained.
    #[error("{}", joined(.0))]
    Values(Vec<Failure>),
    /// The text given as a key cannot be one.
    #[error("{}: {reason}", escape(key))]
    Key {
        /// The variable.
        key: String,
        /// The reason.
        reason: Reason,
    },
    /// The descriptor that should hold a key cannot be read.
    #[error("{name}: {}", lower(errno.desc()))]
    Unreadable {
        /// The descriptor's name.
        name: &'static str,
        /// The reason.
        errno: Errno,
    },
    /// A descriptor held more than the limit for a value.
    #[error("{name}: larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The descriptor's name.
        name: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// A signal ended us.
    #[error("ended by {0}")]
    Signalled(Signal),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Values(failures) => failures.iter().find_map(|failure| failure.reason.hint()),
            Self::Key { reason, .. } => reason.hint(),
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Signalled(_) => None,
        }
    }
}

/// A value that could not be obtained.
#[derive(Debug)]
pub struct Failure {
    /// The scope, with its role and workspace; `None` if the variable names the file.
    pub layer: Option<String>,
    /// The variable.
    pub key: String,
    /// Where its value was looked for.
    pub reference: Option<String>,
    /// Why it was not found.
    pub reason: Reason,
}

impl Failure {
    pub(super) fn new(need: &Need<'_>, names: Names<'_>, reason: Reason) -> Self {
        let is_of_file = need.origin == Origin::File;
        let key = &need.key;
        Self {
            layer: if is_of_file { None } else { Some(need.origin.layer(names)) },
            key: if is_of_file { format!("{key}_FILE") } else { key.to_string() },
            // The variable itself.
            reference: need.reference().filter(|_| need.origin != Origin::Environment),
            reason,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(&self.key))?;
        if let Some(layer) = &self.layer {
            write!(f, " of {}", escape(layer))?;
        }
        match &self.reference {
            Some(reference) if self.layer.is_some() => write!(f, " ({})", escape(reference))?,
            Some(reference) => write!(f, ": {}", escape(reference))?,
            None => {}
        }
        write!(f, ": {}", self.reason)
    }
}

impl Reason {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::ShellInKey => "no shell runs here; use { command = […] } in exec.toml",
            Self::BeforeKey(_) | Self::SpaceInKey | Self::JsonAsKey => "give only the key",
            Self::ShortKey | Self::MaskedKey => "give the whole key",
            Self::UrlAsKey => "give the key; base_url in exec.toml takes a URL",
            Self::ShellAsKey => "say where the key is: --env NAME, or --command -- ARGV...",
            Self::PlaceholderKey => "give your own key in its place",
            Self::QuoteInKey => "remove the quotes",
            Self::OfAnother { id, label, key, .. } => {
                return Some(format!(
                    "give it a key of {label}; if this is one, [providers.{id}] with key_env = \"{key}\" in exec.toml turns this check off"
                ));
            }
            Self::NotFound { program } if program.as_str().contains(' ') => {
                "put each word of the command in quotes of its own: [\"pass\", \"show\", \"kimi\"]"
            }
            Self::NotFound { program } if program.as_str() == "op" => {
                "install 1Password's command-line tool, or put its folder into PATH"
            }
            Self::Failed { program, words, .. } if program.as_str() == "op" => {
                if words.have(&SIGNED_OUT) {
                    "sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN"
                } else if words.is_empty() {
                    // On a terminal, `op` has already printed the reason.
                    "if nobody is signed in: `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN"
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// The messages with which `op` says that no one is signed in.
const SIGNED_OUT: [&str; 5] = [
    "not currently signed in",
    "not signed in",
    "No accounts configured",
    "session expired",
    "op signin",
];

/// Why a value could not be obtained.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The variable is not set.
    #[error("the variable is not set")]
    HostVarUnset,
    /// It is not UTF-8.
    #[error("the value is not UTF-8")]
    NotUtf8,
    /// It holds NUL.
    #[error("the value contains NUL")]
    Nul,
    /// It is empty, which a key must not be.
    #[error("the key is empty")]
    Empty,
    /// It contains a line break or another control character, and a key cannot.
    #[error("the key contains a line break or another control character")]
    ControlInKey,
    /// It contains a character that is not ASCII, which a header cannot.
    #[error("the key contains a character that is not ASCII; it may be invisible")]
    ForeignInKey,
    /// A reference to 1Password that `op` could not read.
    #[error("it begins with op://, but is not op://VAULT/ITEM/[SECTION/]FIELD")]
    NoReference,
    /// The key is an unresolved reference.
    #[error("the value is an op:// reference, not a key")]
    ReferenceInKey,
    /// Text for a shell. No key has these characters.
    #[error("the key is a command for a shell: it contains $( or a backtick")]
    ShellInKey,
    /// A key with what stood before it where it was copied.
    #[error("the key begins with {0}, which is no part of it")]
    BeforeKey(&'static str),
    /// A key that a person gave, with a blank in it.
    #[error("the key contains a space")]
    SpaceInKey,
    /// A text that is too short for a key.
    #[error("what was given is too short for a key")]
    ShortKey,
    /// JSON in place of a key.
    #[error("what was given is JSON, not a key")]
    JsonAsKey,
    /// A URL in place of a key.
    #[error("what was given is a URL, not a key")]
    UrlAsKey,
    /// A variable or a command, which a shell would replace by a key.
    #[error("what was given is text for a shell, and no shell runs here")]
    ShellAsKey,
    /// A key of which only a part is shown.
    #[error("what was given is masked, not the whole key")]
    MaskedKey,
    /// A text of an example.
    #[error("what was given is a placeholder, not a key")]
    PlaceholderKey,
    /// A key in quotes.
    #[error("the key begins or ends with a quote")]
    QuoteInKey,
    /// A key that is known to belong to another vendor.
    #[error("the key begins like a key of {vendor}, and would be sent to {label}")]
    OfAnother {
        /// The vendor whose keys begin like this one.
        vendor: &'static str,
        /// The provider.
        id: &'static str,
        /// Its display name.
        label: &'static str,
        /// The variable.
        key: String,
    },
    /// A file that is named by a relative path.
    #[error("the file needs an absolute path")]
    RelativePath,
    /// The file cannot be used.
    #[error("{}", of_file(.0))]
    File(files::Error),
    /// The helper is not installed.
    #[error("{program} {}", not_found(program))]
    NotFound {
        /// The program.
        program: Typed,
    },
    /// The helper cannot be started.
    #[error("{program} cannot be run: {}", lower(errno.desc()))]
    CannotRun {
        /// The program.
        program: Typed,
        /// The reason.
        errno: Errno,
    },
    /// As root, from a file that root does not own.
    #[error("as root, commands run only from files that root owns, and {} is not one", path(.0))]
    CommandOfAnother(PathBuf),
    /// The helper failed.
    #[error("{program} ended with {code}{}{words}", if words.is_empty() { "" } else { ": " })]
    Failed {
        /// The program.
        program: Typed,
        /// Its status, or 128 and the signal that ended it.
        code: i32,
        /// What it printed on stderr.
        words: Words,
    },
    /// The helper was stopped because it tried to use the terminal.
    #[error("{program} was stopped, because it tried to use the terminal")]
    Stopped {
        /// The program.
        program: Typed,
    },
    /// The helper took too long.
    #[error("{program} took longer than {}", time(*after))]
    TimedOut {
        /// The program.
        program: Typed,
        /// How long it was given.
        after: Duration,
    },
    /// The helper printed more than the limit for a value.
    #[error("{program} printed more than 1 MiB")]
    TooMuch {
        /// The program.
        program: Typed,
    },
}

fn time(after: Duration) -> String {
    match after.subsec_millis() {
        0 => format!("{} s", after.as_secs()),
        _ => format!("{} ms", after.as_millis()),
    }
}

/// Without the path: the reference that precedes it is the path.
fn of_file(error: &files::Error) -> String {
    match error {
        files::Error::Unreadable { errno, .. } => lower(errno.desc()),
        files::Error::NotRegular { .. } => "not a regular file".to_owned(),
        files::Error::TooLarge { limit, .. } => format!("larger than {} MiB", limit >> 20),
        other => other.to_string(),
    }
}

fn not_found(program: &Typed) -> &'static str {
    if program.as_str().starts_with('/') {
        "does not exist or cannot be executed"
    } else if program.as_str().contains('/') {
        "needs an absolute path"
    } else {
        "is not in PATH (relative entries are skipped)"
    }
}
