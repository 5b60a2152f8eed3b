//! From whose files commands are run, and which permissions are a warning.

use std::os::unix::process::CommandExt;

use crate::support::SENTINEL;
use crate::support::is_root;
use crate::support::sandbox;

#[test]
fn as_root_no_command_is_run_from_a_file_that_root_does_not_own() {
    if !is_root() {
        return;
    }
    let home = sandbox()
        .exec("[env]\nA = { command = [\"sh\", \"-c\", \"touch $HOME/ran\"] }\nB = { file = \"/nowhere\" }\n")
        .owner("home/.config/jackin/exec.toml", 65534);
    let folder = home.config_dir();
    let words = ["--allow-foreign-env", "true"].map(AsRef::as_ref);
    let outcome = home.run(["--config-dir".as_ref(), folder.as_os_str()].into_iter().chain(words));
    outcome.fails(
        125,
        "jackin-exec: A of global [env] (sh): as root, commands run only from files that root owns, and [ROOT]/home/.config/jackin/exec.toml is not one\n\
         jackin-exec: B of global [env] (/nowhere): no such file or directory\n",
    );
    assert!(!home.path("home/ran").exists());
}

#[test]
fn as_root_another_users_exec_toml_names_no_program() {
    if !is_root() {
        return;
    }
    for (text, key) in [
        ("command = [\"touch\", \"[ROOT]/home/ran\"]\n", "command"),
        ("allow_env = [\"PATH\"]\n[env]\nPATH = \"[ROOT]/evil\"\n", "allow_env"),
        ("[providers.kimi]\nenv = { PATH = \"[ROOT]/evil\" }\n", "a provider's env for this host"),
    ] {
        // The folder decides, too: its owner can put any file there, a link to one of root's
        // included.
        for owned in ["home/.config/jackin/exec.toml", "home/.config/jackin"] {
            let home = sandbox().script("evil/claude", "touch $HOME/ran");
            let home = home.rooted("home/.config/jackin/exec.toml", text).owner(owned, 65534);
            let home = home.env("KIMI_CODE_API_KEY", SENTINEL);
            let folder = home.config_dir();
            for words in [&["-q", "-p", "kimi"][..], &["-q", "-p", "kimi", "-n"]] {
                let typed = ["--config-dir".as_ref(), folder.as_os_str()];
                home.run(typed.into_iter().chain(words.iter().map(AsRef::as_ref))).fails(
                    125,
                    &format!(
                        "jackin-exec: [ROOT]/home/.config/jackin/exec.toml: as root, {key} is accepted only from root's \
                         own file in root's own folder\nhint: run jackin-exec as the user who owns the folder\n"
                    ),
                );
            }
            let typed = ["--config-dir".as_ref(), folder.as_os_str()];
            home.run(typed.into_iter().chain(["doctor"].map(AsRef::as_ref)));
            assert!(!home.path("home/ran").exists());
        }
    }
    // What says nothing of programs was named with the folder.
    let home = sandbox().exec("command = [\"touch\"]\n[providers.kimi]\nmodel = \"m\"\n");
    let home = home.owner("home/.config/jackin", 65534).env("KIMI_CODE_API_KEY", SENTINEL);
    let folder = home.config_dir();
    let words = ["-q", "-p", "kimi", "sh", "-c", "echo $ANTHROPIC_MODEL"];
    let typed = ["--config-dir".as_ref(), folder.as_os_str()];
    home.run(typed.into_iter().chain(words.iter().map(AsRef::as_ref))).prints("m\n");
}

#[test]
fn another_user_runs_commands_of_files_of_their_own_and_of_roots() {
    if !is_root() {
        return;
    }
    for owner in [0, 65534] {
        let mut home = sandbox().exec("[env]\nA = { command = [\"id\", \"-u\"] }\n").open_to_all();
        home = home.mode("home/.config/jackin/exec.toml", 0o644);
        for path in ["", "/exec.toml", "/workspaces"] {
            home = home.owner(&format!("home/.config/jackin{path}"), owner);
        }
        let output =
            home.command().uid(65534).gid(65534).args(["sh", "-c", "echo $A"]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(
            (text(&output.stdout), text(&output.stderr)),
            ("65534\n".to_owned(), String::new())
        );
    }
}

#[test]
fn a_file_that_its_group_may_write_or_that_shows_a_key_to_everybody_is_a_warning() {
    let path = "home/.config/jackin";
    let home = sandbox().rooted(
        &format!("{path}/config.toml"),
        "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-[SECRET]\"\n",
    );
    let home = home.mode(&format!("{path}/config.toml"), 0o664).mode(path, 0o775);
    let words = "jackin-exec: warning: [ROOT]/home/.config/jackin is writable by its group: chmod g-w\n\
                 jackin-exec: warning: [ROOT]/home/.config/jackin/config.toml is writable by its group: chmod g-w\n\
                 jackin-exec: warning: [ROOT]/home/.config/jackin/config.toml holds a key and is readable by everyone: chmod 600\n";
    home.run(["-p", "kimi", "true"]).is(0, "", words);
    home.run(["-p", "kimi", "-n", "-q", "--json"]).shows_no_secret();
    home.run(["-q", "-p", "kimi", "true"]).prints("");
}

#[test]
fn only_a_literal_key_makes_a_readable_file_a_warning() {
    for (file, text, warns) in [
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n", true),
        ("config.toml", "[roles.r.env]\nZAI_API_KEY = { value = \"x\", on_demand = true }\n", true),
        ("exec.toml", "[env]\nANTHROPIC_API_KEY = \"x\"\n", true),
        ("workspaces/w.toml", "[env]\nZAI_API_KEY = \"x\"\n", true),
        ("workspaces/w.toml", "[roles.r.env]\nZAI_API_KEY = \"x\"\n", true),
        ("exec.toml", "[workspaces.w.env]\nZAI_API_KEY = \"x\"\n", true),
        ("exec.toml", "[workspaces.w.roles.r.env]\nZAI_API_KEY = \"x\"\n", true),
        ("config.toml", "[workspaces.v.env]\nZAI_API_KEY = \"x\"\n", true),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"$X\"\n", false),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n", false),
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = \"\"\n", false),
        ("config.toml", "[env]\nA = \"x\"\n", false),
        ("config.toml", "[env]\nOWN_KEY = \"x\"\n", false),
        (
            "exec.toml",
            "[env]\nOWN_KEY = \"x\"\n[providers.own]\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OWN_KEY\"\nmodel = \"m\"\n",
            true,
        ),
        ("exec.toml", "[env]\nMINE = \"x\"\n[providers.kimi]\nkey_env = \"MINE\"\n", true),
    ] {
        let path = format!("home/.config/jackin/{file}");
        let home = sandbox().workspace("w", "").file(&path, text).mode(&path, 0o644);
        let wanted = format!(
            "jackin-exec: warning: [ROOT]/{path} holds a key and is readable by everyone: chmod 600\n"
        );
        let outcome = home.run(["-p", "anthropic", "-w", "w", "true"]);
        assert_eq!(outcome.stderr, if warns { wanted.as_str() } else { "" }, "{text}");
    }
}
