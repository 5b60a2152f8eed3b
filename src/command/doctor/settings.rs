//! What the client's own settings mean for a redirect.

use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::catalog;
use crate::client;
use crate::client::UPDATE;
use crate::client::Version;
use crate::command::doctor::environment::scrub;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::remedy;
use crate::command::doctor::finding::shown;
use crate::files;
use crate::host::Host;
use crate::json;
use crate::managed;
use crate::managed::Content;
use crate::managed::Decides;
use crate::warning::Warning;

/// Checks the managed settings, the user's, the project's, and the client's state. `redirects` is
/// whether a launch here would redirect the client.
pub(super) fn settings(
    host: &Host,
    version: Option<Version>,
    redirects: bool,
    findings: &mut Findings,
) {
    let before = findings.0.len();
    match managed::paths(Path::new(managed::FOLDER)) {
        Ok(paths) => {
            for path in paths {
                policy(&path, redirects, findings);
            }
        }
        Err(error) => findings.add("settings", stops(redirects), error.to_string(), error.hint()),
    }
    for path in client::settings_files(host) {
        if let Some((text, value)) = document(&path, findings) {
            Judge { host, path: &path, text: &text, version }.settings(&value, findings);
        }
    }
    if let Some(path) = state_file(host)
        && let Some((text, value)) = document(&path, findings)
    {
        Judge { host, path: &path, text: &text, version }.state(&value, findings);
    }
    if findings.0.len() == before {
        findings.ok("settings", "no settings of the client conflict with a redirect");
    }
}

/// The client's state: beside its folder in the home directory, or in a folder that
/// `CLAUDE_CONFIG_DIR` names.
fn state_file(host: &Host) -> Option<PathBuf> {
    let folder = client::folder(host)?;
    let is_named = host.environment.get("CLAUDE_CONFIG_DIR").is_some_and(|name| !name.is_empty());
    Some(if is_named { folder.join(".claude.json") } else { folder.with_extension("json") })
}

/// A redirect that managed settings stop is a failure; other launches go on.
const fn stops(redirects: bool) -> Status {
    if redirects { Status::Fail } else { Status::Warn }
}

/// What a file of managed settings means for a redirect.
fn policy(path: &Path, redirects: bool, findings: &mut Findings) {
    let stops = stops(redirects);
    let (text, settings) = match managed::read(path) {
        Ok(Content::Absent) => return,
        Ok(Content::NotJson { line, column }) => {
            let message = format!(
                "{}:{line}:{column}: not JSON: Claude Code ignores it, and newer versions do not start",
                shown(path)
            );
            let hint = Warning::ManagedBroken { path: path.to_owned() }.hint();
            findings.add("settings", Status::Warn, message, hint);
            return;
        }
        Ok(Content::Settings { text, settings }) => (text, settings),
        Err(error) => {
            findings.add("settings", stops, error.to_string(), error.hint());
            return;
        }
    };
    match managed::decides(&settings) {
        Some(Decides::Known(key)) => {
            let parts: Vec<&str> = key.splitn(2, '.').collect();
            let message =
                format!("{} sets {key}: a redirect will not start", located(path, &text, &parts));
            let error = managed::Error::Decides { path: path.to_owned(), key };
            findings.add("settings", stops, message, error.hint());
        }
        Some(Decides::Unknown(key)) => {
            let at = located(path, &text, &[&key]);
            let error = managed::Error::Unknown { path: path.to_owned(), key };
            let key =
                format!("{at} has a key that jackin-exec does not know: a redirect will not start");
            findings.add("settings", stops, key, error.hint());
        }
        None => match managed::objection(&settings, &[]) {
            Some(managed::Objection { key, model }) => {
                let message = format!(
                    "{} has {key}: a redirect that requests other models will not start",
                    located(path, &text, &[key])
                );
                let error = managed::Error::Model { path: path.to_owned(), key, model };
                findings.add("settings", Status::Warn, message, error.hint());
            }
            None => findings
                .ok("settings", format!("{}: managed settings that allow a redirect", shown(path))),
        },
    }
}

/// One of the client's files, as text and parsed; `None` if it does not exist, or the client could
/// not read it.
fn document(path: &Path, findings: &mut Findings) -> Option<(String, serde_json::Value)> {
    let bytes = match files::plain_file(path) {
        Ok(bytes) => bytes?,
        Err(files::Error::Unreadable { errno: Errno::ENOTDIR, .. }) => return None,
        Err(error) => {
            findings.add("settings", Status::Warn, error.to_string(), remedy(&error.into()));
            return None;
        }
    };
    let text = managed::decode(&bytes).into_owned();
    match serde_json::from_str(&text) {
        Ok(value) => Some((text, value)),
        Err(error) => {
            // Not the parser's message: it may quote the text.
            let place = format!("{}:{}:{}", shown(path), error.line(), error.column());
            let (what, remedy) = if json::is_valid(&text) {
                ("Claude Code can read this file and jackin-exec cannot", UNUSUAL)
            } else {
                ("not JSON", "correct it: the client ignores the whole file")
            };
            findings.add("settings", Status::Warn, format!("{place}: {what}"), remedy);
            None
        }
    }
}

