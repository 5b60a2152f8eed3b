//! `completions`: the scripts, and what could stand at the cursor.
//!
//! The scripts are thin. They ask this program, so that options come from the one definition, names
//! from the operator's files, and both are those of the program that is installed.

mod run;

pub(crate) use run::run;

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use clap::ArgAction;
use clap::ValueHint;

use crate::cli;
use crate::cli::Shell;
use crate::report;

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

/// The words as the program would get them.
struct Joined {
    words: Vec<OsString>,
    /// Where each began among the words that came.
    raw: Vec<usize>,
    /// How many bytes of the last one the shell does not replace.
    cut: usize,
}

impl Joined {
    /// bash breaks words at `=` and `:`, and replaces only what follows the last of them.
    fn new(shell: Shell, words: &[OsString]) -> Self {
        let mut joined = Self { words: Vec::new(), raw: Vec::new(), cut: 0 };
        let mut glue = false;
        for (index, word) in words.iter().enumerate() {
            let breaks = shell == Shell::Bash && matches!(word.as_bytes(), b"=" | b":");
            // A lone `=` that follows no option, and a lone `:` that follows nothing, are words of
            // their own.
            let fits = joined.words.last().is_some_and(|last| !last.is_empty());
            if let Some(last) =
                joined.words.last_mut().filter(|_| index > 1 && fits && (glue || breaks))
            {
                last.push(word);
                joined.cut = if breaks { last.len() } else { joined.cut };
            } else {
                joined.words.push(word.clone());
                joined.raw.push(index);
                joined.cut = 0;
            }
            glue = breaks;
        }
        joined
    }

    fn raw(&self, at: usize) -> usize {
        self.raw.get(at).copied().unwrap_or(at)
    }

    fn typed(&self) -> String {
        self.words.last().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Where the cursor is, and what was asked for before it.
struct Spot<'a> {
    /// The index of the word at the cursor.
    at: usize,
    what: What<'a>,
    asked: Asked,
}

enum What<'a> {
    /// Another command begins at a word.
    Command { at: usize },
    /// The arguments of the default command begin at a word.
    Arguments { at: usize },
    /// A subcommand of ours or, at the root, another command.
    First { command: &'a clap::Command, root: bool },
    /// An option of ours.
    Option { command: &'a clap::Command },
    /// The value of an argument; what stands before it in the same word.
    Value { argument: &'a clap::Arg, prefix: String },
    /// Nothing that we know.
    Nothing,
}

/// Reads the words as the program would read them.
fn find<'a>(root: &'a clap::Command, words: &[OsString]) -> Spot<'a> {
    let last = words.len().saturating_sub(1);
    let mut asked = Asked::default();
    let mut command = root;
    let mut operands = 0;
    let mut at = 1;
    let spot = |what, asked| Spot { at: last, what, asked };
    while at < last {
        let Some(word) = words.get(at).map(|word| word.as_bytes()) else {
            break;
        };
        let is_root = std::ptr::eq(command, root);
        if word == b"--" {
            if !is_root {
                let command =
                    command.get_positionals().any(|one| one.is_last_set() && !one.is_hide_set());
                return spot(
                    if command { What::Command { at: at + 1 } } else { What::Nothing },
                    asked,
                );
            }
            let first = words.get(at + 1).is_some_and(|word| word.as_bytes().starts_with(b"-"));
            let at = at + 1;
            return spot(if first { What::Arguments { at } } else { What::Command { at } }, asked);
        }
        if word.len() > 1 && word.starts_with(b"-") {
            if let Some((argument, attached)) = option(command, word) {
                let value = match attached {
                    Some(value) => Some(OsStr::from_bytes(value)),
                    None if takes_value(argument) => {
                        at += 1;
                        words.get(at).filter(|_| at < last).map(OsString::as_os_str)
                    }
                    None => None,
                };
                if at == last {
                    return spot(What::Value { argument, prefix: String::new() }, asked);
                }
                asked.remember(argument, value);
            }
        } else if let Some(inner) =
            command.get_subcommands().find(|inner| inner.get_name().as_bytes() == word)
        {
            command = inner;
            operands = 0;
        } else if is_root {
            return spot(What::Command { at }, asked);
        } else {
            operands += 1;
        }
        at += 1;
    }
    let typed = words.get(last).map(|word| word.as_bytes()).unwrap_or_default();
    if typed.starts_with(b"-") {
        let named = typed.starts_with(b"--") && typed.contains(&b'=');
        if let Some((argument, Some(value))) = option(command, typed).filter(|_| named) {
            let before = typed.get(..typed.len() - value.len()).unwrap_or_default();
            let prefix = String::from_utf8_lossy(before).into_owned();
            return spot(What::Value { argument, prefix }, asked);
        }
        return spot(What::Option { command }, asked);
    }
    let root = std::ptr::eq(command, root);
    if root || command.has_subcommands() {
        return spot(What::First { command, root }, asked);
    }
    let mut positionals = command.get_positionals().filter(|argument| !argument.is_hide_set());
    match positionals.nth(operands) {
        Some(argument) => spot(What::Value { argument, prefix: String::new() }, asked),
        None => spot(What::Nothing, asked),
    }
}

/// The option that a word holds, the last one of a group of short ones, and the value in the same
/// word.
fn option<'a, 'w>(
    command: &'a clap::Command,
    word: &'w [u8],
) -> Option<(&'a clap::Arg, Option<&'w [u8]>)> {
    if let Some(name) = word.strip_prefix(b"--") {
        let end = name.iter().position(|&byte| byte == b'=');
        let (name, value) = name.split_at(end.unwrap_or(name.len()));
        let argument = options(command)
            .find(|one| one.get_long().is_some_and(|long| long.as_bytes() == name))?;
        return Some((argument, value.get(1..)));
    }
    let shorts = word.get(1..)?;
    for (index, &short) in shorts.iter().enumerate() {
        let argument = options(command).find(|one| one.get_short() == Some(char::from(short)))?;
        let rest = shorts.get(index + 1..).unwrap_or_default();
        if takes_value(argument) || rest.is_empty() {
            return Some((argument, Some(rest).filter(|rest| !rest.is_empty())));
        }
    }
    None
}

/// A command's options with the common ones, which the root defines.
fn options(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|argument| !argument.is_positional())
}

