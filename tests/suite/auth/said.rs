//! What is said: what shows again, what is refused, and the state.

use crate::auth::DIR;
use crate::auth::KEY;
use crate::auth::Row;
use crate::auth::WORKSPACE;
use crate::auth::files;
use crate::auth::holds;
use crate::auth::placed;
use crate::auth::run;
use crate::auth::with;
use crate::support::sandbox;

#[test]
fn what_holds_here_is_said_where_another_scope_was_changed() {
    let home = || {
        sandbox()
            .rooted(
                &format!("{DIR}/workspaces/w.toml"),
                "workdir = \"[ROOT]/here\"\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n",
            )
            .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n")
    };
    let here = "here, in workspace \"w\", the key of workspace \"w\" [env] is used\n";
    let removed = "Kimi: KIMI_CODE_API_KEY is removed from the global scope, §/config.toml\nKimi has no key there now\n";
    run(&home(), "auth unset kimi", "").is(0, &placed(&format!("{removed}{here}")), "");
    let set = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nit replaces the key that was there\n";
    let missing = "Kimi is not available yet: KIMI_CODE_API_KEY in the global scope is $NOT_SET, which is unset or empty\n";
    run(&home(), "auth set kimi --env NOT_SET", "").is(
        0,
        &placed(&format!("{set}{missing}{here}")),
        "",
    );
    // The same scope, or one that decides here, too.
    run(&home(), "auth unset kimi -w w", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nthe key of global [env] shows again\n"),
        "",
    );
    let home = home().exec("[workspaces.w.env]\nZAI_API_KEY = \"\"\n");
    run(&home, "auth set zai --stdin", "SENTINEL.of-zai").is(
        0,
        &placed("Z.AI: ZAI_API_KEY is set in the global scope, §/config.toml\nhere, in workspace \"w\", Z.AI is not available: ZAI_API_KEY is empty in the workspace scope\n"),
        "",
    );
}

#[test]
fn unset_says_what_shows_again() {
    let sandbox =
        with(&[("config.toml", "[roles.r]\ngit = 'x'\n"), ("workspaces/w.toml", WORKSPACE)]);
    for scope in ["", " -r r", " -w w", " -w w -r r"] {
        run(&sandbox, &format!("auth set kimi --stdin{scope}"), KEY);
    }
    for (scope, says) in [
        (
            " -w w -r r",
            "Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\" → role \"r\", §/workspaces/w.toml\nthe key of workspace \"w\" [env] shows again\n",
        ),
        (
            " -w w",
            "Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nthe key of global [env] shows again\n",
        ),
        (
            "",
            "Kimi: KIMI_CODE_API_KEY is removed from the global scope, §/config.toml\nKimi has no key there now\n",
        ),
        ("", "Kimi: KIMI_CODE_API_KEY is not set in the global scope\n"),
    ] {
        run(&sandbox, &format!("auth unset kimi{scope}"), "").is(0, &placed(says), "");
    }
    let sandbox = sandbox.env("KIMI_CODE_API_KEY", "SENTINEL");
    run(&sandbox, "auth unset kimi -r r", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from role \"r\", §/config.toml\nKIMI_CODE_API_KEY of the environment is used now\n"),
        "",
    );
}

#[test]
fn all_scopes_are_all_of_them() {
    let config = "[kimi]\nauth_forward = 'ignore'\n[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\nA = ''\n[roles.r]\ngit = 'x'\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\n[workspaces.old]\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\nenv.B = ''\n";
    let workspace = format!(
        "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[roles.r.env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[roles.r.kimi]\nauth_forward = 'ignore'\n"
    );
    let exec = "default_provider = 'kimi'\n[env]\nKIMI_CODE_API_KEY = { file = '/SENTINEL' }\n[ignore]\nkimi = false\n[roles.q.ignore]\nkimi = true\n[roles.q.env]\nKIMI_CODE_API_KEY = ''\n[workspaces.w.env]\nKIMI_CODE_API_KEY = ''\n[workspaces.w.roles.r.env]\nKIMI_CODE_API_KEY = ''\nZAI_API_KEY = 'SENTINEL'\n";
    holds(&[Row {
        before: &[("config.toml", config), ("exec.toml", exec), ("workspaces/w.toml", &workspace)],
        words: "auth unset kimi --all-scopes",
        says: "Kimi: KIMI_CODE_API_KEY is removed from every scope, §/config.toml, §/workspaces/w.toml, §/exec.toml\njackin still forwards no login of Kimi: its auth_forward stays\nignored by [kimi] auth_forward in the global scope\n",
        after: &[
            (
                "config.toml",
                "[kimi]\nauth_forward = 'ignore'\n[env]\nA = ''\n[roles.r]\ngit = 'x'\n[workspaces.old]\nenv.B = ''\n",
            ),
            (
                "exec.toml",
                "default_provider = 'kimi'\n[workspaces.w.roles.r.env]\nZAI_API_KEY = 'SENTINEL'\n",
            ),
            (
                "workspaces/w.toml",
                &format!("{WORKSPACE}\n[roles.r.kimi]\nauth_forward = 'ignore'\n"),
            ),
        ],
    }]);
}

