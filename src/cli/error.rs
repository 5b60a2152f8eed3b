//! What is wrong with a command line. Values that were typed are never repeated.

use crate::report::escape;
use crate::typed::Typed;

/// A mistake on the command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An option that the program, or the subcommand, does not have.
    #[error("unknown option {option}")]
    UnknownOption {
        /// The option as typed, without a value.
        option: Typed,
        /// The most similar known option.
        near: Option<String>,
        /// The subcommand, if there is one.
        task: Option<&'static str>,
    },
    /// An unknown option of `auth`; not shown, because it may be a key.
    #[error("unknown option of auth")]
    UnknownOptionOfAuth {
        /// The most similar known option.
        near: Option<String>,
    },
    /// A word that has no meaning for `auth`, and that may be a key.
    #[error("a key must not be typed on the command line")]
    KeyAsWord,
    /// `--command` without `--` before the command that prints the key.
    #[error("the command that prints the key goes after `--`")]
    CommandWithoutDashes,
    /// `auth` with an unknown subcommand.
    #[error("auth has the subcommands set, unset, ignore and import")]
    UnknownVerb,
    /// A word after a subcommand that accepts none.
    #[error("too many words after the subcommand")]
    TooManyWords,
    /// A value that is not one of the possible ones.
    #[error("{argument} must be one of {}", valid.join(", "))]
    NotOneOf {
        /// The argument it was given for.
        argument: String,
        /// The possible values.
        valid: Vec<String>,
    },
    /// An option without its value.
    #[error("{option} needs a value")]
    NoValue {
        /// The option.
        option: String,
    },
    /// A switch that was given a value.
    #[error("{option} takes no value")]
    NoValueTaken {
        /// The switch.
        option: String,
    },
    /// An option that was given twice.
    #[error("{option} was given twice")]
    Twice {
        /// The option.
        option: String,
    },
    /// Two options that exclude each other.
    #[error("{option} and {other} cannot be used together")]
    Exclude {
        /// The first.
        option: String,
        /// The second.
        other: String,
    },
    /// A value that has to be UTF-8 and is not.
    #[error("an option's value is not UTF-8")]
    NotUtf8,
    /// A required argument is missing.
    #[error("{argument} is missing")]
    Missing {
        /// The argument.
        argument: String,
    },
    /// `--json` with a launch.
    #[error("--json needs --dry-run, providers, auth or doctor")]
    JsonForLaunch,
    /// Options that apply to a launch only, with a subcommand.
    #[error(
        "--dry-run, --model, --pass-keys, --allow-foreign-env, --on-demand and --title apply to a launch only"
    )]
    ForLaunch,
    /// Any other error that clap reports.
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
                "`auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is"
                    .to_owned()
            }
            Self::CommandWithoutDashes => {
                "jackin-exec auth set PROVIDER --command -- ARGV...".to_owned()
            }
            Self::UnknownVerb => {
                "`jackin-exec auth`, without a subcommand, shows which keys are set".to_owned()
            }
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
