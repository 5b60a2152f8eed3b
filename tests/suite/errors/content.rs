//! What a file holds.

use crate::errors::planted;
use crate::support::SENTINEL;
use crate::support::sandbox;

/// Pieces of TOML around the sentinel that no parser takes, and where and how we say so.
pub(crate) const SYNTAX: &[(&str, &str)] = &[
    ("A = \"S\n", "2:_: invalid basic string, expected `\"`"),
    ("A = S\n", "2:5: string values must be quoted: \"…\""),
    ("A = 'S\n", "2:_: invalid literal string, expected `'`"),
    ("A = \"\"\"S\n", "3:1: invalid multi-line basic string, expected `\"`"),
    ("A = '''S\n", "3:1: invalid multi-line literal string, expected `'`"),
    ("S\n", "2:_: key with no value, expected `=`"),
    ("S = \n", "2:_: string values must be quoted: \"…\""),
    ("A = \"S\"\nA = \"S\"\n", "3:1: duplicate key"),
    ("\"S\" = \"x\"\n\"S\" = \"y\"\n", "3:1: duplicate key"),
    ("A = { op = \"S\", \n", "2:_: unclosed inline table, expected `}`"),
    ("A = { S }\n", "2:_: invalid literal string, expected `'`"),
    ("A = { S = 1, S = 2 }\n", "2:_: duplicate key"),
    ("A = \"S\" B = \"x\"\n", "2:_: unexpected key or value, expected newline, `#`"),
    ("A = \"S\" S\n", "2:_: unexpected key or value, expected newline, `#`"),
    (
        "A = \"\\qS\"\n",
        "2:7: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`",
    ),
    ("A = \"\\uS\"\n", "2:8: too few unicode value digits, expected unicode hexadecimal value"),
    ("A = \"S\\uD800\"\n", "2:_: invalid value, expected unicode hexadecimal value"),
    (
        "A = \"S\u{1}\"\n",
        "2:_: invalid basic string, expected non-double-quote visible characters, `\\`",
    ),
    ("A = \"S\" # \u{7f}S\n", "2:_: invalid comment character, expected printable characters"),
    ("A = 0xS\n", "2:7: invalid hexadecimal number"),
    ("A = 1979-S\n", "2:5: invalid date, expected month"),
    ("A = 1S\n", "2:6: invalid float, expected nothing"),
    ("A = tru3S\n", "2:5: invalid boolean, expected `true`"),
    ("A = [\"S\"\n", "2:_: unclosed array, expected `]`"),
    ("A = [\"S\" \"S\"]\n", "2:_: missing comma between array elements, expected `,`"),
    ("A: \"S\"\n", "2:4: key with no value, expected `=`"),
    ("export A=\"S\"\n", "2:8: key with no value, expected `=`"),
    ("A = “S”\n", "2:5: string values must be quoted: \"…\""),
    ("A = \"S\"\nA.b = \"S\"\n", "3:1: cannot extend value of type string with a dotted key"),
    ("A.value = \"S\"\n[env.A]\non_demand = true\n", "3:6: duplicate key"),
    ("[env\nA = \"S\"\n", "2:5: unclosed table, expected `]`"),
    ("[S\n", "2:_: unclosed table, expected `]`"),
    ("[[S]\n", "2:_: unclosed array table, expected `]`"),
    ("[env]\nA = \"S\"\n", "2:2: duplicate key"),
    ("A = \"S\"\n[env.A]\nvalue = \"S\"\n", "3:6: duplicate key"),
    ("[a.S]\n[a.S]\n", "3:_: duplicate key"),
];

