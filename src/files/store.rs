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

use crate::config;
use crate::files::error::Error;
use crate::files::lock::shared_lock;
use crate::files::read::LARGEST_CONFIG;
use crate::files::read::first_bytes;
use crate::files::read::is_no_link;
use crate::files::read::not_utf8;
use crate::files::read::read_once;
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
}

/// A file as it was read.
#[derive(Debug)]
pub struct Text {
    /// For messages.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
    /// The user id of its owner.
    pub owner: u32,
    /// Whether others than owner and group may read it.
    pub world_readable: bool,
}

/// The folder of the workspaces' files inside the folder.
pub(super) const WORKSPACES: &str = "workspaces";

/// The name of a workspace's file inside the folder.
pub fn workspace_file(name: &str) -> String {
    format!("{WORKSPACES}/{name}.toml")
}

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
                let lock = store.folder.as_ref().and_then(shared_lock);
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
        let foreign = |status: &FileStat| status.st_uid != user && status.st_uid != 0;
        store.foreign = foreign(&of_folder);
        store.foreign_workspaces = store.foreign;
        // Who can write here can put one workspace's file in another's place.
        let no_link = if store.foreign { OFlag::O_NOFOLLOW } else { OFlag::empty() };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | no_link;
        let path = dir.path.join(WORKSPACES);
        match nix::fcntl::openat(&folder, WORKSPACES, flags, Mode::empty()) {
            Ok(workspaces) => {
                let of_workspaces = status(&workspaces, &path)?;
                store.judge(&path, &of_workspaces, warnings)?;
                store.foreign_workspaces |= foreign(&of_workspaces);
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
        }
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

    /// The open folder in which a file of ours lies, and its name there.
    ///
    /// # Errors
    ///
    /// ENOENT if that folder is not there.
    pub fn inside<'n>(&self, name: &'n str) -> Result<(&OwnedFd, &'n str), Errno> {
        let folder = self.folder.as_ref().ok_or(Errno::ENOENT)?;
        match name.strip_prefix(WORKSPACES).and_then(|rest| rest.strip_prefix('/')) {
            Some(file) if self.foreign_workspaces => {
                Ok((self.workspaces.as_ref().ok_or(Errno::ENOENT)?, file))
            }
            _ => Ok((folder, name)),
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

    /// Reads a file of the folder; none if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NotRegular`], [`Error::TooLarge`], [`Error::WorldWritable`],
    /// [`Error::ForeignOwner`]; [`Error::Changing`] where there is no lock and readings differ;
    /// [`Error::Config`] for text that is not UTF-8.
    pub fn read(&self, name: &str, warnings: &mut Vec<Warning>) -> Result<Option<Text>, Error> {
        let Ok((folder, inside)) = self.inside(name) else {
            return Ok(None);
        };
        let path = self.path.join(name);
        let no_link = if self.is_in_foreign(name) { OFlag::O_NOFOLLOW } else { OFlag::empty() };
        let read = || read_once(folder, inside.as_ref(), &path, LARGEST_CONFIG, no_link);
        let Some((mut bytes, status)) = read()? else {
            return is_no_link(folder, inside.as_ref(), &path).map(|()| None);
        };
        if self.lock.borrow().is_none() {
            let mut tries = 0;
            loop {
                let Some((again, _)) = read()? else {
                    return Ok(None);
                };
                if again == bytes {
                    break;
                }
                tries += 1;
                if tries == 3 {
                    return Err(Error::Changing { path });
                }
                bytes = again;
            }
        }
        self.judge(&path, &status, warnings)?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&path, &error))?;
        Ok(Some(Text {
            path,
            text,
            owner: status.st_uid,
            world_readable: status.st_mode & 0o004 != 0,
        }))
    }

    /// The names of the workspaces that have a file, sorted.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if the folder of workspaces cannot be listed.
    pub fn workspace_names(&self) -> Result<Vec<String>, Error> {
        if self.folder.is_none() {
            return Ok(Vec::new());
        }
        let path = self.path.join(WORKSPACES);
        let unreadable = |error: &std::io::Error| Error::Unreadable {
            path: path.clone(),
            errno: error.raw_os_error().map_or(Errno::EIO, Errno::from_raw),
        };
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| unreadable(&error))?.file_name();
            names.extend(
                name.to_str().and_then(|name| name.strip_suffix(".toml")).map(str::to_owned),
            );
        }
        // An editor's lock is a link to nothing.
        names.retain(|name| config::is_workspace_name(name) && !name.starts_with(".#"));
        names.sort();
        Ok(names)
    }

    /// The workspaces whose file passes a first look, which sees its bytes before anything is
    /// judged or parsed.
    ///
    /// A file that cannot be read passes: whoever needs it will hear why.
    ///
    /// # Errors
    ///
    /// As [`Store::workspace_names`].
    pub fn workspaces_that(&self, look: impl Fn(&[u8]) -> bool) -> Result<Vec<String>, Error> {
        let mut names = self.workspace_names()?;
        let Some(folder) = &self.workspaces else {
            return Ok(names);
        };
        // One buffer for all of them: a thousand files must not cost a thousand allocations.
        let mut buffer = vec![0; 1 << 16];
        names.retain(|name| match first_bytes(folder, &format!("{name}.toml"), &mut buffer) {
            Ok(Some(bytes)) => look(bytes),
            // Removed since it was listed; or a link to nothing, which whoever needs it will hear
            // of.
            Err(Errno::ENOENT) => {
                is_no_link(folder, format!("{name}.toml").as_ref(), Path::new("")).is_err()
            }
            Ok(None) | Err(_) => true,
        });
        Ok(names)
    }

    fn judge(
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
}
