//! Parses rows.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;

use super::Confidence;
use super::Found;
use super::Mistake;
use super::Row;
use super::Variable;
use super::What;
use super::day_number;
use super::value::Table;
use super::value::Value;
use super::value::WINDOWS;
use super::value::boolean;
use super::value::expected;
use super::value::in_range;
use super::value::is_id;
use super::value::is_model;
use super::value::is_text;
use super::value::is_variable;
use super::value::only;
use super::value::string;
use super::value::strings;
use super::value::table;
use super::value::text;

/// The keys of a row.
const KEYS: &[&str] = &[
    "aliases",
    "label",
    "base_url",
    "key",
    "key_env",
    "key_env_elsewhere",
    "key_begins",
    "key_otherwise",
    "key_page",
    "auth",
    "header",
    "model",
    "models",
    "context_tokens",
    "windows",
    "timeout_ms",
    "env",
    "local",
    "limits",
    "unsure",
    "source",
    "checked",
    "confidence",
    "confidence_models",
];

/// The tiers of the client, highest first.
const TIERS: [&str; 4] = ["fable", "opus", "sonnet", "haiku"];

/// The only row without an endpoint.
const CLIENTS_OWN: &str = "anthropic";

/// Reads all rows of a text, in the order of the text.
///
/// # Errors
///
/// A mistake outside of the rows.
pub fn read(text: &str) -> Result<Vec<Found>, Mistake> {
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let at = error.span().unwrap_or_default().start;
            return Err(Mistake { at, what: What::Syntax(error.message().to_owned()) });
        }
    };
    only(root.get_ref(), &["providers"])?;
    let mut rows = Vec::new();
    if let Some(providers) = root.get_ref().get("providers") {
        for (id, row) in table(providers)? {
            rows.push(Found {
                id: id.get_ref().to_string(),
                at: id.span().start,
                row: read_row(id, row),
                key_env: named_key(row),
            });
        }
    }
    rows.sort_by_key(|row| row.at);
    Ok(rows)
}

/// The variable that a table names for its key, if it can be one.
fn named_key(row: &Value<'_>) -> Option<String> {
    let name = row.get_ref().as_table()?.get("key_env")?.get_ref().as_str()?;
    if is_variable(name) { Some(name.to_owned()) } else { None }
}

/// A key that every row has.
fn needed<T>(found: Option<T>, key: &'static str, at: usize) -> Result<T, Mistake> {
    match found {
        Some(found) => Ok(found),
        None => Err(Mistake { at, what: What::Missing(key) }),
    }
}

fn read_row(id: &Spanned<std::borrow::Cow<'_, str>>, row: &Value<'_>) -> Result<Row, Mistake> {
    let at = id.span().start;
    if !is_id(id.get_ref()) {
        return Err(expected(at, "a provider id: a-z, 0-9 and single dashes, not \"ask\""));
    }
    let row = table(row)?;
    only(row, KEYS)?;
    let missing = |key| Mistake { at, what: What::Missing(key) };
    let local = boolean(row, "local")?.unwrap_or_default();
    let is_clients_own = **id.get_ref() == *CLIENTS_OWN;
    let base_url = string(row, "base_url")?;
    if base_url.is_none() && !is_clients_own {
        return Err(missing("base_url"));
    }
    let models = models(row)?;
    if models.is_none() && !local && !is_clients_own {
        return Err(missing("model"));
    }
    let key_begins = strings(row, "key_begins", |text| text.len() >= 3, KEY_BEGINS)?;
    let key_otherwise = string(row, "key_otherwise")?;
    if key_otherwise.is_some() && key_begins.is_empty() {
        return Err(missing("key_begins"));
    }
    let confidence = needed(confidence(row, "confidence")?, "confidence", at)?;
    let mut places = BTreeMap::new();
    for (key, value) in row {
        places.insert(key.get_ref().to_string(), value.span().start);
    }
    Ok(Row {
        id: id.get_ref().to_string(),
        places,
        aliases: strings(row, "aliases", is_id, "ids: a-z, 0-9 and single dashes")?,
        label: needed(string(row, "label")?, "label", at)?,
        base_url,
        key_env: key_env(row, local, missing("key_env"))?,
        key_env_elsewhere: strings(row, "key_env_elsewhere", is_variable, "names of variables")?,
        key_begins,
        key_otherwise,
        key_page: string(row, "key_page")?,
        api_key_header: api_key_header(row)?,
        header: header(row)?,
        models,
        window: needed(number(row, "context_tokens", WINDOWS)?, "context_tokens", at)?,
        windows: windows(row)?,
        timeout_ms: number(row, "timeout_ms", 1_000..=2_147_483_647)?,
        env: variables(row)?,
        local,
        limits: strings(row, "limits", is_text, "sentences")?,
        unsure: strings(row, "unsure", is_text, "sentences")?,
        source: needed(string(row, "source")?, "source", at)?,
        checked: needed(date(row)?, "checked", at)?,
        confidence,
        confidence_models: self::confidence(row, "confidence_models")?.unwrap_or(confidence),
    })
}

const KEY_BEGINS: &str = "beginnings of at least three characters";

