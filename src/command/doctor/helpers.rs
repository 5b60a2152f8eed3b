//! Whether the programs that print keys are there, and whether `op` is signed in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::time::Duration;

use crate::availability::Availability;
use crate::choice::Choice;
use crate::command::doctor::Known;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::error::Error;
use crate::host::Host;
use crate::plan;
use crate::probe;
use crate::probe::End;
use crate::secret;

/// A program that only tells who is signed in answers at once, or waits for somebody.
pub(super) const SIGNED_IN: Duration = Duration::from_secs(10);

pub(super) fn helpers(
    host: &Host,
    known: &Known<'_>,
    choice: Option<&Result<Choice, Error>>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let settled = match choice {
        Some(Ok(Choice::Settled(index, _))) => Some(*index),
        _ => None,
    };
    // A launch here needs the key of the provider that it takes, and the operator's variables.
    let of_keys = (0..).zip(known.candidates).filter_map(|(index, candidate)| {
        match &candidate.availability {
            Availability::Key(source) => {
                Some((settled.is_none_or(|settled| settled == index), &*source.value))
            }
            Availability::Free | Availability::Missing(_) => None,
        }
    });
    let is_key = |name: &EnvName| {
        known.candidates.iter().any(|candidate| candidate.provider.key_env() == Some(name))
    };
    let declared =
        known.settings.env.iter().filter(|(name, scoped)| !scoped.value.on_demand && !is_key(name));
    let declared = declared.map(|(_, scoped)| (true, &scoped.value.value));
    let mut accounts: Vec<Option<&str>> = Vec::new();
    let mut programs: BTreeMap<&str, bool> = BTreeMap::new();
    for (needed, value) in of_keys.chain(declared) {
        let program = match value {
            EnvValue::Op { account, .. } => {
                if !accounts.contains(&account.as_deref()) {
                    accounts.push(account.as_deref());
                }
                Some("op")
            }
            EnvValue::Command { argv, .. } => argv.first().map(String::as_str),
            _ => None,
        };
        if let Some(program) = program {
            *programs.entry(program).or_default() |= needed;
        }
    }
    for (program, needed) in programs {
        if let Some(path) = secret::find(OsStr::new(program), &host.environment) {
            // op is asked more below.
            if program != "op" || accounts.is_empty() {
                findings.ok("helper", format!("{program}: {}", shown(&path)));
            }
            continue;
        }
        let (message, hint) = if program.contains('/') {
            (
                format!("{program} is not there, or is no program"),
                "make it executable, or name another",
            )
        } else if program == "op" {
            let hint = "install 1Password's command-line tool, or put its folder into PATH";
            ("op was not found in the absolute entries of PATH".to_owned(), hint)
        } else {
            (
                format!("{program} was not found in the absolute entries of PATH"),
                "install it, or name it with its path",
            )
        };
        if needed {
            findings.add("helper", Status::Fail, message, hint);
        } else {
            findings.add(
                "helper",
                Status::Warn,
                format!("{message}; a launch here does without it"),
                hint,
            );
        }
    }
    if accounts.is_empty() {
        return Ok(());
    }
    let Some(op) = secret::find(OsStr::new("op"), &host.environment) else {
        return Ok(());
    };
    let environment = without_keys(host, &plan::hidden_names(known.candidates, known.settings));
    for account in accounts {
        let mut words: Vec<OsString> = vec!["op".into()];
        words.extend(
            account.iter().flat_map(|account| ["--account".into(), OsString::from(account)]),
        );
        words.push("whoami".into());
        let named = account.map(|account| format!(" to {account}")).unwrap_or_default();
        let answer = probe::ask(&op, &words, &environment, SIGNED_IN)?;
        let message = match answer.end {
            End::Status(0) => {
                findings.ok("helper", format!("op: {}, signed in{named}", shown(&op)));
                continue;
            }
            End::Status(_) => format!(
                "op: {}, is not signed in{named}: {}",
                shown(&op),
                first_line(&answer.stderr)
            ),
            End::TooLate | End::WantsTerminal => {
                format!("op: {}, did not say whether it is signed in{named}", shown(&op))
            }
            End::CannotRun(errno) => {
                let message = format!("op: {}: {}", shown(&op), errno.desc());
                findings.add(
                    "helper",
                    Status::Fail,
                    message,
                    "install 1Password's command-line tool anew",
                );
                continue;
            }
        };
        let hint = "sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN; with the desktop app, a launch will ask you";
        findings.add("helper", Status::Warn, message.trim_end_matches(": "), hint);
    }
    Ok(())
}

pub(super) fn first_line(text: &str) -> &str {
    const LONGEST: usize = 160;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.char_indices().nth(LONGEST).and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

/// Our environment for a program that has no business with keys, less what an outer session's
/// redirect set.
pub(super) fn without_keys(host: &Host, hidden: &[String]) -> Vec<Cow<'static, CStr>> {
    let ours = host.environment.without(&plan::outer_names(&host.environment));
    ours.without(hidden).0.into_iter().map(Cow::Borrowed).collect()
}
