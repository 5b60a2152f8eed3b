//! Turns the words of a command line into what they ask for.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::CommandFactory;
use clap::FromArgMatches;
use clap::ValueEnum;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::cli::Common;
use crate::cli::Error;
use crate::cli::PROGRAM;
use crate::cli::Shell;
use crate::cli::Task;
use crate::cli::Words;
use crate::cli::grammar::Level;
use crate::cli::grammar::Name;
use crate::cli::scan;
use crate::cli::scan::Scanner;
use crate::cli::scan::Token;
use crate::cli::tailored;
use crate::cli::usage::IdOf;
use crate::cli::usage::usage;

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Run something.
    Run(Box<Cli>),
    /// Print help or the version on stdout.
    Print(String),
}

/// Parses the words after argv\[0].
///
/// A launch is parsed without building the definition, which would cost more than the rest of the
/// launch. The definition explains mistakes, prints help, and parses changes of keys. A test checks
/// that both give every command line the same meaning. `id_of` is asked only about a mistake: which
/// provider a word names.
///
/// # Errors
///
/// An option that is not ours, lacks its value or contradicts another one.
pub fn parse(arguments: &[OsString], id_of: IdOf) -> Result<Parsed, Error> {
    match understand(arguments) {
        Some(cli) => Ok(Parsed::Run(Box::new(cli))),
        None => explain(&mut tailored(Cli::command()), arguments, id_of),
    }
}

/// Parses a launch or a simple subcommand; `None` for a change of a key, for help, and for every
/// mistake.
fn understand(arguments: &[OsString]) -> Option<Cli> {
    let mut cli = Cli::default();
    let mut scanner = Scanner::new(arguments);
    while let Some(token) = scanner.next() {
        match token {
            Token::Switch(option) => match option.name {
                Name::PassKeys => set(&mut cli.pass_keys)?,
                Name::AllowForeignEnv => set(&mut cli.allow_foreign_env)?,
                Name::OnDemand => set(&mut cli.on_demand)?,
                Name::Title => set(&mut cli.title)?,
                Name::DryRun => set(&mut cli.dry_run)?,
                name => switch(&mut cli.common, name)?,
            },
            Token::Value(option, value) if option.name == Name::Model => {
                put(&mut cli.model, text(value)?)?;
            }
            Token::Value(option, value) => value_of(&mut cli.common, option.name, value)?,
            Token::Word(_) => {
                let command = arguments.get(scanner.at() - 1..)?;
                cli.words = Words { words: command.to_vec(), escaped: false };
                break;
            }
            Token::End => {
                cli.words = Words { words: scanner.rest().to_vec(), escaped: true };
                break;
            }
            Token::Task(level) => {
                let (task, inner) = task(level, scanner)?;
                cli.task = Some(task);
                cli.common = merged(cli.common, inner);
                break;
            }
            Token::NoValue(_) | Token::Unknown => return None,
        }
    }
    if is_consistent(&cli.common) { Some(cli) } else { None }
}

/// Parses a subcommand that changes no key, with the common options after its name.
fn task(level: &Level, mut scanner: Scanner<'_>) -> Option<(Task, Common)> {
    let mut common = Common::default();
    let mut online = false;
    let mut all = false;
    let mut id = None;
    let mut shell = None;
    let mut words = None;
    while let Some(token) = scanner.next() {
        match token {
            Token::Switch(option) if option.name == Name::Online => set(&mut online)?,
            Token::Switch(option) if option.name == Name::All => set(&mut all)?,
            Token::Switch(option) => switch(&mut common, option.name)?,
            Token::Value(option, value) => value_of(&mut common, option.name, value)?,
            Token::Word(word) if level.name == "completions" => put(&mut shell, shell_of(word)?)?,
            Token::Word(word) if level.name == "providers" => put(&mut id, text(word)?)?,
            Token::End if shell.is_some() => {
                words = Some(scanner.rest().to_vec());
                break;
            }
            Token::Word(_) | Token::End | Token::Task(_) | Token::NoValue(_) | Token::Unknown => {
                return None;
            }
        }
    }
    let task = match level.name {
        "providers" if all && id.is_some() => return None,
        "providers" => Task::Providers { id, all },
        "auth" => Task::Auth { action: None },
        "doctor" => Task::Doctor { online },
        _ => Task::Completions { shell: shell?, words: words.unwrap_or_default() },
    };
    if is_consistent(&common) { Some((task, common)) } else { None }
}

