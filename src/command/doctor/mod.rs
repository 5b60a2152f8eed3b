//! `doctor`: what would keep a launch from working, and what to do about it.
//!
//! Looks at everything that a launch would look at, and at what the client looks at. Shows names
//! and places, never values.

mod run;

pub(crate) use run::run;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::DirEntryExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use serde::Serialize;

use crate::catalog;
use crate::catalog::Reason;
use crate::choice::Availability;
use crate::choice::By;
use crate::choice::Candidate;
use crate::choice::Choice;
use crate::cli;
use crate::cli::Shell;
use crate::command::completions;
use crate::config;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::ProviderTable;
use crate::config::Variables;
use crate::error::Error;
use crate::error::Missing;
use crate::error::Offence;
use crate::error::Warning;
use crate::error::nearest;
use crate::exec;
use crate::files::load;
use crate::files::load::Store;
use crate::files::load::Text;
use crate::host;
use crate::host::Host;
use crate::json;
use crate::managed;
use crate::picker::Terminal;
use crate::plan;
use crate::plan::Need;
use crate::plan::Plan;
use crate::probe;
use crate::probe::Answer;
use crate::probe::End;
use crate::provider;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Settings;
use crate::secret;
use crate::sys;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, but may not be meant.
    Warn,
    /// A launch would fail.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to.
    pub check: &'static str,
    /// How it is.
    pub status: Status,
    /// In words.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// All that was found, in the order in which a launch meets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    fn add(
        &mut self,
        check: &'static str,
        status: Status,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (message, remedy) = (message.into(), remedy.into());
        let remedy = Some(remedy).filter(|remedy| !remedy.is_empty());
        let finding = Finding { check, status, message, remedy };
        // A broken file is met by several checks, and is one thing to mend.
        let known = |one: &Finding| one.status == status && one.message == finding.message;
        if status == Status::Ok || !self.0.iter().any(known) {
            self.0.push(finding);
        }
    }

    fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Status::Ok, message, "");
    }

    /// Something that a launch would not get past. Each line of an error is a finding.
    pub fn error(&mut self, check: &'static str, error: &Error) {
        let text = error.to_string();
        for line in text.lines() {
            self.add(check, Status::Fail, line.trim_start_matches("jackin-exec: "), remedy(error));
        }
    }

    fn warning(&mut self, check: &'static str, warning: &Warning) {
        // In one line a warning ends with what to do; here that stands below it.
        let text = warning.to_string();
        let message = text.split(": chmod").next().unwrap_or_default();
        self.add(check, Status::Warn, message, warning.hint());
    }

    /// The exit status: 1 if something fails.
    pub fn status(&self) -> u8 {
        u8::from(self.0.iter().any(|finding| finding.status == Status::Fail))
    }

    /// For programs, or as a table.
    pub fn report(&self, json: bool, style: Style) -> String {
        if json {
            // A structure of strings cannot fail to be JSON.
            return serde_json::to_string(&self.0).unwrap_or_default() + "\n";
        }
        let row = |finding: &Finding| {
            let (word, tone) = match finding.status {
                Status::Ok => ("ok", Tone::Good),
                Status::Warn => ("warn", Tone::Doubtful),
                Status::Fail => ("FAIL", Tone::Bad),
            };
            let heads = vec![(word.to_owned(), tone), (finding.check.to_owned(), Tone::Plain)];
            Row { heads, text: finding.message.clone(), hint: finding.remedy.clone() }
        };
        let mut text = report::table(&self.0.iter().map(row).collect::<Vec<_>>(), style);
        let count = |status| self.0.iter().filter(|finding| finding.status == status).count();
        let (fails, warns) = (count(Status::Fail), count(Status::Warn));
        // Writing to a string cannot fail.
        let _ = match (fails, warns) {
            (0, 0) => writeln!(text, "\nNothing is wrong."),
            (0, warns) => writeln!(text, "\nNothing fails; {warns} to look at."),
            (fails, 0) => writeln!(text, "\n{fails} to mend."),
            (fails, warns) => writeln!(text, "\n{fails} to mend, {warns} to look at."),
        };
        text
    }
}

/// What to do about an error where it says nothing itself.
fn remedy(error: &Error) -> String {
    error.hint().unwrap_or_else(|| match error {
        Error::Config { .. } => "correct the file at that line".to_owned(),
        Error::Names(_) => "rename or remove it".to_owned(),
        Error::Unreadable { errno: Errno::EACCES, path } => {
            format!("make it readable for you: {}", path.display())
        }
        Error::Unreadable { .. } | Error::NotRegular { .. } | Error::TooLarge { .. } => {
            "put a plain text file there, or remove it".to_owned()
        }
        Error::Changing { .. } => "try again when jackin has saved".to_owned(),
        Error::RoleNotAllowed { .. } | Error::Unknown { .. } | Error::NotAllowed { .. } => {
            "name one of these".to_owned()
        }
        _ => "see jackin-exec(1)".to_owned(),
    })
}

/// What a launch would know before it chooses.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// All providers.
    pub candidates: &'a [Candidate<'a>],
    /// The four scopes.
    pub settings: &'a Settings<'a>,
    /// exec.toml.
    pub exec: &'a ExecToml,
    /// Why commands of exec.toml are not run.
    pub commands_refused: Option<&'a Path>,
    /// What a launch would warn of.
    pub warnings: &'a [Warning],
}

/// Looks at everything but the provider's answer.
///
/// # Errors
///
/// [`Error::Signalled`] if a signal ends it while a program is asked.
pub fn examine(
    host: &Host,
    config_dir: Option<&Path>,
    known: Result<Known<'_>, &Error>,
    choice: Option<&Result<Choice, Error>>,
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    configuration(host, config_dir, &mut findings);
    let redirects = match known {
        Ok(known) => {
            for warning in known.warnings {
                findings.warning("config", warning);
            }
            references(&known, &mut findings);
            scope(known.settings, &mut findings);
            let redirects =
                choice.is_some_and(|choice| chosen(host, &known, choice, &mut findings));
            providers(host, &known, &mut findings);
            helpers(host, &known, choice, &mut findings)?;
            redirects
        }
        Err(error) => {
            findings.error("config", error);
            false
        }
    };
    // What would not be run is not asked either.
    let command = known.ok().filter(|known| known.commands_refused.is_none());
    let command = command.and_then(|known| known.exec.command.clone());
    let hidden = match known {
        Ok(known) => plan::hidden_names(known.candidates, known.settings),
        Err(_) => plan::hidden_names(&[], &Settings::default()),
    };
    let version = client(host, command.as_deref(), &hidden, &mut findings)?;
    environment(host, &mut findings);
    settings(host, version, redirects, &mut findings);
    terminal(host, &mut findings);
    links(host, known.ok().map(|known| known.candidates), &mut findings);
    scripts(host, &mut findings);
    Ok(findings)
}

