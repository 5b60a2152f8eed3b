//! `auth`: keys are set, removed and shown where jackin looks for them, nothing else changes, and
//! nothing is half done.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::process::Child;
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

use crate::pty::Terminal;
use crate::support::Outcome;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;
use crate::support::status;

const DIR: &str = "home/.config/jackin";

const WORKSPACES: &str = "home/.config/jackin/workspaces";

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
    let root = sandbox.path("");
    let root = root.to_string_lossy();
    let text = |bytes: Vec<u8>| {
        String::from_utf8_lossy(&bytes).replace(root.trim_end_matches('/'), "[ROOT]")
    };
    let outcome = Outcome {
        status: status(output.status),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
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

#[test]
fn a_key_goes_into_the_file_and_table_in_which_jackin_looks_for_it() {
    let roles = "version = \"v1alpha9\"\n\n[roles.\"acme/r\"]\ngit = \"https://x\" # theirs\n\n[roles.b]\ngit = \"https://y\"\n";
    holds(&[
        Row {
            before: &[],
            words: "auth set kimi --stdin",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n",
            after: &[(
                "config.toml",
                "version = \"v1alpha9\"\n\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n",
            )],
        },
        Row {
            before: &[("config.toml", roles)],
            words: "auth set kimi --stdin --role acme/r",
            says: "Kimi: KIMI_CODE_API_KEY is set in role \"acme/r\", §/config.toml\n",
            after: &[(
                "config.toml",
                "version = \"v1alpha9\"\n\n[roles.\"acme/r\"]\ngit = \"https://x\" # theirs\n\n[roles.\"acme/r\".env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n\n[roles.b]\ngit = \"https://y\"\n",
            )],
        },
    ]);
    let sandbox = with(&[("config.toml", roles), ("workspaces/client b.toml", WORKSPACE)]);
    let written = |scope: &[&str]| {
        let mut command = sandbox.command();
        let output = command
            .args(["auth", "set", "kimi", "--env", "K", "-w", "client b"])
            .args(scope)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        sandbox.read(&format!("{DIR}/workspaces/client b.toml"))
    };
    assert_eq!(written(&[]), format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n"));
    let both = format!(
        "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n\n[roles.b.env]\nKIMI_CODE_API_KEY = \"$K\"\n"
    );
    assert_eq!(written(&["-r", "B"]), both);
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), roles);
}

#[test]
fn each_form_goes_where_its_reader_is_and_the_other_files_entry_goes() {
    let old = "# mine\nversion = \"v1alpha9\"\n[env]\nA = \"SENTINEL\" # a\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[x]\ny = 1\n";
    let less = "# mine\nversion = \"v1alpha9\"\n[env]\nA = \"SENTINEL\" # a\n\n[x]\ny = 1\n";
    let ours = "[env]\nKIMI_CODE_API_KEY = { command = [\"echo\", \"SENTINEL\"], timeout = \"9s\" } # slow\nB = \"\"\n";
    let set = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nit replaces the key that was there\n";
    let gone = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nthe entry of the same scope in §/exec.toml is gone\n";
    let new = |value: &str| old.replace("'SENTINEL'\n", &format!("{value}\n"));
    holds(&[
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --op op://W/K/f?attribute=otp --account me",
            says: set,
            after: &[(
                "config.toml",
                &new("{ op = \"op://W/K/f?attribute=otp\", path = \"W/K/f\", account = \"me\" }"),
            )],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --op op://W/K/s/f",
            says: gone,
            after: &[
                ("config.toml", &new("{ op = \"op://W/K/s/f\", path = \"W/K/s/f\" }")),
                ("exec.toml", "[env]\nB = \"\"\n"),
            ],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --stdin",
            says: gone,
            after: &[
                ("config.toml", &new("\"sk-kimi-SENTINEL-1\"")),
                ("exec.toml", "[env]\nB = \"\"\n"),
            ],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --file /etc/hostname",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nit replaces the key that was there\nthe entry of the same scope in §/config.toml is gone\n",
            after: &[
                ("config.toml", less),
                (
                    "exec.toml",
                    "[env]\nKIMI_CODE_API_KEY = { file = \"/etc/hostname\" } # slow\nB = \"\"\n",
                ),
            ],
        },
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --command -- pass show a\\b -- -x",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nthe entry of the same scope in §/config.toml is gone\n",
            after: &[
                ("config.toml", less),
                (
                    "exec.toml",
                    "[env]\nKIMI_CODE_API_KEY = { command = [\"pass\", \"show\", 'a\\b', \"--\", \"-x\"] }\n",
                ),
            ],
        },
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --role agent-smith --stdin",
            says: "Kimi: KIMI_CODE_API_KEY is set in role \"agent-smith\", §/exec.toml\nit hides the key of less specific scopes: global\n",
            after: &[
                ("config.toml", old),
                (
                    "exec.toml",
                    "[roles.agent-smith.env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n",
                ),
            ],
        },
    ]);
}

#[test]
fn a_variable_that_is_not_set_and_a_file_that_is_not_there_are_told() {
    let sandbox = sandbox().folder("here/k");
    run(&sandbox, "auth set kimi --env NOT_SET", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nKimi is not available yet: KIMI_CODE_API_KEY in the global scope is $NOT_SET, which is unset or empty\n"),
        "",
    );
    run(&sandbox, "auth set kimi --file k", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nthe entry of the same scope in §/config.toml is gone\n"),
        "jackin-exec: warning: [ROOT]/here/k does not exist, or is not a regular file\n",
    );
    assert!(
        sandbox.read(&format!("{DIR}/exec.toml")).contains("/here/k\" }"),
        "a relative path was meant from here"
    );
}

#[test]
fn every_byte_that_is_not_the_entrys_stays() {
    let crlf = "\u{feff}# first\r\nversion = \"v1alpha3\"\r\nop_account = 'x'\r\n\r\n[ env ] # e\r\n\tA = \"SENTINEL\"\t# why\r\n\r\n# next\r\n[unknown.\"ta ble\"]\r\nx = { y = 1,z=2 }\r\nlast = '''\r\n[env]\r\n'''";
    let added = crlf.replace("# why\r\n", "# why\r\n\tKIMI_CODE_API_KEY = \"$K\"\r\n");
    let table = "version = 'v1alpha9'\n\n[env.KIMI_CODE_API_KEY]\nop = \"op://a/b/c\"\npath = \"a/b/c\"\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n";
    let inline =
        "env = { A = 'SENTINEL', KIMI_CODE_API_KEY = \"SENTINEL\" }  # one line\nroles = {}\n";
    for (before, words, after) in [
        (crlf, "auth set kimi --env K", &*added),
        (&*added, "auth unset kimi", crlf),
        (
            table,
            "auth set kimi --env K",
            "version = 'v1alpha9'\n\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n",
        ),
        (
            table,
            "auth unset kimi",
            "version = 'v1alpha9'\n\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n",
        ),
        (
            inline,
            "auth set kimi --env K",
            "env = { A = 'SENTINEL', KIMI_CODE_API_KEY = \"$K\" }  # one line\nroles = {}\n",
        ),
        (inline, "auth unset kimi", "env = { A = 'SENTINEL' }  # one line\nroles = {}\n"),
        ("env.KIMI_CODE_API_KEY = 'SENTINEL'\nenv.B = ''", "auth unset kimi", "env.B = ''"),
        ("[env]\n# k\nKIMI_CODE_API_KEY = 'SENTINEL'\n", "auth unset kimi", "[env]\n# k\n"),
    ] {
        let sandbox = with(&[("config.toml", before)]).env("K", "SENTINEL");
        assert_eq!(run(&sandbox, words, "").status, 0, "{words} with {before:?}");
        assert_eq!(
            files(&sandbox),
            [("config.toml".to_owned(), after.to_owned())],
            "{words} with {before:?}"
        );
    }
}

