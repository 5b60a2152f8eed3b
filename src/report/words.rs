//! Parts of sentences: lists, paths, names and the system's error texts.

use std::ffi::OsStr;
use std::path::Path;

use crate::report::escape;

/// A list in a sentence: `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => "none".to_owned(),
        [one] => escape(one).into_owned(),
        [first @ .., last] => format!("{} and {}", enumerated(first), escape(last)),
    }
}

/// Several problems in one line, for a place that holds no more.
pub fn joined(problems: &[impl ToString]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

/// The question whether something else was meant, for a hint.
pub fn did_you_mean(nearest: &str) -> String {
    format!("did you mean {}?", escape(nearest))
}

/// The names that exist, for a message about one that does not: at most twelve.
pub fn available(known: &[String]) -> String {
    const MOST: usize = 12;
    match known.split_at_checked(MOST) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} more", enumerated(first), rest.len())
        }
        _ if known.is_empty() => "none".to_owned(),
        _ => enumerated(known),
    }
}

/// The words with commas between them.
fn enumerated(words: &[String]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        text.push_str(&escape(word));
    }
    text
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
        Some(first) => format!("{}{}", first.to_lowercase(), characters.as_str()),
        None => String::new(),
    }
}
