//! The environment that the command gets.

use std::borrow::Borrow;
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
use crate::plan::Filter;
use crate::plan::PerNeed;
use crate::plan::Plan;

/// The environment that the command gets: ours, byte for byte and in order, without what the plan
/// sets or unsets and any other entry that carries the provider's key; then what the plan sets.
///
/// # Errors
///
/// [`Error::Nul`] for a value that holds NUL, [`Error::EmptyRedirect`] for a redirect without a
/// credential or endpoint.
pub fn environment<S: Borrow<SecretString>>(
    plan: &Plan<'_>,
    secrets: &PerNeed<S>,
    ours: &Environment,
) -> Result<Vec<Cow<'static, CStr>>, Error> {
    let decided = Names::of(plan);
    let secret = |id| secrets.get(id).borrow().expose_secret();
    let [key, header_key] = plan.hidden.map(|id| Some(secret(id?).as_bytes()));
    let carries_key = |value: &[u8]| key == Some(value) || header_key == Some(value);
    let mut entries: Vec<Cow<'static, CStr>> =
        Vec::with_capacity(ours.0.len() + plan.assignments.len() + 1);
    for &entry in &ours.0 {
        let stays = match Entry::new(entry) {
            Some(Entry { name, value }) => {
                !(decided.contain(name) || carries_key(value) || name == COUNT.as_bytes())
            }
            None => true,
        };
        if stays {
            entries.push(entry.into());
        }
    }
    let (mut has_token, mut has_endpoint) = (false, false);
    for Assignment { name, action, .. } in &plan.assignments {
        let mut bytes = Vec::with_capacity(name.len() + 64);
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        match action {
            Action::Unset => continue,
            Action::Public(value) => bytes.extend_from_slice(value.as_bytes()),
            Action::Secret { prefix, need, suffix } => {
                bytes.extend_from_slice(prefix.as_bytes());
                bytes.extend_from_slice(secret(*need).as_bytes());
                bytes.extend_from_slice(suffix.as_bytes());
            }
            Action::Header(header) => {
                if let Some((before, key)) = header.key {
                    bytes.extend_from_slice(before.as_bytes());
                    bytes.extend_from_slice(secret(key).as_bytes());
                }
                bytes.extend_from_slice(header.text.as_bytes());
                bytes.extend_from_slice(secret(header.need).as_bytes());
            }
        }
        let value = bytes.get(name.len() + 1..).unwrap_or_default();
        match &**name {
            plan::TOKEN => has_token = !value.is_empty(),
            plan::BASE_URL => has_endpoint = !value.is_empty(),
            // A public value that we set is not a key, even if a local server's key is the same
            // word.
            _ if carries_key(value) && matches!(action, Action::Secret { .. }) => continue,
            _ => {}
        }
        match CString::new(bytes) {
            Ok(entry) => entries.push(entry.into()),
            Err(_) => return Err(Error::Nul { name: name.clone().into_owned() }),
        }
    }
    if plan.redirect && !(has_token && has_endpoint) {
        return Err(Error::EmptyRedirect);
    }
    Ok(entries)
}

/// The names that a plan sets or unsets.
enum Names<'a> {
    /// A few, searched in turn, after a filter that most names of an environment do not pass.
    Few(&'a [Assignment], Filter),
    /// Many, sorted.
    Many(Vec<&'a [u8]>),
}

impl<'a> Names<'a> {
    /// From this number on, sorting pays off.
    const MANY: usize = 500;

    fn of(plan: &'a Plan<'_>) -> Self {
        if plan.assignments.len() < Self::MANY {
            return Self::few(&plan.assignments);
        }
        let mut names: Vec<&[u8]> = Vec::with_capacity(plan.assignments.len());
        for assignment in &plan.assignments {
            names.push(assignment.name.as_bytes());
        }
        // Most are already in order, which this sort takes advantage of.
        names.sort();
        Self::Many(names)
    }

    fn few(assignments: &'a [Assignment]) -> Self {
        let mut filter = Filter::default();
        for assignment in assignments {
            filter.add(&assignment.name);
        }
        Self::Few(assignments, filter)
    }

    fn contain(&self, name: &[u8]) -> bool {
        match self {
            Self::Few(all, filter) => {
                filter.may_contain(name)
                    && all.iter().any(|assignment| assignment.name.as_bytes() == name)
            }
            Self::Many(names) => names.binary_search(&name).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Origin;
    use crate::catalog;

    #[test]
    fn a_name_is_decided_exactly_if_it_is_one_of_the_assignments() {
        let mut assignments = Vec::new();
        for name in catalog::removed_names() {
            let action = Action::Unset;
            assignments.push(Assignment { name: name.into(), action, origin: Origin::Provider });
        }
        let decided = Names::few(&assignments);
        for name in catalog::removed_names() {
            assert!(decided.contain(name.as_bytes()), "{name}");
            assert!(!decided.contain(format!("{name}_").as_bytes()), "{name}_");
            assert!(!decided.contain(name.to_lowercase().as_bytes()), "{name} in lower case");
        }
        assert!(!decided.contain(b""));
    }
}