/// A path for people.
fn shown(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

// ---------------------------------------------------------------- the configuration

fn configuration(host: &Host, typed: Option<&Path>, findings: &mut Findings) {
    let dir = match host.config_dir(typed) {
        Ok(Some(dir)) => dir,
        Ok(None) => {
            let hint = "set HOME, or name a folder with --config-dir";
            return findings.add(
                "config",
                Status::Warn,
                "there is no home directory, so no configuration",
                hint,
            );
        }
        Err(error) => return findings.error("config", &error),
    };
    if !dir.typed && !dir.path.exists() {
        let message =
            format!("{} is not there: keys come from the environment alone", shown(&dir.path));
        return findings.ok("config", message);
    }
    let mut warnings = Vec::new();
    let store = match Store::open(Some(&dir), host.ids.effective_user, &mut warnings) {
        Ok(store) => store,
        Err(error) => return findings.error("config", &error),
    };
    let mut offences = Vec::new();
    let before = findings.0.len();
    // What is wrong with it is told below.
    let exec = store.read("exec.toml", &mut Vec::new()).ok().flatten();
    let exec = exec.and_then(|text| config::exec(&text.path, &text.text, &mut Vec::new()).ok());
    let providers = exec.map(|exec| exec.providers).unwrap_or_default();
    if let Some(text) = file(&store, "config.toml", &mut warnings, findings) {
        let found = config::global(&text.path, &text.text, &mut offences);
        parsed(&text, found, &mut offences, &mut warnings, findings, |global, warnings| {
            if global.newer {
                warnings.push(Warning::Newer { path: text.path.clone() });
            }
            readable(&text, global.scopes(), &providers, warnings);
        });
    }
    if let Some(text) = file(&store, "exec.toml", &mut warnings, findings) {
        let found = config::exec(&text.path, &text.text, &mut offences);
        let found = found.and_then(|exec| provider::providers(&exec.providers).map(|_| exec));
        parsed(&text, found, &mut offences, &mut warnings, findings, |exec, warnings| {
            readable(&text, exec.scopes(), &providers, warnings);
        });
    }
    match store.workspace_names() {
        Ok(names) => {
            for name in names {
                workspace(&store, &name, &providers, &mut warnings, findings);
            }
        }
        Err(error) => findings.error("config", &error),
    }
    for warning in &warnings {
        findings.warning("config", warning);
    }
    if findings.0.len() == before {
        findings.ok(
            "config",
            format!(
                "{} holds no file of ours: keys come from the environment alone",
                shown(&dir.path)
            ),
        );
    }
}

fn workspace(
    store: &Store,
    name: &str,
    providers: &BTreeMap<String, ProviderTable>,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
) {
    let Some(text) = file(store, &load::workspace_file(name), warnings, findings) else {
        return;
    };
    let mut offences = Vec::new();
    let found = config::workspace(&text.path, &text.text, &mut offences);
    parsed(&text, found, &mut offences, warnings, findings, |workspace, warnings| {
        if workspace.newer {
            warnings.push(Warning::Newer { path: text.path.clone() });
        }
        readable(&text, workspace.scopes(), providers, warnings);
    });
}

fn file(
    store: &Store,
    name: &str,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
) -> Option<Text> {
    match store.read(name, warnings) {
        Ok(text) => text,
        Err(error) => {
            findings.error("config", &error);
            None
        }
    }
}

fn parsed<T>(
    text: &Text,
    found: Result<T, Error>,
    offences: &mut Vec<Offence>,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
    look: impl FnOnce(T, &mut Vec<Warning>),
) {
    match found {
        Ok(found) => {
            if offences.is_empty() {
                findings.ok("config", shown(&text.path));
            } else {
                findings.error("config", &Error::Names(std::mem::take(offences)));
            }
            look(found, warnings);
        }
        Err(error) => findings.error("config", &error),
    }
}

fn readable<'a>(
    text: &Text,
    scopes: impl Iterator<Item = &'a Variables>,
    providers: &BTreeMap<String, ProviderTable>,
    warnings: &mut Vec<Warning>,
) {
    if text.world_readable && provider::holds_literal_key(scopes, providers) {
        warnings.push(Warning::ReadableKey { path: text.path.clone() });
    }
}

/// Names in exec.toml that mean nothing that exists.
fn references(known: &Known<'_>, findings: &mut Findings) {
    let ids: Vec<&str> = known.candidates.iter().map(|candidate| &*candidate.provider.id).collect();
    let mut look = |place: String, id: &str| {
        if !ids.contains(&id) {
            let near = nearest(id, ids.iter().copied()).map(|near| format!("did you mean {near}?"));
            let hint = near.unwrap_or_else(|| format!("there are: {}", ids.join(", ")));
            findings.add(
                "config",
                Status::Fail,
                format!("exec.toml: {place} names {id}, which is no provider"),
                hint,
            );
        }
    };
    if let Some(id) = &known.exec.default_provider {
        look("default_provider".to_owned(), id);
    }
    for (name, workspace) in &known.exec.workspaces {
        for id in workspace.default_provider.iter().chain(workspace.providers.iter().flatten()) {
            look(format!("[workspaces.{name}]"), id);
        }
    }
}

// ---------------------------------------------------------------- the choice and the keys

