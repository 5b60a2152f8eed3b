//! A key in another tool's file, as it was found there.

use secrecy::SecretString;

use crate::catalog;
use crate::command::auth::import::address::Address;
use crate::config;
use crate::provider::Provider;
use crate::secret;
use crate::typed::Typed;

/// A key in a file.
#[derive(Debug)]
pub(super) struct Entry {
    /// What the file calls it: the name of a provider or of a variable.
    pub(super) name: Typed,
    /// Whose key it is.
    pub(super) owner: Owner,
    /// What is there.
    pub(super) key: Key,
}

/// What a file says about whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// The provider at this address.
    At(Address),
    /// The provider whose key is in this variable.
    Variable(String),
    /// Claude Code's own credential, without another base URL.
    Anthropic,
    /// Several base URLs, one that is computed, or one that is no URL.
    Unclear,
}

/// What a file has in the place of a key.
#[derive(Debug)]
pub(super) enum Key {
    /// A text.
    Literal(SecretString),
    /// Something that a shell or another program would compute.
    Computed,
    /// The value of this variable.
    Variable(String),
    /// Settings that cannot be read, in which a key may be.
    Unread,
    /// A text such as `YOUR_API_KEY`, which a person should have replaced.
    Placeholder,
}

impl Key {
    /// Tells a key from what is none.
    pub(super) fn new(text: &str) -> Self {
        if let Some(name) = config::host_reference(text).filter(|name| is_usual(name)) {
            Self::Variable(name.to_owned())
        } else if text.contains(['$', '`']) {
            Self::Computed
        } else if secret::is_placeholder(text) || secret::is_masked(text) {
            Self::Placeholder
        } else {
            Self::Literal(SecretString::from(text))
        }
    }
}

/// The variables that may hold a provider's key.
pub(super) struct KeyNames<'p>(pub(super) &'p [Provider]);

impl KeyNames<'_> {
    /// Whether a variable of this name may hold a provider's key.
    pub(super) fn have(&self, name: &str) -> bool {
        let is_of = |provider: &Provider| {
            provider.key_env().is_some_and(|key| key.as_str() == name)
                || provider.facts.key_env_elsewhere().contains(&name)
        };
        name.ends_with("_API_KEY")
            || catalog::by_key_name(name.as_bytes()).is_some()
            || self.0.iter().any(is_of)
    }
}

/// A text value of a variable, or that it is computed.
pub(super) type Value = Option<String>;

/// The keys among the variables of one environment. `base_url` is the base URL that holds for
/// them, if the file has one elsewhere. `title` is what the file calls the environment; without
/// one, each key is called by its variable.
pub(super) fn entries(
    variables: &[(String, Value)],
    names: &KeyNames<'_>,
    base_url: Option<&Owner>,
    title: Option<&str>,
) -> Vec<Entry> {
    let mut found = Vec::new();
    let own = variables.iter().rev().find(|(name, _)| name == BASE_URL);
    // Claude Code sends both; a gateway reads the first. Empty ones are left over from templates.
    let is_set = |value: &Value| value.as_deref() != Some("");
    let credential = CREDENTIALS.iter().find_map(|name| {
        variables.iter().rev().find(|(known, value)| known == name && is_set(value))
    });
    if let Some((name, value)) = credential {
        let owner = match (own, base_url) {
            (Some((_, url)), _) => owner(url.as_deref()),
            (None, Some(elsewhere)) if !is_anthropics(value) => elsewhere.clone(),
            (None, _) => Owner::Anthropic,
        };
        found.push(entry(title.unwrap_or(name), owner, value));
    }
    for (name, value) in variables {
        let is_credential = CREDENTIALS.contains(&name.as_str());
        if !is_credential && is_set(value) && names.have(name) {
            found.push(entry(name, Owner::Variable(name.clone()), value));
        }
    }
    found
}

/// The variable with Claude Code's base URL.
pub(super) const BASE_URL: &str = "ANTHROPIC_BASE_URL";

/// The variables with Claude Code's credential, the one that wins first.
const CREDENTIALS: [&str; 2] = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"];

