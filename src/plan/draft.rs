//! A plan in the making: which names are set and unset, in which order.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::ffi::OsString;

use crate::availability::Origin;
use crate::catalog;
use crate::catalog::Reason;
use crate::config::Declared;
use crate::config::EnvValue;
use crate::scope::Scope;

use super::Action;
use super::Assignment;
use super::Filter;
use super::Inputs;
use super::Need;
use super::NeedId;
use super::Needs;

/// A plan in the making. The provider's part is decided first, because it wins; it is emitted last.
pub(super) struct Draft<'a, 's> {
    pub(super) from: Inputs<'a, 's>,
    pub(super) operator: Vec<Assignment<'a>>,
    pub(super) provider: Vec<Assignment<'a>>,
    pub(super) removed: Vec<Assignment<'a>>,
    /// The names in `provider` and `removed`.
    of_redirect: Filter,
    /// The names in `operator`.
    of_operator: Filter,
    pub(super) on_demand: Vec<(&'a str, Scope)>,
    pub(super) needs: Needs<'a>,
    pub(super) key: Option<NeedId>,
    pub(super) header_key: Option<NeedId>,
    pub(super) gateway: Option<String>,
    /// The variables that are removed because they hold another provider's key.
    pub(super) keys: Vec<String>,
}

impl<'a, 's> Draft<'a, 's> {
    pub(super) fn new(from: Inputs<'a, 's>) -> Self {
        let operators = from.settings.env.len();
        Self {
            from,
            // Some more: the provider's follow, and a long list is not moved for them.
            operator: Vec::with_capacity(operators + operators / 8),
            provider: Vec::new(),
            removed: Vec::new(),
            of_redirect: Filter::default(),
            of_operator: Filter::default(),
            on_demand: Vec::new(),
            // One more for the key, if the environment holds it.
            needs: Needs::with_capacity(operators + 1),
            key: None,
            header_key: None,
            gateway: None,
            keys: Vec::new(),
        }
    }

    /// Whether the plan already sets or unsets a name.
    pub(super) fn decides(&self, name: &str) -> bool {
        self.redirect_decides(name) || self.operator_sets(name)
    }

    /// Whether the provider's part sets or unsets a name.
    ///
    /// A linear search is fast enough: there are at most a hundred names, and the filter rules out
    /// nearly every other.
    pub(super) fn redirect_decides(&self, name: &str) -> bool {
        let is_name = |assignment: &Assignment<'_>| assignment.name == name;
        self.of_redirect.may_contain(name.as_bytes())
            && (self.provider.iter().any(is_name) || self.removed.iter().any(is_name))
    }

    /// Whether a name gets a value.
    pub(super) fn sets(&self, name: &str) -> bool {
        let is_name = |assignment: &Assignment<'_>| assignment.name == name;
        let of_redirect = self.of_redirect.may_contain(name.as_bytes());
        (of_redirect && self.provider.iter().any(is_name)) || self.operator_sets(name)
    }

    /// Whether the operator gives a name a value. There may be any number of them, sorted by name.
    fn operator_sets(&self, name: &str) -> bool {
        self.of_operator.may_contain(name.as_bytes())
            && self.operator.binary_search_by(|assignment| (*assignment.name).cmp(name)).is_ok()
    }

    /// Adds the operator's value for a name. The names come in order, each once.
    pub(super) fn push_operators(&mut self, name: &'a str, need: NeedId, origin: Origin) {
        self.of_operator.add(name);
        let action = Action::Secret { need, around: None };
        self.operator.push(Assignment { name: Cow::Borrowed(name), action, origin });
    }

    /// Whether the operator's configuration gives the command this name.
    pub(super) fn is_configured(&self, name: &str) -> bool {
        let scoped = self.from.settings.env.get(name);
        scoped.is_some_and(|scoped| !self.is_left_out(name, scoped.value))
    }

    /// Whether a value is `on_demand`, and nobody asked for it.
    pub(super) fn is_left_out(&self, name: &str, declared: &Declared) -> bool {
        declared.on_demand && !self.from.picked.contains(&name)
    }

    pub(super) fn set(&mut self, name: impl Into<Cow<'static, str>>, action: Action) {
        let name = name.into();
        if !self.decides(&name) {
            self.of_redirect.add(&name);
            self.provider.push(Assignment { name, action, origin: Origin::Provider });
        }
    }

    pub(super) fn set_public(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) {
        let value = match value.into() {
            Cow::Borrowed(value) => Cow::Borrowed(OsStr::new(value)),
            Cow::Owned(value) => Cow::Owned(OsString::from(value)),
        };
        self.set(name, Action::Public(value));
    }

    pub(super) fn set_secret(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        prefix: &'static str,
        need: NeedId,
    ) {
        self.set(name, Action::around(prefix, need, String::new()));
    }

    pub(super) fn unset(&mut self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        if !self.decides(&name) {
            self.push_removed(name);
        }
    }

    /// Unsets the names that every redirect removes. They are distinct, and nothing has been unset
    /// before.
    pub(super) fn unset_removed(&mut self) {
        for (name, reason) in catalog::removals() {
            let is_operators = reason == Reason::Provider && self.is_configured(name);
            if !is_operators && !self.sets(name) {
                self.push_removed(Cow::Borrowed(name));
            }
        }
    }

    fn push_removed(&mut self, name: Cow<'static, str>) {
        self.of_redirect.add(&name);
        self.removed.push(Assignment { name, action: Action::Unset, origin: Origin::Provider });
    }

    /// A value to be fetched. The provider's key is fetched only once, even if it is also passed
    /// on.
    pub(super) fn need(
        &mut self,
        key: Cow<'a, str>,
        value: Cow<'a, EnvValue>,
        origin: Origin,
    ) -> NeedId {
        if let Some(id) = self.key {
            let known = self.needs.get(id);
            if known.key == key && known.origin == origin {
                return id;
            }
        }
        self.needs.push(Need { key, value, origin })
    }
}
