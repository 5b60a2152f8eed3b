//! Reads the plain part of TOML, in which nearly every configuration is written: tables, strings
//! without escapes, `true`, `false`, and arrays and inline tables of these. It makes no lists of
//! tokens and events, so that it takes a fifth of the time that a parser of all TOML takes.
//!
//! It gives up on everything else, on every mistake, and on whatever it is not sure of: then the
//! parser of all TOML reads the text. What it reads, it reads as that parser does; wherever
//! assertions are on, both read every text and are compared.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::config::table::Items;
use crate::config::table::Key;
use crate::config::table::Kind;
use crate::config::table::Spanned;
use crate::config::table::Table;
use crate::config::table::Value;

/// The table of a text; `None` if it is not plain.
pub(super) fn read(text: &str) -> Option<Table<'_>> {
    let mut reader = Reader { text, at: 0 };
    let mut root = reader.entries()?;
    while reader.peek().is_some() {
        reader.section(&mut root)?;
    }
    Some(root)
}

/// How deep values may lie in values.
const DEEPEST: u8 = 4;

/// How long a header's path may be.
const LONGEST_PATH: usize = 8;

/// Up to how many tables may come in any order. More are inserted only at the end, because any
/// other insertion moves those behind it.
const FEW: usize = 100;

struct Reader<'a> {
    text: &'a str,
    /// The position of the next byte.
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes a byte that must come next.
    fn take(&mut self, byte: u8) -> Option<()> {
        if self.peek() != Some(byte) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Skips spaces, ends of lines and comments.
    fn skip_blank(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n') => self.at += 1,
                Some(b'#') => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    fn comment(&mut self) -> Option<()> {
        while let Some(byte) = self.peek()
            && byte != b'\n'
        {
            if is_control(byte) && byte != b'\t' {
                return None;
            }
            self.at += 1;
        }
        Some(())
    }

    /// Takes the end of a line, which only spaces and a comment may precede.
    fn end_of_line(&mut self) -> Option<()> {
        self.skip_spaces();
        if self.peek() == Some(b'#') {
            self.comment()?;
        }
        if self.peek().is_some() { self.take(b'\n') } else { Some(()) }
    }

    /// The entries up to the next header, or to the end.
    fn entries(&mut self) -> Option<Table<'a>> {
        let mut entries = Vec::new();
        loop {
            self.skip_blank()?;
            if matches!(self.peek(), None | Some(b'[')) {
                return Table::distinct(entries);
            }
            entries.push(self.entry(0)?);
            self.end_of_line()?;
        }
    }

    /// `KEY = VALUE`
    fn entry(&mut self, depth: u8) -> Option<(Key<'a>, Value<'a>)> {
        let key = self.key()?;
        self.skip_spaces();
        self.take(b'=')?;
        self.skip_spaces();
        Some((key, self.value(depth)?))
    }

    /// One part of a key, bare or in quotes.
    fn key(&mut self) -> Option<Key<'a>> {
        let start = self.at;
        let name = match self.peek()? {
            b'"' | b'\'' => self.quoted()?,
            _ => self.bare()?,
        };
        Some(Spanned::new(start..self.at, Cow::Borrowed(name)))
    }

    fn bare(&mut self) -> Option<&'a str> {
        let start = self.at;
        while let Some(byte) = self.peek()
            && is(byte, OF_A_BARE_KEY)
        {
            self.at += 1;
        }
        if self.at == start {
            return None;
        }
        self.text.get(start..self.at)
    }

    /// What is between two quotes of the kind that comes next.
    fn quoted(&mut self) -> Option<&'a str> {
        let quote = self.peek()?;
        self.at += 1;
        let rest = self.text.get(self.at..)?;
        let length = plain_length(rest.as_bytes(), quote)?;
        self.at += length + 1;
        // Three quotes begin a string of several lines.
        if length == 0 && self.peek() == Some(quote) {
            return None;
        }
        rest.get(..length)
    }

    fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        if depth == DEEPEST {
            return None;
        }
        let start = self.at;
        let kind = match self.peek()? {
            b'"' | b'\'' => Kind::String(Cow::Borrowed(self.quoted()?)),
            b'[' => Kind::Array(Box::new(self.array(depth)?)),
            b'{' => Kind::Table(Box::new(self.inline_table(depth)?)),
            _ => Kind::Boolean(self.boolean()?),
        };
        Some(Spanned::new(start..self.at, kind))
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.bare()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    fn array(&mut self, depth: u8) -> Option<Items<'a>> {
        self.take(b'[')?;
        let mut items = Vec::new();
        loop {
            self.skip_blank()?;
            match self.peek()? {
                b']' => break,
                // What begins with two brackets is an array of tables, see `below`.
                b'[' => return None,
                _ => items.push(self.value(depth + 1)?),
            }
            self.skip_blank()?;
            if self.peek() != Some(b']') {
                self.take(b',')?;
            }
        }
        self.take(b']')?;
        Some(Items(items))
    }

    fn inline_table(&mut self, depth: u8) -> Option<Table<'a>> {
        self.take(b'{')?;
        let mut entries = Vec::new();
        loop {
            self.skip_spaces();
            if self.peek() == Some(b'}') {
                break;
            }
            entries.push(self.entry(depth + 1)?);
            self.skip_spaces();
            if self.peek() != Some(b'}') {
                self.take(b',')?;
            }
        }
        self.take(b'}')?;
        Table::distinct(entries)
    }

    /// A header, and the entries of its table.
    fn section(&mut self, root: &mut Table<'a>) -> Option<()> {
        let start = self.at;
        self.take(b'[')?;
        let is_one_of_many = self.take(b'[').is_some();
        let (path, name) = self.path()?;
        self.take(b']')?;
        if is_one_of_many {
            self.take(b']')?;
        }
        let at = start..self.at;
        self.end_of_line()?;
        let table = Spanned::new(at.clone(), Kind::Table(Box::new(self.entries()?)));
        let mut parent = root;
        for key in path {
            parent = self.below(parent, key)?;
        }
        match parent.place(name.get_ref()) {
            Ok(index) if is_one_of_many => self.tables(parent.at_mut(index)?)?.0.push(table),
            // A table that is continued.
            Ok(_) => return None,
            Err(index) if is_one_of_many => {
                add(
                    parent,
                    index,
                    name,
                    Spanned::new(at, Kind::Array(Box::new(Items(vec![table])))),
                )?;
            }
            Err(index) => add(parent, index, name, table)?,
        }
        Some(())
    }

    /// The keys of a header but for the last, and the last.
    fn path(&mut self) -> Option<(Vec<Key<'a>>, Key<'a>)> {
        let mut path = Vec::new();
        loop {
            self.skip_spaces();
            let key = self.key()?;
            self.skip_spaces();
            if self.take(b'.').is_none() {
                return Some((path, key));
            }
            path.push(key);
            if path.len() == LONGEST_PATH {
                return None;
            }
        }
    }

    /// The table of this name, which a header made, or a new one; `None` if another value has the
    /// name.
    fn below<'t>(&self, table: &'t mut Table<'a>, key: Key<'a>) -> Option<&'t mut Table<'a>> {
        let index = match table.place(key.get_ref()) {
            Ok(index) => index,
            Err(index) => {
                let value = Spanned::new(key.span(), Kind::Table(Box::default()));
                add(table, index, key, value)?;
                index
            }
        };
        let value = table.at_mut(index)?;
        let is_inline = self.starts(value, "{");
        match value.get_mut() {
            Kind::Table(inner) if !is_inline => Some(inner),
            _ => None,
        }
    }

    /// The array of tables that headers made.
    fn tables<'t>(&self, value: &'t mut Value<'a>) -> Option<&'t mut Items<'a>> {
        let is_by_header = self.starts(value, "[[");
        match value.get_mut() {
            Kind::Array(tables) if is_by_header => Some(tables),
            _ => None,
        }
    }

    /// Whether a value begins with these characters in the text.
    fn starts(&self, value: &Value<'a>, with: &str) -> bool {
        self.text.get(value.span().start..).is_some_and(|rest| rest.starts_with(with))
    }
}

