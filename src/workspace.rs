//! Which workspace a launch belongs to, and whose lists of providers bind in this directory.

use std::collections::BTreeMap;

use crate::cli::Common;
use crate::config;
use crate::config::Workspace;
use crate::configuration::Loaded;
use crate::configuration::warn_readable;
use crate::error;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Offence;
use crate::error::Warning;
use crate::files;
use crate::host::Host;
use crate::scope;
use crate::scope::Depth;
use crate::scope::Here;

/// Where we are in the operator's configuration.
pub(crate) struct Place {
    /// The workspace that was chosen.
    pub(crate) chosen: Option<(String, Workspace)>,
    /// The workspaces whose policy binds here.
    pub(crate) surrounding: Vec<String>,
    pub(crate) warnings: Vec<Warning>,
}

impl Place {
    pub(crate) fn find(host: &Host, loaded: &Loaded, options: &Common) -> Result<Self, Error> {
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
            return Err(Error::DirectoryGone);
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
                    if by_variable { error.said_by(" (JACKIN_EXEC_WORKSPACE)") } else { error }
                });
                Some((name.to_owned(), found?))
            }
            None => None,
        };
        if offences.is_empty() {
            Ok(Self { chosen, surrounding, warnings })
        } else {
            Err(Error::names(offences))
        }
    }
}

/// A list under a name that no workspace has would bind nothing, without a word.
fn policies_have_workspaces(loaded: &Loaded, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    let names = loaded.store.workspace_names()?;
    let known =
        names.iter().chain(loaded.global.workspaces.keys()).map(String::as_str).collect::<Vec<_>>();
    let bound =
        loaded.exec.workspaces.iter().filter(|(_, workspace)| workspace.providers.is_some());
    for (name, _) in bound.filter(|(name, _)| !known.contains(&name.as_str())) {
        let nearest = error::nearest(name, known.iter().copied());
        warnings.push(Warning::BindsNothing { workspace: name.clone(), nearest });
    }
    Ok(())
}

/// How deep each workspace reaches towards the current directory.
fn surroundings(
    host: &Host,
    loaded: &Loaded,
    warnings: &mut Vec<Warning>,
) -> Result<BTreeMap<String, Depth>, Error> {
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
            Err(Error::DeadLink { .. }) => {}
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
) -> Result<Workspace, Error> {
    let file = if config::is_workspace_name(name) {
        loaded.store.read(&files::load::workspace_file(name), warnings)?
    } else {
        None
    };
    let inline = loaded.global.workspaces.get(name);
    let Some(text) = file else {
        return inline.cloned().ok_or_else(|| unknown_workspace(loaded, name));
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
    Error::Unknown {
        kind: Kind::Workspace,
        name: name.to_owned(),
        place: "",
        nearest: error::nearest(name, known.iter().map(String::as_str)),
        known,
    }
}
