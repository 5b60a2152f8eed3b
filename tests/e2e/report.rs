//! What came of the rows, for tests, people and documents.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;
use serde_json::json;

use crate::column::Column;
use crate::row::Row;
use crate::rows::names;

/// What came of one row in one column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) offences: Vec<String>,
    /// Requests that went to nobody's provider.
    pub(crate) elsewhere: Vec<String>,
    /// What the requests with a prompt consisted of.
    pub(crate) shape: Vec<String>,
}

impl Outcome {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "offences": self.offences, "elsewhere": self.elsewhere, "shape": self.shape })
    }

    pub(crate) fn from_json(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let list = |name: &str| {
            let items = value.get(name)?.as_array()?.iter();
            Some(items.filter_map(|item| Some(item.as_str()?.to_owned())).collect())
        };
        Some(Self {
            offences: list("offences")?,
            elsewhere: list("elsewhere")?,
            shape: list("shape")?,
        })
    }
}

/// One cell: the number of the row, the column, what came of it.
pub(crate) type Cell = (usize, Column, Outcome);

/// The whole table in Markdown.
pub(crate) fn table(rows: &[Row], columns: &[Column], cells: &[Cell]) -> String {
    let mut text = String::from("| row |");
    for column in columns {
        let _ = write!(text, " {column} |");
    }
    let _ = write!(text, "\n| --- |{}\n", " --- |".repeat(columns.len()));
    for (number, row) in rows.iter().enumerate() {
        let found = |column: &Column| {
            let mut cells = cells.iter();
            cells.find(|(at, of, _)| *at == number && of == column)
        };
        if columns.iter().all(|column| found(column).is_none()) {
            continue;
        }
        let _ = write!(text, "| {} |", escaped(&row.name()));
        for column in columns {
            let cell = found(column).map(|(_, _, outcome)| cell(row, *column, outcome));
            let _ = write!(text, " {} |", cell.unwrap_or_default());
        }
        text.push('\n');
    }
    let elsewhere: BTreeSet<String> = cells
        .iter()
        .flat_map(|(_, column, outcome)| {
            let lines = outcome.elsewhere.iter();
            lines.map(move |line| format!("{line} ({column})"))
        })
        .collect();
    text.push_str("\nRequests to other hosts, and what they carried:\n\n");
    for line in elsewhere {
        let _ = writeln!(text, "* {line}");
    }
    text
}

/// What each name that was tried alone did, in Markdown.
pub(crate) fn names(rows: &[Row], cells: &[Cell]) -> String {
    let claim = |number: usize| rows.get(number).map_or("", |row| row.claim.as_str());
    let tried = || cells.iter().filter(|(at, ..)| rows.get(*at).is_some_and(is_name));
    let plain = tried().find(|(at, ..)| claim(*at) == names::NOTHING);
    let plain = plain.map(|(_, _, outcome)| outcome.clone()).unwrap_or_default();
    let mut text = String::from("| name | requests | elsewhere |\n| --- | --- | --- |\n");
    let mut sorted: Vec<&Cell> = tried().collect();
    sorted.sort_by_key(|(at, ..)| *at);
    for (at, _, outcome) in sorted {
        let requests = match outcome.offences.as_slice() {
            [] => difference(&plain.shape, &outcome.shape),
            offences => format!("**no**: {}", offences.join("; ")),
        };
        let elsewhere = difference(&plain.elsewhere, &outcome.elsewhere);
        let cells = [claim(*at), &requests, &elsewhere].map(escaped);
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn is_name(row: &Row) -> bool {
    row.group == names::GROUP
}

/// What the second has and the first has not, and the other way round.
fn difference(before: &[String], after: &[String]) -> String {
    let only = |sign: char, these: &[String], those: &[String]| -> Vec<String> {
        let these = these.iter().filter(|line| !those.contains(line));
        these.map(|line| format!("{sign} {line}")).collect()
    };
    let lines = [only('+', after, before), only('−', before, after)].concat();
    if lines.is_empty() { "the same".to_owned() } else { lines.join("; ") }
}

fn cell(row: &Row, column: Column, outcome: &Outcome) -> String {
    if outcome.offences.is_empty() {
        return "holds".to_owned();
    }
    let offences = escaped(&outcome.offences.join("; "));
    match row.expected_red(column.client).filter(|_| !column.bare) {
        Some(red) => format!("**no**: {offences} ({})", escaped(red.why)),
        None => format!("**no**: {offences}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
