//! Checks a user's own rows against what a redirect needs, and against each other.

use std::path::Path;

use crate::catalog;
use crate::catalog::Preset;
use crate::catalog::row;
use crate::catalog::row::Row;
use crate::catalog::row::Shared;
use crate::catalog::row::Variable;
use crate::config;
use crate::config::EnvName;
use crate::config::Error;
use crate::config::FoundRow;
use crate::config::OtherRow;
use crate::config::OwnRows;
use crate::config::Problem;
use crate::config::WrongProvider;
use crate::typed::looks_like_key;

use super::Endpoint;
use super::change::refuse_label;
use super::row_key::instead_of;

/// What is expected instead of a variable that could do more than tune requests. An allowlist: the
/// variables that run a program or move a request are countless.
const NO_SWITCH: &str = "a variable that only tunes Claude Code's requests, such as \
                         ENABLE_TOOL_SEARCH; another one goes into env of [providers.ID] in exec.toml";

/// A file of rows.
#[derive(Debug, Clone, Copy)]
pub struct RowFile<'a> {
    /// Its name in the folder of the configuration: `catalog.d/NAME.toml`.
    pub name: &'a str,
    /// Its path, for messages.
    pub path: &'a Path,
    /// Its content.
    pub text: &'a str,
}

/// The rows of all files, in the order of the files.
///
/// # Errors
///
/// A mistake outside of the rows of a file.
pub fn own_rows(files: &[RowFile<'_>]) -> Result<OwnRows, Error> {
    let mut rows = OwnRows::default();
    let mut kept: Vec<(FoundRow<'_>, &'static Preset)> = Vec::new();
    for file in files {
        for found in config::rows(file.path, file.text)? {
            match checked(&found) {
                Ok(row) => kept.push((found, catalog::own_row(row, file.name))),
                Err(error) => rows.wrong.push(unusable(&found, error)),
            }
        }
    }
    for (index, (found, row)) in kept.iter().enumerate() {
        match conflict(index, &kept) {
            None => {
                rows.usable.push(row);
                rows.places.insert(row.id, found.place_of("base_url"));
            }
            Some(error) => rows.wrong.push(found.unusable(error)),
        }
    }
    Ok(rows)
}

/// The row as a provider that cannot be used. A variable that it may not name stays in the environment
/// of every command: a shared row has no say about it.
fn unusable(found: &FoundRow<'_>, error: Error) -> WrongProvider {
    let mut wrong = found.unusable(error);
    let id = wrong.id.as_str();
    wrong.key = wrong.key.filter(|key| instead_of(key.as_str(), id).is_none());
    wrong
}

/// The row, if it can be a provider: what a preset promises is checked here.
fn checked(found: &FoundRow<'_>) -> Result<Row, Error> {
    let row = found.row.clone()?;
    let wrong = |at, what| found.wrong_at(at, Problem::Expected(what));
    let at = |key: &str| row.places.get(key).copied().unwrap_or_default();
    if row.id == catalog::ANTHROPIC {
        let what = "another id: Anthropic is not redirected";
        return Err(found.place().wrong(Problem::Expected(what)));
    }
    refuse_label(&row.label).map_err(|what| wrong(at("label"), what))?;
    let url = row.base_url.as_deref().unwrap_or_default();
    let endpoint = Endpoint::new(url).map_err(|what| wrong(at("base_url"), what))?;
    if let Some(name) = &row.key_env {
        EnvName::new(name).map_err(|problem| found.wrong_at(at("key_env"), problem))?;
        let needed = Some(config::NEEDED).filter(|_| config::is_needed(name));
        if let Some(what) = needed.or_else(|| instead_of(name, &row.id)) {
            return Err(wrong(at("key_env"), what));
        }
        if endpoint.is_in_clear() {
            let what = "https://, because the key would be sent unencrypted; or key = false";
            return Err(wrong(at("base_url"), what));
        }
    } else if row.api_key_header {
        let what = "auth = \"bearer\": without a key there is none to send twice";
        return Err(wrong(at("auth"), what));
    }
    // Rows are shared and shown, so they hold no secrets.
    if row.header.as_deref().is_some_and(holds_key) {
        return Err(wrong(at("header"), "a header without a key: rows are shown"));
    }
    for variable in &row.env {
        refuse_variable(found, variable)?;
    }
    Ok(Row { base_url: Some(endpoint.into_url().into_owned()), ..row })
}

/// Refuses a variable that a row may not set, and a key as its value.
fn refuse_variable(found: &FoundRow<'_>, variable: &Variable) -> Result<(), Error> {
    let Variable { name, value, at, .. } = variable;
    EnvName::new(name).map_err(|problem| found.wrong_at(*at, problem))?;
    let what = if !catalog::is_open(name) {
        "a name that the redirect itself does not set or remove"
    } else if !catalog::SWITCHES.contains(&name.as_str()) {
        NO_SWITCH
    } else if holds_key(value) {
        "a value that is no key: rows are shown; a secret goes into exec.toml"
    } else {
        return Ok(());
    };
    Err(found.wrong_at(*at, Problem::Expected(what)))
}

fn holds_key(text: &str) -> bool {
    text.split_whitespace().any(looks_like_key)
}

/// What a row shares with another one and may not. Of two files with the same id, neither is used:
/// which one is meant is not known. Otherwise the earlier row is used.
fn conflict(index: usize, rows: &[(FoundRow<'_>, &'static Preset)]) -> Option<Error> {
    let (found, row) = rows.get(index)?;
    let is_own = |id: &str| rows.iter().any(|(_, own)| own.id == id);
    for preset in catalog::PRESETS.iter().filter(|preset| !is_own(preset.id)) {
        if let Some(shared) = row::shared(&row.taken(), &preset.taken()) {
            return Some(error(found, row, &shared, OtherRow::BuiltIn(preset.id)));
        }
    }
    for (at, (other_found, other)) in rows.iter().enumerate() {
        if at == index || (at > index && other.id != row.id) {
            continue;
        }
        if let Some(shared) = row::shared(&row.taken(), &other.taken()) {
            return Some(error(found, row, &shared, OtherRow::Own(other_found.place())));
        }
    }
    None
}

fn error(found: &FoundRow<'_>, row: &Preset, shared: &Shared, other: OtherRow) -> Error {
    let key = match shared {
        Shared::Name(name) if name == row.id => None,
        Shared::Name(_) => Some("aliases"),
        Shared::KeyEnv => Some("key_env"),
        Shared::Label => Some("label"),
    };
    let at = key.and_then(|key| found.row.as_ref().ok()?.places.get(key).copied());
    let problem = Problem::RowShares { words: shared.text(), other: Box::new(other) };
    match at {
        Some(at) => found.wrong_at(at, problem),
        None => found.place().wrong(problem),
    }
}
