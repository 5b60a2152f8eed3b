//! jackin-exec: start Claude Code on another provider.
//!
//! The modules stand in the order in which data flows; each uses only those above it. [`run`] is
//! the one place where the stages are joined.

pub mod report;
pub mod typed;
pub mod json;
pub mod error;
pub mod sys;
pub mod cli;
pub mod host;
pub mod catalog;
pub mod config;
pub mod files;
pub mod scope;
pub mod provider;
pub mod choice;
pub mod picker;
pub mod plan;
pub mod managed;
pub mod secret;
pub mod exec;
pub mod probe;
pub mod command;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use nix::sys::signal::Signal;

use choice::By;
use choice::Candidate;
use choice::Choice;
use choice::Origin;
use cli::Cli;
use cli::Common;
use cli::Parsed;
use cli::Shim;
use cli::Task;
use command::auth::Ground;
use command::auth::Known;
use command::auth::Request;
use command::auth::Source;
use command::auth::Verb;
use config::EnvValue;
use config::ExecToml;
use config::Global;
use config::Workspace;
use error::Error;
use error::Kind;
use error::Warning;
use files::edit::Change;
use files::load::Store;
use host::Host;
use picker::Item;
use picker::Terminal;
use plan::Materials;
use plan::Plan;
use provider::Provider;
use scope::Depth;
use scope::Here;
use scope::Selection;
use scope::Settings;

/// Runs the program on all of argv. Comes back only if no command was started; the result is the
/// exit status.
pub fn run(arguments: Vec<OsString>) -> u8 {
    let mut arguments = arguments.into_iter();
    let host = Host::read(arguments.next().unwrap_or_default());
    let arguments: Vec<OsString> = arguments.collect();
    match start(&host, &arguments) {
        Ok(status) => status,
        Err(error) => fail(&error),
    }
}

/// Says what went wrong, and ends as the failure demands.
fn fail(error: &Error) -> u8 {
    if let Error::Signalled(signal) = error {
        return die(*signal, error.status());
    }
    if !matches!(error, Error::Cancelled) {
        let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        report::say(&format!("{error}{hint}"));
    }
    error.status()
}

/// Dies of a signal as if we had never caught it. Process 1 cannot, and exits with what a shell
/// would say.
fn die(signal: Signal, status: u8) -> u8 {
    if nix::unistd::getpid().as_raw() != 1 {
        // If it comes back, the status says the same.
        let _ = nix::sys::signal::raise(signal);
    }
    status
}

fn start(host: &Host, arguments: &[OsString]) -> Result<u8, Error> {
    if host.ids.user != host.ids.effective_user || host.ids.group != host.ids.effective_group {
        return Err(Error::SetId);
    }
    let name = host::file_name(&host.argv0);
    if cli::may_be_shim(&name) {
        let loaded = Loaded::read(host, &Common::default())?;
        if let Some(shim) = cli::shim(&name, &loaded.provider_ids(), arguments) {
            return launch(host, &loaded, &shim).map(|()| 0);
        }
    }
    match cli::parse(arguments)? {
        Parsed::Print(text) => {
            report::print(&text);
            Ok(0)
        }
        Parsed::Run(cli) => {
            cli.check()?;
            if let Some(Task::Completions { shell, words }) = &cli.task {
                report::print(&completions(host, *shell, words));
                return Ok(0);
            }
            if let Some(Task::Doctor { online }) = &cli.task {
                return doctor(host, &cli, *online);
            }
            if let Some(Task::Auth { action: Some(task) }) = &cli.task {
                return change_key(host, &cli, task).map(|()| 0);
            }
            let loaded = Loaded::read(host, &cli.common)?;
            match &cli.task {
                Some(Task::Providers) => {
                    let place = Place::find(host, &loaded, &cli.common)?;
                    let session = Session::new(host, &loaded, &place, &cli.common)?;
                    warn(&session.warnings, &cli);
                    report::print(&command::providers::report(
                        &session.candidates,
                        cli.common.json,
                        style(host),
                    ));
                    Ok(0)
                }
                Some(Task::Auth { .. }) => {
                    let place = Place::find(host, &loaded, &cli.common)?;
                    let session = Session::new(host, &loaded, &place, &cli.common)?;
                    warn(&session.warnings, &cli);
                    let in_file =
                        place.chosen.as_ref().is_some_and(|(name, _)| has_file(&loaded, name));
                    let (candidates, settings) = (&session.candidates, &session.settings);
                    let (json, style) = (cli.common.json, style(host));
                    report::print(&command::auth::report(
                        candidates, settings, in_file, json, style,
                    ));
                    Ok(0)
                }
                Some(Task::Doctor { .. } | Task::Completions { .. }) => Ok(0),
                None => launch(host, &loaded, &Shim { cli: *cli, provider: None, command: None })
                    .map(|()| 0),
            }
        }
    }
}

