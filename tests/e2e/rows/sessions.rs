//! More than one session: after each other, inside each other, at the same time, in the background.

use serde_json::json;

use super::inherited;
use crate::provider::ANTHROPIC;
use crate::provider::GATEWAY;
use crate::provider::KIMI;
use crate::provider::LOCAL;
use crate::provider::MINIMAX;
use crate::provider::PLANTED;
use crate::provider::Provider;
use crate::provider::ZAI;
use crate::row::Also;
use crate::row::PROMPT;
use crate::row::Row;
use crate::row::Version;
use crate::row::When;

const GROUP: &str = "sessions";

/// What the inner session is asked.
const INNER: &str = "greet from within";

/// A conversation with the client's own MCP server.
const MCP_CALL: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#,
    "\n",
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    "\n",
    r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"Bash","arguments":{"command":"env >> {room}/dumps/served","description":"looks"}}}"#,
    "\n",
);

const NO_BACKGROUND: &str =
    "the client gives its background service no credential of a host: it asks for a login";
const OLD_BACKGROUND: &str = "this client's background service takes the stored login to Anthropic";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        kimi("a session of Kimi goes on at Z.AI with the models of Z.AI")
            .then(&ZAI, "and once more")
            .args(["--continue"]),
        kimi("a session of Kimi goes on at Anthropic with the models of Anthropic")
            .then(&ANTHROPIC, "and once more")
            .args(["--continue"])
            .red(
                When::Since(Version(2, 1, 330)),
                "a plain client resumes a session with the model it had",
            ),
        Row::new(
            GROUP,
            &ANTHROPIC,
            "a session of Anthropic goes on at Kimi with the models of Kimi",
        )
        .then(&KIMI, "and once more")
        .args(["--continue"]),
        kimi("a conversation in JSON asks Kimi")
            .args(["--output-format", "stream-json", "--verbose"])
            .also(Also::Prompts(1)),
        inherited::stored_login(kimi("a conversation in JSON from standard input asks Kimi"))
            .words(["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"])
            .stdin(concat!(
                r#"{"type":"user","message":{"role":"user","content":[{"type":"text","text":"say hi"}]}}"#,
                "\n"
            ))
            .also(Also::Prompts(1)),
        kimi("a tool that mcp serve runs finds no key in its environment")
            .words(["mcp", "serve"])
            .stdin(MCP_CALL)
            .also(Also::Child("served"))
            .also(Also::MayStaySilent)
            .also(Also::AnyEnd)
            .also(Also::Prompts(0)),
        kimi("/context shows the model and the window of Kimi")
            .prompt("/context")
            .also(Also::MayStaySilent)
            .also(Also::AnyEnd)
            .also(Also::Printed("kimi-for-coding"))
            .also(Also::Printed("262")),
        inherited::stored_login(kimi("auth status shows neither the key nor the stored login"))
            .words(["auth", "status"])
            .also(Also::MayStaySilent)
            .also(Also::AnyEnd)
            .also(Also::Prompts(0))
            .also(Also::Unsaid(KIMI.key))
            .also(Also::Unsaid(PLANTED)),
        kimi("a fallback model is one of Kimi's")
            .args(["--fallback-model", "sonnet"])
            .fails(529)
            .env("CLAUDE_CODE_MAX_RETRIES", "1")
            .also(Also::AnyEnd),
        nested(&KIMI, "the same provider").also(Also::Prompts(3)),
        nested(&ZAI, "another provider").also(Also::Prompts(3)),
        nested(&LOCAL, "a provider of the user's own").also(Also::Prompts(3)),
        nested(&ANTHROPIC, "Anthropic"),
        inherited::stored_login(kimi("a plain claude inside sends the stored login nowhere"))
            .args(["--allowedTools", "Bash"])
            .calls(
                PROMPT,
                &["Bash"],
                json!({
                    "command": "claude -p 'greet from within' < /dev/null; true",
                    "description": "starts another session",
                }),
            ),
        background("a session in the background asks Kimi", &[&KIMI])
            .red(When::Always, NO_BACKGROUND),
        inherited::stored_login(background(
            "a session in the background does not use the stored login",
            &[&KIMI],
        ))
        .also(Also::MayStaySilent)
        .red(When::Before(Version(2, 1, 240)), OLD_BACKGROUND),
        background("sessions in the background do not get each other's key", &[&KIMI, &ZAI])
            .also(Also::MayStaySilent),
        Row::empty(GROUP, "four sessions at once share nothing")
            .then(&KIMI, "one of four")
            .then(&ZAI, "two of four")
            .then(&MINIMAX, "three of four")
            .then(&ANTHROPIC, "four of four")
            .at_once(),
        Row::new(GROUP, &ANTHROPIC, "a redirect that a profile left is taken away for Anthropic")
            .env("ANTHROPIC_BASE_URL", KIMI.base_url)
            .env("ANTHROPIC_AUTH_TOKEN", KIMI.key)
            .env("ANTHROPIC_DEFAULT_OPUS_MODEL", "kimi-for-coding")
            .env("ANTHROPIC_DEFAULT_SONNET_MODEL", "kimi-for-coding")
            .env("ANTHROPIC_DEFAULT_HAIKU_MODEL", "kimi-for-coding"),
        Row::new(GROUP, &GATEWAY, "an employer's gateway is left as it is for Anthropic")
            .env("ANTHROPIC_BASE_URL", GATEWAY.base_url)
            .env("ANTHROPIC_AUTH_TOKEN", GATEWAY.key),
        Row::new(GROUP, &KIMI, "an employer's gateway is left out for Kimi")
            .env("ANTHROPIC_BASE_URL", GATEWAY.base_url)
            .env("ANTHROPIC_AUTH_TOKEN", GATEWAY.key),
    ]
}

/// Sessions for the client's background service, in a project that the user has opened before.
fn background(claim: &str, providers: &[&'static Provider]) -> Row {
    let row = Row::empty(GROUP, claim).json(
        "home/.claude.json",
        &json!({
            "hasCompletedOnboarding": true,
            "projects": { "{project}": { "hasTrustDialogAccepted": true } },
        }),
    );
    let ask = |row: Row, provider: &&'static Provider| {
        row.background(provider, &format!("greet {}", provider.id))
    };
    providers.iter().fold(row, ask)
}

/// A session of Kimi whose Bash tool starts another one.
fn nested(inner: &'static Provider, which: &str) -> Row {
    let start = format!("{{{}}}", inner.id);
    kimi(&format!("a session within, on {which}, is clean of the outer one"))
        .args(["--allowedTools", "Bash"])
        .calls(
            PROMPT,
            &["Bash"],
            json!({
                "command": format!("{start} -p '{INNER}' < /dev/null"),
                "description": "starts another session",
            }),
        )
        .asks(inner, INNER)
}

fn kimi(claim: &str) -> Row {
    Row::new(GROUP, &KIMI, claim)
}
