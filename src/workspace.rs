//! Which workspace a launch belongs to, and whose provider lists apply in this directory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::Common;
use crate::config;
use crate::config::Offence;
use crate::config::Workspace;
use crate::configuration::Loaded;
use crate::configuration::warn_readable;
use crate::error;
use crate::files;
use crate::files::Looked;
use crate::files::Text;
use crate::folder;
use crate::folder::Folders;
use crate::host::Host;
use crate::report;
use crate::scope;
use crate::scope::Depth;
use crate::scope::Here;
use crate::typed;
use crate::typed::Typed;
use crate::warning::Warning;

/// Why the workspace of a launch is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No workspace has this name.
    #[error("no workspace named {name}{place} (available: {})", report::available(known))]
    Unknown {
        /// The name as given.
        name: Typed,
        /// Where it was given, if not on the command line.
        place: &'static str,
        /// The most similar existing name.
        nearest: Option<String>,
        /// The existing names.
        known: Vec<String>,
    },
    /// A provider list for a workspace that does not exist.
    #[error(
        "{}: there is no such file, and workspace {name} has a list of providers in exec.toml: \
         jackin-exec cannot tell where the list applies",
        report::path(path)
    )]
    ListWithoutWorkspace {
        /// The name in exec.toml.
        name: Typed,
        /// The file that should define it.
        path: PathBuf,
        /// The most similar existing name.
        nearest: Option<String>,
    },
    /// A provider list for a workspace that names no folder.
    #[error(
        "{}: names no folder, and workspace {name} has a list of providers in exec.toml: \
         jackin-exec cannot tell where the list applies",
        report::path(path)
    )]
    ListWithoutFolder {
        /// The workspace.
        name: Typed,
        /// The file that should name one.
        path: PathBuf,
    },
    /// A provider list for a workspace whose folders do not exist.
    #[error(
        "{}: none of its folders exists here, and workspace {name} has a list of providers in \
         exec.toml: jackin-exec cannot tell where the list applies",
        report::path(path)
    )]
    ListWithFoldersGone {
        /// The workspace.
        name: Typed,
        /// The file that names them.
        path: PathBuf,
    },
    /// Provider lists apply by the current directory, and there is none.
    #[error("the current directory no longer exists, and a list of providers may apply to it")]
    DirectoryGone,
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => Some(
                "a workspace is a file workspaces/NAME.toml in the folder of the configuration"
                    .to_owned(),
            ),
            Self::Unknown { nearest, .. } => nearest.as_deref().map(report::did_you_mean),
            Self::ListWithoutWorkspace { nearest: Some(nearest), .. } => {
                Some(report::did_you_mean(nearest))
            }
            Self::ListWithoutWorkspace { name, nearest: None, .. } => Some(format!(
                "correct the name in exec.toml, or create workspaces/{name}.toml with a workdir; \
                 simpler, without that file: [folders.\"~/{name}\"] in place of [workspaces.{name}]"
            )),
            Self::ListWithoutFolder { .. } => {
                Some("name one with workdir or the src of a mount, or remove the list".to_owned())
            }
            Self::ListWithFoldersGone { name, .. } => Some(format!(
                "correct workdir or the src of a mount, create the folder, or remove the list; -w \
                 {name} starts in this workspace, under its list"
            )),
            Self::DirectoryGone => Some("change to a directory that exists".to_owned()),
        }
    }

    /// The same error, with the place where the name was given.
    #[must_use]
    pub(crate) fn found_in(mut self, found: &'static str) -> Self {
        if let Self::Unknown { place, .. } = &mut self {
            *place = found;
        }
        self
    }
}

/// The workspaces and folders that apply here.
pub(crate) struct Place {
    /// The workspace that was chosen, by name.
    pub(crate) chosen: Option<(String, Workspace)>,
    /// The workspaces whose lists of providers apply here.
    pub(crate) surrounding: Vec<String>,
    /// The folders of exec.toml that apply here.
    pub(crate) folders: Folders,
    pub(crate) warnings: Vec<Warning>,
}

