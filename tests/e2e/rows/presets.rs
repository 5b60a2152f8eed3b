//! One row for every other preset of the program: its endpoint, its header, its models.
//!
//! What is right for these is read off the program's own list: that the client then does it is
//! what the rows show.

use std::process::Command;

use serde_json::Value;

use crate::provider;
use crate::provider::Auth;
use crate::provider::Provider;
use crate::room::JACKIN_EXEC;
use crate::row::Row;

const GROUP: &str = "presets";

pub(crate) fn rows() -> Vec<Row> {
    let listed = listed().unwrap_or_default();
    let presets = listed.iter().filter_map(preset);
    let others = presets.filter(|preset| provider::ALL.iter().all(|known| known.id != preset.id));
    others.map(row).collect()
}

fn row(preset: Provider) -> Row {
    // There are a handful, and they live as long as the program.
    let preset: &'static Provider = Box::leak(Box::new(preset));
    let claim = format!("{} is asked with its key for what it serves", preset.id);
    let row = Row::new(GROUP, preset, claim);
    ["fable", "haiku"].iter().fold(row, |row, alias| {
        let prompt = format!("say hi as {alias}");
        row.then(preset, &prompt).args(["--model", alias])
    })
}

/// The program's list, as a stranger with an empty home gets it.
fn listed() -> Option<Vec<Value>> {
    let mut command = Command::new(JACKIN_EXEC);
    command.args(["providers", "--json"]).env_clear().env("HOME", "/nonexistent");
    serde_json::from_slice(&command.output().ok()?.stdout).ok()
}

/// None for what has no endpoint or no key of its own.
fn preset(listed: &Value) -> Option<Provider> {
    let text = |name: &str| Some(&*listed.get(name)?.as_str()?.to_owned().leak());
    let model = |tier: &str| listed.pointer(&format!("/models/{tier}"))?.as_str();
    let id = text("id")?;
    let base_url = text("base_url")?;
    let (_, address) = base_url.split_once("://")?;
    let (host, path) = address.split_once('/').map_or((address, String::new()), |(host, path)| {
        (host, format!("/{}", path.trim_end_matches('/')))
    });
    let (host, _) = host.split_once(':').unwrap_or((host, ""));
    let tiers = [model("opus")?, model("sonnet")?, model("haiku")?, model("fable")?];
    let tiers = tiers.map(|id| &*id.to_owned().leak());
    let [opus, sonnet, haiku, _] = tiers;
    let serves = tiers.map(|id| id.trim_end_matches("[1m]"));
    Some(Provider {
        id,
        chosen_as: id,
        key_env: text("key_env")?,
        key: format!("{id}-key-of-a-preset").leak(),
        auth: Auth::Bearer,
        base_url,
        host: host.to_owned().leak(),
        path: format!("{path}/v1/messages").leak(),
        tiers: [opus, sonnet, haiku],
        serves: Vec::from(serves).leak(),
        window: 0,
    })
}
