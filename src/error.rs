//! Every failure, its words and its exit status. Fields are names, paths and positions, never a
//! value.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::command::auth;
use crate::config;
use crate::configuration;
use crate::files;
use crate::host;
use crate::launch;
use crate::managed;
use crate::report;
use crate::report::available;
use crate::report::escape;
use crate::report::list;
use crate::report::lower;
use crate::report::quoted;
use crate::report::table_key;
use crate::typed::Typed;
use crate::workspace;

pub use crate::typed::nearest;
pub use crate::warning::Warning;

/// What can go wrong: one variant for each thing that a person would do something different about.
#[derive(Debug)]
pub enum Error {
    /// Our own process and its surroundings.
    Host(host::Error),
    /// What the files say for root.
    Configuration(configuration::Error),
    /// The text of a configuration file.
    Config(config::Error),
    /// Files and folders.
    Files(files::Error),
    /// A change of a key.
    Auth(auth::Error),
    /// The workspace.
    Workspace(workspace::Error),
    /// Managed settings of Claude Code, which forbid the redirect.
    Managed(managed::Error),
    /// What a launch was asked for.
    Launch(launch::Error),
    /// The command line.
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// What was given as a key cannot be one.
    Key {
        /// The variable.
        key: String,
        /// Why.
        reason: Reason,
    },
    /// A provider or role that does not exist.
    Unknown {
        /// Of which kind.
        kind: Kind,
        /// What was named.
        name: Typed,
        /// Where, if not on the command line or in a variable.
        place: &'static str,
        /// The most similar of those that exist.
        nearest: Option<String>,
        /// Those that exist.
        known: Vec<String>,
    },
    /// A role that is stored under a name that jackin never looks for.
    RoleCase {
        /// As it is stored.
        stored: String,
    },
    /// A workspace does not allow a role.
    RoleNotAllowed {
        /// The role.
        role: String,
        /// The workspace.
        workspace: String,
        /// What it allows.
        allowed: Vec<String>,
    },
    /// A provider was named but has no key.
    NoKey {
        /// The provider.
        provider: String,
        /// The variable of its key.
        key: String,
        /// Why there is none.
        missing: Missing,
        /// Providers of the same house that have one, with their variables; and the provider
        /// itself with a variable that is set and has the name that people expect.
        others: Vec<(String, String)>,
    },
    /// A workspace's list does not hold the provider.
    NotAllowed {
        /// The provider.
        provider: String,
        /// Whose list.
        workspace: String,
        /// What it holds.
        allowed: Vec<String>,
    },
    /// No provider is both available and allowed.
    NothingAllowed {
        /// Whose lists.
        workspaces: Vec<String>,
        /// What they hold.
        allowed: Vec<String>,
    },
    /// The question was cancelled.
    Cancelled,
    /// A signal ended us while we asked or fetched.
    Signalled(Signal),
    /// The terminal does not do what a terminal does.
    Terminal(Errno),
    /// Values that could not be had, all of them.
    Values(Vec<Failure>),
    /// A value holds NUL.
    Nul {
        /// The variable.
        name: String,
    },
    /// An argument holds NUL.
    NulInArgument,
    /// A redirect without a credential or an endpoint is never started.
    EmptyRedirect,
    /// The command is nowhere.
    NotFound {
        /// As typed.
        command: OsString,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// The command may not be run.
    Denied {
        /// The file.
        path: OsString,
        /// Whether it is a directory.
        directory: bool,
    },
    /// The program in a script's first line is not there.
    NoInterpreter {
        /// The script.
        path: OsString,
    },
    /// The kernel will not run it.
    CannotRun {
        /// The file.
        path: OsString,
        /// Why.
        errno: Errno,
    },
    /// An argument is longer than the kernel takes.
    ArgumentTooLong {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The environment is larger than the kernel takes.
    EnvironmentTooBig {
        /// The largest variable.
        name: String,
        /// Its size in bytes.
        size: usize,
        /// The size of all arguments and variables in bytes.
        total: usize,
        /// Whether the one variable alone is too long.
        single: bool,
    },
    /// The command leads back to us.
    Loop {
        /// As typed.
        command: OsString,
        /// Our own file.
        file: OsString,
    },
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A provider.
    Provider,
    /// A role.
    Role,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider",
            Self::Role => "role",
        })
    }
}

/// Why a provider has no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No scope declares it and the environment does not hold it.
    Nowhere,
    /// The winning scope says the empty string.
    Empty {
        /// The scope.
        scope: &'static str,
    },
    /// The winning scope leaves it to jackin's container.
    OnDemand {
        /// The scope.
        scope: &'static str,
    },
    /// The winning scope refers to a variable that is not set, or empty.
    HostVar {
        /// The variable.
        variable: String,
        /// The scope.
        scope: &'static str,
    },
    /// jackin's configuration says not to use it.
    Ignored,
}

