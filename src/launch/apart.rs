//! Warns of sessions that the client would start apart from this one and that would get no key:
//! team mates in panes, and sessions in the background.

use crate::client;
use crate::host::Host;
use crate::plan;
use crate::plan::Action;
use crate::plan::Link;
use crate::plan::Plan;
use crate::warning::Apart;
use crate::warning::Warning;

/// Turns on teams of agents. Read in 2.1.257 to 2.1.332; checked 2026-11-26.
const TEAMS: &str = "CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS";

/// Warns of the sessions that the words and the environment ask for.
pub(super) fn warn(
    host: &Host,
    plan: &Plan<'_>,
    link: Option<Link<'_>>,
    warnings: &mut Vec<Warning>,
) {
    if !plan.redirect || !client::is_started_by(&plan.command) {
        return;
    }
    if plan::ask_for_background(&plan.command) {
        let label = plan.provider_label.clone();
        warnings.push(Warning::Apart(Apart::Background { label }));
    }
    if host.stderr_is_terminal && shows_panes(host, plan) && !starts_mates(host, plan) {
        let id = plan.provider.clone();
        let why = if !plan.key_is_configured() {
            Apart::MatesWithoutKey { id }
        } else if link.is_none() {
            Apart::MatesWithoutLink { id }
        } else {
            Apart::MatesWithoutOptions
        };
        warnings.push(Warning::Apart(why));
    }
}

/// Whether team mates would get panes: their default inside tmux.
fn shows_panes(host: &Host, plan: &Plan<'_>) -> bool {
    let in_shell = host.environment.text(TEAMS).is_some_and(|text| text != "0" && text != "false");
    if !in_shell && !is_set(plan, TEAMS) {
        return false;
    }
    match plan::teammate_mode(&plan.command) {
        Some(mode) => mode == "tmux",
        None => host.environment.text("TMUX").is_some(),
    }
}

/// Whether something says how team mates are started.
fn starts_mates(host: &Host, plan: &Plan<'_>) -> bool {
    is_set(plan, plan::TEAMMATE) || host.environment.text(plan::TEAMMATE).is_some()
}

fn is_set(plan: &Plan<'_>, name: &str) -> bool {
    let mut set = plan.assignments.iter().filter(|one| !matches!(one.action, Action::Unset));
    set.any(|one| one.name == name)
}
