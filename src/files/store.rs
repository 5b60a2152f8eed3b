//! The folder of the configuration: open, judged, and locked against writers while it is read.
//!
//! Everything is judged on the open descriptor, so that what was judged is what was read.

use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::fcntl::Flock;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::lock::shared_lock;
use crate::files::read::is_no_link;
use crate::files::read::status;
use crate::host::ConfigDir;
use crate::warning::Warning;

/// The folder of the configuration, open and locked against writers while it is read.
#[derive(Debug)]
pub struct Store {
    pub(super) path: PathBuf,
    /// None: there is no configuration.
    pub(super) folder: Option<OwnedFd>,
    /// The folder of the workspaces' files; none if it cannot be opened, which matters only to who
    /// needs it.
    pub(super) workspaces: Option<OwnedFd>,
    /// jackin's lock, shared. None: readings must agree instead.
    pub(super) lock: RefCell<Option<Flock<OwnedFd>>>,
    /// Files may belong to us and to root.
    pub(super) user: u32,
    /// The folder was typed: files may be anybody's.
    pub(super) typed: bool,
    /// The folder belongs to another user, who can put there what they like, links to our own
    /// files included.
    pub(super) foreign: bool,
    /// The same of the folder of the workspaces' files.
    pub(super) foreign_workspaces: bool,
    /// The files that were read and are another user's, or in such a folder.
    pub(super) of_others: RefCell<Vec<String>>,
}

/// The folder of the workspaces' files inside the folder.
pub(super) const WORKSPACES: &str = "workspaces";

impl Store {
    /// Opens the folder; a default one that is not there is an empty configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], and what [`Store::read`] says of permissions, here of the folder.
    pub fn open(
        dir: Option<&ConfigDir>,
        user: u32,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let Some(dir) = dir else {
            return Ok(Self::without_folder(PathBuf::new(), user, false));
        };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        match nix::fcntl::open(&dir.path, flags, Mode::empty()) {
            Ok(folder) => {
                let store = Self::over(dir, folder, user, warnings)?;
                let lock =
                    store.folder.as_ref().and_then(|folder| shared_lock(folder, store.foreign));
                Ok(Self { lock: RefCell::new(lock), ..store })
            }
            Err(Errno::ENOENT) if !dir.typed => {
                is_no_link(AT_FDCWD, dir.path.as_os_str(), &dir.path)?;
                Ok(Self::without_folder(dir.path.clone(), user, false))
            }
            Err(errno) => Err(Error::Unreadable { path: dir.path.clone(), errno }),
        }
    }

    /// A folder that is open, without a lock.
    ///
    /// # Errors
    ///
    /// What [`Store::read`] says of permissions, here of the folder.
    pub fn over(
        dir: &ConfigDir,
        folder: OwnedFd,
        user: u32,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let mut store = Self::without_folder(dir.path.clone(), user, dir.typed);
        let of_folder = status(&folder, &dir.path)?;
        store.judge(&dir.path, &of_folder, warnings)?;
        store.foreign = store.is_anothers(&of_folder);
        store.foreign_workspaces = store.foreign;
        // Who can write here can put one workspace's file in another's place.
        let no_link = if store.foreign { OFlag::O_NOFOLLOW } else { OFlag::empty() };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | no_link;
        let path = dir.path.join(WORKSPACES);
        match nix::fcntl::openat(&folder, WORKSPACES, flags, Mode::empty()) {
            Ok(workspaces) => {
                let of_workspaces = status(&workspaces, &path)?;
                store.judge(&path, &of_workspaces, warnings)?;
                store.foreign_workspaces |= store.is_anothers(&of_workspaces);
                store.workspaces = Some(workspaces);
            }
            Err(Errno::ENOENT) => is_no_link(&folder, WORKSPACES.as_ref(), &path)?,
            Err(Errno::ELOOP | Errno::ENOTDIR) if store.foreign => {
                return Err(Error::ForeignLink { path });
            }
            // It matters only to who needs it.
            Err(_) => {}
        }
        store.folder = Some(folder);
        Ok(store)
    }

    const fn without_folder(path: PathBuf, user: u32, typed: bool) -> Self {
        Self {
            path,
            folder: None,
            workspaces: None,
            lock: RefCell::new(None),
            user,
            typed,
            foreign: false,
            foreign_workspaces: false,
            of_others: RefCell::new(Vec::new()),
        }
    }

