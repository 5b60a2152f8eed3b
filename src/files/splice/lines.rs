//! Lines of a text, and keys as they are written.

use toml_edit::Key;

/// A dotted key, with quotes around the parts that need them.
pub(super) fn dotted(keys: &[&str]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| Key::new(*key).display_repr().into_owned()).collect();
    keys.join(".")
}

/// The line end that the file uses.
pub(super) fn newline(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The position after the line that contains `position`.
pub(super) fn line_end(text: &str, position: usize) -> usize {
    match text.get(position..).unwrap_or_default().find('\n') {
        Some(at) => position + at + 1,
        None => text.len(),
    }
}

/// The start of the line that contains `position`, after any byte order mark.
pub(super) fn line_start(text: &str, position: usize) -> usize {
    match text.get(..position).unwrap_or_default().rfind('\n') {
        Some(at) => at + 1,
        None => text.len() - text.trim_start_matches('\u{feff}').len(),
    }
}

/// The blanks at the start of the line that contains `position`.
pub(super) fn indent(text: &str, position: usize) -> &str {
    let line = text.get(line_start(text, position)..).unwrap_or_default();
    let rest = line.trim_start_matches([' ', '\t']);
    line.strip_suffix(rest).unwrap_or_default()
}
