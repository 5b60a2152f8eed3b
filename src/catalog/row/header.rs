//! What an additional header may be.

use super::value::is_text;

/// What the name of a header that carries a credential contains.
const CREDENTIALS: [&str; 5] = ["authorization", "api-key", "token", "secret", "cookie"];

/// The name and the text of a header `name: text`, all ASCII and on one line. The text may be
/// missing, as in `name:`.
pub fn header(header: &str) -> Option<(&str, &str)> {
    let (name, text) = header.split_once(':')?;
    let is_foreign = |one: char| !(one.is_ascii_alphanumeric() || one == '-');
    if name.is_empty() || name.contains(is_foreign) {
        return None;
    }
    if text.is_empty() {
        return Some((name, text));
    }
    let text = text.strip_prefix(' ')?;
    if is_text(text) && text.is_ascii() { Some((name, text)) } else { None }
}

/// Whether a header of this name carries a credential.
pub fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIALS.iter().any(|part| name.contains(part))
}
