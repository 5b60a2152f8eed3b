//! Fetching what a plan needs, and judging a key.

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::catalog::KeyShape;
use crate::config;
use crate::config::EnvValue;
use crate::error::Error;
use crate::error::Failure;
use crate::error::Reason;
use crate::error::Warning;
use crate::files;
use crate::files::load;
use crate::host::Environment;
use crate::plan::Need;
use crate::report;
use crate::secret::job::Job;
use crate::secret::job::run;
use crate::secret::redact::silence;

/// What fetching needs beside the plan.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Our own environment.
    pub environment: &'a Environment,
    /// Names that helpers have no business with: the providers' keys.
    pub hidden: &'a [String],
    /// Which need is the provider's key: it may not be empty.
    pub key: Option<usize>,
    /// How the chosen provider's keys begin.
    pub key_shape: Option<KeyShape>,
    /// Why commands of exec.toml are not run: as root, from a file that root does not own.
    pub commands_refused: Option<&'a Path>,
    /// Whether a person can see what we say.
    pub talkative: bool,
    /// The workspace, for messages.
    pub workspace: Option<&'a str>,
    /// The role, for messages.
    pub role: Option<&'a str>,
}

/// Fetches all values, in the order of the needs.
///
/// # Errors
///
/// [`Error::Values`] with every failure, in the order of their keys; [`Error::Signalled`] if a
/// signal ends it.
pub fn fetch(
    needs: &[Need<'_>],
    circumstances: Circumstances<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<SecretString>, Error> {
    let mut results: Vec<Result<SecretString, Reason>> = Vec::with_capacity(needs.len());
    let mut jobs = Vec::new();
    for (index, need) in needs.iter().enumerate() {
        let found = match at_hand(&need.value, circumstances.environment) {
            Some(found) => found,
            None => match Job::new(index, need, circumstances) {
                Ok(job) => {
                    jobs.push(job);
                    Err(Reason::NotRun)
                }
                Err(reason) => Err(reason),
            },
        };
        results.push(found);
    }
    run(jobs, &mut results, circumstances)?;
    if let Some(key) = circumstances.key
        && let Some(result) = results.get_mut(key)
    {
        let name = needs.get(key).map(|need| &*need.key).unwrap_or_default();
        let checked = result
            .as_ref()
            .map(|secret| check_key(secret, name, circumstances.key_shape, warnings));
        if let Ok(Err(reason)) = checked {
            *result = Err(reason);
        }
    }
    silence(&mut results);
    let mut failures: Vec<Failure> = Vec::new();
    let mut values = Vec::with_capacity(needs.len());
    for (need, result) in needs.iter().zip(results) {
        match result {
            Ok(value) => values.push(value),
            Err(reason) => failures.push(Failure {
                layer: need.origin.layer(circumstances.workspace, circumstances.role),
                key: need.key.clone().into_owned(),
                reference: need.reference(),
                reason,
            }),
        }
    }
    failures.sort_by(|one, other| one.key.cmp(&other.key));
    if failures.is_empty() { Ok(values) } else { Err(Error::Values(failures)) }
}

/// Judges a key that needs no helper; none for one that does. Nothing of it comes out.
///
/// # Errors
///
/// Why it could not be used.
pub fn judge_key(
    need: &Need<'_>,
    shape: Option<KeyShape>,
    environment: &Environment,
    warnings: &mut Vec<Warning>,
) -> Option<Result<(), Reason>> {
    let found = at_hand(&need.value, environment)?;
    Some(found.and_then(|secret| check_key(&secret, &need.key, shape, warnings)))
}

/// A value that needs no helper; none for the others.
fn at_hand(value: &EnvValue, environment: &Environment) -> Option<Result<SecretString, Reason>> {
    match value {
        EnvValue::Empty => Some(Ok(SecretString::from(""))),
        EnvValue::Literal(secret) => Some(Ok(secret.clone())),
        EnvValue::HostVar(name) => Some(match environment.get(name).map(OsStr::to_str) {
            None => Err(Reason::HostVarUnset),
            Some(None) => Err(Reason::NotUtf8),
            Some(Some(text)) => Ok(SecretString::from(text)),
        }),
        EnvValue::File(path) if !path.is_absolute() => Some(Err(Reason::RelativePath)),
        EnvValue::File(path) => Some(match load::value_file(path) {
            Ok(bytes) => text(bytes),
            Err(error) => Err(Reason::File(error)),
        }),
        EnvValue::Op { .. } | EnvValue::Command { .. } => None,
    }
}

/// Reads a value from a descriptor to its end.
///
/// # Errors
///
/// [`Error::Unreadable`], or [`Error::Key`] for what cannot be a value.
pub fn read(file: impl AsFd, name: &str, key: &str) -> Result<SecretString, Error> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    while bytes.len() <= load::LARGEST_VALUE {
        match nix::unistd::read(&file, &mut buffer) {
            Ok(0) => {
                return text(bytes).map_err(|reason| Error::Key { key: key.to_owned(), reason });
            }
            Ok(count) => bytes.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(Errno::EINTR) => {}
            Err(errno) => {
                return Err(files::Error::Unreadable { path: name.into(), errno }.into());
            }
        }
    }
    Err(files::Error::TooLarge { path: name.into(), limit: load::LARGEST_VALUE }.into())
}

/// The one place where output becomes a value: exactly one newline is stripped.
///
/// # Errors
///
/// What no environment can hold.
pub fn text(mut bytes: Vec<u8>) -> Result<SecretString, Reason> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.contains(&0) {
        return Err(Reason::Nul);
    }
    String::from_utf8(bytes).map(SecretString::from).map_err(|_| Reason::NotUtf8)
}

/// A key that cannot work is an error; one that looks wrong is a warning. Neither shows it.
///
/// # Errors
///
/// Why it cannot work.
pub fn check_key(
    secret: &SecretString,
    key: &str,
    shape: Option<KeyShape>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Reason> {
    let text = secret.expose_secret();
    if !text.chars().any(|character| !character.is_whitespace() && !report::is_unsafe(character)) {
        return Err(Reason::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(Reason::ControlInKey);
    }
    // The client sends it in a header, which holds ASCII. Usually it is an invisible character of a
    // web page.
    if !text.is_ascii() {
        return Err(Reason::ForeignInKey);
    }
    let key = key.to_owned();
    let quote = |character: char| matches!(character, '"' | '\'') || character.is_whitespace();
    if text.starts_with(quote) || text.ends_with(quote) {
        warnings.push(Warning::KeyPadded { key });
    } else if let Some(shape) = shape.filter(|shape| !text.starts_with(shape.prefix)) {
        warnings.push(Warning::KeyShape { key, prefix: shape.prefix, otherwise: shape.otherwise });
    }
    Ok(())
}

/// The option that takes a text which is a reference and no key; a literal of that form would be
/// read as the reference.
pub fn reference_option(secret: &SecretString) -> Option<&'static str> {
    let text = secret.expose_secret();
    if text.starts_with("op://") {
        return Some("--op");
    }
    config::host_reference(text).map(|_| "--env")
}
