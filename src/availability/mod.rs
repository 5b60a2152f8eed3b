//! Which providers can be used, and where the key of each one is; no key is fetched.

mod missing;
mod relevant;

#[cfg(test)]
mod tests;

pub use missing::Missing;
pub use relevant::relevant;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::KeySetting;
use crate::host::Environment;
use crate::provider::Provider;
use crate::report::escape;
use crate::scope::Ignoring;
use crate::scope::Names;
use crate::scope::Scope;
use crate::scope::Settings;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A scope of the configuration.
    Scope(Scope),
    /// Our own environment.
    Environment,
    /// The file that `NAME_FILE` names.
    File,
    /// systemd's `$CREDENTIALS_DIRECTORY`.
    Credential,
    /// The provider's redirect.
    Provider,
    /// The role's `jackin.role.toml`.
    Manifest,
    /// Managed settings of Claude Code.
    Managed,
}

impl Origin {
    /// The word for machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scope(scope) => scope.word(),
            Self::Environment => "environment",
            Self::File => "file",
            Self::Credential => "credential",
            Self::Provider => "provider",
            Self::Manifest => "role-manifest",
            Self::Managed => "managed",
        }
    }

    /// The same for people: a folder with its path.
    pub fn text(self, names: Names<'_>) -> Cow<'static, str> {
        match (self, names.folder) {
            (Self::Scope(Scope::Folder), Some(path)) => {
                Cow::Owned(format!("folder {}", escape(path)))
            }
            _ => Cow::Borrowed(self.word()),
        }
    }

    /// The same in words for people, as it is written in the files.
    pub fn layer(self, names: Names<'_>) -> String {
        let Names { workspace, folder, role } = names;
        let (workspace, role) = (workspace.unwrap_or_default(), role.unwrap_or_default());
        let folder = folder.unwrap_or_default();
        match self {
            Self::Scope(Scope::Global) => "global [env]".to_owned(),
            Self::Scope(Scope::Role) => format!("role \"{role}\" [env]"),
            Self::Scope(Scope::Folder) => format!("folder \"{folder}\" [env]"),
            Self::Scope(Scope::Workspace) => format!("workspace \"{workspace}\" [env]"),
            Self::Scope(Scope::WorkspaceRole) => {
                format!("workspace \"{workspace}\" → role \"{role}\" [env]")
            }
            Self::Environment => "the environment".to_owned(),
            Self::File => "the environment's _FILE".to_owned(),
            Self::Credential => "$CREDENTIALS_DIRECTORY".to_owned(),
            Self::Provider => "the provider's table in exec.toml".to_owned(),
            Self::Manifest => "the role's jackin.role.toml".to_owned(),
            Self::Managed => "managed settings".to_owned(),
        }
    }
}

/// Where a provider's key is.
#[derive(Debug, Clone)]
pub struct KeySource<'a> {
    /// The provider's variable for the key.
    pub name: EnvName,
    /// How to get it.
    pub value: Cow<'a, EnvValue>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Whether a provider can be used.
#[derive(Debug, Clone)]
pub enum Availability<'a> {
    /// It needs no key.
    Free,
    /// The location of its key is known. Nothing was fetched to find that out.
    Key(KeySource<'a>),
    /// It has no key.
    Missing(Missing),
}

/// A provider and whether it can be used.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The provider.
    pub provider: Provider,
    /// Whether it can be used.
    pub availability: Availability<'a>,
}

/// A provider that can be used, with its key if it needs one.
#[derive(Debug, Clone, Copy)]
pub struct Usable<'c, 'a> {
    /// The provider.
    pub provider: &'c Provider,
    /// Where its key is.
    pub key: Option<&'c KeySource<'a>>,
}

impl<'a> Candidate<'a> {
    /// Whether it can be used.
    pub fn is_available(&self) -> bool {
        !matches!(self.availability, Availability::Missing(_))
    }

    /// Whether to offer it when none is named. A server on this machine may not be running, so it
    /// is offered only if exec.toml configures it; otherwise the user has to ask for it.
    pub fn is_offered(&self) -> bool {
        self.is_available() && (self.provider.configured || !self.provider.local)
    }

    /// Whether there is anything to report about it here: it can be chosen, exec.toml or
    /// catalog.d says something about it, or a scope explains why it has no key.
    pub fn is_in_use(&self) -> bool {
        if self.provider.configured || self.provider.row_file.is_some() {
            return true;
        }
        match &self.availability {
            Availability::Missing(missing) => *missing != Missing::Nowhere,
            Availability::Free | Availability::Key(_) => self.is_offered(),
        }
    }

