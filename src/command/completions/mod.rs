//! `completions`: prints the scripts, and the words that fit at the cursor.
//!
//! The scripts are thin: they ask this program. So options come from the one definition and names
//! from the operator's files, and both match the installed program.

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
use joined::Joined;
use spot::What;
use spot::find;

/// The script for a shell, as shipped.
pub const fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../../completions/jackin-exec.bash"),
        Shell::Zsh => include_str!("../../../completions/_jackin-exec"),
        Shell::Fish => include_str!("../../../completions/jackin-exec.fish"),
    }
}

/// The operator's names that completion offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Provider ids, in the order of the question.
    Providers,
    /// Workspaces.
    Workspaces,
    /// Roles.
    Roles,
    /// The words of the default command.
    Command,
}

/// A word and its description.
pub type Described = (String, String);

/// Options before the cursor that change which names exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `--config-dir`
    pub config_dir: Option<OsString>,
    /// `--workspace`
    pub workspace: Option<String>,
}

/// What fits at the cursor: a first line for the script, then one line for each word with its
/// description.
///
/// The first line is `words`, `files` or `folders`; or `command N` if word N begins another
/// command; or `arguments N WORD…` if the words from N on are arguments of that command. Words are
/// counted as the shell passed them; the program's name is 0.
pub fn candidates(
    shell: Shell,
    words: &[OsString],
    names: impl FnOnce(Wanted, &Asked) -> Vec<Described>,
) -> String {
    let joined = Joined::new(shell, words);
    let spot = find(&joined.words);
    let definition = cli::tailored(cli::definition());
    let command = command(&definition, &spot.tasks);
    let answer = match spot.what {
        What::Command { at } => other_command(&joined, at),
        What::Escaped { at } if takes_command(command) => other_command(&joined, at),
        What::Escaped { .. } => Answer::words(),
        What::Arguments { at } => {
            let mut command = Vec::new();
            for (word, _) in names(Wanted::Command, &spot.asked) {
                command.push(report::escape(&word).into_owned());
            }
            Answer::new(format!("arguments {} {}", joined.raw(at), command.join("\t")))
        }
        What::First => {
            let mut answer = if spot.tasks.is_empty() {
                other_command(&joined, spot.at)
            } else {
                Answer::words()
            };
            answer.tasks(command);
            answer
        }
        What::Option => {
            let mut answer = Answer::words();
            answer.options(command);
            answer
        }
        What::Value { option, prefix } => {
            let argument = command.get_arguments().find(|one| one.get_long() == Some(option.long));
            Answer::values(argument, &prefix, |wanted| names(wanted, &spot.asked))
        }
        What::Operand(index) => {
            Answer::values(operand(command, index), "", |wanted| names(wanted, &spot.asked))
        }
    };
    answer.print(&joined.typed(), joined.cut)
}

/// The subcommand that the words name.
fn command<'a>(root: &'a clap::Command, tasks: &[&str]) -> &'a clap::Command {
    let mut command = root;
    for task in tasks {
        command = command.find_subcommand(task).unwrap_or(command);
    }
    command
}

fn other_command(joined: &Joined, at: usize) -> Answer {
    Answer::new(format!("command {}", joined.raw(at)))
}

/// The operand that a word is, counted from 0; the last one may take more than one word.
fn operand(command: &clap::Command, index: usize) -> Option<&clap::Arg> {
    let mut last = None;
    let mut left = index;
    for argument in command.get_positionals() {
        if argument.is_hide_set() {
            continue;
        }
        if left == 0 {
            return Some(argument);
        }
        left -= 1;
        last = Some(argument);
    }
    match last {
        Some(last) if matches!(last.get_action(), clap::ArgAction::Append) => Some(last),
        _ => None,
    }
}

/// Whether a subcommand's `--` is followed by another command.
fn takes_command(command: &clap::Command) -> bool {
    command.get_positionals().any(|one| one.is_last_set() && !one.is_hide_set())
}
