//! Similar programs, as far as they are installed.

use std::path::Path;

use crate::TARGET;
use crate::homes;
use crate::row::Row;

/// A program, the words before the command, and in one of how many rounds it runs. Without a
/// command, for programs that start only the client, the least that they do is measured: to print
/// their version.
const PEERS: [(&str, &[&str], bool, usize); 9] = [
    ("tini", &["--"], true, 1),
    ("dumb-init", &["--"], true, 1),
    ("catatonit", &["--"], true, 1),
    ("gosu", &["root"], true, 1),
    ("su-exec", &["root"], true, 1),
    ("direnv", &["exec", "/"], true, 10),
    ("dotenvx", &["run", "--quiet", "--"], true, 100),
    ("ccs", &["--version"], false, 100),
    ("ccr", &["version"], false, 100),
];

/// The rows of what is installed; what is not is said.
pub(crate) fn rows(home: &Path) -> Vec<Row> {
    let environment = homes::usual_environment(home);
    let mut rows = Vec::new();
    for (name, words, starts_a_command, every) in PEERS {
        let Some(path) = find(name) else {
            println!("ABSENT: {name} is not in PATH, so the table lacks it");
            continue;
        };
        let mut argv: Vec<&str> =
            [path.as_str()].into_iter().chain(words.iter().copied()).collect();
        argv.extend(starts_a_command.then_some(TARGET));
        let label = format!("{name} {}", words.join(" "));
        rows.push(Row::new(&label, &argv, &environment).every(every));
    }
    rows
}

pub(crate) fn find(name: &str) -> Option<String> {
    let folders = std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .collect::<Vec<_>>();
    folders.into_iter().find(|path| path.is_file())?.to_str().map(str::to_owned)
}
