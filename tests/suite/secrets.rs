//! Where values come from, how helpers are run, and what is said when a value cannot be had.

use std::fs;
use std::fs::File;
use std::os::unix::process::CommandExt;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;

use crate::pty::Terminal;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::copy_program;
use crate::support::is_root;
use crate::support::sandbox;

/// A Kimi key in the shape of one.
const KEY: &str = "sk-kimi-of-a-test";

/// Where a provider's key is looked for: the configuration, variables, and origin, kind, reference
/// and token.
type Source = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    [&'static str; 3],
    &'static str,
);

/// `value` holds a key in a file; `credentials/` one under the key's name.
const SOURCES: &[Source] = &[
    (
        "a literal",
        "KIMI_CODE_API_KEY = \"sk-kimi-lit\"",
        &[],
        ["global", "literal", ""],
        "sk-kimi-lit",
    ),
    (
        "a host variable",
        "KIMI_CODE_API_KEY = \"$MY_KIMI\"",
        &[("MY_KIMI", "sk-kimi-host")],
        ["global", "host", "$MY_KIMI"],
        "sk-kimi-host",
    ),
    (
        "a reference",
        "KIMI_CODE_API_KEY = \"op://v/kimi/key\"",
        &[],
        ["global", "op", "op://v/kimi/key"],
        "from op://v/kimi/key",
    ),
    (
        "a file",
        "KIMI_CODE_API_KEY = { file = \"[ROOT]/value\" }",
        &[],
        ["global", "file", "[ROOT]/value"],
        "sk-kimi-of-a-test",
    ),
    (
        "a command",
        "KIMI_CODE_API_KEY = { command = [\"echo\", \"sk-kimi-said\"] }",
        &[],
        ["global", "command", "echo"],
        "sk-kimi-said",
    ),
    (
        "the environment",
        "",
        &[("KIMI_CODE_API_KEY", "sk-kimi-env")],
        ["environment", "inherited", "$KIMI_CODE_API_KEY"],
        "sk-kimi-env",
    ),
    (
        "the environment before its _FILE",
        "",
        &[("KIMI_CODE_API_KEY", "sk-kimi-env"), ("KIMI_CODE_API_KEY_FILE", "[ROOT]/value")],
        ["environment", "inherited", "$KIMI_CODE_API_KEY"],
        "sk-kimi-env",
    ),
    (
        "_FILE",
        "",
        &[("KIMI_CODE_API_KEY_FILE", "[ROOT]/value")],
        ["file", "file", "[ROOT]/value"],
        "sk-kimi-of-a-test",
    ),
    (
        "_FILE if the variable is empty",
        "",
        &[("KIMI_CODE_API_KEY", ""), ("KIMI_CODE_API_KEY_FILE", "[ROOT]/value")],
        ["file", "file", "[ROOT]/value"],
        "sk-kimi-of-a-test",
    ),
    (
        "_FILE before systemd",
        "",
        &[
            ("KIMI_CODE_API_KEY_FILE", "[ROOT]/value"),
            ("CREDENTIALS_DIRECTORY", "[ROOT]/credentials"),
        ],
        ["file", "file", "[ROOT]/value"],
        "sk-kimi-of-a-test",
    ),
    (
        "systemd",
        "",
        &[("KIMI_CODE_API_KEY_FILE", ""), ("CREDENTIALS_DIRECTORY", "[ROOT]/credentials")],
        ["credential", "file", "[ROOT]/credentials/KIMI_CODE_API_KEY"],
        "sk-kimi-credential",
    ),
    (
        "a scope before the environment",
        "KIMI_CODE_API_KEY = \"sk-kimi-lit\"",
        &[("KIMI_CODE_API_KEY", "sk-kimi-env"), ("KIMI_CODE_API_KEY_FILE", "[ROOT]/value")],
        ["global", "literal", ""],
        "sk-kimi-lit",
    ),
];

#[test]
fn a_providers_key_is_found_where_the_row_says() {
    for (claim, declared, variables, origin, token) in SOURCES {
        let mut home = sandbox()
            .op()
            .rooted("home/.config/jackin/exec.toml", &format!("[env]\n{declared}\n"))
            .file("value", format!("{KEY}\n"))
            .file("credentials/KIMI_CODE_API_KEY", "sk-kimi-credential\n");
        for (name, value) in *variables {
            let value = home.filled(value);
            home = home.env(name, value);
        }
        let plan = home.run(["-p", "kimi", "-n", "--json"]).json();
        let entry = plan["env"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["name"] == "ANTHROPIC_AUTH_TOKEN")
            .unwrap();
        let seen =
            ["origin", "kind", "reference"].map(|key| entry[key].as_str().unwrap_or_default());
        assert_eq!(seen, *origin, "{claim}");
        let outcome = home.run([
            "-q",
            "-p",
            "kimi",
            "sh",
            "-c",
            "echo \"$ANTHROPIC_AUTH_TOKEN,$KIMI_CODE_API_KEY\"",
        ]);
        let token = home.filled(token);
        assert_eq!(
            (outcome.stdout, outcome.stderr),
            (format!("{token},\n"), String::new()),
            "{claim}"
        );
    }
}

/// What a file or a command gives, and the value that comes of it.
const CONTENT: &[(&str, &[u8], Result<&str, &str>)] = &[
    ("no newline", b"v", Ok("v")),
    ("one newline", b"v\n", Ok("v")),
    ("a newline of Windows", b"v\r\n", Ok("v")),
    ("two newlines", b"v\n\n", Ok("v\n")),
    ("a carriage return alone", b"v\r", Ok("v\r")),
    ("two of them", b"v\r\r\n", Ok("v\r")),
    ("trailing blanks", b"v \t \n", Ok("v \t ")),
    ("leading blanks and lines", b"\n v", Ok("\n v")),
    ("nothing", b"", Ok("")),
    ("a newline alone", b"\n", Ok("")),
    ("not UTF-8", b"SENTINEL-sk-kimi-0123456789\xff", Err("the value is not UTF-8")),
    ("NUL", b"SENTINEL-sk-kimi-0123456789\0", Err("the value contains NUL")),
];

#[test]
fn exactly_one_newline_is_stripped_and_nothing_else() {
    for (claim, bytes, wanted) in CONTENT {
        for value in ["{ file = \"[ROOT]/value\" }", "{ command = [\"cat\", \"[ROOT]/value\"] }"] {
            let home = sandbox()
                .rooted("home/.config/jackin/exec.toml", &format!("[env]\nA = {value}\n"))
                .file("value", bytes);
            let outcome = home.run(["sh", "-c", "printf %s \"$A\""]);
            match wanted {
                Ok(text) => assert_eq!(
                    (outcome.status, outcome.stdout.as_str()),
                    (0, *text),
                    "{claim}: {outcome:?}"
                ),
                Err(words) => {
                    let reference = if value.contains("file") { "[ROOT]/value" } else { "cat" };
                    outcome.fails(
                        125,
                        &format!("jackin-exec: A of global [env] ({reference}): {words}\n"),
                    );
                }
            }
        }
    }
}

