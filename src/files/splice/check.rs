//! The final check: one entry has changed, and nothing else.

use std::collections::BTreeMap;

use toml_edit::Item;
use toml_edit::TableLike;
use toml_edit::Value;

use crate::files::splice::At;
use crate::files::splice::shape::parse;

/// The content of a text, without its formatting.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Table(BTreeMap<String, Said>),
    List(Vec<Said>),
    /// A value as written.
    Value(String),
}

impl Said {
    fn of(table: &dyn TableLike, text: &str) -> Self {
        Self::Table(
            table.iter().map(|(key, item)| (key.to_owned(), Self::item(item, text))).collect(),
        )
    }

    fn item(item: &Item, text: &str) -> Self {
        match item {
            Item::None => Self::List(Vec::new()),
            Item::Table(table) => Self::of(table, text),
            Item::Value(Value::InlineTable(table)) => Self::of(table, text),
            Item::Value(value) => Self::Value(
                value.span().and_then(|span| text.get(span)).unwrap_or_default().to_owned(),
            ),
            Item::ArrayOfTables(tables) => {
                Self::List(tables.iter().map(|table| Self::of(table, text)).collect())
            }
        }
    }

    /// Removes an entry, and the tables that this leaves empty.
    fn take(&mut self, path: &[&str], key: &str) -> Option<Self> {
        let Self::Table(table) = self else {
            return None;
        };
        let Some((first, rest)) = path.split_first() else {
            return table.remove(key);
        };
        let taken = table.get_mut(*first)?.take(rest, key);
        if table
            .get(*first)
            .is_some_and(|inner| matches!(inner, Self::Table(inner) if inner.is_empty()))
        {
            table.remove(*first);
        }
        taken
    }
}

/// The final check before a text is returned: the entry has its new value, and everything else is
/// unchanged.
pub(super) fn only_that_changed(
    before: &str,
    after: &str,
    path: &[&str],
    key: &str,
    value: Option<&str>,
) -> Result<(), At> {
    let said = |text: &str| Ok::<_, At>(Said::of(parse(text)?.as_table(), text));
    let (mut old, mut new) = (said(before)?, said(after)?);
    let _ = old.take(path, key);
    let wanted = match value {
        Some(value) => said(&format!("value = {value}"))?.take(&[], "value"),
        None => None,
    };
    if new.take(path, key) == wanted && old == new { Ok(()) } else { Err(0) }
}
