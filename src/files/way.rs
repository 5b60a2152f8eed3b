//! Opens the folders of the configuration. A folder behind a link is opened only if each folder on
//! the way to it can be trusted.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::links;
use crate::files::links::End;
use crate::files::links::Passage;
use crate::files::links::Target;
use crate::files::links::passage;
use crate::files::read::status;
use crate::files::store::Store;
use crate::warning::Warning;

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) folder: OwnedFd,
    /// It, or a folder on the way to it, belongs to another user.
    pub(super) is_foreign: bool,
}

/// How a folder is opened that is not reached by a link.
const FLAGS: OFlag =
    OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

impl Store {
    /// Opens the folder of the configuration. It is not judged yet, but the way to it is.
    pub(super) fn configuration(&self, warnings: &mut Vec<Warning>) -> Result<Folder, Error> {
        let unopened = |errno| Error::Folder { path: self.path().to_owned(), errno };
        match without_links(self.path()) {
            // There is a link; or this kernel, or the sandbox around us, cannot tell.
            Err(Errno::ELOOP | Errno::ENOSYS | Errno::EPERM) => {}
            opened => {
                return Ok(Folder { folder: opened.map_err(unopened)?, is_foreign: false });
            }
        }
        let mut is_foreign = false;
        let judge = |passage: &Passage<'_>| {
            is_foreign |= self.is_anothers(passage.of_folder);
            self.judge_passage(passage, warnings)
        };
        let Target { folder, file, .. } = match links::walk(self.path(), judge) {
            Err(Error::Unreadable { errno, .. }) => return Err(unopened(errno)),
            walked => walked?,
        };
        let opened = nix::fcntl::openat(&folder, file.as_os_str(), FLAGS, Mode::empty());
        Ok(Folder { folder: opened.map_err(unopened)?, is_foreign })
    }

    /// Opens and judges a folder in the folder of the configuration; `None` if it does not exist,
    /// which takes one system call to find out.
    pub(super) fn folder_in(
        &self,
        folder: &OwnedFd,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Folder>, Error> {
        let path = self.path().join(name);
        let unreadable = |errno| Error::Unreadable { path: path.clone(), errno };
        let mut is_foreign = self.is_foreign();
        let opened = match open(folder, name.as_ref()) {
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP | Errno::ENOTDIR) if is_foreign => {
                return Err(Error::ForeignLink { path });
            }
            Err(Errno::ELOOP | Errno::ENOTDIR) => {
                let judge = |passage: &Passage<'_>| {
                    is_foreign |= self.is_anothers(passage.of_folder);
                    self.judge_passage(passage, warnings)
                };
                let target = links::follow(folder, name.as_ref(), &path, End::Folder, judge)?;
                match open(&target.folder, &target.file) {
                    Err(Errno::ENOENT) => return Err(Error::DeadLink { path }),
                    opened => opened,
                }
            }
            opened => opened,
        };
        let folder = opened.map_err(unreadable)?;
        let of_folder = status(&folder, &path)?;
        self.judge(&path, &of_folder, warnings)?;
        is_foreign |= self.is_anothers(&of_folder);
        Ok(Some(Folder { folder, is_foreign }))
    }
}

/// Opens a folder, or one that we may not list in such a way that its files can be opened by name.
fn open(folder: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    match nix::fcntl::openat(folder, name, FLAGS, Mode::empty()) {
        Err(Errno::EACCES) => {
            nix::fcntl::openat(folder, name, FLAGS.union(passage()), Mode::empty())
        }
        opened => opened,
    }
}

/// Opens a folder if no part of the path is a link.
#[cfg(target_os = "linux")]
fn without_links(path: &Path) -> Result<OwnedFd, Errno> {
    use nix::fcntl::AT_FDCWD;
    use nix::fcntl::OpenHow;
    use nix::fcntl::ResolveFlag;
    // O_NOFOLLOW would make a link at the end ENOTDIR.
    let how = OpenHow::new()
        .flags(FLAGS.difference(OFlag::O_NOFOLLOW))
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    nix::fcntl::openat2(AT_FDCWD, path, how)
}

/// The same, on macOS from 11 on.
#[cfg(target_os = "macos")]
fn without_links(path: &Path) -> Result<OwnedFd, Errno> {
    let any = OFlag::from_bits_retain(nix::libc::O_NOFOLLOW_ANY);
    let flags = FLAGS.difference(OFlag::O_NOFOLLOW).union(any);
    nix::fcntl::open(path, flags, Mode::empty())
}

/// Elsewhere each name on the way is looked up.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const fn without_links(_: &Path) -> Result<OwnedFd, Errno> {
    Err(Errno::ENOSYS)
}