/// Keys that cannot be used, and what is said.
const BAD_KEYS: &[(&str, &[u8], &str)] = &[
    ("empty", b"", "the key is empty"),
    ("blank", b" \t \n", "the key is empty"),
    (
        "a second line",
        b"SENTINEL-sk-kimi-0123456789\nmore\n",
        "the key contains a line break or another control character",
    ),
    (
        "a tab inside",
        b"SENTINEL-sk-kimi-0123456789\tmore",
        "the key contains a line break or another control character",
    ),
    (
        "an escape",
        b"SENTINEL-sk-kimi-0123456789\x1b[0m",
        "the key contains a line break or another control character",
    ),
    ("an invisible space", "SENTINEL-sk-kimi-0123456789\u{200b}".as_bytes(), FOREIGN),
    ("an ellipsis of a web page", "SENTINEL-sk-kimi-0123456789\u{2026}".as_bytes(), FOREIGN),
    ("nothing but what nobody sees", "\u{200b}\u{feff} ".as_bytes(), "the key is empty"),
    ("not UTF-8", b"SENTINEL-sk-kimi-0123456789\xfe", "the value is not UTF-8"),
    ("NUL", b"SENTINEL-sk-kimi-0123456789\0", "the value contains NUL"),
];

const FOREIGN: &str = "the key contains a character that is not ASCII; it may be invisible";

#[test]
fn a_key_that_cannot_work_is_an_error_and_not_shown() {
    for (claim, bytes, words) in BAD_KEYS {
        let home = sandbox().file("value", bytes);
        let path = home.path("value");
        let home = home.env("KIMI_CODE_API_KEY_FILE", path);
        let outcome = home.run(["-p", "kimi", "true"]);
        outcome.shows_no_secret();
        let wanted = format!(
            "jackin-exec: KIMI_CODE_API_KEY of the environment's _FILE ([ROOT]/value): {words}\n"
        );
        assert_eq!((outcome.status, outcome.stderr), (125, wanted), "{claim}");
    }
}

/// Warnings about the shape of a key: provider, variable, key, and what is said.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    ("kimi", "KIMI_CODE_API_KEY", "sk-kimi-x", ""),
    (
        "kimi",
        "KIMI_CODE_API_KEY",
        "sk-SENTINEL-sk-kimi-0123456789",
        "KIMI_CODE_API_KEY does not begin with sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com",
    ),
    ("minimax", "MINIMAX_API_KEY", "sk-cp-x", ""),
    ("minimax", "MINIMAX_API_KEY", "SENTINEL-sk-kimi-0123456789", ""),
    ("zai", "ZAI_API_KEY", "anything", ""),
    ("minimax", "MINIMAX_API_KEY", "sk-of-the-platform-paid-by-use", ""),
    (
        "kimi",
        "KIMI_CODE_API_KEY",
        "sk-ant-SENTINEL",
        "KIMI_CODE_API_KEY begins like a key of Anthropic",
    ),
    ("zai", "ZAI_API_KEY", "sk-kimi-SENTINEL", "ZAI_API_KEY begins like a key of Kimi"),
    ("deepseek", "DEEPSEEK_API_KEY", "gsk_SENTINEL", "DEEPSEEK_API_KEY begins like a key of Groq"),
    (
        "mimo",
        "MIMO_API_KEY",
        "tp-SENTINEL",
        "MIMO_API_KEY begins like a key of the Xiaomi MiMo token plan",
    ),
    ("mimo-token-cn", "MIMO_TOKEN_CN_API_KEY", "tp-x", ""),
    ("qwen-coding-cn", "ALIBABA_CODING_PLAN_CN_API_KEY", "sk-sp-x", ""),
    (
        "zai",
        "ZAI_API_KEY",
        "SENTINEL-sk-kimi-0123456789 ",
        "ZAI_API_KEY has spaces or quotes around it",
    ),
    (
        "zai",
        "ZAI_API_KEY",
        "\"SENTINEL-sk-kimi-0123456789\"",
        "ZAI_API_KEY has spaces or quotes around it",
    ),
    (
        "kimi",
        "KIMI_CODE_API_KEY",
        "'SENTINEL-sk-kimi-0123456789'",
        "KIMI_CODE_API_KEY has spaces or quotes around it",
    ),
];

#[test]
fn a_key_that_looks_wrong_is_a_warning_that_quiet_keeps_to_itself() {
    for (provider, variable, key, words) in SHAPES {
        let home = sandbox().env(variable, key);
        let wanted = if words.is_empty() {
            String::new()
        } else {
            format!("jackin-exec: warning: {words}\n")
        };
        home.run(["-p", provider, "true"]).is(0, "", &wanted);
        home.run(["-q", "-p", provider, "true"]).prints("");
        // The value is used as it is: it may be right after all.
        let outcome =
            home.run(["-q", "-p", provider, "sh", "-c", "printf %s \"$ANTHROPIC_AUTH_TOKEN\""]);
        assert_eq!(outcome.stdout, *key);
    }
}

#[test]
fn a_file_is_a_regular_one_of_at_most_a_mebibyte_and_nothing_is_waited_for() {
    let largest = "v".repeat(1 << 20);
    let home = sandbox()
        .folder("folder")
        .fifo("pipe")
        .file("largest", &largest)
        .file("larger", format!("{largest}v"))
        .link("link", "largest")
        .link("nothing", "/nowhere")
        .link("zero", "/dev/zero");
    for (path, words) in [
        ("folder", "not a regular file"),
        ("pipe", "not a regular file"),
        ("zero", "not a regular file"),
        ("larger", "larger than 1 MiB"),
        ("nothing", "no such file or directory"),
        ("largest/x", "not a directory"),
    ] {
        let text = home.filled(&format!("[env]\nA = {{ file = \"[ROOT]/{path}\" }}\n"));
        home.write("home/.config/jackin/exec.toml", text, 0o600);
        home.run(["true"])
            .fails(125, &format!("jackin-exec: A of global [env] ([ROOT]/{path}): {words}\n"));
    }
    // Read, and then too long for one variable of the kernel.
    for path in ["largest", "link"] {
        let text = home.filled(&format!("[env]\nA = {{ file = \"[ROOT]/{path}\" }}\n"));
        home.write("home/.config/jackin/exec.toml", text, 0o600);
        let words = "jackin-exec: A is too long: 1048579 bytes; the limit is 131072\n";
        home.run(["true"]).fails(125, words);
    }
}

#[test]
fn a_relative_path_in_a_variable_is_refused() {
    let home = sandbox().env("KIMI_CODE_API_KEY_FILE", "value").file("here/value", KEY);
    home.run(["-p", "kimi", "true"])
        .fails(125, "jackin-exec: KIMI_CODE_API_KEY of the environment's _FILE: the file needs an absolute path\n");
    // What is no path may be a key in the wrong variable.
    let home = sandbox().env("KIMI_CODE_API_KEY_FILE", SENTINEL);
    for arguments in [
        ["-p", "kimi", "-n"].as_slice(),
        &["-p", "kimi", "-n", "--json"],
        &["-p", "kimi", "--debug", "true"],
    ] {
        home.run(arguments).shows_no_secret();
    }
    // A relative folder of credentials is nobody's.
    sandbox().env("CREDENTIALS_DIRECTORY", ".").file("here/KIMI_CODE_API_KEY", KEY).run(["-p", "kimi", "-n"]).fails(
        125,
        "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is not set\n\
             hint: get one at https://www.kimi.com/code/console; jackin-exec auth set kimi asks for it; or set KIMI_CODE_API_KEY in the environment\n",
    );
}

