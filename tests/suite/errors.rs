//! Every failure that a person can cause: its exact words, its status, its hint, and no secret in
//! it.

use std::fs;
use std::os::unix::process::CommandExt;

use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;

/// A way to fail: what is there, what is typed, and the words.
struct Row {
    claim: &'static str,
    /// Paths below the sandbox's root, and texts; `C/` is the folder of the configuration.
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    status: i32,
    says: &'static str,
}

/// A home in which the sentinel stands wherever the row leaves room for it.
fn planted(files: &[(&str, &str)]) -> Sandbox {
    let mut home = sandbox()
        .env("MINIMAX_API_KEY", SENTINEL)
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nLITERAL = \"[SECRET]\"\nOTHER = { value = \"[SECRET]\" }\n",
        )
        .rooted("home/.config/jackin/workspaces/other.toml", "[env]\nLITERAL = \"[SECRET]\"\n");
    for (path, text) in files {
        home = home.rooted(&path.replace("C/", "home/.config/jackin/"), text);
    }
    home
}

fn check(rows: &[Row]) {
    for Row { claim, files, variables, arguments, status, says } in rows {
        let mut home = planted(files);
        for (name, value) in *variables {
            let value = home.filled(value);
            home = home.env(name, value);
        }
        let outcome = home.run(*arguments);
        let says = says.replace("C/", "[ROOT]/home/.config/jackin/");
        let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
        assert_eq!(seen, (*status, "", says.as_str()), "{claim}");
        outcome.shows_no_secret();
    }
}

#[test]
fn usage() {
    const ROWS: &[Row] = &[
        Row {
            claim: "an option that is not ours",
            files: &[],
            variables: &[],
            arguments: &["--resume"],
            status: 125,
            says: "jackin-exec: unknown option --resume\nhint: options of the command go after `--`: jackin-exec … -- claude …\n",
        },
        Row {
            claim: "its value is not repeated",
            files: &[],
            variables: &[],
            arguments: &["--token=SENTINEL-sk-kimi-0123456789"],
            status: 125,
            says: "jackin-exec: unknown option --token\nhint: options of the command go after `--`: jackin-exec … -- claude …\n",
        },
        Row {
            claim: "one that is nearly ours",
            files: &[],
            variables: &[],
            arguments: &["--provder", "kimi"],
            status: 125,
            says: "jackin-exec: unknown option --provder\nhint: did you mean --provider? (options of the command go after `--`)\n",
        },
        Row {
            claim: "no value",
            files: &[],
            variables: &[],
            arguments: &["--provider"],
            status: 125,
            says: "jackin-exec: --provider needs a value\nhint: see jackin-exec --help\n",
        },
        Row {
            claim: "a value too many",
            files: &[],
            variables: &[],
            arguments: &["--quiet=SENTINEL-sk-kimi-0123456789"],
            status: 125,
            says: "jackin-exec: --quiet takes no value\nhint: see jackin-exec --help\n",
        },
        Row {
            claim: "given twice",
            files: &[],
            variables: &[],
            arguments: &["-p", "kimi", "-p", "zai"],
            status: 125,
            says: "jackin-exec: --provider was given twice\nhint: a -p of the command goes after `--`: -p ID -- -p …\n",
        },
        Row {
            claim: "options that cannot be used together",
            files: &[],
            variables: &[],
            arguments: &["-w", "other", "--no-workspace", "true"],
            status: 125,
            says: "jackin-exec: --workspace and --no-workspace cannot be used together\nhint: see jackin-exec --help\n",
        },
        Row {
            claim: "a word behind a subcommand",
            files: &[],
            variables: &[],
            arguments: &["providers", "kimi", "SENTINEL-sk-kimi-0123456789"],
            status: 125,
            says: "jackin-exec: too many words after the subcommand\nhint: see jackin-exec --help\n",
        },
        Row {
            claim: "a key where the name of a provider belongs",
            files: &[],
            variables: &[],
            arguments: &["providers", "sk-SENTINEL-0123456789"],
            status: 125,
            says: "jackin-exec: no provider named that (not shown: it may be a key) (available: anthropic, minimax, and 39 more in jackin-exec providers --all)\n",
        },
        Row {
            claim: "one provider and all of them",
            files: &[],
            variables: &[],
            arguments: &["providers", "kimi", "--all"],
            status: 125,
            says: "jackin-exec: ID and --all cannot be used together\nhint: see jackin-exec --help\n",
        },
    ];
    check(ROWS);
}

