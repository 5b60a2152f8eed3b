//! Arguments, the environment, PATH and the exit status.

use std::fs;

use crate::inheritance::Case;
use crate::inheritance::env;
use crate::inheritance::holds;
use crate::inheritance::ours;
use crate::inheritance::said;
use crate::inheritance::with_values;
use crate::stage::Launch;
use crate::stage::probe;
use crate::support::SENTINEL;
use crate::support::has;
use crate::support::sandbox;

#[test]
fn trap_09_what_is_not_utf_8_passes() {
    holds(9);
}

#[test]
fn trap_10_the_environment_is_the_callers_byte_for_byte_and_in_order() {
    holds(10);
    // With a redirect: what it decides goes or is appended, and all else stays where it is.
    let sandbox = sandbox();
    let given: [&[u8]; 10] = [
        b"Z=1",
        b"ANTHROPIC_BASE_URL=http://old",
        b"A=1",
        b"junk",
        b"KIMI_CODE_API_KEY=sk-kimi-1",
        b"A=2",
        b"=x",
        b"CLAUDE_CODE_USE_BEDROCK=1",
        b"V=\xff",
        b"",
    ];
    let launch = sandbox.launch().words(["-p", "kimi", "--"]).probe(probe(), [""; 0]);
    let launch = given.iter().fold(launch, Launch::entry);
    let stays = |entry: &&Vec<u8>| {
        ![&b"ANTHROPIC_"[..], b"KIMI_", b"CLAUDE_CODE_USE"]
            .iter()
            .any(|name| entry.starts_with(name))
    };
    let stay: Vec<&Vec<u8>> = launch.entries().iter().filter(stays).collect();
    let entries = launch.run().report.entries();
    assert_eq!(entries.iter().take(stay.len()).collect::<Vec<_>>(), stay);
    let more =
        |entry: &Vec<u8>| String::from_utf8_lossy(entry).split('=').next().unwrap().to_owned();
    let names: Vec<String> = entries.iter().skip(stay.len()).map(more).collect();
    assert_eq!(&names[..2], ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"]);
    assert_eq!(names.last().unwrap(), "JACKIN_EXEC_PID");
}

#[test]
fn trap_11_no_second_entry_of_a_name_survives() {
    let twice = |launch: Launch, name: &str| {
        launch.entry(format!("{name}=first")).entry(format!("{name}=second"))
    };
    let sandbox =
        sandbox().config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\nOPERATOR = \"mine\"\n");
    let launch = sandbox.launch().words(["-p", "kimi", "--"]).probe(probe(), [""; 0]);
    let names = [
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_API_KEY",
        "OPERATOR",
        "JACKIN_EXEC_PID",
        "KIMI_CODE_API_KEY",
    ];
    let report = names.into_iter().fold(launch, twice).run().report;
    assert_eq!(report.values("ANTHROPIC_AUTH_TOKEN"), ["sk-kimi-1"]);
    assert_eq!(report.values("OPERATOR"), ["mine"]);
    assert_eq!(report.values("JACKIN_EXEC_PID").len(), 1);
    for gone in ["ANTHROPIC_API_KEY", "KIMI_CODE_API_KEY"] {
        assert_eq!(report.values(gone), [""; 0], "{gone}");
    }
}

#[test]
fn trap_12_a_name_that_is_none_is_refused_and_its_value_not_shown() {
    for name in ["A=B", "", "A\\u0000B"] {
        let outcome =
            sandbox().config(&format!("[env]\n\"{name}\" = \"{SENTINEL}\"\n")).run(["true"]);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{name:?}");
        outcome.shows_no_secret();
    }
}

#[test]
fn trap_13_a_value_with_nul_is_refused_by_its_name() {
    let script = format!("printf \"{SENTINEL}\\\\000x\"");
    let outcome = with_values(&[("OPERATOR", &script)]).run(["true"]);
    assert_eq!(outcome.status, 125, "{outcome:#?}");
    assert!(outcome.stderr.contains("OPERATOR"), "{outcome:#?}");
    outcome.shows_no_secret();
    let outcome =
        sandbox().config(&format!("[env]\nOPERATOR = \"{SENTINEL}\\u0000\"\n")).run(["true"]);
    outcome.fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml:2:12: a value cannot contain NUL\n",
    );
}

#[test]
fn trap_14_arguments_arrive_on_every_c_library() {
    holds(14);
}

#[test]
fn trap_15_a_script_without_a_first_line_is_run_by_sh_on_every_c_library() {
    holds(15);
}

#[test]
fn trap_16_path_is_the_commands_own() {
    let case = Case::new(ours());
    case.tools();
    let path = case.sandbox.path("other");
    case.sandbox.write(
        "home/.config/jackin/exec.toml",
        format!("allow_env = [\"PATH\"]\n[env]\nPATH = {path:?}\n"),
        0o600,
    );
    assert_eq!(said(&case.with_path("[ROOT]/good").words(["tool"]).run()), "runs the other");
    // `env` does the same with a PATH that it sets.
    if let Some(env) = env() {
        let case = Case { runner: env, ..case };
        let set = format!("PATH={}", path.display());
        assert_eq!(
            said(&case.with_path("[ROOT]/good").words([set.as_str(), "tool"]).run()),
            "runs the other"
        );
    }
}

#[test]
fn trap_17_path_is_searched_as_env_does() {
    holds(17);
}

#[test]
fn trap_18_a_missing_interpreter_is_126_and_says_so() {
    holds(18);
    let case = Case::new(ours());
    case.tools();
    let ran = case.launch().words([case.sandbox.path("lost/tool")]).run();
    assert_eq!(
        ran.stderr,
        "jackin-exec: [ROOT]/lost/tool: its interpreter or loader does not exist\n"
    );
}

