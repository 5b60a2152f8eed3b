//! Exported redirects, and the user's own gateways.

use crate::availability::Candidate;
use crate::catalog;
use crate::host::Environment;
use crate::plan::BASE_URL;
use crate::provider::Endpoint;
use crate::report;

/// Whether the environment holds a redirect to a provider.
pub fn is_leftover(environment: &Environment, known: &[Candidate<'_>]) -> bool {
    environment.text(BASE_URL).is_some_and(|url| is_of_a_provider(url, known))
}

/// Whether a URL is that of another provider than Anthropic. A server on this machine may be the
/// user's own gateway. Of a preset only the host matters, not the path after it. A host of
/// exec.toml may serve Anthropic under another path.
pub fn is_of_a_provider(url: &str, known: &[Candidate<'_>]) -> bool {
    let Some((host, path)) = parts(url) else { return false };
    let of_preset = |known: &str| parts(known).is_some_and(|(known, _)| known == host);
    let mut remote = catalog::PRESETS.iter().filter(|preset| !preset.local);
    if remote.any(|preset| preset.base_url.is_some_and(of_preset)) {
        return true;
    }
    known.iter().any(|Candidate { provider, .. }| {
        provider.endpoint.as_ref().is_some_and(|endpoint| {
            !provider.local
                && !endpoint.is_loopback()
                && !is_of_anthropic(endpoint.url())
                && parts(endpoint.url()).is_some_and(|known| known == (host.clone(), path))
        })
    })
}

/// Whether a URL is that of Anthropic's own endpoint.
pub fn is_of_anthropic(url: &str) -> bool {
    Endpoint::new(url).is_ok_and(|endpoint| {
        !endpoint.is_in_clear() && endpoint.host().eq_ignore_ascii_case("api.anthropic.com")
    })
}

/// The host of a URL, in lower case and without the usual port, and its path without the slashes
/// around it.
fn parts(url: &str) -> Option<(String, &str)> {
    let (_, rest) = url.trim().split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host).to_owned();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some((host, path.trim_matches('/')))
}

/// The host of a URL that we did not set: never a user name, a password or a query, nor any part of
/// text that is not a URL. A password may have any character, so text with an `@` after the host
/// is not taken for a URL.
pub fn host_for_people(url: &str) -> String {
    const NO_URL: &str = "an address that is no URL";
    let Some((_, rest)) = url.split_once("://") else {
        return NO_URL.to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let after = rest.strip_prefix(authority).unwrap_or_default();
    if after.contains('@') || user.contains('@') || !is_host(host) {
        return NO_URL.to_owned();
    }
    report::escape(host).into_owned()
}

/// Whether a text is `HOST[:PORT]`.
fn is_host(text: &str) -> bool {
    Endpoint::new(&format!("https://{text}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_gateway_its_host_is_shown_and_of_what_is_no_url_nothing() {
        for (url, shown) in [
            ("https://gateway.example", "gateway.example"),
            ("https://user:key@gateway.example:8443/key?key#key", "gateway.example:8443"),
            ("sk-ant-key", "an address that is no URL"),
            ("user:key@gateway.example", "an address that is no URL"),
            ("https://user:key/x@gateway.example/", "an address that is no URL"),
            ("https://user:key?x@gateway.example", "an address that is no URL"),
            ("https://user:key#x@gateway.example", "an address that is no URL"),
            ("https://key/x", "key"),
            ("https://user:key", "an address that is no URL"),
            ("https://a@key@gateway.example", "an address that is no URL"),
            ("https://a key", "an address that is no URL"),
            ("https://[::1]:4000/x", "[::1]:4000"),
        ] {
            assert_eq!(host_for_people(url), shown, "{url}");
        }
    }
}
