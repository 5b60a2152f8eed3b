//! What is wrong with a command line. Values that were typed are never repeated.

use crate::report::did_you_mean;
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
        /// The command line in which the option is the command's.
        line: String,
    },
    /// An unknown option of `auth`.
    #[error("unknown option{} of {path}", option.as_deref().map(|option| format!(" {option}")).unwrap_or_default())]
    UnknownOptionOfAuth {
        /// The option, unless it may be a key.
        option: Option<String>,
        /// The subcommands: `auth set`.
        path: String,
        /// The most similar known option.
        near: Option<String>,
    },
    /// A word that has no meaning for `auth`, and that may be a key.
    #[error("a key must not be typed on the command line")]
    KeyAsWord,
    /// Several providers for a subcommand of `auth` that changes one.
    #[error("{path} takes one provider")]
    OneProvider {
        /// The subcommands: `auth unset`.
        path: String,
    },
    /// `--command` without `--` before the command that prints the key.
    #[error("the command that prints the key goes after `--`")]
    CommandWithoutDashes,
    /// `auth` with an unknown subcommand.
    #[error("auth has the subcommands set, unset, ignore and import")]
    UnknownVerb {
        /// The command line that was probably meant.
        near: Option<String>,
    },
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
        /// The subcommands that need it: `auth set`.
        path: String,
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
            | Self::UnknownOptionOfAuth { near: Some(near), .. } => did_you_mean(near),
            Self::UnknownOption { near: Some(near), task: None, .. } => {
                format!("{} (options of the command go after `--`)", did_you_mean(near))
            }
            Self::UnknownOption { near: None, task: None, line, .. } => {
                format!("options of the command go after `--`: {line}")
            }
            Self::UnknownOption { near: None, task: Some(task), .. } => {
                format!("see jackin-exec {task} --help")
            }
            Self::UnknownOptionOfAuth { option: Some(option), path, .. }
                if path == "auth set" && option.contains("key") =>
            {
                WHERE_KEYS_ARE_GIVEN.to_owned()
            }
            Self::UnknownOptionOfAuth { path, .. } => format!("see jackin-exec {path} --help"),
            Self::KeyAsWord => WHERE_KEYS_ARE_GIVEN.to_owned(),
            Self::OneProvider { path } => format!("once for each: jackin-exec {path} PROVIDER"),
            Self::CommandWithoutDashes => {
                "jackin-exec auth set PROVIDER --command -- ARGV...".to_owned()
            }
            Self::UnknownVerb { near: Some(near) } => did_you_mean(&format!("jackin-exec {near}")),
            Self::UnknownVerb { near: None } => {
                "`jackin-exec auth`, without a subcommand, shows which keys are set".to_owned()
            }
            Self::Twice { option } if option == "--provider" => {
                "a -p of the command goes after `--`: -p ID -- -p …".to_owned()
            }
            Self::Missing { argument, path } => missing(argument, path),
            Self::JsonForLaunch => "it formats a report; a launch prints none".to_owned(),
            Self::TooManyWords
            | Self::NotOneOf { .. }
            | Self::NoValue { .. }
            | Self::NoValueTaken { .. }
            | Self::Twice { .. }
            | Self::Exclude { .. }
            | Self::NotUtf8
            | Self::ForLaunch
            | Self::Unclear => "see jackin-exec --help".to_owned(),
        }
    }
}

/// How `auth set` takes a key.
const WHERE_KEYS_ARE_GIVEN: &str = "`auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is";

/// What to do about a missing argument.
fn missing(argument: &str, path: &str) -> String {
    match argument {
        "PROVIDER" => {
            format!(
                "for example jackin-exec {path} kimi; jackin-exec providers --all lists the ids"
            )
        }
        "SHELL" => format!("for example jackin-exec {path} bash"),
        _ => format!("see jackin-exec {path} --help"),
    }
}
