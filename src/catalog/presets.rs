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

/// What other tools call the variable of a provider's key.
pub fn names_elsewhere(id: &str) -> &'static [&'static str] {
    find(id).map_or(&[], |preset| preset.key_env_elsewhere)
}

fn named(name: &str) -> Option<&'static Preset> {
    let found = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    let (_, index) = NAMES.get(found)?;
    PRESETS.get(*index)
}