impl Missing {
    /// Why, for one line.
    pub fn text(&self, key: &str) -> String {
        match self {
            Self::Nowhere => format!("{key} is not set"),
            Self::Empty { scope } => format!("{key} is empty in the {scope} scope"),
            Self::OnDemand { scope } => format!("{key} is on_demand in the {scope} scope"),
            Self::HostVar { variable, scope } => {
                format!("{key} in the {scope} scope is ${variable}, which is not set or empty")
            }
            Self::Ignored => "[kimi] auth_forward in jackin's configuration says ignore".to_owned(),
        }
    }
}

/// A value that could not be had.
#[derive(Debug)]
pub struct Failure {
    /// The scope, with its role and workspace.
    pub layer: String,
    /// The variable.
    pub key: String,
    /// Where its value was looked for.
    pub reference: Option<String>,
    /// Why it was not found.
    pub reason: Reason,
}

/// Why a value could not be had.
#[derive(Debug)]
pub enum Reason {
    /// Its helper was not run.
    NotRun,
    /// The variable is not set.
    HostVarUnset,
    /// It is not UTF-8.
    NotUtf8,
    /// It holds NUL.
    Nul,
    /// It is empty, and a key may not be.
    Empty,
    /// It holds a line break or another control character, and a key cannot.
    ControlInKey,
    /// It holds a character that is not ASCII, which no header can.
    ForeignInKey,
    /// A file that is named by a relative path.
    RelativePath,
    /// The file cannot be used.
    File(files::Error),
    /// The helper is not installed.
    NotFound(String),
    /// The helper cannot be started.
    CannotRun {
        /// The program.
        program: String,
        /// Why.
        errno: Errno,
    },
    /// As root, from a file that root does not own.
    CommandOfAnother(PathBuf),
    /// The helper failed.
    Failed {
        /// The program.
        program: String,
        /// Its status, or 128 and the signal that ended it.
        code: i32,
        /// What it said on stderr.
        words: String,
    },
    /// The helper was stopped: it wants a terminal that it cannot have.
    Stopped {
        /// The program.
        program: String,
    },
    /// The helper took too long.
    TimedOut {
        /// The program.
        program: String,
        /// How long it was given.
        after: Duration,
    },
    /// The helper said more than a value can be.
    TooMuch {
        /// The program.
        program: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun => write!(f, "it was not fetched"),
            Self::HostVarUnset => write!(f, "the variable is not set"),
            Self::NotUtf8 => write!(f, "the value is not UTF-8"),
            Self::Nul => write!(f, "the value holds NUL"),
            Self::Empty => write!(f, "the key is empty"),
            Self::ControlInKey => {
                write!(f, "the key holds a line break or another control character")
            }
            Self::ForeignInKey => {
                write!(f, "the key holds a character that is not ASCII; it may be invisible")
            }
            Self::RelativePath => write!(f, "the file needs an absolute path"),
            // The reference that stands before it is the path.
            Self::File(error) => match error {
                files::Error::Unreadable { errno, .. } => write!(f, "{}", lower(errno.desc())),
                files::Error::NotRegular { .. } => write!(f, "not a regular file"),
                files::Error::TooLarge { limit, .. } => {
                    write!(f, "larger than {} MiB", limit >> 20)
                }
                other => write!(f, "{other}"),
            },
            Self::NotFound(program) if program.starts_with('/') => {
                write!(f, "{} is not there, or is no program", escape(program))
            }
            Self::NotFound(program) if program.contains('/') => {
                write!(f, "{} needs an absolute path", escape(program))
            }
            Self::NotFound(program) => {
                write!(f, "{} was not found in the absolute entries of PATH", escape(program))
            }
            Self::CannotRun { program, errno } => {
                write!(f, "{program} cannot be run: {}", lower(errno.desc()))
            }
            Self::CommandOfAnother(path) => {
                write!(
                    f,
                    "as root, a command is run only from a file of root's own, which {} is not",
                    report::path(path)
                )
            }
            Self::Failed { program, code, words } => {
                write!(f, "{program} ended with {code}")?;
                for line in words.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    write!(f, ": {}", escape(line))?;
                }
                Ok(())
            }
            Self::Stopped { program } => {
                write!(f, "{program} was stopped, because it wants the terminal")
            }
            Self::TimedOut { program, after } => {
                write!(f, "{program} took longer than {} s", after.as_secs())
            }
            Self::TooMuch { program } => write!(f, "{program} said more than 1 MiB"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(error) => error.fmt(f),
            Self::Configuration(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Files(error) => error.fmt(f),
            Self::Auth(error) => error.fmt(f),
            Self::Workspace(error) => error.fmt(f),
            Self::Managed(error) => error.fmt(f),
            Self::Launch(error) => error.fmt(f),
            Self::Usage { what, .. } => write!(f, "{}", escape(what)),
            Self::Key { key, reason } => write!(f, "{}: {reason}", escape(key)),
            Self::Unknown { kind, name, place, known, .. } => {
                write!(f, "no {kind} named {name}{place} (available: {})", available(known))
            }
            Self::RoleCase { stored } => write!(
                f,
                "role {} is never used, because jackin looks for {}: names of roles are lower case",
                escape(stored),
                escape(&stored.to_ascii_lowercase())
            ),
            Self::RoleNotAllowed { role, workspace, allowed } => write!(
                f,
                "workspace {} does not allow role {}; it allows {}",
                escape(workspace),
                escape(role),
                list(allowed)
            ),
            Self::NoKey { provider, key, missing, .. } => {
                write!(f, "provider {} has no key: {}", escape(provider), missing.text(key))
            }
            Self::NotAllowed { provider, workspace, allowed } => write!(
                f,
                "workspace {} does not allow provider {}; it allows {}",
                escape(workspace),
                escape(provider),
                list(allowed)
            ),
            Self::NothingAllowed { workspaces, allowed } if allowed.is_empty() => {
                write!(f, "workspace {} allows no provider", list(workspaces))
            }
            Self::NothingAllowed { workspaces, allowed } => {
                write!(
                    f,
                    "workspace {} allows {}, and none of them has a key",
                    list(workspaces),
                    list(allowed)
                )
            }
            Self::Cancelled => write!(f, "cancelled"),
            Self::Signalled(signal) => write!(f, "ended by {signal}"),
            Self::Terminal(errno) => write!(f, "the terminal: {}", lower(errno.desc())),
            Self::Values(failures) => {
                for (index, failure) in failures.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\njackin-exec: " };
                    write!(f, "{separator}{} of {}", escape(&failure.key), escape(&failure.layer))?;
                    if let Some(reference) = &failure.reference {
                        write!(f, " ({})", escape(reference))?;
                    }
                    write!(f, ": {}", failure.reason)?;
                }
                Ok(())
            }
            Self::Nul { name } => write!(f, "the value of {} holds NUL", escape(name)),
            Self::NulInArgument => write!(f, "an argument holds NUL"),
            Self::EmptyRedirect => {
                write!(f, "a redirect without a token or an endpoint is not started")
            }
            Self::NotFound { command, .. } => write!(f, "{}: not found", quoted(command)),
            Self::Denied { path, directory: true } => write!(f, "{}: is a directory", quoted(path)),
            Self::Denied { path, directory: false } => {
                write!(f, "{}: permission denied", quoted(path))
            }
            Self::NoInterpreter { path } => {
                write!(f, "{}: its interpreter or loader is not there", quoted(path))
            }
            Self::CannotRun { path, errno } => {
                write!(f, "{}: {}", quoted(path), lower(errno.desc()))
            }
            Self::ArgumentTooLong { size, limit } => {
                write!(f, "an argument of {size} bytes is too long; the limit is {limit}")
            }
            Self::EnvironmentTooBig { name, size, single: true, .. } => {
                write!(f, "{} is too long: {size} bytes; the limit is 131072", escape(name))
            }
            Self::EnvironmentTooBig { name, size, total, single: false } => write!(
                f,
                "arguments and environment are too large: {total} bytes; the largest is {} with {size}",
                escape(name)
            ),
            Self::Loop { command, file } => {
                write!(f, "{} leads back to {} again and again", quoted(command), quoted(file))
            }
        }
    }
}

