//! Which keys of managed settings decide what a redirect would decide.

use serde_json::Map;
use serde_json::Value;

use crate::catalog;

/// What a key of the client's settings means for a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It decides endpoint, credential, login or route, which a redirect would override.
    Route,
    /// It decides which models may be requested; whether it conflicts depends on the redirect's
    /// models.
    Models,
    /// Variables: each is judged by its name.
    Variables,
    /// It decides none of these.
    Other,
    /// The client from which this table was made does not have it.
    Unknown,
}

/// The keys that decide the route.
///
/// Source: the settings schema in the program of Claude Code 2.1.332, which holds all keys of
/// 2.1.197, 2.1.240, 2.1.257 and 2.1.330; read 2026-11-26. `enforceAnthropicSignIn` is not in the
/// schema, but the program reads it.
const ROUTE: &[&str] = &[
    "allowedProviders",
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "enforceAnthropicSignIn",
    "forceLoginGatewayUrl",
    "forceLoginMethod",
    "forceLoginOrgUUID",
    // It requires settings from the employer's server, which only a login provides.
    "forceRemoteSettingsRefresh",
    "gatewayInternalNetworks",
    "gcpAuthRefresh",
    // These compute more managed settings, which are unknown until they run.
    "policyHelper",
    "policyHelpers",
];

/// The keys that name models.
const MODELS: &[&str] = &[
    "advisorModel",
    "availableModels",
    "deniedModels",
    "fallbackModel",
    "model",
    "modelOverrides",
];

/// All other keys of the same schema.
///
/// Some sound relevant and are not: `enforceAvailableModels` and `availableModelsMatch` say how
/// strictly `availableModels` applies, and do nothing without it; `modelPicker`, `modelPricing`,
/// `modelSettings` and `modelCatalogUrl` change how models are listed, priced and described;
/// `proxyAuthHelper` logs in to a proxy; `downloadsMirrorUrl` is for updates;
/// `allowNestedModelAccessUnderForceLogin` does nothing without a forced login.
const OTHER: &str = "
    $schema additionalDirectoryConfigRoots additionalMarketplaces agent agentPushNotifEnabled
    allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp allowedChannelPlugins
    allowedHttpHookUrls allowedMarketplaces allowedMcpServers allowManagedHooksOnly
    allowManagedMcpServersOnly allowManagedPermissionRulesOnly
    allowNestedModelAccessUnderForceLogin alwaysThinkingEnabled appendPlugins
    askUserQuestionTimeout attribution attributionProject attributionProjectPolicy
    autoCompactEnabled autoCompactOfferAnswer autoCompactRaisedForLoad autoCompactWindow
    autoContinueAtUsageLimit autoDreamEnabled autoMemoryDirectory autoMemoryEnabled autoMode
    autoScrollEnabled autoUpdatesChannel autoUploadSessions availableModelsMatch
    awaySummaryEnabled axScreenReader bashEditDiffEnabled bashOutputMaxChars
    blockedMarketplaces breakReminder channelsEnabled claudeMd claudeMdExcludes
    clawdFileProgressEnabled cleanupPeriodDays companyAnnouncements crossSessionInbound
    daemonColdStart defaultShell defaultView deniedMcpServers desktopMcpServersListScope
    desktopSessionCleanupPeriodDays dialogExpiry disableAgentView disableAllHooks
    disableArtifact disableAutoMode disableBundledSkills disableClaudeAiConnectors
    disableCommandPluginSources disableDeepLinkRegistration disableDirectMcpSkills
    disabledMcpjsonServers disableRemoteControl disableReplyCheck disableSideloadFlags
    disableSkillShellExecution disableWindowsBashCommandSplit disableWorkflows doneMeansMerged
    downloadsMirrorUrl editorMode effortLevel emojiCompletionEnabled enableAllProjectMcpServers
    enableArtifact enabledMcpjsonServers enabledPlugins enableWorkflows enforceAvailableModels
    extraKnownMarketplaces fastMode fastModePerSessionOptIn feedbackDrafts feedbackSurveyRate
    fileCheckpointingEnabled fileSuggestion footerLinksRegexes hooks httpHookAllowedEnvVars
    idleCompaction includeCoAuthoredBy includeGitInstructions inputNeededNotifEnabled
    isolatePeerMachines keybindingFlavor language managedMcpServers managedSourcesBehavior
    maxEffortLevel maxProseWidth minimumVersion modelCatalogPublicKey modelCatalogUrl
    modelPicker modelPricing modelProposedGoals modelSettings otelHeadersHelper outputStyle
    parentSettingsBehavior permissions plansDirectory pluginConfigs
    pluginSuggestionMarketplaces pluginTrustMessage precomputeArmTokens
    precomputeCompactionEnabled preferredNotifChannel prefersReducedMotion prependPlugins
    processWrapper promptCacheTtl promptSuggestionEnabled proxyAuthHelper prUrlTemplate
    quietHours remote remoteControl remoteControlAtStartup remoteMessageReceipts remoteTools
    requiredMaximumVersion requiredMinimumVersion respectGitignore respondToBashCommands
    responseComparisonEnabled sandbox showClearContextOnPlanAccept showMessageTimestamps
    showThinkingSummaries showTurnDuration skillListingBudgetFraction skillListingMaxDescChars
    skillOverrides skipAutoPermissionPrompt skipDangerousModePermissionPrompt
    skipWebFetchPreflight skipWorkflowUsageWarning spellcheck spinnerTipsEnabled
    spinnerTipsOverride spinnerVerbs sshConfigs sshHostCommands statusLine
    strictKnownMarketplaces strictPluginOnlyCustomization subagentPromptCacheTtl
    subagentStatusLine switchModelsOnFlag syncClaudeAiPlugins syncClaudeAiSkills
    syntaxHighlightingDisabled taskOutputMaxChars teammateMode terminalProgressBarEnabled
    terminalTitleFromRename theme timeFormat timeZone todoFeatureEnabled totalTokensReminder
    totalTokensReminderAfterUserTurn totalTokensReminderBudget tui ultracode
    useAutoModeDuringPlan verbose viewMode vimInsertModeRemaps voice voiceEnabled
    wheelScrollAccelerationEnabled workflowKeywordTriggerEnabled workflowSizeGuideline worktree
    wslInheritsWindowsSettings xaaIdp
