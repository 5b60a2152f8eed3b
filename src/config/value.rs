//! The value of a variable: where it comes from, and every form in which it can be written.

use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use memchr::memchr;
use secrecy::SecretString;

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Problem;
use crate::config::name::EnvName;
use crate::config::name::is_identifier;
use crate::config::sorted::Sorted;
use crate::config::table::Kind;
use crate::config::table::Table;
use crate::config::table::Value;
use crate::typed::nearest;

/// Where a variable's value comes from.
#[derive(Debug, Clone)]
pub enum EnvValue {
    /// The empty string: a value like any other, but not a key.
    Empty,
    /// Written in the file.
    Literal(SecretString),
    /// In our own environment, under this name.
    HostVar(String),
    /// In 1Password. Boxed, as few are: there may be many values.
    Op(Box<OpReference>),
    /// The content of a file, without one trailing newline.
    File(PathBuf),
    /// The output of a command, without one trailing newline.
    Command(Box<HelperCommand>),
}

/// A value in 1Password.
#[derive(Debug, Clone)]
pub struct OpReference {
    /// `op://VAULT/ITEM/[SECTION/]FIELD[?attribute=…]` if it is well formed. Like jackin, we
    /// complain about a malformed reference only when it is used.
    pub reference: String,
    /// The same reference in names, as jackin's picker stored it beside the ids. For display only.
    pub path: Option<String>,
    /// The account, if several are signed in.
    pub account: Option<String>,
}

/// A command that prints a value.
#[derive(Debug, Clone)]
pub struct HelperCommand {
    /// The program and its arguments; no shell is involved.
    pub argv: Vec<String>,
    /// How long the command may take.
    pub timeout: Duration,
}

impl EnvValue {
    /// A reference without an account.
    pub fn op(reference: &str) -> Self {
        Self::Op(Box::new(OpReference {
            reference: reference.to_owned(),
            path: None,
            account: None,
        }))
    }
}

/// A variable as declared in a scope.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Where its value comes from.
    pub value: EnvValue,
    /// Resolved later, inside jackin's container: we never inject it, though it takes precedence
    /// like any other declaration.
    pub on_demand: bool,
}

/// The variables of one scope.
pub type Variables = Sorted<EnvName, Declared>;

/// The default timeout of a command that prints a value.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(120);

const JACKIN_FORMS: &str = "a string, { op = …, path = … } or { value = … }";

const OUR_FORMS: &str = "a string, { op = … }, { file = … }, { command = … } or { value = … }";