#[test]
fn text_that_is_no_toml_is_placed_and_not_quoted() {
    for file in ["config.toml", "exec.toml", "workspaces/w.toml"] {
        for (text, words) in SYNTAX {
            let text = format!("[env]\n{}", text.replace('S', "[SECRET]"));
            let path = format!("home/.config/jackin/{file}");
            let outcome =
                sandbox().workspace("w", "").rooted(&path, &text).run(["-w", "w", "true"]);
            outcome.shows_no_secret();
            let (position, words) = words.split_once(": ").unwrap();
            let shown =
                outcome.stderr.strip_prefix(&format!("jackin-exec: [ROOT]/{path}:")).unwrap();
            let (at, said) = shown.trim_end().split_once(": ").unwrap();
            assert_eq!((outcome.status, said), (125, words), "{text}");
            // Columns behind the sentinel are those of the sentinel's length.
            let line = position.split(':').next();
            assert!(
                at == position || position.ends_with('_') && at.split(':').next() == line,
                "{text}: {at}"
            );
        }
    }
}

/// Values that the files may not hold: file, text, and what is said behind the path.
pub(crate) const CONTENT: &[(&str, &str, &str)] = &[
    ("config.toml", "env = \"[SECRET]\"\n", "1:7: expected a table"),
    ("config.toml", "[[env]]\nA = \"[SECRET]\"\n", "1:1: expected a table"),
    ("config.toml", "roles = [\"[SECRET]\"]\n", "1:9: expected a table"),
    ("config.toml", "[roles]\nrev = \"[SECRET]\"\n", "2:7: expected a table"),
    ("config.toml", "[roles.rev]\nenv = \"[SECRET]\"\n", "2:7: expected a table"),
    (
        "config.toml",
        "[env]\nA = 1\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\nA = true\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\nA = [\"[SECRET]\"]\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\nA = 2026-01-01\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\nA = {}\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\n\"[SECRET]\" = { x = \"[SECRET]\" }\n",
        "2:33: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "config.toml",
        "[env]\nA = { file = \"/[SECRET]\" }\n",
        "2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    ("config.toml", "[env]\nA = { value = 1 }\n", "2:15: expected a string"),
    (
        "config.toml",
        "[env]\nA = { value = \"[SECRET]\", x = 1 }\n",
        "2:46: unknown key; known are value, on_demand",
    ),
    (
        "config.toml",
        "[env]\nA = { value = \"x\", \"[SECRET]\" = 1 }\n",
        "2:20: unknown key; known are value, on_demand",
    ),
    (
        "config.toml",
        "[env]\nA = { value = \"x\", on_demand = \"[SECRET]\" }\n",
        "2:32: expected true or false",
    ),
    ("config.toml", "[env]\nA = { op = \"op://v/i/f\" }\n", "2:5: expected `path` beside `op`"),
    (
        "config.toml",
        "[env]\nA = { op = \"[SECRET]\", path = \"p\" }\n",
        "2:12: expected op://VAULT/ITEM/[SECTION/]FIELD",
    ),
    ("config.toml", "[env]\nA = { op = \"op://v/i/f\", path = 1 }\n", "2:33: expected a string"),
    (
        "config.toml",
        "[env]\nA = { op = \"op://v/i/f\", path = \"p\", account = \"\" }\n",
        "2:48: expected an account that is not empty",
    ),
    ("workspaces/w.toml", "op_account = \"\"\n", "1:14: expected an account that is not empty"),
    (
        "workspaces/w.toml",
        "op_account = \"[SECRET]\\u0000\"\n",
        "1:14: expected an account that is not empty",
    ),
    (
        "config.toml",
        "[env]\nA = { op = \"op://v/i/f\", path = \"p\", acount = \"[SECRET]\" }\n",
        "2:38: unknown key; did you mean account?",
    ),
    ("config.toml", "[kimi]\nauth_forward = 1\n", "2:16: expected a string"),
    ("config.toml", "version = 9\n", "1:11: expected a version such as \"v1alpha9\""),
    ("config.toml", "version = \"v01\"\n", "1:11: expected a version such as \"v1alpha9\""),
    ("config.toml", "version = \"v1alpha\"\n", "1:11: expected a version such as \"v1alpha9\""),
    (
        "config.toml",
        "[workspaces.\"a/b\".env]\nA = \"[SECRET]\"\n",
        "1:13: expected the name of a workspace",
    ),
    ("config.toml", "[workspaces.w]\nop_account = 1\n", "2:14: expected a string"),
    ("config.toml", "[env]\n\"\" = \"[SECRET]\"\n", "2:1: a variable needs a name"),
    (
        "config.toml",
        "[env]\n\"[SECRET]=x\" = \"[SECRET]\"\n",
        "2:1: the name of a variable cannot contain = or NUL",
    ),
    (
        "config.toml",
        "[env]\n\"A\\u0000\" = \"[SECRET]\"\n",
        "2:1: the name of a variable cannot contain = or NUL",
    ),
    ("config.toml", "[env]\nA = \"[SECRET]\\u0000\"\n", "2:5: a value cannot contain NUL"),
    (
        "config.toml",
        "[env]\nJACKIN_ROLE = \"[SECRET]\"\n",
        "2:1: JACKIN_ROLE is reserved by jackin",
    ),
    ("workspaces/w.toml", "op_account = 1\n", "1:14: expected a string"),
    ("workspaces/w.toml", "workdir = 1\n", "1:11: expected a string"),
    ("workspaces/w.toml", "mounts = \"[SECRET]\"\n", "1:10: expected an array of tables"),
    ("workspaces/w.toml", "mounts = [\"[SECRET]\"]\n", "1:11: expected a table"),
    ("workspaces/w.toml", "mounts = [{ src = 1 }]\n", "1:19: expected a string"),
    ("workspaces/w.toml", "allowed_roles = \"[SECRET]\"\n", "1:17: expected an array of strings"),
    ("workspaces/w.toml", "allowed_roles = [1]\n", "1:18: expected a string"),
    ("workspaces/w.toml", "default_role = 1\n", "1:16: expected a string"),
    (
        "workspaces/w.toml",
        "[roles.r.env]\nDOCKER_HOST = \"[SECRET]\"\n",
        "2:1: DOCKER_HOST is reserved by jackin",
    ),
    (
        "exec.toml",
        "defalt_provider = \"[SECRET]\"\n",
        "1:1: unknown key; did you mean default_provider?",
    ),
    (
        "exec.toml",
        "zzz = \"[SECRET]\"\n",
        "1:1: unknown key; known are default_provider, command, allow_env, redirect_for, env, roles, workspaces, folders, providers, ignore",
    ),
    (
        "config.toml",
        "[kimi]\nauth_forward = \"Ignore[SECRET]\"\n",
        "2:16: expected sync, api_key, oauth_token or ignore",
    ),
    (
        "workspaces/w.toml",
        "[roles.r.kimi]\nauth_forward = \"off\"\n",
        "2:16: expected sync, api_key, oauth_token or ignore",
    ),
    ("exec.toml", "[roles.r]\ngit = \"[SECRET]\"\n", "2:1: unknown key; known are env, ignore"),
    (
        "exec.toml",
        "[workspaces.w]\nprovider = [\"[SECRET]\"]\n",
        "2:1: unknown key; did you mean providers?",
    ),
    (
        "exec.toml",
        "[workspaces.w]\nproviders = \"[SECRET]\"\n",
        "2:13: expected an array of strings",
    ),
    (
        "exec.toml",
        "[workspaces.w.roles.r]\nx = \"[SECRET]\"\n",
        "2:1: unknown key; known are env, ignore",
    ),
    ("exec.toml", "default_provider = 1\n", "1:20: expected a string"),
    (
        "exec.toml",
        "command = \"[SECRET]\"\n",
        "1:11: expected a list with each word in quotes of its own, such as [\"pass\", \"show\", \"kimi\"]",
    ),
    (
        "exec.toml",
        "command = [\"claude --model [SECRET]\"]\n",
        "1:11: expected a list with each word in quotes of its own, such as [\"pass\", \"show\", \"kimi\"]",
    ),
    (
        "exec.toml",
        "default_provider = \"ask\"\nenv.A = \"[SECRET]\"\n",
        "1:20: expected the id of a provider; without default_provider, jackin-exec asks",
    ),
    ("exec.toml", "provider = \"[SECRET]\"\n", "1:1: unknown key; did you mean default_provider?"),
    (
        "exec.toml",
        "[workspaces.w]\nprovider = \"[SECRET]\"\n",
        "2:1: unknown key; did you mean default_provider?",
    ),
    (
        "exec.toml",
        "[folders.\"~/w\"]\nprovider = \"[SECRET]\"\n",
        "2:1: unknown key; did you mean default_provider?",
    ),
    ("exec.toml", "[ignore]\nkimmi = true\n", "2:1: no provider has this id; did you mean kimi?"),
    (
        "exec.toml",
        "[workspaces.w.roles.r.ignore]\nsentinel-0123456789 = true\n",
        "2:1: no provider has this id",
    ),
    (
        "exec.toml",
        "[env]\nA = { cmd = [\"[SECRET]\"] }\n",
        "2:7: unknown key; did you mean command?",
    ),
    (
        "exec.toml",
        "command = []\n",
        "1:11: expected the words of a command, the first not empty and none with NUL",
    ),
    (
        "exec.toml",
        "command = [\"\"]\n",
        "1:11: expected the words of a command, the first not empty and none with NUL",
    ),
    (
        "exec.toml",
        "command = [\"a\", \"[SECRET]\\u0000\"]\n",
        "1:11: expected the words of a command, the first not empty and none with NUL",
    ),
    ("exec.toml", "allow_env = true\n", "1:13: expected an array of strings"),
    (
        "exec.toml",
        "[env]\nA = 1\n",
        "2:5: expected a string, { op = … }, { file = … }, { command = … } or { value = … }",
    ),
    (
        "exec.toml",
        "[env]\nA = { file = \"[SECRET]\" }\n",
        "2:14: expected an absolute path, or one that begins with ~/",
    ),
    (
        "exec.toml",
        "[env]\nA = { file = \"~other/[SECRET]\" }\n",
        "2:14: expected an absolute path, or one that begins with ~/",
    ),
    (
        "exec.toml",
        "[env]\nA = { file = \"/a\", command = [\"[SECRET]\"] }\n",
        "2:20: unknown key; known are file",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = \"[SECRET]\" }\n",
        "2:17: expected a list with each word in quotes of its own, such as [\"pass\", \"show\", \"kimi\"]",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"pass show [SECRET]\"] }\n",
        "2:17: expected a list with each word in quotes of its own, such as [\"pass\", \"show\", \"kimi\"]",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [] }\n",
        "2:17: expected the words of a command, the first not empty and none with NUL",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = 30 }\n",
        "2:34: expected a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"[SECRET]\" }\n",
        "2:34: expected a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"0s\" }\n",
        "2:34: expected a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"11m\" }\n",
        "2:34: expected a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"99999999999999999999s\" }\n",
        "2:34: expected a time in quotes, such as \"30s\", from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], tiemout = \"1s\" }\n",
        "2:24: unknown key; did you mean timeout?",
    ),
];

