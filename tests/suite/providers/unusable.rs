//! Tables that make no provider, and defaults that cannot be used.

use crate::support::SENTINEL;
use crate::support::sandbox;

/// Tables that make no provider, and what is said behind the path of exec.toml.
const REFUSED: &[(&str, &str)] = &[
    ("[providers.ask]\n", "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\""),
    (
        "[providers.UPPER]\n",
        "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\"",
    ),
    ("[providers.a--b]\n", "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\""),
    ("providers = \"[SECRET]\"\n", "1:13: expected a table"),
    ("[providers.x]\n", "1:12: expected a base_url: this is no preset"),
    (
        "[providers.x]\nbase_url = \"https://x\"\n",
        "1:12: expected key_env = \"NAME\", or key = false for an endpoint that wants no key",
    ),
    (
        "[providers.x]\nbase_url = \"https://x\"\nkey = false\n",
        "1:12: expected model = \"ID\", or models with opus, sonnet and haiku",
    ),
    (
        "[providers.x]\nbase_url = \"https://x\"\nkey = false\nmodels = { opus = \"a\" }\n",
        "1:12: expected model = \"ID\", or models with opus, sonnet and haiku",
    ),
    (
        "[providers.anthropic]\nlabel = \"x\"\n",
        "1:12: expected another id: Anthropic is not redirected",
    ),
    ("[providers.kimi]\nbase = \"[SECRET]\"\n", "2:1: unknown key; did you mean base_url?"),
    (
        "[providers.kimi]\napi_key = \"[SECRET]\"\n",
        "2:1: unknown key; known are like, label, base_url, insecure, key_env, key, auth, header, header_key, model, models, context_tokens, timeout_ms, env",
    ),
    ("[providers.kimi]\nbase_url = 1\n", "2:12: expected a string"),
    (
        "[providers.kimi]\nbase_url = \"[SECRET]\"\n",
        "2:12: expected a URL that begins with https:// or http://",
    ),
    (
        "[providers.kimi]\nbase_url = \"HTTPS://x\"\n",
        "2:12: expected a URL that begins with https:// or http://",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://user:[SECRET]@x\"\n",
        "2:12: expected a base URL without a user name or password",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x?key=[SECRET]\"\n",
        "2:12: expected a base URL without a query",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x#[SECRET]\"\n",
        "2:12: expected a base URL without a fragment",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x/v1\"\n",
        "2:12: expected a base URL without /v1, which the client adds itself",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x/v1/\"\n",
        "2:12: expected a base URL without /v1, which the client adds itself",
    ),
    (
        "[providers.kimi]\nbase_url = \"http://x\"\n",
        "2:12: expected https://, because the key would be sent unencrypted; or key = false, or insecure = true",
    ),
    (
        "[providers.kimi]\nbase_url = \"http://127.0.0.1.evil.example\"\n",
        "2:12: expected https://, because the key would be sent unencrypted; or key = false, or insecure = true",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://\"\n",
        "2:12: expected a URL with a host and, if any, a port from 1 to 65535",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x:0\"\n",
        "2:12: expected a URL with a host and, if any, a port from 1 to 65535",
    ),
    (
        "[providers.kimi]\nbase_url = \"https://x y\"\n",
        "2:12: expected a URL of visible ASCII characters",
    ),
    (
        "[providers.kimi]\nlabel = \" \"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    (
        "[providers.kimi]\nlabel = \"a\\u001b[2J\"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    (
        "[providers.kimi]\nlabel = \"a\\u202eb\"\n",
        "2:9: expected a label that is not empty and has no control or bidirectional characters",
    ),
    ("[providers.kimi]\nkey_env = \"[SECRET]\"\n", "2:11: expected the name of a variable"),
    ("[providers.kimi]\nkey_env = \"DOCKER_HOST\"\n", "2:11: DOCKER_HOST is reserved by jackin"),
    (
        "[providers.kimi]\nkey = \"[SECRET]\"\n",
        "2:7: expected key = false, or key_env = \"NAME\", which names the key's variable: the key itself is not written here",
    ),
    (
        "[providers.kimi]\nkey = false\nkey_env = \"X\"\n",
        "2:7: expected key_env = \"NAME\" or key = false, not both",
    ),
    ("[providers.kimi]\nauth = \"[SECRET]\"\n", "2:8: expected \"bearer\" or \"x-api-key\""),
    (
        "[providers.kimi]\nkey = false\nauth = \"x-api-key\"\n",
        "1:12: expected auth = \"bearer\": without a key there is none to send twice",
    ),
    (
        "[providers.kimi]\nmodel = \"a b\"\n",
        "2:9: expected a model id without blanks or control characters",
    ),
    (
        "[providers.kimi]\nmodels = { opsu = \"[SECRET]\" }\n",
        "2:12: unknown key; did you mean opus?",
    ),
    (
        "[providers.kimi]\ncontext_tokens = 10\n",
        "2:18: expected a whole number from 1000 to 100000000",
    ),
    (
        "[providers.kimi]\ncontext_tokens = \"[SECRET]\"\n",
        "2:18: expected a whole number from 1000 to 100000000",
    ),
    (
        "[providers.kimi]\ntimeout_ms = 1.5\n",
        "2:14: expected a whole number from 1000 to 2147483647",
    ),
    (
        "[providers.kimi]\ntimeout_ms = -1\n",
        "2:14: expected a whole number from 1000 to 2147483647",
    ),
    (
        "[providers.kimi]\nenv = { A = 1 }\n",
        "2:13: expected a string, { op = … }, { file = … }, { command = … } or { value = … }",
    ),
    ("[providers.kimi]\nenv = { \"[SECRET]\" = \"x\" }\n", "2:9: expected the name of a variable"),
    (
        "[providers.kimi]\nenv = { ANTHROPIC_API_KEY = \"[SECRET]\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { ANTHROPIC_DEFAULT_SAGA_MODEL = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { NO_PROXY = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { JACKIN_EXEC_LABEL = \"x\" }\n",
        "2:9: expected a name that the redirect itself does not set or remove",
    ),
    (
        "[providers.kimi]\nenv = { JACKIN_ROLE = \"[SECRET]\" }\n",
        "2:9: JACKIN_ROLE is reserved by jackin",
    ),
];

