//! The providers that can be chosen: the presets, with what exec.toml changes and adds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::catalog;
use crate::catalog::KeyShape;
use crate::catalog::MILLION;
use crate::catalog::Models;
use crate::catalog::Preset;
use crate::config::Declared;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::KeySetting;
use crate::config::Placed;
use crate::config::ProviderTable;
use crate::config::Variables;
use crate::error::Error;
use crate::error::Place;
use crate::error::Problem;
use crate::report;

/// A provider, ready to be chosen.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The word for `--provider`.
    pub id: Cow<'static, str>,
    /// The name for people.
    pub label: Cow<'static, str>,
    /// Where requests go; none for Anthropic, which is not redirected.
    pub endpoint: Option<Endpoint>,
    /// How it is authenticated.
    pub key: KeySetting,
    /// Whether the key is sent as x-api-key, too.
    pub api_key_header: bool,
    /// Model ids by tier.
    pub models: Models<Cow<'static, str>>,
    /// The context window of these models, in tokens.
    pub window: u32,
    /// Windows of models that `--model` may name, in tokens.
    pub windows: &'static [(&'static str, u32)],
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: u32,
    /// What it needs beside the redirect.
    pub env: Vec<(EnvName, ProviderValue)>,
    /// How its keys begin.
    pub key_shape: Option<KeyShape>,
}

/// The value of a variable that a provider needs.
#[derive(Debug, Clone)]
pub enum ProviderValue {
    /// Of a preset: public.
    Public(&'static str),
    /// Of exec.toml: not shown.
    Configured(EnvValue),
}

impl Provider {
    /// Whether it is Anthropic: no redirect.
    pub fn is_anthropic(&self) -> bool {
        self.endpoint.is_none()
    }

    /// The variable that holds its key; none if it needs no key.
    pub fn key_env(&self) -> Option<&EnvName> {
        match &self.key {
            KeySetting::Env(name) => Some(name),
            KeySetting::None => None,
        }
    }

    /// The same provider with one model for every tier.
    #[must_use]
    pub fn with_model(mut self, model: &str) -> Self {
        let known =
            self.windows.iter().find(|(known, _)| *known == model).map(|(_, window)| *window);
        self.window =
            known.unwrap_or(if is_million(model) { MILLION } else { catalog::UNKNOWN_WINDOW });
        self.models = every_tier(model);
        self
    }
}

fn every_tier(model: &str) -> Models<Cow<'static, str>> {
    let model = || Cow::Owned(model.to_owned());
    Models { fable: model(), opus: model(), sonnet: model(), haiku: model() }
}

/// Whether a model id asks the client for the window of a million tokens.
pub fn is_million(model: &str) -> bool {
    model.ends_with("[1m]")
}

/// A base URL that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Cow<'static, str>,
}

impl Endpoint {
    /// Checks a base URL.
    ///
    /// # Errors
    ///
    /// What was expected instead, in words that hold nothing of the URL.
    pub fn new(url: &str) -> Result<Self, &'static str> {
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("a URL that begins with https:// or, for this machine, http://"),
        };
        if !url.bytes().all(|byte| byte.is_ascii_graphic())
            || url.contains(['"', '\'', '\\', '<', '>', '`', '{', '}'])
        {
            return Err("a URL of visible ASCII characters");
        }
        if rest.contains('?') {
            return Err("a base URL without a query");
        }
        if rest.contains('#') {
            return Err("a base URL without a fragment");
        }
        // The client would leave them out, and see another path than the checks below.
        if rest
            .split('/')
            .skip(1)
            .any(|part| matches!(&*part.to_ascii_lowercase().replace("%2e", "."), "." | ".."))
        {
            return Err("a base URL without . or .. in its path");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err("a base URL without a user name or password");
        }
        host_of(authority).ok_or("a URL with a host and, if any, a port from 1 to 65535")?;
        let trimmed = url.trim_end_matches('/');
        if trimmed.ends_with("/v1") {
            return Err("a base URL without /v1, which the client adds itself");
        }
        let found = Self { url: Cow::Owned(trimmed.to_owned()) };
        if secure || found.is_loopback() {
            Ok(found)
        } else {
            Err("https://, because the key would travel in clear")
        }
    }

    /// A base URL of the catalogue, which a test checks.
    pub const fn known(url: &'static str) -> Self {
        Self { url: Cow::Borrowed(url) }
    }

    /// The base URL without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL, taken out.
    pub fn into_url(self) -> Cow<'static, str> {
        self.url
    }

    /// The host as written, IPv6 without brackets.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        host_of(rest.split('/').next().unwrap_or_default()).unwrap_or_default()
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// The host of `HOST[:PORT]`.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (host, rest) = inner.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let numbered = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    let named = host.contains(':')
        || host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_');
    (numbered && named && !host.is_empty()).then_some(host)
}

