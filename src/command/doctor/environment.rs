//! What the environment holds that a redirect would remove.

use std::ffi::OsStr;

use crate::availability::Candidate;
use crate::catalog;
use crate::catalog::Reason;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::host::Host;
use crate::plan;
use crate::program;
use crate::sys;

/// Checks which variables a redirect would remove, and what the client would do with them.
pub(super) fn environment(host: &Host, known: &[Candidate<'_>], findings: &mut Findings) {
    let outer = plan::outer_names(&host.environment);
    if !outer.is_empty() {
        let name = host.environment.text("JACKIN_EXEC_LABEL").unwrap_or("a redirect");
        findings.ok(
            "environment",
            format!("inside {name}: what that session set is removed before anything else"),
        );
    }
    let mut names: Vec<(String, Reason)> = Vec::new();
    for entry in host.environment.entries() {
        if let Ok(name) = std::str::from_utf8(entry.name)
            && let Some(reason) = catalog::removal(name)
            && !entry.value.is_empty()
            && !outer.iter().any(|outer| outer == name)
            && !names.iter().any(|(known, _)| known == name)
        {
            names.push((name.to_owned(), reason));
        }
    }
    let leftover = plan::is_leftover(&host.environment, known);
    for (name, reason) in names {
        let message = format!("{name} is set ({}); a redirect removes it", reason.text());
        match reason {
            // They would also redirect a client that we do not redirect.
            Reason::Route | Reason::Redirect => {
                let anthropic = if leftover && catalog::is_leftover(&name) {
                    "and so does a launch with Anthropic, because it leads to another provider"
                } else {
                    "a launch with Anthropic keeps it"
                };
                let message = format!("{message}, {anthropic}");
                findings.add(
                    "environment",
                    Status::Warn,
                    message,
                    format!("unset {name}, unless it is meant"),
                );
            }
            _ => findings.ok("environment", message),
        }
    }
    if sys::secure_mode() {
        let hint = "remove set-id bits and file capabilities from the program, or check the container's security policy";
        findings.add(
            "environment",
            Status::Warn,
            "the kernel started us in secure mode (AT_SECURE)",
            hint,
        );
    }
    if host.environment.text("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB").is_some() {
        scrub(host, "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB is set", findings);
    }
}

/// With this variable the client does not start without bubblewrap (measured with 2.1.330).
pub(super) fn scrub(host: &Host, message: &str, findings: &mut Findings) {
    if program::find(OsStr::new("bwrap"), &host.environment).is_none() {
        let message =
            format!("{message}, and bubblewrap is not installed: the client will not start");
        findings.add(
            "environment",
            Status::Fail,
            message,
            "install bubblewrap and socat, or unset it",
        );
    }
}
