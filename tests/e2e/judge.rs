//! The rule, and what rows claim beyond it: evidence in, offences out.
//!
//! The rule: a request that carries a credential or a prompt goes to the host of one of the row's
//! providers, with the credential of that provider alone and a model that it serves; no child's
//! environment holds a provider's key; no argument list ever does.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::http::Request;
use crate::mock;
use crate::provider;
use crate::provider::PLANTED;
use crate::provider::Provider;
use crate::room::Ended;
use crate::row::Also;
use crate::row::Row;
use crate::witness::Process;

/// Headers that are a credential whatever they hold.
const CREDENTIALS: [&str; 7] = [
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "x-amz-security-token",
    "proxy-authorization",
    "cookie",
];

/// All that a row left for the judge.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) requests: Vec<Request>,
    pub(crate) sessions: Vec<Ended>,
    pub(crate) dumps: BTreeMap<String, String>,
    /// Who was there when a request arrived.
    pub(crate) seen: Vec<Process>,
    /// Who was still there after the sessions had ended.
    pub(crate) left: Vec<Process>,
    /// The files of the home that hold a provider's key, besides our configuration.
    pub(crate) kept: Vec<String>,
    pub(crate) client: PathBuf,
}

/// Everything that is wrong; empty is green.
pub(crate) fn judge(row: &Row, evidence: &Evidence) -> Vec<String> {
    let mut offences = BTreeSet::new();
    for request in &evidence.requests {
        offences.extend(request_offences(row, request));
    }
    offences.extend(addressees(row, evidence));
    offences.extend(children(evidence));
    for also in &row.also {
        offences.extend(claim(row, also, evidence));
    }
    if !row.also.iter().any(|also| matches!(also, Also::Refused(_) | Also::AnyEnd)) {
        offences.extend(evidence.sessions.iter().filter_map(bad_end));
    }
    offences.into_iter().collect()
}

/// The requests that no provider got, and what they carried.
pub(crate) fn elsewhere(row: &Row, evidence: &Evidence) -> Vec<String> {
    let strangers = evidence.requests.iter().filter(|request| owner(row, request).is_none());
    let lines: BTreeSet<String> = strangers.map(|request| describe(row, request)).collect();
    lines.into_iter().collect()
}

/// What the requests with a prompt consist of: headers, betas, fields, tools, the size of what the
/// client says on its own.
pub(crate) fn shape(row: &Row, evidence: &Evidence) -> Vec<String> {
    let prompts = evidence.requests.iter().filter(|request| request.has_prompt());
    let mut parts = BTreeSet::new();
    for request in prompts.filter(|request| owner(row, request).is_some()) {
        for (name, value) in &request.headers {
            parts.insert(format!("header {name}"));
            if name == "anthropic-beta" || name == "user-agent" {
                parts.extend(value.split(',').map(|value| format!("{name} {}", value.trim())));
            }
        }
        let body = request.json();
        let fields = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        parts.extend(fields(&body).iter().map(|name| format!("field {name}")));
        for place in ["metadata", "output_config", "thinking", "context_management"] {
            let inner = body.get(place).map(fields).unwrap_or_default();
            parts.extend(inner.iter().map(|name| format!("field {place}.{name}")));
        }
        // A field of JSON in a field of text.
        let user = body.pointer("/metadata/user_id").and_then(Value::as_str).unwrap_or_default();
        let user: Value = serde_json::from_str(user).unwrap_or_default();
        parts.extend(fields(&user).iter().map(|name| format!("user {name}")));
        let tools = body.get("tools").and_then(Value::as_array).into_iter().flatten();
        let tools = tools.filter_map(|tool| tool.get("name")?.as_str());
        parts.extend(tools.map(|name| format!("tool {name}")));
    }
    parts.into_iter().collect()
}

fn request_offences(row: &Row, request: &Request) -> Vec<String> {
    let loads = loads(row, request);
    if loads.is_empty() {
        return Vec::new();
    }
    let Some(provider) = owner(row, request) else {
        if loads == ["a prompt"] && may_follow(row, &request.host) {
            return Vec::new();
        }
        return vec![describe(row, request)];
    };
    let mut offences = Vec::new();
    let own = provider.credentials();
    for (header, value) in &own {
        match request.header(header) {
            None if request.has_prompt() => {
                offences.push(format!("{} was asked without {header}", provider.id));
            }
            Some(found) if found != value => {
                offences.push(format!("{} got another {header}", provider.id));
            }
            _ => {}
        }
    }
    for credential in CREDENTIALS {
        if own.iter().all(|(header, _)| *header != credential)
            && request.header(credential).is_some()
        {
            offences.push(format!("{} got a header {credential} too", provider.id));
        }
    }
    if request.contains(PLANTED) {
        let place = planted_place(request);
        offences.push(format!("{} got what was planted, in {place}", provider.id));
    }
    for other in provider::ALL {
        if other.id != provider.id && request.contains(other.key) {
            offences.push(format!("{} got the key of {}", provider.id, other.id));
        }
    }
    match request.model() {
        Some(model) if provider.serves(&model) => {}
        Some(model) => offences.push(format!("{} was asked for {model}", provider.id)),
        None if request.has_prompt() => {
            offences.push(format!("{} was asked for no model", provider.id));
        }
        None => {}
    }
    offences
}

