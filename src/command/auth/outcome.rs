//! Reports what was done and what is in force afterwards, in text for people.

use std::fmt::Write as _;
use std::path::Path;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::availability::Missing;
use crate::availability::Origin;
use crate::command::auth::cell::EXEC;
use crate::command::auth::cell::IGNORE;
use crate::command::auth::changes::Before;
use crate::command::auth::error::launch;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::config::EnvName;
use crate::files::Change;
use crate::report;
use crate::scope::Names;
use crate::scope::Settings;

/// The providers that jackin also supports, besides Anthropic.
const JACKINS: [&str; 3] = ["zai", "minimax", "kimi"];

/// The report of what was done, in text for people.
pub(crate) fn outcome(
    request: &Request<'_>,
    changes: &[Change],
    folder: &Path,
    before: &Before,
    now: &Candidate<'_>,
    settings: &Settings<'_>,
) -> String {
    let mut files: Vec<String> = changes.iter().map(|change| path(folder, change)).collect();
    files.dedup();
    let mut text = done(request, changes, now, &files);
    replaced(changes, folder, before, now, &mut text);
    if let Some(line) = for_jackin(request, changes, before, now) {
        text.push_str(&line);
    }
    if let Some(line) = holds(request, !changes.is_empty(), now, settings) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", report::escape(&line));
    }
    text
}

/// The command line to go on with after the first key of a provider was set for every launch.
pub(super) fn next(request: &Request<'_>, before: &Before, now: &Candidate<'_>) -> Option<String> {
    let is_global = request.target.workspace.is_none() && request.target.role.is_none();
    let is_first = request.verb == Verb::Set && !before.key && is_global;
    if is_first && matches!(now.availability, Availability::Key(_)) {
        Some(launch(&now.provider.id, now.provider.has_models()))
    } else {
        None
    }
}

fn path(folder: &Path, change: &Change) -> String {
    report::path(&folder.join(&change.file))
}

/// The variable of the provider's key, for messages; empty for a provider that needs none.
fn key_of<'a>(candidate: &'a Candidate<'_>) -> &'a str {
    candidate.provider.key_env().map_or("", EnvName::as_str)
}

/// Whether a change gives the key a value.
fn sets(changes: &[Change], key: &str) -> bool {
    changes.iter().any(|change| change.key == key && change.value.is_some())
}

/// Whether a change is in an `ignore` table.
fn is_ignore(change: &Change) -> bool {
    change.table.last().is_some_and(|table| table == IGNORE)
}

/// The first line: what was done, or that there was nothing to do.
fn done(
    request: &Request<'_>,
    changes: &[Change],
    now: &Candidate<'_>,
    files: &[String],
) -> String {
    let (label, key) = (report::escape(&now.provider.label), key_of(now));
    let place = if request.verb == Verb::UnsetAll {
        "any scope".to_owned()
    } else {
        place(request.target.names())
    };
    let all = files.join(", ");
    match (request.verb, files) {
        (Verb::Set, []) => format!("{label}: {key} stays as it is in {place}\n"),
        (Verb::Set, [first, ..]) if sets(changes, key) => {
            format!("{label}: {key} is set in {place}, {first}\n")
        }
        (Verb::Set, _) => format!("{label} is no longer ignored in {place}, {all}\n"),
        (Verb::Unset | Verb::UnsetAll, []) => format!("{label}: {key} is not set in {place}\n"),
        (Verb::Unset | Verb::UnsetAll, _) if changes.iter().all(is_ignore) => {
            format!("{label} is no longer ignored in {place}, {all}\n")
        }
        (Verb::Unset, _) => format!("{label}: {key} is removed from {place}, {all}\n"),
        (Verb::UnsetAll, _) => format!("{label}: {key} is removed from every scope, {all}\n"),
        (Verb::Ignore, []) => format!("{label} is ignored already in {place}\n"),
        (Verb::Ignore, _) => format!("{label} is ignored in {place}, {all}\n"),
    }
}

