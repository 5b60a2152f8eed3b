//! What `auth` does, from the command line to the line that reports it.

use std::path::Path;

use crate::availability;
use crate::availability::Candidate;
use crate::cli;
use crate::cli::Cli;
use crate::cli::Common;
use crate::command;
use crate::command::auth::Ground;
use crate::command::auth::Known;
use crate::command::auth::Request;
use crate::command::auth::Source;
use crate::command::auth::Verb;
use crate::command::style;
use crate::config;
use crate::config::EnvValue;
use crate::config::Workspace;
use crate::configuration::Loaded;
use crate::error;
use crate::error::Error;
use crate::error::Warning;
use crate::files;
use crate::files::edit::Change;
use crate::host;
use crate::host::Host;
use crate::launch::warn;
use crate::picker::Terminal;
use crate::program;
use crate::provider;
use crate::provider::Provider;
use crate::report;
use crate::scope;
use crate::scope::Selection;
use crate::scope::Settings;
use crate::secret;
use crate::session::Session;
use crate::session::inner_environment;
use crate::workspace::Place;
use crate::workspace::has_file;
use crate::workspace::read_workspace;

/// `auth`: shows where the keys are.
pub(crate) fn show(host: &Host, cli: &Cli) -> Result<(), Error> {
    let loaded = Loaded::read(host, &cli.common)?;
    let place = Place::find(host, &loaded, &cli.common)?;
    let session = Session::new(host, &loaded, &place, &cli.common)?;
    warn(&session.warnings, cli);
    let in_file = place.chosen.as_ref().is_some_and(|(name, _)| has_file(&loaded, name));
    let (candidates, settings) = (&session.candidates, &session.settings);
    let (json, style) = (cli.common.json, style(host));
    report::print(&command::auth::report(candidates, settings, in_file, json, style));
    Ok(())
}

/// What a change of a key has to know, read at one moment.
struct Keys {
    loaded: Loaded,
    /// The workspace of the request, or all of them: name, content, and whether it has a file of
    /// its own.
    workspaces: Vec<(String, Workspace, bool)>,
    warnings: Vec<Warning>,
}

impl Keys {
    fn read(loaded: Loaded, request: &Request<'_>) -> Result<Self, Error> {
        let mut warnings = loaded.warnings.clone();
        let mut offences = loaded.offences.clone();
        let mut workspaces = Vec::new();
        let mut names: Vec<String> = request.workspace.into_iter().map(str::to_owned).collect();
        if request.verb == Verb::UnsetAll {
            names = loaded.store.workspace_names()?;
            names.extend(
                loaded.global.workspaces.keys().filter(|name| !has_file(&loaded, name)).cloned(),
            );
        }
        for name in names {
            let mut found = read_workspace(&loaded, &name, &mut warnings, &mut offences)?;
            // A role that nobody named has no part in this.
            found.default_role = None;
            let in_file = has_file(&loaded, &name);
            if let Some(inline) = loaded.global.workspaces.get(&name).filter(|_| in_file) {
                workspaces.push((name.clone(), inline.clone(), false));
            }
            workspaces.push((name, found, in_file));
        }
        // The one that counts is the last of two; for one workspace it is the only one that is
        // looked at.
        workspaces.reverse();
        if offences.is_empty() {
            Ok(Self { loaded, workspaces, warnings })
        } else {
            Err(Error::Names(offences))
        }
    }

    fn provider(&self, id: &str) -> Result<Provider, Error> {
        let providers = provider::providers(&self.loaded.exec.providers)?;
        let known: Vec<String> = providers.iter().map(|provider| provider.id.to_string()).collect();
        providers.into_iter().find(|provider| provider.id == id).ok_or_else(|| {
            Error::NoSuchProvider {
                nearest: error::nearest(id, known.iter().map(String::as_str)),
                known,
            }
        })
    }

    /// What the scope of the request sees, with its less specific ones.
    fn settings<'s>(&'s self, request: &'s Request<'_>) -> Result<Settings<'s>, Error> {
        let workspace = self.workspaces.first().filter(|_| request.workspace.is_some());
        let workspace = workspace.map(|(name, workspace, _)| (name.as_str(), workspace));
        let role = request.role.as_deref();
        let selection = Selection { workspace, role, surrounding: &[] };
        scope::settings(&self.loaded.global, &self.loaded.exec, selection, &mut Vec::new())
    }

    /// The provider, what is there, and the changes that a request asks for. `value` is none where
    /// the key stays.
    fn changes(
        &self,
        request: &Request<'_>,
        value: Option<&EnvValue>,
    ) -> Result<(Provider, command::auth::Before, Vec<Change>), Error> {
        let provider = self.provider(request.id)?;
        match self.settings(request) {
            // What a workspace no longer allows can still be cleared away.
            Err(Error::RoleNotAllowed { .. }) if request.verb == Verb::Unset => {}
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
        let changes = command::auth::changes(request, ground, &provider, value)?;
        let before = command::auth::before(request, ground, &provider);
        Ok((provider, before, changes))
    }
}

