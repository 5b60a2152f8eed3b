//! The question on a terminal: it takes no more than the answer, and leaves the terminal as it was.

mod answers;
mod ends;
mod helpers;
mod jobs;
mod terminal;

use crate::stage::Launch;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A home with keys for three providers beside Anthropic: `anthropic`, `zai`, `minimax`, `kimi`.
fn home() -> Sandbox {
    sandbox()
        .env("TERM", "xterm")
        .env("ZAI_API_KEY", "key-zai")
        .env("MINIMAX_API_KEY", "key-minimax")
        .env("KIMI_CODE_API_KEY", "sk-kimi-key")
}

/// The launch line and what a command says of its provider.
const SAYS: &str = "echo chose $JACKIN_EXEC_ACTIVE";

fn asks(sandbox: &Sandbox, script: &str) -> Launch {
    sandbox.launch().words(["-q", "--", "sh", "-c", script])
}

/// The last line of both forms of the question.
fn prompt(term: &str) -> &'static str {
    if term == "xterm" { "Esc cancel" } else { "1-4, or an id; q cancels [1]: " }
}

/// Both forms: by keys, and by a line.
const FORMS: [&str; 3] = ["xterm", "dumb", ""];

/// A home whose only key comes from an `op` that is this script.
fn with_helper(text: &str) -> Sandbox {
    let sandbox = sandbox().env("TERM", "xterm").script("bin/op", text).path_first("bin");
    sandbox.config("[env]\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n")
}
