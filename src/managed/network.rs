//! Variables of managed settings that configure the network.
//!
//! A client whose host decides the routing ignores them even in managed settings (measured with
//! 2.1.330 and 2.1.332), and would bypass an employer's proxy. It obeys them in its environment, so
//! a redirect puts them there.

use serde_json::Value;

/// The names in upper case, as the client compares them.
///
/// Source: the lists by which the program of Claude Code 2.1.332 drops them; read 2026-11-26. The
/// variables that tell git where its repository is are left out.
const NAMES: &[&str] = &[
    "ALL_PROXY",
    "AWS_CA_BUNDLE",
    "BUN_TLS_REFUSE_DISTRUSTED_KEYS",
    "CARGO_HTTP_CAINFO",
    "CLAUDE_CODE_CERT_STORE",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    "CLAUDE_CODE_DISABLE_LOOPED_CROSS_CERT_DROP",
    "CLAUDE_CODE_DISABLE_SELF_NAMED_CERT_DROP",
    "CLAUDE_CODE_HTTPS_PROXY",
    "CLAUDE_CODE_HTTP_PROXY",
    "CLAUDE_CODE_PROXY_RESOLVES_HOSTS",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "CLOUDSDK_PROXY_ADDRESS",
    "CLOUDSDK_PROXY_PASSWORD",
    "CLOUDSDK_PROXY_PORT",
    "CLOUDSDK_PROXY_TYPE",
    "CLOUDSDK_PROXY_USERNAME",
    "CURL_CA_BUNDLE",
    "DENO_CERT",
    "DENO_TLS_CA_STORE",
    "DOCKER_HTTPS_PROXY",
    "DOCKER_HTTP_PROXY",
    "ELECTRON_GET_USE_PROXY",
    "GLOBAL_AGENT_HTTPS_PROXY",
    "GLOBAL_AGENT_HTTP_PROXY",
    "GLOBAL_AGENT_NO_PROXY",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HEX_CACERTS_PATH",
    "HTTPLIB2_CA_CERTS",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NIX_SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NO_PROXY",
    "NPM_CONFIG_HTTPS_PROXY",
    "NPM_CONFIG_HTTP_PROXY",
    "NPM_CONFIG_NOPROXY",
    "NPM_CONFIG_PROXY",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_NATIVE_TLS",
    "YARN_HTTPS_PROXY",
    "YARN_HTTP_PROXY",
];

/// Names with these prefixes belong to them, too.
const PREFIXES: &[&str] = &["GIT_SSL_", "GIT_PROXY_"];

/// The variables in a document that configure the network, with their values.
pub(super) fn variables(settings: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some(variables) = settings.get("env").and_then(Value::as_object) else {
        return found;
    };
    for (name, value) in variables {
        let value = match value {
            Value::String(text) if !text.contains('\0') => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            // The client ignores a variable of another type, and an environment cannot hold a NUL.
            Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        if is_network(name) {
            found.push((name.clone(), value));
        }
    }
    found
}

/// Whether a variable configures the network.
pub fn is_network(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str())
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix) && !name.contains(['=', '\0']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn proxies_and_certificates_are_found_under_all_their_names() {
        let settings = json!({ "env": {
            "HTTPS_PROXY": "http://proxy:3128",
            "no_proxy": "",
            "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
            "NODE_TLS_REJECT_UNAUTHORIZED": 0,
            "CLAUDE_CODE_PROXY_RESOLVES_HOSTS": true,
            "GIT_SSL_CAINFO": "/etc/ca.pem",
            "PATH": "/usr/bin",
            "GIT_SSH": "ssh",
            "NODE_OPTIONS": "--require x",
            "HTTP_PROXY": { "host": "proxy" },
            "ALL_PROXY": null,
            "SSL_CERT_FILE": "a\0b",
            "GIT_SSL_A=B": "x",
        } });
        let mut found = variables(&settings);
        found.sort();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("CLAUDE_CODE_PROXY_RESOLVES_HOSTS", "true"),
                ("GIT_SSL_CAINFO", "/etc/ca.pem"),
                ("HTTPS_PROXY", "http://proxy:3128"),
                ("NODE_EXTRA_CA_CERTS", "/etc/ca.pem"),
                ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
                ("no_proxy", ""),
            ]
        );
    }

    #[test]
    fn settings_without_variables_have_none() {
        for settings in [json!([]), json!({}), json!({ "env": "HTTPS_PROXY" })] {
            assert_eq!(variables(&settings), [], "{settings}");
        }
    }

    #[test]
    fn no_name_that_decides_the_route_is_passed_on() {
        for name in NAMES {
            assert!(!crate::catalog::is_redirects(name), "{name}");
        }
    }
}
