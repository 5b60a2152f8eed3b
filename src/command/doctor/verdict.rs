//! What the client's answer means.

use crate::command::doctor::finding::Status;
use crate::command::doctor::online::ONE_TURN;
use crate::program::Answer;
use crate::program::End;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Works,
    WrongKey,
    /// The key is known, but not for this: another header, region or product.
    Refused,
    PlanLapsed,
    WrongPath,
    UnknownModel,
    Quota,
    /// The endpoint is down, or busy.
    Busy(u64),
    NoNetwork,
    /// Another refusal.
    Other(u64),
    /// The turn failed, and nothing says why.
    Failed,
    /// The client said nothing that we understand.
    NoAnswer(End),
}

/// What the client passes on of the endpoint's answer.
pub(super) struct Said {
    /// The HTTP status, if there was an answer.
    status: Option<u64>,
    /// Whether the turn went well.
    well: bool,
    /// The endpoint's body, or else the client's own words.
    body: String,
    /// The same for people.
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

/// Words for an endpoint that was not reached.
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

/// Words for a plan that has ended.
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
    // The client's own sentence, which it has for a wrong path, too.
    let own = body.contains("issue with the selected model");
    let named = body.contains("model") && has(body, &UNKNOWN) && !own;
    named || has(body, &["\"1211\"", "\"code\":1211"])
}

