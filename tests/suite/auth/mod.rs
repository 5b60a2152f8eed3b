//! `auth`: keys are set, removed and shown where jackin looks for them, nothing else changes, and
//! nothing is half done.

mod crash;
mod entries;
mod ignored;
mod places;
mod said;
mod terminal;

use std::fs;
use std::io::Write;
use std::process::Child;
use std::process::Stdio;

use crate::support::Outcome;
use crate::support::Sandbox;
use crate::support::sandbox;

const DIR: &str = "home/.config/jackin";

/// A key of the right shape.
const KEY: &str = "sk-kimi-SENTINEL-1";

/// Starts the program with a text on its stdin.
fn start(sandbox: &Sandbox, words: &str, stdin: &str) -> Child {
    let mut command = sandbox.command();
    command
        .args(words.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end, or be killed, without having read it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child
}

/// Runs the program with a text on its stdin. Whatever it says holds no key.
#[track_caller]
fn run(sandbox: &Sandbox, words: &str, stdin: &str) -> Outcome {
    let output = start(sandbox, words, stdin).wait_with_output().unwrap();
    let outcome = sandbox.outcome(&output);
    assert!(
        !outcome.stdout.contains("SENTINEL") && !outcome.stderr.contains("SENTINEL"),
        "a key in {outcome:#?}"
    );
    outcome
}

/// A text with `§` for the folder of the configuration.
fn placed(text: &str) -> String {
    text.replace('§', "[ROOT]/home/.config/jackin")
}

/// All files of the configuration but the lock, with their bytes.
fn files(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "workspaces/"] {
        for entry in fs::read_dir(sandbox.config_dir().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("{folder}{name}");
            if name != "config.lock" && name != "workspaces" {
                found.push((path.clone(), sandbox.read(&format!("{DIR}/{path}"))));
            }
        }
    }
    found.sort();
    found
}

/// A sandbox with files of the configuration.
fn with(texts: &[(&str, &str)]) -> Sandbox {
    texts
        .iter()
        .fold(sandbox(), |sandbox, (name, text)| sandbox.file(&format!("{DIR}/{name}"), text))
}

const WORKSPACE: &str =
    "version = \"v1alpha8\"\nworkdir = \"/w\"\n\n[[mounts]]\nsrc = \"/w\"\ndst = \"/w\"\n";

/// Files, what is typed with what is on stdin, what is said, and the files then, byte for byte.
struct Row<'a> {
    before: &'a [(&'a str, &'a str)],
    words: &'a str,
    says: &'a str,
    after: &'a [(&'a str, &'a str)],
}

#[track_caller]
fn holds(rows: &[Row<'_>]) {
    for Row { before, words, says, after } in rows {
        let sandbox =
            with(before).script("bin/op", "exit 1").script("bin/pass", "exit 1").path_first("bin");
        run(&sandbox, words, &format!("{KEY}\n")).is(0, &placed(says), "");
        let wanted: Vec<(String, String)> =
            after.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        assert_eq!(files(&sandbox), wanted, "{words} with {before:#?}");
        is_read_back(&sandbox, words, says);
    }
}

/// What was written is what a launch in that scope reads: a key that was set is in the file that
/// was named.
#[track_caller]
fn is_read_back(sandbox: &Sandbox, words: &str, says: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let scope =
        words.windows(2).filter(|pair| ["-w", "-r", "--workspace", "--role"].contains(&pair[0]));
    let scope: String = scope.map(|pair| format!(" {} {}", pair[0], pair[1])).collect();
    let read = run(sandbox, &format!("auth --json{scope}"), "");
    assert_eq!((read.status, read.stderr.as_str()), (0, ""), "{words:?}");
    if words[1] == "set" {
        let shown = read.json();
        let shown = shown.as_array().unwrap().iter().find(|shown| shown["id"] == words[2]).unwrap();
        let file = shown["file"].as_str().unwrap_or("nowhere");
        assert!(says.contains(&format!("/{file}")), "{words:?}: {says} but read from {file}");
    }
}

/// Which scope offers a provider: by `auth --json` for a workspace and a role.
fn offered(sandbox: &Sandbox, provider: &str, scope: &str) -> bool {
    let shown = run(sandbox, &format!("auth --json{scope}"), "").json();
    let found = shown.as_array().unwrap().iter().find(|one| one["id"] == provider).unwrap();
    found["available"].as_bool().unwrap()
}
