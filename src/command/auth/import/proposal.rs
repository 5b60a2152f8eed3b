//! What happens to each key: it is written, kept out, or there already.

use secrecy::SecretString;

use crate::command::auth::changes::Before;
use crate::command::auth::import::entry::Entry;
use crate::command::auth::import::entry::Key;
use crate::command::auth::import::owner;
use crate::command::auth::import::owner::Belongs;
use crate::command::auth::import::source::Source;
use crate::command::auth::keys::Keys;
use crate::command::auth::request::Request;
use crate::command::auth::request::Target;
use crate::command::auth::request::Verb;
use crate::config::EnvValue;
use crate::error::Error;
use crate::files::Change;
use crate::provider::Provider;
use crate::report::escape;
use crate::report::list;
use crate::secret;
use crate::typed::Typed;
use crate::warning::Warning;

/// What happens to one key.
pub(super) struct Proposal<'a> {
    /// Its file, as an index.
    pub(super) source: usize,
    pub(super) name: &'a Typed,
    /// The provider that it belongs to.
    pub(super) provider: Option<&'a Provider>,
    pub(super) verdict: Verdict,
}

/// What happens to a key.
pub(super) enum Verdict {
    /// It is written.
    Write {
        /// The changes that do it.
        changes: Vec<Change>,
        /// Whether another key is there.
        replaces: bool,
    },
    /// The provider has a key already.
    HasKey,
    /// The scope ignores the provider.
    Ignored,
    /// It is not taken over, and this is why.
    Not(String),
    /// No provider is at its address or has its variable, which is named here.
    NoProvider(String),
}

impl Proposal<'_> {
    /// Whether the key is written.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.verdict, Verdict::Write { .. })
    }

    /// Whether a person who agreed to one agreed to the other.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let key = |proposal: &Self| {
            let written = match &proposal.verdict {
                Verdict::Write { changes, replaces } => {
                    let places: Vec<_> = changes
                        .iter()
                        .map(|change| (change.file.clone(), change.key.clone()))
                        .collect();
                    Some((places, *replaces))
                }
                Verdict::HasKey | Verdict::Ignored | Verdict::Not(_) | Verdict::NoProvider(_) => {
                    None
                }
            };
            (proposal.provider.map(|provider| provider.id.clone()), written)
        };
        key(self) == key(other)
    }
}

/// A key that is to be written, for finding others of the same provider.
struct Taken<'a> {
    variable: &'a str,
    name: &'a Typed,
    secret: &'a SecretString,
}

/// Decides about every key of the files. Changes nothing.
pub(super) fn propose<'a>(
    sources: &'a [Source],
    providers: &'a [Provider],
    keys: &Keys,
    target: &Target<'_>,
    replace: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Proposal<'a>>, Error> {
    let mut taken: Vec<Taken<'a>> = Vec::new();
    let mut proposals = Vec::new();
    for (source, file) in sources.iter().enumerate() {
        for Entry { name, owner, key } in &file.entries {
            let belongs = owner::provider(owner, providers);
            let (provider, verdict) = match (key, belongs) {
                (Key::Unread, _) => (None, not("its settings are not a JSON object")),
                (_, Belongs::ToNobody(what)) => (None, Verdict::NoProvider(what)),
                (_, Belongs::ToOneOf(ids)) => (None, several(&ids)),
                (_, Belongs::Unclear) => (None, not("the file does not say for which base URL")),
                (_, Belongs::ToAnthropic) => (None, not(OF_ANTHROPIC)),
                (Key::Computed, Belongs::To(provider)) => (Some(provider), computed(provider)),
                (Key::Variable(name), Belongs::To(provider)) => {
                    (Some(provider), in_variable(name, provider))
                }
                (Key::Placeholder, Belongs::To(provider)) => {
                    (Some(provider), not("a placeholder, not a key"))
                }
                (Key::Literal(secret), Belongs::To(provider)) => {
                    let verdict = literal(
                        name, secret, provider, keys, target, replace, &mut taken, warnings,
                    )?;
                    (Some(provider), verdict)
                }
            };
            proposals.push(Proposal { source, name, provider, verdict });
        }
    }
    Ok(proposals)
}

/// Why Anthropic's own key stays where it is.
const OF_ANTHROPIC: &str =
    "a stored key of Anthropic would replace its login everywhere; jackin-exec auth set anthropic";

fn not(why: &str) -> Verdict {
    Verdict::Not(why.to_owned())
}

fn several(ids: &[String]) -> Verdict {
    Verdict::Not(format!("it may be for {}; jackin-exec auth set ID", list(ids)))
}

fn computed(provider: &Provider) -> Verdict {
    Verdict::Not(format!(
        "its value is a shell expression, and import does not run anything; jackin-exec auth set {} refers to it with --env or --command",
        escape(&provider.id)
    ))
}

fn in_variable(name: &str, provider: &Provider) -> Verdict {
    let id = escape(&provider.id);
    Verdict::Not(format!("it is in a variable; jackin-exec auth set {id} --env {name}"))
}

/// Decides about a literal key of a known provider.
#[expect(clippy::too_many_arguments, reason = "one caller, which has all of them")]
fn literal<'a>(
    name: &'a Typed,
    secret: &'a SecretString,
    provider: &'a Provider,
    keys: &Keys,
    target: &Target<'_>,
    replace: bool,
    taken: &mut Vec<Taken<'a>>,
    warnings: &mut Vec<Warning>,
) -> Result<Verdict, Error> {
    let id = escape(&provider.id);
    let Some(variable) = provider.key_env().map(crate::config::EnvName::as_str) else {
        return Ok(Verdict::Not(format!("{} needs no key", escape(&provider.label))));
    };
    if let Some(option) = secret::reference_option(secret) {
        return Ok(Verdict::Not(format!(
            "a reference, not a key; jackin-exec auth set {id} {option}"
        )));
    }
    let mut doubts = Vec::new();
    if let Err(reason) = secret::check_pasted(secret, variable, provider.keys_of, &mut doubts) {
        return Ok(Verdict::Not(reason.to_string()));
    }
    if let Some(Warning::KeyOfAnother { vendor, .. }) = doubts.first() {
        return Ok(Verdict::Not(format!("it begins as a key of {vendor} does")));
    }
    if let Some(other) = taken.iter().find(|taken| taken.variable == variable) {
        let words = if secret::are_same(secret, other.secret) {
            format!("the same key as that of {}", other.name)
        } else {
            format!(
                "the key of {} is taken; a second account is an entry with like = \"{id}\" in exec.toml",
                other.name
            )
        };
        return Ok(Verdict::Not(words));
    }
    let request = Request { id: &provider.id, target: target.clone(), verb: Verb::Set };
    let value = EnvValue::Literal(secret.clone());
    let (_, Before { key, is_ignored, .. }, changes) = keys.changes(&request, Some(&value))?;
    if key && !replace {
        return Ok(Verdict::HasKey);
    }
    if is_ignored && !replace {
        return Ok(Verdict::Ignored);
    }
    taken.push(Taken { variable, name, secret });
    warnings.extend(doubts);
    Ok(Verdict::Write { changes, replaces: key })
}
