//! Every failure, its words and its exit status. Fields are names, paths and positions, never a
//! value.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::configuration;
use crate::exec;
use crate::host;
use crate::launch;
use crate::report;
use crate::report::available;
use crate::report::escape;
use crate::report::list;
use crate::report::lower;
use crate::report::table_key;
use crate::secret;
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
    /// The workspace.
    Workspace(workspace::Error),
    /// What a launch was asked for.
    Launch(launch::Error),
    /// Fetching values.
    Secret(secret::Error),
    /// Becoming the command.
    Exec(exec::Error),
    /// The command line.
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A configuration file holds something that it may not.
    Config {
        /// Where.
        place: Place,
        /// What.
        problem: Problem,
    },
    /// Names and values that may not be used, all of them.
    Names(Vec<Offence>),
    /// A file or folder cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        errno: Errno,
    },
    /// Not a regular file: a device or a pipe may never end.
    NotRegular {
        /// Which.
        path: PathBuf,
    },
    /// Larger than anything that belongs there.
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit in bytes.
        limit: usize,
    },
    /// Anybody could have written it.
    WorldWritable {
        /// Which.
        path: PathBuf,
    },
    /// It belongs to another user.
    ForeignOwner {
        /// Which.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
    },
    /// A link to a file that is not there.
    DeadLink {
        /// Which.
        path: PathBuf,
    },
    /// A link in a folder of another user.
    ForeignLink {
        /// Which.
        path: PathBuf,
    },
    /// It changes while we read it.
    Changing {
        /// Which.
        path: PathBuf,
    },
    /// A file, folder or lock cannot be written.
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        errno: Errno,
    },
    /// Another program holds jackin's lock.
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that it names.
        holder: Option<u32>,
    },
    /// An entry stands in a form that cannot be changed without touching something else.
    Uneditable {
        /// Where.
        place: Place,
        /// The entry: its tables and its name.
        entry: Vec<String>,
    },
    /// What was given as a key is a reference to one.
    KeyIsReference {
        /// The option that takes such a reference.
        option: &'static str,
    },
    /// A provider that does not exist; what was typed may be a key and is not repeated.
    NoSuchProvider {
        /// The most similar of those that exist.
        nearest: Option<String>,
        /// Those that exist.
        known: Vec<String>,
    },
    /// A provider without a key has none that could be set or ignored.
    Keyless {
        /// The provider.
        provider: String,
    },
    /// exec.toml has the key, or a command that prints it, and would have to be emptied.
    WouldLoseKey {
        /// The variable.
        key: String,
    },
    /// Nobody can be asked for a key.
    NobodyToAskForKey {
        /// The variable.
        key: String,
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
    /// Managed settings of Claude Code decide what the redirect would.
    Managed {
        /// The file.
        path: PathBuf,
        /// The key in it.
        key: String,
    },
}

/// A position in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Place {
    /// The position after some text, with which the file begins.
    pub fn after(path: &Path, text: &str) -> Self {
        let line = text.matches('\n').count() + 1;
        let column = text.chars().rev().take_while(|&character| character != '\n').count() + 1;
        Self { path: path.to_owned(), line, column }
    }

    /// The error that there is something wrong here.
    pub fn wrong(self, problem: Problem) -> Error {
        Error::Config { place: self, problem }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", report::path(&self.path), self.line, self.column)
    }
}

/// What is wrong at a position. Holds nothing of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is no TOML; the parser's own words.
    Syntax(String),
    /// Something else was expected.
    Expected(&'static str),
    /// A number outside of a range.
    Range {
        /// The smallest.
        low: u32,
        /// The largest.
        high: u32,
    },
    /// A key that the file does not have.
    UnknownKey {
        /// The most similar of those that it has.
        nearest: Option<String>,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// A variable without a name.
    NameEmpty,
    /// A name that no environment can hold.
    NameCharacter,
    /// A name that jackin keeps for itself.
    NameReserved(&'static str),
    /// A value that no environment can hold.
    ValueNul,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(words) => write!(f, "{}", escape(words.replace('\n', ", ").trim())),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Range { low, high } => write!(f, "expected a whole number from {low} to {high}"),
            Self::UnknownKey { nearest: Some(nearest), .. } => {
                write!(f, "unknown key; did you mean {nearest}?")
            }
            Self::UnknownKey { nearest: None, known } => {
                write!(f, "unknown key; known are {}", known.join(", "))
            }
            Self::NameEmpty => write!(f, "a variable needs a name"),
            Self::NameCharacter => write!(f, "a variable's name may hold neither = nor NUL"),
            Self::NameReserved(name) => write!(f, "{name} is reserved by jackin"),
            Self::ValueNul => write!(f, "a value may not hold NUL"),
        }
    }
}

/// A name or value that may not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
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

