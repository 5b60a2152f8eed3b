//! What the words for the client ask for.
//!
//! Only what is certainly an option counts as one: a word after an option that takes a value may be
//! that value.

use std::ffi::OsString;

/// The client's options after which another option may follow: those without a value, and those
/// whose value may be left out. Read off `claude --help` of 2.1.257 and 2.1.332, 2026-11-26.
const WITHOUT_VALUE: &[&str] = &[
    "--allow-dangerously-skip-permissions",
    "--background",
    "--bare",
    "--bg",
    "--brief",
    "--chrome",
    "--cloud",
    "--continue",
    "--dangerously-skip-permissions",
    "--debug",
    "--disable-slash-commands",
    "--fork-session",
    "--from-pr",
    "--ide",
    "--include-hook-events",
    "--include-partial-messages",
    "--no-chrome",
    "--no-session-persistence",
    "--print",
    "--prompt-suggestions",
    "--remote-control",
    "--replay-user-messages",
    "--resume",
    "--safe-mode",
    "--strict-mcp-config",
    "--teleport",
    "--tmux",
    "--verbose",
    "--worktree",
    "-c",
    "-d",
    "-p",
    "-r",
    "-w",
];

/// The words that are certainly options, each with the word that follows it.
fn options(words: &[OsString]) -> impl Iterator<Item = (&str, Option<&OsString>)> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let mut may_be_value = false;
    words.iter().take(end).enumerate().filter_map(move |(index, word)| {
        let word = word.to_str().unwrap_or_default();
        let is_option = word.starts_with('-') && !may_be_value;
        may_be_value = is_option && !word.contains('=') && !WITHOUT_VALUE.contains(&word);
        is_option.then(|| (word, words.get(index + 1)))
    })
}

/// Whether the user may pick the client's `default` model, which it runs with `[1m]` unless it is
/// told not to (measured with 2.1.257 to 2.1.332: no other choice needs that). Where that is
/// impossible, we do not tell it: it would print a notice before every answer of `claude -p`.
pub(super) fn may_pick_default(words: &[OsString]) -> bool {
    let mut after_model = false;
    for word in words {
        if word == "--model=default" || (after_model && word == "default") {
            return true;
        }
        after_model = word == "--model";
    }
    !options(words).any(|(option, _)| option == "-p" || option == "--print")
}

/// Whether the words ask for a session in the background.
pub fn ask_for_background(words: &[OsString]) -> bool {
    options(words).any(|(option, _)| option == "--bg" || option == "--background")
}

/// The value of `--teammate-mode`, if the words have one.
pub fn teammate_mode(words: &[OsString]) -> Option<&str> {
    options(words).find_map(|(option, next)| match option {
        "--teammate-mode" => next?.to_str(),
        _ => option.strip_prefix("--teammate-mode="),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_default_model_may_be_picked_in_a_conversation_and_on_the_command_line() {
        for (line, may) in [
            ("claude", true),
            ("claude -c", true),
            ("claude -p hi", false),
            ("-p hi", false),
            ("claude --print hi", false),
            ("claude -p --model opus", false),
            ("claude --model opus -p", false),
            ("claude --model=opus -p", false),
            ("claude --verbose --continue --resume -p", false),
            ("claude --allowedTools Bash Edit -p hi", false),
            ("claude -p --model default", true),
            ("claude --model default -p", true),
            ("claude -p --model=default", true),
            ("claude -p default", false),
            ("claude -p --model opus default", false),
            // The value of an option, or a word of the prompt.
            ("claude --append-system-prompt -p", true),
            ("claude --append-system-prompt --print -c", true),
            ("claude --system-prompt -p -p", false),
            ("claude -n -p", true),
            ("claude -- -p", true),
            ("claude --an-option-of-tomorrow -p", true),
        ] {
            assert_eq!(may_pick_default(&words(line)), may, "{line}");
        }
    }

    #[test]
    fn a_session_in_the_background_is_asked_for_by_an_option() {
        for (line, asks) in [
            ("claude --bg hi", true),
            ("claude --background hi", true),
            ("claude --resume --bg", true),
            ("--bg", true),
            ("claude hi", false),
            ("claude -- --bg", false),
            ("claude --append-system-prompt --bg", false),
        ] {
            assert_eq!(ask_for_background(&words(line)), asks, "{line}");
        }
    }

    #[test]
    fn the_mode_of_team_mates_is_read_in_both_forms() {
        for (line, mode) in [
            ("claude --teammate-mode tmux hi", Some("tmux")),
            ("claude --teammate-mode=in-process", Some("in-process")),
            ("claude --teammate-mode", None),
            ("claude -- --teammate-mode tmux", None),
            ("claude", None),
        ] {
            assert_eq!(teammate_mode(&words(line)), mode, "{line}");
        }
    }
}