/// What to do about JSON that only JavaScript accepts.
const UNUSUAL: &str = "write it without unpaired \\uD800 to \\uDFFF, without numbers above 1e308 and with less than 128 \
                       levels; else doctor does not check it";

/// `path:line`
fn located(path: &Path, text: &str, keys: &[&str]) -> String {
    match json::line(text, keys) {
        Some(line) => format!("{}:{line}", shown(path)),
        None => shown(path).into_owned(),
    }
}

/// What one of the client's files means for a redirect.
struct Judge<'a> {
    host: &'a Host,
    path: &'a Path,
    text: &'a str,
    version: Option<Version>,
}

impl Judge<'_> {
    fn at(&self, keys: &[&str]) -> String {
        located(self.path, self.text, keys)
    }

    /// Whether the client certainly obeys the host about credentials.
    fn protects(&self) -> bool {
        self.version.is_some_and(|version| version >= client::OVERRULES_SETTINGS)
    }

    fn settings(&self, value: &serde_json::Value, findings: &mut Findings) {
        let set = |key: &str| value.get(key).is_some_and(has_content);
        if set("apiKeyHelper") {
            let at = self.at(&["apiKeyHelper"]);
            if self.protects() {
                let message =
                    format!("{at}: apiKeyHelper is ignored under a redirect; plain claude uses it");
                findings.ok("settings", message);
            } else {
                let message = format!("{at}: the key of apiKeyHelper is sent to the provider, too");
                findings.add("settings", Status::Fail, message, format!("remove it, or {UPDATE}"));
            }
        }
        if set("model") {
            findings.ok(
                "settings",
                format!(
                    "{}: model is ignored under a redirect; plain claude uses it",
                    self.at(&["model"])
                ),
            );
        }
        if set("availableModels") {
            findings.ok(
                "settings",
                format!(
                    "{}: availableModels is ignored under a redirect; plain claude applies it",
                    self.at(&["availableModels"])
                ),
            );
        }
        if set("fallbackModel") {
            let message = format!(
                "{}: a redirect asks the provider for the models of fallbackModel when it is overloaded",
                self.at(&["fallbackModel"])
            );
            let remedy = "name models of the provider, or remove it";
            findings.add("settings", Status::Warn, message, remedy);
        }
        if let Some(serde_json::Value::Object(variables)) = value.get("env") {
            for (name, value) in variables {
                if has_content(value) {
                    self.variable(name, value, findings);
                }
            }
        }
    }

    fn variable(&self, name: &str, value: &serde_json::Value, findings: &mut Findings) {
        let at = self.at(&["env", name]);
        if name == "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB" && value.as_str() != Some("0") {
            scrub(self.host, &format!("{at}: env.{name} is set"), findings);
        } else if name == "ANTHROPIC_CUSTOM_HEADERS" && !self.protects() {
            let message = format!("{at}: env.{name} is sent to the provider");
            findings.add("settings", Status::Fail, message, format!("remove it, or {UPDATE}"));
        } else if catalog::is_redirects(name) {
            let message =
                format!("{at}: env.{name} is ignored under a redirect, but plain claude uses it");
            findings.add(
                "settings",
                Status::Warn,
                message,
                "remove it, unless plain claude should use it, too",
            );
        } else if catalog::settings_win(name) {
            let message = format!("{at}: env.{name} overrides the value that a redirect sets");
            let hint = "remove it: the preset has the right value for its provider";
            findings.add("settings", Status::Warn, message, hint);
        } else if managed::is_network(name) {
            let message = format!("{at}: env.{name} is ignored under a redirect");
            findings.add("settings", Status::Warn, message, format!("export {name} in the shell"));
        }
    }

    /// `~/.claude.json`
    fn state(&self, value: &serde_json::Value, findings: &mut Findings) {
        if value.get("primaryApiKey").is_some_and(has_content) {
            let at = self.at(&["primaryApiKey"]);
            if self.protects() {
                findings.ok(
                    "settings",
                    format!(
                        "{at}: primaryApiKey is ignored under a redirect; plain claude uses it"
                    ),
                );
            } else {
                let message = format!(
                    "{at}: primaryApiKey, a key stored by login, is sent to the provider, too"
                );
                findings.add(
                    "settings",
                    Status::Fail,
                    message,
                    format!("log out with /logout, or {UPDATE}"),
                );
            }
        }
        if value.pointer("/customApiKeyResponses/approved").is_some_and(has_content) {
            let at = self.at(&["customApiKeyResponses", "approved"]);
            let message = format!(
                "{at}: customApiKeyResponses approves a key; a redirect uses none that needs approval"
            );
            findings.ok("settings", message);
        }
    }
}

/// Whether a value is neither null nor empty.
fn has_content(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => false,
        serde_json::Value::String(text) => !text.is_empty(),
        serde_json::Value::Array(items) => !items.is_empty(),
        serde_json::Value::Object(fields) => !fields.is_empty(),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => true,
    }
}
