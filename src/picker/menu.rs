//! The question as a value: which line is selected, and how it is drawn.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

/// One possible answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item<T> {
    /// The word for `--provider`.
    pub id: String,
    /// The name for people.
    pub label: String,
    /// The value that choosing it returns.
    pub answer: T,
}

impl<T> Item<T> {
    /// The label, and the id if the label does not contain it.
    pub(super) fn line(&self) -> String {
        if self.label.eq_ignore_ascii_case(&self.id) {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.id)
        }
    }

    /// The label, and the id if another item has the same label.
    fn line_among(&self, items: &[Self]) -> String {
        let alike = items.iter().filter(|item| item.label.eq_ignore_ascii_case(&self.label));
        if alike.count() > 1 { self.line() } else { self.label.clone() }
    }
}

/// The item that a person means by an id, a label or a number from 1.
pub(super) fn meant<'i, T>(typed: &str, items: &'i [Item<T>]) -> Option<&'i Item<T>> {
    if let Ok(number) = typed.parse::<usize>() {
        return items.get(number.checked_sub(1)?);
    }
    let mut by_label = None;
    for item in items {
        if item.id.eq_ignore_ascii_case(typed) {
            return Some(item);
        }
        if by_label.is_none() && item.label.eq_ignore_ascii_case(typed) {
            by_label = Some(item);
        }
    }
    by_label
}

/// A key press, as the menu interprets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    First,
    Last,
    Digit(usize),
    /// Space.
    Mark,
    /// `a`
    All,
    Enter,
    Cancel,
    Other,
}

/// The effect of a key.
#[derive(Debug)]
pub(super) enum Pressed<'i, T> {
    Nothing,
    Moved,
    Chose(&'i Item<T>),
    Cancelled,
}

/// Turns off line wrapping: text that does not fit is cut, so that each line takes one row even in
/// a narrow window.
const NO_WRAP: &str = "\x1b[?7l";

/// The keys, below the lines.
pub(super) const HELP: &str = "↑ ↓ choose · Enter start · Esc cancel";

/// What precedes the items of a menu.
pub(super) const fn unmarked(_: usize) -> &'static str {
    ""
}

/// The question as a value: which line is selected, and how it is drawn.
pub(super) struct Menu<'i, T> {
    /// Never empty.
    items: &'i [Item<T>],
    /// Always one of them.
    cursor: usize,
    /// The number typed so far, if there are more than nine lines; zero if none.
    typed: usize,
}

impl<'i, T> Menu<'i, T> {
    /// A menu with the first item chosen.
    ///
    /// # Panics
    ///
    /// Without items: there would be nothing to choose.
    pub(super) fn new(items: &'i [Item<T>]) -> Self {
        assert!(!items.is_empty(), "a question has answers");
        Self { items, cursor: 0, typed: 0 }
    }

    pub(super) fn press(&mut self, key: Key) -> Pressed<'i, T> {
        let last = self.items.len() - 1;
        let typed = std::mem::take(&mut self.typed);
        match key {
            Key::Enter => return Pressed::Chose(self.chosen()),
            Key::Cancel => return Pressed::Cancelled,
            Key::Mark | Key::All | Key::Other => return Pressed::Nothing,
            Key::Digit(digit) => return self.digit(typed * 10 + digit),
            Key::Up if self.cursor == 0 => self.cursor = last,
            Key::Up => self.cursor -= 1,
            Key::Down if self.cursor == last => self.cursor = 0,
            Key::Down => self.cursor += 1,
            Key::First => self.cursor = 0,
            Key::Last => self.cursor = last,
        }
        Pressed::Moved
    }

    /// Adds a digit to the number. Chooses at once if no longer number is possible.
    fn digit(&mut self, number: usize) -> Pressed<'i, T> {
        if number == 0 || number > self.items.len() {
            return Pressed::Nothing;
        }
        self.cursor = number - 1;
        if number * 10 > self.items.len() {
            return Pressed::Chose(self.chosen());
        }
        self.typed = number;
        Pressed::Moved
    }

    #[expect(clippy::expect_used, reason = "no other answer may take the place of the chosen one")]
    fn chosen(&self) -> &'i Item<T> {
        self.items.get(self.cursor).expect("the cursor moves among the items only")
    }

    /// The index of the selected item.
    pub(super) const fn cursor(&self) -> usize {
        self.cursor
    }

    /// The whole question. `mark` is what precedes the text of each item, by its index; `help` is
    /// the line below them.
    pub(super) fn first(
        &self,
        title: &str,
        mark: impl Fn(usize) -> &'static str,
        help: &str,
    ) -> String {
        format!("{NO_WRAP}jackin-exec: {title}\n{}", self.lines(mark, help))
    }

    /// The lines again, in their place.
    pub(super) fn again(&self, mark: impl Fn(usize) -> &'static str, help: &str) -> String {
        format!("\r\x1b[{}A{}", self.items.len() + 1, self.lines(mark, help))
    }

    pub(super) fn erase(&self) -> String {
        format!("\r\x1b[{}A\x1b[J", self.items.len() + 2)
    }

    /// The lines, with the selected one marked by a symbol and not by colour alone.
    fn lines(&self, before: impl Fn(usize) -> &'static str, help: &str) -> String {
        let width = self.items.len().to_string().len();
        let mut text = NO_WRAP.to_owned();
        for (index, item) in self.items.iter().enumerate() {
            let (mark, on, off) =
                if index == self.cursor { ("❯", "\x1b[1m", "\x1b[0m") } else { (" ", "", "") };
            // Writing to a string cannot fail.
            let (number, line) = (index + 1, item.line_among(self.items));
            let before = before(index);
            let _ = writeln!(text, "\x1b[2K{on}{mark} {number:width$}  {before}{line}{off}");
        }
        let _ = writeln!(text, "\x1b[2K  {help}");
        text.push_str("\x1b[?7h");
        text
    }
}