/// How reports look on stdout.
fn style(host: &Host) -> report::Style {
    let stdout = std::io::stdout();
    let terminal = std::io::IsTerminal::is_terminal(&stdout);
    report::Style::new(terminal, sys::columns(&stdout), |name| host.environment.text(name))
}

/// Looks at everything, and if asked to lets the provider say a word. The result is the exit
/// status.
fn doctor(host: &Host, cli: &Cli, online: bool) -> Result<u8, Error> {
    use command::doctor;

    let options = &cli.common;
    let loaded = Loaded::read(host, options);
    let place = loaded.as_ref().map(|loaded| Place::find(host, loaded, options));
    let session = match (&loaded, &place) {
        (Ok(loaded), Ok(Ok(place))) => Some(Session::new(host, loaded, place, options)),
        _ => None,
    };
    let known = match (&loaded, &place, &session) {
        (Ok(loaded), _, Some(Ok(session))) => Ok(doctor::Known {
            candidates: &session.candidates,
            settings: &session.settings,
            exec: &loaded.exec,
            commands_refused: loaded.commands_refused.as_deref(),
            warnings: &session.warnings,
        }),
        (Err(error), ..) | (_, Ok(Err(error)), _) | (_, _, Some(Err(error))) => Err(error),
        // The three above are all that can be wrong.
        _ => Err(&Error::Cancelled),
    };
    if let Ok(loaded) = &loaded {
        // Programs are asked from here on, and jackin's writers wait for five seconds.
        loaded.store.release();
    }
    let choice = known.ok().map(|known| {
        let by_flag = options.provider.as_deref().map(|id| (id, By::Flag));
        let by_variable =
            host.environment.text("JACKIN_EXEC_PROVIDER").map(|id| (id, By::Variable));
        choice::choose(by_flag.or(by_variable), known.candidates, known.settings)
    });
    let mut findings =
        doctor::examine(host, options.config_dir.as_deref(), known, choice.as_ref())?;
    if let Ok(Err(error)) = loaded.as_ref().map(|loaded| loaded.runs_nothing_as_root(true)) {
        findings.error("config", &error);
    }
    if let (true, Ok(loaded), Some(Ok(session))) = (online, &loaded, &session) {
        match one_word(host, loaded, session, cli, &mut findings) {
            Ok(()) => {}
            Err(error @ Error::Signalled(_)) => return Err(error),
            Err(error) => findings.error("online", &error),
        }
    }
    report::print(&findings.report(options.json, style(host)));
    Ok(findings.status())
}

/// One turn of the client, with all that a launch would give it.
fn one_word(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'_>,
    cli: &Cli,
    findings: &mut command::doctor::Findings,
) -> Result<(), Error> {
    let words = command::doctor::ONE_WORD.iter().map(OsString::from).collect();
    let words = cli::Words { words, escaped: true };
    // With --dry-run nobody is asked.
    let shim =
        Shim { cli: Cli { dry_run: true, words, ..cli.clone() }, provider: None, command: None };
    planned(host, loaded, session, &shim, |plan, key_shape, _| {
        let secrets = fetch(host, session, plan, cli, key_shape)?;
        let entries = exec::environment(plan, &secrets, &host.environment)?;
        command::doctor::online(plan, entries, |text| secret::redact(text, &secrets), findings)
    })
}

/// The script for a shell, or what could stand at the cursor. A configuration that is broken is no
/// matter here.
fn completions(host: &Host, shell: cli::Shell, words: &[OsString]) -> String {
    if words.is_empty() {
        return command::completions::script(shell).to_owned();
    }
    command::completions::candidates(shell, words, |asked| names(host, asked))
}

