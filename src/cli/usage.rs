//! Translates clap's errors into ours. Values that were typed are never repeated.

use std::ffi::OsString;

use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use crate::cli::Error;
use crate::cli::grammar::Name;
use crate::cli::scan::Scanner;
use crate::cli::scan::Token;
use crate::report::escape;
use crate::typed::Typed;
use crate::typed::nearest;

/// The id of the provider that a word names, if it names one.
pub type IdOf = fn(&str) -> Option<&'static str>;

/// Translates clap's error about our words. A surplus word after `auth set` was probably meant as a
/// key.
pub(super) fn usage(
    error: &clap::Error,
    task: Option<&'static str>,
    ours: &[OsString],
    id_of: IdOf,
) -> Error {
    let auth = task == Some("auth");
    let option = shown(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument if option.starts_with('-') => {
            let near =
                Some(shown(error, ContextKind::SuggestedArg)).filter(|near| !near.is_empty());
            if auth {
                let option = Some(option).filter(|option| is_plain(option));
                return Error::UnknownOptionOfAuth { option, near, path: path(ours) };
            }
            let near = usual(&option, id_of).or(near);
            let line = line(ours, &option);
            Error::UnknownOption { option: Typed::new(option), near, task, line }
        }
        ErrorKind::UnknownArgument if auth && ours.iter().any(|word| word == "--command") => {
            Error::CommandWithoutDashes
        }
        ErrorKind::UnknownArgument if matches!(&*path(ours), "auth unset" | "auth ignore") => {
            Error::OneProvider { path: path(ours) }
        }
        ErrorKind::UnknownArgument if auth => Error::KeyAsWord,
        ErrorKind::UnknownArgument => Error::TooManyWords,
        ErrorKind::InvalidSubcommand => Error::UnknownVerb { near: verb(ours, id_of) },
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
            Error::Missing { argument: "an argument".to_owned(), path: path(ours) }
        }
        ErrorKind::MissingRequiredArgument => {
            Error::Missing { argument: bare(&option), path: path(ours) }
        }
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

/// Whether an option that nobody knows may be shown where it could be a key: `--api-key`.
fn is_plain(option: &str) -> bool {
    const LONGEST: usize = 20;
    option.len() <= LONGEST
        && option.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && !Typed::new(option).may_be_key()
}

/// The subcommands among our words: `auth set`; empty for a launch.
fn path(ours: &[OsString]) -> String {
    let mut names = Vec::new();
    for token in Scanner::new(ours) {
        if let Token::Task(level) = token {
            names.push(level.name);
        }
    }
    names.join(" ")
}

/// What an option that other programs have is called here.
fn usual(option: &str, id_of: IdOf) -> Option<String> {
    match option {
        "--verbose" => Some("--debug".to_owned()),
        "-v" => Some("-V or --debug".to_owned()),
        _ => id_of(option.strip_prefix("--")?).map(|id| format!("-p {id}")),
    }
}

/// The command line in which an option is the command's. Of our options it shows the provider; for
/// others there are dots.
fn line(ours: &[OsString], option: &str) -> String {
    let may_show = |word: &str| !Typed::new(word).may_be_key();
    let (mut provider, mut has_others) = (String::new(), false);
    for token in Scanner::new(ours) {
        match token {
            Token::Value(found, value) if found.name == Name::Provider => match value.to_str() {
                Some(id) if may_show(id) => provider = format!("-p {} ", escape(id)),
                Some(_) | None => has_others = true,
            },
            Token::Switch(_) | Token::Value(..) | Token::NoValue(_) => has_others = true,
            Token::Task(_) | Token::Word(_) | Token::End | Token::Unknown => {}
        }
    }
    let before = if has_others { "… ".to_owned() } else { provider };
    let option = if may_show(option) { escape(option) } else { "…".into() };
    format!("jackin-exec {before}-- {option}")
}

/// The subcommand of `auth` that a word means which is none, with the provider that follows it.
fn verb(ours: &[OsString], id_of: IdOf) -> Option<String> {
    let mut words = Scanner::new(ours).filter_map(|token| match token {
        Token::Word(word) => word.to_str(),
        _ => None,
    });
    let word = words.next()?;
    let verb = match word {
        "list" | "ls" | "show" | "status" | "get" => return Some("auth".to_owned()),
        "rm" | "remove" | "delete" | "del" | "logout" => "unset".to_owned(),
        "add" | "login" | "new" | "store" => "set".to_owned(),
        _ => match id_of(word) {
            Some(id) => return Some(format!("auth set {id}")),
            None => slip(word)?,
        },
    };
    let id = words.next().and_then(id_of).unwrap_or("PROVIDER");
    Some(format!("auth {verb} {id}"))
}

/// The subcommand of `auth` that a word misspells; other words may be anything.
fn slip(word: &str) -> Option<String> {
    const LETTERS: usize = 2;
    nearest(word, ["set", "unset", "ignore", "import"].into_iter())
        .filter(|near| strsim::osa_distance(word, near) <= LETTERS)
}

/// An argument's name without clap's brackets.
fn bare(argument: &str) -> String {
    argument.trim_matches(['<', '>', '[', ']', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::cli::Parsed;
    use crate::cli::parse;

    use super::*;

    fn id_of(word: &str) -> Option<&'static str> {
        ["kimi", "zai"].into_iter().find(|id| *id == word)
    }

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn a_hint_is_the_line_that_was_meant() {
        let place = "`auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is";
        for (text, says, hint) in [
            (
                "--resume",
                "unknown option --resume",
                "options of the command go after `--`: jackin-exec -- --resume",
            ),
            (
                "-p kimi --resume",
                "unknown option --resume",
                "options of the command go after `--`: jackin-exec -p kimi -- --resume",
            ),
            (
                "--continue=SENTINEL --provider=kimi",
                "unknown option --continue",
                "options of the command go after `--`: jackin-exec -p kimi -- --continue",
            ),
            (
                "-p sk-SENTINEL --resume",
                "unknown option --resume",
                "options of the command go after `--`: jackin-exec … -- --resume",
            ),
            (
                "-w SENTINEL -p kimi -c",
                "unknown option -c",
                "options of the command go after `--`: jackin-exec … -- -c",
            ),
            (
                "--sk-SENTINEL",
                "unknown option that (not shown: it may be a key)",
                "options of the command go after `--`: jackin-exec -- …",
            ),
            (
                "--kimi",
                "unknown option --kimi",
                "did you mean -p kimi? (options of the command go after `--`)",
            ),
            (
                "--verbose",
                "unknown option --verbose",
                "did you mean --debug? (options of the command go after `--`)",
            ),
            (
                "-v",
                "unknown option -v",
                "did you mean -V or --debug? (options of the command go after `--`)",
            ),
            (
                "auth set",
                "PROVIDER is missing",
                "for example jackin-exec auth set kimi; jackin-exec providers --all lists the ids",
            ),
            ("completions", "SHELL is missing", "for example jackin-exec completions bash"),
            ("auth set kimi --key SENTINEL", "unknown option --key of auth set", place),
            (
                "auth unset kimi --force",
                "unknown option --force of auth unset",
                "see jackin-exec auth unset --help",
            ),
            (
                "auth set kimi --SENTINEL",
                "unknown option of auth set",
                "see jackin-exec auth set --help",
            ),
            ("auth set kimi SENTINEL", "a key must not be typed on the command line", place),
            (
                "auth unset kimi zai",
                "auth unset takes one provider",
                "once for each: jackin-exec auth unset PROVIDER",
            ),
        ] {
            let error = parse(&words(text), id_of).unwrap_err();
            assert_eq!(
                (error.to_string(), error.hint()),
                (says.to_owned(), hint.to_owned()),
                "{text}"
            );
            assert!(!format!("{error:?}").contains("SENTINEL"), "{text}: {error:?}");
        }
    }

    #[test]
    fn verbs_of_other_programs_lead_to_ours() {
        for (text, meant) in [
            ("auth list", "did you mean jackin-exec auth?"),
            ("auth rm kimi", "did you mean jackin-exec auth unset kimi?"),
            ("-q auth remove sk-SENTINEL", "did you mean jackin-exec auth unset PROVIDER?"),
            ("auth add zai", "did you mean jackin-exec auth set zai?"),
            ("auth login", "did you mean jackin-exec auth set PROVIDER?"),
            ("auth kimi", "did you mean jackin-exec auth set kimi?"),
            ("auth unst kimi", "did you mean jackin-exec auth unset kimi?"),
            ("auth SENTINEL", "`jackin-exec auth`, without a subcommand, shows which keys are set"),
        ] {
            let error = parse(&words(text), id_of).unwrap_err();
            assert_eq!(error.hint(), meant, "{text}");
        }
    }

    #[test]
    fn help_names_where_the_key_is_before_the_scope() {
        let Ok(Parsed::Print(help)) = parse(&words("auth set -h"), id_of) else { panic!() };
        let options =
            ["--stdin", "--op", "--env", "--file", "--command", "--global", "--role", "--quiet"];
        let places = options.map(|option| help.find(&format!("{option} ")).unwrap());
        assert!(places.is_sorted(), "{help}");
    }
}
