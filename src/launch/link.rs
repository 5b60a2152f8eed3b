//! The link that starts the client on the chosen provider again. The client shows it to people who
//! want to resume a session, and starts teammates with it.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::host::Host;
use crate::host::file_name;
use crate::program;

/// The file that PATH has as `claude-ID`, if it leads to this program.
pub(super) fn of_client(host: &Host, id: &str, command: Option<&OsString>) -> Option<PathBuf> {
    if command.is_none_or(|command| file_name(command) != "claude") {
        return None;
    }
    let name = format!("claude-{id}");
    let found = program::find_command(OsStr::new(&name), program::path_of(&host.environment));
    found.own.into_iter().next().filter(|link| link.is_absolute())
}
