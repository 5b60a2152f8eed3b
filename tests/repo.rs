//! What is generated from the command line, and what the repository promises about itself.
//!
//! `SNAPSHOTS=overwrite cargo test --test repo` writes the generated files anew.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "these tests look at the repository's files")]
#![expect(clippy::format_push_string, reason = "texts are built to be read, not to be fast")]

use std::fs;
use std::path::Path;

use jackin_exec::catalog;
use jackin_exec::cli;
use jackin_exec::completions;
use snapbox::Data;
use snapbox::assert_data_eq;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Compares with a file that ships, or writes it. Raw: a filter would change backslashes.
fn ships(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert_data_eq!(Data::text(text).raw(), Data::read_from(&file, None).raw());
}

#[test]
fn the_man_page_is_made_from_the_command_line() {
    let page = clap_mangen::Man::new(cli::definition());
    let part = |render: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        render(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let title = part(&|out| page.render_title(out));
    let name = part(&|out| page.render_name_section(out));
    let options = part(&|out| page.render_options_section(out));
    let options = options.split_once(".SH OPTIONS\n").unwrap().1;
    let sections = read("man/sections.roff").replace("@OPTIONS@\n", options);
    ships("man/jackin-exec.1", &format!("{title}{name}{sections}"));
}

#[test]
fn the_page_about_providers_lists_every_row_of_the_catalogue() {
    const FROM: &str = "<!-- rows: written by SNAPSHOTS=overwrite cargo test --test repo -->\n";
    const TO: &str = "<!-- end of rows -->\n";
    let page = read("docs/providers.md");
    let (before, rest) = page.split_once(FROM).unwrap();
    let (_, after) = rest.split_once(TO).unwrap();
    let mut table =
        "| id | name | key | endpoint | rests on |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for preset in catalog::PRESETS {
        let key = match preset.key_env {
            Some(name) if preset.local => format!("`{name}`, if there is one"),
            Some(name) if preset.base_url.is_none() => format!("`{name}`, or its own login"),
            Some(name) => format!("`{name}`"),
            None => "none".to_owned(),
        };
        let url = preset.base_url.map_or("its own".to_owned(), |url| format!("`{url}`"));
        let (id, label, word) = (preset.id, preset.label, preset.facts.confidence().unwrap());
        let row = [format!("`{id}`"), label.to_owned(), key, url, word.to_owned()];
        table.push_str(&(["| ", &row.join(" | "), " |\n"].concat()));
    }
    ships("docs/providers.md", &format!("{before}{FROM}{table}{TO}{after}"));
}

#[test]
fn the_job_that_builds_a_release_has_no_secret_and_the_one_with_secrets_builds_nothing() {
    let workflow = read(".github/workflows/release.yml");
    let (build, publish) = workflow.split_once("\n  publish:\n").expect("two jobs");
    assert!(build.contains("run: packaging/release\n"));
    assert!(build.contains("    permissions:\n      contents: read\n"));
    for word in ["secrets.", "github.token", "environment:", "write"] {
        assert!(!build.lines().any(|line| !line.trim().starts_with('#') && line.contains(word)));
    }
    assert!(publish.contains("secrets.SIGNING_KEY"));
    let commands: Vec<&str> =
        publish.lines().filter_map(|line| line.split_once("run: ").map(|(_, run)| run)).collect();
    assert_eq!(commands, ["packaging/publish \"$GITHUB_REF_NAME\""]);
    for script in ["packaging/publish", "packaging/sign"] {
        for line in read(script).lines().filter(|line| !line.starts_with('#')) {
            for word in ["cargo", "npm install", "npx", "pip ", "debian ", "packaging/release"] {
                let said = line.contains("fail \"");
                assert!(said || !line.contains(word), "{script} runs {word}: {line}");
            }
        }
    }
}

#[test]
fn the_image_has_the_newest_client_that_is_tested() {
    let tests = read("tests/e2e/client.rs");
    let (_, rest) = tests.split_once("const NEWEST: &str = \"").unwrap();
    let (newest, _) = rest.split_once('"').unwrap();
    let image = read("examples/container/Dockerfile");
    let wanted = format!("@anthropic-ai/claude-code@{newest}\n");
    assert!(image.contains(&wanted), "examples/container/Dockerfile has not {wanted}");
}

#[test]
fn the_completions_that_ship_are_those_that_the_program_prints() {
    for (shell, file) in [
        (cli::Shell::Bash, "completions/jackin-exec.bash"),
        (cli::Shell::Zsh, "completions/_jackin-exec"),
        (cli::Shell::Fish, "completions/jackin-exec.fish"),
    ] {
        assert_eq!(completions::script(shell), read(file), "{file}");
    }
}

