//! Where the client is, if not where PATH says.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Shim;
use crate::exec;
use crate::host::Host;
use crate::program;

/// The command that starts Claude Code.
pub const NAME: &str = "claude";

/// Where installers put the client, below the home directory, in the order in which we look: the
/// native installer's folder, then the local npm installation of older ones. Services, editors and
/// fresh shells often have neither in PATH.
///
/// Source: <https://code.claude.com/docs/en/setup>; anthropics/claude-code#78685, #65855, #41496.
/// Checked 2026-11-26.
const INSTALLED: [&str; 2] = [".local/bin/claude", ".claude/local/claude"];

/// The client in one of its installers' folders. The file is ours or root's, and not this program.
pub fn installed(host: &Host) -> Option<PathBuf> {
    let home = host.home()?;
    for place in INSTALLED {
        let file = home.join(place);
        let Ok(found) = file.metadata() else { continue };
        let is_trusted = found.uid() == host.ids.effective_user || found.uid() == 0;
        if is_trusted
            && program::is_runnable(&file)
            && program::file_id(&file) != program::own_file()
        {
            return Some(file);
        }
    }
    None
}

/// The words of a launch whose default command, the client, was not found: with the client's file
/// in front. A command that somebody typed is never looked for elsewhere.
pub fn elsewhere(
    host: &Host,
    shim: &Shim,
    words: &[OsString],
    error: &exec::Error,
) -> Option<Vec<OsString>> {
    let (first, arguments) = words.split_first()?;
    let is_default = shim.command.is_some() || !shim.cli.words.name_a_command();
    if !matches!(error, exec::Error::NotFound { .. }) || !is_default || first != NAME {
        return None;
    }
    let file = installed(host)?;
    let mut command = vec![file.into_os_string()];
    command.extend_from_slice(arguments);
    Some(command)
}

/// Under a name that fixes the command, `claude-kimi`, editors give the client's path as the first
/// word: then that file is the command. A path that leads to this program adds nothing to the name.
pub fn take_path(shim: &mut Shim) {
    let Some(command) = &shim.command else { return };
    let words = &mut shim.cli.words.words;
    let Some(first) = words.get(1).map(Path::new) else { return };
    if !is_named(first, command) || !program::is_runnable(first) {
        return;
    }
    let own = program::file_id(first) == program::own_file();
    words.remove(usize::from(own));
}

/// Whether a path is absolute and its name is that of a command, or one of the client's own: the
/// npm package's `claude.exe` and `cli.js`, and the native installer's `claude/versions/2.1.330`.
fn is_named(path: &Path, command: &str) -> bool {
    let Some(name) = path.file_name().filter(|_| path.is_absolute()) else {
        return false;
    };
    if name == command {
        return true;
    }
    let parent = path.parent().unwrap_or(path);
    let folder = parent.file_name().unwrap_or_default();
    let above = parent.parent().and_then(Path::file_name).unwrap_or_default();
    let is_version = |name: &OsStr| name.as_bytes().first().is_some_and(u8::is_ascii_digit);
    command == NAME
        && (name == "claude.exe"
            || (name == "cli.js" && folder == "claude-code")
            || (is_version(name) && folder == "versions" && above == "claude"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_own_files_are_known_by_their_names() {
        for (path, command, wanted) in [
            ("/usr/bin/claude", "claude", true),
            ("/x/resources/native-binary/claude", "claude", true),
            ("/home/me/.local/share/claude/versions/2.1.330", "claude", true),
            ("/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe", "claude", true),
            ("/lib/node_modules/@anthropic-ai/claude-code/cli.js", "claude", true),
            ("/usr/bin/other", "other", true),
            ("/lib/node_modules/other/cli.js", "claude", false),
            ("/home/me/notes/versions/2.1.330", "claude", false),
            ("/home/me/.local/share/claude/versions/latest", "claude", false),
            ("/usr/bin/claude", "other", false),
            ("/usr/bin/claude.exe", "other", false),
            ("claude", "claude", false),
            ("./claude", "claude", false),
            ("/", "claude", false),
            ("", "claude", false),
        ] {
            assert_eq!(is_named(Path::new(path), command), wanted, "{path} for {command}");
        }
    }
}
