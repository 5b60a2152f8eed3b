//! A file of another program from which keys are taken: opened once, judged, and read from that
//! descriptor.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::SFlag;

use crate::files::error::Error;
use crate::files::links;
use crate::files::links::Passage;
use crate::files::links::Target;
use crate::files::read::LARGEST_CONFIG;
use crate::files::read::content;
use crate::files::read::kind;
use crate::files::read::open;
use crate::files::read::status;
use crate::files::store::Store;

/// An open file that nobody but we and root can have written or chosen.
#[derive(Debug)]
pub struct Plain {
    path: PathBuf,
    /// The folder in which it is, and its name there, behind all links.
    folder: OwnedFd,
    name: OsString,
    file: OwnedFd,
    status: FileStat,
    /// Judges as a file of the configuration is judged.
    judge: Store,
}

impl Plain {
    /// Opens and judges a file, and each folder that a link leads through.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NotRegular`], [`Error::ForeignOwner`] or
    /// [`Error::WorldWritable`].
    pub fn open(path: &Path, user: u32) -> Result<Self, Error> {
        let judge = Store::without_folder(path.to_owned(), user, false);
        let pass = |passage: &Passage<'_>| judge.judge_passage(passage, &mut Vec::new());
        let Target { folder, file: name, .. } = links::walk(path, pass)?;
        let file = open(&folder, &name, OFlag::O_NOFOLLOW)
            .map_err(|errno| Error::Unreadable { path: path.to_owned(), errno })?;
        let status = status(&file, path)?;
        if kind(&status) != SFlag::S_IFREG {
            return Err(Error::NotRegular { path: path.to_owned() });
        }
        judge.judge(path, &status, &mut Vec::new())?;
        Ok(Self { path: path.to_owned(), folder, name, file, status, judge })
    }

    /// Its first bytes, at most so many.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`].
    pub fn beginning(&self, limit: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; limit];
        let count = loop {
            match nix::sys::uio::pread(&self.file, &mut bytes, 0) {
                Ok(count) => break count,
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(Error::Unreadable { path: self.path.clone(), errno }),
            }
        };
        bytes.truncate(count);
        Ok(bytes)
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] or [`Error::TooLarge`].
    pub fn content(&self) -> Result<Vec<u8>, Error> {
        content(&self.file, &self.status, &self.path, LARGEST_CONFIG)
    }

    /// Judges the folder in which it is, for a program that opens it by its name, and others beside
    /// it.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignOwner`] or [`Error::WorldWritable`].
    pub fn judge_folder(&self) -> Result<(), Error> {
        let path = self.path.parent().unwrap_or(&self.path);
        self.judge.judge_folder(&self.folder, path).map(drop)
    }

    /// Whether its name still leads to it.
    pub fn is_in_place(&self) -> bool {
        nix::sys::stat::fstatat(&self.folder, &*self.name, AtFlags::AT_SYMLINK_NOFOLLOW).is_ok_and(
            |found| (found.st_dev, found.st_ino) == (self.status.st_dev, self.status.st_ino),
        )
    }
}
