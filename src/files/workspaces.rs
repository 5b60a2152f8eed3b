//! The workspaces' files: their names, and a quick look at each.

use std::os::fd::OwnedFd;
use std::path::Path;

use nix::dir::Dir;
use nix::dir::Type;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::sys::stat::SFlag;

use crate::config;
use crate::files::error::Error;
use crate::files::read::is_no_link;
use crate::files::read::kind;
use crate::files::read::open;
use crate::files::store::Store;
use crate::files::store::WORKSPACES;

/// The name of a workspace's file inside the folder.
pub fn workspace_file(name: &str) -> String {
    format!("{WORKSPACES}/{name}.toml")
}

impl Store {
    /// The names of the workspaces that have a file, sorted.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if the workspaces' folder cannot be listed.
    pub fn workspace_names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        self.each(|file| names.push(file.workspace.to_owned()))?;
        names.sort();
        Ok(names)
    }

    /// The names of the workspaces whose file passes `look`, sorted. `look` sees the bytes before
    /// anything is judged or parsed.
    ///
    /// A file that cannot be read passes: callers that need it report the error.
    ///
    /// # Errors
    ///
    /// As for [`Store::workspace_names`].
    pub fn workspaces_that(&self, look: impl Fn(&[u8]) -> bool) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        // One buffer for all files: a thousand files must not cost a thousand allocations.
        let mut buffer = vec![0; 1 << 16];
        self.each(|file| {
            let passes = match self.workspaces() {
                Some(folder) => self.passes(folder, file, &mut buffer, &look),
                None => true,
            };
            if passes {
                names.push(file.workspace.to_owned());
            }
        })?;
        names.sort();
        Ok(names)
    }

    /// Reads the workspaces' folder once, and shows each file in it.
    fn each(&self, mut show: impl FnMut(&Listed<'_>)) -> Result<(), Error> {
        let Some(folder) = self.folder() else {
            return Ok(());
        };
        let unreadable = |errno| Error::Unreadable { path: self.path().join(WORKSPACES), errno };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        // Uses the descriptor that was judged, if there is one.
        let (from, name) = match self.workspaces() {
            Some(workspaces) => (workspaces, "."),
            None => (folder, WORKSPACES),
        };
        let mut entries = match Dir::openat(from, name, flags, Mode::empty()) {
            Ok(entries) => entries,
            Err(Errno::ENOENT) => return Ok(()),
            Err(errno) => return Err(unreadable(errno)),
        };
        for entry in entries.iter() {
            let entry = entry.map_err(unreadable)?;
            let Ok(file) = entry.file_name().to_str() else {
                continue;
            };
            let Some(workspace) = file.strip_suffix(".toml") else {
                continue;
            };
            // An editor's lock is a broken link.
            if config::is_workspace_name(workspace) && !workspace.starts_with(".#") {
                let is_regular = entry.file_type() == Some(Type::File);
                show(&Listed { file, workspace, is_regular });
            }
        }
        Ok(())
    }

    fn passes(
        &self,
        folder: &OwnedFd,
        listed: &Listed<'_>,
        buffer: &mut [u8],
        look: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let file = listed.file;
        let is_foreign = self.is_in_foreign(WORKSPACES);
        match first_bytes(folder, file, buffer, is_foreign, listed.is_regular) {
            Ok(Some(bytes)) => look(bytes),
            // Removed since it was listed; or a broken link, which passes so that callers that need
            // it report it.
            Err(Errno::ENOENT) => is_no_link(folder, file.as_ref(), Path::new("")).is_err(),
            Ok(None) | Err(_) => true,
        }
    }
}

/// A file in the workspaces' folder.
struct Listed<'a> {
    /// Its name in the folder.
    file: &'a str,
    /// The workspace's name.
    workspace: &'a str,
    /// Whether the folder lists it as a regular file, not a link or a pipe.
    is_regular: bool,
}

/// The bytes of a small file; `None` if it is larger, or not a regular file: reading a pipe would
/// take data that is meant for another process.
fn first_bytes<'b>(
    folder: &OwnedFd,
    name: &str,
    buffer: &'b mut [u8],
    is_foreign: bool,
    is_regular: bool,
) -> Result<Option<&'b [u8]>, Errno> {
    // In another user's folder no link is followed, and an entry may have been replaced by now.
    let no_link = if is_foreign { OFlag::O_NOFOLLOW } else { OFlag::empty() };
    let file = open(folder, name.as_ref(), no_link)?;
    if is_foreign || !is_regular {
        let status = nix::sys::stat::fstat(&file)?;
        if kind(&status) != SFlag::S_IFREG {
            return Ok(None);
        }
    }
    let count = nix::unistd::read(&file, buffer)?;
    Ok(if count == buffer.len() { None } else { buffer.get(..count) })
}
