//! The presets, and the names that a redirect removes: tables, each row with its source and the day
//! it was checked.

/// What is known about a provider without any configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The word for `--provider`.
    pub id: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// The base URL without a trailing slash; the client appends `/v1/messages`. None: no
    /// redirect.
    pub base_url: Option<&'static str>,
    /// The variable that holds the key.
    pub key_env: &'static str,
    /// Model ids by tier.
    pub models: Models<&'static str>,
    /// The context window of these models, in tokens.
    pub window: u32,
    /// Windows of other models of this provider that `--model` may name, in tokens.
    pub windows: &'static [(&'static str, u32)],
    /// What this provider needs beside the redirect itself.
    pub env: &'static [(&'static str, &'static str)],
    /// How its keys begin, and what it means if one does not.
    pub key_shape: Option<KeyShape>,
    /// Where these facts come from.
    pub source: &'static str,
    /// The day on which they were read there, `YYYY-MM-DD`.
    pub checked: &'static str,
}

/// One model id for each tier that the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Models<T> {
    /// The tier above opus.
    pub fable: T,
    /// The default tier.
    pub opus: T,
    /// The middle tier.
    pub sonnet: T,
    /// Background calls.
    pub haiku: T,
}

impl<T: Copy> Models<T> {
    /// The same model for every tier.
    pub const fn all(model: T) -> Self {
        Self { fable: model, opus: model, sonnet: model, haiku: model }
    }
}

impl<T> Models<T> {
    /// The models with the names of their tiers, highest first.
    pub fn tiers(&self) -> [(&'static str, &T); 4] {
        [
            ("fable", &self.fable),
            ("opus", &self.opus),
            ("sonnet", &self.sonnet),
            ("haiku", &self.haiku),
        ]
    }
}

/// How a provider's keys begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShape {
    /// The first characters of every key.
    pub prefix: &'static str,
    /// What a key that begins otherwise usually is.
    pub otherwise: &'static str,
}

/// A window from which on the client wants `[1m]` on the model id, in tokens.
pub const MILLION: u32 = 1_000_000;

/// The window that is assumed for a model that nobody knows, in tokens.
pub const UNKNOWN_WINDOW: u32 = 200_000;

/// How long the client waits for an answer, in milliseconds: long turns of these models outlast its
/// default.
pub const TIMEOUT_MS: u32 = 3_000_000;

/// The id of the provider that needs no redirect.
pub const ANTHROPIC: &str = "anthropic";

