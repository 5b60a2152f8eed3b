//! Whether the files of the configuration can be used, and whether they name what exists.

use std::path::Path;

use crate::command::doctor::Known;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::config;
use crate::config::ExecToml;
use crate::config::Offence;
use crate::configuration;
use crate::configuration::Parsed;
use crate::configuration::warn_readable;
use crate::error::Error;
use crate::files::Store;
use crate::files::Text;
use crate::folder;
use crate::host::Host;
use crate::provider;
use crate::report;
use crate::report::escape;
use crate::scope::Owner;
use crate::typed::Typed;
use crate::typed::nearest;
use crate::warning::Warning;

/// Checks the folder of the configuration and every file in it.
pub(super) fn configuration(host: &Host, typed: Option<&Path>, findings: &mut Findings) {
    let dir = match host.config_dir(typed) {
        Ok(Some(dir)) => dir,
        Ok(None) => {
            let hint = "set HOME, or name a folder with --config-dir";
            return findings.add(
                "config",
                Status::Warn,
                "no home directory, so no configuration",
                hint,
            );
        }
        Err(error) => return findings.error("config", &error.into()),
    };
    if !dir.typed && !dir.by_variable && !dir.path.exists() {
        let message =
            format!("{} does not exist: keys come only from the environment", shown(&dir.path));
        return findings.ok("config", message);
    }
    let mut warnings = Vec::new();
    let store = match configuration::open(host, Some(&dir), &mut warnings) {
        Ok(store) => store,
        Err(error) => return findings.error("config", &error.into()),
    };
    let before = findings.0.len();
    let mut files = Files { host, store: &store, warnings, findings: &mut *findings };
    files.examine();
    for warning in std::mem::take(&mut files.warnings) {
        findings.warning("config", &warning);
    }
    if findings.0.len() == before {
        let path = shown(&dir.path);
        let message =
            format!("{path} has no configuration file: keys come only from the environment");
        findings.ok("config", message);
    }
}

/// More files of workspaces than this are reported in one line, unless there is something to say of
/// them.
const MANY: usize = 10;

/// The files of the configuration, each examined even if another is broken.
struct Files<'a> {
    host: &'a Host,
    store: &'a Store,
    warnings: Vec<Warning>,
    findings: &'a mut Findings,
}

