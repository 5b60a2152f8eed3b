//! The presets, which `build.rs` makes from `catalog/*.toml`.
#![expect(clippy::unreadable_literal, reason = "nobody reads the generated table")]

use super::Confidence;
use super::KeyShape;
use super::Models;
use super::Preset;
use super::TIMEOUT_MS;

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The preset with this id.
pub fn find(id: &str) -> Option<&'static Preset> {
    named(id).filter(|preset| preset.id == id)
}

/// The preset that people mean by a word which is no id: one of its aliases.
pub fn meant(word: &str) -> Option<&'static Preset> {
    named(word).filter(|preset| preset.id != word)
}

/// The number of the preset whose key this variable holds.
pub fn by_key_name(name: &[u8]) -> Option<usize> {
    // Most variables are told from all of these by their end.
    if !name.ends_with(b"_KEY") && !name.ends_with(b"_TOKEN") {
        return None;
    }
    let found = KEYS.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok()?;
    KEYS.get(found).map(|(_, index)| *index)
}

/// What other tools call the variable of a provider's key.
pub fn names_elsewhere(id: &str) -> &'static [&'static str] {
    find(id).map_or(&[], |preset| preset.key_env_elsewhere)
}

/// The number of the preset with this id.
pub fn position(id: &str) -> Option<usize> {
    numbered(id).filter(|index| PRESETS.get(*index).is_some_and(|preset| preset.id == id))
}

fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.get(numbered(name)?)
}

fn numbered(name: &str) -> Option<usize> {
    let found = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    NAMES.get(found).map(|(_, index)| *index)
}

/// Where to get a key for a provider, if it takes the one that its row names.
pub fn key_page(id: &str, key: &str) -> Option<&'static str> {
    find(id).filter(|preset| preset.key_env == Some(key))?.key_page
}
