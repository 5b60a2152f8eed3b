//! Lines of a text, and keys as they are written.

use toml_edit::Key;

pub(super) fn joined<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    keys.map(|key| Key::new(key).display_repr().into_owned()).collect::<Vec<_>>().join(".")
}

/// The line end that the file uses.
pub(super) fn newline(text: &str) -> &'static str {
    let first = text.find('\n').and_then(|at| text.get(..at));
    if first.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

/// The position after the line that contains `position`.
pub(super) fn line_end(text: &str, position: usize) -> usize {
    text.get(position..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| position + at + 1)
}

/// The start of the line that contains `position`, after any byte order mark.
pub(super) fn line_start(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or_default();
    before
        .rfind('\n')
        .map_or_else(|| text.len() - text.trim_start_matches('\u{feff}').len(), |at| at + 1)
}

pub(super) fn indent(text: &str, position: usize) -> &str {
    let line = text.get(line_start(text, position)..).unwrap_or_default();
    let end = line.find(|character| character != ' ' && character != '\t').unwrap_or(0);
    line.get(..end).unwrap_or_default()
}
