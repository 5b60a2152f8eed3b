//! Managed settings of Claude Code are respected: in a mount namespace, with an /etc of the test's
//! own.

use std::process::Command;

use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::is_root;
use crate::support::sandbox;
use crate::support::status;

/// Runs the program on Kimi with these files in /etc/claude-code; none where namespaces are not to
/// be had.
fn run(files: &[(&str, &str)], provider: &str) -> Option<Outcome> {
    let sandbox = sandbox().config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    std::fs::create_dir_all(sandbox.path("etc")).unwrap();
    for (name, text) in files {
        sandbox.write(&format!("etc/claude-code/{name}"), text, 0o644);
    }
    let output = Command::new("unshare")
        .args([
            "-r",
            "-m",
            "sh",
            "-c",
            "mount --bind \"$1\" /etc || exit 99; shift; exec \"$@\"",
            "sh",
        ])
        .arg(sandbox.path("etc"))
        .args(["env", "-i", "PATH=/usr/bin:/bin"])
        .arg(format!("HOME={}", sandbox.path("home").display()))
        .args([PROGRAM, "-p", provider, "echo", "started"])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let outcome = Outcome {
        status: status(output.status),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    };
    if outcome.status == 99 || outcome.stderr.contains("unshare") {
        eprintln!("SKIPPED: mount namespaces are not to be had here: {}", outcome.stderr);
        return None;
    }
    Some(outcome)
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
                "jackin-exec: /etc/claude-code/{file} decides {key}, which a redirect would override; a policy of this \
                 machine is respected\nhint: use --provider anthropic, or ask whoever manages this machine\n"
            ),
        );
    }
}

#[test]
fn a_policy_that_is_hard_to_read_is_not_passed_over() {
    let marked = "\u{feff}{\"model\":\"claude-opus-5\"}";
    let long = format!("{{\"model\":\"claude-opus-5\"{}}}", " ".repeat(17 << 20));
    for (text, words) in [(marked, "decides model"), (&long, "larger than 16 MiB")] {
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
        eprintln!("SKIPPED: mount namespaces are not to be had here: {said}");
        return;
    }
    assert_eq!((output.status.code(), &*output.stdout), (Some(125), &b""[..]), "{said}");
    assert!(said.contains("/etc/claude-code/managed-settings.json decides model"), "{said}");
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
    let policy = [("managed-settings.json", r#"{"forceLoginMethod":"claudeai"}"#)];
    if let Some(outcome) = run(&policy, "anthropic") {
        outcome.prints("started\n");
    }
}

#[test]
fn a_policy_that_is_no_json_is_a_warning() {
    if let Some(outcome) = run(&[("managed-settings.json", "{")], "kimi") {
        let warning = "jackin-exec: warning: /etc/claude-code/managed-settings.json: not JSON, and Claude Code passes over it, too\n";
        outcome.is(0, "started\n", warning);
    }
}
