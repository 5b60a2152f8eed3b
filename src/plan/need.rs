//! The values that a plan needs, and what is stored for each of them.

use std::borrow::Cow;

use crate::availability::Origin;
use crate::config;
use crate::config::EnvValue;
use crate::config::OpReference;
use crate::typed::looks_like_key;

/// A value to be fetched.
#[derive(Debug, Clone)]
pub struct Need<'a> {
    /// The variable's name in the scope or the environment.
    pub key: Cow<'a, str>,
    /// Where the value comes from.
    pub value: Cow<'a, EnvValue>,
    /// Where the need comes from.
    pub origin: Origin,
}

/// The name of the secret in a provider's header, as exec.toml has it.
const HEADER_KEY: &str = "header_key";

impl<'a> Need<'a> {
    /// The secret in a provider's header.
    pub fn of_header(value: &'a EnvValue) -> Self {
        let (key, value) = (Cow::Borrowed(HEADER_KEY), Cow::Borrowed(value));
        Self { key, value, origin: Origin::Provider }
    }

    /// Whether it is the secret in a provider's header.
    pub fn is_of_header(&self) -> bool {
        self.origin == Origin::Provider && self.key == HEADER_KEY
    }

    /// The same, with a value of its own.
    pub(super) fn into_owned(self) -> Need<'static> {
        let key = Cow::Owned(self.key.into_owned());
        let value = Cow::Owned(self.value.into_owned());
        Need { key, value, origin: self.origin }
    }

    /// The kind of source, for machine-readable output.
    pub fn kind(&self) -> &'static str {
        match (&*self.value, self.origin) {
            (EnvValue::HostVar(_), Origin::Environment) => "inherited",
            (EnvValue::Empty | EnvValue::Literal(_), _) => "literal",
            (EnvValue::HostVar(_), _) => "host",
            (EnvValue::Op { .. }, _) => "op",
            (EnvValue::File(_), _) => "file",
            (EnvValue::Command { .. }, _) => "command",
        }
    }

    /// Whether it is a variable of our own environment.
    pub fn is_inherited(&self) -> bool {
        matches!(&*self.value, EnvValue::HostVar(_))
    }

    /// Whether a program has to be run to get it.
    pub fn wants_helper(&self) -> bool {
        matches!(&*self.value, EnvValue::Op { .. } | EnvValue::Command { .. })
    }

    /// Where the value comes from, if that may be shown; for a command, only its program. `None`
    /// for a value in the file itself, and for text that may be a key in the wrong place.
    pub fn reference(&self) -> Option<String> {
        match &*self.value {
            EnvValue::Empty | EnvValue::Literal(_) => None,
            // A key put into `NAME_FILE` by mistake is not a path.
            EnvValue::File(path) if !path.is_absolute() && !path.starts_with("~") => None,
            EnvValue::HostVar(name) => Some(format!("${name}")),
            EnvValue::Op(op) => reference_of(op),
            EnvValue::File(path) => Some(path.display().to_string()),
            EnvValue::Command(helper) => unless_key(helper.argv.first()?),
        }
    }
}

fn reference_of(op: &OpReference) -> Option<String> {
    match &op.path {
        Some(path) => unless_key(path),
        // Text that is not a reference may be a secret.
        None if !config::is_op_reference(&op.reference) => None,
        None => Some(op.reference.clone()),
    }
}

fn unless_key(text: &str) -> Option<String> {
    if looks_like_key(text) { None } else { Some(text.to_owned()) }
}

/// Whether another process of this user finds a value without our environment.
pub(super) fn is_configured(origin: Origin, value: &EnvValue) -> bool {
    matches!(origin, Origin::Scope(_)) && !matches!(value, EnvValue::HostVar(_))
}

/// Identifies one of the needs of a plan. Only the plan's own list creates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedId(usize);

/// One value for each need of a plan, in the order of the needs.
#[derive(Debug, Clone)]
pub struct PerNeed<T>(Vec<T>);

/// The needs of a plan.
pub type Needs<'a> = PerNeed<Need<'a>>;

impl<T> PerNeed<T> {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    pub(super) fn push(&mut self, one: T) -> NeedId {
        self.0.push(one);
        NeedId(self.0.len() - 1)
    }

    /// Pairs the needs with values.
    ///
    /// # Panics
    ///
    /// If there is not exactly one value for each need: a value would reach the wrong variable.
    pub fn with<U>(&self, values: Vec<U>) -> PerNeed<U> {
        assert_eq!(values.len(), self.0.len(), "one value for each need");
        PerNeed(values)
    }

    /// What is stored for a need.
    ///
    /// # Panics
    ///
    /// If the id is from another plan and out of range.
    #[expect(clippy::expect_used, reason = "a list never shrinks, and `with` keeps its length")]
    pub fn get(&self, id: NeedId) -> &T {
        self.0.get(id.0).expect("an id comes from the plan's own list")
    }

    /// All of them with their needs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NeedId, &T)> {
        self.0.iter().enumerate().map(|(index, one)| (NeedId(index), one))
    }

    /// All of them, in order.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_has_the_value_of_its_place() {
        let mut names = PerNeed::with_capacity(2);
        let (first, second) = (names.push("a"), names.push("b"));
        let values = names.with(vec![1, 2]);
        assert_eq!((values.get(first), values.get(second)), (&1, &2));
        assert_eq!(values.as_slice(), [1, 2]);
        let all: Vec<_> = names.iter().collect();
        assert_eq!(all, [(first, &"a"), (second, &"b")]);
    }

    #[test]
    fn a_reference_is_shown_unless_it_may_be_a_key() {
        let key = "sk-kimi-SENTINELSENTINELSENTINELSENTINEL";
        let op = |reference: &str, path: Option<&str>| {
            let (reference, path) = (reference.to_owned(), path.map(str::to_owned));
            EnvValue::Op(Box::new(OpReference { reference, path, account: None }))
        };
        for (value, expected) in [
            (EnvValue::Empty, None),
            (EnvValue::Literal("SENTINEL".to_owned().into()), None),
            (EnvValue::HostVar("NAME".to_owned()), Some("$NAME")),
            (EnvValue::File("/run/key".into()), Some("/run/key")),
            (EnvValue::File("~/key".into()), Some("~/key")),
            (EnvValue::File(key.into()), None),
            (op("op://vault/item/field", None), Some("op://vault/item/field")),
            (op("op://SENTINEL", None), None),
            (op("op://id/id/id", Some("vault/item/field")), Some("vault/item/field")),
            (op("op://id/id/id", Some(key)), None),
        ] {
            let origin = Origin::Provider;
            let need = Need { key: "K".into(), value: Cow::Borrowed(&value), origin };
            assert_eq!(need.reference().as_deref(), expected, "{value:?}");
        }
    }
}
