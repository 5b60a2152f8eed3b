//! jackin-exec: start Claude Code on another provider.
//!
//! The modules are listed in the order in which data flows; each uses only those above it.
//! [`run`] decides what was asked for; `launch` and the subcommands join the stages. Public is what
//! the program, the fuzz targets and the tests use; the rest is the crate's own.

pub mod report;
pub mod redact;
pub mod typed;
pub(crate) mod json;
pub mod warning;
pub mod sys;
pub mod cli;
pub mod host;
pub(crate) mod program;
pub mod catalog;
pub mod config;
pub mod files;
pub mod scope;
pub mod provider;
pub mod availability;
pub mod choice;
pub(crate) mod picker;
pub mod plan;
pub mod managed;
pub mod secret;
pub mod exec;
pub(crate) mod error;
pub(crate) mod client;
pub(crate) mod configuration;
pub(crate) mod folder;
pub(crate) mod workspace;
pub(crate) mod session;
pub(crate) mod launch;
pub(crate) mod command;

pub use command::completions;
pub use launch::INFORMING;

use std::ffi::OsStr;
use std::ffi::OsString;

use nix::sys::signal::Signal;

use cli::Cli;
use cli::Common;
use cli::Parsed;
use cli::Shim;
use cli::Task;
use configuration::Loaded;
use error::Error;
use host::Host;

/// Runs the program with all of argv. Returns only if no command was started; the result is the
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

/// Reports the error and returns its exit status.
fn fail(error: &Error) -> u8 {
    if let Error::Signalled(signal) = error {
        return die(*signal, error.status());
    }
    if !matches!(error, Error::Picker(picker::Error::Cancelled)) {
        error.say();
    }
    error.status()
}

/// Raises the signal again with its default disposition. Process 1 would survive that, so it exits
/// with the status that a shell would report.
fn die(signal: Signal, status: u8) -> u8 {
    if nix::unistd::getpid().as_raw() != 1 {
        // If the signal does not end us, the exit status still names it.
        let _ = nix::sys::signal::raise(signal);
    }
    status
}

/// Decides what to do, first by the name we were started under, then by the command line.
fn start(host: &Host, arguments: &[OsString]) -> Result<u8, Error> {
    if host.ids.user != host.ids.effective_user || host.ids.group != host.ids.effective_group {
        return Err(host::Error::SetId.into());
    }
    let name = host::file_name(&host.argv0);
    let mut read = None;
    if launch::may_choose(&name) {
        let loaded = Loaded::read(host, &Common::default())?;
        if let Some(mut shim) = cli::shim(&name, &loaded.provider_ids(), arguments) {
            client::take_path(&mut shim);
            return launch::launch(host, &loaded, &shim).map(|()| 0);
        }
        launch::refuse_misnamed(&name, &loaded)?;
        read = Some(loaded);
    }
    match cli::parse(arguments, catalog::id_of)? {
        Parsed::Print(text) => {
            report::print(&text)?;
            Ok(0)
        }
        Parsed::Run(cli) => {
            cli.check()?;
            if host.is_jackins_container() && cli.has_command_only() {
                return Err(host::Error::JackinsWrapper.into());
            }
            dispatch(host, &name, *cli, read)
        }
    }
}

/// Does what was asked for. `read` is the configuration of the default folder, if it was read to
/// look up the name of a link.
fn dispatch(host: &Host, name: &OsStr, cli: Cli, read: Option<Loaded>) -> Result<u8, Error> {
    // Otherwise it is dropped with its lock, which `auth set` would wait for in vain.
    let read = read.filter(|_| cli.task.is_none() && cli.common.config_dir.is_none());
    match &cli.task {
        Some(Task::Completions { shell, words }) => {
            report::print(&completions::run(host, *shell, words))?;
        }
        Some(Task::Doctor { online }) => return command::doctor::run(host, &cli, *online),
        Some(Task::Providers { id, all }) => {
            command::providers::run(host, &cli, id.as_deref(), *all)?;
        }
        Some(Task::Auth { action: None }) => command::auth::show(host, &cli)?,
        Some(Task::Auth { action: Some(task) }) => command::auth::change_key(host, &cli, task)?,
        None => {
            let loaded = if let Some(loaded) = read {
                loaded
            } else {
                let loaded = Loaded::read(host, &cli.common)?;
                // A provider of the user's own may have that id.
                launch::refuse_misnamed(name, &loaded)?;
                loaded
            };
            launch::launch(host, &loaded, &Shim { cli, provider: None, command: None })?;
        }
    }
    Ok(0)
}
