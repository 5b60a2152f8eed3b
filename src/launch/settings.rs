//! Where the client really sends prompts without a redirect: `env` of its settings files beats its
//! environment, so a file can lead a session that was meant for Anthropic to somebody else.
//!
//! Source: measured with 2.1.330; a project's file counts after the trust dialog, and at once under
//! `claude -p`.

use std::path::Path;
use std::path::PathBuf;

use crate::client;
use crate::files;
use crate::host::Host;
use crate::json;
use crate::plan;
use crate::plan::BASE_URL;
use crate::plan::Plan;
use crate::report;
use crate::session::Session;
use crate::warning::Warning;

/// A base URL in a file of settings.
struct Found {
    path: PathBuf,
    line: Option<usize>,
    url: String,
}

/// Warns if the settings lead to another provider. A gateway of the user's own is named in the
/// launch line, as one in the environment is.
pub(super) fn warn(
    host: &Host,
    session: &Session<'_>,
    plan: &mut Plan<'_>,
    warnings: &mut Vec<Warning>,
) {
    if plan.redirect || !client::is_started_by(&plan.command) {
        return;
    }
    let Some(found) = client::settings_files(host).iter().rev().find_map(|path| find(path)) else {
        return;
    };
    let to = plan::host_for_people(&found.url);
    if plan::is_of_a_provider(&found.url, &session.candidates) {
        let path = report::path(&found.path);
        let place = found.line.map_or(path.clone(), |line| format!("{path}:{line}"));
        warnings.push(Warning::SettingsLeadTo { place, host: to });
    } else {
        plan.gateway = Some(to);
    }
}

/// The base URL in a file of settings. `None` for a file that cannot be read or understood: `doctor`
/// reports it.
fn find(path: &Path) -> Option<Found> {
    let bytes = files::plain_file(path).ok()??;
    // Most files have none, and need not be parsed.
    memchr::memmem::find(&bytes, BASE_URL.as_bytes())?;
    let text = String::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let settings: serde_json::Value = serde_json::from_str(text).ok()?;
    let url = settings.get("env")?.get(BASE_URL)?.as_str()?.to_owned();
    if url.is_empty() {
        return None;
    }
    Some(Found { path: path.to_owned(), line: json::line(text, &["env", BASE_URL]), url })
}