impl Verdict {
    /// The finding in words: how it is, what, and what to do.
    pub(super) fn text(&self, label: &str, id: &str) -> (Status, String, String) {
        let fail = |what: String, hint: &str| (Status::Fail, what, hint.to_owned());
        match self {
            Self::Works => (Status::Ok, format!("{label} answers"), String::new()),
            Self::WrongKey => fail(
                format!("{label} does not know this key (401)"),
                "give it a new key; a key of another product or region of the same house is refused like a wrong one",
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
mod tests {
    use super::*;

    fn answer(stdout: &str, stderr: &str) -> Answer {
        Answer { end: End::Status(1), stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }

    /// What the client prints for a refusal.
    fn result(status: &str, words: &str) -> String {
        format!(
            "{{\"type\":\"result\",\"is_error\":true,\"api_error_status\":{status},\"result\":\"{words}\"}}\n"
        )
    }

    #[test]
    fn a_status_and_its_body_mean_one_thing() {
        use Verdict::*;

        for (status, body, expected) in [
            (400, "invalid model: m-x", UnknownModel),
            (400, "unknown model", UnknownModel),
            (400, "the model does not exist", UnknownModel),
            (404, "model not found", UnknownModel),
            (404, "not_found_error model m-x", UnknownModel),
            (422, "unsupported model", UnknownModel),
            (422, "this model is not supported", UnknownModel),
            (422, "model: m-x", UnknownModel),
            (400, "{\"code\":\"1211\"}", UnknownModel),
            (400, "{\"code\":1211}", UnknownModel),
            (404, "there's an issue with the selected model (m-x). it may not exist", WrongPath),
            (404, "not found", WrongPath),
            (405, "unknown model", WrongPath),
            (405, "", WrongPath),
            (400, "insufficient credits", Quota),
            (400, "no balance", Quota),
            (400, "quota used up", Quota),
            (400, "a model is required", Other(400)),
            (400, "", Other(400)),
            (422, "quota", Other(422)),
            (401, "", WrongKey),
            (401, "invalid api key", WrongKey),
            (401, "wrong region", Refused),
            (401, "group does not match", Refused),
            (401, "missing header", Refused),
            (402, "", Quota),
            (403, "", Refused),
            (403, "region", Refused),
            (403, "access_terminated", PlanLapsed),
            (403, "no subscription", PlanLapsed),
            (403, "membership", PlanLapsed),
            (403, "it expired", PlanLapsed),
            (403, "terminated", PlanLapsed),
            (429, "", Quota),
            (418, "", Other(418)),
            (499, "", Other(499)),
            (500, "", Busy(500)),
            (529, "overloaded", Busy(529)),
        ] {
            assert_eq!(refusal(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_clients_result_decides_and_the_log_fills_what_it_leaves_out() {
        use Verdict::*;

        let well = "{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}\n";
        let log = |status: &str, body: &str| {
            format!("[DEBUG] x\nAPI error (attempt 1/1): {status} {status} {body}\nlater\n")
        };
        for (stdout, stderr, expected) in [
            (well.to_owned(), String::new(), Works),
            // A log of an earlier failure does not matter then.
            (well.to_owned(), log("401", ""), Works),
            // What a wrapper prints around it is not the client's.
            (format!("hello\n{well}"), String::new(), Works),
            (format!("{{\"is_error\":true}}\n{well}"), String::new(), Works),
            (format!("{well}{{\"other\":1}}\n"), String::new(), Works),
            (result("401", "no"), String::new(), WrongKey),
            (result("401", "no"), log("404", ""), WrongKey),
            (result("null", "no"), log("404", ""), WrongPath),
            (result("null", "no"), log("404", "{\"error\":\"unknown model\"}"), UnknownModel),
            // The body is the endpoint's; the client's own words are not taken for it.
            (result("404", "unknown model"), log("404", "{}"), WrongPath),
            (result("404", "unknown model"), String::new(), UnknownModel),
            (String::new(), log("403", "terminated"), PlanLapsed),
            (
                result("null", "Unable to connect to API (ConnectionRefused)"),
                String::new(),
                NoNetwork,
            ),
            (result("null", "getaddrinfo ENOTFOUND host"), String::new(), NoNetwork),
            (result("null", "self-signed certificate"), String::new(), NoNetwork),
            (result("null", "strange"), String::new(), Failed),
            (String::new(), "cannot start".to_owned(), NoAnswer(End::Status(1))),
            (String::new(), "API error (attempt x".to_owned(), NoAnswer(End::Status(1))),
        ] {
            assert_eq!(verdict(&answer(&stdout, &stderr)), expected, "{stdout} {stderr}");
        }
    }

    #[test]
    fn the_endpoints_words_come_before_the_clients_and_those_before_the_log() {
        let log =
            "API error (attempt 1/1): 400 400 {\"error\":{\"message\":\"of the endpoint\"}}\n";
        for (stdout, stderr, words) in [
            (result("400", "of the client"), log.to_owned(), "of the endpoint"),
            (result("400", "of the client"), String::new(), "of the client"),
            (result("400", "of the client"), log.replace("error\":{", "x\":{"), "of the client"),
            (String::new(), "of the log".to_owned(), "of the log"),
            (
                String::new(),
                log.replace("{\"error\":{\"message\"", "{\"a\":{},\"msg\"").replace("}}", "}"),
                "of the endpoint",
            ),
        ] {
            assert_eq!(Said::new(&answer(&stdout, &stderr)).words, words, "{stdout} {stderr}");
        }
    }

    #[test]
    fn every_verdict_but_one_fails_and_says_what_to_do() {
        use Verdict::*;

        for (verdict, message, hint) in [
            (WrongKey, "Kimi does not know this key (401)", "give it a new key"),
            (Refused, "Kimi refuses this key for this endpoint", "use the provider id"),
            (PlanLapsed, "Kimi knows the key, but its plan has lapsed (403)", "renew"),
            (WrongPath, "Kimi has nothing at this path (404)", "look at base_url"),
            (UnknownModel, "Kimi does not serve this model", "look at --model"),
            (Quota, "Kimi accepts the key, but its quota", "wait"),
            (Busy(503), "Kimi is down or busy (503)", "try again later"),
            (NoNetwork, "Kimi cannot be reached", "look at the network"),
            (Other(418), "Kimi refuses the request (418)", "see what it said"),
            (Failed, "the turn on Kimi failed", "run it by hand to see more: jackin-exec -p kimi"),
            (
                NoAnswer(End::Status(4)),
                "the client ended with 4 and gave no result",
                "run it by hand",
            ),
            (NoAnswer(End::TooLate), "the client gave no result in 120 s", "run it by hand"),
            (NoAnswer(End::WantsTerminal), "the client wants a terminal", "run it by hand"),
        ] {
            let (status, said, remedy) = verdict.text("Kimi", "kimi");
            assert_eq!(status, Status::Fail);
            assert!(said.starts_with(message), "{said}");
            assert!(remedy.starts_with(hint), "{remedy}");
        }
        assert_eq!(
            Works.text("Kimi", "kimi"),
            (Status::Ok, "Kimi answers".to_owned(), String::new())
        );
    }
}
