//! Which variables of another user's files root's command may receive.
//!
//! A list of dangerous names could never be complete: `BASH_ENV`, `PYTHONPATH`, `PERL5OPT` and many
//! more make a program run the other user's code. So this is a list of the names that are accepted.

use crate::availability::Origin;
use crate::catalog;
use crate::config::KeySetting;
use crate::configuration::Loaded;
use crate::files;
use crate::launch::Error;
use crate::plan::Action;
use crate::plan::Plan;
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

/// Refuses a plan that would give root's command any other variable of another user's files.
///
/// # Errors
///
/// [`Error::ForeignVariables`] with all their names.
pub(super) fn judge(session: &Session<'_>, plan: &Plan<'_>) -> Result<(), Error> {
    let loaded = session.loaded;
    if !loaded.store.has_foreign() {
        return Ok(());
    }
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
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort();
    refused.dedup();
    Err(Error::ForeignVariables { names: refused })
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

/// Whether a provider of exec.toml has its key under this name. Another user chose the name, so it
/// must look like a key's.
fn is_own_key(loaded: &Loaded, name: &str) -> bool {
    if !(name.ends_with("_KEY") || name.ends_with("_TOKEN")) {
        return false;
    }
    loaded.exec.providers.values().any(|provider| match &provider.key {
        Some(key) => matches!(&key.value, KeySetting::Env(known) if known.as_str() == name),
        None => false,
    })
}
