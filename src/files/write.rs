//! Changes the configuration's files one entry at a time, and nothing else in them.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use toml_edit::Key;
use toml_edit::Value;

use crate::config;
use crate::config::EnvValue;
use crate::config::HelperCommand;
use crate::config::OpReference;
use crate::config::Place;
use crate::files::error::Error;
use crate::files::splice::remove;
use crate::files::splice::set;
use crate::files::staged::Staged;
use crate::files::store::Store;

/// The new state of one entry in one file.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file, relative to the folder of the configuration.
    pub file: String,
    /// The table, from the root.
    pub table: Vec<String>,
    /// The entry's name.
    pub key: String,
    /// Its value as TOML; `None` removes the entry.
    pub value: Option<SecretString>,
    /// The initial text of the file, if it has to be created.
    pub fresh: &'static str,
}

/// A value as it is written in a file. `path` beside `op` is what jackin shows: the reference
/// without its scheme.
pub fn written(value: &EnvValue) -> SecretString {
    let string = |text: &str| Value::from(text).to_string();
    SecretString::from(match value {
        EnvValue::Empty => string(""),
        EnvValue::Literal(secret) => string(secret.expose_secret()),
        EnvValue::HostVar(name) => string(&format!("${name}")),
        EnvValue::Op(op) => {
            let OpReference { reference, path, account } = &**op;
            let path = path.as_deref().unwrap_or_else(|| without_scheme(reference));
            let mut text = format!("{{ op = {}, path = {}", string(reference), string(path));
            if let Some(account) = account {
                text.push_str(", account = ");
                text.push_str(&string(account));
            }
            text + " }"
        }
        EnvValue::File(path) => format!("{{ file = {} }}", string(&path.to_string_lossy())),
        EnvValue::Command(helper) => {
            let HelperCommand { argv, timeout } = &**helper;
            let words: Vec<String> = argv.iter().map(|word| string(word)).collect();
            let words = words.join(", ");
            if *timeout == config::COMMAND_TIMEOUT {
                format!("{{ command = [{words}] }}")
            } else {
                format!("{{ command = [{words}], timeout = \"{}ms\" }}", timeout.as_millis())
            }
        }
    })
}

/// `VAULT/ITEM/FIELD` of a reference.
fn without_scheme(reference: &str) -> &str {
    let path = reference.strip_prefix("op://").unwrap_or(reference);
    match path.split_once('?') {
        Some((path, _)) => path,
        None => path,
    }
}

/// Makes changes, in this order. Adjacent changes to one file are one write. All texts are made and
/// checked before the first file is touched.
///
/// `check` parses a file's new text as every launch will.
///
/// # Errors
///
/// [`Error::Uneditable`], [`Error::Changing`], [`Error::Unwritable`], the errors of [`Store::read`]
/// and those of `check`.
pub fn apply(
    store: &Store,
    changes: &[Change],
    check: impl Fn(&str, &Path, &str) -> Result<(), config::Error>,
) -> Result<(), Error> {
    let writes = writes(store, changes)?;
    for Write { name, after, .. } in &writes {
        check(name, &store.path().join(name), after)?;
    }
    // Finds out what cannot be written before anything has changed. A second text for the same file
    // has to wait.
    let mut staged = Vec::with_capacity(writes.len());
    for (at, write) in writes.iter().enumerate() {
        let is_first = writes.iter().position(|first| first.real == write.real) == Some(at);
        staged.push(if is_first { Some(write.stage(store)?) } else { None });
    }
    for (write, staged) in writes.iter().zip(staged) {
        match staged {
            Some(staged) => staged.place()?,
            None => write.stage(store)?.place()?,
        }
    }
    Ok(())
}

/// The new texts, in the order in which they are to be written.
fn writes<'a>(store: &Store, changes: &'a [Change]) -> Result<Vec<Write<'a>>, Error> {
    // By real path: two names may lead to one file.
    let mut now: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut writes: Vec<Write<'_>> = Vec::new();
    for change in changes {
        let name = change.file.as_str();
        let path = store.path().join(name);
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let before = match now.get(&real) {
            Some(text) => Some(text.clone()),
            // The warnings were given when the file was read to decide about this change.
            None => store.read(name, &mut Vec::new())?.map(|found| found.text),
        };
        let after = changed(before.as_deref().unwrap_or(change.fresh), change, &path)?;
        now.insert(real.clone(), after.clone());
        match writes.last_mut() {
            Some(last) if last.real == real => last.after = after,
            _ => writes.push(Write { name, real, before, after }),
        }
    }
    writes.retain(|write| write.before.as_ref() != Some(&write.after));
    Ok(writes)
}

/// A file's text after one change.
fn changed(text: &str, change: &Change, path: &Path) -> Result<String, Error> {
    let table: Vec<&str> = change.table.iter().map(String::as_str).collect();
    let result = match &change.value {
        Some(value) => set(text, &table, &change.key, value.expose_secret()),
        None => remove(text, &table, &change.key),
    };
    result.map_err(|at| {
        let mut entry = Vec::new();
        for key in table.iter().chain([&change.key.as_str()]) {
            entry.push(Key::new(*key).display_repr().into_owned());
        }
        Error::Uneditable { place: Place::after(path, text.get(..at).unwrap_or(text)), entry }
    })
}

/// A new text for a file.
struct Write<'a> {
    /// The path relative to the folder of the configuration.
    name: &'a str,
    /// The real path, behind all links.
    real: PathBuf,
    before: Option<String>,
    after: String,
}

impl Write<'_> {
    fn stage(&self, store: &Store) -> Result<Staged, Error> {
        Staged::new(store, self.name, self.before.as_deref(), &self.after)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn values_are_written_in_the_forms_that_readers_know() {
        let op = |account: Option<&str>| {
            let reference = "op://Work/Kimi key/credential?attribute=otp".to_owned();
            let account = account.map(str::to_owned);
            EnvValue::Op(Box::new(OpReference { reference, path: None, account }))
        };
        for (value, wanted) in [
            (EnvValue::Empty, "\"\""),
            (EnvValue::Literal("sk-\\x".into()), "'sk-\\x'"),
            (EnvValue::HostVar("A".to_owned()), "\"$A\""),
            (
                op(None),
                "{ op = \"op://Work/Kimi key/credential?attribute=otp\", path = \"Work/Kimi key/credential\" }",
            ),
            (
                op(Some("me")),
                "{ op = \"op://Work/Kimi key/credential?attribute=otp\", path = \"Work/Kimi key/credential\", account = \"me\" }",
            ),
            (EnvValue::File("/run/x".into()), "{ file = \"/run/x\" }"),
            (
                EnvValue::Command(Box::new(HelperCommand {
                    argv: vec!["pass".to_owned(), "a b".to_owned()],
                    timeout: config::COMMAND_TIMEOUT,
                })),
                "{ command = [\"pass\", \"a b\"] }",
            ),
            (
                EnvValue::Command(Box::new(HelperCommand {
                    argv: vec!["pass".to_owned()],
                    timeout: Duration::from_millis(100),
                })),
                "{ command = [\"pass\"], timeout = \"100ms\" }",
            ),
        ] {
            assert_eq!(written(&value).expose_secret(), wanted);
        }
    }
}