#[test]
fn a_table_that_makes_no_provider_is_placed_and_not_quoted() {
    for (text, words) in REFUSED {
        let home = sandbox()
            .rooted("home/.config/jackin/exec.toml", text)
            .env("KIMI_CODE_API_KEY", SENTINEL);
        let id = text.split(['.', ']']).nth(1).unwrap();
        let place = format!("[ROOT]/home/.config/jackin/exec.toml:{words}");
        let wanted = format!("jackin-exec: {place}\n");
        home.run(["-p", id, "true"]).fails(125, &wanted);
        home.run(["providers", id]).fails(125, &wanted);
        home.run(["auth", "set", id, "--env", "X"]).fails(125, &wanted);
        // A question would lack it.
        home.run(["-p", "ask", "true"]).fails(125, &wanted);
        if words.contains("expected a table") {
            // There is no provider that could be left out.
            home.run(["-q", "-p", "anthropic", "true"]).fails(125, &wanted);
            continue;
        }
        // Everybody else goes on.
        let other = if id == "anthropic" { "minimax" } else { "anthropic" };
        let home = home.env("MINIMAX_API_KEY", SENTINEL);
        home.run(["-q", "-p", other, "true"]).prints("");
        let listed = home.run(["providers", "--json"]);
        let entry = listed.json();
        let entry = entry.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        assert_eq!((&entry["available"], &entry["wrong"]), (&false.into(), &place.into()));
        let doctor = home.run(["doctor", "--json"]);
        assert!(doctor.stdout.contains(words.split_once(' ').unwrap().0), "{doctor:#?}");
        listed.shows_no_secret();
        doctor.shows_no_secret();
    }
}

