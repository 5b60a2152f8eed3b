use super::*;
use crate::cli::Task;
use crate::cli::definition;

fn words(text: &str) -> Vec<OsString> {
    text.split_whitespace().map(OsString::from).collect()
}

fn run(text: &str) -> Cli {
    match parse(&words(text)).unwrap() {
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
    assert_eq!(run("providers --json").task, Some(Task::Providers));
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

/// What clap makes of a command line, without its words for mistakes.
fn by_clap(text: &str) -> Option<Cli> {
    match thorough(&words(text)) {
        Ok(Parsed::Run(cli)) => Some(*cli),
        Ok(Parsed::Print(_)) | Err(_) => None,
    }
}

#[test]
fn the_usual_spellings_mean_what_the_definition_says() {
    let definition = Cli::command();
    let mut spellings = vec![String::new()];
    for argument in definition
        .get_arguments()
        .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
    {
        let value = if argument.get_action().takes_values() { " x" } else { "" };
        spellings.extend(argument.get_long().map(|long| format!("--{long}{value}")));
        spellings.extend(argument.get_short().map(|short| format!("-{short}{value}")));
    }
    assert!(spellings.len() > 15);
    let mut usuals = 0;
    for one in &spellings {
        for other in &spellings {
            for rest in ["", "claude -p hi", "-- --resume -- x", "providers", "-", "- -q"] {
                let line = format!("{one} {other} {rest}");
                if let Some(cli) = usual(&words(&line)) {
                    usuals += 1;
                    assert_eq!(Some(cli), by_clap(&line), "{line}");
                }
            }
        }
    }
    assert!(usuals > 1000, "only {usuals} lines were usual");
}

#[test]
fn a_value_that_looks_like_an_option_is_left_to_clap() {
    for line in [
        "-p",
        "-p -q",
        "-p -- x",
        "-p a -p b",
        "-q -q",
        "--debug -q",
        "-w a --no-workspace",
        "--provider=x",
        "-qn",
    ] {
        assert_eq!(usual(&words(line)), None, "{line}");
    }
}

#[test]
fn the_subcommands_are_those_of_the_definition() {
    let definition = Cli::command();
    let names: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(names, TASKS);
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
        "providers SENTINEL",
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
        let error = parse(&words(text)).unwrap_err();
        assert!(!error.to_string().contains("SENTINEL"), "{text}: {error}");
        assert!(!format!("{error:?}").contains("SENTINEL"), "{text}: {error:?}");
    }
}
