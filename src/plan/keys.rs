//! The variables that hold providers' keys, under whatever name.

use std::collections::BTreeSet;

use crate::availability::Candidate;
use crate::catalog;
use crate::catalog::Reason;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::WrongProvider;
use crate::scope::Settings;

use super::HEADERS;
use super::changes_the_host;

/// The variables that hold providers' keys: the configured names, and the presets' names, which
/// exec.toml may have renamed.
fn key_names(candidates: &[Candidate<'_>], wrong: &[WrongProvider]) -> BTreeSet<EnvName> {
    let mut names = BTreeSet::new();
    for candidate in candidates {
        names.extend(candidate.provider.key_env().cloned());
        if let Some(name) = candidate.provider.header_variable() {
            names.extend(EnvName::new(name));
        }
    }
    for provider in wrong {
        names.extend(provider.key.clone());
        names.extend(provider.header_key.clone());
    }
    for preset in catalog::PRESETS {
        names.extend(preset.key_env.map(EnvName::known));
    }
    names
}

/// The variables that hold keys which any scope of the files that were read declares as `$NAME`.
pub(super) fn key_sources<'a>(
    settings: &Settings<'a>,
    is_key: impl Fn(&str) -> bool,
) -> BTreeSet<&'a str> {
    let mut sources = BTreeSet::new();
    for (name, declared) in settings.declared.iter().copied().flatten() {
        if let Some(source) = key_source(&declared.value)
            && is_key(name.as_str())
        {
            sources.insert(source);
        }
    }
    sources
}

/// The variable that holds a key declared as `$NAME`; `None` if Claude Code itself reads it, or
/// every program needs it.
fn key_source(value: &EnvValue) -> Option<&str> {
    match value {
        EnvValue::HostVar(name) if catalog::removal(name).is_none() && !changes_the_host(name) => {
            Some(name)
        }
        _ => None,
    }
}

/// The variables to hide from helpers and other programs that we start: providers' keys, under
/// whatever name our environment has them, and the client's credentials.
pub fn hidden_names(
    candidates: &[Candidate<'_>],
    wrong: &[WrongProvider],
    settings: &Settings<'_>,
) -> Vec<String> {
    let keys = key_names(candidates, wrong);
    let mut hidden = Vec::new();
    for key in &keys {
        hidden.push(key.as_str().to_owned());
    }
    for source in key_sources(settings, |name| keys.contains(name)) {
        hidden.push(source.to_owned());
    }
    for (name, reason) in catalog::removals() {
        // A gateway's token is listed as a route, and headers may hold anything.
        if reason == Reason::Credential || name == HEADERS || name.ends_with("_TOKEN") {
            hidden.push(name.to_owned());
        }
    }
    hidden
}
