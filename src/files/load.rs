//! Which files, under which lock, with which permissions: reading. Knows nothing of what is in
//! them.
//!
//! This file reads files. Everything is judged on the open descriptor, so that what was judged is
//! what was read.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::fcntl::AtFlags;
use nix::fcntl::Flock;
use nix::fcntl::FlockArg;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;
use nix::sys::stat::SFlag;

use crate::config;
use crate::error::Error;
use crate::error::Place;
use crate::error::Problem;
use crate::error::Warning;
use crate::host::ConfigDir;

/// The folder of the configuration, open and locked against writers while it is read.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// None: there is no configuration.
    folder: Option<OwnedFd>,
    /// The folder of the workspaces' files; none if it cannot be opened, which matters only to who
    /// needs it.
    workspaces: Option<OwnedFd>,
    /// jackin's lock, shared. None: readings must agree instead.
    lock: RefCell<Option<Flock<OwnedFd>>>,
    /// Files may belong to us and to root.
    user: u32,
    /// The folder was typed: files may be anybody's.
    typed: bool,
    /// The folder belongs to another user, who can put there what they like, links to our own
    /// files included.
    foreign: bool,
    /// The same of the folder of the workspaces' files.
    foreign_workspaces: bool,
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

/// How long a writer may keep us waiting for the lock.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// The interval at which jackin itself tries the lock.
const LOCK_INTERVAL: Duration = Duration::from_millis(25);

/// No configuration is larger; a limit keeps a mistake from filling the memory. In bytes.
const LARGEST_CONFIG: usize = 16 << 20;

/// No value is larger, in bytes.
pub const LARGEST_VALUE: usize = 1 << 20;

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

/// The folder of the workspaces' files inside the folder.
const WORKSPACES: &str = "workspaces";

/// The name of a workspace's file inside the folder.
pub fn workspace_file(name: &str) -> String {
    format!("{WORKSPACES}/{name}.toml")
}

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
fn read_once(
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
fn first_bytes<'b>(
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
fn is_no_link(folder: impl AsFd, name: &OsStr, path: &Path) -> Result<(), Error> {
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

fn status(file: &OwnedFd, path: &Path) -> Result<FileStat, Error> {
    nix::sys::stat::fstat(file).map_err(|errno| Error::Unreadable { path: path.to_owned(), errno })
}

/// jackin's lock, shared with other readers; none if it has never been made, or a writer does not
/// let go.
fn shared_lock(folder: &OwnedFd) -> Option<Flock<OwnedFd>> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let mut file = nix::fcntl::openat(folder, "config.lock", flags, Mode::empty()).ok()?;
    let mut waited = Duration::ZERO;
    loop {
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Ok(lock) => return Some(lock),
            Err((back, Errno::EWOULDBLOCK)) if waited < LOCK_PATIENCE => {
                file = back;
                std::thread::sleep(LOCK_INTERVAL);
                waited += LOCK_INTERVAL;
            }
            Err(_) => return None,
        }
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Error {
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    Place::after(path, &String::from_utf8_lossy(valid)).wrong(Problem::Expected("UTF-8"))
}
