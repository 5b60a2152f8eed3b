use super::*;

fn names(wanted: Wanted, asked: &Asked) -> Vec<Described> {
    let plain = |name: &str| (name.to_owned(), String::new());
    match wanted {
        Wanted::Providers => {
            vec![("kimi".to_owned(), "Kimi".to_owned()), ("zai".to_owned(), "Z.AI".to_owned())]
        }
        Wanted::Workspaces => {
            let mut names = vec![plain("a:b"), plain("bad\nname")];
            if let Some(folder) = &asked.config_dir {
                names.push(plain(&folder.to_string_lossy()));
            }
            names
        }
        Wanted::Roles => match &asked.workspace {
            Some(workspace) => vec![plain(&format!("role-of-{workspace}"))],
            None => Vec::new(),
        },
        Wanted::Command => vec![plain("claude"), plain("--x")],
    }
}

/// The answer at the end of a line; `_` is an empty word.
fn at(shell: Shell, line: &str) -> String {
    let mut words = vec![OsString::from("jackin-exec")];
    for word in line.split_whitespace() {
        words.push(OsString::from(if word == "_" { "" } else { word }));
    }
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
    assert_eq!(at(Shell::Zsh, "completions f"), "words\nfish\tThe friendly interactive shell\n");
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
    for argument in definition.get_arguments() {
        if let Some(long) = argument.get_long() {
            assert!(offered.contains(&format!("\n--{long}\t")), "{long}: {offered}");
        }
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
