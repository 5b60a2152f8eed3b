//! Chooses the provider, by rule or by asking.

use crate::availability::Usable;
use crate::choice;
use crate::choice::By;
use crate::choice::Choice;
use crate::cli::Shim;
use crate::error;
use crate::exec;
use crate::host::Host;
use crate::launch::Error;
use crate::launch::missing;
use crate::picker::Item;
use crate::picker::Terminal;
use crate::provider::Provider;
use crate::session::Session;

/// The provider: named, settled by the configuration, or asked for.
pub(super) fn choose<'s, 'a>(
    host: &Host,
    session: &'s Session<'a>,
    shim: &Shim,
) -> Result<(Usable<'s, 'a>, By), error::Error> {
    let flag = shim.cli.common.provider.as_deref();
    let named = choice::named(shim.provider.as_deref(), flag, &host.environment);
    let is_set = |name: &str| match host.environment.get(name) {
        Some(value) if !value.is_empty() => true,
        _ => session.settings.env.contains_key(name),
    };
    let choice = match session.choose(named) {
        Ok(choice) => choice,
        // A `claude` script that starts us again: the key was passed to the script only.
        Err(error::Error::Choice(choice::Error::NoKey { .. }))
            if exec::is_again(&host.environment) =>
        {
            return Err(exec::Error::Again.into());
        }
        // The explanation considers all providers, not only the relevant ones.
        Err(error::Error::Choice(error)) => {
            let all = session.all();
            let error = choice::choose(named, &all, &session.settings).err().unwrap_or(error);
            return Err(error.guessed(is_set).into());
        }
        Err(error) => return Err(error),
    };
    match choice {
        Choice::Settled(usable, by) => Ok((usable, by)),
        Choice::Open(open) => {
            // A dry run without a command needs none.
            if (!shim.cli.dry_run || shim.cli.words.name_a_command())
                && let Some(error) = missing::command(host, session, shim)
            {
                return Err(error.into());
            }
            let terminal = if shim.cli.dry_run {
                None
            } else {
                Terminal::find(host.stderr_is_terminal, host.environment.text("TERM"))
            };
            let Some(terminal) = terminal else {
                let candidates = open.iter().map(|usable| usable.provider.id.to_string()).collect();
                let (asked, dry_run) = (named.is_some(), shim.cli.dry_run);
                return Err(Error::NobodyToAsk { candidates, asked, dry_run }.into());
            };
            Ok((ask(&terminal, &open)?, By::Question))
        }
    }
}

/// Asks which of the open providers to use.
fn ask<'s, 'a>(
    terminal: &Terminal,
    open: &[Usable<'s, 'a>],
) -> Result<Usable<'s, 'a>, error::Error> {
    let mut items = Vec::with_capacity(open.len());
    for usable in open {
        let Provider { id, label, .. } = usable.provider;
        items.push(Item { id: id.to_string(), label: label.to_string(), answer: *usable });
    }
    Ok(terminal.ask("which provider?", &items)?.answer)
}
