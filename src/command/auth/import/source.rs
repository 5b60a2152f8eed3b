//! A file of another tool: read, recognised by its content, and its keys.

use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::command::auth::import::Error;
use crate::command::auth::import::database;
use crate::command::auth::import::entry::Entry;
use crate::command::auth::import::entry::KeyNames;
use crate::command::auth::import::json;
use crate::command::auth::import::json::Found;
use crate::command::auth::import::profile;
use crate::error;
use crate::files;
use crate::files::Plain;
use crate::host::Host;
use crate::program::End;
use crate::provider::Provider;
use crate::redact::Words;
use crate::typed::looks_like_key;

/// A file with keys.
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// What the file is, in words.
    pub(super) kind: &'static str,
    /// Its keys, in the file's order.
    pub(super) entries: Vec<Entry>,
}

/// How much of a database is looked at to tell whose it is.
const BEGINNING: usize = 1 << 16;

impl Source {
    /// Reads a file.
    pub(super) fn read(
        host: &Host,
        file: &Path,
        providers: &[Provider],
    ) -> Result<Self, error::Error> {
        let path = host.current_directory().unwrap_or_default().join(file);
        let plain = open(host, file, &path)?;
        let beginning = plain.beginning(BEGINNING).map_err(untrusted)?;
        let names = KeyNames(providers);
        if beginning.starts_with(database::MAGIC) {
            plain.judge_folder().map_err(untrusted)?;
            let text = database::read(host, &path, &beginning)?;
            if !plain.is_in_place() {
                return Err(Error::File(files::Error::Changing { path }).into());
            }
            return match serde_json::from_str(&text).map(|found| json::read(&found, &names)) {
                Ok(Found::Keys(kind, entries)) => Ok(Self { path, kind, entries }),
                Ok(Found::ListOfProfiles | Found::Unknown) | Err(_) => {
                    let words = Words::of_helper(b"", false, b"");
                    Err(Error::Sqlite { path, end: End::Status(0), words }.into())
                }
            };
        }
        let bytes = plain.content().map_err(untrusted)?;
        if bytes.contains(&0) {
            return Err(Error::UnknownKind { path }.into());
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}');
        if !text.trim_start().starts_with(['{', '[']) {
            let Some(entries) = profile::entries(text, &names) else {
                return Err(Error::UnknownKind { path }.into());
            };
            return Ok(Self { path, kind: "variables of a shell", entries });
        }
        let document = match serde_json::from_str(text) {
            Ok(document) => document,
            Err(error) => {
                let (line, column) = (error.line(), error.column().max(1));
                return Err(Error::NotJson { path, line, column }.into());
            }
        };
        match json::read(&document, &names) {
            Found::Keys(kind, entries) => Ok(Self { path, kind, entries }),
            Found::ListOfProfiles => Err(Error::ListOfProfiles { path }.into()),
            Found::Unknown => Err(Error::UnknownKind { path }.into()),
        }
    }
}

/// Opens a file that may be trusted.
fn open(host: &Host, typed: &Path, path: &Path) -> Result<Plain, Error> {
    let name = typed.file_name().unwrap_or_default().to_string_lossy();
    Plain::open(path, host.ids.effective_user).map_err(|error| match error {
        files::Error::Unreadable { errno: Errno::ENOENT, .. } if looks_like_key(&name) => {
            Error::KeyAsFile
        }
        error => untrusted(error),
    })
}

/// The errors that are answered with another hint than for a file of the configuration.
fn untrusted(error: files::Error) -> Error {
    match error {
        files::Error::ForeignOwner { path, owner } => Error::ForeignOwner { path, owner },
        files::Error::WorldWritable { path } => Error::WorldWritable { path },
        error => Error::File(error),
    }
}
