//! The files of the workspaces: their names, and a first look at each.

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
    /// [`Error::Unreadable`] if the folder of workspaces cannot be listed.
    pub fn workspace_names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        self.each(|file| names.push(file.workspace.to_owned()))?;
        names.sort();
        Ok(names)
    }

    /// The workspaces whose file passes a first look, which sees its bytes before anything is
    /// judged or parsed; sorted.
    ///
    /// A file that cannot be read passes: whoever needs it will hear why.
    ///
    /// # Errors
    ///
    /// As [`Store::workspace_names`].
    pub fn workspaces_that(&self, look: impl Fn(&[u8]) -> bool) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        // One buffer for all of them: a thousand files must not cost a thousand allocations.
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

    /// Reads the folder of the workspaces once, and shows each of their files.
    fn each(&self, mut show: impl FnMut(&Listed<'_>)) -> Result<(), Error> {
        let Some(folder) = self.folder() else {
            return Ok(());
        };
        let unreadable = |errno| Error::Unreadable { path: self.path().join(WORKSPACES), errno };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        // By the descriptor that was judged, if there is one.
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
            // An editor's lock is a link to nothing.
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
            // Removed since it was listed; or a broken link, which whoever needs it will hear of.
            Err(Errno::ENOENT) => is_no_link(folder, file.as_ref(), Path::new("")).is_err(),
            Ok(None) | Err(_) => true,
        }
    }
}

/// A file in the folder of the workspaces.
struct Listed<'a> {
    /// Its name there.
    file: &'a str,
    /// The workspace's.
    workspace: &'a str,
    /// What the folder says that it is: no link, no pipe.
    is_regular: bool,
}

/// The bytes of a small file; none if there is more, or if it is not a regular file: reading would
/// take from a pipe what is meant for somebody else.
fn first_bytes<'b>(
    folder: &OwnedFd,
    name: &str,
    buffer: &'b mut [u8],
    is_foreign: bool,
    is_regular: bool,
) -> Result<Option<&'b [u8]>, Errno> {
    // In a folder of another user no link is followed, and an entry may be something else by now.
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
