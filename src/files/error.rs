//! What can be wrong with a file or a folder, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;

use crate::config;
use crate::config::Place;
use crate::report::escape;
use crate::report::lower;
use crate::report::path as shown;

/// Why a file cannot be read, trusted or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{}: {}", shown(path), lower(errno.desc()))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        errno: Errno,
    },
    /// The folder of the configuration cannot be opened.
    #[error("{}: {}", shown(path), lower(errno.desc()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        errno: Errno,
    },
    /// The folder that a variable names does not exist, so a list of providers in it cannot be
    /// read.
    #[error("JACKIN_CONFIG_DIR names a folder that does not exist: {}", shown(path))]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Not a regular file. A device or a pipe may never end.
    #[error("{}: not a regular file", shown(path))]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// Larger than any file of its kind should be.
    #[error("{}: larger than {} MiB", shown(path), limit >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: usize,
    },
    /// Text that is not UTF-8.
    #[error("{place}: expected UTF-8")]
    NotUtf8 {
        /// The position of the first invalid byte.
        place: Place,
    },
    /// World-writable: anyone could have written it.
    #[error("{}: writable by everyone, so it is not trusted", shown(path))]
    WorldWritable {
        /// The file or folder.
        path: PathBuf,
    },
    /// Owned by another user.
    #[error("{}: belongs to another user ({owner}), so it is not trusted", shown(path))]
    ForeignOwner {
        /// The file or folder.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
    },
    /// A link to a file that does not exist.
    #[error("{}: broken link", shown(path))]
    DeadLink {
        /// The link.
        path: PathBuf,
    },
    /// A link in another user's folder.
    #[error("{}: a link in another user's folder, so it is not followed", shown(path))]
    ForeignLink {
        /// The link.
        path: PathBuf,
    },
    /// The file changed while we read it.
    #[error("{}: changed while it was read", shown(path))]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// A file, folder or lock cannot be written.
    #[error("{}: cannot be written: {}", shown(path), lower(errno.desc()))]
    Unwritable {
        /// The file, folder or lock.
        path: PathBuf,
        /// The system's reason.
        errno: Errno,
    },
    /// Another program holds jackin's lock.
    #[error("{}: {} held the lock for {} s", shown(path), held_by(*holder), waited.as_secs())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process id recorded in the lock file.
        holder: Option<u32>,
        /// How long we waited for it.
        waited: Duration,
    },
    /// An entry that is written in a form in which it cannot be changed alone.
    #[error("{place}: {} cannot be changed without changing other entries", escape(&entry.join(".")))]
    Uneditable {
        /// Its position.
        place: Place,
        /// The entry: its tables and its name.
        entry: Vec<String>,
    },
    /// The new text of a file would be rejected by every launch.
    #[error(transparent)]
    Config(#[from] config::Error),
}

fn held_by(holder: Option<u32>) -> String {
    match holder {
        Some(holder) => format!("process {holder} has"),
        None => "another program has".to_owned(),
    }
}

impl Error {
    /// What to do about it, in one line.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::WorldWritable { path } => return Some(format!("chmod o-w {}", shown(path))),
            Self::ForeignOwner { .. } => "change its owner, or name its folder with --config-dir",
            Self::NoFolder { .. } => "create it, or unset JACKIN_CONFIG_DIR",
            Self::Folder { errno: Errno::ENOENT, .. } => {
                "the folder that --config-dir names must exist"
            }
            Self::Folder { errno: Errno::ENOTDIR, .. } => {
                "name the folder that holds config.toml, exec.toml, workspaces/ and catalog.d/"
            }
            Self::Folder { errno: Errno::EACCES, .. } => {
                "make it readable, or set HOME or --config-dir to your own folder"
            }
            Self::Unreadable { errno: Errno::EACCES, .. } => "make it readable for you",
            Self::Unreadable { errno: Errno::ENOTDIR, .. } => {
                "move away the file that is where a folder belongs"
            }
            Self::DeadLink { .. } => "restore the file, or remove the link",
            Self::ForeignLink { .. } => "run jackin-exec as the user who owns the folder",
            Self::Changing { .. } => "try again when no program writes it",
            Self::Locked { .. } => "try again when that process has ended",
            Self::Uneditable { .. } => "change it by hand",
            Self::Folder { .. }
            | Self::Unreadable { .. }
            | Self::NotRegular { .. }
            | Self::TooLarge { .. }
            | Self::NotUtf8 { .. }
            | Self::Unwritable { .. }
            | Self::Config(_) => return None,
        };
        Some(hint.to_owned())
    }
}
