//! `auth import`: of other tools' files, the keys whose provider is known are shown and, after a
//! yes, stored where `auth set` stores them. Nothing of the files is run, and no value is shown.

use std::fs;
use std::os::fd::AsFd;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;

use crate::pty::Terminal;
use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::has;
use crate::support::is_root;
use crate::support::sandbox;

const CONFIG: &str = "home/.config/jackin/config.toml";

const EXEC: &str = "home/.config/jackin/exec.toml";

/// Runs `auth import` with words; whatever it says holds no key.
#[track_caller]
fn import(sandbox: &Sandbox, words: &str) -> Outcome {
    let outcome = sandbox.run(format!("auth import {words}").split_whitespace());
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains("SENTINEL"), "a key in {outcome:#?}");
    }
    outcome
}

/// What is shown of each key: the lines that begin with two blanks, without the columns' width.
fn rows(outcome: &Outcome) -> Vec<String> {
    let rows = outcome.stdout.lines().filter(|line| line.starts_with("  "));
    rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// A database of cc-switch, with its own tables, and rows of name and settings.
pub(crate) fn cc_switch(rows: &[(&str, &str)]) -> String {
    let mut sql = "CREATE TABLE providers (id TEXT NOT NULL, app_type TEXT NOT NULL, name TEXT \
         NOT NULL, settings_config TEXT NOT NULL, website_url TEXT, category TEXT, created_at \
         INTEGER, sort_index INTEGER, notes TEXT, icon TEXT, icon_color TEXT, meta TEXT NOT NULL \
         DEFAULT '{}', is_current BOOLEAN NOT NULL DEFAULT 0, in_failover_queue BOOLEAN NOT NULL \
         DEFAULT 0, PRIMARY KEY (id, app_type));"
        .to_owned();
    for (number, (name, settings)) in rows.iter().enumerate() {
        sql.push_str(&format!(
            "INSERT INTO providers (id, app_type, name, settings_config) VALUES \
             ('{number}', 'claude', '{name}', '{settings}');"
        ));
    }
    sql
}

/// Makes a database in the sandbox's current folder.
fn database(sandbox: Sandbox, name: &str, sql: &str) -> Sandbox {
    let path = sandbox.path("here").join(name);
    let made = std::process::Command::new("sqlite3").arg(path).arg(sql).status().unwrap();
    assert!(made.success());
    sandbox
}

fn settings(url: &str, key: &str) -> String {
    format!(r#"{{"env":{{"ANTHROPIC_BASE_URL":"{url}","ANTHROPIC_AUTH_TOKEN":"{key}"}}}}"#)
}

const KIMI: &str = "https://api.kimi.com/coding/";

const BECOMES: &str = "in the global scope, [ROOT]/home/.config/jackin/config.toml";

/// A text of each kind, with the words that it is called by.
fn kinds() -> Vec<(&'static str, String)> {
    let kimi = settings(KIMI, "sk-kimi-SENTINEL");
    vec![
        ("settings of Claude Code", kimi.clone()),
        (
            "cc-switch",
            format!(
                r#"{{"version":2,"claude":{{"current":"b","providers":{{"a":{{"id":"a","name":"Official","settingsConfig":{{"env":{{}}}}}},"b":{{"id":"b","name":"My Kimi","settingsConfig":{kimi}}}}}}},"codex":{{"providers":{{}},"current":""}}}}"#
            ),
        ),
        (
            "cc-switch",
            format!(r#"{{"providers":{{"b":{{"name":"My Kimi","settingsConfig":{kimi}}}}},"current":"b"}}"#),
        ),
        (
            "cc-switch",
            format!(
                r#"[{{"name":"My Kimi","settings_config":{}}}]"#,
                serde_json::Value::from(kimi.as_str())
            ),
        ),
        (
            "claude-code-router",
            r#"{"Providers":[{"name":"kimi","api_base_url":"https://api.kimi.com/coding/v1/messages","api_key":"sk-kimi-SENTINEL","models":["k"]}],"Router":{}}"#.to_owned(),
        ),
        ("variables of a shell", "export EDITOR=vi\nexport KIMI_CODE_API_KEY='sk-kimi-SENTINEL'\n".to_owned()),
        ("variables of a shell", "KIMI_CODE_API_KEY=sk-kimi-SENTINEL\r\n".to_owned()),
        ("variables of a shell", "set -gx KIMI_CODE_API_KEY sk-kimi-SENTINEL\n".to_owned()),
        (
            "variables of a shell",
            "alias k='ANTHROPIC_BASE_URL=https://api.kimi.com/coding ANTHROPIC_AUTH_TOKEN=sk-kimi-SENTINEL claude'\n".to_owned(),
        ),
    ]
}

const WRITTEN: &str = "version = \"v1alpha9\"\n\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n";

#[test]
fn a_key_of_each_kind_of_file_is_stored_where_auth_set_stores_it() {
    for (kind, text) in kinds() {
        // The name says nothing, and a byte order mark does not disturb.
        for text in [text.clone(), format!("\u{feff}{text}")] {
            let sandbox = sandbox().file("here/any", &text);
            let outcome = import(&sandbox, "--yes any");
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{text}");
            assert!(
                outcome.stdout.starts_with(&format!("[ROOT]/here/any ({kind})\n")),
                "{outcome:#?}"
            );
            let shown = rows(&outcome).join("\n");
            assert!(
                shown.ends_with(&format!(" kimi becomes KIMI_CODE_API_KEY {BECOMES}")),
                "{shown}"
            );
            assert!(
                outcome.stdout.ends_with(
                    "\n1 key is set in the global scope, [ROOT]/home/.config/jackin/config.toml\n"
                ),
                "{outcome:#?}"
            );
            assert_eq!(sandbox.read(CONFIG), WRITTEN, "{text}");
            assert_eq!(sandbox.read("here/any"), text, "the file itself stays");
        }
    }
}

#[test]
fn settings_that_are_not_json_are_named_and_the_others_are_read() {
    let kimi = serde_json::Value::from(settings(KIMI, "sk-kimi-SENTINEL"));
    let broken = "\"{\\\"env\\\":{\\\"ANTHROPIC_AUTH_TOKEN\\\":\\\"sk-SENTINEL\\\",}}\"";
    for text in [
        format!(
            r#"[{{"name":"Broken","settings_config":{broken}}},{{"name":"List","settings_config":[]}},{{"name":"My Kimi","settings_config":{kimi}}}]"#
        ),
        format!(
            r#"{{"providers":{{"1":{{"name":"Broken","settingsConfig":{broken}}},"2":{{"name":"List","settingsConfig":[]}},"3":{{"name":"My Kimi","settingsConfig":{kimi}}}}}}}"#
        ),
    ] {
        let outcome = import(&sandbox().file("here/any", &text), "--yes any");
        let shown = rows(&outcome);
        let wanted = "not imported: its settings are not a JSON object";
        assert_eq!(shown[..2], [format!("Broken - {wanted}"), format!("List - {wanted}")]);
        assert!(shown[2].starts_with("My Kimi kimi becomes KIMI_CODE_API_KEY "), "{shown:?}");
        assert_eq!(outcome.status, 0, "{outcome:#?}");
    }
}

#[test]
fn keys_are_read_from_a_database_with_the_program_sqlite3() {
    if !has("sqlite3") {
        return;
    }
    let rows_of_switch = cc_switch(&[
        ("My Kimi", &settings(KIMI, "sk-kimi-SENTINEL")),
        ("Official", "{\"env\":{}}"),
        ("Broken", "{{{ SENTINEL"),
        ("Relay", &settings("https://SENTINEL@relay.example/SENTINEL?k=SENTINEL", "sk-SENTINEL")),
    ]) + "INSERT INTO providers (id, app_type, name, settings_config) VALUES \
          ('x', 'codex', 'Codex', '{\"auth\":{\"OPENAI_API_KEY\":\"sk-SENTINEL\"}}');";
    let router = "CREATE TABLE app_config (key TEXT PRIMARY KEY, value_json TEXT NOT NULL, \
         updated_at TEXT NOT NULL); INSERT INTO app_config VALUES ('default', \
         '{\"Providers\":[{\"name\":\"My Kimi\",\"baseUrl\":\"https://api.kimi.com/coding\",\"apikey\":\"sk-kimi-SENTINEL\"}]}', '');";
    let relay = "Relay - not imported: no provider for https://relay.example";
    for (kind, sql, more) in
        [("cc-switch", rows_of_switch.as_str(), Some(relay)), ("claude-code-router", router, None)]
    {
        // A start-up file of sqlite3 does not change what it prints.
        let sandbox = database(sandbox(), "any", sql)
            .file("home/.sqliterc", ".headers on\n.mode box\n.shell touch ran\n");
        let outcome = import(&sandbox, "--yes any");
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:#?}");
        assert!(outcome.stdout.starts_with(&format!("[ROOT]/here/any ({kind})\n")), "{outcome:#?}");
        let mut wanted = vec![format!("My Kimi kimi becomes KIMI_CODE_API_KEY {BECOMES}")];
        wanted.extend(more.map(str::to_owned));
        assert_eq!(rows(&outcome), wanted);
        assert_eq!(sandbox.read(CONFIG), WRITTEN);
        assert!(!sandbox.path("here/ran").exists());
    }
}

#[test]
fn the_current_provider_of_cc_switch_is_taken_before_others_of_the_same_vendor() {
    if !has("sqlite3") {
        return;
    }
    let sql = cc_switch(&[
        ("Old", &settings(KIMI, "sk-kimi-SENTINEL-old")),
        ("New", &settings(KIMI, "sk-kimi-SENTINEL")),
    ]) + "UPDATE providers SET is_current = 1 WHERE name = 'New';";
    let sandbox = database(sandbox(), "any", &sql);
    assert_eq!(
        rows(&import(&sandbox, "--yes any")),
        [
            &*format!("New kimi becomes KIMI_CODE_API_KEY {BECOMES}"),
            "Old kimi not imported: the key of New is taken; a second account is an entry with like = \"kimi\" in exec.toml",
        ]
    );
    assert_eq!(sandbox.read(CONFIG), WRITTEN);
}

#[test]
fn without_sqlite3_or_if_it_fails_it_is_said_what_to_do() {
    let sqlite = [b"SQLite format 3\0".as_slice(), b"SENTINEL app_config"].concat();
    let outcome = import(&sandbox().env("PATH", "/nowhere").file("here/any", &sqlite), "any");
    outcome.fails(
        125,
        "jackin-exec: [ROOT]/here/any: an SQLite database, and sqlite3 is not in PATH (relative entries are skipped)\n\
         hint: install sqlite3; or where it is: (umask 077; sqlite3 [ROOT]/here/any \"SELECT json_object('Providers', json_extract(value_json, '$.Providers')) FROM app_config WHERE key = 'default' AND json_valid(value_json)\" > keys.json), and import keys.json\n",
    );
    for (script, said) in [
        (
            "echo sk-kimi-SENTINEL; echo no: sk-kimi-SENTINEL >&2; exit 3",
            "sqlite3 ended with 3: no: •••",
        ),
        ("exit 1", "sqlite3 ended with 1"),
        ("echo providers", "sqlite3 printed something unexpected"),
        ("echo other", "not a file that auth import understands"),
        ("echo; echo SENTINEL", "not a file that auth import understands"),
    ] {
        let sandbox =
            sandbox().file("here/any", &sqlite).script("bin/sqlite3", script).path_first("bin");
        let outcome = import(&sandbox, "--yes any");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{script}");
        let said = format!("jackin-exec: [ROOT]/here/any: {said}\n");
        assert!(outcome.stderr.starts_with(&said), "{script}: {outcome:#?}");
        assert_eq!(sandbox.read(CONFIG), "");
    }
    if has("sqlite3") {
        let outcome = import(&sandbox().file("here/any", &sqlite), "--yes any");
        assert_eq!(outcome.status, 125);
        assert!(outcome.stderr.contains("file is not a database"), "{outcome:#?}");
    }
}

#[test]
fn sqlite3_gets_no_key_of_the_environment() {
    let sqlite = b"SQLite format 3\0".as_slice();
    let sandbox = sandbox()
        .file("here/any", sqlite)
        .script("bin/sqlite3", "env > \"$HOME/seen\"; echo \"$@\" >> \"$HOME/seen\"; exit 1")
        .path_first("bin")
        .env("ZAI_API_KEY", "SENTINEL")
        .env("ANTHROPIC_AUTH_TOKEN", "SENTINEL")
        .env("ANY", "SENTINEL");
    import(&sandbox, "any");
    let seen = sandbox.read("home/seen");
    assert!(
        seen.contains("PATH=") && seen.contains("-readonly") && !seen.contains("SENTINEL"),
        "{seen}"
    );
}

#[test]
fn what_is_no_key_or_whose_provider_is_not_known_stays_out_with_the_reason() {
    let text = "export ZAI_API_KEY=$(touch ran; echo SENTINEL)\n\
         export MINIMAX_API_KEY=`touch ran`\n\
         export DEEPSEEK_API_KEY=\"$OTHER_KEY\"\n\
         export FIREWORKS_API_KEY=\"$sentinel_SENTINEL\"\n\
         export KIMI_CODE_API_KEY=sk-ant-SENTINEL\n\
         export OPENROUTER_API_KEY=YOUR_SENTINEL\n\
         export LONGCAT_API_KEY='SENTINEL\u{e9}'\n\
         export NOVITA_API_KEY=op://a/SENTINEL/c\n\
         export OPENAI_API_KEY=sk-proj-SENTINEL\n\
         export ANTHROPIC_API_KEY=sk-ant-SENTINEL\n";
    let sandbox = sandbox().file("here/any", text);
    let computed = "not imported: its value is a shell expression, and import does not run anything; jackin-exec auth set";
    let outcome = import(&sandbox, "--yes any");
    assert_eq!(
        rows(&outcome),
        [
            &*format!("ZAI_API_KEY zai {computed} zai refers to it with --env or --command"),
            &format!(
                "MINIMAX_API_KEY minimax {computed} minimax refers to it with --env or --command"
            ),
            "DEEPSEEK_API_KEY deepseek not imported: it is in a variable; jackin-exec auth set deepseek --env OTHER_KEY",
            &format!(
                "FIREWORKS_API_KEY fireworks {computed} fireworks refers to it with --env or --command"
            ),
            "KIMI_CODE_API_KEY kimi not imported: the key begins like a key of Anthropic, and would be sent to Kimi",
            "OPENROUTER_API_KEY openrouter not imported: a placeholder, not a key",
            "LONGCAT_API_KEY longcat not imported: the key contains a character that is not ASCII; it may be invisible",
            "NOVITA_API_KEY novita not imported: a reference, not a key; jackin-exec auth set novita --op",
            "OPENAI_API_KEY - not imported: no provider for OPENAI_API_KEY",
            "ANTHROPIC_API_KEY - not imported: a stored key of Anthropic would replace its login everywhere; jackin-exec auth set anthropic",
        ]
    );
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    assert!(outcome.stdout.ends_with("\nnothing to write\n"), "{outcome:#?}");
    assert_eq!(sandbox.read(CONFIG), "");
    assert!(!sandbox.path("here/ran").exists());
}

#[test]
fn a_key_of_anthropics_beside_an_alias_for_another_provider_is_anthropics() {
    let text = "alias ck='ANTHROPIC_BASE_URL=https://api.kimi.com/coding claude'\n\
                export ANTHROPIC_API_KEY=sk-ant-SENTINEL\n";
    let sandbox = sandbox().file("here/any", text);
    assert_eq!(
        rows(&import(&sandbox, "--yes any")),
        [
            "ANTHROPIC_API_KEY - not imported: a stored key of Anthropic would replace its login everywhere; jackin-exec auth set anthropic"
        ]
    );
    // Another key is the alias's, and so is one of its own line.
    let text = text.replace("sk-ant-", "sk-kimi-");
    let imported = rows(&import(&sandbox.file("here/any", text), "--yes any"));
    assert!(imported[0].starts_with("ANTHROPIC_API_KEY kimi becomes "), "{imported:?}");
}

#[test]
fn a_file_that_cannot_be_read_or_understood_is_refused_whole_and_nothing_is_written() {
    let good = "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n";
    let base = || sandbox().file("here/good", good);
    let huge = format!("{good}{}", "# SENTINEL\n".repeat(1 << 21));
    for (sandbox, said) in [
        (base(), "no such file or directory"),
        (base().folder("here/any"), "not a regular file"),
        (base().fifo("here/any"), "not a regular file"),
        (base().link("here/any", "nowhere"), "no such file or directory"),
        (base().file("here/any", ""), "not a file that auth import understands"),
        (base().file("here/any", "SENTINEL\n"), "not a file that auth import understands"),
        (base().file("here/any", "A=SENTINEL\0"), "not a file that auth import understands"),
        (base().file("here/any", "{}"), "not a file that auth import understands"),
        (base().file("here/any", "[\"SENTINEL\"]"), "not a file that auth import understands"),
        (
            base().file("here/any", "{\"env\": \"SENTINEL\"}"),
            "not a file that auth import understands",
        ),
        (
            base().file("here/any", "{\"profiles\": {\"glm\": \"~/.ccs/SENTINEL.settings.json\"}}"),
            "the list of ccs's profiles, without keys",
        ),
        (base().file("here/any", &huge), "larger than 16 MiB"),
        (base().file("here/any", good).mode("here/any", 0o666), "may be written by everybody"),
    ] {
        let outcome = import(&sandbox, "--yes good any");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{said}: {outcome:#?}");
        let said = format!("jackin-exec: [ROOT]/here/any: {said}\n");
        assert!(outcome.stderr.starts_with(&said), "{said}: {outcome:#?}");
        assert_eq!(sandbox.read(CONFIG), "", "{said}");
    }
    for (text, place) in [
        ("{\"env\": {\n  \"A\": \"SENTINEL\n", "3:1"),
        ("{\"env\": {}} SENTINEL", "1:13"),
        ("{ // SENTINEL\n}", "1:3"),
        ("{\"a\": SENTINEL}", "1:7"),
    ] {
        let outcome = import(&base().file("here/any", text), "--yes good any");
        outcome.fails(
            125,
            &format!("jackin-exec: [ROOT]/here/any:{place}: expected JSON\nhint: remove comments and trailing commas in a copy\n"),
        );
    }
}

#[test]
fn a_file_of_another_user_is_refused() {
    if !is_root() {
        return;
    }
    let sandbox = sandbox()
        .file("here/any", "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n")
        .owner("here/any", 12345);
    import(&sandbox, "--yes any").fails(
        125,
        "jackin-exec: [ROOT]/here/any: belongs to another user (12345)\nhint: if you trust it, import a copy in a folder of your own\n",
    );
    assert_eq!(sandbox.read(CONFIG), "");
}

#[test]
fn a_file_that_another_user_could_have_chosen_is_refused() {
    let text = "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n";
    let refused = |sandbox: Sandbox, words: &str, said: &str| {
        let hint = "hint: if you trust it, import a copy in a folder of your own\n";
        let said = format!("jackin-exec: [ROOT]/{said}\n{hint}");
        import(&sandbox, &format!("--yes {words}")).fails(125, &said);
        assert_eq!(sandbox.read(CONFIG), "", "{words}");
    };
    let linked = || {
        let home = sandbox().file("mine/any", text).link("here/team/any", "../../mine/any");
        home.link("here/team/dots", "../../mine").link("here/link", "team/dots/any")
    };
    let words = ["team/any", "team/dots/any", "link"];
    for word in words {
        let said = "here/team: may be written by everybody";
        refused(linked().mode("here/team", 0o777), word, said);
        if is_root() {
            let said = "here/team: belongs to another user (4321)";
            refused(linked().owner("here/team", 4321), word, said);
        }
        assert_eq!(import(&linked(), &format!("--yes {word}")).status, 0, "{word}");
    }
    if has("sqlite3") {
        // Another user could put a journal beside it.
        let base = || database(sandbox().folder("here/team"), "team/any", &cc_switch(&[]));
        let said = "here/team: may be written by everybody";
        refused(base().mode("here/team", 0o1777), "team/any", said);
        if is_root() {
            let said = "here/team: belongs to another user (4321)";
            refused(base().owner("here/team", 4321), "team/any", said);
        }
    }
}

#[test]
fn a_key_in_the_place_of_a_file_is_not_repeated() {
    let sandbox = sandbox();
    import(&sandbox, "sk-kimi-SENTINEL").fails(
        125,
        "jackin-exec: auth import needs a file; what was given may be a key\nhint: auth set PROVIDER asks for a key\n",
    );
}

#[test]
fn without_a_file_the_usual_ones_that_exist_are_listed_and_none_is_opened() {
    let outcome = import(&sandbox(), "");
    outcome.fails(
        125,
        "jackin-exec: auth import needs a file\n\
         hint: name a file of cc-switch, ccs, claude-code-router or Claude Code, or a shell profile; none of the usual ones is here\n",
    );
    let sandbox = sandbox()
        .file("home/.cc-switch/cc-switch.db", "SENTINEL")
        .file("home/.ccs/glm.settings.json", "SENTINEL")
        .file("home/.ccs/config.json", "SENTINEL")
        .file("home/.bashrc", "SENTINEL")
        .mode("home/.bashrc", 0)
        .folder("home/.zshrc")
        .file("home/.claude/settings.json", "SENTINEL");
    import(&sandbox, "").fails(
        125,
        "jackin-exec: auth import needs a file\n\
         hint: these are here: [ROOT]/home/.cc-switch/cc-switch.db, [ROOT]/home/.claude/settings.json, [ROOT]/home/.bashrc and [ROOT]/home/.ccs/glm.settings.json\n",
    );
}

#[test]
fn a_key_that_is_there_is_kept_unless_it_is_to_be_replaced() {
    let text = "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL\nexport ZAI_API_KEY=SENTINEL-zai\n";
    let before = "[env]\nZAI_API_KEY = \"old\" # theirs\n";
    let with = || sandbox().file("here/any", text).config(before).exec("[ignore]\nkimi = true\n");
    let sandbox = with();
    let outcome = import(&sandbox, "--yes any");
    assert_eq!(
        rows(&outcome),
        [
            "KIMI_CODE_API_KEY kimi kept: it is ignored there",
            "ZAI_API_KEY zai kept: ZAI_API_KEY is there already"
        ]
    );
    assert!(
        outcome
            .stdout
            .ends_with("\nhint: --replace writes those that are kept, too\nnothing to write\n")
    );
    assert_eq!(sandbox.read(CONFIG), before);

    let sandbox = with();
    let outcome = import(&sandbox, "--yes --replace any");
    assert_eq!(
        rows(&outcome),
        [
            format!("KIMI_CODE_API_KEY kimi becomes KIMI_CODE_API_KEY {BECOMES}"),
            format!(
                "ZAI_API_KEY zai becomes ZAI_API_KEY {BECOMES}; replaces the key that is there"
            ),
        ]
    );
    assert!(outcome.stdout.contains("\n2 keys are set in the global scope, "), "{outcome:#?}");
    assert_eq!(
        sandbox.read(CONFIG),
        "[env]\nZAI_API_KEY = \"SENTINEL-zai\" # theirs\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n"
    );
    assert_eq!(sandbox.read(EXEC), "");
}

#[test]
fn keys_go_into_the_scope_that_the_options_name() {
    let workspace = "workdir = \"/w\"\n\n[[mounts]]\nsrc = \"/w\"\ndst = \"/w\"\n";
    let text = "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n";
    let key = "KIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n";
    let of_workspace = "home/.config/jackin/workspaces/w.toml";
    for (words, file, wanted) in [
        ("-w w", of_workspace, format!("{workspace}\n[env]\n{key}")),
        ("-w w -r acme/r", of_workspace, format!("{workspace}\n[roles.\"acme/r\".env]\n{key}")),
        (
            "--role ACME/r",
            CONFIG,
            format!("[roles.\"acme/r\"]\ngit = \"https://x\"\n\n[roles.\"acme/r\".env]\n{key}"),
        ),
        ("--role b", EXEC, format!("[roles.b.env]\nA = \"1\"\n{key}")),
        ("--global", CONFIG, format!("[roles.\"acme/r\"]\ngit = \"https://x\"\n\n[env]\n{key}")),
    ] {
        let sandbox = sandbox()
            .file("here/any", text)
            .workspace("w", workspace)
            .config("[roles.\"acme/r\"]\ngit = \"https://x\"\n")
            .exec("[roles.b.env]\nA = \"1\"\n");
        let outcome = import(&sandbox, &format!("--yes any {words}"));
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{words}: {outcome:#?}");
        assert_eq!(sandbox.read(file), wanted, "{words}");
    }
    for (words, said) in [
        ("-w nowhere any", "no workspace named nowhere"),
        ("-w w --global any", "--global excludes --workspace and --role"),
        ("-p kimi any", "auth import takes no provider: the files say whose each key is"),
        ("--json any", "--json and --no-workspace are for showing"),
    ] {
        let sandbox = sandbox().file("here/any", text).workspace("w", workspace);
        let outcome = import(&sandbox, &format!("--yes {words}"));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{words}");
        assert!(outcome.stderr.contains(said), "{words}: {outcome:#?}");
        assert_eq!(sandbox.read(of_workspace), workspace);
    }
}

#[test]
fn a_provider_of_ones_own_gets_its_key() {
    let sandbox = sandbox()
        .exec("[providers.relay]\nlabel = \"Relay\"\nbase_url = \"https://relay.example/api\"\nkey_env = \"RELAY_TOKEN\"\nmodel = \"m\"\n")
        .file("here/one", settings("https://relay.example/api/", "sk-SENTINEL"))
        .file("here/two", "RELAY_TOKEN=sk-SENTINEL\n");
    let outcome = import(&sandbox, "--yes one two");
    assert_eq!(
        rows(&outcome),
        [
            &*format!("ANTHROPIC_AUTH_TOKEN relay becomes RELAY_TOKEN {BECOMES}"),
            "RELAY_TOKEN relay not imported: the same key as that of ANTHROPIC_AUTH_TOKEN",
        ]
    );
    assert_eq!(
        sandbox.read(CONFIG),
        "version = \"v1alpha9\"\n\n[env]\nRELAY_TOKEN = \"sk-SENTINEL\"\n"
    );
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_written() {
    let sandbox = sandbox().file("here/any", "KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n");
    let outcome = import(&sandbox, "any");
    assert_eq!(outcome.status, 125);
    assert_eq!(
        rows(&outcome),
        [format!("KIMI_CODE_API_KEY kimi becomes KIMI_CODE_API_KEY {BECOMES}")]
    );
    assert_eq!(
        outcome.stderr,
        "jackin-exec: nothing is written without a yes, and there is no terminal to ask on\nhint: --yes writes it without asking\n"
    );
    assert!(!sandbox.path(CONFIG).exists());
}

#[test]
fn only_a_yes_on_the_terminal_writes() {
    for (keys, end, is_written) in [
        ("y\n", "exit 0", true),
        ("YES\n", "exit 0", true),
        ("\n", "exit 130", false),
        ("n\n", "exit 130", false),
        ("yy\n", "exit 130", false),
        ("\x04", "exit 130", false),
        ("\x03", "signal 2", false),
    ] {
        let sandbox =
            sandbox().env("TERM", "xterm").file("here/any", "KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n");
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&sandbox.launch().words(["auth", "import", "any"]));
        terminal.wait_for("write 1 key? [y/N]: ").send(keys);
        assert_eq!(terminal.end(), end, "{keys:?}: {:?}", terminal.text());
        assert_eq!(terminal.modes(), before, "{keys:?}");
        assert!(!terminal.text().contains("SENTINEL"), "{:?}", terminal.text());
        assert_eq!(sandbox.read(CONFIG), if is_written { WRITTEN } else { "" }, "{keys:?}");
    }
}

#[test]
fn ctrl_z_at_the_question_stops_it_and_fg_asks_again() {
    let sandbox =
        sandbox().env("TERM", "xterm").file("here/any", "KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n");
    let script = format!("{PROGRAM} auth import any; echo stopped $?; fg; echo ended $?");
    let launch = sandbox.launch().program("/bin/bash").words(["--norc", "-mc", &script]);
    let mut terminal = Terminal::open().start(&launch);
    terminal.wait_for("[y/N]: ").send("\x1a").wait_for("stopped 148");
    terminal.wait_for("[y/N]: ").send("y\n").wait_for("ended 0");
    terminal.end();
    assert_eq!(sandbox.read(CONFIG), WRITTEN);
}

#[test]
fn nobody_holds_the_lock_while_a_person_decides_and_what_changed_meanwhile_is_not_overwritten() {
    for (other, said) in [
        ("auth set zai --env K", "1 key is set in the global scope"),
        (
            "auth set kimi --env K",
            "the configuration has changed in the meantime; nothing is written",
        ),
    ] {
        let sandbox = sandbox()
            .env("TERM", "xterm")
            .file("home/.config/jackin/config.lock", "")
            .file("here/any", "KIMI_CODE_API_KEY=sk-kimi-SENTINEL\n");
        let mut terminal =
            Terminal::open().start(&sandbox.launch().words(["auth", "import", "any"]));
        terminal.wait_for("[y/N]: ");
        let file = fs::File::open(sandbox.config_dir().join("config.lock")).unwrap();
        let lock = Flock::lock(
            file.as_fd().try_clone_to_owned().unwrap(),
            FlockArg::LockExclusiveNonblock,
        );
        drop(lock.unwrap());
        assert_eq!(sandbox.run(other.split(' ')).status, 0);
        terminal.send("y\n").wait_for(said);
        terminal.end();
        assert!(sandbox.read(CONFIG).contains("\"$K\""), "{}", sandbox.read(CONFIG));
    }
}

#[test]
fn a_key_that_does_not_look_like_the_providers_is_reported_before_the_question() {
    let sandbox = sandbox().file("here/any", "export KIMI_CODE_API_KEY=sk-SENTINEL\n");
    let outcome = import(&sandbox, "--yes any");
    assert_eq!(outcome.status, 0);
    assert!(
        outcome.stderr.contains("warning: KIMI_CODE_API_KEY does not begin with sk-kimi-"),
        "{outcome:#?}"
    );
}

#[test]
fn names_from_the_file_cannot_change_what_a_terminal_shows() {
    let text = r#"{"Providers":[{"name":"a\u001b[2Jb","api_base_url":"https://api.kimi.com/coding","api_key":"sk-kimi-SENTINEL"},{"name":"sk-kimi-SENTINEL","api_base_url":"https://x.example","api_key":"k"}]}"#;
    let outcome = import(&sandbox().file("here/any", text), "--yes any");
    assert_eq!(
        rows(&outcome),
        [
            &*format!("a\\u{{1b}}[2Jb kimi becomes KIMI_CODE_API_KEY {BECOMES}"),
            "that (not shown: it may be a key) - not imported: no provider for https://x.example",
        ]
    );
}

#[test]
fn completion_offers_files_for_every_word() {
    for words in ["auth import ", "auth import any "] {
        let outcome = sandbox().run(format!("completions bash -- jackin-exec {words}").split(' '));
        assert_eq!(outcome.stdout, "files\n", "{words}");
    }
}
