//! Marks that stand for secrets: what a message may never repeat.

use std::collections::HashMap;

/// The shortest word that is marked, in characters: shorter ones are found in messages by chance.
const SHORTEST: usize = 4;

/// The words that the files themselves use, and those of values that are no secrets.
const WORDS: &[&str] = &[
    "account",
    "allow_env",
    "allowed_roles",
    "api_key",
    "auth",
    "auth_forward",
    "base_url",
    "bearer",
    "command",
    "context_tokens",
    "default_provider",
    "default_role",
    "fable",
    "false",
    "file",
    "haiku",
    "http",
    "https",
    "ignore",
    "kimi",
    "label",
    "localhost",
    "model",
    "models",
    "mounts",
    "on_demand",
    "op_account",
    "opus",
    "path",
    "providers",
    "redirect_for",
    "roles",
    "sonnet",
    "timeout",
    "timeout_ms",
    "true",
    "value",
    "version",
    "workdir",
    "workspaces",
    "key_env",
    "x-api-key",
    "DOCKER_HOST",
    "JACKIN_ROLE",
    "JACKIN_SUDO",
    "v1alpha4",
    "v1alpha5",
    "v1alpha8",
    "v1alpha9",
    "v1alpha99",
    "anthropic",
];

/// The mark with a number: `Q` and `Z` around two digits stand in no message of ours.
pub fn mark(number: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digit = |number: usize| char::from(DIGITS[number % 36]);
    format!("Q{}{}Z", digit(number / 36), digit(number))
}

/// The first mark in a text.
pub fn find(text: &str) -> Option<&str> {
    all(text).next()
}

/// All marks in a text.
pub fn all(text: &str) -> impl Iterator<Item = &str> {
    let digit = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    text.match_indices('Q').filter_map(move |(at, _)| match text.as_bytes().get(at..at + 4)? {
        [_, first, second, b'Z'] if digit(*first) && digit(*second) => text.get(at..at + 4),
        _ => None,
    })
}

/// The text with a mark, as long as the word, in place of each long word that is no word of the files' own. The same
/// word gets the same mark. A word after a backslash stays, because it may be an escape; a number stays a number.
pub fn plant(text: &str) -> String {
    let mut planted = String::with_capacity(text.len());
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut rest = text;
    let part =
        |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '-';
    while let Some(start) = rest.find(part) {
        let (before, from) = rest.split_at(start);
        let (word, after) =
            from.split_at(from.find(|character| !part(character)).unwrap_or(from.len()));
        planted.push_str(before);
        let numeric = !word.bytes().any(|byte| byte.is_ascii_alphabetic());
        if word.len() < SHORTEST || numeric || before.ends_with('\\') || WORDS.contains(&word) {
            planted.push_str(word);
        } else {
            let next = numbers.len();
            planted.push_str(&mark(*numbers.entry(word).or_insert(next)));
            planted.extend(std::iter::repeat_n('Z', word.len() - SHORTEST));
        }
        rest = after;
    }
    planted.push_str(rest);
    planted
}
