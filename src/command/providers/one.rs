//! Everything about one provider, as a table and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::availability::Availability;
use crate::availability::Candidate;
use crate::catalog;
use crate::catalog::Facts;
use crate::config::EnvName;
use crate::config::ExecToml;
use crate::plan::Need;
use crate::provider;
use crate::provider::Endpoint;
use crate::provider::Provider;
use crate::provider::ProviderValue;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::scope::Names;

use super::list;

/// One provider as a table: a line for each known fact.
pub(super) fn text(
    candidate: &Candidate<'_>,
    exec: &ExecToml,
    names: Names<'_>,
    style: Style,
) -> String {
    let provider = &candidate.provider;
    let facts = &provider.facts;
    let mut rows = Rows(Vec::new());
    rows.add("provider", format!("{} ({})", provider.label, provider.id));
    rows.add("state", list::state(candidate, names));
    if let Some(file) = provider.row_file {
        let replaced = catalog::find(&provider.id).map_or("", |_| ", in place of the built-in row");
        rows.add("row", format!("{file}{replaced}"));
    }
    if let Some(unlike) = provider::unlike_preset(provider, exec) {
        rows.add("", unlike);
    }
    if let Some(endpoint) = &provider.endpoint {
        rows.add("base URL", endpoint.url());
    }
    if let Some(moved) = provider::moved(provider, exec) {
        rows.add("", moved.text());
    }
    rows.key(provider);
    rows.models(provider);
    for (name, value) in &provider.env {
        rows.add("sets", variable(name, value, facts));
    }
    if let Some(header) = &provider.header {
        let secret = if provider.header_key.is_some() { " •••" } else { "" };
        rows.add("header", format!("{header}{secret}"));
    }
    rows.facts(provider);
    report::table(&rows.0, style)
}

/// The lines of the table.
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, head: &str, text: impl Into<String>) {
        let heads = vec![(head.to_owned(), Tone::Plain)];
        self.0.push(Row { heads, text: text.into(), hint: None });
    }

    fn key(&mut self, provider: &Provider) {
        let Some(name) = provider.key_env() else {
            return;
        };
        let headers = if provider.is_anthropic() {
            ""
        } else if provider.api_key_header {
            ", sent as Authorization: Bearer and as x-api-key"
        } else {
            ", sent as Authorization: Bearer"
        };
        self.add("key", format!("{}{headers}", name.as_str()));
        let facts = &provider.facts;
        if !facts.key_begins().is_empty() {
            self.add("keys begin", facts.key_begins().join(", "));
        }
        if !facts.key_env_elsewhere().is_empty() {
            let names = facts.key_env_elsewhere().join(", ");
            self.add("elsewhere", format!("other tools say {names}"));
        }
        if let Some(page) = facts.key_page() {
            self.add("get a key", page);
        }
    }

    fn models(&mut self, provider: &Provider) {
        if provider.is_anthropic() {
            return;
        }
        if !provider.has_models() {
            self.add("models", "none of its own: name one with --model, or in exec.toml");
        } else if provider.models.tiers().iter().all(|(_, model)| **model == provider.models.opus) {
            self.add("model", &*provider.models.opus);
        } else {
            for (tier, model) in provider.models.tiers() {
                self.add(tier, &**model);
            }
        }
        self.add("window", format!("{} tokens, 1000000 for an id with [1m]", provider.window));
        for (model, window) in catalog::windows(&provider.windows) {
            self.add("", format!("{window} for -m {model}"));
        }
        self.add("timeout", format!("{} ms", provider.timeout_ms));
    }

    fn facts(&mut self, provider: &Provider) {
        let facts = &provider.facts;
        if !facts.aliases().is_empty() {
            self.add("also called", facts.aliases().join(", "));
        }
        for limit in facts.limits() {
            self.add("limit", limit);
        }
        for doubt in facts.unsure() {
            self.add("unsure", doubt);
        }
        if let Some(source) = facts.source() {
            self.add("source", source);
        }
        if let Some(day) = facts.checked() {
            let age = match catalog::age(day) {
                Some(1) => ", 1 day ago".to_owned(),
                Some(days) => format!(", {days} days ago"),
                None => String::new(),
            };
            self.add("checked", format!("{day}{age}"));
        }
        if let (Some(url), Some(models)) = (facts.confidence(), facts.confidence_models())
            && !provider.is_anthropic()
        {
            self.add("rests on", format!("URL and header: {url}; models: {models}"));
        }
        if provider.configured {
            self.add("changed", format!("by [providers.{}] in exec.toml", provider.id));
        }
    }
}