/// The providers in the order of the question: the presets, then exec.toml's own by id.
///
/// # Errors
///
/// [`Error::Config`] for a table that does not make a provider.
pub fn providers<'a>(
    tables: impl IntoIterator<Item = (&'a String, &'a ProviderTable)>,
) -> Result<Vec<Provider>, Error> {
    let mut found: Vec<Provider> = catalog::PRESETS.iter().map(preset).collect();
    for (id, table) in tables {
        match found.iter_mut().find(|provider| provider.id == *id) {
            Some(provider) => change(provider, table)?,
            None => found.push(own(id, table)?),
        }
    }
    Ok(found)
}

/// Whether a scope holds a provider's key as it is, and not a reference to it.
pub fn holds_literal_key<'a>(
    scopes: impl Iterator<Item = &'a Variables>,
    tables: &BTreeMap<String, ProviderTable>,
) -> bool {
    let of_table = |table: &ProviderTable, name: &EnvName| {
        table
            .key
            .as_ref()
            .is_some_and(|key| matches!(&key.value, KeySetting::Env(key) if key == name))
    };
    let is_key = |name: &EnvName| {
        catalog::PRESETS.iter().any(|preset| preset.key_env == name.as_str())
            || tables.values().any(|table| of_table(table, name))
    };
    let literal = |(name, one): (&EnvName, &Declared)| {
        matches!(one.value, EnvValue::Literal(_)) && is_key(name)
    };
    scopes.flatten().any(literal)
}

fn preset(preset: &'static Preset) -> Provider {
    let Models { fable, opus, sonnet, haiku } = preset.models;
    let env =
        preset.env.iter().map(|(name, value)| (EnvName::known(name), ProviderValue::Public(value)));
    Provider {
        id: preset.id.into(),
        label: preset.label.into(),
        endpoint: preset.base_url.map(Endpoint::known),
        key: KeySetting::Env(EnvName::known(preset.key_env)),
        api_key_header: false,
        models: Models {
            fable: fable.into(),
            opus: opus.into(),
            sonnet: sonnet.into(),
            haiku: haiku.into(),
        },
        window: preset.window,
        windows: preset.windows,
        timeout_ms: catalog::TIMEOUT_MS,
        env: env.collect(),
        key_shape: preset.key_shape,
    }
}

fn own(id: &str, table: &ProviderTable) -> Result<Provider, Error> {
    let missing = |what| Err(table.place.clone().wrong(Problem::Expected(what)));
    if table.base_url.is_none() {
        return missing("a base_url: this is no preset");
    }
    if table.key.is_none() {
        return missing("key_env = \"NAME\", or key = false for an endpoint that wants no key");
    }
    let tiers = ["opus", "sonnet", "haiku"];
    if table.model.is_none() && !tiers.iter().all(|tier| table.models.contains_key(tier)) {
        return missing("model = \"ID\", or models with opus, sonnet and haiku");
    }
    let mut provider = Provider {
        id: Cow::Owned(id.to_owned()),
        label: Cow::Owned(id.to_owned()),
        endpoint: None,
        key: KeySetting::None,
        api_key_header: false,
        models: every_tier(""),
        window: catalog::UNKNOWN_WINDOW,
        windows: &[],
        timeout_ms: catalog::TIMEOUT_MS,
        env: Vec::new(),
        key_shape: None,
    };
    change(&mut provider, table)?;
    if provider.models.fable.is_empty() {
        provider.models.fable.clone_from(&provider.models.opus);
    }
    if table.context_tokens.is_none() && is_million(&provider.models.opus) {
        provider.window = MILLION;
    }
    Ok(provider)
}

