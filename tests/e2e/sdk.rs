//! The Agent SDKs for Node and Python, kept beside the clients.

use std::path::PathBuf;
use std::process::Command;

use crate::kept;

/// The versions that the project is tested with.
const NPM: &str = "@anthropic-ai/claude-agent-sdk@0.3.332";
const PYPI: &str = "claude-agent-sdk==0.2.189";

const FOLDER: &str = "sdk-0.3.332-0.2.189";

/// The folder of both: `node_modules` and `python`.
pub(crate) fn place() -> Option<PathBuf> {
    kept::place(FOLDER)
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
    kept::install(FOLDER, |fresh| {
        kept::npm(fresh, NPM, &["--omit=optional"])?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]);
        kept::run(pip.arg(fresh.join("python")).arg(PYPI))
    })
}
