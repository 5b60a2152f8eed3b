//! The providers that can be chosen: the presets, with the
//! changes and additions in catalog.d and exec.toml.

mod endpoint;
mod moved;
mod change;
mod table;
mod row_key;
mod rows;

#[cfg(test)]
mod tests;

pub use endpoint::Endpoint;
pub use moved::Moved;
pub use moved::moved;
pub use moved::unlike_preset;
pub use rows::RowFile;
pub use rows::own_rows;
pub use table::Providers;
pub use table::from_presets;
pub use table::holds_literal_key;
pub use table::providers;

use std::borrow::Cow;

use crate::catalog;
use crate::catalog::Facts;
use crate::catalog::MILLION;
use crate::catalog::Models;
use crate::catalog::Preset;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::KeySetting;

/// A provider, ready to be chosen.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "none of these facts follows from another")]
pub struct Provider {
    /// The word for `--provider`.
    pub id: Cow<'static, str>,
    /// The display name.
    pub label: Cow<'static, str>,
    /// Where requests go; `None` for Anthropic, which is not redirected.
    pub endpoint: Option<Endpoint>,
    /// How requests are authenticated.
    pub key: KeySetting,
    /// Whether the key is also sent as x-api-key.
    pub api_key_header: bool,
    /// Model ids by tier.
    pub models: Models<Cow<'static, str>>,
    /// The context window of the ids without `[1m]`, in tokens.
    pub window: u32,
    /// The windows of models that `--model` may name, in the format of [`catalog::windows`].
    pub windows: Cow<'static, str>,
    /// Facts that a launch does not need.
    pub facts: Facts,
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: u32,
    /// Variables that it needs in addition to the redirect.
    pub env: Vec<(EnvName, ProviderValue)>,
    /// The preset whose keys it accepts; `None` if that is unknown, because it has another host or
    /// another variable, or is a gateway.
    pub keys_of: Option<&'static Preset>,
    /// An additional header, `name: text`.
    pub header: Option<Cow<'static, str>>,
    /// The secret that follows this text after a blank.
    pub header_key: Option<Box<EnvValue>>,
    /// Whether it also works without its key.
    pub key_optional: bool,
    /// Whether it is a server on this machine, which may not be running.
    pub local: bool,
    /// Whether exec.toml changes or adds it.
    pub configured: bool,
    /// The user's own file of rows that it comes from.
    pub row_file: Option<&'static str>,
}

/// The value of a variable that a provider needs.
#[derive(Debug, Clone)]
pub enum ProviderValue {
    /// From a preset, so public.
    Public(&'static str),
    /// From exec.toml, so not shown.
    Configured(EnvValue),
}

impl Provider {
    /// Whether it is Anthropic, which is not redirected.
    pub fn is_anthropic(&self) -> bool {
        self.endpoint.is_none()
    }

    /// The variable that holds its key; `None` if it needs no key.
    pub fn key_env(&self) -> Option<&EnvName> {
        match &self.key {
            KeySetting::Env(name) => Some(name),
            KeySetting::None => None,
        }
    }

    /// The variable of our environment that holds the secret of its header, if one does.
    pub fn header_variable(&self) -> Option<&str> {
        match self.header_key.as_deref() {
            Some(EnvValue::HostVar(name)) => Some(name),
            _ => None,
        }
    }

    /// Where to get a key for it, if its key is in the variable that its row names.
    pub fn key_page(&self) -> Option<&str> {
        let row = self.keys_of?;
        if row.key_env == self.key_env().map(EnvName::as_str) { row.facts.key_page() } else { None }
    }

    /// Whether it has models to request.
    pub fn has_models(&self) -> bool {
        self.is_anthropic() || !self.models.opus.is_empty()
    }

    /// Requests one model for every tier.
    pub fn set_model(&mut self, model: &str) {
        // If the row itself names no model, its window applies to any model that is named.
        let unknown = if self.has_models() { catalog::UNKNOWN_WINDOW } else { self.window };
        self.window = if is_million(model) { MILLION } else { unknown };
        for (known, window) in catalog::windows(&self.windows) {
            if known == model {
                self.window = window;
            }
        }
        self.models = every_tier(model);
    }
}

pub(super) fn every_tier(model: &str) -> Models<Cow<'static, str>> {
    let model = || Cow::Owned(model.to_owned());
    Models { fable: model(), opus: model(), sonnet: model(), haiku: model() }
}

/// Whether a model id makes the client use a window of a million tokens.
pub fn is_million(model: &str) -> bool {
    model.ends_with("[1m]")
}