/// A text of exec.toml, the id in it, how that is shown, and the place and words of the error.
const ODD_ENTRIES: &[(&str, &str, &str, &str)] = &[
    ("[providers]\nx = \"[SECRET]\"\n", "x", "x", "2:5: expected a table"),
    ("[providers.Kimi]\nmodel = \"k3\"\n", "Kimi", "Kimi", ID),
    ("[providers.ask]\nmodel = \"k3\"\n", "", "ask", ID),
    ("[providers.\"a\\u001b[2J\"]\n", "a\u{1b}[2J", "a\\u{1b}[2J", ID),
    ("[providers.\"\"]\n", "", "''", ID),
    ("[providers.sk-[SECRET]]\n", "sk-[SECRET]", "that (not shown: it may be a key)", ID),
];

const ID: &str = "1:12: expected a provider id: a-z, 0-9 and single dashes, not \"ask\"";

#[test]
fn an_entry_that_cannot_be_a_provider_stops_only_those_who_name_none() {
    for (text, id, shown, words) in ODD_ENTRIES {
        let home = sandbox()
            .rooted("home/.config/jackin/exec.toml", text)
            .env("MINIMAX_API_KEY", SENTINEL);
        let place = format!("[ROOT]/home/.config/jackin/exec.toml:{words}");
        let wanted = format!("jackin-exec: {place}\n");
        home.run(["-p", "ask", "true"]).fails(125, &wanted);
        home.run(["true"]).fails(125, &wanted);
        if !id.is_empty() {
            let id = id.replace("[SECRET]", SENTINEL);
            home.run(["-p", &id, "true"]).fails(125, &wanted);
            home.run(["providers", &id]).fails(125, &wanted);
        }
        home.run(["-q", "-p", "minimax", "true"]).prints("");
        home.run(["-q", "-p", "anthropic", "true"]).prints("");
        let listed = home.run(["providers", "--json"]);
        let entry = listed.json();
        let entry = entry.as_array().unwrap().iter().find(|one| one["id"] == *shown).unwrap();
        assert_eq!((&entry["available"], &entry["wrong"]), (&false.into(), &place.into()));
        listed.shows_no_secret();
        let table = home.run(["providers"]);
        assert!(table.stdout.contains("cannot be used") && !table.stdout.contains('\u{1b}'));
        table.shows_no_secret();
        let doctor = home.run(["doctor", "--json"]);
        assert!(doctor.stdout.contains(words.split_once(' ').unwrap().0), "{doctor:#?}");
        doctor.shows_no_secret();
    }
}

/// exec.toml, a variable that is set, and whether a launch that names no provider stops.
const LEFT_OUT: &[(&str, &str, bool)] = &[
    // Anthropic would be the only one, or one of two.
    ("[providers.anthropic]\nlabel = \"x\"\n", "NOTHING", true),
    ("[providers.anthropic]\nlabel = \"x\"\n", "MINIMAX_API_KEY", true),
    // Kimi would have been asked for; Anthropic must not take its place.
    ("[providers.kimi]\nbase_url = \"x\"\n", "KIMI_CODE_API_KEY", true),
    ("[providers.kimi]\nbase_url = \"x\"\n", "NOTHING", false),
    ("[providers.kimi]\nbase_url = \"x\"\nkey_env = \"MY_KEY\"\n", "KIMI_CODE_API_KEY", false),
    ("[providers.kimi]\nbase_url = \"x\"\nkey_env = \"MY_KEY\"\n", "MY_KEY", true),
    ("[providers.own]\nbase_url = \"x\"\nkey = false\nmodel = \"m\"\n", "NOTHING", true),
    // A server on this machine needs no key, and is offered where exec.toml names it.
    ("[providers.ollama]\nbase_url = \"x\"\n", "NOTHING", true),
    // A list that does not hold it keeps it out anyway.
    (
        "[providers.own]\nkey = false\n[workspaces.w]\nproviders = [\"anthropic\"]\n",
        "JACKIN_EXEC_WORKSPACE=w",
        false,
    ),
];

