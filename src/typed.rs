//! Text that a person typed or that a file contains, as messages show it: hidden if it may be a
//! key.

use std::borrow::Cow;
use std::fmt;

use crate::redact;
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
        is_long || looks_like_key(&self.0)
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

/// Whether a text, of any length, looks like a key rather than the name of something.
pub fn looks_like_key(text: &str) -> bool {
    // A key that was typed like an option: `--sk-…`.
    let text = text.trim_start_matches('-');
    text.starts_with("sk-") || (redact::looks_like_key(text) && !reads_as_name(text))
}

/// Whether a text consists of words and short numbers: `client-2026-migration-of-the-shop`,
/// `Qwen3-Coder-480B-A35B-Instruct-FP8`. A UUID and the characters of a key do not.
fn reads_as_name(text: &str) -> bool {
    const SHORT: usize = 32;
    // Short texts get here only if they begin like a key, such as `xai-`.
    let (longest_mix, may_have_capitals) = if text.len() < SHORT { (4, false) } else { (8, true) };
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_hex || (!may_have_capitals && text.bytes().any(|byte| byte.is_ascii_uppercase())) {
        return false;
    }
    text.split(['-', '_', '.', '/', ':']).all(|part| {
        let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        part.len() <= longest_mix || !has_digit || is_number
    })
}

/// The most similar of the known words, if any is similar enough to have been meant.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    const SIMILAR_ENOUGH: f64 = 0.75;
    let word = word.to_ascii_lowercase();
    let (mut best, mut nearest) = (SIMILAR_ENOUGH, None);
    for candidate in known {
        let similarity = strsim::jaro_winkler(&word, &candidate.to_ascii_lowercase());
        // Of equally similar words, the last one.
        if similarity > SIMILAR_ENOUGH && similarity >= best {
            (best, nearest) = (similarity, Some(candidate));
        }
    }
    nearest.map(str::to_owned)
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
            ("kimi-for-coding", "kimi-for-coding"),
            ("acme/reviewer", "acme/reviewer"),
            ("client-2026-migration-of-the-shop", "client-2026-migration-of-the-shop"),
            ("Qwen3-Coder-480B-A35B-Instruct-FP8", "Qwen3-Coder-480B-A35B-Instruct-FP8"),
            ("xai-grok-4-fast", "xai-grok-4-fast"),
            ("--fw_3ZSENTINEL", "that (not shown: it may be a key)"),
            ("--sk-SENTINEL", "that (not shown: it may be a key)"),
            ("01234567-89ab-cdef-0123-456789abcdef", "that (not shown: it may be a key)"),
            ("fw_3ZSENTINEL", "that (not shown: it may be a key)"),
            ("hf_SENTINEL-1", "that (not shown: it may be a key)"),
            ("0123456789abcdef0123456789abcdef", "that (not shown: it may be a key)"),
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
