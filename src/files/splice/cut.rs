//! Removes an entry.

use std::ops::Range;

use toml_edit::Item;
use toml_edit::Key;
use toml_edit::Value;

use crate::files::splice::At;
use crate::files::splice::Edit;
use crate::files::splice::lines::line_end;
use crate::files::splice::lines::line_start;
use crate::files::splice::shape::Chain;
use crate::files::splice::shape::Entry;
use crate::files::splice::shape::Shape;
use crate::files::splice::shape::entries;
use crate::files::splice::shape::parse;

/// The text without the entry.
pub(super) fn without(text: &str, path: &[&str], key: &str) -> Result<String, At> {
    let document = parse(text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let Some((table, item)) =
        chain.whole(path).and_then(|(table, _)| Some((*table, table.get(key)?)))
    else {
        return Ok(text.to_owned());
    };
    let plain = |value: &Value| {
        let key = table.key(key).and_then(Key::span);
        key.zip(value.span()).map(|(key, value)| Entry { key, value }).into_iter().collect()
    };
    let (header, going): (Option<Range<usize>>, Vec<Entry>) = match item {
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => (None, entries(inner)),
        Item::Value(value) => (None, plain(value)),
        Item::Table(inner) if inner.is_dotted() => (None, entries(inner)),
        Item::Table(inner) if !inner.is_implicit() => (inner.span(), entries(inner)),
        Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {
            return Err(item.span().map_or(0, |span| span.start));
        }
    };
    if let Some((_, braces, at)) = chain.braces() {
        let all = entries(braces);
        let Some(first) = going.first() else {
            return Err(at.start);
        };
        let shorter = out_of_braces(text, &all, first, &at).on(text);
        // Dotted keys are removed one entry at a time, until none is left.
        return if going.len() > 1 { without(&shorter, path, key) } else { Ok(shorter) };
    }
    let places =
        header.into_iter().chain(going.into_iter().map(|entry| entry.key.start..entry.value.end));
    let mut lines: Vec<Range<usize>> =
        places.map(|at| line_start(text, at.start)..line_end(text, at.end)).collect();
    lines.sort_by_key(|line| line.start);
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for line in lines {
        kept.push_str(text.get(from..line.start).unwrap_or_default());
        from = from.max(line.end);
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Ok(kept)
}

/// Removes an entry and one comma from an inline table.
fn out_of_braces(text: &str, all: &[Entry], going: &Entry, braces: &Range<usize>) -> Edit {
    let inside = braces.start + 1..braces.end.saturating_sub(1);
    if all.len() == 1
        && !text.get(inside.clone()).is_some_and(|inside| inside.contains(['#', '\n']))
    {
        // Nothing is left, so the blanks go too.
        return Edit { at: inside, text: String::new() };
    }
    let before = all.iter().rfind(|entry| entry.value.end <= going.key.start);
    let at = match before {
        Some(before) => before.value.end..going.value.end,
        None => braces.start + 1..comma_after(text, going.value.end).unwrap_or(going.value.end),
    };
    Edit { at, text: String::new() }
}

/// The position after the comma that follows a value, if there is one.
fn comma_after(text: &str, value_end: usize) -> Option<usize> {
    let mut at = value_end;
    loop {
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        match rest.trim_start().as_bytes().first()? {
            b',' => return Some(at + 1),
            b'#' => at = line_end(text, at),
            _ => return None,
        }
    }
}

/// Removes the header of a table that holds nothing any more, not even a comment, and the blank
/// line before it.
pub(super) fn pruned(text: String, path: &[&str]) -> Result<String, At> {
    let document = parse(&text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let Some((table, Shape::Header(at))) = chain.whole(path) else {
        return Ok(text);
    };
    let (start, end) = (line_start(&text, at.start), line_end(&text, at.end));
    let rest_of_line = text.get(at.end..end).unwrap_or_default();
    let next = text.get(end..).unwrap_or_default();
    let spoken_of =
        !rest_of_line.trim().is_empty() || next.trim_start_matches([' ', '\t']).starts_with('#');
    if !entries(*table).is_empty() || spoken_of {
        return Ok(text);
    }
    let before = text.get(..start).unwrap_or_default();
    let ends = next.is_empty() || next.starts_with('\n') || next.starts_with("\r\n");
    let blank = ["\r\n", "\n"]
        .iter()
        .find_map(|line| before.strip_suffix(line))
        .filter(|before| before.ends_with('\n'));
    Ok([blank.filter(|_| ends).unwrap_or(before), next].concat())
}
