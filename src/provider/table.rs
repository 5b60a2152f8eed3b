//! Builds the providers from the presets, catalog.d and exec.toml.

use std::borrow::Cow;

use crate::catalog;
use crate::catalog::Facts;
use crate::catalog::MILLION;
use crate::catalog::Models;
use crate::catalog::Preset;
use crate::config::Declared;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::Error;
use crate::config::ExecToml;
use crate::config::KeySetting;
use crate::config::OwnRows;
use crate::config::Place;
use crate::config::Placed;
use crate::config::Problem;
use crate::config::ProviderTable;
use crate::config::Variables;
use crate::config::WrongProvider;
use crate::report;

use super::Endpoint;
use super::Provider;
use super::ProviderValue;
use super::every_tier;
use super::is_million;

/// The providers of a configuration.
#[derive(Debug, Clone)]
pub struct Providers {
    /// In the order in which they are listed for choosing: the presets, the rows
    /// that catalog.d adds, then exec.toml's own by id.
    pub usable: Vec<Provider>,
    /// Those in exec.toml and catalog.d that cannot be used, including changed presets.
    pub wrong: Vec<WrongProvider>,
}

/// All providers.
pub fn providers(exec: &ExecToml) -> Providers {
    from_presets(catalog::PRESETS, exec)
}

/// The same, with only some of the presets.
pub fn from_presets(
    presets: impl IntoIterator<Item = &'static Preset>,
    exec: &ExecToml,
) -> Providers {
    let rows = &exec.rows;
    let in_effect = |known: &'static Preset| preset(rows.find(known.id).unwrap_or(known));
    let mut usable: Vec<Provider> = presets.into_iter().map(in_effect).collect();
    for row in &rows.usable {
        if catalog::find(row.id).is_none() {
            usable.push(preset(row));
        }
    }
    let mut wrong = [&exec.wrong_providers[..], &rows.wrong[..]].concat();
    for (id, table) in &exec.providers {
        if rows.wrong.iter().any(|wrong| wrong.id.as_str() == id) {
            continue;
        }
        match usable.iter_mut().find(|provider| provider.id == *id) {
            Some(provider) => {
                if let Err(error) = change_row(provider, table) {
                    wrong.push(unusable(id, table, error));
                }
            }
            None => match own(id, table, rows) {
                Ok(provider) => usable.push(provider),
                Err(error) => wrong.push(unusable(id, table, error)),
            },
        }
    }
    // Not used even with the preset's values: the key could go to a host that was not intended.
    usable.retain(|provider| !wrong.iter().any(|wrong| wrong.id.as_str() == provider.id));
    Providers { usable, wrong }
}

fn unusable(id: &str, table: &ProviderTable, error: Error) -> WrongProvider {
    let key = match table.key.as_ref().map(|key| &key.value) {
        Some(KeySetting::Env(name)) => Some(name.clone()),
        Some(KeySetting::None) | None => None,
    };
    let header_key = match table.header.as_ref().map(|header| &header.key) {
        Some(Some(EnvValue::HostVar(name))) => EnvName::new(name).ok(),
        _ => None,
    };
    WrongProvider { id: id.into(), error, key, header_key }
}

/// Whether a scope holds a provider's key as a literal, not as a reference.
pub fn holds_literal_key<'a>(scopes: impl Iterator<Item = &'a Variables>, exec: &ExecToml) -> bool {
    let of_table = |table: &ProviderTable, name: &EnvName| {
        table
            .key
            .as_ref()
            .is_some_and(|key| matches!(&key.value, KeySetting::Env(key) if key == name))
    };
    let is_key = |name: &EnvName| {
        catalog::PRESETS
            .iter()
            .chain(exec.rows.usable.iter().copied())
            .any(|preset| preset.key_env == Some(name.as_str()))
            || exec.providers.values().any(|table| of_table(table, name))
            || exec
                .wrong_providers
                .iter()
                .chain(&exec.rows.wrong)
                .any(|wrong| wrong.key.as_ref() == Some(name))
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
        key: preset.key_env.map_or(KeySetting::None, |name| KeySetting::Env(EnvName::known(name))),
        api_key_header: preset.api_key_header,
        models: Models {
            fable: fable.into(),
            opus: opus.into(),
            sonnet: sonnet.into(),
            haiku: haiku.into(),
        },
        window: preset.window,
        windows: Cow::Borrowed(preset.windows),
        facts: preset.facts.clone(),
        timeout_ms: preset.timeout_ms,
        env: env.collect(),
        keys_of: Some(preset).filter(|preset| !preset.local),
        header: preset.header.map(Cow::Borrowed),
        header_key: None,
        key_optional: preset.local,
        local: preset.local,
        configured: false,
        row_file: preset.file,
    }
}

