//! Why a role cannot be used.

use crate::report::available;
use crate::report::did_you_mean;
use crate::report::escape;
use crate::report::list;
use crate::typed::Typed;

/// Why a role cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No role has this name.
    #[error("no role named {name}{place} (available: {})", available(known))]
    Unknown {
        /// The name that was given.
        name: Typed,
        /// Where it was named, if not on the command line.
        place: &'static str,
        /// The most similar role that exists.
        nearest: Option<String>,
        /// The roles that exist.
        known: Vec<String>,
    },
    /// A role that is stored under a name that jackin never looks up.
    #[error(
        "role {} is never used, because jackin looks up {}: names of roles are in lower case",
        escape(stored),
        escape(&stored.to_ascii_lowercase())
    )]
    Case {
        /// The name as stored.
        stored: String,
    },
    /// The workspace does not allow the role.
    #[error(
        "workspace {} does not allow role {role}; it allows {}",
        escape(workspace),
        list(allowed)
    )]
    NotAllowed {
        /// The role.
        role: Typed,
        /// The workspace.
        workspace: String,
        /// The roles that it allows.
        allowed: Vec<String>,
    },
}

impl Error {
    /// The same error, with the place where the role was named.
    #[must_use]
    pub fn found_in(mut self, found: &'static str) -> Self {
        if let Self::Unknown { place, .. } = &mut self {
            *place = found;
        }
        self
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => nearest.as_deref().map(did_you_mean),
            Self::Case { stored } => {
                let (stored, lower) = (escape(stored), escape(stored).to_ascii_lowercase());
                Some(format!("rename [roles.\"{stored}\"] to [roles.\"{lower}\"]"))
            }
            Self::NotAllowed { .. } => None,
        }
    }
}
