//! The variables of a redirect: one table, from which every list of them is derived.

#[cfg(test)]
mod tests;

use super::OWN_NAMES;
use super::PRESETS;

/// Why a variable from elsewhere may not reach a redirected client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It would send another credential to the provider, beside or instead of the provider's own.
    Credential,
    /// It changes the headers or the body of each request.
    Header,
    /// It sends the requests to another place, with or without the provider's key.
    Route,
    /// It requests a model that the provider does not serve, or hides one that it does.
    Model,
    /// It belongs to the redirect itself, and only the value that we set is correct.
    Redirect,
    /// Some providers need it; for others it is wrong.
    Provider,
    /// It keeps the client from starting, or from starting with this provider: it is for sessions
    /// that another program prepares.
    Start,
}

impl Reason {
    /// The reason in a few words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Credential => "another credential",
            Self::Header => "changes headers or body",
            Self::Route => "another route",
            Self::Model => "another model",
            Self::Redirect => "only the redirect may set it",
            Self::Provider => "differs between providers",
            Self::Start => "keeps the client from starting",
        }
    }
}

/// A variable and its role in a redirect.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// The variable.
    pub name: &'static str,
    /// Why a redirect removes the variable, whether inherited or set by the operator, unless the
    /// redirect sets it itself. `None` if it is not removed.
    pub removed: Option<Reason>,
    /// Whether the redirect itself sets it, with every provider or with some.
    pub set: bool,
    /// Whether it is part of a redirect that was exported in the environment, which a session with
    /// Anthropic removes.
    pub leftover: bool,
    /// Whether the client prefers a settings file's value for it.
    ///
    /// Source: the window and the timeout were measured with 2.1.197, 2.1.240 and 2.1.330 in
    /// November 2026.
    pub settings_win: bool,
}

impl Name {
    const fn set(mut self) -> Self {
        self.set = true;
        self
    }

    const fn leftover(mut self) -> Self {
        self.leftover = true;
        self
    }

    const fn settings_win(mut self) -> Self {
        self.settings_win = true;
        self
    }

    /// Whether a provider's `env` in exec.toml may set it. It may not set what the redirect sets or
    /// removes, unless that differs between providers.
    pub fn is_open(&self) -> bool {
        !self.set && matches!(self.removed, None | Some(Reason::Provider))
    }
}

const fn removed(name: &'static str, reason: Reason) -> Name {
    Name { removed: Some(reason), ..kept(name) }
}

const fn kept(name: &'static str) -> Name {
    Name { name, removed: None, set: false, leftover: false, settings_win: false }
}

