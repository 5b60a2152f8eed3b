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
use crate::report;
use crate::typed::nearest;

/// Checks every link to this program in PATH. Without candidates, the presets are the providers.
pub(super) fn links(host: &Host, candidates: Option<&[Candidate<'_>]>, findings: &mut Findings) {
    let ids: Vec<&str> = match candidates {
        Some(candidates) => candidates.iter().map(|one| &*one.provider.id).collect(),
        None => catalog::PRESETS.iter().map(|preset| preset.id).collect(),
    };
    let own = program::own_file();
    let path = host.environment.get("PATH").unwrap_or_default();
    let mut seen: Vec<PathBuf> = Vec::new();
    for folder in std::env::split_paths(path) {
        let identity = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if !folder.is_absolute() || seen.contains(&identity) {
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
        let message = "claude in PATH is jackin-exec: claude --resume ID chooses the provider as every launch does";
        findings.ok("resume", message);
    } else if is_ours(&name) {
        findings.ok("resume", format!("on exit Claude Code prints {name} --resume ID"));
    } else {
        let message = format!(
            "on exit Claude Code prints claude --resume ID, which resumes the session with Anthropic; create a link {name} to resume it with {}",
            usable.provider.label
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
        let hint = format!("`ln -sf \"$(command -v jackin-exec)\" {path}`");
        return findings.add(
            "link",
            Status::Fail,
            format!("{path} leads to a jackin-exec that does not exist"),
            hint,
        );
    }
    if name == "jackin-exec" {
        return findings.ok("link", format!("{path} is this program"));
    }
    let Some(shim) = cli::shim(name, ids, &[]) else {
        let mut hint =
            "a link's name ends in -ID; `jackin-exec providers` lists the ids".to_owned();
        if let Some((_, end)) = name.to_string_lossy().rsplit_once('-')
            && let Some(near) = nearest(end, ids.iter().copied())
        {
            hint = format!("{} {hint}", report::did_you_mean(&near));
        }
        let is_refused = cli::misnamed(&name.to_string_lossy(), ids).is_some();
        let effect = if is_refused { "it starts nothing" } else { "it is plain jackin-exec" };
        let message = format!("{path} names no provider, so {effect}");
        return findings.add("link", Status::Warn, message, hint);
    };
    let command = shim.command.as_deref().unwrap_or("the command that follows");
    let Some(id) = shim.provider else {
        let message = format!("{path}: {command}, on the default provider or the one you choose");
        return findings.ok("link", message);
    };
    for candidate in candidates.unwrap_or_default() {
        if let Availability::Missing(missing) = &candidate.availability
            && candidate.provider.id == id
        {
            let key = candidate.provider.key_env().map_or("its key", EnvName::as_str);
            let missing = missing.text(key);
            let message = format!("{path}: {command} on {id}, which has no key: {missing}");
            return findings.add(
                "link",
                Status::Warn,
                message,
                "give it a key, or remove the link",
            );
        }
    }
    let in_path = program::path_of(&host.environment);
    if let Some(command) = &shim.command
        && program::find_command(OsStr::new(command), in_path).file.is_none()
    {
        let message = format!("{path}: {command} on {id}, but {command} is not in PATH");
        let hint = "the name is COMMAND-ID, or jackin-ID for any command";
        return findings.add("link", Status::Warn, message, hint);
    }
    findings.ok("link", format!("{path}: {command} on {id}"));
}
