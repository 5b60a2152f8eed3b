//! Which known providers have another endpoint here, and which files say so; what else a row changes
//! in the preset that it replaces.

use crate::catalog;
use crate::catalog::Preset;
use crate::config::EnvName;
use crate::config::ExecToml;
use crate::config::Place;
use crate::config::ProviderTable;
use crate::report;

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

/// What a row says unlike the built-in row that it replaces, besides endpoint and models, in words for
/// people; `None` if there is nothing. Values are left to the list of what the row sets.
pub fn unlike_preset(provider: &Provider, exec: &ExecToml) -> Option<String> {
    provider.row_file?;
    let (row, preset) = (exec.rows.find(&provider.id)?, catalog::find(&provider.id)?);
    let mut unlike = Vec::new();
    for variable in row.env {
        if !preset.env.contains(variable) {
            unlike.push(format!("sets {}", variable.0));
        }
    }
    for (name, _) in preset.env {
        if !row.env.iter().any(|(own, _)| own == name) {
            unlike.push(format!("does not set {name}"));
        }
    }
    match (row.header, preset.header) {
        (own, known) if own == known => {}
        (Some(header), _) => unlike.push(format!("sends the header {header}")),
        (None, _) => unlike.push("sends no header of its own".to_owned()),
    }
    if row.api_key_header != preset.api_key_header {
        let with = if row.api_key_header { "also as" } else { "not as" };
        unlike.push(format!("sends the key {with} x-api-key"));
    }
    if unlike.is_empty() {
        return None;
    }
    Some(format!("unlike the built-in row, it {}", report::list(&unlike)))
}