/// The table. The names are removed in this order.
///
/// Source: measured with Claude Code 2.1.197 to 2.1.332 in November 2026, each variable alone
/// beside a redirect. Those without a measured effect are included as a precaution. `tests/e2e`
/// repeats the measurement.
pub const REDIRECT_NAMES: &[Name] = &[
    removed("ANTHROPIC_API_KEY", Reason::Credential),
    removed("ANTHROPIC_AUTH_TOKEN", Reason::Credential).set().leftover(),
    removed("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", Reason::Credential),
    removed("CLAUDE_CODE_OAUTH_TOKEN", Reason::Credential),
    removed("CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", Reason::Credential),
    removed("CLAUDE_CODE_OAUTH_REFRESH_TOKEN", Reason::Credential),
    removed("CLAUDE_CODE_OAUTH_SCOPES", Reason::Credential),
    removed("ANTHROPIC_PROFILE", Reason::Credential),
    removed("ANTHROPIC_CONFIG_DIR", Reason::Credential),
    removed("ANTHROPIC_IDENTITY_TOKEN", Reason::Credential),
    removed("ANTHROPIC_IDENTITY_TOKEN_FILE", Reason::Credential),
    removed("ANTHROPIC_FEDERATION_RULE_ID", Reason::Credential),
    removed("ANTHROPIC_ORGANIZATION_ID", Reason::Credential),
    removed("ANTHROPIC_WORKSPACE_ID", Reason::Credential),
    removed("ANTHROPIC_SERVICE_ACCOUNT_ID", Reason::Credential),
    removed("CLAUDE_CODE_HOST_AUTH_ENV_VAR", Reason::Credential),
    removed("CLAUDE_CODE_HOST_CREDS_FILE", Reason::Credential),
    removed("ANTHROPIC_CUSTOM_HEADERS", Reason::Header).set(),
    removed("ANTHROPIC_BETAS", Reason::Header),
    removed("CLAUDE_CODE_EXTRA_BODY", Reason::Header),
    removed("CLAUDE_CODE_EXTRA_METADATA", Reason::Header),
    removed("CLAUDE_AGENT_SDK_CLIENT_APP", Reason::Header),
    removed("CLAUDE_CODE_REMOTE_SESSION_ID", Reason::Header),
    removed("CLAUDE_CODE_CONTAINER_ID", Reason::Header),
    removed("CLAUDE_CODE_ADDITIONAL_PROTECTION", Reason::Header),
    removed("CLAUDE_CODE_ENABLE_EXPERIMENTAL_ADVISOR_TOOL", Reason::Header),
    removed("ANTHROPIC_BASE_URL", Reason::Route).set().leftover(),
    removed("CLAUDE_CODE_USE_BEDROCK", Reason::Route),
    removed("CLAUDE_CODE_USE_VERTEX", Reason::Route),
    removed("CLAUDE_CODE_USE_FOUNDRY", Reason::Route),
    removed("CLAUDE_CODE_USE_MANTLE", Reason::Route),
    removed("CLAUDE_CODE_USE_ANTHROPIC_AWS", Reason::Route),
    removed("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", Reason::Route),
    removed("CLAUDE_CODE_USE_GATEWAY", Reason::Route),
    removed("CLAUDE_CODE_GATEWAY_TOKEN", Reason::Route),
    removed("CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR", Reason::Route),
    removed("ANTHROPIC_UNIX_SOCKET", Reason::Route),
    removed("CLAUDE_CODE_API_BASE_URL", Reason::Route),
    removed("_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL", Reason::Route),
    removed("CLAUDE_CODE_DISABLE_REDIRECT_CHECK", Reason::Route),
    removed("CLAUDE_CODE_CLIENT_DATA_URL", Reason::Start),
    removed("CLAUDE_CODE_CONFIG_PROBE", Reason::Start),
    removed("CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE", Reason::Start),
    removed("CLAUDE_CODE_REMOTE_TOOLS_PIN_STORED_LOGIN", Reason::Start),
    removed("CLAUDE_CODE_USER_DELEGATED_SESSION_DIRECT_API", Reason::Start),
    removed("ANTHROPIC_MODEL", Reason::Model).set().leftover(),
    removed("ANTHROPIC_DEFAULT_MODEL", Reason::Model),
    removed("ANTHROPIC_SMALL_FAST_MODEL", Reason::Model).leftover(),
    removed("ANTHROPIC_CUSTOM_MODEL_OPTION", Reason::Model),
    removed("ANTHROPIC_CUSTOM_MODEL_OPTION_NAME", Reason::Model),
    removed("ANTHROPIC_CUSTOM_MODEL_OPTION_DESCRIPTION", Reason::Model),
    removed("CLAUDE_CODE_SUBAGENT_MODEL", Reason::Model).leftover(),
    removed("CLAUDE_CODE_SUBAGENT_MODEL_FORCE", Reason::Model),
    removed("CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL", Reason::Model),
    removed("CLAUDE_CODE_AUTO_MODE_MODEL", Reason::Model),
    removed("CLAUDE_CODE_BG_CLASSIFIER_MODEL", Reason::Model),
    removed("ANTHROPIC_DEFAULT_FABLE_MODEL", Reason::Model).set().leftover(),
    removed("ANTHROPIC_DEFAULT_OPUS_MODEL", Reason::Model).set().leftover(),
    removed("ANTHROPIC_DEFAULT_SONNET_MODEL", Reason::Model).set().leftover(),
    removed("ANTHROPIC_DEFAULT_HAIKU_MODEL", Reason::Model).set().leftover(),
    removed("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", Reason::Redirect)
        .set()
        .leftover()
        .settings_win(),
    removed("CLAUDE_CODE_MAX_CONTEXT_TOKENS", Reason::Redirect).set().leftover().settings_win(),
    removed("CLAUDE_CODE_DISABLE_1M_CONTEXT", Reason::Redirect).set().leftover().settings_win(),
    removed("ENABLE_TOOL_SEARCH", Reason::Provider).settings_win(),
    kept("API_TIMEOUT_MS").set().leftover().settings_win(),
    kept("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC").set().leftover().settings_win(),
    kept("CLAUDE_CODE_AUTO_COMPACT_WINDOW").settings_win(),
    kept("NO_PROXY").set(),
    kept("no_proxy").set(),
];

