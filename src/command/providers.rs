//! `providers`: what could be chosen, in the order of the question.

use serde::Serialize;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::catalog::Models;
use crate::cli::Cli;
use crate::command::style;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::host::Host;
use crate::launch::warn;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::session::Session;
use crate::workspace::Place;

/// `providers`: prints the list.
pub(crate) fn run(host: &Host, cli: &Cli) -> Result<(), Error> {
    let loaded = Loaded::read(host, &cli.common)?;
    let place = Place::find(host, &loaded, &cli.common)?;
    let session = Session::new(host, &loaded, &place, &cli.common)?;
    warn(&session.warnings, cli);
    report::print(&report(&session.candidates, cli.common.json, style(host)));
    Ok(())
}

/// A provider for programs.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    label: &'a str,
    base_url: Option<&'a str>,
    key_env: Option<&'a str>,
    available: bool,
    origin: Option<&'static str>,
    models: Option<ShownModels<'a>>,
}

#[derive(Serialize)]
struct ShownModels<'a> {
    fable: &'a str,
    opus: &'a str,
    sonnet: &'a str,
    haiku: &'a str,
}

/// The list, as JSON or as a table.
pub fn report(candidates: &[Candidate<'_>], json: bool, style: Style) -> String {
    if json {
        let shown: Vec<_> = candidates.iter().map(shown).collect();
        // A structure of strings cannot fail to be JSON.
        return serde_json::to_string(&shown).unwrap_or_default() + "\n";
    }
    table(candidates, style)
}

fn shown<'a>(candidate: &'a Candidate<'_>) -> Shown<'a> {
    let provider = &candidate.provider;
    let Models { fable, opus, sonnet, haiku } = &provider.models;
    Shown {
        id: &provider.id,
        label: &provider.label,
        base_url: provider.endpoint.as_ref().map(crate::provider::Endpoint::url),
        key_env: provider.key_env().map(crate::config::EnvName::as_str),
        available: candidate.is_available(),
        origin: match &candidate.availability {
            Availability::Key(source) => Some(source.origin.word()),
            Availability::Free | Availability::Missing(_) => None,
        },
        models: provider.endpoint.as_ref().map(|_| ShownModels { fable, opus, sonnet, haiku }),
    }
}

fn table(candidates: &[Candidate<'_>], style: Style) -> String {
    let row = |candidate: &Candidate<'_>| {
        let provider = &candidate.provider;
        let (state, tone) = match &candidate.availability {
            Availability::Free => ("ready, needs no key".to_owned(), Tone::Good),
            Availability::Key(source) => {
                (format!("ready, key from {}", source.origin.word()), Tone::Good)
            }
            Availability::Missing(missing) => {
                let key =
                    provider.key_env().map(crate::config::EnvName::as_str).unwrap_or_default();
                (format!("no key: {}", missing.text(key)), Tone::Plain)
            }
        };
        let heads =
            vec![(provider.id.to_string(), tone), (provider.label.to_string(), Tone::Plain)];
        Row { heads, text: state, hint: None }
    };
    report::table(&candidates.iter().map(row).collect::<Vec<_>>(), style)
}
