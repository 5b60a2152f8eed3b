//! `auth`: the providers' keys, scope by scope: shown, set, removed, ignored. Decides which entries
//! of which files change and in which order; `edit` makes the changes.

mod run;

pub(crate) use run::change_key;
pub(crate) use run::show;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Serialize;

use crate::choice::Availability;
use crate::choice::Candidate;
use crate::choice::Origin;
use crate::cli::AuthSet;
use crate::cli::AuthTask;
use crate::cli::Cli;
use crate::config;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Variables;
use crate::config::Workspace;
use crate::error::Error;
use crate::error::Missing;
use crate::files::edit;
use crate::files::edit::Change;
use crate::files::load;
use crate::plan::Need;
use crate::provider::Provider;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Scope;
use crate::scope::Settings;

/// What is to be changed, and in which scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The provider's id.
    pub id: &'a str,
    /// The workspace, if the scope has one.
    pub workspace: Option<&'a str>,
    /// The role, if the scope has one, as jackin spells its names.
    pub role: Option<String>,
    /// What to do.
    pub verb: Verb<'a>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb<'a> {
    /// Set a key.
    Set(&'a AuthSet),
    /// Remove a key from the scope.
    Unset,
    /// Remove a key from every scope.
    UnsetAll,
    /// Ignore the provider in the scope.
    Ignore,
}

impl<'a> Request<'a> {
    /// The request in a command line. A write goes where it was told in so many words: neither
    /// variables nor the current directory choose its scope.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for options that contradict it.
    pub fn new(cli: &'a Cli, task: &'a AuthTask) -> Result<Self, Error> {
        let (id, global, verb) = match task {
            AuthTask::Set(set) => (&set.id, set.global, Verb::Set(set)),
            AuthTask::Unset(unset) if unset.all_scopes => (&unset.id, true, Verb::UnsetAll),
            AuthTask::Unset(unset) => (&unset.id, unset.global, Verb::Unset),
            AuthTask::Ignore(ignore) => (&ignore.id, ignore.global, Verb::Ignore),
        };
        let (workspace, role) = (cli.common.workspace.as_deref(), cli.common.role.as_deref());
        if global && (workspace.is_some() || role.is_some()) {
            let all = if verb == Verb::UnsetAll { "--all-scopes" } else { "--global" };
            return Err(usage(
                &format!("{all} excludes --workspace and --role"),
                "a scope is named once",
            ));
        }
        if cli.common.provider.is_some() {
            return Err(usage(
                "auth takes the provider as a word",
                "jackin-exec auth set PROVIDER",
            ));
        }
        if cli.common.json || cli.common.no_workspace {
            return Err(usage(
                "--json and --no-workspace are for showing",
                "jackin-exec auth --json shows what is set",
            ));
        }
        Ok(Self { id, workspace, role: role.map(str::to_ascii_lowercase), verb })
    }
}

fn usage(what: &str, hint: &str) -> Error {
    Error::Usage { what: what.to_owned(), hint: hint.to_owned() }
}

/// Where a new key comes from.
#[derive(Debug)]
pub enum Source {
    /// A person types it.
    Terminal,
    /// Stdin holds it.
    Stdin,
    /// It stays where it is.
    Reference(EnvValue),
}

/// What the options of `auth set` say about the key. No error repeats a value: it may be a key in
/// the wrong place.
///
/// # Errors
///
/// [`Error::Usage`] for a reference that cannot be one.
pub fn source(set: &AuthSet, directory: Option<PathBuf>) -> Result<Source, Error> {
    const NOT_HERE: &str = "a key itself is asked for, or read with --stdin";
    if let Some(reference) = &set.op {
        if !config::is_op_reference(reference) {
            return Err(usage("--op needs op://VAULT/ITEM/[SECTION/]FIELD", NOT_HERE));
        }
        if set.account.as_deref() == Some("") {
            return Err(usage(
                "--account needs an account",
                "leave it out to use the only one that is signed in",
            ));
        }
        let (reference, account) = (reference.clone(), set.account.clone());
        return Ok(Source::Reference(EnvValue::Op { reference, account }));
    }
    if let Some(name) = &set.from_env {
        if !config::is_identifier(name) {
            return Err(usage("--env needs the name of a variable", NOT_HERE));
        }
        return Ok(Source::Reference(EnvValue::HostVar(name.clone())));
    }
    if let Some(path) = &set.file {
        let path = directory.unwrap_or_default().join(path);
        if !path.is_absolute()
            || path.to_str().is_none()
            || set.file.as_deref() == Some(Path::new(""))
        {
            return Err(usage("--file needs the path of a file, in UTF-8", NOT_HERE));
        }
        return Ok(Source::Reference(EnvValue::File(path)));
    }
    if set.command {
        if set.argv.first().is_none_or(String::is_empty) {
            return Err(usage("--command needs a command: --command -- ARGV...", NOT_HERE));
        }
        let (argv, timeout) = (set.argv.clone(), config::COMMAND_TIMEOUT);
        return Ok(Source::Reference(EnvValue::Command { argv, timeout }));
    }
    Ok(if set.stdin { Source::Stdin } else { Source::Terminal })
}

/// A workspace as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it says.
    pub workspace: &'a Workspace,
    /// Whether it has a file of its own; else it is a table of config.toml, as old versions wrote
    /// it.
    pub in_file: bool,
}

