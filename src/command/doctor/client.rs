//! Which client a launch would start, and which version it is.

use std::ffi::OsStr;
use std::ffi::OsString;

use crate::client;
use crate::client::Version;
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
        End::Status(0) => Version::of(&answer.stdout),
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
    let message = format!("{}, version {version}", shown(&file));
    if version < client::FLOOR {
        let message = format!(
            "{message}: below {} a cloned repository can have the provider's key sent to its own host",
            client::FLOOR
        );
        findings.add("client", Status::Fail, message, client::UPDATE);
    } else if version < client::HIDES {
        let message = format!(
            "{message}: below {} programs that the client starts can read the provider's key",
            client::HIDES
        );
        findings.add("client", Status::Warn, message, client::UPDATE);
    } else {
        findings.ok("client", message);
    }
    Ok(Some(version))
}

/// The error for a command that was not found.
pub(super) fn not_found(command: OsString) -> Error {
    exec::Error::NotFound { command, hint: None }.into()
}