#[test]
fn names_that_are_not_there() {
    const ROWS: &[Row] = &[
        Row {
            claim: "a provider",
            files: &[],
            variables: &[],
            arguments: &["-p", "kimmi", "true"],
            status: 125,
            says: "jackin-exec: no provider named kimmi (available: anthropic, minimax, and 39 more in jackin-exec providers --all)\n\
                   hint: did you mean kimi?\n",
        },
        Row {
            claim: "a provider that is like none",
            files: &[(
                "C/exec.toml",
                "[providers.mine]\nbase_url = \"https://x.example\"\nkey = false\nmodel = \"m\"\n",
            )],
            variables: &[("JACKIN_EXEC_PROVIDER", "qqq")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: no provider named qqq in JACKIN_EXEC_PROVIDER (available: anthropic, minimax, mine, and 39 more in jackin-exec providers --all)\n",
        },
        Row {
            claim: "a workspace",
            files: &[("C/workspaces/client-b.toml", "")],
            variables: &[],
            arguments: &["-w", "client", "true"],
            status: 125,
            says: "jackin-exec: no workspace named client (available: client-b, other)\nhint: did you mean client-b?\n",
        },
        Row {
            claim: "a workspace that is only in exec.toml",
            files: &[("C/exec.toml", "[workspaces.ghost.env]\nA = \"[SECRET]\"\n")],
            variables: &[],
            arguments: &["-w", "ghost", "true"],
            status: 125,
            says: "jackin-exec: no workspace named ghost (available: other)\n",
        },
        Row {
            claim: "a workspace that is no name",
            files: &[],
            variables: &[],
            arguments: &["-w", "../config", "true"],
            status: 125,
            says: "jackin-exec: no workspace named ../config (available: other)\n",
        },
        Row {
            claim: "a workspace without a name",
            files: &[],
            variables: &[],
            arguments: &["-w", "", "true"],
            status: 125,
            says: "jackin-exec: no workspace named '' (available: other)\n",
        },
        Row {
            claim: "a name that would move the cursor",
            files: &[],
            variables: &[],
            arguments: &["-r", "a\u{1b}[2J\u{202e}", "true"],
            status: 125,
            says: "jackin-exec: no role named a\\u{1b}[2J\\u{202e} (available: agent-smith, the-architect)\n",
        },
        Row {
            claim: "a role",
            files: &[("C/config.toml", "[roles.\"acme/rev\".env]\nA = \"[SECRET]\"\n")],
            variables: &[("JACKIN_EXEC_ROLE", "acme/rew")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: no role named acme/rew in JACKIN_EXEC_ROLE (available: acme/rev, agent-smith, the-architect)\nhint: did you mean acme/rev?\n",
        },
        Row {
            claim: "a role that the workspace does not allow",
            files: &[(
                "C/workspaces/w.toml",
                "allowed_roles = [\"the-architect\"]\nenv.A = \"[SECRET]\"\n",
            )],
            variables: &[],
            arguments: &["-w", "w", "-r", "agent-smith", "true"],
            status: 125,
            says: "jackin-exec: workspace w does not allow role agent-smith; it allows the-architect\n",
        },
        Row {
            claim: "a provider that the workspace does not allow",
            files: &[
                ("C/workspaces/a b.toml", "workdir = \"/nowhere\"\n"),
                ("C/exec.toml", "[workspaces.\"a b\"]\nproviders = [\"kimi\", \"zai\"]\n"),
            ],
            variables: &[],
            arguments: &["-w", "a b", "-p", "minimax", "true"],
            status: 125,
            says: "jackin-exec: workspace a b does not allow provider minimax; it allows kimi and zai\n\
                   hint: the list is `providers` of [workspaces.\"a b\"] in exec.toml\n",
        },
        Row {
            claim: "nothing that is allowed has a key",
            files: &[
                ("C/workspaces/other.toml", "workdir = \"/nowhere\"\n"),
                ("C/exec.toml", "[workspaces.other]\nproviders = [\"kimi\", \"zai\"]\n"),
            ],
            variables: &[],
            arguments: &["-w", "other", "true"],
            status: 125,
            says: "jackin-exec: workspace other allows kimi and zai, and none of them has a key\n\
                   hint: give one of them a key, or change the list in exec.toml\n",
        },
    ];
    check(ROWS);
}

#[test]
fn a_command_that_is_not_there_may_have_been_meant_otherwise() {
    for (words, hint) in [
        (&["docter"][..], "did you mean jackin-exec doctor?"),
        (&["provider"], "did you mean jackin-exec providers?"),
        (&["auht", "set", "kimi"], "did you mean jackin-exec auth?"),
        (&["kimi"], "a provider is chosen with -p kimi"),
    ] {
        let wanted = format!("jackin-exec: {}: not found\nhint: {hint}\n", words[0]);
        sandbox().run(words).fails(127, &wanted);
        let escaped = ["--"].iter().chain(words);
        sandbox().run(escaped).fails(127, &format!("jackin-exec: {}: not found\n", words[0]));
    }
    let home = sandbox().exec("command = [\"claud\"]\n");
    home.run::<&str>([])
        .fails(127, "jackin-exec: claud: not found\nhint: it is `command` in exec.toml\n");
}

#[test]
fn a_variable_that_names_what_is_not_there_is_told() {
    for (variable, kind) in [
        ("JACKIN_EXEC_WORKSPACE", "workspace"),
        ("JACKIN_EXEC_ROLE", "role"),
        ("JACKIN_EXEC_PROVIDER", "provider"),
    ] {
        let outcome = sandbox().env(variable, "qqq").run(["true"]);
        let wanted = format!("jackin-exec: no {kind} named qqq in {variable} (available: ");
        assert!(outcome.status == 125 && outcome.stderr.starts_with(&wanted), "{outcome:#?}");
    }
}

#[test]
fn a_key_under_the_name_that_people_expect_is_told() {
    let hint = "hint: KIMI_API_KEY is set, but the name is KIMI_CODE_API_KEY\n";
    let wanted =
        format!("jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is not set\n{hint}");
    sandbox().env("KIMI_API_KEY", SENTINEL).run(["-p", "kimi", "true"]).fails(125, &wanted);
    let home = sandbox().config(&format!("[env]\nKIMI_API_KEY = \"{SENTINEL}\"\n"));
    home.run(["-p", "kimi", "true"]).fails(125, &wanted);
    // One that is set and empty is none.
    let other = sandbox().env("KIMI_API_KEY", "").run(["-p", "kimi", "true"]);
    assert!(!other.stderr.contains("but the name is"), "{other:#?}");
}

#[test]
fn a_key_in_the_place_of_a_name_is_not_shown() {
    let key = format!("sk-kimi-{SENTINEL}");
    for words in [["-p", &key], ["-w", &key], ["-r", &key]] {
        let outcome = sandbox().run(words.into_iter().chain(["true"]));
        outcome.shows_no_secret();
        assert_eq!(outcome.status, 125);
        assert!(
            outcome.stderr.contains(" named that (not shown: it may be a key) (available: "),
            "{outcome:#?}"
        );
    }
    let home = sandbox().exec(&format!("default_provider = \"{}{SENTINEL}\"\n", "x".repeat(20)));
    home.run(["true"]).shows_no_secret();
}

/// As a command, as an argument, or in a command of exec.toml.
#[test]
fn a_key_in_the_place_of_a_word_of_a_command_is_not_shown() {
    let key = format!("sk-kimi-{SENTINEL}");
    for words in [&[&*key][..], &["--", &key], &["no-such", &key], &["-q", "no-such", "x", &key]] {
        let outcome = sandbox().run(words);
        outcome.shows_no_secret();
        assert_eq!(outcome.status, 127, "{outcome:#?}");
    }
    for argv in [[&*key, "x"], ["no-such", &key]] {
        let home = sandbox().exec(&format!(
            "[env]\nKIMI_CODE_API_KEY = {{ command = {argv:?} }}\n[providers.mine]\n\
             base_url = \"http://127.0.0.1:1\"\nkey = false\nmodel = \"m\"\nenv = {{ A = {{ command = {argv:?} }} }}\n"
        ));
        for words in [
            &["-p", "kimi", "true"][..],
            &["--debug", "-p", "kimi", "true"],
            &["-p", "mine", "true"],
            &["-p", "kimi", "--dry-run"],
            &["-p", "kimi", "--dry-run", "--json"],
            &["providers"],
            &["providers", "kimi", "--json"],
            &["auth"],
            &["auth", "--json"],
            &["doctor", "-p", "kimi"],
            &["doctor", "-p", "zai"],
        ] {
            home.run(words).shows_no_secret();
        }
        let mut set = vec!["auth", "set", "kimi", "--command", "--"];
        set.extend(argv);
        sandbox().run(set).shows_no_secret();
    }
}

#[test]
fn a_key_of_any_vendor_is_neither_shown_nor_stored_where_a_name_belongs() {
    let hex = "0123456789abcdef0123456789abcdef";
    let keys = [
        format!("fw_3Z{SENTINEL}"),
        format!("hf_{SENTINEL}a1"),
        format!("sk-kimi-{SENTINEL}"),
        hex.to_owned(),
        format!("a{hex}"),
    ];
    for key in &keys {
        let option = format!("--{key}");
        for words in [
            &["-p", key, "true"][..],
            &["--workspace", key, "true"],
            &["--role", key, "true"],
            &["providers", key],
            &[&option, "true"],
            &["-p", "kimi", "--model", key, "true"],
            &["-p", "kimi", "--model", key, "--dry-run", "true"],
            &["-p", "kimi", "--model", key, "--dry-run", "--json", "true"],
            &["auth", "set", "kimi", "--env", key],
            &["auth", "set", "kimi", "--file", key],
            &["auth", "set", "kimi", "--command", "--", key],
        ] {
            let home = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-1");
            let outcome = home.run(words);
            assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{words:?}");
            assert!(!outcome.stderr.contains(&**key), "{words:?}: {}", outcome.stderr);
            assert!(!home.config_dir().join("config.toml").exists(), "{words:?}");
            assert!(!home.config_dir().join("exec.toml").exists(), "{words:?}");
        }
        let home = sandbox().exec(&format!("default_provider = \"{key}\"\n"));
        let outcome = home.run(["doctor"]);
        assert!(!outcome.stdout.contains(&**key), "{}", outcome.stdout);
    }
}

#[test]
fn a_long_list_of_names_is_cut() {
    let mut home = planted(&[]);
    for number in 10..30 {
        home = home.workspace(&format!("w{number}"), "");
    }
    home.run(["-w", "nothing-like-it", "true"]).fails(
        125,
        "jackin-exec: no workspace named nothing-like-it (available: other, w10, w11, w12, w13, w14, w15, w16, w17, w18, w19, w20 and 9 more)\n",
    );
}

#[test]
fn keys_that_are_not_there() {
    const ROWS: &[Row] = &[
        Row {
            claim: "nowhere",
            files: &[],
            variables: &[],
            arguments: &["-p", "kimi", "true"],
            status: 125,
            says: "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is not set\n\
                   hint: get one at https://www.kimi.com/code/console; jackin-exec auth set kimi asks for it; or set KIMI_CODE_API_KEY in the environment\n",
        },
        Row {
            claim: "nowhere, but a sister has one",
            files: &[],
            variables: &[("MOONSHOT_API_KEY", "[SECRET]")],
            arguments: &["-p", "kimi", "true"],
            status: 125,
            says: "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is not set\n\
                   hint: MOONSHOT_API_KEY is set, which is the key of provider moonshot; for kimi set KIMI_CODE_API_KEY (environment, or [env] in config.toml)\n",
        },
        Row {
            claim: "empty, and the environment is not looked at",
            files: &[("C/config.toml", "[env]\nKIMI_CODE_API_KEY = \"\"\nA = \"[SECRET]\"\n")],
            variables: &[("KIMI_CODE_API_KEY", "[SECRET]")],
            arguments: &["-p", "kimi", "true"],
            status: 125,
            says: "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is empty in the global scope\n\
                   hint: jackin-exec auth set kimi asks for it\n",
        },
        Row {
            claim: "emptied in a workspace",
            files: &[
                ("C/config.toml", "[env]\nKIMI_CODE_API_KEY = \"[SECRET]\"\n"),
                ("C/workspaces/w.toml", "[env]\nKIMI_CODE_API_KEY = \"\"\n"),
            ],
            variables: &[],
            arguments: &["-w", "w", "-p", "kimi", "true"],
            status: 125,
            says: "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is empty in the workspace scope\n\
                   hint: give KIMI_CODE_API_KEY a value there, or remove it there\n",
        },
        Row {
            claim: "on demand",
            files: &[(
                "C/config.toml",
                "[env]\nZAI_API_KEY = { value = \"[SECRET]\", on_demand = true }\n",
            )],
            variables: &[],
            arguments: &["-p", "zai", "true"],
            status: 125,
            says: "jackin-exec: provider zai has no key: ZAI_API_KEY is on_demand in the global scope\n\
                   hint: jackin fetches it only inside its container; for this host, set ZAI_API_KEY in the same scope of exec.toml\n",
        },
        Row {
            claim: "a host variable that is not set",
            files: &[(
                "C/config.toml",
                "[roles.rev.env]\nZAI_API_KEY = \"${MY_KEY}\"\nA = \"[SECRET]\"\n",
            )],
            variables: &[],
            arguments: &["-r", "rev", "-p", "zai", "true"],
            status: 125,
            says: "jackin-exec: provider zai has no key: ZAI_API_KEY in the role scope is $MY_KEY, which is unset or empty\n\
                   hint: export MY_KEY, or set ZAI_API_KEY in another way\n",
        },
        Row {
            claim: "a host variable that is empty",
            files: &[("C/config.toml", "[env]\nZAI_API_KEY = \"$MY_KEY\"\n")],
            variables: &[("MY_KEY", "")],
            arguments: &["-p", "zai", "true"],
            status: 125,
            says: "jackin-exec: provider zai has no key: ZAI_API_KEY in the global scope is $MY_KEY, which is unset or empty\n\
                   hint: export MY_KEY, or set ZAI_API_KEY in another way\n",
        },
        Row {
            claim: "jackin's ignore",
            files: &[(
                "C/config.toml",
                "[env]\nKIMI_CODE_API_KEY = \"[SECRET]\"\n[kimi]\nauth_forward = \"ignore\"\n",
            )],
            variables: &[],
            arguments: &["-p", "kimi", "true"],
            status: 125,
            says: "jackin-exec: provider kimi is not used here: ignored by [kimi] auth_forward in the global scope\n\
                   hint: jackin-exec auth set kimi, in that scope, offers it again\n",
        },
        Row {
            claim: "nobody can be asked",
            files: &[],
            variables: &[],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: which provider? nobody can be asked, and there are anthropic and minimax\n\
                   hint: name one with --provider ID or JACKIN_EXEC_PROVIDER=ID\n",
        },
        Row {
            claim: "the question needs a terminal",
            files: &[],
            variables: &[],
            arguments: &["-p", "ask", "true"],
            status: 125,
            says: "jackin-exec: which provider? the question needs a terminal, and there are anthropic and minimax\n\
                   hint: name one with --provider ID or JACKIN_EXEC_PROVIDER=ID\n",
        },
        Row {
            claim: "a model for Anthropic",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "-m", "x", "true"],
            status: 125,
            says: "jackin-exec: --model is for a redirect, and Anthropic is not redirected\n\
                   hint: pass it to the command: jackin-exec … -- claude --model …\n",
        },
        Row {
            claim: "no model",
            files: &[("C/config.toml", "[env]\nKIMI_CODE_API_KEY = \"[SECRET]\"\n")],
            variables: &[],
            arguments: &["-p", "kimi", "-m", "", "true"],
            status: 125,
            says: "jackin-exec: --model needs a model id: not empty, and without blanks\n",
        },
        Row {
            claim: "a model of two lines",
            files: &[("C/config.toml", "[env]\nKIMI_CODE_API_KEY = \"[SECRET]\"\n")],
            variables: &[],
            arguments: &["-p", "kimi", "-m", "a\nb", "true"],
            status: 125,
            says: "jackin-exec: --model needs a model id: not empty, and without blanks\n",
        },
    ];
    check(ROWS);
}

#[test]
fn under_the_name_of_a_shim_the_failures_are_the_same_and_no_option_is_ours() {
    planted(&[]).linked_as("bin/claude-kimi").run(["--help", "-p", "zai"]).fails(
        125,
        "jackin-exec: provider kimi has no key: KIMI_CODE_API_KEY is not set\n\
         hint: get one at https://www.kimi.com/code/console; jackin-exec auth set kimi asks for it; or set KIMI_CODE_API_KEY in the environment\n",
    );
}

#[test]
fn folders_and_files_that_cannot_be_read() {
    const ROWS: &[Row] = &[
        Row {
            claim: "a typed folder that is not there",
            files: &[],
            variables: &[],
            arguments: &["--config-dir", "/nowhere/at/all", "true"],
            status: 125,
            says: "jackin-exec: /nowhere/at/all: no such file or directory\nhint: the folder that --config-dir names must exist\n",
        },
        Row {
            claim: "a folder that is a file",
            files: &[("file", "[SECRET]")],
            variables: &[("JACKIN_CONFIG_DIR", "[ROOT]/file")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: [ROOT]/file: not a directory\n\
                   hint: name the folder that holds config.toml, exec.toml, workspaces/ and catalog.d/\n",
        },
        Row {
            claim: "a relative variable",
            files: &[],
            variables: &[("JACKIN_CONFIG_DIR", "config")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: JACKIN_CONFIG_DIR is not an absolute path\n\
                   hint: give the whole path, or name the folder with --config-dir\n",
        },
    ];
    check(ROWS);
}

#[test]
fn a_folder_of_the_variable_or_the_home_need_not_be_there() {
    let home = sandbox().env("JACKIN_CONFIG_DIR", "/nowhere/at/all");
    home.run(["true"]).prints("");
    sandbox().env("HOME", "/nowhere").run(["true"]).prints("");
    sandbox()
        .env("JACKIN_CONFIG_DIR", "")
        .config("broken [")
        .run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml:1:8: key with no value, expected `=`\n");
}

#[test]
fn a_file_that_is_no_regular_file_is_refused_without_waiting() {
    for file in ["config.toml", "exec.toml"] {
        let path = format!("home/.config/jackin/{file}");
        let words = format!("jackin-exec: [ROOT]/{path}: not a regular file\n");
        sandbox().folder(&path).run(["true"]).fails(125, &words);
        sandbox().fifo(&path).run(["true"]).fails(125, &words);
        sandbox().link(&path, "/dev/zero").run(["true"]).fails(125, &words);
        sandbox().link(&path, "loop").link("home/.config/jackin/loop", file).run(["true"]).fails(
            125,
            &format!("jackin-exec: [ROOT]/{path}: too many symbolic links encountered\n"),
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let home = sandbox().config("");
    let file =
        fs::OpenOptions::new().write(true).open(home.config_dir().join("config.toml")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    home.run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml: larger than 16 MiB\n");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    // The kernel makes a new one for each reading.
    if !std::path::Path::new("/proc/sys/kernel/random/uuid").exists() {
        crate::support::skipped("this test needs /proc/sys/kernel/random/uuid");
        return;
    }
    sandbox()
        .link("home/.config/jackin/config.toml", "/proc/sys/kernel/random/uuid")
        .run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml: changed while it was read\nhint: try again when no program writes it\n");
}

#[test]
fn files_and_folders_that_everybody_may_write_are_refused() {
    for path in ["config.toml", "exec.toml", "workspaces", "", "workspaces/w.toml"] {
        let path = format!("home/.config/jackin/{path}").trim_end_matches('/').to_owned();
        let home =
            planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "env.A = \"[SECRET]\"\n")]);
        let mode = if home.path(&path).is_dir() { 0o757 } else { 0o602 };
        let home = home.mode(&path, mode);
        let words = format!(
            "jackin-exec: [ROOT]/{path}: writable by everyone, so it is not trusted\nhint: chmod o-w [ROOT]/{path}\n"
        );
        home.run(["-w", "w", "true"]).fails(125, &words);
        // That the folder was typed says whose it may be, not that everybody may write it.
        let folder = home.config_dir();
        home.run(["--config-dir".as_ref(), folder.as_os_str(), "-w".as_ref(), "w".as_ref()])
            .fails(125, &words);
    }
}

#[test]
fn a_link_is_judged_by_what_it_leads_to() {
    let home = sandbox()
        .file("store/config.toml", "[env]\nA = \"x\"\n")
        .link("home/.config/jackin/config.toml", "../../../store/config.toml");
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    let home = home.mode("store/config.toml", 0o666);
    home.run(["true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml: writable by everyone, so it is not trusted\n\
         hint: chmod o-w [ROOT]/home/.config/jackin/config.toml\n",
    );
}

/// Nobody in particular.
const NOBODY: u32 = 65534;

#[test]
fn files_and_folders_of_another_user_are_refused_unless_the_folder_was_typed() {
    if !is_root() {
        return;
    }
    for path in ["config.toml", "exec.toml", "workspaces", "", "workspaces/w.toml"] {
        let path = format!("home/.config/jackin/{path}").trim_end_matches('/').to_owned();
        let home =
            planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "env.A = \"[SECRET]\"\n")])
                .owner(&path, NOBODY);
        home.run(["-p", "anthropic", "-w", "w", "true"]).fails(
            125,
            &format!(
                "jackin-exec: [ROOT]/{path}: belongs to another user (65534), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n"
            ),
        );
        let folder = home.config_dir();
        let typed = ["--allow-foreign-env".as_ref(), "--config-dir".as_ref(), folder.as_os_str()];
        home.run(typed.into_iter().chain(["-p", "anthropic", "-w", "w", "true"].map(str::as_ref)))
            .prints("");
        // A variable is not typed.
        home.env("JACKIN_CONFIG_DIR", folder).run(["-p", "anthropic", "-w", "w", "true"]).fails(
            125,
            &format!(
                "jackin-exec: [ROOT]/{path}: belongs to another user (65534), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n"
            ),
        );
    }
}

#[test]
fn files_that_we_may_not_read_are_named() {
    if !is_root() {
        return;
    }
    // A copy that another user can reach.
    for (path, command) in
        [("config.toml", "true"), ("exec.toml", "true"), ("workspaces/w.toml", "true")]
    {
        let mut home = planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "")]);
        for file in ["config.toml", "exec.toml", "workspaces/w.toml", "workspaces/other.toml"] {
            home = home.mode(&format!("home/.config/jackin/{file}"), 0o644);
        }
        let home = home.mode(&format!("home/.config/jackin/{path}"), 0o000).open_to_all();
        let output = home
            .command()
            .uid(NOBODY)
            .gid(NOBODY)
            .args(["-w", "w", "-p", "anthropic", command])
            .output();
        let words = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
        let root = home.path("").to_string_lossy().trim_end_matches('/').to_owned();
        let hint = "hint: make it readable, or set HOME or --config-dir to your own folder";
        assert_eq!(
            words,
            format!("jackin-exec: {root}/home/.config/jackin/{path}: permission denied\n{hint}\n")
        );
    }
}

