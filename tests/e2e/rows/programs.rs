//! Programs around the client: the Agent SDKs that start it, and programs with a key of their own
//! that it starts.

use serde_json::json;

use super::inherited;
use crate::provider::KIMI;
use crate::row::Also;
use crate::row::PROMPT;
use crate::row::Row;
use crate::row::When;

const GROUP: &str = "programs";

const NPM: &str = r#"
import { query } from "{sdk}/node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs";
const options = { pathToClaudeCodeExecutable: "{claude-kimi}" };
for await (const message of query({ prompt: "say hi", options })) {
  if (message.type === "result") console.log(message.result);
}
"#;

const PYPI: &str = r#"
import anyio
from claude_agent_sdk import ClaudeAgentOptions, query

async def main():
    options = ClaudeAgentOptions(cli_path="{claude-kimi}")
    async for message in query(prompt="say hi", options=options):
        if hasattr(message, "result"):
            print(message.result)

anyio.run(main)
"#;

/// A project's program, as the SDKs of Anthropic look for their endpoint.
const APP: &str = r#"#!/bin/sh
. ./.env
exec curl --silent --max-time 10 --cacert {room}/authority.pem \
  --header "x-api-key: $ANTHROPIC_API_KEY" --header 'content-type: application/json' \
  --data '{"model":"kimi-for-coding","max_tokens":8,"messages":[]}' \
  "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages"
"#;

const INHERITED: &str = "children inherit ANTHROPIC_BASE_URL";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        stored(kimi("the Agent SDK of npm asks Kimi"))
            .file("run.mjs", NPM)
            .program(["node", "{room}/run.mjs"]),
        stored(kimi("the Agent SDK of PyPI asks Kimi"))
            .file("run.py", PYPI)
            .env("PYTHONPATH", "{sdk}/python")
            .program(["{python}", "{room}/run.py"]),
        kimi("a project's program with a key of its own does not send it to Kimi")
            .file("project/.env", "ANTHROPIC_API_KEY=sk-ant-api03-PLANTED\n")
            .file("project/app", APP)
            .args(["--allowedTools", "Bash"])
            .calls(PROMPT, &["Bash"], json!({ "command": "./app", "description": "tries it" }))
            .red(When::Always, INHERITED),
        kimi("a hook that unsets ANTHROPIC_BASE_URL hides it from the Bash tool's programs")
            .json(
                "home/.claude/settings.json",
                &json!({ "hooks": { "SessionStart": [{ "hooks": [{
                    "type": "command",
                    "command": "echo 'unset ANTHROPIC_BASE_URL' >> \"$CLAUDE_ENV_FILE\"",
                }] }] } }),
            )
            .args(["--allowedTools", "Bash"])
            .calls(
                PROMPT,
                &["Bash"],
                json!({ "command": "env >> {room}/dumps/app", "description": "looks" }),
            )
            .also(Also::Child("app"))
            .also(Also::ChildLacks("app", "ANTHROPIC_BASE_URL=")),
    ]
}

/// With a login that must not be used.
fn stored(row: Row) -> Row {
    inherited::stored_login(row)
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
