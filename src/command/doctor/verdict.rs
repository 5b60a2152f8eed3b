//! What the client's answer means.

use crate::catalog;
use crate::command::doctor::finding::Status;
use crate::command::doctor::online::ONE_TURN;
use crate::program::Answer;
use crate::program::End;

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
    /// The turn failed, and nothing says why.
    Failed,
    /// The client printed nothing that we understand.
    NoAnswer(End),
}

/// What the client reports of the endpoint's answer.
pub(super) struct Said {
    /// The HTTP status, if there was an answer.
    status: Option<u64>,
    /// Whether the turn went well.
    well: bool,
    /// The endpoint's body, or else the client's own words.
    body: String,
    /// The same, as shown to people.
    pub(super) words: String,
    /// Whether there was a result at all.
    result: bool,
}

impl Said {
    pub(super) fn new(answer: &Answer) -> Self {
        // The result is the last object; what a wrapper printed before it is not ours.
        let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
        let result = answer
            .stdout
            .lines()
            .rev()
            .filter_map(parse)
            .find(|value| value.get("is_error").is_some());
        let text = |key: &str| {
            let text = result
                .as_ref()
                .and_then(|result| result.get(key))
                .and_then(serde_json::Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (log_status, body) = logged(&answer.stderr)
            .map_or((None, None), |(status, body)| (Some(status), Some(body)));
        let own = text("result");
        let status = result
            .as_ref()
            .and_then(|result| result.get("api_error_status"))
            .and_then(serde_json::Value::as_u64);
        let message = body.and_then(parse).as_ref().and_then(message);
        let words = message
            .unwrap_or_else(|| if result.is_some() { own.clone() } else { answer.stderr.clone() });
        let body = body.map_or_else(|| format!("{} {own}", text("api_error_type")), str::to_owned);
        let well = result
            .as_ref()
            .is_some_and(|result| result.get("is_error") == Some(&serde_json::Value::Bool(false)));
        Self { status: status.or(log_status), well, body, words, result: result.is_some() }
    }
}

/// The message in a body of the Messages API, or of one that resembles it.
fn message(body: &serde_json::Value) -> Option<String> {
    let error = body.get("error").unwrap_or(body);
    let text = error.get("message").or_else(|| body.get("message")).or_else(|| body.get("msg"));
    text.and_then(serde_json::Value::as_str).map(str::to_owned)
}

/// `… API error (attempt 1/1): 404 404 {"type":"error",…}`: the status and the body of the last
/// one.
fn logged(stderr: &str) -> Option<(u64, &str)> {
    let line = |line: &'_ str| -> Option<(u64, usize)> {
        let (_, rest) = line.split_once("API error (attempt ")?;
        let (_, rest) = rest.split_once("): ")?;
        let (status, rest) = rest.split_once(' ')?;
        let number = status.parse().ok()?;
        let body = rest.strip_prefix(status).unwrap_or(rest).trim_start();
        Some((number, line.len() - body.len()))
    };
    stderr
        .lines()
        .rev()
        .find_map(|text| line(text).and_then(|(status, at)| Some((status, text.get(at..)?))))
}

pub(super) fn verdict(answer: &Answer) -> Verdict {
    let said = Said::new(answer);
    if said.well {
        return Verdict::Works;
    }
    let body = said.body.to_lowercase();
    match said.status {
        Some(status) => refusal(status, &body),
        None if has(&body, &UNREACHABLE) => Verdict::NoNetwork,
        None if said.result => Verdict::Failed,
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
                let host = url.split('/').nth(2).unwrap_or_default();
                others.push(format!("{} ({host})", other.id));
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
                    "give it a new key; a key of another product or region of the same house is refused like a wrong one{}",
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
                "renew the plan with the provider: the key itself is right",
            ),
            Self::WrongPath => fail(
                format!("{label} has nothing at this path (404): the base URL is wrong"),
                "look at base_url in exec.toml; the client itself adds /v1/messages",
            ),
            Self::UnknownModel => fail(
                format!("{label} does not serve this model"),
                "look at --model, or at model and models in exec.toml; `jackin-exec providers --json` shows what is asked for",
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
                format!("{label} cannot be reached: no network, no such host, or nobody listens"),
                "look at the network, at HTTPS_PROXY and, for a provider on this machine, whether it runs",
            ),
            Self::Failed => {
                let hint =
                    format!("run it by hand to see more: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the turn on {label} failed"), hint)
            }
            Self::Other(status) => {
                fail(format!("{label} refuses the request ({status})"), "see what it said")
            }
            Self::NoAnswer(end) => {
                let how = match end {
                    End::Status(status) => format!("ended with {status} and gave no result"),
                    End::TooLate => format!("gave no result in {} s", ONE_TURN.as_secs()),
                    End::WantsTerminal => "wants a terminal".to_owned(),
                    End::CannotRun(errno) => {
                        format!("cannot be run: {}", errno.desc().to_lowercase())
                    }
                };
                let hint = format!("run it by hand: jackin-exec -p {id} -- -p \"say ok\"");
                (Status::Fail, format!("the client {how}"), hint)
            }
        }
    }
}

#[cfg(test)]
mod tests;
