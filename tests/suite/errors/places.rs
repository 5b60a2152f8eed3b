//! Files and folders that cannot be read or are not trusted.

use std::fs;
use std::os::unix::process::CommandExt;

use crate::errors::NOBODY;
use crate::errors::Row;
use crate::errors::check;
use crate::errors::planted;
use crate::support::SENTINEL;
use crate::support::is_root;
use crate::support::sandbox;

#[test]
fn a_folder_or_a_file_that_cannot_be_read_is_an_error_with_its_path() {
    const ROWS: &[Row] = &[
        Row {
            claim: "a typed folder that is not there",
            files: &[],
            variables: &[],
            arguments: &["--config-dir", "/nowhere/at/all", "true"],
            status: 125,
            says: "jackin-exec: /nowhere/at/all: no such file or directory\nhint: the folder that --config-dir names must exist\n",
        },
        Row {
            claim: "a folder that is a file",
            files: &[("file", "[SECRET]")],
            variables: &[("JACKIN_CONFIG_DIR", "[ROOT]/file")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: [ROOT]/file: not a directory\n\
                   hint: name the folder that holds config.toml, exec.toml, workspaces/ and catalog.d/\n",
        },
        Row {
            claim: "a relative variable",
            files: &[],
            variables: &[("JACKIN_CONFIG_DIR", "config")],
            arguments: &["true"],
            status: 125,
            says: "jackin-exec: JACKIN_CONFIG_DIR is not an absolute path\n\
                   hint: give the whole path, or name the folder with --config-dir\n",
        },
    ];
    check(ROWS);
}

#[test]
fn a_folder_that_the_variable_names_must_be_there_because_its_lists_cannot_be_read() {
    let home = sandbox().env("ZAI_API_KEY", SENTINEL);
    let folder = home.path("jackni");
    let home = home.env("JACKIN_CONFIG_DIR", &folder);
    let error = "JACKIN_CONFIG_DIR names a folder that does not exist: [ROOT]/jackni";
    let hint = "create it, or unset JACKIN_CONFIG_DIR";
    for words in [&["-p", "zai", "true"][..], &["true"], &["providers"], &["auth"]] {
        home.run(words).fails(125, &format!("jackin-exec: {error}\nhint: {hint}\n"));
    }
    let doctor = home.run(["doctor", "--json"]);
    assert_eq!(doctor.status, 1, "{doctor:#?}");
    let wanted = serde_json::json!([
        { "check": "config", "status": "fail", "message": error, "remedy": hint }
    ]);
    assert_eq!(doctor.json()[0], wanted[0]);
    doctor.shows_no_secret();
    // A change creates it.
    home.run(["auth", "set", "zai", "--env", "MY_KEY"]).shows_no_secret();
    assert!(folder.is_dir());
    home.run(["-p", "anthropic", "true"]).prints("");
}

#[test]
fn a_default_folder_need_not_be_there() {
    sandbox().env("HOME", "/nowhere").run(["true"]).prints("");
    sandbox()
        .env("JACKIN_CONFIG_DIR", "")
        .config("broken [")
        .run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml:1:8: key with no value, expected `=`\n");
}

#[test]
fn a_file_that_is_no_regular_file_is_refused_without_waiting() {
    for file in ["config.toml", "exec.toml"] {
        let path = format!("home/.config/jackin/{file}");
        let words = format!("jackin-exec: [ROOT]/{path}: not a regular file\n");
        sandbox().folder(&path).run(["true"]).fails(125, &words);
        sandbox().fifo(&path).run(["true"]).fails(125, &words);
        sandbox().link(&path, "/dev/zero").run(["true"]).fails(125, &words);
        sandbox().link(&path, "loop").link("home/.config/jackin/loop", file).run(["true"]).fails(
            125,
            &format!("jackin-exec: [ROOT]/{path}: too many symbolic links encountered\n"),
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let home = sandbox().config("");
    let file =
        fs::OpenOptions::new().write(true).open(home.config_dir().join("config.toml")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    home.run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml: larger than 16 MiB\n");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    // The kernel makes a new one for each reading.
    if !std::path::Path::new("/proc/sys/kernel/random/uuid").exists() {
        crate::support::skipped("this test needs /proc/sys/kernel/random/uuid");
        return;
    }
    sandbox()
        .link("home/.config/jackin/config.toml", "/proc/sys/kernel/random/uuid")
        .run(["true"])
        .fails(125, "jackin-exec: [ROOT]/home/.config/jackin/config.toml: changed while it was read\nhint: try again when no program writes it\n");
}

#[test]
fn files_and_folders_that_everybody_may_write_are_refused() {
    for path in ["config.toml", "exec.toml", "workspaces", "", "workspaces/w.toml"] {
        let path = format!("home/.config/jackin/{path}").trim_end_matches('/').to_owned();
        let home =
            planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "env.A = \"[SECRET]\"\n")]);
        let mode = if home.path(&path).is_dir() { 0o757 } else { 0o602 };
        let home = home.mode(&path, mode);
        let words = format!(
            "jackin-exec: [ROOT]/{path}: writable by everyone, so it is not trusted\nhint: chmod o-w [ROOT]/{path}\n"
        );
        home.run(["-w", "w", "true"]).fails(125, &words);
        // That the folder was typed says whose it may be, not that everybody may write it.
        let folder = home.config_dir();
        home.run(["--config-dir".as_ref(), folder.as_os_str(), "-w".as_ref(), "w".as_ref()])
            .fails(125, &words);
    }
}

#[test]
fn a_link_is_judged_by_what_it_leads_to() {
    let home = sandbox()
        .file("store/config.toml", "[env]\nA = \"x\"\n")
        .link("home/.config/jackin/config.toml", "../../../store/config.toml");
    home.run(["sh", "-c", "echo $A"]).prints("x\n");
    let home = home.mode("store/config.toml", 0o666);
    home.run(["true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/config.toml: writable by everyone, so it is not trusted\n\
         hint: chmod o-w [ROOT]/home/.config/jackin/config.toml\n",
    );
}

#[test]
fn files_and_folders_of_another_user_are_refused_unless_the_folder_was_typed() {
    if !is_root() {
        return;
    }
    for path in ["config.toml", "exec.toml", "workspaces", "", "workspaces/w.toml"] {
        let path = format!("home/.config/jackin/{path}").trim_end_matches('/').to_owned();
        let home =
            planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "env.A = \"[SECRET]\"\n")])
                .owner(&path, NOBODY);
        home.run(["-p", "anthropic", "-w", "w", "true"]).fails(
            125,
            &format!(
                "jackin-exec: [ROOT]/{path}: belongs to another user (65534), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n"
            ),
        );
        let folder = home.config_dir();
        let typed = ["--allow-foreign-env".as_ref(), "--config-dir".as_ref(), folder.as_os_str()];
        home.run(typed.into_iter().chain(["-p", "anthropic", "-w", "w", "true"].map(str::as_ref)))
            .prints("");
        // A variable is not typed.
        home.env("JACKIN_CONFIG_DIR", folder).run(["-p", "anthropic", "-w", "w", "true"]).fails(
            125,
            &format!(
                "jackin-exec: [ROOT]/{path}: belongs to another user (65534), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n"
            ),
        );
    }
}

