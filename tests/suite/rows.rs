//! A user's own rows: `catalog.d/*.toml`.

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;

const FOLDER: &str = "home/.config/jackin/catalog.d";

fn file(sandbox: Sandbox, name: &str, text: &str) -> Sandbox {
    sandbox.rooted(&format!("{FOLDER}/{name}.toml"), text)
}

fn rows(text: &str) -> Sandbox {
    file(sandbox(), "team", text)
}

/// A row with these lines before those that every row needs.
fn row(id: &str, lines: &str) -> String {
    let name = id.to_uppercase().replace('-', "_");
    let mut text = format!("[providers.{id}]\n{lines}");
    for (key, line) in [
        ("label", format!("label = \"{name}\"\n")),
        ("base_url", format!("base_url = \"https://{id}.example/anthropic\"\n")),
        ("key_env", format!("key_env = \"{name}_API_KEY\"\n")),
        ("model", "model = \"m-1\"\n".to_owned()),
        ("context_tokens", "context_tokens = 128000\n".to_owned()),
        ("source", "source = \"our wiki\"\n".to_owned()),
        ("checked", "checked = \"2026-11-01\"\n".to_owned()),
        ("confidence", "confidence = \"other tools\"\n".to_owned()),
    ] {
        let is_given = |given: &str| {
            let name = given.split(' ').next().unwrap_or_default();
            name == key || (key == "key_env" && name == "key")
        };
        if !lines.lines().any(is_given) {
            text.push_str(&line);
        }
    }
    text
}

const SHOW: [&str; 5] = ["-q", "-p", "acme", "sh", "-c"];

/// Runs a script on the provider `acme`.
fn acme(home: &Sandbox, script: &str) -> crate::support::Outcome {
    home.run([&SHOW[..], &[script]].concat())
}

#[test]
fn a_new_row_is_a_provider_like_a_preset() {
    let lines = "aliases = [\"acme-cloud\"]\nkey_page = \"https://acme.example/keys\"\n\
                 key_env_elsewhere = [\"ACME_TOKEN\"]\nauth = \"x-api-key\"\nheader = \"x-team: blue\"\n\
                 windows = { \"m-2\" = 300000 }\nlimits = [\"ten requests a minute\"]\n\
                 env = { ENABLE_TOOL_SEARCH = { value = \"false\", why = \"it answers 400\" } }\n";
    let home = rows(&row("acme", lines));
    let keyed = home.run(["-p", "acme", "true"]);
    keyed.fails(
        125,
        "jackin-exec: provider acme has no key: ACME_API_KEY is not set\n\
         hint: get one at https://acme.example/keys; jackin-exec auth set acme asks for it; or set \
         ACME_API_KEY in the environment\n",
    );
    let home = home.env("ACME_TOKEN", SENTINEL);
    let elsewhere = home.run(["-p", "acme", "true"]);
    assert!(
        elsewhere.stderr.ends_with("hint: ACME_TOKEN is set, but the name is ACME_API_KEY\n"),
        "{}",
        elsewhere.stderr
    );
    let home = home.env_remove("ACME_TOKEN").env("ACME_API_KEY", "acme-key");
    acme(&home, "echo $ANTHROPIC_BASE_URL $ANTHROPIC_AUTH_TOKEN; echo $ACME_API_KEY$ENABLE_TOOL_SEARCH; \
                 echo $ANTHROPIC_MODEL $CLAUDE_CODE_MAX_CONTEXT_TOKENS; echo \"$ANTHROPIC_CUSTOM_HEADERS\"")
        .prints(
            "https://acme.example/anthropic acme-key\nfalse\nm-1 128000\nx-api-key: acme-key\nx-team: blue\n",
        );
    let window =
        ["-q", "-p", "acme", "-m", "m-2", "sh", "-c", "echo $CLAUDE_CODE_MAX_CONTEXT_TOKENS"];
    home.run(window).prints("300000\n");
    // Its key is kept from every other provider's command.
    home.run(["-q", "-p", "anthropic", "sh", "-c", "echo ${ACME_API_KEY-gone}"]).prints("gone\n");
    // Without a provider named, it is one of two.
    let open = home.run(["true"]);
    assert!(open.stderr.contains("candidates: anthropic, acme\n"), "{}", open.stderr);
    let alias = home.run(["-p", "acme-cloud", "true"]);
    assert!(alias.stderr.ends_with("hint: did you mean acme?\n"), "{}", alias.stderr);
    let word = home.run(["-p", "anthropic", "acme-cloud"]);
    assert!(word.stderr.ends_with("hint: did you mean jackin-exec -p acme?\n"), "{}", word.stderr);
    let shown = home.run(["providers", "acme"]).stdout;
    for line in [
        "row          catalog.d/team.toml\n",
        "header       x-team: blue\n",
        "sets         ENABLE_TOOL_SEARCH=false (it answers 400)\n",
        "limit        ten requests a minute\n",
        "source       our wiki\n",
        "checked      2026-11-01",
    ] {
        assert!(shown.contains(line), "{line}in\n{shown}");
    }
    let listed = home.run(["providers"]).stdout;
    assert!(listed.contains("acme       ACME       ready, key from environment\n"), "{listed}");
    // Its place in the question is after the presets.
    let all = home.run(["providers", "--all", "--json"]).json();
    let last = all.as_array().unwrap().last().unwrap();
    assert_eq!((&last["id"], &last["row"]), (&"acme".into(), &"catalog.d/team.toml".into()));
}

