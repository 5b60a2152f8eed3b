//! A plan as text and as JSON, for `--dry-run`.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use crate::availability::Origin;
use crate::catalog;
use crate::catalog::Reason;
use crate::report;

use super::Action;
use super::Assignment;
use super::Need;
use super::NeedId;
use super::Plan;
use super::SET_NAMES;

/// `--dry-run --json`, schema 1.
#[derive(Serialize)]
struct Shown<'a> {
    schema: u8,
    provider: ShownProvider<'a>,
    label: &'a str,
    workspace: Option<&'a str>,
    /// Omitted where none applies, as in versions before this key existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    role: Option<&'a str>,
    command: Vec<Cow<'a, str>>,
    env: Vec<ShownAssignment<'a>>,
    /// Omitted if empty, as in versions before this key existed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_demand: Vec<ShownOnDemand<'a>>,
}

#[derive(Serialize)]
struct ShownOnDemand<'a> {
    name: &'a str,
    origin: &'static str,
}

#[derive(Serialize)]
struct ShownProvider<'a> {
    id: &'a str,
    label: &'a str,
    origin: &'static str,
    /// The user's own file of rows; omitted for a built-in row.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'static str>,
}

#[derive(Serialize)]
struct ShownAssignment<'a> {
    name: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    origin: &'static str,
    /// A second secret in the same value; omitted if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<ShownNeed<'a>>,
}

#[derive(Serialize)]
struct ShownNeed<'a> {
    key: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    origin: &'static str,
}

impl<'a> ShownAssignment<'a> {
    /// Where the secret comes from.
    fn tell(&mut self, need: &'a Need<'_>) {
        self.secret = Some(true);
        self.key = if need.key == self.name { None } else { Some(&need.key) };
        self.kind = Some(need.kind());
        self.reference = need.reference();
        self.origin = need.origin.word();
    }
}

impl<'a> ShownNeed<'a> {
    fn of(need: &'a Need<'_>) -> Self {
        let (kind, reference, origin) = (need.kind(), need.reference(), need.origin.word());
        Self { key: &need.key, kind, reference, origin }
    }
}

