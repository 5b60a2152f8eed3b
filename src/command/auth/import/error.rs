//! Why keys cannot be taken over from a file. No message repeats anything of the file.

use std::path::PathBuf;

use nix::errno::Errno;

use crate::files;
use crate::program::End;
use crate::redact::Words;
use crate::report::list;
use crate::report::lower;
use crate::report::path as shown;

/// Why no key is taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No file was named.
    #[error("auth import needs a file")]
    NoFile {
        /// The usual files that exist here.
        places: Vec<PathBuf>,
    },
    /// A word that is no file and may be a key.
    #[error("auth import needs a file; what was given may be a key")]
    KeyAsFile,
    /// A file cannot be read.
    #[error(transparent)]
    File(files::Error),
    /// A file of another user.
    #[error("{}: belongs to another user ({owner})", shown(path))]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
    },
    /// A file that anyone could have written.
    #[error("{}: may be written by everybody", shown(path))]
    WorldWritable {
        /// The file.
        path: PathBuf,
    },
    /// A file that begins like JSON and is not.
    #[error("{}:{line}:{column}: expected JSON", shown(path))]
    NotJson {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A file of no known kind.
    #[error("{}: not a file that auth import understands", shown(path))]
    UnknownKind {
        /// The file.
        path: PathBuf,
    },
    /// ccs's list of profiles, which holds no keys.
    #[error("{}: the list of ccs's profiles, without keys", shown(path))]
    ListOfProfiles {
        /// The file.
        path: PathBuf,
    },
    /// A database, and no program that reads it.
    #[error(
        "{}: an SQLite database, and sqlite3 is not in PATH (relative entries are skipped)",
        shown(path)
    )]
    NoSqlite {
        /// The file.
        path: PathBuf,
        /// The query that prints what is needed of it as JSON.
        query: &'static str,
    },
    /// The program that reads databases failed.
    #[error("{}: {}", shown(path), failure(*end, words))]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// How sqlite3 ended.
        end: End,
        /// What it said.
        words: Words,
    },
    /// Nobody can agree.
    #[error("nothing is written without a yes, and there is no terminal to ask on")]
    NobodyToAsk,
    /// The configuration is not what it was when the question was asked.
    #[error("the configuration has changed in the meantime; nothing is written")]
    Changed,
}

/// How sqlite3 failed.
fn failure(end: End, words: &Words) -> String {
    match end {
        End::Status(0) => "sqlite3 printed something unexpected".to_owned(),
        End::Status(code) if words.is_empty() => format!("sqlite3 ended with {code}"),
        End::Status(code) => format!("sqlite3 ended with {code}: {words}"),
        End::TimedOut => "sqlite3 took too long".to_owned(),
        End::WantsTerminal => {
            "sqlite3 was stopped, because it tried to use the terminal".to_owned()
        }
        End::CannotRun(errno) => format!("sqlite3 cannot be run: {}", lower(errno.desc())),
    }
}

/// The kinds of files, for hints.
const KINDS: &str =
    "a file of cc-switch, ccs, claude-code-router or Claude Code, or a shell profile";

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoFile { places } if places.is_empty() => {
                format!("name {KINDS}; none of the usual ones is here")
            }
            Self::NoFile { places } => {
                let places: Vec<String> =
                    places.iter().map(|place| place.to_string_lossy().into_owned()).collect();
                format!("these are here: {}", list(&places))
            }
            Self::KeyAsFile => "auth set PROVIDER asks for a key".to_owned(),
            Self::File(files::Error::Unreadable { errno: Errno::ENOENT, .. }) => {
                "without a file, auth import lists those that are here".to_owned()
            }
            Self::ForeignOwner { .. } | Self::WorldWritable { .. } => {
                "if you trust it, import a copy in a folder of your own".to_owned()
            }
            Self::NotJson { .. } => "remove comments and trailing commas in a copy".to_owned(),
            Self::UnknownKind { .. } => format!("name {KINDS}"),
            Self::ListOfProfiles { .. } => {
                "name the files in it: PROFILE.settings.json, beside it".to_owned()
            }
            Self::NoSqlite { path, query } => format!(
                "install sqlite3; or where it is: (umask 077; sqlite3 {} \"{query}\" > keys.json), and import keys.json",
                shown(path)
            ),
            Self::NobodyToAsk => "--yes writes it without asking".to_owned(),
            Self::Changed => "run it again".to_owned(),
            Self::File(_) | Self::Sqlite { .. } => return None,
        })
    }
}
