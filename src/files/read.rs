//! Reading one file or one folder's names: never waiting for a writer, never more than a limit.

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

use crate::config::Place;
use crate::files::error::Error;

/// No configuration is larger; a limit keeps a mistake from filling the memory. In bytes.
pub(super) const LARGEST_CONFIG: usize = 16 << 20;

/// No value is larger, in bytes.
pub const LARGEST_VALUE: usize = 1 << 20;

/// Reads a file that holds one value: absolute, regular, at most 1 MiB, never waiting for a writer.
///
/// # Errors
///
/// [`Error::Unreadable`], [`Error::NotRegular`] or [`Error::TooLarge`].
pub fn value_file(path: &Path) -> Result<Vec<u8>, Error> {
    match read_once(AT_FDCWD, path.as_os_str(), path, LARGEST_VALUE, OFlag::empty())? {
        Some((bytes, _)) => Ok(bytes),
        None => Err(Error::Unreadable { path: path.to_owned(), errno: Errno::ENOENT }),
    }
}

/// Reads a file of another program whole; none if it does not exist.
///
/// # Errors
///
/// As [`value_file`].
pub fn plain_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    Ok(read_once(AT_FDCWD, path.as_os_str(), path, LARGEST_CONFIG, OFlag::empty())?
        .map(|(bytes, _)| bytes))
}

/// The names in a folder, sorted; none if it cannot be listed.
pub fn list(folder: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Some(names)
}

/// Reads a file whole; none if it does not exist.
pub(super) fn read_once(
    folder: impl AsFd,
    name: &OsStr,
    path: &Path,
    limit: usize,
    more: OFlag,
) -> Result<Option<(Vec<u8>, FileStat)>, Error> {
    let unreadable = |errno| Error::Unreadable { path: path.to_owned(), errno };
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | more;
    let file = match nix::fcntl::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::ENOENT) => return Ok(None),
        Err(Errno::ELOOP) if more.contains(OFlag::O_NOFOLLOW) => {
            return Err(Error::ForeignLink { path: path.to_owned() });
        }
        Err(errno) => return Err(unreadable(errno)),
    };
    let status = status(&file, path)?;
    if kind(&status) != SFlag::S_IFREG {
        return Err(Error::NotRegular { path: path.to_owned() });
    }
    let size = usize::try_from(status.st_size).unwrap_or(0);
    let mut bytes = vec![0; size.min(limit) + 1];
    let mut filled = 0;
    loop {
        let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) else {
            if filled > limit {
                return Err(Error::TooLarge { path: path.to_owned(), limit });
            }
            bytes.resize(bytes.len() * 2, 0);
            continue;
        };
        match nix::unistd::read(&file, room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(unreadable(errno)),
        }
        // All that fstat promised and room to spare: a regular file ends here, without another call
        // to hear so.
        if filled == size && filled < bytes.len() {
            break;
        }
    }
    if filled > limit {
        return Err(Error::TooLarge { path: path.to_owned(), limit });
    }
    bytes.truncate(filled);
    Ok(Some((bytes, status)))
}

/// The bytes of a small file, in a buffer of the caller's; none if there is more.
pub(super) fn first_bytes<'b>(
    folder: &OwnedFd,
    name: &str,
    buffer: &'b mut [u8],
) -> Result<Option<&'b [u8]>, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = nix::fcntl::openat(folder, name, flags, Mode::empty())?;
    let count = nix::unistd::read(&file, buffer)?;
    Ok(if count == buffer.len() { None } else { buffer.get(..count) })
}

/// A link to nothing is not the same as nothing: what it should say, a list of providers perhaps,
/// is missing.
pub(super) fn is_no_link(folder: impl AsFd, name: &OsStr, path: &Path) -> Result<(), Error> {
    match nix::sys::stat::fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(found) if kind(&found) == SFlag::S_IFLNK => {
            Err(Error::DeadLink { path: path.to_owned() })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What kind of file it is.
pub fn kind(status: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT
}

pub(super) fn status(file: &OwnedFd, path: &Path) -> Result<FileStat, Error> {
    nix::sys::stat::fstat(file).map_err(|errno| Error::Unreadable { path: path.to_owned(), errno })
}

pub(super) fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Error {
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    Error::NotUtf8 { place: Place::after(path, &String::from_utf8_lossy(valid)) }
}