";

/// Parts of names that suggest that a key decides the route or the model.
const SUSPICIOUS: &[&str] = &[
    "auth",
    "credential",
    "endpoint",
    "gateway",
    "login",
    "model",
    "policy",
    "provider",
    "token",
    "url",
];

/// Variables that decide even if they are empty: settings can empty a variable but not unset it,
/// and without a base URL or a token the client asks Anthropic with the user's login.
const EVEN_IF_EMPTY: &[&str] = &["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"];

/// The variable in which an administrator lists keys, separated by commas, that this program does
/// not know and that do not affect the route.
pub(super) const HARMLESS: &str = "JACKIN_EXEC_HARMLESS_KEYS";

/// What in a document decides the route.
#[derive(Debug, PartialEq, Eq)]
pub enum Decides {
    /// A known key, as a path: `env.ANTHROPIC_BASE_URL`.
    Known(String),
    /// A key that is not in the table but sounds as if it decides the route.
    Unknown(String),
}

/// The meaning of a top-level key.
pub fn meaning(key: &str) -> Meaning {
    if ROUTE.contains(&key) {
        Meaning::Route
    } else if MODELS.contains(&key) {
        Meaning::Models
    } else if key == "env" {
        Meaning::Variables
    } else if OTHER.split_ascii_whitespace().any(|other| other == key) {
        Meaning::Other
    } else {
        Meaning::Unknown
    }
}

/// The first key that decides the route.
pub fn decides(settings: &Value) -> Option<Decides> {
    let settings = settings.as_object()?;
    for (key, value) in settings {
        match meaning(key) {
            Meaning::Route if is_set(value) => return Some(Decides::Known(key.clone())),
            Meaning::Variables => {
                if let Some(name) = variable(value) {
                    return Some(Decides::Known(format!("env.{name}")));
                }
            }
            Meaning::Unknown if !value.is_null() && is_suspicious(key, value) => {
                if !is_harmless(settings, key) {
                    return Some(Decides::Unknown(key.clone()));
                }
            }
            Meaning::Route | Meaning::Models | Meaning::Other | Meaning::Unknown => {}
        }
    }
    None
}

/// Whether a value has an effect. An empty list does: it allows nothing.
fn is_set(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != ""
}

/// The first variable that decides the route.
fn variable(variables: &Value) -> Option<&str> {
    for (name, value) in variables.as_object()? {
        let empty = matches!(value, Value::Null) || value == "";
        if catalog::is_redirects(name) && (!empty || EVEN_IF_EMPTY.contains(&name.as_str())) {
            return Some(name);
        }
    }
    None
}

