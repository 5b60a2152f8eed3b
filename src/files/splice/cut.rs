//! Removes an entry.

use std::ops::Range;

use toml_edit::Item;
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
    let Some((table, _)) = chain.whole(path) else {
        return Ok(text.to_owned());
    };
    let Some(item) = table.get(key) else {
        return Ok(text.to_owned());
    };
    let (header, going): (Option<Range<usize>>, Vec<Entry>) = match item {
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => (None, entries(inner)),
        Item::Value(value) => (None, Vec::from_iter(Entry::of(*table, key, value))),
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
    let mut lines: Vec<Range<usize>> = Vec::new();
    if let Some(at) = header {
        lines.push(line_start(text, at.start)..line_end(text, at.end));
    }
    for entry in going {
        lines.push(line_start(text, entry.key.start)..line_end(text, entry.value.end));
    }
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
    let has_comment =
        !rest_of_line.trim().is_empty() || next.trim_start_matches([' ', '\t']).starts_with('#');
    if !entries(*table).is_empty() || has_comment {
        return Ok(text);
    }
    let mut before = text.get(..start).unwrap_or_default();
    let ends_section = next.is_empty() || next.starts_with('\n') || next.starts_with("\r\n");
    if ends_section {
        before = without_blank_line(before);
    }
    Ok([before, next].concat())
}

/// A text without the blank line at its end, if it has one.
fn without_blank_line(text: &str) -> &str {
    let shorter = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n'));
    match shorter {
        Some(shorter) if shorter.ends_with('\n') => shorter,
        _ => text,
    }
}