#[test]
fn op_is_called_exactly_so_and_sees_no_key() {
    let home = sandbox()
        .op()
        .config(
            "[env]\nA = \"op://Vault of mine/item/field\"\n\
             B = { op = \"op://v/i/s/f?attribute=otp\", path = \"p\", account = \"team.1password.com\" }\n",
        )
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .env("ZAI_API_KEY", SENTINEL)
        .env("ANTHROPIC_API_KEY", SENTINEL)
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .env("OP_SERVICE_ACCOUNT_TOKEN", "ops_token");
    home.run(["-p", "anthropic", "sh", "-c", "echo $A,$B"])
        .prints("from op://Vault of mine/item/field,from op://v/i/s/f?attribute=otp\n");
    assert_eq!(
        home.op_calls("argv"),
        [
            "--account team.1password.com read -- op://v/i/s/f?attribute=otp\n",
            "read -- op://Vault of mine/item/field\n"
        ]
    );
    assert_eq!(home.op_calls("stdin"), ["/dev/null\n", "/dev/null\n"]);
    for environment in home.op_calls("env") {
        assert!(!environment.contains(SENTINEL), "{environment}");
        assert!(environment.contains("OP_SERVICE_ACCOUNT_TOKEN=ops_token\n"), "{environment}");
    }
}

#[test]
fn helpers_are_found_in_absolute_entries_of_path_only() {
    let home =
        sandbox().op().script("here/bin/op", "echo wrong").config("[env]\nA = \"op://v/i/f\"\n");
    let right = home.path("bin");
    for entries in ["bin:RIGHT", ".:RIGHT", ":RIGHT", "./bin:RIGHT"] {
        let path = entries.replace("RIGHT", &format!("{}:/usr/bin:/bin", right.display()));
        let output =
            home.command().env("PATH", path).args(["sh", "-c", "echo $A"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "from op://v/i/f\n", "{entries}");
    }
    home.env("PATH", "bin:.:").run(["true"]).fails(
        125,
        "jackin-exec: A of global [env] (op://v/i/f): op was not found in the absolute entries of PATH\n\
         hint: install 1Password's command-line tool, or put its folder into PATH\n",
    );
}

#[test]
fn without_path_helpers_are_looked_for_where_the_system_has_them() {
    let home = sandbox().exec("[env]\nA = { command = [\"echo\", \"x\"] }\n").env_remove("PATH");
    home.run(["/bin/sh", "-c", "echo $A"]).prints("x\n");
}

/// Commands that give no value, and what is said of them.
const FAILING: &[(&str, &str, &str)] = &[
    (
        "not there",
        "[\"no-such-helper\"]",
        "(no-such-helper): no-such-helper was not found in the absolute entries of PATH",
    ),
    (
        "an absolute path that is not there",
        "[\"/no/such\"]",
        "(/no/such): /no/such does not exist or cannot be executed",
    ),
    ("a relative path", "[\"./helper\"]", "(./helper): ./helper needs an absolute path"),
    ("a folder", "[\"/usr\"]", "(/usr): /usr does not exist or cannot be executed"),
    (
        "no program",
        "[\"[ROOT]/value\"]",
        "([ROOT]/value): [ROOT]/value does not exist or cannot be executed",
    ),
    ("its status", "[\"sh\", \"-c\", \"exit 3\"]", "(sh): sh ended with 3"),
    ("a signal", "[\"sh\", \"-c\", \"kill -9 $$\"]", "(sh): sh ended with 137"),
    (
        "its words, in one line",
        "[\"sh\", \"-c\", \"printf 'one\\\\n\\\\n  two  \\\\n' >&2; exit 1\"]",
        "(sh): sh ended with 1: one: two",
    ),
    (
        "words that would move the cursor",
        "[\"sh\", \"-c\", \"printf '\\\\033[2Ja\\\\342\\\\200\\\\256b\\\\377' >&2; exit 1\"]",
        "(sh): sh ended with 1: \\u{1b}[2Ja\\u{202e}b\u{fffd}",
    ),
    (
        "not what it printed",
        "[\"sh\", \"-c\", \"echo SENTINEL-sk-kimi-0123456789; echo why >&2; exit 1\"]",
        "(sh): sh ended with 1: why",
    ),
    (
        "not even if it repeats it",
        "[\"sh\", \"-c\", \"echo SENTINEL-sk-kimi-0123456789; echo it is SENTINEL-sk-kimi-0123456789! >&2; exit 1\"]",
        "(sh): sh ended with 1: it is •••!",
    ),
    (
        "too much",
        "[\"head\", \"-c\", \"1048577\", \"/dev/zero\"]",
        "(head): head printed more than 1 MiB",
    ),
    ("without end", "[\"cat\", \"/dev/zero\"]", "(cat): cat printed more than 1 MiB"),
    (
        "it stops",
        "[\"sh\", \"-c\", \"kill -STOP $$\"]",
        "(sh): sh was stopped, because it tried to use the terminal",
    ),
];

#[test]
fn a_helper_that_gives_no_value_is_named_with_its_words() {
    for (claim, argv, words) in FAILING {
        let home = sandbox().file("value", KEY).rooted(
            "home/.config/jackin/exec.toml",
            &format!("[env]\nA = {{ command = {argv} }}\n"),
        );
        let outcome = home.run(["true"]);
        outcome.shows_no_secret();
        assert_eq!(
            (outcome.status, outcome.stderr),
            (125, format!("jackin-exec: A of global [env] {words}\n")),
            "{claim}"
        );
    }
}

#[test]
fn words_of_a_helper_are_cut_after_four_kibibytes() {
    let home = sandbox()
        .exec("[env]\nA = { command = [\"sh\", \"-c\", \"yes | tr -d '\\\\n' | head -c 100000 >&2; exit 1\"] }\n");
    let wanted =
        format!("jackin-exec: A of global [env] (sh): sh ended with 1: {}\n", "y".repeat(4096));
    home.run(["true"]).fails(125, &wanted);
}

#[test]
fn words_that_are_cut_in_the_middle_of_a_secret_show_nothing_of_it() {
    for kept in [4, 10, 26] {
        let script = format!(
            "yes | tr -d '\\\\n' | head -c {} >&2; echo {SENTINEL}; echo {SENTINEL} >&2; exit 1",
            4096 - kept
        );
        let home =
            sandbox().exec(&format!("[env]\nA = {{ command = [\"sh\", \"-c\", \"{script}\"] }}\n"));
        let words = "y".repeat(4096 - kept);
        home.run(["true"]).fails(
            125,
            &format!("jackin-exec: A of global [env] (sh): sh ended with 1: {words}•••\n"),
        );
    }
}

#[test]
fn nothing_that_a_helper_printed_is_shown_as_a_part_of_its_words() {
    for (stdout, stderr, shown) in [
        (format!("KEY={SENTINEL}"), format!("have {SENTINEL} here"), "have ••• here"),
        (format!("export KEY=\\\"{SENTINEL}\\\""), format!("+ KEY={SENTINEL}"), "+ •••"),
        (format!("{{\\\"key\\\": \\\"{SENTINEL}\\\"}}"), format!("({SENTINEL})"), "•••"),
        // What was never on stdout is masked where it looks like a key.
        (String::new(), format!("bad key sk-{SENTINEL}"), "bad key •••"),
        (String::new(), format!("TOKEN=ghp_{SENTINEL} is bad"), "••• is bad"),
    ] {
        let script = format!("echo '{stdout}'; echo '{stderr}' >&2; exit 1");
        let home =
            sandbox().exec(&format!("[env]\nA = {{ command = [\"sh\", \"-c\", \"{script}\"] }}\n"));
        let outcome = home.run(["true"]);
        outcome.shows_no_secret();
        outcome.fails(
            125,
            &format!("jackin-exec: A of global [env] (sh): sh ended with 1: {shown}\n"),
        );
    }
}

#[test]
fn words_that_are_not_cut_keep_their_end() {
    let home = sandbox()
        .exec("[env]\nA = { command = [\"sh\", \"-c\", \"echo Vault locked; echo cannot open Vault >&2; exit 1\"] }\n");
    home.run(["true"])
        .fails(125, "jackin-exec: A of global [env] (sh): sh ended with 1: cannot open Vault\n");
}

#[test]
fn a_value_that_we_have_is_taken_out_of_another_helpers_words() {
    let home = sandbox().exec(&format!(
        "[env]\nA = \"{SENTINEL}\"\nB = {{ command = [\"sh\", \"-c\", \"echo no '{SENTINEL}' here >&2; exit 1\"] }}\n"
    ));
    home.run(["true"])
        .fails(125, "jackin-exec: B of global [env] (sh): sh ended with 1: no ••• here\n");
}

#[test]
fn all_failures_are_told_together_in_the_order_of_their_keys() {
    let home = sandbox()
        .script("bin/op", "echo '[ERROR] 2026/11/24 \"item\" is not an item' >&2; exit 1")
        .path_first("bin")
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nZ = \"$NOT_SET\"\nB = \"op://v/i/b\"\nGOOD = \"[SECRET]\"\n[roles.rev.env]\nC = \"${NOT_SET}\"\n",
        )
        .workspace("w", "[env]\nA = \"op://v/i/a\"\n[roles.rev.env]\nD = \"$NOT_SET\"\n")
        .exec("[env]\nE = { file = \"/nowhere\" }\n");
    home.run(["-w", "w", "-r", "rev", "true"]).fails(
        125,
        "jackin-exec: A of workspace \"w\" [env] (op://v/i/a): op ended with 1: [ERROR] 2026/11/24 \"item\" is not an item\n\
         jackin-exec: B of global [env] (op://v/i/b): op ended with 1: [ERROR] 2026/11/24 \"item\" is not an item\n\
         jackin-exec: C of role \"rev\" [env] ($NOT_SET): the variable is not set\n\
         jackin-exec: D of workspace \"w\" → role \"rev\" [env] ($NOT_SET): the variable is not set\n\
         jackin-exec: E of global [env] (/nowhere): no such file or directory\n\
         jackin-exec: Z of global [env] ($NOT_SET): the variable is not set\n",
    );
}

