//! Finds the cursor's place in a command line; the words before it are read as the program would
//! read them.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli;
use crate::cli::Level;
use crate::cli::Name;
use crate::cli::Scanner;
use crate::cli::Spelling;
use crate::cli::Token;
use crate::cli::Words;
use crate::command::completions::Asked;

/// Where the cursor is, and which options precede it.
pub(super) struct Spot {
    /// The subcommands that were typed.
    pub(super) tasks: Vec<&'static str>,
    /// The index of the word at the cursor.
    pub(super) at: usize,
    pub(super) what: What,
    pub(super) asked: Asked,
}

pub(super) enum What {
    /// Another command begins at this word.
    Command { at: usize },
    /// The arguments of the default command begin at this word.
    Arguments { at: usize },
    /// The words after a subcommand's `--` begin at this word.
    Escaped { at: usize },
    /// One of our subcommands or, at the root, another command.
    First,
    /// One of our options.
    Option,
    /// The value of an option; `prefix` comes before it in the same word.
    Value { option: &'static Spelling, prefix: String },
    /// An operand of a subcommand, counted from 0.
    Operand(usize),
}

/// Reads the words: the first is the program's name, the last is at the cursor.
pub(super) fn find(words: &[OsString]) -> Spot {
    let last = words.len().saturating_sub(1);
    let typed = words.get(last).map(OsString::as_os_str).unwrap_or_default();
    let mut scanner = Scanner::new(words.get(1..last).unwrap_or_default());
    let mut spot = Spot { tasks: Vec::new(), at: last, what: What::First, asked: Asked::default() };
    let mut operands = 0;
    while let Some(token) = scanner.next() {
        // Indices include the program's name.
        let next = scanner.at() + 1;
        match token {
            Token::Value(option, value) => spot.asked.remember(option, value),
            Token::NoValue(option) if next == last => {
                return Spot { what: What::Value { option, prefix: String::new() }, ..spot };
            }
            Token::NoValue(_) | Token::Switch(_) | Token::Unknown => {}
            Token::Task(level) => {
                spot.tasks.push(level.name);
                operands = 0;
            }
            Token::Word(_) if spot.tasks.is_empty() => {
                return Spot { what: What::Command { at: next - 1 }, ..spot };
            }
            Token::Word(_) => operands += 1,
            Token::End if spot.tasks.is_empty() => {
                let first = words.get(next..).unwrap_or_default().to_vec();
                let what = if (Words { words: first, escaped: true }).name_a_command() {
                    What::Command { at: next }
                } else {
                    What::Arguments { at: next }
                };
                return Spot { what, ..spot };
            }
            Token::End => return Spot { what: What::Escaped { at: next }, ..spot },
        }
    }
    let what = at_cursor(scanner.level(), typed, operands);
    Spot { what, ..spot }
}

fn at_cursor(level: &'static Level, typed: &OsStr, operands: usize) -> What {
    if !typed.as_bytes().starts_with(b"-") {
        let is_root = level.name == cli::PROGRAM;
        return if is_root || !level.levels.is_empty() {
            What::First
        } else {
            What::Operand(operands)
        };
    }
    if typed.as_bytes().starts_with(b"--")
        && let words = [typed.to_owned()]
        && let Some(Token::Value(option, value)) = Scanner::within(level, &words).next()
    {
        let end = typed.len() - value.len();
        let before = typed.as_bytes().get(..end).unwrap_or_default();
        return What::Value { option, prefix: String::from_utf8_lossy(before).into_owned() };
    }
    What::Option
}

impl Asked {
    fn remember(&mut self, option: &Spelling, value: &OsStr) {
        match option.name {
            Name::ConfigDir => self.config_dir = Some(value.to_owned()),
            Name::Workspace => self.workspace = value.to_str().map(str::to_owned),
            _ => {}
        }
    }
}
