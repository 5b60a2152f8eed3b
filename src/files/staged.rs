//! A new text in a temporary file beside the file that it replaces.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;
use nix::sys::stat::SFlag;
use nix::unistd::Gid;
use nix::unistd::Uid;
use nix::unistd::UnlinkatFlags;

use crate::files::error::Error;
use crate::files::folder::private;
use crate::files::links;
use crate::files::links::End;
use crate::files::links::Passage;
use crate::files::links::Target;
use crate::files::read::kind;
use crate::files::read::open;
use crate::files::store::Store;
use crate::sys;

/// A new text beside the file that it will replace. Dropping it before that deletes it.
pub(super) struct Staged {
    /// The file to be replaced, for messages.
    pub(super) path: PathBuf,
    pub(super) folder: OwnedFd,
    /// The temporary file's name in the folder.
    pub(super) name: Vec<u8>,
    /// The name of the file to be replaced.
    pub(super) file: Vec<u8>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After the rename there is nothing to delete. An earlier failure is the one to report.
        let _ =
            nix::unistd::unlinkat(&self.folder, self.name.as_slice(), UnlinkatFlags::NoRemoveDir);
    }
}

impl Staged {
    pub(super) fn new(
        store: &Store,
        name: &str,
        before: Option<&str>,
        after: &str,
    ) -> Result<Self, Error> {
        let is_foreign = store.is_in_foreign(name);
        let Target { path, folder, file } = target(store, name)?;
        let file = file.into_vec();
        let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
        let of_folder = store.judge_folder(&folder, path.parent().unwrap_or(&path))?;
        // The lock keeps out only programs that take it, not an editor in the next window.
        let found = store.read(name, &mut Vec::new())?;
        if found.as_ref().map(|found| found.text.as_str()) != before {
            return Err(Error::Changing { path: store.path().join(name) });
        }
        sweep(&folder, Some(&file)).map_err(unwritable)?;
        let old = nix::sys::stat::fstatat(&folder, file.as_slice(), AtFlags::AT_SYMLINK_NOFOLLOW);
        let owner = match old {
            Ok(old) => old,
            Err(Errno::ENOENT) => of_folder,
            Err(errno) => return Err(unwritable(errno)),
        };
        let (new, name) = create(&folder, &file).map_err(unwritable)?;
        let staged = Self { path, folder, name, file };
        if let Ok(old) = old
            && !is_foreign
        {
            keep_attributes(&staged.folder, &staged.file, old, &new);
        }
        match restrict(&new, owner).and_then(|()| fill(&new, after)) {
            Ok(()) => Ok(staged),
            Err(errno) => Err(staged.unwritable(errno)),
        }
    }

    /// Renames the text over the file. A reader sees the whole old or the whole new text, even if
    /// we die at any moment.
    pub(super) fn place(self) -> Result<(), Error> {
        let (folder, from, to) = (&self.folder, self.name.as_slice(), self.file.as_slice());
        let renamed = nix::fcntl::renameat(folder, from, folder, to);
        // After this fsync a power failure cannot bring the old file back.
        match renamed.and_then(|()| nix::unistd::fsync(folder)) {
            Ok(()) => Ok(()),
            Err(errno) => Err(self.unwritable(errno)),
        }
    }

    fn unwritable(&self, errno: Errno) -> Error {
        Error::Unwritable { path: self.path.clone(), errno }
    }
}

/// The real location of a file, behind all links, which stay in place. In another user's folder no
/// link is followed.
fn target(store: &Store, name: &str) -> Result<Target, Error> {
    let path = store.path().join(name);
    let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
    let (folder, inside) = store.inside(name).map_err(unwritable)?;
    if store.is_in_foreign(name) {
        let folder = folder.try_clone().map_err(|_| unwritable(Errno::EMFILE))?;
        return Ok(Target { path, folder, file: inside.into() });
    }
    let judge = |passage: &Passage<'_>| store.judge_passage(passage, &mut Vec::new());
    let found = links::follow(folder, inside.as_ref(), &path, End::File, judge)?;
    // Only a folder that is open for reading can be synced to disk.
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let folder =
        nix::fcntl::openat(&found.folder, ".", flags, Mode::empty()).map_err(unwritable)?;
    Ok(Target { folder, ..found })
}

/// The part of a temporary file's name between the name of the file and a process id.
const STAGED: &str = ".tmp.jackin-exec.";