fn shell_of(word: &OsStr) -> Option<Shell> {
    Shell::from_str(word.to_str()?, false).ok()
}

fn switch(common: &mut Common, name: Name) -> Option<()> {
    match name {
        Name::NoWorkspace => set(&mut common.no_workspace),
        Name::Json => set(&mut common.json),
        Name::Debug => set(&mut common.debug),
        Name::Quiet => set(&mut common.quiet),
        _ => None,
    }
}

fn value_of(common: &mut Common, name: Name, value: &OsStr) -> Option<()> {
    match name {
        Name::Provider => put(&mut common.provider, text(value)?),
        Name::Workspace => put(&mut common.workspace, text(value)?),
        Name::Role => put(&mut common.role, text(value)?),
        Name::ConfigDir if !value.is_empty() => put(&mut common.config_dir, PathBuf::from(value)),
        _ => None,
    }
}

fn text(value: &OsStr) -> Option<String> {
    value.to_str().map(str::to_owned)
}

/// Turns a switch on; `None` if it is on already.
fn set(switch: &mut bool) -> Option<()> {
    let was_on = std::mem::replace(switch, true);
    if was_on { None } else { Some(()) }
}

/// Stores a value; `None` if there is one already.
fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    match place.replace(value) {
        Some(_) => None,
        None => Some(()),
    }
}

/// Whether no two options contradict each other.
const fn is_consistent(common: &Common) -> bool {
    let two_workspaces = common.no_workspace && common.workspace.is_some();
    let two_volumes = common.quiet && common.debug;
    !two_workspaces && !two_volumes
}

/// Merges the options before and after a subcommand; those after it win.
fn merged(outer: Common, inner: Common) -> Common {
    Common {
        provider: inner.provider.or(outer.provider),
        workspace: inner.workspace.or(outer.workspace),
        no_workspace: inner.no_workspace || outer.no_workspace,
        role: inner.role.or(outer.role),
        config_dir: inner.config_dir.or(outer.config_dir),
        json: inner.json || outer.json,
        debug: inner.debug || outer.debug,
        quiet: inner.quiet || outer.quiet,
    }
}

/// Parses the command line with the definition, for what the scanner does not understand.
fn explain(
    definition: &mut clap::Command,
    arguments: &[OsString],
    id_of: IdOf,
) -> Result<Parsed, Error> {
    let (ours, command) = arguments.split_at(scan::ours(arguments));
    let (escaped, words) = match command.split_first() {
        Some((first, rest)) if first == "--" => (true, rest),
        _ => (false, command),
    };
    let words = Words { words: words.to_vec(), escaped };
    let mut typed = vec![OsStr::new(PROGRAM)];
    typed.extend(ours.iter().map(OsString::as_os_str));
    match definition.try_get_matches_from_mut(typed).and_then(|matches| understood(&matches)) {
        Ok(cli) => Ok(Parsed::Run(Box::new(Cli { words, ..cli }))),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            Ok(Parsed::Print(error.render().to_string()))
        }
        Err(error) => Err(usage(&error, first_task(ours), ours, id_of)),
    }
}

/// Builds a [`Cli`] from clap's matches. clap collects global options at the innermost subcommand,
/// so they are read there.
fn understood(matches: &clap::ArgMatches) -> Result<Cli, clap::Error> {
    let mut leaf = matches;
    while let Some((_, inner)) = leaf.subcommand() {
        leaf = inner;
    }
    Ok(Cli { common: Common::from_arg_matches(leaf)?, ..Cli::from_arg_matches(matches)? })
}

/// The subcommand among our words.
fn first_task(ours: &[OsString]) -> Option<&'static str> {
    Scanner::new(ours).find_map(|token| match token {
        Token::Task(level) => Some(level.name),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
