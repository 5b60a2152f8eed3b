//! Claude Code Router, the gateway from npm, kept beside the clients.

use std::path::PathBuf;

use crate::kept;

/// The name by which rows need it.
pub(crate) const NAME: &str = "ccr";

/// The version that the catalogue's row was measured with.
const PACKAGE: &str = "@musistudio/claude-code-router@2.0.0";

const FOLDER: &str = "claude-code-router-2.0.0";

/// Its program, whether it is installed or not.
pub(crate) fn program() -> Option<PathBuf> {
    Some(kept::place(FOLDER)?.join("node_modules/.bin").join(NAME))
}

/// Installs it if it is not there yet.
pub(crate) fn install() -> Result<(), String> {
    kept::install(FOLDER, |fresh| kept::npm(fresh, PACKAGE, &[]))
}
