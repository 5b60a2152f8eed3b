//! The client, Claude Code: its version, and where to find it if it is not in PATH.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Shim;
use crate::exec;
use crate::files;
use crate::host::Host;
use crate::host::file_name;
use crate::program;

/// The command that starts Claude Code.
pub(crate) const NAME: &str = "claude";

/// Whether a command starts the client, by the name of its file.
pub(crate) fn is_started_by(command: &[OsString]) -> bool {
    command.first().is_some_and(|word| file_name(word) == NAME)
}

/// A version of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

/// The first version that lets its host overrule apiKeyHelper and headers in a settings file, and a
/// stored key.
///
/// Source: measured with 2.1.197, 2.1.240, 2.1.285 and 2.1.330 in November 2026.
pub(crate) const OVERRULES_SETTINGS: Version = Version(2, 1, 240);

/// The first version that reliably keeps a redirect. Older ones hand the token to a cloned
/// repository's `.mcp.json` that asks for it.
///
/// Source: measured with 2.1.240 to 2.1.252 (they do), 2.1.257 and 2.1.261 in November 2026.
pub(crate) const KEEPS_REDIRECT: Version = Version(2, 1, 257);

/// The first version in which no child process can find the provider's key.
///
/// Source: up to 2.1.328, `otelHeadersHelper` of user settings receives it; measured in November
/// 2026.
pub(crate) const HIDES_KEY: Version = Version(2, 1, 330);

/// The folder with the user's settings: `CLAUDE_CONFIG_DIR`, else `~/.claude`.
pub(crate) fn folder(host: &Host) -> Option<PathBuf> {
    match host.environment.get("CLAUDE_CONFIG_DIR") {
        Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder)),
        _ => host.home().map(|home| home.join(".claude")),
    }
}

/// The files of settings that the client reads here, from the weakest to the strongest: the user's,
/// and the project's in the current directory, unless that is the user's own folder.
///
/// Source: <https://code.claude.com/docs/en/settings>, checked 2026-11-27.
pub(crate) fn settings_files(host: &Host) -> Vec<PathBuf> {
    settings_files_with(host, folder(host).as_deref())
}

/// The same, with another folder of the user's settings.
pub(crate) fn settings_files_with(host: &Host, user: Option<&Path>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    files.extend(user.map(|user| user.join("settings.json")));
    let Some(here) = host.current_directory() else { return files };
    for name in [".claude/settings.json", ".claude/settings.local.json"] {
        let path = here.join(name);
        if user.is_none_or(|user| !path.starts_with(user)) {
            files.push(path);
        }
    }
    files
}

/// How to get a newer version. Under a redirect, the client does not update itself.
pub(crate) const UPDATE: &str = "`claude update`, or `npm install -g @anthropic-ai/claude-code`";

impl Version {
    /// Parses a version such as `2.1.330 (Claude Code)`.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().next()?.split(['.', '-', '+']).map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some(Self(major, minor, patch)),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version of a client's file, if it can be told without running it: from a native
/// installation's path, `…/versions/2.1.330`, or from an npm installation's package.json.
pub(crate) fn version(file: &Path) -> Option<Version> {
    let file = file.canonicalize().ok()?;
    if let Some(version) = file.file_name().and_then(OsStr::to_str).and_then(Version::of) {
        return Some(version);
    }
    // The file is `bin/claude.exe`, or `cli.js` next to package.json.
    for folder in file.ancestors().skip(1).take(2) {
        if let Ok(Some(text)) = files::plain_file(&folder.join("package.json")) {
            return package_version(&text);
        }
    }
    None
}

/// The version in the client's package.json; `None` for that of another package.
fn package_version(text: &[u8]) -> Option<Version> {
    let package: serde_json::Value = serde_json::from_slice(text).ok()?;
    if package.get("name")? != "@anthropic-ai/claude-code" {
        return None;
    }
    Version::of(package.get("version")?.as_str()?)
}

/// Where installers put the client, relative to the home directory, in the order of our search: the
/// native installer's folder, then the local npm installation of older versions. Services, editors
/// and fresh shells often have neither in PATH.
///
/// Source: <https://code.claude.com/docs/en/setup>; anthropics/claude-code#78685, #65855, #41496.
/// Checked 2026-11-26.
const INSTALLED: [&str; 2] = [".local/bin/claude", ".claude/local/claude"];

/// The client in one of its installers' folders. The file must be ours or root's, and must not be
/// this program. As root, a home that is not root's is not searched.
pub(crate) fn installed(host: &Host) -> Option<PathBuf> {
    let home = host.home()?;
    // Another user's links must not choose what root starts.
    if host.ids.effective_user == 0 && home.metadata().ok()?.uid() != 0 {
        return None;
    }
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

/// The command with the full path of the installed client, if the default command, `claude`, was
/// not found in PATH. A command that the user typed is looked for in PATH only.
pub(crate) fn with_installed(
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

/// Editors that start a link such as `claude-kimi` pass the client's path as the first word. That
/// file then becomes the command. A path that leads to this program is dropped.
pub(crate) fn take_path(shim: &mut Shim) {
    let Some(command) = &shim.command else { return };
    let words = &mut shim.cli.words.words;
    let Some(first) = words.get(1).map(Path::new) else { return };
    if !is_named(first, command) || !program::is_runnable(first) {
        return;
    }
    let own = program::file_id(first) == program::own_file();
    words.remove(usize::from(own));
}

/// Whether a path is absolute and names a command, or is one of the client's own files: the npm
/// package's `claude.exe` and `cli.js`, and the native installer's `claude/versions/2.1.330`.
fn is_named(path: &Path, command: &str) -> bool {
    if !path.is_absolute() {
        return false;
    }
    let mut parts = path.iter().rev();
    let Some(name) = parts.next() else { return false };
    if name == command {
        return true;
    }
    if command != NAME {
        return false;
    }
    let (folder, above) = (parts.next(), parts.next());
    let is_version = name.as_bytes().first().is_some_and(u8::is_ascii_digit);
    name == "claude.exe"
        || (name == "cli.js" && folder == Some(OsStr::new("claude-code")))
        || (is_version && folder == Some(OsStr::new("versions")) && above == Some(NAME.as_ref()))
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