#[test]
fn a_row_of_a_known_id_takes_the_place_of_the_preset_with_all_that_it_says() {
    let text = row(
        "kimi",
        "label = \"Kimi of ours\"\nbase_url = \"https://kimi.example\"\nkey_env = \"KIMI_CODE_API_KEY\"\n",
    );
    let home = rows(&text).env("KIMI_CODE_API_KEY", SENTINEL);
    let words = [
        "-q",
        "-p",
        "kimi",
        "sh",
        "-c",
        "echo $ANTHROPIC_BASE_URL ${ENABLE_TOOL_SEARCH-unset} $ANTHROPIC_MODEL",
    ];
    home.run(words).prints("https://kimi.example unset m-1\n");
    let shown = home.run(["providers", "kimi"]).stdout;
    assert!(
        shown.contains("row       catalog.d/team.toml, in place of the built-in row\n"),
        "{shown}"
    );
    assert!(!shown.contains("kimi.com/code/console") && !shown.contains("kimi-code"), "{shown}");
    let plan = home.run(["-p", "kimi", "--dry-run"]);
    assert!(
        plan.stdout.starts_with(
            "provider   Kimi of ours (kimi), from --provider; row of catalog.d/team.toml\n"
        ),
        "{}",
        plan.stdout
    );
    let plan = home.run(["-p", "kimi", "--dry-run", "--json"]);
    assert_eq!(plan.json()["provider"]["row"], "catalog.d/team.toml");
    let doctor = home.run(["doctor"]).stdout;
    assert!(
        doctor.contains("/catalog.d/team.toml\n")
            && doctor.contains("; row of catalog.d/team.toml"),
        "{doctor}"
    );
    // Its place in the question is the preset's.
    let all = home.run(["providers", "--all", "--json"]).json();
    let ids: Vec<&str> =
        all.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((ids[3], ids.len()), ("kimi", 41));
    // A link follows it, too.
    let link = rows(&text).env("KIMI_CODE_API_KEY", SENTINEL).linked_as("bin/jackin-kimi");
    link.run(["sh", "-c", "echo $ANTHROPIC_BASE_URL"]).prints("https://kimi.example\n");
}

/// The lines of a command's output that hold a word.
fn lines_with<'o>(outcome: &'o crate::support::Outcome, word: &str) -> Vec<&'o str> {
    outcome.shows_no_secret().stdout.lines().filter(|line| line.contains(word)).collect()
}

#[test]
fn a_known_provider_that_goes_elsewhere_is_shown_with_the_line_that_says_so() {
    let known = "key_env = \"KIMI_CODE_API_KEY\"\n";
    let home = rows(&row("kimi", known)).env("KIMI_CODE_API_KEY", SENTINEL);
    let text = "base URL changed by [ROOT]/home/.config/jackin/catalog.d/team.toml:4:12 (the preset's is https://api.kimi.com/coding)";
    let shown = home.run(["providers", "kimi"]);
    assert_eq!(lines_with(&shown, "changed by"), [format!("          {text}")]);
    let doctor = home.run(["doctor", "--json"]).json();
    let finding = |message: &str| {
        let mut all = doctor.as_array().unwrap().iter();
        all.find(|one| one["message"].as_str().unwrap().contains(message)).cloned().unwrap()
    };
    let found = finding("changed by");
    assert_eq!(
        (&found["status"], &found["message"]),
        (&"warn".into(), &format!("KIMI: {text}").into())
    );
    let hint = "a key for Kimi goes there: ask who wrote the row, or remove it; an endpoint of your own has an id and a key_env of its own";
    assert_eq!(found["remedy"], hint);
    let json = home.run(["providers", "kimi", "--json"]).json();
    let wanted = serde_json::json!({
        "by": "[ROOT]/home/.config/jackin/catalog.d/team.toml:4:12", "preset": "kimi",
        "from": "https://api.kimi.com/coding"
    });
    assert_eq!(json["moved"], wanted);
    // The same host is no change, whatever else is.
    let same = "base_url = \"https://api.kimi.com/coding/\"\nkey_env = \"KIMI_KEY\"\n";
    let same = rows(&row("kimi", same)).env("KIMI_KEY", SENTINEL);
    assert_eq!(lines_with(&same.run(["doctor"]), "changed by"), [""; 0]);
    assert_eq!(same.run(["providers", "kimi", "--json"]).json()["moved"], serde_json::Value::Null);
    // A new row may not take a known key, unless the row that had it is replaced.
    let mine = row("kimi", "key_env = \"KIMI_KEY\"\n") + &row("acme", known);
    let mine = rows(&mine).env("KIMI_CODE_API_KEY", SENTINEL);
    let text = "KIMI_CODE_API_KEY is the key of Kimi (https://api.kimi.com/coding); set by [ROOT]/home/.config/jackin/catalog.d/team.toml:13:12";
    assert_eq!(
        lines_with(&mine.run(["doctor"]), "is the key of Kimi"),
        [format!("warn  provider  ACME: {text}")]
    );
}

