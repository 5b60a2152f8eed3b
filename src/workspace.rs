//! Which workspace a launch belongs to, and whose lists of providers bind in this directory.

use std::collections::BTreeMap;

use crate::cli::Common;
use crate::config;
use crate::config::Offence;
use crate::config::Workspace;
use crate::configuration::Loaded;
use crate::configuration::warn_readable;
use crate::error;
use crate::files;
use crate::host::Host;
use crate::report;
use crate::scope;
use crate::scope::Depth;
use crate::scope::Here;
use crate::typed;
use crate::typed::Typed;
use crate::warning::Warning;

/// Why it is not known which workspace a launch belongs to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No workspace has this name.
    #[error("no workspace named {name}{place} (available: {})", report::available(known))]
    Unknown {
        /// What was named.
        name: Typed,
        /// Where, if not on the command line.
        place: &'static str,
        /// The most similar of those that exist.
        nearest: Option<String>,
        /// Those that exist.
        known: Vec<String>,
    },
    /// Lists of providers bind by the current directory, and there is none.
    #[error("the current directory is gone, and a workspace's list of providers may bind in it")]
    DirectoryGone,
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => Some(
                "a workspace is a file workspaces/NAME.toml in the folder of the configuration"
                    .to_owned(),
            ),
            Self::Unknown { nearest, .. } => {
                nearest.as_ref().map(|nearest| format!("did you mean {}?", report::escape(nearest)))
            }
            Self::DirectoryGone => Some("start it in a directory that is there".to_owned()),
        }
    }

    /// The same, where a variable named the workspace.
    #[must_use]
    pub fn said_by(self, place: &'static str) -> Self {
        match self {
            Self::Unknown { name, nearest, known, .. } => {
                Self::Unknown { name, place, nearest, known }
            }
            Self::DirectoryGone => Self::DirectoryGone,
        }
    }
}

/// Where we are in the operator's configuration.
pub(crate) struct Place {
    /// The workspace that was chosen.
    pub(crate) chosen: Option<(String, Workspace)>,
    /// The workspaces whose policy binds here.
    pub(crate) surrounding: Vec<String>,
    pub(crate) warnings: Vec<Warning>,
}

impl Place {
    pub(crate) fn find(
        host: &Host,
        loaded: &Loaded,
        options: &Common,
    ) -> Result<Self, error::Error> {
        let mut warnings = Vec::new();
        let variable =
            || host.environment.text("JACKIN_EXEC_WORKSPACE").filter(|_| !options.no_workspace);
        let named = options.workspace.as_deref().or_else(variable);
        let policies =
            loaded.exec.workspaces.values().any(|workspace| workspace.providers.is_some());
        let detects = named.is_none() && !options.no_workspace;
        let mut around = BTreeMap::new();
        if policies {
            policies_have_workspaces(loaded, &mut warnings)?;
        }
        if policies && host.current_directory().is_none() {
            return Err(Error::DirectoryGone.into());
        }
        if detects || policies {
            around = surroundings(host, loaded, &mut warnings)?;
        }
        let depths = around.iter().map(|(name, depth)| (name.as_str(), *depth));
        let surrounding = if policies { scope::surrounding(depths.clone()) } else { Vec::new() };
        let name = named.or_else(|| scope::chosen(depths).filter(|_| detects));
        let mut offences = loaded.offences.clone();
        let by_variable = options.workspace.is_none();
        let chosen = match name {
            Some(name) => {
                let found = read_workspace(loaded, name, &mut warnings, &mut offences);
                let found = found.map_err(|error| {
                    if by_variable { error.said_by(" in JACKIN_EXEC_WORKSPACE") } else { error }
                });
                Some((name.to_owned(), found?))
            }
            None => None,
        };
        config::refuse(offences)?;
        Ok(Self { chosen, surrounding, warnings })
    }
}

/// A list under a name that no workspace has would bind nothing, without a word.
fn policies_have_workspaces(
    loaded: &Loaded,
    warnings: &mut Vec<Warning>,
) -> Result<(), error::Error> {
    let names = loaded.store.workspace_names()?;
    let known =
        names.iter().chain(loaded.global.workspaces.keys()).map(String::as_str).collect::<Vec<_>>();
    let bound =
        loaded.exec.workspaces.iter().filter(|(_, workspace)| workspace.providers.is_some());
    for (name, _) in bound.filter(|(name, _)| !known.contains(&name.as_str())) {
        let nearest = typed::nearest(name, known.iter().copied());
        warnings.push(Warning::BindsNothing { workspace: name.clone(), nearest });
    }
    Ok(())
}

/// How deep each workspace reaches towards the current directory.
fn surroundings(
    host: &Host,
    loaded: &Loaded,
    warnings: &mut Vec<Warning>,
) -> Result<BTreeMap<String, Depth>, error::Error> {
    let mut found = BTreeMap::new();
    let Some(directory) = host.current_directory() else {
        return Ok(found);
    };
    let here = Here::new(directory, host.home());
    for (name, workspace) in &loaded.global.workspaces {
        found.insert(name.clone(), here.depth(workspace));
    }
    for name in loaded.store.workspaces_that(|bytes| here.may_be_in(bytes))? {
        // Offences against names matter only where the workspace is used.
        match read_workspace(loaded, &name, &mut Vec::new(), &mut Vec::new()) {
            Ok(workspace) => drop(found.insert(name, here.depth(&workspace))),
            // A list of providers must not be lost because the file that says where it binds is
            // broken.
            Err(error)
                if loaded
                    .exec
                    .workspaces
                    .get(&name)
                    .is_some_and(|ours| ours.providers.is_some()) =>
            {
                return Err(error);
            }
            // Nothing is there, and nothing was to be bound.
            Err(error::Error::Files(files::Error::DeadLink { .. })) => {}
            Err(error) => warnings.push(Warning::OtherWorkspace { error: error.to_string() }),
        }
    }
    Ok(found)
}

pub(crate) fn read_workspace(
    loaded: &Loaded,
    name: &str,
    warnings: &mut Vec<Warning>,
    offences: &mut Vec<Offence>,
) -> Result<Workspace, error::Error> {
    let file = if config::is_workspace_name(name) {
        loaded.store.read(&files::workspace_file(name), warnings)?
    } else {
        None
    };
    let inline = loaded.global.workspaces.get(name);
    let Some(text) = file else {
        return inline.cloned().ok_or_else(|| unknown_workspace(loaded, name).into());
    };
    if inline.is_some() {
        warnings.push(Warning::TwiceDefined { workspace: name.to_owned() });
    }
    let found = config::workspace(&text.path, &text.text, offences)?;
    if found.newer {
        warnings.push(Warning::Newer { path: text.path.clone() });
    }
    warn_readable(&text, found.scopes(), &loaded.exec, warnings);
    Ok(found)
}

/// Whether a workspace has a file of its own; else it is a table of config.toml.
pub(crate) fn has_file(loaded: &Loaded, name: &str) -> bool {
    loaded.store.workspace_names().is_ok_and(|names| names.iter().any(|known| known == name))
}

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
