//! Parses a file of rows, and reports the first mistake in it.
//!
//! `build/main.rs` includes this file to make the table of presets from `catalog/*.toml`, and the
//! program reads a user's `catalog.d/*.toml` with it. So it uses nothing else from the crate.

use std::collections::BTreeMap;

pub use header::header;
pub use header::is_credential;
pub use read::read;
pub use shared::Shared;
pub use shared::Taken;
pub use shared::shared;

mod header;
mod read;
mod shared;
mod value;

/// A table of a file of rows: a complete row, or the first mistake in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name of the table, which may not be a valid id.
    pub id: String,
    /// The position of the table, in bytes.
    pub at: usize,
    /// The row.
    pub row: Result<Row, Mistake>,
    /// The variable that the table names for its key, whatever else is wrong with it.
    pub key_env: Option<String>,
}

/// A provider as described in a file of rows. Keys that exec.toml also has have the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The word for `--provider`: the name of the row's table.
    pub id: String,
    /// The position of each key's value, in bytes.
    pub places: BTreeMap<String, usize>,
    /// `aliases`: other names that people use for it.
    pub aliases: Vec<String>,
    /// `label`: the display name.
    pub label: String,
    /// `base_url`; `None` for the client's own endpoint, which only the shipped rows have.
    pub base_url: Option<String>,
    /// `key_env`: the variable that holds the key. `None` with `key = false`.
    pub key_env: Option<String>,
    /// `key_env_elsewhere`: the names that other tools use for that variable.
    pub key_env_elsewhere: Vec<String>,
    /// `key_begins`: the prefixes of this provider's keys that no other provider uses.
    pub key_begins: Vec<String>,
    /// `key_otherwise`: what a key with another prefix usually is; only with `key_begins`.
    pub key_otherwise: Option<String>,
    /// `key_page`: where to get a key.
    pub key_page: Option<String>,
    /// `auth`: whether the key is also sent as x-api-key.
    pub api_key_header: bool,
    /// `header`: an additional header, `name: value`.
    pub header: Option<String>,
    /// `models` or `model`: the ids for fable, opus, sonnet and haiku; `None` if the user has to
    /// name one.
    pub models: Option<[String; 4]>,
    /// `context_tokens`: the window of the ids without `[1m]`.
    pub window: u32,
    /// `windows`: the windows of ids that `--model` may name.
    pub windows: Vec<(String, u32)>,
    /// `timeout_ms`
    pub timeout_ms: Option<u32>,
    /// `env`: more variables for the client.
    pub env: Vec<Variable>,
    /// `local`: a server on this machine, offered only where it is named.
    pub local: bool,
    /// `limits`: what a plan or the endpoint does not allow.
    pub limits: Vec<String>,
    /// `unsure`: what could not be checked.
    pub unsure: Vec<String>,
    /// `source`: where these facts come from.
    pub source: String,
    /// `checked`: the day on which the source was read, `YYYY-MM-DD`.
    pub checked: String,
    /// `confidence`: the kind of source for the URL and the header.
    pub confidence: Confidence,
    /// `confidence_models`: the kind of source for the model ids.
    pub confidence_models: Confidence,
}

impl Row {
    /// The facts that a launch does not need, in the format of `Facts`.
    pub fn facts(&self) -> String {
        let mut lines = Vec::new();
        let lists = [
            ("alias", &self.aliases),
            ("elsewhere", &self.key_env_elsewhere),
            ("begins", &self.key_begins),
            ("limit", &self.limits),
            ("unsure", &self.unsure),
        ];
        for (kind, list) in lists {
            for words in list {
                lines.push(format!("{kind}\t{words}"));
            }
        }
        if let Some(page) = &self.key_page {
            lines.push(format!("page\t{page}"));
        }
        for Variable { name, why, .. } in &self.env {
            lines.push(format!("why\t{name}={why}"));
        }
        lines.push(format!("source\t{}", self.source));
        lines.push(format!("checked\t{}", self.checked));
        lines.push(format!("confidence\t{}", self.confidence.text()));
        lines.push(format!("models\t{}", self.confidence_models.text()));
        lines.join("\n")
    }

    /// The windows, on each line an id and its tokens.
    pub fn windows_text(&self) -> String {
        let mut lines = Vec::new();
        for (model, window) in &self.windows {
            lines.push(format!("{model} {window}"));
        }
        lines.join("\n")
    }
}

/// A variable that a provider needs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its position, in bytes.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The reason for it.
    pub why: String,
}

/// The kind of source that a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// A page of the vendor.
    VendorPage,
    /// The vendor's own code.
    VendorRepository,
    /// Only other people's tools.
    OtherTools,
    /// Inferred from something similar.
    Guess,
}

impl Confidence {
    pub(crate) const ALL: [Self; 4] =
        [Self::VendorPage, Self::VendorRepository, Self::OtherTools, Self::Guess];

    /// The words for it, in the files and in messages.
    pub const fn text(self) -> &'static str {
        match self {
            Self::VendorPage => "vendor page",
            Self::VendorRepository => "vendor repository",
            Self::OtherTools => "other tools",
            Self::Guess => "guess",
        }
    }
}

/// A mistake in a file of rows, and its position in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The position.
    pub at: usize,
    /// What is wrong.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Not TOML. The parser's message names what it expected and does not quote the text.
    Syntax(String),
    /// A key that rows do not have.
    UnknownKey {
        /// The key.
        key: String,
        /// The known keys.
        known: &'static [&'static str],
    },
    /// Something else was expected.
    Expected(&'static str),
    /// A row lacks this key.
    Missing(&'static str),
}

/// The number of the day `YYYY-MM-DD`, counted from 1970-01-01; `None` if there is no such day.
pub fn day_number(date: &str) -> Option<u32> {
    let mut parts = date.split('-');
    let mut part = |length: usize| {
        let digits = parts.next()?;
        let is_number = !digits.contains(|one: char| !one.is_ascii_digit());
        if digits.len() == length && is_number { digits.parse::<u32>().ok() } else { None }
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let is_leap = |year: u32| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if parts.next().is_some() || year < 1970 || day == 0 || day > *lengths.get(month)? {
        return None;
    }
    let mut days = day - 1;
    for year in 1970..year {
        days += if is_leap(year) { 366 } else { 365 };
    }
    Some(days + lengths.get(..month)?.iter().sum::<u32>())
}
