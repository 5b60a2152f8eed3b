//! What is installed once and kept beside the clients.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::client;

/// The folder of something that is kept, whether it is installed or not.
pub(crate) fn place(name: &str) -> Option<PathBuf> {
    Some(client::cache().ok()?.parent()?.join(name))
}

/// Fills the folder of that name, if it is not there yet.
pub(crate) fn install(
    name: &str,
    fill: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    let place = place(name).ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    if place.is_dir() {
        return Ok(());
    }
    // Beside its final place and renamed there, so that nobody meets half an installation.
    let fresh = place.with_extension(std::process::id().to_string());
    fs::create_dir_all(&fresh).map_err(|error| error.to_string())?;
    let installed =
        fill(&fresh).and_then(|()| fs::rename(&fresh, &place).map_err(|error| error.to_string()));
    if fresh.exists() {
        fs::remove_dir_all(&fresh).ok();
    }
    // Somebody else may have been faster.
    if place.is_dir() { Ok(()) } else { installed }
}

/// Installs a package from npm.
pub(crate) fn npm(fresh: &Path, package: &str, options: &[&str]) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--fetch-retries=1"]).args(options);
    run(npm.arg("--prefix").arg(fresh).arg(package))
}

/// Runs an installer. What it said belongs to its failure.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