/// Pieces of TOML around the sentinel that no parser takes, and where and how we say so.
pub(crate) const SYNTAX: &[(&str, &str)] = &[
    ("A = \"S\n", "2:_: invalid basic string, expected `\"`"),
    ("A = S\n", "2:5: string values must be quoted, expected literal string"),
    ("A = 'S\n", "2:_: invalid literal string, expected `'`"),
    ("A = \"\"\"S\n", "3:1: invalid multi-line basic string, expected `\"`"),
    ("A = '''S\n", "3:1: invalid multi-line literal string, expected `'`"),
    ("S\n", "2:_: key with no value, expected `=`"),
    ("S = \n", "2:_: string values must be quoted, expected literal string"),
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
    ("A = “S”\n", "2:5: string values must be quoted, expected literal string"),
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
    ("exec.toml", "command = \"[SECRET]\"\n", "1:11: expected an array of strings"),
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
    ("exec.toml", "[env]\nA = { command = \"[SECRET]\" }\n", "2:17: expected an array of strings"),
    (
        "exec.toml",
        "[env]\nA = { command = [] }\n",
        "2:17: expected the words of a command, the first not empty and none with NUL",
    ),
    ("exec.toml", "[env]\nA = { command = [\"a\"], timeout = 30 }\n", "2:34: expected a string"),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"[SECRET]\" }\n",
        "2:34: expected a time from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"0s\" }\n",
        "2:34: expected a time from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"11m\" }\n",
        "2:34: expected a time from \"100ms\" to \"10m\"",
    ),
    (
        "exec.toml",
        "[env]\nA = { command = [\"a\"], timeout = \"99999999999999999999s\" }\n",
        "2:34: expected a time from \"100ms\" to \"10m\"",
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
fn all_offences_are_told_at_once_in_the_order_of_the_files() {
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
fn columns_count_characters_and_lines_count_both_line_ends() {
    let home = sandbox().config("[env]\r\nA = \"ü\"\r\n\"größe\" = 1\r\n");
    home.run(["true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml:3:11: expected a string, { op = …, path = … } or { value = … }\n",
    );
}

#[test]
fn a_path_that_would_move_the_cursor_is_escaped() {
    let home = sandbox().file("a\u{1b}[2J\nb/config.toml", "env = 1\n");
    let folder = home.path("a\u{1b}[2J\nb");
    home.run(["--config-dir".as_ref(), folder.as_os_str()])
        .fails(125, "jackin-exec: [ROOT]/a\\u{1b}[2J\\nb/config.toml:1:7: expected a table\n");
}

#[test]
fn a_set_id_program_does_nothing() {
    if !is_root() {
        return;
    }
    let home = planted(&[]);
    // Copied by another process, so that nobody holds the file open when it is run.
    assert!(
        std::process::Command::new("cp")
            .arg(PROGRAM)
            .arg(home.path("copy"))
            .status()
            .unwrap()
            .success()
    );
    // chown takes the bit away, so the mode comes after.
    let home = home.owner("copy", NOBODY).mode("copy", 0o4755);
    let output = std::process::Command::new(home.path("copy")).arg("true").output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), &*words),
        (Some(125), "jackin-exec: real and effective user or group differ: not for set-id use\n")
    );
}

