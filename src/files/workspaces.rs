//! The workspaces' files: their names, and a quick look at each.

use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use crate::config;
use crate::files::error::Error;
use crate::files::read::kind;
use crate::files::read::open;
use crate::files::read::refuse_dead_link;
use crate::files::store::Store;
use crate::files::store::WORKSPACES;
use crate::files::text::Text;
use crate::sys;
use crate::warning::Warning;

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

    /// The workspaces whose file passes `look`, sorted by name. `look` sees the bytes before
    /// anything is judged or parsed.
    ///
    /// A file that cannot be read passes: callers that need it report the error.
    ///
    /// # Errors
    ///
    /// As for [`Store::workspace_names`].
    pub fn workspaces_that(&self, look: impl Fn(&[u8]) -> bool) -> Result<Vec<Looked>, Error> {
        let mut found = Vec::new();
        // One buffer for all files: a thousand files must not cost a thousand allocations.
        let mut buffer = vec![0; USUAL];
        self.each(|listed| {
            let mut warnings = Vec::new();
            let name = || format!("{WORKSPACES}/{}", listed.file);
            let text = match self.look(listed, &mut buffer, &look) {
                Look::Fails => return,
                Look::Passes(Some(file)) => self.read_open(file, &name(), &mut warnings).map(Some),
                Look::Passes(None) => self.read(&name(), &mut warnings),
            };
            found.push(Looked { workspace: listed.workspace.to_owned(), text, warnings });
        })?;
        found.sort_by(|one, other| one.workspace.cmp(&other.workspace));
        Ok(found)
    }

    /// Reads the workspaces' folder once, and shows each file in it.
    fn each(&self, mut show: impl FnMut(&Listed<'_>)) -> Result<(), Error> {
        let of_entry = |name: &[u8], is_regular| {
            let file = std::str::from_utf8(name).ok();
            let Some((file, workspace)) = file.zip(file.and_then(|it| it.strip_suffix(".toml")))
            else {
                return;
            };
            // An editor's lock is a broken link.
            if config::is_workspace_name(workspace) && !workspace.starts_with(".#") {
                show(&Listed { file, workspace, is_regular });
            }
        };
        // Uses the descriptor that was judged.
        let listed = match self.workspaces() {
            Ok(Some(workspaces)) => sys::each_name(workspaces, of_entry),
            Ok(None) => Ok(()),
            Err(errno) => Err(errno),
        };
        // Listing a folder that was opened only for the files in it is EBADF.
        match listed.map_err(|errno| if errno == Errno::EBADF { Errno::EACCES } else { errno }) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Error::Unreadable { path: self.path().join(WORKSPACES), errno }),
        }
    }

    /// Looks at the bytes of a listed file.
    fn look(
        &self,
        listed: &Listed<'_>,
        buffer: &mut Vec<u8>,
        look: impl Fn(&[u8]) -> bool,
    ) -> Look {
        let Ok(Some(folder)) = self.workspaces() else {
            return Look::Passes(None);
        };
        // In another user's folder no link is followed, and an entry may have been replaced by now.
        let is_foreign = self.is_in_foreign(WORKSPACES);
        let follows = !listed.is_regular && !is_foreign;
        let no_link = if follows { OFlag::empty() } else { OFlag::O_NOFOLLOW };
        let file = match open(folder, listed.file.as_ref(), no_link) {
            Ok(file) => file,
            // Removed since it was listed; or a broken link, which passes so that callers that need
            // it report it.
            Err(Errno::ENOENT)
                if refuse_dead_link(folder, listed.file.as_ref(), Path::new("")).is_ok() =>
            {
                return Look::Fails;
            }
            Err(_) => return Look::Passes(None),
        };
        // Reading a pipe would take data that is meant for another process.
        if (is_foreign || !listed.is_regular) && !is_regular(&file) {
            return Look::Passes(None);
        }
        match first_bytes(&file, buffer) {
            Some(bytes) if !look(bytes) => Look::Fails,
            // The way through a link has not been judged.
            Some(_) | None => Look::Passes(Some(file).filter(|_| !follows)),
        }
    }
}

/// A workspace whose file passed a look at its bytes.
#[derive(Debug)]
pub struct Looked {
    /// The workspace's name.
    pub workspace: String,
    /// Its file as [`Store::read`] reads it.
    pub text: Result<Option<Text>, Error>,
    /// What to tell if the workspace is used.
    pub warnings: Vec<Warning>,
}

/// The result of a look at a file.
enum Look {
    Fails,
    /// With the file, if it is open and no link led to it.
    Passes(Option<OwnedFd>),
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

fn is_regular(file: &OwnedFd) -> bool {
    nix::sys::stat::fstat(file).is_ok_and(|status| kind(&status) == SFlag::S_IFREG)
}

/// The size up to which a workspace's file needs no more memory to be looked at, in bytes.
const USUAL: usize = 8 << 10;

/// The size up to which a workspace's file is looked at before it is parsed, in bytes.
const LARGEST: usize = 64 << 10;

/// The bytes of a file; `None` if it is larger or cannot be read.
fn first_bytes<'b>(file: &OwnedFd, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    loop {
        let count = nix::sys::uio::pread(file, buffer, 0).ok()?;
        if count < buffer.len() {
            return buffer.get(..count);
        }
        if count >= LARGEST {
            return None;
        }
        buffer.resize(LARGEST, 0);
    }
}