/// A variable and the reason for it; a value that the user set is not shown.
fn variable(name: &EnvName, value: &ProviderValue, facts: &Facts) -> String {
    let name = name.as_str();
    let ProviderValue::Public(value) = value else {
        return format!("{name}=••• (exec.toml)");
    };
    match facts.why(name) {
        Some(why) => format!("{name}={value} ({why})"),
        None => format!("{name}={value}"),
    }
}

/// One provider in JSON.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    aliases: Vec<&'a str>,
    label: &'a str,
    base_url: Option<&'a str>,
    /// Another endpoint than that of the built-in row with this id or this key.
    moved: Option<ShownMove>,
    key_env: Option<&'a str>,
    key_env_elsewhere: Vec<&'a str>,
    key_begins: Vec<&'a str>,
    key_page: Option<&'a str>,
    auth: &'static str,
    header: Option<&'a str>,
    /// The kind of source of the secret that follows the header's text.
    header_key: Option<&'static str>,
    available: bool,
    origin: Option<&'static str>,
    local: bool,
    configured: bool,
    /// The user's own file of rows that it comes from.
    row: Option<&'a str>,
    models: BTreeMap<&'a str, &'a str>,
    context_tokens: u32,
    windows: BTreeMap<&'a str, u32>,
    timeout_ms: u32,
    limits: Vec<&'a str>,
    unsure: Vec<&'a str>,
    source: Option<&'a str>,
    checked: Option<&'a str>,
    age_days: Option<u32>,
    confidence: Option<&'a str>,
    confidence_models: Option<&'a str>,
}

#[derive(Serialize)]
struct ShownMove {
    by: String,
    preset: &'static str,
    from: &'static str,
}

/// One provider as a JSON object.
pub(super) fn json(candidate: &Candidate<'_>, exec: &ExecToml) -> String {
    // A structure of strings and numbers cannot fail to be JSON.
    serde_json::to_string(&shown(candidate, exec)).unwrap_or_default() + "\n"
}

/// All providers as a JSON array, with everything about each.
pub(super) fn json_of_all(candidates: &[Candidate<'_>], exec: &ExecToml) -> String {
    let all: Vec<Shown<'_>> = candidates.iter().map(|candidate| shown(candidate, exec)).collect();
    serde_json::to_string(&all).unwrap_or_default() + "\n"
}

fn shown<'a>(candidate: &'a Candidate<'_>, exec: &ExecToml) -> Shown<'a> {
    let provider = &candidate.provider;
    let facts = &provider.facts;
    let tiers = provider.models.tiers();
    Shown {
        id: &provider.id,
        aliases: facts.aliases(),
        label: &provider.label,
        base_url: provider.endpoint.as_ref().map(Endpoint::url),
        moved: provider::moved(provider, exec).map(|moved| ShownMove {
            by: moved.place.to_string(),
            preset: moved.preset.id,
            from: moved.from,
        }),
        key_env: provider.key_env().map(EnvName::as_str),
        key_env_elsewhere: facts.key_env_elsewhere(),
        key_begins: facts.key_begins(),
        key_page: facts.key_page(),
        auth: if provider.api_key_header { "x-api-key" } else { "bearer" },
        header: provider.header.as_deref(),
        header_key: provider.header_key.as_deref().map(|value| Need::of_header(value).kind()),
        available: candidate.is_offered(),
        origin: match &candidate.availability {
            Availability::Key(source) => Some(source.origin.word()),
            Availability::Free | Availability::Missing(_) => None,
        },
        local: provider.local,
        configured: provider.configured,
        row: provider.row_file,
        models: tiers.iter().map(|(tier, model)| (*tier, &***model)).collect(),
        context_tokens: provider.window,
        windows: catalog::windows(&provider.windows).collect(),
        timeout_ms: provider.timeout_ms,
        limits: facts.limits(),
        unsure: facts.unsure(),
        source: facts.source(),
        checked: facts.checked(),
        age_days: facts.checked().and_then(catalog::age),
        confidence: facts.confidence(),
        confidence_models: facts.confidence_models(),
    }
}