/// What the change means for jackin, where that may be unexpected.
fn for_jackin(
    request: &Request<'_>,
    changes: &[Change],
    before: &Before,
    now: &Candidate<'_>,
) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    let label = report::escape(&now.provider.label);
    if before.forwards_nothing && request.verb != Verb::Ignore {
        return Some(format!(
            "jackin still forwards no login of {label}: its auth_forward stays\n"
        ));
    }
    (request.verb == Verb::Ignore && JACKINS.contains(&&*now.provider.id))
        .then(|| format!("jackin does not read exec.toml and offers {label} as before\n"))
}

/// What the new value replaced.
fn replaced(
    changes: &[Change],
    folder: &Path,
    before: &Before,
    now: &Candidate<'_>,
    text: &mut String,
) {
    let key = key_of(now);
    if !sets(changes, key) {
        return;
    }
    for change in changes.iter().filter(|change| change.key == key) {
        if change.value.is_none() {
            let file = path(folder, change);
            let _ = writeln!(text, "the entry of the same scope in {file} is gone");
        } else if before.key && (change.file == EXEC) == before.ours {
            text.push_str("it replaces the key that was there\n");
        }
    }
}

/// What a launch in the request's scope sees afterwards.
fn holds(
    request: &Request<'_>,
    changed: bool,
    now: &Candidate<'_>,
    settings: &Settings<'_>,
) -> Option<String> {
    let (label, key) = (&now.provider.label, key_of(now));
    let layer = |origin: Origin| origin.layer(request.target.names());
    match (request.verb, &now.availability) {
        (Verb::Set | Verb::Ignore, Availability::Key(_)) => {
            let scopes = hidden(key, settings)?;
            Some(format!("it hides the key of less specific scopes: {scopes}"))
        }
        (_, Availability::Free) | (Verb::Ignore, Availability::Missing(_)) => None,
        (Verb::Set, Availability::Missing(missing)) => {
            Some(format!("{label} is not available yet: {}", missing.text(key)))
        }
        (Verb::Unset | Verb::UnsetAll, _) if !changed => None,
        (Verb::Unset | Verb::UnsetAll, Availability::Key(source)) => {
            let layer = layer(source.origin);
            Some(match source.origin {
                Origin::Scope(_) => format!("the key of {layer} shows again"),
                Origin::Environment
                | Origin::File
                | Origin::Credential
                | Origin::Provider
                | Origin::Manifest
                | Origin::Managed => {
                    format!("{key} of {layer} is used now")
                }
            })
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(Missing::Nowhere)) => {
            Some(format!("{label} has no key there now"))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(missing)) => Some(missing.text(key)),
    }
}

/// What a launch here would see instead of the change, if another scope decides here.
pub(crate) fn elsewhere(
    now: &Candidate<'_>,
    here: &Candidate<'_>,
    settings: &Settings<'_>,
) -> Option<String> {
    let label = report::escape(&here.provider.label);
    let place = place(settings.names());
    match (&now.availability, &here.availability) {
        (Availability::Key(one), Availability::Key(other)) if one.origin == other.origin => None,
        (_, Availability::Key(source)) => {
            let layer = source.origin.layer(settings.names());
            Some(format!("here, in {place}, the key of {} is used\n", report::escape(&layer)))
        }
        (Availability::Key(_), Availability::Missing(missing)) => {
            let missing = missing.text(key_of(here));
            let missing = report::escape(&missing);
            Some(format!("here, in {place}, {label} is not available: {missing}\n"))
        }
        (_, Availability::Free | Availability::Missing(_)) => None,
    }
}

/// The most specific of the scopes that apply, in words for messages.
pub(crate) fn place(names: Names<'_>) -> String {
    let quoted = |what: &str, name: &str| format!("{what} \"{}\"", report::escape(name));
    let mut parts = Vec::new();
    parts.extend(names.folder.map(|path| quoted("folder", path)));
    parts.extend(names.workspace.map(|name| quoted("workspace", name)));
    parts.extend(names.role.map(|name| quoted("role", name)));
    if parts.is_empty() { "the global scope".to_owned() } else { parts.join(" → ") }
}

/// The less specific scopes that also declare the key; `None` if there are none.
fn hidden(key: &str, settings: &Settings<'_>) -> Option<String> {
    let hides = &settings.env.get(key)?.hides;
    if hides.is_empty() {
        return None;
    }
    let words: Vec<String> = hides.iter().map(|scope| scope.word().to_owned()).collect();
    Some(report::list(&words))
}
