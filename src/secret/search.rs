//! The search for a program in PATH.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;

use crate::host::Environment;

/// A helper's program: an absolute path, or found in the absolute entries of PATH. A relative entry
/// would depend on where we happen to be.
pub fn find(program: &OsStr, environment: &Environment) -> Option<PathBuf> {
    let runnable = |path: &Path| {
        path.is_file() && nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
    };
    if program.as_bytes().contains(&b'/') {
        let path = Path::new(program);
        return (path.is_absolute() && runnable(path)).then(|| path.to_owned());
    }
    let entries = std::env::split_paths(
        environment.get("PATH").unwrap_or_else(|| OsStr::new("/usr/bin:/bin")),
    );
    entries
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join(program))
        .find(|path| runnable(path))
}
