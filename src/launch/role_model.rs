//! The model that the chosen role's manifest asks for, as jackin reads it.

use std::path::PathBuf;

use crate::config;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::files;
use crate::host::Host;
use crate::provider::Provider;
use crate::session::Session;

/// Where jackin keeps a role's manifest.
const MANIFEST: &str = "jackin.role.toml";

/// The role's model for a provider; `None` without a role, or if exec.toml sets a model. The
/// manifest is read only if it can matter.
pub(super) fn role_model(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'_>,
    provider: &Provider,
) -> Result<Option<String>, Error> {
    let Some(role) = &session.settings.role else {
        return Ok(None);
    };
    if let Some(table) = loaded.exec.providers.get(&*provider.id)
        && (table.model.is_some() || !table.models.is_empty())
    {
        return Ok(None);
    }
    if provider.is_anthropic() {
        return Ok(None);
    }
    let Some(path) = manifest(host, role) else {
        return Ok(None);
    };
    let Some(bytes) = files::plain_file(&path)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    Ok(config::role_model(&path, &text, &provider.id)?)
}

/// The manifest's path: `~/.jackin/roles/ROLE/default/jackin.role.toml`, or below
/// `JACKIN_HOME_DIR`.
fn manifest(host: &Host, role: &str) -> Option<PathBuf> {
    // A role's name is a path of one or two components.
    if role.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let home = match host.environment.get("JACKIN_HOME_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => host.home()?.join(".jackin"),
    };
    // A relative folder would depend on the current directory.
    if !home.is_absolute() {
        return None;
    }
    Some(home.join("roles").join(role).join("default").join(MANIFEST))
}