#[test]
fn content_that_a_file_may_not_hold_is_placed_and_not_quoted() {
    for (file, text, words) in CONTENT {
        let path = format!("home/.config/jackin/{file}");
        let home = sandbox().workspace("w", "").rooted(&path, text);
        let wanted = format!("jackin-exec: [ROOT]/{path}:{words}\n");
        home.run(["-w", "w", "true"]).fails(125, &wanted);
        home.run(["-w", "w", "providers"]).fails(125, &wanted);
        home.run(["-w", "w", "-n", "--json"]).fails(125, &wanted);
    }
}

/// The names that jackin keeps for itself.
const RESERVED: [&str; 19] = [
    "JACKIN",
    "JACKIN_DIND_HOSTNAME",
    "JACKIN_CONTAINER_NAME",
    "JACKIN_INSTANCE_ID",
    "JACKIN_AGENT",
    "JACKIN_AGENT_CODENAME",
    "JACKIN_ROLE",
    "JACKIN_WORKDIR",
    "JACKIN_GIT_COAUTHOR_TRAILER",
    "JACKIN_GIT_DCO",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "TESTCONTAINERS_HOST_OVERRIDE",
    "JACKIN_NETWORK_MODE",
    "JACKIN_ALLOWED_HOSTS",
    "JACKIN_FIREWALL_INSTALLED",
    "JACKIN_NETWORK_ENFORCEMENT",
    "JACKIN_SUDO",
];

