//! What a launch from here would choose, and which providers have a key.

use std::borrow::Cow;

use crate::availability::Availability;
use crate::availability::Missing;
use crate::availability::Usable;
use crate::catalog;
use crate::catalog::Preset;
use crate::choice;
use crate::choice::By;
use crate::choice::Choice;
use crate::command::doctor::Known;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::command::left_out;
use crate::config;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::error::Error;
use crate::host::Host;
use crate::launch::gateway;
use crate::picker::Terminal;
use crate::plan::Need;
use crate::provider;
use crate::provider::Provider;
use crate::report;
use crate::scope::Names;
use crate::scope::Settings;
use crate::secret;
use crate::warning::Warning;

pub(super) fn scope(settings: &Settings<'_>, findings: &mut Findings) {
    let mut message = match &settings.workspace {
        Some(workspace) => format!("workspace {workspace}"),
        None => "no workspace here".to_owned(),
    };
    if let Some(folder) = settings.folder {
        message = format!("{message}, folder {}", report::escape(folder));
    }
    if let Some(role) = &settings.role {
        message = format!("{message}, role {role}");
    }
    findings.ok("scope", message);
    let mut on_demand = Vec::new();
    for (name, scoped) in &settings.env {
        if scoped.value.on_demand {
            on_demand.push(name.as_str().to_owned());
        }
    }
    if !on_demand.is_empty() {
        let names = report::list(&on_demand);
        let message = format!("on_demand, not set unless --on-demand asks for them: {names}");
        findings.ok("scope", message);
    }
    odd_references(settings, findings);
}

/// Reports malformed references. A launch warns only of those that it uses.
fn odd_references(settings: &Settings<'_>, findings: &mut Findings) {
    for (name, declared) in settings.declared.iter().copied().flatten() {
        if let EnvValue::Op(op) = &declared.value
            && !config::is_op_reference(&op.reference)
        {
            let message = format!("{}: begins with op://, and is no reference", name.as_str());
            let hint = "write it as op://VAULT/ITEM/[SECTION/]FIELD; a launch that uses it fails";
            findings.add("scope", Status::Warn, message, hint);
        }
    }
}

/// Reports what a launch from here would choose. Returns whether that is a redirect.
pub(super) fn chosen(
    host: &Host,
    known: &Known<'_>,
    choice: &Result<Choice<'_, '_>, Error>,
    findings: &mut Findings,
) -> bool {
    match choice {
        Ok(Choice::Settled(Usable { provider, .. }, by)) => {
            let why = if *by == By::Only && provider.is_anthropic() {
                "no other has a key"
            } else {
                by.text()
            };
            findings.ok("choice", format!("a launch here uses {} ({why})", provider.label));
            if let Some(address) = gateway::absent(&gateway::addresses(provider)) {
                let (label, address) = (provider.label.to_string(), address.to_string());
                findings.warning("choice", &Warning::NothingListens { label, address });
            }
            !provider.is_anthropic()
        }
        Ok(Choice::Open(open)) => {
            let labels: Vec<String> =
                open.iter().map(|usable| usable.provider.label.to_string()).collect();
            let message =
                format!("a launch here asks which provider to use: {}", report::list(&labels));
            if Terminal::find(host.stderr_is_terminal, host.environment.text("TERM")).is_some() {
                findings.ok("choice", message);
            } else {
                let hint = "name one with --provider ID or JACKIN_EXEC_PROVIDER=ID";
                findings.add(
                    "choice",
                    Status::Warn,
                    format!("{message}; but nobody can be asked"),
                    hint,
                );
            }
            true
        }
        // A bad default_provider was already reported with the files.
        Err(Error::Choice(choice::Error::Unknown { .. })) if !known.named => true,
        Err(error) => {
            findings.error("choice", error);
            true
        }
    }
}

