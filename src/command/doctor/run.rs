//! What `doctor` does: reads what a launch reads, examines it, and asks the provider if told to.

use std::ffi::OsString;

use crate::choice;
use crate::choice::By;
use crate::choice::Choice;
use crate::cli;
use crate::cli::Cli;
use crate::cli::Shim;
use crate::command::doctor;
use crate::command::doctor::Findings;
use crate::command::doctor::online;
use crate::command::style;
use crate::configuration::CommandFrom;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::exec;
use crate::host::Host;
use crate::launch::fetch;
use crate::launch::leads_elsewhere;
use crate::launch::prepare;
use crate::launch::refused_for_root;
use crate::report;
use crate::session::Session;
use crate::workspace::Place;

/// Checks everything and, if requested, asks the provider for one word. Returns the exit status.
pub(crate) fn run(host: &Host, cli: &Cli, online: bool) -> Result<u8, Error> {
    let findings = match Loaded::read(host, &cli.common) {
        Ok(loaded) => examined(host, cli, &loaded, online)?,
        Err(error) => broken(host, cli, &error)?,
    };
    report::print(&findings.report(cli.common.json, style(host)))?;
    Ok(findings.status())
}

/// Reports what can be checked even if a launch would fail before it chooses a provider.
fn broken(host: &Host, cli: &Cli, error: &Error) -> Result<Findings, Error> {
    doctor::examine(host, cli.common.config_dir.as_deref(), Err(error), None)
}

fn examined(host: &Host, cli: &Cli, loaded: &Loaded, online: bool) -> Result<Findings, Error> {
    let options = &cli.common;
    let place = Place::find(host, loaded, options);
    let session = match &place {
        Ok(place) => Ok(Session::new(host, loaded, place, options)),
        Err(error) => Err(error),
    };
    // Programs are asked from here on, and jackin's writers wait for five seconds.
    loaded.store.release();
    let session = match &session {
        Ok(Ok(session)) => Ok(session),
        Ok(Err(error)) => Err(error),
        Err(error) => Err(*error),
    };
    let mut findings = match session {
        Ok(session) => of_session(host, cli, loaded, session)?,
        Err(error) => broken(host, cli, error)?,
    };
    if let Err(error) = loaded.refuse_programs_as_root(CommandFrom::Configuration) {
        findings.error("config", &error.into());
    }
    if online && let Ok(session) = session {
        match one_word(host, loaded, session, cli, &mut findings) {
            Ok(()) => {}
            Err(error @ Error::Signalled(_)) => return Err(error),
            Err(error) => findings.error("online", &error),
        }
    }
    Ok(findings)
}

fn of_session(
    host: &Host,
    cli: &Cli,
    loaded: &Loaded,
    session: &Session<'_>,
) -> Result<Findings, Error> {
    let options = &cli.common;
    let named = choice::named(None, options.provider.as_deref(), &host.environment);
    let choice = session.choose(named);
    let known = doctor::Known {
        candidates: &session.candidates,
        wrong: &session.wrong,
        settings: &session.settings,
        named: named.is_some(),
        exec: &loaded.exec,
        commands_refused: loaded.commands_refused.as_deref(),
        warnings: &session.warnings,
    };
    let mut findings =
        doctor::examine(host, options.config_dir.as_deref(), Ok(known), Some(&choice))?;
    let possible = match choice {
        Ok(Choice::Settled(usable, _)) => vec![usable],
        Ok(Choice::Open(open)) => open,
        Err(_) => Vec::new(),
    };
    for usable in possible {
        if let Some(error) = leads_elsewhere(host, session, cli, usable) {
            findings.error("choice", &error.into());
        }
        for error in refused_for_root(host, session, cli, usable, By::Only) {
            findings.error("config", &error.into());
        }
    }
    Ok(findings)
}

/// One turn of the client, with all that a launch would give it.
fn one_word(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'_>,
    cli: &Cli,
    findings: &mut Findings,
) -> Result<(), Error> {
    let words = online::ONE_WORD.iter().map(OsString::from).collect();
    let words = cli::Words { words, escaped: true };
    // With --dry-run the user is not asked.
    let shim =
        Shim { cli: Cli { dry_run: true, words, ..cli.clone() }, provider: None, command: None };
    let prepared = prepare(host, loaded, session, &shim)?;
    let secrets = fetch(host, session, &prepared, cli)?;
    let entries = exec::environment(&prepared.plan, &secrets, &host.environment)?;
    online::online(&prepared.plan, entries, secrets.as_slice(), findings)
}
