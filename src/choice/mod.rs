//! Choosing the provider: the choice is settled, or it is open and has candidates. Applies the rule
//! but does not ask.

mod error;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use error::OfRow;
pub use error::OtherKey;

use crate::availability::Candidate;
use crate::availability::Usable;
use crate::catalog;
use crate::host::Environment;
use crate::provider::Provider;
use crate::scope::DefaultOf;
use crate::scope::Policy;
use crate::scope::Settings;
use crate::typed::Typed;
use crate::typed::nearest;

/// Who chose a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The name that we were started under.
    Name,
    /// `--provider`
    Flag,
    /// `JACKIN_EXEC_PROVIDER`
    Variable,
    /// `default_provider` of the workspace.
    Workspace,
    /// `default_provider` of the folder.
    Folder,
    /// `default_provider` of exec.toml.
    Default,
    /// It is the only provider.
    Only,
    /// The user, when asked.
    Question,
}

impl By {
    /// The name in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Flag => "flag",
            Self::Variable => "variable",
            Self::Workspace => "workspace",
            Self::Folder => "folder",
            Self::Default => "default",
            Self::Only => "only",
            Self::Question => "question",
        }
    }

    /// The description for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Name => "from the name of the link",
            Self::Flag => "from --provider",
            Self::Variable => "from JACKIN_EXEC_PROVIDER",
            Self::Workspace => "the workspace's default_provider in exec.toml",
            Self::Folder => "the folder's default_provider in exec.toml",
            Self::Default => "default_provider in exec.toml",
            Self::Only => "the only one with a key",
            Self::Question => "chosen at the question",
        }
    }
}

/// A provider's id, and who named it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The id, or [`ASK`].
    pub id: &'a str,
    /// Who named it.
    pub by: By,
}

/// The word that requests the question.
pub const ASK: &str = "ask";

/// The provider named for this run: the name of the link comes first, then `--provider`, then the
/// variable.
pub fn named<'a>(
    link: Option<&'a str>,
    flag: Option<&'a str>,
    environment: &Environment,
) -> Option<Named<'a>> {
    if let Some(id) = link {
        return Some(Named { id, by: By::Name });
    }
    if let Some(id) = flag {
        return Some(Named { id, by: By::Flag });
    }
    let id = environment.text("JACKIN_EXEC_PROVIDER")?;
    Some(Named { id, by: By::Variable })
}

/// The result of the rule.
#[derive(Debug, Clone)]
pub enum Choice<'c, 'a> {
    /// This provider.
    Settled(Usable<'c, 'a>, By),
    /// One of these providers; the user has to choose.
    Open(Vec<Usable<'c, 'a>>),
}

/// Applies the rule: the provider that was named, the default, the only one, or open.
///
/// # Errors
///
/// [`Error::Unknown`], [`Error::NotAllowed`], [`Error::NoKey`] or [`Error::Ignored`] for a provider
/// that was named; [`Error::NothingAllowed`] if no provider can be used here.
pub fn choose<'c, 'a>(
    named: Option<Named<'_>>,
    candidates: &'c [Candidate<'a>],
    settings: &Settings<'_>,
) -> Result<Choice<'c, 'a>, Error> {
    let (wanted, is_asked_for) = match named {
        Some(Named { id: ASK, .. }) => (None, true),
        Some(named) => (Some(named), false),
        None => (default(settings), false),
    };
    if let Some(wanted) = wanted {
        let usable = settle(wanted, candidates, &settings.policies)?;
        return Ok(Choice::Settled(usable, wanted.by));
    }
    let mut open = Vec::new();
    for candidate in candidates {
        if let Ok(usable) = candidate.usable()
            && candidate.is_offered()
            && forbidding(&usable.provider.id, &settings.policies).is_none()
        {
            open.push(usable);
        }
    }
    match open.as_slice() {
        [] => Err(Error::nothing_allowed(&settings.policies)),
        [only] if !is_asked_for => Ok(Choice::Settled(*only, By::Only)),
        _ => Ok(Choice::Open(open)),
    }
}