fn names(host: &Host, asked: &command::completions::Asked) -> command::completions::Names {
    let options = Common {
        config_dir: asked.config_dir.as_ref().map(PathBuf::from),
        workspace: asked.workspace.clone(),
        ..Common::default()
    };
    let nothing = || Loaded::read(host, &Common::default()).ok();
    let Some(loaded) = Loaded::read(host, &options).ok().or_else(nothing) else {
        let presets =
            catalog::PRESETS.iter().map(|preset| (preset.id.to_owned(), preset.label.to_owned()));
        return command::completions::Names { providers: presets.collect(), ..Default::default() };
    };
    let providers = provider::providers(&loaded.exec.providers).unwrap_or_default();
    let place = Place::find(host, &loaded, &options).ok();
    let workspace =
        place.as_ref().and_then(|place| place.chosen.as_ref()).map(|(_, workspace)| workspace);
    let registered = loaded.global.roles.keys().chain(loaded.exec.roles.keys());
    let mut roles: Vec<String> = match workspace.map(|workspace| &workspace.allowed_roles) {
        Some(allowed) if !allowed.is_empty() => allowed.clone(),
        _ => registered.cloned().collect(),
    };
    roles.sort();
    roles.dedup();
    command::completions::Names {
        providers: providers
            .iter()
            .map(|one| (one.id.to_string(), one.label.to_string()))
            .collect(),
        workspaces: workspace_names(&loaded),
        roles,
        command: loaded.exec.command.unwrap_or_else(|| vec!["claude".to_owned()]),
    }
}

/// The files that every launch reads.
struct Loaded {
    store: Store,
    global: Global,
    exec: ExecToml,
    /// exec.toml, where we are root and it, or its folder, is not root's: commands from it are not
    /// run.
    commands_refused: Option<PathBuf>,
    warnings: Vec<Warning>,
    offences: Vec<error::Offence>,
}

impl Loaded {
    fn read(host: &Host, options: &Common) -> Result<Self, Error> {
        let mut warnings = Vec::new();
        let dir = host.config_dir(options.config_dir.as_deref())?;
        let store = Store::open(dir.as_ref(), host.ids.effective_user, &mut warnings)?;
        Self::from(host, store, warnings)
    }

    fn from(host: &Host, store: Store, mut warnings: Vec<Warning>) -> Result<Self, Error> {
        let mut offences = Vec::new();
        let mut global = Global::default();
        let mut of_global = None;
        if let Some(text) = store.read("config.toml", &mut warnings)? {
            global = config::global(&text.path, &text.text, &mut offences)?;
            if global.newer {
                warnings.push(Warning::Newer { path: text.path.clone() });
            }
            of_global = Some(text);
        }
        let mut exec = ExecToml::default();
        let mut commands_refused = None;
        if let Some(text) = store.read("exec.toml", &mut warnings)? {
            exec = config::exec(&text.path, &text.text, &mut offences)?;
            warn_readable(&text, exec.scopes(), &exec, &mut warnings);
            if host.ids.effective_user == 0 && (text.owner != 0 || store.is_foreign()) {
                commands_refused = Some(text.path);
            }
        }
        if let Some(text) = of_global {
            warn_readable(&text, global.scopes(), &exec, &mut warnings);
        }
        Ok(Self { store, global, exec, commands_refused, warnings, offences })
    }

    /// As root, another user's exec.toml names no program: neither itself nor by the variables that
    /// find or change one.
    ///
    /// # Errors
    ///
    /// [`Error::ForRootOnly`]
    fn runs_nothing_as_root(&self, default_command: bool) -> Result<(), Error> {
        let Some(path) = &self.commands_refused else {
            return Ok(());
        };
        let exec = &self.exec;
        let mut of_providers = exec.providers.values().flat_map(|provider| &provider.env);
        let said = [
            (exec.command.is_some() && default_command, "command"),
            (!exec.allow_env.is_empty(), "allow_env"),
            (
                of_providers.any(|(name, _)| plan::changes_the_host(name.value.as_str())),
                "a provider's env for this host",
            ),
        ];
        match said.iter().find(|(said, _)| *said) {
            Some((_, key)) => Err(Error::ForRootOnly { path: path.clone(), key }),
            None => Ok(()),
        }
    }

    fn provider_ids(&self) -> Vec<&str> {
        let presets = catalog::PRESETS.iter().map(|preset| preset.id);
        presets.chain(self.exec.providers.keys().map(String::as_str)).collect()
    }
}

