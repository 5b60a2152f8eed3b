//! The link that starts the client on the chosen provider again. The client shows it to people who
//! want to resume a session, and starts team mates with it.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::Common;
use crate::client;
use crate::host::Host;
use crate::host::file_name;
use crate::program;

/// The file that PATH has as `claude-ID`, if it leads to this program.
pub(super) fn of_client(host: &Host, id: &str, command: Option<&OsString>) -> Option<PathBuf> {
    if command.is_none_or(|command| file_name(command) != client::NAME) {
        return None;
    }
    let name = format!("claude-{id}");
    let found = program::find_command(OsStr::new(&name), program::path_of(&host.environment));
    let link = found.own.into_iter().next()?;
    if link.is_absolute() { Some(link) } else { None }
}

/// Whether a process that starts in this directory without our options and variables reads the same
/// configuration and the same scopes.
pub(super) fn starts_alike(host: &Host, options: &Common) -> bool {
    let by_option = options.workspace.is_some()
        || options.no_workspace
        || options.role.is_some()
        || options.config_dir.is_some();
    let by_variable = ["JACKIN_EXEC_WORKSPACE", "JACKIN_EXEC_ROLE", "JACKIN_CONFIG_DIR"]
        .iter()
        .any(|name| host.environment.text(name).is_some());
    !by_option && !by_variable
}
