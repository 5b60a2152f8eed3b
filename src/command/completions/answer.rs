//! The lines that a completion script reads.

use clap::ValueHint;
use clap::builder::StyledStr;

use crate::command::completions::Described;
use crate::command::completions::Wanted;
use crate::report;

/// The script's directive for a value: the shell completes files and folders, we the rest.
fn directive(argument: &clap::Arg) -> &'static str {
    match argument.get_value_hint() {
        ValueHint::DirPath => "folders",
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::ExecutablePath => "files",
        _ => "words",
    }
}

/// A help text without its styles.
fn plain(help: Option<&StyledStr>) -> String {
    match help {
        Some(help) => help.to_string(),
        None => String::new(),
    }
}

/// The lines for the script.
pub(super) struct Answer {
    pub(super) directive: String,
    pub(super) words: Vec<Described>,
}

impl Answer {
    /// An answer that consists of our own words.
    pub(super) fn words() -> Self {
        Self::new("words".to_owned())
    }

    pub(super) const fn new(directive: String) -> Self {
        Self { directive, words: Vec::new() }
    }

    pub(super) fn word(&mut self, word: impl Into<String>, description: impl Into<String>) {
        self.words.push((word.into(), description.into()));
    }

    pub(super) fn tasks(&mut self, command: &clap::Command) {
        for task in command.get_subcommands() {
            if !task.is_hide_set() {
                self.word(task.get_name(), plain(task.get_about()));
            }
        }
    }

    pub(super) fn options(&mut self, command: &clap::Command) {
        for argument in command.get_arguments() {
            if argument.is_positional() || argument.is_hide_set() {
                continue;
            }
            let help = plain(argument.get_help());
            let first_line = help.lines().next().unwrap_or_default();
            if let Some(long) = argument.get_long() {
                self.word(format!("--{long}"), first_line);
            }
            if let Some(short) = argument.get_short() {
                self.word(format!("-{short}"), first_line);
            }
        }
    }

    /// The values of an argument, each after what was typed before it in the same word.
    pub(super) fn values(
        argument: Option<&clap::Arg>,
        prefix: &str,
        names: impl FnOnce(Wanted) -> Vec<Described>,
    ) -> Self {
        let mut answer = Self::words();
        let Some(argument) = argument else {
            return answer;
        };
        directive(argument).clone_into(&mut answer.directive);
        let wanted = match argument.get_id().as_str() {
            "provider" | "id" => Wanted::Providers,
            "workspace" => Wanted::Workspaces,
            "role" => Wanted::Roles,
            _ => {
                for value in argument.get_possible_values() {
                    answer.word(format!("{prefix}{}", value.get_name()), plain(value.get_help()));
                }
                return answer;
            }
        };
        for (name, description) in names(wanted) {
            answer.word(format!("{prefix}{name}"), description);
        }
        // Only the option can ask; a word of `auth` names the provider to configure.
        if wanted == Wanted::Providers && !argument.is_positional() {
            answer.word(format!("{prefix}ask"), "ask which provider");
        }
        answer
    }

    /// The lines that begin with what was typed, each without the part that the shell keeps.
    pub(super) fn print(mut self, typed: &str, cut: usize) -> String {
        // The script splits at lines and tabs; a name that contains either cannot be typed at a
        // prompt anyway.
        self.words
            .retain(|(word, _)| word.starts_with(typed) && !word.chars().any(report::is_unsafe));
        let mut text = self.directive + "\n";
        for (word, description) in self.words {
            text.push_str(word.get(cut..).unwrap_or_default());
            if !description.is_empty() {
                text.push('\t');
                text.push_str(&report::escape(&description));
            }
            text.push('\n');
        }
        text
    }
}
