//! Claude Code Router, the gateway from npm, kept beside the clients.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::client;

/// The name by which rows need it.
pub(crate) const NAME: &str = "ccr";

/// The version that the catalogue's row was measured with.
const PACKAGE: &str = "@musistudio/claude-code-router@2.0.0";

/// Its program, whether it is installed or not.
pub(crate) fn program() -> Option<PathBuf> {
    Some(place()?.join("node_modules/.bin").join(NAME))
}

fn place() -> Option<PathBuf> {
    Some(client::cache().ok()?.parent()?.join("claude-code-router-2.0.0"))
}

/// Installs it if it is not there yet.
pub(crate) fn install() -> Result<(), String> {
    let place = place().ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    if place.is_dir() {
        return Ok(());
    }
    // Beside its final place and renamed there, so that nobody meets half an installation.
    let fresh = place.with_extension(std::process::id().to_string());
    fs::create_dir_all(&fresh).map_err(|error| error.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--fetch-retries=1", "--prefix"]);
    let output = npm.arg(&fresh).arg(PACKAGE).output().map_err(|error| error.to_string())?;
    let installed = if output.status.success() {
        fs::rename(&fresh, &place).map_err(|error| error.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    if fresh.exists() {
        fs::remove_dir_all(&fresh).ok();
    }
    // Somebody else may have been faster.
    if place.is_dir() { Ok(()) } else { installed }
}
