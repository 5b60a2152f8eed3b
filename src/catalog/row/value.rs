//! Checks one value of a row.

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use super::Mistake;
use super::What;

pub(super) type Table<'a> = DeTable<'a>;
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// The valid windows, in tokens.
pub(super) const WINDOWS: std::ops::RangeInclusive<u32> = 1_000..=100_000_000;

pub(super) fn expected(at: usize, what: &'static str) -> Mistake {
    Mistake { at, what: What::Expected(what) }
}

pub(super) fn only(table: &Table<'_>, known: &'static [&'static str]) -> Result<(), Mistake> {
    let mut unknown = Vec::new();
    for key in table.keys() {
        if !known.contains(&&**key.get_ref()) {
            unknown.push((key.span().start, key.get_ref().to_string()));
        }
    }
    match unknown.into_iter().min() {
        None => Ok(()),
        Some((at, key)) => Err(Mistake { at, what: What::UnknownKey { key, known } }),
    }
}

pub(super) fn table<'t, 'a>(value: &'t Value<'a>) -> Result<&'t Table<'a>, Mistake> {
    match value.get_ref().as_table() {
        Some(table) => Ok(table),
        None => Err(expected(value.span().start, "a table")),
    }
}

/// A string that is not empty and contains no characters that a terminal would interpret.
pub(super) fn text(value: &Value<'_>) -> Result<String, Mistake> {
    match value.get_ref().as_str() {
        Some(text) if is_text(text) => Ok(text.to_owned()),
        _ => Err(expected(value.span().start, "a string of one line that is not empty")),
    }
}

pub(super) fn string(row: &Table<'_>, key: &str) -> Result<Option<String>, Mistake> {
    match row.get(key) {
        Some(value) => Ok(Some(text(value)?)),
        None => Ok(None),
    }
}

pub(super) fn boolean(row: &Table<'_>, key: &str) -> Result<Option<bool>, Mistake> {
    let Some(value) = row.get(key) else {
        return Ok(None);
    };
    match value.get_ref().as_bool() {
        Some(boolean) => Ok(Some(boolean)),
        None => Err(expected(value.span().start, "true or false")),
    }
}

pub(super) fn strings(
    row: &Table<'_>,
    key: &str,
    is_good: fn(&str) -> bool,
    what: &'static str,
) -> Result<Vec<String>, Mistake> {
    let Some(value) = row.get(key) else {
        return Ok(Vec::new());
    };
    let Some(items) = value.get_ref().as_array() else {
        return Err(expected(value.span().start, "an array"));
    };
    let mut found = Vec::new();
    for item in items {
        let item_text = text(item)?;
        if !is_good(&item_text) {
            return Err(expected(item.span().start, what));
        }
        found.push(item_text);
    }
    Ok(found)
}

pub(super) fn in_range(
    value: &Value<'_>,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, Mistake> {
    if let Some(integer) = value.get_ref().as_integer()
        && let Ok(number) = u32::from_str_radix(integer.as_str(), integer.radix())
        && range.contains(&number)
    {
        return Ok(number);
    }
    let what = if range == WINDOWS {
        "tokens: a whole number from 1000 to 100000000"
    } else {
        "milliseconds: a whole number from 1000 to 2147483647"
    };
    Err(expected(value.span().start, what))
}

pub(super) fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(char::is_control)
}

pub(super) fn is_model(model: &str) -> bool {
    is_text(model) && !model.contains(char::is_whitespace)
}

pub(super) fn is_id(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.contains(|one: char| !(one.is_ascii_lowercase() || one.is_ascii_digit()))
    };
    id != "ask" && id.split('-').all(is_part)
}

pub(super) fn is_variable(name: &str) -> bool {
    let is_first = |one: char| one.is_ascii_alphabetic() || one == '_';
    name.starts_with(is_first)
        && !name.contains(|one: char| !(is_first(one) || one.is_ascii_digit()))
}
