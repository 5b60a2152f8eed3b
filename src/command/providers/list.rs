//! The list of providers, as a table and as JSON.

use std::borrow::Cow;

use serde::Serialize;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::catalog::Models;
use crate::command::left_out;
use crate::config::EnvName;
use crate::config::WrongProvider;
use crate::provider::Endpoint;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Names;

/// A provider in JSON.
#[derive(Serialize)]
struct Shown<'a> {
    id: Cow<'a, str>,
    label: Cow<'a, str>,
    base_url: Option<&'a str>,
    key_env: Option<&'a str>,
    available: bool,
    origin: Option<&'static str>,
    models: Option<ShownModels<'a>>,
    /// Why the entry in exec.toml cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
}

#[derive(Serialize)]
struct ShownModels<'a> {
    fable: &'a str,
    opus: &'a str,
    sonnet: &'a str,
    haiku: &'a str,
}

/// All providers as JSON.
pub(super) fn json(candidates: &[Candidate<'_>], wrong: &[WrongProvider]) -> String {
    let shown: Vec<_> = candidates.iter().map(shown).chain(wrong.iter().map(shown_wrong)).collect();
    // A structure of strings cannot fail to be JSON.
    serde_json::to_string(&shown).unwrap_or_default() + "\n"
}

/// The providers in use here and the number of the others, or all providers, as a table.
pub(super) fn table(
    candidates: &[Candidate<'_>],
    wrong: &[WrongProvider],
    names: Names<'_>,
    all: bool,
    style: Style,
) -> String {
    let mut rows = Vec::new();
    for candidate in candidates {
        if all || candidate.is_in_use() {
            rows.push(row(candidate, names));
        }
    }
    let others = candidates.len() - rows.len();
    for WrongProvider { id, error, .. } in wrong {
        let heads = vec![(id.to_string(), Tone::Bad), (id.to_string(), Tone::Plain)];
        rows.push(Row { heads, text: format!("cannot be used: {error}"), hint: None });
    }
    let mut text = report::table(&rows, style);
    if let Some(line) = left_out(others) {
        text.push_str(&report::paragraph(&line, style));
    }
    text
}

fn shown<'a>(candidate: &'a Candidate<'_>) -> Shown<'a> {
    let provider = &candidate.provider;
    let Models { fable, opus, sonnet, haiku } = &provider.models;
    Shown {
        id: Cow::Borrowed(&provider.id),
        label: Cow::Borrowed(&provider.label),
        base_url: provider.endpoint.as_ref().map(Endpoint::url),
        key_env: provider.key_env().map(EnvName::as_str),
        available: candidate.is_offered(),
        origin: match &candidate.availability {
            Availability::Key(source) => Some(source.origin.word()),
            Availability::Free | Availability::Missing(_) => None,
        },
        models: provider.endpoint.as_ref().map(|_| ShownModels { fable, opus, sonnet, haiku }),
        wrong: None,
    }
}

fn shown_wrong(wrong: &WrongProvider) -> Shown<'_> {
    let id = wrong.id.to_string();
    Shown {
        id: Cow::Owned(id.clone()),
        label: Cow::Owned(id),
        base_url: None,
        key_env: None,
        available: false,
        origin: None,
        models: None,
        wrong: Some(wrong.error.to_string()),
    }
}

fn row(candidate: &Candidate<'_>, names: Names<'_>) -> Row {
    let provider = &candidate.provider;
    let tone = if candidate.is_offered() { Tone::Good } else { Tone::Plain };
    let heads = vec![(provider.id.to_string(), tone), (provider.label.to_string(), Tone::Plain)];
    Row { heads, text: state(candidate, names), hint: None }
}

/// Whether the provider can be chosen, in words.
pub(super) fn state(candidate: &Candidate<'_>, names: Names<'_>) -> String {
    match &candidate.availability {
        Availability::Free if !candidate.is_offered() => {
            "a server on this machine: ready if it runs, needs no key".to_owned()
        }
        Availability::Free => "ready, needs no key".to_owned(),
        Availability::Key(source) => format!("ready, key from {}", source.origin.text(names)),
        Availability::Missing(missing) => {
            let key = candidate.provider.key_env().map(EnvName::as_str).unwrap_or_default();
            format!("no key: {}", missing.text(key))
        }
    }
}