#[test]
fn no_provider_silently_takes_the_place_of_one_that_cannot_be_used() {
    for (text, variable, stops) in LEFT_OUT {
        let (name, value) = variable.split_once('=').unwrap_or((variable, SENTINEL));
        let workspace = "workdir = \"/elsewhere\"\n";
        let home = sandbox().exec(text).workspace("w", workspace).env(name, value);
        let outcome = home.run(["sh", "-c", "echo $JACKIN_EXEC_ACTIVE"]);
        if *stops {
            assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text}{variable}");
            let place = "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:";
            assert!(outcome.stderr.starts_with(place), "{text}{variable}: {}", outcome.stderr);
            outcome.shows_no_secret();
            let doctor = home.run(["doctor", "--json"]).json();
            let findings = doctor.as_array().unwrap();
            assert!(findings.iter().all(|one| one["check"] != "choice"), "{text}");
            assert!(findings.iter().any(|one| one["status"] == "fail"), "{text}");
        } else {
            outcome.is(0, "anthropic\n", "");
        }
    }
}

#[test]
fn a_default_provider_that_cannot_be_used_stops_and_a_list_without_it_does_not() {
    let text = "default_provider = \"own\"\n[providers.own]\nbase_url = \"[SECRET]\"\nkey = false\nmodel = \"m\"\n";
    let home = sandbox().rooted("home/.config/jackin/exec.toml", text);
    let wanted = "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:3:12: \
                  expected a URL that begins with https:// or http://\n";
    home.run(["true"]).fails(125, wanted);
    home.run(["-p", "anthropic", "true"]).prints("");
    // The table of people shows it, too.
    let text = home.run(["providers"]).stdout;
    assert!(text.contains("own") && text.contains("cannot be used"), "{text}");
}

#[test]
fn a_default_provider_that_is_not_there_is_an_error_and_a_named_one_beats_it() {
    let home = sandbox().exec("default_provider = \"kimmi\"\n");
    let outcome = home.run(["true"]);
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.starts_with(
            "jackin-exec: no provider named kimmi in default_provider of exec.toml (available: anthropic, "
        ),
        "{outcome:?}"
    );
    assert!(outcome.stderr.ends_with("\nhint: did you mean kimi?\n"), "{outcome:?}");
    home.run(["-p", "anthropic", "true"]).prints("");
}

#[test]
fn two_problems_of_one_provider_are_one_line_in_a_table_and_two_messages_of_a_launch() {
    let text = "[providers.x]\nbase_url = \"https://x\"\n\
                env = { JACKIN = \"[SECRET]\", DOCKER_HOST = \"[SECRET]\" }\n";
    let home = sandbox().rooted("home/.config/jackin/exec.toml", text);
    let file = "[ROOT]/home/.config/jackin/exec.toml";
    let one = format!("{file}:3:9: JACKIN is reserved by jackin");
    let other = format!("{file}:3:49: DOCKER_HOST is reserved by jackin");

    let table = home.run(["providers"]);
    table.shows_no_secret();
    assert!(table.stdout.contains(&format!("cannot be used: {one}; {other}\n")), "{table:?}");
    let json = home.run(["providers", "--json"]);
    json.shows_no_secret();
    assert!(json.stdout.contains(&format!("\"wrong\":\"{one}; {other}\"")), "{json:?}");
    let launch = home.run(["-p", "x", "true"]);
    launch.shows_no_secret();
    launch.fails(125, &format!("jackin-exec: {one}\njackin-exec: {other}\n"));
}
