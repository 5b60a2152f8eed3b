//! Opens the folder for a change, and sets the owner of what is created in it.

use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;
use nix::unistd::Gid;
use nix::unistd::Uid;

use crate::files::error::Error;
use crate::files::lock::exclusive_lock;
use crate::files::staged::sweep;
use crate::files::store::Store;
use crate::host::ConfigDir;
use crate::warning::Warning;

/// Opens the folder for a change: creates it if it does not exist, and takes jackin's lock.
///
/// # Errors
///
/// [`Error::Locked`] if another process holds the lock for 5 s, [`Error::Unwritable`], and the
/// errors of [`Store::open`].
pub fn open(dir: &ConfigDir, user: u32, warnings: &mut Vec<Warning>) -> Result<Store, Error> {
    let unwritable = |errno| Error::Unwritable { path: dir.path.clone(), errno };
    let mut store = Store::without_folder(dir.path.clone(), user, dir.typed);
    let folder = match store.configuration(warnings) {
        Err(Error::Folder { errno: Errno::ENOENT, .. }) if !dir.typed => {
            if user == 0 {
                stays_with_root(&dir.path)?;
            }
            make_folder(&dir.path, Mode::S_IRWXU).map_err(unwritable)?;
            store.configuration(warnings)?
        }
        opened => opened?,
    };
    store.use_folder(folder, warnings)?;
    let lock = exclusive_lock(&store)?;
    for folder in store.folders() {
        // Housekeeping: a leftover that cannot be removed is no reason to refuse the change.
        let _ = sweep(folder, None);
    }
    Ok(store.locked(lock))
}

/// As root, refuses to create a folder below another user's: it would belong to root, and that user
/// could have led the path anywhere.
fn stays_with_root(path: &Path) -> Result<(), Error> {
    for folder in path.ancestors() {
        match nix::sys::stat::stat(folder) {
            Ok(found) if found.st_uid != 0 => {
                return Err(Error::ForeignOwner { path: folder.to_owned(), owner: found.st_uid });
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Creates the last folder with `mode`, and its missing parents with mode 0755.
fn make_folder(path: &Path, mode: Mode) -> Result<(), Errno> {
    match nix::unistd::mkdir(path, mode) {
        Err(Errno::ENOENT) => {
            let usual =
                Mode::S_IRWXU | Mode::S_IRGRP | Mode::S_IXGRP | Mode::S_IROTH | Mode::S_IXOTH;
            make_folder(path.parent().ok_or(Errno::ENOENT)?, usual)?;
            make_folder(path, mode)
        }
        Err(Errno::EEXIST) => Ok(()),
        result => result,
    }
}

pub(super) const fn private() -> Mode {
    Mode::S_IRUSR.union(Mode::S_IWUSR)
}

/// Gives a file that root created in another user's folder to that user, who could not read it
/// otherwise.
pub(super) fn keep_owner(file: &OwnedFd, like: FileStat) -> Result<(), Errno> {
    let now = nix::sys::stat::fstat(file)?;
    if now.st_uid == like.st_uid {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(like.st_uid), Gid::from_raw(like.st_gid));
    match nix::unistd::fchown(file, Some(user), Some(group)) {
        // We may not change the owner; another user's lock file that we can open works as well.
        Err(Errno::EPERM) if !nix::unistd::geteuid().is_root() => Ok(()),
        changed => changed,
    }
}
