//! Makes the table of presets from `catalog/*.toml`, so that a launch reads no file for it; what
//! `--version` says; and, for `cargo install`, a static program (`link`).
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a build script reads the repository, runs programs and talks to cargo"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use row::Found;
use row::Row;
use row::Shared;
use row::Taken;
use row::What;

mod link;
#[path = "../src/catalog/row/mod.rs"]
#[expect(unreachable_pub, reason = "the library has the same file as a module")]
mod row;

/// The rows that come first in the question, as jackin lists them. The others follow by label.
const FIRST: [&str; 4] = ["anthropic", "zai", "minimax", "kimi"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    link::program();
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=src/catalog/row");
    match table(Path::new("catalog")) {
        Ok((text, newest)) => {
            let (version, target) = (variable("CARGO_PKG_VERSION"), variable("TARGET"));
            let commit = commit();
            println!(
                "cargo::rustc-env=JACKIN_EXEC_VERSION={version} ({commit}, {target}, catalogue of {newest})"
            );
            let folder = std::env::var_os("OUT_DIR").unwrap_or_default();
            match std::fs::write(Path::new(&folder).join("presets.rs"), text) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("the table cannot be written: {error}")),
            }
        }
        Err(mistake) => fail(&mistake),
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The commit that is built: what a packager says, what cargo wrote into the package, or git's word.
/// A build for development is none: it would be made anew for every commit.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=JACKIN_EXEC_COMMIT");
    let said = variable("JACKIN_EXEC_COMMIT");
    if !said.is_empty() {
        return format!("commit {}", short(&said));
    }
    if let Ok(text) = std::fs::read_to_string(".cargo_vcs_info.json")
        && let Some((_, rest)) = text.split_once("\"sha1\": \"")
    {
        return format!("commit {}", short(rest));
    }
    if variable("PROFILE") != "release" {
        return "development build".to_owned();
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    match git(&["rev-parse", "HEAD"]) {
        Some(commit) => format!("commit {}", short(&commit)),
        None => "commit unknown".to_owned(),
    }
}

fn short(commit: &str) -> String {
    commit.chars().take_while(char::is_ascii_hexdigit).take(12).collect()
}

fn git(words: &[&str]) -> Option<String> {
    let ran = std::process::Command::new("git").args(words).output().ok()?;
    let said = String::from_utf8(ran.stdout).ok()?;
    ran.status.success().then(|| said.trim().to_owned())
}

fn fail(mistake: &str) -> ExitCode {
    eprintln!("{mistake}");
    ExitCode::FAILURE
}

/// Variables that people set for every provider alike. That one row sets them, too, is no reason to
/// take theirs away from the others.
const EVERYBODYS: [&str; 2] = ["CLAUDE_CODE_ATTRIBUTION_HEADER", "CLAUDE_CODE_MAX_OUTPUT_TOKENS"];

/// A row and where it stands, for what is wrong between two rows.
struct Placed {
    row: Row,
    /// The name of its file.
    vendor: String,
    place: String,
}

/// The table, and the newest day on which a row was checked.
fn table(folder: &Path) -> Result<(String, String), String> {
    let mut rows = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("catalog: {error}"))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "toml")) {
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        let wrong = |mistake: row::Mistake| {
            format!("{shown}:{}: {}", position(&text, mistake.at), words(&mistake.what))
        };
        let vendor = file.file_stem().unwrap_or_default().to_string_lossy();
        for Found { at, row, .. } in row::read(&text).map_err(wrong)? {
            let vendor = vendor.clone().into_owned();
            let place = format!("{shown}:{}", position(&text, at));
            rows.push(Placed { row: row.map_err(wrong)?, vendor, place });
        }
    }
    rows.sort_by_key(|placed| {
        let first = FIRST.iter().position(|id| *id == placed.row.id).unwrap_or(FIRST.len());
        (first, placed.row.label.to_lowercase())
    });
    compare(&rows)?;
    let newest = rows.iter().map(|placed| placed.row.checked.clone()).max();
    Ok((text(&rows), newest.unwrap_or_default()))
}

fn position(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    format!("{}:{column}", before.matches('\n').count() + 1)
}

