//! `doctor`: what would stop a launch, and what to do about it.
//!
//! Checks everything that a launch and the client would read. Shows names and paths, never values.

mod client;
mod configuration;
mod environment;
mod finding;
mod helpers;
mod links;
mod online;
mod providers;
mod run;
mod scripts;
mod settings;
mod terminal;
mod verdict;

pub(crate) use run::run;

use std::path::Path;

use crate::availability::Candidate;
use crate::choice::Choice;
use crate::config::ExecToml;
use crate::config::WrongProvider;
use crate::error::Error;
use crate::host::Host;
use crate::plan;
use crate::scope::Settings;
use crate::warning::Warning;
pub(crate) use finding::Findings;

/// What a launch would know before it chooses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// All providers.
    pub candidates: &'a [Candidate<'a>],
    /// The providers of exec.toml that cannot be used.
    pub wrong: &'a [WrongProvider],
    /// The merged scopes.
    pub settings: &'a Settings<'a>,
    /// Whether the command line or a variable named the provider.
    pub named: bool,
    /// exec.toml.
    pub exec: &'a ExecToml,
    /// The file that keeps commands of exec.toml from being run.
    pub commands_refused: Option<&'a Path>,
    /// The warnings of a launch.
    pub warnings: &'a [Warning],
}

/// Checks everything except the provider's answer.
///
/// # Errors
///
/// [`Error::Signalled`] if a signal ends it while a program is asked.
pub(crate) fn examine(
    host: &Host,
    config_dir: Option<&Path>,
    known: Result<Known<'_>, &Error>,
    choice: Option<&Result<Choice<'_, '_>, Error>>,
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    configuration::configuration(host, config_dir, &mut findings);
    let redirects = match known {
        Ok(known) => {
            for warning in known.warnings {
                findings.warning("config", warning);
            }
            configuration::references(&known, &mut findings);
            providers::scope(known.settings, &mut findings);
            let redirects =
                choice.is_some_and(|choice| providers::chosen(host, &known, choice, &mut findings));
            providers::providers(host, &known, &mut findings);
            helpers::helpers(host, &known, choice, &mut findings)?;
            redirects
        }
        Err(error) => {
            findings.error("config", error);
            false
        }
    };
    // A command that a launch would refuse to run is not run here either.
    let command = match known {
        Ok(known) if known.commands_refused.is_none() => known.exec.command.as_deref(),
        _ => None,
    };
    let hidden = match known {
        Ok(known) => plan::hidden_names(known.candidates, known.wrong, known.settings),
        Err(_) => plan::hidden_names(&[], &[], &Settings::default()),
    };
    let version = client::client(host, command, &hidden, &mut findings)?;
    environment::environment(host, known.map_or(&[], |known| known.candidates), &mut findings);
    settings::settings(host, version, redirects, &mut findings);
    terminal::terminal(host, &mut findings);
    links::links(host, known.ok().map(|known| known.candidates), &mut findings);
    links::resuming(host, choice, &mut findings);
    scripts::scripts(host, &mut findings);
    Ok(findings)
}