/// A literal under the name of a key, in a file that everybody may read.
fn warn_readable<'a>(
    text: &files::load::Text,
    scopes: impl Iterator<Item = &'a config::Variables>,
    exec: &ExecToml,
    warnings: &mut Vec<Warning>,
) {
    if text.world_readable && provider::holds_literal_key(scopes, &exec.providers) {
        warnings.push(Warning::ReadableKey { path: text.path.clone() });
    }
}

/// What is known before a provider is chosen.
struct Session<'a> {
    loaded: &'a Loaded,
    settings: Settings<'a>,
    candidates: Vec<Candidate<'a>>,
    /// Ours, less what an outer session's redirect set.
    environment: host::Environment,
    warnings: Vec<Warning>,
}

impl<'a> Session<'a> {
    fn new(
        host: &'a Host,
        loaded: &'a Loaded,
        place: &'a Place,
        options: &'a Common,
    ) -> Result<Self, Error> {
        let mut warnings: Vec<Warning> =
            loaded.warnings.iter().chain(&place.warnings).cloned().collect();
        let role = options.role.as_deref().or_else(|| host.environment.text("JACKIN_EXEC_ROLE"));
        let selection = Selection {
            workspace: place.chosen.as_ref().map(|(name, workspace)| (name.as_str(), workspace)),
            role,
            surrounding: &place.surrounding,
        };
        let by_variable = options.role.is_none() && role.is_some();
        let settings = scope::settings(&loaded.global, &loaded.exec, selection, &mut warnings)
            .map_err(
                |error| if by_variable { error.said_by(" (JACKIN_EXEC_ROLE)") } else { error },
            )?;
        let providers = provider::providers(&loaded.exec.providers)?;
        let environment = inner_environment(host);
        let candidates = choice::candidates(providers, &settings, &environment);
        Ok(Self { loaded, settings, candidates, environment, warnings })
    }
}

/// Our environment less what an outer session's redirect set.
fn inner_environment(host: &Host) -> host::Environment {
    let outer = plan::outer_names(&host.environment);
    if outer.is_empty() {
        return host.environment.clone();
    }
    host.environment.without(&outer)
}

/// Where we are in the operator's configuration.
struct Place {
    /// The workspace that was chosen.
    chosen: Option<(String, Workspace)>,
    /// The workspaces whose policy binds here.
    surrounding: Vec<String>,
    warnings: Vec<Warning>,
}