#[test]
fn a_workspace_that_is_a_table_of_config_toml_is_edited_there() {
    let old = "[workspaces.w]\nworkdir = \"/w\"\nenv = { A = \"SENTINEL\" }\n\n[workspaces.v]\nworkdir = \"/v\"\n";
    let sandbox = with(&[("config.toml", old)]);
    run(&sandbox, "auth set zai --env K -w w", "");
    run(&sandbox, "auth set zai --env K -w v", "");
    run(&sandbox, "auth ignore kimi -w v -r the-architect", "");
    assert_eq!(
        files(&sandbox),
        [
            (
                "config.toml".to_owned(),
                "[workspaces.w]\nworkdir = \"/w\"\nenv = { A = \"SENTINEL\", ZAI_API_KEY = \"$K\" }\n\n[workspaces.v]\nworkdir = \"/v\"\n\n[workspaces.v.env]\nZAI_API_KEY = \"$K\"\n"
                    .to_owned()
            ),
            (
                "exec.toml".to_owned(),
                "[workspaces.v.roles.the-architect.ignore]\nkimi = true\n".to_owned()
            ),
        ]
    );
}

#[test]
fn setting_and_unsetting_leaves_the_files_as_they_were() {
    let before = [
        (
            "config.toml",
            "version = \"v1alpha9\"\n\n[env]\nA = \"SENTINEL\"\n\n[roles.r]\ngit = \"x\"\n",
        ),
        ("workspaces/w.toml", WORKSPACE),
    ];
    let sandbox = with(&before);
    let untouched = files(&sandbox);
    for scope in ["", " -r r", " -w w", " -w w -r r"] {
        for form in ["--stdin", "--op op://a/b/c", "--env K", "--file /k", "--command -- x"] {
            let (options, rest) = form.split_once(" -- ").unwrap_or((form, ""));
            let rest = if rest.is_empty() { String::new() } else { format!(" -- {rest}") };
            assert_eq!(
                run(&sandbox, &format!("auth set kimi{scope} {options}{rest}"), KEY).status,
                0
            );
            assert_ne!(files(&sandbox), untouched, "{scope} {form}");
            assert_eq!(run(&sandbox, &format!("auth unset kimi{scope}"), "").status, 0);
            let now: Vec<_> =
                files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect();
            assert_eq!(now, untouched, "{scope} {form}");
        }
        for provider in ["kimi", "zai"] {
            for undo in ["unset", "set"] {
                assert_eq!(run(&sandbox, &format!("auth ignore {provider}{scope}"), "").status, 0);
                assert_ne!(files(&sandbox), untouched);
                let stdin = if undo == "set" { " --stdin" } else { "" };
                assert_eq!(
                    run(&sandbox, &format!("auth {undo} {provider}{scope}{stdin}"), KEY).status,
                    0
                );
                assert_eq!(run(&sandbox, &format!("auth unset {provider}{scope}"), KEY).status, 0);
                let now: Vec<_> =
                    files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect();
                assert_eq!(now, untouched, "{scope} {provider} {undo}");
            }
        }
    }
}

/// Which scope offers a provider: by `auth --json` for a workspace and a role.
fn offered(sandbox: &Sandbox, provider: &str, scope: &str) -> bool {
    let shown = run(sandbox, &format!("auth --json{scope}"), "").json();
    let found = shown.as_array().unwrap().iter().find(|one| one["id"] == provider).unwrap();
    found["available"].as_bool().unwrap()
}

#[test]
fn an_ignored_provider_is_not_offered_there_whatever_less_specific_scopes_declare() {
    let scopes = [" --no-workspace", " --no-workspace -r r", " -w w", " -w w -r r"];
    // The launches that see a scope: its own and the more specific ones.
    let sees = [
        [true, true, true, true],
        [false, true, false, true],
        [false, false, true, true],
        [false, false, false, true],
    ];
    for provider in ["kimi", "zai"] {
        for (index, scope) in scopes.iter().enumerate() {
            let scope = scope.replace(" --no-workspace", "");
            let sandbox = with(&[
                ("config.toml", "[roles.r]\ngit = 'x'\n"),
                ("workspaces/w.toml", WORKSPACE),
            ]);
            let less: &[&str] = match index {
                0 => &[""],
                1 => &["", " -r r"],
                2 => &["", " -r r", " -w w"],
                _ => &["", " -r r", " -w w", " -w w -r r"],
            };
            for scope in less {
                assert_eq!(
                    run(&sandbox, &format!("auth set {provider} --stdin{scope}"), KEY).status,
                    0
                );
            }
            assert_eq!(run(&sandbox, &format!("auth ignore {provider}{scope}"), "").status, 0);
            for (launch, seen) in scopes.iter().zip(sees[index]) {
                assert_eq!(
                    offered(&sandbox, provider, launch),
                    !seen,
                    "{provider}{scope} seen from{launch}"
                );
            }
            assert_eq!(
                run(&sandbox, &format!("auth set {provider} --stdin{scope}"), KEY).status,
                0
            );
            assert!(offered(&sandbox, provider, scopes[index]), "{provider}{scope} after set");
        }
    }
}

#[test]
fn a_key_that_is_set_below_an_ignored_scope_is_offered() {
    let sandbox = with(&[
        ("config.toml", "[kimi]\nauth_forward = \"ignore\"\n\n[roles.r]\ngit = 'x'\n"),
        ("workspaces/w.toml", WORKSPACE),
    ]);
    run(&sandbox, "auth set kimi --stdin -w w", KEY).is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in workspace \"w\", §/workspaces/w.toml\n"),
        "",
    );
    assert_eq!(
        sandbox.read(&format!("{DIR}/workspaces/w.toml")),
        format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
    assert!(offered(&sandbox, "kimi", " -w w") && !offered(&sandbox, "kimi", " --no-workspace"));
    run(&sandbox, "auth unset kimi -w w", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nignored by [kimi] auth_forward in the global scope\n"),
        "",
    );
    assert_eq!(sandbox.read(&format!("{DIR}/workspaces/w.toml")), WORKSPACE);
    // jackin has no mode for a role; its key is more specific than the global mode.
    run(&sandbox, "auth set kimi --stdin -r r", KEY).is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in role \"r\", §/config.toml\n"),
        "",
    );
    assert!(offered(&sandbox, "kimi", " --no-workspace -r r"));
}

#[test]
fn a_provider_that_is_ignored_keeps_its_key_and_has_it_again_with_enter() {
    // Provider, its key's place, what ignoring writes, and what Enter leaves.
    for (provider, key) in [("kimi", "KIMI_CODE_API_KEY"), ("zai", "ZAI_API_KEY")] {
        let sandbox = with(&[]).env("TERM", "xterm");
        run(&sandbox, &format!("auth set {provider} --stdin"), KEY);
        let before = files(&sandbox);
        run(&sandbox, &format!("auth ignore {provider}"), "");
        assert!(!offered(&sandbox, provider, ""), "{provider}");
        assert!(
            files(&sandbox).iter().any(|(_, text)| text.contains(KEY)),
            "{provider} has lost its key"
        );
        // A second time changes nothing.
        let ignored = files(&sandbox);
        let again = run(&sandbox, &format!("auth ignore {provider}"), "");
        assert!(again.stdout.ends_with("is ignored already in the global scope\n"), "{again:#?}");
        assert_eq!(files(&sandbox), ignored);
        let mut terminal =
            Terminal::open().start(&sandbox.launch().words(["auth", "set", provider]));
        terminal.wait_for(&format!(
            "{key} for the global scope (not shown; Enter keeps the one that is there): "
        ));
        terminal.send("\r");
        assert_eq!(terminal.end(), "exit 0");
        assert!(
            terminal.text().contains(" is no longer ignored in the global scope, "),
            "{}",
            terminal.text()
        );
        assert_eq!(
            files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>(),
            before
        );
        let mut terminal =
            Terminal::open().start(&sandbox.launch().words(["auth", "set", provider]));
        terminal.wait_for("there): ").send("\r");
        assert_eq!(terminal.end(), "exit 0");
        assert!(
            terminal.text().contains(&format!("{key} stays as it is in the global scope")),
            "{}",
            terminal.text()
        );
    }
}

