//! Decisions made from a fuzzer's bytes, one after the other. Where the bytes end, every decision is the first one, so
//! that every input is a valid one and the empty input is the simplest.

/// Bytes that decide.
pub struct Dice<'a>(&'a [u8]);

impl<'a> Dice<'a> {
    /// Decides with these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// A number below a limit, which is at most 256.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// One of some things.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// True in one of so many cases; false where the bytes have ended.
    pub fn one_in(&mut self, cases: u8) -> bool {
        self.byte() % cases == cases - 1
    }

    /// Whether any bytes are left.
    pub fn any_left(&self) -> bool {
        !self.0.is_empty()
    }

    /// At most so many raw bytes; the first byte says how many.
    pub fn bytes(&mut self, most: usize) -> &'a [u8] {
        let count = self.below(most + 1).min(self.0.len());
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
