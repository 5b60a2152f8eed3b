//! Follows a symbolic link step by step, so that each folder on the way can be judged.
//!
//! Anyone who may write in the folder of a link, or of its target, can put another file there.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::read::status;

/// The end of a chain of links: an open folder, and a name in it that is not a link.
#[derive(Debug)]
pub(super) struct Target {
    /// The path, for messages.
    pub(super) path: PathBuf,
    pub(super) folder: OwnedFd,
    pub(super) file: OsString,
}

/// The kernel's own limit.
const MOST: usize = 40;

/// Follows a link to its end. `judge` sees every folder that the chain leads through, except the
/// first one.
pub(super) fn follow(
    folder: impl AsFd,
    name: &OsStr,
    path: &Path,
    mut judge: impl FnMut(&Path, &FileStat) -> Result<(), Error>,
) -> Result<Target, Error> {
    let unreadable = |errno| Error::Unreadable { path: path.to_owned(), errno };
    let folder = folder.as_fd().try_clone_to_owned().map_err(|_| unreadable(Errno::EMFILE))?;
    let mut found = Target { path: path.to_owned(), folder, file: name.to_owned() };
    for _ in 0..MOST {
        let target = match nix::fcntl::readlinkat(&found.folder, found.file.as_os_str()) {
            Ok(target) => PathBuf::from(target),
            Err(Errno::EINVAL | Errno::ENOENT) => return Ok(found),
            Err(errno) => return Err(unreadable(errno)),
        };
        let (parent, file) = split(&target).ok_or_else(|| unreadable(Errno::EISDIR))?;
        let flags = passage() | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let folder = match nix::fcntl::openat(&found.folder, parent, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::ENOENT) => return Err(Error::DeadLink { path: path.to_owned() }),
            Err(errno) => return Err(unreadable(errno)),
        };
        let parent = found.path.parent().unwrap_or(Path::new("/")).join(parent);
        judge(&parent, &status(&folder, &parent)?)?;
        found = Target { path: parent.join(file), folder, file: file.to_owned() };
    }
    Err(unreadable(Errno::ELOOP))
}

/// The folder, and the name in it; `None` for a path that ends in a folder.
fn split(target: &Path) -> Option<(&Path, &OsStr)> {
    let Component::Normal(file) = target.components().next_back()? else {
        return None;
    };
    let parent = target.parent()?;
    Some((if parent.as_os_str().is_empty() { Path::new(".") } else { parent }, file))
}

/// Allows opening a folder that we may not list.
#[cfg(target_os = "linux")]
const fn passage() -> OFlag {
    OFlag::O_PATH
}

#[cfg(not(target_os = "linux"))]
const fn passage() -> OFlag {
    OFlag::O_RDONLY
}
