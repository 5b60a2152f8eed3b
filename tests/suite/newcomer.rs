//! The way of somebody who has nothing: from no configuration to the real client's prompt, and
//! back.

use crate::pty::Terminal;
use crate::support::clients;
use crate::support::sandbox;
use crate::support::sealed;

const KEY: &str = "sk-kimi-SENTINEL";

#[test]
fn from_no_configuration_to_the_clients_prompt_and_back() {
    let clients = clients();
    let Some(bin) = clients.first() else {
        return;
    };
    if !sealed("newcomer::from_no_configuration_to_the_clients_prompt_and_back") {
        return;
    }
    let home = sandbox().link("bin/jackin-exec", crate::support::PROGRAM);
    let path = format!("{}:{}:/usr/bin:/bin", home.path("bin").display(), bin.display());
    let home = home
        .env("PATH", path)
        .env("TERM", "xterm-256color")
        .env("PS1", "ready> ")
        .env("HISTFILE", "");
    // The folder is trusted already: the client's question about that does not take an answer that
    // comes at once.
    let folder = home.path("here").display().to_string();
    let home = home.file(
        "home/.claude.json",
        format!("{{\"projects\":{{\"{folder}\":{{\"hasTrustDialogAccepted\":true}}}}}}"),
    );
    std::fs::remove_dir_all(home.path("home/.config")).unwrap();
    let shell = home.launch().program("/bin/bash").words(["--norc", "--noprofile", "-i"]);
    let mut terminal = Terminal::open().start(&shell);
    terminal.wait_for("ready> ").send("jackin-exec -p kimi\n");
    terminal
        .wait_for("provider kimi has no key: KIMI_CODE_API_KEY is not set")
        .wait_for("jackin-exec auth set kimi");
    terminal.wait_for("ready> ").send("jackin-exec auth set kimi\n");
    terminal.wait_for("(not shown): ").send(format!("{KEY}\r"));
    terminal.wait_for("Kimi: KIMI_CODE_API_KEY is set in the global scope, ");
    terminal.wait_for("ready> ").send("jackin-exec\n");
    terminal
        .wait_for("❯ 1")
        .wait_for("Esc cancel")
        .send("j")
        .wait_for("❯ 2")
        .wait_for("Esc cancel")
        .send("\r");
    terminal.wait_for("jackin-exec: Claude (Kimi); operator env: 1 resolved");
    // The theme and the notes.
    terminal.wait_for("colorblind-friendly").send("\r");
    terminal.wait_for("Security").wait_for("continue").send("\r");
    terminal.wait_for("kimi-for-coding").wait_for("auto mode");
    terminal.send("/exit").wait_for("/exit").send("\r").wait_for("ready> ");
    terminal.send("jackin-exec auth unset kimi\n");
    terminal
        .wait_for("KIMI_CODE_API_KEY is removed from the global scope, ")
        .wait_for("Kimi has no key there now");
    terminal.wait_for("ready> ").send("exit\n");
    assert_eq!(terminal.end(), "exit 0");
    assert!(!terminal.text().contains("SENTINEL"), "{}", terminal.text());
    let left = home.read("home/.config/jackin/config.toml");
    assert!(!left.contains("SENTINEL"), "{left}");
}
