//! Sets an entry.

use toml_edit::Item;
use toml_edit::Value;

use crate::files::splice::At;
use crate::files::splice::Edit;
use crate::files::splice::lines::indent;
use crate::files::splice::lines::joined;
use crate::files::splice::lines::line_end;
use crate::files::splice::lines::newline;
use crate::files::splice::shape::Chain;
use crate::files::splice::shape::Entry;
use crate::files::splice::shape::Shape;
use crate::files::splice::shape::entries;
use crate::files::splice::shape::parse;

/// The edit that sets an entry; `None` if the entry exists and is not one plain value.
pub(super) fn insertion(
    text: &str,
    path: &[&str],
    key: &str,
    value: &str,
) -> Result<Option<Edit>, At> {
    let document = parse(text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let whole = chain.whole(path);
    if let Some(item) = whole.and_then(|(table, _)| table.get(key)) {
        return Ok(match item {
            Item::Value(Value::InlineTable(table)) if table.is_dotted() => None,
            Item::Value(old) => {
                Some(Edit { at: old.span().ok_or(0_usize)?, text: value.to_owned() })
            }
            Item::None | Item::Table(_) | Item::ArrayOfTables(_) => None,
        });
    }
    let dotted = |from: usize| {
        let keys = path.get(from..).unwrap_or_default().iter().copied().chain([key]);
        format!("{} = {value}", joined(keys))
    };
    if let Some((depth, table, at)) = chain.braces() {
        let edit = match entries(table).last() {
            Some(last) => {
                Edit { at: last.value.end..last.value.end, text: format!(", {}", dotted(depth)) }
            }
            None => Edit {
                at: at.start + 1..at.start + 1,
                text: format!(" {} ", dotted(depth).trim_end()),
            },
        };
        return Ok(Some(edit));
    }
    let newline = newline(text);
    if let Some((table, shape)) = whole {
        let (after, from) = match (shape, entries(*table).last()) {
            (Shape::Header(_) | Shape::Dotted, Some(last)) => (last.clone(), chain.base()),
            (Shape::Header(at), None) => (Entry { key: at.clone(), value: at.clone() }, path.len()),
            (Shape::Dotted, None) => return Err(0),
            (Shape::Root | Shape::Implied | Shape::Inline(_), _) => {
                return Ok(Some(at_the_end(text, path, &dotted(path.len()))));
            }
        };
        let indent = if entries(*table).is_empty() { "" } else { indent(text, after.key.start) };
        return Ok(Some(line_after(
            text,
            after.value.end,
            &format!("{indent}{}{newline}", dotted(from)),
        )));
    }
    let section = format!(
        "{newline}[{}]{newline}{}{newline}",
        joined(path.iter().copied()),
        dotted(path.len())
    );
    Ok(Some(match chain.tables.last() {
        Some((table, Shape::Header(at))) => {
            let last = entries(*table).last().map_or(at.end, |last| last.value.end);
            line_after(text, last, &section)
        }
        _ => at_the_end(text, path, &dotted(path.len())),
    }))
}

/// Adds a section at the end, after a blank line.
fn at_the_end(text: &str, path: &[&str], entry: &str) -> Edit {
    let newline = newline(text);
    let bare = text.trim_start_matches('\u{feff}');
    let ended = bare.is_empty() || bare.ends_with('\n');
    let blank = bare.is_empty() || bare.ends_with("\n\n") || bare.ends_with("\n\r\n");
    let before = [if ended { "" } else { newline }, if blank { "" } else { newline }].concat();
    let section = format!("{before}[{}]{newline}{entry}{newline}", joined(path.iter().copied()));
    Edit { at: text.len()..text.len(), text: section }
}

/// Adds text after the line that contains a position.
fn line_after(text: &str, position: usize, what: &str) -> Edit {
    let at = line_end(text, position);
    let ended = text.get(..at).is_some_and(|before| before.ends_with('\n'));
    Edit { at: at..at, text: format!("{}{what}", if ended { "" } else { newline(text) }) }
}
