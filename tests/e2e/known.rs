//! What a client knows: every variable and every key of its settings, read off its program.
//!
//! The program holds its own source. Variables are in registries, long lists of
//! `NAME:()=>x`, and in reads of `process.env.NAME`; settings are the keys of the one schema that
//! calls itself that of Claude Code. Checked with 2.1.257 to 2.1.332 on 2026-11-26.

use std::collections::BTreeSet;
use std::fmt::Write;

/// From this many entries a list of getters may be a registry of variables: shorter ones are
/// modules that export constants.
const REGISTRY: usize = 10;

/// What variables of a client are called, its own and those of services it speaks to.
const FAMILIES: [&[u8]; 5] = [b"CLAUDE_", b"ANTHROPIC_", b"AWS_", b"GITHUB_", b"OTEL_"];

const READ: &[u8] = b"process.env.";
const SCHEMA: &[u8] = b"{$schema:";
const TITLE: &[u8] = b"JSON Schema reference for Claude Code settings";

/// The names of variables and settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) variables: BTreeSet<String>,
    pub(crate) settings: BTreeSet<String>,
}

impl Known {
    /// Everything that the program of a client knows.
    pub(crate) fn of_program(program: &[u8]) -> Self {
        let mut known = Self::default();
        registries(program, &mut known.variables);
        reads(program, &mut known.variables);
        schemas(program, &mut known.settings);
        known
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

/// The keys of each schema of settings, at its own level.
fn schemas(program: &[u8], found: &mut BTreeSet<String>) {
    for at in positions(program, SCHEMA) {
        let head = program.get(at..).unwrap_or_default();
        let head = head.get(..120).unwrap_or(head);
        if head.windows(TITLE.len()).any(|window| window == TITLE) {
            keys(program, at - SCHEMA.len() + 1, found);
        }
    }
}

/// The keys of the object whose first key begins here.
fn keys(program: &[u8], start: usize, found: &mut BTreeSet<String>) {
    let mut depth = 1;
    let mut at = start;
    // Whether a key would be here: after the brace, and after each comma of the object itself.
    let mut key = true;
    while let Some(&byte) = program.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => at = end_of_string(program, at),
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
        if byte == b',' && depth == 1 {
            key = true;
            at += 1;
            continue;
        }
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let length = word(program, at);
        if key && length > 0 && program.get(at + length) == Some(&b':') {
            let name = program.get(at..at + length).unwrap_or_default();
            found.insert(String::from_utf8_lossy(name).into_owned());
        }
        key = false;
        at += length.max(1);
    }
}

/// The place of the quote that ends the string which begins here.
fn end_of_string(program: &[u8], start: usize) -> usize {
    let quote = program.get(start);
    let mut at = start + 1;
    while at < program.len() && program.get(at) != quote {
        at += if program.get(at) == Some(&b'\\') { 2 } else { 1 };
    }
    at
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
    let program = br#"x={A_CONSTANT:()=>a,B_CONSTANT:()=>b};
        y={CLAUDE_A:()=>a,CLAUDE_B:()=>b,CLAUDE_C:()=>c,FOO:()=>d,https_proxy:()=>e,F1:()=>f,F2:()=>g,F3:()=>h,F4:()=>i,F5:()=>j};
        if(process.env.READ_ME&&process.env.lower)z();
        return{$schema:()=>r().optional().describe("JSON Schema reference for Claude Code settings"),
        one:()=>s({inner:r()}).describe("a, b: c } \" x:"),...more,two:i(`,three:`)}"#;
    let found = Known::of_program(program);
    let variables = [
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
    let settings = ["$schema", "one", "two"];
    let right = Known {
        variables: variables.map(str::to_owned).into(),
        settings: settings.map(str::to_owned).into(),
    };
    (found == right).then_some(()).ok_or_else(|| format!("{found:?} was read"))
}
