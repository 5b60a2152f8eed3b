//! Which known providers have another endpoint here, and which files say so.

use crate::catalog;
use crate::catalog::Preset;
use crate::config::EnvName;
use crate::config::ExecToml;
use crate::config::Place;
use crate::config::ProviderTable;

use super::Provider;

/// A provider that is taken for a built-in one, by its id or by the name of its key, and sends the
/// requests and the key elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    /// Where a file of the user's says so.
    pub place: &'a Place,
    /// The built-in row.
    pub preset: &'static Preset,
    /// The base URL of that row.
    pub from: &'static str,
    /// Whether only the name of the key is the row's.
    pub by_key: bool,
    /// Whether the file is one of catalog.d, which other people may have written.
    pub shared: bool,
}

/// Where a known provider's endpoint was changed; `None` if it was not.
pub fn moved<'a>(provider: &Provider, exec: &'a ExecToml) -> Option<Moved<'a>> {
    let url = provider.endpoint.as_ref()?.url();
    let table = exec.providers.get(&*provider.id);
    let key = provider.key_env().map(EnvName::as_str);
    let (preset, by_key) = match (meant(&provider.id, table), of_key(key)) {
        (Some(preset), _) if preset.base_url != Some(url) => (preset, false),
        (_, Some(preset)) if preset.base_url != Some(url) => (preset, true),
        _ => return None,
    };
    let from = preset.base_url?;
    if let Some(table) = table
        && let Some(place) = says(table, by_key)
    {
        return Some(Moved { place, preset, from, by_key, shared: false });
    }
    let place = exec.rows.places.get(&*provider.id)?;
    Some(Moved { place, preset, from, by_key, shared: true })
}

/// The built-in row that an id means, or that a second account is like.
fn meant(id: &str, table: Option<&ProviderTable>) -> Option<&'static Preset> {
    if let Some(preset) = catalog::find(id) {
        return Some(preset);
    }
    catalog::find(&table?.like.as_ref()?.value)
}

/// The built-in row whose key is in this variable.
fn of_key(name: Option<&str>) -> Option<&'static Preset> {
    let index = catalog::by_key_name(name?.as_bytes())?;
    catalog::PRESETS.get(index)
}

/// Where a table of exec.toml sets the endpoint or, if that is what matters, the key.
fn says(table: &ProviderTable, by_key: bool) -> Option<&Place> {
    if let Some(url) = &table.base_url {
        return Some(&url.place);
    }
    match &table.key {
        Some(key) if by_key => Some(&key.place),
        _ => None,
    }
}

impl Moved<'_> {
    /// What changed, in words for people.
    pub fn text(&self) -> String {
        let Self { place, from, .. } = self;
        if self.by_key {
            let key = self.preset.key_env.unwrap_or_default();
            format!("{key} is the key of {} ({from}); set by {place}", self.preset.label)
        } else {
            format!("base URL changed by {place} (the preset's is {from})")
        }
    }
}