#[test]
fn commands_that_cannot_be_run() {
    const ROWS: &[Row] = &[
        Row {
            claim: "not there",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "no-such-command"],
            status: 127,
            says: "jackin-exec: no-such-command: not found\n",
        },
        Row {
            claim: "claude not there",
            files: &[],
            variables: &[("PATH", "/nowhere")],
            arguments: &["-p", "anthropic"],
            status: 127,
            says: "jackin-exec: claude: not found\nhint: install it with: npm install -g @anthropic-ai/claude-code\n",
        },
        Row {
            claim: "an empty word",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", ""],
            status: 127,
            says: "jackin-exec: '': not found\n",
        },
        Row {
            claim: "not executable",
            files: &[("file", "x")],
            variables: &[("PATH", "[ROOT]")],
            arguments: &["-p", "anthropic", "file"],
            status: 126,
            says: "jackin-exec: [ROOT]/file: permission denied\n",
        },
        Row {
            claim: "a folder",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "/usr"],
            status: 126,
            says: "jackin-exec: /usr: is a directory\n",
        },
    ];
    check(ROWS);
    let home = planted(&[]);
    home.write("lost", "#!/no/such/interpreter\n", 0o755);
    home.run(["-p".into(), "anthropic".into(), home.path("lost").into_os_string()])
        .fails(126, "jackin-exec: [ROOT]/lost: its interpreter or loader does not exist\n");
}

