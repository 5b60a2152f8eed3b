//! Keys, and the programs that fetch them.

use std::fs;

use crate::doctor::at;
use crate::doctor::findings;
use crate::doctor::has;
use crate::doctor::healthy;
use crate::support::SENTINEL;

#[test]
fn a_key_that_cannot_work_or_looks_wrong_is_reported_without_being_shown() {
    let sandbox = healthy()
        .config(&format!(
            "[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\nZAI_API_KEY = \" {SENTINEL}\"\nMINIMAX_API_KEY = \"$NOT_SET\"\n\
             DEEPSEEK_API_KEY = \"\"\n"
        ))
        .exec("[env]\nMOONSHOT_API_KEY = { file = \"/nowhere/key\" }\n")
        .env("ZAI_CN_API_KEY", format!("{SENTINEL}\n\n"));
    let found = findings(&sandbox, &["-p", "kimi"]);
    has(
        &found,
        "warn provider: Kimi: KIMI_CODE_API_KEY from global (written in the file): KIMI_CODE_API_KEY does not begin with \
         sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com | check that the key belongs to this provider \
         and product",
    );
    has(
        &found,
        "warn provider: Z.AI (zai): ZAI_API_KEY from global (written in the file): ZAI_API_KEY contains a space | \
         give only the key, which has none",
    );
    has(
        &found,
        "warn provider: MiniMax: no key: MINIMAX_API_KEY in the global scope is $NOT_SET, which is unset or empty | export NOT_SET, \
         or set MINIMAX_API_KEY in another way",
    );
    has(&found, "ok provider: DeepSeek: no key: DEEPSEEK_API_KEY is empty in the global scope");
    assert!(
        found.iter().any(|line| line.starts_with(
            "fail provider: Moonshot: MOONSHOT_API_KEY from global (file /nowhere/key): "
        )),
        "{found:#?}"
    );
    has(
        &found,
        "fail provider: BigModel: ZAI_CN_API_KEY from environment: the key contains a line break or another control character \
         | give it a value, or another source",
    );
}

#[test]
fn helpers_are_looked_for_and_asked_who_is_signed_in_and_nothing_is_fetched() {
    let config = "[env]\nKIMI_CODE_API_KEY = \"op://Private/Kimi/key\"\n";
    let found = findings(&healthy().config(config).env("PATH", "/nowhere"), &["-p", "kimi"]);
    has(
        &found,
        "fail helper: op was not found in the absolute entries of PATH | install 1Password's command-line tool, or put its \
         folder into PATH",
    );
    let sandbox = healthy()
        .config(config)
        .exec("[env]\nX = { command = [\"no-such-helper\"] }\n")
        .env("ZAI_API_KEY", SENTINEL)
        .script(
            "bin/op",
            "echo \"$@ ${ZAI_API_KEY-}\" >> \"$HOME/op\"; echo '[ERROR] account is not signed in' >&2; exit 1",
        );
    let found = findings(&sandbox, &["-p", "kimi"]);
    let op = at("bin/op");
    has(
        &found,
        &format!(
            "warn helper: op: {op}, is not signed in: [ERROR] account is not signed in | sign in with `op signin`, or set \
             OP_SERVICE_ACCOUNT_TOKEN; with the desktop app, a launch will ask you",
        ),
    );
    has(
        &found,
        "fail helper: no-such-helper was not found in the absolute entries of PATH | install it, or name it with its path",
    );
    assert_eq!(fs::read_to_string(sandbox.path("home/op")).unwrap(), "whoami \n");
    has(
        &found,
        "ok provider: Kimi: KIMI_CODE_API_KEY from global (op op://Private/Kimi/key), not fetched here",
    );
}

#[test]
fn a_helper_that_a_launch_here_does_without_is_no_failure() {
    let sandbox = healthy()
        .env("KIMI_CODE_API_KEY", "sk-kimi-x")
        .exec("[env]\nZAI_API_KEY = { command = [\"no-such-helper\"] }\n");
    has(
        &findings(&sandbox, &["-p", "kimi"]),
        "warn helper: no-such-helper was not found in the absolute entries of PATH; a launch here does not need it | install it, \
         or name it with its path",
    );
    assert_eq!(sandbox.run(["doctor", "-p", "kimi"]).status, 0);
    has(
        &findings(&sandbox, &["-p", "zai"]),
        "fail helper: no-such-helper was not found in the absolute entries of PATH | install it, or name it with its path",
    );
    let path = sandbox.path("none").display().to_string();
    let named =
        sandbox.exec(&format!("[env]\nX = {{ command = [\"{path}\"] }}\n")).file("none", "");
    let found = findings(&named, &["-p", "kimi"]);
    has(
        &found,
        &format!(
            "fail helper: {} does not exist or cannot be executed | make it executable, or name another",
            at("none")
        ),
    );
}
