//! Managed settings of Claude Code: what an employer or an administrator decides for every session
//! on this machine.
//!
//! A redirect tells the client to leave routing to its host, and the client then obeys the host
//! even where managed settings say otherwise (measured with 2.1.330). So it is for us to respect
//! them: where they decide endpoint, credential, model or login, a redirect is not started.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::catalog;
use crate::error::Error;
use crate::error::Warning;
use crate::files::load;

/// The folder that the client reads on this system; its documentation calls the files
/// `managed-settings.json` and `managed-settings.d/*.json`.
pub const FOLDER: &str = if cfg!(target_os = "macos") {
    "/Library/Application Support/ClaudeCode"
} else {
    "/etc/claude-code"
};

/// Settings that decide endpoint, credential, model or login by themselves.
///
/// Source: the client's settings reference, read 2026-08-22; `model` and `forceLoginMethod`
/// measured with 2.1.330.
const DECIDING: &[&str] = &[
    "apiKeyHelper",
    "availableModels",
    "awsAuthRefresh",
    "awsCredentialExport",
    "fallbackModel",
    "forceLoginMethod",
    "forceLoginOrgUUID",
    "gcpAuthRefresh",
    "model",
    "modelOverrides",
];

/// Judges all managed settings. Where there are none this costs one failed open.
///
/// # Errors
///
/// [`Error::Managed`] for the first setting that a redirect would override.
pub fn judge(folder: &Path, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    for path in files(folder) {
        let bytes = match load::plain_file(&path) {
            Ok(Some(bytes)) => bytes,
            // What we may not read, the client may not read either.
            Ok(None) | Err(Error::Unreadable { .. }) => continue,
            // But what we will not read, it may obey.
            Err(error) => return Err(error),
        };
        // The client passes over a byte order mark.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match serde_json::from_slice::<Value>(text) {
            Ok(settings) => {
                if let Some(key) = deciding(&settings) {
                    return Err(Error::Managed { path, key });
                }
            }
            Err(_) => warnings.push(Warning::ManagedBroken { path }),
        }
    }
    Ok(())
}

/// The files of managed settings that may exist, in the order in which the client merges them.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    // By their names: a folder may let them be read and not be listed.
    let mut files = vec![folder.join("managed-settings.json")];
    let dropped = folder.join("managed-settings.d");
    let paths = load::list(&dropped).unwrap_or_default().into_iter().map(|name| dropped.join(name));
    files
        .extend(paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")));
    files
}

/// The first key that decides something that is the redirect's, as a path:
/// `env.ANTHROPIC_BASE_URL`.
pub fn deciding(settings: &Value) -> Option<String> {
    let decides = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let set = |key: &&&str| settings.get(**key).is_some_and(decides);
    if let Some(key) = DECIDING.iter().find(set) {
        return Some((*key).to_owned());
    }
    let environment = settings.get("env")?.as_object()?;
    let name =
        environment.iter().find(|(name, value)| catalog::is_redirects(name) && decides(value))?.0;
    Some(format!("env.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_leave_the_route_alone_pass() {
        for text in [
            "{}",
            "[]",
            r#"{"permissions":{"deny":["Read(.env)"]},"env":{"FOO":"1","HTTPS_PROXY":"http://proxy"}}"#,
            r#"{"env":{"ANTHROPIC_BASE_URL":""},"availableModels":[],"model":null}"#,
            r#"{"env":{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC":"1","API_TIMEOUT_MS":"1000"}}"#,
        ] {
            assert_eq!(deciding(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }

    #[test]
    fn a_setting_that_decides_the_route_is_named() {
        for (text, key) in [
            (
                r#"{"env":{"FOO":"1","ANTHROPIC_BASE_URL":"https://gateway"}}"#,
                "env.ANTHROPIC_BASE_URL",
            ),
            (r#"{"env":{"CLAUDE_CODE_USE_BEDROCK":"1"}}"#, "env.CLAUDE_CODE_USE_BEDROCK"),
            (r#"{"env":{"ANTHROPIC_DEFAULT_OPUS_MODEL":"x"}}"#, "env.ANTHROPIC_DEFAULT_OPUS_MODEL"),
            (r#"{"apiKeyHelper":"/bin/helper"}"#, "apiKeyHelper"),
            (r#"{"forceLoginMethod":"claudeai"}"#, "forceLoginMethod"),
            (r#"{"model":"claude-opus-5"}"#, "model"),
            (r#"{"availableModels":["opus"]}"#, "availableModels"),
        ] {
            assert_eq!(
                deciding(&serde_json::from_str(text).unwrap()).as_deref(),
                Some(key),
                "{text}"
            );
        }
    }
}
