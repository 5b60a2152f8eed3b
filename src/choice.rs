//! Which provider: settled, or open with its candidates. Knows the rule, not how to ask.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::catalog;
use crate::config::EnvValue;
use crate::config::KeySetting;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Missing;
use crate::error::nearest;
use crate::host::Environment;
use crate::provider::Provider;
use crate::scope::Policy;
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
}

impl Origin {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scope(scope) => scope.word(),
            Self::Environment => "environment",
            Self::File => "file",
            Self::Credential => "credential",
            Self::Provider => "provider",
        }
    }

    /// The same for people: as it stands in the files.
    pub fn layer(self, workspace: Option<&str>, role: Option<&str>) -> String {
        let (workspace, role) = (workspace.unwrap_or_default(), role.unwrap_or_default());
        match self {
            Self::Scope(Scope::Global) => "global [env]".to_owned(),
            Self::Scope(Scope::Role) => format!("role \"{role}\" [env]"),
            Self::Scope(Scope::Workspace) => format!("workspace \"{workspace}\" [env]"),
            Self::Scope(Scope::WorkspaceRole) => {
                format!("workspace \"{workspace}\" → role \"{role}\" [env]")
            }
            Self::Environment => "the environment".to_owned(),
            Self::File => "the environment's _FILE".to_owned(),
            Self::Credential => "$CREDENTIALS_DIRECTORY".to_owned(),
            Self::Provider => "the provider's env in exec.toml".to_owned(),
        }
    }
}

/// Where a provider's key is.
#[derive(Debug, Clone)]
pub struct KeySource<'a> {
    /// How to get it.
    pub value: Cow<'a, EnvValue>,
    /// Who says so.
    pub origin: Origin,
}

/// Whether a provider can be used.
#[derive(Debug, Clone)]
pub enum Availability<'a> {
    /// It needs no key.
    Free,
    /// Its key is here. Nothing was fetched to find that out.
    Key(KeySource<'a>),
    /// It has none.
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

impl Candidate<'_> {
    /// Whether it can be used.
    pub fn is_available(&self) -> bool {
        !matches!(self.availability, Availability::Missing(_))
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

/// A key that a scope declares is final; only one that no scope declares is looked for in our
/// environment.
fn availability<'a>(
    provider: &Provider,
    settings: &Settings<'a>,
    environment: &Environment,
) -> Availability<'a> {
    if provider.is_anthropic() {
        return Availability::Free;
    }
    if provider.id == "kimi" && settings.kimi_ignored {
        return Availability::Missing(Missing::Ignored);
    }
    let KeySetting::Env(name) = &provider.key else {
        return Availability::Free;
    };
    let name = name.as_str();
    if let Some(scoped) = settings.env.get(name) {
        let scope = scoped.scope.word();
        if scoped.value.on_demand {
            return Availability::Missing(Missing::OnDemand { scope });
        }
        return match &scoped.value.value {
            EnvValue::Empty => Availability::Missing(Missing::Empty { scope }),
            EnvValue::HostVar(variable)
                if environment.get(variable).is_none_or(OsStr::is_empty) =>
            {
                Availability::Missing(Missing::HostVar { variable: variable.clone(), scope })
            }
            value => key(Cow::Borrowed(value), Origin::Scope(scoped.scope)),
        };
    }
    if environment.get(name).is_some_and(|value| !value.is_empty()) {
        return key(Cow::Owned(EnvValue::HostVar(name.to_owned())), Origin::Environment);
    }
    if let Some(path) = environment.get_joined(name, "_FILE").filter(|value| !value.is_empty()) {
        return key(Cow::Owned(EnvValue::File(PathBuf::from(path))), Origin::File);
    }
    if let Some(folder) = environment.get("CREDENTIALS_DIRECTORY").filter(|value| !value.is_empty())
    {
        let path = PathBuf::from(folder).join(name);
        if path.is_absolute() && path.exists() {
            return key(Cow::Owned(EnvValue::File(path)), Origin::Credential);
        }
    }
    Availability::Missing(Missing::Nowhere)
}

fn key(value: Cow<'_, EnvValue>, origin: Origin) -> Availability<'_> {
    Availability::Key(KeySource { value, origin })
}

/// Who chose a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The name under which we were started.
    Name,
    /// `--provider`
    Flag,
    /// `JACKIN_EXEC_PROVIDER`
    Variable,
    /// `default_provider` of the workspace.
    Workspace,
    /// `default_provider` of exec.toml.
    Default,
    /// There is no other.
    Only,
    /// A person, at the question.
    Question,
}

impl By {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Flag => "flag",
            Self::Variable => "variable",
            Self::Workspace => "workspace",
            Self::Default => "default",
            Self::Only => "only",
            Self::Question => "question",
        }
    }

    /// The same for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Name => "from the name of the link",
            Self::Flag => "from --provider",
            Self::Variable => "from JACKIN_EXEC_PROVIDER",
            Self::Workspace => "the workspace's default_provider in exec.toml",
            Self::Default => "default_provider in exec.toml",
            Self::Only => "the only one with a key",
            Self::Question => "chosen",
        }
    }
}

