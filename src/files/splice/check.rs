//! The final check: one entry has changed, and nothing else.

use std::collections::BTreeMap;

use toml_edit::Item;
use toml_edit::TableLike;
use toml_edit::Value;

use crate::files::splice::At;
use crate::files::splice::shape::parse;

/// The content of a text, without its formatting.
#[derive(PartialEq, Eq)]
enum Content {
    Table(BTreeMap<String, Content>),
    List(Vec<Content>),
    /// A value as written; `None` if the parser gives no position for it.
    Value(Option<String>),
}

impl Content {
    fn of(table: &dyn TableLike, text: &str) -> Self {
        let mut entries = BTreeMap::new();
        for (key, item) in table.iter() {
            entries.insert(key.to_owned(), Self::item(item, text));
        }
        Self::Table(entries)
    }

    fn item(item: &Item, text: &str) -> Self {
        match item {
            Item::None => Self::List(Vec::new()),
            Item::Table(table) => Self::of(table, text),
            Item::Value(Value::InlineTable(table)) => Self::of(table, text),
            Item::Value(value) => {
                let written = value.span().and_then(|span| text.get(span));
                Self::Value(written.map(str::to_owned))
            }
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
        let inner = table.get_mut(*first)?;
        let taken = inner.take(rest, key);
        if matches!(inner, Self::Table(entries) if entries.is_empty()) {
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
    let content = |text: &str| Ok::<_, At>(Content::of(parse(text)?.as_table(), text));
    let (mut old, mut new) = (content(before)?, content(after)?);
    let _ = old.take(path, key);
    let wanted = match value {
        Some(value) => content(&format!("value = {value}"))?.take(&[], "value"),
        None => None,
    };
    if new.take(path, key) == wanted && old == new { Ok(()) } else { Err(0) }
}
