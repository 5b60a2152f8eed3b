//! Rows for every preset of the program: its endpoint, its headers, its models and their windows.
//!
//! What is right for these is read off the program's own catalogue: that the client then does it is
//! what the rows show.

use std::process::Command;

use serde_json::Value;

use crate::provider;
use crate::provider::Auth;
use crate::provider::Provider;
use crate::room::JACKIN_EXEC;
use crate::row::Also;
use crate::row::Row;

const GROUP: &str = "presets";

/// The window of an id with the suffix, by the client's own account.
const MILLION: u64 = 1_000_000;

/// The model that the user names for a server on this machine.
const NAMED: &str = "a-model-of-the-user";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for preset in presets().unwrap_or_default() {
        if provider::ALL.iter().any(|known| known.id == preset.provider.id) {
            continue;
        }
        if preset.local {
            rows.push(of_local(&preset));
        } else {
            rows.push(of_models(&preset));
            rows.push(of_window(&preset, "opus", 0));
            rows.push(of_window(&preset, "haiku", 2));
        }
    }
    assert!(rows.len() > 90, "only {} rows: providers --json has changed its form", rows.len());
    rows
}

/// A row of the catalogue, and the provider that it makes.
struct Preset {
    provider: &'static Provider,
    local: bool,
    /// A fixed header, `name: value`.
    header: Option<&'static str>,
    context_tokens: u64,
}

fn of_models(preset: &Preset) -> Row {
    let provider = preset.provider;
    let claim = format!("{} is asked with its key for what it serves", provider.id);
    let mut row = Row::new(GROUP, provider, claim);
    for alias in ["fable", "haiku"] {
        let prompt = format!("say hi as {alias}");
        row = row.then(provider, &prompt).args(["--model", alias]);
    }
    match preset.header {
        Some(header) => row.also(Also::Header(header)),
        None => row,
    }
}

/// The client's own account of the window of one tier.
fn of_window(preset: &Preset, alias: &str, tier: usize) -> Row {
    let provider = preset.provider;
    let million = provider.tiers.get(tier).is_some_and(|model| model.ends_with("[1m]"));
    let tokens = if million { MILLION } else { preset.context_tokens };
    let claim = format!("{} has a window of {tokens} tokens for {alias}", provider.id);
    let args = ["--model", alias, "--output-format", "json"];
    Row::new(GROUP, provider, claim).args(args).also(Also::Window(tokens))
}

fn of_local(preset: &Preset) -> Row {
    let claim = format!("{} is asked for the model that was named", preset.provider.id);
    Row::new(GROUP, preset.provider, claim)
        .options(["-m", NAMED])
        .args(["--output-format", "json"])
        .also(Also::Window(preset.context_tokens))
}

/// What a stranger with an empty home gets from `providers`.
fn presets() -> Option<Vec<Preset>> {
    let mut command = Command::new(JACKIN_EXEC);
    command.args(["providers", "--all", "--json"]).env_clear().env("HOME", "/nonexistent");
    let listed: Value = serde_json::from_slice(&command.output().ok()?.stdout).ok()?;
    Some(listed.as_array()?.iter().filter_map(preset).collect())
}

/// None for the client's own endpoint. The texts live as long as the program.
fn preset(row: &Value) -> Option<Preset> {
    let text = |name: &str| Some(&*row.get(name)?.as_str()?.to_owned().leak());
    let local = row.get("local")?.as_bool()?;
    let model = |tier: &str| -> Option<&'static str> {
        if local {
            return Some(NAMED);
        }
        Some(row.pointer(&format!("/models/{tier}"))?.as_str()?.to_owned().leak())
    };
    let id = text("id")?;
    let base_url = text("base_url")?;
    let (_, address) = base_url.split_once("://")?;
    let (authority, path) = address.split_once('/').unwrap_or((address, ""));
    let (host, _) = authority.split_once(':').unwrap_or((authority, ""));
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    let tiers = [model("opus")?, model("sonnet")?, model("haiku")?, model("fable")?];
    let [opus, sonnet, haiku, _] = tiers;
    let key_env = text("key_env");
    let provider = Provider {
        id,
        chosen_as: id,
        // A server without a key gets the token for that from the program.
        key_env: key_env.unwrap_or("NO_KEY_OF_A_PRESET"),
        key: match key_env {
            Some(_) => format!("{id}-key-of-a-preset").leak(),
            None => "jackin-exec-no-key",
        },
        auth: if text("auth")? == "x-api-key" { Auth::Both } else { Auth::Bearer },
        base_url,
        host,
        path: format!("{path}/v1/messages").leak(),
        tiers: [opus, sonnet, haiku],
        serves: Vec::from(tiers.map(|id| id.trim_end_matches("[1m]"))).leak(),
        window: 0,
    };
    Some(Preset {
        provider: Box::leak(Box::new(provider)),
        local,
        header: text("header"),
        context_tokens: row.get("context_tokens")?.as_u64()?,
    })
}
