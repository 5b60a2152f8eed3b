//! Parts of sentences: names, paths, lists and the system's words.

use std::ffi::OsStr;
use std::path::Path;

use crate::report::escape;

/// A list for a sentence: `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => "none".to_owned(),
        [one] => escape(one).into_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| escape(word)).collect();
            format!("{} and {}", first.join(", "), escape(last))
        }
    }
}

/// What exists, where something was named that does not: at most twelve names.
pub fn available(known: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = known.iter().take(MOST).map(|name| escape(name)).collect();
    match known.len() {
        0 => "none".to_owned(),
        count if count > MOST => format!("{} and {} more", shown.join(", "), count - MOST),
        _ => shown.join(", "),
    }
}

/// A path as it may be shown.
pub fn path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// A word as it may be shown, in quotes where it would not be seen.
pub fn quoted(word: &OsStr) -> String {
    if word.is_empty() { "''".to_owned() } else { escape(&word.to_string_lossy()).into_owned() }
}

/// A name as it is written in the header of a TOML table.
pub fn table_key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        format!("\"{}\"", escape(name))
    }
}

/// The system's words for an error, as part of our sentence.
pub fn lower(words: &str) -> String {
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
