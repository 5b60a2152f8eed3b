//! Managed settings of Claude Code: what an employer or an administrator decides for every session
//! on this machine.
//!
//! A redirect tells the client to leave routing to its host, and the client then obeys the host
//! even against managed settings (measured with 2.1.330 and 2.1.332). So respecting them is our
//! task: if they decide endpoint, credential, model or login, the redirect is not started; and
//! their network settings are used.
//!
//! Only files are read. Settings that the client gets from its server or from a device profile are
//! not visible here.

mod document;
mod error;
mod keys;
mod models;
mod network;

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

pub use document::Content;
pub use document::decode;
pub use document::read;
pub use error::Error;
pub use keys::Decides;
pub use keys::Meaning;
pub use keys::decides;
pub use keys::meaning;
pub use models::Objection;
pub use models::objection;
pub use network::is_network;

use crate::files;
use crate::warning::Warning;

/// The folder that the client reads on this system. Its documentation names the files
/// `managed-settings.json` and `managed-settings.d/*.json`.
pub const FOLDER: &str = if cfg!(target_os = "macos") {
    "/Library/Application Support/ClaudeCode"
} else {
    "/etc/claude-code"
};

/// The managed settings of this machine.
#[derive(Debug, Default)]
pub struct Policy {
    documents: Vec<(PathBuf, Value)>,
}

impl Policy {
    /// Reads all files. If there are none, this costs one failed lookup of a folder.
    ///
    /// # Errors
    ///
    /// If there is a file that the client may be able to read and we cannot; for the first one.
    pub fn read(folder: &Path, warnings: &mut Vec<Warning>) -> Result<Self, Error> {
        let mut documents = Vec::new();
        for path in paths(folder)? {
            match read(&path)? {
                Content::Absent => {}
                Content::NotJson { .. } => warnings.push(Warning::ManagedBroken { path }),
                Content::Settings { settings, .. } => documents.push((path, settings)),
            }
        }
        Ok(Self { documents })
    }

    /// Whether there are no settings, as on most machines.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The variables that configure the network. If two files set the same name, the later one
    /// wins.
    pub fn network(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (_, settings) in &self.documents {
            for (name, value) in network::variables(settings) {
                all.retain(|(known, _)| *known != name);
                all.push((name, value));
            }
        }
        all
    }

    /// Whether a redirect that requests these models may start.
    ///
    /// # Errors
    ///
    /// If the redirect would override a setting; for the first one.
    pub fn judge(self, models: &[&str]) -> Result<(), Error> {
        for (path, settings) in self.documents {
            match decides(&settings) {
                Some(Decides::Known(key)) => return Err(Error::Decides { path, key }),
                Some(Decides::Unknown(key)) => return Err(Error::Unknown { path, key }),
                None => {}
            }
            if let Some(objection) = objection(&settings, models) {
                let Objection { key, model } = objection;
                return Err(Error::Model { path, key, model });
            }
        }
        Ok(())
    }
}

/// The files of managed settings that may exist, in the order in which the client merges them.
///
/// # Errors
///
/// If the client may be able to list a folder and we cannot.
pub fn paths(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    if let Err(errno) = nix::sys::stat::stat(folder) {
        let path = folder.to_owned();
        return unlisted(files::Error::Unreadable { path, errno });
    }
    // Named, not listed: a folder may allow reading this file and forbid listing.
    let mut paths = vec![folder.join("managed-settings.json")];
    let dropped = folder.join("managed-settings.d");
    let names = match files::list(&dropped) {
        Ok(names) => names,
        Err(error) => unlisted(error)?,
    };
    for name in names {
        // The client ignores hidden files (read in 2.1.332).
        let path = dropped.join(&name);
        if path.extension().is_some_and(|extension| extension == "json") && !name.starts_with('.') {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// If we may not list a folder, the client may not either, and it counts as empty.
fn unlisted<T>(error: files::Error) -> Result<Vec<T>, Error> {
    if document::is_absent(&error) { Ok(Vec::new()) } else { Err(Error::File(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that is too long once a name is added: not a reason for which the client ignores it.
    #[test]
    fn a_folder_that_cannot_be_listed_stops_a_redirect_unless_the_client_cannot_list_it_either() {
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = temporary.path().to_str().unwrap().to_owned();
        assert_eq!(paths(Path::new(&folder)).unwrap().len(), 1, "it has no folder");
        assert!(paths(&temporary.path().join("gone")).unwrap().is_empty());
        while folder.len() < 4085 {
            folder.push_str("/.");
        }
        let error = paths(Path::new(&folder)).unwrap_err();
        assert!(matches!(error, Error::File(files::Error::Unreadable { .. })));
        folder.push_str("/././././././.");
        let error = paths(Path::new(&folder)).unwrap_err();
        assert!(matches!(error, Error::File(files::Error::Unreadable { .. })));
    }
}
