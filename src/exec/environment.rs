//! The environment that the command gets.

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::exec::r#become::COUNT;
use crate::exec::error::Error;
use crate::host::Entry;
use crate::host::Environment;
use crate::plan;
use crate::plan::Action;
use crate::plan::Assignment;
use crate::plan::PerNeed;
use crate::plan::Plan;

/// The environment that the command gets: ours, byte for byte and in order, without what the plan
/// sets or unsets and any other entry that carries the provider's key; then what the plan sets.
///
/// # Errors
///
/// [`Error::Nul`] for a value that holds NUL, [`Error::EmptyRedirect`] for a redirect without a
/// credential or endpoint.
pub fn environment(
    plan: &Plan<'_>,
    secrets: &PerNeed<SecretString>,
    ours: &Environment,
) -> Result<Vec<Cow<'static, CStr>>, Error> {
    let decided = Names::of(plan);
    let hidden = plan.hidden.map(|key| secrets.get(key).expose_secret().as_bytes());
    let carries_key = |value: &[u8]| hidden.is_some_and(|key| key == value);
    let stays = |entry: &CStr| {
        Entry::new(entry).is_none_or(|entry| {
            !(decided.contain(entry.name)
                || carries_key(entry.value)
                || entry.name == COUNT.as_bytes())
        })
    };
    let mut entries: Vec<Cow<'static, CStr>> =
        ours.0.iter().filter(|entry| stays(entry)).map(|&entry| entry.into()).collect();
    let mut redirected = (false, false);
    for Assignment { name, action, .. } in &plan.assignments {
        let mut bytes = Vec::with_capacity(name.len() + 64);
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        match action {
            Action::Unset => continue,
            Action::Public(value) => bytes.extend_from_slice(value.as_bytes()),
            Action::Secret { prefix, need, suffix } => {
                bytes.extend_from_slice(prefix.as_bytes());
                bytes.extend_from_slice(secrets.get(*need).expose_secret().as_bytes());
                bytes.extend_from_slice(suffix.as_bytes());
            }
        }
        let value = bytes.get(name.len() + 1..).unwrap_or_default();
        match &**name {
            plan::TOKEN => redirected.0 = !value.is_empty(),
            plan::BASE_URL => redirected.1 = !value.is_empty(),
            // A public value that we set is not a key, even if a local server's key is the same
            // word.
            _ if carries_key(value) && matches!(action, Action::Secret { .. }) => continue,
            _ => {}
        }
        let entry =
            CString::new(bytes).map_err(|_| Error::Nul { name: name.clone().into_owned() })?;
        entries.push(entry.into());
    }
    if plan.redirect && redirected != (true, true) {
        return Err(Error::EmptyRedirect);
    }
    Ok(entries)
}

/// The names that a plan sets or unsets.
enum Names<'a> {
    /// A few, searched in turn: comparing names of different lengths is immediate.
    Few(&'a [Assignment]),
    /// Many, sorted.
    Many(Vec<&'a [u8]>),
}

impl<'a> Names<'a> {
    /// From this number on, sorting pays off.
    const MANY: usize = 500;

    fn of(plan: &'a Plan<'_>) -> Self {
        if plan.assignments.len() < Self::MANY {
            return Self::Few(&plan.assignments);
        }
        let mut names: Vec<&[u8]> = Vec::with_capacity(plan.assignments.len());
        for assignment in &plan.assignments {
            names.push(assignment.name.as_bytes());
        }
        // Most are already in order, which this sort takes advantage of.
        names.sort();
        Self::Many(names)
    }

    fn contain(&self, name: &[u8]) -> bool {
        match self {
            Self::Few(all) => all.iter().any(|assignment| assignment.name.as_bytes() == name),
            Self::Many(names) => names.binary_search(&name).is_ok(),
        }
    }
}
