//! The page that shows the rules and what runs of them saw.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::inheritance::Runner;
use crate::inheritance::env;
use crate::inheritance::ours;
use crate::inheritance::rules::RULES;
use crate::inheritance::seen_once;
use crate::support::Sandbox;
use crate::support::can_unshare;
use crate::support::has;
use crate::support::is_root;
use crate::support::sandbox;

/// Where the matrix is kept.
const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/inheritance.md");

const ABOVE: &str = "\
# What a command inherits

This page compares what a command inherits from jackin-exec with what it inherits from other programs that start commands.
The yardstick is `env` from GNU coreutils. In the table, a cell in bold differs from the cell of jackin-exec.

jackin-exec differs from `env` on purpose in three cases:

- A path that leads through a file is not found (127), because it does not exist.
- A script whose interpreter is missing was found but cannot be run (126).
- An empty argv starts the default command, because that is what jackin-exec does whenever no command is given.

Each row is a rule in `tests/suite/inheritance/`, and each cell is what a run of the rule saw. The column `trap` has the
number of the mistake that the rule looks for. Tests there have this number in their names, for example
`trap_24_no_thread_is_alive_at_exec`. Signals in cells are numbers: 1 HUP, 2 INT, 3 QUIT, 10 USR1, 13 PIPE, 15 TERM,
17 CHLD, 20 TSTP, 21 TTIN, 22 TTOU.

`cargo test` checks the columns of jackin-exec and `env`, on glibc and on musl. The next command regenerates the page. It
runs the other programs that are installed, and keeps the columns of those that are not:

    SNAPSHOTS=overwrite cargo test --test suite the_matrix

";

const BELOW: &str = "
`Command::exec` is a three-line Rust program that calls `std::os::unix::process::CommandExt::exec`.

`tini` and `dumb-init` are meant to stay as process 1 and reap orphans. If a container needs that, put one of them (or
`--init`) in front of jackin-exec.
";

#[test]
fn the_matrix_is_what_the_runs_show() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let before = Matrix::read(&fs::read_to_string(MATRIX).unwrap_or_default());
    let (Some(env), true) = (env(), can_unshare() && is_root()) else {
        crate::support::skipped(
            "the matrix needs GNU env, and root for namespaces and for the out-of-memory killer's score",
        );
        return;
    };
    let others = sandbox();
    let mut runners = vec![ours(), env];
    if overwrite {
        runners.extend(installed(&others));
    }
    let mut matrix = Matrix { programs: Vec::new(), cells: BTreeMap::new() };
    for runner in runners {
        for rule in RULES {
            let cell = seen_once(rule, &runner).replace('|', "\\|");
            matrix.cells.insert((rule.what.to_owned(), runner.name.clone()), cell);
        }
        matrix.programs.push(runner.name);
    }
    matrix.keep(before);
    let page = format!("{ABOVE}{}{BELOW}", matrix.table());
    if overwrite {
        fs::create_dir_all(Path::new(MATRIX).parent().unwrap()).unwrap();
        fs::write(MATRIX, page).unwrap();
    } else {
        snapbox::assert_data_eq!(page, snapbox::Data::read_from(Path::new(MATRIX), None).raw());
    }
}

/// What was seen, by what was looked at and by program.
struct Matrix {
    programs: Vec<String>,
    cells: BTreeMap<(String, String), String>,
}

impl Matrix {
    /// Reads a page that was written before.
    fn read(page: &str) -> Self {
        // A bar within a cell stands behind a backslash.
        let row = |line: &str| -> Vec<String> {
            let line = line.replace("\\|", "\u{0}");
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().replace('\u{0}', "\\|"))
                .collect()
        };
        let mut rows = page.lines().filter(|line| line.starts_with('|')).map(row);
        let programs: Vec<String> = rows.next().unwrap_or_default().into_iter().skip(2).collect();
        let mut cells = BTreeMap::new();
        for row in rows {
            for (program, cell) in programs.iter().zip(row.iter().skip(2)) {
                cells.insert((row[0].clone(), program.clone()), cell.clone());
            }
        }
        Self { programs, cells }
    }

    /// Keeps what was seen of programs that have not been run now.
    fn keep(&mut self, before: Self) {
        let stem = |program: &str| program.split(' ').next().unwrap_or_default().to_owned();
        for program in before.programs {
            if !self.programs.iter().any(|here| stem(here) == stem(&program)) {
                self.programs.push(program.clone());
                for rule in RULES {
                    let key = (rule.what.to_owned(), program.clone());
                    let cell = before.cells.get(&key).cloned().unwrap_or_default();
                    self.cells.insert(key, cell);
                }
            }
        }
    }

    /// The table; what differs from ours stands out.
    fn table(&self) -> String {
        let mut text =
            format!("| what is looked at | trap | {} |\n| --- | --- |", self.programs.join(" | "));
        text.push_str(&" --- |".repeat(self.programs.len()));
        text.push('\n');
        for rule in RULES {
            let traps: Vec<String> = rule.traps.iter().map(ToString::to_string).collect();
            let _ = write!(text, "| {} | {} |", rule.what, traps.join(", "));
            let ours = &self.cells[&(rule.what.to_owned(), ours().name)];
            for program in &self.programs {
                let cell = &self.cells[&(rule.what.to_owned(), program.clone())];
                let plain = cell.trim_matches('*');
                let marked = if plain == ours { plain.to_owned() } else { format!("**{plain}**") };
                let _ = write!(text, " {marked} |");
            }
            text.push('\n');
        }
        text
    }
}

/// Other programs of the kind, as far as they are here.
fn installed(sandbox: &Sandbox) -> Vec<Runner> {
    let version = |program: &str, option: &str| {
        let output = Command::new(program).arg(option).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let is_number =
            |word: &&str| word.chars().next().is_some_and(|first| first.is_ascii_digit());
        let words =
            text.split_whitespace().map(|word| word.trim_start_matches('v')).find(is_number);
        words.unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    let others: [(&str, &[&str], &str); 3] = [
        ("tini", &["-s", "--"], "--version"),
        ("dumb-init", &["--"], "--version"),
        ("gosu", &["root"], "--version"),
    ];
    for (program, options, option) in others.into_iter().filter(|(program, ..)| has(program)) {
        let folders = std::env::var_os("PATH").unwrap();
        let mut paths = std::env::split_paths(&folders).map(|folder| folder.join(program));
        let path = paths.find(|path| path.is_file()).unwrap();
        found.push(Runner {
            name: format!("{program} {}", version(program, option)),
            path,
            options,
        });
    }
    if has("rustc") {
        let (source, path) = (sandbox.path("exec.rs"), sandbox.path("exec"));
        fs::write(&source, STD_EXEC).unwrap();
        let built = Command::new("rustc").arg("-o").arg(&path).arg(&source).status().unwrap();
        assert!(built.success());
        found.push(Runner { name: "`Command::exec`".to_owned(), path, options: &[] });
    }
    found
}

/// The shortest program that starts a command the way Rust's library does.
const STD_EXEC: &str = "\
use std::os::unix::process::CommandExt;
fn main() {
    let mut words = std::env::args_os().skip(1);
    let Some(command) = words.next() else { return };
    let error = std::process::Command::new(command).args(words).exec();
    std::process::exit(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
}
";
