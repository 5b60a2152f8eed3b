//! The question as a value: which line is chosen, and how it looks.

use std::fmt::Write as _;

/// One line of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The word for `--provider`.
    pub id: String,
    /// The name for people.
    pub label: String,
}

impl Item {
    /// The label, and the id where the label does not say it.
    pub(super) fn line(&self) -> String {
        if self.label.eq_ignore_ascii_case(&self.id) {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.id)
        }
    }

    pub(super) fn is_called(&self, answer: &str) -> bool {
        self.id.eq_ignore_ascii_case(answer) || self.label.eq_ignore_ascii_case(answer)
    }
}

/// A key as the menu understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    First,
    Last,
    Digit(usize),
    Enter,
    Cancel,
    Other,
}

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    Nothing,
    Moved,
    Chose(usize),
    Cancelled,
}

/// Until it is taken back, what does not fit into a row is not shown: a line is a row in a narrow
/// window, too.
const NO_WRAP: &str = "\x1b[?7l";

/// The question as a value: which line is chosen, and how it looks.
pub(super) struct Menu<'a> {
    pub(super) items: &'a [Item],
    pub(super) chosen: usize,
    /// The number that was begun, where there are more than nine lines; zero for none.
    pub(super) typed: usize,
}

impl Menu<'_> {
    pub(super) fn press(&mut self, key: Key) -> Pressed {
        let last = self.items.len().saturating_sub(1);
        let typed = std::mem::take(&mut self.typed);
        let to = match key {
            Key::Enter => return Pressed::Chose(self.chosen),
            Key::Cancel => return Pressed::Cancelled,
            Key::Up => self.chosen.checked_sub(1).unwrap_or(last),
            Key::Down => {
                if self.chosen == last {
                    0
                } else {
                    self.chosen + 1
                }
            }
            Key::First => 0,
            Key::Last => last,
            Key::Digit(digit) => {
                let number = typed * 10 + digit;
                if number == 0 || number > self.items.len() {
                    return Pressed::Nothing;
                }
                if number * 10 > self.items.len() {
                    return Pressed::Chose(number - 1);
                }
                self.typed = number;
                number - 1
            }
            Key::Other => return Pressed::Nothing,
        };
        self.chosen = to;
        Pressed::Moved
    }

    pub(super) fn first(&self, title: &str) -> String {
        format!("{NO_WRAP}jackin-exec: {title}\n{}", self.lines())
    }

    pub(super) fn again(&self) -> String {
        format!("\r\x1b[{}A{}", self.items.len() + 1, self.lines())
    }

    pub(super) fn erase(&self) -> String {
        format!("\r\x1b[{}A\x1b[J", self.items.len() + 2)
    }

    /// The lines, with the chosen one marked by a sign and not by colour alone.
    pub(super) fn lines(&self) -> String {
        let width = self.items.len().to_string().len();
        let mut text = NO_WRAP.to_owned();
        for (index, item) in self.items.iter().enumerate() {
            let (mark, on, off) =
                if index == self.chosen { ("❯", "\x1b[1m", "\x1b[0m") } else { (" ", "", "") };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\x1b[2K{on}{mark} {:width$}  {}{off}", index + 1, item.label);
        }
        text.push_str("\x1b[2K  ↑ ↓ choose · Enter start · Esc cancel\n\x1b[?7h");
        text
    }
}