impl Files<'_> {
    fn examine(&mut self) {
        let global = configuration::read_global(self.store, &mut self.warnings);
        let exec = configuration::read_exec(self.store, &mut self.warnings);
        // exec.toml says which variables hold keys; config.toml comes first in the report.
        let mut keys = match &exec {
            Ok(Some(exec)) => exec.content.clone(),
            Ok(None) | Err(_) => ExecToml::default(),
        };
        let row_files = self.row_files();
        keys.rows = configuration::own_rows(&row_files).unwrap_or_default();
        if let Some(file) = self.usable(global) {
            self.refused(&config::refused_in_global(&file.text.path, &file.text.text));
            warn_readable(&file.text, file.content.scopes(), &keys, &mut self.warnings);
        }
        let exec = self.usable(exec);
        for (_, text) in &row_files {
            self.findings.ok("config", shown(&text.path));
        }
        self.providers(&keys);
        if let Some(file) = exec {
            self.folders(&file.content);
            warn_readable(&file.text, file.content.scopes(), &keys, &mut self.warnings);
        }
        let names = match self.store.workspace_names() {
            Ok(names) => names,
            Err(error) => return self.findings.error("config", &error.into()),
        };
        let before = self.findings.0.len();
        for name in names {
            let file = configuration::read_workspace_file(self.store, &name, &mut self.warnings);
            if let Some(file) = self.usable(file) {
                self.refused(&config::refused_in_workspace(&file.text.path, &file.text.text));
                warn_readable(&file.text, file.content.scopes(), &keys, &mut self.warnings);
            }
        }
        self.findings.sum_up(before, MANY, |count| format!("{count} files of workspaces"));
    }

    /// The files of the user's own rows that can be parsed. The others are reported.
    fn row_files(&mut self) -> Vec<(String, Text)> {
        let names = match self.store.row_files() {
            Ok(names) => names,
            Err(error) => {
                self.findings.error("config", &error.into());
                return Vec::new();
            }
        };
        let mut files = Vec::new();
        for name in names {
            match self.store.read(&name, &mut self.warnings) {
                Ok(None) => {}
                Ok(Some(text)) => match config::rows(&text.path, &text.text) {
                    Ok(_) => files.push((name, text)),
                    Err(error) => self.findings.error("config", &error.into()),
                },
                Err(error) => self.findings.error("config", &error.into()),
            }
        }
        files
    }

    /// Reports the providers of exec.toml and catalog.d that cannot be used, and keys that are sent unencrypted.
    fn providers(&mut self, exec: &ExecToml) {
        let found = provider::providers(exec);
        for wrong in found.wrong {
            self.findings.error("config", &wrong.error.into());
        }
        for provider in found.usable {
            if let (Some(endpoint), Some(key)) = (&provider.endpoint, provider.key_env())
                && endpoint.is_in_clear()
            {
                let (key, host) = (key.as_str(), escape(endpoint.host()));
                let message = format!("{}: {key} is sent to {host} unencrypted", provider.id);
                let hint = "use https:// if the server supports it, and remove insecure = true";
                self.findings.add("config", Status::Warn, message, hint);
            }
        }
    }

    /// Reports the folders of exec.toml that do not exist. One with a list stops every launch, which
    /// is reported with the scope.
    fn folders(&mut self, exec: &ExecToml) {
        for (path, folder) in folder::missing(exec, self.host) {
            if folder.providers.is_none() {
                let message = format!("{}: there is no folder {}", folder.place, escape(path));
                let hint = "create the folder, correct its path, or remove the table";
                self.findings.add("config", Status::Warn, message, hint);
            }
        }
    }

    /// Reports what a launch can read and jackin cannot, because the operator uses both.
    fn refused(&mut self, offences: &[Offence]) {
        for Offence { place, problem } in offences {
            let message = format!("{place}: jackin refuses this file: {problem}");
            let hint = "jackin's own commands fail until it is corrected";
            self.findings.add("config", Status::Warn, message, hint);
        }
    }

    /// Reports on a file. Returns the file if it could be read.
    fn usable<T>(&mut self, file: Result<Option<Parsed<T>>, Error>) -> Option<Parsed<T>> {
        let mut file = match file {
            Ok(file) => file?,
            Err(error) => {
                self.findings.error("config", &error);
                return None;
            }
        };
        match config::refuse(std::mem::take(&mut file.offences)) {
            Ok(()) => self.findings.ok("config", shown(&file.text.path)),
            Err(error) => self.findings.error("config", &error.into()),
        }
        Some(file)
    }
}

/// Reports names in exec.toml that refer to nothing.
pub(super) fn references(known: &Known<'_>, findings: &mut Findings) {
    let mut ids: Vec<String> = Vec::new();
    for candidate in known.candidates {
        ids.push(candidate.provider.id.to_string());
    }
    if let Some(id) = &known.exec.default_provider {
        reference("default_provider", id, &ids, findings);
    }
    for (name, workspace) in &known.exec.workspaces {
        let place = Owner::Workspace(name.clone()).table();
        if let Some(id) = &workspace.default_provider {
            reference(&place, id, &ids, findings);
        }
        for id in workspace.providers.iter().flatten() {
            reference(&place, id, &ids, findings);
        }
    }
    for (path, folder) in &known.exec.folders {
        let place = Owner::Folder(path.clone()).table();
        for id in folder.default_provider.iter().chain(folder.providers.iter().flatten()) {
            reference(&place, id, &ids, findings);
        }
    }
}

fn reference(place: &str, id: &str, ids: &[String], findings: &mut Findings) {
    if ids.iter().any(|known| known == id) {
        return;
    }
    let hint = match nearest(id, ids.iter().map(String::as_str)) {
        Some(near) => report::did_you_mean(&near),
        None => format!("available: {}", report::available(ids)),
    };
    // People paste keys where an id belongs.
    let message = format!("exec.toml: {place}: no provider named {}", Typed::new(id));
    findings.add("config", Status::Fail, message, hint);
}
