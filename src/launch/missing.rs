//! A command that does not exist, found before a person is asked for a provider and where nothing
//! is started.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli::Shim;
use crate::client;
use crate::configuration::Loaded;
use crate::exec;
use crate::host::Host;
use crate::launch::hint;
use crate::plan;
use crate::program;
use crate::session::Session;
use crate::typed::Typed;

/// The error that the launch would end with if its command does not exist; `None` also if this
/// cannot be told yet.
pub(super) fn command(host: &Host, session: &Session<'_>, shim: &Shim) -> Option<exec::Error> {
    if sets_path(session) {
        return None;
    }
    let loaded = session.loaded;
    let words = plan::command(&shim.cli.words, &default_command(loaded, shim));
    if exists(words.first()?, host) {
        return None;
    }
    let command = Typed::new(words.first()?.to_string_lossy());
    let error = exec::Error::NotFound { command, hint: None };
    match client::with_installed(host, shim, &words, &error) {
        Some(_) => None,
        None => Some(hint::meant(error, host, loaded, shim)),
    }
}

/// The command that a launch without one starts.
pub(super) fn default_command(loaded: &Loaded, shim: &Shim) -> Vec<String> {
    match &shim.command {
        Some(command) => vec![command.clone()],
        None => loaded.default_command(),
    }
}

/// Whether the configuration may give the command a PATH of its own.
fn sets_path(session: &Session<'_>) -> bool {
    let mut of_providers =
        session.loaded.exec.providers.values().flat_map(|provider| &provider.env);
    session.settings.env.contains_key("PATH")
        || of_providers.any(|(name, _)| name.value.as_str() == "PATH")
}

/// Whether a launch would find the command, even if it could not run it.
fn exists(word: &OsString, host: &Host) -> bool {
    let found = program::find_command(word, program::path_of(&host.environment));
    // A path that was typed means that file, even if it is ours.
    let is_own = word.as_bytes().contains(&b'/') && !found.own.is_empty();
    found.file.is_some() || found.refused.is_some() || is_own
}