fn takes_value(argument: &clap::Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Set | ArgAction::Append)
}

impl Asked {
    fn remember(&mut self, argument: &clap::Arg, value: Option<&OsStr>) {
        match argument.get_id().as_str() {
            "config_dir" => self.config_dir = value.map(OsStr::to_owned),
            "workspace" => self.workspace = value.and_then(OsStr::to_str).map(str::to_owned),
            _ => {}
        }
    }
}

/// Who completes a value, if we do not.
fn directive(argument: &clap::Arg) -> &'static str {
    match argument.get_value_hint() {
        ValueHint::DirPath => "folders",
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::ExecutablePath => "files",
        _ => "words",
    }
}

/// Lines for the script.
struct Answer {
    directive: String,
    words: Vec<(String, String)>,
}

impl Answer {
    const fn new(directive: String) -> Self {
        Self { directive, words: Vec::new() }
    }

    fn word(&mut self, word: impl Into<String>, description: impl Into<String>) {
        self.words.push((word.into(), description.into()));
    }

    fn tasks(&mut self, command: &clap::Command) {
        for task in command.get_subcommands().filter(|task| !task.is_hide_set()) {
            let about = task.get_about().map(ToString::to_string).unwrap_or_default();
            self.word(task.get_name(), about);
        }
    }

    fn options(&mut self, command: &clap::Command) {
        for argument in options(command).filter(|argument| !argument.is_hide_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let help = help.lines().next().unwrap_or_default().to_owned();
            self.words.extend(argument.get_long().map(|long| (format!("--{long}"), help.clone())));
            self.words.extend(argument.get_short().map(|short| (format!("-{short}"), help)));
        }
    }

    fn values(&mut self, argument: &clap::Arg, prefix: &str, names: &Names) {
        match argument.get_id().as_str() {
            "provider" | "id" => {
                for (id, label) in &names.providers {
                    self.word(format!("{prefix}{id}"), label);
                }
                // The one place where a provider is chosen, not configured.
                if !argument.is_positional() {
                    self.word(format!("{prefix}ask"), "ask which provider");
                }
            }
            "workspace" => {
                names.workspaces.iter().for_each(|name| self.word(format!("{prefix}{name}"), ""))
            }
            "role" => names.roles.iter().for_each(|name| self.word(format!("{prefix}{name}"), "")),
            _ => {
                for value in
                    argument.get_possible_values().iter().filter(|value| !value.is_hide_set())
                {
                    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                    self.word(format!("{prefix}{}", value.get_name()), help);
                }
            }
        }
    }

    /// The lines, less what does not begin as was typed; of each word without what the shell does
    /// not replace.
    fn print(mut self, typed: &str, cut: usize) -> String {
        // A script reads lines and tabs; a name that holds such a thing cannot be typed at a prompt
        // either.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(asked: &Asked) -> Names {
        let roles =
            asked.workspace.iter().map(|workspace| format!("role-of-{workspace}")).collect();
        let folder = asked.config_dir.iter().map(|folder| folder.to_string_lossy().into_owned());
        Names {
            providers: vec![
                ("kimi".to_owned(), "Kimi".to_owned()),
                ("zai".to_owned(), "Z.AI".to_owned()),
            ],
            workspaces: folder.chain(["a:b".to_owned(), "bad\nname".to_owned()]).collect(),
            roles,
            command: vec!["claude".to_owned(), "--x".to_owned()],
        }
    }

