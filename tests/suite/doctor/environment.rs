//! Links, inherited variables and completion scripts.

use std::os::unix::fs::symlink;

use crate::doctor::at;
use crate::doctor::findings;
use crate::doctor::has;
use crate::doctor::healthy;
use crate::support::PROGRAM;
use crate::support::SENTINEL;

#[test]
fn links_are_read_as_a_launch_would_read_them() {
    let sandbox = healthy().env("ZAI_API_KEY", SENTINEL);
    for name in
        ["foo", "claude-zai", "claude-kimi", "claude-kimmi", "jackin-zai", "jackin-exec", "foo-zai"]
    {
        symlink(PROGRAM, sandbox.path(&format!("bin/{name}"))).unwrap();
    }
    symlink("/gone/jackin-exec", sandbox.path("bin/claude-minimax")).unwrap();
    symlink("/gone/else", sandbox.path("bin/other")).unwrap();
    let found = findings(&sandbox, &["-p", "zai"]);
    let bin = at("bin");
    has(&found, &format!("ok link: {bin}/claude-zai: claude on zai"));
    has(&found, &format!("ok link: {bin}/jackin-zai: the command that follows on zai"));
    has(&found, &format!("ok link: {bin}/jackin-exec is this program"));
    has(
        &found,
        &format!(
            "warn link: {bin}/claude-kimi: claude on kimi, which has no key: KIMI_CODE_API_KEY is not set | give it a key, or \
             remove the link"
        ),
    );
    has(
        &found,
        &format!(
            "warn link: {bin}/claude-kimmi names no provider, so it starts nothing | did you mean kimi? a link's name ends in \
             -ID; `jackin-exec providers` lists the ids"
        ),
    );
    has(
        &found,
        &format!(
            "warn link: {bin}/foo-zai: foo on zai, but foo is not in PATH | the name is COMMAND-ID, or jackin-ID for any \
             command"
        ),
    );
    has(
        &found,
        &format!(
            "fail link: {bin}/claude-minimax leads to a jackin-exec that does not exist | `ln -sf \"$(command -v jackin-exec)\" \
             {bin}/claude-minimax`"
        ),
    );
    assert!(!found.iter().any(|line| line.contains("/other")));
}

#[test]
fn inherited_variables_are_named_with_what_becomes_of_them() {
    let sandbox = healthy()
        .env("ANTHROPIC_API_KEY", SENTINEL)
        .env("ANTHROPIC_BASE_URL", SENTINEL)
        .env("ANTHROPIC_DEFAULT_SAGA_MODEL", SENTINEL)
        .env("ANTHROPIC_MODEL", "")
        .env("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB", "1")
        .path_first("bin");
    let found = findings(&sandbox, &[]);
    has(
        &found,
        "ok environment: ANTHROPIC_API_KEY is set (another credential); a redirect removes it",
    );
    has(
        &found,
        "ok environment: ANTHROPIC_DEFAULT_SAGA_MODEL is set (another model); a redirect removes it",
    );
    has(
        &found,
        "warn environment: ANTHROPIC_BASE_URL is set (another route); a redirect removes it, a launch with Anthropic keeps it | unset \
         ANTHROPIC_BASE_URL, unless it is meant",
    );
    assert!(!found.iter().any(|line| line.contains("ANTHROPIC_MODEL ")), "{found:#?}");
    let without_bubblewrap = crate::support::sandbox()
        .env("PATH", "/nowhere")
        .env("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB", "1");
    has(
        &findings(&without_bubblewrap, &[]),
        "fail environment: CLAUDE_CODE_SUBPROCESS_ENV_SCRUB is set, and bubblewrap is not installed: the client will not \
         start | install bubblewrap and socat, or unset it",
    );
}

#[test]
fn a_redirect_that_was_left_over_is_reported_as_a_launch_reports_it() {
    let sandbox = healthy().env("ANTHROPIC_BASE_URL", "https://api.z.ai/api/anthropic");
    has(
        &findings(&sandbox, &["-p", "anthropic"]),
        "warn environment: ANTHROPIC_BASE_URL is set (another route); a redirect removes it, and so does a launch with \
         Anthropic, because it leads to another provider | unset ANTHROPIC_BASE_URL, unless it is meant",
    );
}

#[test]
fn completion_scripts_are_compared_with_this_version() {
    let place = "home/.local/share/bash-completion/completions/jackin-exec";
    let none = healthy().env("SHELL", "/bin/bash").env("XDG_DATA_HOME", "");
    let target = at(place);
    let folder = target.trim_end_matches("/jackin-exec");
    let hint = format!("`mkdir -p {folder} && jackin-exec completions bash > {target}`");
    has(
        &findings(&none, &[]),
        &format!("warn completion: bash does not complete jackin-exec's words | {hint}"),
    );
    let old = none.file(place, "# old\n");
    let again = format!("`jackin-exec completions bash > {target}`");
    has(
        &findings(&old, &[]),
        &format!("warn completion: {target} is from another version | {again}"),
    );
    let script = old.run(["completions", "bash"]).stdout;
    has(&findings(&old.file(place, script), &[]), &format!("ok completion: {target}"));
    // zsh has no folder of the user's in its fpath.
    let zsh = healthy().env("SHELL", "/usr/bin/zsh").env("XDG_DATA_HOME", "");
    let script = zsh.run(["completions", "zsh"]).stdout;
    let zsh = zsh.file("home/.local/share/zsh/site-functions/_jackin-exec", script);
    let folder = at("home/.local/share/zsh/site-functions");
    has(
        &findings(&zsh, &[]),
        &format!(
            "ok completion: {folder}/_jackin-exec: works if ~/.zshrc has fpath=({folder} $fpath) before compinit"
        ),
    );
}
