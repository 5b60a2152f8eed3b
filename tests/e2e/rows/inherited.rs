//! What a shell, a profile or a CI job may have exported before.

use serde_json::json;

use super::models;
use crate::provider::KIMI;
use crate::provider::LOCAL;
use crate::provider::PLANTED;
use crate::provider::ZAI;
use crate::row::Also;
use crate::row::Row;
use crate::row::Version;
use crate::row::When;

const GROUP: &str = "inherited";

/// One variable each: name, value, and the sessions's further surroundings where it needs some.
const ALONE: &[(&str, &str)] = &[
    ("ANTHROPIC_API_KEY", "sk-ant-api03-PLANTED"),
    ("ANTHROPIC_AUTH_TOKEN", "PLANTED"),
    ("ANTHROPIC_BASE_URL", "https://gateway.example"),
    ("ANTHROPIC_CUSTOM_HEADERS", "x-api-key: PLANTED\nx-team: PLANTED"),
    ("ANTHROPIC_BETAS", "PLANTED-2026-01-01"),
    ("CLAUDE_CODE_EXTRA_BODY", r#"{"service_tier":"PLANTED"}"#),
    ("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-PLANTED"),
    ("CLAUDE_CODE_API_BASE_URL", "https://gateway.example"),
    ("ANTHROPIC_UNIX_SOCKET", "{room}/socket"),
    ("ANTHROPIC_MODEL", "claude-opus-4-5"),
    ("ANTHROPIC_DEFAULT_MODEL", "claude-opus-4-5"),
    ("ANTHROPIC_DEFAULT_OPUS_MODEL", "claude-opus-4-5"),
    ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "0"),
    ("CLAUDE_CODE_EXTRA_METADATA", r#"{"team":"PLANTED"}"#),
    ("CLAUDE_AGENT_SDK_CLIENT_APP", PLANTED),
    ("CLAUDE_CODE_REMOTE_SESSION_ID", PLANTED),
    ("CLAUDE_CODE_CONTAINER_ID", PLANTED),
    ("CLAUDE_CODE_CLIENT_DATA_URL", "https://gateway.example"),
    ("CLAUDE_CODE_CONFIG_PROBE", "1"),
    ("CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE", "1"),
    ("CLAUDE_CODE_REMOTE_TOOLS_PIN_STORED_LOGIN", "1"),
    ("CLAUDE_CODE_USER_DELEGATED_SESSION_DIRECT_API", "1"),
    ("CLAUDECODE", "1"),
    ("CLAUDE_CODE_CHILD_SESSION", "1"),
];

/// The switches that send the client to a cloud, each with what it needs to get there.
const CLOUDS: [(&str, &[(&str, &str)]); 8] = [
    ("CLAUDE_CODE_USE_BEDROCK", &AWS),
    ("CLAUDE_CODE_USE_MANTLE", &AWS),
    (
        "CLAUDE_CODE_USE_ANTHROPIC_AWS",
        &[
            ("AWS_ACCESS_KEY_ID", "AKIAPLANTED"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
            ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
        ],
    ),
    (
        "CLAUDE_CODE_USE_VERTEX",
        &[
            ("CLAUDE_CODE_SKIP_VERTEX_AUTH", "1"),
            ("ANTHROPIC_VERTEX_PROJECT_ID", "project"),
            ("CLOUD_ML_REGION", "us-east5"),
        ],
    ),
    (
        "CLAUDE_CODE_USE_FOUNDRY",
        &[("ANTHROPIC_FOUNDRY_RESOURCE", "resource"), ("ANTHROPIC_FOUNDRY_API_KEY", PLANTED)],
    ),
    (
        "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
        &[
            ("ANTHROPIC_GOOGLE_CLOUD_PROJECT_ID", "project"),
            ("ANTHROPIC_GOOGLE_CLOUD_PROJECT", "project"),
            ("ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID", "wrkspc_1"),
            ("CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH", "1"),
        ],
    ),
    ("CLAUDE_CODE_USE_GATEWAY", &[("CLAUDE_CODE_GATEWAY_TOKEN", PLANTED)]),
    (
        "_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL",
        &[("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-PLANTED")],
    ),
];

const AWS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAPLANTED"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("AWS_REGION", "us-east-1"),
];

pub(crate) fn rows() -> Vec<Row> {
    let alone =
        ALONE.iter().map(|(name, value)| kimi(&format!("{name} changes nothing")).env(name, value));
    let clouds = CLOUDS.iter().map(|(name, needs)| {
        let row = kimi(&format!("{name} diverts nothing")).env(name, "1");
        needs.iter().fold(row, |row, (name, value)| row.env(name, value))
    });
    alone.chain(clouds).chain(others()).chain(refusals()).collect()
}

/// A provider that refuses: the stored login does not step in.
fn refusals() -> Vec<Row> {
    let refused = |status: u16| {
        let row =
            kimi(&format!("a stored Claude login does not step in where Kimi answers {status}"));
        stored_login(row).fails(status).env("CLAUDE_CODE_MAX_RETRIES", "1").also(Also::AnyEnd)
    };
    let declined =
        stored_login(kimi("a stored Claude login does not step in where Kimi's model declines"))
            .refuses()
            .also(Also::AnyEnd);
    [400, 401, 402, 403, 404, 413, 429, 500, 503, 529]
        .into_iter()
        .map(refused)
        .chain([declined])
        .collect()
}

fn others() -> Vec<Row> {
    vec![
        kimi("a key on a file descriptor is not sent along")
            .env("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", "9")
            .file("key", "sk-ant-api03-PLANTED")
            .open("key"),
        kimi("a login token on a file descriptor is not sent along")
            .env("CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "9")
            .file("key", "sk-ant-oat01-PLANTED")
            .open("key"),
        kimi("CLAUDE_CODE_ADDITIONAL_PROTECTION changes nothing")
            .env("CLAUDE_CODE_ADDITIONAL_PROTECTION", "1")
            .also(Also::NoHeader("x-anthropic-additional-protection")),
        kimi("CLAUDE_CODE_ENABLE_EXPERIMENTAL_ADVISOR_TOOL changes nothing")
            .env("CLAUDE_CODE_ENABLE_EXPERIMENTAL_ADVISOR_TOOL", "1")
            .also(Also::Never("advisor-tool")),
        stored_login(kimi("a stored Claude login is not sent along")),
        kimi("a stored API key is not sent along")
            .json(
                "home/.claude.json",
                &json!({
                    "primaryApiKey": "sk-ant-api03-PLANTED",
                    "customApiKeyResponses": { "approved": ["sk-ant-api03-PLANTED"], "rejected": [] },
                    "hasCompletedOnboarding": true,
                }),
            )
            .red(When::Before(Version(2, 1, 240)), "this client sends the key that it stored along"),
        kimi("a federated identity is not sent along")
            .env("ANTHROPIC_FEDERATION_RULE_ID", "rule_1")
            .env("ANTHROPIC_ORGANIZATION_ID", "org_1")
            .env("ANTHROPIC_WORKSPACE_ID", "wrkspc_1")
            .env("ANTHROPIC_IDENTITY_TOKEN", PLANTED),
        kimi("another provider's redirect is replaced as a whole")
            .env("ANTHROPIC_BASE_URL", ZAI.base_url)
            .env("ANTHROPIC_AUTH_TOKEN", ZAI.key)
            .env("ANTHROPIC_MODEL", "glm-5.3")
            .env("ANTHROPIC_SMALL_FAST_MODEL", "glm-5.3-flash")
            .env("ANTHROPIC_DEFAULT_FABLE_MODEL", "glm-5.3")
            .env("ANTHROPIC_DEFAULT_OPUS_MODEL", "glm-5.3")
            .env("ANTHROPIC_DEFAULT_SONNET_MODEL", "glm-5.3")
            .env("ANTHROPIC_DEFAULT_HAIKU_MODEL", "glm-5.3-flash"),
        models::web_fetch(kimi("ANTHROPIC_SMALL_FAST_MODEL does not summarize pages"))
            .env("ANTHROPIC_SMALL_FAST_MODEL", "claude-haiku-4-5"),
        models::sub_agent(
            kimi("CLAUDE_CODE_SUBAGENT_MODEL does not choose for sub-agents"),
            json!({ "subagent_type": "general-purpose" }),
        )
        .env("CLAUDE_CODE_SUBAGENT_MODEL", "claude-haiku-4-5")
        .env("CLAUDE_CODE_SUBAGENT_MODEL_FORCE", "claude-haiku-4-5")
        .env("CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL", "claude-haiku-4-5"),
        models::auto_mode(kimi("CLAUDE_CODE_AUTO_MODE_MODEL does not judge actions"))
            .env("CLAUDE_CODE_AUTO_MODE_MODEL", "claude-haiku-4-5")
            .env("CLAUDE_CODE_BG_CLASSIFIER_MODEL", "claude-haiku-4-5"),
        kimi("a window for another model does not count")
            .env("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "1000000")
            .args(["--output-format", "json"])
            .also(Also::Window(KIMI.window)),
        Row::new(GROUP, &ZAI, "a million tokens stay a million where they were switched off")
            .env("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1")
            .env("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "200000")
            .args(["--output-format", "json"])
            .also(Also::Window(ZAI.window)),
        kimi("the proxy of the shell is used").env("HTTPS_PROXY", "http://proxy.example:80").also(Also::Proxied),
        Row::new(GROUP, &LOCAL, "a provider on loopback is kept out of the proxy of the shell")
            .env("HTTPS_PROXY", "http://proxy.example:80")
            .env("HTTP_PROXY", "http://proxy.example:80")
            .env("http_proxy", "http://proxy.example:80")
            .also(Also::Unproxied),
    ]
}

/// The credentials that `claude` keeps after `/login` with a subscription.
pub(super) fn stored_login(row: Row) -> Row {
    row.json(
        "home/.claude/.credentials.json",
        &json!({ "claudeAiOauth": {
            "accessToken": "sk-ant-oat01-PLANTED",
            "refreshToken": "sk-ant-ort01-PLANTED",
            "expiresAt": 4_102_444_800_000_u64,
            "scopes": ["user:inference", "user:profile"],
            "subscriptionType": "max",
        } }),
    )
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
