//! Why no provider could be chosen.

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::availability::Missing;
use crate::catalog;
use crate::report::available;
use crate::report::did_you_mean;
use crate::report::escape;
use crate::report::list;
use crate::scope::Owner;
use crate::scope::Policy;
use crate::typed::Typed;

/// Why no provider could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No provider has this id.
    #[error("no provider named {name}{place} (available: {})", available(known))]
    Unknown {
        /// The name that was given.
        name: Typed,
        /// Where the name was found, if not on the command line.
        place: &'static str,
        /// The most similar known provider.
        nearest: Option<String>,
        /// The known providers.
        known: Vec<String>,
    },
    /// A provider was named but has no key.
    #[error("provider {} has no key: {}", escape(provider), missing.text(key))]
    NoKey {
        /// The provider.
        provider: String,
        /// The variable that holds its key.
        key: String,
        /// Why the key is missing.
        missing: Missing,
        /// A variable that is set and may have been meant.
        other: Option<Box<OtherKey>>,
        /// What the provider's row says about its keys.
        row: Box<OfRow>,
    },
    /// The configuration excludes the provider that was named.
    #[error("provider {} is not used here: {}", escape(provider), missing.text(""))]
    Ignored {
        /// The provider.
        provider: String,
        /// The variable that holds its key; empty if it needs none.
        key: String,
        /// Why it is excluded.
        missing: Missing,
    },
    /// The list of a workspace or a folder does not include the provider.
    #[error("{owner} does not allow provider {}; it allows {}", escape(provider), list(allowed))]
    NotAllowed {
        /// The provider.
        provider: String,
        /// The workspace or folder with the list.
        owner: Owner,
        /// The providers in the list.
        allowed: Vec<String>,
    },
    /// No provider is both available and allowed.
    #[error("{} {}", list(owners), Self::nothing(owners, allowed))]
    NothingAllowed {
        /// The workspaces and folders with the lists.
        owners: Vec<String>,
        /// The providers that all of the lists allow.
        allowed: Vec<String>,
    },
    /// No provider is available, as Anthropic is ignored.
    #[error(
        "no provider can be used: none has a key, and Anthropic is ignored by [ignore] in exec.toml"
    )]
    Nothing,
}

/// What a provider's row says about its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRow {
    /// Where to get one.
    page: Option<String>,
    /// The names that other tools use for its variable.
    elsewhere: Vec<String>,
}

/// A variable that is set although the provider's own key variable is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherKey {
    /// The name that people expect for this provider's key.
    Expected {
        /// The variable.
        variable: String,
    },
    /// The key of another provider of the same vendor.
    OfProvider {
        /// The other provider.
        provider: String,
        /// Its variable.
        variable: String,
    },
}

