//! Managed settings of Claude Code: what an employer or an administrator decides for every session
//! on this machine.
//!
//! A redirect tells the client to leave routing to its host, and the client then obeys the host
//! even where managed settings say otherwise (measured with 2.1.330 and 2.1.332). So it is for us
//! to respect them: where they decide endpoint, credential, model or login, a redirect is not
//! started, and the network that they name is used.
//!
//! Only files are read. What the client gets from its server or from a device profile is not seen
//! here.

mod document;
mod error;
mod keys;
mod models;
mod network;

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

pub use document::Content;
pub use document::read;
pub use error::Error;
pub use keys::Decides;
pub use keys::Meaning;
pub use keys::decides;
pub use keys::meaning;
pub use models::Objection;
pub use models::objection;

use crate::files;
use crate::warning::Warning;

/// The folder that the client reads on this system; its documentation calls the files
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
    /// Reads all files. Where there are none this costs one failed look at a folder.
    ///
    /// # Errors
    ///
    /// For the first file that the client may read and we cannot.
    pub fn read(folder: &Path, warnings: &mut Vec<Warning>) -> Result<Self, Error> {
        let mut documents = Vec::new();
        for path in paths(folder) {
            match read(&path)? {
                Content::Absent => {}
                Content::NotJson { .. } => warnings.push(Warning::ManagedBroken { path }),
                Content::Settings { settings, .. } => documents.push((path, settings)),
            }
        }
        Ok(Self { documents })
    }

    /// Whether there are none, as on most machines.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The variables that say how to reach the network. Of two of one name the later file's counts.
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

    /// Whether a redirect may start that asks for these models.
    ///
    /// # Errors
    ///
    /// For the first setting that it would override.
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
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    // By its name: a folder may let it be read and not be listed.
    let mut paths = vec![folder.join("managed-settings.json")];
    let dropped = folder.join("managed-settings.d");
    // If we may not list it, the client may not either.
    for name in files::list(&dropped).into_iter().flatten() {
        // The client leaves hidden files alone (read in 2.1.332).
        let path = dropped.join(&name);
        if path.extension().is_some_and(|extension| extension == "json") && !name.starts_with('.') {
            paths.push(path);
        }
    }
    paths
}
