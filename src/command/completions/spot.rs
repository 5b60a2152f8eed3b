//! Where in a command line the cursor is.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use clap::ArgAction;

use crate::command::completions::Asked;

/// Where the cursor is, and what was asked for before it.
pub(super) struct Spot<'a> {
    /// The index of the word at the cursor.
    pub(super) at: usize,
    pub(super) what: What<'a>,
    pub(super) asked: Asked,
}

pub(super) enum What<'a> {
    /// Another command begins at a word.
    Command { at: usize },
    /// The arguments of the default command begin at a word.
    Arguments { at: usize },
    /// A subcommand of ours or, at the root, another command.
    First { command: &'a clap::Command, root: bool },
    /// An option of ours.
    Option { command: &'a clap::Command },
    /// The value of an argument; what stands before it in the same word.
    Value { argument: &'a clap::Arg, prefix: String },
    /// Nothing that we know.
    Nothing,
}

/// Reads the words as the program would read them.
pub(super) fn find<'a>(root: &'a clap::Command, words: &[OsString]) -> Spot<'a> {
    let last = words.len().saturating_sub(1);
    let mut asked = Asked::default();
    let mut command = root;
    let mut operands = 0;
    let mut at = 1;
    let spot = |what, asked| Spot { at: last, what, asked };
    while at < last {
        let Some(word) = words.get(at).map(|word| word.as_bytes()) else {
            break;
        };
        let is_root = std::ptr::eq(command, root);
        if word == b"--" {
            if !is_root {
                let command =
                    command.get_positionals().any(|one| one.is_last_set() && !one.is_hide_set());
                return spot(
                    if command { What::Command { at: at + 1 } } else { What::Nothing },
                    asked,
                );
            }
            let first = words.get(at + 1).is_some_and(|word| word.as_bytes().starts_with(b"-"));
            let at = at + 1;
            return spot(if first { What::Arguments { at } } else { What::Command { at } }, asked);
        }
        if word.len() > 1 && word.starts_with(b"-") {
            if let Some((argument, attached)) = option(command, word) {
                let value = match attached {
                    Some(value) => Some(OsStr::from_bytes(value)),
                    None if takes_value(argument) => {
                        at += 1;
                        words.get(at).filter(|_| at < last).map(OsString::as_os_str)
                    }
                    None => None,
                };
                if at == last {
                    return spot(What::Value { argument, prefix: String::new() }, asked);
                }
                asked.remember(argument, value);
            }
        } else if let Some(inner) =
            command.get_subcommands().find(|inner| inner.get_name().as_bytes() == word)
        {
            command = inner;
            operands = 0;
        } else if is_root {
            return spot(What::Command { at }, asked);
        } else {
            operands += 1;
        }
        at += 1;
    }
    let typed = words.get(last).map(|word| word.as_bytes()).unwrap_or_default();
    if typed.starts_with(b"-") {
        let named = typed.starts_with(b"--") && typed.contains(&b'=');
        if let Some((argument, Some(value))) = option(command, typed).filter(|_| named) {
            let before = typed.get(..typed.len() - value.len()).unwrap_or_default();
            let prefix = String::from_utf8_lossy(before).into_owned();
            return spot(What::Value { argument, prefix }, asked);
        }
        return spot(What::Option { command }, asked);
    }
    let root = std::ptr::eq(command, root);
    if root || command.has_subcommands() {
        return spot(What::First { command, root }, asked);
    }
    let mut positionals = command.get_positionals().filter(|argument| !argument.is_hide_set());
    match positionals.nth(operands) {
        Some(argument) => spot(What::Value { argument, prefix: String::new() }, asked),
        None => spot(What::Nothing, asked),
    }
}

/// The option that a word holds, the last one of a group of short ones, and the value in the same
/// word.
pub(super) fn option<'a, 'w>(
    command: &'a clap::Command,
    word: &'w [u8],
) -> Option<(&'a clap::Arg, Option<&'w [u8]>)> {
    if let Some(name) = word.strip_prefix(b"--") {
        let end = name.iter().position(|&byte| byte == b'=');
        let (name, value) = name.split_at(end.unwrap_or(name.len()));
        let argument = options(command)
            .find(|one| one.get_long().is_some_and(|long| long.as_bytes() == name))?;
        return Some((argument, value.get(1..)));
    }
    let shorts = word.get(1..)?;
    for (index, &short) in shorts.iter().enumerate() {
        let argument = options(command).find(|one| one.get_short() == Some(char::from(short)))?;
        let rest = shorts.get(index + 1..).unwrap_or_default();
        if takes_value(argument) || rest.is_empty() {
            return Some((argument, Some(rest).filter(|rest| !rest.is_empty())));
        }
    }
    None
}

/// A command's options with the common ones, which the root defines.
pub(super) fn options(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|argument| !argument.is_positional())
}

pub(super) fn takes_value(argument: &clap::Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Set | ArgAction::Append)
}

impl Asked {
    pub(super) fn remember(&mut self, argument: &clap::Arg, value: Option<&OsStr>) {
        match argument.get_id().as_str() {
            "config_dir" => self.config_dir = value.map(OsStr::to_owned),
            "workspace" => self.workspace = value.and_then(OsStr::to_str).map(str::to_owned),
            _ => {}
        }
    }
}
