//! What is wrong with a command line. No value that was typed is repeated.

use crate::report::escape;
use crate::typed::Typed;

/// A mistake on the command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An option that the program, or the subcommand, does not have.
    #[error("unknown option {option}")]
    UnknownOption {
        /// As it was typed, without a value.
        option: Typed,
        /// The most similar of those that exist.
        near: Option<String>,
        /// The subcommand, if there is one.
        task: Option<&'static str>,
    },
    /// The same with `auth`, where it may be a key.
    #[error("unknown option of auth")]
    UnknownOptionOfAuth {
        /// The most similar of those that exist.
        near: Option<String>,
    },
    /// A word with `auth` that has no meaning there, and may be a key.
    #[error("a key is never a word of the command line")]
    KeyAsWord,
    /// The command that prints a key, without `--` before it.
    #[error("the command that prints the key goes after `--`")]
    CommandWithoutDashes,
    /// `auth` with another verb.
    #[error("auth has the subcommands set, unset and ignore")]
    UnknownVerb,
    /// A word behind a subcommand that takes none.
    #[error("too many words after the subcommand")]
    TooManyWords,
    /// A value that is not among the possible ones.
    #[error("{argument} is one of {}", valid.join(", "))]
    NotOneOf {
        /// Of which argument.
        argument: String,
        /// The possible ones.
        valid: Vec<String>,
    },
    /// An option without its value.
    #[error("{option} needs a value")]
    NoValue {
        /// Which.
        option: String,
    },
    /// A switch with a value.
    #[error("{option} takes no value")]
    NoValueTaken {
        /// Which.
        option: String,
    },
    /// An option twice.
    #[error("{option} was given twice")]
    Twice {
        /// Which.
        option: String,
    },
    /// Two options of which only one may be given.
    #[error("{option} and {other} cannot be used together")]
    Exclude {
        /// One.
        option: String,
        /// The other.
        other: String,
    },
    /// A value that has to be text.
    #[error("an option's value is not UTF-8")]
    NotUtf8,
    /// An argument that is needed.
    #[error("{argument} is missing")]
    Missing {
        /// Which.
        argument: String,
    },
    /// `--json` for a launch.
    #[error("--json needs --dry-run, providers, auth or doctor")]
    JsonForLaunch,
    /// Options of a launch with a subcommand.
    #[error(
        "--dry-run, --model, --pass-keys, --allow-foreign-env and --title apply to a launch only"
    )]
    ForLaunch,
    /// The definition's parser says something else.
    #[error("the options could not be understood")]
    Unclear,
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownOption { near: Some(near), task: Some(_), .. }
            | Self::UnknownOptionOfAuth { near: Some(near) } => {
                format!("did you mean {}?", escape(near))
            }
            Self::UnknownOption { near: Some(near), task: None, .. } => {
                format!("did you mean {}? (options of the command go after `--`)", escape(near))
            }
            Self::UnknownOption { near: None, task: None, .. } => {
                "options of the command go after `--`: jackin-exec … -- claude …".to_owned()
            }
            Self::UnknownOption { near: None, task: Some(task), .. } => {
                format!("see jackin-exec {task} --help")
            }
            Self::UnknownOptionOfAuth { near: None } => "see jackin-exec auth --help".to_owned(),
            Self::KeyAsWord => {
                "without it, `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is"
                    .to_owned()
            }
            Self::CommandWithoutDashes => {
                "jackin-exec auth set PROVIDER --command -- ARGV...".to_owned()
            }
            Self::UnknownVerb => "alone, auth shows which keys are set".to_owned(),
            Self::Twice { option } if option == "--provider" => {
                "a -p of the command goes after `--`: -p ID -- -p …".to_owned()
            }
            Self::JsonForLaunch => "it formats a report; a launch prints none".to_owned(),
            Self::TooManyWords
            | Self::NotOneOf { .. }
            | Self::NoValue { .. }
            | Self::NoValueTaken { .. }
            | Self::Twice { .. }
            | Self::Exclude { .. }
            | Self::NotUtf8
            | Self::Missing { .. }
            | Self::ForLaunch
            | Self::Unclear => "see jackin-exec --help".to_owned(),
        }
    }
}
