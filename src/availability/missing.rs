//! Why a provider cannot be used, and what to do about it.

use crate::catalog;
use crate::report::escape;
use crate::scope::Scope;

/// Why a provider cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No scope declares its key, and the environment does not hold it.
    Nowhere,
    /// No scope declares its key, and the variable is set to the empty string.
    EmptyVariable,
    /// The winning scope sets it to the empty string.
    Empty {
        /// The scope.
        scope: Scope,
    },
    /// The winning scope leaves it to jackin's container.
    OnDemand {
        /// The scope.
        scope: Scope,
    },
    /// The winning scope refers to a variable that is unset or empty.
    HostVar {
        /// The variable.
        variable: String,
        /// The scope.
        scope: Scope,
    },
    /// A scope ignores it, and no more specific scope has a key.
    Ignored {
        /// The scope that decides.
        scope: Scope,
        /// Whether `[ignore]` in exec.toml decides, and not jackin's `[kimi] auth_forward`.
        ours: bool,
    },
}

impl Missing {
    /// The reason, on one line.
    pub fn text(&self, key: &str) -> String {
        let key = escape(key);
        match self {
            Self::Nowhere => format!("{key} is not set"),
            Self::EmptyVariable => format!("{key} is empty in the environment"),
            Self::Empty { scope } => format!("{key} is empty in the {} scope", scope.word()),
            Self::OnDemand { scope } => {
                format!("{key} is on_demand in the {} scope", scope.word())
            }
            Self::HostVar { variable, scope } => format!(
                "{key} in the {} scope is ${}, which is unset or empty",
                scope.word(),
                escape(variable)
            ),
            Self::Ignored { scope, ours: true } => {
                format!("ignored by [ignore] in the {} scope of exec.toml", scope.word())
            }
            Self::Ignored { scope, ours: false } => {
                format!("ignored by [kimi] auth_forward in the {} scope", scope.word())
            }
        }
    }

    /// What to do about it. `page` is where to get a key.
    pub fn hint(&self, provider: &str, key: &str, page: Option<&str>) -> String {
        let (provider, key) = (escape(provider), escape(key));
        match self {
            Self::Nowhere | Self::EmptyVariable => {
                let page = match page {
                    Some(page) => format!("get one at {page}; "),
                    None => String::new(),
                };
                format!(
                    "{page}jackin-exec auth set {provider} asks for it; or set {key} in the environment"
                )
            }
            Self::Empty { scope: Scope::Global } => {
                format!("jackin-exec auth set {provider} asks for it")
            }
            Self::Empty { .. } => format!("give {key} a value there, or remove it there"),
            Self::OnDemand { .. } => format!(
                "jackin fetches it only inside its container; for this host, set {key} in the same scope of exec.toml"
            ),
            Self::HostVar { variable, .. } => {
                format!("export {}, or set {key} in another way", escape(variable))
            }
            Self::Ignored { .. } if provider == catalog::ANTHROPIC => {
                format!("remove {provider} = true from [ignore] of that scope in exec.toml")
            }
            Self::Ignored { .. } if key.is_empty() => {
                format!("jackin-exec auth unset {provider}, in that scope, offers it again")
            }
            Self::Ignored { .. } => {
                format!("jackin-exec auth set {provider}, in that scope, offers it again")
            }
        }
    }
}
