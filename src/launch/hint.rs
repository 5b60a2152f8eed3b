//! What the user may have meant by a command that does not exist.

use std::path::Path;

use crate::catalog;
use crate::cli;
use crate::cli::Shim;
use crate::client;
use crate::config::OwnRows;
use crate::configuration::Loaded;
use crate::exec;
use crate::host::Host;
use crate::report;
use crate::typed;

/// The error; if a command was not found, with a hint that fits the word.
pub(super) fn meant(error: exec::Error, host: &Host, loaded: &Loaded, shim: &Shim) -> exec::Error {
    let exec::Error::NotFound { command, .. } = &error else {
        return error;
    };
    let words = &shim.cli.words;
    let is_typed = shim.command.is_none() && words.name_a_command();
    let hint = if command.as_str() == client::NAME {
        match client::installed(host) {
            Some(file) if is_typed => Some(not_in_path(&file)),
            _ => None,
        }
    } else if !is_typed {
        loaded.exec.command.as_ref().map(|_| "it is `command` in exec.toml".to_owned())
    } else if words.escaped || command.as_str().contains('/') {
        // A path is no misspelt name.
        None
    } else {
        let argument = words.words.get(1).and_then(|word| word.to_str());
        let known = Known { ids: &loaded.provider_ids(), rows: &loaded.exec.rows };
        of_word(command.as_str(), argument, known)
    };
    exec::Error::NotFound { command: command.clone(), hint }
}

/// A hint to the client that a launch without a command would start.
fn not_in_path(file: &Path) -> String {
    let file = report::path(file);
    format!(
        "{file} exists: leave out the command, give the whole path, or put its folder into PATH"
    )
}

/// The words that name a provider.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) ids: &'a [&'a str],
    pub(super) rows: &'a OwnRows,
}

impl<'a> Known<'a> {
    /// The provider that a word names, by its id or by an alias.
    fn provider(self, word: &'a str) -> Option<&'a str> {
        if self.ids.contains(&word) {
            return Some(word);
        }
        self.rows.meant(word).or_else(|| catalog::meant(word)).map(|row| row.id)
    }

    /// The provider that a word names, or that it nearly names.
    pub(super) fn meant(self, word: &'a str) -> Option<String> {
        match self.provider(word) {
            Some(id) => Some(id.to_owned()),
            None => typed::nearest(word, self.ids.iter().copied()),
        }
    }
}

/// A hint for a first word that is a subcommand of a similar program.
fn of_word(word: &str, argument: Option<&str>, known: Known<'_>) -> Option<String> {
    if let Some(id) = known.provider(word) {
        return Some(report::did_you_mean(&format!("jackin-exec -p {id}")));
    }
    let argument = argument.and_then(|argument| known.provider(argument));
    let hint = match word {
        "list" | "ls" | "models" => "jackin-exec providers lists the providers".to_owned(),
        "status" | "current" => {
            "jackin-exec auth shows the keys, jackin-exec --dry-run what a launch would set"
                .to_owned()
        }
        "use" | "switch" | "set" => match argument {
            Some(id) => {
                format!("a launch chooses with -p {id}; for all, default_provider in exec.toml")
            }
            None => {
                "a launch chooses with -p ID; for all, default_provider in exec.toml".to_owned()
            }
        },
        "login" | "add" | "key" | "setup" | "init" => match argument {
            Some(id) => format!("a key is set with jackin-exec auth set {id}"),
            None => "a key is set with jackin-exec auth set ID".to_owned(),
        },
        "logout" => "a key is removed with jackin-exec auth unset ID".to_owned(),
        "env" | "show" => "jackin-exec --dry-run shows what a launch would set".to_owned(),
        "config" => "jackin-exec doctor says which files are read".to_owned(),
        "help" => "jackin-exec --help".to_owned(),
        "version" => "jackin-exec --version".to_owned(),
        _ => match typed::nearest(word, cli::tasks()) {
            Some(task) => report::did_you_mean(&format!("jackin-exec {task}")),
            None => {
                report::did_you_mean(&format!("jackin-exec -p {}", nearly_provider(word, known)?))
            }
        },
    };
    Some(hint)
}

/// The provider whose id a word misspells. Most commands that are not installed are no provider, so
/// only a slip of two letters counts.
fn nearly_provider(word: &str, known: Known<'_>) -> Option<String> {
    const SLIP: usize = 2;
    let near = typed::nearest(word, known.ids.iter().copied())?;
    let is_slip = word.len() > 2 * SLIP && strsim::osa_distance(word, &near) <= SLIP;
    if is_slip { Some(near) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_programs_lead_to_ours() {
        for (word, argument, wanted) in [
            ("kimi", None, Some("did you mean jackin-exec -p kimi?")),
            ("glm", None, Some("did you mean jackin-exec -p zai?")),
            ("kimmi", None, Some("did you mean jackin-exec -p kimi?")),
            ("deepsek", None, Some("did you mean jackin-exec -p deepseek?")),
            ("vim", None, None),
            ("deep", None, None),
            ("help", None, Some("jackin-exec --help")),
            ("version", None, Some("jackin-exec --version")),
            ("setup", None, Some("a key is set with jackin-exec auth set ID")),
            ("doctr", None, Some("did you mean jackin-exec doctor?")),
            ("list", None, Some("jackin-exec providers lists the providers")),
            (
                "use",
                Some("kimi"),
                Some("a launch chooses with -p kimi; for all, default_provider in exec.toml"),
            ),
            // A word that may be a key is not repeated.
            (
                "switch",
                Some("sk-SENTINEL"),
                Some("a launch chooses with -p ID; for all, default_provider in exec.toml"),
            ),
            ("login", None, Some("a key is set with jackin-exec auth set ID")),
            ("login", Some("kimi"), Some("a key is set with jackin-exec auth set kimi")),
            ("env", None, Some("jackin-exec --dry-run shows what a launch would set")),
            ("provider", None, Some("did you mean jackin-exec providers?")),
            ("xyzzy", None, None),
        ] {
            let known = Known { ids: &["kimi", "deepseek"], rows: &OwnRows::default() };
            assert_eq!(of_word(word, argument, known).as_deref(), wanted, "{word}");
        }
    }
}