fn words(what: &What) -> String {
    match what {
        What::Syntax(words) => words.clone(),
        What::UnknownKey { key, known } => {
            format!("unknown key {key} (available: {})", known.join(", "))
        }
        What::Expected(what) => format!("expected {what}"),
        What::Missing(key) => format!("this row has no {key}"),
    }
}

fn shared(one: &Row, other: &Row) -> Option<Shared> {
    row::shared(&taken(one), &taken(other))
}

fn taken(row: &Row) -> Taken<'_> {
    Taken {
        id: &row.id,
        aliases: row.aliases.iter().map(String::as_str).collect(),
        label: &row.label,
        base_url: row.base_url.as_deref(),
        key_env: row.key_env.as_deref(),
    }
}

/// What must not be the same in two rows.
fn compare(rows: &[Placed]) -> Result<(), String> {
    for (index, one) in rows.iter().enumerate() {
        let (row, place) = (&one.row, &one.place);
        if row.base_url.as_ref().is_some_and(|url| url.ends_with('/')) {
            return Err(format!("{place}: expected a base_url without a final slash"));
        }
        for other in rows.iter().skip(index + 1) {
            let at = &other.place;
            if let Some(shared) = shared(&other.row, row) {
                return Err(format!("{at}: {} {place}", shared.text()));
            }
            if row.base_url == other.row.base_url {
                return Err(format!("{at}: base_url is that of {place}"));
            }
        }
    }
    Ok(())
}

/// The tables as Rust. `{:?}` of these types is their literal.
fn text(rows: &[Placed]) -> String {
    let mut text = String::from(
        "/// The presets, in the order of the question: the first four as jackin lists them, then by\n/// label.\npub static PRESETS: &[Preset] = &[\n",
    );
    let vendors: BTreeSet<&String> = rows.iter().map(|placed| &placed.vendor).collect();
    for Placed { row, vendor, .. } in rows {
        let [fable, opus, sonnet, haiku] =
            row.models.clone().unwrap_or_else(|| [(); 4].map(|()| String::new()));
        let env: Vec<_> = row.env.iter().map(|one| (&one.name, &one.value)).collect();
        let shape = row.key_begins.first().zip(row.key_otherwise.as_ref());
        let shape = shape.map(|(prefix, otherwise)| {
            format!("Some(KeyShape {{ prefix: {prefix:?}, otherwise: {otherwise:?} }})")
        });
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "Preset {{ vendor: {}, file: None, id: {:?}, label: {:?}, base_url: {:?}, key_env: {:?}, \
             key_shape: {}, api_key_header: {:?}, header: {:?}, \
             models: Models {{ fable: {fable:?}, opus: {opus:?}, sonnet: {sonnet:?}, haiku: {haiku:?} }}, \
             window: {}, windows: {:?}, timeout_ms: {}, env: &{env:?}, local: {}, \
             facts: Facts::known({:?}) }},",
            vendors.iter().position(|known| known == &vendor).unwrap_or_default(),
            row.id,
            row.label,
            row.base_url,
            row.key_env,
            shape.as_deref().unwrap_or("None"),
            row.api_key_header,
            row.header,
            row.window,
            row.windows_text(),
            row.timeout_ms.map_or("TIMEOUT_MS".to_owned(), |time| time.to_string()),
            row.local,
            row.facts(),
        );
    }
    text.push_str("];\n");
    let mut ids: Vec<usize> = (0..rows.len()).collect();
    ids.sort_by_key(|index| rows.get(*index).map(|placed| &placed.row.id));
    let _ = writeln!(text, "/// The presets by id.\nstatic BY_ID: &[usize] = &{ids:?};");
    let mut keys = ids;
    let key = |index: &usize| rows.get(*index).and_then(|placed| placed.row.key_env.as_ref());
    keys.retain(|index| key(index).is_some());
    keys.sort_by_key(|index| key(index));
    let _ = writeln!(
        text,
        "/// The presets by the name of the key.\nstatic BY_KEY: &[usize] = &{keys:?};"
    );
    let mut own: Vec<&str> =
        rows.iter().flat_map(|placed| &placed.row.env).map(|one| one.name.as_str()).collect();
    own.retain(|name| !EVERYBODYS.contains(name));
    own.sort_unstable();
    own.dedup();
    let _ = writeln!(
        text,
        "/// What presets set beside the redirect, each name once, sorted.\npub static OWN_NAMES: &[&str] = &{own:?};"
    );
    text
}
