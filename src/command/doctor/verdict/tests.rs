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
        (result("null", "Unable to connect to API (ConnectionRefused)"), String::new(), NoNetwork),
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
    let log = "API error (attempt 1/1): 400 400 {\"error\":{\"message\":\"of the endpoint\"}}\n";
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
        assert_eq!(Reported::new(&answer(&stdout, &stderr)).words, words, "{stdout} {stderr}");
    }
}

#[test]
fn a_key_that_is_refused_may_be_one_of_the_vendors_other_hosts() {
    let (.., remedy) = Verdict::WrongKey.text("Kimi", "kimi");
    assert!(remedy.contains(": kimi-global (api.kimi.ai), moonshot ("), "{remedy}");
    assert!(!remedy.contains("kimi (api.kimi.com)"), "{remedy}");
    let (.., remedy) = Verdict::WrongKey.text("Mine", "mine");
    assert!(remedy.ends_with("does not work here"), "{remedy}");
}

#[test]
fn every_verdict_but_one_fails_and_says_what_to_do() {
    use Verdict::*;

    for (verdict, message, hint) in [
        (WrongKey, "Kimi does not know this key (401)", "set a new key"),
        (Refused, "Kimi refuses this key for this endpoint", "use the provider id"),
        (PlanLapsed, "Kimi knows the key, but its plan has lapsed (403)", "renew"),
        (WrongPath, "Kimi has nothing at this path (404)", "check base_url"),
        (UnknownModel, "Kimi does not serve this model", "check --model"),
        (Quota, "Kimi accepts the key, but its quota", "wait"),
        (Busy(503), "Kimi is down or busy (503)", "try again later"),
        (NoNetwork, "Kimi cannot be reached", "check the network"),
        (Other(418), "Kimi refuses the request (418)", "see its answer"),
        (Failed, "the turn on Kimi failed", "run it by hand to see more: jackin-exec -p kimi"),
        (NoAnswer(End::Status(4)), "the client ended with 4 and gave no result", "run it by hand"),
        (NoAnswer(End::TimedOut), "the client gave no result in 120 s", "run it by hand"),
        (NoAnswer(End::WantsTerminal), "the client needs a terminal", "run it by hand"),
    ] {
        let (status, said, remedy) = verdict.text("Kimi", "kimi");
        assert_eq!(status, Status::Fail);
        assert!(said.starts_with(message), "{said}");
        assert!(remedy.starts_with(hint), "{remedy}");
    }
    assert_eq!(Works.text("Kimi", "kimi"), (Status::Ok, "Kimi answers".to_owned(), String::new()));
}
