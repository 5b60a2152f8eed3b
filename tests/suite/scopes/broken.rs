//! Files that are broken, no regular files, or not ours.

use crate::scopes::home;

/// Ways in which a file can be broken: what, its text, and what is said of it after its path.
const BROKEN: &[(&str, &[u8], &str)] = &[
    ("no TOML", b"[env\n", ":1:5: unclosed table, expected `]`"),
    ("not UTF-8", b"[env]\nA = \"\xff\"\n", ":2:6: expected UTF-8"),
    (
        "a number for a value",
        b"[env]\nA = 1\n",
        ":2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "an unknown key in a value",
        b"[env]\nA = { value = \"x\", on_demnd = true }\n",
        ":2:20: unknown key; did you mean on_demand?",
    ),
    (
        "a version that is none",
        b"version = \"one\"\n",
        ":1:11: expected a version such as \"v1alpha9\"",
    ),
    ("env that is no table", b"env = 1\n", ":1:7: expected a table"),
];

#[test]
fn a_broken_file_of_the_chosen_workspace_stops_and_anothers_is_a_warning() {
    for (claim, text, words) in BROKEN {
        // The backslash makes the search for the workspace of the current directory read the file.
        let text = [text, b"# \\\n".as_slice()].concat();
        let home =
            home().file("home/.config/jackin/workspaces/bad.toml", &text).workspace("good", "");
        let path = "[ROOT]/home/.config/jackin/workspaces/bad.toml";
        home.run(["-w", "bad", "true"]).fails(125, &format!("jackin-exec: {path}{words}\n"));
        let warning = format!("jackin-exec: warning: {path}{words}; this workspace is skipped\n");
        let outcome = home.run(["true"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, warning.as_str()), "{claim}");
        home.run(["-q", "true"]).prints("");
        home.run(["-w", "good", "true"]).prints("");
        home.run(["--no-workspace", "true"]).prints("");
    }
}

#[test]
fn a_broken_config_toml_or_exec_toml_stops_whatever_is_asked_for() {
    for file in ["config.toml", "exec.toml"] {
        for (claim, text, words) in BROKEN {
            let words = if file == "exec.toml" {
                // Our own file has more forms of values, and no version.
                match *claim {
                    "a number for a value" => {
                        ":2:5: expected a string, { op = … }, { file = … }, { command = … } or { value = … }"
                    }
                    "a version that is none" => {
                        ":1:1: unknown key; known are default_provider, command, allow_env, redirect_for, env, roles, workspaces, folders, providers, ignore"
                    }
                    _ => words,
                }
            } else {
                words
            };
            let home =
                home().file(&format!("home/.config/jackin/{file}"), text).workspace("good", "");
            let wanted = format!("jackin-exec: [ROOT]/home/.config/jackin/{file}{words}\n");
            for arguments in [
                ["-w", "good", "true"].as_slice(),
                &["--no-workspace", "true"],
                &["-n"],
                &["providers"],
            ] {
                home.run(arguments).fails(125, &wanted);
            }
        }
    }
}

#[test]
fn files_of_workspaces_that_are_no_regular_files_are_left_out() {
    let folder = home().folder("home/.config/jackin/workspaces/folder.toml");
    folder.run(["true"]).is(
        0,
        "",
        "jackin-exec: warning: [ROOT]/home/.config/jackin/workspaces/folder.toml: not a regular file; this workspace is skipped\n",
    );
    folder.run(["-w", "folder", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/workspaces/folder.toml: not a regular file\n",
    );
    let pipe = home().fifo("home/.config/jackin/workspaces/pipe.toml");
    pipe.run(["-w", "pipe", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/workspaces/pipe.toml: not a regular file\n",
    );
    // A link to nothing is a workspace that is not there.
    let link = home().link("home/.config/jackin/workspaces/link.toml", "/nowhere");
    link.run(["true"]).prints("");
}

#[test]
fn files_beside_the_workspaces_are_none() {
    let home = home()
        .file("home/.config/jackin/workspaces/w.toml.tmp.1.2", "broken [")
        .file("home/.config/jackin/workspaces/w.TOML", "broken [")
        .file("home/.config/jackin/workspaces/.toml", "broken [")
        .file("home/.config/jackin/workspaces/...toml", "broken [")
        .file("home/.config/jackin/workspaces/a\\b.toml", "broken [")
        .file("home/.config/jackin/workspaces/README", "broken [");
    home.run(["true"]).prints("");
    home.run(["-w", "w", "true"]).fails(125, "jackin-exec: no workspace named w (available: none)\nhint: a workspace is a file workspaces/NAME.toml in the folder of the configuration\n");
}