impl fmt::Display for Error {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each failure: the words of the program in one place"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(error) => error.fmt(f),
            Self::Configuration(error) => error.fmt(f),
            Self::Workspace(error) => error.fmt(f),
            Self::Launch(error) => error.fmt(f),
            Self::Secret(error) => error.fmt(f),
            Self::Exec(error) => error.fmt(f),
            Self::Usage { what, .. } => write!(f, "{}", escape(what)),
            Self::Config { place, problem } => write!(f, "{place}: {problem}"),
            Self::Names(offences) => {
                for (index, Offence { place, problem }) in offences.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\njackin-exec: " };
                    write!(f, "{separator}{place}: {problem}")?;
                }
                Ok(())
            }
            Self::Unreadable { path, errno } => {
                write!(f, "{}: {}", report::path(path), lower(errno.desc()))
            }
            Self::NotRegular { path } => write!(f, "{}: not a regular file", report::path(path)),
            Self::TooLarge { path, limit } => {
                write!(f, "{}: larger than {} MiB", report::path(path), limit >> 20)
            }
            Self::WorldWritable { path } => {
                write!(
                    f,
                    "{}: may be written by everybody, so it is not trusted",
                    report::path(path)
                )
            }
            Self::ForeignOwner { path, owner } => {
                write!(
                    f,
                    "{}: belongs to another user ({owner}), so it is not trusted",
                    report::path(path)
                )
            }
            Self::DeadLink { path } => {
                write!(f, "{}: a link to a file that is not there", report::path(path))
            }
            Self::ForeignLink { path } => {
                write!(
                    f,
                    "{}: a link in another user's folder, so it is not followed",
                    report::path(path)
                )
            }
            Self::Changing { path } => {
                write!(f, "{}: changes while it is read", report::path(path))
            }
            Self::Unwritable { path, errno } => {
                write!(f, "{}: cannot be written: {}", report::path(path), lower(errno.desc()))
            }
            Self::Locked { path, holder: Some(holder) } => {
                write!(f, "{}: process {holder} has held the lock for 5 s", report::path(path))
            }
            Self::Locked { path, holder: None } => {
                write!(f, "{}: the lock has been held for 5 s", report::path(path))
            }
            Self::Uneditable { place, entry } => {
                write!(
                    f,
                    "{place}: {} cannot be changed without touching something else",
                    escape(&entry.join("."))
                )
            }
            Self::KeyIsReference { .. } => {
                write!(f, "what was given is a reference to a key, not a key")
            }
            Self::NoSuchProvider { known, .. } => {
                write!(f, "no such provider (available: {})", available(known))
            }
            Self::Keyless { provider } => write!(f, "provider {} needs no key", escape(provider)),
            Self::WouldLoseKey { key } => {
                write!(f, "what exec.toml says of {} in this scope would be lost", escape(key))
            }
            Self::NobodyToAskForKey { key } => {
                write!(f, "{} is asked for on a terminal, and there is none", escape(key))
            }
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
            Self::Managed { path, key } => write!(
                f,
                "{} decides {}, which a redirect would override; a policy of this machine is respected",
                report::path(path),
                escape(key)
            ),
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
    host: Host, configuration: Configuration, workspace: Workspace, launch: Launch, exec: Exec
);

impl From<secret::Error> for Error {
    fn from(error: secret::Error) -> Self {
        match error {
            secret::Error::Signalled(signal) => Self::Signalled(signal),
            other => Self::Secret(other),
        }
    }
}

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

    /// All offences, in the order of files and lines.
    pub fn names(mut offences: Vec<Offence>) -> Self {
        offences.sort_by(|one, other| one.place.cmp(&other.place));
        Self::Names(offences)
    }

    /// The exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::Exec(error) => error.status(),
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
            Self::Workspace(error) => error.hint(),
            Self::Launch(error) => error.hint(),
            Self::Secret(error) => error.hint(),
            Self::Exec(error) => error.hint(),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::WorldWritable { path } => Some(format!("chmod o-w {}", report::path(path))),
            Self::ForeignOwner { .. } => {
                Some("make it yours, or name its folder with --config-dir".to_owned())
            }
            Self::Unreadable { errno: Errno::ENOENT, .. } => {
                Some("the folder that --config-dir names must exist".to_owned())
            }
            Self::Unreadable { errno: Errno::ENOTDIR, .. } => Some(
                "the configuration is a folder with config.toml, exec.toml and workspaces/"
                    .to_owned(),
            ),
            Self::Unreadable { errno: Errno::EACCES, .. } => Some(
                "make it readable, or set HOME or --config-dir to a folder of yours".to_owned(),
            ),
            Self::DeadLink { .. } => Some("bring the file back, or remove the link".to_owned()),
            Self::ForeignLink { .. } => Some("run it as the user whose folder it is".to_owned()),
            Self::Changing { .. } => Some("try again when nothing writes it".to_owned()),
            Self::Locked { .. } => Some("try again when it has ended".to_owned()),
            Self::Uneditable { .. } => Some("change it by hand".to_owned()),
            Self::KeyIsReference { option } => Some(format!("give it with {option}")),
            Self::NobodyToAskForKey { .. } => Some(
                "give it with --stdin, or say where it is: --op, --env, --file or --command"
                    .to_owned(),
            ),
            Self::WouldLoseKey { .. } => Some(
                "put a # before its line and try again, or remove it with auth unset".to_owned(),
            ),
            Self::Keyless { .. } => {
                Some("a workspace's list of providers in exec.toml can leave it out".to_owned())
            }
            Self::Unknown { nearest: Some(nearest), .. }
            | Self::NoSuchProvider { nearest: Some(nearest), .. } => {
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
            Self::Managed { .. } => {
                Some("use --provider anthropic, or ask whoever manages this machine".to_owned())
            }
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