/// What the configuration says now.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// config.toml
    pub global: &'a Global,
    /// exec.toml
    pub exec: &'a ExecToml,
    /// The workspace of the request; for [`Verb::UnsetAll`] all of them.
    pub workspaces: &'a [Known<'a>],
}

/// One cell of the configuration: a scope with the workspace and the role that it needs.
#[derive(Clone, Copy)]
struct Cell<'a> {
    ground: Ground<'a>,
    workspace: Option<Known<'a>>,
    role: Option<&'a str>,
}

/// A table of a file.
struct Spot {
    file: String,
    table: Vec<String>,
}

const CONFIG: &str = "config.toml";

const EXEC: &str = "exec.toml";

impl Spot {
    fn change(&self, last: &str, key: &str, value: Option<SecretString>) -> Change {
        let table =
            self.table.iter().map(String::as_str).chain([last]).map(str::to_owned).collect();
        let fresh = if self.file == CONFIG { config::NEW_GLOBAL } else { "" };
        Change { file: self.file.clone(), table, key: key.to_owned(), value, fresh }
    }
}

impl Cell<'_> {
    fn scope(&self) -> Scope {
        match (self.workspace, self.role) {
            (None, None) => Scope::Global,
            (None, Some(_)) => Scope::Role,
            (Some(_), None) => Scope::Workspace,
            (Some(_), Some(_)) => Scope::WorkspaceRole,
        }
    }

    fn under(&self, workspace: &[&str]) -> Vec<String> {
        let role = self.role.map(|role| ["roles", role]);
        workspace.iter().copied().chain(role.into_iter().flatten()).map(str::to_owned).collect()
    }

    /// The cell in exec.toml.
    fn ours(&self) -> Spot {
        let workspace = self.workspace.map(|known| ["workspaces", known.name]);
        Spot {
            file: EXEC.to_owned(),
            table: self.under(workspace.as_ref().map_or(&[], |path| path.as_slice())),
        }
    }

    /// The cell in jackin's files. None for a role that is not registered: jackin refuses a
    /// `[roles.R]` without `git`.
    fn theirs(&self) -> Option<Spot> {
        match self.workspace {
            Some(known) if known.in_file => {
                Some(Spot { file: load::workspace_file(known.name), table: self.under(&[]) })
            }
            Some(known) => Some(Spot {
                file: CONFIG.to_owned(),
                table: self.under(&["workspaces", known.name]),
            }),
            None => {
                let exists =
                    self.role.is_none_or(|role| self.ground.global.roles.contains_key(role));
                exists.then(|| Spot { file: CONFIG.to_owned(), table: self.under(&[]) })
            }
        }
    }

    /// What jackin's file says in this cell.
    fn theirs_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let variables: Option<&Variables> =
            match (self.workspace.map(|known| known.workspace), self.role) {
                (None, None) => Some(&self.ground.global.env),
                (None, Some(role)) => self.ground.global.roles.get(role),
                (Some(workspace), None) => Some(&workspace.env),
                (Some(workspace), Some(role)) => workspace.roles.get(role).map(|role| &role.env),
            };
        Some(&variables?.get(key)?.value)
    }

    fn theirs_declare(&self, key: &EnvName) -> bool {
        self.theirs_value(key).is_some()
    }

    fn ours_declare(&self, key: &EnvName) -> bool {
        self.ours_value(key).is_some()
    }

    /// What exec.toml says in this cell.
    fn ours_value(&self, key: &EnvName) -> Option<&EnvValue> {
        let exec = self.ground.exec;
        let workspace = self.workspace.map(|known| exec.workspaces.get(known.name));
        let variables: Option<&Variables> = match (workspace, self.role) {
            (None, None) => Some(&exec.env),
            (None, Some(role)) => exec.roles.get(role),
            (Some(workspace), None) => workspace.map(|workspace| &workspace.env),
            (Some(workspace), Some(role)) => {
                workspace.and_then(|workspace| workspace.roles.get(role))
            }
        };
        Some(&variables?.get(key)?.value)
    }

    /// The value that the cell has, of which jackin's file may have a second one.
    fn value(&self, key: &EnvName) -> Option<&EnvValue> {
        let full = |value: &&EnvValue| !matches!(value, EnvValue::Empty);
        self.ours_value(key).filter(full).or_else(|| self.theirs_value(key)).filter(full)
    }

    /// Where jackin has no mode, an empty key says no: it wins its name and is no key. It stands in
    /// exec.toml where the key is in jackin's file, which keeps it for the day on which it is
    /// wanted again.
    fn hush(&self, key: &EnvName) -> Result<Vec<Change>, Error> {
        match (self.ours_value(key), self.theirs_value(key)) {
            (Some(EnvValue::Empty), _) | (None, Some(EnvValue::Empty)) => Ok(Vec::new()),
            // Of these a part would be shown at most.
            (
                Some(
                    EnvValue::Literal(_)
                    | EnvValue::Command { .. }
                    | EnvValue::Op { account: Some(_), .. },
                ),
                _,
            ) => Err(Error::WouldLoseKey { key: key.as_str().to_owned() }),
            (Some(_), _) | (None, Some(_)) => {
                Ok(vec![self.ours().change("env", key.as_str(), Some(text("")))])
            }
            (None, None) => Ok(self.set(key, &EnvValue::Empty)),
        }
    }

    /// What takes back [`Cell::hush`] and the mode, and leaves the key.
    fn wake(&self, provider: &Provider, key: &EnvName) -> Vec<Change> {
        let hushed =
            matches!(self.ours_value(key), Some(EnvValue::Empty)) && self.theirs_declare(key);
        let mut changes: Vec<Change> =
            hushed.then(|| self.ours().change("env", key.as_str(), None)).into_iter().collect();
        changes.extend(self.lift(provider));
        changes
    }

    /// What jackin's mode for Kimi says in this cell, and in the less specific ones; a role scope
    /// has none.
    fn modes(&self) -> (Option<bool>, Option<bool>) {
        let global = self.ground.global.kimi_ignored;
        let workspace = self.workspace.map(|known| known.workspace);
        let of_workspace = workspace.and_then(|workspace| workspace.kimi_ignored);
        match (workspace, self.role) {
            (None, None) => (global, None),
            (None, Some(_)) => (None, global),
            (Some(_), None) => (of_workspace, global),
            (Some(workspace), Some(role)) => (
                workspace.roles.get(role).and_then(|role| role.kimi_ignored),
                of_workspace.or(global),
            ),
        }
    }

    /// Where jackin's mode for a provider stands: for Kimi, in every scope but that of a role.
    fn mode_spot(&self, provider: &Provider) -> Option<Spot> {
        self.theirs().filter(|_| provider.id == KIMI && self.scope() != Scope::Role)
    }

    /// The new value first, the other file's entry after it: between the two the old value is in
    /// force if exec.toml, which wins, holds it, and else the new one. Never neither.
    fn set(&self, key: &EnvName, value: &EnvValue) -> Vec<Change> {
        let jackin_knows = !matches!(value, EnvValue::File(_) | EnvValue::Command { .. });
        let new = Some(edit::written(value));
        match self.theirs() {
            Some(theirs) if jackin_knows => {
                let mut changes = vec![theirs.change("env", key.as_str(), new)];
                changes.extend(
                    self.ours_declare(key).then(|| self.ours().change("env", key.as_str(), None)),
                );
                changes
            }
            theirs => {
                let mut changes = vec![self.ours().change("env", key.as_str(), new)];
                let theirs = theirs.filter(|_| self.theirs_declare(key));
                changes.extend(theirs.map(|theirs| theirs.change("env", key.as_str(), None)));
                changes
            }
        }
    }

    /// Makes sure that the mode does not hide a key that is set here.
    fn lift(&self, provider: &Provider) -> Option<Change> {
        let spot = self.mode_spot(provider)?;
        match self.modes() {
            (Some(true) | None, Some(true)) => Some(spot.change(KIMI, MODE, Some(text("api_key")))),
            (Some(true), Some(false) | None) => Some(spot.change(KIMI, MODE, None)),
            (Some(false), _) | (None, Some(false) | None) => None,
        }
    }

    /// The entry that loses first, then the one that wins, then the mode: the old state is in force
    /// to the end.
    fn unset(&self, provider: &Provider, key: Option<&EnvName>) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(key) = key {
            let theirs = self.theirs().filter(|_| self.theirs_declare(key));
            changes.extend(theirs.map(|theirs| theirs.change("env", key.as_str(), None)));
            changes.extend(
                self.ours_declare(key).then(|| self.ours().change("env", key.as_str(), None)),
            );
        }
        let mode = match self.modes() {
            (Some(true), _) | (Some(false), Some(true)) => self.mode_spot(provider),
            (Some(false) | None, _) => None,
        };
        changes.extend(mode.map(|spot| spot.change(KIMI, MODE, None)));
        changes
    }
}