impl Place {
    pub(crate) fn find(
        host: &Host,
        loaded: &Loaded,
        options: &Common,
    ) -> Result<Self, error::Error> {
        let mut warnings = Vec::new();
        let named = match &options.workspace {
            Some(name) => Some(name.as_str()),
            None if options.no_workspace => None,
            None => host.environment.text("JACKIN_EXEC_WORKSPACE"),
        };
        let detects = named.is_none() && !options.no_workspace;
        let has_folders = !loaded.exec.folders.is_empty();
        let lists_of_folders = has_folders && folder::any_has_list(&loaded.exec);
        let binds = lists_of_folders || with_list(loaded).next().is_some();
        let looks_for_folder = has_folders && !options.no_workspace;
        let (mut around, mut folders) = (BTreeMap::new(), Folders::default());
        if detects || binds || looks_for_folder {
            match host.current_directory() {
                Some(directory) => {
                    let here = Here::new(directory, host.home());
                    around = surroundings(loaded, &here, named, detects, &mut warnings)?;
                    folders = Folders::around(&loaded.exec, host, &here, looks_for_folder)?;
                }
                None if binds => return Err(Error::DirectoryGone.into()),
                None => {}
            }
        }
        let depths = around.iter().map(|(name, nearby)| (name.as_str(), nearby.depth));
        // A workspace without a list does not cancel the list of one that encloses it.
        let listed = depths.clone().filter(|(name, _)| has_list(loaded, name));
        let surrounding = scope::surrounding(listed);
        let name = named.or_else(|| scope::chosen(depths).filter(|_| detects)).map(str::to_owned);
        let mut offences = loaded.offences.clone();
        let chosen = match name {
            Some(name) => {
                let known = around.remove(&name).and_then(|nearby| nearby.read);
                let found = match known.map_or_else(|| read_workspace(loaded, &name), Ok) {
                    Ok(found) => found,
                    Err(error) if options.workspace.is_some() => return Err(error),
                    Err(error) => return Err(error.found_in(" in JACKIN_EXEC_WORKSPACE")),
                };
                warnings.extend(found.warnings);
                offences.extend(found.offences);
                Some((name, found.workspace))
            }
            None => None,
        };
        config::refuse(offences)?;
        Ok(Self { chosen, surrounding, folders, warnings })
    }
}

/// A workspace, and what its file gave occasion to say. It is said only if the workspace is used.
pub(crate) struct Read {
    pub(crate) workspace: Workspace,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) offences: Vec<Offence>,
}

/// A workspace that may enclose the current directory.
struct Nearby {
    depth: Depth,
    /// What was read to find the depth; `None` for a table of config.toml.
    read: Option<Read>,
}

impl Nearby {
    /// Whether none of the workspace's folders exists. One that is around us does.
    fn is_gone(&self, here: &Here) -> bool {
        self.depth.policy.is_none()
            && self.read.as_ref().is_some_and(|read| !here.has_a_folder(&read.workspace))
    }
}

/// How closely each workspace encloses the current directory.
///
/// A workspace with a provider list is always read: if its file does not tell where the list
/// applies, nothing starts, unless it is the one that is named. Other workspaces are read only if their file may name a folder around
/// the current directory, and broken files among them are skipped.
fn surroundings(
    loaded: &Loaded,
    here: &Here,
    named: Option<&str>,
    detects: bool,
    warnings: &mut Vec<Warning>,
) -> Result<BTreeMap<String, Nearby>, error::Error> {
    let mut found = BTreeMap::new();
    let nearby = |read: Read| Nearby { depth: here.depth(&read.workspace), read: Some(read) };
    for name in with_list(loaded) {
        let read = bound_workspace(loaded, name)?;
        if !here.names_a_folder(&read.workspace) {
            let path = definition(loaded, name);
            return Err(Error::ListWithoutFolder { name: Typed::new(name), path }.into());
        }
        let nearby = nearby(read);
        // The list of the workspace that is named applies in any case.
        if named != Some(name) && nearby.is_gone(here) {
            let path = definition(loaded, name);
            return Err(Error::ListWithFoldersGone { name: Typed::new(name), path }.into());
        }
        found.insert(name.clone(), nearby);
    }
    if !detects {
        return Ok(found);
    }
    for (name, workspace) in &loaded.global.workspaces {
        let inline = || Nearby { depth: here.depth(workspace), read: None };
        found.entry(name.clone()).or_insert_with(inline);
    }
    for Looked { workspace: name, text, warnings: of_file } in
        loaded.store.workspaces_that(|bytes| here.may_be_in(bytes))?
    {
        if has_list(loaded, &name) {
            continue;
        }
        let read = text.map_err(error::Error::from);
        match read.and_then(|text| parsed(loaded, &name, text, of_file)) {
            Ok(read) => {
                found.insert(name, nearby(read));
            }
            // A dangling link: there is no file.
            Err(error::Error::Files(files::Error::DeadLink { .. })) => {}
            Err(error) => {
                warnings.push(Warning::OtherWorkspace { error: error.to_string() });
            }
        }
    }
    Ok(found)
}

