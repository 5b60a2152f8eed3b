//! Translates clap's errors into ours. Values that were typed are never repeated.

use std::ffi::OsString;

use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use crate::cli::Error;
use crate::typed::Typed;

/// Translates clap's error about our words. A surplus word after `auth` was probably meant as a
/// key.
pub(super) fn usage(error: &clap::Error, task: Option<&'static str>, ours: &[OsString]) -> Error {
    let auth = task == Some("auth");
    let option = shown(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument if option.starts_with('-') => {
            let near =
                Some(shown(error, ContextKind::SuggestedArg)).filter(|near| !near.is_empty());
            if auth {
                Error::UnknownOptionOfAuth { near }
            } else {
                Error::UnknownOption { option: Typed::new(option), near, task }
            }
        }
        ErrorKind::UnknownArgument if auth && ours.iter().any(|word| word == "--command") => {
            Error::CommandWithoutDashes
        }
        ErrorKind::UnknownArgument if auth => Error::KeyAsWord,
        ErrorKind::UnknownArgument => Error::TooManyWords,
        ErrorKind::InvalidSubcommand => Error::UnknownVerb,
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                Error::NotOneOf { argument: bare(&option), valid: valid.clone() }
            }
            _ => Error::NoValue { option },
        },
        ErrorKind::ArgumentConflict => {
            let other = shown(error, ContextKind::PriorArg);
            if other == option || other.is_empty() {
                Error::Twice { option }
            } else {
                Error::Exclude { option: bare(&option), other: bare(&other) }
            }
        }
        ErrorKind::TooManyValues => Error::NoValueTaken { option },
        ErrorKind::InvalidUtf8 => Error::NotUtf8,
        ErrorKind::MissingRequiredArgument if bare(&option).is_empty() => {
            Error::Missing { argument: "an argument".to_owned() }
        }
        ErrorKind::MissingRequiredArgument => Error::Missing { argument: bare(&option) },
        _ => Error::Unclear,
    }
}

/// The option that clap's error names. `--key=VALUE` is shown as `--key`: the value may be a secret
/// that was typed by mistake.
fn shown(error: &clap::Error, kind: ContextKind) -> String {
    let text = match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        Some(ContextValue::Strings(texts)) => match texts.first() {
            Some(text) => text,
            None => return String::new(),
        },
        _ => return String::new(),
    };
    let end = text.find(['=', ' ']).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).to_owned()
}

/// An argument's name without clap's brackets.
fn bare(argument: &str) -> String {
    argument.trim_matches(['<', '>', '[', ']', '.']).to_owned()
}