impl Place {
    fn find(host: &Host, loaded: &Loaded, options: &Common) -> Result<Self, Error> {
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

fn read_workspace(
    loaded: &Loaded,
    name: &str,
    warnings: &mut Vec<Warning>,
    offences: &mut Vec<error::Offence>,
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
fn has_file(loaded: &Loaded, name: &str) -> bool {
    loaded.store.workspace_names().is_ok_and(|names| names.iter().any(|known| known == name))
}

fn workspace_names(loaded: &Loaded) -> Vec<String> {
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
fn change_key(host: &Host, cli: &Cli, task: &cli::AuthTask) -> Result<(), Error> {
    let request = Request::new(cli, task)?;
    let dir = host.config_dir(cli.common.config_dir.as_deref())?.ok_or(Error::NoConfigDir)?;
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
    let candidates = choice::candidates(vec![provider], &settings, &inner_environment(host));
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
                helper.filter(|helper| secret::find(helper.as_ref(), &host.environment).is_none())
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
            secret::text(bytes).map_err(|reason| Error::Key { key: name.to_owned(), reason })?
        }
    };
    let mut warnings = Vec::new();
    secret::check_key(&secret, name, provider.key_shape, &mut warnings)
        .map_err(|reason| Error::Key { key: name.to_owned(), reason })?;
    if let Some(option) = secret::reference_option(&secret) {
        return Err(Error::KeyIsReference { option });
    }
    warn(&warnings, cli);
    Ok(Some(EnvValue::Literal(secret)))
}

/// Chooses, plans, fetches, and becomes the command.
fn launch(host: &Host, loaded: &Loaded, shim: &Shim) -> Result<(), Error> {
    let cli = &shim.cli;
    let place = Place::find(host, loaded, &cli.common)?;
    let session = Session::new(host, loaded, &place, &cli.common)?;
    planned(host, loaded, &session, shim, |plan, key_shape, warnings| {
        warn(warnings, cli);
        if cli.dry_run {
            let is_set = |name: &str| host.environment.get(name).is_some();
            report::print(&if cli.common.json { plan.to_json() } else { plan.to_text(is_set) });
            return Ok(());
        }
        let secrets = fetch(host, &session, plan, cli, key_shape)?;
        let entries = exec::environment(plan, &secrets, &host.environment)?;
        if host.stderr_is_terminal && !cli.common.quiet {
            report::say(&launch_line(plan));
        }
        if takes_title(host, cli) {
            // xterm's control sequence, which the others understand.
            report::to(&std::io::stderr(), &format!("\x1b]0;{}\x07", report::escape(&plan.label)));
        }
        Err(meant(exec::exec(&plan.command, entries, &host.environment), loaded, shim))
    })
}

/// What a command that was not found may have been meant for.
fn meant(error: Error, loaded: &Loaded, shim: &Shim) -> Error {
    let Error::NotFound { command, .. } = &error else {
        return error;
    };
    if command == "claude" {
        return error;
    }
    let word = command.to_str().unwrap_or_default();
    let words = &shim.cli.words;
    let hint = if words.words.first() != Some(command) {
        loaded
            .exec
            .command
            .as_ref()
            .filter(|_| shim.command.is_none())
            .map(|_| "`command` in exec.toml says so".to_owned())
    } else if words.escaped {
        None
    } else if loaded.provider_ids().contains(&word) {
        Some(format!("a provider is chosen with -p {word}"))
    } else {
        error::nearest(word, cli::TASKS.iter().copied())
            .map(|task| format!("did you mean jackin-exec {task}?"))
    };
    Error::NotFound { command: command.clone(), hint }
}

/// Whether there is a terminal that shows a title, and not what sets it.
fn takes_title(host: &Host, cli: &Cli) -> bool {
    let term = host.environment.text("TERM");
    cli.title
        && host.stderr_is_terminal
        && term.is_some_and(|term| term != "dumb" && term != "linux")
}

/// Chooses and plans, looks whether a policy of this machine forbids it, and goes on with the plan.
fn planned(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'_>,
    shim: &Shim,
    then: impl FnOnce(&Plan<'_>, Option<catalog::KeyShape>, &[Warning]) -> Result<(), Error>,
) -> Result<(), Error> {
    let cli = &shim.cli;
    let words = &cli.words;
    let first = words
        .words
        .first()
        .filter(|first| !(words.escaped && first.as_encoded_bytes().starts_with(b"-")));
    loaded.runs_nothing_as_root(first.is_none() && shim.command.is_none())?;
    // A person may take minutes to answer, and `op` to unlock; jackin's writers wait for five
    // seconds.
    loaded.store.release();
    let (chosen, by) = choose(host, session, shim)?;
    if cli.model.is_some() && chosen.provider.is_anthropic() {
        return Err(Error::ModelWithoutRedirect);
    }
    if cli.model.as_deref().is_some_and(|model| !config::is_model_id(model)) {
        return Err(Error::NoModel);
    }
    let label = choice::label(&chosen.provider, &session.candidates);
    let default_command = shim.command.clone().map(|command| vec![command]);
    let default_command = default_command
        .or_else(|| loaded.exec.command.clone())
        .unwrap_or_else(|| vec!["claude".to_owned()]);
    let mut warnings = session.warnings.clone();
    let plan = plan::plan(
        Materials {
            candidates: &session.candidates,
            chosen,
            by,
            model: cli.model.as_deref(),
            label: &label,
            settings: &session.settings,
            allow_env: &loaded.exec.allow_env,
            environment: &host.environment,
            words: &cli.words,
            default_command: &default_command,
            pass_keys: cli.pass_keys,
            title: takes_title(host, cli),
        },
        &mut warnings,
    );
    if plan.redirect {
        managed::judge(Path::new(managed::FOLDER), &mut warnings)?;
    }
    then(&plan, chosen.provider.key_shape, &warnings)
}

fn choose<'a>(
    host: &Host,
    session: &'a Session<'_>,
    shim: &Shim,
) -> Result<(&'a Candidate<'a>, By), Error> {
    let options = &shim.cli.common;
    let by_name = shim.provider.as_deref().map(|id| (id, By::Name));
    let by_flag = options.provider.as_deref().map(|id| (id, By::Flag));
    let by_variable = host.environment.text("JACKIN_EXEC_PROVIDER").map(|id| (id, By::Variable));
    let named = by_name.or(by_flag).or(by_variable);
    let candidates = &session.candidates;
    let is_set = |name: &str| {
        host.environment.get(name).is_some_and(|value| !value.is_empty())
            || session.settings.env.contains_key(name)
    };
    let choice = choice::choose(named, candidates, &session.settings)
        .map_err(|error| error.guessed(is_set))?;
    let (index, by) = match choice {
        Choice::Settled(index, by) => (index, by),
        Choice::Open(open) => {
            let term = host.environment.text("TERM");
            let terminal =
                Terminal::find(host.stderr_is_terminal, term).filter(|_| !shim.cli.dry_run);
            let open: Vec<(usize, &Candidate<'_>)> = open
                .into_iter()
                .filter_map(|index| Some((index, candidates.get(index)?)))
                .collect();
            let Some(terminal) = terminal else {
                return Err(Error::NobodyToAsk {
                    candidates: open
                        .iter()
                        .map(|(_, candidate)| candidate.provider.id.to_string())
                        .collect(),
                    asked: named.is_some(),
                });
            };
            let items: Vec<Item> = open.iter().map(|(_, candidate)| item(candidate)).collect();
            let answer = terminal.ask("which provider?", &items)?;
            (open.get(answer).map_or(0, |(index, _)| *index), By::Question)
        }
    };
    candidates.get(index).map(|candidate| (candidate, by)).ok_or(Error::Cancelled)
}

fn item(candidate: &Candidate<'_>) -> Item {
    let provider = &candidate.provider;
    Item { id: provider.id.to_string(), label: provider.label.to_string() }
}

fn fetch(
    host: &Host,
    session: &Session<'_>,
    plan: &Plan<'_>,
    cli: &Cli,
    key_shape: Option<catalog::KeyShape>,
) -> Result<Vec<secrecy::SecretString>, Error> {
    // Nearly every launch does without helpers.
    let hidden = if plan.needs.iter().any(plan::Need::wants_helper) {
        plan::hidden_names(&session.candidates, &session.settings)
    } else {
        Vec::new()
    };
    let (workspace, role) =
        (session.settings.workspace.as_deref(), session.settings.role.as_deref());
    if cli.common.debug {
        for need in &plan.needs {
            let reference =
                need.reference().map(|reference| format!(" {}", report::escape(&reference)));
            let (key, reference) = (report::escape(&need.key), reference.unwrap_or_default());
            report::say(&format!(
                "debug: {key}: {}{reference}, {}",
                need.kind(),
                need.origin.layer(workspace, role)
            ));
        }
    }
    let mut warnings = Vec::new();
    let secrets = secret::fetch(
        &plan.needs,
        secret::Circumstances {
            environment: &session.environment,
            hidden: &hidden,
            key: plan.key,
            key_shape,
            commands_refused: session.loaded.commands_refused.as_deref(),
            talkative: host.stderr_is_terminal && !cli.common.quiet,
            workspace,
            role,
        },
        &mut warnings,
    )?;
    warn(&warnings, cli);
    Ok(secrets)
}

fn warn(warnings: &[Warning], cli: &Cli) {
    for warning in warnings.iter().filter(|_| !cli.common.quiet) {
        report::say(&format!("warning: {warning}"));
    }
}

/// `Claude (Kimi); operator env: 3 resolved (2 op://, 1 host ref, 0 literal)`
fn launch_line(plan: &Plan<'_>) -> String {
    let mut line = report::escape(&plan.label).into_owned();
    if let Some(host) = &plan.gateway {
        line = format!("{line}; through {host}");
    }
    let count = |kind: &str| {
        let scoped =
            |need: &&plan::Need<'_>| matches!(need.origin, Origin::Scope(_)) && need.kind() == kind;
        plan.needs.iter().filter(scoped).count()
    };
    let (op, host, literal) = (count("op"), count("host"), count("literal"));
    let (file, command) = (count("file"), count("command"));
    let resolved = op + host + literal + file + command;
    if resolved == 0 {
        return line;
    }
    let more = [(file, "file"), (command, "command")]
        .map(|(count, kind)| if count == 0 { String::new() } else { format!(", {count} {kind}") });
    format!(
        "{line}; operator env: {resolved} resolved ({op} op://, {host} host ref, {literal} literal{})",
        more.concat()
    )
}
