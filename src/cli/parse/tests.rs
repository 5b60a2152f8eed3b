use std::os::unix::ffi::OsStrExt;

use super::*;
use crate::cli::Task;
use crate::cli::definition;

fn words(text: &str) -> Vec<OsString> {
    text.split_whitespace().map(OsString::from).collect()
}

/// The providers of these tests.
fn id_of(word: &str) -> Option<&'static str> {
    ["kimi", "zai"].into_iter().find(|id| *id == word)
}

fn run(text: &str) -> Cli {
    match parse(&words(text), id_of).unwrap() {
        Parsed::Run(cli) => *cli,
        Parsed::Print(text) => panic!("printed {text}"),
    }
}

#[test]
fn the_definition_is_sound() {
    definition().debug_assert();
}

#[test]
fn the_first_operand_ends_our_options() {
    let cli = run("-p kimi claude -p hi --json -- --x");
    assert_eq!(cli.common.provider.as_deref(), Some("kimi"));
    assert_eq!(cli.words, Words { words: words("claude -p hi --json -- --x"), escaped: false });
    assert!(!cli.common.json);
}

#[test]
fn a_double_dash_ends_them_at_once_and_a_second_one_is_the_commands() {
    let cli = run("-q -- -- providers");
    assert!(cli.common.quiet);
    assert_eq!(cli.words, Words { words: words("-- providers"), escaped: true });
}

#[test]
fn a_subcommand_is_ours_only_before_a_double_dash() {
    assert_eq!(run("providers --json").task, Some(Task::Providers { id: None, all: false }));
    assert_eq!(run("-- providers").task, None);
    assert_eq!(run("claude providers").task, None);
}

#[test]
fn common_options_stand_before_or_behind_a_subcommand() {
    for text in ["--json -w x providers", "providers --json -w x", "-w x providers --json"] {
        let cli = run(text);
        assert!(cli.common.json, "{text}");
        assert_eq!(cli.common.workspace.as_deref(), Some("x"), "{text}");
    }
}

#[test]
fn values_are_found_in_every_spelling() {
    for text in [
        "-p kimi x",
        "-pkimi x",
        "-p=kimi x",
        "--provider kimi x",
        "--provider=kimi x",
        "-qp kimi x",
    ] {
        let cli = run(text);
        assert_eq!(cli.common.provider.as_deref(), Some("kimi"), "{text}");
        assert_eq!(cli.words.words, words("x"), "{text}");
    }
}

/// The reference: clap's parser, with its own search for the end of our options. It uses the
/// definition alone, neither the table nor the scanner.
struct Definition(clap::Command);

impl Definition {
    fn new() -> Self {
        Self(tailored(Cli::command()))
    }

    fn parse(&mut self, arguments: &[OsString]) -> Result<Parsed, Error> {
        let end = self.end(arguments);
        let (ours, rest) = arguments.split_at(end);
        let escaped = rest.first().is_some_and(|word| word == "--");
        let words = Words { words: rest[usize::from(escaped)..].to_vec(), escaped };
        let typed = std::iter::once(OsString::from("jackin-exec")).chain(ours.iter().cloned());
        let result = self.0.try_get_matches_from_mut(typed);
        match result.and_then(|matches| understood(&matches)) {
            Ok(cli) => Ok(Parsed::Run(Box::new(Cli { words, ..cli }))),
            Err(error)
                if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
            {
                Ok(Parsed::Print(error.render().to_string()))
            }
            Err(error) => Err(usage(&error, self.task(ours), ours, id_of)),
        }
    }

    fn end(&self, arguments: &[OsString]) -> usize {
        let mut at = 0;
        while let Some(word) = arguments.get(at) {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                return at;
            }
            if bytes.len() < 2 || bytes[0] != b'-' {
                let is_task = self.0.find_subcommand(word).is_some();
                return if is_task { arguments.len() } else { at };
            }
            at += if self.takes_next(bytes, arguments.get(at + 1)) { 2 } else { 1 };
        }
        arguments.len()
    }

    fn takes_next(&self, word: &[u8], next: Option<&OsString>) -> bool {
        let word = String::from_utf8_lossy(word);
        let is_value = next.is_some_and(|next| next == "-" || !next.as_bytes().starts_with(b"-"));
        let valued =
            |found: Option<&clap::Arg>| found.is_some_and(|one| one.get_action().takes_values());
        if let Some(name) = word.strip_prefix("--") {
            return is_value
                && valued(self.0.get_arguments().find(|one| one.get_long() == Some(name)));
        }
        for (at, short) in word.char_indices().skip(1) {
            let found = self.0.get_arguments().find(|one| one.get_short() == Some(short));
            if found.is_none() {
                return false;
            }
            if valued(found) {
                return is_value && at + short.len_utf8() == word.len();
            }
        }
        false
    }

    fn task(&self, ours: &[OsString]) -> Option<&'static str> {
        let mut at = 0;
        while let Some(word) = ours.get(at) {
            if !word.as_bytes().starts_with(b"-") {
                return crate::cli::tasks().find(|task| word == *task);
            }
            at += if self.takes_next(word.as_bytes(), ours.get(at + 1)) { 2 } else { 1 };
        }
        None
    }

    /// Every spelling of every option of the root and of doctor, with unusual values.
    fn spellings(&self) -> Vec<Vec<OsString>> {
        const VALUES: &[&[u8]] = &[b"x", b"", b"-", b"=", b"=x", b"doctor", b"a b", b"\xff", b"-q"];
        let mut found = Vec::new();
        let own = self.0.find_subcommand("doctor").unwrap().get_arguments();
        for option in self.0.get_arguments().chain(own.filter(|one| !one.is_global_set())) {
            let mut add = |start: String, joints: &[&str]| {
                found.push(vec![start.clone().into()]);
                for value in VALUES {
                    found.push(vec![start.clone().into(), OsStr::from_bytes(value).to_owned()]);
                    for joint in joints {
                        let mut word = OsString::from(format!("{start}{joint}"));
                        word.push(OsStr::from_bytes(value));
                        found.push(vec![word]);
                    }
                }
            };
            add(format!("--{}", option.get_long().unwrap()), &["="]);
            if let Some(short) = option.get_short() {
                add(format!("-{short}"), &["", "="]);
                add(format!("-q{short}"), &["", "="]);
                add(format!("-n{short}"), &[""]);
                add(format!("-{short}q"), &[]);
            }
        }
        found
    }
}

