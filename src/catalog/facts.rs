//! What is known about a provider beyond what a launch needs.

use std::borrow::Cow;

/// Facts in one text, one per line: the kind, a tab, and the words.
///
/// Each pointer in a table is a relocation that every launch pays for. Of forty rows a launch needs
/// one, and none of its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts(Cow<'static, str>);

impl Facts {
    /// No facts.
    pub const NONE: Self = Self(Cow::Borrowed(""));

    /// Facts of the built-in table.
    pub const fn known(lines: &'static str) -> Self {
        Self(Cow::Borrowed(lines))
    }

    /// Facts of a user's row.
    pub const fn own(lines: String) -> Self {
        Self(Cow::Owned(lines))
    }

    fn all(&self, kind: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for line in self.0.lines() {
            if let Some((known, words)) = line.split_once('\t')
                && known == kind
            {
                found.push(words);
            }
        }
        found
    }

    fn one(&self, kind: &str) -> Option<&str> {
        self.all(kind).into_iter().next()
    }

    /// Other names that people use for the provider.
    pub fn aliases(&self) -> Vec<&str> {
        self.all("alias")
    }

    /// The names that other tools use for the variable of its key.
    pub fn key_env_elsewhere(&self) -> Vec<&str> {
        self.all("elsewhere")
    }

    /// The prefixes of this provider's keys that no other provider uses.
    pub fn key_begins(&self) -> Vec<&str> {
        self.all("begins")
    }

    /// Where to get a key.
    pub fn key_page(&self) -> Option<&str> {
        self.one("page")
    }

    /// Why a variable is set.
    pub fn why(&self, name: &str) -> Option<&str> {
        for line in self.all("why") {
            if let Some((known, why)) = line.split_once('=')
                && known == name
            {
                return Some(why);
            }
        }
        None
    }

    /// What a plan or the endpoint does not allow.
    pub fn limits(&self) -> Vec<&str> {
        self.all("limit")
    }

    /// What could not be checked.
    pub fn unsure(&self) -> Vec<&str> {
        self.all("unsure")
    }

    /// Where these facts come from.
    pub fn source(&self) -> Option<&str> {
        self.one("source")
    }

    /// The day on which the source was read, `YYYY-MM-DD`.
    pub fn checked(&self) -> Option<&str> {
        self.one("checked")
    }

    /// The kind of source for the URL and the header.
    pub fn confidence(&self) -> Option<&str> {
        self.one("confidence")
    }

    /// The kind of source for the model ids.
    pub fn confidence_models(&self) -> Option<&str> {
        self.one("models")
    }
}

/// The windows of models in one text: on each line an id, a blank, and the tokens.
pub fn windows(lines: &str) -> impl Iterator<Item = (&str, u32)> {
    lines.lines().filter_map(|line| {
        let (model, window) = line.split_once(' ')?;
        Some((model, window.parse().ok()?))
    })
}
