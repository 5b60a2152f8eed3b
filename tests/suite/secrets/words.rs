//! A helper that fails: what is shown of its output.

use crate::pty::Terminal;
use crate::secrets::KEY;
use crate::support::SENTINEL;
use crate::support::sandbox;

/// Commands that give no value, and what is said of them.
const FAILING: &[(&str, &str, &str)] = &[
    (
        "not there",
        "[\"no-such-helper\"]",
        "(no-such-helper): no-such-helper is not in PATH (relative entries are skipped)",
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
fn all_failures_are_reported_together_in_the_order_of_their_keys() {
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
