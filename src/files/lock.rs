//! jackin's lock, config.lock: shared for readers, exclusive for writers.

use std::os::fd::OwnedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::fcntl::FlockArg;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::SFlag;

use crate::files::error::Error;
use crate::files::folder::keep_owner;
use crate::files::folder::private;
use crate::files::read::kind;
use crate::files::read::open;
use crate::files::store::Store;

/// How long a reader waits for a writer to release the lock.
const READERS_WAIT: Duration = Duration::from_millis(500);

/// How long jackin's writers wait for each other.
const WRITERS_WAIT: Duration = Duration::from_secs(5);

/// The interval at which jackin retries.
const INTERVAL: Duration = Duration::from_millis(25);

/// Takes jackin's lock, shared with other readers; `None` if the lock file does not exist, or a
/// writer does not release it.
///
/// In another user's folder no link is followed, and a file with a second hard link is not
/// accepted: locking it could block whoever uses it under the other name.
pub(super) fn shared_lock(folder: &OwnedFd, is_foreign: bool) -> Option<Flock<OwnedFd>> {
    let no_link = if is_foreign { OFlag::O_NOFOLLOW } else { OFlag::empty() };
    let file = open(folder, "config.lock".as_ref(), no_link).ok()?;
    if is_foreign {
        let found = nix::sys::stat::fstat(&file).ok()?;
        if !is_lock(&found) {
            return None;
        }
    }
    lock(file, FlockArg::LockSharedNonblock, READERS_WAIT).ok()
}

/// Locks a file. If the lock is taken, retries until `longest` has passed, and then gives the file
/// back with `EWOULDBLOCK`.
fn lock(
    mut file: OwnedFd,
    how: FlockArg,
    longest: Duration,
) -> Result<Flock<OwnedFd>, (OwnedFd, Errno)> {
    let mut waited = Duration::ZERO;
    loop {
        match Flock::lock(file, how) {
            Err((back, Errno::EWOULDBLOCK)) if waited < longest => {
                file = back;
                std::thread::sleep(INTERVAL);
                waited += INTERVAL;
            }
            result => return result,
        }
    }
}

/// Whether a file in another user's folder can be the lock.
fn is_lock(found: &FileStat) -> bool {
    kind(found) == SFlag::S_IFREG && found.st_nlink == 1
}

/// Takes jackin's lock as its writers do: `config.lock` with mode 0600, and in it the holder's
/// process id for messages.
pub(super) fn exclusive_lock(store: &Store) -> Result<Flock<OwnedFd>, Error> {
    lock_for_writing(store, WRITERS_WAIT)
}

/// The same, within `longest`.
fn lock_for_writing(store: &Store, longest: Duration) -> Result<Flock<OwnedFd>, Error> {
    let path = store.path().join("config.lock");
    let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
    let folder = store.folder().ok_or_else(|| unwritable(Errno::ENOENT))?;
    // A link in its place could lead to any of our files, whose content would be lost.
    let flags =
        OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_NOFOLLOW;
    let open_lock = |more| nix::fcntl::openat(folder, "config.lock", flags | more, private());
    let file = match open_lock(OFlag::O_CREAT | OFlag::O_EXCL) {
        Ok(file) => {
            keep_owner(&file, store.judge_folder(folder, store.path())?).map_err(unwritable)?;
            file
        }
        Err(Errno::EEXIST) => match open_lock(OFlag::empty()) {
            Err(Errno::ELOOP) => return Err(Error::NotRegular { path }),
            opened => opened.map_err(unwritable)?,
        },
        Err(errno) => return Err(unwritable(errno)),
    };
    let found = nix::sys::stat::fstat(&file).map_err(unwritable)?;
    if kind(&found) != SFlag::S_IFREG || (store.is_foreign() && !is_lock(&found)) {
        return Err(Error::NotRegular { path });
    }
    let lock = match lock(file, FlockArg::LockExclusiveNonblock, longest) {
        Ok(lock) => lock,
        Err((held, Errno::EWOULDBLOCK)) => {
            return Err(Error::Locked { path, holder: recorded(&held), waited: longest });
        }
        Err((_, errno)) => return Err(unwritable(errno)),
    };
    // A failure changes nothing: other processes rely on the lock, not on the number.
    let _ = nix::unistd::ftruncate(&*lock, 0);
    let _ = nix::unistd::write(&*lock, format!("{}\n", nix::unistd::getpid()).as_bytes());
    Ok(lock)
}

/// The process id recorded in the lock file.
fn recorded(file: &OwnedFd) -> Option<u32> {
    let mut buffer = [0; 16];
    let count = nix::unistd::read(file, &mut buffer).ok()?;
    std::str::from_utf8(buffer.get(..count)?).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::ConfigDir;

    #[test]
    fn a_lock_that_is_not_released_in_time_is_reported_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.lock");
        std::fs::write(&file, "4321\n").unwrap();
        let held = nix::fcntl::open(&file, OFlag::O_RDONLY, private()).unwrap();
        let held = Flock::lock(held, FlockArg::LockShared).unwrap();
        let dir = ConfigDir { path: folder.path().to_owned(), typed: false, by_variable: false };
        let user = nix::unistd::geteuid().as_raw();
        let store = Store::open(Some(&dir), user, &mut Vec::new()).unwrap();
        store.release();

        let refused = lock_for_writing(&store, INTERVAL).map(drop).unwrap_err();
        assert!(
            matches!(&refused, Error::Locked { holder: Some(4321), waited: INTERVAL, .. }),
            "{refused:?}"
        );
        let ours = Error::Locked { path: file, holder: Some(4321), waited: WRITERS_WAIT };
        assert!(ours.to_string().ends_with("process 4321 has held the lock for 5 s"), "{ours}");

        drop(held);
        lock_for_writing(&store, INTERVAL).unwrap();
    }
}
