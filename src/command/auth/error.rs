//! What `auth` cannot do, and what to do instead. No message repeats what was given as a key.

use crate::command::auth::request::Verb;
use crate::report::available;
use crate::report::did_you_mean;
use crate::report::escape;

/// Why a key is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Options that contradict each other, or a reference that cannot be one.
    #[error("{what}")]
    Usage {
        /// What is wrong.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A reference was given where a key is expected.
    #[error("what was given is a reference to a key, not a key")]
    KeyIsReference {
        /// The option that accepts such a reference.
        option: &'static str,
    },
    /// A provider that does not exist. What was typed may be a key, so it is not repeated.
    #[error("no such provider (available: {})", available(known))]
    NoSuchProvider {
        /// The most similar provider that exists.
        nearest: Option<String>,
        /// The providers that exist.
        known: Vec<String>,
    },
    /// A provider that has no key to set.
    #[error("provider {} needs no key", escape(provider))]
    Keyless {
        /// The provider.
        provider: String,
        /// What was to be done with the key.
        verb: Verb,
        /// Whether the provider's row names models.
        has_models: bool,
    },
    /// `auth import` with a provider: the files say whose each key is.
    #[error("auth import takes no provider: the files say whose each key is")]
    ProviderOfImport,
    /// There is no terminal to ask for a key.
    #[error("{} is asked for on a terminal, and there is none", escape(key))]
    NobodyToAsk {
        /// The variable.
        key: String,
    },
}

impl Error {
    /// What to do about it, in one line.
    pub(crate) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Usage { hint, .. } => (*hint).to_owned(),
            Self::KeyIsReference { option } => format!("give it with {option}"),
            Self::NoSuchProvider { nearest, .. } => {
                return nearest.as_deref().map(did_you_mean);
            }
            Self::Keyless { provider, verb: Verb::Set, has_models } => {
                format!("start it with {}", launch(provider, *has_models))
            }
            Self::Keyless { provider, .. } => {
                format!("jackin-exec auth ignore {} stops offering it", escape(provider))
            }
            Self::ProviderOfImport => "jackin-exec auth set PROVIDER sets one key".to_owned(),
            Self::NobodyToAsk { .. } => {
                "give it with --stdin, or say where it is: --op, --env, --file or --command"
                    .to_owned()
            }
        })
    }
}

/// The command line that starts the client on a provider.
pub(super) fn launch(provider: &str, has_models: bool) -> String {
    let model = if has_models { "" } else { " -m MODEL" };
    format!("jackin-exec -p {}{model}", escape(provider))
}
