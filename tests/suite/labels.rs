//! What tells one session from another: the label, the id, the terminal's title.

use crate::pty::Terminal;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::clients;
use crate::support::sandbox;
use crate::support::sealed;

fn home() -> Sandbox {
    sandbox().exec("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-key\"\n").env("TERM", "xterm")
}

/// What the command says of its session.
const SAYS: &str =
    "echo $JACKIN_EXEC_ACTIVE, $JACKIN_EXEC_LABEL, ${CLAUDE_CODE_DISABLE_TERMINAL_TITLE-unset}";

const TITLE: &str = "\u{1b}]0;Claude (Kimi)\u{7}";

/// All titles that something set in what a terminal received.
fn titles(text: &str) -> Vec<String> {
    let parts = text.split('\u{1b}');
    let titles =
        parts.filter_map(|part| part.strip_prefix("]0;").or_else(|| part.strip_prefix("]2;")));
    titles.map(|title| title.split('\u{7}').next().unwrap().to_owned()).collect()
}

#[test]
fn with_title_the_terminal_is_named_and_the_client_keeps_away() {
    for quiet in [false, true] {
        let launch = home().launch().words(if quiet { &["-q"][..] } else { &[] });
        let mut terminal =
            Terminal::open().start(&launch.words(["--title", "-p", "kimi", "sh", "-c", SAYS]));
        assert_eq!(terminal.end(), "exit 0");
        let line = if quiet {
            ""
        } else {
            "jackin-exec: Claude (Kimi); operator env: 1 resolved (0 op://, 0 host ref, 1 literal)\r\n"
        };
        assert_eq!(terminal.text(), format!("{line}{TITLE}kimi, Claude (Kimi), 1\r\n"));
    }
}

#[test]
fn without_title_or_without_a_terminal_that_knows_titles_none_is_set() {
    for (term, options) in [
        ("xterm", &["-q"][..]),
        ("dumb", &["-q", "--title"]),
        ("linux", &["-q", "--title"]),
        ("", &["-q", "--title"]),
    ] {
        let launch = home()
            .env("TERM", term)
            .launch()
            .words(options)
            .words(["-p", "kimi", "sh", "-c", SAYS]);
        let mut terminal = Terminal::open().start(&launch);
        assert_eq!(terminal.end(), "exit 0");
        assert_eq!(terminal.text(), "kimi, Claude (Kimi), unset\r\n", "TERM={term} {options:?}");
    }
    // The client may name a terminal that we do not.
    home().run(["--title", "-p", "kimi", "sh", "-c", SAYS]).prints("kimi, Claude (Kimi), unset\n");
}

#[test]
fn the_plan_names_what_title_sets_and_sets_no_title() {
    for provider in ["kimi", "anthropic"] {
        let launch = home().launch().words(["--title", "-p", provider, "-n"]);
        let mut terminal = Terminal::open().start(&launch);
        assert_eq!(terminal.end(), "exit 0");
        assert_eq!(titles(&terminal.text()), [""; 0]);
        assert!(
            terminal.text().contains("\r\n  CLAUDE_CODE_DISABLE_TERMINAL_TITLE=1\r\n"),
            "{}",
            terminal.text()
        );
    }
}

#[test]
fn a_session_inside_of_one_with_a_title_lets_the_client_name_itself() {
    for outer in ["kimi", "anthropic"] {
        let inner = [PROGRAM, "-q", "-p", "kimi", "sh", "-c", SAYS];
        let launch = home().launch().words(["-q", "--title", "-p", outer]).words(inner);
        let mut terminal = Terminal::open().start(&launch);
        assert_eq!(terminal.end(), "exit 0");
        assert!(terminal.text().ends_with("kimi, Claude (Kimi), unset\r\n"), "{}", terminal.text());
    }
}

#[test]
fn the_operators_word_about_the_title_yields_to_the_flag() {
    let home = home().config("[env]\nCLAUDE_CODE_DISABLE_TERMINAL_TITLE = \"0\"\n");
    home.run(["-p", "kimi", "sh", "-c", SAYS]).prints("kimi, Claude (Kimi), 0\n");
    let mut terminal =
        Terminal::open().start(&home.launch().words(["--title", "-p", "kimi", "sh", "-c", SAYS]));
    assert_eq!(terminal.end(), "exit 0");
    assert!(terminal.text().ends_with("kimi, Claude (Kimi), 1\r\n"), "{}", terminal.text());
}

#[test]
fn the_real_client_names_the_terminal_only_where_it_may() {
    let clients = clients();
    let Some(bin) = clients.first() else {
        return;
    };
    if !sealed("labels::the_real_client_names_the_terminal_only_where_it_may") {
        return;
    }
    for (options, wanted) in [(&["-q"][..], "✳ Claude Code"), (&["-q", "--title"], "Claude (Own)")]
    {
        let home = sandbox()
            .exec("[providers.own]\nlabel = \"Own\"\nbase_url = \"http://127.0.0.1:9\"\nkey = false\nmodel = \"m\"\n")
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("TERM", "xterm-256color");
        let trusted =
            format!("{{\"{}\":{{\"hasTrustDialogAccepted\":true}}}}", home.path("here").display());
        let home = home.file(
            "home/.claude.json",
            format!(
                "{{\"hasCompletedOnboarding\":true,\"theme\":\"dark\",\"projects\":{trusted}}}"
            ),
        );
        let mut terminal =
            Terminal::open().start(&home.launch().words(options).words(["-p", "own"]));
        terminal.wait_for("API").wait_for("shift+tab");
        let titles = titles(&terminal.text());
        terminal.send("\u{3}").send("\u{3}");
        terminal.close();
        assert!(
            !titles.is_empty() && titles.iter().all(|title| title == wanted),
            "{options:?}: {titles:?}"
        );
    }
}
