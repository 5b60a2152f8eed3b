//! What `doctor` says where nothing is wrong, where a session goes on, and how its table looks.

use crate::doctor::findings;
use crate::doctor::healthy;
use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn nothing_is_wrong_where_nothing_is_wrong() {
    let sandbox = healthy().config(&format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n"));
    sandbox.run(["doctor", "-p", "kimi"]).is(
        0,
        "\
ok  config    [ROOT]/home/.config/jackin/config.toml
ok  scope     no workspace here
ok  choice    a launch here uses Kimi (from --provider)
ok  provider  Anthropic: needs no key
ok  provider  Kimi: KIMI_CODE_API_KEY from global (written in the file)
ok  provider  39 more have no key here: jackin-exec providers --all
ok  client    [ROOT]/bin/claude, version 2.1.330
ok  settings  no settings of the client conflict with a redirect
ok  terminal  stderr is not a terminal: no question is asked, and no launch line is shown
ok  resume    on exit Claude Code prints claude --resume ID, which resumes the session with Anthropic; create a link claude-kimi to resume it with Kimi

No errors.
",
        "",
    );
}

#[test]
fn it_says_where_a_session_goes_on_that_is_resumed_as_printed() {
    let resumes = |home: &Sandbox, id: &str| {
        let found = findings(home, &["-p", id]);
        let mut lines =
            found.into_iter().filter_map(|line| Some(line.split_once("resume: ")?.1.to_owned()));
        (lines.next(), lines.next())
    };
    let told = |words: &str| (Some(words.to_owned()), None);
    let home = healthy().config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n").path_first("links");
    assert_eq!(resumes(&home, "anthropic"), (None, None));
    let plain = "on exit Claude Code prints claude --resume ID, which resumes the session with Anthropic; create a link claude-kimi to resume it with Kimi";
    assert_eq!(resumes(&home, "kimi"), told(plain));
    let home = home.link("links/claude-zai", PROGRAM);
    assert_eq!(resumes(&home, "kimi"), told(plain), "another provider's link");
    let home = home.link("links/claude-kimi", PROGRAM);
    assert_eq!(resumes(&home, "kimi"), told("on exit Claude Code prints claude-kimi --resume ID"));
    let home = home.link("links/claude", PROGRAM);
    let ours = "claude in PATH is jackin-exec: claude --resume ID chooses the provider as every launch does";
    assert_eq!(resumes(&home, "kimi"), told(ours));
}

#[test]
fn the_table_fits_a_narrow_terminal_and_keeps_every_word() {
    let label = "[providers.own]\nlabel = \"智谱 מותאם\"\nbase_url = \"https://x.example\"\nkey = false\nmodel = \"m\"\n";
    let sandbox = sandbox().exec(label).env("PATH", "/nowhere").env("SHELL", "/bin/zsh");
    let words = |outcome: &Outcome| outcome.stdout.split_whitespace().collect::<String>();
    let wide = sandbox.run(["doctor"]);
    let root = sandbox.path("").to_string_lossy().trim_end_matches('/').to_owned();
    for columns in ["40", "80"] {
        let sandbox = sandbox.command().env("COLUMNS", columns).arg("doctor").output().unwrap();
        let text = String::from_utf8(sandbox.stdout).unwrap();
        let width: usize = columns.parse().unwrap();
        for line in text.lines() {
            // The two names are five wide characters and a word from right to left: at most twice
            // their number. A command is never broken, so that it can be copied.
            assert!(
                line.contains('`')
                    || line
                        .chars()
                        .map(|c| if ('一'..='龥').contains(&c) { 2 } else { 1 })
                        .sum::<usize>()
                        <= width,
                "{line}"
            );
        }
        assert_eq!(
            text.split_whitespace().collect::<String>().replace(&root, "[ROOT]"),
            words(&wide),
            "{columns}"
        );
    }
    assert!(!wide.stdout.contains('\u{1b}'));
    let colour = sandbox.command().env("CLICOLOR_FORCE", "1").arg("doctor").output().unwrap();
    assert!(String::from_utf8_lossy(&colour.stdout).contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    let none = sandbox
        .command()
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .arg("doctor")
        .output()
        .unwrap();
    assert!(!none.stdout.contains(&0x1b));
}