#[test]
fn every_reserved_name_is_an_offence_and_its_neighbours_are_not() {
    for name in RESERVED {
        let home = sandbox().config(&format!("[env]\n{name} = \"{SENTINEL}\"\n"));
        home.run(["true"]).fails(
            125,
            &format!("jackin-exec: [ROOT]/home/.config/jackin/config.toml:2:1: {name} is reserved by jackin\n"),
        );
        let lower = name.to_lowercase();
        sandbox()
            .config(&format!("[env]\n{lower} = \"x\"\n{name}_X = \"y\"\n"))
            .run(["true"])
            .prints("");
    }
}

#[test]
fn all_offences_are_reported_at_once_in_the_order_of_the_files() {
    let home = planted(&[
        (
            "C/config.toml",
            "[env]\nZ = \"[SECRET]\\u0000\"\nJACKIN = \"x\"\n[roles.r.env]\n\"\" = \"[SECRET]\"\n",
        ),
        (
            "C/exec.toml",
            "[env]\nJACKIN_SUDO = \"[SECRET]\"\n[workspaces.w.roles.r.env]\n\"a=b\" = \"[SECRET]\"\n",
        ),
        ("C/workspaces/w.toml", "[env]\nDOCKER_HOST = \"[SECRET]\"\n"),
    ]);
    let dir = "[ROOT]/home/.config/jackin";
    home.run(["-w", "w", "true"]).fails(
        125,
        &format!(
            "jackin-exec: {dir}/config.toml:2:5: a value cannot contain NUL\n\
             jackin-exec: {dir}/config.toml:3:1: JACKIN is reserved by jackin\n\
             jackin-exec: {dir}/config.toml:5:1: a variable needs a name\n\
             jackin-exec: {dir}/exec.toml:2:1: JACKIN_SUDO is reserved by jackin\n\
             jackin-exec: {dir}/exec.toml:4:1: the name of a variable cannot contain = or NUL\n\
             jackin-exec: {dir}/workspaces/w.toml:2:1: DOCKER_HOST is reserved by jackin\n"
        ),
    );
}

