//! The presets, which `build/main.rs` generates from `catalog/*.toml`.
#![expect(clippy::unreadable_literal, reason = "nobody reads the generated table")]

use super::Facts;
use super::KeyShape;
use super::Models;
use super::Preset;
use super::TIMEOUT_MS;

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The preset with this id.
pub fn find(id: &str) -> Option<&'static Preset> {
    PRESETS.get(position(id)?)
}

/// The index of the preset with this id.
pub fn position(id: &str) -> Option<usize> {
    let of = |index: &usize| PRESETS.get(*index).map(|preset| preset.id);
    let found = BY_ID.binary_search_by(|index| of(index).cmp(&Some(id))).ok()?;
    BY_ID.get(found).copied()
}

/// The preset that is meant by a word that is not an id: one of its aliases.
pub fn meant(word: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.facts.aliases().contains(&word))
}

/// The id of the preset that a word names, by its id or by an alias.
pub fn id_of(word: &str) -> Option<&'static str> {
    find(word).or_else(|| meant(word)).map(|preset| preset.id)
}

/// The index of the preset whose key is in this variable.
pub fn by_key_name(name: &[u8]) -> Option<usize> {
    // The suffix rules out most variables.
    if !name.ends_with(b"_KEY") && !name.ends_with(b"_TOKEN") {
        return None;
    }
    let of = |index: &usize| PRESETS.get(*index)?.key_env.map(str::as_bytes);
    let found = BY_KEY.binary_search_by(|index| of(index).cmp(&Some(name))).ok()?;
    BY_KEY.get(found).copied()
}

/// The names that other tools use for the variable of a provider's key.
pub fn names_elsewhere(id: &str) -> Vec<&'static str> {
    find(id).map_or_else(Vec::new, |preset| preset.facts.key_env_elsewhere())
}