#[test]
fn an_environment_that_is_too_large_is_named() {
    let long = "x".repeat(200_000);
    let home = planted(&[]).config(&format!("[env]\nLONG = \"{SENTINEL}{long}\"\n"));
    home.run(["-p", "anthropic", "true"]).fails(
        125,
        &format!(
            "jackin-exec: LONG is too long: {} bytes; the limit is 131072\n",
            200_000 + SENTINEL.len() + 6
        ),
    );
}

#[test]
fn arguments_that_are_too_large_are_told_from_an_environment_that_is() {
    let long = "x".repeat(200_000);
    let home = planted(&[("C/exec.toml", &format!("command = [\"true\", \"{long}\"]\n"))]);
    home.run(["-p", "anthropic"])
        .fails(125, "jackin-exec: an argument of 200001 bytes is too long; the limit is 131072\n");
    // The kernel takes a quarter of the limit of the stack.
    let many: String = (10..14)
        .map(|number| format!("V{number} = \"{SENTINEL}{}\"\n", "y".repeat(120_000)))
        .collect();
    let home = planted(&[]).config(&format!("[env]\n{many}"));
    let launch = home.launch().words(["-p", "anthropic", "true"]);
    let outcome = launch.step("limit", "stack:1048576").run();
    let words = outcome.stderr.as_str();
    assert!(!words.contains(SENTINEL), "{words}");
    let (start, end) = (
        "jackin-exec: arguments and environment are too large: ",
        "; the largest is V13 with 120032\n",
    );
    assert!(words.starts_with(start) && words.ends_with(end), "{words}");
    assert_eq!(outcome.status, 125);
}

