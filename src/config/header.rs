//! The header of a provider table in exec.toml: `header`, and `header_key` for a secret at its end.

use crate::catalog::row;
use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::provider::NEEDED;
use crate::config::provider::is_needed;
use crate::config::table::Table;
use crate::config::table::Value;
use crate::config::value::EnvValue;
use crate::typed::looks_like_key;

/// One header more in each request.
#[derive(Debug, Clone)]
pub struct Header {
    /// `name: text`, which is shown.
    pub text: String,
    /// Where the secret is that follows the text after a blank.
    pub key: Option<EnvValue>,
}

/// The headers that carry the provider's own key.
const OF_KEY: [&str; 2] = ["authorization", "x-api-key"];

impl<'a> Document<'a> {
    pub(super) fn header(
        self,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<Option<Header>, Error> {
        const ALONE: &str = "header = \"name: …\" in this table, at whose end the secret is sent";
        let key = match table.get("header_key") {
            Some(value) if !table.contains_key("header") => {
                return Err(self.expected(value, ALONE));
            }
            Some(value) => Some(self.header_key(value, offences)?),
            None => None,
        };
        let Some(value) = table.get("header") else {
            return Ok(None);
        };
        let text = self.text_of(value)?;
        match refused(&text, key.is_some()) {
            Some(what) => Err(self.expected(value, what)),
            None => Ok(Some(Header { text, key })),
        }
    }

    /// A reference to a secret. Not the secret itself, because the file may be shared.
    fn header_key(self, value: &Value<'a>, offences: &mut Vec<Offence>) -> Result<EnvValue, Error> {
        const WHAT: &str =
            "a reference to the secret: \"$NAME\", \"op://…\", { file = … } or { command = … }";
        match self.declared(value, offences)?.value {
            EnvValue::Empty | EnvValue::Literal(_) => Err(self.expected(value, WHAT)),
            EnvValue::HostVar(name) if is_needed(&name) => Err(self.expected(value, NEEDED)),
            key => Ok(key),
        }
    }
}

/// What is expected instead of a header.
fn refused(header: &str, has_key: bool) -> Option<&'static str> {
    let Some((name, text)) = row::header(header) else {
        return Some("one header as \"name: text\"");
    };
    if OF_KEY.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Some("another header: key_env and auth say what this one carries");
    }
    if text.split_whitespace().any(looks_like_key) || (!has_key && row::is_credential(name)) {
        return Some("a header without a secret, which goes into header_key");
    }
    if text.is_empty() && !has_key {
        return Some("one header as \"name: text\"; without a text only beside header_key");
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    /// What is wrong with these lines of a provider's table; `None` if they are accepted.
    fn wrong(lines: &str) -> Option<String> {
        let text = format!("[providers.zai]\n{lines}");
        let mut offences = Vec::new();
        let exec = config::exec(Path::new("exec.toml"), &text, &mut offences).unwrap();
        let error = exec.wrong_providers.first()?.error.to_string();
        Some(error.split_once("expected ").unwrap().1.to_owned())
    }

    #[test]
    fn a_header_is_one_line_without_a_secret_and_its_secret_is_a_reference() {
        let secret = "a header without a secret, which goes into header_key";
        let reference = "a reference to the secret";
        for (lines, expected) in [
            ("header = \"x-team: blue\"", None),
            ("header = \"x-gateway: Bearer\"\nheader_key = \"$TOKEN\"", None),
            ("header = \"x-api-token: Bearer\"\nheader_key = \"$TOKEN\"", None),
            ("header = \"x-gateway:\"\nheader_key = { file = \"/token\" }", None),
            ("header = \"x-gateway:\"", Some("one header as \"name: text\"; without a text")),
            ("header = \"blue\"", Some("one header as \"name: text\"")),
            ("header = \"Authorization: x\"", Some("another header")),
            ("header = \"X-Api-Key: x\"", Some("another header")),
            ("header = \"x-api-token: x\"", Some(secret)),
            ("header = \"x-team: sk-ant-0123456789abcdefghij\"", Some(secret)),
            ("header_key = \"$TOKEN\"", Some("header = \"name: …\" in this table")),
            ("header = \"x-gateway:\"\nheader_key = \"TOKEN\"", Some(reference)),
            ("header = \"x-gateway:\"\nheader_key = \"\"", Some(reference)),
            ("header = \"x-gateway:\"\nheader_key = \"$PATH\"", Some(NEEDED)),
        ] {
            let found = wrong(lines);
            match expected {
                None => assert_eq!(found, None, "{lines}"),
                Some(start) => assert!(found.unwrap().starts_with(start), "{lines}"),
            }
        }
    }
}
