//! What the client's answer means.

use serde_json::Value;

use crate::catalog;
use crate::command::doctor::finding::Status;
use crate::command::doctor::online::ONE_TURN;
use crate::program::Answer;
use crate::program::End;
use crate::provider::Endpoint;
use crate::report::lower;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Works,
    WrongKey,
    /// The key is known but not valid here: another header, region or product is needed.
    Refused,
    PlanLapsed,
    WrongPath,
    UnknownModel,
    Quota,
    /// The endpoint is down, or busy.
    Busy(u64),
    NoNetwork,
    /// Any other refusal.
    Other(u64),
    /// The turn failed for an unknown reason.
    Failed,
    /// The client printed nothing that we understand.
    NoAnswer(End),
}

/// What the client reports about the endpoint's answer.
pub(super) struct Reported {
    /// The HTTP status, if there was an answer.
    status: Option<u64>,
    /// Whether the turn succeeded.
    success: bool,
    /// The endpoint's body, or else the client's own words.
    body: String,
    /// The text to show to people.
    pub(super) words: String,
    /// Whether there was a result at all.
    has_result: bool,
}

impl Reported {
    pub(super) fn new(answer: &Answer) -> Self {
        let result = result(&answer.stdout);
        let text = |key: &str| match result.get(key) {
            Some(Value::String(text)) => text.as_str(),
            _ => "",
        };
        let has_result = !result.is_null();
        let own = text("result");
        let fallback = if has_result { own } else { &answer.stderr };
        let mut reported = Self {
            status: result.get("api_error_status").and_then(Value::as_u64),
            success: result.get("is_error") == Some(&Value::Bool(false)),
            body: format!("{} {own}", text("api_error_type")),
            words: fallback.to_owned(),
            has_result,
        };
        if let Some((status, body)) = logged(&answer.stderr) {
            reported.status = reported.status.or(Some(status));
            if let Some(message) = message(body) {
                reported.words = message;
            }
            body.clone_into(&mut reported.body);
        }
        reported
    }
}

/// The client's result: the last line that is one, since a wrapper may print lines before it; null
/// if there is none.
fn result(stdout: &str) -> Value {
    for line in stdout.lines().rev() {
        if let Ok(value) = serde_json::from_str::<Value>(line)
            && value.get("is_error").is_some()
        {
            return value;
        }
    }
    Value::Null
}

/// The message in a body of the Messages API, or of one that resembles it.
fn message(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    for path in ["/error/message", "/message", "/msg"] {
        if let Some(text) = body.pointer(path) {
            return text.as_str().map(str::to_owned);
        }
    }
    None
}

/// The status and the body of the last error in the client's log.
fn logged(stderr: &str) -> Option<(u64, &str)> {
    stderr.lines().rev().find_map(logged_in)
}

/// The status and the body in a line such as
/// `… API error (attempt 1/1): 404 404 {"type":"error",…}`.
fn logged_in(line: &str) -> Option<(u64, &str)> {
    let (_, rest) = line.split_once("API error (attempt ")?;
    let (_, rest) = rest.split_once("): ")?;
    let (status, rest) = rest.split_once(' ')?;
    let body = rest.strip_prefix(status).unwrap_or(rest).trim_start();
    Some((status.parse().ok()?, body))
}

/// Decides what an answer means.
pub(super) fn verdict(answer: &Answer) -> Verdict {
    let reported = Reported::new(answer);
    if reported.success {
        return Verdict::Works;
    }
    let body = reported.body.to_lowercase();
    match reported.status {
        Some(status) => refusal(status, &body),
        None if has(&body, &UNREACHABLE) => Verdict::NoNetwork,
        None if reported.has_result => Verdict::Failed,
        None => Verdict::NoAnswer(answer.end),
    }
}

fn has(body: &str, words: &[&str]) -> bool {
    words.iter().any(|word| body.contains(word))
}

/// Phrases that mean that the endpoint was not reached.
const UNREACHABLE: [&str; 11] = [
    "econn",
    "enotfound",
    "eai_again",
    "connectionrefused",
    "unable to connect",
    "can't reach",
    "etimedout",
    "certificate",
    "socket",
    "refused",
    "dns",
];