pub(super) fn providers(host: &Host, known: &Known<'_>, findings: &mut Findings) {
    let mut keyed = false;
    let mut others = 0;
    for candidate in known.candidates {
        if !candidate.is_in_use() {
            others += 1;
            continue;
        }
        let provider = &candidate.provider;
        let name = if provider.label.to_ascii_lowercase() == *provider.id {
            provider.label.to_string()
        } else {
            format!("{} ({})", provider.label, provider.id)
        };
        let mut notes = match choice::forbidding(&provider.id, &known.settings.policies) {
            Some(policy) => format!("; {} does not allow it", policy.owner),
            None => String::new(),
        };
        if let Some(file) = provider.row_file {
            notes.push_str("; row of ");
            notes.push_str(file);
        }
        if let Some(unlike) = provider::unlike_preset(provider, known.exec) {
            notes.push_str("; ");
            notes.push_str(&unlike);
        }
        moved(provider, &name, known.exec, findings);
        match &candidate.availability {
            Availability::Free => {
                findings.ok("provider", format!("{name}: needs no key{notes}"));
                if !provider.is_anthropic() {
                    header_key_of(host, known, provider, &name, findings);
                    row_is_new(provider, &name, findings);
                }
            }
            Availability::Key(source) => {
                keyed = true;
                let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
                let need = Need {
                    key: Cow::Borrowed(key),
                    value: source.value.clone(),
                    origin: source.origin,
                };
                key_of(
                    host,
                    known,
                    provider.keys_of,
                    &need,
                    &format!("{name}: {key} from {}{notes}", place(&need, known.settings.names())),
                    findings,
                );
                header_key_of(host, known, provider, &name, findings);
                row_is_new(provider, &name, findings);
            }
            Availability::Missing(missing) => {
                let key = provider.key_env().map(EnvName::as_str).unwrap_or_default();
                let message = format!("{name}: no key: {}{notes}", missing.text(key));
                match missing {
                    // No one has keys for all of them, and an empty or ignored key is deliberate.
                    Missing::Nowhere
                    | Missing::EmptyVariable
                    | Missing::Ignored { .. }
                    | Missing::Empty { .. } => {
                        findings.ok("provider", message);
                    }
                    Missing::OnDemand { .. } | Missing::HostVar { .. } => {
                        let remedy = missing.hint(&provider.id, key, provider.key_page());
                        findings.add("provider", Status::Warn, message, remedy);
                    }
                }
            }
        }
    }
    if let Some(message) = left_out(others) {
        findings.ok("provider", message);
    }
    if !keyed
        && known
            .candidates
            .iter()
            .all(|candidate| candidate.provider.is_anthropic() == candidate.is_offered())
    {
        let hint = "jackin-exec auth set kimi asks for one; or set the provider's variable in the environment";
        findings.add(
            "provider",
            Status::Warn,
            "only Anthropic can be used: no other provider has a key",
            hint,
        );
    }
}

/// Reports that a known provider's requests go elsewhere. In a file that is shared, somebody else may
/// have written that.
fn moved(provider: &Provider, name: &str, exec: &ExecToml, findings: &mut Findings) {
    let Some(moved) = provider::moved(provider, exec) else {
        return;
    };
    let message = format!("{name}: {}", moved.text());
    if !moved.shared {
        findings.ok("provider", message);
        return;
    }
    let label = moved.preset.label;
    let hint = format!(
        "a key for {label} goes there: ask who wrote the row, or remove it; an endpoint of your own has an id and a key_env of its own"
    );
    findings.add("provider", Status::Warn, message, hint);
}

/// Vendors withdraw models and move hosts: what was true half a year ago may no longer be.
fn row_is_new(provider: &Provider, name: &str, findings: &mut Findings) {
    let Some(day) = provider.facts.checked() else {
        return;
    };
    let Some(age) = catalog::age(day).filter(|age| *age > catalog::OLD) else {
        return;
    };
    let id = &provider.id;
    let (row, remedy) = if let Some(file) = provider.row_file {
        (format!("its row in {file}"), "look it up again, and correct the file")
    } else {
        let remedy = "update jackin-exec, or correct the row in exec.toml or catalog.d";
        ("its built-in row".to_owned(), remedy)
    };
    let message = format!("{name}: {row} was checked {age} days ago, {day}");
    let hint = format!("jackin-exec providers {id} shows it: {remedy}");
    findings.add("provider", Status::Warn, message, hint);
}

/// Where a value comes from, in words: `global, op://…`.
fn place(need: &Need<'_>, names: Names<'_>) -> String {
    let origin = need.origin.text(names);
    match need.reference() {
        Some(reference) if need.kind() != "inherited" => {
            format!("{origin} ({} {reference})", need.kind())
        }
        _ if need.kind() == "literal" => format!("{origin} (written in the file)"),
        _ => origin.into_owned(),
    }
}

/// Judges the secret in a provider's header.
fn header_key_of(
    host: &Host,
    known: &Known<'_>,
    provider: &Provider,
    name: &str,
    findings: &mut Findings,
) {
    let Some(value) = provider.header_key.as_deref() else {
        return;
    };
    let need = Need::of_header(value);
    let message = format!("{name}: header_key from {}", place(&need, known.settings.names()));
    key_of(host, known, None, &need, &message, findings);
}

fn key_of(
    host: &Host,
    known: &Known<'_>,
    keys_of: Option<&'static Preset>,
    need: &Need<'_>,
    message: &str,
    findings: &mut Findings,
) {
    let mut warnings = Vec::new();
    match secret::judge_key(need, keys_of, host, &mut warnings) {
        None => match (&*need.value, known.commands_refused) {
            (EnvValue::Command { .. }, Some(path)) => {
                let reason = secret::Reason::CommandOfAnother(path.to_owned());
                let hint = format!("chown root {}", shown(path));
                findings.add("provider", Status::Fail, format!("{message}: {reason}"), hint);
            }
            _ => findings.ok("provider", format!("{message}, not fetched here")),
        },
        Some(Ok(())) if warnings.is_empty() => findings.ok("provider", message),
        Some(Ok(())) => {
            for warning in &warnings {
                findings.add(
                    "provider",
                    Status::Warn,
                    format!("{message}: {warning}"),
                    warning.hint(),
                );
            }
        }
        Some(Err(reason)) => {
            let hint = reason.hint();
            let hint = hint.unwrap_or_else(|| "give it a value, or another source".to_owned());
            findings.add("provider", Status::Fail, format!("{message}: {reason}"), hint);
        }
    }
}