/// The provider for which jackin has a mode, under the name of its table.
const KIMI: &str = "kimi";

/// The key of the mode in that table.
const MODE: &str = "auth_forward";

fn text(word: &str) -> SecretString {
    SecretString::from(format!("\"{word}\""))
}

/// What the scope of a request says before it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// Whether there is a key, or a reference to one.
    pub key: bool,
    /// Whether it is in exec.toml.
    pub ours: bool,
    /// The reference in exec.toml, in words that may be shown: form and place.
    pub reference: Option<String>,
}

/// Looks at the scope of a request.
pub fn before(request: &Request<'_>, ground: Ground<'_>, provider: &Provider) -> Before {
    let workspace = ground.workspaces.first().copied().filter(|_| request.workspace.is_some());
    let cell = Cell { ground, workspace, role: request.role.as_deref() };
    let Some(key) = provider.key_env() else {
        return Before::default();
    };
    let reference = cell.ours_value(key).and_then(|value| {
        let need = Need {
            key: "".into(),
            value: Cow::Borrowed(value),
            origin: Origin::Scope(cell.scope()),
        };
        Some(format!("{} {}", need.kind(), need.reference()?))
    });
    let ours = cell.ours_value(key).is_some_and(|value| !matches!(value, EnvValue::Empty));
    Before { key: cell.value(key).is_some(), ours, reference }
}