/// What a status and the body that came with it mean.
fn refusal(status: u64, body: &str) -> Verdict {
    match status {
        400 | 404 | 422 if is_about_model(body) => Verdict::UnknownModel,
        400 if has(body, &["insufficient", "balance", "quota"]) => Verdict::Quota,
        404 | 405 => Verdict::WrongPath,
        401 if has(body, &["region", "group", "header"]) => Verdict::Refused,
        401 => Verdict::WrongKey,
        403 if has(body, &LAPSED) => Verdict::PlanLapsed,
        403 => Verdict::Refused,
        402 | 429 => Verdict::Quota,
        500.. => Verdict::Busy(status),
        _ => Verdict::Other(status),
    }
}

/// Phrases that mean that a plan has ended.
const LAPSED: [&str; 5] =
    ["access_terminated", "subscription", "membership", "expired", "terminated"];

/// Whether a body says that the endpoint does not know the model. 1211 is Z.AI's number for it.
fn is_about_model(body: &str) -> bool {
    const UNKNOWN: [&str; 8] = [
        "unknown",
        "not exist",
        "not found",
        "not_found",
        "not support",
        "unsupported",
        "invalid",
        "model:",
    ];
    // The client's own sentence, which it also uses for a wrong path.
    let own = body.contains("issue with the selected model");
    let named = body.contains("model") && has(body, &UNKNOWN) && !own;
    named || has(body, &["\"1211\"", "\"code\":1211"])
}

/// The other providers of a preset's vendor, with their hosts: the key may be one of theirs.
fn others_of_the_vendor(id: &str) -> String {
    let mut others = Vec::new();
    if let Some(ours) = catalog::find(id) {
        for other in catalog::PRESETS {
            if other.vendor == ours.vendor
                && other.id != id
                && !other.local
                && let Some(url) = other.base_url
            {
                others.push(format!("{} ({})", other.id, Endpoint::known(url).host()));
            }
        }
    }
    if others.is_empty() { String::new() } else { format!(": {}", others.join(", ")) }
}

impl Verdict {
    /// The finding: its status, what it is, and what to do.
    pub(super) fn text(&self, label: &str, id: &str) -> (Status, String, String) {
        let fail = |what: String, hint: &str| (Status::Fail, what, hint.to_owned());
        match self {
            Self::Works => (Status::Ok, format!("{label} answers"), String::new()),
            Self::WrongKey => fail(
                format!("{label} does not know this key (401)"),
                &format!(
                    "set a new key; a key for another product or region of the same vendor does not work here{}",
                    others_of_the_vendor(id)
                ),
            ),
            Self::Refused => fail(
                format!(
                    "{label} refuses this key for this endpoint (wrong header, region or product)"
                ),
                "use the provider id of the key's own product and region, or, for a provider of your own, auth = \"x-api-key\"",
            ),
            Self::PlanLapsed => fail(
                format!("{label} knows the key, but its plan has lapsed (403)"),
                "renew the plan with the provider; the key itself is valid",
            ),
            Self::WrongPath => fail(
                format!("{label} has nothing at this path (404): the base URL is wrong"),
                "check base_url in exec.toml; the client itself adds /v1/messages",
            ),
            Self::UnknownModel => fail(
                format!("{label} does not serve this model"),
                "check --model, or model and models in exec.toml; `jackin-exec providers --json` shows what is requested",
            ),
            Self::Quota => fail(
                format!(
                    "{label} accepts the key, but its quota or balance is used up (429 or 402)"
                ),
                "wait for the next window, or top up with the provider",
            ),
            Self::Busy(status) => {
                fail(format!("{label} is down or busy ({status})"), "try again later")
            }
            Self::NoNetwork => fail(
                format!("{label} cannot be reached: no network, no such host, or nothing listens"),
                "check the network, HTTPS_PROXY and, for a provider on this machine, whether it is running",
            ),
            Self::Failed => {
                let hint =
                    format!("run it by hand to see more: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the turn on {label} failed"), hint)
            }
            Self::Other(status) => {
                fail(format!("{label} refuses the request ({status})"), "see its answer")
            }
            Self::NoAnswer(end) => {
                let how = match end {
                    End::Status(status) => format!("ended with {status} and gave no result"),
                    End::TimedOut => format!("gave no result in {} s", ONE_TURN.as_secs()),
                    End::WantsTerminal => "needs a terminal".to_owned(),
                    End::CannotRun(errno) => format!("cannot be run: {}", lower(errno.desc())),
                };
                let hint = format!("run it by hand: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the client {how}"), hint)
            }
        }
    }
}

#[cfg(test)]
mod tests;
