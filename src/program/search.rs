//! The search for a program: which files a word can mean, and which of them can be run.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::path::PathBuf;

use nix::libc;
use nix::unistd::AccessFlags;

use crate::host::Environment;
#[cfg(target_os = "linux")]
use crate::sys;

/// Where `env` looks if PATH is not set.
pub(crate) const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// The files that a word can mean: the word itself if it contains a slash, else one file in each
/// entry of PATH. An empty entry is the current directory.
pub(crate) fn candidates(word: &[u8], path: &[u8]) -> Vec<Vec<u8>> {
    if word.is_empty() {
        return Vec::new();
    }
    if word.contains(&b'/') {
        return vec![word.to_vec()];
    }
    let mut files = Vec::new();
    for entry in path.split(|&byte| byte == b':') {
        let mut file = entry.to_vec();
        if !file.is_empty() && file.last() != Some(&b'/') {
            file.push(b'/');
        }
        file.extend_from_slice(word);
        files.push(file);
    }
    files
}

/// Finds a helper's program: by its absolute path, or in the absolute entries of PATH. A relative
/// entry would depend on the current directory.
pub(crate) fn find(program: &OsStr, environment: &Environment) -> Option<PathBuf> {
    for file in candidates(program.as_bytes(), path_of(environment)) {
        let file = PathBuf::from(OsString::from_vec(file));
        if file.is_absolute() && is_runnable(&file) {
            return Some(file);
        }
    }
    None
}

/// The result of a search for a command, the same that `exec` would have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Found {
    /// What a launch would start.
    pub file: Option<PathBuf>,
    /// Links to this program, which are skipped.
    pub own: Vec<PathBuf>,
    /// The first file that cannot be run.
    pub refused: Option<PathBuf>,
}

/// Looks for a command in PATH.
pub(crate) fn find_command(word: &OsStr, path: &[u8]) -> Found {
    let own = own_file();
    let mut found = Found::default();
    for file in candidates(word.as_bytes(), path) {
        let file = PathBuf::from(OsString::from_vec(file));
        let id = file_id(&file);
        if id.is_none() {
            continue;
        }
        if id == own {
            found.own.push(file);
        } else if is_runnable(&file) {
            found.file = Some(file);
            return found;
        } else if found.refused.is_none() {
            found.refused = Some(file);
        }
    }
    found
}

/// PATH, or the default if it is not set.
pub(crate) fn path_of(environment: &Environment) -> &'static [u8] {
    match environment.get("PATH") {
        Some(path) => path.as_bytes(),
        None => DEFAULT_PATH,
    }
}

/// Whether a path leads to a regular file that we may execute.
pub(crate) fn is_runnable(path: &Path) -> bool {
    path.is_file() && nix::unistd::access(path, AccessFlags::X_OK).is_ok()
}

/// The identity of a file: its device and inode.
pub(crate) type FileId = (libc::dev_t, libc::ino_t);

/// The identity of the file that a path leads to; `None` if there is no file.
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    let found = nix::sys::stat::stat(path).ok()?;
    Some((found.st_dev, found.st_ino))
}

/// The identity of this program's own file.
///
/// The file that our caller started comes first: under an emulator (qemu, Rosetta), the kernel's
/// link leads to the emulator.
pub(crate) fn own_file() -> Option<FileId> {
    let named = named_file().and_then(|path| file_id(&path));
    #[cfg(target_os = "linux")]
    let named = named.or_else(|| file_id(Path::new("/proc/self/exe")));
    named
}

/// This program's own file as the kernel names it, or as our caller did.
pub(crate) fn own_path() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    if let Ok(by_kernel) = nix::fcntl::readlink("/proc/self/exe") {
        return Some(by_kernel.into());
    }
    named_file()
}

/// The path that our caller gave to execve.
#[cfg(target_os = "linux")]
fn named_file() -> Option<PathBuf> {
    Some(OsStr::from_bytes(sys::started_as()?.to_bytes()).into())
}

/// The path that the system records for every process.
#[cfg(not(target_os = "linux"))]
fn named_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_itself_or_a_file_in_each_entry_of_path() {
        for (word, path, expected) in [
            ("", "/bin", &[][..]),
            ("a", "/bin", &["/bin/a"]),
            ("a", "/bin:/usr/bin/", &["/bin/a", "/usr/bin/a"]),
            ("a", "", &["a"]),
            ("a", ":/bin:", &["a", "/bin/a", "a"]),
            ("a", "here", &["here/a"]),
            ("./a", "/bin", &["./a"]),
            ("/x/a", "/bin", &["/x/a"]),
        ] {
            let found = candidates(word.as_bytes(), path.as_bytes());
            let found: Vec<_> = found.iter().map(|file| String::from_utf8_lossy(file)).collect();
            assert_eq!(found, expected, "{word} in {path:?}");
        }
    }
}
