//! Whether the files of the configuration can be used, and whether they name what exists.

use std::collections::BTreeMap;
use std::path::Path;

use crate::command::doctor::Known;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::config;
use crate::config::Offence;
use crate::config::ProviderTable;
use crate::config::Variables;
use crate::error::Warning;
use crate::error::nearest;
use crate::files;
use crate::files::Store;
use crate::files::Text;
use crate::host::Host;
use crate::provider;

pub(super) fn configuration(host: &Host, typed: Option<&Path>, findings: &mut Findings) {
    let dir = match host.config_dir(typed) {
        Ok(Some(dir)) => dir,
        Ok(None) => {
            let hint = "set HOME, or name a folder with --config-dir";
            return findings.add(
                "config",
                Status::Warn,
                "there is no home directory, so no configuration",
                hint,
            );
        }
        Err(error) => return findings.error("config", &error.into()),
    };
    if !dir.typed && !dir.path.exists() {
        let message =
            format!("{} is not there: keys come from the environment alone", shown(&dir.path));
        return findings.ok("config", message);
    }
    let mut warnings = Vec::new();
    let store = match Store::open(Some(&dir), host.ids.effective_user, &mut warnings) {
        Ok(store) => store,
        Err(error) => return findings.error("config", &error.into()),
    };
    let mut offences = Vec::new();
    let before = findings.0.len();
    // What is wrong with it is told below.
    let exec = store.read("exec.toml", &mut Vec::new()).ok().flatten();
    let exec = exec.and_then(|text| config::exec(&text.path, &text.text, &mut Vec::new()).ok());
    let providers = exec.map(|exec| exec.providers).unwrap_or_default();
    if let Some(text) = file(&store, "config.toml", &mut warnings, findings) {
        let found = config::global(&text.path, &text.text, &mut offences);
        parsed(&text, found, &mut offences, &mut warnings, findings, |global, warnings| {
            if global.newer {
                warnings.push(Warning::Newer { path: text.path.clone() });
            }
            readable(&text, global.scopes(), &providers, warnings);
        });
    }
    if let Some(text) = file(&store, "exec.toml", &mut warnings, findings) {
        let found = config::exec(&text.path, &text.text, &mut offences);
        let found = found.and_then(|exec| provider::providers(&exec.providers).map(|_| exec));
        parsed(&text, found, &mut offences, &mut warnings, findings, |exec, warnings| {
            readable(&text, exec.scopes(), &providers, warnings);
        });
    }
    match store.workspace_names() {
        Ok(names) => {
            for name in names {
                workspace(&store, &name, &providers, &mut warnings, findings);
            }
        }
        Err(error) => findings.error("config", &error.into()),
    }
    for warning in &warnings {
        findings.warning("config", warning);
    }
    if findings.0.len() == before {
        findings.ok(
            "config",
            format!(
                "{} holds no file of ours: keys come from the environment alone",
                shown(&dir.path)
            ),
        );
    }
}

fn workspace(
    store: &Store,
    name: &str,
    providers: &BTreeMap<String, ProviderTable>,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
) {
    let Some(text) = file(store, &files::workspace_file(name), warnings, findings) else {
        return;
    };
    let mut offences = Vec::new();
    let found = config::workspace(&text.path, &text.text, &mut offences);
    parsed(&text, found, &mut offences, warnings, findings, |workspace, warnings| {
        if workspace.newer {
            warnings.push(Warning::Newer { path: text.path.clone() });
        }
        readable(&text, workspace.scopes(), providers, warnings);
    });
}

fn file(
    store: &Store,
    name: &str,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
) -> Option<Text> {
    match store.read(name, warnings) {
        Ok(text) => text,
        Err(error) => {
            findings.error("config", &error.into());
            None
        }
    }
}

fn parsed<T>(
    text: &Text,
    found: Result<T, config::Error>,
    offences: &mut Vec<Offence>,
    warnings: &mut Vec<Warning>,
    findings: &mut Findings,
    look: impl FnOnce(T, &mut Vec<Warning>),
) {
    match found {
        Ok(found) => {
            match config::refuse(std::mem::take(offences)) {
                Ok(()) => findings.ok("config", shown(&text.path)),
                Err(error) => findings.error("config", &error.into()),
            }
            look(found, warnings);
        }
        Err(error) => findings.error("config", &error.into()),
    }
}

fn readable<'a>(
    text: &Text,
    scopes: impl Iterator<Item = &'a Variables>,
    providers: &BTreeMap<String, ProviderTable>,
    warnings: &mut Vec<Warning>,
) {
    if text.world_readable && provider::holds_literal_key(scopes, providers) {
        warnings.push(Warning::ReadableKey { path: text.path.clone() });
    }
}

/// Names in exec.toml that mean nothing that exists.
pub(super) fn references(known: &Known<'_>, findings: &mut Findings) {
    let ids: Vec<&str> = known.candidates.iter().map(|candidate| &*candidate.provider.id).collect();
    let mut look = |place: String, id: &str| {
        if !ids.contains(&id) {
            let near = nearest(id, ids.iter().copied()).map(|near| format!("did you mean {near}?"));
            let hint = near.unwrap_or_else(|| format!("there are: {}", ids.join(", ")));
            findings.add(
                "config",
                Status::Fail,
                format!("exec.toml: {place} names {id}, which is no provider"),
                hint,
            );
        }
    };
    if let Some(id) = &known.exec.default_provider {
        look("default_provider".to_owned(), id);
    }
    for (name, workspace) in &known.exec.workspaces {
        for id in workspace.default_provider.iter().chain(workspace.providers.iter().flatten()) {
            look(format!("[workspaces.{name}]"), id);
        }
    }
}
