//! The presets, and the names that a redirect removes: tables in which each row has its source and
//! the day it was checked.

mod age;
mod facts;
mod keys;
mod names;
mod own;
mod presets;
pub mod row;
mod switches;

pub use age::OLD;
pub use age::age;
pub use facts::Facts;
pub use facts::windows;
pub use keys::vendor_of_foreign_key;
pub use names::Name;
pub use names::REDIRECT_NAMES;
pub use names::Reason;
pub use names::is_leftover;
pub use names::is_of_a_preset;
pub use names::is_open;
pub use names::is_redirects;
pub use names::leftover_names;
pub use names::maps_a_tier;
pub use names::removal;
pub use names::removals;
pub use names::removed_names;
pub use names::settings_win;
pub use own::own_row;
pub use presets::OWN_NAMES;
pub use presets::PRESETS;
pub use presets::by_key_name;
pub use presets::find;
pub use presets::id_of;
pub use presets::meant;
pub use presets::names_elsewhere;
pub use presets::position;
pub use row::Confidence;
pub use switches::SWITCHES;

/// What is known about a provider without any configuration: a row of `catalog/*.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// The vendor, as the number of the row's file; [`NO_VENDOR`] for a user's own row.
    pub vendor: u8,
    /// The user's own file of rows that it comes from; `None` if it is built in.
    pub file: Option<&'static str>,
    /// The word for `--provider`.
    pub id: &'static str,
    /// The display name.
    pub label: &'static str,
    /// The base URL without a trailing slash; the client appends `/v1/messages`. `None` means no
    /// redirect.
    pub base_url: Option<&'static str>,
    /// The variable that holds the key; `None` for a server that needs no key.
    pub key_env: Option<&'static str>,
    /// The prefix of all of its keys, and what a key with another prefix is.
    pub key_shape: Option<KeyShape>,
    /// Whether the key is also sent as x-api-key.
    pub api_key_header: bool,
    /// An additional header, `name: value`.
    pub header: Option<&'static str>,
    /// Model ids by tier; empty if the user has to name one.
    pub models: Models<&'static str>,
    /// The context window of the ids without `[1m]`, in tokens.
    pub window: u32,
    /// The windows of other models of this provider that `--model` may name, in the format of
    /// [`windows`].
    pub windows: &'static str,
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: u32,
    /// Variables that this provider needs in addition to the redirect itself.
    pub env: &'static [(&'static str, &'static str)],
    /// Whether it is a server on this machine. Such a provider is offered only where it is named,
    /// and a key is sent only if there is one.
    pub local: bool,
    /// Facts that a launch does not need.
    pub facts: Facts,
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
    /// For background calls.
    pub haiku: T,
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

/// The prefix of a provider's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShape {
    /// The first characters of every key.
    pub prefix: &'static str,
    /// What a key with another prefix usually is.
    pub otherwise: &'static str,
}

/// The window, in tokens, from which the client needs `[1m]` on the model id.
pub const MILLION: u32 = 1_000_000;

/// The window assumed for an unknown model, in tokens.
pub const UNKNOWN_WINDOW: u32 = 200_000;

/// How long the client waits for an answer, in milliseconds. Long turns of these models take longer
/// than its default.
pub const TIMEOUT_MS: u32 = 3_000_000;

/// The vendor of a user's own row, which is related to no other.
pub const NO_VENDOR: u8 = u8::MAX;

/// The id of the provider that needs no redirect.
pub const ANTHROPIC: &str = "anthropic";

#[cfg(test)]
mod tests;
