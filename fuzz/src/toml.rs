//! TOML written in every way in which it can be written.

use std::fmt::Write as _;

use crate::dice::Dice;

/// A value.
#[derive(Debug, Clone)]
pub enum Node {
    /// A string.
    Text(String),
    /// True or false.
    Flag(bool),
    /// An array.
    Array(Vec<Node>),
    /// A table that may be written as a header, inline or with dotted keys.
    Table(Table),
    /// A table that is written inline, because it is a value.
    Inline(Table),
}

/// Keys and values in the order in which they are written.
pub type Table = Vec<(String, Node)>;

/// Shorthand for a string.
pub fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

/// The table inside a table, made where it is missing.
pub fn inner<'t>(table: &'t mut Table, key: &str) -> &'t mut Table {
    let at = table.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        table.push((key.to_owned(), Node::Table(Table::new())));
        table.len() - 1
    });
    match &mut table[at].1 {
        Node::Table(inner) => inner,
        other => panic!("{key} is {other:?}"),
    }
}

/// Brings the keys of all tables into another order.
pub fn shuffle(table: &mut Table, dice: &mut Dice<'_>) {
    for at in 1..table.len() {
        table.swap(at, dice.below((at + 1).min(256)));
    }
    for (_, value) in table {
        if let Node::Table(inner) | Node::Inline(inner) = value {
            shuffle(inner, dice);
        }
    }
}

/// Writes a document.
pub fn write(table: &Table, dice: &mut Dice<'_>) -> String {
    let mut sections = Vec::new();
    section(table, "", dice, &mut sections);
    let mut sections = sections.into_iter();
    let mut document = sections.next().unwrap_or_default();
    // Headers may come in any order, a table's after those of tables inside it too.
    let mut rest: Vec<String> = sections.collect();
    for at in 1..rest.len() {
        rest.swap(at, dice.below((at + 1).min(256)));
    }
    document.extend(rest);
    if dice.one_in(8) { document.replace('\n', "\r\n") } else { document }
}

/// A table's own lines as the first new section, then those of tables below it that have a header.
fn section(table: &Table, header: &str, dice: &mut Dice<'_>, sections: &mut Vec<String>) {
    let mut lines = String::new();
    let mut below = Vec::new();
    for (name, value) in table {
        blank(&mut lines, dice);
        match value {
            Node::Table(inner) => match dice.below(4) {
                0 | 1 => below.push((name, inner)),
                2 => {
                    let _ = write!(lines, "{} = ", key(name, dice));
                    inline(inner, dice, &mut lines);
                    lines.push('\n');
                }
                _ if inner.is_empty() => below.push((name, inner)),
                _ => dotted(inner, &key(name, dice), dice, &mut lines),
            },
            value => {
                let _ = write!(lines, "{} = ", key(name, dice));
                scalar(value, dice, &mut lines);
                lines.push_str(*dice.pick(&["\n", " # ' \"\n", "\t\n"]));
            }
        }
    }
    let title = if header.is_empty() { String::new() } else { format!("[{header}]\n") };
    sections.push(title + &lines);
    for (name, inner) in below {
        let name = key(name, dice);
        let header = if header.is_empty() { name } else { format!("{header}.{name}") };
        section(inner, &header, dice, sections);
    }
}

/// Every value below a table on a line of its own.
fn dotted(table: &Table, prefix: &str, dice: &mut Dice<'_>, lines: &mut String) {
    for (name, value) in table {
        let path = format!("{prefix}{}{}", dice.pick(&[".", " . "]), key(name, dice));
        match value {
            Node::Table(inner) if !inner.is_empty() && dice.one_in(2) => {
                dotted(inner, &path, dice, lines)
            }
            value => {
                let _ = write!(lines, "{path} = ");
                scalar(value, dice, lines);
                lines.push('\n');
            }
        }
    }
}

fn inline(table: &Table, dice: &mut Dice<'_>, out: &mut String) {
    out.push_str(*dice.pick(&["{ ", "{"]));
    for (index, (name, value)) in table.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "{} = ", key(name, dice));
        scalar(value, dice, out);
    }
    out.push_str(*dice.pick(&[" }", "}"]));
}

fn scalar(value: &Node, dice: &mut Dice<'_>, out: &mut String) {
    match value {
        Node::Text(text) => out.push_str(&string(text, dice)),
        Node::Flag(flag) => {
            let _ = write!(out, "{flag}");
        }
        Node::Array(items) => {
            let (open, between, close) =
                *dice.pick(&[("[", ", ", "]"), ("[\n", ",\n# \"'\n", ",\n]")]);
            out.push_str(open);
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(between);
                }
                scalar(item, dice, out);
            }
            // A comma after nothing is no TOML.
            out.push_str(if items.is_empty() { "]" } else { close });
        }
        Node::Table(table) | Node::Inline(table) => inline(table, dice, out),
    }
}

fn blank(lines: &mut String, dice: &mut Dice<'_>) {
    lines.push_str(*dice.pick(&["", "", "", "\n", "# a = '''\n", "  "]));
}

fn key(name: &str, dice: &mut Dice<'_>) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match dice.below(3) {
        0 if !name.is_empty() && name.bytes().all(bare) => name.to_owned(),
        1 if !name.contains('\'') && !name.chars().any(char::is_control) => format!("'{name}'"),
        escaping => basic(name, escaping == 2, dice),
    }
}

/// A string in one of the four forms.
pub fn string(text: &str, dice: &mut Dice<'_>) -> String {
    let plain = !text.chars().any(char::is_control);
    match dice.below(6) {
        1 if plain && !text.contains('\'') => format!("'{text}'"),
        2 if plain && !text.contains("'''") && !text.ends_with('\'') => {
            format!("'''{}{text}'''", dice.pick(&["", "\n"]))
        }
        3 => {
            let start = *dice.pick(&["", "\n", "\\\n  "]);
            // A line that is continued takes the blanks that follow with it.
            let start = if text.starts_with(char::is_whitespace) { "" } else { start };
            format!("\"\"\"{start}{}\"\"\"", escaped(text, false, dice))
        }
        4 => basic(text, true, dice),
        _ => basic(text, false, dice),
    }
}

fn basic(text: &str, more: bool, dice: &mut Dice<'_>) -> String {
    format!("\"{}\"", escaped(text, more, dice))
}

/// Escapes what must be escaped, and more.
fn escaped(text: &str, more: bool, dice: &mut Dice<'_>) -> String {
    let mut out = String::new();
    for character in text.chars() {
        let code = u32::from(character);
        let _ = match character {
            '"' | '\\' => write!(out, "\\{character}"),
            '\n' => write!(out, "\\n"),
            character if character.is_control() => write!(out, "\\u{code:04x}"),
            _ if more && dice.one_in(4) => write!(out, "\\U{code:08X}"),
            character => write!(out, "{character}"),
        };
    }
    out
}
