//! JSON files of other tools: which tool's a file is, and the keys in it.
//!
//! cc-switch: `app_config.rs` and `provider.rs` of farion1231/cc-switch, commit 5ca9459.
//! claude-code-router: `config.ts` of musistudio/claude-code-router, commit 1347c86, which also
//! reads the older spellings. ccs: docs.ccs.kaitran.ca, "Configuration". Checked 2026-11-26.

use serde_json::Map;
use serde_json::Value;

use crate::command::auth::import::entry;
use crate::command::auth::import::entry::Entry;
use crate::command::auth::import::entry::Key;
use crate::command::auth::import::entry::KeyNames;
use crate::command::auth::import::entry::Owner;
use crate::command::auth::import::entry::owner;
use crate::typed::Typed;

/// What a JSON file is.
pub(super) enum Found {
    /// A file with keys: of which tool, and its keys.
    Keys(&'static str, Vec<Entry>),
    /// ccs's list of profiles, which names the files with the keys.
    ListOfProfiles,
    /// Nothing that is known here.
    Unknown,
}

/// What cc-switch calls the variant of Claude Code, and an older layout of its file.
const CC_SWITCH: &str = "cc-switch";

/// Recognises a document.
pub(super) fn read(document: &Value, names: &KeyNames<'_>) -> Found {
    let Some(object) = document.as_object() else {
        return match document.as_array() {
            Some(rows) if rows.iter().any(is_row) => Found::Keys(CC_SWITCH, of_rows(rows, names)),
            Some(_) | None => Found::Unknown,
        };
    };
    if let Some(providers) = first(object, &["Providers", "providers"]).and_then(Value::as_array) {
        return Found::Keys("claude-code-router", of_router(providers));
    }
    let manager = object.get("claude").unwrap_or(document);
    if let Some(providers) = manager.get("providers").and_then(Value::as_object) {
        let current = manager.get("current").and_then(Value::as_str);
        return Found::Keys(CC_SWITCH, of_cc_switch(providers, current, names));
    }
    if object.get("env").is_some_and(Value::is_object) || object.contains_key(HELPER) {
        return Found::Keys("settings of Claude Code", of_settings(object, None, names));
    }
    if object.get("profiles").is_some_and(Value::is_object) {
        return Found::ListOfProfiles;
    }
    Found::Unknown
}

/// The setting of Claude Code that names a command which prints the key.
const HELPER: &str = "apiKeyHelper";

/// A settings file, or what cc-switch stores of one.
fn of_settings(
    settings: &Map<String, Value>,
    title: Option<&str>,
    names: &KeyNames<'_>,
) -> Vec<Entry> {
    let mut variables = Vec::new();
    for (name, value) in settings.get("env").and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = value.as_str() {
            variables.push((name.clone(), Some(text.to_owned())));
        }
    }
    let mut found = entry::entries(&variables, names, None, title);
    if settings.contains_key(HELPER) {
        let base_url = variables.iter().find(|(name, _)| name == entry::BASE_URL);
        found.push(Entry {
            name: Typed::new(title.unwrap_or(HELPER)),
            owner: owner(base_url.map_or(Some(""), |(_, url)| url.as_deref())),
            key: Key::Computed,
        });
    }
    found
}

/// `providers` of cc-switch's config.json; the current one first.
fn of_cc_switch(
    providers: &Map<String, Value>,
    current: Option<&str>,
    names: &KeyNames<'_>,
) -> Vec<Entry> {
    let mut found = Vec::new();
    let (first, others): (Vec<_>, Vec<_>) =
        providers.iter().partition(|(id, _)| Some(id.as_str()) == current);
    for (id, provider) in first.into_iter().chain(others) {
        let title = provider.get("name").and_then(Value::as_str).unwrap_or(id);
        if let Some(settings) = provider.get("settingsConfig") {
            found.extend(of_provider(settings, title, names));
        }
    }
    found
}

/// Whether this is a row of cc-switch's table `providers`.
fn is_row(row: &Value) -> bool {
    row.get("name").is_some() && row.get("settings_config").is_some()
}

/// Rows of cc-switch's table `providers`.
fn of_rows(rows: &[Value], names: &KeyNames<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    for row in rows {
        let title = row.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some(settings) = row.get("settings_config") {
            found.extend(of_provider(settings, title, names));
        }
    }
    found
}

/// The settings of one provider of cc-switch: an object, or its text.
fn of_provider(settings: &Value, title: &str, names: &KeyNames<'_>) -> Vec<Entry> {
    let parsed = settings.as_str().map(|text| serde_json::from_str(text).unwrap_or_default());
    match parsed.as_ref().unwrap_or(settings) {
        Value::Object(settings) => of_settings(settings, Some(title), names),
        // It may hold a key, so a person is told about it.
        _ => vec![Entry { name: Typed::new(title), owner: Owner::Unclear, key: Key::Unread }],
    }
}

/// `Providers` of claude-code-router.
fn of_router(providers: &[Value]) -> Vec<Entry> {
    let mut found = Vec::new();
    for provider in providers.iter().filter_map(Value::as_object) {
        let key = first(provider, &["api_key", "apiKey", "apikey"]).and_then(Value::as_str);
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            continue;
        };
        let url = first(provider, &["api_base_url", "baseUrl", "baseurl"]).and_then(Value::as_str);
        let name = provider.get("name").and_then(Value::as_str).unwrap_or("a provider");
        found.push(Entry { name: Typed::new(name), owner: owner(url), key: Key::new(key) });
    }
    found
}

/// The value of the first of these names that is there.
fn first<'v>(object: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| object.get(*name))
}
