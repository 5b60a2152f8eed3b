//! The documents: what stands in them is run, read and looked up.
//!
//! A document is followed from top to bottom on a terminal, as a newcomer would, in a home of its
//! own with a `claude` that prints its arguments. What happens to a block is decided by its tag:
//!
//! | tag | what happens |
//! | --- | --- |
//! | `toml`, first line `# exec.toml` or another file of the configuration | it becomes that file, and is read without a word |
//! | `sh`, `zsh`, `fish` | it is run by that shell, and succeeds; `sh` blocks share one shell |
//! | `console` | each line after `$ ` is run, and what it prints is compared; `…` stands for anything |
//! | `text` and the others of [`SHOWN`] | it is only shown |
//!
//! The recipes of docs/secrets.md need their tools and are run by `recipes.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::import;
use crate::pty::Terminal;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::has;
use crate::support::sandbox;

/// Tags of blocks that are only shown.
const SHOWN: &[&str] = &["text", "dockerfile", "ini", "json", "yaml"];

/// A block of a document between two fences.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The document and the line of the opening fence.
    place: String,
    /// The headings above it.
    heading: String,
    /// What follows the opening fence.
    pub(crate) tag: String,
    /// The lines between the fences.
    pub(crate) text: String,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(document: &str) -> String {
    fs::read_to_string(repository().join(document)).unwrap()
}

/// README.md and every page of docs/.
pub(crate) fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned()];
    for entry in fs::read_dir(repository().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            found.push(format!("docs/{name}"));
        }
    }
    found.sort();
    found
}

/// All blocks of a document.
pub(crate) fn blocks(document: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut heading = String::new();
    let mut open = false;
    for (line, number) in read(document).lines().zip(1..) {
        if let Some(tag) = line.strip_prefix("```") {
            open = !open;
            if open {
                let place = format!("{document}:{number}");
                found.push(Block {
                    place,
                    heading: heading.clone(),
                    tag: tag.to_owned(),
                    text: String::new(),
                });
            }
        } else if open {
            let block = found.last_mut().unwrap();
            block.text.push_str(line);
            block.text.push('\n');
        } else if line.starts_with('#') {
            line.trim_start_matches('#').trim().clone_into(&mut heading);
        }
    }
    assert!(!open, "{document}: the last block is not closed");
    found
}

/// The blocks of one section of a document.
pub(crate) fn section(document: &str, heading: &str) -> Vec<Block> {
    let found: Vec<Block> =
        blocks(document).into_iter().filter(|block| block.heading == heading).collect();
    assert!(!found.is_empty(), "{document} has no block below {heading}");
    found
}

impl Block {
    /// The file of the configuration that the block becomes.
    pub(crate) fn file(&self) -> Option<&str> {
        let name = self.text.lines().next()?.strip_prefix("# ")?;
        let in_folder = |folder: &str| {
            name.strip_prefix(folder).is_some_and(|name| name.strip_suffix(".toml").is_some())
        };
        let known = matches!(name, "exec.toml" | "config.toml")
            || in_folder("workspaces/")
            || in_folder("catalog.d/");
        (self.tag == "toml" && known).then_some(name)
    }

    /// The commands of a transcript, each with what it prints.
    fn commands(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for line in self.text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                found.push((command.to_owned(), String::new()));
            } else if let (Some(rest), Some((command, _))) =
                (line.strip_prefix("> "), found.last_mut())
            {
                command.push('\n');
                command.push_str(rest);
            } else {
                let (_, output) =
                    found.last_mut().unwrap_or_else(|| panic!("{}: no command", self.place));
                output.push_str(line);
                output.push('\n');
            }
        }
        found
    }
}

