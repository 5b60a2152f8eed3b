//! Which provider a key belongs to.

use crate::command::auth::import::address::Address;
use crate::command::auth::import::entry::Owner;
use crate::provider::Provider;

/// The provider of a key.
#[derive(Debug)]
pub(super) enum Belongs<'p> {
    /// To this one.
    To(&'p Provider),
    /// To Anthropic.
    ToAnthropic,
    /// To one of these, by their ids.
    ToOneOf(Vec<String>),
    /// To none that is known. The words say what was looked for.
    ToNobody(String),
    /// The file does not say it.
    Unclear,
}

/// Finds the provider of a key.
pub(super) fn provider<'p>(owner: &Owner, providers: &'p [Provider]) -> Belongs<'p> {
    match owner {
        Owner::At(address) => at(address, providers),
        Owner::Variable(name) => of_variable(name, providers),
        Owner::Anthropic => Belongs::ToAnthropic,
        Owner::Unclear => Belongs::Unclear,
    }
}

/// Claude Code's own endpoint.
const ANTHROPIC: &str = "https://api.anthropic.com";

/// By the host. If it has several providers, by the longest path that leads to the address. Of two
/// with the same base URL, as second accounts have, the first.
fn at<'p>(address: &Address, providers: &'p [Provider]) -> Belongs<'p> {
    if Address::new(ANTHROPIC).is_some_and(|own| own.has_host_of(address)) {
        return Belongs::ToAnthropic;
    }
    let mut there = Vec::new();
    for provider in providers {
        let own = provider.endpoint.as_ref().and_then(|endpoint| Address::new(endpoint.url()));
        if let Some(own) = own.filter(|own| own.has_host_of(address)) {
            there.push((provider, own));
        }
    }
    let above = there.iter().filter(|(_, own)| own.is_above(address));
    let depth = above.clone().map(|(_, own)| own.depth()).max();
    if let Some((provider, _)) = above.clone().find(|(_, own)| Some(own.depth()) == depth) {
        return Belongs::To(provider);
    }
    let is_one = there.iter().all(|(_, own)| there.first().is_some_and(|(_, first)| first == own));
    match there.as_slice() {
        [] => Belongs::ToNobody(address.shown()),
        [(provider, _), ..] if is_one => Belongs::To(provider),
        several => {
            Belongs::ToOneOf(several.iter().map(|(provider, _)| provider.id.to_string()).collect())
        }
    }
}

/// By the name of its variable here, or by the names that other tools use.
fn of_variable<'p>(name: &str, providers: &'p [Provider]) -> Belongs<'p> {
    let is_key = |provider: &&Provider| provider.key_env().is_some_and(|key| key.as_str() == name);
    if let Some(provider) = providers.iter().find(is_key) {
        return Belongs::To(provider);
    }
    let elsewhere: Vec<&Provider> = providers
        .iter()
        .filter(|provider| provider.facts.key_env_elsewhere().contains(&name))
        .collect();
    match elsewhere.as_slice() {
        [] => Belongs::ToNobody(name.to_owned()),
        [first, others @ ..] if others.iter().all(|other| other.key_env() == first.key_env()) => {
            Belongs::To(first)
        }
        several => {
            Belongs::ToOneOf(several.iter().map(|provider| provider.id.to_string()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ExecToml;
    use crate::provider::providers;

    fn found(owner: &Owner) -> String {
        let providers = providers(&ExecToml::default()).usable;
        match provider(owner, &providers) {
            Belongs::To(provider) => provider.id.to_string(),
            Belongs::ToOneOf(ids) => ids.join(" "),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_base_url_names_a_provider_by_its_host_and_then_by_its_path() {
        for (url, expected) in [
            ("https://api.kimi.com/coding/", "kimi"),
            ("https://api.kimi.com/other", "kimi"),
            ("https://api.z.ai/api/coding/paas/v4/chat/completions", "zai"),
            ("https://ark.cn-beijing.volces.com/api/coding", "ark-coding"),
            ("https://ark.cn-beijing.volces.com/api/coding/v3", "ark-coding"),
            ("https://ark.cn-beijing.volces.com/api/v3", "ark ark-plan ark-coding"),
            ("http://127.0.0.1:3456", "ccr"),
            ("http://127.0.0.1:3457", "ToNobody(\"http://127.0.0.1:3457\")"),
            ("http://api.kimi.com/coding", "ToNobody(\"http://api.kimi.com\")"),
            ("https://api.kimi.com.example", "ToNobody(\"https://api.kimi.com.example\")"),
            ("https://api.anthropic.com/v1", "ToAnthropic"),
        ] {
            assert_eq!(found(&Owner::At(Address::new(url).unwrap())), expected, "{url}");
        }
    }

    #[test]
    fn a_variable_names_a_provider_by_the_name_here_or_elsewhere() {
        for (name, expected) in [
            ("KIMI_CODE_API_KEY", "kimi"),
            ("ZAI_API_KEY", "zai"),
            ("OPENAI_API_KEY", "ToNobody(\"OPENAI_API_KEY\")"),
        ] {
            assert_eq!(found(&Owner::Variable(name.to_owned())), expected, "{name}");
        }
        // Each name that the catalogue knows from elsewhere leads to a provider that has it.
        for provider in providers(&ExecToml::default()).usable {
            for name in provider.facts.key_env_elsewhere() {
                let found = found(&Owner::Variable(name.to_owned()));
                assert!(!found.starts_with("ToNobody"), "{name}: {found}");
            }
        }
    }
}
