//! A map in one piece: a list in the order of its names. It is built once, from a list that is
//! nearly always in order, and then only searched. A tree of a hundred thousand entries costs three
//! times the memory that it holds.

use std::borrow::Borrow;

/// A map in the order of its names, each of which occurs once.
#[derive(Debug, Clone)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Sorted<K, V> {
    /// A map without entries.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.0.iter())
    }

    /// The names in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(name, _)| name)
    }
}

impl<K: Borrow<str>, V> Sorted<K, V> {
    /// A map of entries that are in order and whose names are distinct.
    pub(crate) fn in_order(entries: Vec<(K, V)>) -> Self {
        debug_assert!(
            entries.is_sorted_by(|(one, _), (other, _)| one.borrow() < other.borrow()),
            "a name out of order"
        );
        Self(entries)
    }

    /// A map of entries in any order; `None` if a name occurs twice.
    pub(super) fn distinct(mut entries: Vec<(K, V)>) -> Option<Self> {
        let mut twice = false;
        entries.sort_by(|(one, _), (other, _)| {
            let order = one.borrow().cmp(other.borrow());
            // No sort can tell the order of neighbours without comparing them.
            twice |= order.is_eq();
            order
        });
        if twice { None } else { Some(Self(entries)) }
    }

    /// The value of a name.
    pub fn get<Q: Borrow<str> + ?Sized>(&self, name: &Q) -> Option<&V> {
        let place = self.place(name.borrow()).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Whether the name has a value.
    pub fn contains_key<Q: Borrow<str> + ?Sized>(&self, name: &Q) -> bool {
        self.place(name.borrow()).is_ok()
    }

    /// The index of a name, or the one at which it would be.
    pub(super) fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(name))
    }

    /// The value at an index.
    pub(super) fn at_mut(&mut self, index: usize) -> Option<&mut V> {
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Adds an entry at the index that [`Self::place`] gave for its name.
    pub(super) fn insert_at(&mut self, index: usize, name: K, value: V) {
        self.0.insert(index, (name, value));
    }
}

/// Of entries with the same name the last one counts.
impl<K: Borrow<str>, V> FromIterator<(K, V)> for Sorted<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut entries = Vec::from_iter(entries);
        entries.sort_by(|(one, _), (other, _)| one.borrow().cmp(other.borrow()));
        let mut found: Vec<(K, V)> = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            match found.last_mut() {
                Some((last, place)) if (*last).borrow() == name.borrow() => *place = value,
                _ => found.push((name, value)),
            }
        }
        Self(found)
    }
}

/// The entries of a map in order.
#[derive(Debug, Clone)]
pub struct Iter<'s, K, V>(std::slice::Iter<'s, (K, V)>);

impl<'s, K, V> Iterator for Iter<'s, K, V> {
    type Item = (&'s K, &'s V);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.next()?;
        Some((name, value))
    }
}

impl<'s, K, V> IntoIterator for &'s Sorted<K, V> {
    type Item = (&'s K, &'s V);
    type IntoIter = Iter<'s, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_whatever_their_order_was() {
        let names = ["b", "", "a", "ab", "c"];
        let map = Sorted::distinct(names.map(|name| (name, name.len())).to_vec()).unwrap();
        for name in names {
            assert_eq!(map.get(name), Some(&name.len()));
        }
        assert_eq!(map.get("B"), None);
        assert!(map.contains_key("ab") && !map.contains_key("abc"));
        assert!(map.keys().eq(&["", "a", "ab", "b", "c"]));
    }

    #[test]
    fn two_entries_of_one_name_are_no_map_of_distinct_names_and_collected_the_last_counts() {
        let entries = [("b", 1), ("a", 2), ("b", 3)];
        assert!(Sorted::distinct(entries.to_vec()).is_none());
        let map = Sorted::from_iter(entries);
        assert!(map.iter().eq([(&"a", &2), (&"b", &3)]));
    }
}
