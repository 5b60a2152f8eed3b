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
    let unknown = table.keys().filter(|key| !known.contains(&&**key.get_ref()));
    match unknown.min_by_key(|key| key.span().start) {
        None => Ok(()),
        Some(key) => Err(Mistake {
            at: key.span().start,
            what: What::UnknownKey { key: key.get_ref().to_string(), known },
        }),
    }
}

pub(super) fn table<'t, 'a>(value: &'t Value<'a>) -> Result<&'t Table<'a>, Mistake> {
    value.get_ref().as_table().ok_or_else(|| expected(value.span().start, "a table"))
}

/// A string that is not empty and contains no characters that a terminal would interpret.
pub(super) fn text(value: &Value<'_>) -> Result<String, Mistake> {
    match value.get_ref().as_str() {
        Some(text) if is_text(text) => Ok(text.to_owned()),
        _ => Err(expected(value.span().start, "a string of one line that is not empty")),
    }
}

pub(super) fn string(row: &Table<'_>, key: &str) -> Result<Option<String>, Mistake> {
    row.get(key).map(text).transpose()
}

pub(super) fn boolean(row: &Table<'_>, key: &str) -> Result<Option<bool>, Mistake> {
    let Some(value) = row.get(key) else {
        return Ok(None);
    };
    let boolean = value.get_ref().as_bool();
    boolean.map(Some).ok_or_else(|| expected(value.span().start, "true or false"))
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
    let items =
        value.get_ref().as_array().ok_or_else(|| expected(value.span().start, "an array"))?;
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
    let what = if range == WINDOWS {
        "tokens: a whole number from 1000 to 100000000"
    } else {
        "milliseconds: a whole number from 1000 to 2147483647"
    };
    let integer = value.get_ref().as_integer();
    let number =
        integer.and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
    number.filter(|number| range.contains(number)).ok_or_else(|| expected(value.span().start, what))
}

pub(super) fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

pub(super) fn is_model(model: &str) -> bool {
    is_text(model) && !model.chars().any(char::is_whitespace)
}

pub(super) fn is_id(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    id != "ask" && id.split('-').all(is_part)
}

pub(super) fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