/// Sets, removes or empties a provider's key.
pub(crate) fn change_key(host: &Host, cli: &Cli, task: &cli::AuthTask) -> Result<(), Error> {
    let request = Request::new(cli, task)?;
    let dir = host.config_dir(cli.common.config_dir.as_deref())?.ok_or(host::Error::NoConfigDir)?;
    // Everything that can be refused is refused before anybody is asked, and nobody is asked while
    // we hold a lock.
    let keys = Keys::read(Loaded::read(host, &cli.common)?, &request)?;
    let (provider, before, changes) = keys.changes(&request, None)?;
    warn(&keys.warnings, cli);
    if changes.is_empty() && !matches!(request.verb, Verb::Set(_)) {
        return tell(host, &request, &keys, &dir.path, &before, &changes);
    }
    drop(keys);
    let value = match &request.verb {
        Verb::Set(set) => new_key(host, cli, &request, set, &provider, before.key)?,
        Verb::Unset | Verb::UnsetAll | Verb::Ignore => None,
    };
    let mut repeated = Vec::new();
    let store = files::edit::open(&dir, host.ids.effective_user, &mut repeated)?;
    let keys = Keys::read(Loaded::from(host, store, repeated)?, &request)?;
    let (_, before, changes) = keys.changes(&request, value.as_ref())?;
    files::edit::apply(&keys.loaded.store, &changes, |file, path, text| {
        let mut offences = Vec::new();
        match file {
            "config.toml" => config::global(path, text, &mut offences).map(drop)?,
            "exec.toml" => config::exec(path, text, &mut offences).map(drop)?,
            _ => config::workspace(path, text, &mut offences).map(drop)?,
        }
        if offences.is_empty() { Ok(()) } else { Err(Error::Names(offences)) }
    })?;
    let keys = Keys::read(Loaded::from(host, keys.loaded.store, Vec::new())?, &request)?;
    tell(host, &request, &keys, &dir.path, &before, &changes)
}

/// Reports a change with what holds after it.
fn tell(
    host: &Host,
    request: &Request<'_>,
    keys: &Keys,
    folder: &Path,
    before: &command::auth::Before,
    changes: &[Change],
) -> Result<(), Error> {
    let provider = keys.provider(request.id)?;
    let settings = match keys.settings(request) {
        Err(Error::RoleNotAllowed { .. }) => Settings::default(),
        settings => settings?,
    };
    let candidates = availability::candidates(vec![provider], &settings, &inner_environment(host));
    if let Some(now) = candidates.first() {
        let said = command::auth::outcome(request, changes, folder, before, now, &settings);
        report::print(&(said + &seen_here(host, keys, request, now).unwrap_or_default()));
    }
    Ok(())
}

/// What a launch in this directory would see of a provider whose key was changed elsewhere.
fn seen_here(
    host: &Host,
    keys: &Keys,
    request: &Request<'_>,
    now: &Candidate<'_>,
) -> Option<String> {
    let options = Common::default();
    let place = Place::find(host, &keys.loaded, &options).ok()?;
    let session = Session::new(host, &keys.loaded, &place, &options).ok()?;
    let settings = &session.settings;
    let (workspace, role) = (settings.workspace.as_deref(), settings.role.as_deref());
    let (changed, changed_role) = (request.workspace, request.role.as_deref());
    let is_seen = (changed.is_none() || changed == workspace)
        && (changed_role.is_none() || changed_role == role);
    if !is_seen || (changed, changed_role) == (workspace, role) {
        return None;
    }
    let here = session.candidates.iter().find(|here| here.provider.id == now.provider.id)?;
    command::auth::elsewhere(now, here, settings)
}

/// The key, or where it is; none if the one that is there stays.
fn new_key(
    host: &Host,
    cli: &Cli,
    request: &Request<'_>,
    set: &cli::AuthSet,
    provider: &Provider,
    replaces: bool,
) -> Result<Option<EnvValue>, Error> {
    let name = provider.key_env().map(config::EnvName::as_str).unwrap_or_default();
    let source = command::auth::source(set, host.current_directory())?;
    let secret = match source {
        Source::Reference(value) => {
            if let EnvValue::File(path) = &value
                && !path.is_file()
            {
                warn(&[Warning::NoKeyFile { path: path.clone() }], cli);
            }
            let helper = match &value {
                EnvValue::Op { .. } => Some("op"),
                EnvValue::Command { argv, .. } => argv.first().map(String::as_str),
                _ => None,
            };
            if let Some(helper) =
                helper.filter(|helper| program::find(helper.as_ref(), &host.environment).is_none())
            {
                warn(&[Warning::NoHelper { program: helper.to_owned() }], cli);
            }
            return Ok(Some(value));
        }
        Source::Stdin if !std::io::IsTerminal::is_terminal(&std::io::stdin()) => {
            secret::read(std::io::stdin(), "stdin", name)?
        }
        Source::Stdin | Source::Terminal => {
            let terminal = Terminal::find(host.stderr_is_terminal, host.environment.text("TERM"));
            let terminal =
                terminal.ok_or_else(|| Error::NobodyToAskForKey { key: name.to_owned() })?;
            let place = command::auth::place(request.workspace, request.role.as_deref());
            let keeps = if replaces { "; Enter keeps the one that is there" } else { "" };
            let bytes = terminal.ask_unseen(&format!("{name} for {place} (not shown{keeps})"))?;
            // No key begins or ends with a blank; what is copied often does.
            let bytes = bytes.trim_ascii().to_vec();
            if bytes.is_empty() && replaces {
                return Ok(None);
            }
            secret::text(bytes)
                .map_err(|reason| secret::Error::Key { key: name.to_owned(), reason })?
        }
    };
    let mut warnings = Vec::new();
    secret::check_key(&secret, name, provider.key_shape, &mut warnings)
        .map_err(|reason| secret::Error::Key { key: name.to_owned(), reason })?;
    if let Some(option) = secret::reference_option(&secret) {
        return Err(Error::KeyIsReference { option });
    }
    warn(&warnings, cli);
    Ok(Some(EnvValue::Literal(secret)))
}