/// The changes that a request asks for, in the order in which they are to be made; none if there is
/// nothing to do.
///
/// `value` is the new one, for [`Verb::Set`]; without one the key that is there is offered again.
///
/// # Errors
///
/// [`Error::Keyless`] for a provider that has no key to be set or emptied; [`Error::WouldLoseKey`]
/// where only exec.toml has it and would have to be emptied.
pub fn changes(
    request: &Request<'_>,
    ground: Ground<'_>,
    provider: &Provider,
    value: Option<&EnvValue>,
) -> Result<Vec<Change>, Error> {
    let workspace = ground.workspaces.first().copied().filter(|_| request.workspace.is_some());
    let cell = Cell { ground, workspace, role: request.role.as_deref() };
    let keyless = || Error::Keyless { provider: provider.id.to_string() };
    match request.verb {
        Verb::Set(_) => {
            let key = provider.key_env().ok_or_else(keyless)?;
            let Some(value) = value else {
                return Ok(cell.wake(provider, key));
            };
            let mut changes = cell.set(key, value);
            changes.extend(cell.lift(provider));
            Ok(changes)
        }
        Verb::Ignore if provider.is_anthropic() => Err(keyless()),
        Verb::Ignore => match cell.mode_spot(provider) {
            Some(_) if cell.modes().0 == Some(true) => Ok(Vec::new()),
            Some(spot) => Ok(vec![spot.change(KIMI, MODE, Some(text("ignore")))]),
            None => cell.hush(provider.key_env().ok_or_else(keyless)?),
        },
        Verb::Unset => {
            let changes = cell.unset(provider, provider.key_env());
            if changes.is_empty() && provider.key_env().is_none() {
                Err(keyless())
            } else {
                Ok(changes)
            }
        }
        Verb::UnsetAll => {
            let (exec, mut changes): (Vec<Change>, Vec<Change>) = cells(ground)
                .iter()
                .flat_map(|cell| cell.unset(provider, provider.key_env()))
                .partition(|one| one.file == EXEC);
            // One write for each file.
            changes.sort_by(|one, other| one.file.cmp(&other.file));
            changes.extend(exec);
            Ok(changes)
        }
    }
}

