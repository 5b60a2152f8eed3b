//! Text for people: what came from outside is escaped before it reaches a terminal, and a message
//! is one write.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// Whether a character could change what a terminal does or what a reader sees: control characters,
/// bidirectional marks, and characters without width.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The same text with such characters as `\u{…}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// A list for a sentence: `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => "none".to_owned(),
        [one] => escape(one).into_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| escape(word)).collect();
            format!("{} and {}", first.join(", "), escape(last))
        }
    }
}

/// How a report looks where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal; none: lines are not broken, for grep and files.
    pub width: Option<usize>,
    /// Whether words that say how things are have a colour, too. They say it without one as well.
    pub colour: bool,
}

/// No terminal is narrower; a smaller number is a mistake.
const NARROWEST: usize = 20;

impl Style {
    /// Decides by the terminal that stdout is, if it is one, with its columns, and by the
    /// conventions of no-color.org and bixense.com/clicolors: `NO_COLOR` before
    /// `CLICOLOR_FORCE` before the terminal. `COLUMNS` says the width.
    pub fn new<'a>(
        terminal: bool,
        columns: Option<usize>,
        variable: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let said = variable("COLUMNS").and_then(|text| text.parse().ok());
        let width = said.or_else(|| terminal.then_some(columns.unwrap_or(80)));
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let capable = terminal && variable("TERM").is_some_and(|term| term != "dumb");
        Self {
            width: width.filter(|width| *width >= NARROWEST),
            colour: variable("NO_COLOR").is_none() && (forced || capable),
        }
    }
}

/// What a word in the first columns of a table means for its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// It works.
    Good,
    /// It may not be meant.
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
    /// Words in columns.
    pub heads: Vec<(String, Tone)>,
    /// The last column, which is as wide as what is left.
    pub text: String,
    /// Under it: what to do.
    pub hint: Option<String>,
}