    /// Whether something belongs to a user who is neither we nor root.
    pub(super) fn is_anothers(&self, status: &FileStat) -> bool {
        status.st_uid != self.user && status.st_uid != 0
    }

    /// Whether the folder belongs to a user who is neither we nor root.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// Whether a file lies in such a folder. No link is followed there: it could lead to a file
    /// that we may read or write and its owner may not.
    pub fn is_in_foreign(&self, name: &str) -> bool {
        self.foreign || (self.foreign_workspaces && name.starts_with(WORKSPACES))
    }

    /// Whether any file was read that is another user's, or in such a folder.
    pub fn has_foreign(&self) -> bool {
        !self.of_others.borrow().is_empty()
    }

    /// Whether a file was read that is another user's, or in such a folder.
    pub fn was_foreign(&self, name: &str) -> bool {
        self.of_others.borrow().iter().any(|known| known == name)
    }

    /// The open folder in which a file of ours lies, and its name there.
    ///
    /// # Errors
    ///
    /// ENOENT if that folder is not there.
    pub fn inside<'n>(&self, name: &'n str) -> Result<(&OwnedFd, &'n str), Errno> {
        let folder = self.folder.as_ref().ok_or(Errno::ENOENT)?;
        let Some(file) = name.strip_prefix(WORKSPACES).and_then(|rest| rest.strip_prefix('/'))
        else {
            return Ok((folder, name));
        };
        // By the descriptor that was judged: a name could lead elsewhere by now.
        match &self.workspaces {
            Some(workspaces) => Ok((workspaces, file)),
            None if self.foreign_workspaces => Err(Errno::ENOENT),
            None => Ok((folder, name)),
        }
    }

    /// The same under a lock.
    #[must_use]
    pub fn locked(self, lock: Flock<OwnedFd>) -> Self {
        Self { lock: RefCell::new(Some(lock)), ..self }
    }

    /// Lets writers in: everything that a launch needs was read.
    pub fn release(&self) {
        self.lock.take();
    }

    /// The folder, if it is there.
    pub fn folder(&self) -> Option<&OwnedFd> {
        self.folder.as_ref()
    }

    /// The folder of the workspaces' files, if it can be opened.
    pub(super) fn workspaces(&self) -> Option<&OwnedFd> {
        self.workspaces.as_ref()
    }

    /// Whether jackin's writers are kept out.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.borrow().is_some()
    }

    /// The folders that are open: of the configuration, and of the workspaces.
    pub fn folders(&self) -> impl Iterator<Item = &OwnedFd> {
        self.folder.iter().chain(&self.workspaces)
    }

    /// Judges a folder as the folder of the configuration was judged.
    ///
    /// # Errors
    ///
    /// [`Error::WorldWritable`] or [`Error::ForeignOwner`].
    pub fn judge_folder(&self, folder: &OwnedFd, path: &Path) -> Result<FileStat, Error> {
        let status = status(folder, path)?;
        self.judge(path, &status, &mut Vec::new())?;
        Ok(status)
    }

    /// The folder, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses what another user could have written, and warns of what the group could have.
    pub(super) fn judge(
        &self,
        path: &Path,
        status: &FileStat,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        if status.st_mode & 0o002 != 0 {
            return Err(Error::WorldWritable { path: path.to_owned() });
        }
        let owner = status.st_uid;
        if owner != self.user && owner != 0 && !self.typed {
            return Err(Error::ForeignOwner { path: path.to_owned(), owner });
        }
        if status.st_mode & 0o020 != 0 {
            warnings.push(Warning::GroupWritable { path: path.to_owned() });
        }
        Ok(())
    }

    /// The same of a folder that a link leads through.
    pub(super) fn judge_target(
        &self,
        path: &Path,
        status: &FileStat,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        // Root's folder with the sticky bit, as /nix/store is: the group can add files, but not
        // replace one of ours.
        let is_sticky = status.st_mode & Mode::S_ISVTX.bits() != 0 && status.st_uid == 0;
        let mut found = Vec::new();
        self.judge(path, status, if is_sticky { &mut found } else { warnings })
    }
}
