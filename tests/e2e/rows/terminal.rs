//! The client on a terminal, in tmux: team mates in panes, and what it prints for coming back.
//!
//! A script drives each session. It is started with the session's words, talks to the client in a
//! pane, and prints what the pane shows.

use serde_json::json;

use super::inherited;
use crate::provider::KIMI;
use crate::provider::PLANTED;
use crate::row::Also;
use crate::row::PROMPT;
use crate::row::Row;
use crate::row::Version;
use crate::row::When;

const GROUP: &str = "terminal";

/// What the team mate is asked.
const ERRAND: &str = "look into the other folder";

/// What the resumed session is asked.
const AGAIN: &str = "and once more";

/// The beginning of every script.
const TMUX: &str = r#"#!/bin/sh
t() { tmux -S "{room}/tmux.socket" -f /dev/null "$@"; }
pane() { t new-session -d -x 200 -y 50 sh -c '"$@"; exec sleep 100' sh "$@"; }
shown() { t capture-pane -p -S -200 -t 0.0; }
wait_for() {
  tries=0
  until shown | grep -q -- "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 400 ] || { echo "no \"$1\" in:"; t list-panes -a; shown; exit 1; } >&2
    sleep 0.1
  done
}
mkdir "{room}/links"
"#;

const LEAVE_AND_RESUME: &str = r#"
wait_for "hi from the mock"
t send-keys -t 0.0 /exit
wait_for "/exit"
t send-keys -t 0.0 Enter
wait_for "claude[a-z-]* --resume"
line=$(shown | grep -o -- "claude[a-z-]* --resume [0-9a-f-]*" | tail -n 1)
[ "${line%% *}" = "$wanted" ] || { echo "it printed: $line" >&2; exit 1; }
exec $line -p "and once more"
"#;

/// The answer is printed first, because the dialog may cover it.
const STATUS: &str = r#"
wait_for "hi from the mock"
shown
t send-keys -t 0.0 /status
wait_for "/status"
t send-keys -t 0.0 Enter
wait_for "base URL"
shown
"#;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        team(
            "a team mate in a pane asks Kimi with the key of the configuration",
            "ln -s \"{program}\" \"{room}/links/claude-kimi\"",
            "finished",
        )
        .asks(&KIMI, ERRAND),
        team("without a link a team mate in a pane is not logged in", "", "Not logged in")
            .asks(&KIMI, ERRAND)
            .also(Also::MayStaySilent),
        resumed(
            "what the client prints at its end goes on at Kimi, where there is a link claude-kimi",
        )
        .drive(&format!(
            "{TMUX}ln -s \"{{program}}\" \"{{room}}/links/claude-kimi\"\nwanted=claude-kimi\n\
                 pane \"$@\"{LEAVE_AND_RESUME}"
        ))
        .red(When::Before(Version(2, 1, 330)), "this client prints claude, whatever it is told"),
        resumed("what the client prints at its end goes on at Kimi, where claude is a link to us")
            .file("home/.config/jackin/exec.toml", "default_provider = \"kimi\"\n")
            .drive(&format!(
                "{TMUX}ln -s \"{{program}}\" \"{{room}}/links/claude\"\nwanted=claude\n\
                 pane claude \"say hi\"{LEAVE_AND_RESUME}"
            )),
        inherited::stored_login(conversation("/status shows Kimi's endpoint, and no key"))
            .words([PROMPT])
            .drive(&format!("{TMUX}pane \"$@\"{STATUS}"))
            .also(Also::Printed(KIMI.base_url))
            .also(Also::Unsaid(KIMI.key))
            .also(Also::Unsaid(PLANTED)),
    ]
}

/// A session that starts a team mate in a pane of its own; it ends when the pane of the lead shows
/// `until`.
fn team(claim: &str, link: &str, until: &str) -> Row {
    conversation(claim)
        .words(["--permission-mode", "acceptEdits", "--teammate-mode", "tmux", PROMPT])
        .env("CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "1")
        .calls(
            PROMPT,
            &["Agent"],
            json!({
                "name": "mate",
                "description": "an errand",
                "prompt": ERRAND,
                "subagent_type": "general-purpose",
            }),
        )
        .drive(&format!("{TMUX}{link}\npane \"$@\"\nwait_for \"@mate.*{until}\"\nshown\n"))
}

/// A session that is left, and goes on by what the client printed.
fn resumed(claim: &str) -> Row {
    conversation(claim).words([PROMPT]).asks(&KIMI, AGAIN)
}

/// A session on a terminal, in a project that the user has opened before.
fn conversation(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
        .needs("tmux")
        .env("PATH", "{room}/links:{path}")
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .json("home/.claude/settings.json", &json!({ "theme": "dark" }))
        .json(
            "home/.claude.json",
            &json!({
                "hasCompletedOnboarding": true,
                "projects": { "{project}": { "hasTrustDialogAccepted": true } },
            }),
        )
}