#[test]
fn ignoring_changes_no_key_wherever_it_is() {
    let exec = "[env]\nZAI_API_KEY = 'SENTINEL'\nDEEPSEEK_API_KEY = { file = '/k' }\nMINIMAX_API_KEY = { command = ['x'] }\n";
    let sandbox = with(&[("exec.toml", exec)]);
    for provider in ["zai", "minimax", "deepseek"] {
        assert_eq!(run(&sandbox, &format!("auth ignore {provider}"), "").status, 0);
        assert!(!offered(&sandbox, provider, ""), "{provider}");
    }
    let ignore = "\n[ignore]\nzai = true\nminimax = true\ndeepseek = true\n";
    assert_eq!(files(&sandbox), [("exec.toml".to_owned(), format!("{exec}{ignore}"))]);
}

/// An empty key in jackin's file would be one for jackin, which would offer Z.AI without a token.
#[test]
fn ignoring_writes_nothing_into_jackins_files() {
    for provider in ["kimi", "zai", "deepseek"] {
        let sandbox = with(&[("workspaces/w.toml", WORKSPACE)]);
        let outcome = run(&sandbox, &format!("auth ignore {provider} -w w"), "");
        let exec = format!("[workspaces.w.ignore]\n{provider} = true\n");
        let untouched = ("workspaces/w.toml".to_owned(), WORKSPACE.to_owned());
        assert_eq!(files(&sandbox), [("exec.toml".to_owned(), exec), untouched]);
        let jackin = "jackin does not read exec.toml and offers ";
        assert_eq!(outcome.stdout.contains(jackin), provider != "deepseek", "{outcome:#?}");
    }
}

/// For jackin the mode says whether it copies the operator's login into containers, and no mode
/// says that it does.
#[test]
fn jackins_mode_for_kimi_stays_as_it_is() {
    let mode = "[kimi]\nauth_forward = \"ignore\"\n";
    let config = format!("[env]\nKIMI_CODE_API_KEY = \"SENTINEL\"\n\n{mode}");
    let workspace =
        format!("{WORKSPACE}\n{mode}\n[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n");
    let words = [
        "auth set kimi --stdin",
        "auth set kimi --stdin -w w",
        "auth set kimi --env K -w w -r the-architect",
        "auth ignore kimi -w w",
        "auth set kimi --stdin -w w",
        "auth unset kimi",
        "auth unset kimi -w w",
        "auth ignore kimi -w w -r the-architect",
        "auth unset kimi --all-scopes",
    ];
    let sandbox = with(&[("config.toml", &config), ("workspaces/w.toml", &workspace)]);
    for words in words {
        let outcome = run(&sandbox, words, KEY);
        assert_eq!(outcome.status, 0, "{words}: {outcome:#?}");
        let read = |file| sandbox.read(&format!("{DIR}/{file}"));
        assert!(read("config.toml").contains(mode), "{words}");
        assert!(
            read("workspaces/w.toml").contains(&format!(
                "{mode}\n[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n"
            )),
            "{words}"
        );
        let said = "jackin still forwards no login of Kimi: its auth_forward stays\n";
        let sets = words.contains("set");
        assert_eq!(outcome.stdout.contains(said), sets, "{words}: {outcome:#?}");
    }
    assert!(!sandbox.read(&format!("{DIR}/exec.toml")).contains("kimi"));
}

#[test]
fn a_key_that_is_set_where_jackin_ignores_is_offered() {
    let mode = "[kimi]\nauth_forward = \"ignore\"\n";
    let roles = "[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n";
    let workspace = format!("{WORKSPACE}\n{mode}\n{roles}");
    for scope in ["", " -w w", " -w w -r the-architect"] {
        let sandbox = with(&[("config.toml", mode), ("workspaces/w.toml", &workspace)]);
        let launch = if scope.is_empty() { " --no-workspace" } else { scope };
        assert_eq!(run(&sandbox, &format!("auth set kimi --stdin{scope}"), KEY).status, 0);
        assert!(offered(&sandbox, "kimi", launch), "{scope}");
        assert!(sandbox.read(&format!("{DIR}/exec.toml")).ends_with("ignore]\nkimi = false\n"));
        assert_eq!(run(&sandbox, &format!("auth ignore kimi{scope}"), KEY).status, 0);
        assert!(!offered(&sandbox, "kimi", launch), "{scope}");
    }
}

#[test]
fn what_holds_here_is_said_where_another_scope_was_changed() {
    let home = || {
        sandbox()
            .rooted(
                &format!("{DIR}/workspaces/w.toml"),
                "workdir = \"[ROOT]/here\"\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n",
            )
            .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL\"\n")
    };
    let here = "here, in workspace \"w\", the key of workspace \"w\" [env] is used\n";
    let removed = "Kimi: KIMI_CODE_API_KEY is removed from the global scope, §/config.toml\nKimi has no key there now\n";
    run(&home(), "auth unset kimi", "").is(0, &placed(&format!("{removed}{here}")), "");
    let set = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nit replaces the key that was there\n";
    let missing = "Kimi is not available yet: KIMI_CODE_API_KEY in the global scope is $NOT_SET, which is unset or empty\n";
    run(&home(), "auth set kimi --env NOT_SET", "").is(
        0,
        &placed(&format!("{set}{missing}{here}")),
        "",
    );
    // The same scope, or one that decides here, too.
    run(&home(), "auth unset kimi -w w", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nthe key of global [env] shows again\n"),
        "",
    );
    let home = home().exec("[workspaces.w.env]\nZAI_API_KEY = \"\"\n");
    run(&home, "auth set zai --stdin", "SENTINEL.of-zai").is(
        0,
        &placed("Z.AI: ZAI_API_KEY is set in the global scope, §/config.toml\nhere, in workspace \"w\", Z.AI is not available: ZAI_API_KEY is empty in the workspace scope\n"),
        "",
    );
}

#[test]
fn unset_says_what_shows_again() {
    let sandbox =
        with(&[("config.toml", "[roles.r]\ngit = 'x'\n"), ("workspaces/w.toml", WORKSPACE)]);
    for scope in ["", " -r r", " -w w", " -w w -r r"] {
        run(&sandbox, &format!("auth set kimi --stdin{scope}"), KEY);
    }
    for (scope, says) in [
        (
            " -w w -r r",
            "Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\" → role \"r\", §/workspaces/w.toml\nthe key of workspace \"w\" [env] shows again\n",
        ),
        (
            " -w w",
            "Kimi: KIMI_CODE_API_KEY is removed from workspace \"w\", §/workspaces/w.toml\nthe key of global [env] shows again\n",
        ),
        (
            "",
            "Kimi: KIMI_CODE_API_KEY is removed from the global scope, §/config.toml\nKimi has no key there now\n",
        ),
        ("", "Kimi: KIMI_CODE_API_KEY is not set in the global scope\n"),
    ] {
        run(&sandbox, &format!("auth unset kimi{scope}"), "").is(0, &placed(says), "");
    }
    let sandbox = sandbox.env("KIMI_CODE_API_KEY", "SENTINEL");
    run(&sandbox, "auth unset kimi -r r", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is removed from role \"r\", §/config.toml\nKIMI_CODE_API_KEY of the environment is used now\n"),
        "",
    );
}

