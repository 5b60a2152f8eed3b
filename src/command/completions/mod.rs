//! `completions`: the scripts, and what could stand at the cursor.
//!
//! The scripts are thin. They ask this program, so that options come from the one definition, names
//! from the operator's files, and both are those of the program that is installed.

mod answer;
mod joined;
mod run;
mod spot;

#[cfg(test)]
mod tests;

pub(crate) use run::run;

use std::ffi::OsString;

use crate::cli;
use crate::cli::Shell;
use crate::report;

use answer::Answer;
use answer::directive;
use joined::Joined;
use spot::What;
use spot::find;

/// The script for a shell, as it ships.
pub const fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../../completions/jackin-exec.bash"),
        Shell::Zsh => include_str!("../../../completions/_jackin-exec"),
        Shell::Fish => include_str!("../../../completions/jackin-exec.fish"),
    }
}

/// Names of the operator's, for completion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Ids of providers with their labels, in the order of the question.
    pub providers: Vec<(String, String)>,
    /// Workspaces.
    pub workspaces: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// The words that stand before arguments alone.
    pub command: Vec<String>,
}

/// Options before the cursor that change which names there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `--config-dir`
    pub config_dir: Option<OsString>,
    /// `--workspace`
    pub workspace: Option<String>,
}

/// What could stand at the cursor: a first line for the script, then a line for each word with its
/// description.
///
/// The first line is `words`, `files`, `folders`; `command N` if word N begins another command; or
/// `arguments N WORD…` if the words from N on are arguments of that command. Words are counted as
/// they came, the program's name being 0.
pub fn candidates(shell: Shell, words: &[OsString], names: impl FnOnce(&Asked) -> Names) -> String {
    let joined = Joined::new(shell, words);
    let definition = cli::tailored(cli::definition());
    let spot = find(&definition, &joined.words);
    let known = names(&spot.asked);
    let mut answer = match &spot.what {
        What::Command { at } => Answer::new(format!("command {}", joined.raw(*at))),
        What::Arguments { at } => {
            let command: Vec<_> = known.command.iter().map(|word| report::escape(word)).collect();
            Answer::new(format!("arguments {} {}", joined.raw(*at), command.join("\t")))
        }
        What::First { root: true, .. } => Answer::new(format!("command {}", joined.raw(spot.at))),
        What::Value { argument, .. } => Answer::new(directive(argument).to_owned()),
        What::First { .. } | What::Option { .. } | What::Nothing => Answer::new("words".to_owned()),
    };
    match spot.what {
        What::First { command, .. } => answer.tasks(command),
        What::Option { command } => answer.options(command),
        What::Value { argument, prefix } => answer.values(argument, &prefix, &known),
        What::Command { .. } | What::Arguments { .. } | What::Nothing => {}
    }
    answer.print(&joined.typed(), joined.cut)
}
