//! Everything that asks for a model on its own: sub-agents, their front matter, background calls.

use serde_json::Value;
use serde_json::json;

use crate::mock::Page;
use crate::provider::KIMI;
use crate::provider::MINIMAX;
use crate::provider::Provider;
use crate::provider::ZAI;
use crate::row::Also;
use crate::row::PROMPT;
use crate::row::Row;
use crate::row::Version;
use crate::row::When;

const GROUP: &str = "models";

/// What sub-agents are asked.
const ERRAND: &str = "look around";

const BY_HAND: &str = "the user typed the model";
const FRONT_MATTER: &str = "the agent's author named the model";

pub(crate) fn rows() -> Vec<Row> {
    let kinds = ["general-purpose", "Explore", "Plan"].into_iter().map(|kind| {
        sub_agent(
            kimi(&format!("a sub-agent {kind} asks for what Kimi serves")),
            json!({ "subagent_type": kind }),
        )
    });
    let asked = ["opus", "sonnet", "haiku", "fable"].into_iter().map(|model| {
        sub_agent(
            kimi(&format!("a sub-agent that is to use {model} asks for what Kimi serves")),
            json!({ "subagent_type": "general-purpose", "model": model }),
        )
    });
    let written = ["opus", "sonnet", "haiku", "fable", "inherit"]
        .into_iter()
        .map(|model| agent_file(&KIMI, model));
    let others = [&ZAI, &MINIMAX].into_iter().flat_map(|provider| {
        let summary = format!("a page is summarized by what {} serves", provider.id);
        [
            agent_file(provider, "haiku"),
            agent_file(provider, "sonnet"),
            web_fetch(Row::new(GROUP, provider, summary)),
        ]
    });
    let mut rows: Vec<Row> = kinds.chain(asked).chain(written).chain(others).collect();
    rows.extend([
        agent_file(&KIMI, "claude-opus-4-5").red(When::Always, FRONT_MATTER),
        web_fetch(kimi("a page is summarized by what Kimi serves")),
        auto_mode(kimi("an action is judged by what Kimi serves")),
        judged("prompt", "a prompt hook is judged by what Kimi serves"),
        judged("agent", "an agent hook is judged by what Kimi serves"),
        kimi("a command's front matter gets its tier of Kimi")
            .file("project/.claude/commands/go.md", "---\nmodel: haiku\n---\nsay hi\n")
            .args(["/go"]),
        kimi("a model id of another vendor is not asked for")
            .args(["--model", "claude-opus-4-5"])
            .red(When::Always, BY_HAND),
        kimi("a conversation is compacted before the window of Kimi is full")
            .args(["--allowedTools", "Bash"])
            .calls(PROMPT, &["Bash"], json!({ "command": "true", "description": "nothing" }))
            .tokens(250_000)
            .asks(&KIMI, "summary")
            .red(When::Before(Version(2, 1, 285)), "this client does not compact in time"),
        kimi("Kimi sees nothing of the search for tools").also(Also::Never("defer_loading")),
        kimi("Kimi sees nothing of the million tokens").also(Also::Never("context-1m")),
    ]);
    rows
}

/// A hook that asks a model.
fn judged(kind: &str, claim: &str) -> Row {
    let hook = json!({ "type": kind, "prompt": "judge these words: $ARGUMENTS" });
    kimi(claim)
        .json(
            "home/.claude/settings.json",
            &json!({ "hooks": { "UserPromptSubmit": [{ "hooks": [hook] }] } }),
        )
        .answers("judge these words", r#"{"ok": true}"#)
        .asks(&KIMI, "judge these words")
}

/// Makes the model start a sub-agent.
pub(super) fn sub_agent(row: Row, more: Value) -> Row {
    let mut input = json!({ "description": "an errand", "prompt": ERRAND });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    let provider = row.asked.first().map(|(provider, _)| *provider);
    let row = row.calls(PROMPT, &["Agent", "Task"], input);
    provider.into_iter().fold(row, |row, provider| row.asks(provider, ERRAND))
}

/// A sub-agent whose file names its model.
fn agent_file(provider: &'static Provider, model: &str) -> Row {
    let claim = format!("an agent file with {model} asks for what {} serves", provider.id);
    let text = format!("---\nname: scout\ndescription: looks around\nmodel: {model}\n---\nLook.\n");
    let row = Row::new(GROUP, provider, claim).file("project/.claude/agents/scout.md", &text);
    sub_agent(row, json!({ "subagent_type": "scout" }))
}

/// Makes the model fetch a page, which the client has summarized in the background.
pub(super) fn web_fetch(row: Row) -> Row {
    let input = json!({ "url": "https://pages.example/long", "prompt": "what does it say?" });
    let provider = row.asked.first().map(|(provider, _)| *provider);
    let row = row
        .args(["--allowedTools", "WebFetch"])
        .calls(PROMPT, &["WebFetch"], input)
        .page(Page {
            host: "api.anthropic.com",
            path: "/api/web/domain_info",
            content_type: "application/json",
            body: r#"{"domain":"pages.example","can_fetch":true}"#,
        })
        .page(Page {
            host: "pages.example",
            path: "/long",
            content_type: "text/html",
            body: "<html><body><h1>A page</h1><p>Its only paragraph.</p></body></html>",
        });
    provider.into_iter().fold(row, |row, provider| row.asks(provider, "Its only paragraph"))
}

/// Makes the model do something that the client has judged first.
pub(super) fn auto_mode(row: Row) -> Row {
    row.args(["--permission-mode", "auto"])
        .calls(
            PROMPT,
            &["Bash"],
            json!({ "command": "curl https://pages.example/", "description": "gets a page" }),
        )
        .asks(&KIMI, "<transcript>")
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