#[test]
fn files_that_we_may_not_read_are_named() {
    if !is_root() {
        return;
    }
    // A copy that another user can reach.
    for (path, command) in
        [("config.toml", "true"), ("exec.toml", "true"), ("workspaces/w.toml", "true")]
    {
        let mut home = planted(&[("C/exec.toml", ""), ("C/workspaces/w.toml", "")]);
        for file in ["config.toml", "exec.toml", "workspaces/w.toml", "workspaces/other.toml"] {
            home = home.mode(&format!("home/.config/jackin/{file}"), 0o644);
        }
        let home = home.mode(&format!("home/.config/jackin/{path}"), 0o000).open_to_all();
        let output = home
            .command()
            .uid(NOBODY)
            .gid(NOBODY)
            .args(["-w", "w", "-p", "anthropic", command])
            .output();
        let words = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
        let root = home.path("").to_string_lossy().trim_end_matches('/').to_owned();
        let hint = "hint: make it readable for you";
        assert_eq!(
            words,
            format!("jackin-exec: {root}/home/.config/jackin/{path}: permission denied\n{hint}\n")
        );
    }
}

#[test]
fn a_path_that_would_move_the_cursor_is_escaped() {
    let home = sandbox().file("a\u{1b}[2J\nb/config.toml", "env = 1\n");
    let folder = home.path("a\u{1b}[2J\nb");
    home.run(["--config-dir".as_ref(), folder.as_os_str()])
        .fails(125, "jackin-exec: [ROOT]/a\\u{1b}[2J\\nb/config.toml:1:7: expected a table\n");
}

#[test]
fn a_file_in_the_place_of_a_folder_has_no_hint_about_the_folder_of_the_configuration() {
    let config = "[roles.\"acme/x\"]\n";
    let home = sandbox().config(config).file("home/.jackin/roles", SENTINEL);
    let home = home.env("KIMI_CODE_API_KEY", SENTINEL);
    let outcome = home.run(["-r", "acme/x", "-p", "kimi", "true"]);
    outcome.shows_no_secret();
    outcome.fails(
        125,
        "jackin-exec: [ROOT]/home/.jackin/roles/acme/x/default/jackin.role.toml: not a directory\n\
         hint: move away the file that is where a folder belongs\n",
    );
}