#[test]
fn a_file_that_the_kernel_will_not_run_is_126() {
    let home = planted(&[]).link("one", "two").link("two", "one");
    home.run(["-p".into(), "anthropic".into(), home.path("one").into_os_string()])
        .fails(126, "jackin-exec: [ROOT]/one: too many symbolic links encountered\n");
}

#[test]
fn a_script_in_the_clients_place_that_starts_us_again_is_told_so_in_the_second_round() {
    // The key comes from the shell alone, so that the second round has none.
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", format!("sk-kimi-{SENTINEL}"))
        .script("bin/claude", &format!("exec {PROGRAM} -p kimi claude \"$@\""))
        .path_first("bin");
    let outcome = home.run(["-p", "kimi"]);
    outcome.shows_no_secret();
    outcome.fails(
        125,
        "jackin-exec: the command that jackin-exec started has started jackin-exec again\n\
         hint: name the real command with its path\n",
    );
    // Without a round before it is what it says.
    let home = sandbox().env("JACKIN_EXEC_PID", "1:1:0");
    assert!(home.run(["-p", "kimi", "true"]).stderr.contains("KIMI_CODE_API_KEY is not set"));
}

#[test]
fn a_report_that_a_full_disk_does_not_take_is_an_error() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let home = planted(&[]);
    for arguments in [
        ["--help"].as_slice(),
        &["--version"],
        &["providers"],
        &["providers", "--json"],
        &["auth"],
        &["doctor"],
        &["completions", "bash"],
        &["-p", "anthropic", "--dry-run"],
        &["-p", "anthropic", "--dry-run", "--json"],
    ] {
        let mut command = home.command();
        let output = command.args(arguments).stdout(full.try_clone().unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {said}");
        assert!(
            said.ends_with("jackin-exec: the report cannot be written: no space left on device\n"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn where_memory_ends_a_launch_says_so() {
    // A file that is allowed, and more than the limit leaves room for.
    let home = sandbox().config(&format!("# {}\n", "x".repeat(12 << 20)));
    let script = "ulimit -v 24000; exec \"$0\" -p anthropic true";
    let ran = home.launch().program("/bin/sh").words(["-c", script, PROGRAM]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (125, "jackin-exec: out of memory\n"));
}

#[test]
fn a_command_that_leads_back_to_us_is_found_out() {
    let home = planted(&[]).path_first("bin");
    let words = format!(
        "jackin-exec: claude starts {PROGRAM} again and again\nhint: name the real command with its path\n"
    );
    home.write("bin/claude", format!("#!/bin/sh\nexec {PROGRAM} -p anthropic claude\n"), 0o755);
    home.run(["-p", "anthropic"]).fails(125, &words);
    // A script that waits for us, each in a process of its own.
    home.write("bin/claude", format!("#!/bin/sh\n{PROGRAM} -p anthropic claude\nexit $?\n"), 0o755);
    home.run(["-p", "anthropic"]).fails(125, &words);
}
