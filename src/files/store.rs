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
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::links::Passage;
use crate::files::lock::shared_lock;
use crate::files::read::refuse_dead_link;
use crate::files::read::status;
use crate::files::rows::ROWS;
use crate::files::way::Folder;
use crate::host::ConfigDir;
use crate::warning::Warning;

/// The folder of the configuration.
#[derive(Debug)]
pub struct Store {
    pub(super) path: PathBuf,
    /// The folder; `None` if there is no configuration.
    pub(super) folder: Option<OwnedFd>,
    /// The folder of the workspaces' files; `None` if it does not exist. Only callers that need it
    /// report why it cannot be opened.
    workspaces: Result<Option<Folder>, Errno>,
    /// The folder of the user's own rows; `None` if it does not exist.
    pub(super) rows: Option<Folder>,
    /// jackin's lock, shared. Without it, two readings must agree.
    pub(super) lock: RefCell<Option<Flock<OwnedFd>>>,
    /// Files may belong to this user and to root.
    pub(super) user: u32,
    /// The folder was named with `--config-dir`, so its files may belong to anyone.
    pub(super) typed: bool,
    /// The folder belongs to another user, who can put anything there, including links to our own
    /// files.
    pub(super) foreign: bool,
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
    /// [`Error::Folder`], [`Error::NoFolder`], and the permission errors of [`Store::read`],
    /// here for the folder.
    pub fn open(
        dir: Option<&ConfigDir>,
        user: u32,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let Some(dir) = dir else {
            return Ok(Self::without_folder(PathBuf::new(), user, false));
        };
        let mut store = Self::without_folder(dir.path.clone(), user, dir.typed);
        match store.configuration(warnings) {
            Ok(folder) => {
                store.use_folder(folder, warnings)?;
                let lock = match &store.folder {
                    Some(folder) => shared_lock(folder, store.foreign),
                    None => None,
                };
                Ok(Self { lock: RefCell::new(lock), ..store })
            }
            Err(Error::Folder { errno: Errno::ENOENT, .. }) if !dir.typed => {
                refuse_dead_link(AT_FDCWD, dir.path.as_os_str(), &dir.path)?;
                if dir.by_variable {
                    return Err(Error::NoFolder { path: dir.path.clone() });
                }
                Ok(store)
            }
            Err(error) => Err(error),
        }
    }

    /// Judges an open folder, and opens those in it.
    pub(super) fn use_folder(
        &mut self,
        found: Folder,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        let Folder { folder, is_foreign } = found;
        let of_folder = status(&folder, &self.path)?;
        self.judge(&self.path, &of_folder, warnings)?;
        self.foreign = is_foreign || self.is_anothers(&of_folder);
        self.workspaces = match self.folder_in(&folder, WORKSPACES, warnings) {
            Err(Error::Unreadable { errno, .. }) => Err(errno),
            opened => Ok(opened?),
        };
        self.rows = self.folder_in(&folder, ROWS, warnings)?;
        self.folder = Some(folder);
        Ok(())
    }

    /// A store whose folder is not open.
    pub(super) const fn without_folder(path: PathBuf, user: u32, typed: bool) -> Self {
        Self {
            path,
            folder: None,
            workspaces: Ok(None),
            rows: None,
            lock: RefCell::new(None),
            user,
            typed,
            foreign: false,
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
        let is_foreign = |folder: &Option<Folder>| folder.as_ref().is_some_and(|it| it.is_foreign);
        self.foreign
            || (Path::new(name).starts_with(WORKSPACES)
                && self.workspaces.as_ref().is_ok_and(is_foreign))
            || (Path::new(name).starts_with(ROWS) && is_foreign(&self.rows))
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
    /// ENOENT if that folder does not exist, and why it cannot be opened.
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
            Ok(Some(workspaces)) => Ok((&workspaces.folder, file)),
            Ok(None) if self.foreign => Err(Errno::ENOENT),
            Ok(None) => Ok((folder, name)),
            Err(errno) => Err(*errno),
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

    /// The folder of the workspaces' files, if it exists.
    pub(super) fn workspaces(&self) -> Result<Option<&OwnedFd>, Errno> {
        let workspaces = self.workspaces.as_ref().map_err(|errno| *errno)?;
        Ok(workspaces.as_ref().map(|workspaces| &workspaces.folder))
    }

    /// Whether we hold jackin's lock, which keeps writers out.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.borrow().is_some()
    }

    /// The open folders: of the configuration, and of the workspaces.
    pub fn folders(&self) -> impl Iterator<Item = &OwnedFd> {
        self.folder.iter().chain(self.workspaces().ok().flatten())
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
            let warning = Warning::GroupWritable { path: path.to_owned() };
            // Two links may lead through one folder.
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        Ok(())
    }

    /// The same for a folder that a link leads through.
    pub(super) fn judge_passage(
        &self,
        passage: &Passage<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        let Passage { path, of_folder, entry } = passage;
        // A sticky folder of root, such as /tmp or /nix/store: others can add entries, but cannot
        // replace ours.
        let is_sticky = of_folder.st_mode & Mode::S_ISVTX.bits() != 0 && of_folder.st_uid == 0;
        let mut of_sticky = Vec::new();
        match entry {
            Some((name, of_entry)) if is_sticky && self.is_anothers(of_entry) => {
                Err(Error::ForeignOwner { path: path.join(name), owner: of_entry.st_uid })
            }
            Some(_) if is_sticky => Ok(()),
            Some(_) | None => {
                self.judge(path, of_folder, if is_sticky { &mut of_sticky } else { warnings })
            }
        }
    }
}
