//! Names that a new client knows, each tried alone beside a redirect: the main request, a
//! sub-agent's, and the summary of a page.
//!
//! Which names, `JACKIN_EXEC_E2E_TRY` says; `tests/e2e/watch` fills it.

use std::env;

use serde_json::Value;
use serde_json::json;

use super::models;
use crate::provider::KIMI;
use crate::row::Row;

pub(crate) const GROUP: &str = "name";

/// The row without any name, which the others are compared with.
pub(crate) const NOTHING: &str = "nothing";

const URL: &str = "https://gateway.example/PLANTED";
const MODEL: &str = "claude-opus-4-5";

pub(crate) fn rows() -> Vec<Row> {
    let Ok(names) = env::var("JACKIN_EXEC_E2E_TRY") else {
        return Vec::new();
    };
    let names: Vec<&str> = names.split([',', ' ', '\n']).filter(|name| !name.is_empty()).collect();
    let mut rows = vec![all_kinds(NOTHING)];
    for name in names {
        match name.strip_prefix("settings:") {
            Some(key) => rows.extend([json!(true), json!(URL)].map(|value| setting(key, &value))),
            None => rows.extend(values(name).map(|value| variable(name, value))),
        }
    }
    rows
}

/// A switch, and whatever else a name like this may hold.
fn values(name: &str) -> [&'static str; 2] {
    ["1", if name.contains("MODEL") { MODEL } else { URL }]
}

fn variable(name: &str, value: &str) -> Row {
    all_kinds(&format!("{name}={value}")).env(name, value)
}

/// The user's and the project's settings may be believed differently.
fn setting(key: &str, value: &Value) -> Row {
    let content = json!({ key: value });
    all_kinds(&format!("settings:{key}={value}"))
        .json("home/.claude/settings.json", &content)
        .json("project/.claude/settings.json", &content)
}

/// A session that makes every kind of request.
fn all_kinds(claim: &str) -> Row {
    let row = Row::new(GROUP, &KIMI, claim);
    models::web_fetch(models::sub_agent(row, json!({ "subagent_type": "general-purpose" })))
}
