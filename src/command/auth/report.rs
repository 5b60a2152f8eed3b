//! The state of every provider's key, as text and as JSON.

use std::borrow::Cow;

use serde::Serialize;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::availability::Missing;
use crate::availability::Origin;
use crate::command::auth::cell::CONFIG;
use crate::command::auth::cell::EXEC;
use crate::command::auth::outcome::place;
use crate::command::left_out;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::files;
use crate::plan::Need;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Names;
use crate::scope::Scope;
use crate::scope::Settings;

/// Whether a provider can be used, judged by its key alone.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// It has a key, although perhaps one that is not available here.
    ApiKey,
    /// The configuration ignores it.
    Ignore,
    /// It has no key.
    None,
    /// It needs no key.
    Free,
}

/// The state of a provider's key, for JSON.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    label: &'a str,
    key_env: Option<&'a str>,
    mode: Mode,
    /// As in `providers --json`: whether it is offered.
    available: bool,
    /// What decides: a scope, or a part of the environment.
    origin: Option<&'static str>,
    /// The file of that scope, relative to the folder of the configuration.
    file: Option<String>,
    /// literal, host, op, file, command, inherited, empty, `on_demand` or `auth_forward`.
    form: Option<&'static str>,
    /// Where the key is, in words that are safe to show.
    reference: Option<String>,
    /// The less specific scopes that also declare it.
    hides: Vec<&'static str>,
    /// Why the provider is not available.
    missing: Option<String>,
}

/// The state of every provider's key, for the workspace and the role of a launch here.
///
/// `in_file` is whether the workspace has its own file.
pub(crate) fn report(
    candidates: &[Candidate<'_>],
    settings: &Settings<'_>,
    in_file: bool,
    json: bool,
    style: Style,
) -> String {
    let files = Files { workspace: settings.workspace.as_deref().filter(|_| in_file) };
    let shown: Vec<Shown<'_>> =
        candidates.iter().map(|candidate| shown(candidate, settings, files)).collect();
    if json {
        // A structure of strings always serializes to JSON.
        return serde_json::to_string(&shown).unwrap_or_default() + "\n";
    }
    let row = |one: &Shown<'_>| {
        let tone = if one.available { Tone::Good } else { Tone::Plain };
        let heads = vec![(one.id.to_owned(), tone), (one.label.to_owned(), Tone::Plain)];
        Row { heads, text: state(one), hint: None }
    };
    let mut rows = Vec::new();
    for (one, candidate) in shown.iter().zip(candidates) {
        if candidate.is_in_use() {
            rows.push(row(one));
        }
    }
    let mut table = report::table(&rows, style);
    let others = candidates.len() - rows.len();
    if let Some(line) = left_out(others) {
        table.push_str(&report::paragraph(&line, style));
    }
    let names = settings.names();
    if names == Names::default() {
        return table;
    }
    let place = place(names);
    report::paragraph(&format!("in {place}:"), style) + &table
}

/// Finds the file of each of jackin's scopes.
#[derive(Clone, Copy)]
struct Files<'a> {
    /// The workspace, if it has its own file.
    workspace: Option<&'a str>,
}

impl Files<'_> {
    fn of(self, scope: Scope) -> String {
        match (scope, self.workspace) {
            (Scope::Workspace | Scope::WorkspaceRole, Some(name)) => files::workspace_file(name),
            (Scope::Folder, _) => EXEC.to_owned(),
            (Scope::Global | Scope::Role, _) | (Scope::Workspace | Scope::WorkspaceRole, None) => {
                CONFIG.to_owned()
            }
        }
    }
}

fn shown<'a>(
    candidate: &'a Candidate<'_>,
    settings: &'a Settings<'_>,
    files: Files<'_>,
) -> Shown<'a> {
    let provider = &candidate.provider;
    let key = provider.key_env().map(EnvName::as_str);
    let mut shown = Shown {
        id: &provider.id,
        label: &provider.label,
        key_env: key,
        mode: Mode::None,
        available: candidate.is_offered(),
        origin: None,
        file: None,
        form: None,
        reference: None,
        hides: Vec::new(),
        missing: None,
    };
    if let Some(scoped) = key.and_then(|key| settings.env.get(key)) {
        shown.origin = Some(scoped.scope.word());
        shown.file = Some(if scoped.ours { EXEC.to_owned() } else { files.of(scoped.scope) });
        shown.hides = scoped.hides.iter().map(|scope| scope.word()).collect();
        shown.refers(&scoped.value.value, Origin::Scope(scoped.scope));
        if scoped.value.on_demand {
            shown.form = Some("on_demand");
        }
    }
    match &candidate.availability {
        Availability::Free => shown.mode = Mode::Free,
        Availability::Key(source) => {
            shown.mode = Mode::ApiKey;
            if shown.origin.is_none() {
                shown.origin = Some(source.origin.word());
                shown.refers(&source.value, source.origin);
            }
        }
        Availability::Missing(missing) => shown.misses(missing, files),
    }
    shown
}

impl Shown<'_> {
    /// Records the form of a value, and where it is.
    fn refers(&mut self, value: &EnvValue, origin: Origin) {
        let need = Need { key: Cow::Borrowed(""), value: Cow::Borrowed(value), origin };
        self.form = Some(need.kind());
        self.reference = need.reference();
    }

    fn misses(&mut self, missing: &Missing, files: Files<'_>) {
        self.missing = Some(missing.text(self.key_env.unwrap_or("the key")));
        match missing {
            Missing::Nowhere | Missing::EmptyVariable => {}
            Missing::OnDemand { .. } | Missing::HostVar { .. } => self.mode = Mode::ApiKey,
            Missing::Empty { .. } => {
                self.mode = Mode::Ignore;
                self.form = Some("empty");
            }
            Missing::Ignored { scope, ours } => {
                self.mode = Mode::Ignore;
                self.form = Some(if *ours { "ignore" } else { "auth_forward" });
                self.reference = None;
                // Hides a key of the same scope and keys of less specific scopes.
                self.hides.extend(self.origin);
                self.origin = Some(scope.word());
                self.file = Some(if *ours { EXEC.to_owned() } else { files.of(*scope) });
            }
        }
    }
}

/// The line for one provider.
fn state(shown: &Shown<'_>) -> String {
    let place = match (shown.origin, &shown.file) {
        (Some(origin), Some(file)) => format!("{origin}, {file}"),
        (Some(origin), None) => origin.to_owned(),
        (None, _) => String::new(),
    };
    let form = match (shown.form, &shown.reference) {
        (None | Some("inherited"), _) => String::new(),
        (Some(form), Some(reference)) => format!(": {form} {reference}"),
        (Some(form), None) => format!(": {form}"),
    };
    let hides = if shown.hides.is_empty() {
        String::new()
    } else {
        format!("; hides {}", shown.hides.join(", "))
    };
    match shown.mode {
        Mode::Free if shown.origin.is_none() => "needs no key".to_owned(),
        Mode::Free => format!("needs no key, has one ({place}){form}{hides}"),
        Mode::None => "no key".to_owned(),
        Mode::Ignore => format!("ignored ({place}){form}{hides}"),
        Mode::ApiKey if shown.missing.is_none() => format!("API key ({place}){form}{hides}"),
        Mode::ApiKey => format!("API key ({place}){form}, not available{hides}"),
    }
}
