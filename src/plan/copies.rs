//! Copies of other providers' keys in the variables whose values Claude Code sends.

use crate::catalog;
use crate::catalog::Reason;

use super::draft::Draft;

impl Draft<'_, '_> {
    /// Removes an inherited credential of Anthropic's that has the value of a key that is removed:
    /// Claude Code would send that key to Anthropic. Anthropic's own key stays, even if a variable
    /// of another provider holds it, too. With a redirect, none of these variables is left.
    pub(super) fn remove_copies(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let mut names = Vec::new();
        for (name, reason) in catalog::removals() {
            if reason == Reason::Credential && self.holds(name, |value| self.is_removed_key(value))
            {
                names.push(name);
            }
        }
        for name in names {
            self.unset(name);
        }
    }

    /// Whether a value is that of a removed key, and not Anthropic's own.
    fn is_removed_key(&self, value: &[u8]) -> bool {
        let is_key = |key: &String| self.holds(key, |of_key| of_key == value);
        !value.is_empty() && !value.starts_with(b"sk-ant-") && self.keys.iter().any(is_key)
    }
}