impl<'a> Document<'a> {
    pub(super) fn variables(
        self,
        table: &Table<'a>,
        key: &str,
        offences: &mut Vec<Offence>,
    ) -> Result<Variables, Error> {
        let Some(table) = self.table(table, key)? else {
            return Ok(Variables::new());
        };
        let mut found = Vec::with_capacity(table.len());
        for (name, value) in table {
            let declared = match self.declared(value, offences) {
                Ok(declared) => declared,
                Err(Error::Wrong(offence)) => {
                    offences.push(offence);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match EnvName::new(name.get_ref()) {
                Ok(name) => found.push((name, declared)),
                Err(problem) => offences.push(Offence { place: self.place(name.span()), problem }),
            }
        }
        Ok(Variables::in_order(found))
    }

    /// Parses a value in any of its forms.
    pub(super) fn declared(
        self,
        value: &Value<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<Declared, Error> {
        match value.get_ref() {
            Kind::String(text) => {
                Ok(Declared { value: self.scalar(text, value.span(), offences), on_demand: false })
            }
            Kind::Table(table) => self.value_table(table, value, offences),
            _ => Err(self.expected(value, self.forms())),
        }
    }

    fn scalar(self, text: &str, at: Range<usize>, offences: &mut Vec<Offence>) -> EnvValue {
        if text.is_empty() {
            return EnvValue::Empty;
        }
        if memchr(b'\0', text.as_bytes()).is_some() {
            offences.push(Offence { place: self.place(at), problem: Problem::ValueNul });
            return EnvValue::Empty;
        }
        if let Some(name) = host_reference(text) {
            return EnvValue::HostVar(name.to_owned());
        }
        if text.starts_with("op://") {
            return EnvValue::op(text);
        }
        EnvValue::Literal(SecretString::from(text))
    }

    fn value_table(
        self,
        table: &Table<'a>,
        value: &Value<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<Declared, Error> {
        let on_demand = self.switch(table, "on_demand")?.unwrap_or(false);
        let value = if let Some(reference) = table.get("op") {
            self.only(table, &["op", "path", "account", "on_demand"])?;
            // jackin needs the path for display; exec.toml may omit it.
            if !self.ours && !table.contains_key("path") {
                return Err(self.expected(value, "`path` beside `op`"));
            }
            self.op(table, reference)?
        } else if self.ours
            && let Some(path) = table.get("file")
        {
            self.only(table, &["file"])?;
            EnvValue::File(self.file(path)?)
        } else if self.ours
            && let Some(argv) = table.get("command")
        {
            self.only(table, &["command", "timeout"])?;
            let timeout = self.timeout(table)?.unwrap_or(COMMAND_TIMEOUT);
            EnvValue::Command(Box::new(HelperCommand { argv: self.argv(argv)?, timeout }))
        } else if let Some(inner) = table.get("value") {
            self.only(table, &["value", "on_demand"])?;
            self.scalar(&self.text_of(inner)?, inner.span(), offences)
        } else {
            return Err(self.no_form(table, value));
        };
        Ok(Declared { value, on_demand })
    }

    /// The error for a table of no known form: a misspelt key, or all forms.
    fn no_form(self, table: &Table<'a>, value: &Value<'a>) -> Error {
        let known: &[&str] =
            if self.ours { &["op", "file", "command", "value"] } else { &["op", "value"] };
        for key in table.keys() {
            let nearest = match &**key.get_ref() {
                "cmd" | "exec" | "program" | "run" if self.ours => Some("command".to_owned()),
                word => nearest(word, known.iter().copied()),
            };
            if let Some(nearest) = nearest {
                let problem = Problem::UnknownKey { nearest: Some(nearest), known: Vec::new() };
                return self.wrong(key.span(), problem);
            }
        }
        self.expected(value, self.forms())
    }

    /// The forms of a value that the file allows, for errors.
    const fn forms(self) -> &'static str {
        if self.ours { OUR_FORMS } else { JACKIN_FORMS }
    }

    /// A reference in the form of a table.
    fn op(self, table: &Table<'a>, reference: &Value<'a>) -> Result<EnvValue, Error> {
        let mut path = self.string(table, "path")?;
        if path.as_deref() == Some("") {
            path = None;
        }
        // Like jackin's migration: for tables, not for strings, so that a file means the same
        // before and after.
        let account = match self.account(table, "account")? {
            Some(account) => Some(account),
            None => self.op_account.map(str::to_owned),
        };
        let text = self.text_of(reference)?;
        if !text.starts_with("op://") {
            return Err(self.expected(reference, "op://VAULT/ITEM/[SECTION/]FIELD"));
        }
        Ok(EnvValue::Op(Box::new(OpReference { reference: text, path, account })))
    }

    fn file(self, value: &Value<'a>) -> Result<PathBuf, Error> {
        const WHAT: &str = "an absolute path, or one that begins with ~/";
        let path = self.text_of(value)?;
        let has_start = Path::new(&path).is_absolute() || path.starts_with("~/");
        if has_start && !path.contains('\0') {
            Ok(PathBuf::from(path))
        } else {
            Err(self.expected(value, WHAT))
        }
    }

    /// A command and its arguments.
    pub(super) fn argv(self, value: &Value<'a>) -> Result<Vec<String>, Error> {
        const WHAT: &str = "the words of a command, the first not empty and none with NUL";
        const SPLIT: &str =
            "a list with each word in quotes of its own, such as [\"pass\", \"show\", \"kimi\"]";
        if value.get_ref().as_str().is_some() {
            return Err(self.expected(value, SPLIT));
        }
        let words = self.strings_of(value)?;
        match words.as_slice() {
            [only] if only.contains(' ') && !only.contains('/') => Err(self.expected(value, SPLIT)),
            _ if is_argv(&words) => Ok(words),
            _ => Err(self.expected(value, WHAT)),
        }
    }

    fn timeout(self, table: &Table<'a>) -> Result<Option<Duration>, Error> {
        const WHAT: &str = "a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"";
        let Some(value) = table.get("timeout") else {
            return Ok(None);
        };
        match value.get_ref().as_str().and_then(milliseconds) {
            Some(count @ 100..=600_000) => Ok(Some(Duration::from_millis(count))),
            _ => Err(self.expected(value, WHAT)),
        }
    }
}

/// `500ms`, `30s` or `2m`.
fn milliseconds(text: &str) -> Option<u64> {
    for (suffix, unit) in [("ms", 1), ("s", 1000), ("m", 60_000)] {
        if let Some(digits) = text.strip_suffix(suffix) {
            return digits.parse::<u64>().ok()?.checked_mul(unit);
        }
    }
    None
}

/// Whether a list of words can be run as a command.
fn is_argv(words: &[String]) -> bool {
    match words {
        [] => false,
        [first, ..] => !first.is_empty() && !words.iter().any(|word| word.contains('\0')),
    }
}

/// The name in `$NAME` or `${NAME}`, if that is the whole string.
pub fn host_reference(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let name = match rest.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => rest,
    };
    if is_identifier(name) { Some(name) } else { None }
}

/// Whether `op` can read a string as a reference: `op://VAULT/ITEM/[SECTION/]FIELD`, optionally
/// with a `?query`.
pub fn is_op_reference(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("op://") else {
        return false;
    };
    if rest.contains(char::is_control) {
        return false;
    }
    let path = match rest.split_once('?') {
        Some((path, _)) => path,
        None => rest,
    };
    let mut segments = 0;
    for segment in path.split('/') {
        if segment.is_empty() || segment.starts_with('-') {
            return false;
        }
        segments += 1;
    }
    (3..=4).contains(&segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_reference_is_the_whole_string() {
        assert_eq!(host_reference("$NAME"), Some("NAME"));
        assert_eq!(host_reference("${NAME}"), Some("NAME"));
        for text in [
            "$", "${}", "$1A", "$A-B", "${A", " $A", "$A ", "$$A", "${A}x", "$A$B", "${A:-b}",
            "${ A }", "A",
        ] {
            assert_eq!(host_reference(text), None, "{text}");
        }
    }

    #[test]
    fn an_op_reference_has_three_or_four_parts_that_are_no_options() {
        for text in
            ["op://v/i/f", "op://v/i/s/f", "op://v/i/f?attribute=otp", "op://my vault/the item/key"]
        {
            assert!(is_op_reference(text), "{text}");
        }
        for text in [
            "op://",
            "op://v/i",
            "op://v//f",
            "op://v/i/s/t/f",
            "op://v/i/-f",
            "op://-v/i/f",
            "OP://v/i/f",
            "op://v/i/f\n",
        ] {
            assert!(!is_op_reference(text), "{text}");
        }
    }
}
