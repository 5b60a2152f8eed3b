//! What another user's files may decide when root runs a command: which variables it receives, and
//! which secrets are sent where.
//!
//! A list of dangerous names could never be complete: `BASH_ENV`, `PYTHONPATH`, `PERL5OPT` and many
//! more make a program run the other user's code. So this is a list of the names that are accepted.

use crate::availability::Origin;
use crate::catalog;
use crate::config::EnvValue;
use crate::config::KeySetting;
use crate::config::ProviderTable;
use crate::configuration::Loaded;
use crate::files;
use crate::launch::Error;
use crate::plan::Action;
use crate::plan::Need;
use crate::plan::Plan;
use crate::report;
use crate::scope::Scope;
use crate::session::Session;

/// Names that only inform a program, and never make it run, find or open anything.
pub const INFORMING: &[&str] = &[
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "FORCE_COLOR",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "LANG",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
    "NO_COLOR",
];

/// Refuses a plan that would give root's command any other variable from another user's files, or
/// send one of root's secrets to a place that these files choose.
///
/// # Errors
///
/// The first of [`refusals`].
pub(super) fn judge(session: &Session<'_>, plan: &Plan<'_>) -> Result<(), Error> {
    match refusals(session, plan).into_iter().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Why root may not carry out a plan: [`Error::ForeignVariables`] with all their names, and
/// [`Error::ForeignSecrets`] with all settings. Empty if every file is root's own.
pub(super) fn refusals(session: &Session<'_>, plan: &Plan<'_>) -> Vec<Error> {
    let mut refusals = Vec::new();
    if !session.loaded.store.has_foreign() {
        return refusals;
    }
    let names = variables(session, plan);
    if !names.is_empty() {
        refusals.push(Error::ForeignVariables { names });
    }
    let settings = sends_secrets(session, plan);
    if !settings.is_empty() {
        refusals.push(Error::ForeignSecrets { settings });
    }
    refusals
}

/// The variables from another user's files that neither only inform nor hold a provider's key.
fn variables(session: &Session<'_>, plan: &Plan<'_>) -> Vec<String> {
    let loaded = session.loaded;
    let mut refused = Vec::new();
    for assignment in &plan.assignments {
        let name = &assignment.name;
        let is_set = matches!(
            (assignment.origin, &assignment.action),
            (Origin::Scope(_), Action::Secret { .. })
        );
        if is_set && is_foreign(session, name) && !may_pass(loaded, name) {
            refused.push(name.to_string());
        }
    }
    if let Some(provider) = loaded.exec.providers.get(&plan.provider)
        && loaded.store.was_foreign("exec.toml")
    {
        for (name, _) in &provider.env {
            if !may_pass(loaded, name.value.as_str()) {
                refused.push(name.value.as_str().to_owned());
            }
        }
    }
    refused.sort();
    refused.dedup();
    refused
}

/// The settings in another user's files that would choose where one of root's secrets is sent.
fn sends_secrets(session: &Session<'_>, plan: &Plan<'_>) -> Vec<String> {
    let loaded = session.loaded;
    let mut refused = Vec::new();
    if let Some(file) = plan.row_file.filter(|file| loaded.store.was_foreign(file)) {
        refused.push(format!("the row {} of {file}", plan.provider));
    }
    if let Some(table) = loaded.exec.providers.get(&plan.provider)
        && loaded.store.was_foreign("exec.toml")
    {
        let of_provider = |key: &str| format!("{key} of [providers.{}]", plan.provider);
        // For a provider that is not a preset, only the file sets the host and the key.
        let is_row = catalog::find(&plan.provider).is_some()
            || loaded.exec.rows.find(&plan.provider).is_some();
        if table.base_url.is_some() || !is_row {
            refused.push(of_provider(if table.base_url.is_some() { "base_url" } else { "like" }));
        } else if names_another_key(table, &plan.provider) {
            refused.push(of_provider("key_env"));
        }
        if let Some(header) = &table.header
            && header.key.as_ref().is_some_and(|key| reads_a_secret("header_key", key))
        {
            refused.push(of_provider("header_key"));
        }
        for (name, value) in &table.env {
            if reads_a_secret(name.value.as_str(), value) {
                refused.push(of_provider(&format!("env.{}", name.value.as_str())));
            }
        }
    }
    for need in plan.needs.as_slice() {
        let Need { key, value, origin } = need;
        if matches!(origin, Origin::Scope(_))
            && is_foreign(session, key)
            && reads_a_secret(key, value)
        {
            let reference = need.reference().map(|reference| report::escape(&reference).into());
            let reference: String = reference.unwrap_or_else(|| need.kind().to_owned());
            refused.push(format!("{key} ({reference})"));
        }
    }
    refused
}

/// Whether a preset's table takes the key from a variable that no tool uses for this key.
fn names_another_key(table: &ProviderTable, id: &str) -> bool {
    let Some(KeySetting::Env(name)) = table.key.as_ref().map(|key| &key.value) else {
        return false;
    };
    let own = catalog::find(id).and_then(|preset| preset.key_env);
    own != Some(name.as_str()) && !catalog::names_elsewhere(id).contains(&name.as_str())
}

/// Whether a value is read with root's rights: from a file, from 1Password, or from a variable that
/// neither informs nor holds this very key. Commands of these files are never run.
fn reads_a_secret(name: &str, value: &EnvValue) -> bool {
    match value {
        EnvValue::Empty | EnvValue::Literal(_) | EnvValue::Command { .. } => false,
        EnvValue::File(_) | EnvValue::Op { .. } => true,
        EnvValue::HostVar(source) => {
            let source = source.as_str();
            let mut presets = catalog::PRESETS.iter();
            let is_key = presets.any(|preset| {
                preset.key_env == Some(name)
                    && (source == name || preset.facts.key_env_elsewhere().contains(&source))
            });
            !is_key && !INFORMING.contains(&source)
        }
    }
}

/// Whether the file that sets a variable is another user's.
fn is_foreign(session: &Session<'_>, name: &str) -> bool {
    let settings = &session.settings;
    let store = &session.loaded.store;
    let Some(scoped) = settings.env.get(name) else {
        return false;
    };
    if scoped.ours {
        return store.was_foreign("exec.toml");
    }
    match (scoped.scope, &settings.workspace) {
        (Scope::Workspace | Scope::WorkspaceRole, Some(workspace)) => {
            // A workspace without its own file is a table of config.toml.
            store.was_foreign(&files::workspace_file(workspace)) || store.was_foreign("config.toml")
        }
        _ => store.was_foreign("config.toml"),
    }
}

/// Whether a name only informs, or is that of a provider's key.
fn may_pass(loaded: &Loaded, name: &str) -> bool {
    INFORMING.contains(&name)
        || catalog::PRESETS.iter().any(|preset| preset.key_env == Some(name))
        || is_own_key(loaded, name)
}

/// Whether a provider of exec.toml or catalog.d has its key under this name. Another user chose the name, so it
/// must look like a key's.
fn is_own_key(loaded: &Loaded, name: &str) -> bool {
    if !(name.ends_with("_KEY") || name.ends_with("_TOKEN")) {
        return false;
    }
    let rows = &loaded.exec.rows.usable;
    rows.iter().any(|row| row.key_env == Some(name))
        || loaded.exec.providers.values().any(|provider| match &provider.key {
            Some(key) => matches!(&key.value, KeySetting::Env(known) if known.as_str() == name),
            None => false,
        })
}