#[test]
fn op_that_is_not_signed_in_brings_a_hint() {
    for words in [
        "[ERROR] 2026/11/24 You are not currently signed in. Please run `op signin --help` for instructions",
        "[ERROR] 2026/11/24 account is not signed in",
        "[ERROR] 2026/11/24 No accounts configured for use with 1Password CLI.",
    ] {
        let home = sandbox()
            .script("bin/op", &format!("echo '{words}' >&2; exit 1"))
            .path_first("bin")
            .config("[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n");
        home.run(["-p", "kimi", "true"]).fails(
            125,
            &format!(
                "jackin-exec: KIMI_CODE_API_KEY of global [env] (op://v/i/f): op ended with 1: {words}\n\
                 hint: sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN\n"
            ),
        );
    }
}

#[test]
fn op_that_speaks_to_the_terminal_itself_brings_a_hint_too() {
    let home = sandbox()
        .script("bin/op", "echo '[ERROR] account is not signed in' >&2; exit 1")
        .path_first("bin")
        .env("TERM", "xterm")
        .config("[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n");
    let mut terminal = Terminal::open().start(&home.launch().words(["-p", "kimi", "true"]));
    assert_eq!(terminal.end(), "exit 125");
    let wanted = [
        "[ERROR] account is not signed in",
        "jackin-exec: KIMI_CODE_API_KEY of global [env] (op://v/i/f): op ended with 1",
        "hint: if nobody is signed in: `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN",
    ];
    assert_eq!(terminal.screen(), wanted);
}

#[test]
fn a_variable_that_is_not_utf_8_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let home = sandbox()
        .config("[env]\nA = \"$BYTES\"\n")
        .env("BYTES", std::ffi::OsStr::from_bytes(b"SENTINEL-sk-kimi-0123456789\xff"));
    home.run(["true"])
        .fails(125, "jackin-exec: A of global [env] ($BYTES): the value is not UTF-8\n");
}

/// A helper that meets others. `meet NAME COUNT` stays until so many have come, and notes whether
/// they came, whether it saw more than eight at once, and in whose process group it is.
const MEET: &str = r#"
mkdir -p "$HOME/now" "$HOME/came" "$HOME/seen"
: > "$HOME/now/$1"
: > "$HOME/came/$1"
number() { ls "$HOME/$1" | wc -l; }
turns=0
while [ "$(number came)" -lt "$2" ] && [ "$turns" -lt 1000 ]; do sleep 0.01; turns=$((turns + 1)); done
sleep 0.1
if [ "$(number came)" -ge "$2" ]; then met=met; else met=missed; fi
if [ "$(number now)" -le 8 ]; then many=few; else many=many; fi
group() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 3; }
if [ "$(group $$)" = "$(group $PPID)" ]; then group=ours; else group=own; fi
printf '%s %s %s of %s\n' "$met" "$many" "$group" "$(number came)" > "$HOME/seen/$1"
rm "$HOME/now/$1"
echo "value of $1""#;

#[test]
fn the_first_helper_runs_alone_and_the_others_up_to_eight_at_a_time() {
    let command = |name: &str, count: u32| {
        format!("{name} = {{ command = [\"meet\", \"{name}\", \"{count}\"] }}\n")
    };
    // None of the eight that follow the first leaves before all of them have come.
    let mut counts = vec![("A", 1)];
    counts.extend(["B", "C", "D", "E", "F", "G", "H", "I"].map(|name| (name, 9)));
    counts.extend([("J", 1), ("K", 1)]);
    let text: String = counts.iter().map(|(name, count)| command(name, *count)).collect();
    let home = sandbox().script("bin/meet", MEET).path_first("bin").exec(&format!("[env]\n{text}"));
    home.run(["sh", "-c", "echo \"$A,$B,$K\""]).prints("value of A,value of B,value of K\n");
    let seen = |name: &str| home.read(&format!("home/seen/{name}"));
    // When the first was about to leave, nobody else had come.
    assert_eq!(seen("A"), "met few ours of 1\n");
    for name in ["B", "C", "D", "E", "F", "G", "H", "I", "J", "K"] {
        assert!(seen(name).starts_with("met few own of "), "{name}: {}", seen(name));
    }
}

#[test]
fn the_providers_key_is_fetched_first() {
    let home = sandbox()
        .op()
        .script(
            "bin/op",
            "for reference; do :; done; echo \"$reference\" >> \"$HOME/order\"; echo sk-kimi-x",
        )
        .config("[env]\nA = \"op://v/i/a\"\nKIMI_CODE_API_KEY = \"op://v/i/key\"\n");
    home.run(["-p", "kimi", "true"]).prints("");
    assert_eq!(home.read("home/order"), "op://v/i/key\nop://v/i/a\n");
}

