//! What is wrong with a text, and where. Nothing here holds a part of the text: it may be a key.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use crate::report;
use crate::report::escape;

/// What a configuration file may not say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file holds something that it may not, and is read no further.
    #[error("{0}")]
    Wrong(Offence),
    /// Names and values that may not be used, all of them, in the order of files and lines.
    #[error("{}", lines(.0))]
    Names(Vec<Offence>),
}

/// One message a line. The program's name is put before the first one elsewhere.
fn lines(offences: &[Offence]) -> String {
    let lines: Vec<String> = offences.iter().map(Offence::to_string).collect();
    lines.join("\njackin-exec: ")
}

/// Ends with all offences, if there are any.
///
/// # Errors
///
/// [`Error::Names`]
pub fn refuse(mut offences: Vec<Offence>) -> Result<(), Error> {
    if offences.is_empty() {
        return Ok(());
    }
    offences.sort_by(|one, other| one.place.cmp(&other.place));
    Err(Error::Names(offences))
}

/// Something that may not be there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Offence {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

/// A position in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Place {
    /// The position after some text, with which the file begins.
    pub fn after(path: &Path, text: &str) -> Self {
        let line = text.matches('\n').count() + 1;
        let last = text.rsplit('\n').next().unwrap_or(text);
        Self { path: path.to_owned(), line, column: last.chars().count() + 1 }
    }

    /// The error that there is something wrong here.
    pub fn wrong(self, problem: Problem) -> Error {
        Error::Wrong(Offence { place: self, problem })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", report::path(&self.path), self.line, self.column)
    }
}

/// What is wrong at a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no TOML; the parser's own words, which quote nothing.
    #[error("{}", escape(.0.replace('\n', ", ").trim()))]
    Syntax(String),
    /// Something else was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A number outside of a range.
    #[error("expected a whole number from {low} to {high}")]
    Range {
        /// The smallest.
        low: u32,
        /// The largest.
        high: u32,
    },
    /// A key that the file does not have.
    #[error("unknown key; {}", suggestion(nearest.as_deref(), known))]
    UnknownKey {
        /// The most similar of those that it has.
        nearest: Option<String>,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// A variable without a name.
    #[error("a variable needs a name")]
    NameEmpty,
    /// A name that no environment can hold.
    #[error("the name of a variable cannot contain = or NUL")]
    NameCharacter,
    /// A name that jackin keeps for itself.
    #[error("{0} is reserved by jackin")]
    NameReserved(&'static str),
    /// A value that no environment can hold.
    #[error("a value cannot contain NUL")]
    ValueNul,
}

fn suggestion(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!("known are {}", known.join(", ")),
    }
}
