//! Tables and paragraphs that fit the terminal's width.

use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

use crate::report::escape;

/// How a report is laid out for the place it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The terminal's columns; `None` for files and pipes, where lines are not wrapped.
    pub width: Option<usize>,
    /// Whether status words are coloured. They are readable without colour, too.
    pub colour: bool,
}

/// The narrowest terminal; a smaller number is taken for a mistake.
const NARROWEST: usize = 20;

/// The narrowest last column; with less room it goes below the others.
const NARROWEST_TEXT: usize = 40;

/// Spaces between columns.
const GAP: usize = 2;

impl Style {
    /// Decides by whether stdout is a terminal, by its columns, and by the conventions of
    /// no-color.org and bixense.com/clicolors: `NO_COLOR` wins over `CLICOLOR_FORCE`, which wins
    /// over the terminal. `COLUMNS` overrides the width.
    pub fn new<'a>(
        terminal: bool,
        columns: Option<usize>,
        variable: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let forced = !matches!(variable("CLICOLOR_FORCE"), None | Some("0"));
        let capable = terminal && !matches!(variable("TERM"), None | Some("dumb"));
        Self {
            width: width(terminal, columns, variable("COLUMNS")),
            colour: variable("NO_COLOR").is_none() && (forced || capable),
        }
    }
}

/// The width of a report: `COLUMNS`, else that of the terminal, or 80 if it does not tell.
fn width(terminal: bool, columns: Option<usize>, variable: Option<&str>) -> Option<usize> {
    let width = match variable.map(str::parse) {
        Some(Ok(width)) => width,
        _ if terminal => columns.unwrap_or(80),
        _ => return None,
    };
    if width >= NARROWEST { Some(width) } else { None }
}

/// What a word in the first columns of a table means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// It works.
    Good,
    /// It may not be intended.
    Doubtful,
    /// It does not work.
    Bad,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "\u{1b}[32m",
            Self::Doubtful => "\u{1b}[33m",
            Self::Bad => "\u{1b}[1;31m",
        }
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The first columns, a word or name each.
    pub heads: Vec<(String, Tone)>,
    /// The last column, which fills the rest of the line.
    pub text: String,
    /// What to do about it, shown below the text.
    pub hint: Option<String>,
}

/// A table that fits: the last column is wrapped, and goes below the others if it would be too
/// narrow. Nothing is cut off, and everything is escaped.
pub fn table(rows: &[Row], style: Style) -> String {
    let widths = widths(rows);
    let beside = widths.iter().sum::<usize>() + GAP * widths.len();
    let stacked = matches!(style.width, Some(width) if width < beside + NARROWEST_TEXT);
    let indent = if stacked { GAP } else { beside };
    let room = style.width.map(|width| width - indent);
    let mut text = String::new();
    for row in rows {
        if stacked {
            stack_heads(&mut text, row, style);
        } else {
            for ((head, tone), width) in row.heads.iter().zip(&widths) {
                let head = escape(head);
                paint(&mut text, &head, *tone, style);
                text.push_str(&" ".repeat(width - head.width().min(*width) + GAP));
            }
        }
        let mut lines = wrap(&escape(&row.text), room);
        if let Some(hint) = &row.hint {
            lines.extend(wrap(&format!("hint: {}", escape(hint)), room));
        }
        for (index, line) in lines.iter().enumerate() {
            if stacked || index > 0 {
                text.push_str(&" ".repeat(indent));
            }
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The width of each column.
fn widths(rows: &[Row]) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (index, (head, _)) in row.heads.iter().enumerate() {
            let width = escape(head).width();
            match widths.get_mut(index) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    widths
}

/// Writes a row's first columns on lines of their own, as many on each as fit.
fn stack_heads(text: &mut String, row: &Row, style: Style) {
    let fits = style.width.unwrap_or(usize::MAX);
    let mut column = 0;
    for (head, tone) in &row.heads {
        for (index, part) in wrap(&escape(head), Some(fits)).iter().enumerate() {
            let gap = if column == 0 { 0 } else { GAP };
            if index > 0 || column + gap + part.width() > fits {
                text.push('\n');
                column = 0;
            } else {
                text.push_str(&" ".repeat(gap));
                column += gap;
            }
            paint(text, part, *tone, style);
            column += part.width();
        }
    }
    text.push('\n');
}

/// A text, wrapped to fit and escaped.
pub fn paragraph(text: &str, style: Style) -> String {
    wrap(&escape(text), style.width).join("\n") + "\n"
}

fn paint(text: &mut String, word: &str, tone: Tone, style: Style) {
    if style.colour && tone != Tone::Plain {
        text.push_str(tone.code());
        text.push_str(word);
        text.push_str("\u{1b}[0m");
    } else {
        text.push_str(word);
    }
}

/// Wraps a text at its spaces. A word that is wider than a line is broken after a slash or, if it
/// has none, anywhere. A command between backticks stays whole, however long, so that it can be
/// copied.
fn wrap(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else {
        return vec![text.to_owned()];
    };
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= width {
            line.push_str(if gap == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(word);
        while line.width() > width && !word.contains('`') {
            let rest = line.split_off(break_at(&line, width));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

/// The words of a text; what is between two backticks is part of one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut is_code) = (0, false);
    for (at, character) in text.char_indices() {
        match character {
            '`' => is_code = !is_code && text.get(at + 1..).is_some_and(|rest| rest.contains('`')),
            ' ' if !is_code => {
                words.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.extend(text.get(start..));
    words
}

/// The byte index at which to break a word so that its beginning fits.
fn break_at(word: &str, width: usize) -> usize {
    let (mut used, mut end, mut slash) = (0, 0, 0);
    for (at, character) in word.char_indices() {
        used += character.width().unwrap_or(0);
        if used > width && at > 0 {
            break;
        }
        end = at + character.len_utf8();
        if character == '/' {
            slash = end;
        }
    }
    if slash > 1 { slash } else { end }
}

#[cfg(test)]
mod tests;
