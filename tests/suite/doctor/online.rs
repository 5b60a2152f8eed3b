//! `doctor --online`: one turn with a stub of the client. tests/e2e/online.rs has the real one.

use std::fs;

use crate::doctor::answers::ANSWERS;
use crate::doctor::findings;
use crate::doctor::has;
use crate::doctor::healthy;
use crate::support::SENTINEL;
use crate::support::sandbox;

/// A client that logs what the endpoint said and prints a result, as 2.1.330 does.
fn stub(status: u16, body: &str, words: &str) -> String {
    let log = if status == 0 {
        String::new()
    } else {
        format!(
            "printf '%s\\n' '2026-11-24T08:57:15.568Z [ERROR] API error (attempt 1/1): {status} {status} {body}' >&2; "
        )
    };
    let shown = if status == 0 { "null".to_owned() } else { status.to_string() };
    format!(
        "[ \"$1\" = --version ] && {{ echo '2.1.330 (Claude Code)'; exit; }}\n\
         printf '%s\\n' \"$@\" \"$ANTHROPIC_BASE_URL $CLAUDE_CODE_MAX_RETRIES ${{#ANTHROPIC_AUTH_TOKEN}}\" > \"$HOME/seen\"\n\
         echo 'a hook says hello'\n{log}\
         printf '%s\\n' '{{\"type\":\"result\",\"is_error\":true,\"api_error_status\":{shown},\"result\":\"{words}\"}}'\nexit 1"
    )
}

fn online(client: &str) -> Vec<String> {
    let sandbox = sandbox()
        .script("bin/claude", client)
        .path_first("bin")
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    findings(&sandbox, &["--online", "-p", "kimi"])
        .into_iter()
        .filter(|line| line.contains(" online: "))
        .collect()
}

#[test]
fn a_turn_that_works_is_reported_and_has_the_launchs_own_environment() {
    let client = "[ \"$1\" = --version ] && { echo 2.1.330; exit; }\n\
                  printf '%s\\n' \"$@\" \"$ANTHROPIC_BASE_URL $CLAUDE_CODE_MAX_RETRIES ${#ANTHROPIC_AUTH_TOKEN}\" > \"$HOME/seen\"\n\
                  echo '{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}'";
    let sandbox = sandbox()
        .script("bin/claude", client)
        .path_first("bin")
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    has(&findings(&sandbox, &["--online", "-p", "kimi"]), "ok online: Kimi answers");
    let seen = fs::read_to_string(sandbox.path("home/seen")).unwrap();
    let length = "sk-kimi-".len() + SENTINEL.len();
    assert_eq!(
        seen,
        format!(
            "-p\nsay ok\n--output-format\njson\n--debug-to-stderr\n--no-session-persistence\nhttps://api.kimi.com/coding 0 \
             {length}\n"
        )
    );
}

#[test]
fn every_refusal_is_told_apart_from_the_others() {
    for (status, body, meaning) in ANSWERS {
        let found =
            online(&stub(*status, body, "There is an issue with the selected model (m-x)."));
        assert!(found.len() == 1 && found[0].contains(meaning), "{status} {body}: {found:#?}");
        assert!(
            found[0].starts_with("fail online: Kimi ") && found[0].contains(" | "),
            "{found:#?}"
        );
    }
    for words in [
        "API Error: Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)",
        "API Error: Can't reach the API server — check your internet or DNS (EAI_AGAIN)",
        "API Error: Unable to connect to API (ConnectionRefused)",
    ] {
        let found = online(&stub(0, "", &words.replace('\'', "")));
        assert!(found[0].starts_with("fail online: Kimi cannot be reached"), "{found:#?}");
    }
}

#[test]
fn what_a_provider_repeats_of_a_key_is_hidden() {
    let part = SENTINEL.get(..20).unwrap();
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: sk-kimi-{SENTINEL}, or {part}***."}}}}"#
    );
    let found = online(&stub(401, &body, "no"));
    assert!(found[0].contains("the answer: Incorrect API key provided: ••• or •••"), "{found:#?}");
    assert!(!found[0].contains(part), "{found:#?}");
}

#[test]
fn a_client_that_gives_no_result_is_not_taken_for_an_answer() {
    let found = online(
        "[ \"$1\" = --version ] && { echo 2.1.330; exit; }\necho 'cannot start' >&2; exit 4",
    );
    assert_eq!(
        found,
        [
            "fail online: the client ended with 4 and gave no result; the answer: cannot start | run it by hand: jackin-exec -p kimi -- -p \"say ok\""
        ]
    );
}

#[test]
fn a_secret_that_cannot_be_had_is_a_finding_of_the_turn() {
    let sandbox =
        healthy().exec("[env]\nKIMI_CODE_API_KEY = { command = [\"sh\", \"-c\", \"exit 3\"] }\n");
    let found = findings(&sandbox, &["--online", "-p", "kimi"]);
    assert!(
        found.iter().any(|line| line
            .starts_with("fail online: KIMI_CODE_API_KEY of global [env] (sh): sh ended with 3")),
        "{found:#?}"
    );
}