    /// The provider, if it can be used.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be used.
    pub fn usable(&self) -> Result<Usable<'_, 'a>, &Missing> {
        let provider = &self.provider;
        match &self.availability {
            Availability::Free => Ok(Usable { provider, key: None }),
            Availability::Key(source) => Ok(Usable { provider, key: Some(source) }),
            Availability::Missing(missing) => Err(missing),
        }
    }
}

/// Looks for each provider's key, without fetching it.
pub fn candidates<'a>(
    providers: Vec<Provider>,
    settings: &Settings<'a>,
    environment: &Environment,
) -> Vec<Candidate<'a>> {
    let find = |provider: Provider| Candidate {
        availability: availability(&provider, settings, environment),
        provider,
    };
    providers.into_iter().map(find).collect()
}

/// Whether the scopes ignore a provider. A key in a scope that is more specific than the one that
/// ignores the provider makes it available there.
fn ignored(provider: &Provider, settings: &Settings<'_>) -> Option<Missing> {
    let Ignoring { ignored: true, scope, ours } = *settings.ignored.get(&*provider.id)? else {
        return None;
    };
    let key = provider.key_env().and_then(|key| settings.env.get(key));
    if key.is_some_and(|key| key.scope > scope) {
        return None;
    }
    Some(Missing::Ignored { scope, ours })
}

/// Looks for a key. One that a scope declares is final; our environment is searched only for a key
/// that no scope declares.
fn availability<'a>(
    provider: &Provider,
    settings: &Settings<'a>,
    environment: &Environment,
) -> Availability<'a> {
    if let Some(missing) = ignored(provider, settings) {
        return Availability::Missing(missing);
    }
    // A variable named as Anthropic's key does not decide whether its login works.
    if provider.is_anthropic() {
        return Availability::Free;
    }
    let KeySetting::Env(name) = &provider.key else {
        return Availability::Free;
    };
    match key_source(name, settings, environment) {
        Ok(source) => Availability::Key(source),
        Err(Missing::Nowhere | Missing::EmptyVariable) if provider.key_optional => {
            Availability::Free
        }
        Err(missing) => Availability::Missing(missing),
    }
}

/// Where the key in a variable is.
///
/// # Errors
///
/// Why there is none.
pub fn key_source<'a>(
    name: &EnvName,
    settings: &Settings<'a>,
    environment: &Environment,
) -> Result<KeySource<'a>, Missing> {
    let found = |value, origin| Ok(KeySource { name: name.clone(), value, origin });
    let name = name.as_str();
    if let Some(scoped) = settings.env.get(name) {
        let scope = scoped.scope;
        if scoped.value.on_demand {
            return Err(Missing::OnDemand { scope });
        }
        return match &scoped.value.value {
            EnvValue::Empty => Err(Missing::Empty { scope }),
            EnvValue::HostVar(variable)
                if environment.get(variable).is_none_or(OsStr::is_empty) =>
            {
                Err(Missing::HostVar { variable: variable.clone(), scope })
            }
            EnvValue::HostVar(variable) => {
                found(in_environment(variable, environment), Origin::Scope(scope))
            }
            value => found(Cow::Borrowed(value), Origin::Scope(scope)),
        };
    }
    if environment.get(name).is_some_and(|value| !value.is_empty()) {
        return found(in_environment(name, environment), Origin::Environment);
    }
    if let Some(path) = environment.get_joined(name, "_FILE").filter(|value| !value.is_empty()) {
        return found(Cow::Owned(EnvValue::File(PathBuf::from(path))), Origin::File);
    }
    if let Some(folder) = environment.get("CREDENTIALS_DIRECTORY").filter(|value| !value.is_empty())
    {
        let path = PathBuf::from(folder).join(name);
        if path.is_absolute() && path.exists() {
            return found(Cow::Owned(EnvValue::File(path)), Origin::Credential);
        }
    }
    let is_set = environment.get(name).is_some();
    Err(if is_set { Missing::EmptyVariable } else { Missing::Nowhere })
}

/// A variable of our own environment: its value, or the target of the reference in it. A reference
/// is never usable as a key, and a variable holds one if the program was started without `op run`.
fn in_environment<'a>(name: &str, environment: &Environment) -> Cow<'a, EnvValue> {
    let text = environment.text(name).filter(|value| value.starts_with("op://"));
    Cow::Owned(match text {
        Some(reference) => EnvValue::op(reference),
        None => EnvValue::HostVar(name.to_owned()),
    })
}