/// Adds a table, unless that would move many.
fn add<'a>(table: &mut Table<'a>, index: usize, key: Key<'a>, value: Value<'a>) -> Option<()> {
    if table.len() > FEW && index < table.len() {
        return None;
    }
    table.insert_at(index, key, value);
    Some(())
}

/// How many bytes precede the closing quote; `None` if there is none, or an escape or a control
/// character before it.
fn plain_length(bytes: &[u8], quote: u8) -> Option<usize> {
    for (length, byte) in bytes.iter().enumerate() {
        if !is(*byte, STOPS_A_STRING) {
            continue;
        }
        if *byte == quote {
            return Some(length);
        }
        // The other quote is a character like any other.
        if !matches!(*byte, b'"' | b'\'') {
            return None;
        }
    }
    None
}

/// What each byte is: one look instead of several comparisons, for every byte of a text.
static CLASSES: [u8; 256] = classes();

/// A quote, a backslash or a control character.
const STOPS_A_STRING: u8 = 1;

/// A letter, a digit, `_` or `-`.
const OF_A_BARE_KEY: u8 = 2;

fn is(byte: u8, class: u8) -> bool {
    matches!(CLASSES.get(usize::from(byte)), Some(classes) if classes & class != 0)
}

#[expect(clippy::indexing_slicing, reason = "an index below the length, when this is compiled")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    loop {
        if is_control(byte) || matches!(byte, b'"' | b'\'' | b'\\') {
            classes[byte as usize] |= STOPS_A_STRING;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            classes[byte as usize] |= OF_A_BARE_KEY;
        }
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

/// Whether TOML allows a byte only as an end of a line, or, for a tab, nearly everywhere.
const fn is_control(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7f
}
