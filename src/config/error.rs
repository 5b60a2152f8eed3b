//! What is wrong with a text, and where. Nothing here holds any of the text, because it may be a
//! key.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use crate::report;
use crate::report::escape;

/// Why a configuration file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file holds something that is not allowed; reading stops here.
    #[error("{0}")]
    Wrong(Offence),
    /// All names and values that are not allowed, in the order of files and lines.
    #[error("{}", report::joined(.0))]
    Names(Vec<Offence>),
}

/// Fails with all offences, if there are any.
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

/// A text that was read. Wrong values are refused with all other offences, so that they are
/// reported together; what is wrong only where the text is used stays in `offences`.
pub(super) fn finish<T>(found: Result<T, Error>, offences: &mut Vec<Offence>) -> Result<T, Error> {
    let error = match found {
        Ok(found) if offences.iter().all(|offence| offence.problem.may_be_unused()) => {
            return Ok(found);
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let mut all = std::mem::take(offences);
    match error {
        Some(Error::Wrong(offence)) => all.push(offence),
        Some(Error::Names(others)) => all.extend(others),
        None => {}
    }
    all.sort_by(|one, other| one.place.cmp(&other.place));
    match <[Offence; 1]>::try_from(all) {
        Ok([only]) => Err(Error::Wrong(only)),
        Err(all) => Err(Error::Names(all)),
    }
}

/// Something that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Offence {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

/// A position in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Place {
    /// The position directly after `text`, with which the file begins.
    pub fn after(path: &Path, text: &str) -> Self {
        let line = text.matches('\n').count() + 1;
        let last = text.rsplit('\n').next().unwrap_or(text);
        Self { path: path.to_owned(), line, column: last.chars().count() + 1 }
    }

    /// The error for a problem at this position.
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
    /// Not TOML. The message is the parser's own and quotes nothing.
    #[error("{}", escape(.0.replace('\n', ", ").trim()))]
    Syntax(String),
    /// Something else was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A number outside its range.
    #[error("expected a whole number from {low} to {high}")]
    Range {
        /// The smallest number allowed.
        low: u32,
        /// The largest number allowed.
        high: u32,
    },
    /// A key that the file does not define.
    #[error("unknown key; {}", suggestion(nearest.as_deref(), known))]
    UnknownKey {
        /// The most similar known key.
        nearest: Option<String>,
        /// The known keys.
        known: Vec<&'static str>,
    },
    /// `like` with the id of no preset that is redirected.
    #[error("expected the id of a built-in provider other than Anthropic{}", example(nearest.as_deref()))]
    NoPreset {
        /// The most similar preset.
        nearest: Option<String>,
    },
    /// `ignore` with the id of no provider.
    #[error("no provider has this id{}", meant(nearest.as_deref()))]
    NoProvider {
        /// The most similar provider.
        nearest: Option<String>,
    },
    /// A row of catalog.d without this key, which every row has.
    #[error("this row has no {0}")]
    RowLacks(&'static str),
    /// A row of catalog.d shares something with another row.
    #[error("{words} {other}")]
    RowShares {
        /// What they share.
        words: String,
        /// The other row.
        other: Box<OtherRow>,
    },
    /// A variable without a name.
    #[error("a variable needs a name")]
    NameEmpty,
    /// A name that the environment cannot hold.
    #[error("the name of a variable cannot contain = or NUL")]
    NameCharacter,
    /// A name that jackin reserves.
    #[error("{0} is reserved by jackin")]
    NameReserved(&'static str),
    /// A value that the environment cannot hold.
    #[error("a value cannot contain NUL")]
    ValueNul,
}

impl Problem {
    /// Whether a variable's name is not allowed.
    pub const fn is_of_a_name(&self) -> bool {
        matches!(self, Self::NameEmpty | Self::NameCharacter | Self::NameReserved(_))
    }

    /// Whether it matters only where the text is used.
    const fn may_be_unused(&self) -> bool {
        self.is_of_a_name() || matches!(self, Self::ValueNul)
    }
}

/// A row that is in conflict with a row of catalog.d.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OtherRow {
    /// A row of catalog.d.
    #[error("the row at {0}")]
    Own(Place),
    /// A built-in row, by its id.
    #[error("the built-in row {0}")]
    BuiltIn(&'static str),
}

fn example(nearest: Option<&str>) -> String {
    match nearest {
        Some(_) => meant(nearest),
        None => ", such as \"kimi\"".to_owned(),
    }
}

fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; {}", report::did_you_mean(nearest)),
        None => String::new(),
    }
}

fn suggestion(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(nearest) => report::did_you_mean(nearest),
        None => format!("known are {}", known.join(", ")),
    }
}
