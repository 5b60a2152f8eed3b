//! Exported redirects, and the user's own gateways.

use crate::catalog;
use crate::host::Environment;
use crate::plan::BASE_URL;
use crate::report;

/// Whether the environment holds a redirect to a provider.
pub fn is_leftover(environment: &Environment) -> bool {
    environment.text(BASE_URL).is_some_and(is_of_a_preset)
}

/// Whether a URL is that of another provider than Anthropic. Only the host matters, not the path
/// after it.
pub fn is_of_a_preset(url: &str) -> bool {
    let host = host_of(url);
    let of_preset = |known: &str| host.is_some() && host_of(known) == host;
    // A server on this machine may be the user's own gateway.
    let mut remote = catalog::PRESETS.iter().filter(|preset| !preset.local);
    remote.any(|preset| preset.base_url.is_some_and(of_preset))
}

/// The host of a URL, in lower case and without the usual port.
fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    Some(host.strip_suffix(":443").unwrap_or(&host).to_owned())
}

/// The host of a URL that we did not set: never a user name, a password or a query, nor any part of
/// text that is not a URL.
pub fn host_for_people(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else {
        return "an address that is no URL".to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    report::escape(host).into_owned()
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
        ] {
            assert_eq!(host_for_people(url), shown, "{url}");
        }
    }
}
