//! The provider tables of exec.toml: `[providers.ID]`.

use std::collections::BTreeMap;

use crate::config::document::Document;
use crate::config::document::Placed;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Place;
use crate::config::error::Problem;
use crate::config::header::Header;
use crate::config::name::EnvName;
use crate::config::name::is_identifier;
use crate::config::table::Table;
use crate::config::value::EnvValue;
use crate::config::value::host_reference;
use crate::typed::Typed;

/// exec.toml's `[providers.ID]`: changes to a preset, or a complete custom provider.
#[derive(Debug, Clone)]
pub struct ProviderTable {
    /// Its position, for errors that depend on the presets.
    pub place: Place,
    /// The preset that supplies everything the table does not set.
    pub like: Option<Placed<String>>,
    /// The display name.
    pub label: Option<Placed<String>>,
    /// The base URL.
    pub base_url: Option<Placed<String>>,
    /// Whether the key may be sent unencrypted.
    pub insecure: bool,
    /// How requests are authenticated.
    pub key: Option<Placed<KeySetting>>,
    /// Whether the key is also sent as x-api-key.
    pub api_key_header: Option<bool>,
    /// One header more in each request.
    pub header: Option<Header>,
    /// `model`
    pub model: Option<String>,
    /// `models`, by tier.
    pub models: BTreeMap<&'static str, String>,
    /// The context window, in tokens.
    pub context_tokens: Option<u32>,
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: Option<u32>,
    /// More variables for the command.
    pub env: Vec<(Placed<EnvName>, EnvValue)>,
}

/// A provider in exec.toml that cannot be used, and why. The error affects only launches and
/// commands that involve this provider.
#[derive(Debug, Clone)]
pub struct WrongProvider {
    /// The id as it is written, which may not be a valid one, or even be a key.
    pub id: Typed,
    /// What is wrong.
    pub error: Error,
    /// The variable of its key, if that much can be read: the key stays a key.
    pub key: Option<EnvName>,
    /// The variable of the secret in its header, likewise.
    pub header_key: Option<EnvName>,
}

/// How requests to a provider of exec.toml are authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetting {
    /// With the key in this variable.
    Env(EnvName),
    /// Without a key. The client requires a token, so a fixed placeholder is sent.
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

/// Whether a word can be a model id, which goes into a variable and a request unchanged.
pub fn is_model_id(model: &str) -> bool {
    !model.is_empty()
        && !model.chars().any(|character| character.is_control() || character.is_whitespace())
}

/// What is expected instead of a name that is needed, see [`is_needed`].
pub const NEEDED: &str = "another name: the host or Claude Code itself needs this one";

/// Whether programs on this host, or the client, need a variable of this name. With a key under the
/// same name they would not get its usual value, and that value could be sent as a key.
pub fn is_needed(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ALL_PROXY",
        "BASH_ENV",
        "CLAUDECODE",
        "CREDENTIALS_DIRECTORY",
        "DISPLAY",
        "EDITOR",
        "ENV",
        "HOME",
        "HOSTNAME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "IFS",
        "LANG",
        "LANGUAGE",
        "LOGNAME",
        "MAIL",
        "NO_COLOR",
        "NO_PROXY",
        "OLDPWD",
        "PAGER",
        "PATH",
        "PS1",
        "PWD",
        "SHELL",
        "SHLVL",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TEMP",
        "TERM",
        "TMP",
        "TMPDIR",
        "TZ",
        "USER",
        "VISUAL",
        "_",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    ];
    const BEGINNINGS: &[&str] = &[
        "ANTHROPIC_",
        "BUN_",
        "CLAUDE_",
        "DYLD_",
        "JACKIN_",
        "LC_",
        "LD_",
        "NODE_",
        "PERL5",
        "PYTHON",
        "SSH_",
        "XDG_",
    ];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
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
                "like",
                "label",
                "base_url",
                "insecure",
                "key_env",
                "key",
                "auth",
                "header",
                "header_key",
                "model",
                "models",
                "context_tokens",
                "timeout_ms",
                "env",
            ],
        )?;
        let mut found = ProviderTable {
            place,
            like: self.placed(table, "like")?,
            label: self.placed(table, "label")?,
            base_url: self.placed(table, "base_url")?,
            insecure: self.switch(table, "insecure")?.unwrap_or(false),
            key: self.key(table)?,
            api_key_header: self.auth(table)?,
            header: self.header(table, offences)?,
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

    /// The variable that a table names for its key, whatever else is wrong with the table.
    pub(super) fn key_name(table: &Table<'a>) -> Option<EnvName> {
        let name = table.get("key_env")?.get_ref().as_str()?;
        if is_identifier(name) && !is_needed(name) { EnvName::new(name).ok() } else { None }
    }

    /// The variable that a table names for the secret in its header, likewise.
    pub(super) fn header_key_name(table: &Table<'a>) -> Option<EnvName> {
        let name = host_reference(table.get("header_key")?.get_ref().as_str()?)?;
        if is_needed(name) { None } else { EnvName::new(name).ok() }
    }

    fn key(self, table: &Table<'a>) -> Result<Option<Placed<KeySetting>>, Error> {
        const BOTH: &str = "key_env = \"NAME\" or key = false, not both";
        const NO_KEY: &str = "key = false, or key_env = \"NAME\", which names the key's variable: the key itself is not written here";
        match (table.get("key_env"), table.get("key")) {
            (None, None) => Ok(None),
            (Some(value), None) => {
                let name = self.text_of(value)?;
                if !is_identifier(&name) {
                    return Err(self.expected(value, "the name of a variable"));
                }
                if is_needed(&name) {
                    return Err(self.expected(value, NEEDED));
                }
                let place = self.place(value.span());
                let name = EnvName::new(&name).map_err(|problem| place.clone().wrong(problem))?;
                Ok(Some(Placed { value: KeySetting::Env(name), place }))
            }
            (None, Some(value)) if value.get_ref().as_bool() == Some(false) => {
                Ok(Some(Placed { value: KeySetting::None, place: self.place(value.span()) }))
            }
            (None, Some(value)) => Err(self.expected(value, NO_KEY)),
            (Some(_), Some(value)) => Err(self.expected(value, BOTH)),
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