/// The workspaces that have a provider list in exec.toml.
fn with_list(loaded: &Loaded) -> impl Iterator<Item = &String> {
    loaded.exec.workspaces.iter().filter(|(_, ours)| ours.providers.is_some()).map(|(name, _)| name)
}

fn has_list(loaded: &Loaded, name: &str) -> bool {
    loaded.exec.workspaces.get(name).is_some_and(|ours| ours.providers.is_some())
}

/// The workspace that a provider list restricts.
fn bound_workspace(loaded: &Loaded, name: &str) -> Result<Read, error::Error> {
    let error = match read_workspace(loaded, name) {
        Err(error::Error::Workspace(Error::Unknown { name, nearest, .. })) => {
            let path = loaded.store.path().join(files::workspace_file(name.as_str()));
            Error::ListWithoutWorkspace { name, path, nearest }
        }
        read => return read,
    };
    Err(error.into())
}

/// A workspace, from its own file or from config.toml.
///
/// # Errors
///
/// [`Error::Unknown`] if neither defines it, and what is wrong with its definition.
pub(crate) fn read_workspace(loaded: &Loaded, name: &str) -> Result<Read, error::Error> {
    let mut warnings = Vec::new();
    let text = if config::is_workspace_name(name) {
        loaded.store.read(&files::workspace_file(name), &mut warnings)?
    } else {
        None
    };
    parsed(loaded, name, text, warnings)
}

/// Parses a workspace's file; without one, takes the table of config.toml.
fn parsed(
    loaded: &Loaded,
    name: &str,
    text: Option<Text>,
    mut warnings: Vec<Warning>,
) -> Result<Read, error::Error> {
    let mut offences = Vec::new();
    let inline = loaded.global.workspaces.get(name);
    let Some(text) = text else {
        let workspace = inline.cloned().ok_or_else(|| unknown_workspace(loaded, name))?;
        return Ok(Read { workspace, warnings, offences });
    };
    if inline.is_some() {
        warnings.push(Warning::TwiceDefined { workspace: name.to_owned() });
    }
    let workspace = config::workspace(&text.path, &text.text, &mut offences)?;
    if workspace.newer {
        warnings.push(Warning::Newer { path: text.path.clone() });
    }
    warn_readable(&text, workspace.scopes(), &loaded.exec, &mut warnings);
    Ok(Read { workspace, warnings, offences })
}

/// The file that defines a workspace.
fn definition(loaded: &Loaded, name: &str) -> PathBuf {
    let file = files::workspace_file(name);
    loaded.store.path().join(if has_file(loaded, name) { &file } else { "config.toml" })
}

/// Whether a workspace has its own file; otherwise it is a table of config.toml.
pub(crate) fn has_file(loaded: &Loaded, name: &str) -> bool {
    loaded.store.workspace_names().is_ok_and(|names| names.iter().any(|known| known == name))
}

/// The names of the workspaces, for messages and completion. If the folder cannot be listed, only
/// those in config.toml.
pub(crate) fn workspace_names(loaded: &Loaded) -> Vec<String> {
    let mut known = loaded.store.workspace_names().unwrap_or_default();
    known.extend(loaded.global.workspaces.keys().cloned());
    known.sort();
    known.dedup();
    known
}

fn unknown_workspace(loaded: &Loaded, name: &str) -> Error {
    let known = workspace_names(loaded);
    let nearest = typed::nearest(name, known.iter().map(String::as_str));
    Error::Unknown { name: Typed::new(name), place: "", nearest, known }
}