#[test]
fn trap_19_each_exit_status_means_one_thing() {
    holds(19);
    // What is ours begins with our name, so that it can be told from the command's.
    let case = Case::new(ours());
    case.tools();
    let path = |relative: &str| case.sandbox.path(relative).display().to_string();
    for (words, status) in [
        (vec!["-p".to_owned(), "nobody".to_owned(), "true".to_owned()], 125),
        (vec!["--no-such-option".to_owned()], 125),
        (vec!["--".to_owned(), path("denied/tool")], 126),
        (vec!["--".to_owned(), path("folder")], 126),
        (vec!["--".to_owned(), path("lost/tool")], 126),
        (vec!["--".to_owned(), path("none/tool")], 127),
        (vec!["--".to_owned(), "no-such-command".to_owned()], 127),
        (vec!["--".to_owned(), String::new()], 127),
    ] {
        let ran = case.sandbox.launch().words(&words).run();
        assert_eq!((ran.status, ran.text().as_str()), (status, ""), "{words:?}");
        assert!(ran.stderr.starts_with("jackin-exec: "), "{words:?}: {}", ran.stderr);
    }
}

/// The kernel's limit for one entry, with its NUL.
const LONGEST: usize = 131_072;

#[test]
fn trap_20_a_variable_that_is_too_long_is_named_with_its_size() {
    let value = |size: usize| SENTINEL.chars().cycle().take(size).collect::<String>();
    let name = "OPERATOR_TEXT";
    let fits = LONGEST - name.len() - 2;
    let home = |size| sandbox().config(&format!("[env]\n{name} = \"{}\"\n", value(size)));
    home(fits).run(["sh", "-c", "echo ${#OPERATOR_TEXT}"]).prints(&format!("{fits}\n"));
    home(fits + 1)
        .run(["true"])
        .fails(125, "jackin-exec: OPERATOR_TEXT is too long: 131073 bytes; the limit is 131072\n");
    // The key, as the variable that carries it.
    let key = format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{}\"\n", value(LONGEST));
    let outcome = sandbox().config(&key).run(["-p", "kimi", "true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.contains("ANTHROPIC_AUTH_TOKEN is too long: 1311"),
        "{}",
        outcome.stderr
    );
    outcome.shows_no_secret();
}

#[test]
fn trap_20_an_environment_that_is_too_large_names_its_largest_part() {
    let value = SENTINEL.chars().cycle().take(100_000).collect::<String>();
    let lines: Vec<String> =
        (0..12).map(|number| format!("OPERATOR_{number} = \"{value}\"\n")).collect();
    let sandbox = sandbox()
        .config(&format!("[env]\n{}OPERATOR_X = \"{value}{value:.1000}\"\n", lines.concat()));
    let launch = sandbox.launch().words(["--", "true"]).step("limit", "stack:8388608");
    let launch =
        (0..10).fold(launch, |launch, number| launch.entry(format!("INHERITED_{number}={value}")));
    let ran = launch.run();
    assert_eq!(ran.status, 125);
    let start = "jackin-exec: arguments and environment are too large: 2";
    assert!(
        ran.stderr.starts_with(start)
            && ran.stderr.ends_with("the largest is OPERATOR_X with 101012\n"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(SENTINEL));
}

#[test]
fn trap_20_the_longest_argument_passes() {
    let words = ["--", "sh", "-c", "echo ${#1}", "sh"];
    let ran = sandbox().launch().words(words).words(["x".repeat(LONGEST - 1)]).run();
    assert_eq!((ran.status, ran.text()), (0, (LONGEST - 1).to_string()), "{}", ran.stderr);
}

#[test]
fn trap_21_an_empty_argv_is_survived() {
    holds(21);
}

#[test]
fn trap_22_the_commands_name_is_the_one_that_was_typed() {
    holds(22);
    // An applet's link and its shim: the name decides what the program is.
    if has("busybox") {
        let sandbox = sandbox();
        fs::create_dir_all(sandbox.path("bin")).unwrap();
        std::os::unix::fs::symlink("/bin/busybox", sandbox.path("bin/echo")).unwrap();
        sandbox.path_first("bin").run(["--", "echo", "an", "applet"]).prints("an applet\n");
    }
}

#[test]
fn trap_23_our_options_end_at_the_first_word_of_the_command() {
    holds(23);
    let words = ["sh", "-c", "printf '%s|' \"$@\"", "sh", "-p", "kimi", "--dry-run", "--", "-q"];
    sandbox().run(words).prints("-p|kimi|--dry-run|--|-q|");
    sandbox().run(["--"].iter().chain(&words)).prints("-p|kimi|--dry-run|--|-q|");
}

#[test]
fn the_key_of_a_provider_whose_table_is_wrong_reaches_neither_the_command_nor_helpers() {
    let home = sandbox()
        .exec(
            "[env]\nCORP_KEY = \"$CORP_SRC\"\nSEEN = { command = [\"sh\", \"-c\", \"env | grep -c CORP || true\"] }\n\
             [providers.corp]\nkey_env = \"CORP_KEY\"\nbase_url = \"https://gw.example\"\nmodle = \"m\"\n",
        )
        .env("KIMI_CODE_API_KEY", "sk-kimi-k")
        .env("CORP_KEY", SENTINEL)
        .env("CORP_SRC", SENTINEL);
    let say = "echo $SEEN; env | grep -c CORP";
    let outcome = home.run(["-q", "-p", "kimi", "sh", "-c", say]);
    assert_eq!(outcome.stdout, "0\n0\n", "{}", outcome.stderr);
    outcome.shows_no_secret();
}
