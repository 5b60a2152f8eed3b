//! Shell profiles and files of variables: the keys that their lines set, as far as they are
//! literal text. Nothing is run or expanded.

use crate::command::auth::import::entry;
use crate::command::auth::import::entry::BASE_URL;
use crate::command::auth::import::entry::Entry;
use crate::command::auth::import::entry::KeyNames;
use crate::command::auth::import::entry::Owner;
use crate::command::auth::import::entry::Value;
use crate::command::auth::import::entry::owner;
use crate::config;

/// What one line sets.
struct Line {
    /// The function that the line is in, counted from the start of the file.
    block: usize,
    variables: Vec<(String, Value)>,
}

/// The keys in a file; `None` if no line sets a variable, so that it is no profile.
pub(super) fn entries(text: &str, names: &KeyNames<'_>) -> Option<Vec<Entry>> {
    let mut lines = Vec::new();
    let mut block = 0;
    for line in text.lines().map(str::trim) {
        let variables = assignments(line);
        if !variables.is_empty() {
            lines.push(Line { block, variables });
        }
        if line.ends_with('{') || line.starts_with('}') {
            block += 1;
        }
    }
    if lines.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    for line in &lines {
        let base_url = base_url(&lines, line.block);
        found.extend(entry::entries(&line.variables, names, base_url.as_ref(), None));
    }
    Some(found)
}

/// The base URL for a line that sets none: that of its function, else that of the whole file.
fn base_url(lines: &[Line], block: usize) -> Option<Owner> {
    let in_block = lines.iter().filter(|line| line.block == block);
    one_of(in_block).or_else(|| one_of(lines.iter()))
}

/// The one base URL that lines set.
fn one_of<'l>(lines: impl Iterator<Item = &'l Line>) -> Option<Owner> {
    let mut found: Option<Owner> = None;
    for (name, value) in lines.flat_map(|line| &line.variables) {
        if name == BASE_URL {
            let owner = owner(value.as_deref());
            match &found {
                Some(other) if *other != owner => return Some(Owner::Unclear),
                Some(_) | None => found = Some(owner),
            }
        }
    }
    found
}

/// The variables that a line sets: `export A=b`, `A=b command`, `alias c='A=b command'`, and fish's
/// `set -gx A b`.
fn assignments(line: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    // A function on one line begins in it.
    let mut rest = match line.split_once("{ ") {
        Some((head, body)) if head.trim_end().ends_with("()") => body,
        Some(_) | None => line,
    };
    loop {
        rest = command(rest.trim_start(), &mut found);
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ENDS.contains(&c));
        if rest.is_empty() {
            return found;
        }
    }
}

/// The characters between commands.
const ENDS: [char; 3] = [';', '&', '|'];

/// Reads one command, and returns what follows it.
fn command<'l>(line: &'l str, found: &mut Vec<(String, Value)>) -> &'l str {
    let (first, after) = word(line);
    let keyword = first.as_deref().unwrap_or_else(|| if split(line).is_some() { "=" } else { "" });
    match keyword {
        "" => return skip(line),
        // Another command follows.
        "then" | "else" | "do" | "{" => return after,
        "set" => return of_fish(after, found),
        "alias" => {
            let (alias, mut after) = word(after.trim_start());
            let mut body = alias
                .as_deref()
                .and_then(|alias| alias.split_once('='))
                .map(|(_, body)| body.to_owned());
            if body.is_none() {
                // `alias c 'A=b command'`, as in fish.
                (body, after) = word(after.trim_start());
            }
            found.extend(assignments(&body.unwrap_or_default()));
            return skip(after);
        }
        _ => {}
    }
    let declares = matches!(keyword, "export" | "declare" | "typeset" | "readonly" | "env");
    let mut rest = if declares { after } else { line };
    loop {
        let (one, after) = word(rest.trim_start());
        match one {
            Some(one) if declares && one.starts_with('-') => {}
            Some(one) => match split(&one) {
                Some((name, value)) => found.push((name.to_owned(), Some(value))),
                None => return skip(after),
            },
            None => {
                let Some((name, _)) = split(rest.trim_start()) else {
                    return skip(after);
                };
                found.push((name.to_owned(), None));
            }
        }
        if after.is_empty() || after.starts_with(ENDS) {
            return after;
        }
        rest = after;
    }
}

/// `set -gx NAME VALUE` of fish.
fn of_fish<'l>(line: &'l str, found: &mut Vec<(String, Value)>) -> &'l str {
    let mut rest = line.trim_start();
    let mut is_exported = false;
    while rest.starts_with('-') {
        let (flag, after) = word(rest);
        let flag = flag.unwrap_or_default();
        is_exported |= flag == "--export" || (!flag.starts_with("--") && flag.contains('x'));
        rest = after.trim_start();
    }
    let (name, after) = word(rest);
    let (value, after) = word(after.trim_start());
    if is_exported && let Some(name) = name.filter(|name| config::is_identifier(name)) {
        found.push((name, value));
    }
    skip(after)
}

/// What follows the rest of a command.
fn skip(mut line: &str) -> &str {
    while !line.is_empty() && !line.starts_with(ENDS) {
        let (_, after) = word(line.trim_start());
        line = if after.len() < line.len() { after } else { "" };
    }
    line
}

/// Splits `NAME=VALUE`.
fn split(word: &str) -> Option<(&str, String)> {
    let (name, value) = word.split_once('=')?;
    config::is_identifier(name).then(|| (name, value.to_owned()))
}

