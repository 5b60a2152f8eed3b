//! `completions` in real shells: a line is typed at a prompt, Tab is pressed, and what the shell
//! runs is compared.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::has;
use crate::support::sandbox;

/// What is typed, Tab included, and the words that the shell makes of it.
const TYPED: &[(&str, &str)] = &[
    ("jackin-exec -p kim\t", "-p|kimi"),
    ("jackin-exec --provider=kim\t", "--provider=kimi"),
    ("jackin-exec -p own-\t", "-p|own-one"),
    ("jackin-exec -q -w cli\t", "-q|-w|client-b"),
    ("jackin-exec -w client-b -r acme/r\t", "-w|client-b|-r|acme/reviewer"),
    ("jackin-exec --pass\t", "--pass-keys"),
    ("jackin-exec provi\t --js\t", "providers|--json"),
    ("jackin-exec completions fi\t", "completions|fish"),
    ("jackin-exec auth set kim\t", "auth|set|kimi"),
    ("jackin-exec auth ig\t own-\t -w cli\t", "auth|ignore|own-one|-w|client-b"),
    ("jackin-exec --config-dir $HOME/.conf\t", "--config-dir|HOME/.config"),
    // The command's own completion, wherever it begins.
    ("jackin-exec -p kimi -- witn\t --fl\t", "-p|kimi|--|witness|--flag-of-its-own"),
    ("jackin-exec witness --fl\t", "witness|--flag-of-its-own"),
    ("jackin-exec -p kimi -- --fl\t", "-p|kimi|--|--flag-of-its-own"),
    ("jackin-exec -p kimi witness x --fl\t", "-p|kimi|witness|x|--flag-of-its-own"),
];

fn prepared() -> Sandbox {
    let sandbox = sandbox()
        .config("[roles.\"acme/reviewer\"]\n[roles.\"acme/other\"]\n")
        .workspace("client-b", "allowed_roles = [\"acme/reviewer\"]\n")
        .exec("command = [\"witness\"]\n[providers.own-one]\nbase_url = \"https://x.example\"\nkey = false\nmodel = \"m\"\n")
        .script("bin/witness", "exit 1")
        .path_first("bin")
        .env("TERM", "xterm");
    std::os::unix::fs::symlink(PROGRAM, sandbox.path("bin/jackin-exec")).unwrap();
    sandbox
}

/// A shell at a prompt on a terminal of its own.
struct Prompt {
    child: std::process::Child,
    stdin: std::process::ChildStdin,
    output: Receiver<Vec<u8>>,
    seen: String,
}

impl Prompt {
    fn start(sandbox: &Sandbox, shell: &str) -> Self {
        let mut command = Command::new("script");
        command.args(["-q", "-f", "-e", "-c", shell, "/dev/null"]).env_clear();
        let program = sandbox.command();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let directory = program.get_current_dir().unwrap();
        command
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (sender, output) = mpsc::channel();
        let mut stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = stdout.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take().unwrap();
        let mut prompt = Self { child, stdin, output, seen: String::new() };
        prompt.until("READY>");
        prompt
    }

    /// What the terminal shows up to a mark; the mark is consumed.
    fn until(&mut self, mark: &str) -> String {
        loop {
            if let Some((before, after)) = self.seen.split_once(mark) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.seen = after;
                return before;
            }
            let more = self.output.recv_timeout(Duration::from_secs(20));
            let more = more.unwrap_or_else(|error| {
                panic!("no {mark}: {error}; the terminal shows {:?}", self.seen)
            });
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
    }

