//! No secret comes out: sentinels in every place where a secret can be, every command and every
//! error path over them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use crate::errors::content::CONTENT;
use crate::errors::content::SYNTAX;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;

/// Stands in every secret of this file and nowhere else, so that processes of other tests are not
/// mistaken for ours.
const PLANTED: &str = "PLANTED-b5e1c09d";

/// What a helper records: the arguments of itself, of the program that started it, and of the
/// helpers beside it. No other process of the machine is any of our business.
const LOOKS: &str = r#"mkdir -p "$SEEN"
for process in $PPID $(cat /proc/$PPID/task/*/children 2>/dev/null); do
    tr '\0' '\n' < "/proc/$process/cmdline"
done > "$SEEN/$$" 2>/dev/null"#;

/// What the command records: its own arguments, as the program passed them on.
const SEES: &str = r#"mkdir -p "$SEEN"
tr '\0' '\n' < /proc/$$/cmdline > "$SEEN/$$""#;

/// What was searched, and how much of it.
#[derive(Default)]
struct Search {
    runs: usize,
    texts: usize,
    /// Times that a helper or the command looked at the arguments of processes.
    looks: usize,
}

impl Search {
    /// No secret in a text; `place` says which for the person who must find it.
    #[track_caller]
    fn text(&mut self, place: &str, text: &[u8]) {
        self.texts += 1;
        let found = text.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes());
        // The text itself stays where it is: a log is not the place for it either.
        assert!(!found, "a secret in {place}");
    }

    /// Runs and searches all that can be seen from outside: both outputs, files, and arguments of
    /// processes.
    #[track_caller]
    fn run(&mut self, home: &Sandbox, arguments: &[&str]) -> i32 {
        let before = files(&home.path(""));
        let output = home.command().args(arguments).output().unwrap();
        self.runs += 1;
        self.text(&format!("stdout of {arguments:?}"), &output.stdout);
        self.text(&format!("stderr of {arguments:?}"), &output.stderr);
        self.seen(home, arguments);
        self.written(&before, &files(&home.path("")), arguments);
        crate::support::status(output.status)
    }

    /// The same with a terminal for stderr, where more is said.
    #[track_caller]
    fn run_on_a_terminal(&mut self, home: &Sandbox, arguments: &[&str]) {
        let pty = nix::pty::openpty(None, None).unwrap();
        let mut child = home
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::from(pty.slave.as_fd().try_clone_to_owned().unwrap()))
            .spawn()
            .unwrap();
        drop(pty.slave);
        let mut shown = Vec::new();
        // The end of a terminal whose other side is closed is an error.
        let _ = fs::File::from(pty.master).read_to_end(&mut shown);
        let mut stdout = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        child.wait().unwrap();
        self.runs += 1;
        self.text(&format!("stdout of {arguments:?}"), &stdout);
        self.text(&format!("the terminal of {arguments:?}"), &shown);
        self.seen(home, arguments);
    }

    /// Arguments of every process that helpers and the command saw.
    #[track_caller]
    fn seen(&mut self, home: &Sandbox, arguments: &[&str]) {
        for (path, text) in files(&home.path("seen")) {
            self.looks += 1;
            self.text(&format!("arguments of processes during {arguments:?}"), &text);
            fs::remove_file(home.path("seen").join(path)).unwrap();
        }
    }

    /// Says how much was searched: a search of nothing would find nothing.
    #[track_caller]
    fn report(&self, test: &str) {
        let Self { runs, texts, looks } = self;
        assert!(*looks > 0, "no helper saw anything");
        eprintln!(
            "{test}: {runs} runs, {texts} texts and files searched, {looks} looks at the arguments of processes"
        );
    }

    /// Nothing was written but what the helpers themselves record.
    #[track_caller]
    fn written(
        &mut self,
        before: &BTreeMap<PathBuf, Vec<u8>>,
        after: &BTreeMap<PathBuf, Vec<u8>>,
        arguments: &[&str],
    ) {
        self.texts += after.len();
        let changed: Vec<_> =
            after.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes)).collect();
        let gone = before.keys().filter(|path| !after.contains_key(*path)).count();
        let changed: Vec<_> = changed
            .into_iter()
            .map(|(path, _)| path)
            .filter(|path| !path.starts_with("seen"))
            .collect();
        assert!(changed.is_empty() && gone == 0, "{arguments:?} wrote {changed:?}");
    }
}

/// Every regular file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read(&path).unwrap_or_default(),
                );
            }
        }
    }
    found
}

/// Every form of a value that can hold a secret, under names with a suffix.
fn forms(suffix: &str, ours: bool) -> String {
    let mut text = format!(
        "LITERAL_{suffix} = \"{PLANTED} literal {suffix}\"\n\
         VALUE_{suffix} = {{ value = \"{PLANTED} value {suffix}\" }}\n\
         LATER_{suffix} = {{ value = \"{PLANTED} later {suffix}\", on_demand = true }}\n\
         LINES_{suffix} = '''\n{PLANTED}\nlines {suffix}'''\n\
         HOST_{suffix} = \"$PLANTED_HOST\"\n\
         OP_{suffix} = \"op://vault/item/{suffix}\"\n\
         LD_{suffix} = \"{PLANTED} left out {suffix}\"\n"
    );
    if ours {
        text += &format!(
            "FILE_{suffix} = {{ file = \"[ROOT]/value\" }}\nCOMMAND_{suffix} = {{ command = [\"helper\", \"{suffix}\"] }}\n"
        );
    }
    text
}

/// The names of all providers that a run can choose.
const PROVIDERS: [&str; 10] = [
    "anthropic",
    "zai",
    "minimax",
    "kimi",
    "bigmodel",
    "deepseek",
    "minimax-cn",
    "moonshot",
    "moonshot-cn",
    "own",
];

/// The names of their keys.
const KEYS: [&str; 10] = [
    "ANTHROPIC_API_KEY",
    "ZAI_API_KEY",
    "MINIMAX_API_KEY",
    "KIMI_CODE_API_KEY",
    "ZAI_CN_API_KEY",
    "DEEPSEEK_API_KEY",
    "MINIMAX_CN_API_KEY",
    "MOONSHOT_API_KEY",
    "MOONSHOT_CN_API_KEY",
    "OWN_API_KEY",
];

/// A home with a secret in every scope, every form and every variable.
fn planted() -> Sandbox {
    let mut home = sandbox().script(
        "bin/op",
        &format!("{LOOKS}\necho '{PLANTED} of op'\necho '{PLANTED} on stderr' >&2"),
    );
    home = home
        .script(
            "bin/helper",
            &format!("{LOOKS}\necho '{PLANTED} of a helper'\necho '{PLANTED} on stderr' >&2"),
        )
        .script("bin/see", SEES)
        .path_first("bin")
        .file("value", format!("{PLANTED} in a file\n"))
        .env("PLANTED_HOST", format!("{PLANTED} of the host"))
        .env("ANTHROPIC_AUTH_TOKEN", PLANTED)
        .env("CLAUDE_CODE_OAUTH_TOKEN", PLANTED)
        .env("ANTHROPIC_CUSTOM_HEADERS", format!("x-api-key: {PLANTED}"))
        .env("HTTPS_PROXY", format!("http://user:{PLANTED}@proxy.example"))
        .env("TMPDIR", "/nowhere");
    let seen = home.path("seen");
    home = home.env("SEEN", seen);
    for key in KEYS {
        home = home.env(key, format!("{PLANTED}-{key}"));
    }
    let config = format!(
        "[env]\n{}[roles.rev.env]\n{}[workspaces.old.env]\n{}[workspaces.old.roles.rev.env]\n{}",
        forms("G", false),
        forms("R", false),
        forms("I", false),
        forms("IR", false)
    );
    let exec = format!(
        "[env]\n{}[roles.rev.env]\n{}[workspaces.w.env]\n{}[workspaces.w.roles.rev.env]\n{}\
         [providers.own]\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OWN_API_KEY\"\nmodel = \"m\"\nauth = \"x-api-key\"\n\
         env = {{ OWN_SETTING = \"{PLANTED} of a provider\" }}\n\
         [providers.kimi.env]\nKIMI_SETTING = {{ file = \"[ROOT]/value\" }}\n",
        forms("EG", true),
        forms("ER", true),
        forms("EW", true),
        forms("EWR", true)
    );
    let workspace = format!("[env]\n{}[roles.rev.env]\n{}", forms("W", false), forms("WR", false));
    home.file("home/.config/jackin/config.toml", config)
        .rooted("home/.config/jackin/exec.toml", &exec)
        .file("home/.config/jackin/workspaces/w.toml", workspace)
}

#[test]
#[should_panic(expected = "stdout of")]
fn the_search_finds_what_is_printed() {
    Search::default().run(&planted(), &["-p", "anthropic", "sh", "-c", "echo $PLANTED_HOST"]);
}

#[test]
#[should_panic(expected = "arguments of processes")]
fn the_search_finds_what_is_an_argument() {
    Search::default().run(&planted(), &["-p", "anthropic", "see", PLANTED]);
}

#[test]
#[should_panic(expected = "wrote")]
fn the_search_finds_what_is_written() {
    Search::default().run(&planted(), &["-p", "anthropic", "sh", "-c", "echo > $HOME/new"]);
}

#[test]
fn no_secret_comes_out_of_any_command() {
    let mut search = Search::default();
    let home = planted();
    let selections: [&[&str]; 4] =
        [&[], &["-r", "rev"], &["-w", "w", "-r", "rev"], &["-w", "old", "-r", "rev"]];
    for selection in selections {
        let with = |arguments: &[&'static str]| [selection, arguments].concat();
        for arguments in
            [["providers"].as_slice(), &["providers", "--json"], &["--help"], &["--version"]]
        {
            assert_eq!(search.run(&home, &with(arguments)), 0);
        }
        for provider in PROVIDERS {
            for arguments in [
                ["-p", provider, "-n"].as_slice(),
                &["-p", provider, "-n", "--json"],
                &["-p", provider, "-n", "--pass-keys"],
                &["-p", provider, "-n", "--debug", "claude", "--resume"],
            ] {
                assert_eq!(search.run(&home, &with(arguments)), 0);
            }
        }
    }
    for provider in ["anthropic", "kimi", "own"] {
        for arguments in [
            ["-p", provider, "see"].as_slice(),
            &["-p", provider, "-r", "rev", "-w", "w", "--debug", "see"],
            &["-p", provider, "--pass-keys", "-w", "old", "see"],
        ] {
            assert_eq!(search.run(&home, arguments), 0);
        }
        assert_eq!(search.run(&home, &["-p", provider, "no-such-command"]), 127);
        assert_eq!(search.run(&home, &["-p", provider, "/"]), 126);
    }
    assert_eq!(search.run(&home, &["see"]), 125);
    assert_eq!(search.run(&home, &["-p", "ask", "see"]), 125);
    search.report("no_secret_comes_out_of_any_command");
}

#[test]
fn no_secret_comes_out_on_a_terminal() {
    let mut search = Search::default();
    // What a helper itself says on the terminal is its own affair.
    let home = planted()
        .script("bin/op", &format!("{LOOKS}\necho '{PLANTED} of op'"))
        .script("bin/helper", &format!("{LOOKS}\necho '{PLANTED} of a helper'"));
    for arguments in [
        ["-p", "kimi", "see"].as_slice(),
        &["-p", "kimi", "--debug", "-w", "w", "-r", "rev", "see"],
        &["-p", "anthropic", "see"],
        &["-p", "own", "see"],
        &["-p", "kimi", "-n"],
        &["-p", "kimi", "no-such-command"],
        &["providers"],
    ] {
        search.run_on_a_terminal(&home, arguments);
    }
    // Somebody's own gateway is named, and nothing of its address but the host.
    let home = home.env(
        "ANTHROPIC_BASE_URL",
        format!("https://{PLANTED}:{PLANTED}@gateway.example/{PLANTED}?{PLANTED}#{PLANTED}"),
    );
    for arguments in
        [["-p", "anthropic", "see"].as_slice(), &["-p", "anthropic", "-n"], &["-p", "kimi", "see"]]
    {
        search.run_on_a_terminal(&home, arguments);
        search.run(&home, arguments);
    }
    search.report("no_secret_comes_out_on_a_terminal");
}

#[test]
fn no_secret_comes_out_of_a_failure() {
    let mut search = Search::default();
    // Text that is no TOML and content that may not stand, with the secret in it and around it.
    let around = format!("[roles.x.env]\nBEFORE = \"{PLANTED}\"\n");
    let behind = format!("\n[roles.y.env]\nBEHIND = \"{PLANTED}\"\n");
    for file in ["config.toml", "exec.toml", "workspaces/w.toml"] {
        let broken =
            SYNTAX.iter().map(|(text, _)| format!("[env]\n{}", text.replace('S', PLANTED)));
        let content = CONTENT.iter().filter(|(one, _, _)| *one == file);
        let content = content.map(|(_, text, _)| text.replace("[SECRET]", PLANTED));
        for text in broken.chain(content) {
            let home = sandbox()
                .workspace("w", "")
                .file(&format!("home/.config/jackin/{file}"), format!("{text}{behind}"));
            assert_eq!(search.run(&home, &["-w", "w", "--debug", "true"]), 125, "{text}");
            home.write(&format!("home/.config/jackin/{file}"), format!("{around}{text}"), 0o600);
            // In the table that stands before it, it may even be allowed.
            search.run(&home, &["-w", "w", "-n", "--json"]);
        }
    }
    // Helpers that fail, stop, say too much or leave too late, with the secret on both of their
    // outputs.
    let both = format!("echo '{PLANTED} of a helper'; echo 'why: {PLANTED} of a helper' >&2");
    for (script, limit) in [
        (format!("{both}; exit 1"), "30s"),
        (format!("{both}; kill -KILL $$"), "30s"),
        (format!("{both}; kill -STOP $$"), "30s"),
        (format!("{both}; sleep 20"), "300ms"),
        (format!("{both}; kill -TERM $PPID; sleep 20"), "30s"),
        (format!("{both}; printf '\\0'"), "30s"),
        (format!("{both}; printf '\\377'"), "30s"),
        (format!("{both}; while :; do echo '{PLANTED}'; done"), "30s"),
        (format!("set -x; {both}; exit 2"), "30s"),
    ] {
        let home = planted().script("bin/failing", &format!("{LOOKS}\n{script}")).exec(&format!(
            "[env]\nKIMI_CODE_API_KEY = {{ command = [\"failing\"], timeout = \"{limit}\" }}\nA = {{ command = [\"failing\"], timeout = \"{limit}\" }}\n",
        ));
        let status = search.run(&home, &["-p", "kimi", "--debug", "true"]);
        assert!(status == 125 || status == 143, "{script}: {status}");
        search.run(&home, &["-p", "anthropic", "true"]);
    }
    // Keys that cannot work, from each place.
    for key in [format!("{PLANTED}\nmore"), format!("{PLANTED}\tx"), format!("{PLANTED}\u{1b}[2J")]
    {
        let file = sandbox().file("key", &key);
        let path = file.path("key");
        assert_eq!(
            search.run(&file.env("KIMI_CODE_API_KEY_FILE", path), &["-p", "kimi", "true"]),
            125
        );
        assert_eq!(
            search.run(&sandbox().env("KIMI_CODE_API_KEY", &key), &["-p", "kimi", "true"]),
            125
        );
        let literal = sandbox()
            .config(&format!("[env]\nKIMI_CODE_API_KEY = '''{}'''\n", key.replace('\u{1b}', "\n")));
        assert_eq!(search.run(&literal, &["-p", "kimi", "true"]), 125);
    }
    // Everything else that a person can get wrong.
    let home = planted();
    for arguments in [
        ["-p", "nobody", "see"].as_slice(),
        &["-w", "nobody", "see"],
        &["-r", "nobody", "see"],
        &["--config-dir", "/nowhere", "see"],
        &["--unknown", "see"],
        &["-p"],
        &["-p", "anthropic", "-m", "x", "see"],
        &["-p", "kimi", "-w", "w", "-r", "nobody", "-n"],
    ] {
        assert_eq!(search.run(&home, arguments), 125, "{arguments:?}");
    }
    let long = format!("{PLANTED}{}", "x".repeat(200_000));
    assert_eq!(
        search
            .run(&planted().config(&format!("[env]\nLONG = \"{long}\"\n")), &["-p", "kimi", "see"]),
        125
    );
    for (path, mode) in [
        ("config.toml", 0o602),
        ("exec.toml", 0o606),
        ("workspaces", 0o777),
        ("config.toml", 0o644),
    ] {
        let home = planted().mode(&format!("home/.config/jackin/{path}"), mode);
        search.run(&home, &["-p", "kimi", "-w", "w", "see"]);
    }
    search.report("no_secret_comes_out_of_a_failure");
}

#[test]
fn while_it_holds_secrets_the_program_cannot_be_read_or_dumped() {
    if !is_root() {
        return;
    }
    // The files of a process that cannot be dumped belong to root.
    let mut home = sandbox()
        .script("bin/owner", "stat -c %u /proc/$PPID/environ")
        .path_first("bin")
        .open_to_all();
    home = home
        .exec("[env]\nA = { command = [\"owner\"] }\n")
        .mode("home/.config/jackin/exec.toml", 0o644);
    let output = home
        .command()
        .uid(65534)
        .gid(65534)
        .args(["sh", "-c", "echo $A; stat -c %u /proc/$$/environ"])
        .output();
    assert_eq!(String::from_utf8_lossy(&output.unwrap().stdout), "0\n65534\n");
}
