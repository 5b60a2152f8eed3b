use super::*;

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

#[test]
fn a_command_between_backticks_is_never_broken() {
    let style = Style { width: Some(24), colour: false };
    for (text, lines) in [
        (
            "run `a-very-long-command --with options/and/paths > file` now",
            &["run", "`a-very-long-command --with options/and/paths > file`", "now"] as &[&str],
        ),
        (
            "a lone ` is only a character of the text",
            &["a lone ` is only a", "character of the text"],
        ),
        ("`one two` and `three four`", &["`one two` and", "`three four`"]),
    ] {
        assert_eq!(paragraph(text, style).lines().collect::<Vec<_>>(), lines, "{text}");
    }
}