#[test]
fn all_scopes_are_all_of_them() {
    let config = "[kimi]\nauth_forward = 'ignore'\n[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\nA = ''\n[roles.r]\ngit = 'x'\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\n[workspaces.old]\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\nenv.B = ''\n";
    let workspace = format!(
        "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[roles.r.env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[roles.r.kimi]\nauth_forward = 'ignore'\n"
    );
    let exec = "default_provider = 'kimi'\n[env]\nKIMI_CODE_API_KEY = { file = '/SENTINEL' }\n[ignore]\nkimi = false\n[roles.q.ignore]\nkimi = true\n[roles.q.env]\nKIMI_CODE_API_KEY = ''\n[workspaces.w.env]\nKIMI_CODE_API_KEY = ''\n[workspaces.w.roles.r.env]\nKIMI_CODE_API_KEY = ''\nZAI_API_KEY = 'SENTINEL'\n";
    holds(&[Row {
        before: &[("config.toml", config), ("exec.toml", exec), ("workspaces/w.toml", &workspace)],
        words: "auth unset kimi --all-scopes",
        says: "Kimi: KIMI_CODE_API_KEY is removed from every scope, §/config.toml, §/workspaces/w.toml, §/exec.toml\njackin still forwards no login of Kimi: its auth_forward stays\nignored by [kimi] auth_forward in the global scope\n",
        after: &[
            (
                "config.toml",
                "[kimi]\nauth_forward = 'ignore'\n[env]\nA = ''\n[roles.r]\ngit = 'x'\n[workspaces.old]\nenv.B = ''\n",
            ),
            (
                "exec.toml",
                "default_provider = 'kimi'\n[workspaces.w.roles.r.env]\nZAI_API_KEY = 'SENTINEL'\n",
            ),
            (
                "workspaces/w.toml",
                &format!("{WORKSPACE}\n[roles.r.kimi]\nauth_forward = 'ignore'\n"),
            ),
        ],
    }]);
}

#[test]
fn what_is_refused_changes_nothing() {
    let config =
        "version = \"v1alpha9\"\n\n[env]\nA = \"SENTINEL\"\n\n[roles.reviewer]\ngit = 'x'\n";
    let workspace = format!("allowed_roles = [\"reviewer\"]\n{WORKSPACE}");
    let rows: &[(&str, &str, &str)] = &[
        (
            "auth set kim --stdin",
            "",
            "no such provider (available: anthropic, zai, minimax, kimi, and 37 more in jackin-exec providers --all)\nhint: did you mean kimi?",
        ),
        (
            "auth set sk-SENTINEL",
            "",
            "no such provider (available: anthropic, zai, minimax, kimi, and 37 more in jackin-exec providers --all)",
        ),
        (
            "auth set kimi SENTINEL",
            "",
            "a key must not be typed on the command line\nhint: `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command say where it is",
        ),
        (
            "auth set kimi --role reviewr --stdin",
            KEY,
            "no role named reviewr (available: agent-smith, reviewer, the-architect)\nhint: did you mean reviewer?",
        ),
        ("auth set kimi --workspace v --stdin", KEY, "no workspace named v (available: w)"),
        (
            "auth set kimi -w w -r agent-smith --stdin",
            KEY,
            "workspace w does not allow role agent-smith; it allows reviewer",
        ),
        (
            "auth set kimi --global -w w --stdin",
            KEY,
            "--global excludes --workspace and --role\nhint: a scope is named once",
        ),
        (
            "auth unset kimi --all-scopes -r reviewer",
            "",
            "--all-scopes excludes --workspace and --role\nhint: a scope is named once",
        ),
        (
            "-p zai auth set kimi --stdin",
            KEY,
            "auth takes the provider as a word\nhint: jackin-exec auth set PROVIDER",
        ),
        (
            "-n auth ignore kimi",
            "",
            "--dry-run, --model, --pass-keys, --allow-foreign-env, --on-demand and --title apply to a launch only\nhint: see jackin-exec --help",
        ),
        (
            "auth set kimi --json --stdin",
            KEY,
            "--json and --no-workspace are for showing\nhint: jackin-exec auth --json shows what is set",
        ),
        (
            "auth set kimi --command pass SENTINEL",
            "",
            "the command that prints the key goes after `--`\nhint: jackin-exec auth set PROVIDER --command -- ARGV...",
        ),
        (
            "auth set kimi --key=SENTINEL",
            "",
            "unknown option of auth\nhint: see jackin-exec auth --help",
        ),
        (
            "auth ignore anthropic",
            "",
            "provider anthropic needs no key\nhint: a workspace's list of providers in exec.toml can leave it out",
        ),
        (
            "auth set kimi --op SENTINEL",
            "",
            "--op needs op://VAULT/ITEM/[SECTION/]FIELD\nhint: a key itself is asked for, or read with --stdin",
        ),
        (
            "auth set kimi --env sk-SENTINEL",
            "",
            "--env needs the name of a variable\nhint: a key itself is asked for, or read with --stdin",
        ),
        ("auth set kimi --stdin", "", "KIMI_CODE_API_KEY: the key is empty"),
        ("auth set kimi --stdin", "\n", "KIMI_CODE_API_KEY: the key is empty"),
        (
            "auth set kimi --stdin",
            "sk-kimi-SENTINEL\n\n",
            "KIMI_CODE_API_KEY: the key contains a line break or another control character",
        ),
        (
            "auth set kimi --stdin",
            "sk-kimi-\0SENTINEL",
            "KIMI_CODE_API_KEY: the value contains NUL",
        ),
        (
            "auth set kimi --stdin",
            "op://SENTINEL/b/c\n",
            "what was given is a reference to a key, not a key\nhint: give it with --op",
        ),
        (
            "auth set kimi --stdin",
            "${SENTINEL}\n",
            "what was given is a reference to a key, not a key\nhint: give it with --env",
        ),
        (
            "auth set kimi",
            "",
            "KIMI_CODE_API_KEY is asked for on a terminal, and there is none\nhint: give it with --stdin, or say where it is: --op, --env, --file or --command",
        ),
    ];
    let sandbox = with(&[("config.toml", config), ("workspaces/w.toml", &workspace)]);
    let before = files(&sandbox);
    for (words, stdin, says) in rows {
        run(&sandbox, words, stdin).fails(125, &format!("jackin-exec: {says}\n"));
        assert_eq!(files(&sandbox), before, "{words}");
    }
    assert!(!sandbox.config_dir().join("config.lock").exists(), "nothing was about to be written");
}

#[test]
fn a_file_that_is_broken_is_refused_with_the_position_and_stays() {
    for (name, text, says) in [
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = SENTINEL\n", "2:21: "),
        ("config.toml", "env = 'SENTINEL'\n", "1:7: expected a table\n"),
        (
            "config.toml",
            "[env]\nDOCKER_HOST = 'SENTINEL'\n",
            "2:1: DOCKER_HOST is reserved by jackin\n",
        ),
        ("exec.toml", "[env]\nA = { fil = 'SENTINEL' }\n", "2:5: "),
        ("workspaces/w.toml", "[env]\nA = 1\n", "2:5: expected "),
    ] {
        for words in
            ["auth set kimi -w w --stdin", "auth ignore kimi -w w", "auth unset kimi --all-scopes"]
        {
            let mut all = vec![("workspaces/w.toml", WORKSPACE)];
            all.retain(|(other, _)| *other != name);
            all.push((name, text));
            let sandbox = with(&all);
            let before = files(&sandbox);
            let outcome = run(&sandbox, words, KEY);
            let start = placed(&format!("jackin-exec: §/{name}:{says}"));
            assert!(
                outcome.status == 125 && outcome.stderr.starts_with(&start),
                "{name} {words}: {outcome:#?}"
            );
            assert_eq!(files(&sandbox), before);
        }
    }
}

