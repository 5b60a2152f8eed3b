//! A TOML table: its entries with their positions. There may be a hundred thousand, so they are
//! small: a copy of more than 64 bytes is a call.

use std::borrow::Borrow;
use std::borrow::Cow;
use std::ops::Range;

use toml::de::DeInteger;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::config::sorted::Sorted;

pub(super) type Table<'a> = Sorted<Key<'a>, Value<'a>>;

pub(super) type Key<'a> = Spanned<Cow<'a, str>>;

pub(super) type Value<'a> = Spanned<Kind<'a>>;

/// Something with its position in the text, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    inner: T,
    start: u32,
    end: u32,
}

impl<T> Spanned<T> {
    /// A text is never so long that its positions do not fit.
    pub(super) fn new(at: Range<usize>, inner: T) -> Self {
        let short = |position| u32::try_from(position).unwrap_or(u32::MAX);
        Self { inner, start: short(at.start), end: short(at.end) }
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) fn get_ref(&self) -> &T {
        &self.inner
    }

    pub(super) fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl Borrow<str> for Spanned<Cow<'_, str>> {
    fn borrow(&self) -> &str {
        &self.inner
    }
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Kind<'a> {
    String(Cow<'a, str>),
    Boolean(bool),
    Integer(Box<DeInteger<'a>>),
    Array(Box<Items<'a>>),
    Table(Box<Table<'a>>),
    /// A number that is not whole, or a date: no file has one.
    Other,
}

/// The items of an array.
#[derive(Debug, Clone, Default)]
pub(super) struct Items<'a>(pub(super) Vec<Value<'a>>);

impl<'a> Kind<'a> {
    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        if let Self::Boolean(value) = self { Some(*value) } else { None }
    }

    pub(super) fn as_integer(&self) -> Option<&DeInteger<'a>> {
        if let Self::Integer(value) = self { Some(value) } else { None }
    }

    pub(super) fn as_array(&self) -> Option<&[Value<'a>]> {
        if let Self::Array(items) = self { Some(&items.0) } else { None }
    }

    pub(super) fn as_table(&self) -> Option<&Table<'a>> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }
}

/// The same table as the parser of all TOML gives it.
pub(super) fn converted(table: DeTable<'_>) -> Table<'_> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let at = key.span();
        entries.push((Spanned::new(at, key.into_inner()), converted_value(value)));
    }
    Table::in_order(entries)
}

fn converted_value(value: toml::Spanned<DeValue<'_>>) -> Value<'_> {
    let at = value.span();
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::String(text),
        DeValue::Boolean(value) => Kind::Boolean(value),
        DeValue::Integer(value) => Kind::Integer(Box::new(value)),
        DeValue::Array(array) => {
            let mut items = Vec::with_capacity(array.len());
            for item in array {
                items.push(converted_value(item));
            }
            Kind::Array(Box::new(Items(items)))
        }
        DeValue::Table(table) => Kind::Table(Box::new(converted(table))),
        DeValue::Float(_) | DeValue::Datetime(_) => Kind::Other,
    };
    Spanned::new(at, kind)
}