    /// What stands at the end of a line; `_` is an empty word.
    fn at(shell: Shell, line: &str) -> String {
        let word = |word: &str| OsString::from(if word == "_" { "" } else { word });
        let words: Vec<OsString> =
            std::iter::once("jackin-exec").chain(line.split_whitespace()).map(word).collect();
        candidates(shell, &words, names)
    }

    #[test]
    fn values_are_the_operators_names() {
        for line in [
            "-p k",
            "--provider k",
            "-q --json -p k",
            "-qp k",
            "providers -p k",
            "doctor --online --provider k",
        ] {
            assert_eq!(at(Shell::Zsh, line), "words\nkimi\tKimi\n", "{line}");
        }
        assert_eq!(at(Shell::Fish, "--provider=z"), "words\n--provider=zai\tZ.AI\n");
        assert_eq!(at(Shell::Zsh, "-p as"), "words\nask\task which provider\n");
        assert_eq!(at(Shell::Zsh, "-w _"), "words\na:b\n");
        assert_eq!(at(Shell::Zsh, "-w here -r _"), "words\nrole-of-here\n");
        assert_eq!(at(Shell::Zsh, "--config-dir=/c -w /"), "words\n/c\n");
        assert_eq!(
            at(Shell::Zsh, "completions f"),
            "words\nfish\tThe friendly interactive shell\n"
        );
        assert_eq!(at(Shell::Zsh, "-m x"), "words\n");
    }

    #[test]
    fn words_that_bash_broke_are_joined_and_only_the_last_part_is_replaced() {
        assert_eq!(at(Shell::Bash, "--provider = k"), "words\nkimi\tKimi\n");
        assert_eq!(
            at(Shell::Bash, "--provider ="),
            "words\nkimi\tKimi\nzai\tZ.AI\nask\task which provider\n"
        );
        assert_eq!(at(Shell::Bash, "-w a : b"), "words\nb\n");
        assert_eq!(at(Shell::Bash, "--provider = kimi sh -c"), "command 4\n");
    }

    #[test]
    fn another_command_begins_where_the_program_says_so() {
        for (line, first) in [
            ("claude --res", "command 1"),
            ("-p kimi claude _", "command 3"),
            ("-p kimi -- cla", "command 4"),
            ("-p kimi -- claude providers", "command 4"),
            ("-p kimi -- -", "arguments 4 claude\t--x"),
            ("-- --resume _", "arguments 2 claude\t--x"),
        ] {
            assert_eq!(at(Shell::Zsh, line), format!("{first}\n"), "{line}");
        }
        assert!(at(Shell::Zsh, "-p kimi pro").starts_with("command 3\nproviders\t"));
    }

    #[test]
    fn every_option_that_is_not_hidden_is_offered_and_nothing_that_is() {
        let mut definition = cli::definition();
        definition.build();
        let offered = at(Shell::Zsh, "-");
        for argument in options(&definition) {
            let long = argument.get_long().map(|long| format!("--{long}")).unwrap_or_default();
            assert!(
                offered.lines().any(|line| line.split('\t').next() == Some(&long)),
                "{long}: {offered}"
            );
        }
        assert!(at(Shell::Zsh, "doctor --onl").starts_with("words\n--online\t"));
        assert!(!at(Shell::Zsh, "providers --dry").contains("--dry-run"));
        assert!(!offered.contains("words\n-\n"));
    }

    #[test]
    fn a_subcommand_of_a_subcommand_has_words_of_its_own() {
        assert!(at(Shell::Zsh, "auth se").starts_with("words\nset\t"));
        assert_eq!(at(Shell::Zsh, "auth set k"), "words\nkimi\tKimi\n");
        assert_eq!(at(Shell::Zsh, "auth -w x set kimi --file /t"), "files\n");
        assert_eq!(at(Shell::Zsh, "auth set kimi --command -- pas"), "command 6\n");
    }

    #[test]
    fn folders_are_left_to_the_shell() {
        assert_eq!(at(Shell::Zsh, "--config-dir /t"), "folders\n");
        assert_eq!(at(Shell::Fish, "--config-dir=/t"), "folders\n");
    }

    #[test]
    fn no_line_is_too_strange() {
        for line in [
            "",
            "_",
            "=",
            ": :",
            "- -",
            "--",
            "-- --",
            "--provider",
            "-p",
            "--x=y _",
            "-Zp k",
            "completions -- x",
        ] {
            for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
                assert!(at(shell, line).ends_with('\n'), "{line}");
            }
        }
        assert!(candidates(Shell::Bash, &[], names).ends_with('\n'));
    }
}
