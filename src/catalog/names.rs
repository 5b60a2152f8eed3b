//! The variables that a redirect sets or removes, with the reason for each.

/// Why a name may not reach a redirected client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another credential would be sent to the provider beside its own, or instead.
    Credential,
    /// It changes headers or the body of each request.
    Header,
    /// It sends the requests, with the provider's key or without, somewhere else.
    Route,
    /// It asks for a model that the provider does not serve, or hides what it serves.
    Model,
    /// It belongs to the redirect itself, and holds only with the value that we set.
    Redirect,
}

impl Reason {
    /// The reason in a few words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Credential => "another credential",
            Self::Header => "changes headers or body",
            Self::Route => "another route",
            Self::Model => "another model",
            Self::Redirect => "holds only as the redirect sets it",
        }
    }
}

/// The names that are removed from a redirected command's environment, inherited or operator-set,
/// unless the redirect sets them itself.
///
/// Source: measured with Claude Code 2.1.197 to 2.1.330 in November 2026, each alone beside a
/// redirect; those without a measured effect are precaution. `tests/e2e` repeats the measurement.
pub const REMOVED: &[(&str, Reason)] = &[
    ("ANTHROPIC_API_KEY", Reason::Credential),
    ("ANTHROPIC_AUTH_TOKEN", Reason::Credential),
    ("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", Reason::Credential),
    ("CLAUDE_CODE_OAUTH_TOKEN", Reason::Credential),
    ("CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", Reason::Credential),
    ("CLAUDE_CODE_OAUTH_REFRESH_TOKEN", Reason::Credential),
    ("CLAUDE_CODE_OAUTH_SCOPES", Reason::Credential),
    ("ANTHROPIC_PROFILE", Reason::Credential),
    ("ANTHROPIC_CONFIG_DIR", Reason::Credential),
    ("ANTHROPIC_IDENTITY_TOKEN", Reason::Credential),
    ("ANTHROPIC_IDENTITY_TOKEN_FILE", Reason::Credential),
    ("ANTHROPIC_FEDERATION_RULE_ID", Reason::Credential),
    ("ANTHROPIC_ORGANIZATION_ID", Reason::Credential),
    ("ANTHROPIC_WORKSPACE_ID", Reason::Credential),
    ("ANTHROPIC_SERVICE_ACCOUNT_ID", Reason::Credential),
    ("CLAUDE_CODE_HOST_AUTH_ENV_VAR", Reason::Credential),
    ("CLAUDE_CODE_HOST_CREDS_FILE", Reason::Credential),
    ("ANTHROPIC_CUSTOM_HEADERS", Reason::Header),
    ("ANTHROPIC_BETAS", Reason::Header),
    ("CLAUDE_CODE_EXTRA_BODY", Reason::Header),
    ("ANTHROPIC_BASE_URL", Reason::Route),
    ("CLAUDE_CODE_USE_BEDROCK", Reason::Route),
    ("CLAUDE_CODE_USE_VERTEX", Reason::Route),
    ("CLAUDE_CODE_USE_FOUNDRY", Reason::Route),
    ("CLAUDE_CODE_USE_MANTLE", Reason::Route),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", Reason::Route),
    ("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", Reason::Route),
    ("CLAUDE_CODE_USE_GATEWAY", Reason::Route),
    ("CLAUDE_CODE_GATEWAY_TOKEN", Reason::Route),
    ("CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR", Reason::Route),
    ("ANTHROPIC_UNIX_SOCKET", Reason::Route),
    ("CLAUDE_CODE_API_BASE_URL", Reason::Route),
    ("_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL", Reason::Route),
    ("ANTHROPIC_MODEL", Reason::Model),
    ("ANTHROPIC_DEFAULT_MODEL", Reason::Model),
    ("ANTHROPIC_SMALL_FAST_MODEL", Reason::Model),
    ("ANTHROPIC_CUSTOM_MODEL_OPTION", Reason::Model),
    ("ANTHROPIC_CUSTOM_MODEL_OPTION_NAME", Reason::Model),
    ("ANTHROPIC_CUSTOM_MODEL_OPTION_DESCRIPTION", Reason::Model),
    ("CLAUDE_CODE_SUBAGENT_MODEL", Reason::Model),
    ("CLAUDE_CODE_SUBAGENT_MODEL_FORCE", Reason::Model),
    ("CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL", Reason::Model),
    ("CLAUDE_CODE_AUTO_MODE_MODEL", Reason::Model),
    ("CLAUDE_CODE_BG_CLASSIFIER_MODEL", Reason::Model),
    ("ANTHROPIC_DEFAULT_FABLE_MODEL", Reason::Model),
    ("ANTHROPIC_DEFAULT_OPUS_MODEL", Reason::Model),
    ("ANTHROPIC_DEFAULT_SONNET_MODEL", Reason::Model),
    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", Reason::Model),
    ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", Reason::Redirect),
    ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", Reason::Redirect),
    ("CLAUDE_CODE_DISABLE_1M_CONTEXT", Reason::Redirect),
    ("ENABLE_TOOL_SEARCH", Reason::Redirect),
];

/// Whether a name decides endpoint, credential or model of a redirect, so that nobody else may.
pub fn is_redirects(name: &str) -> bool {
    let matters = |reason: Reason| reason != Reason::Redirect;
    REMOVED.iter().any(|(removed, reason)| *removed == name && matters(*reason))
        || maps_a_tier(name.as_bytes())
}

/// Whether a name maps a tier to a model, or describes such a mapping: `ANTHROPIC_DEFAULT_*_MODEL`
/// with its `_NAME`, `_DESCRIPTION` and `_SUPPORTED_CAPABILITIES`, for tiers that exist today and
/// those that come.
pub fn maps_a_tier(name: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b"ANTHROPIC_DEFAULT_") else {
        return false;
    };
    let suffixes: [&[u8]; 4] =
        [b"_MODEL", b"_MODEL_NAME", b"_MODEL_DESCRIPTION", b"_MODEL_SUPPORTED_CAPABILITIES"];
    suffixes.iter().any(|suffix| rest.ends_with(suffix))
}
