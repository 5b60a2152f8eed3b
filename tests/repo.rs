//! What is generated from the command line, and what the repository promises about itself.
//!
//! `SNAPSHOTS=overwrite cargo test --test repo` writes the generated files anew.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "these tests look at the repository's files")]

use std::fs;
use std::path::Path;

use jackin_exec::cli;
use jackin_exec::command::completions;
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
        "CREDENTIALS_DIRECTORY",
        "config.toml",
        "exec.toml",
    ] {
        assert!(page.contains(word), "{word}");
    }
}

/// The modules in the order of src/lib.rs.
fn modules() -> Vec<String> {
    let list = read("src/lib.rs");
    list.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    assert!(modules.len() > 10, "found only {modules:?}");
    for (index, module) in modules.iter().enumerate() {
        let files: Vec<String> = if module == "command" {
            let entries =
                fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command")).unwrap();
            let name = |entry: std::io::Result<fs::DirEntry>| {
                entry.unwrap().file_name().into_string().unwrap()
            };
            entries.map(name).map(|name| format!("src/command/{name}")).collect()
        } else {
            vec![format!("src/{module}.rs")]
        };
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
                        "{file}:{number}: {module} uses {used}, which stands below it"
                    );
                }
            }
        }
    }
}

#[test]
fn unsafe_code_has_one_address() {
    for module in modules() {
        let Ok(text) =
            fs::read_to_string(format!("{}/src/{module}.rs", env!("CARGO_MANIFEST_DIR")))
        else {
            continue;
        };
        let found = text.contains("unsafe {") || text.contains("unsafe_code");
        assert_eq!(found, module == "sys", "src/{module}.rs");
    }
}

#[test]
fn secrets_are_exposed_where_the_security_page_says() {
    let exposing: Vec<String> = modules()
        .into_iter()
        .filter(|module| {
            let path = format!("{}/src/{module}.rs", env!("CARGO_MANIFEST_DIR"));
            fs::read_to_string(path).is_ok_and(|text| text.contains("expose_secret"))
        })
        .collect();
    assert_eq!(exposing, ["edit", "secret", "exec"]);
}