/// Creates the temporary file. Only we use names of this form, and only under the lock, so whoever
/// holds the lock knows that such a file is a leftover.
fn create(folder: &OwnedFd, file: &[u8]) -> Result<(OwnedFd, Vec<u8>), Errno> {
    /// How many existing names are skipped.
    const MOST: u32 = 100;

    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut number = nix::unistd::getpid().to_string();
    for more in 0..MOST {
        let name = [file, STAGED.as_bytes(), number.as_bytes()].concat();
        match nix::fcntl::openat(folder, name.as_slice(), flags, private()) {
            Ok(new) => return Ok((new, name)),
            // A folder of that name, which sweeping leaves alone.
            Err(Errno::EEXIST) => number = format!("{}0{more}", nix::unistd::getpid()),
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::EEXIST)
}

/// Gives the new file the group and the extended attributes of the old one, where the system allows
/// it: we may not be in that group. An access control list is not kept: the file is its owner's
/// alone.
fn keep_attributes(folder: &OwnedFd, file: &[u8], old: FileStat, new: &OwnedFd) {
    let _ = nix::unistd::fchown(new, None, Some(Gid::from_raw(old.st_gid)));
    if let Ok(old) = open(folder, OsStr::from_bytes(file), OFlag::O_NOFOLLOW) {
        sys::copy_attributes(&old, new);
    }
}

/// Makes the file its owner's alone. It may be given a key only after this.
fn restrict(file: &OwnedFd, owner: FileStat) -> Result<(), Errno> {
    nix::sys::stat::fchmod(file, private())?;
    let now = nix::sys::stat::fstat(file)?;
    if now.st_uid != owner.st_uid {
        nix::unistd::fchown(
            file,
            Some(Uid::from_raw(owner.st_uid)),
            Some(Gid::from_raw(owner.st_gid)),
        )?;
    }
    Ok(())
}

fn fill(file: &OwnedFd, text: &str) -> Result<(), Errno> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match nix::unistd::write(file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    nix::unistd::fsync(file)
}

/// Removes the temporary files that a dead writer left behind, for one file or for all files in a
/// folder. They may hold a key.
pub(super) fn sweep(folder: &OwnedFd, stem: Option<&[u8]>) -> Result<(), Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut directory = nix::dir::Dir::openat(folder, ".", flags, Mode::empty())?;
    let mut left: Vec<Vec<u8>> = Vec::new();
    for entry in directory.iter() {
        let name = entry?.file_name().to_bytes().to_vec();
        if let Some(file) = replaced_by(&name)
            && stem.is_none_or(|stem| stem == file)
        {
            left.push(name);
        }
    }
    for name in left {
        match nix::unistd::unlinkat(folder, name.as_slice(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => {}
            // A folder, so not one of ours.
            Err(_) if is_folder(folder, &name) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The name of the file that a temporary file replaces; `None` for any other file.
fn replaced_by(name: &[u8]) -> Option<&[u8]> {
    let last_letter = name.iter().rposition(|byte| !byte.is_ascii_digit())?;
    let (stem, digits) = name.split_at(last_letter + 1);
    if digits.is_empty() { None } else { stem.strip_suffix(STAGED.as_bytes()) }
}

fn is_folder(folder: &OwnedFd, name: &[u8]) -> bool {
    let found = nix::sys::stat::fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW);
    found.is_ok_and(|found| kind(&found) == SFlag::S_IFDIR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::folder::open;
    use crate::host::ConfigDir;

    #[test]
    fn what_another_program_wrote_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let user = nix::unistd::geteuid().as_raw();
        let dir = ConfigDir { path: folder.path().to_owned(), typed: false, by_variable: false };
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "theirs").unwrap();
        let store = open(&dir, user, &mut Vec::new()).unwrap();
        for before in [None, Some("read before")] {
            let refused = Staged::new(&store, "config.toml", before, "ours").map(drop);
            assert!(matches!(refused, Err(Error::Changing { .. })), "{refused:?}");
        }
        Staged::new(&store, "config.toml", Some("theirs"), "ours").and_then(Staged::place).unwrap();
        assert_eq!(store.read("config.toml", &mut Vec::new()).unwrap().unwrap().text, "ours");
    }

    #[test]
    fn only_what_was_left_over_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let dir = ConfigDir { path: folder.path().to_owned(), typed: false, by_variable: false };
        std::fs::create_dir(folder.path().join("workspaces")).unwrap();
        let gone = ["config.toml.tmp.jackin-exec.1", "workspaces/a.toml.tmp.jackin-exec.77"];
        let stays = [
            "config.toml.tmp.1.0",
            "config.toml.tmp.jackin-exec.",
            "config.toml.tmp.jackin-exec.1x",
            "1",
        ];
        for name in gone.iter().chain(&stays) {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        open(&dir, nix::unistd::geteuid().as_raw(), &mut Vec::new()).unwrap();
        assert!(gone.iter().all(|name| !folder.path().join(name).exists()));
        assert!(stays.iter().all(|name| folder.path().join(name).exists()));
    }
}