#[test]
fn only_what_is_used_is_fetched() {
    let helper = |name: &str| format!("{name} = {{ command = [\"note\", \"{name}\"] }}\n");
    let names = [
        "A",
        "ANTHROPIC_BASE_URL",
        "CLAUDE_CODE_USE_BEDROCK",
        "KIMI_CODE_API_KEY",
        "LD_PRELOAD",
        "ZAI_API_KEY",
    ];
    let text: String = names.map(helper).concat();
    let home = sandbox()
        .script("bin/note", "echo \"$1\" >> \"$HOME/noted\"; echo sk-kimi-x")
        .path_first("bin")
        .exec(&format!("[env]\n{text}[workspaces.w.env]\nA = \"hidden by this\"\n"))
        .workspace("w", "");
    let fetched = |arguments: &[&str]| {
        home.write("home/noted", "", 0o600);
        assert_eq!(home.run(["-q"].iter().chain(arguments)).status, 0);
        let text = home.read("home/noted");
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        lines.join(" ")
    };
    // The redirect's own names, another provider's key and host-changing names are not fetched.
    assert_eq!(fetched(&["-p", "kimi", "true"]), "A KIMI_CODE_API_KEY");
    assert_eq!(fetched(&["-p", "kimi", "-w", "w", "true"]), "KIMI_CODE_API_KEY");
    assert_eq!(
        fetched(&["-p", "anthropic", "true"]),
        "A ANTHROPIC_BASE_URL CLAUDE_CODE_USE_BEDROCK"
    );
    assert_eq!(fetched(&["-p", "kimi", "--pass-keys", "true"]), "A KIMI_CODE_API_KEY ZAI_API_KEY");
    assert_eq!(fetched(&["-p", "kimi", "--dry-run"]), "");
    assert_eq!(fetched(&["-p", "kimi", "--dry-run", "--json"]), "");
    assert_eq!(fetched(&["providers"]), "");
}

/// Holds a lock while it lives, in itself and in a child that leaves a mark if it is not killed.
const LINGER: &str = r#"exec 9> "$HOME/lock"
flock 9
(sleep 20; : > "$HOME/survived") &
sleep 20"#;

#[test]
fn a_helper_that_takes_too_long_is_killed_with_all_that_it_started() {
    if !crate::support::has("flock") {
        return;
    }
    // Alone it shares our process group; beside others it has its own, which a child may leave.
    for (claim, before, script) in [
        ("alone", "", "linger"),
        (
            "beside others",
            "A1 = { command = [\"true\"] }\nA2 = { command = [\"sleep\", \"0.6\"] }\n",
            "linger",
        ),
        (
            "out of its group",
            "A1 = { command = [\"true\"] }\nA2 = { command = [\"sleep\", \"0.6\"] }\n",
            "leave",
        ),
        // Its parent is gone before the time is up, as with a program that makes itself a daemon.
        ("abandoned", "", "abandon"),
        (
            "abandoned beside others",
            "A1 = { command = [\"true\"] }\nA2 = { command = [\"sleep\", \"0.6\"] }\n",
            "abandon",
        ),
    ] {
        let home = sandbox()
            .script("bin/linger", LINGER)
            .script("bin/leave", "setsid linger & sleep 20")
            .script("bin/abandon", "(setsid linger >/dev/null 2>&1 &); exec sleep 20")
            .path_first("bin")
            .exec(&format!(
                "[env]\n{before}B = {{ command = [\"{script}\"], timeout = \"500ms\" }}\n"
            ));
        let words = format!(
            "jackin-exec: B of global [env] ({script}): {script} took longer than 500 ms\n"
        );
        let outcome = home.run(["true"]);
        assert_eq!((outcome.status, outcome.stderr), (125, words), "{claim}");
        // Waits for the last of them to be gone.
        let lock = File::open(home.path("home/lock")).unwrap();
        let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno).unwrap();
        assert!(!home.path("home/survived").exists(), "{claim}");
        drop(lock);
    }
}

#[test]
fn a_grandchild_that_keeps_the_pipe_open_is_not_waited_for() {
    let home = sandbox().script("bin/daemon", "echo value\n(sleep 20; : > \"$HOME/late\") &").path_first("bin").exec(
        "[env]\nA = { command = [\"daemon\"] }\nB = { command = [\"daemon\"] }\nC = { command = [\"daemon\"] }\n",
    );
    home.run(["sh", "-c", "echo $A $B $C"]).prints("value value value\n");
    assert!(!home.path("home/late").exists());
}

#[test]
fn whatever_a_helper_does_to_the_terminal_is_undone() {
    for (claim, script, status) in [
        ("too late", "stty -echo </dev/tty; sleep 20", "exit 125"),
        ("stops", "stty -echo -icanon </dev/tty; kill -STOP $$", "exit 125"),
        ("is killed", "stty -echo </dev/tty; kill -KILL $$", "exit 125"),
        ("succeeds", "stty -echo </dev/tty; echo value", "exit 0"),
        ("changes more", "stty -opost -icrnl </dev/tty; kill -KILL $$", "exit 125"),
        ("is ended with us", "stty -echo </dev/tty; kill -USR1 $PPID; sleep 20", "signal 10"),
    ] {
        for redirected in [false, true] {
            let home = sandbox().env("TERM", "xterm").exec(&format!(
                "[env]\nA = {{ command = [\"sh\", \"-c\", \"{script}\"], timeout = \"500ms\" }}\n"
            ));
            let mut terminal = Terminal::open();
            let before = terminal.modes();
            // Where stderr is a file, the terminal is still there.
            let words = "exec \"$0\" -q -p anthropic true 2>\"$HOME/said\"";
            let launch = if redirected {
                home.launch().program("/bin/sh").words(["-c", words, PROGRAM])
            } else {
                home.launch().words(["-q", "-p", "anthropic", "true"])
            };
            terminal = terminal.start(&launch);
            assert_eq!(terminal.end(), status, "{claim}: {}", terminal.text());
            assert_eq!(terminal.modes(), before, "{claim}, redirected: {redirected}");
        }
    }
}

/// Makes its process group the terminal's foreground, as a shell does with a job, and keeps it.
const TAKES_FOREGROUND: &str = r#"exec perl -MPOSIX -e '
    setpgid(0, 0); $SIG{TTOU} = "IGNORE"; open(T, "+<", "/dev/tty"); tcsetpgrp(fileno(T), getpid());
    $| = 1; print "value\n"; AFTER' "#;

#[test]
fn the_foreground_that_a_helper_took_is_ours_again() {
    if !crate::support::has("perl") {
        return;
    }
    for (claim, after, status) in [
        ("ends", "exit 0", 0),
        ("is too late", "sleep 20", 125),
        ("fails", "exit 3", 125),
        ("is killed", "kill 9, getpid()", 125),
        ("leaves somebody there", "fork() or do { open(STDOUT, \">/dev/null\"); sleep 2 }", 0),
    ] {
        for (alone, before) in [(true, ""), (false, "A = \"x\"\nA1 = { command = [\"true\"] }\n")] {
            let home = sandbox()
                .env("TERM", "xterm")
                .script("bin/taker", &TAKES_FOREGROUND.replace("AFTER", after))
                .path_first("bin")
                .exec(&format!(
                    "[env]\n{before}B = {{ command = [\"taker\"], timeout = \"500ms\" }}\n"
                ));
            // The command reads from the terminal, and so does the calling script after it.
            let words = "\"$0\" -q -p anthropic sh -c 'read line; echo \"command $line\"'; \
                         echo status $?; read line; echo \"script $line\"";
            let launch = home.launch().program("/bin/sh").words(["-c", words, PROGRAM]);
            let mut terminal = Terminal::open().start(&launch);
            if status == 0 {
                terminal.send("one\n").wait_for("command one");
            }
            terminal.wait_for(&format!("status {status}"));
            terminal.send("two\n").wait_for("script two");
            assert_eq!(terminal.end(), "exit 0", "{claim}, alone: {alone}");
        }
    }
}

