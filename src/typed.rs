//! Text that a person typed or a file contains, for messages: shown unless it may be a key.

use std::borrow::Cow;
use std::fmt;

use crate::report::escape;

/// A name that someone typed: of a provider, a workspace, a command.
///
/// People paste keys where a name belongs. `Display` and `Debug` both leave out text that may be a
/// key, so an error that holds a `Typed` cannot reveal it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Typed(String);

/// The longest name, in characters; keys are usually longer.
const LONGEST_NAME: usize = 40;

impl Typed {
    /// Stores the text unchanged.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for comparisons; not for messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text looks like a key rather than a name.
    pub fn may_be_key(&self) -> bool {
        let is_long = !self.0.contains('/') && self.0.chars().count() > LONGEST_NAME;
        self.0.starts_with("sk-") || is_long
    }

    fn shown(&self) -> Cow<'_, str> {
        if self.may_be_key() {
            Cow::Borrowed("that (not shown: it may be a key)")
        } else if self.0.trim().is_empty() {
            Cow::Owned(format!("'{}'", escape(&self.0)))
        } else {
            escape(&self.0)
        }
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({})", self.shown())
    }
}

impl<T: Into<String>> From<T> for Typed {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// The most similar of the known words, if any is similar enough to have been meant.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let word = word.to_ascii_lowercase();
    let similar = known
        .map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_ascii_lowercase()), candidate));
    let best = similar.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(similarity, _)| *similarity > 0.75).map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_and_what_may_be_a_key_is_not() {
        for (text, shown) in [
            ("kimi", "kimi"),
            ("client-b", "client-b"),
            ("", "''"),
            ("  ", "'  '"),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
            ("sk-kimi-SENTINEL", "that (not shown: it may be a key)"),
            ("0123456789012345678901234567890123456789x", "that (not shown: it may be a key)"),
            (
                "/a/path/that/is/much/longer/than/forty/characters",
                "/a/path/that/is/much/longer/than/forty/characters",
            ),
        ] {
            assert_eq!(Typed::new(text).to_string(), shown);
            assert_eq!(format!("{:?}", Typed::new(text)), format!("Typed({shown})"));
        }
    }
}
