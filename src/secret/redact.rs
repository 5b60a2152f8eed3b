//! Taking secrets out of what programs say.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::error::Reason;
use crate::secret::helper::WORDS;

/// Takes the values that we have out of what failed helpers said.
pub(super) fn silence(results: &mut [Result<SecretString, Reason>]) {
    let (values, mut failed): (Vec<_>, Vec<_>) =
        results.iter_mut().partition(|result| result.is_ok());
    for result in &mut failed {
        if let Err(Reason::Failed { words, .. }) = result {
            // Asked once: what is hidden makes them shorter.
            let cut = words.len() >= CUT;
            for value in values.iter().filter_map(|value| value.as_ref().ok()) {
                hide(words, value.expose_secret(), cut);
            }
        }
    }
}

/// A shorter text is found in words by chance, and is no key.
const SHORTEST_SECRET: usize = 8;

/// So much of one at the end of what was cut off is taken for a part of it.
const SHORTEST_PART: usize = 4;

/// Words of at least this length may have been cut off; they were trimmed since. In bytes.
const CUT: usize = WORDS - 64;

/// Replaces a secret in words that will be shown, and its beginning where they were cut off in the
/// middle of it.
pub(super) fn hide(words: &mut String, secret: &str, cut: bool) {
    let secret = secret.trim();
    if secret.len() < SHORTEST_SECRET {
        return;
    }
    if words.contains(secret) {
        *words = words.replace(secret, "•••");
    }
    if !cut {
        return;
    }
    let beginnings =
        secret.char_indices().rev().map(|(at, _)| secret.get(..at).unwrap_or_default());
    let mut beginnings = beginnings.take_while(|beginning| beginning.len() >= SHORTEST_PART);
    if let Some(beginning) = beginnings.find(|beginning| words.ends_with(beginning)) {
        words.truncate(words.len() - beginning.len());
        words.push_str("•••");
    }
}

/// A text of somebody else's with every word hidden that holds a secret, or a good part of one.
pub fn redact(text: &str, secrets: &[SecretString]) -> String {
    const PART: usize = 6;
    let holds = |word: &str, secret: &SecretString| {
        let secret = secret.expose_secret().as_bytes();
        let mut parts = secret.windows(PART.min(secret.len()).max(1));
        parts.any(|part| word.as_bytes().windows(part.len()).any(|window| window == part))
    };
    let long = |secret: &&SecretString| secret.expose_secret().len() >= SHORTEST_SECRET;
    let hidden = |word: &str| secrets.iter().filter(long).any(|secret| holds(word, secret));
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| if hidden(word) { "••• " } else { word }).collect()
}