/// Every cell that could hold something.
fn cells(ground: Ground<'_>) -> Vec<Cell<'_>> {
    let cell = |workspace, role| Cell { ground, workspace, role };
    let roles =
        ground.global.roles.keys().chain(
            ground.exec.roles.keys().filter(|role| !ground.global.roles.contains_key(*role)),
        );
    let mut found = vec![cell(None, None)];
    found.extend(roles.map(|role| cell(None, Some(role.as_str()))));
    for known in ground.workspaces {
        let ours = ground.exec.workspaces.get(known.name);
        let ours = ours
            .into_iter()
            .flat_map(|ours| ours.roles.keys())
            .filter(|role| !known.workspace.roles.contains_key(*role));
        found.push(cell(Some(*known), None));
        found.extend(
            known
                .workspace
                .roles
                .keys()
                .chain(ours)
                .map(|role| cell(Some(*known), Some(role.as_str()))),
        );
    }
    found
}

/// What was done, for people.
pub fn outcome(
    request: &Request<'_>,
    changes: &[Change],
    folder: &Path,
    before: &Before,
    now: &Candidate<'_>,
    settings: &Settings<'_>,
) -> String {
    let provider = &now.provider;
    let label = report::escape(&provider.label);
    let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
    let place = if request.verb == Verb::UnsetAll {
        "any scope".to_owned()
    } else {
        place(request.workspace, request.role.as_deref())
    };
    let path = |file: &str| report::escape(&folder.join(file).to_string_lossy()).into_owned();
    let mut files: Vec<&str> = changes.iter().map(|change| change.file.as_str()).collect();
    files.dedup();
    let all: Vec<String> = files.iter().map(|file| path(file)).collect();
    let sets = changes.iter().any(|change| change.key == key && change.value.is_some());
    let mut text = match request.verb {
        Verb::Set(_) if files.is_empty() => format!("{label}: {key} stays as it is in {place}\n"),
        Verb::Set(_) if !sets => {
            format!("{label} is no longer ignored in {place}, {}\n", all.join(", "))
        }
        Verb::Set(_) => {
            let file = files.first().copied().unwrap_or_default();
            format!("{label}: {key} is set in {place}, {}\n", path(file))
        }
        Verb::Unset | Verb::UnsetAll if files.is_empty() => {
            format!("{label}: {key} is not set in {place}\n")
        }
        Verb::Unset | Verb::UnsetAll if changes.iter().all(|change| change.key == MODE) => {
            format!("{label} is no longer ignored in {place}, {}\n", all.join(", "))
        }
        Verb::Unset => format!("{label}: {key} is removed from {place}, {}\n", all.join(", ")),
        Verb::UnsetAll => {
            format!("{label}: {key} is removed from every scope, {}\n", all.join(", "))
        }
        Verb::Ignore if files.is_empty() => format!("{label} is ignored already in {place}\n"),
        Verb::Ignore => format!("{label} is ignored in {place}, {}\n", all.join(", ")),
    };
    if sets && matches!(request.verb, Verb::Set(_)) {
        let removed = changes.iter().filter(|one| one.value.is_none() && one.key == key);
        let written = changes.iter().find(|one| one.value.is_some() && one.key == key);
        if before.key && written.is_some_and(|one| (one.file == EXEC) == before.ours) {
            text.push_str("it replaces the key that was there\n");
        }
        for change in removed {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "the entry of the same scope in {} is gone", path(&change.file));
        }
    }
    if let (Verb::Ignore, true, Some(reference)) = (&request.verb, sets, &before.reference) {
        let _ = writeln!(text, "exec.toml said: {}", report::escape(reference));
    }
    let layer = |origin: Origin| origin.layer(request.workspace, request.role.as_deref());
    let line = match (&request.verb, &now.availability) {
        (Verb::Set(_) | Verb::Ignore, Availability::Key(_)) => hidden(key, settings)
            .map(|scopes| format!("it hides the key of less specific scopes: {scopes}")),
        (_, Availability::Free) | (Verb::Ignore, Availability::Missing(_)) => None,
        (Verb::Set(_), Availability::Missing(missing)) => {
            Some(format!("{label} is not available yet: {}", missing.text(key)))
        }
        (Verb::Unset | Verb::UnsetAll, _) if files.is_empty() => None,
        (Verb::Unset | Verb::UnsetAll, Availability::Key(source))
            if matches!(source.origin, Origin::Scope(_)) =>
        {
            Some(format!("the key of {} shows again", layer(source.origin)))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Key(source)) => {
            Some(format!("{key} of {} is used now", layer(source.origin)))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(Missing::Nowhere)) => {
            Some(format!("{label} has no key there now"))
        }
        (Verb::Unset | Verb::UnsetAll, Availability::Missing(missing)) => Some(missing.text(key)),
    };
    text.extend(line.map(|line| format!("{}\n", report::escape(&line))));
    text
}