impl std::error::Error for Error {}

macro_rules! collect {
    ($($stage:ident: $variant:ident),*) => {$(
        impl From<$stage::Error> for Error {
            fn from(error: $stage::Error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

collect!(
    config: Config,
    files: Files,
    managed: Managed,
    auth: Auth,
    host: Host,
    configuration: Configuration,
    workspace: Workspace,
    launch: Launch
);

impl Error {
    /// The same, with a variable that is set and has the name that people expect.
    #[must_use]
    pub fn guessed(mut self, is_set: impl Fn(&str) -> bool) -> Self {
        if let Self::NoKey { provider, key, others, .. } = &mut self {
            let expected = format!("{}_API_KEY", provider.to_ascii_uppercase().replace('-', "_"));
            if expected != *key && is_set(&expected) {
                others.insert(0, (provider.clone(), expected));
            }
        }
        self
    }

    /// The same, where a variable named what is not there.
    #[must_use]
    pub fn said_by(self, variable: &'static str) -> Self {
        match self {
            Self::Unknown { kind, name, nearest, known, .. } => {
                Self::Unknown { kind, name, place: variable, nearest, known }
            }
            Self::Workspace(error) => Self::Workspace(error.said_by(variable)),
            other => other,
        }
    }

    /// The exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::NotFound { .. } => 127,
            Self::Denied { .. } | Self::NoInterpreter { .. } | Self::CannotRun { .. } => 126,
            Self::Cancelled => 130,
            Self::Signalled(signal) => 128_u8.wrapping_add(*signal as u8),
            _ => 125,
        }
    }

    /// What to do about it, in one line.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Host(error) => error.hint(),
            Self::Configuration(error) => Some(error.hint()),
            Self::Files(error) => error.hint(),
            Self::Auth(error) => error.hint(),
            Self::Workspace(error) => error.hint(),
            Self::Managed(error) => Some(error.hint()),
            Self::Launch(error) => error.hint(),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Unknown { nearest: Some(nearest), .. } => {
                Some(format!("did you mean {}?", escape(nearest)))
            }
            Self::RoleCase { stored } => {
                let (stored, lower) = (escape(stored), escape(stored).to_ascii_lowercase());
                Some(format!("rename [roles.\"{stored}\"] to [roles.\"{lower}\"]"))
            }
            Self::NoKey { provider, key, missing, others } => {
                Some(key_hint(provider, key, missing, others))
            }
            Self::NotAllowed { workspace, .. } => Some(format!(
                "the list is `providers` of [workspaces.{}] in exec.toml",
                table_key(workspace)
            )),
            Self::NothingAllowed { allowed, .. } if allowed.is_empty() => {
                Some("change the list in exec.toml".to_owned())
            }
            Self::NothingAllowed { .. } => {
                Some("give one of them a key, or change the list in exec.toml".to_owned())
            }
            Self::Values(failures) => failures.iter().find_map(value_hint),
            Self::NotFound { hint: Some(hint), .. } => Some(escape(hint).into_owned()),
            Self::NotFound { command, .. } if command == "claude" => {
                Some("install it with: npm install -g @anthropic-ai/claude-code".to_owned())
            }
            Self::Loop { .. } => Some("name the real command with its path".to_owned()),
            _ => None,
        }
    }
}

fn key_hint(provider: &str, key: &str, missing: &Missing, others: &[(String, String)]) -> String {
    if let (Missing::Nowhere, Some((other, variable))) = (missing, others.first()) {
        if other == provider {
            return format!("{} is set, but the name is {key}", escape(variable));
        }
        return format!(
            "{} is set, which is the key of provider {}; for {} set {key} (environment, or [env] in config.toml)",
            escape(variable),
            escape(other),
            escape(provider)
        );
    }
    match missing {
        Missing::Nowhere => {
            format!(
                "jackin-exec auth set {} asks for it; or set {key} in the environment",
                escape(provider)
            )
        }
        Missing::Empty { scope: "global" } => {
            format!("jackin-exec auth set {} gives it one", escape(provider))
        }
        Missing::Empty { .. } => format!("give {key} a value there, or remove it there"),
        Missing::OnDemand { .. } => {
            format!(
                "jackin fetches it inside its container only; for this host declare {key} in the same scope of exec.toml"
            )
        }
        Missing::HostVar { variable, .. } => {
            format!("export {variable}, or declare {key} otherwise")
        }
        Missing::Ignored => {
            format!(
                "jackin-exec auth set {} offers it again, in the scope that says so",
                escape(provider)
            )
        }
    }
}

fn value_hint(failure: &Failure) -> Option<String> {
    match &failure.reason {
        Reason::NotFound(program) if program == "op" => {
            Some("install 1Password's command-line tool, or put its folder into PATH".to_owned())
        }
        Reason::Failed { program, words, .. } if program == "op" && is_signed_out(words) => {
            Some("sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN".to_owned())
        }
        // On a terminal it has said why by itself.
        Reason::Failed { program, words, .. } if program == "op" && words.is_empty() => {
            Some("if nobody is signed in: `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN".to_owned())
        }
        _ => None,
    }
}

/// Whether `op` says in one of its ways that nobody is signed in.
fn is_signed_out(words: &str) -> bool {
    [
        "not currently signed in",
        "not signed in",
        "No accounts configured",
        "session expired",
        "op signin",
    ]
    .iter()
    .any(|known| words.contains(known))
}
