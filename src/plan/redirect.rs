//! What a redirect sets and removes.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::ffi::OsString;

use crate::availability::Origin;
use crate::catalog;
use crate::catalog::MILLION;
use crate::provider;
use crate::provider::Endpoint;
use crate::provider::Provider;
use crate::provider::ProviderValue;

use super::Action;
use super::BASE_URL;
use super::DUMMY_TOKEN;
use super::HEADERS;
use super::Header;
use super::Link;
use super::Need;
use super::NeedId;
use super::SET_NAMES;
use super::TEAMMATE;
use super::TOKEN;
use super::draft::Draft;
use super::need::is_configured;
use super::outer_names;
use super::words::may_pick_default;

impl Draft<'_, '_> {
    /// Sets and removes everything that a redirect to this endpoint needs.
    pub(super) fn redirect(&mut self, provider: &Provider, endpoint: &Endpoint) {
        self.credential(provider);
        self.set_public(BASE_URL, endpoint.clone().into_url());
        let models = &provider.models;
        self.set_public("ANTHROPIC_DEFAULT_OPUS_MODEL", models.opus.clone());
        self.set_public("ANTHROPIC_DEFAULT_SONNET_MODEL", models.sonnet.clone());
        self.set_public("ANTHROPIC_DEFAULT_HAIKU_MODEL", models.haiku.clone());
        self.set_public("API_TIMEOUT_MS", provider.timeout_ms.to_string());
        self.set_public("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
        self.set_public("ANTHROPIC_DEFAULT_FABLE_MODEL", models.fable.clone());
        // Keeps a `model` key in a settings file from requesting another model. Not the alias
        // `opus`: if a settings file has a list of `availableModels`, the client takes aliases for
        // Anthropic's own models (measured with 2.1.257 to 2.1.332).
        self.set_public("ANTHROPIC_MODEL", models.opus.clone());
        if self.from.model.is_none() && self.from.role_model.is_some() {
            self.credit_manifest();
        }
        // With this, settings files cannot change the endpoint, the credential or the model.
        self.set_public("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1");
        self.window(provider);
        for (name, value) in &provider.env {
            match value {
                ProviderValue::Public(value) => self.set_public(name.clone(), *value),
                ProviderValue::Configured(value) => {
                    let key = Cow::Owned(name.as_str().to_owned());
                    let need = self.need(key, Cow::Owned(value.clone()), Origin::Provider);
                    self.set_secret(name.clone(), "", need);
                }
            }
        }
        // Sessions in agent view cannot log in under a redirect.
        self.suggest("CLAUDE_CODE_DISABLE_AGENT_VIEW", "1");
        // Logging out would revoke the stored login, which this session does not use.
        self.suggest("DISABLE_LOGOUT_COMMAND", "1");
        if let Some(link) = self.from.link {
            self.suggest_link(link, provider);
        }
        let names: Vec<&str> = self.provider.iter().map(|one| &*one.name).collect();
        let names = names.join(",");
        if endpoint.is_loopback() {
            self.around_proxies(endpoint.host());
        }
        self.set_public(SET_NAMES, names);
        self.unset_removed();
        self.unset_leftovers_of_presets();
        for name in self.inherited(catalog::maps_a_tier) {
            self.unset(name);
        }
        for name in self.from.settings.env.keys() {
            if catalog::maps_a_tier(name.as_str().as_bytes()) {
                self.unset((*name).clone());
            }
        }
    }

    /// Records that the role's manifest chose the models.
    fn credit_manifest(&mut self) {
        for assignment in &mut self.provider {
            if assignment.name == "ANTHROPIC_MODEL"
                || catalog::maps_a_tier(assignment.name.as_bytes())
            {
                assignment.origin = Origin::Manifest;
            }
        }
    }

    /// Sets a default that the operator may override, in a scope or in the shell.
    fn suggest(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        let environment = self.from.environment;
        let in_shell = environment.get(name).is_some()
            && !outer_names(environment).iter().any(|outer| outer == name);
        if !in_shell && !self.is_configured(name) {
            self.set_public(name, value);
        }
    }

    /// Sets the link as the command that resumes this session, and that starts teammates in panes.
    /// Teammates do not inherit our environment, so they find the key only if the configuration
    /// says where it is.
    fn suggest_link(&mut self, link: Link<'_>, provider: &Provider) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if let Some(name) = link.path.file_name().and_then(OsStr::to_str)
            && name.bytes().all(is_plain)
        {
            self.suggest("CLAUDE_CODE_RESUME_HINT_COMMAND", name.to_owned());
        }
        let finds_key = match self.from.chosen.key {
            Some(key) => is_configured(key.origin, &key.value),
            None => true,
        };
        if link.alike
            && finds_key
            && provider.header_variable().is_none()
            && let Some(path) = link.path.to_str()
        {
            self.suggest(TEAMMATE, path.to_owned());
        }
    }

    /// Removes what is left of another preset's redirect: its own names with its own values. Other
    /// values belong to the operator.
    fn unset_leftovers_of_presets(&mut self) {
        for name in catalog::OWN_NAMES {
            let Some(inherited) = self.from.environment.text(name) else {
                continue;
            };
            if catalog::is_of_a_preset(name, inherited) && !self.is_configured(name) {
                self.unset(*name);
            }
        }
    }

    /// Sets the token and the headers.
    pub(super) fn credential(&mut self, provider: &Provider) {
        let Some(source) = self.from.chosen.key else {
            // Without a token, the client would send the user's own login.
            self.set_public(TOKEN, DUMMY_TOKEN);
            self.headers(provider, None);
            return;
        };
        let key = Cow::Owned(source.name.as_str().to_owned());
        let need = self.need(key, source.value.clone(), source.origin);
        self.key = Some(need);
        self.set_secret(TOKEN, "", need);
        self.headers(provider, if provider.api_key_header { Some(need) } else { None });
    }

    /// Sets the headers: the key as x-api-key, and the provider's own. Not
    /// `ANTHROPIC_API_KEY`: the client would ask whether to use it.
    fn headers(&mut self, provider: &Provider, key: Option<NeedId>) {
        const API_KEY: &str = "x-api-key: ";
        if let Some(value) = &provider.header_key {
            let need = Need::of_header(value).into_owned();
            self.header_key = Some(self.needs.push(need));
        }
        let action = match (key, &provider.header, self.header_key) {
            (None, None, _) => return,
            (Some(need), None, _) => return self.set_secret(HEADERS, API_KEY, need),
            (None, Some(header), None) => return self.set_public(HEADERS, header.clone()),
            (Some(need), Some(header), None) => {
                Action::around(API_KEY, need, format!("\n{header}"))
            }
            (None, Some(header), Some(need)) => {
                Action::Header(Box::new(Header { key: None, text: format!("{header} "), need }))
            }
            (Some(key), Some(header), Some(need)) => {
                let (key, text) = (Some((API_KEY, key)), format!("\n{header} "));
                Action::Header(Box::new(Header { key, text, need }))
            }
        };
        self.set(HEADERS, action);
    }

    /// Tells the client the window of the ids without `[1m]`: for an unknown model it would assume
    /// a million tokens, and never compact in time. For an id with `[1m]` it always assumes a
    /// million (2.1.332).
    pub(super) fn window(&mut self, provider: &Provider) {
        let tiers = provider.models.tiers();
        let million = tiers.iter().filter(|(_, model)| provider::is_million(model)).count();
        if million < tiers.len() {
            self.set_public("CLAUDE_CODE_MAX_CONTEXT_TOKENS", provider.window.to_string());
        }
        if million == 0 && provider.window < MILLION && may_pick_default(&self.from.words.words) {
            self.set_public("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1");
        }
    }

    /// Keeps requests to a loopback endpoint from going through a proxy.
    pub(super) fn around_proxies(&mut self, host: &str) {
        for name in ["NO_PROXY", "no_proxy"] {
            if let Some(scoped) = self.from.settings.env.get(name)
                && !scoped.value.on_demand
            {
                let value = Cow::Borrowed(&scoped.value.value);
                let need = self.need(Cow::Borrowed(name), value, Origin::Scope(scoped.scope));
                self.set(name, Action::around("", need, format!(",{host}")));
                continue;
            }
            // Set even if the host is already listed: another rule may remove the name, and a
            // second entry with that name may lack the host.
            let value = with_host(self.from.environment.get(name), host);
            self.set(name, Action::Public(Cow::Owned(value)));
        }
    }
}

/// A list of hosts with one more, unless it is there already.
fn with_host(list: Option<&OsStr>, host: &str) -> OsString {
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        return OsString::from(host);
    };
    for entry in list.as_encoded_bytes().split(|&byte| byte == b',') {
        if entry.trim_ascii() == host.as_bytes() {
            return list.to_owned();
        }
    }
    let mut longer = list.to_owned();
    longer.push(",");
    longer.push(host);
    longer
}
