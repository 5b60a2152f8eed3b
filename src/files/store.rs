//! The folder of the configuration: opened, judged, and locked against writers while it is read.
//!
//! Everything is judged on the open descriptor, so that the file that was judged is the file that
//! is read.

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
use crate::files::read::refuse_dead_link;
use crate::files::read::status;
use crate::files::rows::ROWS;
use crate::files::rows::RowsFolder;
use crate::host::ConfigDir;
use crate::warning::Warning;

/// The folder of the configuration.
#[derive(Debug)]
pub struct Store {
    pub(super) path: PathBuf,
    /// The folder; `None` if there is no configuration.
    pub(super) folder: Option<OwnedFd>,
    /// The folder of the workspaces' files; `None` if it cannot be opened. Only callers that need
    /// it report the error.
    pub(super) workspaces: Option<OwnedFd>,
    /// The folder of the user's own rows; `None` if it does not exist.
    pub(super) rows: Option<RowsFolder>,
    /// jackin's lock, shared. Without it, two readings must agree.
    pub(super) lock: RefCell<Option<Flock<OwnedFd>>>,
    /// Files may belong to this user and to root.
    pub(super) user: u32,
    /// The folder was named with `--config-dir`, so its files may belong to anyone.
    pub(super) typed: bool,
    /// The folder belongs to another user, who can put anything there, including links to our own
    /// files.
    pub(super) foreign: bool,
    /// The same for the folder of the workspaces' files.
    pub(super) foreign_workspaces: bool,
    /// The files read so far that belong to another user, or are in another user's folder.
    pub(super) of_others: RefCell<Vec<String>>,
}

/// The name of the subfolder for the workspaces' files.
pub(super) const WORKSPACES: &str = "workspaces";

impl Store {
    /// Opens the folder; a missing default folder is an empty configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NoFolder`], and the permission errors of [`Store::read`],
    /// here for the folder.
    pub fn open(
        dir: Option<&ConfigDir>,
        user: u32,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let Some(dir) = dir else {
            return Ok(Self::without_folder(PathBuf::new(), user, false));
        };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        // musl's `open` makes a second system call for O_CLOEXEC.
        match nix::fcntl::openat(AT_FDCWD, &dir.path, flags, Mode::empty()) {
            Ok(folder) => {
                let store = Self::over(dir, folder, user, warnings)?;
                let lock = match &store.folder {
                    Some(folder) => shared_lock(folder, store.foreign),
                    None => None,
                };
                Ok(Self { lock: RefCell::new(lock), ..store })
            }
            Err(Errno::ENOENT) if !dir.typed => {
                refuse_dead_link(AT_FDCWD, dir.path.as_os_str(), &dir.path)?;
                if dir.by_variable {
                    return Err(Error::NoFolder { path: dir.path.clone() });
                }
                Ok(Self::without_folder(dir.path.clone(), user, false))
            }
            Err(errno) => Err(Error::Unreadable { path: dir.path.clone(), errno }),
        }
    }

    /// Uses a folder that is already open, without a lock.
    ///
    /// # Errors
    ///
    /// The permission errors of [`Store::read`], here for the folder.
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
        // Anyone who can write here can replace one workspace's file with another's.
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
            Err(Errno::ENOENT) => refuse_dead_link(&folder, WORKSPACES.as_ref(), &path)?,
            Err(Errno::ELOOP | Errno::ENOTDIR) if store.foreign => {
                return Err(Error::ForeignLink { path });
            }
            // Only callers that need it report the error.
            Err(_) => {}
        }
        store.rows = store.open_rows(&folder, warnings)?;
        store.folder = Some(folder);
        Ok(store)
    }

    const fn without_folder(path: PathBuf, user: u32, typed: bool) -> Self {
        Self {
            path,
            folder: None,
            workspaces: None,
            rows: None,
            lock: RefCell::new(None),
            user,
            typed,
            foreign: false,
            foreign_workspaces: false,
            of_others: RefCell::new(Vec::new()),
        }
    }

    /// Whether the owner is neither we nor root.
    pub(super) fn is_anothers(&self, status: &FileStat) -> bool {
        status.st_uid != self.user && status.st_uid != 0
    }

    /// Whether the owner of the folder is neither we nor root.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// Whether a file is in a folder whose owner is neither we nor root. No link is followed there:
    /// it could lead to a file that we may read or write and its owner may not.
    pub fn is_in_foreign(&self, name: &str) -> bool {
        self.foreign
            || (self.foreign_workspaces && name.starts_with(WORKSPACES))
            || (name.starts_with(ROWS) && self.rows.as_ref().is_some_and(|rows| rows.is_foreign))
    }

    /// Whether any file that was read belongs to another user, or is in another user's folder.
    pub fn has_foreign(&self) -> bool {
        !self.of_others.borrow().is_empty()
    }

    /// Whether this file was read, and belongs to another user or is in another user's folder.
    pub fn was_foreign(&self, name: &str) -> bool {
        self.of_others.borrow().iter().any(|known| known == name)
    }

    /// The open folder that contains one of our files, and the file's name in it.
    ///
    /// # Errors
    ///
    /// ENOENT if that folder does not exist.
    pub fn inside<'n>(&self, name: &'n str) -> Result<(&OwnedFd, &'n str), Errno> {
        let folder = self.folder.as_ref().ok_or(Errno::ENOENT)?;
        let file_in = |folder: &str| name.strip_prefix(folder)?.strip_prefix('/');
        if let Some(rows) = &self.rows
            && let Some(file) = file_in(ROWS)
        {
            return Ok((&rows.folder, file));
        }
        let Some(file) = file_in(WORKSPACES) else {
            return Ok((folder, name));
        };
        // Uses the descriptor that was judged: the name could lead elsewhere by now.
        match &self.workspaces {
            Some(workspaces) => Ok((workspaces, file)),
            None if self.foreign_workspaces => Err(Errno::ENOENT),
            None => Ok((folder, name)),
        }
    }

    /// The same store, holding a lock.
    #[must_use]
    pub fn locked(self, lock: Flock<OwnedFd>) -> Self {
        Self { lock: RefCell::new(Some(lock)), ..self }
    }

    /// Releases the lock, once the launch has read everything it needs.
    pub fn release(&self) {
        self.lock.take();
    }

    /// The folder, if it exists.
    pub fn folder(&self) -> Option<&OwnedFd> {
        self.folder.as_ref()
    }

    /// The folder of the workspaces' files, if it can be opened.
    pub(super) fn workspaces(&self) -> Option<&OwnedFd> {
        self.workspaces.as_ref()
    }

    /// Whether we hold jackin's lock, which keeps writers out.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.borrow().is_some()
    }

    /// The open folders: of the configuration, and of the workspaces.
    pub fn folders(&self) -> impl Iterator<Item = &OwnedFd> {
        self.folder.iter().chain(&self.workspaces)
    }

    /// Judges a folder in the same way as the folder of the configuration.
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

    /// Refuses a file or folder that another user could have written, and warns about one that the
    /// group could have written.
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

    /// The same for a folder that a link leads through.
    pub(super) fn judge_target(
        &self,
        path: &Path,
        status: &FileStat,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        // A sticky folder of root, such as /nix/store: the group can add files, but cannot replace
        // ours.
        let is_sticky = status.st_mode & Mode::S_ISVTX.bits() != 0 && status.st_uid == 0;
        let mut found = Vec::new();
        self.judge(path, status, if is_sticky { &mut found } else { warnings })
    }
}