fn scope(settings: &Settings<'_>, findings: &mut Findings) {
    let role = settings.role.as_ref().map(|role| format!(", role {role}")).unwrap_or_default();
    match &settings.workspace {
        Some(workspace) => findings.ok("scope", format!("workspace {workspace}{role}")),
        None => findings.ok("scope", format!("no workspace here{role}")),
    }
}

/// Says what a launch from here would take. The result is whether that is a redirect.
fn chosen(
    host: &Host,
    known: &Known<'_>,
    choice: &Result<Choice, Error>,
    findings: &mut Findings,
) -> bool {
    let label = |index: &usize| known.candidates.get(*index).map(|one| &one.provider);
    match choice {
        Ok(Choice::Settled(index, by)) => {
            let Some(provider) = label(index) else {
                return false;
            };
            let why = if *by == By::Only && provider.is_anthropic() {
                "no other has a key"
            } else {
                by.text()
            };
            findings.ok("choice", format!("a launch here takes {} ({why})", provider.label));
            !provider.is_anthropic()
        }
        Ok(Choice::Open(open)) => {
            let labels: Vec<String> =
                open.iter().filter_map(label).map(|one| one.label.to_string()).collect();
            let message = format!("a launch here asks which one: {}", report::list(&labels));
            if Terminal::find(host.stderr_is_terminal, host.environment.text("TERM")).is_some() {
                findings.ok("choice", message);
            } else {
                let hint = "name one with --provider ID or JACKIN_EXEC_PROVIDER=ID";
                findings.add(
                    "choice",
                    Status::Warn,
                    format!("{message}; but nobody can be asked"),
                    hint,
                );
            }
            true
        }
        // Already told, with the place.
        Err(Error::Unknown { place, .. }) if place.contains("default_provider") => true,
        Err(error) => {
            findings.error("choice", error);
            true
        }
    }
}

fn providers(host: &Host, known: &Known<'_>, findings: &mut Findings) {
    let mut keyed = false;
    for candidate in known.candidates {
        let provider = &candidate.provider;
        let name = if provider.label.to_ascii_lowercase() == *provider.id {
            provider.label.to_string()
        } else {
            format!("{} ({})", provider.label, provider.id)
        };
        let mut forbidding = known
            .settings
            .policies
            .iter()
            .filter(|policy| !policy.providers.contains(&provider.id.to_string()));
        let forbidden = forbidding
            .next()
            .map(|policy| format!("; workspace {} does not allow it", policy.workspace));
        let forbidden = forbidden.unwrap_or_default();
        match &candidate.availability {
            Availability::Free => {
                findings.ok("provider", format!("{name}: needs no key{forbidden}"))
            }
            Availability::Key(source) => {
                keyed = true;
                let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
                let need = Need {
                    key: Cow::Borrowed(key),
                    value: source.value.clone(),
                    origin: source.origin,
                };
                key_of(
                    host,
                    known,
                    candidate,
                    &need,
                    &format!("{name}: {key} from {}{forbidden}", place(&need)),
                    findings,
                );
            }
            Availability::Missing(missing) => {
                let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
                let message = format!("{name}: no key: {}{forbidden}", missing.text(key));
                match missing {
                    // Nobody has keys for all of them, and who wrote an empty one, or ignores it,
                    // wants it so.
                    Missing::Nowhere | Missing::Ignored | Missing::Empty { .. } => {
                        findings.ok("provider", message)
                    }
                    Missing::OnDemand { .. } | Missing::HostVar { .. } => {
                        let error = Error::NoKey {
                            provider: provider.id.to_string(),
                            key: key.to_owned(),
                            missing: missing.clone(),
                            others: Vec::new(),
                        };
                        findings.add("provider", Status::Warn, message, remedy(&error));
                    }
                }
            }
        }
    }
    if !keyed
        && known
            .candidates
            .iter()
            .all(|candidate| candidate.provider.is_anthropic() || !candidate.is_available())
    {
        let hint = "jackin-exec auth set kimi asks for one; or set the provider's variable in the environment";
        findings.add("provider", Status::Warn, "no provider but Anthropic has a key", hint);
    }
}

/// Where a value is, in words: `global, op://…`.
fn place(need: &Need<'_>) -> String {
    let origin = need.origin.word();
    match need.reference() {
        Some(reference) if need.kind() != "inherited" => {
            format!("{origin} ({} {reference})", need.kind())
        }
        _ if need.kind() == "literal" => format!("{origin} (written in the file)"),
        _ => origin.to_owned(),
    }
}

fn key_of(
    host: &Host,
    known: &Known<'_>,
    candidate: &Candidate<'_>,
    need: &Need<'_>,
    message: &str,
    findings: &mut Findings,
) {
    let mut warnings = Vec::new();
    match secret::judge_key(need, candidate.provider.key_shape, &host.environment, &mut warnings) {
        None => match (&*need.value, known.commands_refused) {
            (EnvValue::Command { .. }, Some(path)) => {
                let reason = crate::error::Reason::CommandOfAnother(path.to_owned());
                let hint = format!("chown root {}", shown(path));
                findings.add("provider", Status::Fail, format!("{message}: {reason}"), hint);
            }
            _ => findings.ok("provider", format!("{message}, not fetched here")),
        },
        Some(Ok(())) if warnings.is_empty() => findings.ok("provider", message),
        Some(Ok(())) => {
            for warning in &warnings {
                findings.add(
                    "provider",
                    Status::Warn,
                    format!("{message}: {warning}"),
                    warning.hint(),
                );
            }
        }
        Some(Err(reason)) => {
            let hint = "give it a value, or another source";
            findings.add("provider", Status::Fail, format!("{message}: {reason}"), hint);
        }
    }
}

// ---------------------------------------------------------------- helpers

/// A program that only tells who is signed in answers at once, or waits for somebody.
const SIGNED_IN: Duration = Duration::from_secs(10);

