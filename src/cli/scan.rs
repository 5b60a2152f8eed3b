//! The scanner: splits a command line into options, values and words, in every spelling that the
//! definition allows, and finds where our options end.
//!
//! It does not explain mistakes: it reports a word that it does not understand, and the definition
//! says what is wrong with it.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli::grammar::Level;
use crate::cli::grammar::ROOT;
use crate::cli::grammar::Spelling;

/// What a word, or a part of a word, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// An option that has no value.
    Switch(&'static Spelling),
    /// An option and its value.
    Value(&'static Spelling, &'a OsStr),
    /// An option whose value is missing: nothing follows, or another option does.
    NoValue(&'static Spelling),
    /// A subcommand.
    Task(&'static Level),
    /// Any other word.
    Word(&'a OsStr),
    /// `--`
    End,
    /// An option that is not ours, or a switch that was given a value.
    Unknown,
}

/// Reads a command line word by word.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    words: &'a [OsString],
    /// The index of the next word.
    at: usize,
    /// The letters left in a word of short options.
    shorts: &'a [u8],
    level: &'static Level,
}

impl<'a> Scanner<'a> {
    /// Starts with the words after the program's name.
    pub const fn new(words: &'a [OsString]) -> Self {
        Self::within(ROOT, words)
    }

    /// Starts with the words after a subcommand.
    pub const fn within(level: &'static Level, words: &'a [OsString]) -> Self {
        Self { words, at: 0, shorts: &[], level }
    }

    /// The index of the next word.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The level that the words so far have reached: the root or a subcommand.
    pub const fn level(&self) -> &'static Level {
        self.level
    }

    /// The words that have not been read yet.
    pub fn rest(&self) -> &'a [OsString] {
        self.words.get(self.at..).unwrap_or_default()
    }

    fn long(&mut self, name: &'a [u8]) -> Token<'a> {
        let end = name.iter().position(|&byte| byte == b'=').unwrap_or(name.len());
        let (name, value) = name.split_at(end);
        let Some(option) = self.level.options().find(|one| one.long.as_bytes() == name) else {
            return Token::Unknown;
        };
        match (option.has_value, value.get(1..)) {
            (true, Some(value)) => Token::Value(option, OsStr::from_bytes(value)),
            (true, None) => self.value(option),
            (false, None) => Token::Switch(option),
            (false, Some(_)) => Token::Unknown,
        }
    }

    fn short(&mut self, name: u8, rest: &'a [u8]) -> Token<'a> {
        let Some(option) = self.level.options().find(|one| one.short == Some(name)) else {
            self.shorts = &[];
            return Token::Unknown;
        };
        if !option.has_value {
            self.shorts = rest;
            return Token::Switch(option);
        }
        self.shorts = &[];
        match rest {
            [] => self.value(option),
            [b'=', value @ ..] | value => Token::Value(option, OsStr::from_bytes(value)),
        }
    }

    /// The next word as the option's value. A lone dash may be a value; a word that looks like an
    /// option is none.
    fn value(&mut self, option: &'static Spelling) -> Token<'a> {
        match self.words.get(self.at) {
            Some(word) if !looks_like_option(word) => {
                self.at += 1;
                Token::Value(option, word)
            }
            _ => Token::NoValue(option),
        }
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let [name, rest @ ..] = self.shorts {
            return Some(self.short(*name, rest));
        }
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(match word.as_bytes() {
            b"--" => Token::End,
            [b'-', b'-', name @ ..] => self.long(name),
            [b'-', name, rest @ ..] => self.short(*name, rest),
            word_bytes => {
                match self.level.levels.iter().find(|one| one.name.as_bytes() == word_bytes) {
                    Some(level) => {
                        self.level = level;
                        Token::Task(level)
                    }
                    None => Token::Word(word),
                }
            }
        })
    }
}

/// Whether a word looks like an option. A lone dash does not: programs take it for stdin.
pub fn looks_like_option(word: &OsStr) -> bool {
    matches!(word.as_bytes(), [b'-', _, ..])
}

/// How many words are ours: those before `--`, or before the first word that is neither an option
/// nor an option's value. After a subcommand, all words are ours.
///
/// clap's parser cannot do this: it drops a second `--` and would look for options after the
/// command.
pub(super) fn ours(words: &[OsString]) -> usize {
    let mut scanner = Scanner::new(words);
    while let Some(token) = scanner.next() {
        match token {
            Token::Task(_) => return words.len(),
            Token::Word(_) | Token::End => return scanner.at() - 1,
            Token::Switch(_) | Token::Value(..) | Token::NoValue(_) | Token::Unknown => {}
        }
    }
    words.len()
}
