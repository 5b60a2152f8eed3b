//! `doctor`: set-ups that are broken on purpose, and its words.

mod answers;
mod client;
mod configuration;
mod environment;
mod helpers;
mod online;
mod words;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::sandbox;

const CLIENT: &str = "case \"$1\" in --version) echo '2.1.330 (Claude Code)';; *) exit 9;; esac";

/// A home with a client and nothing else.
fn healthy() -> Sandbox {
    sandbox().script("bin/claude", CLIENT).path_first("bin")
}

/// All that was found, as `status check: message | remedy`.
fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let outcome = sandbox.run(["doctor", "--json"].iter().chain(arguments));
    outcome.shows_no_secret();
    assert_eq!(outcome.stderr, "");
    let parsed: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("no JSON: {outcome:#?}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let found: Vec<String> = parsed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let remedy = one
                .get("remedy")
                .map(|_| format!(" | {}", text(one, "remedy")))
                .unwrap_or_default();
            format!(
                "{} {}: {}{remedy}",
                text(one, "status"),
                text(one, "check"),
                text(one, "message")
            )
        })
        .collect();
    let fails = found.iter().any(|line| line.starts_with("fail"));
    assert_eq!(outcome.status, i32::from(fails), "{found:#?}");
    found
}

/// A path of the sandbox, as outcomes show it.
fn at(relative: &str) -> String {
    format!("[ROOT]/{relative}")
}

/// The finding, word for word.
#[track_caller]
fn has(found: &[String], wanted: &str) {
    assert!(found.iter().any(|line| line == wanted), "no {wanted}\nin {found:#?}");
}