/// Asserts that both parsers agree on a command line; returns whether it is a launch.
fn agree(definition: &mut Definition, line: &[OsString]) -> bool {
    let wanted = definition.parse(line);
    let quick = understand(line);
    match (&wanted, &quick) {
        (Ok(Parsed::Run(wanted)), Some(quick)) => assert_eq!(&**wanted, quick, "{line:?}"),
        (Ok(Parsed::Run(wanted)), None) => {
            assert!(wanted.task.is_some(), "{line:?} is a launch, and the scanner gives up");
        }
        (_, Some(_)) => {
            panic!("{line:?}: the scanner takes it, and the definition says {wanted:?}")
        }
        (_, None) => {}
    }
    let got = match quick {
        Some(cli) => Ok(Parsed::Run(Box::new(cli))),
        None => explain(&mut definition.0, line, id_of),
    };
    match (got, &wanted) {
        (Err(error), Err(wanted)) => {
            assert_eq!(error.to_string(), wanted.to_string(), "{line:?}");
            assert_eq!(error.hint(), wanted.hint(), "{line:?}");
        }
        (got, _) => assert_eq!(got.ok().as_ref(), wanted.as_ref().ok(), "{line:?}"),
    }
    wanted.is_ok_and(|wanted| matches!(wanted, Parsed::Run(cli) if cli.task.is_none()))
}

#[test]
fn scanner_and_definition_agree_on_every_spelling() {
    let mut definition = Definition::new();
    let spellings = definition.spellings();
    assert!(spellings.len() > 400, "only {} spellings", spellings.len());
    let mut launches = 0;
    for one in &spellings {
        for rest in
            ["", "claude -p hi --json", "-- --resume -- x", "- -q", "doctor", "-q doctor -p y"]
        {
            let line: Vec<OsString> = one.iter().cloned().chain(words(rest)).collect();
            launches += usize::from(agree(&mut definition, &line));
            // And after a subcommand.
            let line: Vec<OsString> = words("doctor").into_iter().chain(line).collect();
            agree(&mut definition, &line);
        }
    }
    assert!(launches > 500, "only {launches} lines were launches");
}

#[test]
fn scanner_and_definition_agree_on_thousands_of_lines() {
    let mut definition = Definition::new();
    let mut pieces = definition.spellings();
    for odd in [
        "",
        "-",
        "--",
        "---",
        "-=",
        "--=",
        "--=x",
        "-Z",
        "-qZ",
        "-Zq",
        "-é",
        "--é",
        "--prov",
        "--provider-x",
        "-p",
        "-w",
        "--no-workspace",
        "--debug",
        "-q",
        "-nq",
        "-nqp",
        "-nqpx",
        "-hq",
        "-qh",
        "-5",
        "x",
        "y z",
        "providers",
        "auth",
        "doctor",
        "completions",
        "bash",
        "set",
        "unset",
        "kimi",
        "--online",
        "--stdin",
        "prov",
        "Providers",
        "help",
        "claude",
    ] {
        // Unusual words come often.
        pieces.extend(std::iter::repeat_n(vec![OsString::from(odd)], 4));
    }
    // The generator of Numerical Recipes: every run tests the same lines.
    let mut state = 20_261_126_u32;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 8).unwrap() % limit
    };
    let mut launches = 0;
    for _ in 0..6000 {
        let mut line = Vec::new();
        for _ in 0..random(6) {
            line.extend(pieces[random(pieces.len())].iter().cloned());
        }
        launches += usize::from(agree(&mut definition, &line));
    }
    assert!(launches > 300, "only {launches} lines were launches");
}

#[test]
fn a_lone_dash_is_a_command() {
    assert_eq!(run("-q - x").words.words, words("- x"));
}

#[test]
fn a_usage_error_repeats_no_value() {
    for text in [
        "--token=SENTINEL x",
        "--provider",
        "-q=SENTINEL",
        "--quiet=SENTINEL",
        "--debug -q",
        "-Z",
        "providers kimi SENTINEL",
        "completions SENTINEL",
        "auth SENTINEL",
        "auth set kimi SENTINEL",
        "auth set kimi -- SENTINEL",
        "auth set kimi --key=SENTINEL",
        "auth set kimi --SENTINEL",
        "auth set kimi --command SENTINEL",
        "auth set kimi --op SENTINEL --env SENTINEL",
        "auth set kimi --account SENTINEL",
        "auth unset kimi SENTINEL",
    ] {
        let error = parse(&words(text), id_of).unwrap_err();
        assert!(!error.to_string().contains("SENTINEL"), "{text}: {error}");
        assert!(!format!("{error:?}").contains("SENTINEL"), "{text}: {error:?}");
    }
}
