//! Providers that a scope ignores.

use crate::auth::DIR;
use crate::auth::KEY;
use crate::auth::WORKSPACE;
use crate::auth::files;
use crate::auth::offered;
use crate::auth::placed;
use crate::auth::run;
use crate::auth::with;
use crate::pty::Terminal;

#[test]
fn an_ignored_provider_is_not_offered_there_whatever_less_specific_scopes_declare() {
    let scopes = [" --no-workspace", " --no-workspace -r r", " -w w", " -w w -r r"];
    // The launches that see a scope: its own and the more specific ones.
    let sees = [
        [true, true, true, true],
        [false, true, false, true],
        [false, false, true, true],
        [false, false, false, true],
    ];
    for provider in ["kimi", "zai"] {
        for (index, scope) in scopes.iter().enumerate() {
            let scope = scope.replace(" --no-workspace", "");
            let sandbox = with(&[
                ("config.toml", "[roles.r]\ngit = 'x'\n"),
                ("workspaces/w.toml", WORKSPACE),
            ]);
            let less: &[&str] = match index {
                0 => &[""],
                1 => &["", " -r r"],
                2 => &["", " -r r", " -w w"],
                _ => &["", " -r r", " -w w", " -w w -r r"],
            };
            for scope in less {
                assert_eq!(
                    run(&sandbox, &format!("auth set {provider} --stdin{scope}"), KEY).status,
                    0
                );
            }
            assert_eq!(run(&sandbox, &format!("auth ignore {provider}{scope}"), "").status, 0);
            for (launch, seen) in scopes.iter().zip(sees[index]) {
                assert_eq!(
                    offered(&sandbox, provider, launch),
                    !seen,
                    "{provider}{scope} seen from{launch}"
                );
            }
            assert_eq!(
                run(&sandbox, &format!("auth set {provider} --stdin{scope}"), KEY).status,
                0
            );
            assert!(offered(&sandbox, provider, scopes[index]), "{provider}{scope} after set");
        }
    }
}

#[test]
fn a_key_that_is_set_below_an_ignored_scope_is_offered() {
    let sandbox = with(&[
        ("config.toml", "[kimi]\nauth_forward = \"ignore\"\n\n[roles.r]\ngit = 'x'\n"),
        ("workspaces/w.toml", WORKSPACE),
    ]);
    run(&sandbox, "auth set kimi --stdin -w w", KEY).is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in workspace \"w\", §/workspaces/w.toml\n"),
        "",
    );
    assert_eq!(
        sandbox.read(&format!("{DIR}/workspaces/w.toml")),
        format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
    assert!(offered(&sandbox, "kimi", " -w w") && !offered(&sandbox, "kimi", " --no-workspace"));
    run(&sandbox, "auth unset kimi -w w", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nignored by [kimi] auth_forward in the global scope\n"),
        "",
    );
    assert_eq!(sandbox.read(&format!("{DIR}/workspaces/w.toml")), WORKSPACE);
    // jackin has no mode for a role; its key is more specific than the global mode.
    run(&sandbox, "auth set kimi --stdin -r r", KEY).is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in role \"r\", §/config.toml\n"),
        "",
    );
    assert!(offered(&sandbox, "kimi", " --no-workspace -r r"));
}

#[test]
fn a_provider_without_a_key_is_ignored_and_offered_again_as_the_hint_says() {
    let own = "[providers.own]\nbase_url = 'http://127.0.0.1:1'\nkey = false\nmodel = 'm'\n";
    let sandbox = with(&[("exec.toml", own)]);
    let ignored = "is not used here: ignored by [ignore] in the global scope of exec.toml";
    for (id, hint) in [
        ("own", "jackin-exec auth unset own, in that scope, offers it again"),
        ("anthropic", "remove anthropic = true from [ignore] of that scope in exec.toml"),
    ] {
        assert_eq!(run(&sandbox, &format!("auth ignore {id}"), "").status, 0);
        sandbox
            .run(["-p", id, "true"])
            .fails(125, &format!("jackin-exec: provider {id} {ignored}\nhint: {hint}\n"));
        assert_eq!(run(&sandbox, &format!("auth unset {id}"), "").status, 0);
        assert_eq!(sandbox.run(["-q", "-p", id, "true"]).status, 0);
    }
}

#[test]
fn a_provider_that_is_ignored_keeps_its_key_and_has_it_again_with_enter() {
    // Provider, its key's place, what ignoring writes, and what Enter leaves.
    for (provider, key) in [("kimi", "KIMI_CODE_API_KEY"), ("zai", "ZAI_API_KEY")] {
        let sandbox = with(&[]).env("TERM", "xterm");
        run(&sandbox, &format!("auth set {provider} --stdin"), KEY);
        let before = files(&sandbox);
        run(&sandbox, &format!("auth ignore {provider}"), "");
        assert!(!offered(&sandbox, provider, ""), "{provider}");
        assert!(
            files(&sandbox).iter().any(|(_, text)| text.contains(KEY)),
            "{provider} has lost its key"
        );
        // A second time changes nothing.
        let ignored = files(&sandbox);
        let again = run(&sandbox, &format!("auth ignore {provider}"), "");
        assert!(again.stdout.ends_with("is ignored already in the global scope\n"), "{again:#?}");
        assert_eq!(files(&sandbox), ignored);
        let mut terminal =
            Terminal::open().start(&sandbox.launch().words(["auth", "set", provider]));
        terminal.wait_for(&format!(
            "{key} for the global scope (not shown; Enter keeps the one that is there): "
        ));
        terminal.send("\r");
        assert_eq!(terminal.end(), "exit 0");
        assert!(
            terminal.text().contains(" is no longer ignored in the global scope, "),
            "{}",
            terminal.text()
        );
        assert_eq!(
            files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>(),
            before
        );
        let mut terminal =
            Terminal::open().start(&sandbox.launch().words(["auth", "set", provider]));
        terminal.wait_for("there): ").send("\r");
        assert_eq!(terminal.end(), "exit 0");
        assert!(
            terminal.text().contains(&format!("{key} stays as it is in the global scope")),
            "{}",
            terminal.text()
        );
    }
}

