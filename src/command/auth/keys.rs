//! What changing a key needs to know, read at one moment.

use crate::choice;
use crate::command::auth;
use crate::command::auth::cell::Ground;
use crate::command::auth::cell::Known;
use crate::command::auth::changes::Before;
use crate::command::auth::changes::before;
use crate::command::auth::changes::changes;
use crate::command::auth::request::Request;
use crate::command::auth::request::Verb;
use crate::config;
use crate::config::EnvValue;
use crate::config::Workspace;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::files::Change;
use crate::provider;
use crate::provider::Provider;
use crate::scope;
use crate::scope::Selection;
use crate::scope::Settings;
use crate::warning::Warning;
use crate::workspace::read_workspace;

/// What changing a key needs to know, read at one moment.
pub(super) struct Keys {
    pub(super) loaded: Loaded,
    /// The workspace of the request, or all workspaces: the name, the content, and whether it has
    /// its own file.
    workspaces: Vec<(String, Workspace, bool)>,
    pub(super) warnings: Vec<Warning>,
}

impl Keys {
    /// Reads the workspace of a scope, or with `all` every workspace.
    pub(super) fn read(loaded: Loaded, workspace: Option<&str>, all: bool) -> Result<Self, Error> {
        let mut warnings = loaded.warnings.clone();
        let mut offences = loaded.offences.clone();
        let mut workspaces = Vec::new();
        let mut names: Vec<String> = workspace.into_iter().map(str::to_owned).collect();
        // Listed once: there may be a thousand.
        let files = if all {
            loaded.store.workspace_names()?
        } else if workspace.is_some() {
            loaded.store.workspace_names().unwrap_or_default()
        } else {
            Vec::new()
        };
        let has_file = |name: &String| files.binary_search(name).is_ok();
        if all {
            names.clone_from(&files);
            names.extend(loaded.global.workspaces.keys().filter(|name| !has_file(name)).cloned());
        }
        for name in names {
            let read = read_workspace(&loaded, &name)?;
            warnings.extend(read.warnings);
            offences.extend(read.offences);
            let mut found = read.workspace;
            // A default role does not affect this: the request names its role.
            found.default_role = None;
            let in_file = has_file(&name);
            if let Some(inline) = loaded.global.workspaces.get(&name).filter(|_| in_file) {
                workspaces.push((name.clone(), inline.clone(), false));
            }
            workspaces.push((name, found, in_file));
        }
        // A workspace's file takes precedence over its inline table. It was added last, so the
        // order is reversed: for one workspace only the first entry is looked at.
        workspaces.reverse();
        config::refuse(offences)?;
        Ok(Self { loaded, workspaces, warnings })
    }

    pub(super) fn provider(&self, id: &str) -> Result<Provider, Error> {
        let found = provider::providers(&self.loaded.exec);
        if let Some(wrong) = found.wrong.into_iter().find(|wrong| wrong.id.as_str() == id) {
            return Err(wrong.error.into());
        }
        let providers = found.usable;
        if let Some(found) = providers.iter().find(|provider| provider.id == id) {
            return Ok(found.clone());
        }
        let nearest = choice::meant(id, providers.iter());
        let known = choice::examples(&providers);
        Err(auth::Error::NoSuchProvider { nearest, known }.into())
    }

    /// The settings that the request's scope sees, including those of less specific scopes.
    pub(super) fn settings<'s>(&'s self, request: &'s Request<'_>) -> Result<Settings<'s>, Error> {
        let workspace = self.workspaces.first().filter(|_| request.target.workspace.is_some());
        let workspace = workspace.map(|(name, workspace, _)| (name.as_str(), workspace));
        let role = request.target.role.as_deref();
        let selection = Selection { workspace, role, ..Selection::default() };
        scope::settings(&self.loaded.global, &self.loaded.exec, selection, &mut Vec::new())
            .map_err(Error::from)
    }

    /// The provider, the state before the change, and the changes that a request asks for. `value`
    /// is `None` if the key stays.
    pub(super) fn changes(
        &self,
        request: &Request<'_>,
        value: Option<&EnvValue>,
    ) -> Result<(Provider, Before, Vec<Change>), Error> {
        let provider = self.provider(request.id)?;
        match self.settings(request) {
            // A key that a workspace no longer allows can still be removed.
            Err(Error::Scope(scope::Error::NotAllowed { .. })) if request.verb == Verb::Unset => {}
            checked => drop(checked?),
        }
        let workspaces: Vec<Known<'_>> = self
            .workspaces
            .iter()
            .map(|(name, workspace, in_file)| Known { name, workspace, in_file: *in_file })
            .collect();
        let ground = Ground {
            global: &self.loaded.global,
            exec: &self.loaded.exec,
            workspaces: &workspaces,
        };
        let now = before(request, ground, &provider);
        let changes = changes(request, ground, &provider, value)?;
        Ok((provider, now, changes))
    }
}