#[test]
fn what_is_refused_changes_nothing() {
    let config =
        "version = \"v1alpha9\"\n\n[env]\nA = \"SENTINEL\"\n\n[roles.reviewer]\ngit = 'x'\n";
    let workspace = format!("allowed_roles = [\"reviewer\"]\n{WORKSPACE}");
    let rows: &[(&str, &str, &str)] = &[
        (
            "auth set kim --stdin",
            "",
            "no such provider (available: anthropic, zai, minimax, kimi, and 37 more in jackin-exec providers --all)\nhint: did you mean kimi?",
        ),
        (
            "auth set sk-SENTINEL",
            "",
            "no such provider (available: anthropic, zai, minimax, kimi, and 37 more in jackin-exec providers --all)",
        ),
        (
            "auth set kimi SENTINEL",
            "",
            "a key must not be typed on the command line\nhint: `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is",
        ),
        (
            "auth set kimi --role reviewr --stdin",
            KEY,
            "no role named reviewr (available: agent-smith, reviewer, the-architect)\nhint: did you mean reviewer?",
        ),
        ("auth set kimi --workspace v --stdin", KEY, "no workspace named v (available: w)"),
        (
            "auth set kimi -w w -r agent-smith --stdin",
            KEY,
            "workspace w does not allow role agent-smith; it allows reviewer",
        ),
        (
            "auth set kimi --global -w w --stdin",
            KEY,
            "--global excludes --workspace and --role\nhint: a scope is named once",
        ),
        (
            "auth unset kimi --all-scopes -r reviewer",
            "",
            "--all-scopes excludes --workspace and --role\nhint: a scope is named once",
        ),
        (
            "-p zai auth set kimi --stdin",
            KEY,
            "auth takes the provider as a word\nhint: jackin-exec auth set PROVIDER",
        ),
        (
            "-n auth ignore kimi",
            "",
            "--dry-run, --model, --pass-keys, --allow-foreign-env, --on-demand and --title apply to a launch only\nhint: see jackin-exec --help",
        ),
        (
            "auth set kimi --json --stdin",
            KEY,
            "--json and --no-workspace are for showing\nhint: jackin-exec auth --json shows what is set",
        ),
        (
            "auth set kimi --command pass SENTINEL",
            "",
            "the command that prints the key goes after `--`\nhint: jackin-exec auth set PROVIDER --command -- ARGV...",
        ),
        (
            "auth set ollama",
            "",
            "provider ollama needs no key\nhint: start it with jackin-exec -p ollama -m MODEL",
        ),
        (
            "auth unset ollama",
            "",
            "provider ollama needs no key\nhint: jackin-exec auth ignore ollama stops offering it",
        ),
        (
            "auth unset zai SENTINEL",
            "",
            "auth unset takes one provider\nhint: once for each: jackin-exec auth unset PROVIDER",
        ),
        (
            "auth set kimi --key=SENTINEL",
            "",
            "unknown option --key of auth set\nhint: `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is",
        ),
        (
            "auth set kimi --op SENTINEL",
            "",
            "--op needs op://VAULT/ITEM/[SECTION/]FIELD\nhint: a key itself is asked for, or read with --stdin",
        ),
        (
            "auth set kimi --env sk-SENTINEL",
            "",
            "--env needs the name of a variable\nhint: a key itself is asked for, or read with --stdin",
        ),
        ("auth set kimi --stdin", "", "KIMI_CODE_API_KEY: the key is empty"),
        ("auth set kimi --stdin", "\n", "KIMI_CODE_API_KEY: the key is empty"),
        (
            "auth set kimi --stdin",
            "sk-kimi-SENTINEL\nSENTINEL\n",
            "KIMI_CODE_API_KEY: the key contains a line break or another control character",
        ),
        (
            "auth set kimi --stdin",
            "sk-kimi-\0SENTINEL",
            "KIMI_CODE_API_KEY: the value contains NUL",
        ),
        (
            "auth set kimi --stdin",
            "op://SENTINEL/b/c\n",
            "what was given is a reference to a key, not a key\nhint: give it with --op",
        ),
        (
            "auth set kimi --stdin",
            "${SENTINEL}\n",
            "what was given is a reference to a key, not a key\nhint: give it with --env",
        ),
        (
            "auth set kimi",
            "",
            "KIMI_CODE_API_KEY is asked for on a terminal, and there is none\nhint: give it with --stdin, or say where it is: --op, --env, --file or --command",
        ),
    ];
    let sandbox = with(&[("config.toml", config), ("workspaces/w.toml", &workspace)]);
    let before = files(&sandbox);
    for (words, stdin, says) in rows {
        run(&sandbox, words, stdin).fails(125, &format!("jackin-exec: {says}\n"));
        assert_eq!(files(&sandbox), before, "{words}");
    }
    assert!(!sandbox.config_dir().join("config.lock").exists(), "nothing was about to be written");
}