fn helpers(
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

fn first_line(text: &str) -> &str {
    const LONGEST: usize = 160;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.char_indices().nth(LONGEST).and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

/// Our environment for a program that has no business with keys, less what an outer session's
/// redirect set.
fn without_keys(host: &Host, hidden: &[String]) -> Vec<Cow<'static, CStr>> {
    let ours = host.environment.without(&plan::outer_names(&host.environment));
    ours.without(hidden).0.into_iter().map(Cow::Borrowed).collect()
}

// ---------------------------------------------------------------- the client

/// A version of the client.
type Version = (u32, u32, u32);

/// The first version that obeys the host about a settings file's apiKeyHelper and headers, and
/// about a stored key.
///
/// Source: measured with 2.1.197, 2.1.240, 2.1.285 and 2.1.330 in November 2026.
const PROTECTS: Version = (2, 1, 240);

/// The oldest version that was measured.
const OLDEST: Version = (2, 1, 197);

/// What a redirect needs of the client.
const UPDATE: &str = "claude update, or npm install -g @anthropic-ai/claude-code";

fn client(
    host: &Host,
    command: Option<&[String]>,
    hidden: &[String],
    findings: &mut Findings,
) -> Result<Option<Version>, Error> {
    let word = command.and_then(|command| command.first()).map_or("claude", String::as_str);
    let path = host.environment.get("PATH").map_or(exec::DEFAULT_PATH, OsStr::as_bytes);
    let own = exec::own_file();
    let mut links = Vec::new();
    let mut refused = None;
    let mut found = None;
    for file in exec::candidates(word.as_bytes(), path) {
        let file = PathBuf::from(OsString::from_vec(file));
        let Ok(status) = std::fs::metadata(&file) else {
            continue;
        };
        if own == Some((status.dev(), status.ino())) {
            links.push(file);
        } else if status.is_file()
            && nix::unistd::access(&file, nix::unistd::AccessFlags::X_OK).is_ok()
        {
            found = Some(file);
            break;
        } else {
            refused = refused.or(Some(file));
        }
    }
    for link in links {
        findings
            .ok("client", format!("{} leads to jackin-exec, which passes it over", shown(&link)));
    }
    let Some(file) = found else {
        match refused {
            Some(file) => {
                let hint = format!("chmod +x {}, or remove it", shown(&file));
                findings.add(
                    "client",
                    Status::Fail,
                    format!("{} cannot be run", shown(&file)),
                    hint,
                );
            }
            None => findings.error("client", &Error::NotFound { command: word.into(), hint: None }),
        }
        return Ok(None);
    };
    if host::file_name(file.as_os_str()) != "claude" {
        findings.ok(
            "client",
            format!(
                "{}, as `command` in exec.toml says; its version was not asked for",
                shown(&file)
            ),
        );
        return Ok(None);
    }
    let environment = without_keys(host, hidden);
    let words = [OsString::from("claude"), "--version".into()];
    let answer = probe::ask(&file, &words, &environment, SIGNED_IN)?;
    let version = match answer.end {
        End::Status(0) => version(&answer.stdout),
        _ => None,
    };
    let Some(version) = version else {
        let why = match answer.end {
            End::Status(0) => "says no version".to_owned(),
            End::Status(status) => format!("ended with {status}: {}", first_line(&answer.stderr)),
            End::TooLate => format!("said nothing in {} s", SIGNED_IN.as_secs()),
            End::WantsTerminal => "wants a terminal to say its version".to_owned(),
            End::CannotRun(errno) => format!("cannot be run: {}", errno.desc().to_lowercase()),
        };
        let hint = format!("run it by hand: {} --version", shown(&file));
        findings.add(
            "client",
            Status::Fail,
            format!("{} {}", shown(&file), why.trim_end_matches(": ")),
            hint,
        );
        return Ok(None);
    };
    let message = format!("{}, version {}.{}.{}", shown(&file), version.0, version.1, version.2);
    if version >= PROTECTS {
        findings.ok("client", message);
    } else if version >= OLDEST {
        let message = format!(
            "{message}: below 2.1.240 an apiKeyHelper or headers in a settings file and a key stored by login reach the \
             provider beside its own, and what the client starts can read the provider's key"
        );
        findings.add("client", Status::Warn, message, UPDATE);
    } else {
        let message = format!("{message}: older than 2.1.197, and not known to keep a redirect");
        findings.add("client", Status::Warn, message, UPDATE);
    }
    Ok(Some(version))
}

/// `2.1.330 (Claude Code)`
fn version(text: &str) -> Option<Version> {
    let mut numbers = text.split_whitespace().next()?.split(['.', '-', '+']).map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some((major, minor, patch)),
        _ => None,
    }
}

// ---------------------------------------------------------------- the environment

