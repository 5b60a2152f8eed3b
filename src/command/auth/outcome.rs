//! What was done and what holds after it, for people.

use std::fmt::Write as _;
use std::path::Path;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::availability::Origin;
use crate::command::auth::cell::EXEC;
use crate::command::auth::cell::MODE;
use crate::command::auth::changes::Before;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::config::EnvName;
use crate::error::Missing;
use crate::files::edit::Change;
use crate::report;
use crate::scope::Settings;

/// What was done, for people.
pub fn outcome(
    request: &Request<'_>,
    changes: &[Change],
    folder: &Path,
    before: &Before,
    now: &Candidate<'_>,
    settings: &Settings<'_>,
) -> String {
    let provider = &now.provider;
    let label = report::escape(&provider.label);
    let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
    let place = if request.verb == Verb::UnsetAll {
        "any scope".to_owned()
    } else {
        place(request.workspace, request.role.as_deref())
    };
    let path = |file: &str| report::escape(&folder.join(file).to_string_lossy()).into_owned();
    let mut files: Vec<&str> = changes.iter().map(|change| change.file.as_str()).collect();
    files.dedup();
    let all: Vec<String> = files.iter().map(|file| path(file)).collect();
    let sets = changes.iter().any(|change| change.key == key && change.value.is_some());
    let mut text = match request.verb {
        Verb::Set(_) if files.is_empty() => format!("{label}: {key} stays as it is in {place}\n"),
        Verb::Set(_) if !sets => {
            format!("{label} is no longer ignored in {place}, {}\n", all.join(", "))
        }
        Verb::Set(_) => {
            let file = files.first().copied().unwrap_or_default();
            format!("{label}: {key} is set in {place}, {}\n", path(file))
        }
        Verb::Unset | Verb::UnsetAll if files.is_empty() => {
            format!("{label}: {key} is not set in {place}\n")
        }
        Verb::Unset | Verb::UnsetAll if changes.iter().all(|change| change.key == MODE) => {
            format!("{label} is no longer ignored in {place}, {}\n", all.join(", "))
        }
        Verb::Unset => format!("{label}: {key} is removed from {place}, {}\n", all.join(", ")),
        Verb::UnsetAll => {
            format!("{label}: {key} is removed from every scope, {}\n", all.join(", "))
        }
        Verb::Ignore if files.is_empty() => format!("{label} is ignored already in {place}\n"),
        Verb::Ignore => format!("{label} is ignored in {place}, {}\n", all.join(", ")),
    };
    if sets && matches!(request.verb, Verb::Set(_)) {
        let removed = changes.iter().filter(|one| one.value.is_none() && one.key == key);
        let written = changes.iter().find(|one| one.value.is_some() && one.key == key);
        if before.key && written.is_some_and(|one| (one.file == EXEC) == before.ours) {
            text.push_str("it replaces the key that was there\n");
        }
        for change in removed {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "the entry of the same scope in {} is gone", path(&change.file));
        }
    }
    if let (Verb::Ignore, true, Some(reference)) = (&request.verb, sets, &before.reference) {
        let _ = writeln!(text, "exec.toml said: {}", report::escape(reference));
    }
    let layer = |origin: Origin| origin.layer(request.workspace, request.role.as_deref());
    let line = match (&request.verb, &now.availability) {
        (Verb::Set(_) | Verb::Ignore, Availability::Key(_)) => hidden(key, settings)
            .map(|scopes| format!("it hides the key of less specific scopes: {scopes}")),
        (_, Availability::Free) | (Verb::Ignore, Availability::Missing(_)) => None,
        (Verb::Set(_), Availability::Missing(missing)) => {
            Some(format!("{label} is not available yet: {}", missing.text(key)))
        }
        (Verb::Unset | Verb::UnsetAll, _) if files.is_empty() => None,
        (Verb::Unset | Verb::UnsetAll, Availability::Key(source))
            if matches!(source.origin, Origin::Scope(_)) =>
        {
            Some(format!("the key of {} shows again", layer(source.origin)))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Key(source)) => {
            Some(format!("{key} of {} is used now", layer(source.origin)))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(Missing::Nowhere)) => {
            Some(format!("{label} has no key there now"))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(missing)) => Some(missing.text(key)),
    };
    text.extend(line.map(|line| format!("{}\n", report::escape(&line))));
    text
}

/// What a launch here would see instead of what was changed, if another scope decides here.
pub fn elsewhere(
    now: &Candidate<'_>,
    here: &Candidate<'_>,
    settings: &Settings<'_>,
) -> Option<String> {
    let label = report::escape(&here.provider.label);
    let key = here.provider.key_env().map(EnvName::as_str).unwrap_or_default();
    let (workspace, role) = (settings.workspace.as_deref(), settings.role.as_deref());
    let place = place(workspace, role);
    match (&now.availability, &here.availability) {
        (Availability::Key(one), Availability::Key(other)) if one.origin == other.origin => None,
        (_, Availability::Key(source)) => {
            let layer = source.origin.layer(workspace, role);
            Some(format!("here, in {place}, the key of {} is used\n", report::escape(&layer)))
        }
        (Availability::Key(_), Availability::Missing(missing)) => Some(format!(
            "here, in {place}, {label} is not available: {}\n",
            report::escape(&missing.text(key))
        )),
        (_, Availability::Free | Availability::Missing(_)) => None,
    }
}

/// A scope for people.
pub fn place(workspace: Option<&str>, role: Option<&str>) -> String {
    let workspace = workspace.map(|name| format!("workspace \"{}\"", report::escape(name)));
    let role = role.map(|name| format!("role \"{}\"", report::escape(name)));
    match (workspace, role) {
        (None, None) => "the global scope".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(workspace), Some(role)) => format!("{workspace} → {role}"),
    }
}

/// The less specific scopes that declare a key, too.
fn hidden(key: &str, settings: &Settings<'_>) -> Option<String> {
    let hides = &settings.env.get(key)?.hides;
    let words: Vec<String> = hides.iter().map(|scope| scope.word().to_owned()).collect();
    (!words.is_empty()).then(|| report::list(&words))
}