/// Whether a key, or one below it, sounds as if it decides the route or the model.
fn is_suspicious(key: &str, value: &Value) -> bool {
    let key = key.to_ascii_lowercase();
    if SUSPICIOUS.iter().any(|part| key.contains(part)) {
        return true;
    }
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| is_suspicious(key, value)),
        Value::Array(items) => items.iter().any(|item| is_suspicious("", item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether the administrator lists a key as harmless.
fn is_harmless(settings: &Map<String, Value>, key: &str) -> bool {
    let Some(Value::Object(variables)) = settings.get("env") else {
        return false;
    };
    let Some(Value::String(list)) = variables.get(HARMLESS) else {
        return false;
    };
    list.split(',').any(|one| one.trim_ascii() == key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_that_leave_the_route_alone_do_not_decide() {
        for settings in [
            json!({}),
            json!([]),
            json!("model"),
            json!({ "permissions": { "deny": ["Read(.env)"] }, "env": { "FOO": "1" } }),
            json!({ "env": { "HTTPS_PROXY": "http://proxy", "API_TIMEOUT_MS": "1000" } }),
            json!({ "env": { "ANTHROPIC_API_KEY": "", "ANTHROPIC_BASE_URL_OTHER": "x" } }),
            json!({ "env": null, "apiKeyHelper": "", "forceLoginMethod": null }),
            json!({ "forceRemoteSettingsRefresh": false, "enforceAnthropicSignIn": false }),
            json!({ "enforceAvailableModels": true, "modelCatalogUrl": "https://catalog" }),
            json!({ "somethingNew": { "colour": ["red", 1] }, "newerUrl": null }),
            json!({ "newUrl": "x", "env": { "JACKIN_EXEC_HARMLESS_KEYS": "other, newUrl" } }),
            // Keys that name models are judged elsewhere.
            json!({ "model": "claude-opus-5", "availableModels": [] }),
        ] {
            assert_eq!(decides(&settings), None, "{settings}");
        }
    }

    #[test]
    fn a_setting_that_decides_the_route_is_named() {
        for (settings, key) in [
            (
                json!({ "env": { "FOO": "1", "ANTHROPIC_BASE_URL": "https://gateway" } }),
                "env.ANTHROPIC_BASE_URL",
            ),
            (json!({ "env": { "ANTHROPIC_BASE_URL": "" } }), "env.ANTHROPIC_BASE_URL"),
            (json!({ "env": { "ANTHROPIC_AUTH_TOKEN": null } }), "env.ANTHROPIC_AUTH_TOKEN"),
            (json!({ "env": { "CLAUDE_CODE_USE_BEDROCK": 1 } }), "env.CLAUDE_CODE_USE_BEDROCK"),
            (
                json!({ "env": { "ANTHROPIC_DEFAULT_OPUS_MODEL": "x" } }),
                "env.ANTHROPIC_DEFAULT_OPUS_MODEL",
            ),
            (json!({ "apiKeyHelper": "/bin/helper" }), "apiKeyHelper"),
            (json!({ "forceLoginMethod": "claudeai" }), "forceLoginMethod"),
            (json!({ "forceLoginGatewayUrl": "https://gateway" }), "forceLoginGatewayUrl"),
            (json!({ "forceLoginOrgUUID": [] }), "forceLoginOrgUUID"),
            (json!({ "allowedProviders": [] }), "allowedProviders"),
            (json!({ "policyHelper": { "path": "/opt/helper" } }), "policyHelper"),
            (json!({ "policyHelpers": { "default": {} } }), "policyHelpers"),
            (json!({ "enforceAnthropicSignIn": true }), "enforceAnthropicSignIn"),
        ] {
            assert_eq!(decides(&settings), Some(Decides::Known(key.to_owned())), "{settings}");
        }
    }

    #[test]
    fn an_unknown_key_that_sounds_like_deciding_decides() {
        for (settings, key) in [
            (json!({ "forceSignInUrl": "https://x" }), "forceSignInUrl"),
            (json!({ "newLOGINrule": false }), "newLOGINrule"),
            (json!({ "inference": { "baseUrl": "https://x" } }), "inference"),
            (json!({ "rules": [{ "if": { "authMode": 1 } }] }), "rules"),
            (json!({ "newUrl": "x", "env": { "JACKIN_EXEC_HARMLESS_KEYS": "newUrl2" } }), "newUrl"),
        ] {
            assert_eq!(decides(&settings), Some(Decides::Unknown(key.to_owned())), "{settings}");
        }
    }

    #[test]
    fn a_key_that_decides_is_not_made_harmless() {
        let settings = json!({
            "forceLoginMethod": "claudeai",
            "env": { "JACKIN_EXEC_HARMLESS_KEYS": "forceLoginMethod" },
        });
        assert_eq!(decides(&settings), Some(Decides::Known("forceLoginMethod".to_owned())));
    }

    #[test]
    fn no_key_is_in_two_lists() {
        for key in ROUTE {
            assert_eq!(meaning(key), Meaning::Route);
            assert!(!MODELS.contains(key) && !OTHER.contains(&format!(" {key} ")), "{key}");
        }
        for key in MODELS {
            assert_eq!(meaning(key), Meaning::Models);
            assert!(!OTHER.split_ascii_whitespace().any(|other| other == *key), "{key}");
        }
        assert_eq!(meaning("env"), Meaning::Variables);
        assert_eq!(meaning("permissions"), Meaning::Other);
        assert_eq!(meaning("permission"), Meaning::Unknown);
    }
}
