//! The state of every provider's key, for people and for programs.

use std::borrow::Cow;

use serde::Serialize;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::availability::Origin;
use crate::command::auth::cell::CONFIG;
use crate::command::auth::cell::EXEC;
use crate::command::auth::outcome::place;
use crate::config::EnvName;
use crate::error::Missing;
use crate::files::load;
use crate::plan::Need;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Scope;
use crate::scope::Settings;

/// A provider's key for programs.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    label: &'a str,
    key_env: Option<&'a str>,
    /// `api_key`, `ignore`, `none` (there is no key) or `free` (none is needed).
    mode: &'static str,
    available: bool,
    /// What decides: a scope, or a part of the environment.
    origin: Option<&'static str>,
    /// The file of that scope, relative to the folder of the configuration.
    file: Option<Cow<'a, str>>,
    /// literal, host, op, file, command, inherited, empty, `on_demand` or `auth_forward`.
    form: Option<&'static str>,
    /// Where the key is, in words that may be shown.
    reference: Option<String>,
    /// Less specific scopes that declare it, too.
    hides: Vec<&'static str>,
    /// Why the provider is not available.
    missing: Option<String>,
}

/// The state of every provider's key, for the workspace and the role of a launch here.
///
/// `in_file` says whether the workspace has a file of its own.
pub fn report(
    candidates: &[Candidate<'_>],
    settings: &Settings<'_>,
    in_file: bool,
    json: bool,
    style: Style,
) -> String {
    let shown: Vec<Shown<'_>> =
        candidates.iter().map(|candidate| shown(candidate, settings, in_file)).collect();
    if json {
        // A structure of strings cannot fail to be JSON.
        return serde_json::to_string(&shown).unwrap_or_default() + "\n";
    }
    let row = |one: &Shown<'_>| {
        let tone = if one.available { Tone::Good } else { Tone::Plain };
        let heads = vec![(one.id.to_owned(), tone), (one.label.to_owned(), Tone::Plain)];
        Row { heads, text: state(one), hint: None }
    };
    let table = report::table(&shown.iter().map(row).collect::<Vec<_>>(), style);
    if settings.workspace.is_none() && settings.role.is_none() {
        return table;
    }
    let place = place(settings.workspace.as_deref(), settings.role.as_deref());
    report::paragraph(&format!("in {place}:"), style) + &table
}

fn shown<'a>(candidate: &'a Candidate<'_>, settings: &'a Settings<'_>, in_file: bool) -> Shown<'a> {
    let provider = &candidate.provider;
    let key = provider.key_env().map(EnvName::as_str);
    let scoped = key.and_then(|key| settings.env.get(key));
    let file = |scope: Scope, ours: bool| -> Cow<'_, str> {
        match scope {
            _ if ours => EXEC.into(),
            Scope::Workspace | Scope::WorkspaceRole if in_file => {
                load::workspace_file(settings.workspace.as_deref().unwrap_or_default()).into()
            }
            Scope::Global | Scope::Role | Scope::Workspace | Scope::WorkspaceRole => CONFIG.into(),
        }
    };
    let mut shown = Shown {
        id: &provider.id,
        label: &provider.label,
        key_env: key,
        mode: "none",
        available: candidate.is_available(),
        origin: scoped.map(|scoped| scoped.scope.word()),
        file: scoped.map(|scoped| file(scoped.scope, scoped.ours)),
        form: None,
        reference: None,
        hides: scoped
            .map(|scoped| scoped.hides.iter().map(|scope| scope.word()).collect())
            .unwrap_or_default(),
        missing: None,
    };
    if let Some(scoped) = scoped {
        let need = Need {
            key: Cow::Borrowed(key.unwrap_or_default()),
            value: Cow::Borrowed(&scoped.value.value),
            origin: Origin::Scope(scoped.scope),
        };
        shown.form = Some(if scoped.value.on_demand { "on_demand" } else { need.kind() });
        shown.reference = need.reference();
    }
    match &candidate.availability {
        Availability::Free => shown.mode = "free",
        Availability::Key(source) => {
            shown.mode = "api_key";
            if scoped.is_none() {
                let need = Need {
                    key: Cow::Borrowed(""),
                    value: source.value.clone(),
                    origin: source.origin,
                };
                shown.origin = Some(source.origin.word());
                shown.form = Some(need.kind());
                shown.reference = need.reference();
            }
        }
        Availability::Missing(missing) => {
            shown.missing = Some(missing.text(key.unwrap_or_default()));
            match missing {
                Missing::Nowhere => {}
                Missing::OnDemand { .. } | Missing::HostVar { .. } => shown.mode = "api_key",
                Missing::Empty { .. } => {
                    shown.mode = "ignore";
                    shown.form = Some("empty");
                }
                Missing::Ignored => {
                    shown.mode = "ignore";
                    shown.form = Some("auth_forward");
                    shown.reference = None;
                    // The mode hides a key of every scope.
                    shown.hides.extend(shown.origin);
                    shown.origin = settings.kimi_decided.map(Scope::word);
                    shown.file = settings.kimi_decided.map(|scope| file(scope, false));
                }
            }
        }
    }
    shown
}

/// One provider's line.
fn state(shown: &Shown<'_>) -> String {
    let place = match (shown.origin, &shown.file) {
        (Some(origin), Some(file)) => format!("{origin}, {file}"),
        (Some(origin), None) => origin.to_owned(),
        (None, _) => String::new(),
    };
    let form = match (shown.form.unwrap_or_default(), &shown.reference) {
        ("inherited", _) => String::new(),
        (form, Some(reference)) => format!(": {form} {reference}"),
        (form, None) => format!(": {form}"),
    };
    let hides = if shown.hides.is_empty() {
        String::new()
    } else {
        format!("; hides {}", shown.hides.join(", "))
    };
    match shown.mode {
        "free" if shown.origin.is_none() => "needs no key".to_owned(),
        "free" => format!("needs no key, has one ({place}){form}{hides}"),
        "none" => "no key".to_owned(),
        "ignore" => format!("ignored ({place}){form}{hides}"),
        _ if shown.available => format!("API key ({place}){form}{hides}"),
        _ => format!("API key ({place}){form}, not available{hides}"),
    }
}
