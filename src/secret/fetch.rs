//! Fetching what a plan needs.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::catalog::Preset;
use crate::config;
use crate::config::EnvValue;
use crate::files;
use crate::host;
use crate::host::Environment;
use crate::host::Host;
use crate::plan::Need;
use crate::plan::NeedId;
use crate::plan::Needs;
use crate::plan::PerNeed;
use crate::scope::Names;
use crate::secret::error::Error;
use crate::secret::error::Failure;
use crate::secret::error::Reason;
use crate::secret::job::Outcome;
use crate::secret::job::job;
use crate::secret::job::run;
use crate::secret::key::check_header_key;
use crate::secret::key::check_key;
use crate::warning::Warning;

/// What fetching needs besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Our own process, for the home that `~` means.
    pub host: &'a Host,
    /// The environment that variables are read from.
    pub environment: &'a Environment,
    /// Variables hidden from helpers: the providers' keys.
    pub hidden: &'a [String],
    /// Which need is the provider's key: it may not be empty.
    pub key: Option<NeedId>,
    /// Which need is the secret in the provider's header: it is checked as a key is.
    pub header_key: Option<NeedId>,
    /// How the chosen provider's keys begin.
    pub keys_of: Option<&'static Preset>,
    /// Why commands of exec.toml are not run: as root, from a file that root does not own.
    pub commands_refused: Option<&'a Path>,
    /// Whether a person can see our messages.
    pub talkative: bool,
    /// The names of the scopes, for messages.
    pub names: Names<'a>,
}

/// Fetches all values, in the order of the needs. Literals are borrowed from the configuration.
///
/// # Errors
///
/// [`Error::Values`] with every failure, in the order of their keys; [`Error::Signalled`] if a
/// signal ends it.
pub fn fetch<'n>(
    needs: &'n Needs<'_>,
    circumstances: Circumstances<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<PerNeed<Cow<'n, SecretString>>, Error> {
    let mut answers = helped(needs, circumstances)?.into_iter();
    let mut values = Vec::with_capacity(needs.as_slice().len());
    let mut failures = Vec::new();
    for (id, need) in needs.iter() {
        let mut outcome = match at_hand(&need.value, circumstances.environment, circumstances.host)
        {
            Some(outcome) => outcome,
            None => next(&mut answers).map(Cow::Owned),
        };
        let is_key = circumstances.key == Some(id);
        if is_key {
            outcome = outcome.and_then(|value| {
                let value = without_newline(need, value);
                check_key(&value, &need.key, circumstances.keys_of, warnings)?;
                Ok(value)
            });
        } else if circumstances.header_key == Some(id) {
            outcome = outcome.and_then(|value| {
                let value = without_newline(need, value);
                check_header_key(&value, &need.key, warnings)?;
                Ok(value)
            });
        }
        match outcome {
            Ok(value) => values.push(value),
            Err(reason) => failures.push(Failure::new(need, circumstances.names, reason)),
        }
    }
    if failures.is_empty() {
        return Ok(needs.with(values));
    }
    for failure in &mut failures {
        if let Reason::Failed { words, .. } = &mut failure.reason {
            for value in &values {
                words.hide(value);
            }
        }
    }
    failures.sort_by(|one, other| one.key.cmp(&other.key));
    Err(Error::Values(failures))
}

/// The outcome of each need that wants a helper, in the order of the needs.
fn helped(needs: &Needs<'_>, circumstances: Circumstances<'_>) -> Result<Vec<Outcome>, Error> {
    let mut jobs = Vec::new();
    let mut refused = Vec::new();
    for need in needs.as_slice() {
        match job(need, circumstances) {
            Some(Ok(job)) => {
                jobs.push(job);
                refused.push(None);
            }
            Some(Err(reason)) => refused.push(Some(reason)),
            None => {}
        }
    }
    let mut answers = run(jobs, circumstances)?.into_iter();
    Ok(refused
        .into_iter()
        .map(|refused| match refused {
            Some(reason) => Err(reason),
            None => next(&mut answers),
        })
        .collect())
}

#[expect(clippy::expect_used, reason = "each value that is not at hand has an outcome")]
fn next(answers: &mut impl Iterator<Item = Outcome>) -> Outcome {
    answers.next().expect("each helper has one outcome")
}

