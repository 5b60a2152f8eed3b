//! Which file, which scope, which form of value wins: rows of configuration and what comes out of
//! them.

mod broken;
mod defaults;
mod forms;
mod elsewhere;
mod lists;
mod roles;
mod values;
mod workspaces;

use std::collections::BTreeMap;

use crate::support::Outcome;
use crate::support::Sandbox;
use crate::support::sandbox;

/// No warning.
const NOTHING: &str = "";

/// What most rows need to name a role.
const ROLE: &str = "[roles.\"acme/rev\"]\ngit = \"https://github.com/acme/jackin-rev.git\"\n";

/// A home with a host variable, an empty one, and the stub of `op`.
fn home() -> Sandbox {
    sandbox().env("HOST_A", "from the host").env("HOST_EMPTY", "").op()
}

/// Compares the plan, and the command's environment, with what a row wants.
#[track_caller]
fn observe(
    home: &Sandbox,
    claim: &str,
    arguments: &[&str],
    wanted: &[(&str, &str, &str)],
    says: &str,
) {
    let with = |more: &[&'static str]| {
        let fixed = ["-p", "anthropic"].iter().chain(arguments).chain(more);
        let outcome = home.run(fixed);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, says), "{claim}: {outcome:#?}");
        outcome
    };
    let plan = origins(&with(&["--dry-run", "--json"]));
    let environment = environment(&with(&["--", "env", "-0"]));
    for (name, origin, value) in wanted {
        if origin.is_empty() {
            assert_eq!(plan.get(*name), None, "{claim}: {name}");
            assert_eq!(environment.get(*name), None, "{claim}: {name}");
        } else {
            assert_eq!(plan.get(*name).map(String::as_str), Some(*origin), "{claim}: {name}");
            assert_eq!(environment.get(*name).map(String::as_str), Some(*value), "{claim}: {name}");
        }
    }
}

/// Name → `origin kind reference` of what a plan sets.
fn origins(plan: &Outcome) -> BTreeMap<String, String> {
    let json = plan.json();
    let text =
        |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let set = json["env"].as_array().unwrap().iter().filter(|entry| entry["action"] == "set");
    let shown = |entry| {
        ["origin", "kind", "reference"].map(|key| text(entry, key)).join(" ").trim_end().to_owned()
    };
    set.map(|entry| (text(entry, "name"), shown(entry))).collect()
}

/// What `env -0` printed.
fn environment(outcome: &Outcome) -> BTreeMap<String, String> {
    let entries = outcome.stdout.split_terminator('\0').filter_map(|entry| entry.split_once('='));
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
