//! How the tables and entries of a text are written.

use std::ops::Range;

use toml_edit::Document;
use toml_edit::Item;
use toml_edit::TableLike;
use toml_edit::Value;

use crate::files::splice::At;

/// How a table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// The file itself.
    Root,
    /// With its own header.
    Header(Range<usize>),
    /// Only as a prefix in the headers of other tables.
    Implied,
    /// Only as a prefix in dotted keys.
    Dotted,
    /// As an inline table, in braces.
    Inline(Range<usize>),
}

/// The tables along a path, from the root, as far as they exist.
pub(super) struct Chain<'d> {
    pub(super) tables: Vec<(&'d dyn TableLike, Shape)>,
}

impl<'d> Chain<'d> {
    pub(super) fn new(root: &'d dyn TableLike, path: &[&str]) -> Result<Self, At> {
        let mut tables = vec![(root, Shape::Root)];
        let mut last = root;
        for segment in path {
            let Some(item) = last.get(segment) else {
                break;
            };
            let (table, shape): (&dyn TableLike, Shape) = match item {
                Item::Table(table) if table.is_dotted() => (table, Shape::Dotted),
                Item::Table(table) if table.is_implicit() => (table, Shape::Implied),
                Item::Table(table) => (table, Shape::Header(table.span().ok_or(0_usize)?)),
                Item::Value(Value::InlineTable(table)) if table.is_dotted() => {
                    (table, Shape::Dotted)
                }
                Item::Value(Value::InlineTable(table)) => {
                    (table, Shape::Inline(table.span().ok_or(0_usize)?))
                }
                Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {
                    return Err(item.span().map_or(0, |span| span.start));
                }
            };
            tables.push((table, shape));
            last = table;
        }
        Ok(Self { tables })
    }

    /// The table itself, if the whole path exists.
    pub(super) fn whole(&self, path: &[&str]) -> Option<&(&'d dyn TableLike, Shape)> {
        self.tables.get(path.len())
    }

    /// The innermost inline table, and how many segments of the path lead to it.
    pub(super) fn braces(&self) -> Option<(usize, &'d dyn TableLike, Range<usize>)> {
        for (depth, (table, shape)) in self.tables.iter().enumerate().rev() {
            if let Shape::Inline(at) = shape {
                return Some((depth, *table, at.clone()));
            }
        }
        None
    }

    /// How many segments lead to the innermost table that is not made of dotted keys.
    pub(super) fn base(&self) -> usize {
        self.tables.iter().rposition(|(_, shape)| *shape != Shape::Dotted).unwrap_or(0)
    }
}

pub(super) fn parse(text: &str) -> Result<Document<&str>, At> {
    Document::parse(text).map_err(|error| error.span().map_or(0, |span| span.start))
}

/// Where one `KEY = VALUE` is.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Entry {
    /// Finds an entry; `None` if the parser gives no position for it.
    pub(super) fn of(table: &dyn TableLike, key: &str, value: &Value) -> Option<Self> {
        Some(Self { key: table.key(key)?.span()?, value: value.span()? })
    }
}

/// The entries of a table in the order of the text. Includes those in dotted keys, not those under
/// other headers.
pub(super) fn entries(table: &dyn TableLike) -> Vec<Entry> {
    fn collect(table: &dyn TableLike, found: &mut Vec<Entry>) {
        for (name, item) in table.iter() {
            match item {
                Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => {
                    collect(inner, found);
                }
                Item::Table(inner) if inner.is_dotted() => collect(inner, found),
                Item::Value(value) => found.extend(Entry::of(table, name, value)),
                Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(table, &mut found);
    found.sort_by_key(|entry| entry.value.start);
    found
}
