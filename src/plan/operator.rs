//! The operator's variables, and what is removed along with them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::availability::Candidate;
use crate::availability::Origin;
use crate::catalog;
use crate::config::EnvName;
use crate::provider::Provider;
use crate::warning::Warning;

use super::Action;
use super::KEEPS_TITLE;
use super::changes_the_host;
use super::draft::Draft;
use super::keys::key_sources;
use super::leftover::host_for_people;
use super::leftover::is_leftover;
use super::outer_names;

impl Draft<'_, '_> {
    /// Anthropic itself: nothing is set. A redirect that was left over is removed, except what the
    /// operator sets; the user's own gateway is kept.
    pub(super) fn no_redirect(&mut self, warnings: &mut Vec<Warning>) {
        let outer = outer_names(self.from.environment);
        let Some(url) = self.from.environment.text("ANTHROPIC_BASE_URL") else {
            return;
        };
        if outer.iter().any(|name| name == "ANTHROPIC_BASE_URL") {
            return;
        }
        if !is_leftover(self.from.environment, self.from.candidates) {
            if !self.sets("ANTHROPIC_BASE_URL") {
                self.gateway = Some(host_for_people(url));
            }
            return;
        }
        // The provider's key would go to Anthropic.
        let mut keys = Vec::new();
        if self.holds("ANTHROPIC_API_KEY", |key| !key.is_empty() && !key.starts_with(b"sk-ant-")) {
            keys.push("ANTHROPIC_API_KEY");
        }
        if self.holds("ANTHROPIC_CUSTOM_HEADERS", has_key_header) {
            keys.push("ANTHROPIC_CUSTOM_HEADERS");
        }
        keys.retain(|name| !self.decides(name));
        for name in &keys {
            self.unset(*name);
        }
        warnings.push(Warning::Leftover { keys });
        for name in catalog::leftover_names() {
            self.unset(name);
        }
        for name in catalog::OWN_NAMES {
            self.unset(*name);
        }
        for name in self.inherited(catalog::maps_a_tier) {
            self.unset(name);
        }
    }

    /// Whether an inherited variable has a value that fits. A name may occur more than once.
    pub(super) fn holds(&self, name: &str, fits: impl Fn(&[u8]) -> bool) -> bool {
        let mut entries = self.from.environment.entries();
        entries.any(|entry| entry.name == name.as_bytes() && fits(entry.value))
    }

    /// Adds the operator's variables, sorted by name.
    pub(super) fn operator(&mut self, provider: &Provider, warnings: &mut Vec<Warning>) {
        let mut overruled = Vec::new();
        for (name, scoped) in &self.from.settings.env {
            let word = name.as_str();
            if self.is_key_of_another(word, provider) {
                continue;
            }
            let is_left_out = self.is_left_out(word, scoped.value);
            if self.redirect_decides(word) {
                if !is_left_out && !self.carries(word) {
                    overruled.push(word.to_owned());
                }
                continue;
            }
            if is_left_out {
                self.on_demand.push((word, scoped.scope));
                continue;
            }
            if changes_the_host(word) && !self.from.allow_env.iter().any(|allowed| allowed == word)
            {
                warnings.push(Warning::ChangesTheHost {
                    name: word.to_owned(),
                    scope: scoped.scope.word(),
                });
                continue;
            }
            let origin = Origin::Scope(scoped.scope);
            let need = self.need(Cow::Borrowed(word), Cow::Borrowed(&scoped.value.value), origin);
            self.push_operators(word, need, origin);
        }
        if !overruled.is_empty() {
            warnings.push(Warning::Overruled {
                names: overruled,
                provider: provider.label.clone().into_owned(),
            });
        }
        // The variables from which other providers' keys are read, unless the operator sets them.
        for name in key_sources(self.from.settings, |name| self.is_key_of_another(name, provider)) {
            self.keys.push(name.to_owned());
            self.unset(name.to_owned());
        }
    }

    /// Whether the operator's value for a name is part of its final value, or was overridden by an
    /// option on the command line.
    fn carries(&self, name: &str) -> bool {
        if name == KEEPS_TITLE {
            return true;
        }
        for set in &self.provider {
            if set.name == name
                && let Action::Secret { need, .. } = &set.action
                && self.needs.get(*need).key == name
            {
                return true;
            }
        }
        false
    }

    /// Whether a name is a provider's key that must be kept from the command.
    pub(super) fn is_key_of_another(&self, name: &str, chosen: &Provider) -> bool {
        let own = chosen.key_env().map(EnvName::as_str);
        let is_own = chosen.is_anthropic() && own == Some(name);
        !is_own && !self.from.pass_keys && self.is_key(name.as_bytes())
    }

    /// Whether a name is that of a provider's key: a preset's, or one that exec.toml names.
    fn is_key(&self, name: &[u8]) -> bool {
        let is_name =
            |key: Option<&EnvName>| key.is_some_and(|key| key.as_str().as_bytes() == name);
        catalog::by_key_name(name).is_some()
            || self.from.candidates.iter().any(|Candidate { provider, .. }| {
                is_name(provider.key_env())
                    || provider.header_variable().is_some_and(|key| key.as_bytes() == name)
            })
            || self
                .from
                .wrong
                .iter()
                .any(|one| is_name(one.key.as_ref()) || is_name(one.header_key.as_ref()))
    }

    /// Removes inherited keys. Names that are not set need no removal.
    pub(super) fn remove_keys(&mut self, chosen: &Provider) {
        for name in self.inherited(|name| self.is_key(name)) {
            if self.is_key_of_another(&name, chosen) {
                self.keys.push(name.clone());
                self.unset(name);
            }
        }
    }

    /// The inherited names that fit, each once. A name that is not UTF-8 fits no rule.
    pub(super) fn inherited(&self, fits: impl Fn(&[u8]) -> bool) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for entry in self.from.environment.entries() {
            if fits(entry.name)
                && let Ok(name) = std::str::from_utf8(entry.name)
            {
                names.insert(name.to_owned());
            }
        }
        names
    }
}

/// Whether a text of headers has one that carries a key.
fn has_key_header(headers: &[u8]) -> bool {
    let headers = String::from_utf8_lossy(headers).to_ascii_lowercase();
    headers.contains("x-api-key:") || headers.contains("authorization:")
}
