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
        candidate.is_offered() && forbidding(&candidate.provider.id, &settings.policies).is_none()
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
        let known = candidates.iter().map(|candidate| &*candidate.provider.id);
        return Err(Error::Unknown {
            kind: Kind::Provider,
            name: id.into(),
            place: match by {
                By::Workspace => " in the workspace's default_provider of exec.toml",
                By::Default => " in default_provider of exec.toml",
                By::Variable => " in JACKIN_EXEC_PROVIDER",
                By::Name | By::Flag | By::Only | By::Question => "",
            },
            nearest: meant(id, known),
            known: in_use(candidates),
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

/// The provider that a word was meant for: by a name that people use for it, or by what is nearly
/// its id.
pub fn meant<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let by_alias = catalog::meant(&word.to_lowercase()).map(|preset| preset.id.to_owned());
    by_alias.or_else(|| nearest(word, known))
}

/// The ids of those that are in use here, and how many more there are.
pub fn in_use(candidates: &[Candidate<'_>]) -> Vec<String> {
    let used = candidates.iter().filter(|candidate| candidate.is_in_use());
    with_rest(used.map(|candidate| candidate.provider.id.to_string()).collect(), candidates.len())
}

/// The same where nobody has looked for keys.
pub fn examples(providers: &[Provider]) -> Vec<String> {
    let shown = providers.iter().enumerate().filter(|(index, one)| *index < 4 || one.configured);
    with_rest(shown.map(|(_, provider)| provider.id.to_string()).collect(), providers.len())
}

fn with_rest(mut ids: Vec<String>, all: usize) -> Vec<String> {
    let others = all - ids.len();
    if others > 0 {
        ids.push(format!("and {others} more in jackin-exec providers --all"));
    }
    ids
}

fn forbidding<'a>(id: &str, policies: &'a [Policy]) -> Option<&'a Policy> {
    policies.iter().find(|policy| !policy.providers.iter().any(|allowed| allowed == id))
}

/// The providers of the same vendor that do have a key: it may have been meant for this one.
fn others(id: &str, candidates: &[Candidate<'_>]) -> Vec<(String, String)> {
    let Some(vendor) = catalog::find(id).map(|preset| preset.vendor) else {
        return Vec::new();
    };
    let is_of_vendor = |other: &str| {
        other != id && catalog::find(other).is_some_and(|preset| preset.vendor == vendor)
    };
    let keyed =
        candidates.iter().filter(|one| is_of_vendor(&one.provider.id) && one.is_available());
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
        .any(|candidate| candidate.is_offered() && candidate.provider.id != catalog::ANTHROPIC);
    if alternatives { format!("Claude ({})", chosen.label) } else { "Claude".to_owned() }
}
