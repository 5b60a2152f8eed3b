//! Which client a launch would start, and which version it is.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;

use crate::client;
use crate::client::Version;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::command::doctor::helpers::SIGNED_IN;
use crate::command::doctor::helpers::without_keys;
use crate::error::Error;
use crate::exec;
use crate::host;
use crate::host::Host;
use crate::program;
use crate::program::Answer;
use crate::program::End;
use crate::redact::Words;
use crate::report;
use crate::typed::Typed;

/// Finds the client that a launch would start, and asks for its version; `None` if that is not
/// known.
pub(super) fn client(
    host: &Host,
    command: Option<&[String]>,
    hidden: &[String],
    findings: &mut Findings,
) -> Result<Option<Version>, Error> {
    let word = match command {
        Some([word, ..]) => word.as_str(),
        _ => client::NAME,
    };
    let found = program::find_command(OsStr::new(word), program::path_of(&host.environment));
    for link in &found.own {
        findings.ok("client", format!("{} leads to jackin-exec, which skips it", shown(link)));
    }
    let mut file = found.file;
    if file.is_none() && found.refused.is_none() && word == client::NAME {
        file = client::installed(host);
        if let Some(file) = &file {
            let message = format!(
                "claude is not in PATH; a launch without a command, or by a link, starts {}",
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
            None => findings.error("client", &not_found(word.as_ref())),
        }
        return Ok(None);
    };
    if host::file_name(file.as_os_str()) != client::NAME {
        let message =
            format!("{}: `command` in exec.toml; its version is not checked", shown(&file));
        findings.ok("client", message);
        return Ok(None);
    }
    let environment = without_keys(host, hidden);
    let words = [OsString::from(client::NAME), "--version".into()];
    let answer = program::ask(&file, &words, &environment, SIGNED_IN).map_err(Error::Signalled)?;
    let version = match answer.end {
        End::Status(0) => Version::of(&answer.stdout),
        _ => None,
    };
    let Some(version) = version else {
        let message = format!("{} {}", shown(&file), no_version(&answer));
        let hint = format!("run it by hand: {} --version", shown(&file));
        findings.add("client", Status::Fail, message, hint);
        return Ok(None);
    };
    judge(version, &file, findings);
    Ok(Some(version))
}

/// Why the client's version is not known.
fn no_version(answer: &Answer) -> String {
    match answer.end {
        End::Status(0) => "printed no version".to_owned(),
        End::Status(status) => {
            let words = Words::of_client(&answer.stderr, &[]);
            if words.is_empty() {
                format!("ended with {status}")
            } else {
                format!("ended with {status}: {}", words.first_line())
            }
        }
        End::TimedOut => format!("printed no version in {} s", SIGNED_IN.as_secs()),
        End::WantsTerminal => "needs a terminal to print its version".to_owned(),
        End::CannotRun(errno) => format!("cannot be run: {}", report::lower(errno.desc())),
    }
}

/// Reports what a version means for the provider's key.
fn judge(version: Version, file: &Path, findings: &mut Findings) {
    let message = format!("{}, version {version}", shown(file));
    if version < client::KEEPS_REDIRECT {
        let message = format!(
            "{message}: before {}, a cloned repository can send the provider's key to another host",
            client::KEEPS_REDIRECT
        );
        findings.add("client", Status::Fail, message, client::UPDATE);
    } else if version < client::HIDES_KEY {
        let message = format!(
            "{message}: before {}, programs that the client starts can read the provider's key",
            client::HIDES_KEY
        );
        findings.add("client", Status::Warn, message, client::UPDATE);
    } else {
        findings.ok("client", message);
    }
}

/// The error for a command that was not found.
pub(super) fn not_found(command: &OsStr) -> Error {
    exec::Error::NotFound { command: Typed::new(command.to_string_lossy()), hint: None }.into()
}
