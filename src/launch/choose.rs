//! Choosing the provider: the rule's answer, or a person's.

use crate::availability::Candidate;
use crate::catalog;
use crate::choice;
use crate::choice::By;
use crate::choice::Choice;
use crate::cli::Shim;
use crate::error;
use crate::host::Host;
use crate::launch::Error;
use crate::picker::Item;
use crate::picker::Terminal;
use crate::session::Session;

/// The provider: named, settled by the configuration, or asked for.
pub(super) fn choose<'a, 's>(
    host: &Host,
    session: &'s Session<'a>,
    shim: &Shim,
) -> Result<(&'s Candidate<'a>, By), error::Error> {
    let options = &shim.cli.common;
    let by_name = shim.provider.as_deref().map(|id| (id, By::Name));
    let by_flag = options.provider.as_deref().map(|id| (id, By::Flag));
    let by_variable = host.environment.text("JACKIN_EXEC_PROVIDER").map(|id| (id, By::Variable));
    let named = by_name.or(by_flag).or(by_variable);
    let candidates = &session.candidates;
    let is_set = |name: &str| {
        host.environment.get(name).is_some_and(|value| !value.is_empty())
            || session.settings.env.contains_key(name)
    };
    let choice = choice::choose(named, candidates, &session.settings)
        .map_err(|error| error.guessed(catalog::names_elsewhere, is_set))?;
    match choice {
        Choice::Settled(index, by) => Ok((candidate(candidates, index), by)),
        Choice::Open(open) => {
            let open: Vec<&Candidate<'_>> =
                open.into_iter().map(|index| candidate(candidates, index)).collect();
            Ok((ask(host, &open, named.is_some(), shim.cli.dry_run)?, By::Question))
        }
    }
}

/// Asks a person which of the open candidates it shall be.
fn ask<'a, 's>(
    host: &Host,
    open: &[&'s Candidate<'a>],
    asked: bool,
    dry_run: bool,
) -> Result<&'s Candidate<'a>, error::Error> {
    let term = host.environment.text("TERM");
    let terminal = Terminal::find(host.stderr_is_terminal, term).filter(|_| !dry_run);
    let Some(terminal) = terminal else {
        let candidates = open.iter().map(|candidate| candidate.provider.id.to_string()).collect();
        return Err(Error::NobodyToAsk { candidates, asked }.into());
    };
    let items: Vec<Item> = open.iter().map(|candidate| item(candidate)).collect();
    let answer = terminal.ask("which provider?", &items)?;
    #[expect(clippy::expect_used, reason = "no other provider may take the place of a lost answer")]
    let chosen = open.get(answer).expect("the answer is one of the items of the question");
    Ok(chosen)
}

/// The candidate that a choice speaks of.
fn candidate<'a, 's>(candidates: &'s [Candidate<'a>], index: usize) -> &'s Candidate<'a> {
    #[expect(
        clippy::expect_used,
        reason = "no other provider may take the place of the chosen one"
    )]
    candidates.get(index).expect("a choice speaks of the candidates that it was made from")
}

fn item(candidate: &Candidate<'_>) -> Item {
    let provider = &candidate.provider;
    Item { id: provider.id.to_string(), label: provider.label.to_string() }
}
