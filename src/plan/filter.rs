//! A bitmap of names, which rules out most other names at once.

/// A bitmap of names by their length and last byte. It may contain names that were not added, and
/// always those that were.
#[derive(Debug, Clone, Default)]
pub struct Filter([u64; Filter::WORDS]);

impl Filter {
    const WORDS: usize = 16;

    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        let (word, bit) = Self::place(name.as_bytes());
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether a name may have been added; `false` is certain.
    pub fn may_contain(&self, name: &[u8]) -> bool {
        let (word, bit) = Self::place(name);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The word of the bitmap, and the bit in it, that belong to a name.
    fn place(name: &[u8]) -> (usize, u64) {
        let last = name.last().copied().unwrap_or(0);
        let hash = (name.len() * 37) ^ usize::from(last);
        (hash / 64 % Self::WORDS, 1 << (hash % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_was_added_passes_and_few_others_do() {
        let mut filter = Filter::default();
        for name in ["ANTHROPIC_BASE_URL", "A"] {
            filter.add(name);
        }
        assert!(filter.may_contain(b"ANTHROPIC_BASE_URL"));
        assert!(filter.may_contain(b"A"));
        for name in ["PATH", "HOME", "ANTHROPIC_BASE_URI", "ANTHROPIC_BASE_URL2", ""] {
            assert!(!filter.may_contain(name.as_bytes()), "{name}");
        }
    }
}