/// Whether a variable's name is written as usual. Other text that begins with `$` may be a key.
fn is_usual(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a key begins like Anthropic's own. A base URL of another line is not meant for it.
fn is_anthropics(value: &Value) -> bool {
    let own = catalog::find(catalog::ANTHROPIC);
    let mut begins = own.map(|preset| preset.facts.key_begins()).unwrap_or_default().into_iter();
    value.as_deref().is_some_and(|text| begins.any(|begins| text.starts_with(begins)))
}

fn entry(name: &str, owner: Owner, value: &Value) -> Entry {
    let key = match value {
        Some(text) => Key::new(text),
        None => Key::Computed,
    };
    Entry { name: Typed::new(name), owner, key }
}

/// Whose keys go with a base URL; `None` for one that is computed.
pub(super) fn owner(base_url: Option<&str>) -> Owner {
    match base_url {
        Some(url) if url.trim().is_empty() => Owner::Anthropic,
        Some(url) => Address::new(url).map_or(Owner::Unclear, Owner::At),
        None => Owner::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ExecToml;
    use crate::provider;

    fn words(entries: &[Entry]) -> Vec<String> {
        let word = |entry: &Entry| {
            let owner = match &entry.owner {
                Owner::At(address) => address.shown(),
                Owner::Variable(name) => name.clone(),
                other => format!("{other:?}"),
            };
            let key = match &entry.key {
                Key::Literal(_) => "key",
                Key::Computed => "computed",
                Key::Variable(_) => "variable",
                Key::Placeholder => "placeholder",
                Key::Unread => "unread",
            };
            format!("{} {owner} {key}", entry.name)
        };
        entries.iter().map(word).collect()
    }

    #[test]
    fn a_credential_goes_with_the_base_url_and_any_other_key_with_its_name() {
        let providers = provider::providers(&ExecToml::default()).usable;
        let names = KeyNames(&providers);
        let url = (BASE_URL, Some("https://api.kimi.com/coding"));
        for (variables, expected) in [
            (&[] as &[(&str, Option<&str>)], &[] as &[&str]),
            (
                &[url, ("ANTHROPIC_AUTH_TOKEN", Some("k"))],
                &["ANTHROPIC_AUTH_TOKEN https://api.kimi.com key"],
            ),
            (
                &[("ANTHROPIC_API_KEY", Some("k")), url, ("ANTHROPIC_AUTH_TOKEN", Some(""))],
                &["ANTHROPIC_API_KEY https://api.kimi.com key"],
            ),
            (
                &[url, ("ANTHROPIC_API_KEY", Some("k")), ("ANTHROPIC_AUTH_TOKEN", Some("l"))],
                &["ANTHROPIC_AUTH_TOKEN https://api.kimi.com key"],
            ),
            (&[("ANTHROPIC_API_KEY", Some("k"))], &["ANTHROPIC_API_KEY Anthropic key"]),
            (
                &[(BASE_URL, None), ("ANTHROPIC_API_KEY", Some("k"))],
                &["ANTHROPIC_API_KEY Unclear key"],
            ),
            (
                &[(BASE_URL, Some("no url")), ("ANTHROPIC_API_KEY", Some("k"))],
                &["ANTHROPIC_API_KEY Unclear key"],
            ),
            (
                &[
                    ("ZAI_API_KEY", None),
                    ("EDITOR", Some("vi")),
                    ("RELAY_API_KEY", Some("YOUR_KEY")),
                ],
                &["ZAI_API_KEY ZAI_API_KEY computed", "RELAY_API_KEY RELAY_API_KEY placeholder"],
            ),
        ] {
            let variables: Vec<(String, Value)> = variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
                .collect();
            assert_eq!(words(&entries(&variables, &names, None, None)), expected);
        }
    }

    #[test]
    fn a_placeholder_and_a_computed_value_are_no_keys() {
        for (text, expected) in [
            ("sk-kimi-0123", "Literal"),
            ("0123456789abcdef.xyz", "Literal"),
            ("yourself-0", "Placeholder"),
            ("YOUR_GLM_API_KEY_HERE", "Placeholder"),
            ("sk-your-key", "Placeholder"),
            ("<key>", "Placeholder"),
            ("sk-xxxxxxxx", "Placeholder"),
            ("sk-...", "Placeholder"),
            ("$KIMI", "Variable(\"KIMI\")"),
            ("${KIMI}", "Variable(\"KIMI\")"),
            ("${KIMI:-x}", "Computed"),
            ("sk-$KIMI", "Computed"),
            ("$ecretkey", "Computed"),
            ("`pass kimi`", "Computed"),
        ] {
            let found = format!("{:?}", Key::new(text));
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }
}
