//! Changing one entry of a TOML text.
//!
//! The text is spliced at the positions that `toml_edit` finds, and the document is not printed: comments,
//! blank lines, line ends, a byte order mark and a missing last newline stay as they are because nobody
//! touches them.

mod shape;
mod lines;
mod insert;
mod cut;
mod check;
#[cfg(test)]
mod tests;

use std::ops::Range;

use check::only_that_changed;
use cut::pruned;
use cut::without;
use insert::insertion;

/// A text that cannot be edited: where.
pub(super) type At = usize;

/// The text with an entry that has this value, in the form in which its table is written.
pub(super) fn set(text: &str, table: &[&str], key: &str, value: &str) -> Result<String, At> {
    let after = if let Some(edit) = insertion(text, table, key, value)? {
        edit.on(text)
    } else {
        // The entry is a table of its own, or dotted keys: it is written anew.
        let without = without(text, table, key)?;
        insertion(&without, table, key, value)?.ok_or(0_usize)?.on(&without)
    };
    only_that_changed(text, &after, table, key, Some(value))?;
    Ok(after)
}

/// The text without an entry; its table goes too if that leaves it empty and nothing is said about
/// it.
pub(super) fn remove(text: &str, table: &[&str], key: &str) -> Result<String, At> {
    let without = without(text, table, key)?;
    let after = if without == text { without } else { pruned(without, table)? };
    only_that_changed(text, &after, table, key, None)?;
    Ok(after)
}

/// Other bytes for a range.
pub(super) struct Edit {
    pub(super) at: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    fn on(&self, text: &str) -> String {
        let (before, after) = (text.get(..self.at.start), text.get(self.at.end..));
        [before.unwrap_or_default(), &self.text, after.unwrap_or_default()].concat()
    }
}
