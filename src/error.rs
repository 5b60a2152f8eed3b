//! Every failure, its words and its exit status. Fields are names, paths and positions, never a
//! value.

use std::fmt;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::command::auth;
use crate::config;
use crate::configuration;
use crate::exec;
use crate::files;
use crate::host;
use crate::launch;
use crate::managed;
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
            Self::Secret(error) => error.fmt(f),
            Self::Exec(error) => error.fmt(f),
            Self::Usage { what, .. } => write!(f, "{}", escape(what)),
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
    launch: Launch,
    exec: Exec
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
    /// The same, with a variable that is set and has a name that people expect, or that other
    /// tools use for the provider's key.
    #[must_use]
    pub fn guessed(
        mut self,
        elsewhere: impl Fn(&str) -> &'static [&'static str],
        is_set: impl Fn(&str) -> bool,
    ) -> Self {
        if let Self::NoKey { provider, key, others, .. } = &mut self {
            let expected = format!("{}_API_KEY", provider.to_ascii_uppercase().replace('-', "_"));
            let mut names = elsewhere(provider).iter().copied().chain([&*expected]);
            // If it is another provider's of the same vendor, the hint says so.
            let is_others = |name: &str| others.iter().any(|(_, variable)| variable == name);
            let found = names.find(|name| name != key && !is_others(name) && is_set(name));
            if let Some(name) = found.map(str::to_owned) {
                others.insert(0, (provider.clone(), name));
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

    /// One text for each thing that is wrong.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Config(config::Error::Names(offences)) => {
                offences.iter().map(config::Offence::to_string).collect()
            }
            Self::Secret(secret::Error::Values(failures)) => {
                failures.iter().map(secret::Failure::to_string).collect()
            }
            other => vec![other.to_string()],
        }
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
            Self::Files(error) => error.hint(),
            Self::Auth(error) => error.hint(),
            Self::Workspace(error) => error.hint(),
            Self::Managed(error) => Some(error.hint()),
            Self::Launch(error) => error.hint(),
            Self::Secret(error) => error.hint(),
            Self::Exec(error) => error.hint(),
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
