//! What an employer decides for the client on this machine: it is not overruled, the launch stops.

use serde_json::Value;
use serde_json::json;

use crate::provider::KIMI;
use crate::provider::PLANTED;
use crate::row::Also;
use crate::row::Row;

const GROUP: &str = "managed";

const FILE: &str = "etc/claude-code/managed-settings.json";
const DROP_IN: &str = "etc/claude-code/managed-settings.d/10-route.json";

pub(crate) fn rows() -> Vec<Row> {
    let refused = |what: &str, content: Value| {
        let claim = format!("a launch stops where the employer's {what} decides");
        kimi(&claim).json(FILE, &content).also(Also::Refused("managed-settings.json"))
    };
    vec![
        refused("base URL", json!({ "env": { "ANTHROPIC_BASE_URL": "https://gateway.example" } })),
        refused("API key", json!({ "env": { "ANTHROPIC_API_KEY": PLANTED } })),
        refused("model", json!({ "model": "claude-opus-4-5" })),
        refused("login method", json!({ "forceLoginMethod": "claudeai" })),
        refused("apiKeyHelper", json!({ "apiKeyHelper": "echo PLANTED" })),
        refused("cloud switch", json!({ "env": { "CLAUDE_CODE_USE_BEDROCK": "1" } })),
        kimi("a launch stops where a drop-in file of the employer decides")
            .json(DROP_IN, &json!({ "env": { "ANTHROPIC_BASE_URL": "https://gateway.example" } }))
            .also(Also::Refused("10-route.json")),
        kimi("an employer's other rules do not stop a launch").json(
            FILE,
            &json!({ "permissions": { "deny": ["WebSearch"] }, "env": { "FOO": "1" } }),
        ),
    ]
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
