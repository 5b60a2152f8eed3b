//! Reads a TOML text: values of the plain types, and their positions.
//!
//! An error gives the position and what was expected there. It quotes nothing, because any part of
//! the text may be a key.

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use crate::config::error::Error;
use crate::config::error::Place;
use crate::config::error::Problem;
use crate::config::plain;
use crate::config::table::Table;
use crate::config::table::Value;
use crate::config::table::converted;

/// A text that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    /// The text is exec.toml, which allows more forms of values and no unknown keys.
    pub(super) ours: bool,
    /// The account for references that name none, in files of an old version.
    pub(super) op_account: Option<&'a str>,
}

/// A value with its position, for checks that need more than the text.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its position.
    pub place: Place,
}

const DEFAULT_PROVIDER: &str = "default_provider";

/// The parser's message. A string without quotes is common, and "literal" is TOML's word for single
/// quotes.
fn syntax(message: &str) -> String {
    const UNQUOTED: &str = "string values must be quoted";
    if message.starts_with(UNQUOTED) {
        return format!("{UNQUOTED}: \"…\"");
    }
    message.to_owned()
}

impl<'a> Document<'a> {
    pub(super) fn parse(self) -> Result<Table<'a>, Error> {
        match plain::read(self.text) {
            Some(table) => {
                debug_assert!(self.is_read_alike(&table), "two readers differ");
                Ok(table)
            }
            None => self.parse_all(),
        }
    }

    /// Parses a text of any form.
    fn parse_all(self) -> Result<Table<'a>, Error> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(converted(table.into_inner())),
            Err(error) => {
                let at = error.span().unwrap_or_default();
                // The parser's message names what it expected and never quotes the text; its
                // `Display` would quote the line.
                Err(self.wrong(at, Problem::Syntax(syntax(error.message()))))
            }
        }
    }

    /// Whether the parser of all TOML reads the same, down to the positions.
    fn is_read_alike(self, table: &Table<'a>) -> bool {
        match self.parse_all() {
            Ok(other) => format!("{other:?}") == format!("{table:?}"),
            Err(_) => false,
        }
    }

    pub(super) fn place(self, at: Range<usize>) -> Place {
        Place::after(self.path, self.text.get(..at.start).unwrap_or(self.text))
    }

    pub(super) fn wrong(self, at: Range<usize>, problem: Problem) -> Error {
        self.place(at).wrong(problem)
    }

    pub(super) fn expected(self, value: &Value<'_>, what: &'static str) -> Error {
        self.wrong(value.span(), Problem::Expected(what))
    }

    pub(super) fn only(self, table: &Table<'_>, known: &[&'static str]) -> Result<(), Error> {
        let unknown = table.iter().filter(|(key, _)| !known.contains(&&**key.get_ref()));
        let Some((key, value)) = unknown.min_by_key(|(key, _)| key.span().start) else {
            return Ok(());
        };
        // `provider` is like `providers`; with a string, another key is meant.
        let nearest = if key.get_ref() == "provider"
            && value.get_ref().as_str().is_some()
            && known.contains(&DEFAULT_PROVIDER)
        {
            Some(DEFAULT_PROVIDER.to_owned())
        } else {
            crate::typed::nearest(key.get_ref(), known.iter().copied())
        };
        Err(self.wrong(key.span(), Problem::UnknownKey { nearest, known: known.to_vec() }))
    }

    /// `default_provider` of a table.
    pub(super) fn default_provider(self, table: &Table<'_>) -> Result<Option<String>, Error> {
        const WHAT: &str = "the id of a provider; without default_provider, jackin-exec asks";
        match table.get(DEFAULT_PROVIDER) {
            Some(value) if value.get_ref().as_str() == Some("ask") => {
                Err(self.expected(value, WHAT))
            }
            _ => self.string(table, DEFAULT_PROVIDER),
        }
    }

    pub(super) fn string(self, table: &Table<'_>, key: &str) -> Result<Option<String>, Error> {
        match table.get(key) {
            Some(value) => Ok(Some(self.text_of(value)?)),
            None => Ok(None),
        }
    }

    pub(super) fn text_of(self, value: &Value<'_>) -> Result<String, Error> {
        match value.get_ref().as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.expected(value, "a string")),
        }
    }

    pub(super) fn switch(self, table: &Table<'_>, key: &str) -> Result<Option<bool>, Error> {
        match table.get(key) {
            Some(value) => Ok(Some(self.switch_of(value)?)),
            None => Ok(None),
        }
    }

    pub(super) fn switch_of(self, value: &Value<'_>) -> Result<bool, Error> {
        value.get_ref().as_bool().ok_or_else(|| self.expected(value, "true or false"))
    }

    pub(super) fn strings(
        self,
        table: &Table<'_>,
        key: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        match table.get(key) {
            Some(value) => Ok(Some(self.strings_of(value)?)),
            None => Ok(None),
        }
    }

    pub(super) fn strings_of(self, value: &Value<'_>) -> Result<Vec<String>, Error> {
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.expected(value, "an array of strings"));
        };
        let mut strings = Vec::new();
        for item in array {
            strings.push(self.text_of(item)?);
        }
        Ok(strings)
    }

    pub(super) fn placed(
        self,
        table: &Table<'a>,
        key: &str,
    ) -> Result<Option<Placed<String>>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        Ok(Some(Placed { value: self.text_of(value)?, place: self.place(value.span()) }))
    }

    pub(super) fn number(
        self,
        table: &Table<'a>,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Option<u32>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let integer = value.get_ref().as_integer();
        let number =
            integer.and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        match number {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self
                .wrong(value.span(), Problem::Range { low: *range.start(), high: *range.end() })),
        }
    }

    pub(super) fn table<'t>(
        self,
        table: &'t Table<'a>,
        key: &str,
    ) -> Result<Option<&'t Table<'a>>, Error> {
        match table.get(key) {
            Some(value) => Ok(Some(self.table_of(value)?)),
            None => Ok(None),
        }
    }

    pub(super) fn table_of<'t>(self, value: &'t Value<'a>) -> Result<&'t Table<'a>, Error> {
        value.get_ref().as_table().ok_or_else(|| self.expected(value, "a table"))
    }

    /// The subtables of a table, by name.
    pub(super) fn tables<'t>(
        self,
        table: &'t Table<'a>,
        key: &str,
    ) -> Result<Vec<(Placed<String>, &'t Table<'a>)>, Error> {
        let mut found = Vec::new();
        for (name, value) in self.table(table, key)?.into_iter().flatten() {
            let inner = self.table_of(value)?;
            let name = Placed { value: name.get_ref().to_string(), place: self.place(name.span()) };
            found.push((name, inner));
        }
        Ok(found)
    }
}