/// A table that fits: the last column is wrapped, and stands below the others where it would be too
/// narrow. Nothing is cut off. Everything is escaped.
pub fn table(rows: &[Row], style: Style) -> String {
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
    let beside = widths.iter().map(|width| width + GAP).sum::<usize>();
    let stacked = style.width.is_some_and(|width| width < beside + 40);
    let indent = if stacked { GAP } else { beside };
    let room = style.width.map(|width| width - indent);
    let mut text = String::new();
    for row in rows {
        let heads: Vec<_> = row.heads.iter().map(|(head, tone)| (escape(head), *tone)).collect();
        if stacked {
            let fits = style.width.unwrap_or(usize::MAX);
            let mut column = 0;
            for (head, tone) in &heads {
                for (index, part) in wrap(head, Some(fits)).into_iter().enumerate() {
                    let gap = if column == 0 { 0 } else { GAP };
                    if index > 0 || column + gap + part.width() > fits {
                        text.push('\n');
                        column = 0;
                    } else {
                        text.push_str(&" ".repeat(gap));
                        column += gap;
                    }
                    paint(&mut text, &part, *tone, style);
                    column += part.width();
                }
            }
            text.push('\n');
        } else {
            for ((head, tone), width) in heads.iter().zip(&widths) {
                paint(&mut text, head, *tone, style);
                text.push_str(&" ".repeat(width - head.width().min(*width) + GAP));
            }
        }
        let hint = row.hint.as_ref().map(|hint| format!("hint: {}", escape(hint)));
        let lines = wrap(&escape(&row.text), room)
            .into_iter()
            .chain(hint.iter().flat_map(|hint| wrap(hint, room)));
        for (index, line) in lines.enumerate() {
            if stacked || index > 0 {
                text.push_str(&" ".repeat(indent));
            }
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// A text that fits, on lines of its own. Everything is escaped.
pub fn paragraph(text: &str, style: Style) -> String {
    wrap(&escape(text), style.width).join("\n") + "\n"
}

/// Blanks between columns.
const GAP: usize = 2;

fn paint(text: &mut String, word: &str, tone: Tone, style: Style) {
    if style.colour && tone != Tone::Plain {
        text.push_str(tone.code());
        text.push_str(word);
        text.push_str("\u{1b}[0m");
    } else {
        text.push_str(word);
    }
}

/// Breaks a text at its blanks. A word that is wider than a line is broken after a slash or, if
/// there is none, anywhere.
fn wrap(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else {
        return vec![text.to_owned()];
    };
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
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
        while line.width() > width {
            let rest = line.split_off(break_at(&line, width));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

/// Where a word is broken so that its beginning fits, in bytes.
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

/// Says a message of ours on stderr: each line in one write, so that sessions side by side do not
/// mix within a line.
pub fn say(message: &str) {
    to(&std::io::stderr(), &format!("jackin-exec: {message}\n"));
}

/// Writes a report on stdout.
pub fn print(text: &str) {
    to(&std::io::stdout(), text);
}

/// Writes all of a text to a descriptor. Output that nobody reads any more is not a failure.
pub fn to(file: &impl std::os::fd::AsFd, text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match nix::unistd::write(file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::EAGAIN) => {
                let mut ready =
                    [nix::poll::PollFd::new(file.as_fd(), nix::poll::PollFlags::POLLOUT)];
                if nix::poll::poll(&mut ready, nix::poll::PollTimeout::NONE).is_err() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(escape("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(escape("Grüße 你好"), "Grüße 你好");
    }

    fn rows() -> Vec<Row> {
        let row = |status: &str, tone, name: &str, text: &str, hint: Option<&str>| Row {
            heads: vec![(status.to_owned(), tone), (name.to_owned(), Tone::Plain)],
            text: text.to_owned(),
            hint: hint.map(str::to_owned),
        };
        vec![
            row(
                "ok",
                Tone::Good,
                "智谱",
                "a label of wide characters, and a sentence that is long enough to wrap",
                None,
            ),
            row(
                "FAIL",
                Tone::Bad,
                "מותאם",
                "a\u{1b}[31m\u{202e}b",
                Some(
                    "chmod 600 /a/very/long/path/to/a/file/that/is/wider/than/any/narrow/terminal/config.toml",
                ),
            ),
            row(
                "warn",
                Tone::Doubtful,
                "plain",
                "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
                None,
            ),
        ]
    }

    #[test]
    fn a_table_fits_and_loses_nothing() {
        let plain = |text: &str| text.replace([' ', '\n'], "");
        let whole = table(&rows(), Style { width: None, colour: false });
        assert_eq!(whole.lines().count(), 4);
        for width in [20, 40, 80, 132] {
            let text = table(&rows(), Style { width: Some(width), colour: false });
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            assert_eq!(plain(&text), plain(&whole), "{width}");
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        }
    }

    #[test]
    fn columns_stand_below_each_other_whatever_the_width_of_their_characters() {
        let text = table(&rows(), Style { width: Some(100), colour: false });
        let second = |line: &str| {
            line.find("a label")
                .or_else(|| line.find("a\\u"))
                .and_then(|at| Some(line.get(..at)?.width()))
        };
        let found: Vec<usize> = text.lines().filter_map(second).collect();
        assert_eq!(found, [13, 13], "{text}");
    }

    #[test]
    fn colour_is_added_to_words_and_changes_no_width() {
        let coloured = table(&rows(), Style { width: Some(80), colour: true });
        let bare = table(&rows(), Style { width: Some(80), colour: false });
        let mut stripped = coloured.clone();
        for code in ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[1;31m", "\u{1b}[0m"] {
            stripped = stripped.replace(code, "");
        }
        assert_ne!(coloured, bare);
        assert_eq!(stripped, bare);
    }

    #[test]
    fn colour_follows_the_conventions() {
        let style = |terminal, variables: &'static [(&str, &str)]| {
            let find = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
            };
            Style::new(terminal, Some(100), find)
        };
        let xterm: &[(&str, &str)] = &[("TERM", "xterm")];
        assert_eq!(style(true, xterm), Style { width: Some(100), colour: true });
        assert_eq!(style(false, xterm), Style { width: None, colour: false });
        assert!(!style(true, &[("TERM", "dumb")]).colour);
        assert!(!style(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]).colour);
        assert!(style(false, &[("CLICOLOR_FORCE", "1")]).colour);
        assert!(!style(false, &[("CLICOLOR_FORCE", "0")]).colour);
        assert!(!style(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).colour);
        assert_eq!(style(true, &[("COLUMNS", "40")]).width, Some(40));
        assert_eq!(style(true, &[("COLUMNS", "3")]).width, None);
    }
}