#[test]
fn a_known_provider_that_exec_toml_sends_elsewhere_is_shown_with_the_line_that_says_so() {
    let exec = "[ROOT]/home/.config/jackin/exec.toml";
    for (text, id, words) in [
        (
            "[providers.kimi]\nbase_url = \"https://kimi.example\"\n",
            "kimi",
            format!(
                "base URL changed by {exec}:2:12 (the preset's is https://api.kimi.com/coding)"
            ),
        ),
        (
            "[providers.mine]\nlike = \"kimi\"\nkey_env = \"MINE_KEY\"\nbase_url = \"https://kimi.example\"\n",
            "mine",
            format!(
                "base URL changed by {exec}:4:12 (the preset's is https://api.kimi.com/coding)"
            ),
        ),
        (
            "[providers.mine]\nbase_url = \"https://kimi.example\"\nkey_env = \"KIMI_CODE_API_KEY\"\nmodel = \"m\"\n",
            "mine",
            format!(
                "KIMI_CODE_API_KEY is the key of Kimi (https://api.kimi.com/coding); set by {exec}:2:12"
            ),
        ),
        (
            "[providers.minimax]\nkey_env = \"KIMI_CODE_API_KEY\"\n",
            "minimax",
            format!(
                "KIMI_CODE_API_KEY is the key of Kimi (https://api.kimi.com/coding); set by {exec}:2:11"
            ),
        ),
    ] {
        let home =
            sandbox().exec(text).env("KIMI_CODE_API_KEY", SENTINEL).env("MINE_KEY", SENTINEL);
        let shown = home.run(["providers", id]);
        assert_eq!(lines_with(&shown, &words).len(), 1, "{shown:#?}");
        let doctor = home.run(["doctor"]);
        let [line] = lines_with(&doctor, &words)[..] else { panic!("{doctor:#?}") };
        assert!(line.starts_with("ok "), "{line}");
        // The others are as they were.
        assert_eq!(
            lines_with(&doctor, "the preset's is").len()
                + lines_with(&doctor, "is the key of").len(),
            1
        );
    }
    let untouched =
        sandbox().exec("[providers.kimi]\nmodel = \"k3\"\n").env("KIMI_CODE_API_KEY", SENTINEL);
    assert_eq!(lines_with(&untouched.run(["providers", "kimi"]), "the preset's is"), [""; 0]);
}

#[test]
fn a_replaced_preset_is_found_by_the_key_of_its_row_alone() {
    let home = rows(&row("kimi", "key_env = \"KIMI_KEY\"\n")).env("KIMI_KEY", SENTINEL);
    let open = home.run(["true"]);
    assert!(open.stderr.contains("candidates: anthropic, kimi\n"), "{}", open.stderr);
    // The preset's own name still holds a key, and no command gets it.
    let home = home.env("KIMI_CODE_API_KEY", SENTINEL);
    home.run(["-q", "-p", "anthropic", "sh", "-c", "echo ${KIMI_CODE_API_KEY-gone}"])
        .prints("gone\n");
}

