//! Reads one file, or the names in one folder, with a size limit and without waiting for a writer.

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::fcntl::AtFlags;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;
use nix::sys::stat::SFlag;

use crate::files::error::Error;

/// The limit for a configuration file, in bytes. It keeps a mistake from filling the memory.
pub(super) const LARGEST_CONFIG: usize = 16 << 20;

/// The limit for a value, in bytes.
pub const LARGEST_VALUE: usize = 1 << 20;

/// Reads a file that holds one value, without waiting for a writer. The path must be absolute; the
/// file must be regular and at most 1 MiB.
///
/// # Errors
///
/// [`Error::Unreadable`], [`Error::NotRegular`] or [`Error::TooLarge`].
pub fn value_file(path: &Path) -> Result<Vec<u8>, Error> {
    match whole(path, LARGEST_VALUE)? {
        Some(bytes) => Ok(bytes),
        None => Err(Error::Unreadable { path: path.to_owned(), errno: Errno::ENOENT }),
    }
}

/// Reads the whole file of another program; `None` if it does not exist.
///
/// # Errors
///
/// As for [`value_file`].
pub fn plain_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    whole(path, LARGEST_CONFIG)
}

/// The names in a folder that are UTF-8, sorted.
///
/// # Errors
///
/// [`Error::Unreadable`].
pub fn list(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |error: std::io::Error| {
        let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
        Error::Unreadable { path: folder.to_owned(), errno }
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        if let Ok(name) = entry.map_err(unreadable)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a whole file; `None` if it does not exist.
fn whole(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    match open(AT_FDCWD, path.as_os_str(), OFlag::empty()) {
        Ok(file) => content(&file, &status(&file, path)?, path, limit).map(Some),
        Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(Error::Unreadable { path: path.to_owned(), errno }),
    }
}

/// Opens a file of any type without waiting for a writer.
pub(super) fn open(folder: impl AsFd, name: &OsStr, more: OFlag) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | more;
    nix::fcntl::openat(folder, name, flags, Mode::empty())
}

/// Reads an open file whose status is given.
pub(super) fn content(
    file: &OwnedFd,
    status: &FileStat,
    path: &Path,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    if kind(status) != SFlag::S_IFREG {
        return Err(Error::NotRegular { path: path.to_owned() });
    }
    let too_large = || Error::TooLarge { path: path.to_owned(), limit };
    let size = usize::try_from(status.st_size).map_err(|_| too_large())?;
    let mut bytes = vec![0; size.min(limit) + 1];
    let mut filled = 0;
    while filled <= limit {
        let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) else {
            bytes.resize(bytes.len() * 2, 0);
            continue;
        };
        // Not `read`: the file may be read a second time.
        let offset = i64::try_from(filled).map_err(|_| too_large())?;
        match nix::sys::uio::pread(file, room, offset) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(Error::Unreadable { path: path.to_owned(), errno }),
        }
        // The file had no more than `size` bytes, although there was room for them. This saves the
        // `read` that would return 0.
        if filled == size && filled < bytes.len() {
            break;
        }
    }
    if filled > limit {
        return Err(too_large());
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Refuses a link whose target does not exist. It must not be taken for a missing file: the target
/// may have held a list of providers.
pub(super) fn refuse_dead_link(folder: impl AsFd, name: &OsStr, path: &Path) -> Result<(), Error> {
    match nix::sys::stat::fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(found) if kind(&found) == SFlag::S_IFLNK => {
            Err(Error::DeadLink { path: path.to_owned() })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The file type.
pub fn kind(status: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT
}

pub(super) fn status(file: &OwnedFd, path: &Path) -> Result<FileStat, Error> {
    nix::sys::stat::fstat(file).map_err(|errno| Error::Unreadable { path: path.to_owned(), errno })
}
