//! Parts of sentences: lists, paths, names and the system's error texts.

use std::ffi::OsStr;
use std::path::Path;

use crate::report::escape;

/// A list in a sentence: `a, b and c`.
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

/// The names that exist, for a message about one that does not: at most twelve.
pub fn available(known: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = known.iter().take(MOST).map(|name| escape(name)).collect();
    match known.len() {
        0 => "none".to_owned(),
        count if count > MOST => format!("{} and {} more", shown.join(", "), count - MOST),
        _ => shown.join(", "),
    }
}

/// A path, safe to show.
pub fn path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// A word, safe to show; in quotes if it is empty.
pub fn quoted(word: &OsStr) -> String {
    if word.is_empty() { "''".to_owned() } else { escape(&word.to_string_lossy()).into_owned() }
}

/// A name as it is written in a TOML table header.
pub fn table_key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        format!("\"{}\"", escape(name))
    }
}

/// The system's error text, its first letter in lower case, to continue our sentence.
pub fn lower(words: &str) -> String {
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