#[test]
fn exec_toml_is_applied_to_rows_as_to_presets() {
    let home = rows(&row("acme", ""))
        .exec(
            "default_provider = \"acme\"\n[providers.acme]\nmodel = \"m-3\"\n\
             [providers.acme-work]\nlike = \"acme\"\nkey_env = \"WORK_KEY\"\n[workspaces.w]\nproviders = [\"kimi\"]\n",
        )
        .workspace("w", "workdir = \"~/.config\"\n")
        .env("ACME_API_KEY", "private-key")
        .env("WORK_KEY", "work-key");
    let show =
        "echo $JACKIN_EXEC_ACTIVE $ANTHROPIC_BASE_URL $ANTHROPIC_AUTH_TOKEN $ANTHROPIC_MODEL";
    home.run(["-q", "sh", "-c", show])
        .prints("acme https://acme.example/anthropic private-key m-3\n");
    home.run(["-q", "-p", "acme-work", "sh", "-c", show])
        .prints("acme-work https://acme.example/anthropic work-key m-1\n");
    home.run(["-w", "w", "-p", "acme", "true"]).fails(
        125,
        "jackin-exec: workspace w does not allow provider acme; it allows kimi\n\
         hint: the list is `providers` of [workspaces.w] in exec.toml\n",
    );
}

#[test]
fn auth_and_completion_and_links_know_a_new_row() {
    let home = rows(&row("acme", ""));
    let set = home.run(["auth", "set", "acme", "--env", "MY_ACME"]);
    assert!(set.stdout.starts_with("ACME: ACME_API_KEY is set in the global scope, "), "{set:#?}");
    home.run(["completions", "bash", "--", "jackin-exec", "-p", "acm"])
        .prints("words\nacme\tACME\n");
    let link = rows(&row("acme", "")).env("ACME_API_KEY", "k").linked_as("bin/jackin-acme");
    link.run(["sh", "-c", "echo $JACKIN_EXEC_ACTIVE"]).prints("acme\n");
}

#[test]
fn a_server_of_a_row_is_offered_only_where_it_is_named() {
    let local = "base_url = \"http://127.0.0.1:9\"\nkey = false\nlocal = true\n";
    let home = rows(&row("acme", local));
    home.run(["-q", "sh", "-c", "echo $JACKIN_EXEC_ACTIVE"]).prints("anthropic\n");
    acme(&home, "echo $JACKIN_EXEC_ACTIVE").prints("acme\n");
    let listed = home.run(["providers"]).stdout;
    assert!(listed.contains("acme       ACME       a server on this machine"), "{listed}");
}

#[test]
fn the_beginnings_of_a_rows_keys_are_its_own() {
    let lines = "key_begins = [\"sk-ant-acme-\"]\nkey_otherwise = \"a key of the old console does not work\"\n";
    let home = rows(&row("acme", lines));
    let right = home.env("ACME_API_KEY", "sk-ant-acme-SENTINEL");
    right.run(["-p", "acme", "true"]).is(0, "", "");
    let wrong = right.env("ACME_API_KEY", "0123456789");
    let said = wrong.run(["-p", "acme", "true"]).stderr;
    assert!(said.contains("sk-ant-acme-") && said.contains("old console"), "{said}");
}