/// The variable of the key, or `None` for `key = false`. A local server may have both: the key is
/// then sent if it is set.
fn key_env(row: &Table<'_>, local: bool, missing: Mistake) -> Result<Option<String>, Mistake> {
    const WHAT: &str = "key_env = \"NAME\" or key = false, not both";
    let named = row.get("key_env");
    let keyless = row.get("key");
    if let Some(key) = keyless
        && (key.get_ref().as_bool() != Some(false) || (named.is_some() && !local))
    {
        return Err(expected(key.span().start, WHAT));
    }
    let Some(value) = named else {
        return if keyless.is_some() { Ok(None) } else { Err(missing) };
    };
    let name = text(value)?;
    if is_variable(&name) {
        Ok(Some(name))
    } else {
        Err(expected(value.span().start, "the name of a variable"))
    }
}

fn api_key_header(row: &Table<'_>) -> Result<bool, Mistake> {
    match row.get("auth") {
        None => Ok(false),
        Some(value) => match value.get_ref().as_str() {
            Some("bearer") => Ok(false),
            Some("x-api-key") => Ok(true),
            _ => Err(expected(value.span().start, "\"bearer\" or \"x-api-key\"")),
        },
    }
}

/// An additional header, which must not carry a credential.
fn header(row: &Table<'_>) -> Result<Option<String>, Mistake> {
    const WHAT: &str = "one header as \"name: value\", which is not a credential";
    let Some(value) = row.get("header") else {
        return Ok(None);
    };
    let header = text(value)?;
    match super::header(&header) {
        Some((name, text)) if !super::is_credential(name) && !text.is_empty() => Ok(Some(header)),
        _ => Err(expected(value.span().start, WHAT)),
    }
}

fn models(row: &Table<'_>) -> Result<Option<[String; 4]>, Mistake> {
    let model = |value: &Value<'_>| {
        let model = text(value)?;
        if is_model(&model) {
            Ok(model)
        } else {
            Err(expected(value.span().start, "a model id without blanks or control characters"))
        }
    };
    match (row.get("model"), row.get("models")) {
        (None, None) => Ok(None),
        (Some(value), None) => {
            let model = model(value)?;
            Ok(Some([model.clone(), model.clone(), model.clone(), model]))
        }
        (None, Some(value)) => {
            let models = table(value)?;
            only(models, &TIERS)?;
            let of_tier = |tier: &str| match models.get(tier) {
                Some(value) => model(value),
                None => Err(expected(value.span().start, ALL_TIERS)),
            };
            let [fable, opus, sonnet, haiku] = TIERS;
            Ok(Some([of_tier(fable)?, of_tier(opus)?, of_tier(sonnet)?, of_tier(haiku)?]))
        }
        (Some(_), Some(value)) => Err(expected(value.span().start, "model or models, not both")),
    }
}

const ALL_TIERS: &str = "a model for each of fable, opus, sonnet and haiku";

fn windows(row: &Table<'_>) -> Result<Vec<(String, u32)>, Mistake> {
    let Some(value) = row.get("windows") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (model, window) in table(value)? {
        if !is_model(model.get_ref()) || model.get_ref().ends_with("[1m]") {
            return Err(expected(model.span().start, "a model id without [1m]"));
        }
        found.push((model.get_ref().to_string(), in_range(window, WINDOWS)?));
    }
    Ok(found)
}

fn variables(row: &Table<'_>) -> Result<Vec<Variable>, Mistake> {
    const WHAT: &str = "{ value = \"…\", why = \"…\" }";
    let Some(value) = row.get("env") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (name, value) in table(value)? {
        if !is_variable(name.get_ref()) {
            return Err(expected(name.span().start, "the name of a variable"));
        }
        let wrong = expected(value.span().start, WHAT);
        let Some(inner) = value.get_ref().as_table() else {
            return Err(wrong);
        };
        only(inner, &["value", "why"])?;
        let (Some(value), Some(why)) = (string(inner, "value")?, string(inner, "why")?) else {
            return Err(wrong);
        };
        let (at, name) = (name.span().start, name.get_ref().to_string());
        found.push(Variable { at, name, value, why });
    }
    Ok(found)
}

fn confidence(row: &Table<'_>, key: &str) -> Result<Option<Confidence>, Mistake> {
    const WHAT: &str = "\"vendor page\", \"vendor repository\", \"other tools\" or \"guess\"";
    let Some(value) = row.get(key) else {
        return Ok(None);
    };
    let text = value.get_ref().as_str();
    for known in Confidence::ALL {
        if text == Some(known.text()) {
            return Ok(Some(known));
        }
    }
    Err(expected(value.span().start, WHAT))
}

fn date(row: &Table<'_>) -> Result<Option<String>, Mistake> {
    let Some(value) = row.get("checked") else {
        return Ok(None);
    };
    let date = text(value)?;
    if day_number(&date).is_some() {
        Ok(Some(date))
    } else {
        Err(expected(value.span().start, "a day as \"YYYY-MM-DD\""))
    }
}

fn number(
    row: &Table<'_>,
    key: &str,
    range: std::ops::RangeInclusive<u32>,
) -> Result<Option<u32>, Mistake> {
    match row.get(key) {
        Some(value) => Ok(Some(in_range(value, range)?)),
        None => Ok(None),
    }
}