/// A home as documents assume it: jackin-exec and a claude in PATH, and ~/.local/bin before them.
pub(crate) fn home() -> Sandbox {
    let mut home = sandbox()
        .script("bin/claude", "echo claude \"$@\"")
        .link("bin/jackin-exec", PROGRAM)
        .folder("home/.local/bin")
        .folder("home/.config/jackin/catalog.d")
        .file("home/Downloads/kimi-key.txt", "sk-kimi-example\n")
        .file("home/Downloads/minimax-key.txt", "sk-cp-example\n")
        .file("home/Downloads/zai-key.txt", "example\n")
        .path_first("bin")
        .path_first("home/.local/bin")
        .env("TERM", "xterm-256color")
        .env("NO_COLOR", "1")
        .env("LANG", "C.UTF-8");
    for name in ["man", "completions", "examples"] {
        home = home.link(&format!("here/{name}"), repository().join(name));
    }
    home
}

const WAITING: &str = "jackin-exec: waiting for ";

/// Follows blocks in a home and compares what transcripts show.
///
/// `before` is a command line that stands before the shell, for what a session needs around it.
#[track_caller]
pub(crate) fn follow(home: &Sandbox, blocks: &[Block], before: &[&str]) {
    let mut script = "shopt -s expand_aliases\n".to_owned();
    // What a transcript's command prints stands between marks, and its status reaches the next
    // command.
    let mark = |script: &mut String, name: &str| {
        script.push_str(&format!("__status=$?; printf '\\001%s\\n' '{name}'; (exit $__status)\n"));
    };
    let mut transcripts = Vec::new();
    for block in blocks {
        match block.tag.as_str() {
            "toml" => {
                let Some(file) = block.file() else { continue };
                let path = format!("\"$HOME/.config/jackin/{file}\"");
                let text = home.filled(&block.text.replace("/home/me", "[ROOT]/home"));
                script.push_str(&format!(
                    "cat > {path} <<'END OF FILE'\n{text}END OF FILE\nchmod 600 {path}\n"
                ));
            }
            "sh" => {
                script.push_str(&format!("set -e\n{}set +e\n", block.text));
            }
            "console" => {
                for (command, output) in block.commands() {
                    mark(&mut script, &format!("{}", transcripts.len()));
                    script.push_str(&command);
                    script.push('\n');
                    transcripts.push((block.place.clone(), command, output));
                }
                mark(&mut script, "");
            }
            shell @ ("zsh" | "fish") => {
                if has(shell) {
                    let name = block.place.replace(['/', ':'], "-");
                    home.write(&name, &block.text, 0o600);
                    script.push_str(&format!(
                        "set -e\n{shell} '{}'\nset +e\n",
                        home.path(&name).display()
                    ));
                }
            }
            tag => assert!(SHOWN.contains(&tag), "{}: what is a block of {tag:?}?", block.place),
        }
    }
    script.push_str("printf '\\001the end\\n'\n");
    home.write("script", &script, 0o600);
    let launch = home.launch();
    let launch = match before {
        [] => launch.program("/bin/bash"),
        [program, options @ ..] => {
            launch.program("/bin/bash").through(program, options.iter().copied())
        }
    };
    let mut terminal = Terminal::open();
    // A question is answered with Enter: whoever asks first finds it typed ahead. On a busy machine
    // the kernel echoes it late, in the midst of what the script prints, if that is not waited for.
    terminal.send("\n").wait_for("\n");
    let mut terminal = terminal.start(&launch.words([home.path("script")]));
    let end = terminal.end();
    let shown = without_titles(&terminal.text())
        .replace('\r', "")
        .replace(&*home.path("home").to_string_lossy(), "/home/me");
    let parts: Vec<(&str, &str)> =
        shown.split('\u{1}').filter_map(|part| part.split_once('\n')).collect();
    assert!(
        end == "exit 0" && parts.iter().any(|(name, _)| *name == "the end"),
        "{end} in {script}\n{shown}"
    );
    let mut wrong = String::new();
    for (index, (place, command, wanted)) in transcripts.iter().enumerate() {
        let name = index.to_string();
        let got =
            parts.iter().find(|(found, _)| *found == name).map(|(_, output)| *output).unwrap();
        // A line that comes where a machine is slow.
        let got: String =
            got.split_inclusive('\n').filter(|line| !line.starts_with(WAITING)).collect();
        if !fits(wanted, &got) {
            wrong.push_str(&format!(
                "{place}: $ {command}\nis shown with\n{wanted}\nbut prints\n{got}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A terminal's title is not on its screen.
fn without_titles(text: &str) -> String {
    let mut parts = text.split("\u{1b}]0;");
    let first = parts.next().unwrap().to_owned();
    first
        + &parts
            .map(|part| part.split_once('\u{7}').map_or(part, |(_, rest)| rest))
            .collect::<String>()
}

/// Whether an output is the one that is shown: `…` alone on a line stands for lines, within a line
/// for characters.
fn fits(wanted: &str, got: &str) -> bool {
    let wanted: Vec<&str> = wanted.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    lines_fit(&wanted, &got)
}

fn lines_fit(wanted: &[&str], got: &[&str]) -> bool {
    match wanted {
        [] => got.is_empty(),
        ["…", rest @ ..] => (0..=got.len()).any(|skipped| lines_fit(rest, &got[skipped..])),
        [line, rest @ ..] => got
            .split_first()
            .is_some_and(|(first, others)| line_fits(line, first) && lines_fit(rest, others)),
    }
}

fn line_fits(wanted: &str, got: &str) -> bool {
    let Some((start, rest)) = wanted.split_once('…') else {
        return wanted.trim_end() == got.trim_end();
    };
    let Some(got) = got.strip_prefix(start) else { return false };
    got.char_indices()
        .map(|(at, _)| at)
        .chain([got.len()])
        .any(|at| line_fits(rest, got.get(at..).unwrap_or_default()))
}

#[test]
fn an_ellipsis_stands_for_lines_or_for_characters() {
    assert!(fits("a\n…\nd\n", "a\nb\nc\nd\n") && fits("a … c\n", "a b c\n") && fits("…\n", ""));
    assert!(
        !fits("a\n", "b\n")
            && !fits("a\n", "a\nb\n")
            && !fits("a … d\n", "a b c\n")
            && !fits("a\nb\n", "a\n")
    );
}

/// Follows a whole document.
#[track_caller]
fn follows(document: &str) {
    follow(&home(), &blocks(document), &[]);
}

#[test]
fn the_readme_can_be_followed() {
    follows("README.md");
}

#[test]
fn the_page_about_configuration_can_be_followed() {
    follows("docs/configuration.md");
}

#[test]
fn the_page_about_providers_can_be_followed() {
    follows("docs/providers.md");
}

#[test]
fn the_page_about_containers_can_be_followed() {
    follows("docs/containers.md");
}

#[test]
fn the_page_for_those_who_come_from_other_tools_can_be_followed() {
    if !has("sqlite3") {
        return;
    }
    let settings = |url: &str, key: &str| {
        format!(r#"{{"env":{{"ANTHROPIC_BASE_URL":"{url}","ANTHROPIC_AUTH_TOKEN":"{key}"}}}}"#)
    };
    let kimi = settings("https://api.kimi.com/coding/", "sk-kimi-example");
    let relay = settings("https://relay.example/anthropic", "sk-example");
    let home = home()
        .folder("home/.cc-switch")
        .file(
            "home/.ccs/glm.settings.json",
            settings("https://api.z.ai/api/anthropic", "example.glm"),
        )
        .file(
            "home/.claude-code-router/config.json",
            r#"{"Providers":[{"name":"deepseek","api_base_url":"https://api.deepseek.com/chat/completions","api_key":"$DEEPSEEK_API_KEY"},{"name":"openrouter","api_base_url":"https://openrouter.ai/api/v1/chat/completions","api_key":"sk-or-example"}]}"#,
        )
        .file("home/.bashrc", "export EDITOR=vi\nexport MINIMAX_API_KEY=sk-cp-example\n");
    let database = home.path("home/.cc-switch/cc-switch.db");
    let sql = import::cc_switch(&[("Kimi For Coding", &kimi), ("Relay", &relay)]);
    let made = std::process::Command::new("sqlite3").arg(database).arg(sql).status();
    assert!(made.unwrap().success());
    follow(&home, &blocks("docs/migrating.md"), &[]);
}

#[test]
fn the_page_about_labels_can_be_followed() {
    follows("docs/labels.md");
}

#[test]
fn the_page_about_doctor_shows_what_it_says() {
    let client = home().script("bin/claude", "echo '2.1.330 (Claude Code)'");
    follow(&client, &blocks("docs/doctor.md"), &[]);
}

#[test]
fn the_page_about_the_first_run_can_be_followed() {
    follows("docs/first-run.md");
}

/// The string in a line of JSON after a key.
pub(crate) fn string_in(document: &str, heading: &str, key: &str) -> String {
    let block = section(document, heading).into_iter().find(|block| block.tag == "json").unwrap();
    let value: serde_json::Value = serde_json::from_str(&block.text).unwrap();
    value.pointer(key).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn the_status_lines_command_shows_the_label() {
    let command = string_in("docs/labels.md", "Claude Code's status line", "/statusLine/command");
    let home = home().env("KIMI_CODE_API_KEY", "sk-kimi-example");
    home.run(["-p", "kimi", "sh", "-c", &command]).prints("Claude (Kimi)");
    let bare = std::process::Command::new("sh")
        .args(["-c", &command])
        .env_remove("JACKIN_EXEC_LABEL")
        .output()
        .unwrap();
    assert_eq!(bare.stdout, b"Claude, not through jackin-exec");
}

#[test]
fn a_window_of_tmux_gets_the_label_as_its_name() {
    if !has("tmux") {
        return;
    }
    let block =
        section("docs/labels.md", "tmux").into_iter().find(|block| block.file().is_some()).unwrap();
    let home = home().exec(&block.text).script("bin/claude", "sleep 30");
    let socket = home.path("tmux");
    let tmux = |words: &[&str]| {
        let launch = home
            .launch()
            .program("/usr/bin/env")
            .words(["tmux", "-S"])
            .words([&socket])
            .words(words);
        launch.run().text()
    };
    tmux(&["-f", "/dev/null", "new-session", "-d", "exec jackin-exec -p kimi"]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let mut name = String::new();
    while name != "Claude (Kimi)" && std::time::Instant::now() < deadline {
        name = tmux(&["list-windows", "-F", "#W"]);
    }
    tmux(&["kill-server"]);
    assert_eq!(name, "Claude (Kimi)");
}

#[test]
fn what_the_page_shows_of_the_image_is_in_the_image() {
    let image = read("examples/container/Dockerfile");
    let shown =
        blocks("docs/containers.md").into_iter().find(|block| block.tag == "dockerfile").unwrap();
    for line in shown.text.lines() {
        assert!(image.lines().any(|known| known == line), "{line}");
    }
    for source in image
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--"))
    {
        for file in source.split(' ').rev().skip(1).filter(|file| !file.ends_with('*')) {
            assert!(repository().join(file).exists(), "{file}");
        }
    }
}

#[test]
fn the_line_that_turns_model_discovery_on_leaves_the_rest_of_the_redirect() {
    let line = blocks("docs/configuration.md")
        .into_iter()
        .find(|block| block.text.contains("GATEWAY_MODEL_DISCOVERY"))
        .expect("the line is in the page");
    let home = sandbox()
        .script(
            "bin/claude",
            "for name in DISABLE_NONESSENTIAL_TRAFFIC ENABLE_GATEWAY_MODEL_DISCOVERY; do\n\
             printenv CLAUDE_CODE_$name || echo unset\ndone\necho $ANTHROPIC_BASE_URL",
        )
        .link("bin/jackin-exec", PROGRAM)
        .path_first("bin")
        .exec("[providers.litellm]\nbase_url = \"http://127.0.0.1:4000\"\nkey = false\nmodel = \"m\"\n");
    let run = |line: &str| home.launch().program("/bin/sh").words(["-c", line]).run().text();
    assert_eq!(run(&line.text), "unset\n1\nhttp://127.0.0.1:4000");
    assert_eq!(run("jackin-exec -p litellm claude"), "1\nunset\nhttp://127.0.0.1:4000");
}

/// Pages that have a test of their own: here, or in `recipes.rs`.
const FOLLOWED: [&str; 8] = [
    "README.md",
    "docs/configuration.md",
    "docs/containers.md",
    "docs/doctor.md",
    "docs/first-run.md",
    "docs/labels.md",
    "docs/migrating.md",
    "docs/secrets.md",
];

#[test]
fn every_other_page_can_be_followed() {
    for document in
        documents().into_iter().filter(|document| !FOLLOWED.contains(&document.as_str()))
    {
        follows(&document);
    }
}

/// Each file of the configuration that a document shows is read, with those above it, and each
/// provider that has a key then can be planned.
#[test]
fn every_configuration_that_is_shown_is_read_without_a_word() {
    let mut seen = 0;
    for document in documents() {
        // Documents bind a list of providers to this workspace and to this folder.
        let mut home = sandbox()
            .workspace("client-b", "workdir = \"~/client-b\"\n")
            .folder("home/client-b")
            .folder("home/client-c");
        for block in blocks(&document) {
            let Some(file) = block.file() else { continue };
            seen += 1;
            let text = home.filled(&block.text.replace("/home/me", "[ROOT]/home"));
            home = home.file(&format!("home/.config/jackin/{file}"), text);
            let workspace =
                file.strip_prefix("workspaces/").and_then(|name| name.strip_suffix(".toml"));
            let options: Vec<&str> =
                workspace.map_or(vec!["--json"], |name| vec!["--json", "-w", name]);
            let outcome = home.run([&["providers"], options.as_slice()].concat());
            assert!(
                outcome.status == 0 && outcome.stderr.is_empty(),
                "{}: {outcome:#?}",
                block.place
            );
            for provider in outcome.json().as_array().unwrap() {
                let id = provider["id"].as_str().unwrap();
                if provider["available"] == true {
                    let planned = home.run([&["--dry-run", "-p", id], options.as_slice()].concat());
                    let forbidden = planned.stderr.contains("does not allow provider");
                    assert!(planned.status == 0 || forbidden, "{}: {planned:#?}", block.place);
                }
            }
        }
    }
    assert!(seen > 10, "only {seen} configurations are shown");
}

/// The targets of a document's links, outside of blocks.
fn links(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = false;
    for line in read(document).lines() {
        open ^= line.starts_with("```");
        for rest in line.split("](").skip(1).filter(|_| !open) {
            found.push(rest.split(')').next().unwrap_or_default().to_owned());
        }
    }
    found
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(document: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(document).unwrap();
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|text| text.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut seen = 0;
    for document in
        documents().into_iter().chain(["SECURITY.md".to_owned(), "CONTRIBUTING.md".to_owned()])
    {
        for link in links(&document).into_iter().filter(|link| !link.contains("://")) {
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(&document).parent().unwrap();
            let target: PathBuf = repository().join(if file.is_empty() {
                PathBuf::from(&document)
            } else {
                folder.join(file)
            });
            assert!(target.exists(), "{document}: {link} leads nowhere");
            let known = anchor.is_empty() || anchors(&target).contains(anchor);
            assert!(known, "{document}: {link} names no heading of {:?}", anchors(&target));
        }
    }
    assert!(seen > 10, "only {seen} links were found");
}

/// The keys that the program knows in a table of exec.toml, as its error lists them.
fn known_keys(table: &str) -> Vec<String> {
    let home = home().exec(&format!("{table}\nqqqqqqqqqqqq = 1\n"));
    let said = home.run(["-p", "own", "true"]).stderr;
    let (_, known) = said.split_once("unknown key; known are ").unwrap_or_else(|| panic!("{said}"));
    known.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_of_exec_toml_is_in_the_page_about_configuration() {
    let page = read("docs/configuration.md");
    let keys = [known_keys(""), known_keys("[providers.own]")].concat();
    assert!(keys.len() > 15, "{keys:?}");
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}
