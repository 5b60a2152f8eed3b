//! The words of a command line, joined again where bash split them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli::Shell;

/// The words as the program would receive them.
pub(super) struct Joined {
    pub(super) words: Vec<OsString>,
    /// Where each word began among those that the shell passed.
    pub(super) raw: Vec<usize>,
    /// How many bytes of the last word the shell keeps.
    pub(super) cut: usize,
}

impl Joined {
    /// bash splits words at `=` and `:`, and replaces only what follows the last of them.
    pub(super) fn new(shell: Shell, words: &[OsString]) -> Self {
        let mut joined = Self { words: Vec::new(), raw: Vec::new(), cut: 0 };
        let mut glue = false;
        for (index, word) in words.iter().enumerate() {
            let breaks = shell == Shell::Bash && matches!(word.as_bytes(), b"=" | b":");
            // A lone `=` that follows no option, and a lone `:` that follows nothing, are words in
            // their own right.
            match joined.words.last_mut() {
                Some(last) if index > 1 && !last.is_empty() && (glue || breaks) => {
                    last.push(word);
                    joined.cut = if breaks { last.len() } else { joined.cut };
                }
                _ => {
                    joined.words.push(word.clone());
                    joined.raw.push(index);
                    joined.cut = 0;
                }
            }
            glue = breaks;
        }
        joined
    }

    pub(super) fn raw(&self, at: usize) -> usize {
        self.raw.get(at).copied().unwrap_or(at)
    }

    pub(super) fn typed(&self) -> String {
        match self.words.last() {
            Some(word) => word.to_string_lossy().into_owned(),
            None => String::new(),
        }
    }
}
