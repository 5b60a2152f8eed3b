//! Removes secrets from the output of other programs before it is shown.

use std::borrow::Cow;
use std::fmt;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::report::escape;

/// A program's output, safe to show. Only this module creates one, and always redacts it.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    text: String,
    /// Whether the output was truncated.
    is_cut: bool,
}

/// What is shown instead of hidden text.
const MASK: &str = "•••";

/// The shortest text that is taken for a secret; shorter ones occur by chance.
const SHORTEST_SECRET: usize = 8;

/// The shortest beginning of a secret, in bytes, that is masked at the end of truncated output.
const SHORTEST_PART: usize = 4;

impl Words {
    /// A failed helper's stderr, without anything that it printed on stdout: a script that traces
    /// itself repeats it there. `is_cut`: whether its stderr was truncated.
    pub fn of_helper(stderr: &[u8], is_cut: bool, stdout: &[u8]) -> Self {
        let text = String::from_utf8_lossy(stderr).trim().to_owned();
        let mut words = Self { text, is_cut };
        for line in String::from_utf8_lossy(stdout).lines() {
            words.hide_text(line);
        }
        let parts = Parts::of(&words.text, SHORTEST_SECRET, stdout);
        words.text = masked(&words.text, |word| parts.are_in(word) || looks_like_key(word));
        words
    }

    /// Output of the client or its provider, with every word masked that contains a good part of a
    /// secret.
    pub fn of_client(text: &str, secrets: &[Cow<'_, SecretString>]) -> Self {
        const PART: usize = 6;
        let mut shown = text.to_owned();
        for secret in secrets.iter().map(|secret| secret.expose_secret().as_bytes()) {
            if secret.len() >= SHORTEST_SECRET {
                let parts = Parts::of(&shown, PART, secret);
                shown = masked(&shown, |word| parts.are_in(word));
            }
        }
        Self { text: masked(&shown, looks_like_key), is_cut: false }
    }

    /// Masks a value.
    pub fn hide(&mut self, value: &SecretString) {
        self.hide_text(value.expose_secret());
    }

    /// Masks a text, and its beginning at the end of truncated output.
    fn hide_text(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST_SECRET {
            return;
        }
        if self.text.contains(secret) {
            self.text = self.text.replace(secret, MASK);
        }
        if !self.is_cut {
            return;
        }
        for (at, _) in secret.char_indices().rev() {
            let (beginning, _) = secret.split_at(at);
            if at < SHORTEST_PART {
                return;
            }
            if let Some(rest) = self.text.strip_suffix(beginning) {
                self.text = format!("{rest}{MASK}");
                return;
            }
        }
    }

    /// Whether there is no output.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether one of the texts occurs in the output.
    pub fn have(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.text.contains(text))
    }

    /// The first line, shortened to fit into a message.
    pub fn first_line(&self) -> String {
        const LONGEST: usize = 160;
        let mut lines = self.text.lines().map(str::trim);
        let line = lines.find(|line| !line.is_empty()).unwrap_or("");
        line.chars().take(LONGEST).collect()
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for line in self.text.lines().map(str::trim) {
            if !line.is_empty() {
                write!(f, "{separator}{}", escape(line))?;
                separator = ": ";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({self})")
    }
}

/// The text with some of its words masked.
fn masked(text: &str, hides: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if hides(bare) {
            shown.push_str(MASK);
            shown.push_str(word.strip_prefix(bare).unwrap_or(""));
        } else {
            shown.push_str(word);
        }
    }
    shown
}

/// The substrings of a fixed length that a text and a secret have in common.
struct Parts<'a> {
    length: usize,
    common: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    /// Finds the secret's substrings that occur in the text. The text's substrings are the sorted
    /// ones, because the text is much shorter than the secret.
    fn of(text: &str, length: usize, secret: &'a [u8]) -> Self {
        let mut wanted: Vec<&[u8]> = text.as_bytes().windows(length).collect();
        wanted.sort_unstable();
        let mut common = Vec::new();
        for part in secret.windows(length) {
            if !part.contains(&b'\n') && wanted.binary_search(&part).is_ok() {
                common.push(part);
            }
        }
        common.sort_unstable();
        Self { length, common }
    }

    fn are_in(&self, word: &str) -> bool {
        let mut parts = word.as_bytes().windows(self.length);
        !self.common.is_empty() && parts.any(|part| self.common.binary_search(&part).is_ok())
    }
}

/// How the keys and tokens of well-known vendors begin.
const PREFIXES: [&str; 19] = [
    "sk-",
    "sk_",
    "pk-",
    "rk-",
    "tp-",
    "fw_",
    "fpk_",
    "xai-",
    "gsk_",
    "hf_",
    "nvapi-",
    "pplx-",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "AIza",
    "ops_",
];