/// What a launch here would see instead of what was changed, if another scope decides here.
pub fn elsewhere(
    now: &Candidate<'_>,
    here: &Candidate<'_>,
    settings: &Settings<'_>,
) -> Option<String> {
    let label = report::escape(&here.provider.label);
    let key = here.provider.key_env().map(EnvName::as_str).unwrap_or_default();
    let (workspace, role) = (settings.workspace.as_deref(), settings.role.as_deref());
    let place = place(workspace, role);
    match (&now.availability, &here.availability) {
        (Availability::Key(one), Availability::Key(other)) if one.origin == other.origin => None,
        (_, Availability::Key(source)) => {
            let layer = source.origin.layer(workspace, role);
            Some(format!("here, in {place}, the key of {} is used\n", report::escape(&layer)))
        }
        (Availability::Key(_), Availability::Missing(missing)) => Some(format!(
            "here, in {place}, {label} is not available: {}\n",
            report::escape(&missing.text(key))
        )),
        (_, Availability::Free | Availability::Missing(_)) => None,
    }
}

/// A scope for people.
pub fn place(workspace: Option<&str>, role: Option<&str>) -> String {
    let workspace = workspace.map(|name| format!("workspace \"{}\"", report::escape(name)));
    let role = role.map(|name| format!("role \"{}\"", report::escape(name)));
    match (workspace, role) {
        (None, None) => "the global scope".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(workspace), Some(role)) => format!("{workspace} → {role}"),
    }
}

/// The less specific scopes that declare a key, too.
fn hidden(key: &str, settings: &Settings<'_>) -> Option<String> {
    let hides = &settings.env.get(key)?.hides;
    let words: Vec<String> = hides.iter().map(|scope| scope.word().to_owned()).collect();
    (!words.is_empty()).then(|| report::list(&words))
}

/// A provider's key for programs.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    label: &'a str,
    key_env: Option<&'a str>,
    /// `api_key`, `ignore`, `none` (there is no key) or `free` (none is needed).
    mode: &'static str,
    available: bool,
    /// What decides: a scope, or a part of the environment.
    origin: Option<&'static str>,
    /// The file of that scope, relative to the folder of the configuration.
    file: Option<Cow<'a, str>>,
    /// literal, host, op, file, command, inherited, empty, `on_demand` or `auth_forward`.
    form: Option<&'static str>,
    /// Where the key is, in words that may be shown.
    reference: Option<String>,
    /// Less specific scopes that declare it, too.
    hides: Vec<&'static str>,
    /// Why the provider is not available.
    missing: Option<String>,
}

/// The state of every provider's key, for the workspace and the role of a launch here.
///
/// `in_file` says whether the workspace has a file of its own.
pub fn report(
    candidates: &[Candidate<'_>],
    settings: &Settings<'_>,
    in_file: bool,
    json: bool,
    style: Style,
) -> String {
    let shown: Vec<Shown<'_>> =
        candidates.iter().map(|candidate| shown(candidate, settings, in_file)).collect();
    if json {
        // A structure of strings cannot fail to be JSON.
        return serde_json::to_string(&shown).unwrap_or_default() + "\n";
    }
    let row = |one: &Shown<'_>| {
        let tone = if one.available { Tone::Good } else { Tone::Plain };
        let heads = vec![(one.id.to_owned(), tone), (one.label.to_owned(), Tone::Plain)];
        Row { heads, text: state(one), hint: None }
    };
    let table = report::table(&shown.iter().map(row).collect::<Vec<_>>(), style);
    if settings.workspace.is_none() && settings.role.is_none() {
        return table;
    }
    let place = place(settings.workspace.as_deref(), settings.role.as_deref());
    report::paragraph(&format!("in {place}:"), style) + &table
}

