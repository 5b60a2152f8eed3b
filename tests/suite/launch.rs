//! The command starts, with what was asked for.

use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn the_command_receives_the_redirect_and_its_words() {
    let outcome = sandbox().config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\n")).run([
        "-p",
        "kimi",
        "sh",
        "-c",
        "echo $ANTHROPIC_BASE_URL ${#ANTHROPIC_AUTH_TOKEN} \"$@\"",
        "sh",
        "--",
        "-x",
    ]);
    outcome.is(
        0,
        &format!("https://api.kimi.com/coding {} -- -x\n", SENTINEL.len()),
        "jackin-exec: warning: KIMI_CODE_API_KEY does not begin with sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com\n",
    );
}

#[test]
fn the_command_keeps_its_exit_status() {
    for status in [0, 7, 125, 126, 127] {
        sandbox().run(["sh", "-c", &format!("exit {status}")]).is(status, "", "");
    }
}

#[test]
fn a_missing_command_is_127() {
    sandbox().run(["no-such-command"]).fails(127, "jackin-exec: no-such-command: not found\n");
}

#[test]
fn the_version_says_what_was_built_for_what_and_how_old_the_catalogue_is() {
    let said = sandbox().run(["--version"]);
    let version = env!("CARGO_PKG_VERSION");
    let rest = said.stdout.strip_prefix(&format!("jackin-exec {version} (")).unwrap();
    let parts: Vec<&str> = rest.strip_suffix(")\n").unwrap().split(", ").collect();
    let [built, target, catalogue] = parts[..] else { panic!("{}", said.stdout) };
    let commit = built.strip_prefix("commit ");
    assert!(
        built == "development build"
            || commit.is_some_and(|hash| hash.len() == 12 || hash == "unknown"),
        "{built}"
    );
    assert!(target.starts_with(std::env::consts::ARCH), "{target}");
    let day = catalogue.strip_prefix("catalogue of ").unwrap();
    let rows = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog")).unwrap();
    let text: String =
        rows.map(|row| std::fs::read_to_string(row.unwrap().path()).unwrap()).collect();
    assert!(text.contains(day), "no row was checked on {day}");
    sandbox().run(["-V"]).is(0, &format!("jackin-exec {version}\n"), "");
}
