//! Which provider: settled, or open with its candidates. Knows the rule, not how to ask.

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::catalog;
use crate::error::Error;
use crate::error::Kind;
use crate::error::nearest;
use crate::provider::Provider;
use crate::scope::Policy;
use crate::scope::Settings;

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
