//! The address in a base URL of another tool, for comparing it with a provider's.

/// The parts of a URL that say whose it is. A user name, a password and a query are left out: they
/// may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    scheme: String,
    /// In lower case, IPv6 with brackets.
    host: String,
    port: Option<u16>,
    /// With a leading slash and no trailing one.
    path: String,
}

impl Address {
    /// The address in a URL; `None` if the text is no URL of http or https.
    pub(super) fn new(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return None;
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port.parse().ok()?)),
            Some(_) | None => (host.as_str(), None),
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        if host.is_empty() || !host.bytes().all(named) {
            return None;
        }
        let usual = if scheme == "https" { 443 } else { 80 };
        Some(Self {
            host: host.to_owned(),
            port: port.filter(|port| *port != usual),
            path: path.trim_end_matches('/').to_owned(),
            scheme,
        })
    }

    /// Whether both have the same host, reached in the same way.
    pub(super) fn has_host_of(&self, other: &Self) -> bool {
        (&self.scheme, &self.host, self.port) == (&other.scheme, &other.host, other.port)
    }

    /// Whether a path of the same host is this one or below it.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        let rest = other.path.strip_prefix(&self.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// How long the path is, in bytes.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// Scheme, host and port, for people. The path may hold a key.
    pub(super) fn shown(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.scheme, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_url_the_host_is_shown_and_nothing_that_may_be_secret() {
        for (url, shown) in [
            ("https://api.kimi.com/coding/", Some("https://api.kimi.com")),
            ("https://API.Kimi.com:443/coding", Some("https://api.kimi.com")),
            (
                "https://user:SENTINEL@relay.example:8443/SENTINEL?SENTINEL#SENTINEL",
                Some("https://relay.example:8443"),
            ),
            ("http://127.0.0.1:3456", Some("http://127.0.0.1:3456")),
            ("http://[::1]:80/x", Some("http://[::1]")),
            ("https://[::1]", Some("https://[::1]")),
            ("https://", None),
            ("https://a b/", None),
            ("https://x:port", None),
            ("ftp://x", None),
            ("SENTINEL", None),
            ("", None),
        ] {
            assert_eq!(Address::new(url).map(|one| one.shown()).as_deref(), shown, "{url}");
        }
    }

    #[test]
    fn a_path_is_below_another_by_whole_parts() {
        for (above, below, expected) in [
            ("https://x/api/coding", "https://x/api/coding/v3", true),
            ("https://x/api/coding/", "https://x/api/coding", true),
            ("https://x", "https://x/api", true),
            ("https://x/api", "https://x/apiary", false),
            ("https://x/api/plan", "https://x/api/coding", false),
        ] {
            let of = |url| Address::new(url).unwrap();
            assert_eq!(of(above).is_above(&of(below)), expected, "{above} {below}");
        }
    }
}