/// Checks a key that needs no helper; `None` if it needs one. The key itself is not returned.
///
/// # Errors
///
/// Why it could not be used.
pub fn judge_key(
    need: &Need<'_>,
    keys_of: Option<&'static Preset>,
    host: &Host,
    warnings: &mut Vec<Warning>,
) -> Option<Result<(), Reason>> {
    let found = at_hand(&need.value, &host.environment, host)?;
    Some(found.and_then(|secret| {
        let secret = without_newline(need, secret);
        if need.is_of_header() {
            check_header_key(&secret, &need.key, warnings)
        } else {
            check_key(&secret, &need.key, keys_of, warnings)
        }
    }))
}

/// A key in our environment without one newline at its end, as if it were in a file: what made the
/// variable from a file may have left it.
fn without_newline<'v>(need: &Need<'_>, secret: Cow<'v, SecretString>) -> Cow<'v, SecretString> {
    if !need.is_inherited() {
        return secret;
    }
    match secret.expose_secret().strip_suffix('\n') {
        Some(text) => Cow::Owned(SecretString::from(text.strip_suffix('\r').unwrap_or(text))),
        None => secret,
    }
}

/// A value that needs no helper; `None` if it needs one.
fn at_hand<'v>(
    value: &'v EnvValue,
    environment: &Environment,
    host: &Host,
) -> Option<Result<Cow<'v, SecretString>, Reason>> {
    let owned = |text: Result<SecretString, Reason>| Some(text.map(Cow::Owned));
    match value {
        EnvValue::Empty => owned(Ok(SecretString::from(""))),
        EnvValue::Literal(secret) => Some(Ok(Cow::Borrowed(secret))),
        EnvValue::HostVar(name) => owned(match environment.get(name).map(OsStr::to_str) {
            None => Err(Reason::HostVarUnset),
            Some(None) => Err(Reason::NotUtf8),
            Some(Some(text)) => Ok(SecretString::from(text)),
        }),
        EnvValue::File(path) => owned(match expanded(path, host) {
            None => Err(Reason::RelativePath),
            Some(path) => match files::value_file(&path) {
                Ok(bytes) => text(bytes),
                Err(error) => Err(Reason::File(error)),
            },
        }),
        EnvValue::Op { .. } | EnvValue::Command { .. } => None,
    }
}

/// An absolute path, with `~/` expanded to the home directory.
fn expanded<'p>(path: &'p Path, host: &Host) -> Option<Cow<'p, Path>> {
    if path.is_absolute() {
        return Some(path.into());
    }
    Some(host::expand(path, host.home().as_deref())).filter(|path| path.is_absolute())
}

/// Whether a value begins with the home directory as a shell would expand it. We do not.
pub fn is_for_a_shell(value: &SecretString) -> bool {
    let text = value.expose_secret();
    ["~/", "$HOME/", "${HOME}/"].iter().any(|beginning| text.starts_with(beginning))
}

/// Reads a value from a descriptor to its end.
///
/// # Errors
///
/// [`Error::Unreadable`], or [`Error::Key`] for text that cannot be a value.
pub fn read(file: impl AsFd, name: &'static str, key: &str) -> Result<SecretString, Error> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    while bytes.len() <= files::LARGEST_VALUE {
        match nix::unistd::read(&file, &mut buffer) {
            Ok(0) => {
                return text(bytes).map_err(|reason| Error::Key { key: key.to_owned(), reason });
            }
            Ok(count) => bytes.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Error::Unreadable { name, errno }),
        }
    }
    Err(Error::TooLarge { name, limit: files::LARGEST_VALUE })
}

/// The one place where output becomes a value: exactly one newline is stripped.
///
/// # Errors
///
/// Text that an environment cannot hold.
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
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(Reason::NotUtf8),
    }
}

/// Whether two values are equal.
pub fn are_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The option that accepts the text if it is a reference and not a key; a literal of that form
/// would be read as a reference.
pub fn reference_option(secret: &SecretString) -> Option<&'static str> {
    let text = secret.expose_secret();
    if text.starts_with("op://") {
        return Some("--op");
    }
    if config::host_reference(text).is_some() { Some("--env") } else { None }
}
