//! Rows for a gateway on this machine: the real Claude Code Router, with a model behind it.

use serde_json::json;

use crate::provider::Auth;
use crate::provider::PLANTED;
use crate::provider::Provider;
use crate::router;
use crate::row::Also;
use crate::row::Row;

const GROUP: &str = "gateways";

/// The server behind the router, which the router asks with a key of its own.
static UPSTREAM: Provider = Provider {
    id: "upstream",
    chosen_as: "ccr",
    key_env: "CCR_API_KEY",
    key: "upstream-key-of-the-tests",
    auth: Auth::Both,
    base_url: "https://upstream.example",
    host: "upstream.example",
    path: "/v1/messages",
    tiers: ["my-model"; 3],
    serves: &["my-model"],
    window: 200_000,
};

/// Starts the router, and the session once it listens.
const DRIVE: &str = r#"#!/bin/bash
"{router}" start >"{room}/out/router" 2>&1 &
router=$!
trap 'kill $router' EXIT
for try in {1..200}; do
  if (: </dev/tcp/127.0.0.1/3456) 2>/dev/null; then
    "$@"
    exit
  fi
  sleep 0.1
done
cat "{room}/out/router" >&2
exit 1
"#;

pub(crate) fn rows() -> Vec<Row> {
    let claim = "the model behind Claude Code Router is asked, and the router's own key stays here";
    vec![
        of_router(claim)
            .file("home/.config/jackin/config.toml", keys(PLANTED))
            .args(["--output-format", "json"])
            .also(Also::Window(UPSTREAM.window)),
        of_router("a wrong key for Claude Code Router reaches nobody")
            .file("home/.config/jackin/config.toml", keys("another-key"))
            .also(Also::MayStaySilent)
            .also(Also::AnyEnd)
            .also(Also::Prompts(0))
            .also(Also::Printed("401")),
    ]
}

fn of_router(claim: &str) -> Row {
    let config = json!({
        "PORT": 3456, "HOST": "127.0.0.1", "APIKEY": PLANTED, "LOG": false,
        "NON_INTERACTIVE_MODE": true,
        "Providers": [{
            "name": "upstream", "api_base_url": "https://upstream.example/v1/messages",
            "api_key": UPSTREAM.key, "models": ["my-model"],
            "transformer": { "use": ["Anthropic"] }
        }],
        "Router": { "default": "upstream,my-model" }
    });
    Row::new(GROUP, &UPSTREAM, claim)
        .needs(router::NAME)
        .options(["-m", "upstream,my-model"])
        .json("home/.claude-code-router/config.json", &config)
        .drive(DRIVE)
}

/// The configuration, with a key for the router.
fn keys(key: &str) -> String {
    format!("[env]\n{} = \"{key}\"\n", UPSTREAM.key_env)
}
