//! The keys that the client's own settings schema has, taken from its program.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use jackin_exec::managed::Meaning;
use jackin_exec::managed::meaning;

use crate::client;
use crate::row::Version;

/// What begins the schema's object, and the switches that add to it.
const SCHEMA: &str = r"{\$schema:";
const FEATURE: &str = r"buildGate:()=>[^,]\{1,40\},shape:()=>({";

/// More than the schema takes, with all its descriptions.
const LARGEST: usize = 400_000;

/// Fails if the client has a key that the table of managed settings does not sort.
pub(crate) fn are_sorted(client: Version) -> Result<(), String> {
    let bin = client::install(&client.to_string()).map_err(|missing| missing.to_string())?;
    let program = fs::canonicalize(bin.join("claude")).map_err(|error| error.to_string())?;
    let keys = keys(&program).map_err(|error| error.to_string())?;
    // The oldest client has 139; fewer would be another object.
    if keys.len() < 130 || !keys.contains("forceLoginMethod") {
        return Err(format!("the schema was not found, only {keys:?}"));
    }
    let unknown: Vec<&String> =
        keys.iter().filter(|key| meaning(key) == Meaning::Unknown).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(format!(
        "src/managed/keys.rs does not sort {unknown:?}: what does the client do with each of them?"
    ))
}

/// All keys of the settings.
pub(crate) fn keys(program: &Path) -> io::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for text in found(program, SCHEMA)? {
        let object = object(&text);
        if object.contains("apiKeyHelper") {
            keys.extend(object);
        }
    }
    for text in found(program, FEATURE)? {
        let start = text.find("({").unwrap_or(0) + 1;
        keys.extend(object(text.get(start..).unwrap_or("")));
    }
    Ok(keys)
}

/// The program's text from each place on where a pattern is found.
fn found(program: &Path, pattern: &str) -> io::Result<Vec<String>> {
    // grep is done with 400 MB in a third of a second.
    let output = Command::new("grep").args(["-abo", pattern]).arg(program).output()?;
    let file = File::open(program)?;
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some(offset) = line.split(':').next().and_then(|offset| offset.parse().ok()) else {
            continue;
        };
        let mut bytes = vec![0; LARGEST];
        let read = file.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        // Byte by byte, so that what is no text moves nothing.
        found.push(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    Ok(found)
}

/// The keys of the object that begins a text, and of those that are spread into it.
fn object(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for entry in entries(text) {
        if entry.starts_with("...") {
            let spread = entry.find('{').and_then(|start| entry.get(start..));
            keys.extend(object(spread.unwrap_or("")));
            continue;
        }
        let key: String =
            entry.chars().take_while(|c| c.is_ascii_alphanumeric() || "$_".contains(*c)).collect();
        if !key.is_empty() && entry.get(key.len()..).is_some_and(|rest| rest.starts_with(':')) {
            keys.insert(key);
        }
    }
    keys
}

/// The entries of the object literal that begins a text.
fn entries(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut start, mut depth) = (1, 0);
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(end) = quote {
            quote = quote.filter(|_| escaped || c != end);
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' | '\'' | '`' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            entries.push(text.get(start..at).unwrap_or(""));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    entries
}