/// Reads a word of a shell without its quotes, and returns what follows it. `None` for a word that
/// is neither literal text nor the value of one variable, which stays as it is written. Where the
/// output of a command ends is not known: then nothing follows.
fn word(line: &str) -> (Option<String>, &str) {
    let mut text = String::new();
    let (mut is_literal, mut expands) = (true, false);
    let mut quote = None;
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some('\''), _) => text.push(character),
            (None, '\'' | '"') => quote = Some(character),
            (_, '`') | (None, '(') => return (None, ""),
            (_, '$') => {
                if characters.peek().is_some_and(|(_, next)| *next == '(') {
                    return (None, "");
                }
                expands = true;
                text.push(character);
            }
            (_, '\\') => {
                characters.next();
                is_literal = false;
            }
            (None, '#') if at == 0 => return (Some(text), ""),
            (None, _) if character.is_whitespace() || ENDS.contains(&character) => {
                let rest = line.get(at..).unwrap_or_default();
                return (finished(text, is_literal, expands), rest);
            }
            _ => text.push(character),
        }
    }
    (finished(text, is_literal && quote.is_none(), expands), "")
}

/// A word's text, if it is what the shell would see, but for the value of one variable.
fn finished(text: String, is_literal: bool, expands: bool) -> Option<String> {
    let value = text.split_once('=').map_or(&*text, |(_, value)| value);
    let is_known = is_literal && (!expands || config::host_reference(value).is_some());
    is_known.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        let one = |(name, value): (String, Value)| match value {
            Some(value) => format!("{name}={value}"),
            None => format!("{name}?"),
        };
        assignments(line).into_iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_line_sets_what_a_shell_would_set_if_it_is_literal_text() {
        for (line, expected) in [
            ("export A=b", "A=b"),
            ("  export A='b c' B=\"d\"e", "A=b c B=de"),
            ("export A=b # a comment", "A=b"),
            ("export A=b#c", "A=b#c"),
            ("A=b", "A=b"),
            ("A=b C=d claude --x E=f", "A=b C=d"),
            ("declare -x A=b", "A=b"),
            ("typeset -gx A=b", "A=b"),
            ("export A=b; export C=d && E=f", "A=b C=d E=f"),
            ("set -gx A b", "A=b"),
            ("set -Ux A 'b'", "A=b"),
            ("set -g A b", ""),
            ("set -e", ""),
            ("alias k='A=b C=d claude'", "A=b C=d"),
            ("alias k=\"A=b claude\"", "A=b"),
            ("alias k 'A=b claude'", "A=b"),
            ("alias c-k='A=b claude'", "A=b"),
            ("alias ls='ls --color'", ""),
            ("if true; then export A=b; else A=c; fi", "A=b A=c"),
            ("k() { A=b claude \"$@\"; }", "A=b"),
            ("k() { export A=b; claude; }", "A=b"),
            ("export A=$B", "A=$B"),
            ("export A=\"${B}\" C=d", "A=${B} C=d"),
            ("export A=${B:-c}", "A?"),
            ("export A=sk-$B", "A?"),
            ("set -gx A $B", "A=$B"),
            ("export A=\"$(pass a)\" B=c", "A?"),
            ("export A=\"x $B\" C=d", "A? C=d"),
            ("export A=x\\ y C=d", "A? C=d"),
            ("A=$B C=d claude", "A=$B C=d"),
            ("export A=`pass a`", "A?"),
            ("export A=b\\", "A?"),
            ("export A='b", "A?"),
            ("export A=", "A="),
            ("export A", ""),
            ("# export A=b", ""),
            ("echo A=b", ""),
            ("if [ -n \"$A\" ]; then export B=c; fi", "B=c"),
            ("[ -z \"${A:-}\" ] && export B=c", "B=c"),
            ("PATH=$PATH:/x", "PATH?"),
            ("", ""),
            ("=x", ""),
            ("export 1A=b", ""),
            ("(((", ""),
            ("|||", ""),
        ] {
            assert_eq!(said(line), expected, "{line}");
        }
    }

    #[test]
    fn a_key_goes_with_the_base_url_of_its_line_its_function_or_the_whole_file() {
        let hosts = |text: &str| -> Vec<String> {
            let found = entries(text, &KeyNames(&[])).unwrap_or_default();
            let host = |entry: &Entry| match &entry.owner {
                Owner::At(address) => address.shown(),
                other => format!("{other:?}"),
            };
            found.iter().map(host).collect()
        };
        let (kimi, zai) =
            ("ANTHROPIC_BASE_URL=https://kimi.example", "ANTHROPIC_BASE_URL=https://zai.example");
        let token = "ANTHROPIC_AUTH_TOKEN=k";
        for (text, expected) in [
            (format!("export {kimi}\nexport {token}\n"), &["https://kimi.example"] as &[&str]),
            (format!("export {token}\nexport {kimi}\n"), &["https://kimi.example"]),
            (
                format!("a() {{\n {kimi} {token} claude\n}}\nb() {{\n {zai} {token} claude\n}}\n"),
                &["https://kimi.example", "https://zai.example"],
            ),
            (
                format!(
                    "a() {{\n export {token}\n export {kimi}\n}}\nb() {{\n export {token}\n export {zai}\n}}\n"
                ),
                &["https://kimi.example", "https://zai.example"],
            ),
            (format!("export {kimi}\nexport {zai}\nexport {token}\n"), &["Unclear"]),
            (format!("export {token}\n"), &["Anthropic"]),
            ("export A=b\n".to_owned(), &[]),
        ] {
            assert_eq!(hosts(&text), expected, "{text}");
        }
        assert!(entries("no line of this\nsets a variable\n", &KeyNames(&[])).is_none());
    }
}