/// Whether the row lets prompts go to this host as well.
fn may_follow(row: &Row, host: &str) -> bool {
    row.also.iter().any(|also| matches!(also, Also::Follows(followed) if *followed == host))
}

/// The provider of the row whose endpoint this request reached.
fn owner(row: &Row, request: &Request) -> Option<&'static Provider> {
    let providers = row.asked.iter().map(|(provider, _)| *provider);
    let mut at = providers.filter(|provider| {
        let secure = provider.base_url.starts_with("https:");
        request.host == provider.host && request.secure == secure
    });
    at.find(|provider| {
        let base = provider.path.strip_suffix("/v1/messages").unwrap_or_default();
        request.route().starts_with(base)
    })
}

/// What a request carries that is somebody's.
fn loads(row: &Row, request: &Request) -> Vec<&'static str> {
    let mut loads = Vec::new();
    let words = row.asked.iter().any(|(_, words)| request.contains(words));
    if request.method == "POST" && (words || request.has_prompt()) {
        loads.push("a prompt");
    }
    loads.extend(CREDENTIALS.into_iter().filter(|name| request.header(name).is_some()));
    if request.contains(PLANTED) {
        loads.push("what was planted");
    }
    let keys = provider::ALL.iter().filter(|provider| request.contains(provider.key));
    loads.extend(keys.map(|provider| provider.key_env));
    loads
}

fn planted_place(request: &Request) -> String {
    let headers = request.headers.iter();
    let names: Vec<&str> = headers
        .filter(|(_, value)| value.contains(PLANTED))
        .map(|(name, _)| name.as_str())
        .collect();
    if names.is_empty() { "the body".to_owned() } else { names.join(", ") }
}

fn describe(row: &Row, request: &Request) -> String {
    let loads = loads(row, request);
    let load = if loads.is_empty() { "nothing".to_owned() } else { loads.join(", ") };
    let path = request.route();
    let path = match request.method.as_str() {
        "CONNECT" => "",
        _ if path.len() > 80 => "/…",
        _ => path,
    };
    format!("{} {}{path} carried {load}", request.method, request.host)
}

/// Each prompt reached the provider that was meant, and no other.
fn addressees(row: &Row, evidence: &Evidence) -> Vec<String> {
    let mut offences = Vec::new();
    for (provider, prompt) in &row.asked {
        let asking =
            evidence.requests.iter().filter(|request| last_words(request).contains(prompt));
        let (right, wrong): (Vec<_>, Vec<_>) =
            asking.partition(|asking| asking.host == provider.host);
        match (row.also.iter().find_map(silence), right.is_empty()) {
            (None, true) => offences.push(format!("{} was not asked {prompt:?}", provider.id)),
            (Some(Silence::Must), false) => {
                offences.push(format!("{} was asked {prompt:?}", provider.id));
            }
            _ => {}
        }
        let wrong = wrong.into_iter().filter(|wrong| !may_follow(row, &wrong.host));
        let wrong = wrong.map(|wrong| format!("{} was asked {prompt:?}", wrong.host));
        offences.extend(wrong);
    }
    offences
}

/// Whether a row does without what it asks.
enum Silence {
    Must,
    May,
}

fn silence(also: &Also) -> Option<Silence> {
    match also {
        Also::Refused(_) => Some(Silence::Must),
        Also::MayStaySilent => Some(Silence::May),
        _ => None,
    }
}

/// What the user said last: a continued session repeats everything before it.
fn last_words(request: &Request) -> String {
    let body = request.json();
    let messages = body.get("messages").and_then(Value::as_array);
    let mut users = messages.into_iter().flatten().filter(|message| message["role"] == "user");
    let last = users.next_back().cloned().unwrap_or_default();
    mock::user_words(&serde_json::json!({ "messages": [last] }))
}

fn children(evidence: &Evidence) -> Vec<String> {
    let mut offences = Vec::new();
    for (name, environment) in &evidence.dumps {
        let keys = provider::ALL.iter().filter(|provider| environment.contains(provider.key));
        offences.extend(keys.map(|key| format!("{name} could read the key of {}", key.id)));
        if environment.contains(PLANTED) {
            offences.push(format!("{name} could read what was planted"));
        }
    }
    for process in &evidence.seen {
        let keys = provider::ALL.iter().filter(|provider| process.argv.contains(provider.key));
        offences.extend(keys.map(|key| format!("an argument list held the key of {}", key.id)));
    }
    offences
}

fn bad_end(session: &Ended) -> Option<String> {
    let words = || {
        let all = format!("{} {}", session.stdout.trim(), session.stderr.trim());
        all.chars().take(300).collect::<String>()
    };
    match session.status {
        None => Some(format!("no end within the time: {}", words())),
        Some(status) if !status.success() => Some(format!("{status}: {}", words())),
        Some(_) if !session.stdout.contains(mock::ANSWER) => {
            Some(format!("no answer: {}", words()))
        }
        Some(_) => None,
    }
}