/// Whether a word contains what looks like a key: `TOKEN=sk-…`, or a long mix of letters and
/// digits. `op`'s ids, which have 26 characters, and paths do not.
pub(crate) fn looks_like_key(word: &str) -> bool {
    const LONGEST_ID: usize = 31;
    let between = |character: char| "=:\"'`,;()[]{}<>&?".contains(character);
    for piece in word.split(between) {
        if piece.len() >= 12 && PREFIXES.iter().any(|prefix| piece.starts_with(prefix)) {
            return true;
        }
        if piece.len() > LONGEST_ID && !piece.starts_with(['/', '.', '~', '$']) && is_jumble(piece)
        {
            return true;
        }
    }
    false
}

/// Whether a piece mixes letters and digits; if it could be a path, it must also mix upper and
/// lower case.
fn is_jumble(piece: &str) -> bool {
    let (mut digit, mut lower, mut upper, mut slash) = (false, false, false, false);
    for byte in piece.bytes() {
        match byte {
            b'0'..=b'9' => digit = true,
            b'a'..=b'z' => lower = true,
            b'A'..=b'Z' => upper = true,
            b'/' => slash = true,
            b'_' | b'+' | b'.' | b'~' | b'-' | b'%' => {}
            _ => return false,
        }
    }
    let mixes_letters = if slash { lower && upper } else { lower || upper };
    digit && mixes_letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_helper_printed_is_in_its_words() {
        for (stderr, stdout, shown) in [
            ("no such item", "", "no such item"),
            ("+ echo SENTINEL-1", "SENTINEL-1\n", "+ echo •••"),
            ("have SENTINEL-1", "KEY=SENTINEL-1\n", "have •••"),
            ("have 'SENTINEL-1'.", "export KEY=\"SENTINEL-1\"\n", "have •••"),
            ("KEY=SENTINEL-1", "SENTINEL-1\n", "KEY=•••"),
            ("two SENTINEL words here", "SENTINEL words\n", "two ••• here"),
            ("first\n\n second ", "", "first: second"),
            ("a short one", "one\n", "a short one"),
            ("SENTINEL-1", "SENTIN\nEL-1xx\n", "SENTINEL-1"),
        ] {
            let words = Words::of_helper(stderr.as_bytes(), false, stdout.as_bytes());
            assert_eq!(words.to_string(), shown, "{stderr:?} {stdout:?}");
            assert_eq!(format!("{words:?}"), format!("Words({shown})"));
        }
    }

    #[test]
    fn where_words_were_cut_off_a_part_of_a_secret_is_taken_out_too() {
        for (stderr, is_cut, shown) in [
            ("it is SENT", true, "it is •••"),
            ("it is SENT", false, "it is SENT"),
            ("it is SEN", true, "it is SEN"),
            ("it is SENTINEL-", true, "it is •••"),
            ("SENTINEL-1 is SENTI", true, "••• is •••"),
        ] {
            let mut words = Words::of_helper(stderr.as_bytes(), is_cut, b"");
            words.hide(&SecretString::from("SENTINEL-1"));
            assert_eq!(words.to_string(), shown, "{stderr:?} {is_cut}");
        }
    }

    #[test]
    fn what_looks_like_a_key_is_masked_and_what_names_something_is_not() {
        for (word, is_key) in [
            ("sk-kimi-SENTINEL", true),
            ("TOKEN=sk-kimi-SENTINEL", true),
            ("\"ghp_0123456789\",", true),
            ("0123456789abcdef0123456789abcdef", true),
            ("key:0123456789abcdef0123456789abcdef.", true),
            ("aB3/0123456789abcdef0123456789abcdef", true),
            ("fw_SENTINEL-1", true),
            ("sk-", false),
            ("vbwoxbrtibcqzhg6tlyxh6ojmi", false),
            ("op://Private/Kimi/credential", false),
            ("/home/user/0123456789abcdef0123456789abcdef/file1", false),
            ("a-very-long-name-of-something-without-digits", false),
            ("2026-11-26T13:46:04.123456789Z", false),
        ] {
            assert_eq!(looks_like_key(word), is_key, "{word}");
        }
    }

    #[test]
    fn a_client_repeats_no_part_of_a_key() {
        let secrets =
            ["abcdefSENTINEL-1", "short"].map(|text| Cow::Owned(SecretString::from(text)));
        for (text, shown) in [
            ("invalid key SENTINEL-1!", "invalid key •••"),
            ("invalid key ****NEL-1x short", "invalid key ****NEL-1x short"),
            ("invalid key ...INEL-1 given", "invalid key ••• given"),
        ] {
            assert_eq!(Words::of_client(text, &secrets).to_string(), shown);
        }
    }
}
