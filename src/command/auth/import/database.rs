//! Databases of other tools, read by the program `sqlite3`.
//!
//! A library for it would add a megabyte of C to the program, for something done once.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::command::auth::import::Error;
use crate::error;
use crate::host::Entry;
use crate::host::Host;
use crate::program;
use crate::program::End;
use crate::redact::Words;

/// How a database of `sqlite3` begins.
///
/// Source: sqlite.org/fileformat2.html, 1.3; checked 2026-11-26.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Whose database it is: the name of a table that only this tool has, and the query for its keys.
struct Kind {
    table: &'static str,
    query: &'static str,
}

/// The tables: `schema.rs` of farion1231/cc-switch, commit 5ca9459; `config-repository.ts` of
/// musistudio/claude-code-router, commit 1347c86, checked 2026-11-26. The queries print one JSON
/// document, also with versions of `sqlite3` that have no option for it, and only what is needed
/// of each row: one with broken JSON is left out.
const KINDS: [Kind; 2] = [
    Kind {
        table: "providers",
        query: "SELECT json_group_array(json_object('name', name, 'settings_config', \
                json_object('env', json_extract(settings_config, '$.env')))) FROM \
                (SELECT * FROM providers WHERE app_type = 'claude' AND json_valid(settings_config) \
                ORDER BY is_current DESC, sort_index, created_at)",
    },
    Kind {
        table: "app_config",
        query: "SELECT json_object('Providers', json_extract(value_json, '$.Providers')) \
                FROM app_config WHERE key = 'default' AND json_valid(value_json)",
    },
];

/// The query for the tables.
const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";

/// How long the program may take. Another program may have the database locked for a moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keys of a database as JSON, in a form that [`super::json::read`] knows. `beginning` is what
/// the file begins with.
pub(super) fn read(host: &Host, path: &Path, beginning: &[u8]) -> Result<String, error::Error> {
    let Some(program) = program::find("sqlite3".as_ref(), &host.environment) else {
        let has = |table: &str| memchr::memmem::find(beginning, table.as_bytes()).is_some();
        let [of_switch, of_router] = &KINDS;
        let kind = if has(of_router.table) { of_router } else { of_switch };
        return Err(Error::NoSqlite { path: path.to_owned(), query: kind.query }.into());
    };
    let tables = ask(host, &program, path, TABLES)?;
    let kind = KINDS.iter().find(|kind| tables.lines().any(|table| table == kind.table));
    match kind {
        Some(kind) => ask(host, &program, path, kind.query),
        None => Err(Error::UnknownKind { path: path.to_owned() }.into()),
    }
}

/// The variables that the program gets: none that may hold a key.
const NAMES: [&[u8]; 4] = [b"HOME", b"LANG", b"PATH", b"TMPDIR"];

/// The program's answer to a query.
fn ask(host: &Host, program: &Path, path: &Path, query: &str) -> Result<String, error::Error> {
    let mut words: Vec<OsString> = ["sqlite3", "-batch", "-readonly", "-init", "/dev/null", "-cmd"]
        .iter()
        .map(OsString::from)
        .collect();
    words.push(".timeout 5000".into());
    words.push(path.into());
    // What the schema of a stranger's database computes is not trusted.
    words.push(format!("PRAGMA trusted_schema = OFF; {query}").into());
    let environment: Vec<_> = host
        .environment
        .0
        .iter()
        .filter(|entry| Entry::new(entry).is_some_and(|entry| NAMES.contains(&entry.name)))
        .map(|entry| Cow::Borrowed(*entry))
        .collect();
    let answer =
        program::ask(program, &words, &environment, PATIENCE).map_err(error::Error::Signalled)?;
    if answer.end == End::Status(0) {
        return Ok(answer.stdout);
    }
    let words = Words::of_helper(answer.stderr.as_bytes(), false, answer.stdout.as_bytes());
    Err(Error::Sqlite { path: path.to_owned(), end: answer.end, words }.into())
}