#[test]
fn a_helper_that_cannot_be_killed_is_not_waited_for() {
    if !is_root() || !crate::support::has("setpriv") {
        return;
    }
    // As sudo does, it becomes root for good; we are somebody else.
    let home = sandbox()
        .script("bin/helper", "echo $$ > \"$HOME/helper\"; exec sleep 1000")
        .folder("home/x");
    copy_program("/usr/bin/setpriv", home.path("bin/become"));
    let exec = "[env]\nA = { command = [\"[ROOT]/bin/become\", \"--reuid=0\", \"--keep-groups\", \"[ROOT]/bin/helper\"], timeout = \"500ms\" }\n";
    let home = home.rooted("home/.config/jackin/exec.toml", exec).open_to_all();
    let home = home
        .mode("bin/become", 0o4755)
        .mode("home", 0o777)
        .mode("home/.config/jackin/exec.toml", 0o644);
    let home = ["", "/exec.toml", "/workspaces"]
        .iter()
        .fold(home, |home, path| home.owner(&format!("home/.config/jackin{path}"), 65534));
    let output =
        home.command().uid(65534).gid(65534).args(["-p", "anthropic", "true"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let Ok(helper) = home.read("home/helper").trim().parse() else {
        // Where set-id bits have no effect, it has not become root.
        crate::support::skipped(format_args!(
            "this test needs a folder for temporary files that is not mounted nosuid: {said}"
        ));
        return;
    };
    let helper = nix::unistd::Pid::from_raw(helper);
    // It is there: we have not waited for its end.
    nix::sys::signal::kill(helper, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.ends_with("took longer than 500 ms\n"), "{said}");
}

#[test]
fn a_signal_ends_the_helpers_and_us() {
    for (name, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let home = sandbox()
            .script("bin/signal", &format!("kill -{name} $PPID; sleep 20; : > \"$HOME/survived\""))
            .path_first("bin")
            .exec("[env]\nA = { command = [\"signal\"] }\n");
        // With the signals as a shell gives them, whatever this test was started with.
        let ran = home.launch().words(["sh", "-c", "echo started"]).run();
        assert_eq!((ran.status, ran.text().as_str(), ran.stderr.as_str()), (status, "", ""));
        assert!(!home.path("home/survived").exists());
    }
}

#[test]
fn as_root_no_command_is_run_from_a_file_that_root_does_not_own() {
    if !is_root() {
        return;
    }
    let home = sandbox()
        .exec("[env]\nA = { command = [\"sh\", \"-c\", \"touch $HOME/ran\"] }\nB = { file = \"/nowhere\" }\n")
        .owner("home/.config/jackin/exec.toml", 65534);
    let folder = home.config_dir();
    let words = ["--allow-foreign-env", "true"].map(AsRef::as_ref);
    let outcome = home.run(["--config-dir".as_ref(), folder.as_os_str()].into_iter().chain(words));
    outcome.fails(
        125,
        "jackin-exec: A of global [env] (sh): as root, commands run only from files that root owns, and [ROOT]/home/.config/jackin/exec.toml is not one\n\
         jackin-exec: B of global [env] (/nowhere): no such file or directory\n",
    );
    assert!(!home.path("home/ran").exists());
}

#[test]
fn as_root_another_users_exec_toml_names_no_program() {
    if !is_root() {
        return;
    }
    for (text, key) in [
        ("command = [\"touch\", \"[ROOT]/home/ran\"]\n", "command"),
        ("allow_env = [\"PATH\"]\n[env]\nPATH = \"[ROOT]/evil\"\n", "allow_env"),
        ("[providers.kimi]\nenv = { PATH = \"[ROOT]/evil\" }\n", "a provider's env for this host"),
    ] {
        // The folder decides, too: its owner can put any file there, a link to one of root's
        // included.
        for owned in ["home/.config/jackin/exec.toml", "home/.config/jackin"] {
            let home = sandbox().script("evil/claude", "touch $HOME/ran");
            let home = home.rooted("home/.config/jackin/exec.toml", text).owner(owned, 65534);
            let home = home.env("KIMI_CODE_API_KEY", SENTINEL);
            let folder = home.config_dir();
            for words in [&["-q", "-p", "kimi"][..], &["-q", "-p", "kimi", "-n"]] {
                let typed = ["--config-dir".as_ref(), folder.as_os_str()];
                home.run(typed.into_iter().chain(words.iter().map(AsRef::as_ref))).fails(
                    125,
                    &format!(
                        "jackin-exec: [ROOT]/home/.config/jackin/exec.toml: as root, {key} is accepted only from root's \
                         own file in root's own folder\nhint: run jackin-exec as the user who owns the folder\n"
                    ),
                );
            }
            let typed = ["--config-dir".as_ref(), folder.as_os_str()];
            home.run(typed.into_iter().chain(["doctor"].map(AsRef::as_ref)));
            assert!(!home.path("home/ran").exists());
        }
    }
    // What says nothing of programs was named with the folder.
    let home = sandbox().exec("command = [\"touch\"]\n[providers.kimi]\nmodel = \"m\"\n");
    let home = home.owner("home/.config/jackin", 65534).env("KIMI_CODE_API_KEY", SENTINEL);
    let folder = home.config_dir();
    let words = ["-q", "-p", "kimi", "sh", "-c", "echo $ANTHROPIC_MODEL"];
    let typed = ["--config-dir".as_ref(), folder.as_os_str()];
    home.run(typed.into_iter().chain(words.iter().map(AsRef::as_ref))).prints("m\n");
}

#[test]
fn another_user_runs_commands_of_files_of_their_own_and_of_roots() {
    if !is_root() {
        return;
    }
    for owner in [0, 65534] {
        let mut home = sandbox().exec("[env]\nA = { command = [\"id\", \"-u\"] }\n").open_to_all();
        home = home.mode("home/.config/jackin/exec.toml", 0o644);
        for path in ["", "/exec.toml", "/workspaces"] {
            home = home.owner(&format!("home/.config/jackin{path}"), owner);
        }
        let output =
            home.command().uid(65534).gid(65534).args(["sh", "-c", "echo $A"]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(
            (text(&output.stdout), text(&output.stderr)),
            ("65534\n".to_owned(), String::new())
        );
    }
}

#[test]
fn a_file_that_its_group_may_write_or_that_shows_a_key_to_everybody_is_a_warning() {
    let path = "home/.config/jackin";
    let home = sandbox().rooted(
        &format!("{path}/config.toml"),
        "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-[SECRET]\"\n",
    );
    let home = home.mode(&format!("{path}/config.toml"), 0o664).mode(path, 0o775);
    let words = "jackin-exec: warning: [ROOT]/home/.config/jackin is writable by its group: chmod g-w\n\
                 jackin-exec: warning: [ROOT]/home/.config/jackin/config.toml is writable by its group: chmod g-w\n\
                 jackin-exec: warning: [ROOT]/home/.config/jackin/config.toml holds a key and is readable by everyone: chmod 600\n";
    home.run(["-p", "kimi", "true"]).is(0, "", words);
    home.run(["-p", "kimi", "-n", "-q", "--json"]).shows_no_secret();
    home.run(["-q", "-p", "kimi", "true"]).prints("");
}

#[test]
fn only_a_literal_key_makes_a_readable_file_a_warning() {
    for (file, text, warns) in [
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n", true),
        ("config.toml", "[roles.r.env]\nZAI_API_KEY = { value = \"x\", on_demand = true }\n", true),
        ("exec.toml", "[env]\nANTHROPIC_API_KEY = \"x\"\n", true),
        ("workspaces/w.toml", "[env]\nZAI_API_KEY = \"x\"\n", true),
        ("workspaces/w.toml", "[roles.r.env]\nZAI_API_KEY = \"x\"\n", true),
        ("exec.toml", "[workspaces.w.env]\nZAI_API_KEY = \"x\"\n", true),
        ("exec.toml", "[workspaces.w.roles.r.env]\nZAI_API_KEY = \"x\"\n", true),
        ("config.toml", "[workspaces.v.env]\nZAI_API_KEY = \"x\"\n", true),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"$X\"\n", false),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n", false),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"\"\n", false),
        ("config.toml", "[env]\nA = \"x\"\n", false),
        ("config.toml", "[env]\nOWN_KEY = \"x\"\n", false),
        (
            "exec.toml",
            "[env]\nOWN_KEY = \"x\"\n[providers.own]\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OWN_KEY\"\nmodel = \"m\"\n",
            true,
        ),
        ("exec.toml", "[env]\nMINE = \"x\"\n[providers.kimi]\nkey_env = \"MINE\"\n", true),
    ] {
        let path = format!("home/.config/jackin/{file}");
        let home = sandbox().workspace("w", "").file(&path, text).mode(&path, 0o644);
        let wanted = format!(
            "jackin-exec: warning: [ROOT]/{path} holds a key and is readable by everyone: chmod 600\n"
        );
        let outcome = home.run(["-p", "anthropic", "-w", "w", "true"]);
        assert_eq!(outcome.stderr, if warns { wanted.as_str() } else { "" }, "{text}");
    }
}

#[test]
fn debug_says_where_each_value_comes_from_and_never_which() {
    let home = sandbox()
        .op()
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nA = \"[SECRET]\"\nB = \"$HOST_B\"\nC = \"\"\n[roles.rev.env]\nD = \"op://v/i/f\"\nKIMI_CODE_API_KEY = \"sk-kimi-[SECRET]\"\n",
        )
        .workspace("w", "[roles.rev.env]\nE = \"x\"\n")
        .rooted("home/.config/jackin/exec.toml", "[env]\nF = { file = \"[ROOT]/value\" }\nG = { command = [\"echo\", \"[SECRET]\"] }\n")
        .file("value", SENTINEL)
        .env("HOST_B", SENTINEL);
    home.run(["-p", "kimi", "-w", "w", "-r", "rev", "--debug", "true"]).is(
        0,
        "",
        "jackin-exec: debug: KIMI_CODE_API_KEY: literal, role \"rev\" [env]\n\
         jackin-exec: debug: A: literal, global [env]\n\
         jackin-exec: debug: B: host $HOST_B, global [env]\n\
         jackin-exec: debug: C: literal, global [env]\n\
         jackin-exec: debug: D: op op://v/i/f, role \"rev\" [env]\n\
         jackin-exec: debug: E: literal, workspace \"w\" → role \"rev\" [env]\n\
         jackin-exec: debug: F: file [ROOT]/value, global [env]\n\
         jackin-exec: debug: G: command echo, global [env]\n",
    );
}