/// What the rule says. Numbers are indices into the candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Settled(usize, By),
    /// One of these; somebody has to be asked.
    Open(Vec<usize>),
}

/// The word that asks for the question.
pub const ASK: &str = "ask";

/// Applies the rule: the one that was named, the default, the only one, or open.
///
/// # Errors
///
/// [`Error::Unknown`], [`Error::NoKey`] or [`Error::NotAllowed`] for a provider that was named;
/// [`Error::NothingAllowed`] if no provider can be used here.
pub fn choose(
    named: Option<(&str, By)>,
    candidates: &[Candidate<'_>],
    settings: &Settings<'_>,
) -> Result<Choice, Error> {
    let asked = named.is_some_and(|(id, _)| id == ASK);
    let default = settings.default_provider.as_ref().filter(|_| named.is_none()).map(|default| {
        (default.provider.as_str(), if default.of_workspace { By::Workspace } else { By::Default })
    });
    if let Some((id, by)) = named.filter(|_| !asked).or(default) {
        return settle(id, by, candidates, settings);
    }
    let usable = |candidate: &Candidate<'_>| {
        candidate.is_available() && forbidding(&candidate.provider.id, &settings.policies).is_none()
    };
    let open: Vec<usize> =
        (0..).zip(candidates).filter(|(_, one)| usable(one)).map(|(index, _)| index).collect();
    match open.as_slice() {
        [] => Err(Error::NothingAllowed {
            workspaces: settings.policies.iter().map(|policy| policy.workspace.clone()).collect(),
            allowed: settings
                .policies
                .iter()
                .flat_map(|policy| policy.providers.iter().cloned())
                .collect(),
        }),
        [only] if !asked => Ok(Choice::Settled(*only, By::Only)),
        _ => Ok(Choice::Open(open)),
    }
}

fn settle(
    id: &str,
    by: By,
    candidates: &[Candidate<'_>],
    settings: &Settings<'_>,
) -> Result<Choice, Error> {
    let found = candidates.iter().position(|candidate| candidate.provider.id == id);
    let Some((index, candidate)) = found.and_then(|index| Some((index, candidates.get(index)?)))
    else {
        let known: Vec<String> =
            candidates.iter().map(|candidate| candidate.provider.id.to_string()).collect();
        return Err(Error::Unknown {
            kind: Kind::Provider,
            name: id.into(),
            place: match by {
                By::Workspace => " in the workspace's default_provider of exec.toml",
                By::Default => " in default_provider of exec.toml",
                By::Variable => " in JACKIN_EXEC_PROVIDER",
                By::Name | By::Flag | By::Only | By::Question => "",
            },
            nearest: nearest(id, known.iter().map(String::as_str)),
            known,
        });
    };
    if let Some(policy) = forbidding(id, &settings.policies) {
        return Err(Error::NotAllowed {
            provider: id.to_owned(),
            workspace: policy.workspace.clone(),
            allowed: policy.providers.clone(),
        });
    }
    if let (Availability::Missing(missing), Some(key)) =
        (&candidate.availability, candidate.provider.key_env())
    {
        return Err(Error::NoKey {
            provider: id.to_owned(),
            key: key.as_str().to_owned(),
            missing: missing.clone(),
            others: others(id, candidates),
        });
    }
    Ok(Choice::Settled(index, by))
}

fn forbidding<'a>(id: &str, policies: &'a [Policy]) -> Option<&'a Policy> {
    policies.iter().find(|policy| !policy.providers.iter().any(|allowed| allowed == id))
}

/// The providers of the same house that do have a key: it may have been meant for this one.
fn others(id: &str, candidates: &[Candidate<'_>]) -> Vec<(String, String)> {
    const HOUSES: [&[&str]; 3] =
        [&["kimi", "moonshot", "moonshot-cn"], &["zai", "bigmodel"], &["minimax", "minimax-cn"]];
    let house = HOUSES.iter().find(|house| house.contains(&id)).copied().unwrap_or_default();
    let keyed =
        candidates.iter().filter(|one| house.contains(&&*one.provider.id) && one.is_available());
    keyed
        .filter_map(|one| {
            Some((one.provider.id.to_string(), one.provider.key_env()?.as_str().to_owned()))
        })
        .collect()
}

/// The name of the session for people: `Claude`, or `Claude (Kimi)` where there is more than one
/// provider.
pub fn label(chosen: &Provider, candidates: &[Candidate<'_>]) -> String {
    let alternatives = candidates
        .iter()
        .any(|candidate| candidate.is_available() && candidate.provider.id != catalog::ANTHROPIC);
    if alternatives { format!("Claude ({})", chosen.label) } else { "Claude".to_owned() }
}
