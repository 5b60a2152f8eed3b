//! Where our options end and the words of the command begin, and what the options say.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use clap::CommandFactory;
use clap::FromArgMatches;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::cli::Common;
use crate::cli::TASKS;
use crate::cli::Words;
use crate::cli::tailored;
use crate::cli::usage::usage;
use crate::error::Error;

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// To do something.
    Run(Box<Cli>),
    /// To print help or the version on stdout.
    Print(String),
}

/// Parses the words after argv\[0].
///
/// The spellings that nearly every launch uses are understood without building the definition,
/// which takes a third of a launch's instructions; whatever is not among them, and every mistake,
/// is clap's. A test holds both to one meaning.
///
/// # Errors
///
/// [`Error::Usage`] for options that are not ours, lack their value or contradict each other.
pub fn parse(arguments: &[OsString]) -> Result<Parsed, Error> {
    match usual(arguments) {
        Some(cli) => Ok(Parsed::Run(Box::new(cli))),
        None => thorough(arguments),
    }
}

/// Long or short options of a launch with their values as words of their own, each at most once.
fn usual(arguments: &[OsString]) -> Option<Cli> {
    let mut cli = Cli::default();
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        let Some(word) = word.to_str().filter(|word| word.len() > 1 && word.starts_with('-'))
        else {
            let command = arguments.get(at - 1..)?;
            if TASKS.iter().any(|task| word == task) {
                return None;
            }
            cli.words.words = command.to_vec();
            return Some(cli);
        };
        let common = &mut cli.common;
        let switch = match word {
            "--" => {
                cli.words = Words { words: arguments.get(at..)?.to_vec(), escaped: true };
                return Some(cli);
            }
            "--no-workspace" if common.workspace.is_none() => &mut common.no_workspace,
            "--json" => &mut common.json,
            "--debug" if !common.quiet => &mut common.debug,
            "-q" | "--quiet" if !common.debug => &mut common.quiet,
            "-n" | "--dry-run" => &mut cli.dry_run,
            "--pass-keys" => &mut cli.pass_keys,
            "--title" => &mut cli.title,
            _ => {
                let place = match word {
                    "-p" | "--provider" => &mut common.provider,
                    "-w" | "--workspace" if !common.no_workspace => &mut common.workspace,
                    "-r" | "--role" => &mut common.role,
                    "-m" | "--model" => &mut cli.model,
                    _ => return None,
                };
                let value = arguments.get(at)?.to_str().filter(|value| !value.starts_with('-'))?;
                at += 1;
                if place.replace(value.to_owned()).is_some() {
                    return None;
                }
                continue;
            }
        };
        if std::mem::replace(switch, true) {
            return None;
        }
    }
    Some(cli)
}

fn thorough(arguments: &[OsString]) -> Result<Parsed, Error> {
    let mut command = tailored(Cli::command());
    let split = split(&command, arguments);
    let ours = std::iter::once(OsStr::new("jackin-exec"))
        .chain(split.ours.iter().map(OsString::as_os_str));
    match command.try_get_matches_from_mut(ours).and_then(|matches| understood(&matches)) {
        Ok(cli) => Ok(Parsed::Run(Box::new(Cli {
            words: Words { words: split.command.to_vec(), escaped: split.escaped },
            ..cli
        }))),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            Ok(Parsed::Print(error.render().to_string()))
        }
        Err(error) => Err(usage(&error, task(&command, split.ours), split.ours)),
    }
}

/// The common options are read where clap gathers them: at the innermost subcommand.
fn understood(matches: &clap::ArgMatches) -> Result<Cli, clap::Error> {
    let mut leaf = matches;
    while let Some((_, inner)) = leaf.subcommand() {
        leaf = inner;
    }
    Ok(Cli { common: Common::from_arg_matches(leaf)?, ..Cli::from_arg_matches(matches)? })
}

/// The words of a command line, told apart.
struct Split<'a> {
    ours: &'a [OsString],
    command: &'a [OsString],
    escaped: bool,
}

/// Finds where our options end: at `--`, or at the first word that is neither an option nor the
/// value of one.
///
/// Not left to clap: it drops a second `--` and would look for options behind the command.
fn split<'a>(command: &clap::Command, arguments: &'a [OsString]) -> Split<'a> {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            let (ours, rest) = arguments.split_at(at);
            return Split { ours, command: rest.get(1..).unwrap_or_default(), escaped: true };
        }
        if bytes.len() < 2 || bytes.first() != Some(&b'-') {
            // A subcommand is parsed by clap with all that follows it.
            if command.get_subcommands().any(|task| task.get_name().as_bytes() == bytes) {
                at = arguments.len();
            }
            break;
        }
        at += if takes_next(command, bytes) { 2 } else { 1 };
    }
    let (ours, rest) = arguments.split_at(at.min(arguments.len()));
    Split { ours, command: rest, escaped: false }
}

/// Whether an option's value is the word after it.
fn takes_next(command: &clap::Command, word: &[u8]) -> bool {
    let valued = |argument: &&clap::Arg| argument.get_action().takes_values();
    if let Some(name) = word.strip_prefix(b"--") {
        return command
            .get_arguments()
            .filter(valued)
            .any(|argument| argument.get_long().is_some_and(|long| long.as_bytes() == name));
    }
    // In `-qp`, the value of p is the next word; in `-pkimi` it is the rest of this one.
    let shorts = word.get(1..).unwrap_or_default();
    let first = shorts.iter().position(|&short| {
        let mut arguments = command.get_arguments().filter(valued);
        arguments.any(|argument| argument.get_short() == Some(char::from(short)))
    });
    first.is_some_and(|index| index + 1 == shorts.len())
}

/// The subcommand among our words: the first that is neither an option nor the value of one.
fn task(command: &clap::Command, ours: &[OsString]) -> Option<&'static str> {
    let mut at = 0;
    while let Some(word) = ours.get(at) {
        if word.as_bytes().first() != Some(&b'-') {
            return TASKS.iter().find(|task| word == *task).copied();
        }
        at += if takes_next(command, word.as_bytes()) { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests;