fn shown<'a>(candidate: &'a Candidate<'_>, settings: &'a Settings<'_>, in_file: bool) -> Shown<'a> {
    let provider = &candidate.provider;
    let key = provider.key_env().map(EnvName::as_str);
    let scoped = key.and_then(|key| settings.env.get(key));
    let file = |scope: Scope, ours: bool| -> Cow<'_, str> {
        match scope {
            _ if ours => EXEC.into(),
            Scope::Workspace | Scope::WorkspaceRole if in_file => {
                load::workspace_file(settings.workspace.as_deref().unwrap_or_default()).into()
            }
            Scope::Global | Scope::Role | Scope::Workspace | Scope::WorkspaceRole => CONFIG.into(),
        }
    };
    let mut shown = Shown {
        id: &provider.id,
        label: &provider.label,
        key_env: key,
        mode: "none",
        available: candidate.is_available(),
        origin: scoped.map(|scoped| scoped.scope.word()),
        file: scoped.map(|scoped| file(scoped.scope, scoped.ours)),
        form: None,
        reference: None,
        hides: scoped
            .map(|scoped| scoped.hides.iter().map(|scope| scope.word()).collect())
            .unwrap_or_default(),
        missing: None,
    };
    if let Some(scoped) = scoped {
        let need = Need {
            key: Cow::Borrowed(key.unwrap_or_default()),
            value: Cow::Borrowed(&scoped.value.value),
            origin: Origin::Scope(scoped.scope),
        };
        shown.form = Some(if scoped.value.on_demand { "on_demand" } else { need.kind() });
        shown.reference = need.reference();
    }
    match &candidate.availability {
        Availability::Free => shown.mode = "free",
        Availability::Key(source) => {
            shown.mode = "api_key";
            if scoped.is_none() {
                let need = Need {
                    key: Cow::Borrowed(""),
                    value: source.value.clone(),
                    origin: source.origin,
                };
                shown.origin = Some(source.origin.word());
                shown.form = Some(need.kind());
                shown.reference = need.reference();
            }
        }
        Availability::Missing(missing) => {
            shown.missing = Some(missing.text(key.unwrap_or_default()));
            match missing {
                Missing::Nowhere => {}
                Missing::OnDemand { .. } | Missing::HostVar { .. } => shown.mode = "api_key",
                Missing::Empty { .. } => {
                    shown.mode = "ignore";
                    shown.form = Some("empty");
                }
                Missing::Ignored => {
                    shown.mode = "ignore";
                    shown.form = Some("auth_forward");
                    shown.reference = None;
                    // The mode hides a key of every scope.
                    shown.hides.extend(shown.origin);
                    shown.origin = settings.kimi_decided.map(Scope::word);
                    shown.file = settings.kimi_decided.map(|scope| file(scope, false));
                }
            }
        }
    }
    shown
}

/// One provider's line.
fn state(shown: &Shown<'_>) -> String {
    let place = match (shown.origin, &shown.file) {
        (Some(origin), Some(file)) => format!("{origin}, {file}"),
        (Some(origin), None) => origin.to_owned(),
        (None, _) => String::new(),
    };
    let form = match (shown.form.unwrap_or_default(), &shown.reference) {
        ("inherited", _) => String::new(),
        (form, Some(reference)) => format!(": {form} {reference}"),
        (form, None) => format!(": {form}"),
    };
    let hides = if shown.hides.is_empty() {
        String::new()
    } else {
        format!("; hides {}", shown.hides.join(", "))
    };
    match shown.mode {
        "free" if shown.origin.is_none() => "needs no key".to_owned(),
        "free" => format!("needs no key, has one ({place}){form}{hides}"),
        "none" => "no key".to_owned(),
        "ignore" => format!("ignored ({place}){form}{hides}"),
        _ if shown.available => format!("API key ({place}){form}{hides}"),
        _ => format!("API key ({place}){form}, not available{hides}"),
    }
}
