//! Reading changes nothing and waits for nobody long.

use std::fs;
use std::fs::File;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;

use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn a_held_lock_is_waited_for_and_then_passed_over() {
    // jackin writes while it holds the lock; we read without it what reads the same twice.
    let home =
        sandbox().config("[env]\nA = \"x\"\n").file("home/.config/jackin/config.lock", "1\n");
    let lock = File::open(home.config_dir().join("config.lock")).unwrap();
    let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno).unwrap();
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    drop(lock);
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    assert_eq!(home.read("home/.config/jackin/config.lock"), "1\n");
    assert!(!sandbox().run(["true"]).stdout.contains("config.lock"));
}

#[test]
fn reading_leaves_the_configuration_as_it_was() {
    let home = sandbox()
        .config("[workspaces.w.env]\nA = \"inline\"\n")
        .workspace("v", "op_account = \"old\"\n")
        .exec("[env]\nB = \"x\"\n");
    let before = listing(&home);
    home.run(["-w", "w", "true"]).prints("");
    home.run(["-w", "v", "true"]).prints("");
    assert_eq!(listing(&home), before);
}

/// Every file of the configuration with its content.
fn listing(home: &Sandbox) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in [home.config_dir(), home.config_dir().join("workspaces")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap_or_default()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_path_for_a_shell_is_expanded_in_forms_of_our_own_and_else_a_warning() {
    let home = sandbox().file("home/keys/zai", "from the file\n");
    let home = home.exec("[env]\nA = { file = \"~/keys/zai\" }\nB = { file = \"~/nowhere\" }\n");
    home.run(["-p", "anthropic", "true"])
        .fails(125, "jackin-exec: B of global [env] (~/nowhere): no such file or directory\n");
    let home = home.exec("[env]\nA = { file = \"~/keys/zai\" }\n");
    home.run(["-p", "anthropic", "sh", "-c", "echo $A"]).prints("from the file\n");
    for value in ["~/[SECRET]", "$HOME/[SECRET]", "${HOME}/[SECRET]"] {
        let home = sandbox();
        let text = home.filled(&format!(
            "[env]\nCLAUDE_CONFIG_DIR = \"{value}\"\nTEXT = \"{value}\"\nOTHER_DIR = \"/x/~/y\"\n"
        ));
        home.config(&text).run(["-p", "anthropic", "true"]).is(
            0,
            "",
            "jackin-exec: warning: CLAUDE_CONFIG_DIR of global [env] begins with ~/ or $HOME/, which is not \
             expanded\n",
        );
    }
}
