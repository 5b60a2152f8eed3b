//! What no two rows may share.

/// What a row takes for itself.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its aliases.
    pub aliases: Vec<&'a str>,
    /// Its label.
    pub label: &'a str,
    /// Its endpoint.
    pub base_url: Option<&'a str>,
    /// The variable of its key.
    pub key_env: Option<&'a str>,
}

impl<'a> Taken<'a> {
    fn names(&self) -> Vec<&'a str> {
        let mut names = vec![self.id];
        names.extend(&self.aliases);
        names
    }
}

/// What two rows share and may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// An id or an alias.
    Name(String),
    /// The variable of the key, although they have different endpoints: a key fits one host.
    KeyEnv,
    /// The label: the question could not tell them apart.
    Label,
}

impl Shared {
    /// The words for it, before the place of the other row.
    pub fn text(&self) -> String {
        match self {
            Self::Name(name) => format!("{name} is also the name of"),
            Self::KeyEnv => {
                "key_env must differ, because a key fits one host, from that of".to_owned()
            }
            Self::Label => "label must differ from that of".to_owned(),
        }
    }
}

/// What two rows share and may not; `None` if they may both be used.
pub fn shared(one: &Taken<'_>, other: &Taken<'_>) -> Option<Shared> {
    for name in one.names() {
        if other.names().contains(&name) {
            return Some(Shared::Name(name.to_owned()));
        }
    }
    if one.key_env.is_some() && one.key_env == other.key_env && one.base_url != other.base_url {
        return Some(Shared::KeyEnv);
    }
    if one.label == other.label { Some(Shared::Label) } else { None }
}
