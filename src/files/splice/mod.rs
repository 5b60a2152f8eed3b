//! Changes one entry of a TOML text.
//!
//! The text is spliced at the positions that `toml_edit` finds; the document is not printed again.
//! So comments, blank lines, line ends, a byte order mark and a missing last newline stay as they
//! are.

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

/// The position at which a text cannot be edited.
pub(super) type At = usize;

/// Sets an entry to a value, in the form in which its table is written.
pub(super) fn set(text: &str, table: &[&str], key: &str, value: &str) -> Result<String, At> {
    let after = if let Some(edit) = insertion(text, table, key, value)? {
        edit.on(text)
    } else {
        // The entry is a table of its own, or dotted keys: it is removed and written again.
        let without = without(text, table, key)?;
        insertion(&without, table, key, value)?.ok_or(0_usize)?.on(&without)
    };
    only_that_changed(text, &after, table, key, Some(value))?;
    Ok(after)
}

/// Removes an entry. Its table goes too if that leaves it empty and without comments.
pub(super) fn remove(text: &str, table: &[&str], key: &str) -> Result<String, At> {
    let without = without(text, table, key)?;
    let after = if without == text { without } else { pruned(without, table)? };
    only_that_changed(text, &after, table, key, None)?;
    Ok(after)
}

/// The replacement for a range.
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