fn claim(row: &Row, also: &Also, evidence: &Evidence) -> Vec<String> {
    let prompts = || evidence.requests.iter().filter(|request| request.has_prompt());
    let models = || prompts().filter_map(Request::model);
    let proxied = |request: &&Request| request.method == "CONNECT" || request.path.contains("://");
    let said = |text: &str| evidence.sessions.iter().any(|session| session.stderr.contains(text));
    let offence = match also {
        Also::Prompts(count) => {
            let found = prompts().count();
            (found != *count).then(|| format!("{found} requests with a prompt, not {count}"))
        }
        Also::Model(id) => models()
            .find(|model| model != id)
            .map(|model| format!("{model} was asked for, not {id}")),
        Also::Window(tokens) => window(evidence, *tokens),
        Also::Header(header) => {
            let (name, value) = header.split_once(": ").unwrap_or((header, ""));
            let mut prompts = evidence.requests.iter().filter(|request| request.has_prompt());
            let without = prompts.any(|request| request.header(name) != Some(value));
            without.then(|| format!("a prompt without the header {header}"))
        }
        Also::Child(name) => {
            let missing = !evidence.dumps.contains_key(*name);
            missing.then(|| format!("{name} did not run"))
        }
        Also::ChildLacks(name, words) => {
            let found = evidence.dumps.get(*name).is_some_and(|dump| dump.contains(words));
            found.then(|| format!("{name} found {words}"))
        }
        Also::NoChild(name) => evidence.dumps.get(*name).map(|_| format!("{name} ran")),
        Also::Never(words) => {
            let found = evidence.requests.iter().any(|request| request.contains(words));
            found.then(|| format!("a request held {words}"))
        }
        Also::Unsaid(words) => {
            let everything = |session: &Ended| format!("{}{}", session.stdout, session.stderr);
            let found = evidence.sessions.iter().any(|session| everything(session).contains(words));
            found.then(|| format!("{words:?} was said"))
        }
        Also::NoHeader(name) => {
            let found = evidence.requests.iter().any(|request| request.header(name).is_some());
            found.then(|| format!("a request had a header {name}"))
        }
        Also::NotKept => {
            let kept = evidence.kept.first();
            kept.map(|path| format!("{path} holds a key"))
        }
        Also::OneProcess => return one_process(evidence),
        Also::Refused(words) => {
            let code = |session: &Ended| session.status.and_then(|status| status.code());
            let refused = evidence.sessions.iter().all(|session| code(session) == Some(125));
            (!refused || !said(words)).then(|| format!("not refused in the words {words:?}"))
        }
        Also::Stdout(words) => {
            let stdout = evidence.sessions.first().map(|session| session.stdout.as_str());
            let same = stdout.and_then(|stdout| stdout.strip_suffix('\n'))
                == Some(words.trim_end_matches('\n'));
            (!same).then(|| format!("{stdout:?} was printed, not {words:?}"))
        }
        Also::Printed(words) => {
            let stdout = evidence.sessions.first().map(|session| session.stdout.as_str());
            let missing = !stdout.unwrap_or_default().contains(words);
            missing.then(|| format!("{stdout:?} was printed, without {words:?}"))
        }
        Also::Proxied => {
            let missing = !evidence.requests.iter().any(|request| proxied(&request));
            missing.then(|| "the proxy of the shell was not used".to_owned())
        }
        Also::Unproxied => {
            let found = evidence.requests.iter().find(proxied);
            found.map(|request| format!("the proxy of the shell saw {}", describe(row, request)))
        }
        Also::Reached(host) => {
            let missing = !evidence.requests.iter().any(|request| request.host == *host);
            missing.then(|| format!("{host} was not reached"))
        }
        Also::AnyEnd | Also::MayStaySilent | Also::Follows(_) => None,
    };
    offence.into_iter().collect()
}

/// As `--output-format json` reports it.
fn window(evidence: &Evidence, tokens: u64) -> Option<String> {
    let stdout = evidence.sessions.first().map(|session| session.stdout.as_str());
    let result: Value = serde_json::from_str(stdout.unwrap_or_default()).unwrap_or_default();
    let usage = result.get("modelUsage").and_then(Value::as_object);
    let windows = usage.into_iter().flatten();
    let windows: Vec<u64> =
        windows.filter_map(|(_, model)| model["contextWindow"].as_u64()).collect();
    (windows != [tokens]).then(|| format!("a window of {windows:?}, not {tokens}"))
}

fn one_process(evidence: &Evidence) -> Vec<String> {
    let mut offences = Vec::new();
    for session in &evidence.sessions {
        let same = evidence.seen.iter().filter(|process| process.pid == session.pid);
        if !same.clone().any(|process| process.program == evidence.client) {
            offences.push("the process that was started is not the client".to_owned());
        }
    }
    let launchers = evidence.seen.iter().filter(|process| process.program.ends_with("jackin-exec"));
    offences.extend(launchers.map(|process| format!("jackin-exec lingers as {}", process.pid)));
    let left = evidence.left.iter();
    offences
        .extend(left.map(|process| format!("left behind: {}", process.argv.replace('\n', " "))));
    offences
}
