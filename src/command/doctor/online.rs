//! One turn of the client, with all that a launch would give it.

use std::borrow::Cow;
use std::ffi::CStr;
use std::time::Duration;

use secrecy::SecretString;

use crate::command::doctor::client::not_found;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::verdict::Reported;
use crate::command::doctor::verdict::Verdict;
use crate::command::doctor::verdict::verdict;
use crate::error::Error;
use crate::plan::Plan;
use crate::program;
use crate::redact::Words;

/// The client needs a second to start; a slow provider takes a minute for one word.
pub(super) const ONE_TURN: Duration = Duration::from_secs(120);

/// The arguments after the command for one turn: they give the answer as JSON on stdout and the
/// endpoint's response on stderr.
///
/// The options are those of 2.1.197, 2.1.240 and 2.1.330 alike. Without the log, an unknown model
/// cannot be told from a wrong path: the client's message is the same.
pub(super) const ONE_WORD: &[&str] =
    &["-p", "say ok", "--output-format", "json", "--debug-to-stderr", "--no-session-persistence"];

/// Lets the client ask the provider for one word, with the environment that a launch would have.
///
/// # Errors
///
/// [`Error::Signalled`] if a signal ends it.
pub(super) fn online(
    plan: &Plan<'_>,
    mut environment: Vec<Cow<'static, CStr>>,
    secrets: &[Cow<'_, SecretString>],
    findings: &mut Findings,
) -> Result<(), Error> {
    let word = plan.command.first().cloned().unwrap_or_default();
    let path = environment.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH="));
    let path = path.unwrap_or(program::DEFAULT_PATH);
    let Some(file) = program::find_command(&word, path).file else {
        findings.error("online", &not_found(&word));
        return Ok(());
    };
    // Otherwise it would try ten times, for minutes.
    environment.insert(0, Cow::Borrowed(c"CLAUDE_CODE_MAX_RETRIES=0"));
    let answer =
        program::ask(&file, &plan.command, &environment, ONE_TURN).map_err(Error::Signalled)?;
    let verdict = verdict(&answer);
    let (status, message, remedy) = verdict.text(&plan.provider_label, &plan.provider);
    let words = Words::of_client(&Reported::new(&answer).words, secrets);
    let message = if verdict == Verdict::Works || words.is_empty() {
        message
    } else {
        format!("{message}; the answer: {}", words.first_line())
    };
    findings.add("online", status, message, remedy);
    Ok(())
}
