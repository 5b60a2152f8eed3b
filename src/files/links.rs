//! Follows symbolic links step by step, so that each folder on the way can be judged.
//!
//! Anyone who may write in a folder can put another link, file or folder there. So nothing is left
//! to the kernel: each name is looked up in a folder that is open and judged.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::fcntl::AtFlags;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::read::status;

/// The end of a walk: an open folder, and a name in it that is not a link.
#[derive(Debug)]
pub(super) struct Target {
    /// The path, for messages.
    pub(super) path: PathBuf,
    pub(super) folder: OwnedFd,
    pub(super) file: OsString,
}

/// A folder on the way, for the judge.
pub(super) struct Passage<'a> {
    pub(super) path: &'a Path,
    pub(super) of_folder: &'a FileStat,
    /// The link or folder in it that is to be followed or entered, where others may write in the
    /// folder without touching what is not theirs, as in /tmp.
    pub(super) entry: Option<(&'a OsStr, FileStat)>,
}

/// What is to be at the end of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A file. Another user can give it a second name wherever that user may write.
    File,
    /// A folder.
    Folder,
}

/// The kernel's own limit.
const MOST: usize = 40;

/// Follows a link to its end. `judge` sees every folder that the chain leads through, except the
/// first one.
pub(super) fn follow(
    folder: impl AsFd,
    name: &OsStr,
    path: &Path,
    end: End,
    judge: impl FnMut(&Passage<'_>) -> Result<(), Error>,
) -> Result<Target, Error> {
    let here = enter(folder, ".".as_ref()).map_err(|errno| unreadable(path, errno))?;
    let walk = Walk {
        asked: path,
        path: path.parent().unwrap_or(Path::new("/")).to_owned(),
        rest: parts(Path::new(name)).collect(),
        above: Some(Above::of(&here)),
        here,
        is_trusted: true,
        end,
        judge,
    };
    match walk.finish() {
        Err(Error::Unreadable { errno: Errno::ENOENT, path }) => Err(Error::DeadLink { path }),
        walked => walked,
    }
}

/// Walks to a folder. `judge` sees every folder in which a link is found, and from the first link
/// on every folder: a path without links is as good as whoever named it.
pub(super) fn walk(
    path: &Path,
    judge: impl FnMut(&Passage<'_>) -> Result<(), Error>,
) -> Result<Target, Error> {
    if path.as_os_str().is_empty() {
        return Err(unreadable(path, Errno::ENOENT));
    }
    let walk = Walk {
        asked: path,
        path: ".".into(),
        here: enter(AT_FDCWD, ".".as_ref()).map_err(|errno| unreadable(path, errno))?,
        rest: parts(path).collect(),
        above: None,
        is_trusted: false,
        end: End::Folder,
        judge,
    };
    walk.finish()
}

/// A walk that is under way.
struct Walk<'a, J> {
    /// What is to be opened, for messages.
    asked: &'a Path,
    /// The folder in which we are, for messages.
    path: PathBuf,
    here: OwnedFd,
    /// The parts of the path that are still to come, the next one last.
    rest: Vec<OsString>,
    /// The folders above the first link, once there was one.
    above: Option<Above>,
    /// Whether the folder in which we are needs no judgement.
    is_trusted: bool,
    end: End,
    judge: J,
}

impl<J: FnMut(&Passage<'_>) -> Result<(), Error>> Walk<'_, J> {
    fn finish(mut self) -> Result<Target, Error> {
        let mut links = 0;
        while let Some(part) = self.rest.pop() {
            if part == "/" || part == ".." {
                self.enter(&part)?;
            } else if self.link(&part)?.is_some() {
                links += 1;
                if links > MOST {
                    return Err(self.unreadable(Errno::ELOOP));
                }
                self.turn(&part)?;
            } else if self.rest.is_empty() {
                match self.end {
                    End::File => self.judge(None)?,
                    End::Folder => self.pass(&part)?,
                }
                return Ok(Target { path: self.path.join(&part), folder: self.here, file: part });
            } else {
                self.pass(&part)?;
                self.enter(&part)?;
            }
        }
        Ok(Target { path: self.path, folder: self.here, file: ".".into() })
    }

    /// Where a link in this folder leads; `None` for anything else.
    fn link(&self, name: &OsStr) -> Result<Option<PathBuf>, Error> {
        match nix::fcntl::readlinkat(&self.here, name) {
            Ok(target) => Ok(Some(target.into())),
            Err(Errno::EINVAL | Errno::ENOENT) => Ok(None),
            Err(errno) => Err(self.unreadable(errno)),
        }
    }

    /// Goes on where a link in this folder leads, which is read after it was judged.
    fn turn(&mut self, name: &OsStr) -> Result<(), Error> {
        let names_file = self.end == End::File && self.rest.is_empty();
        self.judge(Some(name).filter(|_| !names_file))?;
        let Some(target) = self.link(name)? else {
            return Err(Error::Changing { path: self.asked.to_owned() });
        };
        if self.above.is_none() {
            self.above = Some(Above::of(&self.here));
        }
        self.rest.extend(parts(&target));
        Ok(())
    }

    /// Judges this folder as one that holds another folder of the way.
    fn pass(&mut self, name: &OsStr) -> Result<(), Error> {
        match &self.above {
            Some(above) if !above.vouches_for(&status(&self.here, &self.path)?) => {
                self.judge(Some(name))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Judges this folder, whose entry is to be used.
    fn judge(&mut self, entry: Option<&OsStr>) -> Result<(), Error> {
        if self.is_trusted {
            return Ok(());
        }
        let of_folder = status(&self.here, &self.path)?;
        let is_sticky = of_folder.st_mode & Mode::S_ISVTX.bits() != 0;
        let entry = match entry.filter(|_| is_sticky) {
            Some(name) => Some((name, self.entry(name)?)),
            None => None,
        };
        (self.judge)(&Passage { path: &self.path, of_folder: &of_folder, entry })
    }

    fn entry(&self, name: &OsStr) -> Result<FileStat, Error> {
        nix::sys::stat::fstatat(&self.here, name, AtFlags::AT_SYMLINK_NOFOLLOW)
            .map_err(|errno| self.unreadable(errno))
    }

    fn enter(&mut self, name: &OsStr) -> Result<(), Error> {
        self.here = enter(&self.here, name).map_err(|errno| self.unreadable(errno))?;
        self.path.push(name);
        // Whoever may write there may replace every program.
        self.is_trusted = self.path == Path::new("/");
        Ok(())
    }

    fn unreadable(&self, errno: Errno) -> Error {
        unreadable(self.asked, errno)
    }
}

/// A folder and those above it, by device and inode. Whoever may write there could have replaced
/// the folder itself.
struct Above {
    folders: Vec<(libc::dev_t, libc::ino_t)>,
    /// The owner of the highest folder that can be reached, which is `/`.
    owner: u32,
}

impl Above {
    fn of(folder: &OwnedFd) -> Self {
        let mut above = Self { folders: Vec::new(), owner: 0 };
        let mut next = enter(folder, ".".as_ref());
        while let Ok(folder) = next
            && let Ok(found) = nix::sys::stat::fstat(&folder)
            && !above.folders.contains(&id(&found))
        {
            above.folders.push(id(&found));
            above.owner = found.st_uid;
            next = enter(&folder, "..".as_ref());
        }
        above
    }

    fn vouches_for(&self, found: &FileStat) -> bool {
        // In a user namespace, root may be somebody without a number, who owns `/usr` as well.
        let is_of_system = self.owner != 0 && found.st_uid == self.owner;
        self.folders.contains(&id(found)) || (is_of_system && found.st_mode & 0o022 == 0)
    }
}

const fn id(found: &FileStat) -> (libc::dev_t, libc::ino_t) {
    (found.st_dev, found.st_ino)
}

fn unreadable(path: &Path, errno: Errno) -> Error {
    Error::Unreadable { path: path.to_owned(), errno }
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> impl Iterator<Item = OsString> {
    path.components()
        .rev()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_owned())
}

/// Opens a folder in another one.
fn enter(folder: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = passage() | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    nix::fcntl::openat(folder, name, flags, Mode::empty())
}

/// Allows opening a folder that we may not list.
#[cfg(target_os = "linux")]
pub(super) const fn passage() -> OFlag {
    OFlag::O_PATH
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn passage() -> OFlag {
    OFlag::O_RDONLY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_links_is_walked_without_a_judge() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        std::fs::create_dir_all(place.join("a/b")).unwrap();
        let judge = |_: &Passage<'_>| -> Result<(), Error> { panic!("nothing is to be judged") };
        for (path, folder, file) in
            [("a/b", "a", "b"), ("a/./b/", "a", "b"), ("a/../a/new", "a", "new"), ("a/..", "", ".")]
        {
            let target = walk(&place.join(path), judge).unwrap();
            let found = nix::sys::stat::fstat(&target.folder).unwrap();
            let wanted = nix::sys::stat::stat(&place.join(folder)).unwrap();
            assert_eq!((id(&found), &*target.file), (id(&wanted), OsStr::new(file)), "{path}");
        }
        for (path, wanted) in [("none/b", Errno::ENOENT), ("", Errno::ENOENT)] {
            let path = if path.is_empty() { PathBuf::new() } else { place.join(path) };
            let failed = walk(&path, judge).map(drop).unwrap_err();
            assert!(matches!(failed, Error::Unreadable { errno, .. } if errno == wanted));
        }
    }
}
