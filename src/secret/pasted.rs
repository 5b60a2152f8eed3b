//! A key that a person types, pastes or copies from a file: more is refused than at a launch, because
//! the person is there to correct it.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::catalog::Preset;
use crate::config;
use crate::secret::check_key;
use crate::secret::error::Reason;
use crate::warning::Warning;

/// The length below which a text is no key of a vendor, but a word that was typed by mistake. A
/// server on this machine may have any key.
const SHORTEST: usize = 8;

/// The text without what surrounds a key where it is copied: blanks and line breaks.
pub fn trimmed(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim())
}

/// Checks a new key, which `key` names, before it is stored. The errors are those of [`check_key`]
/// and more.
///
/// # Errors
///
/// Why it cannot be the provider's key.
pub fn check_pasted(
    secret: &SecretString,
    key: &str,
    keys_of: Option<&'static Preset>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Reason> {
    let text = secret.expose_secret();
    refuse_other_text(text)?;
    check_key(secret, key, keys_of, warnings)?;
    if text.contains(char::is_whitespace) {
        return Err(Reason::SpaceInKey);
    }
    if keys_of.is_some_and(|preset| !preset.local) && text.len() < SHORTEST {
        return Err(Reason::ShortKey);
    }
    Ok(())
}

/// Refuses text that people have at hand in place of a key.
fn refuse_other_text(text: &str) -> Result<(), Reason> {
    if text.starts_with(['{', '[']) {
        return Err(Reason::JsonAsKey);
    }
    if text.starts_with('$') || text.contains("$(") || text.contains('`') {
        return Err(Reason::ShellAsKey);
    }
    if is_assignment(text) {
        return Err(Reason::BeforeKey("the name of a variable"));
    }
    if text.contains("://") && !text.starts_with("op://") {
        return Err(Reason::UrlAsKey);
    }
    if is_masked(text) {
        return Err(Reason::MaskedKey);
    }
    if is_placeholder(text) { Err(Reason::PlaceholderKey) } else { Ok(()) }
}

/// `NAME=value`. A key may end in `=`, but has none before its last characters.
fn is_assignment(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let name = name.rsplit(' ').next().unwrap_or_default();
    config::is_identifier(name) && !value.trim_start_matches('=').is_empty()
}

/// Whether a page or a program shows a key like this in order not to show it.
pub fn is_masked(text: &str) -> bool {
    ["***", "...", "…", "•••"].iter().any(|mask| text.contains(mask))
}

/// Whether examples and templates have this text in the place of a key.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let filler = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte == b'x');
    let is_word = |part: &str| part.starts_with("your") || filler(part);
    lower.starts_with('<') || lower.split(['-', '_', '.', ' ']).any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    /// What is said of a key of a provider.
    fn said(text: &str, id: &str) -> String {
        let secret = trimmed(&SecretString::from(text));
        match check_pasted(&secret, "SOME_API_KEY", catalog::find(id), &mut Vec::new()) {
            Ok(()) => "a key".to_owned(),
            Err(reason) => {
                assert!(!format!("{reason:?} {:?}", reason.hint()).contains("SENTINEL"));
                reason.to_string()
            }
        }
    }

    #[test]
    fn what_is_no_key_is_told_by_its_form() {
        for (text, words) in [
            ("sk-kimi-SENTINEL", "a key"),
            (" sk-kimi-SENTINEL \r\n\n", "a key"),
            ("0123456789abcdef.SENTINEL", "a key"),
            ("QUJDREVGR0hJSktMTQ==", "a key"),
            ("{\n  \"key\": \"SENTINEL\"\n}", "JSON"),
            ("[\"SENTINEL\"]", "JSON"),
            ("$SENTINEL/key", "shell"),
            ("sk-$(pass SENTINEL)", "shell"),
            ("`pass SENTINEL`", "shell"),
            ("OTHER_KEY=SENTINEL", "the name of a variable"),
            ("export A=SENTINEL", "the name of a variable"),
            ("set -x; A=SENTINEL", "the name of a variable"),
            ("https://api.kimi.com/SENTINEL", "a URL"),
            ("Bearer sk-kimi-SENTINEL", "Bearer"),
            ("'sk-kimi-SENTINEL'", "quote"),
            ("sk-kimi SENTINEL", "a space"),
            ("sk-kimi-\nSENTINEL", "a line break"),
            ("sk-kimi-****SENTINEL", "masked"),
            ("sk-SENTINEL…", "masked"),
            ("sk-...SENTINEL", "masked"),
            ("sk-kimi-YOURS", "a placeholder"),
            ("your-key", "a placeholder"),
            ("sk-xxxxxxxxxxxx", "a placeholder"),
            ("<SENTINEL>", "a placeholder"),
            ("clear", "too short"),
            ("", "empty"),
        ] {
            let said = said(text, "zai");
            assert!(said.contains(words), "{text}: {said}");
        }
        assert_eq!(said("x", "litellm"), "a key", "a server on this machine");
    }

    #[test]
    fn a_placeholder_is_told_from_a_key() {
        for (text, expected) in [
            ("YOUR_GLM_API_KEY_HERE", true),
            ("sk-your-key", true),
            ("sk-kimi-yours", true),
            ("<key>", true),
            ("xxxx", true),
            ("sk-kimi-0123", false),
            ("sk-xx-0123", false),
            ("sk-kimi-0xxxxx1", false),
            ("0123456789abcdef.xyz", false),
        ] {
            assert_eq!(is_placeholder(text), expected, "{text}");
        }
    }
}
