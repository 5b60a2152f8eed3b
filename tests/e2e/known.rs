//! What a client knows: every variable and every key of its settings, read off its program.
//!
//! The program holds its own source. Variables are in registries, long lists of
//! `NAME:()=>x`, and in reads of `process.env.NAME`. Checked with 2.1.257 to 2.1.332 on 2026-11-26.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::keys;

/// From this many entries a list of getters may be a registry of variables: shorter ones are
/// modules that export constants.
const REGISTRY: usize = 10;

/// What variables of a client are called, its own and those of services it speaks to.
const FAMILIES: [&[u8]; 5] = [b"CLAUDE_", b"ANTHROPIC_", b"AWS_", b"GITHUB_", b"OTEL_"];

const READ: &[u8] = b"process.env.";

/// The names of variables and settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) variables: BTreeSet<String>,
    pub(crate) settings: BTreeSet<String>,
}

impl Known {
    /// Everything that the program at `path` knows.
    pub(crate) fn of_program(path: &Path) -> io::Result<Self> {
        Ok(Self { variables: variables(&fs::read(path)?), settings: keys::keys(path)? })
    }

    /// One name a line, as it is kept in the repository.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for name in &self.variables {
            let _ = writeln!(text, "{name}");
        }
        for name in &self.settings {
            let _ = writeln!(text, "settings:{name}");
        }
        text
    }
}

fn variables(program: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    registries(program, &mut found);
    reads(program, &mut found);
    found
}

/// The names of all registries: runs of `NAME:()=>x,` of which a quarter are a client's.
fn registries(program: &[u8], found: &mut BTreeSet<String>) {
    let mut run: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    while at < program.len() {
        if let Some((name, end)) = entry(program, at) {
            run.push(name);
            at = end;
            continue;
        }
        let own = run.iter().filter(|name| FAMILIES.iter().any(|family| name.starts_with(family)));
        if run.len() >= REGISTRY && own.count() * 4 >= run.len() {
            found.extend(run.iter().map(|name| String::from_utf8_lossy(name).into_owned()));
        }
        run.clear();
        at += word(program, at).max(1);
    }
}

/// The name and the end of `NAME:()=>x,` at this place.
fn entry(program: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let length = word(program, at);
    let rest = program.get(at + length..)?.strip_prefix(b":()=>")?;
    let value = word(rest, 0);
    let comma = usize::from(rest.get(value) == Some(&b','));
    let name = program.get(at..at + length)?;
    let whole = length > 0 && value > 0;
    whole.then_some((name, at + length + b":()=>".len() + value + comma))
}

/// How many bytes of an identifier begin here.
fn word(text: &[u8], at: usize) -> usize {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    text.get(at..).unwrap_or_default().iter().take_while(part).count()
}

/// The names that are read as `process.env.NAME`.
fn reads(program: &[u8], found: &mut BTreeSet<String>) {
    for at in positions(program, READ) {
        let name = program.get(at..at + word(program, at)).unwrap_or_default();
        let shouts =
            |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        if name.len() > 2 && name.iter().all(shouts) {
            found.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
}

/// The places right behind each occurrence of `needle`.
fn positions<'a>(text: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = needle.first().copied().unwrap_or_default();
    let starts = text.iter().enumerate().filter(move |(_, byte)| **byte == first);
    let whole =
        starts.filter(move |(at, _)| text.get(*at..).is_some_and(|rest| rest.starts_with(needle)));
    whole.map(move |(at, _)| at + needle.len())
}

/// Whether the reader still finds what it must, on a text that has each of its traps.
///
/// `tests/e2e` is no test harness, so this is one of its trials.
pub(crate) fn reads_what_there_is() -> Result<(), String> {
    let program = br"x={A_CONSTANT:()=>a,B_CONSTANT:()=>b};
        y={CLAUDE_A:()=>a,CLAUDE_B:()=>b,CLAUDE_C:()=>c,FOO:()=>d,https_proxy:()=>e,F1:()=>f,F2:()=>g,F3:()=>h,F4:()=>i,F5:()=>j};
        if(process.env.READ_ME&&process.env.lower)z();";
    let found = variables(program);
    let right = [
        "CLAUDE_A",
        "CLAUDE_B",
        "CLAUDE_C",
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "FOO",
        "READ_ME",
        "https_proxy",
    ];
    let right: BTreeSet<String> = right.map(str::to_owned).into();
    (found == right).then_some(()).ok_or_else(|| format!("{found:?} was read"))
}
