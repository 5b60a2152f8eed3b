//! Whether the programs that print keys exist, and whether `op` is signed in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::availability::Availability;
use crate::choice::Choice;
use crate::command::doctor::Known;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::config::EnvValue;
use crate::error::Error;
use crate::host::Host;
use crate::plan;
use crate::program;
use crate::program::End;
use crate::redact::Words;
use crate::typed::Typed;

/// How long a program may take to report a version, or who is signed in. One that takes longer is
/// waiting for the user.
pub(super) const SIGNED_IN: Duration = Duration::from_secs(10);

/// Checks the programs that the configuration names.
pub(super) fn helpers(
    host: &Host,
    known: &Known<'_>,
    choice: Option<&Result<Choice<'_, '_>, Error>>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let wanted = Wanted::by(known, choice);
    for (program, needed) in &wanted.programs {
        let Some(path) = program::find(OsStr::new(program), &host.environment) else {
            missing(program, *needed, findings);
            continue;
        };
        if *program != "op" || wanted.accounts.is_empty() {
            findings.ok("helper", format!("{program}: {}", shown(&path)));
            continue;
        }
        let hidden = plan::hidden_names(known.candidates, known.wrong, known.settings);
        let environment = without_keys(host, &hidden);
        for account in &wanted.accounts {
            signed_in(&path, *account, &environment, findings)?;
        }
    }
    Ok(())
}

/// The programs that the configuration names.
#[derive(Default)]
struct Wanted<'a> {
    /// Each with whether a launch here needs it.
    programs: BTreeMap<&'a str, bool>,
    /// The accounts of `op`.
    accounts: Vec<Option<&'a str>>,
}

impl<'a> Wanted<'a> {
    /// A launch here needs the key of the provider that it chooses, and the operator's variables.
    fn by(known: &Known<'a>, choice: Option<&Result<Choice<'_, '_>, Error>>) -> Self {
        let settled = match choice {
            Some(Ok(Choice::Settled(usable, _))) => Some(&usable.provider.id),
            _ => None,
        };
        let mut wanted = Self::default();
        for candidate in known.candidates {
            if let Availability::Key(source) = &candidate.availability {
                wanted.add(
                    &source.value,
                    settled.is_none_or(|settled| *settled == candidate.provider.id),
                );
            }
        }
        for (name, scoped) in &known.settings.env {
            let is_key =
                known.candidates.iter().any(|candidate| candidate.provider.key_env() == Some(name));
            if !scoped.value.on_demand && !is_key {
                wanted.add(&scoped.value.value, true);
            }
        }
        wanted
    }

    fn add(&mut self, value: &'a EnvValue, needed: bool) {
        let program = match value {
            EnvValue::Op(op) => {
                let account = op.account.as_deref();
                if !self.accounts.contains(&account) {
                    self.accounts.push(account);
                }
                Some("op")
            }
            EnvValue::Command(helper) => helper.argv.first().map(String::as_str),
            EnvValue::Empty | EnvValue::Literal(_) | EnvValue::HostVar(_) | EnvValue::File(_) => {
                None
            }
        };
        if let Some(program) = program {
            *self.programs.entry(program).or_default() |= needed;
        }
    }
}

/// Reports a program that cannot be run.
fn missing(program: &str, needed: bool, findings: &mut Findings) {
    // A key may have been put in the place of the program.
    let typed = Typed::new(program);
    let (what, hint) = if program.contains('/') {
        ("does not exist or cannot be executed", "make it executable, or name another")
    } else if program == "op" {
        let hint = "install 1Password's command-line tool, or put its folder into PATH";
        ("was not found in the absolute entries of PATH", hint)
    } else {
        ("was not found in the absolute entries of PATH", "install it, or name it with its path")
    };
    if needed {
        findings.add("helper", Status::Fail, format!("{typed} {what}"), hint);
    } else {
        let message = format!("{typed} {what}; a launch here does not need it");
        findings.add("helper", Status::Warn, message, hint);
    }
}

/// Asks `op` whether the user is signed in to an account.
fn signed_in(
    op: &Path,
    account: Option<&str>,
    environment: &[Cow<'static, CStr>],
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut words: Vec<OsString> = vec!["op".into()];
    let mut named = String::new();
    if let Some(account) = account {
        words.extend(["--account".into(), account.into()]);
        named = format!(" to {account}");
    }
    words.push("whoami".into());
    let answer = program::ask(op, &words, environment, SIGNED_IN).map_err(Error::Signalled)?;
    let op = shown(op);
    let message = match answer.end {
        End::Status(0) => {
            findings.ok("helper", format!("op: {op}, signed in{named}"));
            return Ok(());
        }
        End::Status(_) => {
            let reason = Words::of_client(&answer.stderr, &[]).first_line();
            let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
            format!("op: {op}, is not signed in{named}{reason}")
        }
        End::TimedOut | End::WantsTerminal => {
            format!("op: {op}, did not tell whether it is signed in{named}")
        }
        End::CannotRun(errno) => {
            let hint = "reinstall 1Password's command-line tool";
            findings.add("helper", Status::Fail, format!("op: {op}: {}", errno.desc()), hint);
            return Ok(());
        }
    };
    let hint = "sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN; with the desktop app, a launch will ask you";
    findings.add("helper", Status::Warn, message, hint);
    Ok(())
}

/// Our environment for a program that must not see keys, without what an outer session's redirect
/// set.
pub(super) fn without_keys(host: &Host, hidden: &[String]) -> Vec<Cow<'static, CStr>> {
    let ours = host.environment.without(&plan::outer_names(&host.environment));
    let mut entries = Vec::new();
    for entry in ours.without(hidden).0 {
        entries.push(Cow::Borrowed(entry));
    }
    entries
}
