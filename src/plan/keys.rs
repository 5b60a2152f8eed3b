//! The variables that hold providers' keys, under whatever name.

use crate::availability::Candidate;
use crate::catalog;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::scope::Settings;

use super::changes_the_host;

/// The variables that hold providers' keys: as they are configured, and as the presets have them,
/// which exec.toml may have renamed.
pub fn key_names<'a>(candidates: &'a [Candidate<'_>]) -> impl Iterator<Item = EnvName> + 'a {
    let configured =
        candidates.iter().filter_map(|candidate| candidate.provider.key_env().cloned());
    let presets = catalog::PRESETS.iter().filter_map(|preset| preset.key_env);
    configured.chain(presets.map(EnvName::known))
}

/// The variable in which a key is that is declared as `$NAME`; none if it is one that Claude Code
/// itself reads, or that every program needs.
pub(super) fn key_source(value: &EnvValue) -> Option<String> {
    match value {
        EnvValue::HostVar(name) if !name.starts_with("ANTHROPIC_") && !changes_the_host(name) => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// The variables with which neither helpers nor other programs that we start have any business:
/// providers' keys, under whatever name they are in our environment.
pub fn hidden_names(candidates: &[Candidate<'_>], settings: &Settings<'_>) -> Vec<String> {
    let mut hidden: Vec<String> =
        key_names(candidates).map(|name| name.as_str().to_owned()).collect();
    let declared = settings.env.iter().map(|(name, scoped)| (*name, &scoped.value.value));
    let keys = declared
        .chain(settings.lost.iter().copied())
        .filter(|(name, _)| hidden.iter().any(|key| key == name.as_str()));
    let sources: Vec<String> = keys.filter_map(|(_, value)| key_source(value)).collect();
    hidden.extend(sources);
    hidden.push("ANTHROPIC_AUTH_TOKEN".to_owned());
    hidden
}