#[test]
fn a_key_that_looks_wrong_is_kept_as_it_is_and_told() {
    for (key, warning) in [
        (" sk-kimi-SENTINEL", "has spaces or quotes around it"),
        ("\"sk-kimi-SENTINEL\"", "has spaces or quotes around it"),
        (
            "sk-SENTINEL",
            "does not begin with sk-kimi-: a key of the Moonshot platform, or of kimi.ai, is not a key of a membership at kimi.com",
        ),
    ] {
        let sandbox = sandbox();
        let outcome = run(&sandbox, "auth set kimi --stdin", &format!("{key}\n"));
        outcome.is(
            0,
            &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n"),
            &format!("jackin-exec: warning: KIMI_CODE_API_KEY {warning}\n"),
        );
        let script = "test \"$ANTHROPIC_AUTH_TOKEN\" = \"$1\"";
        let said = sandbox.run(["-q", "-p", "kimi", "sh", "-c", script, "sh", key]);
        assert_eq!(said.status, 0, "{said:#?}");
    }
}

#[test]
fn the_state_is_shown_and_never_a_key() {
    let sandbox = with(&[
        (
            "config.toml",
            "[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\nZAI_API_KEY = '$NOT_SET'\nMINIMAX_API_KEY = { value = 'SENTINEL', on_demand = true }\n[roles.r]\ngit = 'x'\nenv.KIMI_CODE_API_KEY = 'SENTINEL'\n[workspaces.old]\nenv.ZAI_API_KEY = 'SENTINEL'\n",
        ),
        ("workspaces/w.toml", &format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = {{ op = 'op://a/b/c', path = 'a/b/c' }}\nDEEPSEEK_API_KEY = ''\n")),
        ("exec.toml", "[env]\nMOONSHOT_API_KEY = { command = ['pass', 'SENTINEL'] }\n[providers.mine]\nbase_url = 'http://127.0.0.1:1'\nkey = false\nmodel = 'm'\n"),
    ])
    .env("ZAI_CN_API_KEY", "SENTINEL");
    run(&sandbox, "auth -w w -r r", "").is(
        0,
        "in workspace \"w\" → role \"r\":\n\
         anthropic  Anthropic  needs no key\n\
         zai        Z.AI       API key (global, config.toml): host $NOT_SET, not available\n\
         minimax    MiniMax    API key (global, config.toml): on_demand, not available\n\
         kimi       Kimi       API key (workspace, workspaces/w.toml): op a/b/c; hides global, role\n\
         bigmodel   BigModel   API key (environment)\n\
         deepseek   DeepSeek   ignored (workspace, workspaces/w.toml): empty\n\
         moonshot   Moonshot   API key (global, exec.toml): command pass\n\
         mine       mine       needs no key\n\
         34 more have no key here: jackin-exec providers --all\n",
        "",
    );
    let shown = run(&sandbox, "auth --json -w old", "").json();
    assert_eq!(
        shown[1],
        serde_json::json!({
            "id": "zai", "label": "Z.AI", "key_env": "ZAI_API_KEY", "mode": "api_key", "available": true,
            "origin": "workspace", "file": "config.toml", "form": "literal", "reference": null, "hides": ["global"],
            "missing": null
        })
    );
    run(&sandbox, "auth ignore kimi -w w", "");
    let shown = run(&sandbox, "auth --json -w w", "").json();
    assert_eq!(
        shown[3],
        serde_json::json!({
            "id": "kimi", "label": "Kimi", "key_env": "KIMI_CODE_API_KEY", "mode": "ignore", "available": false,
            "origin": "workspace", "file": "exec.toml", "form": "ignore", "reference": null,
            "hides": ["global", "workspace"], "missing": "ignored by [ignore] in the workspace scope of exec.toml"
        })
    );
}

#[test]
fn the_state_fits_a_narrow_terminal_and_keeps_every_word() {
    let sandbox = with(&[
        ("config.toml", "[env]\nKIMI_CODE_API_KEY = 'SENTINEL'\n"),
        (
            "workspaces/a long name of a workspace.toml",
            &format!(
                "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = {{ op = 'op://a-vault/an-item-with-a-long-name/credential', path = 'a/b/c' }}\n"
            ),
        ),
    ]);
    let shown = |columns: &str, colour: &str| {
        let mut command = sandbox.command();
        command
            .args(["auth", "-w", "a long name of a workspace"])
            .env("COLUMNS", columns)
            .env("CLICOLOR_FORCE", colour);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let wide = shown("", "0");
    assert!(wide.lines().any(|line| line.len() > 80), "too short for this test: {wide}");
    for columns in [40, 80] {
        let text = shown(&columns.to_string(), "0");
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{columns}:\n{text}");
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(letters(&text), letters(&wide), "{columns}");
    }
    assert!(shown("80", "1").contains("\u{1b}[32mkimi\u{1b}[0m"));
    assert!(!wide.contains('\u{1b}') && !wide.contains("SENTINEL"));
}

#[test]
fn files_are_private_folders_are_made_and_links_stay() {
    let sandbox = sandbox();
    fs::remove_dir_all(sandbox.path("home/.config")).unwrap();
    run(&sandbox, "auth unset kimi", "").is(
        0,
        "Kimi: KIMI_CODE_API_KEY is not set in the global scope\n",
        "",
    );
    assert!(!sandbox.path("home/.config").exists(), "there was nothing to write");
    run(&sandbox, "auth set kimi --stdin", KEY);
    let mode = |path: &str| fs::metadata(sandbox.path(path)).unwrap().mode() & 0o7777;
    assert_eq!(mode("home/.config/jackin"), 0o700);
    assert_eq!(mode(&format!("{DIR}/config.toml")), 0o600);
    assert_eq!(mode(&format!("{DIR}/config.lock")), 0o600);

    let sandbox =
        with(&[]).file("dotfiles/real.toml", "# real\n").mode("dotfiles/real.toml", 0o644);
    let sandbox = sandbox.link(&format!("{DIR}/config.toml"), "../../../dotfiles/hop");
    let sandbox = sandbox.file("dotfiles/new.toml", "");
    let sandbox = sandbox
        .link("dotfiles/hop", "real.toml")
        .link(&format!("{DIR}/exec.toml"), "../../../dotfiles/new.toml");
    run(&sandbox, "auth set kimi --stdin", KEY);
    run(&sandbox, "auth set zai --file /k", "");
    for (link, target) in [
        (format!("{DIR}/config.toml"), "../../../dotfiles/hop"),
        ("dotfiles/hop".to_owned(), "real.toml"),
    ] {
        assert_eq!(fs::read_link(sandbox.path(&link)).unwrap().to_str(), Some(target));
    }
    assert_eq!(
        sandbox.read("dotfiles/real.toml"),
        format!("# real\n\n[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
    assert_eq!(fs::metadata(sandbox.path("dotfiles/real.toml")).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(sandbox.read("dotfiles/new.toml"), "[env]\nZAI_API_KEY = { file = \"/k\" }\n");
}

#[test]
fn what_everybody_may_write_is_not_edited() {
    let paths = [DIR.to_owned(), format!("{DIR}/config.toml"), "dotfiles".to_owned()];
    for path in &paths {
        let sandbox = with(&[("exec.toml", "")]).file("dotfiles/x.toml", "");
        let sandbox = sandbox.link(&format!("{DIR}/config.toml"), "../../../dotfiles/x.toml");
        fs::set_permissions(
            sandbox.path(path),
            std::os::unix::fs::PermissionsExt::from_mode(0o777),
        )
        .unwrap();
        let outcome = run(&sandbox, "auth set kimi --stdin", KEY);
        assert_eq!(outcome.status, 125, "{path}: {outcome:#?}");
        assert!(outcome.stderr.contains("writable by everyone"), "{path}: {outcome:#?}");
        assert_eq!(sandbox.read("dotfiles/x.toml"), "");
    }
}

#[test]
fn what_root_writes_for_another_user_belongs_to_that_user() {
    if !is_root() {
        return;
    }
    let sandbox = with(&[("config.toml", "# x\n")])
        .owner(DIR, 12345)
        .owner(&format!("{DIR}/config.toml"), 12345);
    let dir = sandbox.config_dir();
    let refused = run(&sandbox, "auth set kimi --stdin", KEY);
    assert!(
        refused.status == 125 && refused.stderr.contains("belongs to another user"),
        "{refused:#?}"
    );
    for words in ["auth set kimi --stdin", "auth set zai --file /k"] {
        assert_eq!(
            run(&sandbox, &format!("{words} --config-dir {}", dir.display()), KEY).status,
            0
        );
    }
    for name in ["config.toml", "exec.toml", "config.lock"] {
        let found = fs::metadata(dir.join(name)).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o7777), (12345, 0o600), "{name}");
    }
}

#[test]
fn a_link_in_the_place_of_the_lock_is_refused_and_its_target_stays() {
    let sandbox =
        with(&[]).file("diary", "dear diary").link(&format!("{DIR}/config.lock"), "../../../diary");
    let hint = "not a regular file\n";
    let refused = run(&sandbox, "auth set kimi --stdin", KEY);
    refused.fails(125, &placed(&format!("jackin-exec: §/config.lock: {hint}")));
    assert_eq!((sandbox.read("diary"), files(&sandbox)), ("dear diary".to_owned(), vec![]));
    // It would have been made where the link leads.
    let sandbox = with(&[]).link(&format!("{DIR}/config.lock"), "../../../new");
    assert_eq!(run(&sandbox, "auth set kimi --stdin", KEY).status, 125);
    assert!(!sandbox.path("new").exists());
    let sandbox = with(&[]).fifo(&format!("{DIR}/config.lock"));
    run(&sandbox, "auth set kimi --stdin", KEY)
        .fails(125, &placed(&format!("jackin-exec: §/config.lock: {hint}")));
}

#[test]
fn in_another_users_folder_no_link_is_followed() {
    if !is_root() {
        return;
    }
    let links = ["config.toml", "exec.toml", "workspaces", "workspaces/w.toml"];
    let cases = links.iter().flat_map(|link| [(*link, DIR), (*link, WORKSPACES)]);
    for (link, owned) in cases.filter(|(link, owned)| *owned == DIR || *link == "workspaces/w.toml")
    {
        for exists in [true, false] {
            let sandbox =
                sandbox().file("roots/w.toml", "# root's\n").file("roots/real.toml", "# root's\n");
            let path = format!("{DIR}/{link}");
            if link == "workspaces" {
                fs::remove_dir(sandbox.path(&path)).unwrap();
            }
            let target = match (link, exists) {
                ("workspaces", true) => "roots",
                (_, true) => "roots/real.toml",
                (_, false) => "roots/new.toml",
            };
            let target = sandbox.path(target);
            let sandbox = sandbox.link(&path, target).owner(owned, 12345);
            let dir = sandbox.config_dir();
            for words in
                ["auth set kimi --stdin", "auth set zai --file /k", "auth set kimi --stdin -w w"]
            {
                let outcome =
                    run(&sandbox, &format!("{words} --config-dir {}", dir.display()), KEY);
                assert!(
                    outcome.status == 0 || outcome.stderr.starts_with("jackin-exec: "),
                    "{outcome:#?}"
                );
            }
            assert_eq!(sandbox.read("roots/real.toml"), "# root's\n", "{link}");
            assert_eq!(sandbox.read("roots/w.toml"), "# root's\n", "{link}");
            assert_eq!(fs::read_dir(sandbox.path("roots")).unwrap().count(), 2, "{link}");
            assert!(fs::symlink_metadata(sandbox.path(&path)).unwrap().is_symlink(), "{link}");
        }
    }
    let sandbox = sandbox();
    fs::remove_dir(sandbox.path(WORKSPACES)).unwrap();
    let target = sandbox.path("roots");
    let sandbox = sandbox.folder("roots").link(WORKSPACES, target).owner(DIR, 12345);
    let dir = sandbox.config_dir();
    run(&sandbox, &format!("auth set kimi --stdin --config-dir {}", dir.display()), KEY).fails(
        125,
        &placed(
            "jackin-exec: §/workspaces: a link in another user's folder, so it is not followed\n\
             hint: run jackin-exec as the user who owns the folder\n",
        ),
    );
    let sandbox =
        with(&[]).file("real.toml", "").link(&format!("{DIR}/config.toml"), "../../../real.toml");
    let sandbox = sandbox.owner(DIR, 12345);
    let dir = sandbox.config_dir();
    run(&sandbox, &format!("auth set kimi --stdin --config-dir {}", dir.display()), KEY).fails(
        125,
        &placed(
            "jackin-exec: §/config.toml: a link in another user's folder, so it is not followed\n\
             hint: run jackin-exec as the user who owns the folder\n",
        ),
    );
}

#[test]
fn root_makes_no_folder_in_another_users_home() {
    if !is_root() {
        return;
    }
    let sandbox = sandbox().owner("home", 12345);
    fs::remove_dir_all(sandbox.path("home/.config")).unwrap();
    run(&sandbox, "auth set kimi --stdin", KEY).fails(
        125,
        "jackin-exec: [ROOT]/home: belongs to another user (12345), so it is not trusted\n\
         hint: change its owner, or name its folder with --config-dir\n",
    );
    assert!(!sandbox.path("home/.config").exists());
}

#[test]
fn two_names_of_one_file_are_changed_once() {
    let sandbox = with(&[]).file(
        "dotfiles/both.toml",
        format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"SENTINEL\"\n"),
    );
    let target = sandbox.path("dotfiles/both.toml");
    let sandbox = sandbox
        .link(&format!("{WORKSPACES}/a.toml"), &target)
        .link(&format!("{WORKSPACES}/b.toml"), &target);
    let outcome = run(&sandbox, "auth unset kimi --all-scopes", "");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    assert_eq!(sandbox.read("dotfiles/both.toml"), WORKSPACE);
}

#[test]
fn a_change_of_two_files_of_which_one_cannot_be_written_changes_neither() {
    let sandbox = with(&[("config.toml", "# mine\n")]);
    let sandbox = sandbox.file("far/exec.toml", "[env]\nKIMI_CODE_API_KEY = { file = \"/k\" }\n");
    // A folder that is mounted read-only is what root cannot write either; a bind mount makes one.
    let script =
        "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";
    let sandbox = sandbox.link(&format!("{DIR}/exec.toml"), "../../../far/exec.toml");
    let mut command = std::process::Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(sandbox.path("far"));
    command.args([crate::support::PROGRAM, "auth", "set", "kimi", "--stdin"]);
    command.env_clear().env("HOME", sandbox.path("home")).env("PATH", "/usr/bin:/bin");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended already, where it may not mount.
    let _ = child.stdin.take().unwrap().write_all(KEY.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        crate::support::skipped(format_args!("this test needs the right to mount: {said}"));
        return;
    }
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.ends_with("far/exec.toml: cannot be written: read-only file system\n"), "{said}");
    assert!(!said.contains("SENTINEL"));
    assert_eq!(files(&sandbox)[0], ("config.toml".to_owned(), "# mine\n".to_owned()));
    assert_eq!(fs::read_dir(sandbox.config_dir()).unwrap().count(), 4, "nothing staged is left");
}

#[test]
fn the_lock_is_waited_for_and_then_names_us_as_its_holder() {
    let sandbox = with(&[("config.toml", "# x\n"), ("config.lock", "4321\n")]);
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(sandbox.config_dir().join("config.lock"))
        .unwrap();
    let lock = Flock::lock(file, FlockArg::LockShared).unwrap();
    let child = start(&sandbox, "auth set zai --env K", "");
    let process = child.id();
    // It has come to the lock when it has opened it for writing.
    let holds = |name: &str| {
        fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().any(|entry| {
            fs::read_link(entry.unwrap().path()).is_ok_and(|target| target.ends_with(name))
        })
    };
    while !holds("config.lock") {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# x\n");
    drop(lock);
    assert_eq!(status(child.wait_with_output().unwrap().status), 0);
    assert_eq!(sandbox.read(&format!("{DIR}/config.lock")), format!("{process}\n"));
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# x\n\n[env]\nZAI_API_KEY = \"$K\"\n");
}

#[test]
fn writers_side_by_side_lose_nothing() {
    let providers =
        ["zai", "minimax", "kimi", "bigmodel", "deepseek", "minimax-cn", "moonshot", "moonshot-cn"];
    let sandbox = with(&[("config.toml", "# kept\n[env]\nA = \"SENTINEL\"\n")]);
    for round in 0..3 {
        for verb in ["set", "unset"] {
            let words = |provider: &str| match (verb, round) {
                ("set", 1) => format!("auth set {provider} --file /k"),
                ("set", _) => format!("auth set {provider} --env A"),
                _ => format!("auth unset {provider}"),
            };
            let children: Vec<Child> =
                providers.iter().map(|provider| start(&sandbox, &words(provider), "")).collect();
            for child in children {
                let output = child.wait_with_output().unwrap();
                assert_eq!(
                    output.status.code(),
                    Some(0),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            for provider in providers {
                let shown = run(&sandbox, "auth --json", "").json();
                let found =
                    shown.as_array().unwrap().iter().find(|one| one["id"] == provider).unwrap();
                assert_eq!(
                    found["origin"] == "global",
                    verb == "set",
                    "{provider} in round {round}"
                );
            }
        }
    }
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# kept\n[env]\nA = \"SENTINEL\"\n");
}

/// A key in the one that wins and in the one that loses.
fn crashing() -> Sandbox {
    with(&[
        (
            "config.toml",
            "# mine\n[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"hidden\" # h\n\n[kimi]\nauth_forward = \"ignore\"\n",
        ),
        ("exec.toml", "[env]\nKIMI_CODE_API_KEY = { command = [\"old\"] }\n"),
    ])
}

/// The states of the files that a change goes through, and no others, whenever it is killed.
struct Crash {
    words: &'static str,
    states: Vec<Vec<(String, String)>>,
}

impl Crash {
    fn new(words: &'static str, states: &[(&str, &str)]) -> Self {
        let names = ["config.toml", "exec.toml"];
        let pair = |(config, exec): &(&str, &str)| {
            names
                .iter()
                .zip([config, exec])
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        Self { words, states: states.iter().map(pair).collect() }
    }

    fn all() -> Vec<Self> {
        let old = (
            "# mine\n[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"hidden\" # h\n\n[kimi]\nauth_forward = \"ignore\"\n",
            "[env]\nKIMI_CODE_API_KEY = { command = [\"old\"] }\n",
        );
        let set = old.0.replace("\"hidden\"", &format!("\"{KEY}\""));
        let bare = "# mine\n[env]\nA = \"SENTINEL\"\n\n[kimi]\nauth_forward = \"ignore\"\n";
        let file = "[env]\nKIMI_CODE_API_KEY = { file = \"/k\" }\n";
        let offered = "[ignore]\nkimi = false\n";
        let both = format!("{file}\n{offered}");
        vec![
            // The key that wins is in force until it goes; it is offered last.
            Self::new("auth set kimi --stdin", &[old, (&set, old.1), (&set, offered)]),
            Self::new(
                "auth set kimi --file /k",
                &[old, (old.0, file), (bare, file), (bare, &both)],
            ),
            Self::new("auth unset kimi", &[old, (bare, old.1), (bare, "")]),
        ]
    }

    /// The state that the files are in now. What was left over beside them is removed by the next
    /// change.
    #[track_caller]
    fn state(&self, sandbox: &Sandbox) -> usize {
        let mut now = files(sandbox);
        let staged = now.len();
        now.retain(|(name, _)| !name.contains(".tmp.jackin-exec."));
        assert!(
            staged - now.len() <= 2,
            "{}: more than one text of each file was left over",
            self.words
        );
        let found = self.states.iter().position(|state| *state == now);
        found.unwrap_or_else(|| {
            panic!("{}: a state that it should not go through: {now:#?}", self.words)
        })
    }

    /// A change after the crash finds everything in order.
    #[track_caller]
    fn is_healed(&self, sandbox: &Sandbox) {
        assert_eq!(run(sandbox, self.words, KEY).status, 0, "{} again", self.words);
        assert_eq!(self.state(sandbox), self.states.len() - 1, "{} again", self.words);
        assert!(
            files(sandbox).iter().all(|(name, _)| !name.contains(".tmp.")),
            "something was left over"
        );
    }
}

/// A change that is run system call by system call.
struct Traced {
    child: Child,
    process: Pid,
}

impl Traced {
    /// Starts a change; `None` if processes may not be traced here.
    fn start(sandbox: &Sandbox, words: &str) -> Option<Self> {
        let input = sandbox.path("key");
        fs::write(&input, KEY).unwrap();
        let launch = sandbox.launch().words(words.split(' ')).step("0", &input).step("traced", "");
        let mut command = launch.command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let process = Pid::from_raw(child.id().cast_signed());
        if !matches!(
            nix::sys::wait::waitpid(process, None),
            Ok(WaitStatus::Stopped(_, Signal::SIGTRAP))
        ) {
            let _ = child.wait();
            crate::support::skipped("this test needs the right to trace a process");
            return None;
        }
        Some(Self { child, process })
    }

    /// Goes on to the start or the end of the next system call. Tells whether there was one.
    fn step(&mut self) -> bool {
        ptrace::syscall(self.process, None).unwrap();
        let goes_on =
            matches!(nix::sys::wait::waitpid(self.process, None).unwrap(), WaitStatus::Stopped(..));
        if !goes_on {
            // It was waited for already; this only tells so.
            let _ = self.child.wait();
        }
        goes_on
    }

    /// Goes on until the files have changed so many times.
    fn run_to_change(&mut self, sandbox: &Sandbox, changes: usize) {
        let (mut before, mut seen) = (files(sandbox), 0);
        while seen < changes {
            assert!(self.step(), "ended after {seen} changes of the files");
            let now = files(sandbox);
            seen += usize::from(now != before);
            before = now;
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a kill at the end of a system call leaves is what the files hold there. So one run shows
/// every state, and only where the files have changed a run is killed.
#[test]
fn killed_after_any_system_call_it_leaves_the_old_or_the_new_file() {
    for crash in Crash::all() {
        let sandbox = crashing();
        let Some(mut change) = Traced::start(&sandbox, crash.words) else {
            return;
        };
        let (mut before, mut stops, mut changes) = (files(&sandbox), 0, 0);
        let mut seen = BTreeSet::from([crash.state(&sandbox)]);
        let lock = sandbox.config_dir().join("config.lock");
        while change.step() {
            stops += usize::from(lock.exists());
            seen.insert(crash.state(&sandbox));
            let now = files(&sandbox);
            changes += usize::from(now != before);
            before = now;
        }
        assert!(stops > 80, "{}: only {stops} stops", crash.words);
        assert_eq!(
            seen,
            (0..crash.states.len()).collect(),
            "{}: every state was come to",
            crash.words
        );
        for number in 0..=changes {
            let sandbox = crashing();
            let mut change = Traced::start(&sandbox, crash.words).unwrap();
            change.run_to_change(&sandbox, number);
            change.kill();
            crash.state(&sandbox);
            crash.is_healed(&sandbox);
        }
    }
}

/// `JACKIN_EXEC_CRASHES=500 cargo test --test suite killed_at_some_moment -- --nocapture`
#[test]
fn killed_at_some_moment_it_leaves_the_old_or_the_new_file() {
    let count = std::env::var("JACKIN_EXEC_CRASHES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(20_u32);
    for crash in Crash::all() {
        let mut found = vec![0; crash.states.len()];
        let whole = std::time::Instant::now();
        let sandbox = crashing();
        assert_eq!(run(&sandbox, crash.words, KEY).status, 0);
        // Spread over somewhat more than the time that it takes.
        let whole = whole.elapsed() + Duration::from_micros(500);
        for number in 0..count {
            let sandbox = crashing();
            let mut child = start(&sandbox, crash.words, KEY);
            std::thread::sleep(whole * number / count);
            child.kill().unwrap();
            child.wait().unwrap();
            found[crash.state(&sandbox)] += 1;
            if number % 5 == 0 {
                crash.is_healed(&sandbox);
            }
        }
        eprintln!("{}: {count} times killed, found in state {found:?}", crash.words);
    }
}

/// What a terminal's window sees of the question for a key.
const PROMPT: &str = "KIMI_CODE_API_KEY for the global scope (not shown): ";

#[test]
fn the_key_is_asked_for_and_not_shown() {
    for (term, keys, wanted) in [
        ("xterm", "sk-kimi-SENTINEL\r", Some("sk-kimi-SENTINEL")),
        ("dumb", "sk-kimi-SENTINEL\n", Some("sk-kimi-SENTINEL")),
        ("xterm", "sk-kimi-SENTINExü\x7f\x7fL\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "wrong\x15sk-kimi-SENTINEL\x1b[D\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b[200~sk-kimi-SENTINEL\x1b[201~\r", Some("sk-kimi-SENTINEL")),
        // With its last line break, as it is copied from a page; and with the question of a
        // terminal answered meanwhile.
        ("xterm", "\x1b[200~sk-kimi-SENTINEL\r\x1b[201~\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b]11;rgb:0/0/0\x07sk-kimi-SENTINEL\r", Some("sk-kimi-SENTINEL")),
        ("xterm", "\x1b", None),
        ("xterm", "\x04", None),
        ("xterm", "sk-kimi-SENTINEL\x1b", None),
    ] {
        let sandbox = sandbox().env("TERM", term);
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&sandbox.launch().words(["auth", "set", "kimi"]));
        terminal.wait_for("jackin-exec: get a key at https://www.kimi.com/code/console");
        terminal.wait_for(PROMPT).send(keys);
        let end = terminal.end();
        assert_eq!(terminal.modes(), before, "{keys:?}");
        assert!(!terminal.text().contains("SENTINEL"), "{keys:?}: {:?}", terminal.text());
        assert_eq!(
            end,
            if wanted.is_some() { "exit 0" } else { "exit 130" },
            "{keys:?}: {:?}",
            terminal.text()
        );
        if term == "xterm" {
            assert!(
                terminal.text().contains("\x1b[?2004h") && terminal.text().contains("\x1b[?2004l")
            );
        }
        let written = wanted
            .map(|key| format!("version = \"v1alpha9\"\n\n[env]\nKIMI_CODE_API_KEY = \"{key}\"\n"));
        assert_eq!(
            sandbox.read(&format!("{DIR}/config.toml")),
            written.unwrap_or_default(),
            "{keys:?}"
        );
    }
}

#[test]
fn the_second_line_of_a_paste_does_not_become_a_command_of_the_shell() {
    for keys in ["sk-kimi-\nSENTINEL\n", "\x1b[200~sk-kimi-\rSENTINEL\x1b[201~\r"] {
        let sandbox = sandbox().env("TERM", "xterm");
        let script = format!(
            "{} auth set kimi; echo status $?; read -r line; echo \"then <$line>\"",
            crate::support::PROGRAM
        );
        let launch = sandbox.launch().program("/bin/sh").words(["-c", &script]);
        let mut terminal = Terminal::open().start(&launch);
        terminal.wait_for(PROMPT).send(keys).wait_for("status 125").send("next\n");
        assert_eq!(terminal.end(), "exit 0");
        let text = terminal.text();
        assert!(
            text.contains("the key contains a line break or another control character"),
            "{text:?}"
        );
        assert!(text.contains("then <next>") && !text.contains("SENTINEL"), "{text:?}");
        assert_eq!(files(&sandbox), []);
    }
}

#[test]
fn a_signal_at_the_question_for_a_key_restores_the_terminal() {
    for (keys, signal) in [("\x03", Signal::SIGINT), ("", Signal::SIGTERM), ("", Signal::SIGHUP)] {
        let sandbox = sandbox().env("TERM", "xterm");
        let mut terminal = Terminal::open();
        let before = terminal.modes();
        terminal = terminal.start(&sandbox.launch().words(["auth", "set", "kimi"]));
        terminal.wait_for(PROMPT).send("SENTINEL").send(keys);
        if keys.is_empty() {
            terminal.signal(signal);
        }
        assert_eq!(terminal.end(), format!("signal {}", signal as i32));
        assert_eq!(terminal.modes(), before);
        assert!(terminal.text().ends_with("\x1b[?2004l\r\n"), "{:?}", terminal.text());
        assert_eq!(files(&sandbox), []);
    }
}

#[test]
fn nobody_holds_the_lock_while_a_person_types() {
    let sandbox = with(&[("config.toml", ""), ("config.lock", "")]).env("TERM", "xterm");
    let mut terminal = Terminal::open().start(&sandbox.launch().words(["auth", "set", "kimi"]));
    terminal.wait_for(PROMPT);
    let file = fs::File::open(sandbox.config_dir().join("config.lock")).unwrap();
    assert!(
        Flock::lock(file.as_fd().try_clone_to_owned().unwrap(), FlockArg::LockExclusiveNonblock)
            .is_ok()
    );
    // What others wrote meanwhile is there afterwards.
    run(&sandbox, "auth set zai --env K", "");
    terminal.send(format!("{KEY}\r"));
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(
        sandbox.read(&format!("{DIR}/config.toml")),
        format!("[env]\nZAI_API_KEY = \"$K\"\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
}

#[test]
fn a_launch_that_asks_or_fetches_holds_no_lock() {
    let script = "echo waiting >/dev/tty; read -r line </dev/tty; echo k";
    for (words, seen, answer) in [
        (&["-q", "true"][..], "which provider?", "\r"),
        (&["-q", "-p", "kimi", "true"], "waiting", "go\n"),
    ] {
        let sandbox = with(&[
            ("config.lock", ""),
            (
                "exec.toml",
                &format!("[env]\nKIMI_CODE_API_KEY = {{ command = ['sh', '-c', '{script}'] }}\n"),
            ),
        ])
        .env("TERM", "xterm");
        let mut terminal = Terminal::open().start(&sandbox.launch().words(words));
        terminal.wait_for(seen);
        let file = fs::File::open(sandbox.config_dir().join("config.lock")).unwrap();
        assert!(Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok(), "{words:?}");
        terminal.send(answer);
        assert_eq!(terminal.end(), "exit 0", "{words:?}: {:?}", terminal.text());
    }
}