    fn type_line(&mut self, line: &str) -> String {
        self.stdin.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.until("ARGUMENTS:");
        let words = self.until(":END");
        self.until("READY>");
        words
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn types_all(sandbox: &Sandbox, shell: &str) {
    let mut prompt = Prompt::start(sandbox, shell);
    let home = sandbox.path("home");
    for (typed, words) in TYPED {
        let found = prompt.type_line(typed);
        let words = words.replace("HOME", &home.to_string_lossy());
        // zsh takes a slash back that it added itself.
        assert_eq!(found.trim_end_matches('/'), words, "{typed:?} in {shell}");
    }
}

#[test]
fn bash_completes_ours_and_then_the_commands_own() {
    let library = "/usr/share/bash-completion/bash_completion";
    if !has("bash") || !has("script") {
        return;
    }
    if !std::path::Path::new(library).exists() {
        crate::support::skipped(format_args!("this test needs {library}"));
        return;
    }
    let sandbox = prepared().file(
        "home/rc",
        format!(
            "PS1='READY>'\nbind 'set enable-bracketed-paste off'\n. {library}\n\
             eval \"$({PROGRAM} completions bash)\"\n\
             complete -W --flag-of-its-own witness\n\
             jackin-exec() {{ local IFS='|'; printf '\\nARGUMENTS:%s:END\\n' \"$*\"; }}\n"
        ),
    );
    types_all(&sandbox, "bash --noprofile --rcfile $HOME/rc -i");
}

#[test]
fn bash_without_its_library_completes_ours() {
    if !has("bash") || !has("script") {
        return;
    }
    let sandbox = prepared().file(
        "home/rc",
        format!(
            "PS1='READY>'\nbind 'set enable-bracketed-paste off'\neval \"$({PROGRAM} completions bash)\"\n\
             jackin-exec() {{ local IFS='|'; printf '\\nARGUMENTS:%s:END\\n' \"$*\"; }}\n"
        ),
    );
    let mut prompt = Prompt::start(&sandbox, "bash --noprofile --rcfile $HOME/rc -i");
    fs::write(sandbox.path("here/file-of-mine"), "").unwrap();
    assert_eq!(prompt.type_line("jackin-exec --provider=kim\t"), "--provider=kimi");
    assert_eq!(
        prompt.type_line("jackin-exec -p kimi witn\t file-\t"),
        "-p|kimi|witness|file-of-mine"
    );
}

#[test]
fn bash_runs_nothing_of_a_name_that_it_completes_between_quotes() {
    if !has("bash") || !has("script") {
        return;
    }
    let names = ["x$(touch PLANTED)", "y`touch PLANTED`", "z\"z", "v'v", "t t"];
    let mut sandbox = prepared();
    for name in names {
        sandbox = sandbox.workspace(name, "");
    }
    let sandbox = sandbox.file(
        "home/rc",
        format!(
            "PS1='READY>'\nbind 'set enable-bracketed-paste off'\neval \"$({PROGRAM} completions bash)\"\n\
             jackin-exec() {{ local IFS='|'; printf '\\nARGUMENTS:%s:END\\n' \"$*\"; }}\n"
        ),
    );
    let mut prompt = Prompt::start(&sandbox, "bash --noprofile --rcfile $HOME/rc -i");
    for name in names {
        for quote in ["", "\"", "'"] {
            let typed = format!("jackin-exec -w {quote}{}\t", name.chars().next().unwrap());
            assert_eq!(prompt.type_line(&typed), format!("-w|{name}"), "{typed}");
        }
    }
    assert!(!sandbox.path("here/PLANTED").exists());
}

#[test]
fn zsh_completes_ours_and_then_the_commands_own() {
    if !has("zsh") || !has("script") {
        return;
    }
    let sandbox = prepared().file(
        "home/.zshrc",
        format!(
            "PS1='READY>'\nunset zle_bracketed_paste\nautoload -Uz compinit && compinit -u -D\n\
             eval \"$({PROGRAM} completions zsh)\"\n\
             _witness() {{ compadd -- --flag-of-its-own }}\ncompdef _witness witness\n\
             jackin-exec() {{ printf '\\nARGUMENTS:%s:END\\n' \"${{(j:|:)@}}\" }}\n"
        ),
    );
    types_all(&sandbox, "zsh -o noglobalrcs -i");
}

#[test]
fn zsh_loads_the_shipped_file_from_its_function_path() {
    if !has("zsh") || !has("script") {
        return;
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    let sandbox = prepared().file(
        "home/.zshrc",
        format!(
            "PS1='READY>'\nunset zle_bracketed_paste\nfpath=({folder} $fpath)\nautoload -Uz compinit && compinit -u -D\n\
             jackin-exec() {{ printf '\\nARGUMENTS:%s:END\\n' \"${{(j:|:)@}}\" }}\n"
        ),
    );
    let mut prompt = Prompt::start(&sandbox, "zsh -o noglobalrcs -i");
    for _ in 0..2 {
        assert_eq!(prompt.type_line("jackin-exec -p kim\t"), "-p|kimi");
    }
}

#[test]
fn fish_completes_ours_and_then_the_commands_own() {
    if !has("fish") || !has("script") {
        return;
    }
    let sandbox = prepared().file(
        "home/.config/fish/config.fish",
        format!(
            "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt; printf 'READY>'; end\n\
             {PROGRAM} completions fish | source\n\
             complete -c witness -f -a --flag-of-its-own\n\
             function jackin-exec; printf '\\nARGUMENTS:%s:END\\n' (string join '|' -- $argv); end\n"
        ),
    );
    types_all(&sandbox, "fish -i");
}

#[test]
fn a_broken_configuration_disturbs_no_completion() {
    let sandbox = prepared().config("env = \"SENTINEL\n").env("JACKIN_EXEC_WORKSPACE", "nowhere");
    let outcome = sandbox.run(["completions", "bash", "--", "jackin-exec", "-p", "kim"]);
    outcome.prints("words\nkimi\tKimi\nkimi-global\tKimi Global\n");
    for shell in ["bash", "zsh", "fish"] {
        let outcome = sandbox.run(["completions", shell]);
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""));
        assert!(outcome.stdout.contains("jackin-exec"));
    }
}

#[test]
fn an_unknown_shell_is_an_error_of_usage() {
    sandbox().run(["completions", "tcsh"]).fails(
        125,
        "jackin-exec: SHELL must be one of bash, zsh, fish\nhint: see jackin-exec --help\n",
    );
    sandbox().run(["completions"]).fails(
        125,
        "jackin-exec: SHELL is missing\nhint: for example jackin-exec completions bash\n",
    );
}

/// The lines that a script would read for the roles.
fn roles_offered(home: &Sandbox, options: &[&str]) -> Vec<String> {
    let words = ["completions", "zsh", "--", "jackin-exec"].iter().chain(options);
    let answer = home.run(words.chain(&["-r", ""])).stdout;
    answer.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_roles_of_the_directorys_workspace_are_offered_and_among_very_many_all() {
    let mut home = sandbox()
        .config("[roles.\"acme/reviewer\"]\n[roles.\"acme/other\"]\n")
        .rooted(
            "home/.config/jackin/workspaces/here.toml",
            "workdir = \"[ROOT]/here\"\nallowed_roles = [\"acme/reviewer\"]\n",
        )
        .in_folder("here");
    assert_eq!(roles_offered(&home, &[]), ["acme/reviewer"]);
    for number in 0..500 {
        home = home.workspace(&format!("w{number}"), "");
    }
    assert_eq!(roles_offered(&home, &[]), ["acme/other", "acme/reviewer"]);
    // One that was named is read, however many there are.
    assert_eq!(roles_offered(&home, &["-w", "here"]), ["acme/reviewer"]);
    let home = home.env("JACKIN_EXEC_WORKSPACE", "here");
    assert_eq!(roles_offered(&home, &[]), ["acme/reviewer"]);
}