#[test]
fn a_variable_from_which_a_key_is_read_reaches_neither_helpers_nor_the_command() {
    let home = || {
        sandbox()
            .config("[env]\nZAI_API_KEY = \"$MY_ZAI\"\nMINIMAX_API_KEY = \"$ANTHROPIC_API_KEY\"\nA = \"$PLAIN\"\n")
            .env("MY_ZAI", "zai")
            .env("PLAIN", "plain")
            .env("KIMI_CODE_API_KEY", KEY)
    };
    let exec = "[env]\nB = { command = [\"[ROOT]/bin/helper\"] }\n";
    let home = || home().rooted("home/.config/jackin/exec.toml", exec);
    // A more specific scope wins the key; the other variable holds one all the same.
    let two =
        home().workspace("w", "[env]\nZAI_API_KEY = \"$OTHER_ZAI\"\n").env("OTHER_ZAI", "other");
    let two = two.script("bin/helper", "echo \"${MY_ZAI-unset} ${OTHER_ZAI-unset}\"");
    let script = "echo $B, ${MY_ZAI-unset} ${OTHER_ZAI-unset}";
    two.run(["-w", "w", "-p", "kimi", "sh", "-c", script]).prints("unset unset, unset unset\n");
    let gone = home().script("bin/helper", "echo \"${MY_ZAI-unset} ${PLAIN-unset}\"");
    gone.run(["-p", "kimi", "sh", "-c", "echo $B, ${MY_ZAI-unset} $PLAIN"])
        .prints("unset plain, unset plain\n");
    let kept =
        home().script("bin/helper", "echo \"${MY_ZAI-unset}\"").env("ANTHROPIC_API_KEY", "own");
    kept.run(["--pass-keys", "-p", "kimi", "sh", "-c", "echo $B, $MY_ZAI"]).prints("unset, zai\n");
    // What Anthropic's own session reads is not taken from it.
    let own = home().script("bin/helper", "echo b").env("ANTHROPIC_API_KEY", "own");
    own.run(["-p", "anthropic", "sh", "-c", "echo $ANTHROPIC_API_KEY ${MY_ZAI-unset}"])
        .prints("own unset\n");
}

/// jackin complains only of a reference that it uses.
#[test]
fn an_odd_reference_fails_only_where_it_is_used_and_doctor_finds_it_earlier() {
    for odd in
        ["op://[SECRET]", "op://v/i", "op://v//f", "op://v/-i/f", "op://v/i/s/f/x", "op://v/i/f\\n"]
    {
        let config = format!(
            "[env]\nL = {{ op = \"{odd}\", path = \"p\", on_demand = true }}\n[roles.r.env]\nA = \"{odd}\"\n"
        );
        let home = sandbox()
            .rooted("home/.config/jackin/config.toml", &config)
            .env("KIMI_CODE_API_KEY", KEY)
            .op();
        home.run(["-p", "kimi", "true"]).is(0, "", "");
        home.run(["-p", "kimi", "-r", "r", "true"]).fails(
            125,
            "jackin-exec: A of role \"r\" [env]: it begins with op://, but is not op://VAULT/ITEM/[SECTION/]FIELD\n",
        );
        assert!(home.op_calls("argv").is_empty(), "{odd}");
        let doctor = home.run(["doctor"]);
        for name in ["A", "L"] {
            let finding = format!("{name}: begins with op://, and is no reference");
            assert!(doctor.stdout.contains(&finding), "{odd}: {}", doctor.stdout);
        }
        assert!(!doctor.stdout.contains(SENTINEL));
    }
}

/// jackin's picker stores ids, and beside them what a person chose.
#[test]
fn a_reference_is_shown_by_the_names_that_stand_beside_its_ids() {
    let home = sandbox()
        .config("[env]\nKIMI_CODE_API_KEY = { op = \"op://abc/def/ghi\", path = \"Work/Kimi/credential\" }\n")
        .script("bin/op", "echo no >&2; exit 1")
        .path_first("bin");
    let shown = home.run(["-p", "kimi", "-n"]).stdout.clone();
    assert!(shown.contains("(KIMI_CODE_API_KEY op Work/Kimi/credential, global)"), "{shown}");
    let json = home.run(["-p", "kimi", "-n", "--json"]).json();
    assert_eq!(json["env"][0]["reference"], "Work/Kimi/credential");
    let auth = home.run(["auth"]).stdout;
    assert!(auth.contains("op Work/Kimi/credential"), "{auth}");
    let doctor = home.run(["doctor"]).stdout;
    assert!(doctor.contains("Work/Kimi/credential"), "{doctor}");
    home.run(["-p", "kimi", "true"]).fails(
        125,
        "jackin-exec: KIMI_CODE_API_KEY of global [env] (Work/Kimi/credential): op ended with 1: no\n",
    );
    for text in [shown, auth, doctor] {
        assert!(!text.contains("op://abc"), "{text}");
    }
}

