//! A list of providers that allows Anthropic allows nobody else: without a redirect, variables and
//! the client's settings files could still lead it to another host.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use serde_json::Value;

use crate::availability::Origin;
use crate::catalog;
use crate::catalog::Reason;
use crate::client;
use crate::config::EnvValue;
use crate::host::Environment;
use crate::host::Host;
use crate::json;
use crate::launch::Error;
use crate::managed;
use crate::managed::Content;
use crate::plan;
use crate::plan::Action;
use crate::plan::Assignment;
use crate::plan::BASE_URL;
use crate::plan::Plan;
use crate::report;
use crate::session::Session;

/// The variable that names the folder of the client's settings.
const SETTINGS_FOLDER: &str = "CLAUDE_CONFIG_DIR";

/// Refuses a launch on Anthropic that would lead elsewhere, if a list of providers applies. Whether
/// the command is the client does not matter: it may start the client.
pub(super) fn refuse(host: &Host, session: &Session<'_>, plan: &Plan<'_>) -> Result<(), Error> {
    let Some(policy) = session.settings.policies.first() else { return Ok(()) };
    if plan.redirect {
        return Ok(());
    }
    let command = Command { plan, environment: &host.environment };
    let found =
        command.variable().map_or_else(|| command.setting(host), |found| Ok(Some(found)))?;
    let Some((what, remedy)) = found else { return Ok(()) };
    Err(Error::LeadsElsewhere { owner: policy.owner.clone(), what, remedy })
}

/// The environment that the command will have.
struct Command<'p, 'a> {
    plan: &'p Plan<'a>,
    environment: &'p Environment,
}

/// Something that leads elsewhere, and how to end that.
type Found = (String, String);

impl Command<'_, '_> {
    /// The first variable that leads elsewhere.
    fn variable(&self) -> Option<Found> {
        for (name, reason) in catalog::removals() {
            if reason == Reason::Route && self.may_hold(name, |value| leads_elsewhere(name, value))
            {
                return Some(match self.assignment(name).map(|one| one.origin) {
                    Some(Origin::Scope(scope)) => {
                        let place = format!("{name} of the {} scope", scope.word());
                        (place, "remove it there".to_owned())
                    }
                    _ => (format!("{name} in the environment"), format!("unset {name}")),
                });
            }
        }
        None
    }

    /// Whether a variable may have a value that fits. Values that have to be fetched are not known
    /// yet.
    fn may_hold(&self, name: &str, fits: impl Fn(&[u8]) -> bool) -> bool {
        let Some(assignment) = self.assignment(name) else {
            let mut entries = self.environment.entries();
            return entries.any(|entry| entry.name == name.as_bytes() && fits(entry.value));
        };
        match self.value(&assignment.action) {
            Some(value) => fits(value.as_encoded_bytes()),
            None => true,
        }
    }

    fn assignment(&self, name: &str) -> Option<&Assignment<'_>> {
        self.plan.assignments.iter().find(|one| one.name == name)
    }

    /// The value that a name is set to; empty for a name that is unset, and `None` for a value that
    /// is not known yet.
    fn value(&self, action: &Action) -> Option<Cow<'_, OsStr>> {
        let need = match action {
            Action::Unset => return Some(Cow::Borrowed(OsStr::new(""))),
            Action::Public(value) => return Some(value.clone()),
            Action::Header(_) => return None,
            Action::Secret { need, .. } => self.plan.needs.get(*need),
        };
        match &*need.value {
            EnvValue::Empty => Some(Cow::Borrowed(OsStr::new(""))),
            EnvValue::Literal(text) => Some(Cow::Borrowed(OsStr::new(text.expose_secret()))),
            EnvValue::HostVar(name) => Some(self.environment.get(name).unwrap_or_default().into()),
            EnvValue::Op(_) | EnvValue::File(_) | EnvValue::Command(_) => None,
        }
    }

    /// The first of the client's settings that leads elsewhere.
    fn setting(&self, host: &Host) -> Result<Option<Found>, Error> {
        let folder = match self.assignment(SETTINGS_FOLDER) {
            None => client::folder(host),
            Some(assignment) => match self.value(&assignment.action) {
                Some(folder) if !folder.is_empty() => Some(PathBuf::from(&*folder)),
                Some(_) => host.home().map(|home| home.join(".claude")),
                None => {
                    let what = format!("{SETTINGS_FOLDER}, which is not known yet,");
                    return Ok(Some((what, "write its value as a literal".to_owned())));
                }
            },
        };
        for path in client::settings_files_with(host, folder.as_deref()) {
            if let Some(found) = setting_in(&path)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// Whether a value of a variable that decides the route leads elsewhere.
fn leads_elsewhere(name: &str, value: &[u8]) -> bool {
    !value.is_empty()
        && (name != BASE_URL || !std::str::from_utf8(value).is_ok_and(plan::is_of_anthropic))
}

/// The first variable in a file of settings that leads elsewhere. A file that the client ignores
/// leads nowhere.
fn setting_in(path: &Path) -> Result<Option<Found>, Error> {
    let unread = |_| Error::SettingsUnread { path: path.to_owned() };
    let Content::Settings { text, settings } = managed::read(path).map_err(unread)? else {
        return Ok(None);
    };
    let Some(Value::Object(variables)) = settings.get("env") else { return Ok(None) };
    for (name, value) in variables {
        let leads = match value {
            Value::String(value) => leads_elsewhere(name, value.as_bytes()),
            Value::Null => false,
            _ => true,
        };
        if leads && catalog::removal(name) == Some(Reason::Route) {
            let line = json::line(&text, &["env", name]).map(|line| format!(":{line}"));
            let place = format!("{}{}: env.{name}", report::path(path), line.unwrap_or_default());
            return Ok(Some((place, "remove it there".to_owned())));
        }
    }
    Ok(None)
}
