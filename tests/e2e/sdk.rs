//! The Agent SDKs for Node and Python, kept beside the clients.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::client;

/// The versions that the project is tested with.
const NPM: &str = "@anthropic-ai/claude-agent-sdk@0.3.332";
const PYPI: &str = "claude-agent-sdk==0.2.189";

/// The folder of both: `node_modules` and `python`.
pub(crate) fn place() -> Option<PathBuf> {
    Some(client::cache().ok()?.parent()?.join("sdk-0.3.332-0.2.189"))
}

/// The Python that has the SDK's compiled packages. The one in PATH may be a script that needs the
/// user's home.
pub(crate) fn python() -> Option<String> {
    let output =
        Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(path.trim().to_owned())
}

/// Installs both if they are not there yet.
pub(crate) fn install() -> Result<(), String> {
    let place = place().ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    if place.is_dir() {
        return Ok(());
    }
    // Beside its final place and renamed there, so that nobody meets half an installation.
    let fresh = place.with_extension(std::process::id().to_string());
    fs::create_dir_all(&fresh).map_err(|error| error.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--omit=optional", "--no-audit", "--no-fund", "--fetch-retries=1"]);
    let done = run(npm.arg("--prefix").arg(&fresh).arg(NPM)).and_then(|()| {
        let mut pip = Command::new("python3");
        run(pip
            .args(["-m", "pip", "install", "--quiet", "--target"])
            .arg(fresh.join("python"))
            .arg(PYPI))
    });
    let renamed = done.and_then(|()| match fs::rename(&fresh, &place) {
        Err(error) if !place.is_dir() => Err(error.to_string()),
        _ => Ok(()),
    });
    remove(&fresh);
    renamed
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What is left of an installation that failed, or that another one was faster than.
fn remove(fresh: &Path) {
    if fresh.exists() {
        fs::remove_dir_all(fresh).ok();
    }
}
