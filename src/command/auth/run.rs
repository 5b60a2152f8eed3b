//! Runs `auth`, from the command line to the final report.

use std::path::Path;

use crate::availability;
use crate::availability::Candidate;
use crate::cli::AuthTask;
use crate::cli::Cli;
use crate::cli::Common;
use crate::command::auth;
use crate::command::auth::cell::CONFIG;
use crate::command::auth::cell::EXEC;
use crate::command::auth::changes::Before;
use crate::command::auth::import;
use crate::command::auth::keys::Keys;
use crate::command::auth::new_key::Given;
use crate::command::auth::new_key::new_key;
use crate::command::auth::outcome::elsewhere;
use crate::command::auth::outcome::next;
use crate::command::auth::outcome::outcome;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::command::style;
use crate::config;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::files;
use crate::files::Change;
use crate::host;
use crate::host::Host;
use crate::launch::warn;
use crate::report;
use crate::scope;
use crate::scope::Settings;
use crate::session::Session;
use crate::session::inner_environment;
use crate::workspace::Place;
use crate::workspace::has_file;

/// `auth`: shows where the keys are.
pub(crate) fn show(host: &Host, cli: &Cli) -> Result<(), Error> {
    let loaded = Loaded::read(host, &cli.common)?;
    let place = Place::find(host, &loaded, &cli.common)?;
    let session = Session::new(host, &loaded, &place, &cli.common)?;
    warn(&session.warnings, cli);
    let in_file = place.chosen.as_ref().is_some_and(|(name, _)| has_file(&loaded, name));
    let (candidates, settings) = (&session.candidates, &session.settings);
    let (json, style) = (cli.common.json, style(host));
    report::print(&auth::report(candidates, settings, in_file, json, style))?;
    Ok(())
}

/// Sets or removes a provider's key, ignores the provider, or imports keys.
pub(crate) fn change_key(host: &Host, cli: &Cli, task: &AuthTask) -> Result<(), Error> {
    let (request, set) = match task {
        AuthTask::Import(import) => return import::run(host, cli, import),
        AuthTask::Set(set) => (Request::new(cli, &set.id, Verb::Set, set.global)?, Some(set)),
        AuthTask::Unset(unset) if unset.all_scopes => {
            (Request::new(cli, &unset.id, Verb::UnsetAll, true)?, None)
        }
        AuthTask::Unset(unset) => (Request::new(cli, &unset.id, Verb::Unset, unset.global)?, None),
        AuthTask::Ignore(ignore) => {
            (Request::new(cli, &ignore.id, Verb::Ignore, ignore.global)?, None)
        }
    };
    let all = request.verb == Verb::UnsetAll;
    let dir = host.config_dir(cli.common.config_dir.as_deref())?.ok_or(host::Error::NoConfigDir)?;
    // All refusals come before we ask for a key, and we hold no lock while we ask.
    let keys =
        Keys::read(Loaded::read_for_change(host, &cli.common)?, request.target.workspace, all)?;
    let (provider, before, changes) = keys.changes(&request, None)?;
    warn(&keys.warnings, cli);
    if changes.is_empty() && request.verb != Verb::Set {
        return tell(host, cli, &request, &keys, &dir.path, &before, &changes);
    }
    drop(keys);
    let given = match set {
        Some(set) => new_key(host, cli, &request, set, &provider, before.key)?,
        None => Given::Kept,
    };
    let value = match &given {
        Given::New(value) => Some(value),
        Given::Kept => None,
    };
    let mut repeated = Vec::new();
    let store = files::open(&dir, host.ids.effective_user, &mut repeated)?;
    let keys = Keys::read(Loaded::from(host, store, repeated)?, request.target.workspace, all)?;
    let (_, before, changes) = keys.changes(&request, value)?;
    files::apply(&keys.loaded.store, &changes, parses)?;
    let keys = Keys::read(
        Loaded::from(host, keys.loaded.store, Vec::new())?,
        request.target.workspace,
        all,
    )?;
    tell(host, cli, &request, &keys, &dir.path, &before, &changes)
}

/// Parses the new text of a file as every launch will.
pub(super) fn parses(file: &str, path: &Path, text: &str) -> Result<(), config::Error> {
    let mut offences = Vec::new();
    match file {
        CONFIG => drop(config::global(path, text, &mut offences)?),
        EXEC => drop(config::exec(path, text, &mut offences)?),
        _ => drop(config::workspace(path, text, &mut offences)?),
    }
    config::refuse(offences)
}

/// Reports a change, with what is in force afterwards.
fn tell(
    host: &Host,
    cli: &Cli,
    request: &Request<'_>,
    keys: &Keys,
    folder: &Path,
    before: &Before,
    changes: &[Change],
) -> Result<(), Error> {
    let provider = keys.provider(request.id)?;
    let settings = match keys.settings(request) {
        Err(Error::Scope(scope::Error::NotAllowed { .. })) => Settings::default(),
        settings => settings?,
    };
    let candidates = availability::candidates(vec![provider], &settings, &inner_environment(host));
    if let Some(now) = candidates.first() {
        let said = outcome(request, changes, folder, before, now, &settings);
        report::print(&(said + &seen_here(host, keys, request, now).unwrap_or_default()))?;
        if let Some(line) = next(request, before, now)
            && host.stderr_is_terminal
            && !cli.common.quiet
        {
            report::say(&format!("start it with {line}"));
        }
    }
    Ok(())
}

/// What a launch in this directory would see of a provider whose key was changed in another scope.
fn seen_here(
    host: &Host,
    keys: &Keys,
    request: &Request<'_>,
    now: &Candidate<'_>,
) -> Option<String> {
    let options = Common::default();
    let place = Place::find(host, &keys.loaded, &options).ok()?;
    let session = Session::new(host, &keys.loaded, &place, &options).ok()?;
    let settings = &session.settings;
    let (names, changed) = (settings.names(), request.target.names());
    let is_seen = (changed.workspace.is_none() || changed.workspace == names.workspace)
        && (changed.role.is_none() || changed.role == names.role);
    if !is_seen || changed == names {
        return None;
    }
    let here = session.candidates.iter().find(|here| here.provider.id == now.provider.id)?;
    elsewhere(now, here, settings)
}
