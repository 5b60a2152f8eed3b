//! What is said about a command line that cannot be understood. No value that was typed is repeated.

use std::ffi::OsString;

use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use crate::error::Error;

pub(super) const SEE_HELP: &str = "see jackin-exec --help";

/// One line from clap's error: what, and what to do; values that were typed are not repeated. With
/// `auth` a surplus word was meant to be a key.
pub(super) fn usage(error: &clap::Error, task: Option<&str>, ours: &[OsString]) -> Error {
    let auth = task == Some("auth");
    let see_help =
        task.map_or_else(|| SEE_HELP.to_owned(), |task| format!("see jackin-exec {task} --help"));
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        Some(ContextValue::Strings(texts)) => texts.first().map(String::as_str),
        _ => None,
    };
    // `--key=VALUE` is shown as `--key`: a value on a command line may be a secret by mistake.
    let shown = |argument: &str| argument.split(['=', ' ']).next().unwrap_or_default().to_owned();
    let argument = text(ContextKind::InvalidArg).map(shown).unwrap_or_default();
    let suggestion = text(ContextKind::SuggestedArg).map(shown);
    let (what, hint) = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => (
            if auth { "unknown option of auth".to_owned() } else { format!("unknown option {argument}") },
            match (task, suggestion) {
                (Some(_), Some(near)) => format!("did you mean {near}?"),
                (Some(_), None) => see_help,
                (None, None) => "options of the command go after `--`: jackin-exec … -- claude …".to_owned(),
                (None, Some(near)) => format!("did you mean {near}? (options of the command go after `--`)"),
            },
        ),
        ErrorKind::UnknownArgument if auth && ours.iter().any(|word| word == "--command") => (
            "the words of the command stand after `--`".to_owned(),
            "jackin-exec auth set PROVIDER --command -- ARGV...".to_owned(),
        ),
        ErrorKind::UnknownArgument if auth => (
            "a key is never a word of the command line".to_owned(),
            "without it, `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command tell where it is"
                .to_owned(),
        ),
        ErrorKind::InvalidSubcommand => {
            ("auth knows set, unset and ignore".to_owned(), "alone, it shows what is set".to_owned())
        }
        ErrorKind::UnknownArgument => ("too many words after the subcommand".to_owned(), SEE_HELP.to_owned()),
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                let which = argument.trim_matches(['<', '>']);
                (format!("{which} is one of {}", valid.join(", ")), SEE_HELP.to_owned())
            }
            _ => (format!("{argument} needs a value"), SEE_HELP.to_owned()),
        },
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).map(shown).unwrap_or_default();
            if argument == "--provider" && (other == argument || other.is_empty()) {
                (format!("{argument} was given twice"), "a -p of the command goes after `--`: -p ID -- -p …".to_owned())
            } else if other == argument || other.is_empty() {
                (format!("{argument} was given twice"), SEE_HELP.to_owned())
            } else {
                (format!("{argument} and {other} exclude each other"), SEE_HELP.to_owned())
            }
        }
        ErrorKind::TooManyValues => (format!("{argument} takes no value"), SEE_HELP.to_owned()),
        ErrorKind::InvalidUtf8 => ("an option's value is not UTF-8".to_owned(), SEE_HELP.to_owned()),
        ErrorKind::MissingRequiredArgument => {
            let which = argument.trim_matches(['<', '>', '[', ']', '.']);
            (format!("{} is missing", if which.is_empty() { "an argument" } else { which }), SEE_HELP.to_owned())
        }
        _ => ("cannot make sense of the options".to_owned(), SEE_HELP.to_owned()),
    };
    Error::Usage { what, hint }
}
