//! A user's own files of rows: `catalog.d/*.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::Preset;
use crate::catalog::row;
use crate::catalog::row::Mistake;
use crate::catalog::row::Row;
use crate::catalog::row::What;
use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::error::Place;
use crate::config::error::Problem;
use crate::config::name::EnvName;
use crate::config::provider::WrongProvider;
use crate::config::provider::is_needed;
use crate::typed::nearest;

/// The user's own rows.
#[derive(Debug, Clone, Default)]
pub struct OwnRows {
    /// In the order of the files' names and of the lines.
    pub usable: Vec<&'static Preset>,
    /// Those that cannot be used.
    pub wrong: Vec<WrongProvider>,
    /// Where each of the usable ones has its base URL, by id.
    pub places: BTreeMap<&'static str, Place>,
}

impl OwnRows {
    /// The row with this id.
    pub fn find(&self, id: &str) -> Option<&'static Preset> {
        self.usable.iter().copied().find(|row| row.id == id)
    }

    /// The row that is meant by a word that is not an id: one of its aliases.
    pub fn meant(&self, word: &str) -> Option<&'static Preset> {
        self.usable.iter().copied().find(|row| row.facts.aliases().contains(&word))
    }
}

/// A row of a file, complete or not, for checks that need more than the text.
#[derive(Debug, Clone)]
pub struct FoundRow<'a> {
    document: Document<'a>,
    at: usize,
    /// The row, or the first mistake in it.
    pub row: Result<Row, Error>,
    id: String,
    key: Option<EnvName>,
}

impl FoundRow<'_> {
    /// Its position.
    pub fn place(&self) -> Place {
        self.document.place(self.at..self.at)
    }

    /// The error for a problem at a position in bytes.
    pub fn wrong_at(&self, at: usize, problem: Problem) -> Error {
        self.document.wrong(at..at, problem)
    }

    /// The position of the value of a key.
    pub fn place_of(&self, key: &str) -> Place {
        if let Ok(row) = &self.row
            && let Some(&at) = row.places.get(key)
        {
            return self.document.place(at..at);
        }
        self.place()
    }

    /// The row as a provider that cannot be used.
    pub fn unusable(&self, error: Error) -> WrongProvider {
        WrongProvider {
            id: self.id.as_str().into(),
            error,
            key: self.key.clone(),
            header_key: None,
        }
    }
}

/// Reads a file of rows.
///
/// # Errors
///
/// A mistake outside of the rows, after which none of them can be told from the others.
pub fn rows<'a>(path: &'a Path, text: &'a str) -> Result<Vec<FoundRow<'a>>, Error> {
    let document = Document { path, text, ours: true, op_account: None };
    let wrong = |Mistake { at, what }| document.wrong(at..at, problem(what));
    let mut rows = Vec::new();
    for found in row::read(text).map_err(wrong)? {
        let key = found.key_env.filter(|name| !is_needed(name));
        rows.push(FoundRow {
            document,
            at: found.at,
            row: found.row.map_err(wrong),
            id: found.id,
            key: key.and_then(|name| EnvName::new(&name).ok()),
        });
    }
    Ok(rows)
}

fn problem(what: What) -> Problem {
    match what {
        What::Syntax(words) => Problem::Syntax(words),
        What::UnknownKey { key, known } => Problem::UnknownKey {
            nearest: nearest(&key, known.iter().copied()),
            known: known.to_vec(),
        },
        What::Expected(what) => Problem::Expected(what),
        What::Missing(key) => Problem::RowLacks(key),
    }
}
