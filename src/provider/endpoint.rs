//! Base URLs: which ones are accepted, and what they say about the host.

use std::borrow::Cow;

/// A base URL that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Cow<'static, str>,
}

impl Endpoint {
    /// Checks a base URL.
    ///
    /// # Errors
    ///
    /// What was expected instead, without any part of the URL.
    pub fn new(url: &str) -> Result<Self, &'static str> {
        let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))
        else {
            return Err("a URL that begins with https:// or http://");
        };
        if url.contains('$') {
            return Err("a URL without variables, which are not expanded here");
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic())
            || url.contains(['"', '\'', '\\', '<', '>', '`', '{', '}'])
        {
            return Err("a URL of visible ASCII characters");
        }
        if rest.contains('?') {
            return Err("a base URL without a query");
        }
        if rest.contains('#') {
            return Err("a base URL without a fragment");
        }
        // The client would remove these components, and use a different path from the one checked
        // below.
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        for part in path.split('/') {
            if matches!(&*part.to_ascii_lowercase().replace("%2e", "."), "." | "..") {
                return Err("a base URL without . or .. in its path");
            }
        }
        if authority.contains('@') {
            return Err("a base URL without a user name or password");
        }
        let host = host_of(authority);
        let host = host.ok_or("a URL with a host and, if any, a port from 1 to 65535")?;
        if host.eq_ignore_ascii_case("api.openai.com") {
            return Err("an endpoint of Anthropic's Messages API, which OpenAI does not have");
        }
        let trimmed = url.trim_end_matches('/');
        if let Some(what) = pasted(trimmed) {
            return Err(what);
        }
        Ok(Self { url: Cow::Owned(trimmed.to_owned()) })
    }

    /// A base URL of the catalogue, which a test checks.
    pub const fn known(url: &'static str) -> Self {
        Self { url: Cow::Borrowed(url) }
    }

    /// The base URL without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL, by value.
    pub fn into_url(self) -> Cow<'static, str> {
        self.url
    }

    /// The host as written, IPv6 without brackets.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        host_of(rest.split('/').next().unwrap_or_default()).unwrap_or_default()
    }

    /// The port in the URL, or the scheme's default.
    pub fn port(&self) -> u16 {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("https", ""));
        let authority = rest.split('/').next().unwrap_or(rest);
        // In an IPv6 address without a port, the text after the last colon contains a bracket.
        match authority.rsplit_once(':').map(|(_, port)| port.parse()) {
            Some(Ok(port)) => port,
            Some(Err(_)) | None if scheme == "http" => 80,
            Some(Err(_)) | None => 443,
        }
    }

    /// Whether the requests are unencrypted on the network: plain http to another machine.
    pub fn is_in_clear(&self) -> bool {
        self.url.starts_with("http://") && !self.is_loopback()
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// What to use instead of a URL copied from the address of a request, or from the documentation of
/// another protocol; `None` if its end looks right.
fn pasted(url: &str) -> Option<&'static str> {
    if url.ends_with("/v1/messages") {
        return Some("a base URL without /v1/messages, which the client adds itself");
    }
    if url.ends_with("/v1") {
        return Some("a base URL without /v1, which the client adds itself");
    }
    if url.ends_with("/chat/completions") || url.ends_with("/responses") {
        return Some(
            "an endpoint of Anthropic's protocol: this is OpenAI's; the right one often ends in /anthropic",
        );
    }
    if url.ends_with("/paas/v4") {
        return Some(
            "an endpoint of Anthropic's protocol: /api/anthropic in the place of /api/paas/v4",
        );
    }
    if url.ends_with("/anthropic/anthropic") || url.ends_with("/anthropic//anthropic") {
        return Some("a base URL with /anthropic once");
    }
    None
}

/// The host of `HOST[:PORT]`.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (host, rest) = inner.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    if let Some(port) = port
        && (port.starts_with('+') || !matches!(port.parse::<u16>(), Ok(1..)))
    {
        return None;
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if host.is_empty() || !(host.contains(':') || host.bytes().all(is_allowed)) {
        return None;
    }
    Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::config::EnvName;

    #[test]
    fn what_the_catalogue_says_passes_the_checks_that_exec_toml_must_pass() {
        for preset in catalog::PRESETS {
            for (name, _) in preset.env {
                assert!(EnvName::new(name).is_ok(), "{}: {name}", preset.id);
            }
            if let Some(name) = preset.key_env {
                assert!(EnvName::new(name).is_ok(), "{}: {name}", preset.id);
            }
            assert!(!preset.label.contains(crate::report::is_unsafe), "{}", preset.id);
            if let Some(url) = preset.base_url {
                assert_eq!(Endpoint::new(url), Ok(Endpoint::known(url)), "{}", preset.id);
            }
        }
    }

    #[test]
    fn a_base_url_is_what_the_client_can_append_to() {
        for (url, host) in [
            ("https://api.example.com", "api.example.com"),
            ("https://api.example.com:8443/x/", "api.example.com"),
            ("http://127.0.0.1:4000", "127.0.0.1"),
            ("http://localhost:4000/", "localhost"),
            ("http://[::1]:4000", "::1"),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().host(), host, "{url}");
        }
    }

    #[test]
    fn the_port_is_the_written_one_or_the_usual_one() {
        for (url, port) in [
            ("https://api.example.com", 443),
            ("https://api.example.com/a:1", 443),
            ("https://api.example.com:8443/x", 8443),
            ("http://127.0.0.1", 80),
            ("http://localhost:4000/", 4000),
            ("http://[::1]", 80),
            ("http://[::1]:4000", 4000),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().port(), port, "{url}");
        }
    }

    #[test]
    fn a_base_url_that_would_lose_the_key_or_the_path_is_refused() {
        for url in [
            "",
            "api.example.com",
            "ftp://api.example.com",
            "HTTPS://api.example.com",
            "https://",
            "https:///path",
            "https://user@api.example.com",
            "https://user:password@api.example.com",
            "https://api.example.com?x",
            "https://api.example.com/#x",
            "https://api.example.com/v1",
            "https://api.example.com/v1/",
            "https://api.example.com/v1/.",
            "https://api.example.com/x/%2E./v1/..",
            "https://api.example.com:0",
            "https://api.example.com:99999",
            "https://api.example.com:port",
            "https://api example.com",
            "https://api.example.com\n",
            "https://äpi.example.com",
            "https://[::1",
            "https://[no]",
            "https://${HOST}/x",
            "https://api.example.com/$TEAM",
            "https://api.openai.com",
            "https://api.openai.com/v1",
            "https://api.example.com/v1/messages",
            "https://api.example.com/anthropic/v1/messages/",
            "https://api.example.com/v1/chat/completions",
            "https://api.example.com/chat/completions/",
            "https://api.example.com/v1/responses",
            "https://api.example.com/api/paas/v4",
            "https://api.example.com/anthropic/anthropic/",
            "https://api.example.com/anthropic//anthropic",
        ] {
            assert!(Endpoint::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_in_clear() {
        for (url, in_clear) in [
            ("http://api.example.com", true),
            ("http://127.0.0.1.example.com", true),
            ("http://localhost.example.com", true),
            ("http://10.0.0.1", true),
            ("http://ollama:11434", true),
            ("http://localhost:1", false),
            ("http://127.8.9.1", false),
            ("http://[::1]:4000", false),
            ("https://api.example.com", false),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().is_in_clear(), in_clear, "{url}");
        }
    }
}
