//! `--on-demand`: which of the `on_demand` values this launch sets, too.

use crate::availability::Origin;
use crate::error;
use crate::host::Host;
use crate::launch::Error;
use crate::picker::Item;
use crate::picker::Terminal;
use crate::plan;
use crate::plan::Action;
use crate::plan::Inputs;
use crate::plan::Need;
use crate::plan::Plan;
use crate::report;
use crate::warning::Warning;

/// Asks which of the values to set; the answer is their names. A dry run asks nothing.
pub(super) fn pick<'a>(
    host: &Host,
    inputs: Inputs<'a, '_>,
    dry_run: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<&'a str>, error::Error> {
    let mut on_demand = Vec::new();
    for (name, scoped) in &inputs.settings.env {
        if scoped.value.on_demand {
            on_demand.push(name.as_str());
        }
    }
    // Of a plan that sets all of them, those that reach the command: a redirect decides some names,
    // and some would change this host.
    let all = plan::plan(Inputs { picked: &on_demand, ..inputs }, &mut Vec::new());
    let mut items = Vec::new();
    for name in on_demand {
        if let Some(need) = need_of(&all, name) {
            let label = label(name, need);
            items.push(Item { id: name.to_owned(), label, answer: name });
        }
    }
    if items.is_empty() {
        warnings.push(Warning::NothingOnDemand);
        return Ok(Vec::new());
    }
    if dry_run {
        return Ok(Vec::new());
    }
    let terminal = Terminal::find(host.stderr_is_terminal, host.environment.text("TERM"));
    let Some(terminal) = terminal else {
        let names = items.iter().map(|item| item.id.clone()).collect();
        return Err(Error::NobodyToAskOnDemand { names }.into());
    };
    let picked = terminal.ask_several("which on_demand values?", &items)?;
    Ok(picked.iter().map(|item| item.answer).collect())
}

/// What is fetched for a variable of the operator's.
fn need_of<'p>(plan: &'p Plan<'_>, name: &str) -> Option<&'p Need<'p>> {
    let set = plan.assignments.iter().find(|assignment| assignment.name == name)?;
    match (&set.action, set.origin) {
        (Action::Secret { need, .. }, Origin::Scope(_)) => Some(plan.needs.get(*need)),
        _ => None,
    }
}

/// A name with where its value comes from, and never the value.
fn label(name: &str, need: &Need<'_>) -> String {
    let reference = match need.reference() {
        Some(reference) => format!(" {reference}"),
        None => String::new(),
    };
    let origin = need.origin.word();
    report::escape(&format!("{name} ({}{reference}, {origin})", need.kind())).into_owned()
}