fn environment(host: &Host, findings: &mut Findings) {
    let outer = plan::outer_names(&host.environment);
    if !outer.is_empty() {
        let name = host.environment.text("JACKIN_EXEC_LABEL").unwrap_or("a redirect");
        findings.ok(
            "environment",
            format!("inside {name}: what that session set is removed before anything else"),
        );
    }
    let mut names: Vec<(String, Reason)> = Vec::new();
    for entry in host.environment.entries().filter(|entry| !entry.value.is_empty()) {
        let Ok(name) = std::str::from_utf8(entry.name) else {
            continue;
        };
        let reason = catalog::REMOVED
            .iter()
            .find(|(removed, _)| *removed == name)
            .map(|(_, reason)| *reason);
        let reason = reason.or_else(|| catalog::maps_a_tier(entry.name).then_some(Reason::Model));
        let known =
            names.iter().any(|(known, _)| known == name) || outer.iter().any(|outer| outer == name);
        names.extend(reason.filter(|_| !known).map(|reason| (name.to_owned(), reason)));
    }
    let leftover = plan::is_leftover(&host.environment);
    for (name, reason) in names {
        let message = format!("{name} is set ({}); a redirect removes it", reason.text());
        match reason {
            // They would also send a client that is not redirected somewhere.
            Reason::Route | Reason::Redirect if name != "ENABLE_TOOL_SEARCH" => {
                let anthropic = if leftover && plan::removes_leftover(&name) {
                    "and so does Anthropic, as it leads to a provider"
                } else {
                    "Anthropic keeps it"
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
        let hint = "remove set-id bits and file capabilities from the program, or look at the container's security policy";
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
fn scrub(host: &Host, message: &str, findings: &mut Findings) {
    if secret::find(OsStr::new("bwrap"), &host.environment).is_none() {
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

// ---------------------------------------------------------------- the client's settings

fn settings(host: &Host, version: Option<Version>, redirects: bool, findings: &mut Findings) {
    let before = findings.0.len();
    for path in managed::files(Path::new(managed::FOLDER)) {
        let Some((text, value)) = document(&path, findings) else {
            continue;
        };
        if let Some(key) = managed::deciding(&value) {
            let parts: Vec<&str> = key.splitn(2, '.').collect();
            let status = if redirects { Status::Fail } else { Status::Warn };
            let message = format!(
                "{} decides {key}: a redirect will not start",
                located(&path, &text, &parts)
            );
            findings.add(
                "settings",
                status,
                message,
                "use --provider anthropic, or ask whoever manages this machine",
            );
        } else {
            findings
                .ok("settings", format!("{}: managed, and leaves the route alone", shown(&path)));
        }
    }
    let folder = host
        .environment
        .get("CLAUDE_CONFIG_DIR")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from);
    let user = folder.clone().or_else(|| host.home().map(|home| home.join(".claude")));
    let mut files: Vec<PathBuf> = user.iter().map(|user| user.join("settings.json")).collect();
    if let Some(here) = host.current_directory() {
        let project =
            [".claude/settings.json", ".claude/settings.local.json"].map(|name| here.join(name));
        files.extend(
            project
                .into_iter()
                .filter(|path| !user.as_ref().is_some_and(|user| path.starts_with(user))),
        );
    }
    for path in files {
        if let Some((text, value)) = document(&path, findings) {
            Judge { host, path: &path, text: &text, version }.settings(&value, findings);
        }
    }
    let state = folder.or_else(|| host.home()).map(|folder| folder.join(".claude.json"));
    if let Some(path) = state
        && let Some((text, value)) = document(&path, findings)
    {
        Judge { host, path: &path, text: &text, version }.state(&value, findings);
    }
    if findings.0.len() == before {
        findings.ok("settings", "no settings of the client conflict with a redirect");
    }
}

/// A file of the client's, as text and as what it says; none if it is not there, or is not what the
/// client could read.
fn document(path: &Path, findings: &mut Findings) -> Option<(String, serde_json::Value)> {
    let bytes = match load::plain_file(path) {
        Ok(bytes) => bytes?,
        Err(Error::Unreadable { errno: Errno::ENOTDIR, .. }) => return None,
        Err(error) => {
            // A launch stops at a policy that it will not read.
            let stops =
                path.starts_with(managed::FOLDER) && !matches!(error, Error::Unreadable { .. });
            let status = if stops { Status::Fail } else { Status::Warn };
            findings.add("settings", status, error.to_string(), remedy(&error));
            return None;
        }
    };
    // The client passes over a byte order mark.
    let text =
        String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
    match serde_json::from_str(&text) {
        Ok(value) => Some((text, value)),
        Err(error) => {
            // Not the parser's words: they may quote what stands there.
            let message = format!("{}:{}:{}: not JSON", shown(path), error.line(), error.column());
            findings.add(
                "settings",
                Status::Warn,
                message,
                "correct it: the client ignores the whole file",
            );
            None
        }
    }
}

/// `path:line`
fn located(path: &Path, text: &str, keys: &[&str]) -> String {
    match json::line(text, keys) {
        Some(line) => format!("{}:{line}", shown(path)),
        None => shown(path).into_owned(),
    }
}

/// What a file of the client's means for a redirect.
struct Judge<'a> {
    host: &'a Host,
    path: &'a Path,
    text: &'a str,
    version: Option<Version>,
}

impl Judge<'_> {
    fn at(&self, keys: &[&str]) -> String {
        located(self.path, self.text, keys)
    }

    /// Whether the client surely obeys the host about credentials.
    fn protects(&self) -> bool {
        self.version.is_some_and(|version| version >= PROTECTS)
    }

    fn settings(&self, value: &serde_json::Value, findings: &mut Findings) {
        let set = |key: &str| value.get(key).is_some_and(says_something);
        if set("apiKeyHelper") {
            let at = self.at(&["apiKeyHelper"]);
            if self.protects() {
                let message =
                    format!("{at}: apiKeyHelper is ignored by a redirect, and used without one");
                findings.ok("settings", message);
            } else {
                let message =
                    format!("{at}: apiKeyHelper's key reaches the provider beside its own");
                findings.add("settings", Status::Fail, message, format!("remove it, or {UPDATE}"));
            }
        }
        if set("model") {
            findings.ok(
                "settings",
                format!(
                    "{}: model is ignored by a redirect, and used without one",
                    self.at(&["model"])
                ),
            );
        }
        if set("availableModels") {
            let message = format!(
                "{}: availableModels holds in a redirect, too",
                self.at(&["availableModels"])
            );
            findings.add(
                "settings",
                Status::Warn,
                message,
                "let it hold opus, sonnet and haiku, or remove it",
            );
        }
        let environment = value.get("env").and_then(serde_json::Value::as_object);
        for (name, value) in
            environment.into_iter().flatten().filter(|(_, value)| says_something(value))
        {
            self.variable(name, value, findings);
        }
    }

    fn variable(&self, name: &str, value: &serde_json::Value, findings: &mut Findings) {
        let at = self.at(&["env", name]);
        let folded = name.to_ascii_uppercase();
        if name == "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB" && value.as_str() != Some("0") {
            scrub(self.host, &format!("{at}: env.{name} is set"), findings);
        } else if name == "ANTHROPIC_CUSTOM_HEADERS" && !self.protects() {
            let message = format!("{at}: env.{name} reaches the provider");
            findings.add("settings", Status::Fail, message, format!("remove it, or {UPDATE}"));
        } else if catalog::is_redirects(name) {
            let message = format!(
                "{at}: env.{name} is ignored by a redirect, but without one the client follows it"
            );
            findings.add(
                "settings",
                Status::Warn,
                message,
                "remove it, unless a plain claude is meant to go there, too",
            );
        } else if beats_us(name) {
            let message = format!("{at}: env.{name} beats what a redirect sets");
            findings.add(
                "settings",
                Status::Warn,
                message,
                "remove it: the preset knows the provider's value",
            );
        } else if ["HTTPS_PROXY", "HTTP_PROXY", "NODE_EXTRA_CA_CERTS"].contains(&&*folded) {
            let message = format!("{at}: env.{name} is ignored by a redirect");
            findings.add("settings", Status::Warn, message, format!("export {name} in the shell"));
        }
    }

    /// `~/.claude.json`
    fn state(&self, value: &serde_json::Value, findings: &mut Findings) {
        if value.get("primaryApiKey").is_some_and(says_something) {
            let at = self.at(&["primaryApiKey"]);
            if self.protects() {
                findings.ok(
                    "settings",
                    format!("{at}: primaryApiKey is ignored by a redirect, and used without one"),
                );
            } else {
                let message = format!(
                    "{at}: primaryApiKey, a key stored by login, reaches the provider beside its own"
                );
                findings.add(
                    "settings",
                    Status::Fail,
                    message,
                    format!("log out with /logout, or {UPDATE}"),
                );
            }
        }
        let approved =
            value.get("customApiKeyResponses").and_then(|responses| responses.get("approved"));
        if approved.is_some_and(says_something) {
            let at = self.at(&["customApiKeyResponses", "approved"]);
            let message = format!(
                "{at}: customApiKeyResponses approves a key; a redirect hands out none to approve"
            );
            findings.ok("settings", message);
        }
    }
}

/// What the redirect sets and a settings file beats all the same.
///
/// Source: the window and the timeout measured with 2.1.197, 2.1.240 and 2.1.330 in November 2026.
fn beats_us(name: &str) -> bool {
    catalog::REMOVED.iter().any(|(removed, reason)| *removed == name && *reason == Reason::Redirect)
        || matches!(
            name,
            "API_TIMEOUT_MS"
                | "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
                | "CLAUDE_CODE_AUTO_COMPACT_WINDOW"
        )
}

/// Neither null nor empty.
fn says_something(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => false,
        serde_json::Value::String(text) => !text.is_empty(),
        serde_json::Value::Array(items) => !items.is_empty(),
        serde_json::Value::Object(fields) => !fields.is_empty(),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => true,
    }
}

// ---------------------------------------------------------------- the terminal, the links, the
// scripts

fn terminal(host: &Host, findings: &mut Findings) {
    let term = host.environment.text("TERM");
    if !host.stderr_is_terminal {
        return findings.ok(
            "terminal",
            "stderr is no terminal: nothing is asked, and no launch line is shown",
        );
    }
    if Terminal::find(true, term).is_none() {
        return findings
            .ok("terminal", "stdin is no terminal and /dev/tty does not open: nothing is asked");
    }
    match term {
        None => findings.add(
            "terminal",
            Status::Warn,
            "TERM is not set: the question is numbered, and the client may not draw",
            "export TERM as your terminal's manual says, such as xterm-256color",
        ),
        Some("dumb") => findings.ok("terminal", "TERM=dumb: the question is numbered"),
        Some(term) => {
            let columns =
                sys::columns(&std::io::stderr()).map(|columns| format!(", {columns} columns"));
            findings.ok(
                "terminal",
                format!("{term}{}: the question takes arrow keys", columns.unwrap_or_default()),
            );
        }
    }
}

fn links(host: &Host, candidates: Option<&[Candidate<'_>]>, findings: &mut Findings) {
    let presets = || catalog::PRESETS.iter().map(|preset| preset.id.to_owned()).collect();
    let ids: Vec<String> = candidates.map_or_else(presets, |candidates| {
        candidates.iter().map(|one| one.provider.id.to_string()).collect()
    });
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let own = exec::own_file();
    let path = host.environment.get("PATH").unwrap_or_default();
    let mut seen: Vec<PathBuf> = Vec::new();
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        let identity = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if seen.contains(&identity) {
            continue;
        }
        seen.push(identity);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let mut found: Vec<(OsString, bool)> = Vec::new();
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let is_own = |path: &Path| {
                std::fs::metadata(path)
                    .is_ok_and(|status| own == Some((status.dev(), status.ino())))
            };
            if kind.is_symlink() {
                let target = std::fs::read_link(entry.path()).unwrap_or_default();
                let broken =
                    host::file_name(target.as_os_str()) == "jackin-exec" && !entry.path().exists();
                if broken || is_own(&entry.path()) {
                    found.push((entry.file_name(), broken));
                }
            } else if kind.is_file()
                && own.is_some_and(|(_, inode)| inode == entry.ino())
                && is_own(&entry.path())
            {
                found.push((entry.file_name(), false));
            }
        }
        found.sort();
        for (name, broken) in found {
            link(host, &folder.join(&name), &name, broken, &ids, candidates, findings);
        }
    }
}

/// Whether a command is in PATH.
fn is_found(host: &Host, command: &str) -> bool {
    let path = host.environment.get("PATH").map_or(exec::DEFAULT_PATH, OsStr::as_bytes);
    let files = exec::candidates(command.as_bytes(), path).into_iter().map(OsString::from_vec);
    let own = exec::own_file();
    let is_other = |file: &PathBuf| {
        std::fs::metadata(file)
            .is_ok_and(|found| found.is_file() && own != Some((found.dev(), found.ino())))
            && nix::unistd::access(file, nix::unistd::AccessFlags::X_OK).is_ok()
    };
    files.map(PathBuf::from).any(|file| is_other(&file))
}

fn link(
    host: &Host,
    path: &Path,
    name: &OsStr,
    broken: bool,
    ids: &[&str],
    candidates: Option<&[Candidate<'_>]>,
    findings: &mut Findings,
) {
    let path = shown(path);
    if broken {
        let hint = format!("ln -sf \"$(command -v jackin-exec)\" {path}");
        return findings.add(
            "link",
            Status::Fail,
            format!("{path} leads to a jackin-exec that is not there"),
            hint,
        );
    }
    if name == "jackin-exec" {
        return findings.ok("link", format!("{path} is this program"));
    }
    let Some(shim) = cli::shim(name, ids, &[]) else {
        let text = name.to_string_lossy();
        let end = text.rsplit_once('-').map(|(_, end)| end).unwrap_or_default();
        let near = nearest(end, ids.iter().copied()).map(|near| format!("did you mean {near}? "));
        let hint = format!(
            "{}the name ends in -ID, and the ids are in `jackin-exec providers`",
            near.unwrap_or_default()
        );
        let message = format!("{path} names no provider, and is plain jackin-exec");
        return findings.add("link", Status::Warn, message, hint);
    };
    let command = shim.command.as_deref().unwrap_or("the command that follows");
    let Some(id) = shim.provider else {
        return findings.ok("link", format!("{path}: {command}, the provider chosen by the rule"));
    };
    let candidate = candidates.into_iter().flatten().find(|candidate| candidate.provider.id == id);
    let missing = candidate.and_then(|candidate| match &candidate.availability {
        Availability::Missing(missing) => Some(
            missing.text(candidate.provider.key_env().map(EnvName::as_str).unwrap_or_default()),
        ),
        Availability::Free | Availability::Key(_) => None,
    });
    if let Some(missing) = missing {
        let message = format!("{path}: {command} on {id}, which has no key: {missing}");
        return findings.add("link", Status::Warn, message, "give it a key, or remove the link");
    }
    if let Some(command) = shim.command.as_deref().filter(|command| !is_found(host, command)) {
        let message = format!("{path}: {command} on {id}, and there is no {command} in PATH");
        return findings.add(
            "link",
            Status::Warn,
            message,
            "the name is COMMAND-ID, or jackin-ID for any command",
        );
    }
    findings.ok("link", format!("{path}: {command} on {id}"));
}

/// Whether the user's shell completes our words.
fn scripts(host: &Host, findings: &mut Findings) {
    let shell = host.environment.get("SHELL").map(host::file_name).unwrap_or_default();
    let data = |name: &str, fallback: &str| {
        let variable =
            host.environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        variable.or_else(|| host.home().map(|home| home.join(fallback)))
    };
    let (shell, word, own, shared, name) = match shell.to_str() {
        Some("bash") => {
            let own = data("XDG_DATA_HOME", ".local/share")
                .map(|data| data.join("bash-completion/completions"));
            (Shell::Bash, "bash", own, "bash-completion/completions", "jackin-exec")
        }
        Some("zsh") => {
            let own =
                data("XDG_DATA_HOME", ".local/share").map(|data| data.join("zsh/site-functions"));
            (Shell::Zsh, "zsh", own, "zsh/site-functions", "_jackin-exec")
        }
        Some("fish") => {
            let own = data("XDG_CONFIG_HOME", ".config").map(|data| data.join("fish/completions"));
            (Shell::Fish, "fish", own, "fish/vendor_completions.d", "jackin-exec.fish")
        }
        _ => return,
    };
    let mut folders: Vec<PathBuf> = own.iter().cloned().collect();
    folders.extend(["/usr/local/share", "/usr/share"].map(|folder| Path::new(folder).join(shared)));
    if shell == Shell::Zsh {
        folders.push("/usr/share/zsh/vendor-completions".into());
        // zsh exports it only if it was told to.
        folders.extend(host.environment.get("FPATH").into_iter().flat_map(std::env::split_paths));
    }
    let names = [name.to_owned(), format!("{name}.bash")];
    let files = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    let found = files.into_iter().find_map(|path| Some((load::plain_file(&path).ok()??, path)));
    let own = own.unwrap_or_default();
    let fpath = format!("fpath=({} $fpath) stands before compinit in ~/.zshrc", shown(&own));
    let mut hint =
        format!("mkdir -p {0} && jackin-exec completions {word} > {0}/{name}", shown(&own));
    if shell == Shell::Zsh {
        hint = format!("{hint}, and {fpath}");
    }
    match found {
        None => findings.add(
            "completion",
            Status::Warn,
            format!("{word} does not complete our words"),
            hint,
        ),
        Some((text, path)) if text != completions::script(shell).as_bytes() => {
            let hint = format!("jackin-exec completions {word} > {}", shown(&path));
            findings.add(
                "completion",
                Status::Warn,
                format!("{} is of another version", shown(&path)),
                hint,
            );
        }
        // Where zsh looks is known to zsh alone.
        Some((_, path)) if shell == Shell::Zsh && path.starts_with(&own) => {
            findings.ok("completion", format!("{}, if {fpath}", shown(&path)));
        }
        Some((_, path)) => findings.ok("completion", shown(&path)),
    }
}

// ---------------------------------------------------------------- the provider's answer

/// The client needs a second to start; a slow provider takes a minute for one word.
const ONE_TURN: Duration = Duration::from_secs(120);

/// What stands behind the command for one turn: the answer as JSON on stdout and, on stderr, what
/// the endpoint said.
///
/// The options are those of 2.1.197, 2.1.240 and 2.1.330 alike. Without the log nothing tells an
/// unknown model from a wrong path, because the client has the same words for both.
pub const ONE_WORD: &[&str] =
    &["-p", "say ok", "--output-format", "json", "--debug-to-stderr", "--no-session-persistence"];

/// Lets the client ask the provider for one word, with the environment that a launch would have.
///
/// # Errors
///
/// [`Error::Signalled`] if a signal ends it.
pub fn online(
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

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Works,
    WrongKey,
    /// The key is known, but not for this: another header, region or product.
    Refused,
    PlanLapsed,
    WrongPath,
    UnknownModel,
    Quota,
    /// The endpoint is down, or busy.
    Busy(u64),
    NoNetwork,
    /// Another refusal.
    Other(u64),
    /// The client said nothing that we understand.
    NoAnswer(End),
}

/// What the client passes on of the endpoint's answer.
struct Said {
    /// The HTTP status, if there was an answer.
    status: Option<u64>,
    /// Whether the turn went well.
    well: bool,
    /// The endpoint's body, or else the client's own words.
    body: String,
    /// The same for people.
    words: String,
    /// Whether there was a result at all.
    result: bool,
}

impl Said {
    fn new(answer: &Answer) -> Self {
        // The result is the last object; what a wrapper printed before it is not ours.
        let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
        let result = answer
            .stdout
            .lines()
            .rev()
            .filter_map(parse)
            .find(|value| value.get("is_error").is_some());
        let text = |key: &str| {
            let text = result
                .as_ref()
                .and_then(|result| result.get(key))
                .and_then(serde_json::Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (log_status, body) = logged(&answer.stderr)
            .map_or((None, None), |(status, body)| (Some(status), Some(body)));
        let own = text("result");
        let status = result
            .as_ref()
            .and_then(|result| result.get("api_error_status"))
            .and_then(serde_json::Value::as_u64);
        let message = body.and_then(parse).as_ref().and_then(message);
        let words = message
            .unwrap_or_else(|| if result.is_some() { own.clone() } else { answer.stderr.clone() });
        let body = body.map_or_else(|| format!("{} {own}", text("api_error_type")), str::to_owned);
        let well = result
            .as_ref()
            .is_some_and(|result| result.get("is_error") == Some(&serde_json::Value::Bool(false)));
        Self { status: status.or(log_status), well, body, words, result: result.is_some() }
    }
}

/// The message in a body of the Messages API, or of one that resembles it.
fn message(body: &serde_json::Value) -> Option<String> {
    let error = body.get("error").unwrap_or(body);
    let text = error.get("message").or_else(|| body.get("message")).or_else(|| body.get("msg"));
    text.and_then(serde_json::Value::as_str).map(str::to_owned)
}

/// `… API error (attempt 1/1): 404 404 {"type":"error",…}`: the status and the body of the last
/// one.
fn logged(stderr: &str) -> Option<(u64, &str)> {
    let line = |line: &'_ str| -> Option<(u64, usize)> {
        let (_, rest) = line.split_once("API error (attempt ")?;
        let (_, rest) = rest.split_once("): ")?;
        let (status, rest) = rest.split_once(' ')?;
        let number = status.parse().ok()?;
        let body = rest.strip_prefix(status).unwrap_or(rest).trim_start();
        Some((number, line.len() - body.len()))
    };
    stderr
        .lines()
        .rev()
        .find_map(|text| line(text).and_then(|(status, at)| Some((status, text.get(at..)?))))
}

fn verdict(answer: &Answer) -> Verdict {
    let said = Said::new(answer);
    if said.well {
        return Verdict::Works;
    }
    let body = said.body.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| body.contains(word));
    let model = has(&["model"])
        && !has(&["issue with the selected model"])
        && has(&[
            "unknown",
            "not exist",
            "not found",
            "not_found",
            "not support",
            "unsupported",
            "invalid",
            "model:",
        ]);
    match said.status {
        Some(400 | 404 | 422) if model || has(&["\"1211\"", "\"code\":1211"]) => {
            Verdict::UnknownModel
        }
        Some(404 | 405) => Verdict::WrongPath,
        Some(401) if has(&["region", "group", "header"]) => Verdict::Refused,
        Some(401) => Verdict::WrongKey,
        Some(403)
            if has(&[
                "access_terminated",
                "subscription",
                "membership",
                "expired",
                "terminated",
            ]) =>
        {
            Verdict::PlanLapsed
        }
        Some(403) => Verdict::Refused,
        Some(402 | 429) => Verdict::Quota,
        Some(status) if status >= 500 => Verdict::Busy(status),
        Some(400) if has(&["insufficient", "balance", "quota"]) => Verdict::Quota,
        Some(status) => Verdict::Other(status),
        None if has(&[
            "econn",
            "enotfound",
            "eai_again",
            "connectionrefused",
            "unable to connect",
            "can't reach",
            "etimedout",
            "certificate",
            "socket",
            "refused",
            "dns",
        ]) =>
        {
            Verdict::NoNetwork
        }
        None if said.result => Verdict::Other(0),
        None => Verdict::NoAnswer(answer.end),
    }
}

impl Verdict {
    /// The finding in words: how it is, what, and what to do.
    fn text(&self, label: &str, id: &str) -> (Status, String, String) {
        let fail = |what: String, hint: &str| (Status::Fail, what, hint.to_owned());
        match self {
            Self::Works => (Status::Ok, format!("{label} answers"), String::new()),
            Self::WrongKey => fail(
                format!("{label} does not know this key (401)"),
                "give it a new key; a key of another product or region of the same house is refused like a wrong one",
            ),
            Self::Refused => fail(
                format!(
                    "{label} refuses this key for this endpoint (wrong header, region or product)"
                ),
                "use the provider id of the key's own product and region, or, for a provider of your own, auth = \"x-api-key\"",
            ),
            Self::PlanLapsed => fail(
                format!("{label} knows the key, but its plan has lapsed (403)"),
                "renew the plan with the provider: the key itself is right",
            ),
            Self::WrongPath => fail(
                format!("{label} has nothing at this path (404): the base URL is wrong"),
                "look at base_url in exec.toml; the client itself adds /v1/messages",
            ),
            Self::UnknownModel => fail(
                format!("{label} does not serve this model"),
                "look at --model, or at model and models in exec.toml; `jackin-exec providers --json` shows what is asked for",
            ),
            Self::Quota => fail(
                format!(
                    "{label} accepts the key, but its quota or balance is used up (429 or 402)"
                ),
                "wait for the next window, or top up with the provider",
            ),
            Self::Busy(status) => {
                fail(format!("{label} is down or busy ({status})"), "try again later")
            }
            Self::NoNetwork => fail(
                format!("{label} cannot be reached: no network, no such host, or nobody listens"),
                "look at the network, at HTTPS_PROXY and, for a provider on this machine, whether it runs",
            ),
            Self::Other(0) => {
                let hint =
                    format!("run it by hand to see more: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the turn on {label} failed"), hint)
            }
            Self::Other(status) => {
                fail(format!("{label} refuses the request ({status})"), "see what it said")
            }
            Self::NoAnswer(end) => {
                let how = match end {
                    End::Status(status) => format!("ended with {status} and gave no result"),
                    End::TooLate => format!("gave no result in {} s", ONE_TURN.as_secs()),
                    End::WantsTerminal => "wants a terminal".to_owned(),
                    End::CannotRun(errno) => {
                        format!("cannot be run: {}", errno.desc().to_lowercase())
                    }
                };
                let hint = format!("run it by hand: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the client {how}"), hint)
            }
        }
    }
}