fn default<'s>(settings: &'s Settings<'_>) -> Option<Named<'s>> {
    let default = settings.default_provider.as_ref()?;
    let by = match default.of {
        DefaultOf::Workspace => By::Workspace,
        DefaultOf::Folder => By::Folder,
        DefaultOf::All => By::Default,
    };
    Some(Named { id: &default.provider, by })
}

/// The provider that was named, if it exists and is allowed and usable.
fn settle<'c, 'a>(
    named: Named<'_>,
    candidates: &'c [Candidate<'a>],
    policies: &[Policy],
) -> Result<Usable<'c, 'a>, Error> {
    let id = named.id;
    let Some(candidate) = candidates.iter().find(|candidate| candidate.provider.id == id) else {
        return Err(unknown(named, candidates));
    };
    if let Some(policy) = forbidding(id, policies) {
        return Err(Error::NotAllowed {
            provider: id.to_owned(),
            owner: policy.owner.clone(),
            allowed: policy.providers.clone(),
        });
    }
    candidate.usable().map_err(|missing| Error::unusable(candidate, missing, candidates))
}

fn unknown(named: Named<'_>, candidates: &[Candidate<'_>]) -> Error {
    let known = candidates.iter().map(|candidate| &candidate.provider);
    Error::Unknown {
        name: Typed::new(named.id),
        place: match named.by {
            By::Workspace => " in the workspace's default_provider of exec.toml",
            By::Folder => " in the folder's default_provider of exec.toml",
            By::Default => " in default_provider of exec.toml",
            By::Variable => " in JACKIN_EXEC_PROVIDER",
            By::Name | By::Flag | By::Only | By::Question => "",
        },
        nearest: meant(named.id, known),
        known: in_use(candidates),
    }
}

/// The provider that a word probably means: a common name for it, or a near match of its id.
pub fn meant<'a>(word: &str, known: impl Iterator<Item = &'a Provider> + Clone) -> Option<String> {
    let lower = word.to_lowercase();
    let is_called = |provider: &&Provider| provider.facts.aliases().contains(&lower.as_str());
    match known.clone().find(is_called) {
        Some(provider) => Some(provider.id.to_string()),
        None => nearest(word, known.map(|provider| &*provider.id)),
    }
}

/// The ids of the providers in use here, and how many others exist.
pub fn in_use(candidates: &[Candidate<'_>]) -> Vec<String> {
    let mut ids = Vec::new();
    for candidate in candidates {
        if candidate.is_in_use() {
            ids.push(candidate.provider.id.to_string());
        }
    }
    with_rest(ids, candidates.len())
}

/// Like [`in_use`], before keys have been looked up.
pub fn examples(providers: &[Provider]) -> Vec<String> {
    let mut ids = Vec::new();
    for (index, provider) in providers.iter().enumerate() {
        if index < 4 || provider.configured {
            ids.push(provider.id.to_string());
        }
    }
    with_rest(ids, providers.len())
}

fn with_rest(mut ids: Vec<String>, all: usize) -> Vec<String> {
    let others = all - ids.len();
    if others > 0 {
        ids.push(format!("and {others} more in jackin-exec providers --all"));
    }
    ids
}

/// Whether every list holds a provider.
pub fn is_allowed(id: &str, policies: &[Policy]) -> bool {
    forbidding(id, policies).is_none()
}

/// The first list that does not contain a provider.
pub fn forbidding<'p>(id: &str, policies: &'p [Policy]) -> Option<&'p Policy> {
    policies.iter().find(|policy| !policy.providers.iter().any(|allowed| allowed == id))
}

/// The name of the session for people: `Claude`, or `Claude (Kimi)` where there is more than one
/// provider.
pub fn label(chosen: &Provider, candidates: &[Candidate<'_>]) -> String {
    for candidate in candidates {
        if candidate.is_offered() && candidate.provider.id != catalog::ANTHROPIC {
            return format!("Claude ({})", chosen.label);
        }
    }
    "Claude".to_owned()
}
