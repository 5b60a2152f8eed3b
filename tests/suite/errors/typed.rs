//! What was typed, and keys that are not there.

use crate::errors::Row;
use crate::errors::check;
use crate::errors::planted;
use crate::pty::Terminal;
use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn a_mistake_in_the_options_is_125_and_repeats_no_value() {
    const ROWS: &[Row] = &[
        Row {
            claim: "an option that is not ours",
            files: &[],
            variables: &[],
            arguments: &["--resume"],
            status: 125,
            says: "jackin-exec: unknown option --resume\nhint: options of the command go after `--`: jackin-exec -- --resume\n",
        },
        Row {
            claim: "with a provider",
            files: &[],
            variables: &[],
            arguments: &["-p", "kimi", "--resume"],
            status: 125,
            says: "jackin-exec: unknown option --resume\nhint: options of the command go after `--`: jackin-exec -p kimi -- --resume\n",
        },
        Row {
            claim: "a provider as an option",
            files: &[],
            variables: &[],
            arguments: &["--glm", "SENTINEL-sk-kimi-0123456789"],
            status: 125,
            says: "jackin-exec: unknown option --glm\nhint: did you mean -p zai? (options of the command go after `--`)\n",
        },
        Row {
            claim: "a provider in place of a subcommand",
            files: &[],
            variables: &[],
            arguments: &["auth", "kimi"],
            status: 125,
            says: "jackin-exec: auth has the subcommands set, unset, ignore and import\nhint: did you mean jackin-exec auth set kimi?\n",
        },
        Row {
            claim: "its value is not repeated",
            files: &[],
            variables: &[],
            arguments: &["--token=SENTINEL-sk-kimi-0123456789"],
            status: 125,
            says: "jackin-exec: unknown option --token\nhint: options of the command go after `--`: jackin-exec -- --token\n",
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
fn an_unknown_name_is_an_error_that_says_which_there_are() {
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
        (&["doctr"], "did you mean jackin-exec doctor?"),
        (&["help"], "jackin-exec --help"),
        (&["version"], "jackin-exec --version"),
        (&["kimi"], "did you mean jackin-exec -p kimi?"),
        (&["kimmi"], "did you mean jackin-exec -p kimi?"),
        (&["setup"], "a key is set with jackin-exec auth set ID"),
    ] {
        let wanted = format!("jackin-exec: {}: not found\nhint: {hint}\n", words[0]);
        sandbox().run(words).fails(127, &wanted);
        // Also where several providers could be used, and nobody was asked yet which one.
        planted(&[]).run(words).fails(127, &wanted);
        planted(&[]).run(["-n"].iter().chain(words)).fails(127, &wanted);
        let escaped = ["--"].iter().chain(words);
        sandbox().run(escaped).fails(127, &format!("jackin-exec: {}: not found\n", words[0]));
    }
    let home = sandbox().exec("command = [\"claud\"]\n");
    home.run::<&str>([])
        .fails(127, "jackin-exec: claud: not found\nhint: it is `command` in exec.toml\n");
}

#[test]
fn whether_the_command_exists_is_known_before_the_provider_is_asked_for() {
    let asks = "jackin-exec: no provider was named, and there is no terminal to ask on; candidates: anthropic, minimax\n\
                hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n";
    let no_client = "jackin-exec: claude: not found\nhint: install it with `npm install -g @anthropic-ai/claude-code`\n";
    let home = || planted(&[]).env("PATH", "/nowhere");
    home().run::<&str>([]).fails(127, no_client);
    // The installer's folder is searched as well.
    home().script("home/.local/bin/claude", "true").run::<&str>([]).fails(125, asks);
    // A file that cannot be run was found, and so was one by its path.
    home().file("bin/tool", "").path_first("bin").run(["tool"]).fails(125, asks);
    home().run(["/bin/true"]).fails(125, asks);
    home().run(["/no/such/file"]).fails(127, "jackin-exec: /no/such/file: not found\n");
    // Nobody knows yet which PATH the command gets.
    let path = ("C/exec.toml", "allow_env = [\"PATH\"]\n[env]\nPATH = \"/elsewhere\"\n");
    planted(&[path]).run(["kimmi"]).fails(125, asks);

    let home = planted(&[]).env("TERM", "xterm");
    let mut terminal = Terminal::open().start(&home.launch().words(["kimmi"]));
    assert_eq!(terminal.end(), "exit 127");
    let wanted = "jackin-exec: kimmi: not found\nhint: did you mean jackin-exec -p kimi?\n";
    assert_eq!(terminal.text().replace('\r', ""), wanted);
}

#[test]
fn a_variable_that_names_what_is_not_there_is_an_error_with_its_name() {
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
fn a_key_under_the_name_that_people_expect_brings_a_hint() {
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
fn a_missing_key_is_an_error_that_says_how_to_give_one() {
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
                   hint: MOONSHOT_API_KEY is set, which is the key of provider moonshot; jackin-exec auth set kimi asks for KIMI_CODE_API_KEY; or set it in the environment\n",
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
            says: "jackin-exec: no provider was named, and there is no terminal to ask on; candidates: anthropic, minimax\n\
                   hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n",
        },
        Row {
            claim: "the question needs a terminal",
            files: &[],
            variables: &[],
            arguments: &["-p", "ask", "true"],
            status: 125,
            says: "jackin-exec: the question was asked for, and there is no terminal to ask on; candidates: anthropic, minimax\n\
                   hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n",
        },
        Row {
            claim: "a model for Anthropic",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "-m", "x", "true"],
            status: 125,
            says: "jackin-exec: --model is for a redirect, and Anthropic is not redirected\n\
                   hint: pass it to the command: jackin-exec -p anthropic -- --model MODEL\n",
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
