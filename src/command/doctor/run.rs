//! What `doctor` does: reads what a launch reads, examines it, and asks the provider if told to.

use std::ffi::OsString;

use crate::choice;
use crate::choice::By;
use crate::cli;
use crate::cli::Cli;
use crate::cli::Shim;
use crate::command::doctor;
use crate::command::doctor::Findings;
use crate::command::doctor::online;
use crate::command::style;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::exec;
use crate::host::Host;
use crate::launch::fetch;
use crate::launch::prepare;
use crate::report;
use crate::session::Session;
use crate::workspace::Place;

/// Looks at everything, and if asked to lets the provider say a word. The result is the exit
/// status.
pub(crate) fn run(host: &Host, cli: &Cli, online: bool) -> Result<u8, Error> {
    let options = &cli.common;
    let loaded = Loaded::read(host, options);
    let place = loaded.as_ref().map(|loaded| Place::find(host, loaded, options));
    let session = match (&loaded, &place) {
        (Ok(loaded), Ok(Ok(place))) => Some(Session::new(host, loaded, place, options)),
        _ => None,
    };
    let known = match (&loaded, &place, &session) {
        (Ok(loaded), _, Some(Ok(session))) => Ok(doctor::Known {
            candidates: &session.candidates,
            settings: &session.settings,
            exec: &loaded.exec,
            commands_refused: loaded.commands_refused.as_deref(),
            warnings: &session.warnings,
        }),
        (Err(error), ..) | (_, Ok(Err(error)), _) | (_, _, Some(Err(error))) => Err(error),
        // The three above are all that can be wrong.
        _ => Err(&Error::Cancelled),
    };
    if let Ok(loaded) = &loaded {
        // Programs are asked from here on, and jackin's writers wait for five seconds.
        loaded.store.release();
    }
    let choice = known.ok().map(|known| {
        let by_flag = options.provider.as_deref().map(|id| (id, By::Flag));
        let by_variable =
            host.environment.text("JACKIN_EXEC_PROVIDER").map(|id| (id, By::Variable));
        choice::choose(by_flag.or(by_variable), known.candidates, known.settings)
    });
    let mut findings =
        doctor::examine(host, options.config_dir.as_deref(), known, choice.as_ref())?;
    if let Ok(Err(error)) = loaded.as_ref().map(|loaded| loaded.runs_nothing_as_root(true)) {
        findings.error("config", &error.into());
    }
    if let (true, Ok(loaded), Some(Ok(session))) = (online, &loaded, &session) {
        match one_word(host, loaded, session, cli, &mut findings) {
            Ok(()) => {}
            Err(error @ Error::Signalled(_)) => return Err(error),
            Err(error) => findings.error("online", &error),
        }
    }
    report::print(&findings.report(options.json, style(host)));
    Ok(findings.status())
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
    // With --dry-run nobody is asked.
    let shim =
        Shim { cli: Cli { dry_run: true, words, ..cli.clone() }, provider: None, command: None };
    let prepared = prepare(host, loaded, session, &shim)?;
    let secrets = fetch(host, session, &prepared, cli)?;
    let entries = exec::environment(&prepared.plan, &secrets, &host.environment)?;
    online::online(&prepared.plan, entries, &secrets, findings)
}
