//! Where a key is found, and keys that cannot work.

use crate::secrets::KEY;
use crate::support::SENTINEL;
use crate::support::sandbox;

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
        let wanted = format!("jackin-exec: KIMI_CODE_API_KEY_FILE: [ROOT]/value: {words}\n");
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
    ("zai", "ZAI_API_KEY", "SENTINEL-sk-kimi-0123456789 ", "ZAI_API_KEY contains a space"),
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

/// Text in place of a key, and what is said of it: the problem and the way out.
const NO_KEYS: &[(&str, &str, &str)] = &[
    (
        "$(pass show SENTINEL-sk-kimi-0123456789)",
        "the key is a command for a shell: it contains $( or a backtick",
        "no shell runs here; use { command = […] } in exec.toml",
    ),
    (
        "`pass show SENTINEL-sk-kimi-0123456789`",
        "the key is a command for a shell: it contains $( or a backtick",
        "no shell runs here; use { command = […] } in exec.toml",
    ),
    (
        "Bearer SENTINEL-sk-kimi-0123456789",
        "the key begins with \"Bearer \", which is no part of it",
        "give only the key",
    ),
    (
        "KIMI_CODE_API_KEY=SENTINEL-sk-kimi-0123456789",
        "the key begins with the name of its variable, which is no part of it",
        "give only the key",
    ),
    ("\"SENTINEL-sk-kimi-0123456789\"", "the key begins or ends with a quote", "remove the quotes"),
    (
        "sk-ant-SENTINEL-sk-kimi-0123456789",
        "the key begins like a key of Anthropic, and would be sent to Kimi",
        "give it a key of Kimi; if this is one, [providers.kimi] with key_env = \"KIMI_CODE_API_KEY\" in exec.toml turns this check off",
    ),
];

#[test]
fn text_that_is_no_key_is_refused_wherever_it_comes_from() {
    for (text, words, hint) in NO_KEYS {
        let escaped = text.replace('"', "\\\"");
        for (layer, home) in [
            ("the environment", sandbox().env("KIMI_CODE_API_KEY", text)),
            (
                "global [env]",
                sandbox().config(&format!("[env]\nKIMI_CODE_API_KEY = \"{escaped}\"\n")),
            ),
        ] {
            home.run(["-p", "kimi", "true"]).fails(
                125,
                &format!("jackin-exec: KIMI_CODE_API_KEY of {layer}: {words}\nhint: {hint}\n"),
            );
        }
    }
}

#[test]
fn a_key_of_another_vendor_goes_where_the_operator_says_that_it_belongs() {
    for exec in [
        "[providers.kimi]\nkey_env = \"KIMI_CODE_API_KEY\"\n",
        "[providers.own]\nbase_url = \"https://gateway.example\"\nkey_env = \"KIMI_CODE_API_KEY\"\nmodel = \"m\"\n",
    ] {
        let id = if exec.contains("own") { "own" } else { "kimi" };
        let home = sandbox().exec(exec).env("KIMI_CODE_API_KEY", format!("sk-ant-{SENTINEL}"));
        home.run(["-p", id, "true"]).prints("");
    }
    let like = "[providers.work]\nlike = \"kimi\"\nkey_env = \"WORK_KEY\"\n";
    let home = sandbox().exec(like).env("WORK_KEY", format!("sk-ant-{SENTINEL}"));
    let warning = "jackin-exec: warning: WORK_KEY begins like a key of Anthropic\n";
    home.run(["-p", "work", "true"]).is(0, "", warning);
}

#[test]
fn one_newline_at_the_end_of_a_key_in_the_environment_is_stripped_as_in_a_file() {
    let script = "printf %s \"$ANTHROPIC_AUTH_TOKEN\"";
    for (value, config) in [("ZAI_API_KEY", ""), ("MINE", "[env]\nZAI_API_KEY = \"$MINE\"\n")] {
        for end in ["", "\n", "\r\n"] {
            let home = sandbox().config(config).env(value, format!("k{end}"));
            home.run(["-p", "zai", "sh", "-c", script]).prints("k");
        }
    }
    let home = sandbox().env("ZAI_API_KEY", format!("{SENTINEL}\n\n"));
    home.run(["-p", "zai", "true"]).fails(
        125,
        "jackin-exec: ZAI_API_KEY of the environment: the key contains a line break or another control character\n",
    );
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
fn without_home_the_password_database_tells_where_a_file_is() {
    let text = "[env]\nA = { file = \"~/not-there/kimi\" }\n";
    for home in [sandbox().env("HOME", "relative"), sandbox().env_remove("HOME")] {
        let home = home.exec(text);
        let folder = home.config_dir();
        let typed = ["--config-dir".as_ref(), folder.as_os_str(), "true".as_ref()];
        home.run(typed).fails(
            125,
            "jackin-exec: A of global [env] (~/not-there/kimi): no such file or directory\n",
        );
    }
}

#[test]
fn a_relative_path_in_a_variable_is_refused() {
    let home = sandbox().env("KIMI_CODE_API_KEY_FILE", "value").file("here/value", KEY);
    home.run(["-p", "kimi", "true"])
        .fails(125, "jackin-exec: KIMI_CODE_API_KEY_FILE: the file needs an absolute path\n");
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
