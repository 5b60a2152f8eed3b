//! The presets, and the names that a redirect removes: tables, each row with its source and the day
//! it was checked.

mod names;
mod presets;

pub use names::REMOVED;
pub use names::Reason;
pub use names::is_redirects;
pub use names::maps_a_tier;
pub use presets::PRESETS;

/// What is known about a provider without any configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The word for `--provider`.
    pub id: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// The base URL without a trailing slash; the client appends `/v1/messages`. None: no
    /// redirect.
    pub base_url: Option<&'static str>,
    /// The variable that holds the key.
    pub key_env: &'static str,
    /// Model ids by tier.
    pub models: Models<&'static str>,
    /// The context window of these models, in tokens.
    pub window: u32,
    /// Windows of other models of this provider that `--model` may name, in tokens.
    pub windows: &'static [(&'static str, u32)],
    /// What this provider needs beside the redirect itself.
    pub env: &'static [(&'static str, &'static str)],
    /// How its keys begin, and what it means if one does not.
    pub key_shape: Option<KeyShape>,
    /// Where these facts come from.
    pub source: &'static str,
    /// The day on which they were read there, `YYYY-MM-DD`.
    pub checked: &'static str,
}

/// One model id for each tier that the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Models<T> {
    /// The tier above opus.
    pub fable: T,
    /// The default tier.
    pub opus: T,
    /// The middle tier.
    pub sonnet: T,
    /// Background calls.
    pub haiku: T,
}

impl<T: Copy> Models<T> {
    /// The same model for every tier.
    pub const fn all(model: T) -> Self {
        Self { fable: model, opus: model, sonnet: model, haiku: model }
    }
}

impl<T> Models<T> {
    /// The models with the names of their tiers, highest first.
    pub fn tiers(&self) -> [(&'static str, &T); 4] {
        [
            ("fable", &self.fable),
            ("opus", &self.opus),
            ("sonnet", &self.sonnet),
            ("haiku", &self.haiku),
        ]
    }
}

/// How a provider's keys begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShape {
    /// The first characters of every key.
    pub prefix: &'static str,
    /// What a key that begins otherwise usually is.
    pub otherwise: &'static str,
}

/// A window from which on the client wants `[1m]` on the model id, in tokens.
pub const MILLION: u32 = 1_000_000;

/// The window that is assumed for a model that nobody knows, in tokens.
pub const UNKNOWN_WINDOW: u32 = 200_000;

/// How long the client waits for an answer, in milliseconds: long turns of these models outlast its
/// default.
pub const TIMEOUT_MS: u32 = 3_000_000;

/// The id of the provider that needs no redirect.
pub const ANTHROPIC: &str = "anthropic";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_key_names_are_unique_and_urls_end_without_a_slash() {
        for (index, preset) in PRESETS.iter().enumerate() {
            for other in PRESETS.iter().skip(index + 1) {
                assert_ne!(preset.id, other.id);
                assert_ne!(preset.key_env, other.key_env, "a key must never fit two hosts");
                assert_ne!(preset.base_url, other.base_url);
            }
            assert!(
                preset
                    .base_url
                    .is_none_or(|url| url.starts_with("https://") && !url.ends_with('/'))
            );
        }
    }

    #[test]
    fn the_presets_after_the_first_four_are_sorted_by_label() {
        let labels: Vec<&str> = PRESETS.iter().map(|preset| preset.label).collect();
        assert_eq!(labels.get(..4), Some(["Anthropic", "Z.AI", "MiniMax", "Kimi"].as_slice()));
        assert!(labels.iter().skip(4).is_sorted());
    }

    #[test]
    fn a_window_of_a_million_and_the_suffix_on_the_default_tier_go_together() {
        for preset in PRESETS.iter().filter(|preset| preset.base_url.is_some()) {
            assert_eq!(
                preset.window >= MILLION,
                preset.models.opus.ends_with("[1m]"),
                "{}",
                preset.id
            );
        }
    }

    #[test]
    fn tiers_of_the_future_are_recognised_and_their_neighbours_are_not() {
        assert!(maps_a_tier(b"ANTHROPIC_DEFAULT_SAGA_MODEL"));
        assert!(maps_a_tier(b"ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES"));
        assert!(!maps_a_tier(b"ANTHROPIC_DEFAULT_HEADERS"));
    }
}
