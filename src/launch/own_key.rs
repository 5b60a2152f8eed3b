//! Another vendor's key in Anthropic's variables: without a redirect, Claude Code sends it to
//! Anthropic.

use std::borrow::Cow;
use std::ffi::CStr;

use crate::catalog;
use crate::host::Entry;
use crate::plan::BASE_URL;
use crate::plan::Plan;
use crate::plan::TOKEN;
use crate::warning::Warning;

/// The variables from which Claude Code takes a credential for Anthropic.
const OWN: [&str; 3] = ["ANTHROPIC_API_KEY", TOKEN, "CLAUDE_CODE_OAUTH_TOKEN"];

/// The warnings about the environment that the command gets. A gateway may want any key.
pub(super) fn warnings(plan: &Plan<'_>, entries: &[Cow<'static, CStr>]) -> Vec<Warning> {
    let mut found = Vec::new();
    if plan.redirect || value(entries, BASE_URL).is_some() {
        return found;
    }
    let Some(anthropic) = catalog::find(catalog::ANTHROPIC) else { return found };
    for name in OWN {
        let key = value(entries, name).unwrap_or_default();
        if let Some(vendor) = catalog::vendor_of_foreign_key(key, anthropic) {
            found.push(Warning::KeyOfAnother { key: name.to_owned(), vendor });
        }
    }
    found
}

/// The value of a name, unless it is empty.
fn value<'e>(entries: &'e [Cow<'static, CStr>], name: &str) -> Option<&'e str> {
    let mut entries = entries.iter().filter_map(|entry| Entry::new(entry));
    let entry = entries.find(|entry| entry.name == name.as_bytes())?;
    std::str::from_utf8(entry.value).ok().filter(|value| !value.is_empty())
}
