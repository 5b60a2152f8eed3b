//! Sets an entry.

use toml_edit::Item;
use toml_edit::Value;

use crate::files::splice::At;
use crate::files::splice::Edit;
use crate::files::splice::lines::dotted;
use crate::files::splice::lines::indent;
use crate::files::splice::lines::line_end;
use crate::files::splice::lines::newline;
use crate::files::splice::shape::Chain;
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
    // The entry, with the keys of the tables from a depth on in front of its own.
    let entry = |from: usize| {
        let mut keys = path.get(from..).unwrap_or_default().to_vec();
        keys.push(key);
        format!("{} = {value}", dotted(&keys))
    };
    if let Some((depth, table, at)) = chain.braces() {
        return Ok(Some(match entries(table).last() {
            Some(last) => edit_at(last.value.end, format!(", {}", entry(depth))),
            None => edit_at(at.start + 1, format!(" {} ", entry(depth).trim_end())),
        }));
    }
    let newline = newline(text);
    if let Some((table, shape)) = whole {
        return Ok(Some(match (shape, entries(*table).last()) {
            (Shape::Header(_) | Shape::Dotted, Some(last)) => {
                let indent = indent(text, last.key.start);
                let line = format!("{indent}{}{newline}", entry(chain.base()));
                line_after(text, last.value.end, &line)
            }
            (Shape::Header(at), None) => {
                line_after(text, at.end, &format!("{}{newline}", entry(path.len())))
            }
            (Shape::Dotted, None) => return Err(0),
            (Shape::Root | Shape::Implied | Shape::Inline(_), _) => {
                at_the_end(text, path, &entry(path.len()))
            }
        }));
    }
    let Some((table, Shape::Header(at))) = chain.tables.last() else {
        return Ok(Some(at_the_end(text, path, &entry(path.len()))));
    };
    let last = match entries(*table).last() {
        Some(last) => last.value.end,
        None => at.end,
    };
    let header = dotted(path);
    let section = format!("{newline}[{header}]{newline}{}{newline}", entry(path.len()));
    Ok(Some(line_after(text, last, &section)))
}

/// Inserts text at a position.
fn edit_at(position: usize, text: String) -> Edit {
    Edit { at: position..position, text }
}

/// Adds a section at the end, after a blank line.
fn at_the_end(text: &str, path: &[&str], entry: &str) -> Edit {
    let newline = newline(text);
    let bare = text.trim_start_matches('\u{feff}');
    let ended = bare.is_empty() || bare.ends_with('\n');
    let blank = bare.is_empty() || bare.ends_with("\n\n") || bare.ends_with("\n\r\n");
    let before = [if ended { "" } else { newline }, if blank { "" } else { newline }].concat();
    edit_at(text.len(), format!("{before}[{}]{newline}{entry}{newline}", dotted(path)))
}

/// Adds text after the line that contains a position.
fn line_after(text: &str, position: usize, what: &str) -> Edit {
    let at = line_end(text, position);
    let ended = text.get(..at).is_some_and(|before| before.ends_with('\n'));
    edit_at(at, format!("{}{what}", if ended { "" } else { newline(text) }))
}