#[test]
fn all_wrong_values_are_reported_at_once_in_the_order_of_the_file() {
    let home = planted(&[(
        "C/exec.toml",
        "[env]\nFOO = 1\nBAR = true\nJACKIN = \"[SECRET]\"\n[roles.r.env]\nA = { cmd = \"[SECRET]\" }\n\
         [folders.\"~/f\".env]\nB = { file = \"[SECRET]\" }\n[workspaces.w]\nzzz = \"[SECRET]\"\n",
    )]);
    let at = "jackin-exec: [ROOT]/home/.config/jackin/exec.toml";
    let forms = "a string, { op = … }, { file = … }, { command = … } or { value = … }";
    let wanted = format!(
        "{at}:2:7: expected {forms}\n\
         {at}:3:7: expected {forms}\n\
         {at}:4:1: JACKIN is reserved by jackin\n\
         {at}:6:7: unknown key; did you mean command?\n\
         {at}:8:14: expected an absolute path, or one that begins with ~/\n\
         {at}:10:1: unknown key; known are providers, default_provider, env, roles, ignore\n"
    );
    home.run(["true"]).fails(125, &wanted);
    let doctor = home.run(["doctor", "--json"]);
    doctor.shows_no_secret();
    assert_eq!(doctor.stdout.matches("exec.toml:").count(), 6, "{doctor:#?}");
}

#[test]
fn columns_count_characters_and_lines_count_both_line_ends() {
    let home = sandbox().config("[env]\r\nA = \"ü\"\r\n\"größe\" = 1\r\n");
    home.run(["true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml:3:11: expected a string, { op = …, path = … } or { value = … }\n",
    );
}
