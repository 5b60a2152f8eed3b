//! Which folders of exec.toml contain the current directory.

use crate::config::ExecFolder;
use crate::config::ExecToml;
use crate::config::Place;
use crate::host::Host;
use crate::report;
use crate::scope;
use crate::scope::Here;

/// Why the folders of a launch are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A provider list for a folder that does not exist.
    #[error(
        "{place}: there is no folder {}, and it has a list of providers: jackin-exec cannot tell where \
         the list applies",
        report::escape(path)
    )]
    ListWithoutFolder {
        /// The path, as it is written.
        path: String,
        /// Where it is written.
        place: Place,
    },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::ListWithoutFolder { .. } => {
                "create the folder, correct its path, or remove the list".to_owned()
            }
        }
    }
}

/// The folders of exec.toml that contain the current directory, as they are written.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    /// The one whose provider and variables apply: the deepest one. Of several paths to the same
    /// folder, the one that sorts last, as with workspaces.
    pub(crate) chosen: Option<String>,
    /// Those whose lists of providers apply: of the folders with a list, the deepest one, under
    /// every path that names it.
    pub(crate) listed: Vec<String>,
}

impl Folders {
    /// Finds them. Without `detects` only the lists count.
    ///
    /// # Errors
    ///
    /// [`Error::ListWithoutFolder`]
    pub(crate) fn around(
        exec: &ExecToml,
        host: &Host,
        here: &Here,
        detects: bool,
    ) -> Result<Self, Error> {
        let mut found = Self::default();
        let (mut chosen_depth, mut listed_depth) = (0, 0);
        for (path, folder) in &exec.folders {
            if folder.providers.is_some() && !scope::is_folder(path, host.home().as_deref()) {
                let (path, place) = (path.clone(), folder.place.clone());
                return Err(Error::ListWithoutFolder { path, place });
            }
            if folder.providers.is_none() && !detects {
                continue;
            }
            let Some(depth) = here.depth_of_folder(path) else {
                continue;
            };
            if detects && depth >= chosen_depth {
                chosen_depth = depth;
                found.chosen = Some(path.clone());
            }
            if folder.providers.is_some() && depth >= listed_depth {
                if depth > listed_depth {
                    found.listed.clear();
                }
                listed_depth = depth;
                found.listed.push(path.clone());
            }
        }
        Ok(found)
    }
}

/// Whether a folder of exec.toml has a list of providers.
pub(crate) fn any_has_list(exec: &ExecToml) -> bool {
    exec.folders.values().any(|folder| folder.providers.is_some())
}

/// The folders of exec.toml that do not exist.
pub(crate) fn missing<'a>(
    exec: &'a ExecToml,
    host: &Host,
) -> impl Iterator<Item = (&'a str, &'a ExecFolder)> {
    let home = host.home();
    let all = exec.folders.iter().map(|(path, folder)| (path.as_str(), folder));
    all.filter(move |(path, _)| !scope::is_folder(path, home.as_deref()))
}
