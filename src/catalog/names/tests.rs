use super::*;

#[test]
fn a_name_is_in_the_table_once() {
    for (index, row) in REDIRECT_NAMES.iter().enumerate() {
        let again = REDIRECT_NAMES.iter().skip(index + 1).any(|other| other.name == row.name);
        assert!(!again, "{}", row.name);
        let does_something = row.removed.is_some() || row.set || row.leftover || row.settings_win;
        assert!(does_something, "{} has no column", row.name);
    }
}

#[test]
fn a_redirect_removes_what_would_lead_elsewhere_and_says_why() {
    for (name, reason) in [
        ("ANTHROPIC_API_KEY", Some(Reason::Credential)),
        ("ANTHROPIC_CUSTOM_HEADERS", Some(Reason::Header)),
        ("ANTHROPIC_BASE_URL", Some(Reason::Route)),
        ("CLAUDE_CODE_USE_BEDROCK", Some(Reason::Route)),
        ("ANTHROPIC_MODEL", Some(Reason::Model)),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL", Some(Reason::Model)),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", Some(Reason::Redirect)),
        ("ENABLE_TOOL_SEARCH", Some(Reason::Provider)),
        ("CLAUDE_CODE_CONFIG_PROBE", Some(Reason::Start)),
        ("API_TIMEOUT_MS", None),
        ("PATH", None),
    ] {
        assert_eq!(removal(name), reason, "{name}");
        let listed = removed_names().any(|removed| removed == name);
        assert_eq!(listed, reason.is_some() && !name.contains("SAGA"), "{name}");
    }
    let texts = [
        Reason::Credential,
        Reason::Header,
        Reason::Route,
        Reason::Model,
        Reason::Redirect,
        Reason::Provider,
        Reason::Start,
    ];
    assert_eq!(
        texts.map(Reason::text),
        [
            "another credential",
            "changes headers or body",
            "another route",
            "another model",
            "only the redirect may set it",
            "differs between providers",
            "keeps the client from starting",
        ]
    );
}

#[test]
fn what_decides_endpoint_credential_or_model_is_nobody_elses() {
    for (name, is) in [
        ("ANTHROPIC_AUTH_TOKEN", true),
        ("ANTHROPIC_CUSTOM_HEADERS", true),
        ("ANTHROPIC_BASE_URL", true),
        ("ANTHROPIC_MODEL", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL_NAME", true),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", false),
        ("ENABLE_TOOL_SEARCH", false),
        ("API_TIMEOUT_MS", false),
        ("X", false),
    ] {
        assert_eq!(is_redirects(name), is, "{name}");
    }
}

#[test]
fn a_providers_env_may_say_what_is_a_matter_of_the_provider() {
    for (name, open) in [
        ("X", true),
        ("ENABLE_TOOL_SEARCH", true),
        ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", true),
        ("API_TIMEOUT_MS", false),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", false),
        ("NO_PROXY", false),
        ("no_proxy", false),
        ("ANTHROPIC_API_KEY", false),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", false),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL", false),
        ("ANTHROPIC_DEFAULT_HEADERS", true),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", false),
        ("JACKIN_EXEC_NAMES", false),
        ("JACKIN_X", true),
    ] {
        assert_eq!(is_open(name), open, "{name}");
    }
}

#[test]
fn a_leftover_is_what_a_redirect_sets_in_every_session() {
    for (name, is) in [
        ("ANTHROPIC_BASE_URL", true),
        ("ANTHROPIC_AUTH_TOKEN", true),
        ("API_TIMEOUT_MS", true),
        ("CLAUDE_CODE_SUBAGENT_MODEL", true),
        ("ENABLE_TOOL_SEARCH", true),
        ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL", true),
        ("ANTHROPIC_API_KEY", false),
        ("CLAUDE_CODE_USE_BEDROCK", false),
        ("NO_PROXY", false),
        ("X", false),
    ] {
        assert_eq!(is_leftover(name), is, "{name}");
    }
    let always: Vec<&str> = leftover_names().collect();
    assert!(always.contains(&"API_TIMEOUT_MS") && !always.contains(&"ANTHROPIC_API_KEY"));
    assert!(always.iter().all(|name| is_leftover(name)));
}

#[test]
fn a_settings_file_wins_some_names() {
    for (name, wins) in [
        ("API_TIMEOUT_MS", true),
        ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", true),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", true),
        ("ENABLE_TOOL_SEARCH", true),
        ("ANTHROPIC_BASE_URL", false),
        ("X", false),
    ] {
        assert_eq!(settings_win(name), wins, "{name}");
    }
}

#[test]
fn tiers_that_come_are_recognised_and_their_neighbours_are_not() {
    for (name, maps) in [
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL_NAME", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL_DESCRIPTION", true),
        ("ANTHROPIC_DEFAULT_SAGA_MODEL_SUPPORTED_CAPABILITIES", true),
        ("ANTHROPIC_DEFAULT_HEADERS", false),
        ("ANTHROPIC_DEFAULT_MODELS", false),
        ("X_ANTHROPIC_DEFAULT_OPUS_MODEL", false),
    ] {
        assert_eq!(maps_a_tier(name.as_bytes()), maps, "{name}");
    }
}

#[test]
fn a_value_is_a_presets_with_its_name_alone() {
    for (name, value, is) in [
        ("ENABLE_TOOL_SEARCH", "false", true),
        ("ENABLE_TOOL_SEARCH", "true", false),
        ("X", "false", false),
    ] {
        assert_eq!(is_of_a_preset(name, value), is, "{name}={value}");
    }
}
