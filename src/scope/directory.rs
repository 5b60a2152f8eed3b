//! Finds the workspaces that contain the current directory, and how deep each one reaches.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use memchr::memchr;
use memchr::memchr2;

use crate::config::Workspace;
use crate::host;

/// The current directory, for finding its workspace.
#[derive(Debug)]
pub struct Here {
    /// The canonical path.
    directory: PathBuf,
    home: Option<PathBuf>,
    /// The device and inode of the directory and of each folder above it.
    ancestors: OnceCell<Vec<Option<(u64, u64)>>>,
    /// The last few paths found not to contain the directory. Most files name a path twice, and all
    /// of them name one in their container, so each entry saves a system call.
    elsewhere: RefCell<Recent>,
}

/// The last few paths, in buffers that are reused.
#[derive(Debug, Default)]
struct Recent {
    paths: [String; 4],
    next: usize,
}

impl Recent {
    fn contains(&self, path: &str) -> bool {
        // Neighbouring paths differ in their last letters.
        let last = path.as_bytes().last();
        self.paths.iter().any(|known| known.as_bytes().last() == last && known == path)
    }

    fn push(&mut self, path: &str) {
        if let Some(oldest) = self.paths.get_mut(self.next) {
            path.clone_into(oldest);
        }
        self.next = (self.next + 1) % self.paths.len();
    }
}

/// How deep a workspace's folders reach towards the current directory, in path components.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// As jackin counts when it chooses a workspace: a mount matches by prefix, `workdir` only if
    /// it is the directory itself.
    pub choosing: Option<usize>,
    /// For policies: `workdir` also matches everything below it.
    pub policy: Option<usize>,
}

impl Here {
    /// Takes a canonical current directory, and the home that `~` means.
    pub fn new(directory: PathBuf, home: Option<PathBuf>) -> Self {
        let elsewhere = RefCell::default();
        Self { directory, home, ancestors: OnceCell::new(), elsewhere }
    }

