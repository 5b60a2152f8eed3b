//! Checking a key: what cannot be one is an error, what does not look like one a warning. Neither
//! shows the key.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::catalog;
use crate::catalog::Preset;
use crate::report;
use crate::secret::error::Reason;
use crate::warning::Warning;

/// What people copy together with a key.
const BEFORE_A_KEY: [(&str, &str); 4] = [
    ("bearer ", "\"Bearer \""),
    ("authorization:", "\"Authorization:\""),
    ("x-api-key:", "\"x-api-key:\""),
    ("export ", "\"export \""),
];

/// Checks a provider's key, which `key` names. `keys_of` is the preset whose keys the host accepts.
///
/// # Errors
///
/// Why it cannot work, or would be sent to the wrong vendor.
pub fn check_key(
    secret: &SecretString,
    key: &str,
    keys_of: Option<&'static Preset>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Reason> {
    let text = secret.expose_secret();
    refuse_characters(text)?;
    refuse_more_than_a_key(text, key)?;
    let key = key.to_owned();
    if text.contains(' ') {
        warnings.push(Warning::KeyWithSpace { key });
    } else if let Some(preset) = keys_of {
        warnings.extend(looks_wrong(text, key, preset)?);
    }
    Ok(())
}

/// Checks the secret in a provider's header, which may be more than a key.
///
/// # Errors
///
/// Why it cannot work.
pub(super) fn check_header_key(
    secret: &SecretString,
    key: &str,
    warnings: &mut Vec<Warning>,
) -> Result<(), Reason> {
    let text = secret.expose_secret();
    refuse_characters(text)?;
    if text.starts_with(' ') || text.ends_with(' ') {
        warnings.push(Warning::KeyWithSpace { key: key.to_owned() });
    }
    Ok(())
}

/// Refuses what no header can carry, and what is to be replaced by a secret.
fn refuse_characters(text: &str) -> Result<(), Reason> {
    if text.chars().all(|character| character.is_whitespace() || report::is_unsafe(character)) {
        return Err(Reason::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(Reason::ControlInKey);
    }
    // An unresolved reference is not a key, and would reveal where the key is kept.
    if text.starts_with("op://") {
        return Err(Reason::ReferenceInKey);
    }
    // The client sends it in a header, which holds ASCII. Usually the cause is an invisible
    // character copied from a web page.
    if !text.is_ascii() {
        return Err(Reason::ForeignInKey);
    }
    if text.contains("$(") || text.contains('`') {
        return Err(Reason::ShellInKey);
    }
    Ok(())
}

/// Refuses a key together with what stood around it where it was copied.
fn refuse_more_than_a_key(text: &str, key: &str) -> Result<(), Reason> {
    let start = text.trim_start();
    for (begins, shown) in BEFORE_A_KEY {
        if start.get(..begins.len()).is_some_and(|start| start.eq_ignore_ascii_case(begins)) {
            return Err(Reason::BeforeKey(shown));
        }
    }
    if start.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')) {
        return Err(Reason::BeforeKey("the name of its variable"));
    }
    let is_quote = |character: char| matches!(character, '"' | '\'');
    if text.trim().starts_with(is_quote) || text.trim().ends_with(is_quote) {
        return Err(Reason::QuoteInKey);
    }
    Ok(())
}

/// Returns a warning if a key looks like another vendor's, or does not begin like this provider's
/// keys.
///
/// # Errors
///
/// [`Reason::OfAnother`] if a built-in preset's own key is known to look different.
fn looks_wrong(text: &str, key: String, preset: &Preset) -> Result<Option<Warning>, Reason> {
    if let Some(vendor) = catalog::vendor_of_foreign_key(text, preset) {
        // Another variable is that of a second account, which the operator named.
        let is_own = preset.file.is_none() && preset.key_env == Some(&*key);
        if is_own && !preset.facts.key_begins().is_empty() {
            return Err(Reason::OfAnother { vendor, id: preset.id, label: preset.label, key });
        }
        return Ok(Some(Warning::KeyOfAnother { key, vendor }));
    }
    let shape = preset.key_shape.filter(|shape| !text.starts_with(shape.prefix));
    Ok(shape.map(|shape| Warning::KeyShape {
        key,
        prefix: shape.prefix,
        otherwise: shape.otherwise,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a key of Kimi.
    fn said(text: &str) -> String {
        let mut warnings = Vec::new();
        let secret = SecretString::from(text);
        match check_key(&secret, "KIMI_CODE_API_KEY", catalog::find("kimi"), &mut warnings) {
            Ok(()) => warnings.iter().map(Warning::to_string).collect(),
            Err(reason) => {
                assert!(reason.hint().is_none_or(|hint| !hint.contains("SENTINEL")));
                format!("error: {reason}")
            }
        }
    }

    #[test]
    fn a_key_with_what_stood_around_it_is_refused() {
        for (text, words) in [
            ("sk-kimi-SENTINEL", ""),
            ("Bearer sk-kimi-SENTINEL", "begins with \"Bearer \""),
            ("bearer sk-kimi-SENTINEL", "begins with \"Bearer \""),
            ("Authorization: Bearer sk-kimi-SENTINEL", "begins with \"Authorization:\""),
            ("x-api-key: sk-kimi-SENTINEL", "begins with \"x-api-key:\""),
            ("export KIMI_CODE_API_KEY=sk-kimi-SENTINEL", "begins with \"export \""),
            ("KIMI_CODE_API_KEY=sk-kimi-SENTINEL", "begins with the name of its variable"),
            ("\"sk-kimi-SENTINEL\"", "quote"),
            ("sk-kimi-SENTINEL'", "quote"),
            (" 'sk-kimi-SENTINEL' ", "quote"),
            ("$(pass show SENTINEL)", "shell"),
            ("sk-`pass show SENTINEL`", "shell"),
            ("sk-ant-SENTINEL", "a key of Anthropic, and would be sent to Kimi"),
        ] {
            let said = said(text);
            assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{text}: {said}");
            assert_eq!(said.starts_with("error: "), !words.is_empty(), "{said}");
            assert!(!said.contains("SENTINEL"));
        }
    }

    #[test]
    fn a_space_is_a_warning() {
        for text in [" sk-kimi-SENTINEL", "sk-kimi-SENTINEL ", "sk-kimi-SENTINEL SENTINEL"] {
            assert_eq!(said(text), "KIMI_CODE_API_KEY contains a space");
        }
    }

    #[test]
    fn the_secret_of_a_header_may_be_more_than_a_key() {
        for text in ["Bearer SENTINEL", "Digest username=\"SENTINEL\"", "token SENTINEL"] {
            let (secret, mut warnings) = (SecretString::from(text), Vec::new());
            assert!(check_header_key(&secret, "header_key", &mut warnings).is_ok());
            assert!(warnings.is_empty(), "{text}");
        }
    }

    #[test]
    fn another_vendors_key_is_refused_only_where_a_presets_own_keys_are_known() {
        for (id, key, is_error) in [
            ("kimi", "KIMI_CODE_API_KEY", true),
            ("openrouter", "OPENROUTER_API_KEY", true),
            // A second account with the same vendor.
            ("kimi", "KIMI_WORK_API_KEY", false),
            ("zai", "ZAI_API_KEY", false),
        ] {
            let (secret, mut warnings) = (SecretString::from("sk-ant-SENTINEL"), Vec::new());
            let found = check_key(&secret, key, catalog::find(id), &mut warnings);
            assert_eq!(
                (found.is_err(), warnings.len()),
                (is_error, usize::from(!is_error)),
                "{id}"
            );
        }
    }
}
