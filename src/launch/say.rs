//! What a launch prints on the terminal.

use crate::availability::Origin;
use crate::cli::Cli;
use crate::config::EnvValue;
use crate::host::Host;
use crate::plan::Plan;
use crate::report;
use crate::scope::Names;
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
    if plan.endpoint().is_some_and(|endpoint| endpoint.is_in_clear()) {
        line.push_str("; plain http");
    }
    let (mut op, mut host, mut literal, mut file, mut command) = (0, 0, 0, 0, 0);
    for need in plan.needs.as_slice() {
        if !matches!(need.origin, Origin::Scope(_)) {
            continue;
        }
        match &*need.value {
            EnvValue::Op { .. } => op += 1,
            EnvValue::HostVar(_) => host += 1,
            EnvValue::Empty | EnvValue::Literal(_) => literal += 1,
            EnvValue::File(_) => file += 1,
            EnvValue::Command { .. } => command += 1,
        }
    }
    let resolved = op + host + literal + file + command;
    if resolved == 0 {
        return line;
    }
    let mut kinds = format!("{op} op://, {host} host ref, {literal} literal");
    for (count, kind) in [(file, "file"), (command, "command")] {
        if count > 0 {
            kinds = format!("{kinds}, {count} {kind}");
        }
    }
    format!("{line}; operator env: {resolved} resolved ({kinds})")
}

/// Prints what was chosen, and where each value comes from; never a value.
pub(super) fn debug(plan: &Plan<'_>, names: Names<'_>) {
    for (what, words) in plan.choices() {
        report::say(&format!("debug: {what}: {words}"));
    }
    for need in plan.needs.as_slice() {
        let mut source = format!("{}, ", need.kind());
        if need.origin == Origin::Environment {
            source.clear();
        } else if let Some(reference) = need.reference() {
            source = format!("{} {}, ", need.kind(), report::escape(&reference));
        }
        let key = report::escape(&need.key);
        report::say(&format!("debug: {key}: {source}{}", need.origin.layer(names)));
    }
}

/// Whether a title was asked for, and stderr is a terminal that shows one.
pub(super) fn takes_title(host: &Host, cli: &Cli) -> bool {
    let term = host.environment.text("TERM");
    cli.title
        && host.stderr_is_terminal
        && term.is_some_and(|term| term != "dumb" && term != "linux")
}