#[test]
fn ignoring_changes_no_key_wherever_it_is() {
    let exec = "[env]\nZAI_API_KEY = 'SENTINEL'\nDEEPSEEK_API_KEY = { file = '/k' }\nMINIMAX_API_KEY = { command = ['x'] }\n";
    let sandbox = with(&[("exec.toml", exec)]);
    for provider in ["zai", "minimax", "deepseek"] {
        assert_eq!(run(&sandbox, &format!("auth ignore {provider}"), "").status, 0);
        assert!(!offered(&sandbox, provider, ""), "{provider}");
    }
    let ignore = "\n[ignore]\nzai = true\nminimax = true\ndeepseek = true\n";
    assert_eq!(files(&sandbox), [("exec.toml".to_owned(), format!("{exec}{ignore}"))]);
}

/// An empty key in jackin's file would be one for jackin, which would offer Z.AI without a token.
#[test]
fn ignoring_writes_nothing_into_jackins_files() {
    for provider in ["kimi", "zai", "deepseek"] {
        let sandbox = with(&[("workspaces/w.toml", WORKSPACE)]);
        let outcome = run(&sandbox, &format!("auth ignore {provider} -w w"), "");
        let exec = format!("[workspaces.w.ignore]\n{provider} = true\n");
        let untouched = ("workspaces/w.toml".to_owned(), WORKSPACE.to_owned());
        assert_eq!(files(&sandbox), [("exec.toml".to_owned(), exec), untouched]);
        let jackin = "jackin does not read exec.toml and offers ";
        assert_eq!(outcome.stdout.contains(jackin), provider != "deepseek", "{outcome:#?}");
    }
}

/// For jackin the mode says whether it copies the operator's login into containers, and no mode
/// says that it does.
#[test]
fn jackins_mode_for_kimi_stays_as_it_is() {
    let mode = "[kimi]\nauth_forward = \"ignore\"\n";
    let config = format!("[env]\nKIMI_CODE_API_KEY = \"SENTINEL\"\n\n{mode}");
    let workspace =
        format!("{WORKSPACE}\n{mode}\n[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n");
    let words = [
        "auth set kimi --stdin",
        "auth set kimi --stdin -w w",
        "auth set kimi --env K -w w -r the-architect",
        "auth ignore kimi -w w",
        "auth set kimi --stdin -w w",
        "auth unset kimi",
        "auth unset kimi -w w",
        "auth ignore kimi -w w -r the-architect",
        "auth unset kimi --all-scopes",
    ];
    let sandbox = with(&[("config.toml", &config), ("workspaces/w.toml", &workspace)]);
    for words in words {
        let outcome = run(&sandbox, words, KEY);
        assert_eq!(outcome.status, 0, "{words}: {outcome:#?}");
        let read = |file| sandbox.read(&format!("{DIR}/{file}"));
        assert!(read("config.toml").contains(mode), "{words}");
        assert!(
            read("workspaces/w.toml").contains(&format!(
                "{mode}\n[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n"
            )),
            "{words}"
        );
        let said = "jackin still forwards no login of Kimi: its auth_forward stays\n";
        let sets = words.contains("set");
        assert_eq!(outcome.stdout.contains(said), sets, "{words}: {outcome:#?}");
    }
    assert!(!sandbox.read(&format!("{DIR}/exec.toml")).contains("kimi"));
}

#[test]
fn a_key_that_is_set_where_jackin_ignores_is_offered() {
    let mode = "[kimi]\nauth_forward = \"ignore\"\n";
    let roles = "[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n";
    let workspace = format!("{WORKSPACE}\n{mode}\n{roles}");
    for scope in ["", " -w w", " -w w -r the-architect"] {
        let sandbox = with(&[("config.toml", mode), ("workspaces/w.toml", &workspace)]);
        let launch = if scope.is_empty() { " --no-workspace" } else { scope };
        assert_eq!(run(&sandbox, &format!("auth set kimi --stdin{scope}"), KEY).status, 0);
        assert!(offered(&sandbox, "kimi", launch), "{scope}");
        assert!(sandbox.read(&format!("{DIR}/exec.toml")).ends_with("ignore]\nkimi = false\n"));
        assert_eq!(run(&sandbox, &format!("auth ignore kimi{scope}"), KEY).status, 0);
        assert!(!offered(&sandbox, "kimi", launch), "{scope}");
    }
}
