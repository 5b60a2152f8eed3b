//! Every failure that a person can cause: its exact words, its status, its hint, and no secret in
//! it.

mod commands;
pub(crate) mod content;
mod places;
mod typed;

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A way to fail: what is there, what is typed, and the words.
struct Row {
    claim: &'static str,
    /// Paths below the sandbox's root, and texts; `C/` is the folder of the configuration.
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    status: i32,
    says: &'static str,
}

/// A home in which the sentinel stands wherever the row leaves room for it.
fn planted(files: &[(&str, &str)]) -> Sandbox {
    let mut home = sandbox()
        .env("MINIMAX_API_KEY", SENTINEL)
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nLITERAL = \"[SECRET]\"\nOTHER = { value = \"[SECRET]\" }\n",
        )
        .rooted("home/.config/jackin/workspaces/other.toml", "[env]\nLITERAL = \"[SECRET]\"\n");
    for (path, text) in files {
        home = home.rooted(&path.replace("C/", "home/.config/jackin/"), text);
    }
    home
}

fn check(rows: &[Row]) {
    for Row { claim, files, variables, arguments, status, says } in rows {
        let mut home = planted(files);
        for (name, value) in *variables {
            let value = home.filled(value);
            home = home.env(name, value);
        }
        let outcome = home.run(*arguments);
        let says = says.replace("C/", "[ROOT]/home/.config/jackin/");
        let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
        assert_eq!(seen, (*status, "", says.as_str()), "{claim}");
        outcome.shows_no_secret();
    }
}

/// Nobody in particular.
const NOBODY: u32 = 65534;