#[test]
fn a_file_that_is_broken_is_refused_with_the_position_and_stays() {
    for (name, text, says) in [
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = SENTINEL\n", "2:21: "),
        ("config.toml", "env = 'SENTINEL'\n", "1:7: expected a table\n"),
        (
            "config.toml",
            "[env]\nDOCKER_HOST = 'SENTINEL'\n",
            "2:1: DOCKER_HOST is reserved by jackin\n",
        ),
        ("exec.toml", "[env]\nA = { fil = 'SENTINEL' }\n", "2:7: "),
        ("workspaces/w.toml", "[env]\nA = 1\n", "2:5: expected "),
    ] {
        for words in
            ["auth set kimi -w w --stdin", "auth ignore kimi -w w", "auth unset kimi --all-scopes"]
        {
            let mut all = vec![("workspaces/w.toml", WORKSPACE)];
            all.retain(|(other, _)| *other != name);
            all.push((name, text));
            let sandbox = with(&all);
            let before = files(&sandbox);
            let outcome = run(&sandbox, words, KEY);
            let start = placed(&format!("jackin-exec: §/{name}:{says}"));
            assert!(
                outcome.status == 125 && outcome.stderr.starts_with(&start),
                "{name} {words}: {outcome:#?}"
            );
            assert_eq!(files(&sandbox), before);
        }
    }
}

#[test]
fn text_that_is_no_key_is_refused_with_what_it_looks_like() {
    let only = "give only the key";
    let shell = "say where the key is: --env NAME, or --command -- ARGV...";
    for (text, says, hint) in [
        (
            "Bearer sk-kimi-SENTINEL",
            "the key begins with \"Bearer \", which is no part of it",
            only,
        ),
        (
            "Authorization: Bearer sk-kimi-SENTINEL",
            "the key begins with \"Authorization:\", which is no part of it",
            only,
        ),
        (
            "KIMI_CODE_API_KEY=sk-kimi-SENTINEL",
            "the key begins with the name of a variable, which is no part of it",
            only,
        ),
        (
            "export OTHER='sk-kimi-SENTINEL'",
            "the key begins with the name of a variable, which is no part of it",
            only,
        ),
        ("\"sk-kimi-SENTINEL\"", "the key begins or ends with a quote", "remove the quotes"),
        ("sk-kimi-SENTINEL and more", "the key contains a space", only),
        ("{\"key\": \"SENTINEL\"}", "what was given is JSON, not a key", only),
        (
            "https://SENTINEL.example/v1",
            "what was given is a URL, not a key",
            "give the key; base_url in exec.toml takes a URL",
        ),
        (
            "$(pass show SENTINEL)",
            "what was given is text for a shell, and no shell runs here",
            shell,
        ),
        ("$SENTINEL/x", "what was given is text for a shell, and no shell runs here", shell),
        (
            "sk-kimi-YOURS",
            "what was given is a placeholder, not a key",
            "give your own key in its place",
        ),
        (
            "sk-kimi-****SENTINEL",
            "what was given is masked, not the whole key",
            "give the whole key",
        ),
        ("clear", "what was given is too short for a key", "give the whole key"),
        (
            "sk-or-v1-SENTINEL",
            "the key begins like a key of OpenRouter, and would be sent to Kimi",
            "give it a key of Kimi; if this is one, [providers.kimi] with key_env = \"KIMI_CODE_API_KEY\" in exec.toml turns this check off",
        ),
    ] {
        let sandbox = sandbox();
        let wanted = format!("jackin-exec: KIMI_CODE_API_KEY: {says}\nhint: {hint}\n");
        run(&sandbox, "auth set kimi --stdin", &format!("{text}\n")).fails(125, &wanted);
        assert_eq!(files(&sandbox), [], "{text}");
    }
}