/// The presets in the order of the question: the first four as jackin lists them, then by label.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: ANTHROPIC,
        label: "Anthropic",
        base_url: None,
        key_env: "ANTHROPIC_API_KEY",
        models: Models::all(""),
        window: MILLION,
        windows: &[],
        env: &[],
        key_shape: None,
        source: "the client's own endpoint and login",
        checked: "2026-11-24",
    },
    Preset {
        id: "zai",
        label: "Z.AI",
        base_url: Some("https://api.z.ai/api/anthropic"),
        key_env: "ZAI_API_KEY",
        models: Models {
            fable: "glm-5.3[1m]",
            opus: "glm-5.3[1m]",
            sonnet: "glm-5.3[1m]",
            haiku: "glm-5.3-flash[1m]",
        },
        window: MILLION,
        windows: &[],
        env: &[],
        key_shape: None,
        source: "docs.z.ai/devpack/tool/claude, the block for settings by hand",
        checked: "2026-11-01",
    },
    Preset {
        id: "minimax",
        label: "MiniMax",
        base_url: Some("https://api.minimax.io/anthropic"),
        key_env: "MINIMAX_API_KEY",
        models: Models::all("MiniMax-M3[1m]"),
        window: MILLION,
        windows: &[],
        env: &[],
        key_shape: Some(MINIMAX_KEY),
        source: "platform.minimax.io/docs, token plan with Claude Code (its M3.1 preview is for another plan)",
        checked: "2026-11-01",
    },
    Preset {
        id: "kimi",
        label: "Kimi",
        base_url: Some("https://api.kimi.com/coding"),
        key_env: "KIMI_CODE_API_KEY",
        models: Models::all("kimi-for-coding"),
        window: 262_144,
        windows: &[
            ("kimi-for-coding", 262_144),
            ("kimi-for-coding-highspeed", 262_144),
            ("k3-256k", 262_144),
        ],
        // The endpoint answers 400 to a tool reference (the vendor's page says to turn the search
        // off).
        env: &[("ENABLE_TOOL_SEARCH", "false")],
        key_shape: Some(KeyShape {
            prefix: "sk-ki",
            otherwise: "a key of the Moonshot platform is not a key of a Kimi membership",
        }),
        source: "kimi.com/code/docs/en/third-party-tools/claude-code.html; the token as jackin sends it",
        checked: "2026-11-01",
    },
    Preset {
        id: "bigmodel",
        label: "BigModel",
        base_url: Some("https://open.bigmodel.cn/api/anthropic"),
        key_env: "ZAI_CN_API_KEY",
        models: Models {
            fable: "glm-5.3[1m]",
            opus: "glm-5.3[1m]",
            sonnet: "glm-5.3[1m]",
            haiku: "glm-5.3-flash[1m]",
        },
        window: MILLION,
        windows: &[],
        env: &[],
        key_shape: None,
        source: "docs.bigmodel.cn/cn/coding-plan/tool/claude",
        checked: "2026-11-01",
    },
    Preset {
        id: "deepseek",
        label: "DeepSeek",
        base_url: Some("https://api.deepseek.com/anthropic"),
        key_env: "DEEPSEEK_API_KEY",
        models: Models {
            fable: "deepseek-flash[1m]",
            opus: "deepseek-flash[1m]",
            sonnet: "deepseek-flash[1m]",
            haiku: "deepseek-flash",
        },
        window: MILLION,
        windows: &[],
        env: &[("CLAUDE_CODE_AUTO_COMPACT_WINDOW", "786432")],
        key_shape: None,
        source: "api-docs.deepseek.com, agent integrations, Claude Code",
        checked: "2026-11-01",
    },
    Preset {
        id: "minimax-cn",
        label: "MiniMax China",
        base_url: Some("https://api.minimaxi.com/anthropic"),
        key_env: "MINIMAX_CN_API_KEY",
        models: Models::all("MiniMax-M3[1m]"),
        window: MILLION,
        windows: &[],
        env: &[],
        key_shape: Some(MINIMAX_KEY),
        source: "platform.minimaxi.com/docs, token plan with Claude Code",
        checked: "2026-11-01",
    },
    Preset {
        id: "moonshot",
        label: "Moonshot",
        base_url: Some("https://api.moonshot.ai/anthropic"),
        key_env: "MOONSHOT_API_KEY",
        models: Models::all("kimi-k3[1m]"),
        window: MILLION,
        windows: &[],
        env: &[("ENABLE_TOOL_SEARCH", "false")],
        key_shape: None,
        source: "platform.kimi.ai/docs/guide/claude-code-kimi",
        checked: "2026-11-01",
    },
    Preset {
        id: "moonshot-cn",
        label: "Moonshot China",
        base_url: Some("https://api.moonshot.cn/anthropic"),
        key_env: "MOONSHOT_CN_API_KEY",
        models: Models::all("kimi-k3[1m]"),
        window: MILLION,
        windows: &[],
        env: &[("ENABLE_TOOL_SEARCH", "false")],
        key_shape: None,
        source: "platform.kimi.ai/docs/guide/claude-code-kimi, with the host for China",
        checked: "2026-11-01",
    },
];

const MINIMAX_KEY: KeyShape = KeyShape {
    prefix: "sk-cp-",
    otherwise: "a key of the pay-as-you-go platform is not a key of a token plan",
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_key_names_are_unique_and_urls_end_without_a_slash() {
        for (index, preset) in PRESETS.iter().enumerate() {
            for other in PRESETS.iter().skip(index + 1) {
                assert_ne!(preset.id, other.id);
                assert_ne!(preset.key_env, other.key_env, "a key must never fit two hosts");
                assert_ne!(preset.base_url, other.base_url);
            }
            assert!(
                preset
                    .base_url
                    .is_none_or(|url| url.starts_with("https://") && !url.ends_with('/'))
            );
        }
    }

    #[test]
    fn the_presets_after_the_first_four_are_sorted_by_label() {
        let labels: Vec<&str> = PRESETS.iter().map(|preset| preset.label).collect();
        assert_eq!(labels.get(..4), Some(["Anthropic", "Z.AI", "MiniMax", "Kimi"].as_slice()));
        assert!(labels.iter().skip(4).is_sorted());
    }

    #[test]
    fn a_window_of_a_million_and_the_suffix_on_the_default_tier_go_together() {
        for preset in PRESETS.iter().filter(|preset| preset.base_url.is_some()) {
            assert_eq!(
                preset.window >= MILLION,
                preset.models.opus.ends_with("[1m]"),
                "{}",
                preset.id
            );
        }
    }

    #[test]
    fn tiers_of_the_future_are_recognised_and_their_neighbours_are_not() {
        assert!(maps_a_tier(b"ANTHROPIC_DEFAULT_SAGA_MODEL"));
        assert!(maps_a_tier(b"ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES"));
        assert!(!maps_a_tier(b"ANTHROPIC_DEFAULT_HEADERS"));
    }
}