impl Plan<'_> {
    /// The plan for programs: one line of JSON.
    pub fn to_json(&self) -> String {
        let shown = Shown {
            schema: 1,
            provider: ShownProvider {
                id: &self.provider,
                label: &self.provider_label,
                origin: self.by.word(),
                row: self.row_file,
            },
            label: &self.label,
            workspace: self.workspace.as_deref(),
            folder: self.folder.as_deref(),
            role: self.role.as_deref(),
            command: self.command.iter().map(|word| word.to_string_lossy()).collect(),
            env: self.assignments.iter().map(|assignment| self.shown(assignment)).collect(),
            on_demand: self
                .on_demand
                .iter()
                .map(|(name, scope)| ShownOnDemand { name, origin: scope.word() })
                .collect(),
        };
        // Serialising a structure of strings cannot fail.
        serde_json::to_string(&shown).unwrap_or_default() + "\n"
    }

    fn shown<'a>(&'a self, assignment: &'a Assignment<'_>) -> ShownAssignment<'a> {
        let name = &*assignment.name;
        let origin = assignment.origin.word();
        let mut shown = ShownAssignment {
            name,
            action: "set",
            secret: None,
            value: None,
            key: None,
            kind: None,
            reference: None,
            origin,
            also: None,
        };
        match &assignment.action {
            Action::Unset => shown.action = "unset",
            Action::Public(value) => {
                shown.secret = Some(false);
                shown.value = Some(value.to_string_lossy());
            }
            Action::Secret { need, .. } => shown.tell(self.needs.get(*need)),
            Action::Header(header) => {
                let last = self.needs.get(header.need);
                if let Some((_, key)) = header.key {
                    shown.tell(self.needs.get(key));
                    shown.also = Some(ShownNeed::of(last));
                } else {
                    shown.tell(last);
                }
            }
        }
        shown
    }

    /// What was chosen, in words: the provider and why, the label, the scopes, the command.
    pub fn choices(&self) -> Vec<(&'static str, String)> {
        let name = |name: &Option<String>| match name {
            Some(name) => report::escape(name).into_owned(),
            None => "none".to_owned(),
        };
        let mut provider =
            format!("{} ({}), {}", self.provider_label, self.provider, self.by.text());
        if let Some(file) = self.row_file {
            provider = format!("{provider}; row of {}", report::escape(file));
        }
        let mut choices = vec![
            ("provider", provider),
            ("label", self.label.clone()),
            ("workspace", name(&self.workspace)),
        ];
        if let Some(folder) = &self.folder {
            choices.push(("folder", report::escape(folder).into_owned()));
        }
        choices.push(("role", name(&self.role)));
        let words: Vec<_> =
            self.command.iter().map(|word| quoted(&word.to_string_lossy())).collect();
        choices.push(("command", words.join(" ")));
        choices
    }

    /// The plan for people. `is_set` says whether our environment has a name, to mark what would be
    /// removed.
    pub fn to_text(&self, is_set: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for (what, words) in self.choices() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{what:<10} {words}");
        }
        let (mut set, mut unset, mut elsewhere) = (String::new(), String::new(), 0);
        for assignment in &self.assignments {
            let name = &assignment.name;
            if !matches!(assignment.action, Action::Unset) {
                let _ = writeln!(set, "  {}", self.line(assignment));
            } else if is_set(name) {
                let reason = catalog::removal(name).map_or("not for this session", Reason::text);
                let _ = writeln!(unset, "  {}  ({reason})", report::escape(name));
            } else {
                elsewhere += 1;
            }
        }
        if !set.is_empty() {
            text.push_str("\nset\n");
            text.push_str(&set);
        }
        if !self.on_demand.is_empty() {
            text.push_str("\non_demand, not set unless --on-demand asks for them\n");
        }
        for (name, scope) in &self.on_demand {
            let _ = writeln!(text, "  {}  ({})", report::escape(name), scope.word());
        }
        if !unset.is_empty() {
            text.push_str("\nunset\n");
            text.push_str(&unset);
        }
        if elsewhere > 0 {
            let _ = writeln!(
                text,
                "\n{elsewhere} more names would be unset, but are not set here (--json lists them)"
            );
        }
        text
    }

    fn line(&self, assignment: &Assignment<'_>) -> String {
        let name = report::escape(&assignment.name);
        match &assignment.action {
            Action::Unset => name.into_owned(),
            Action::Public(value) if name == SET_NAMES => {
                let count = value.as_encoded_bytes().split(|&byte| byte == b',').count();
                let names = if count == 1 { "name" } else { "names" };
                format!("{name}=…  ({count} {names}, for a session inside of this one)")
            }
            Action::Public(value) if assignment.origin == Origin::Manifest => {
                let origin = assignment.origin.word();
                format!("{name}={}  ({origin})", quoted(&value.to_string_lossy()))
            }
            Action::Public(value) => format!("{name}={}", quoted(&value.to_string_lossy())),
            Action::Secret { need, .. } => {
                format!("{name}=•••  ({})", self.source(*need, &assignment.name))
            }
            Action::Header(header) => {
                let mut source = self.source(header.need, &assignment.name);
                if let Some((_, key)) = header.key {
                    source = format!("{}; {source}", self.source(key, &assignment.name));
                }
                format!("{name}=•••  ({source})")
            }
        }
    }

    /// Where a secret in the value of a variable comes from.
    fn source(&self, need: NeedId, name: &str) -> String {
        let need = self.needs.get(need);
        let mut source = String::new();
        if need.key != name {
            source.push_str(&need.key);
            source.push(' ');
        }
        source.push_str(need.kind());
        if let Some(reference) = need.reference() {
            source.push(' ');
            source.push_str(&report::escape(&reference));
        }
        source.push_str(", ");
        source.push_str(need.origin.word());
        source
    }
}

/// A word quoted for a shell, with control characters made visible.
fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,[]".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", report::escape(word).replace('\'', "'\\''"))
    }
}
