//! What a launch prints on the terminal.

use crate::availability::Origin;
use crate::cli::Cli;
use crate::host::Host;
use crate::plan;
use crate::plan::Action;
use crate::plan::Plan;
use crate::provider::Endpoint;
use crate::report;
use crate::warning;
use crate::warning::Warning;

/// Prints warnings, unless `--quiet` was given.
pub(crate) fn warn(warnings: &[Warning], cli: &Cli) {
    if !cli.common.quiet {
        warning::say(warnings);
    }
}

/// `Claude (Kimi); operator env: 3 resolved (2 op://, 1 host ref, 0 literal)`
pub(super) fn launch_line(plan: &Plan<'_>) -> String {
    let mut line = report::escape(&plan.label).into_owned();
    if let Some(host) = &plan.gateway {
        line = format!("{line}; through {host}");
    }
    if endpoint(plan).is_some_and(|endpoint| endpoint.is_in_clear()) {
        line.push_str("; plain http");
    }
    let count = |kind: &str| {
        let scoped =
            |need: &&plan::Need<'_>| matches!(need.origin, Origin::Scope(_)) && need.kind() == kind;
        plan.needs.as_slice().iter().filter(scoped).count()
    };
    let (op, host, literal) = (count("op"), count("host"), count("literal"));
    let (file, command) = (count("file"), count("command"));
    let resolved = op + host + literal + file + command;
    if resolved == 0 {
        return line;
    }
    let more = [(file, "file"), (command, "command")]
        .map(|(count, kind)| if count == 0 { String::new() } else { format!(", {count} {kind}") });
    format!(
        "{line}; operator env: {resolved} resolved ({op} op://, {host} host ref, {literal} literal{})",
        more.concat()
    )
}

/// Where a redirect's requests go.
pub(super) fn endpoint(plan: &Plan<'_>) -> Option<Endpoint> {
    plan.assignments.iter().find_map(|assignment| match &assignment.action {
        Action::Public(url) if assignment.name == plan::BASE_URL => {
            Endpoint::new(url.to_str()?).ok()
        }
        Action::Public(_) | Action::Secret { .. } | Action::Unset => None,
    })
}

/// Whether a title was asked for, and stderr is a terminal that shows one.
pub(super) fn takes_title(host: &Host, cli: &Cli) -> bool {
    let term = host.environment.text("TERM");
    cli.title
        && host.stderr_is_terminal
        && term.is_some_and(|term| term != "dumb" && term != "linux")
}
