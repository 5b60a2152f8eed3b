//! `[providers.ID]` of exec.toml.

use std::collections::BTreeMap;

use crate::config::document::Document;
use crate::config::document::Placed;
use crate::config::document::Table;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Place;
use crate::config::error::Problem;
use crate::config::name::EnvName;
use crate::config::name::is_identifier;
use crate::config::value::EnvValue;

/// exec.toml's `[providers.ID]`: what differs from a preset, or all of a provider of one's own.
#[derive(Debug, Clone)]
pub struct ProviderTable {
    /// Where it stands, for errors that need to know the presets.
    pub place: Place,
    /// The name for people.
    pub label: Option<Placed<String>>,
    /// The base URL.
    pub base_url: Option<Placed<String>>,
    /// How it is authenticated.
    pub key: Option<Placed<KeySetting>>,
    /// Whether the key is sent as x-api-key, too.
    pub api_key_header: Option<bool>,
    /// `model`
    pub model: Option<String>,
    /// `models`, by tier.
    pub models: BTreeMap<&'static str, String>,
    /// The window in tokens.
    pub context_tokens: Option<u32>,
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: Option<u32>,
    /// More variables for the command.
    pub env: Vec<(Placed<EnvName>, EnvValue)>,
}

/// How a provider of exec.toml is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetting {
    /// By the key in this variable.
    Env(EnvName),
    /// Not at all: a fixed dummy is sent, because the client wants a token.
    None,
}

const TIERS: [&str; 4] = ["fable", "opus", "sonnet", "haiku"];

/// Whether a word can name a provider.
pub(super) fn is_provider_id(id: &str) -> bool {
    id != "ask"
        && !id.is_empty()
        && id.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Whether a word can be a model id: something that goes into a variable and a request as it is.
pub fn is_model_id(model: &str) -> bool {
    !model.is_empty()
        && !model.chars().any(|character| character.is_control() || character.is_whitespace())
}

impl<'a> Document<'a> {
    pub(super) fn provider(
        self,
        place: Place,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<ProviderTable, Error> {
        self.only(
            table,
            &[
                "label",
                "base_url",
                "key_env",
                "key",
                "auth",
                "model",
                "models",
                "context_tokens",
                "timeout_ms",
                "env",
            ],
        )?;
        let mut found = ProviderTable {
            place,
            label: self.placed(table, "label")?,
            base_url: self.placed(table, "base_url")?,
            key: self.key(table)?,
            api_key_header: self.auth(table)?,
            model: self.model(table, "model")?,
            models: BTreeMap::new(),
            context_tokens: self.number(table, "context_tokens", 1_000..=100_000_000)?,
            timeout_ms: self.number(table, "timeout_ms", 1_000..=2_147_483_647)?,
            env: Vec::new(),
        };
        if let Some(inner) = self.table(table, "models")? {
            self.only(inner, &TIERS)?;
            for tier in TIERS {
                if let Some(model) = self.model(inner, tier)? {
                    found.models.insert(tier, model);
                }
            }
        }
        for (name, value) in self.table(table, "env")?.into_iter().flatten() {
            let at = self.place(name.span());
            let declared = self.declared(value, offences)?;
            if !is_identifier(name.get_ref()) {
                return Err(at.wrong(Problem::Expected("the name of a variable")));
            }
            match EnvName::new(name.get_ref()) {
                Ok(name) => found.env.push((Placed { value: name, place: at }, declared.value)),
                Err(problem) => offences.push(Offence { place: at, problem }),
            }
        }
        Ok(found)
    }

    fn model(self, table: &Table<'a>, key: &str) -> Result<Option<String>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let model = self.text_of(value)?;
        if is_model_id(&model) {
            Ok(Some(model))
        } else {
            Err(self.expected(value, "a model id without blanks or control characters"))
        }
    }

    fn key(self, table: &Table<'a>) -> Result<Option<Placed<KeySetting>>, Error> {
        const WHAT: &str = "key_env = \"NAME\" or key = false, not both";
        match (table.get("key_env"), table.get("key")) {
            (None, None) => Ok(None),
            (Some(value), None) => {
                let name = self.text_of(value)?;
                if !is_identifier(&name) {
                    return Err(self.expected(value, "the name of a variable"));
                }
                let place = self.place(value.span());
                let name = EnvName::new(&name).map_err(|problem| place.clone().wrong(problem))?;
                Ok(Some(Placed { value: KeySetting::Env(name), place }))
            }
            (None, Some(value)) if value.get_ref().as_bool() == Some(false) => {
                Ok(Some(Placed { value: KeySetting::None, place: self.place(value.span()) }))
            }
            (_, Some(value)) => Err(self.expected(value, WHAT)),
        }
    }

    fn auth(self, table: &Table<'a>) -> Result<Option<bool>, Error> {
        let Some(value) = table.get("auth") else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some("bearer") => Ok(Some(false)),
            Some("x-api-key") => Ok(Some(true)),
            _ => Err(self.expected(value, "\"bearer\" or \"x-api-key\"")),
        }
    }
}