fn change(provider: &mut Provider, table: &ProviderTable) -> Result<(), Error> {
    if provider.id == catalog::ANTHROPIC {
        return Err(table
            .place
            .clone()
            .wrong(Problem::Expected("another id: Anthropic is not redirected")));
    }
    if let Some(label) = &table.label {
        provider.label = Cow::Owned(checked_label(label)?);
    }
    if let Some(Placed { value, place }) = &table.base_url {
        provider.endpoint = Some(
            Endpoint::new(value).map_err(|what| place.clone().wrong(Problem::Expected(what)))?,
        );
        // Another host has other keys.
        provider.key_shape = None;
    }
    if let Some(key) = &table.key {
        provider.key = key.value.clone();
        provider.key_shape = None;
    }
    if let Some(header) = table.api_key_header {
        provider.api_key_header = header;
    }
    if let Some(model) = &table.model {
        *provider = provider.clone().with_model(model);
    }
    for (tier, model) in &table.models {
        let place = match *tier {
            "fable" => &mut provider.models.fable,
            "opus" => &mut provider.models.opus,
            "sonnet" => &mut provider.models.sonnet,
            _ => &mut provider.models.haiku,
        };
        *place = Cow::Owned(model.clone());
    }
    provider.window = table.context_tokens.unwrap_or(provider.window);
    provider.timeout_ms = table.timeout_ms.unwrap_or(provider.timeout_ms);
    if provider.key == KeySetting::None && provider.api_key_header {
        let what = "auth = \"bearer\": without a key there is none to send twice";
        return Err(table.place.clone().wrong(Problem::Expected(what)));
    }
    for (name, value) in &table.env {
        refuse_redirect(&name.value, &name.place)?;
        provider.env.retain(|(known, _)| *known != name.value);
        provider.env.push((name.value.clone(), ProviderValue::Configured(value.clone())));
    }
    Ok(())
}

fn checked_label(label: &Placed<String>) -> Result<String, Error> {
    let text = label.value.trim();
    if text.is_empty() || text.chars().any(report::is_unsafe) {
        let what = "a label that is not empty and has no control or bidirectional characters";
        return Err(label.place.clone().wrong(Problem::Expected(what)));
    }
    Ok(text.to_owned())
}

/// The names that a redirect sets beside those that it removes.
pub const SET_ONLY: &[&str] =
    &["API_TIMEOUT_MS", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "NO_PROXY", "no_proxy"];

/// A provider's own variables may not undo the redirect. `ENABLE_TOOL_SEARCH` is a matter of the
/// provider alone.
fn refuse_redirect(name: &EnvName, place: &Place) -> Result<(), Error> {
    let word = name.as_str();
    let removed = catalog::REMOVED.iter().any(|(removed, _)| *removed == word)
        && word != "ENABLE_TOOL_SEARCH";
    let ours = word.starts_with("JACKIN_EXEC_");
    if removed || ours || SET_ONLY.contains(&word) || catalog::maps_a_tier(word.as_bytes()) {
        return Err(place
            .clone()
            .wrong(Problem::Expected("a name that the redirect itself does not set or remove")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_catalogue_says_passes_the_checks_that_exec_toml_must_pass() {
        for preset in catalog::PRESETS {
            assert!(EnvName::new(preset.key_env).is_ok(), "{}", preset.id);
            assert!(preset.env.iter().all(|(name, _)| EnvName::new(name).is_ok()), "{}", preset.id);
            let checked = preset.base_url.map(Endpoint::new).transpose();
            assert_eq!(checked, Ok(preset.base_url.map(Endpoint::known)), "{}", preset.id);
        }
    }

    #[test]
    fn a_base_url_is_what_the_client_can_append_to() {
        for (url, host) in [
            ("https://api.example.com", "api.example.com"),
            ("https://api.example.com:8443/x/", "api.example.com"),
            ("http://127.0.0.1:4000", "127.0.0.1"),
            ("http://localhost:4000/", "localhost"),
            ("http://[::1]:4000", "::1"),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().host(), host, "{url}");
        }
    }

    #[test]
    fn a_base_url_that_would_lose_the_key_or_the_path_is_refused() {
        for url in [
            "",
            "api.example.com",
            "ftp://api.example.com",
            "HTTPS://api.example.com",
            "https://",
            "https:///path",
            "https://user@api.example.com",
            "https://user:password@api.example.com",
            "https://api.example.com?x",
            "https://api.example.com/#x",
            "https://api.example.com/v1",
            "https://api.example.com/v1/",
            "https://api.example.com/v1/.",
            "https://api.example.com/x/%2E./v1/..",
            "https://api.example.com:0",
            "https://api.example.com:99999",
            "https://api.example.com:port",
            "https://api example.com",
            "https://api.example.com\n",
            "https://äpi.example.com",
            "https://[::1",
            "https://[no]",
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
        ] {
            assert!(Endpoint::new(url).is_err(), "{url}");
        }
    }
}