/// The row of a name.
fn name(name: &str) -> Option<&'static Name> {
    REDIRECT_NAMES.iter().find(|known| known.name == name)
}

/// The names that a redirect removes, and why.
pub fn removals() -> impl Iterator<Item = (&'static str, Reason)> {
    REDIRECT_NAMES.iter().filter_map(|name| Some((name.name, name.removed?)))
}

/// The names that a redirect removes.
pub fn removed_names() -> impl Iterator<Item = &'static str> {
    removals().map(|(name, _)| name)
}

/// The names in an exported redirect that are the same for every redirect.
pub fn leftover_names() -> impl Iterator<Item = &'static str> {
    REDIRECT_NAMES.iter().filter(|name| name.leftover).map(|name| name.name)
}

/// Whether a name is part of an exported redirect: one that every redirect sets, one for a tier, or
/// one that a preset needs.
pub fn is_leftover(word: &str) -> bool {
    matches!(name(word), Some(Name { leftover: true, .. }))
        || maps_a_tier(word.as_bytes())
        || OWN_NAMES.contains(&word)
}

/// Whether a preset sets this name to this value.
pub fn is_of_a_preset(name: &str, value: &str) -> bool {
    for preset in PRESETS {
        if preset.env.contains(&(name, value)) {
            return true;
        }
    }
    false
}

/// Whether the client prefers a settings file's value for a name to the redirect's.
pub fn settings_win(word: &str) -> bool {
    matches!(name(word), Some(Name { settings_win: true, .. }))
}

/// Why a redirect removes a name; `None` if it does not.
pub fn removal(word: &str) -> Option<Reason> {
    match name(word) {
        Some(known) => known.removed,
        None if maps_a_tier(word.as_bytes()) => Some(Reason::Model),
        None => None,
    }
}

/// Whether a name decides the endpoint, credential or model of a redirect, so that only the
/// redirect may set it.
pub fn is_redirects(word: &str) -> bool {
    !matches!(removal(word), None | Some(Reason::Redirect | Reason::Provider | Reason::Start))
}

/// Whether a provider's `env` in exec.toml may set a name.
pub fn is_open(word: &str) -> bool {
    match name(word) {
        Some(name) => name.is_open(),
        None => !word.starts_with("JACKIN_EXEC_") && !maps_a_tier(word.as_bytes()),
    }
}

/// Whether a name maps a tier to a model, or describes such a mapping: `ANTHROPIC_DEFAULT_*_MODEL`
/// with its `_NAME`, `_DESCRIPTION` and `_SUPPORTED_CAPABILITIES`, for existing and future tiers.
pub fn maps_a_tier(name: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b"ANTHROPIC_DEFAULT_") else {
        return false;
    };
    let suffixes: [&[u8]; 4] =
        [b"_MODEL", b"_MODEL_NAME", b"_MODEL_DESCRIPTION", b"_MODEL_SUPPORTED_CAPABILITIES"];
    suffixes.iter().any(|suffix| rest.ends_with(suffix))
}
