//! One turn of the client, with all that a launch would give it.

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::command::doctor::finding::Findings;
use crate::command::doctor::helpers::first_line;
use crate::command::doctor::verdict::Said;
use crate::command::doctor::verdict::Verdict;
use crate::command::doctor::verdict::verdict;
use crate::error::Error;
use crate::exec;
use crate::plan::Plan;
use crate::probe;

/// The client needs a second to start; a slow provider takes a minute for one word.
pub(super) const ONE_TURN: Duration = Duration::from_secs(120);

/// What stands behind the command for one turn: the answer as JSON on stdout and, on stderr, what
/// the endpoint said.
///
/// The options are those of 2.1.197, 2.1.240 and 2.1.330 alike. Without the log nothing tells an
/// unknown model from a wrong path, because the client has the same words for both.
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
    redact: impl Fn(&str) -> String,
    findings: &mut Findings,
) -> Result<(), Error> {
    let word = plan.command.first().cloned().unwrap_or_default();
    let path = environment.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH="));
    let own = exec::own_file();
    let is_other = |path: &PathBuf| {
        std::fs::metadata(path)
            .is_ok_and(|status| status.is_file() && own != Some((status.dev(), status.ino())))
            && nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
    };
    let files = exec::candidates(word.as_bytes(), path.unwrap_or(exec::DEFAULT_PATH)).into_iter();
    let Some(program) = files.map(|file| PathBuf::from(OsString::from_vec(file))).find(is_other)
    else {
        findings.error("online", &Error::NotFound { command: word, hint: None });
        return Ok(());
    };
    // Or it would try ten times, for minutes.
    environment.insert(0, Cow::Borrowed(c"CLAUDE_CODE_MAX_RETRIES=0"));
    let answer = probe::ask(&program, &plan.command, &environment, ONE_TURN)?;
    let verdict = verdict(&answer);
    let (status, message, remedy) = verdict.text(&plan.provider_label, &plan.provider);
    let words = match verdict {
        Verdict::Works => String::new(),
        _ => redact(&Said::new(&answer).words),
    };
    let message = if words.is_empty() {
        message
    } else {
        format!("{message}; it said: {}", first_line(&words))
    };
    findings.add("online", status, message, remedy);
    Ok(())
}