/// A second account with a preset's vendor: the preset supplies everything that the table does not
/// set.
fn alike(
    id: &str,
    table: &ProviderTable,
    like: &Placed<String>,
    rows: &OwnRows,
) -> Result<Provider, Error> {
    // Not the preset that the row was to replace.
    if let Some(wrong) = rows.wrong.iter().find(|wrong| wrong.id.as_str() == like.value) {
        return Err(wrong.error.clone());
    }
    let found = rows.find(&like.value).or_else(|| catalog::find(&like.value));
    let found = found.filter(|preset| preset.base_url.is_some());
    let Some(found) = found else {
        let what = "the id of a preset that is redirected, such as \"kimi\"";
        return Err(like.place.clone().wrong(Problem::Expected(what)));
    };
    if found.key_env.is_some() && table.key.is_none() {
        let what = "key_env = \"NAME\": a second account has a key of its own";
        return Err(table.place.clone().wrong(Problem::Expected(what)));
    }
    let mut provider = preset(found);
    provider.id = Cow::Owned(id.to_owned());
    provider.label = Cow::Owned(format!("{} ({id})", found.label));
    change(&mut provider, table)?;
    if table.base_url.is_none() {
        // The host is the same, so it accepts the same keys.
        provider.keys_of = Some(found).filter(|found| !found.local);
    }
    Ok(provider)
}

fn own(id: &str, table: &ProviderTable, rows: &OwnRows) -> Result<Provider, Error> {
    if let Some(like) = &table.like {
        return alike(id, table, like, rows);
    }
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
        windows: Cow::Borrowed(""),
        facts: Facts::NONE,
        timeout_ms: catalog::TIMEOUT_MS,
        env: Vec::new(),
        keys_of: None,
        header: None,
        header_key: None,
        key_optional: false,
        local: false,
        configured: true,
        row_file: None,
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

/// Changes a provider of the catalogue.
fn change_row(provider: &mut Provider, table: &ProviderTable) -> Result<(), Error> {
    if provider.id == catalog::ANTHROPIC {
        return Err(table
            .place
            .clone()
            .wrong(Problem::Expected("another id: Anthropic is not redirected")));
    }
    if let Some(like) = &table.like {
        let what = "no `like` here: this id is a preset itself";
        return Err(like.place.clone().wrong(Problem::Expected(what)));
    }
    change(provider, table)
}

fn change(provider: &mut Provider, table: &ProviderTable) -> Result<(), Error> {
    provider.configured = true;
    if let Some(label) = &table.label {
        provider.label = Cow::Owned(checked_label(label)?);
    }
    if let Some(Placed { value, place }) = &table.base_url {
        provider.endpoint = Some(
            Endpoint::new(value).map_err(|what| place.clone().wrong(Problem::Expected(what)))?,
        );
        // Another host has other keys.
        provider.keys_of = None;
    }
    if let Some(key) = &table.key {
        provider.key = key.value.clone();
        provider.keys_of = None;
        provider.key_optional = false;
    }
    if let Some(header) = table.api_key_header {
        provider.api_key_header = header;
    }
    if let Some(header) = &table.header {
        provider.header = Some(Cow::Owned(header.text.clone()));
        provider.header_key = header.key.clone().map(Box::new);
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
    if provider.local {
        fill_models(&mut provider.models, table)?;
    }
    provider.window = table.context_tokens.unwrap_or(provider.window);
    provider.timeout_ms = table.timeout_ms.unwrap_or(provider.timeout_ms);
    refuse_key_in_clear(provider, table)?;
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

/// Refuses to send a key unencrypted unless exec.toml allows it explicitly.
fn refuse_key_in_clear(provider: &Provider, table: &ProviderTable) -> Result<(), Error> {
    let (Some(url), Some(endpoint)) = (&table.base_url, &provider.endpoint) else {
        return Ok(());
    };
    let has_secret = provider.key != KeySetting::None || provider.header_key.is_some();
    if !endpoint.is_in_clear() || !has_secret || table.insecure {
        return Ok(());
    }
    let what =
        "https://, because the key would travel in clear; or key = false, or insecure = true";
    Err(url.place.clone().wrong(Problem::Expected(what)))
}

/// Fills the tiers of a row without models from exec.toml, using opus for those that it leaves out.
fn fill_models(models: &mut Models<Cow<'static, str>>, table: &ProviderTable) -> Result<(), Error> {
    if models.opus.is_empty() && !table.models.is_empty() {
        let what = "models with opus, or model = \"ID\"";
        return Err(table.place.clone().wrong(Problem::Expected(what)));
    }
    let opus = models.opus.clone();
    for model in [&mut models.fable, &mut models.sonnet, &mut models.haiku] {
        if model.is_empty() {
            model.clone_from(&opus);
        }
    }
    Ok(())
}

fn checked_label(label: &Placed<String>) -> Result<String, Error> {
    match refuse_label(&label.value) {
        Ok(()) => Ok(label.value.trim().to_owned()),
        Err(what) => Err(label.place.clone().wrong(Problem::Expected(what))),
    }
}

/// Refuses a label that cannot be shown.
pub(super) fn refuse_label(label: &str) -> Result<(), &'static str> {
    if label.trim().is_empty() || label.chars().any(report::is_unsafe) {
        return Err("a label that is not empty and has no control or bidirectional characters");
    }
    Ok(())
}

/// Refuses a variable of a provider that would undo the redirect.
fn refuse_redirect(name: &EnvName, place: &Place) -> Result<(), Error> {
    if catalog::is_open(name.as_str()) {
        return Ok(());
    }
    let what = "a name that the redirect itself does not set or remove";
    Err(place.clone().wrong(Problem::Expected(what)))
}
