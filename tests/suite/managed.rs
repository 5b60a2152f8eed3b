//! Managed settings of Claude Code are respected: in a mount namespace, with an /etc of the test's
//! own.

use std::process::Command;

use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::is_root;
use crate::support::sandbox;

/// Runs the program on Kimi with these files in /etc/claude-code; none where namespaces are not to
/// be had.
fn run(files: &[(&str, impl AsRef<[u8]>)], provider: &str) -> Option<Outcome> {
    run_words(files, &["-p", provider, "echo", "started"])
}

/// The same with these words after the program.
fn run_words(files: &[(&str, impl AsRef<[u8]>)], words: &[&str]) -> Option<Outcome> {
    let sandbox = sandbox()
        .config(&format!(
            "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\nHTTPS_PROXY = \"http://operator\"\n"
        ))
        .exec("[providers.local]\nbase_url = \"http://127.0.0.1:9\"\nkey = false\nmodel = \"m\"\n");
    std::fs::create_dir_all(sandbox.path("etc")).unwrap();
    for (name, bytes) in files {
        sandbox.write(&format!("etc/claude-code/{name}"), bytes, 0o644);
    }
    sandbox.run_with_etc(words)
}

#[test]
fn a_policy_that_decides_the_route_stops_a_redirect_and_is_named() {
    for (file, text, key) in [
        (
            "managed-settings.json",
            r#"{"env":{"ANTHROPIC_BASE_URL":"https://gateway"}}"#,
            "env.ANTHROPIC_BASE_URL",
        ),
        (
            "managed-settings.d/10-login.json",
            r#"{"forceLoginMethod":"claudeai"}"#,
            "forceLoginMethod",
        ),
        ("managed-settings.d/20-model.json", r#"{"model":"claude-opus-5"}"#, "model"),
    ] {
        let Some(outcome) =
            run(&[("managed-settings.d/00-first.json", "{}"), (file, text)], "kimi")
        else {
            return;
        };
        outcome.fails(
            125,
            &format!(
                "jackin-exec: /etc/claude-code/{file} sets {key}, which a redirect would override; \
                 jackin-exec respects this machine's policy\nhint: use --provider anthropic, or ask the administrator of this machine\n"
            ),
        );
    }
}

#[test]
fn a_policy_that_is_hard_to_read_is_not_passed_over() {
    let marked = "\u{feff}{\"model\":\"claude-opus-5\"}";
    let long = format!("{{\"model\":\"claude-opus-5\"{}}}", " ".repeat(17 << 20));
    for (text, words) in [(marked, "sets model"), (&long, "larger than 16 MiB")] {
        let Some(outcome) = run(&[("managed-settings.json", text)], "kimi") else {
            return;
        };
        assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{words}");
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}

/// A folder that everybody may pass through and nobody may list.
#[test]
fn a_policy_in_a_folder_that_cannot_be_listed_is_found_by_its_name() {
    if !is_root() {
        return;
    }
    let sandbox = sandbox().env("KIMI_CODE_API_KEY", format!("sk-kimi-{SENTINEL}")).open_to_all();
    sandbox.write("etc/claude-code/managed-settings.json", r#"{"model":"claude-opus-5"}"#, 0o644);
    let sandbox = sandbox.mode("etc/claude-code", 0o711).mode("etc", 0o755);
    let script = "mount --bind \"$1\" /etc || exit 99; shift; exec setpriv --reuid 65534 --clear-groups \"$@\"";
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(sandbox.path("etc"))
        .args([
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
            "HOME=/nonexistent",
            "KIMI_CODE_API_KEY=sk-kimi-x",
        ])
        .args([PROGRAM, "-p", "kimi", "echo", "started"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(99) || said.contains("unshare") {
        crate::support::skipped(format_args!("mount namespaces are not to be had here: {said}"));
        return;
    }
    assert_eq!((output.status.code(), &*output.stdout), (Some(125), &b""[..]), "{said}");
    assert!(said.contains("/etc/claude-code/managed-settings.json sets model"), "{said}");
}

#[test]
fn a_policy_that_leaves_the_route_alone_lets_it_start() {
    for text in ["{}", r#"{"permissions":{"deny":["Read(.env)"]},"env":{"FOO":"1"}}"#] {
        let Some(outcome) = run(&[("managed-settings.json", text)], "kimi") else {
            return;
        };
        outcome.prints("started\n");
    }
}

#[test]
fn anthropic_itself_starts_under_any_policy() {
    let policy = [
        ("managed-settings.json", r#"{"forceLoginMethod":"claudeai"}"#),
        ("managed-settings.d/deep.json", r#"{"apiKeyHelper":"\ud800"}"#),
    ];
    if let Some(outcome) = run(&policy, "anthropic") {
        outcome.prints("started\n");
    }
}

/// What the client reads (measured with 2.1.330 and 2.1.332) and we cannot.
#[test]
fn a_policy_that_only_the_client_can_read_stops_a_redirect() {
    let deep = format!(r#"{{"x":{}0{}}}"#, "[".repeat(130), "]".repeat(130));
    for (text, position) in [
        (r#"{"companyAnnouncements":["\ud800"]}"#, "1:"),
        (r#"{"cleanupPeriodDays":1e400}"#, "1:"),
        (&deep, "1:"),
        ("{\n\"companyAnnouncements\":[\"\\udead\"]}", "2:"),
    ] {
        let Some(outcome) = run(&[("managed-settings.d/x.json", text)], "kimi") else {
            return;
        };
        assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text}");
        let start = format!("jackin-exec: /etc/claude-code/managed-settings.d/x.json:{position}");
        assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
        assert!(
            outcome
                .stderr
                .contains("Claude Code can read this policy and jackin-exec cannot\nhint: ask"),
            "{}",
            outcome.stderr
        );
    }
}

/// The same in other encodings, which we read as the client does.
#[test]
fn a_policy_in_another_encoding_is_read_as_the_client_reads_it() {
    let latin: &[u8] =
        b"{\"companyAnnouncements\":[\"caf\xe9\"],\"forceLoginMethod\":\"claudeai\"}";
    let wide: Vec<u8> = "\u{feff}{\"forceLoginMethod\":\"claudeai\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [latin, &wide] {
        let Some(outcome) = run(&[("managed-settings.json", bytes)], "kimi") else {
            return;
        };
        assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{bytes:?}");
        assert!(outcome.stderr.contains("sets forceLoginMethod"), "{}", outcome.stderr);
    }
}

#[test]
fn keys_that_decide_the_login_or_compute_settings_stop_a_redirect() {
    for (text, key) in [
        (r#"{"forceLoginGatewayUrl":"https://gateway"}"#, "forceLoginGatewayUrl"),
        (r#"{"policyHelper":{"path":"/opt/helper"}}"#, "policyHelper"),
        (r#"{"policyHelpers":{"default":{"model":"claude-opus-5"}}}"#, "policyHelpers"),
        (r#"{"allowedProviders":["anthropic"]}"#, "allowedProviders"),
        (r#"{"enforceAnthropicSignIn":true}"#, "enforceAnthropicSignIn"),
        (r#"{"env":{"ANTHROPIC_BASE_URL":""}}"#, "env.ANTHROPIC_BASE_URL"),
    ] {
        let Some(outcome) = run(&[("managed-settings.json", text)], "kimi") else {
            return;
        };
        assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text}");
        assert!(outcome.stderr.contains(&format!("sets {key}, ")), "{}", outcome.stderr);
    }
}

#[test]
fn an_unknown_key_that_sounds_like_deciding_stops_a_redirect_until_the_administrator_says_otherwise()
 {
    let unknown = r#"{"forceSignInUrl":"https://x"}"#;
    let Some(outcome) = run(&[("managed-settings.json", unknown)], "kimi") else {
        return;
    };
    outcome.fails(
        125,
        "jackin-exec: /etc/claude-code/managed-settings.json has forceSignInUrl, a key that jackin-exec does not \
         know and that may decide provider, login or model\n\
         hint: update jackin-exec; or, if the key decides none of these, the administrator of this machine can add \
         \"env\": {\"JACKIN_EXEC_HARMLESS_KEYS\": \"forceSignInUrl\"} to /etc/claude-code/managed-settings.json\n",
    );
    let harmless =
        r#"{"forceSignInUrl":"https://x","env":{"JACKIN_EXEC_HARMLESS_KEYS":"forceSignInUrl"}}"#;
    if let Some(outcome) = run(&[("managed-settings.json", harmless)], "kimi") {
        outcome.prints("started\n");
    }
}

#[test]
fn a_policy_about_models_is_judged_by_the_models_that_the_redirect_asks_for() {
    for (text, words) in [
        (
            r#"{"availableModels":[]}"#,
            Some(
                "allows only the models in availableModels, and the redirect requests kimi-for-coding",
            ),
        ),
        (r#"{"availableModels":["opus"]}"#, Some("allows only the models in availableModels")),
        (r#"{"availableModels":["kimi-for-coding"],"enforceAvailableModels":true}"#, None),
        (r#"{"deniedModels":["claude-opus-5"]}"#, None),
        (
            r#"{"deniedModels":["kimi"]}"#,
            Some("lists kimi-for-coding in deniedModels, and the redirect requests it"),
        ),
        (r#"{"fallbackModel":["claude-sonnet-5"]}"#, Some("sets fallbackModel")),
        (r#"{"fallbackModel":["kimi-for-coding"]}"#, None),
        (r#"{"modelOverrides":{"claude-opus-5":"arn:x"}}"#, None),
    ] {
        let Some(outcome) = run(&[("managed-settings.json", text)], "kimi") else {
            return;
        };
        match words {
            None => {
                outcome.prints("started\n");
            }
            Some(words) => {
                assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text}");
                assert!(outcome.stderr.contains(words), "{text}: {}", outcome.stderr);
            }
        }
    }
}

#[test]
fn a_model_that_is_named_like_a_tier_does_not_get_around_a_list_of_allowed_models() {
    let lists = [
        r#"{"availableModels":[]}"#,
        r#"{"availableModels":["claude-opus-5"],"enforceAvailableModels":true}"#,
    ];
    for text in lists {
        for tier in ["opus", "fable", "haiku"] {
            let files = [("managed-settings.json", text)];
            let Some(outcome) = run_words(&files, &["-p", "kimi", "--model", tier, "echo", "x"])
            else {
                return;
            };
            assert_eq!((outcome.status, &*outcome.stdout), (125, ""), "{text} {tier}");
            let words = format!("the redirect requests {tier}");
            assert!(outcome.stderr.contains(&words), "{text}: {}", outcome.stderr);
        }
    }
}

/// The client ignores such variables in settings where its host decides the routing.
#[test]
fn an_employers_proxy_and_certificates_are_set_for_the_command() {
    let files = [
        (
            "managed-settings.json",
            r#"{"env":{"HTTPS_PROXY":"http://first","NODE_EXTRA_CA_CERTS":"/etc/ca.pem","FOO":"1"}}"#,
        ),
        (
            "managed-settings.d/10-proxy.json",
            r#"{"env":{"HTTPS_PROXY":"http://user:secret@second","NO_PROXY":"intern"}}"#,
        ),
    ];
    let script = "echo $HTTPS_PROXY $NO_PROXY $NODE_EXTRA_CA_CERTS ${FOO-unset}";
    let words = |provider| ["-p", provider, "--", "sh", "-c", script];
    let Some(outcome) = run_words(&files, &words("kimi")) else {
        return;
    };
    // They beat the operator's own, as they would in settings.
    outcome.prints("http://user:secret@second intern /etc/ca.pem unset\n");
    // A provider on this machine is not looked for through a proxy.
    if let Some(outcome) = run_words(&files, &["-q", "-p", "local", "--", "sh", "-c", script]) {
        outcome.prints("http://user:secret@second intern,127.0.0.1 /etc/ca.pem unset\n");
    }
    // Without a redirect the client reads them itself.
    if let Some(outcome) = run_words(&files, &words("anthropic")) {
        outcome.prints("http://operator unset\n");
    }
    if let Some(outcome) = run_words(&files, &["-p", "kimi", "--dry-run", "claude"]) {
        assert!(!outcome.stdout.contains("secret@second"), "{}", outcome.stdout);
        assert!(
            outcome.stdout.contains("\n  HTTPS_PROXY=•••  (literal, managed)\n"),
            "{}",
            outcome.stdout
        );
    }
}

/// The client takes nothing from it (measured with 2.1.240 to 2.1.332).
#[test]
fn a_policy_that_is_no_json_is_a_warning() {
    for text in [
        "{",
        "// a comment\n{\"model\":\"claude-opus-5\"}",
        "{\"model\":\"claude-opus-5\",}",
        "{\"model\":\"claude-opus-5\"} and more",
        "\u{feff}\u{feff}{\"model\":\"claude-opus-5\"}",
    ] {
        let Some(outcome) = run(&[("managed-settings.json", text)], "kimi") else {
            return;
        };
        let warning = "jackin-exec: warning: /etc/claude-code/managed-settings.json is not JSON: Claude Code ignores it, and newer versions do not start\n";
        outcome.is(0, "started\n", warning);
    }
}

#[test]
fn the_doctor_says_what_a_launch_would() {
    for (text, words) in [
        (
            r#"{"forceLoginGatewayUrl":"https://gateway"}"#,
            "managed-settings.json:1 sets forceLoginGatewayUrl: a redirect will not start",
        ),
        (r#"{"x":"\ud800"}"#, ": Claude Code can read this policy and jackin-exec cannot"),
        (
            "{\n\"newLoginRule\":1}",
            "managed-settings.json:2 has a key that jackin-exec does not know: a redirect will not start",
        ),
        (
            r#"{"availableModels":["x"]}"#,
            "managed-settings.json:1 has availableModels: a redirect that requests other models will not start",
        ),
        ("{,}", "managed-settings.json:1:2: not JSON: Claude Code ignores it"),
        ("{}", "managed-settings.json: managed settings that allow a redirect"),
    ] {
        let Some(outcome) = run_words(&[("managed-settings.json", text)], &["doctor", "--json"])
        else {
            return;
        };
        let findings = outcome.json();
        let said = findings.as_array().unwrap().iter().any(|finding| {
            finding["message"].as_str().is_some_and(|message| message.contains(words))
        });
        assert!(said, "{text}: {findings:#}");
    }
}