    /// A quick look at the bytes of a workspace's file. `false` only if no string in it can be a
    /// folder that contains the current directory.
    ///
    /// Every TOML string without an escape is between two equal quotes on one line. So it is enough
    /// to look at what follows each quote, wherever the quote is; a file with escapes or multi-line
    /// strings passes.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        if memchr(b'\\', bytes).is_some() {
            return true;
        }
        let mut rest = bytes;
        while let Some(at) = memchr2(b'"', b'\'', rest) {
            let [quote, after @ ..] = rest.get(at..).unwrap_or_default() else {
                return true;
            };
            rest = after;
            match after {
                // A multi-line string begins with three quotes.
                [a, b, ..] if a == quote && b == quote => return true,
                [b'/' | b'~', ..] => {
                    let end = memchr2(*quote, b'\n', after).unwrap_or(after.len());
                    match after.get(..end).map(std::str::from_utf8) {
                        Some(Ok(path)) if self.around_us(path).is_none() => {}
                        _ => return true,
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// How deep a folder of exec.toml is if it contains the current directory.
    pub fn depth_of_folder(&self, path: &str) -> Option<usize> {
        self.around_us(path)
    }

    /// Whether a workspace names any folder by an absolute path, wherever it is.
    pub fn names_a_folder(&self, workspace: &Workspace) -> bool {
        for path in folders(workspace) {
            if self.expand(path).is_absolute() {
                return true;
            }
        }
        false
    }

    /// Whether one of the folders that a workspace names exists.
    pub fn has_a_folder(&self, workspace: &Workspace) -> bool {
        folders(workspace).any(|path| is_folder(path, self.home.as_deref()))
    }

    /// How deep a workspace reaches towards the current directory.
    pub fn depth(&self, workspace: &Workspace) -> Depth {
        let mut found = Depth::default();
        if let Some(workdir) = &workspace.workdir
            && let Some(depth) = self.depth_by_path(workdir)
            && depth == self.directory.components().count()
        {
            found.choosing = Some(depth);
        }
        for mount in &workspace.mounts {
            found.choosing = found.choosing.max(self.depth_by_path(mount));
        }
        // A policy applies under whatever name the folder was entered.
        for path in folders(workspace) {
            found.policy = found.policy.max(self.around_us(path));
        }
        found
    }

    /// How deep a path is, as jackin compares them: canonical paths, not identities.
    fn depth_by_path(&self, path: &str) -> Option<usize> {
        let expanded = self.expand(path);
        if let Some(depth) = self.depth_as_written(&expanded) {
            return Some(depth);
        }
        self.around_us(path)?;
        self.depth_as_written(&expanded.canonicalize().ok()?)
    }

    /// How deep a path is that is written as the current directory or a folder above it. The
    /// current directory is canonical, so this takes no system call.
    fn depth_as_written(&self, path: &Path) -> Option<usize> {
        let here = self.directory.as_os_str().as_bytes();
        let below = here.strip_prefix(path.as_os_str().as_bytes())?;
        // Bytes first: most paths differ in them, and components take longer.
        let is_whole = matches!(below, [] | [b'/', ..]) || path.as_os_str() == "/";
        if is_whole && path.is_absolute() { Some(path.components().count()) } else { None }
    }

    /// How deep a path is if it is the current directory or a folder above it, in components of the
    /// current directory. A path that is written in another way is compared by identity, which
    /// takes one system call; canonicalising it would take one for each component.
    fn around_us(&self, path: &str) -> Option<usize> {
        if self.elsewhere.borrow().contains(path) {
            return None;
        }
        let depth = self.depth_of(&self.expand(path));
        if depth.is_none() {
            self.elsewhere.borrow_mut().push(path);
        }
        depth
    }

    fn depth_of(&self, path: &Path) -> Option<usize> {
        if !path.is_absolute() {
            return None;
        }
        if let Some(depth) = self.depth_as_written(path) {
            return Some(depth);
        }
        let found = match identity(path) {
            Ok(found) => found,
            // A folder above it may not be searched; we can be below it all the same.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return self.depth_by_name(path);
            }
            Err(_) => return None,
        };
        let ancestors = self.ancestors.get_or_init(|| self.identities());
        // The first ancestor is the directory itself, the last is the root.
        let above = ancestors.iter().position(|ancestor| *ancestor == Some(found))?;
        Some(ancestors.len() - above)
    }

    /// The current directory and the folders above it, as far as they can be looked at.
    fn identities(&self) -> Vec<Option<(u64, u64)>> {
        let mut found = Vec::new();
        for above in self.directory.ancestors() {
            found.push(identity(above).ok());
        }
        found
    }

    /// The same by name, behind the deepest folder above it that can be looked at.
    fn depth_by_name(&self, path: &Path) -> Option<usize> {
        for above in path.ancestors() {
            if let Ok(found) = above.canonicalize() {
                let whole = found.join(path.strip_prefix(above).ok()?);
                let is_around = self.directory.starts_with(&whole);
                return if is_around { Some(whole.components().count()) } else { None };
            }
        }
        None
    }

    fn expand<'p>(&self, path: &'p str) -> Cow<'p, Path> {
        expand(path, self.home.as_deref())
    }
}

/// The folders that a workspace names.
fn folders(workspace: &Workspace) -> impl Iterator<Item = &str> {
    workspace.workdir.iter().chain(&workspace.mounts).map(String::as_str)
}

/// Expands `~` and `~/…` as jackin does.
fn expand<'p>(path: &'p str, home: Option<&Path>) -> Cow<'p, Path> {
    host::expand(Path::new(path), home)
}

/// Whether a path leads to a folder, perhaps one that we may not look at.
pub fn is_folder(path: &str, home: Option<&Path>) -> bool {
    let path = expand(path, home);
    path.is_absolute()
        && match std::fs::metadata(path) {
            Ok(found) => found.is_dir(),
            Err(error) => error.kind() == ErrorKind::PermissionDenied,
        }
}

/// The device and inode that a path leads to.
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    let found = std::fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

/// The workspace that the current directory belongs to: the deepest one and, at equal depth, the
/// one whose name sorts last, as in jackin.
pub fn chosen<'a>(depths: impl IntoIterator<Item = (&'a str, Depth)>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for (name, depth) in depths {
        if let Some(depth) = depth.choosing {
            best = best.max(Some((depth, name)));
        }
    }
    let (_, name) = best?;
    Some(name)
}

/// Of the workspaces that have a list of providers, those whose list applies in the current
/// directory: the deepest one and, at equal depth, all of them.
pub fn surrounding<'a>(depths: impl IntoIterator<Item = (&'a str, Depth)>) -> Vec<String> {
    let mut deepest = None;
    let mut bound = Vec::new();
    for (name, depth) in depths {
        if depth.policy > deepest {
            deepest = depth.policy;
            bound.clear();
        }
        if depth.policy.is_some() && depth.policy == deepest {
            bound.push(name.to_owned());
        }
    }
    bound
}