#[test]
fn the_man_page_names_every_variable_and_file_that_the_program_reads() {
    let page = read("man/jackin-exec.1").replace('\\', "");
    for word in [
        "JACKIN_EXEC_PROVIDER",
        "JACKIN_EXEC_WORKSPACE",
        "JACKIN_EXEC_ROLE",
        "JACKIN_EXEC_ACTIVE",
        "JACKIN_EXEC_LABEL",
        "JACKIN_EXEC_NAMES",
        "JACKIN_EXEC_PID",
        "JACKIN_CONFIG_DIR",
        "JACKIN_HOME_DIR",
        "CREDENTIALS_DIRECTORY",
        "config.toml",
        "exec.toml",
        "catalog.d",
    ] {
        assert!(page.contains(word), "{word}");
    }
}

/// The top modules in the order of src/lib.rs.
fn modules() -> Vec<String> {
    let list = read("src/lib.rs");
    let names = list.lines().filter_map(|line| {
        let declared = ["pub mod ", "pub(crate) mod ", "mod "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        declared?.strip_suffix(';')
    });
    names.map(str::to_owned).collect()
}

/// Every file below a folder of the repository, sorted.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files of a top module: `src/NAME.rs`, or all below `src/NAME/`.
fn files_of(module: &str) -> Vec<String> {
    let (file, folder) = (format!("src/{module}.rs"), format!("src/{module}/"));
    let all = files("src").into_iter();
    all.filter(|path| *path == file || path.starts_with(&folder)).collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    assert!(modules.len() > 10, "found only {modules:?}");
    for (index, module) in modules.iter().enumerate() {
        // It collects the errors of all stages, also of those below it, which return it.
        if module == "error" {
            continue;
        }
        let files = files_of(module);
        assert!(!files.is_empty(), "{module} has no file");
        for file in files {
            let text = read(&file);
            for (line, number) in text.lines().zip(1..) {
                for rest in line.split("crate::").skip(1) {
                    let used: String =
                        rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    let Some(position) = modules.iter().position(|known| *known == used) else {
                        continue;
                    };
                    assert!(
                        position <= index,
                        "{file}:{number}: {module} uses {used}, which comes after it in lib.rs"
                    );
                }
            }
        }
    }
}

#[test]
fn unsafe_code_is_in_one_folder() {
    for file in files("src") {
        let text = read(&file);
        let found = text.contains("unsafe {") || text.contains("unsafe_code");
        assert!(!found || file.starts_with("src/sys/"), "{file} has unsafe code");
    }
}

#[test]
fn secrets_are_exposed_where_the_security_page_says() {
    let mut exposing: Vec<String> =
        files("src").into_iter().filter(|file| read(file).contains("expose_secret")).collect();
    let page = read("SECURITY.md");
    exposing.retain(|file| !page.contains(&format!("`{file}`")));
    assert!(exposing.is_empty(), "SECURITY.md does not name {exposing:?}");
}

/// No file is longer, in lines. Tests beside the code may have a file of their own.
const LONGEST_FILE: usize = 400;

/// Half of the files are shorter than this, in lines.
const MEDIAN_FILE: usize = 150;

#[test]
fn no_file_is_long_and_half_of_them_are_short() {
    let mut lengths = Vec::new();
    for file in files("src") {
        let lines = read(&file).lines().count();
        assert!(lines <= LONGEST_FILE, "{file} has {lines} lines, and {LONGEST_FILE} are the most");
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN_FILE, "the median is {median} lines");
}

/// The first sentence of a module's documentation.
fn purpose(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    paragraph.get(..end).unwrap().trim_end_matches('.').to_owned()
}

/// The table of the modules, in the order of src/lib.rs: what each is for, and its files.
fn rooms() -> String {
    let mut table = "| module | what it is for | files |\n| --- | --- | --- |\n".to_owned();
    for module in modules() {
        let (file, folder) = (format!("src/{module}.rs"), format!("src/{module}/"));
        let files = files_of(&module);
        let (name, root) = if files.contains(&file) {
            (file.clone(), file)
        } else {
            (folder.clone(), format!("{folder}mod.rs"))
        };
        let mut inner = Vec::new();
        for file in files.iter().filter(|file| **file != root && !file.contains("/tests")) {
            let file = file.trim_start_matches(&folder).trim_end_matches(".rs");
            inner.push(format!("`{file}`"));
        }
        let purpose = purpose(&read(&root));
        assert!(!purpose.is_empty(), "{root} does not say what it is for");
        table += &format!("| `{name}` | {purpose} | {} |\n", inner.join(" "));
    }
    table
}

#[test]
fn contributing_names_every_file_of_the_program() {
    let page = read("CONTRIBUTING.md");
    let (start, end) = ("<!-- modules -->\n", "<!-- /modules -->");
    let (before, rest) = page.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    ships("CONTRIBUTING.md", &format!("{before}{start}{}{end}{after}", rooms()));
}