impl Error {
    /// Why a provider that was named cannot be used.
    pub(super) fn unusable(
        candidate: &Candidate<'_>,
        missing: &Missing,
        candidates: &[Candidate<'_>],
    ) -> Self {
        let provider = candidate.provider.id.to_string();
        if matches!(missing, Missing::Ignored { .. }) {
            let key = candidate.provider.key_env().map_or("", |name| name.as_str()).to_owned();
            return Self::Ignored { provider, key, missing: missing.clone() };
        }
        let other = same_vendor(&provider, candidates).map(Box::new);
        let key = candidate.provider.key_env().map_or("its key", |name| name.as_str()).to_owned();
        let elsewhere = candidate.provider.facts.key_env_elsewhere();
        let row = Box::new(OfRow {
            page: candidate.provider.key_page().map(str::to_owned),
            elsewhere: elsewhere.into_iter().map(str::to_owned).collect(),
        });
        Self::NoKey { provider, key, missing: missing.clone(), other, row }
    }

    pub(super) fn nothing_allowed(policies: &[Policy]) -> Self {
        if policies.is_empty() {
            return Self::Nothing;
        }
        let owners = policies.iter().map(|policy| policy.owner.to_string()).collect();
        let mut allowed = Vec::new();
        for provider in policies.iter().flat_map(|policy| &policy.providers) {
            let by_all = policies.iter().all(|policy| policy.providers.contains(provider));
            if by_all && !allowed.contains(provider) {
                allowed.push(provider.clone());
            }
        }
        Self::NothingAllowed { owners, allowed }
    }

    fn nothing(owners: &[String], allowed: &[String]) -> String {
        let allow = if owners.len() == 1 { "allows" } else { "together allow" };
        if allowed.is_empty() {
            format!("{allow} no provider")
        } else {
            format!("{allow} {}, and none of them has a key", list(allowed))
        }
    }

    /// Adds a variable that is set and whose name people expect, or other tools use, for the
    /// provider's key.
    #[must_use]
    pub fn guessed(mut self, is_set: impl Fn(&str) -> bool) -> Self {
        let Self::NoKey { provider, key, other, row, .. } = &mut self else {
            return self;
        };
        let expected = format!("{}_API_KEY", provider.to_ascii_uppercase().replace('-', "_"));
        for name in row.elsewhere.iter().map(String::as_str).chain([&*expected]) {
            // If the key belongs to another provider of the same vendor, the hint says so.
            let is_others = matches!(
                other.as_deref(),
                Some(OtherKey::OfProvider { variable, .. }) if variable == name
            );
            if name != key && !is_others && is_set(name) {
                *other = Some(Box::new(OtherKey::Expected { variable: name.to_owned() }));
                break;
            }
        }
        self
    }

    /// How to fix it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => nearest.as_deref().map(did_you_mean),
            Self::NoKey {
                provider,
                key,
                missing: Missing::Nowhere | Missing::EmptyVariable,
                other: Some(other),
                ..
            } => Some(other.hint(provider, key)),
            Self::NoKey { provider, key, missing, row, .. } => {
                Some(missing.hint(provider, key, row.page.as_deref()))
            }
            Self::Ignored { provider, key, missing } => Some(missing.hint(provider, key, None)),
            Self::NotAllowed { owner, .. } => {
                Some(format!("the list is `providers` of {} in exec.toml", owner.table()))
            }
            Self::NothingAllowed { allowed, .. } if allowed.is_empty() => {
                Some("change the list in exec.toml".to_owned())
            }
            Self::Nothing => Some(
                "jackin-exec auth set kimi asks for a key; or remove anthropic = true".to_owned(),
            ),
            Self::NothingAllowed { .. } => {
                Some("give one of them a key, or change the list in exec.toml".to_owned())
            }
        }
    }
}

impl OtherKey {
    fn hint(&self, provider: &str, key: &str) -> String {
        match self {
            Self::Expected { variable } => {
                format!("{} is set, but the name is {key}", escape(variable))
            }
            Self::OfProvider { provider: other, variable } => format!(
                "{} is set, which is the key of provider {}; jackin-exec auth set {} asks for {key}; or set it in the environment",
                escape(variable),
                escape(other),
                escape(provider)
            ),
        }
    }
}

/// The first provider of the same vendor that does have a key: it may have been meant for this one.
/// Servers on this machine have no vendor in common.
fn same_vendor(id: &str, candidates: &[Candidate<'_>]) -> Option<OtherKey> {
    let vendor = catalog::find(id).filter(|preset| !preset.local)?.vendor;
    for candidate in candidates {
        let provider = &candidate.provider;
        let is_of_vendor = catalog::find(&provider.id).is_some_and(|one| one.vendor == vendor);
        if let Some(name) = provider.key_env()
            && is_of_vendor
            && *provider.id != *id
            && matches!(candidate.availability, Availability::Key(_))
        {
            return Some(OtherKey::OfProvider {
                provider: provider.id.to_string(),
                variable: name.as_str().to_owned(),
            });
        }
    }
    None
}