#[test]
fn what_surrounds_a_copied_key_is_stripped() {
    for text in [" sk-kimi-SENTINEL", "sk-kimi-SENTINEL \t\r\n\r\n", "\n\nsk-kimi-SENTINEL\n"] {
        let sandbox = sandbox();
        let says = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n";
        run(&sandbox, "auth set kimi --stdin", text).is(0, &placed(says), "");
        let script = "test \"$ANTHROPIC_AUTH_TOKEN\" = sk-kimi-SENTINEL";
        assert_eq!(sandbox.run(["-q", "-p", "kimi", "sh", "-c", script]).status, 0, "{text:?}");
    }
}

#[test]
fn a_key_that_looks_wrong_is_kept_as_it_is_and_reported() {
    let sandbox = sandbox();
    run(&sandbox, "auth set kimi --stdin", "sk-SENTINEL\n").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n"),
        "jackin-exec: warning: KIMI_CODE_API_KEY does not begin with sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com\n",
    );
    let script = "test \"$ANTHROPIC_AUTH_TOKEN\" = sk-SENTINEL";
    let said = sandbox.run(["-q", "-p", "kimi", "sh", "-c", script]);
    assert_eq!(said.status, 0, "{said:#?}");
}

#[test]
fn the_state_is_shown_and_never_a_key() {
    let sandbox = with(&[
        (
            "config.toml",
            "[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\nZAI_API_KEY = '$NOT_SET'\nMINIMAX_API_KEY = { value = 'SENTINEL', on_demand = true }\n[roles.r]\ngit = 'x'\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\n[workspaces.old]\nenv.ZAI_API_KEY = 'SENTINEL'\n",
        ),
        ("workspaces/w.toml", &format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = {{ op = 'op://a/b/c', path = 'a/b/c' }}\nDEEPSEEK_API_KEY = ''\n")),
        ("exec.toml", "[env]\nMOONSHOT_API_KEY = { command = ['pass', 'SENTINEL'] }\n[providers.mine]\nbase_url = 'http://127.0.0.1:1'\nkey = false\nmodel = 'm'\n"),
    ])
    .env("ZAI_CN_API_KEY", "SENTINEL");
    run(&sandbox, "auth -w w -r r", "").is(
        0,
        "in workspace \"w\" → role \"r\":\n\
         anthropic  Anthropic  needs no key\n\
         zai        Z.AI       API key (global, config.toml): host $NOT_SET, not available\n\
         minimax    MiniMax    API key (global, config.toml): on_demand, not available\n\
         kimi       Kimi       API key (workspace, workspaces/w.toml): op a/b/c; hides global, role\n\
         bigmodel   BigModel   API key (environment)\n\
         deepseek   DeepSeek   ignored (workspace, workspaces/w.toml): empty\n\
         moonshot   Moonshot   API key (global, exec.toml): command pass\n\
         mine       mine       needs no key\n\
         34 more have no key here: jackin-exec providers --all\n",
        "",
    );
    let shown = run(&sandbox, "auth --json -w old", "").json();
    assert_eq!(
        shown[1],
        serde_json::json!({
            "id": "zai", "label": "Z.AI", "key_env": "ZAI_API_KEY", "mode": "api_key", "available": true,
            "origin": "workspace", "file": "config.toml", "form": "literal", "reference": null, "hides": ["global"],
            "missing": null
        })
    );
    run(&sandbox, "auth ignore kimi -w w", "");
    let shown = run(&sandbox, "auth --json -w w", "").json();
    assert_eq!(
        shown[3],
        serde_json::json!({
            "id": "kimi", "label": "Kimi", "key_env": "KIMI_CODE_API_KEY", "mode": "ignore", "available": false,
            "origin": "workspace", "file": "exec.toml", "form": "ignore", "reference": null,
            "hides": ["global", "workspace"], "missing": "ignored by [ignore] in the workspace scope of exec.toml"
        })
    );
}

#[test]
fn the_state_fits_a_narrow_terminal_and_keeps_every_word() {
    let sandbox = with(&[
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n"),
        (
            "workspaces/a long name of a workspace.toml",
            &format!(
                "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = {{ op = 'op://a-vault/an-item-with-a-long-name/credential', path = 'a/b/c' }}\n"
            ),
        ),
    ]);
    let shown = |columns: &str, colour: &str| {
        let mut command = sandbox.command();
        command
            .args(["auth", "-w", "a long name of a workspace"])
            .env("COLUMNS", columns)
            .env("CLICOLOR_FORCE", colour);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let wide = shown("", "0");
    assert!(wide.lines().any(|line| line.len() > 80), "too short for this test: {wide}");
    for columns in [40, 80] {
        let text = shown(&columns.to_string(), "0");
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{columns}:\n{text}");
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(letters(&text), letters(&wide), "{columns}");
    }
    assert!(shown("80", "1").contains("\u{1b}[32mkimi\u{1b}[0m"));
    assert!(!wide.contains('\u{1b}') && !wide.contains("SENTINEL"));
}
