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
use crate::config::Header;
use crate::config::KeySetting;
use crate::config::OwnRows;
use crate::config::Placed;
use crate::config::Problem;
use crate::config::ProviderTable;
use crate::config::Variables;
use crate::config::WrongProvider;
use crate::typed::nearest;

use super::Endpoint;
use super::Provider;
use super::ProviderValue;
use super::change::change;
use super::change::expected;
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
    let mut usable = Vec::new();
    for known in presets {
        usable.push(preset(rows.find(known.id).unwrap_or(known)));
    }
    for row in &rows.usable {
        if catalog::find(row.id).is_none() {
            usable.push(preset(row));
        }
    }
    let mut wrong = [&exec.wrong_providers[..], &rows.wrong[..]].concat();
    for (id, table) in &exec.providers {
        if is_among(&rows.wrong, id) {
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
    usable.retain(|provider| !is_among(&wrong, &provider.id));
    Providers { usable, wrong }
}

fn is_among(wrong: &[WrongProvider], id: &str) -> bool {
    wrong.iter().any(|wrong| wrong.id.as_str() == id)
}

fn unusable(id: &str, table: &ProviderTable, error: Error) -> WrongProvider {
    let key = match &table.key {
        Some(Placed { value: KeySetting::Env(name), .. }) => Some(name.clone()),
        _ => None,
    };
    let header_key = match &table.header {
        Some(Header { key: Some(EnvValue::HostVar(name)), .. }) => EnvName::new(name).ok(),
        _ => None,
    };
    WrongProvider { id: id.into(), error, key, header_key }
}

/// Whether a scope holds a provider's key as a literal, not as a reference.
pub fn holds_literal_key<'a>(scopes: impl Iterator<Item = &'a Variables>, exec: &ExecToml) -> bool {
    for scope in scopes {
        for (name, Declared { value, .. }) in scope {
            if matches!(value, EnvValue::Literal(_)) && is_key(name, exec) {
                return true;
            }
        }
    }
    false
}

/// Whether a variable is that of a provider's key: a preset's, or one that exec.toml or a row names.
fn is_key(name: &EnvName, exec: &ExecToml) -> bool {
    let named = Some(name.as_str());
    if catalog::PRESETS.iter().any(|preset| preset.key_env == named)
        || exec.rows.usable.iter().any(|row| row.key_env == named)
    {
        return true;
    }
    for table in exec.providers.values() {
        if let Some(Placed { value: KeySetting::Env(key), .. }) = &table.key
            && key == name
        {
            return true;
        }
    }
    let of_wrong = |wrong: &WrongProvider| wrong.key.as_ref() == Some(name);
    exec.wrong_providers.iter().any(of_wrong) || exec.rows.wrong.iter().any(of_wrong)
}

fn preset(preset: &'static Preset) -> Provider {
    let Models { fable, opus, sonnet, haiku } = preset.models;
    let mut env = Vec::new();
    for (name, value) in preset.env {
        env.push((EnvName::known(name), ProviderValue::Public(value)));
    }
    Provider {
        id: preset.id.into(),
        label: preset.label.into(),
        endpoint: preset.base_url.map(Endpoint::known),
        key: match preset.key_env {
            Some(name) => KeySetting::Env(EnvName::known(name)),
            None => KeySetting::None,
        },
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
        env,
        keys_of: accepting(preset),
        header: preset.header.map(Cow::Borrowed),
        header_key: None,
        key_optional: preset.local,
        local: preset.local,
        configured: false,
        row_file: preset.file,
    }
}

/// The preset as the one whose keys its host accepts. A server on this machine has its own keys.
fn accepting(preset: &'static Preset) -> Option<&'static Preset> {
    if preset.local { None } else { Some(preset) }
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
    for wrong in &rows.wrong {
        if wrong.id.as_str() == like.value {
            return Err(wrong.error.clone());
        }
    }
    let found = match rows.find(&like.value) {
        Some(row) => Some(row),
        None => catalog::find(&like.value),
    };
    let Some(found @ Preset { base_url: Some(_), .. }) = found else {
        return Err(like
            .place
            .clone()
            .wrong(Problem::NoPreset { nearest: preset_near(&like.value, rows) }));
    };
    if found.key_env.is_some() && table.key.is_none() {
        let what = "key_env = \"NAME\": a second account has a key of its own";
        return Err(expected(&table.place, what));
    }
    let mut provider = preset(found);
    provider.id = Cow::Owned(id.to_owned());
    provider.label = Cow::Owned(label_of(id, found));
    change(&mut provider, table)?;
    if table.base_url.is_none() {
        // The host is the same, so it accepts the same keys.
        provider.keys_of = accepting(found);
    }
    Ok(provider)
}

/// The label of a second account: `Kimi work` for `kimi-work`, and for `work`.
fn label_of(id: &str, preset: &Preset) -> String {
    let own = id.strip_prefix(preset.id).and_then(|rest| rest.strip_prefix('-')).unwrap_or(id);
    format!("{} {own}", preset.label)
}

/// The preset that was probably meant.
fn preset_near(id: &str, rows: &OwnRows) -> Option<String> {
    let rows = rows.usable.iter().map(|row| row.id);
    let presets = catalog::PRESETS.iter().filter(|preset| preset.base_url.is_some());
    nearest(id, presets.map(|preset| preset.id).chain(rows))
}

fn own(id: &str, table: &ProviderTable, rows: &OwnRows) -> Result<Provider, Error> {
    if let Some(like) = &table.like {
        return alike(id, table, like, rows);
    }
    let missing = |what| Err(expected(&table.place, what));
    if table.base_url.is_none() {
        return missing("a base_url: this is no preset");
    }
    if table.key.is_none() {
        return missing("key_env = \"NAME\", or key = false for an endpoint that wants no key");
    }
    let tiers = ["opus", "sonnet", "haiku"];
    if table.model.is_none() && tiers.iter().any(|tier| !table.models.contains_key(tier)) {
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
        return Err(expected(&table.place, "another id: Anthropic is not redirected"));
    }
    if let Some(like) = &table.like {
        let what = "no `like` here: this id is a preset itself";
        return Err(expected(&like.place, what));
    }
    change(provider, table)
}
