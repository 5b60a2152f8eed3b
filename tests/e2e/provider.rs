//! The providers that rows send to, and what may be said to them.
//!
//! Written down here a second time, independently of the program's own catalogue: a test that
//! asked the program what is right would agree with whatever it says.

/// Stands in everything that must never reach a provider, nor a child.
pub(crate) const PLANTED: &str = "PLANTED";

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) id: &'static str,
    /// What jackin-exec is told to get there.
    pub(crate) chosen_as: &'static str,
    pub(crate) key_env: &'static str,
    pub(crate) key: &'static str,
    pub(crate) auth: Auth,
    pub(crate) base_url: &'static str,
    /// Where `base_url` leads: the host, and the path of its Messages API.
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
    /// What a hand-written set of variables maps opus, sonnet and haiku to.
    pub(crate) tiers: [&'static str; 3],
    /// The model ids that it serves, as they stand in a request; a `*` ends a prefix.
    pub(crate) serves: &'static [&'static str],
    /// The window of the default model, in tokens.
    pub(crate) window: u64,
}

/// The headers that the key is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    Bearer,
    ApiKey,
    Both,
}

pub(crate) static KIMI: Provider = Provider {
    id: "kimi",
    chosen_as: "kimi",
    key_env: "KIMI_CODE_API_KEY",
    key: "sk-kimi-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://api.kimi.com/coding",
    host: "api.kimi.com",
    path: "/coding/v1/messages",
    tiers: ["kimi-for-coding"; 3],
    serves: &["kimi-for-coding"],
    window: 262_144,
};

pub(crate) static ZAI: Provider = Provider {
    id: "zai",
    chosen_as: "zai",
    key_env: "ZAI_API_KEY",
    key: "zai-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://api.z.ai/api/anthropic",
    host: "api.z.ai",
    path: "/api/anthropic/v1/messages",
    tiers: ["glm-5.3[1m]", "glm-5.3[1m]", "glm-5.3-flash[1m]"],
    serves: &["glm-5.3", "glm-5.3-flash"],
    window: 1_000_000,
};

pub(crate) static MINIMAX: Provider = Provider {
    id: "minimax",
    chosen_as: "minimax",
    key_env: "MINIMAX_API_KEY",
    key: "sk-cp-minimax-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://api.minimax.io/anthropic",
    host: "api.minimax.io",
    path: "/anthropic/v1/messages",
    tiers: ["MiniMax-M3[1m]"; 3],
    serves: &["MiniMax-M3"],
    window: 1_000_000,
};

pub(crate) static ANTHROPIC: Provider = Provider {
    id: "anthropic",
    chosen_as: "anthropic",
    key_env: "ANTHROPIC_API_KEY",
    key: "sk-ant-api03-key-of-the-tests",
    auth: Auth::ApiKey,
    base_url: "https://api.anthropic.com",
    host: "api.anthropic.com",
    path: "/v1/messages",
    tiers: ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5"],
    serves: &["claude-*"],
    window: 1_000_000,
};

/// A provider of the user's own, on loopback, which no proxy may see.
pub(crate) static LOCAL: Provider = Provider {
    id: "local",
    chosen_as: "local",
    key_env: "LOCAL_API_KEY",
    key: "local-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "http://127.0.0.1:4000",
    host: "127.0.0.1",
    path: "/v1/messages",
    tiers: ["local-model"; 3],
    serves: &["local-model"],
    window: 200_000,
};

/// A provider of the user's own that looks for the key where Anthropic does.
pub(crate) static OWN: Provider = Provider {
    id: "own",
    chosen_as: "own",
    key_env: "OWN_API_KEY",
    key: "own-key-of-the-tests",
    auth: Auth::Both,
    base_url: "https://own.example/anthropic",
    host: "own.example",
    path: "/anthropic/v1/messages",
    tiers: ["own-model"; 3],
    serves: &["own-model"],
    window: 200_000,
};

/// An employer's gateway to Claude, which a shell profile sets up: for us that is Anthropic.
pub(crate) static GATEWAY: Provider = Provider {
    id: "gateway",
    chosen_as: "anthropic",
    key_env: "ANTHROPIC_AUTH_TOKEN",
    key: "gateway-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://gateway.example/claude",
    host: "gateway.example",
    path: "/claude/v1/messages",
    tiers: ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5"],
    serves: &["claude-*"],
    window: 1_000_000,
};

pub(crate) static ALL: [&Provider; 7] = [&KIMI, &ZAI, &MINIMAX, &ANTHROPIC, &LOCAL, &OWN, &GATEWAY];

impl Provider {
    /// The headers that carry its key, and nothing else may.
    pub(crate) fn credentials(&self) -> Vec<(&'static str, String)> {
        let bearer = ("authorization", format!("Bearer {}", self.key));
        let api_key = ("x-api-key", self.key.to_owned());
        match self.auth {
            Auth::Bearer => vec![bearer],
            Auth::ApiKey => vec![api_key],
            Auth::Both => vec![bearer, api_key],
        }
    }

    pub(crate) fn serves(&self, model: &str) -> bool {
        self.serves.iter().any(|id| match id.strip_suffix('*') {
            Some(prefix) => model.starts_with(prefix),
            None => *id == model,
        })
    }

    /// The seven variables that people set by hand.
    pub(crate) fn by_hand(&self) -> Vec<(&'static str, &'static str)> {
        if self.auth == Auth::ApiKey {
            return vec![(self.key_env, self.key)];
        }
        let [opus, sonnet, haiku] = self.tiers;
        vec![
            ("ANTHROPIC_AUTH_TOKEN", self.key),
            ("ANTHROPIC_BASE_URL", self.base_url),
            ("ANTHROPIC_DEFAULT_OPUS_MODEL", opus),
            ("ANTHROPIC_DEFAULT_SONNET_MODEL", sonnet),
            ("ANTHROPIC_DEFAULT_HAIKU_MODEL", haiku),
            ("API_TIMEOUT_MS", "3000000"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ]
    }
}
