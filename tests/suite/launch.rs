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
