//! The links in PATH that choose a provider by their name.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::fs::DirEntryExt;
use std::path::Path;
use std::path::PathBuf;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::catalog;
use crate::choice::Choice;
use crate::cli;
use crate::client;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::config::EnvName;
use crate::error::Error;
use crate::host;
use crate::host::Host;
use crate::program;
use crate::typed::nearest;

pub(super) fn links(host: &Host, candidates: Option<&[Candidate<'_>]>, findings: &mut Findings) {
    let presets = || catalog::PRESETS.iter().map(|preset| preset.id.to_owned()).collect();
    let ids: Vec<String> = candidates.map_or_else(presets, |candidates| {
        candidates.iter().map(|one| one.provider.id.to_string()).collect()
    });
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let own = program::own_file();
    let path = host.environment.get("PATH").unwrap_or_default();
    let mut seen: Vec<PathBuf> = Vec::new();
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        let identity = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if seen.contains(&identity) {
            continue;
        }
        seen.push(identity);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let mut found: Vec<(OsString, bool)> = Vec::new();
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_symlink() {
                let target = std::fs::read_link(entry.path()).unwrap_or_default();
                let broken =
                    host::file_name(target.as_os_str()) == "jackin-exec" && !entry.path().exists();
                if broken || program::file_id(&entry.path()) == own {
                    found.push((entry.file_name(), broken));
                }
            } else if kind.is_file()
                && own.is_some_and(|(_, inode)| inode == entry.ino())
                && program::file_id(&entry.path()) == own
            {
                found.push((entry.file_name(), false));
            }
        }
        found.sort();
        for (name, broken) in found {
            link(host, &folder.join(&name), &name, broken, &ids, candidates, findings);
        }
    }
}

/// Reports where a session goes on that is resumed as Claude Code prints it at its end.
pub(super) fn resuming(
    host: &Host,
    choice: Option<&Result<Choice<'_, '_>, Error>>,
    findings: &mut Findings,
) {
    let Some(Ok(Choice::Settled(usable, _))) = choice else {
        return;
    };
    if usable.provider.is_anthropic() {
        return;
    }
    let name = format!("{}-{}", client::NAME, usable.provider.id);
    let is_ours = |name: &str| {
        let found = program::find_command(OsStr::new(name), program::path_of(&host.environment));
        !found.own.is_empty()
    };
    if is_ours(client::NAME) {
        let message = "claude in PATH is jackin-exec: claude --resume ID chooses by the rule";
        findings.ok("resume", message);
    } else if is_ours(&name) {
        findings.ok("resume", format!("Claude Code prints {name} --resume ID at its end"));
    } else {
        let message = format!(
            "Claude Code prints claude --resume ID at its end, which goes on at Anthropic; with a link {name} it prints that name"
        );
        findings.ok("resume", message);
    }
}

fn link(
    host: &Host,
    path: &Path,
    name: &OsStr,
    broken: bool,
    ids: &[&str],
    candidates: Option<&[Candidate<'_>]>,
    findings: &mut Findings,
) {
    let path = shown(path);
    if broken {
        let hint = format!("ln -sf \"$(command -v jackin-exec)\" {path}");
        return findings.add(
            "link",
            Status::Fail,
            format!("{path} leads to a jackin-exec that is not there"),
            hint,
        );
    }
    if name == "jackin-exec" {
        return findings.ok("link", format!("{path} is this program"));
    }
    let Some(shim) = cli::shim(name, ids, &[]) else {
        let text = name.to_string_lossy();
        let end = text.rsplit_once('-').map(|(_, end)| end).unwrap_or_default();
        let near = nearest(end, ids.iter().copied()).map(|near| format!("did you mean {near}? "));
        let hint = format!(
            "{}the name ends in -ID, and the ids are in `jackin-exec providers`",
            near.unwrap_or_default()
        );
        let message = format!("{path} names no provider, and is plain jackin-exec");
        return findings.add("link", Status::Warn, message, hint);
    };
    let command = shim.command.as_deref().unwrap_or("the command that follows");
    let Some(id) = shim.provider else {
        return findings.ok("link", format!("{path}: {command}, the provider chosen by the rule"));
    };
    let candidate = candidates.into_iter().flatten().find(|candidate| candidate.provider.id == id);
    let missing = candidate.and_then(|candidate| match &candidate.availability {
        Availability::Missing(missing) => Some(
            missing.text(candidate.provider.key_env().map(EnvName::as_str).unwrap_or_default()),
        ),
        Availability::Free | Availability::Key(_) => None,
    });
    if let Some(missing) = missing {
        let message = format!("{path}: {command} on {id}, which has no key: {missing}");
        return findings.add("link", Status::Warn, message, "give it a key, or remove the link");
    }
    if let Some(command) = shim.command.as_deref().filter(|command| {
        let path = program::path_of(&host.environment);
        program::find_command(OsStr::new(command), path).file.is_none()
    }) {
        let message = format!("{path}: {command} on {id}, and there is no {command} in PATH");
        return findings.add(
            "link",
            Status::Warn,
            message,
            "the name is COMMAND-ID, or jackin-ID for any command",
        );
    }
    findings.ok("link", format!("{path}: {command} on {id}"));
}
