//! What an employer decides for the client on this machine: it is not overruled. Where it decides the
//! route, the launch stops; the network that it names is used.

use serde_json::Value;
use serde_json::json;

use crate::provider::KIMI;
use crate::provider::LOCAL;
use crate::provider::PLANTED;
use crate::row::Also;
use crate::row::Row;

const GROUP: &str = "managed";

const FILE: &str = "etc/claude-code/managed-settings.json";
const DROP_IN: &str = "etc/claude-code/managed-settings.d/10-route.json";

/// Another route, as the inside of an object: what the bare client does with a file that holds it
/// shows whether it reads the file.
const ROUTE: &str = r#""env":{"ANTHROPIC_BASE_URL":"https://gateway.example"}"#;

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![
        refused("base URL", &json!({ "env": { "ANTHROPIC_BASE_URL": "https://gateway.example" } })),
        refused("empty base URL", &json!({ "env": { "ANTHROPIC_BASE_URL": "" } })),
        refused("API key", &json!({ "env": { "ANTHROPIC_API_KEY": PLANTED } })),
        refused("model", &json!({ "model": "claude-opus-4-5" })),
        refused("login method", &json!({ "forceLoginMethod": "claudeai" })),
        refused("gateway", &json!({ "forceLoginGatewayUrl": "https://gateway.example" })),
        refused("policyHelper", &json!({ "policyHelper": { "path": "/opt/policy-helper" } })),
        refused("policyHelpers", &json!({ "policyHelpers": { "default": { "model": "opus" } } })),
        refused("list of providers", &json!({ "allowedProviders": ["anthropic"] })),
        refused("demand for a sign-in", &json!({ "enforceAnthropicSignIn": true })),
        refused("apiKeyHelper", &json!({ "apiKeyHelper": "echo PLANTED" })),
        refused("cloud switch", &json!({ "env": { "CLAUDE_CODE_USE_BEDROCK": "1" } })),
        refused("empty list of models", &json!({ "availableModels": [] })),
        refused("list of other models", &json!({ "availableModels": ["claude-opus-5"] })),
        refused("refusal of the model", &json!({ "deniedModels": ["kimi-for-coding"] })),
        refused("fallback", &json!({ "fallbackModel": ["claude-sonnet-5"] })),
        refused("unknown key", &json!({ "forceSignInUrl": "https://gateway.example" })),
        kimi("a launch stops where a drop-in file of the employer decides")
            .json(DROP_IN, &json!({ "env": { "ANTHROPIC_BASE_URL": "https://gateway.example" } }))
            .also(Also::Refused("10-route.json")),
        kimi("an employer's other rules do not stop a launch").json(
            FILE,
            &json!({ "permissions": { "deny": ["WebSearch"] }, "env": { "FOO": "1" } }),
        ),
        kimi("an employer's refusal of other models does not stop a launch")
            .json(FILE, &json!({ "deniedModels": ["claude-opus-4-5"] }))
            .also(Also::Model("kimi-for-coding")),
        kimi("an employer's replacements for other models do not stop a launch")
            .json(FILE, &json!({ "modelOverrides": { "claude-opus-4-5": "PLANTED" } }))
            .also(Also::Model("kimi-for-coding")),
        kimi("an employer's list that allows the models of the redirect does not stop a launch")
            .json(FILE, &json!({ "availableModels": ["kimi-for-coding"] }))
            .also(Also::Model("kimi-for-coding")),
        kimi("an employer's proxy is used")
            .json(FILE, &json!({ "env": { "HTTPS_PROXY": "http://proxy.example:80" } }))
            .also(Also::Proxied),
        Row::new(GROUP, &LOCAL, "a provider on loopback is kept out of an employer's proxy")
            .json(
                FILE,
                &json!({ "env": {
                    "HTTPS_PROXY": "http://proxy.example:80",
                    "http_proxy": "http://proxy.example:80",
                    "NO_PROXY": "intern.example",
                } }),
            )
            .also(Also::Unproxied),
        kimi("an employer's certificates are used")
            .env("NODE_EXTRA_CA_CERTS", "/nonexistent.pem")
            .json(FILE, &json!({ "env": { "NODE_EXTRA_CA_CERTS": "{room}/authority.pem" } })),
    ];
    rows.extend(read().into_iter().map(|(what, bytes)| {
        kimi(&format!("a launch stops at a policy with {what}, which the client reads"))
            .file(FILE, bytes)
            .also(Also::Refused("managed-settings.json"))
    }));
    rows.extend(not_json().into_iter().map(|(what, bytes)| {
        // Older clients pass over it, and since 2.1.330 they do not start.
        kimi(&format!("the client takes nothing from a policy with {what}"))
            .file(FILE, bytes)
            .also(Also::MayStaySilent)
            .also(Also::AnyEnd)
    }));
    rows
}

/// Files that the client obeys.
fn read() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{{\"x\":{}0{},{ROUTE}}}", "[".repeat(130), "]".repeat(130));
    let mut latin = format!("{{{ROUTE},\"companyAnnouncements\":[\"caf").into_bytes();
    latin.extend_from_slice(b"\xe9\"]}");
    vec![
        ("a byte of Latin-1", latin),
        ("half a surrogate pair", format!(r#"{{{ROUTE},"x":"\ud800"}}"#).into_bytes()),
        ("a number of 400 digits", format!(r#"{{{ROUTE},"x":1e400}}"#).into_bytes()),
        ("130 levels", deep.into_bytes()),
        ("UTF-16 behind its mark", utf16(u16::to_le_bytes)),
        ("a byte order mark", format!("\u{feff}{{{ROUTE}}}").into_bytes()),
    ]
}

/// Files that are no JSON for it.
fn not_json() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a comment", format!("// the route\n{{{ROUTE}}}").into_bytes()),
        ("a trailing comma", format!("{{{ROUTE},}}").into_bytes()),
        ("two byte order marks", format!("\u{feff}\u{feff}{{{ROUTE}}}").into_bytes()),
        ("text behind its end", format!("{{{ROUTE}}} end").into_bytes()),
        ("UTF-16 of the other order", utf16(u16::to_be_bytes)),
    ]
}

fn utf16(bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{{{ROUTE}}}").encode_utf16().flat_map(bytes).collect()
}

fn refused(what: &str, content: &Value) -> Row {
    kimi(&format!("a launch stops where the employer's {what} decides"))
        .json(FILE, content)
        .also(Also::Refused("managed-settings.json"))
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