#[test]
fn what_is_left_to_jackins_container_is_named() {
    let home = sandbox()
        .config("[env]\nLATER = { value = \"SENTINEL\", on_demand = true }\n[roles.r.env]\nTOO = { value = \"x\", on_demand = true }\n");
    let shown = home.run(["-p", "anthropic", "-r", "r", "-n"]).stdout;
    let expected =
        "\non_demand, not set unless --on-demand asks for them\n  LATER  (global)\n  TOO  (role)\n";
    assert!(shown.contains(expected), "{shown}");
    let json = home.run(["-p", "anthropic", "-r", "r", "-n", "--json"]).json();
    assert_eq!(
        json["on_demand"],
        serde_json::json!([{"name": "LATER", "origin": "global"}, {"name": "TOO", "origin": "role"}])
    );
    let none = sandbox().run(["-p", "anthropic", "-n", "--json"]).json();
    assert!(none.get("on_demand").is_none());
    let doctor = home.run(["doctor", "-r", "r"]).stdout;
    assert!(
        doctor.contains("on_demand, not set unless --on-demand asks for them: LATER and TOO"),
        "{doctor}"
    );
    for text in [shown, doctor] {
        assert!(!text.contains(SENTINEL), "{text}");
    }
}

/// Also where only a scope that was not chosen says so: the key is in our environment all the same.
#[test]
fn a_key_is_kept_back_under_the_name_that_any_scope_of_the_files_read_gives_it() {
    let home = sandbox()
        .config("[roles.other.env]\nZAI_API_KEY = \"$MY_ZAI\"\n[workspaces.old.env]\nDEEPSEEK_API_KEY = \"$MY_DEEPSEEK\"\n")
        .workspace("w", "[roles.other.env]\nMINIMAX_API_KEY = \"$MY_MINIMAX\"\n")
        .rooted(
            "home/.config/jackin/exec.toml",
            "[env]\nB = { command = [\"[ROOT]/bin/helper\"] }\n\
             [workspaces.other.env]\nMOONSHOT_API_KEY = \"$MY_MOONSHOT\"\n\
             [roles.other.env]\nZAI_CN_API_KEY = \"$MY_BIGMODEL\"\n\
             [workspaces.other.roles.r.env]\nMINIMAX_CN_API_KEY = \"$MY_CN\"\n",
        )
        .env("KIMI_CODE_API_KEY", KEY)
        .env("MY_ZAI", SENTINEL)
        .env("MY_DEEPSEEK", SENTINEL)
        .env("MY_MINIMAX", SENTINEL)
        .env("MY_MOONSHOT", SENTINEL)
        .env("MY_BIGMODEL", SENTINEL)
        .env("MY_CN", SENTINEL)
        .env("MY_OTHER", "stays")
        .script("bin/helper", "env | grep -c SENTINEL || true");
    for provider in ["kimi", "anthropic"] {
        home.run(["-w", "w", "-p", provider, "sh", "-c", "echo $B; env | grep ^MY_"])
            .prints("0\nMY_OTHER=stays\n");
    }
    // --pass-keys passes them on, to the command alone.
    home.run(["--pass-keys", "-w", "w", "-p", "kimi", "sh", "-c", "echo $B; env | grep -c ^MY_"])
        .prints("0\n7\n");
}

#[test]
fn inside_of_a_session_nothing_of_its_redirect_reaches_helpers_or_variables() {
    let home = sandbox()
        .rooted(
            "home/.config/jackin/exec.toml",
            "[env]\nOUTER_KEY = \"[SECRET]\"\nB = { command = [\"[ROOT]/bin/helper\"] }\n\
             [providers.outer]\nbase_url = \"https://outer.example\"\nkey_env = \"OUTER_KEY\"\nauth = \"x-api-key\"\nmodel = \"m\"\n",
        )
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n"))
        .script("bin/helper", "env | grep -c SENTINEL || true");
    let session = |command: &'static str| {
        ["-q", "-p", "outer", "--", PROGRAM, "-q", "-p", "kimi", "sh", "-c", command]
    };
    home.run(session("echo $B")).prints("0\n");
    let with_token =
        format!("[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\nC = \"$ANTHROPIC_AUTH_TOKEN\"\n");
    let home = home.config(&with_token).env("ANTHROPIC_AUTH_TOKEN", "x");
    home.run(session("echo started")).fails(
        125,
        "jackin-exec: C of global [env] ($ANTHROPIC_AUTH_TOKEN): the variable is not set\n",
    );
}

#[test]
fn no_other_variable_carries_the_chosen_key() {
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", KEY)
        .env("COPY", KEY)
        .env("PART", format!("{KEY}x"))
        .config(&format!("[env]\nSCOPED = \"{KEY}\"\nOTHER = \"other\"\n"));
    let outcome = home.run(["-p", "kimi", "env"]);
    let carrying: Vec<&str> =
        outcome.stdout.lines().filter(|line| line.ends_with(&format!("={KEY}"))).collect();
    assert_eq!(carrying, [format!("ANTHROPIC_AUTH_TOKEN={KEY}")]);
    assert!(outcome.stdout.contains("PART=") && outcome.stdout.contains("OTHER=other"));
}

#[test]
fn a_held_lock_is_waited_for_and_then_passed_over() {
    // jackin writes while it holds the lock; we read without it what reads the same twice.
    let home =
        sandbox().config("[env]\nA = \"x\"\n").file("home/.config/jackin/config.lock", "1\n");
    let lock = File::open(home.config_dir().join("config.lock")).unwrap();
    let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno).unwrap();
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    drop(lock);
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    assert_eq!(home.read("home/.config/jackin/config.lock"), "1\n");
    assert!(!sandbox().run(["true"]).stdout.contains("config.lock"));
}

#[test]
fn reading_leaves_the_configuration_as_it_was() {
    let home = sandbox()
        .config("[workspaces.w.env]\nA = \"inline\"\n")
        .workspace("v", "op_account = \"old\"\n")
        .exec("[env]\nB = \"x\"\n");
    let before = listing(&home);
    home.run(["-w", "w", "true"]).prints("");
    home.run(["-w", "v", "true"]).prints("");
    assert_eq!(listing(&home), before);
}

/// Every file of the configuration with its content.
fn listing(home: &Sandbox) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in [home.config_dir(), home.config_dir().join("workspaces")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap_or_default()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_path_for_a_shell_is_expanded_in_forms_of_our_own_and_else_a_warning() {
    let home = sandbox().file("home/keys/zai", "from the file\n");
    let home = home.exec("[env]\nA = { file = \"~/keys/zai\" }\nB = { file = \"~/nowhere\" }\n");
    home.run(["-p", "anthropic", "true"])
        .fails(125, "jackin-exec: B of global [env] (~/nowhere): no such file or directory\n");
    let home = home.exec("[env]\nA = { file = \"~/keys/zai\" }\n");
    home.run(["-p", "anthropic", "sh", "-c", "echo $A"]).prints("from the file\n");
    for value in ["~/[SECRET]", "$HOME/[SECRET]", "${HOME}/[SECRET]"] {
        let home = sandbox();
        let text = home.filled(&format!(
            "[env]\nCLAUDE_CONFIG_DIR = \"{value}\"\nTEXT = \"{value}\"\nOTHER_DIR = \"/x/~/y\"\n"
        ));
        home.config(&text).run(["-p", "anthropic", "true"]).is(
            0,
            "",
            "jackin-exec: warning: CLAUDE_CONFIG_DIR of global [env] begins with ~/ or $HOME/, which is not \
             expanded\n",
        );
    }
}
