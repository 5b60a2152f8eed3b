//! A question with several answers as a value: which lines are marked, and how it is drawn.

use crate::picker::menu::Item;
use crate::picker::menu::Key;
use crate::picker::menu::Menu;
use crate::picker::menu::Pressed;
use crate::picker::menu::meant;

/// What a key does.
#[derive(Debug)]
pub(super) enum Ticked<'i, T> {
    Nothing,
    Changed,
    Took(Vec<&'i Item<T>>),
    Cancelled,
}

/// The keys, below the lines.
const HELP: &str = "↑ ↓ move · Space mark · a all · Enter take · Esc cancel";

/// A menu whose lines can be marked.
pub(super) struct Checklist<'i, T> {
    items: &'i [Item<T>],
    menu: Menu<'i, T>,
    /// Whether each item is marked.
    marked: Vec<bool>,
}

impl<'i, T> Checklist<'i, T> {
    /// A list with no item marked.
    ///
    /// # Panics
    ///
    /// Without items, as [`Menu::new`].
    pub(super) fn new(items: &'i [Item<T>]) -> Self {
        Self { items, menu: Menu::new(items), marked: vec![false; items.len()] }
    }

    pub(super) fn press(&mut self, key: Key) -> Ticked<'i, T> {
        match key {
            Key::Mark => self.toggle(),
            Key::All => {
                let all = self.marked.iter().all(|marked| *marked);
                self.marked.fill(!all);
                Ticked::Changed
            }
            Key::Enter => Ticked::Took(self.taken()),
            other => match self.menu.press(other) {
                Pressed::Nothing => Ticked::Nothing,
                Pressed::Moved => Ticked::Changed,
                // A number that no other begins with.
                Pressed::Chose(_) => self.toggle(),
                Pressed::Cancelled => Ticked::Cancelled,
            },
        }
    }

    fn toggle(&mut self) -> Ticked<'i, T> {
        if let Some(marked) = self.marked.get_mut(self.menu.cursor()) {
            *marked = !*marked;
        }
        Ticked::Changed
    }

    /// The marked items; if none is, the one at the cursor.
    fn taken(&self) -> Vec<&'i Item<T>> {
        let marked: Vec<&Item<T>> = self
            .items
            .iter()
            .zip(&self.marked)
            .filter(|(_, is)| **is)
            .map(|(one, _)| one)
            .collect();
        if marked.is_empty() {
            return self.items.get(self.menu.cursor()).into_iter().collect();
        }
        marked
    }

    pub(super) fn first(&self, title: &str) -> String {
        self.menu.first(title, |index| self.mark(index), HELP)
    }

    pub(super) fn again(&self) -> String {
        self.menu.again(|index| self.mark(index), HELP)
    }

    pub(super) fn erase(&self) -> String {
        self.menu.erase()
    }

    fn mark(&self, index: usize) -> &'static str {
        if self.marked.get(index).is_some_and(|marked| *marked) { "[x] " } else { "[ ] " }
    }
}

/// The items that a person means by a line: numbers, ids or labels with blanks or commas between
/// them, or `all`. `None` if a word is none of them.
pub(super) fn meant_all<'i, T>(typed: &str, items: &'i [Item<T>]) -> Option<Vec<&'i Item<T>>> {
    if typed.eq_ignore_ascii_case("all") {
        return Some(items.iter().collect());
    }
    let words = typed.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    let mut found: Vec<&Item<T>> = Vec::new();
    for word in words {
        let item = meant(word, items)?;
        if !found.iter().any(|other| other.id == item.id) {
            found.push(item);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> Vec<Item<usize>> {
        (1..=count)
            .map(|number| Item {
                id: format!("p{number}"),
                label: format!("P{number}"),
                answer: number,
            })
            .collect()
    }

    #[test]
    fn what_was_marked_is_taken_and_else_the_line_of_the_cursor() {
        use Key::*;
        for (count, keys, expected) in [
            (3, &[Enter] as &[Key], vec![1]),
            (3, &[Down, Enter], vec![2]),
            (3, &[Mark, Enter], vec![1]),
            (3, &[Mark, Down, Down, Mark, Enter], vec![1, 3]),
            (3, &[Digit(3), Digit(1), Enter], vec![1, 3]),
            (3, &[Mark, Mark, Down, Enter], vec![2]),
            (3, &[All, Enter], vec![1, 2, 3]),
            (3, &[Mark, All, Enter], vec![1, 2, 3]),
            (3, &[All, Up, Mark, Enter], vec![1, 2]),
            (3, &[All, All, Enter], vec![1]),
            (3, &[Digit(9), Other, Enter], vec![1]),
            (12, &[Digit(1), Digit(2), Enter], vec![12]),
            (12, &[Digit(1), Mark, Enter], vec![1]),
        ] {
            let items = items(count);
            let mut list = Checklist::new(&items);
            let mut taken = None;
            for key in keys {
                if let Ticked::Took(items) = list.press(*key) {
                    taken = Some(items.iter().map(|item| item.answer).collect::<Vec<_>>());
                }
            }
            assert_eq!(taken, Some(expected), "{keys:?}");
        }
        assert!(matches!(Checklist::new(&items(1)).press(Cancel), Ticked::Cancelled));
    }

    #[test]
    fn a_line_names_some_or_all() {
        let items = items(12);
        for (typed, expected) in [
            ("2", Some(vec![2])),
            ("3, 1", Some(vec![3, 1])),
            ("1 p2 P3 1", Some(vec![1, 2, 3])),
            ("all", Some((1..=12).collect())),
            ("13", None),
            ("1 x", None),
            (",", Some(vec![])),
        ] {
            let found = meant_all(typed, &items);
            let found = found.map(|items| items.iter().map(|item| item.answer).collect::<Vec<_>>());
            assert_eq!(found, expected, "{typed}");
        }
    }

    #[test]
    fn marks_are_drawn_beside_the_numbers() {
        let items = items(2);
        let mut list = Checklist::new(&items);
        list.press(Key::Mark);
        let shown = list.first("which?");
        assert!(shown.contains("❯ 1  [x] P1") && shown.contains("  2  [ ] P2\n"), "{shown:?}");
        assert!(shown.contains("Space mark · a all"), "{shown:?}");
    }
}
