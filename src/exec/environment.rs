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
    let decided = Names::of(&plan.assignments, plan.operators);
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
        let parts = match action {
            Action::Unset => continue,
            Action::Public(value) => [value.as_bytes(), b"", b"", b""],
            Action::Secret { need, around: None } => [secret(*need).as_bytes(), b"", b"", b""],
            Action::Secret { need, around: Some(around) } => {
                let (prefix, suffix) = (around.prefix.as_bytes(), around.suffix.as_bytes());
                [prefix, secret(*need).as_bytes(), suffix, b""]
            }
            Action::Header(header) => {
                let (before, key) = match header.key {
                    Some((before, key)) => (before, secret(key)),
                    None => ("", ""),
                };
                let text = header.text.as_bytes();
                [before.as_bytes(), key.as_bytes(), text, secret(header.need).as_bytes()]
            }
        };
        let bytes = entry(name, parts);
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

/// `NAME=VALUE`, with room for a NUL.
fn entry(name: &str, parts: [&[u8]; 4]) -> Vec<u8> {
    let mut length = name.len() + 2;
    for part in parts {
        length += part.len();
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(b'=');
    for part in parts {
        // Most values are in one part, and a copy is a call.
        if !part.is_empty() {
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

/// The names that a plan sets or unsets.
struct Names<'a> {
    /// The operator's, in order: there may be any number of them.
    operator: &'a [Assignment<'a>],
    /// The others: a few.
    others: &'a [Assignment<'a>],
    /// Most names of an environment do not pass it.
    filter: Filter,
}

impl<'a> Names<'a> {
    fn of(assignments: &'a [Assignment<'a>], operators: usize) -> Self {
        let mut filter = Filter::default();
        for assignment in assignments {
            filter.add(&assignment.name);
        }
        let (operator, others) =
            assignments.split_at_checked(operators).unwrap_or((&[], assignments));
        Self { operator, others, filter }
    }

    fn contain(&self, name: &[u8]) -> bool {
        let order = |one: &Assignment<'_>| one.name.as_bytes().cmp(name);
        self.filter.may_contain(name)
            && (self.operator.binary_search_by(order).is_ok()
                || self.others.iter().any(|one| one.name.as_bytes() == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Origin;
    use crate::catalog;
    use crate::scope::Scope;

    #[test]
    fn a_name_is_decided_exactly_if_it_is_one_of_the_assignments() {
        let mut assignments = Vec::new();
        for name in catalog::removed_names() {
            let action = Action::Unset;
            assignments.push(Assignment { name: name.into(), action, origin: Origin::Provider });
        }
        let decided = Names::of(&assignments, 0);
        for name in catalog::removed_names() {
            assert!(decided.contain(name.as_bytes()), "{name}");
            assert!(!decided.contain(format!("{name}_").as_bytes()), "{name}_");
            assert!(!decided.contain(name.to_lowercase().as_bytes()), "{name} in lower case");
        }
        assert!(!decided.contain(b""));
    }

    /// Managed settings replace an assignment of any origin, so its origin does not tell the
    /// part that it belongs to.
    #[test]
    fn a_name_of_the_operators_is_decided_whatever_its_origin() {
        let names = ["A", "B", "C", "D", "E"];
        for managed in 0..names.len() {
            let mut assignments = Vec::new();
            for (index, name) in names.iter().copied().enumerate() {
                let origin =
                    if index == managed { Origin::Managed } else { Origin::Scope(Scope::Global) };
                assignments.push(Assignment { name: name.into(), action: Action::Unset, origin });
            }
            for operators in 0..=names.len() {
                let decided = Names::of(&assignments, operators);
                for name in names {
                    assert!(decided.contain(name.as_bytes()), "{name} {managed} {operators}");
                }
                assert!(!decided.contain(b"F"));
            }
        }
    }
}
