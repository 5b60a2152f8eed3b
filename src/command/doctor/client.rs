//! Which client a launch would start, and which version it is.

use std::ffi::OsStr;
use std::ffi::OsString;

use crate::client;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::command::doctor::helpers::SIGNED_IN;
use crate::command::doctor::helpers::first_line;
use crate::command::doctor::helpers::without_keys;
use crate::error::Error;
use crate::exec;
use crate::host;
use crate::host::Host;
use crate::program;
use crate::program::End;

/// A version of the client.
pub(super) type Version = (u32, u32, u32);

/// The first version that obeys the host about a settings file's apiKeyHelper and headers, and
/// about a stored key.
///
/// Source: measured with 2.1.197, 2.1.240, 2.1.285 and 2.1.330 in November 2026.
pub(super) const PROTECTS: Version = (2, 1, 240);

/// The oldest version that was measured.
const OLDEST: Version = (2, 1, 197);

/// What a redirect needs of the client.
pub(super) const UPDATE: &str = "claude update, or npm install -g @anthropic-ai/claude-code";

pub(super) fn client(
    host: &Host,
    command: Option<&[String]>,
    hidden: &[String],
    findings: &mut Findings,
) -> Result<Option<Version>, Error> {
    let word = command.and_then(|command| command.first()).map_or("claude", String::as_str);
    let found = program::find_command(OsStr::new(word), program::path_of(&host.environment));
    for link in &found.own {
        findings
            .ok("client", format!("{} leads to jackin-exec, which passes it over", shown(link)));
    }
    let mut file = found.file;
    if file.is_none() && found.refused.is_none() && word == client::NAME {
        file = client::installed(host);
        if let Some(file) = &file {
            let message = format!(
                "claude is not in PATH; without a command, and under a link's name, a launch starts {}",
                shown(file)
            );
            findings.add("client", Status::Warn, message, "put its folder into PATH");
        }
    }
    let Some(file) = file else {
        match found.refused {
            Some(file) => {
                let hint = format!("chmod +x {}, or remove it", shown(&file));
                let message = format!("{} cannot be run", shown(&file));
                findings.add("client", Status::Fail, message, hint);
            }
            None => findings.error("client", &not_found(word.into())),
        }
        return Ok(None);
    };
    if host::file_name(file.as_os_str()) != "claude" {
        findings.ok(
            "client",
            format!(
                "{}, as `command` in exec.toml says; its version was not asked for",
                shown(&file)
            ),
        );
        return Ok(None);
    }
    let environment = without_keys(host, hidden);
    let words = [OsString::from("claude"), "--version".into()];
    let answer = program::ask(&file, &words, &environment, SIGNED_IN).map_err(Error::Signalled)?;
    let version = match answer.end {
        End::Status(0) => version(&answer.stdout),
        _ => None,
    };
    let Some(version) = version else {
        let why = match answer.end {
            End::Status(0) => "says no version".to_owned(),
            End::Status(status) => format!("ended with {status}: {}", first_line(&answer.stderr)),
            End::TooLate => format!("said nothing in {} s", SIGNED_IN.as_secs()),
            End::WantsTerminal => "wants a terminal to say its version".to_owned(),
            End::CannotRun(errno) => format!("cannot be run: {}", errno.desc().to_lowercase()),
        };
        let hint = format!("run it by hand: {} --version", shown(&file));
        findings.add(
            "client",
            Status::Fail,
            format!("{} {}", shown(&file), why.trim_end_matches(": ")),
            hint,
        );
        return Ok(None);
    };
    let message = format!("{}, version {}.{}.{}", shown(&file), version.0, version.1, version.2);
    if version >= PROTECTS {
        findings.ok("client", message);
    } else if version >= OLDEST {
        let message = format!(
            "{message}: below 2.1.240 an apiKeyHelper or headers in a settings file and a key stored by login reach the \
             provider beside its own, and what the client starts can read the provider's key"
        );
        findings.add("client", Status::Warn, message, UPDATE);
    } else {
        let message = format!("{message}: older than 2.1.197, and not known to keep a redirect");
        findings.add("client", Status::Warn, message, UPDATE);
    }
    Ok(Some(version))
}

/// `2.1.330 (Claude Code)`
fn version(text: &str) -> Option<Version> {
    let mut numbers = text.split_whitespace().next()?.split(['.', '-', '+']).map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some((major, minor, patch)),
        _ => None,
    }
}

/// A command that is nowhere.
pub(super) fn not_found(command: OsString) -> Error {
    exec::Error::NotFound { command, hint: None }.into()
}