/// Three mistakes that people make in a file of rows, and others that would lose a key or a route:
/// the row's lines, the place in the file, and the words.
const MISTAKES: &[(&str, &str)] = &[
    (
        "base_url = \"https://acme.example/v1\"\n",
        "2:12: expected a base URL without /v1, which the client adds itself",
    ),
    ("checked = \"01.11.2026\"\n", "2:11: expected a day as \"YYYY-MM-DD\""),
    ("lable = \"Acme\"\n", "2:1: unknown key; did you mean label?"),
    ("key_env = \"[SECRET]\"\n", "2:11: expected the name of a variable"),
    (
        "api_key = \"[SECRET]\"\n",
        "2:1: unknown key; known are aliases, label, base_url, key, key_env, key_env_elsewhere, key_begins, key_otherwise, key_page, auth, header, model, models, context_tokens, windows, timeout_ms, env, local, limits, unsure, source, checked, confidence, confidence_models",
    ),
    (
        "key_env = \"PATH\"\n",
        "2:11: expected another name: the host or Claude Code itself needs this one",
    ),
    ("key_env = \"DOCKER_HOST\"\n", "2:11: DOCKER_HOST is reserved by jackin"),
    ("key = \"[SECRET]\"\n", "2:7: expected key_env = \"NAME\" or key = false, not both"),
    (
        "key = false\nauth = \"x-api-key\"\n",
        "3:8: expected auth = \"bearer\": without a key there is none to send twice",
    ),
    (
        "base_url = \"http://acme.example\"\n",
        "2:12: expected https://, because the key would be sent unencrypted; or key = false",
    ),
    (
        "base_url = \"https://u:[SECRET]@acme.example\"\n",
        "2:12: expected a base URL without a user name or password",
    ),
    (
        "label = \"a\\u202eb\"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    (
        "header = \"x-api-key: [SECRET]\"\n",
        "2:10: expected one header as \"name: value\", which is not a credential",
    ),
    (
        "header = \"x-acme: Bearer sk-[SECRET]\"\n",
        "2:10: expected a header without a key: rows are shown",
    ),
    (
        "env = { ANTHROPIC_API_KEY = { value = \"[SECRET]\", why = \"x\" } }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "env = { LD_PRELOAD = { value = \"/x\", why = \"x\" } }\n",
        "2:9: expected a variable that only tunes Claude Code's requests, such as ENABLE_TOOL_SEARCH; another one goes into env of [providers.ID] in exec.toml",
    ),
    (
        "env = { ENABLE_TOOL_SEARCH = { value = \"sk-[SECRET]\", why = \"x\" } }\n",
        "2:9: expected a value that is no key: rows are shown; a secret goes into exec.toml",
    ),
    (
        "key_env = \"GITHUB_TOKEN\"\n",
        "2:11: expected the name of a variable in which no other tool keeps a secret; this one goes into key_env of [providers.ID] in exec.toml",
    ),
    (
        "key_env = \"MY_KEY\"\n",
        "2:11: expected the row's id in capitals with _API_KEY, _API_TOKEN, _KEY or _TOKEN after it, such as ACME_API_KEY for acme; another variable goes into key_env of [providers.ID] in exec.toml",
    ),
    ("env = { MINE = \"[SECRET]\" }\n", "2:16: expected { value = \"…\", why = \"…\" }"),
    (
        "context_tokens = \"[SECRET]\"\n",
        "2:18: expected tokens: a whole number from 1000 to 100000000",
    ),
    ("aliases = [\"glm\"]\n", "2:11: glm is also the name of the built-in row zai"),
    ("aliases = [\"kimi\"]\n", "2:11: kimi is also the name of the built-in row kimi"),
    (
        "key_env = \"KIMI_CODE_API_KEY\"\n",
        "2:11: key_env must differ, because a key fits one host, from that of the built-in row kimi",
    ),
    ("label = \"Kimi\"\n", "2:9: label must differ from that of the built-in row kimi"),
];

#[test]
fn a_row_with_a_mistake_is_placed_and_not_quoted_and_stops_only_those_who_want_it() {
    for (lines, words) in MISTAKES {
        let home = rows(&row("acme", lines)).env("ACME_API_KEY", SENTINEL);
        let place = format!("[ROOT]/{FOLDER}/team.toml:{words}");
        let wanted = format!("jackin-exec: {place}\n");
        home.run(["-p", "acme", "true"]).fails(125, &wanted);
        home.run(["providers", "acme"]).fails(125, &wanted);
        home.run(["auth", "set", "acme", "--env", "X"]).fails(125, &wanted);
        home.run(["-p", "ask", "true"]).fails(125, &wanted);
        // Everybody else goes on.
        let home = home.env("MINIMAX_API_KEY", SENTINEL);
        home.run(["-q", "-p", "minimax", "true"]).prints("");
        home.run(["-q", "-p", "anthropic", "true"]).prints("");
        let listed = home.run(["providers", "--json"]);
        let json = listed.json();
        let entry = json.as_array().unwrap().iter().find(|one| one["id"] == "acme").unwrap();
        assert_eq!(entry["wrong"], *place);
        listed.shows_no_secret();
        let doctor = home.run(["doctor", "--json"]);
        let place = words.split_once(' ').unwrap().0;
        assert!(doctor.stdout.contains(&format!("team.toml:{place}")), "{doctor:#?}");
        doctor.shows_no_secret();
    }
}

/// Rows are shared, and a launch does not show what they set.
#[test]
fn a_row_sets_no_variable_that_runs_a_program_or_moves_a_request() {
    for name in [
        "BASH_ENV",
        "CLAUDE_CODE_PROCESS_WRAPPER",
        "CLAUDE_CONFIG_DIR",
        "GIT_SSH_COMMAND",
        "HTTPS_PROXY",
        "NODE_EXTRA_CA_CERTS",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "PATH",
        "PYTHONPATH",
        "https_proxy",
    ] {
        // Everything else is the preset's, so nothing has moved.
        let same = "base_url = \"https://api.kimi.com/coding\"\nkey_env = \"KIMI_CODE_API_KEY\"\n";
        let env =
            format!("env = {{ {name} = {{ value = \"$(touch {SENTINEL})\", why = \"x\" }} }}\n");
        let home = rows(&row("kimi", &(env + same)))
            .env("KIMI_CODE_API_KEY", format!("sk-kimi-{SENTINEL}"));
        let wanted = format!(
            "jackin-exec: [ROOT]/{FOLDER}/team.toml:2:9: expected a variable that only tunes Claude \
             Code's requests, such as ENABLE_TOOL_SEARCH; another one goes into env of [providers.ID] \
             in exec.toml\n"
        );
        home.run(["-p", "kimi", "bash", "-c", "true"]).fails(125, &wanted).shows_no_secret();
        let doctor = home.run(["doctor"]);
        assert!(doctor.stdout.contains("team.toml:2:9"), "{doctor:#?}");
        doctor.shows_no_secret();
    }
}

#[test]
fn a_row_reads_its_key_from_no_variable_of_another_tool() {
    for (id, name) in [
        ("acme", "GITHUB_TOKEN"),
        ("acme", "NPM_TOKEN"),
        ("acme", "DATABASE_URL"),
        ("acme", "ACME_VAULT_TOKEN"),
        ("github", "GITHUB_TOKEN"),
        ("aws", "AWS_SECRET_ACCESS_KEY"),
        ("openai", "OPENAI_API_KEY"),
    ] {
        let home = rows(&row(id, &format!("key_env = \"{name}\"\n"))).env(name, SENTINEL);
        let refused = home.run(["-p", id, "true"]);
        let place = format!("jackin-exec: [ROOT]/{FOLDER}/team.toml:2:11: expected ");
        assert_eq!((refused.status, refused.stdout.as_str()), (125, ""), "{id} {name}");
        assert!(refused.stderr.starts_with(&place), "{}", refused.stderr);
        assert!(refused.stderr.contains("key_env of [providers.ID] in exec.toml"));
        refused.shows_no_secret();
        // The row has no say about the variable.
        let script = format!("echo ${{{name}:+kept}}");
        home.run(["-q", "-p", "anthropic", "sh", "-c", &script]).prints("kept\n");
        let listed = home.run(["providers", "--all"]);
        assert!(!listed.shows_no_secret().stdout.contains("ready, key"), "{listed:#?}");
    }
    // The operator's own file may choose any name.
    let home = rows(&row("acme", ""))
        .exec(
            "[providers.acme]\nkey_env = \"COMPANY_TOKEN\"\nenv = { HTTPS_PROXY = \"http://p\" }\n",
        )
        .env("COMPANY_TOKEN", "company");
    acme(&home, "echo $ANTHROPIC_AUTH_TOKEN $HTTPS_PROXY").prints("company http://p\n");
}

#[test]
fn what_a_row_changes_in_a_preset_of_the_same_host_is_said() {
    let same = "base_url = \"https://api.kimi.com/coding\"\nkey_env = \"KIMI_CODE_API_KEY\"\n";
    let lines = "header = \"x-team: blue\"\nauth = \"x-api-key\"\n\
                 env = { DISABLE_COMPACT = { value = \"1\", why = \"x\" } }\n";
    let words = "unlike the built-in row, it sets DISABLE_COMPACT, does not set ENABLE_TOOL_SEARCH, \
                 sends the header x-team: blue and sends the key also as x-api-key";
    let home = rows(&row("kimi", &(lines.to_owned() + same)))
        .env("KIMI_CODE_API_KEY", format!("sk-kimi-{SENTINEL}"));
    let shown = home.run(["providers", "kimi"]);
    assert_eq!(lines_with(&shown, "unlike"), [format!("          {words}")], "{shown:#?}");
    let doctor = home.run(["doctor"]);
    let [line] = lines_with(&doctor, "unlike")[..] else { panic!("{doctor:#?}") };
    assert!(line.ends_with(&format!("; row of catalog.d/team.toml; {words}")), "{line}");
    // A row with an id of its own replaces nothing.
    let new = rows(&row("acme", lines)).env("ACME_API_KEY", SENTINEL);
    assert_eq!(lines_with(&new.run(["providers", "acme"]), "unlike"), [""; 0]);
}

#[test]
fn a_row_that_lacks_what_every_row_has_says_which_key() {
    for (key, line) in [
        ("source", "source = \"our wiki\"\n"),
        ("base_url", "base_url = \"https://acme.example/anthropic\"\n"),
    ] {
        let text = row("acme", "").replace(line, "");
        let wanted =
            format!("jackin-exec: [ROOT]/{FOLDER}/team.toml:1:12: this row has no {key}\n");
        rows(&text).run(["-p", "acme", "true"]).fails(125, &wanted);
    }
}

/// The redirect that the row was to correct must not be used in its place.
#[test]
fn a_wrong_row_of_a_known_id_does_not_bring_the_preset_back() {
    let home = rows(&row("kimi", "base_url = \"x\"\n"))
        .exec("[providers.kimi]\nmodel = \"k3\"\n[providers.kimi-work]\nlike = \"kimi\"\nkey_env = \"WORK\"\n")
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .env("WORK", SENTINEL);
    let wanted = format!(
        "jackin-exec: [ROOT]/{FOLDER}/team.toml:2:12: expected a URL that begins with https:// or http://\n"
    );
    for id in ["kimi", "kimi-work"] {
        home.run(["-p", id, "true"]).fails(125, &wanted);
    }
    home.run(["true"]).fails(125, &wanted);
    home.run(["-q", "-p", "anthropic", "sh", "-c", "echo ${KIMI_CODE_API_KEY-gone}${WORK-gone}"])
        .prints("gonegone\n");
}

#[test]
fn two_files_with_one_id_are_an_error_that_names_both() {
    let home = file(rows(&row("acme", "")), "other", &row("acme", "label = \"Other\"\n"));
    home.run(["-p", "acme", "true"]).fails(
        125,
        &format!(
            "jackin-exec: [ROOT]/{FOLDER}/other.toml:1:12: acme is also the name of the row at [ROOT]/{FOLDER}/team.toml:1:12\n"
        ),
    );
    let doctor = home.run(["doctor"]).stdout;
    for (one, other) in [("other", "team"), ("team", "other")] {
        let words = format!("{one}.toml:1:12: acme is also the name of the row at");
        assert!(
            doctor.contains(&words) && doctor.contains(&format!("{other}.toml:1:12")),
            "{doctor}"
        );
    }
}

#[test]
fn of_two_rows_in_conflict_the_earlier_one_is_used() {
    let home = file(rows(&row("acme", "aliases = [\"apex\"]\n")), "zz", &row("apex", ""))
        .env("ACME_API_KEY", "k")
        .env("APEX_API_KEY", "k");
    acme(&home, "echo $JACKIN_EXEC_ACTIVE").prints("acme\n");
    let wanted = format!(
        "jackin-exec: [ROOT]/{FOLDER}/zz.toml:1:12: apex is also the name of the row at [ROOT]/{FOLDER}/team.toml:1:12\n"
    );
    home.run(["-p", "apex", "true"]).fails(125, &wanted);
}

#[test]
fn two_rows_of_one_host_may_share_its_key() {
    let same = "base_url = \"https://api.kimi.com/coding\"\nkey_env = \"KIMI_CODE_API_KEY\"\n";
    let home = rows(&row("acme", same)).env("KIMI_CODE_API_KEY", "sk-kimi-x");
    acme(&home, "echo $ANTHROPIC_AUTH_TOKEN").prints("sk-kimi-x\n");
}

#[test]
fn a_file_that_cannot_be_read_stops_every_launch() {
    for (text, words) in [
        ("[providers.acme\nkey = \"[SECRET]\"\n", "1:16: unclosed table, expected `]`"),
        ("provider = \"[SECRET]\"\n", "1:1: unknown key; did you mean providers?"),
        ("providers = \"[SECRET]\"\n", "1:13: expected a table"),
        ("[providers.a]\n[providers.a]\n", "2:12: duplicate key"),
    ] {
        let home = rows(text);
        let wanted = format!("jackin-exec: [ROOT]/{FOLDER}/team.toml:{words}\n");
        home.run(["-p", "anthropic", "true"]).fails(125, &wanted);
        home.run(["providers"]).fails(125, &wanted);
        let doctor = home.run(["doctor"]);
        assert!(doctor.stdout.contains(words), "{doctor:#?}");
        doctor.shows_no_secret();
    }
}

#[test]
fn what_another_user_could_have_written_is_refused() {
    let home = rows(&row("acme", "")).mode(&format!("{FOLDER}/team.toml"), 0o666);
    home.run(["-p", "anthropic", "true"]).fails(
        125,
        &format!(
            "jackin-exec: [ROOT]/{FOLDER}/team.toml: writable by everyone, so it is not trusted\n\
             hint: chmod o-w [ROOT]/{FOLDER}/team.toml\n"
        ),
    );
    let home = rows(&row("acme", "")).mode(FOLDER, 0o777);
    home.run(["-p", "anthropic", "true"]).fails(
        125,
        &format!(
            "jackin-exec: [ROOT]/{FOLDER}: writable by everyone, so it is not trusted\nhint: chmod o-w [ROOT]/{FOLDER}\n"
        ),
    );
    let home = rows(&row("acme", "")).mode(&format!("{FOLDER}/team.toml"), 0o660);
    let said = home.run(["-p", "anthropic", "true"]);
    assert_eq!(said.status, 0);
    assert!(said.stderr.contains("team.toml is writable by its group"), "{}", said.stderr);
    if !is_root() {
        return;
    }
    for path in [FOLDER.to_owned(), format!("{FOLDER}/team.toml")] {
        let home = rows(&row("acme", "")).owner(&path, 12345);
        let said = home.run(["-p", "anthropic", "true"]);
        assert_eq!(said.status, 125, "{path}");
        let words = format!(
            "jackin-exec: [ROOT]/{path}: belongs to another user (12345), so it is not trusted"
        );
        assert!(said.stderr.starts_with(&words), "{}", said.stderr);
    }
}

#[test]
fn what_is_no_file_of_rows_is_left_out_and_what_is_a_link_is_followed() {
    let home = file(sandbox(), ".#team", "[")
        .file(&format!("{FOLDER}/README.md"), "[")
        .file(&format!("{FOLDER}/team.toml~"), "[")
        .rooted("shared/acme.toml", &row("acme", ""))
        .link(&format!("{FOLDER}/linked.toml"), "[ROOT]")
        .env("ACME_API_KEY", "k");
    std::fs::remove_file(home.path(&format!("{FOLDER}/linked.toml"))).unwrap();
    let target = home.path("shared/acme.toml");
    let home = home.link(&format!("{FOLDER}/linked.toml"), target);
    acme(&home, "echo $JACKIN_EXEC_ACTIVE").prints("acme\n");
    // The folder itself may be a link, for example into a team's repository.
    let home = sandbox().rooted("shared/acme.toml", &row("acme", "")).env("ACME_API_KEY", "k");
    let target = home.path("shared");
    let home = home.link(FOLDER, target);
    acme(&home, "echo $JACKIN_EXEC_ACTIVE").prints("acme\n");
    let dead = sandbox().link(FOLDER, "/nonexistent/folder").run(["-p", "anthropic", "true"]);
    assert_eq!(dead.status, 125);
    assert!(dead.stderr.contains("catalog.d"), "{}", dead.stderr);
    let no_folder = sandbox().file(FOLDER, "x").run(["-p", "anthropic", "true"]);
    assert_eq!(no_folder.status, 125);
}

#[test]
fn root_does_not_take_another_users_row_for_its_keys() {
    if !is_root() {
        return;
    }
    let folder = "their";
    let home = sandbox()
        .rooted(
            "their/catalog.d/team.toml",
            &(row("acme", "") + &row("kimi", "key_env = \"KIMI_CODE_API_KEY\"\n")),
        )
        .owner(folder, 12345)
        .owner("their/catalog.d", 12345)
        .owner("their/catalog.d/team.toml", 12345)
        .env("ACME_API_KEY", SENTINEL)
        .env("KIMI_CODE_API_KEY", SENTINEL);
    let dir = home.path(folder);
    for id in ["acme", "kimi"] {
        let typed =
            ["--config-dir".as_ref(), dir.as_os_str(), "-p".as_ref(), id.as_ref(), "true".as_ref()];
        home.run(typed).fails(
            125,
            &format!(
                "jackin-exec: as root, another user's files may not choose which secret is read or where a key is \
                 sent: the row {id} of catalog.d/team.toml\n\
                 hint: run jackin-exec as that user, or add --allow-foreign-env if you trust the files\n"
            ),
        );
        home.run([&["--allow-foreign-env".as_ref(), "-q".as_ref()], &typed[..]].concat())
            .is(0, "", "");
    }
    let typed = [
        "-q".as_ref(),
        "--config-dir".as_ref(),
        dir.as_os_str(),
        "-p".as_ref(),
        "anthropic".as_ref(),
        "true".as_ref(),
    ];
    home.run(typed).is(0, "", "");
}

#[test]
fn an_old_row_in_use_is_a_warning_of_doctor_and_of_no_launch() {
    let home = rows(&row("acme", "checked = \"2026-01-01\"\n")).env("ACME_API_KEY", "k");
    let doctor = home.run(["doctor", "--json"]);
    let found = doctor.json();
    let found = found.as_array().unwrap().iter().find(|one| {
        one["message"]
            .as_str()
            .unwrap()
            .starts_with("ACME: its row in catalog.d/team.toml was checked ")
    });
    let found = found.unwrap_or_else(|| panic!("{doctor:#?}"));
    assert_eq!(found["status"], "warn");
    acme(&home, "true").prints("");
    home.run(["-p", "acme", "true"]).is(0, "", "");
    let new = rows(&row("acme", "")).env("ACME_API_KEY", "k").run(["doctor"]).stdout;
    assert!(!new.contains("was checked"), "{new}");
    // Without a key it is not in use.
    let unused = rows(&row("acme", "checked = \"2026-01-01\"\n")).run(["doctor"]).stdout;
    assert!(!unused.contains("was checked"), "{unused}");
}
