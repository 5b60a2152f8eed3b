use super::*;

#[test]
fn a_plan_is_shown_without_values_that_may_not_be() {
    let global = "[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"op://v/i/f\"\n";
    let words = &["claude", "it's"];
    let launch = Launch { global, words, environment: &["ZAI_API_KEY=k"], ..Launch::default() };
    launch.plan("kimi", |plan, _| {
        let text = plan.to_text(|name| name == "ANTHROPIC_API_KEY" || name == "ZAI_API_KEY");
        let json = plan.to_json();
        assert!(!text.contains("SENTINEL") && !json.contains("SENTINEL"));
        let (head, tail) = text.split_once("\nunset\n").unwrap();
        assert!(head.starts_with(
            "provider   Kimi (kimi), from --provider\nlabel      Claude (Label)\nworkspace  none\n\
             role       none\ncommand    claude 'it'\\''s'\n\nset\n  A=•••  (literal, global)\n  \
             ANTHROPIC_AUTH_TOKEN=•••  (KIMI_CODE_API_KEY op op://v/i/f, global)\n  \
             ANTHROPIC_BASE_URL=https://api.kimi.com/coding\n"
        ), "{head}");
        assert!(head.contains("  JACKIN_EXEC_NAMES=…  (15 names, for a session inside of this one)\n"));
        let others = plan.assignments.iter().filter(|one| matches!(one.action, Action::Unset)).count() - 2;
        assert_eq!(
            tail,
            format!(
                "  ANTHROPIC_API_KEY  (another credential)\n  ZAI_API_KEY  (not for this session)\n\n\
                 {others} more names would be unset, but are not set here (--json lists them)\n"
            )
        );
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["provider"], serde_json::json!({"id": "kimi", "label": "Kimi", "origin": "flag"}));
        assert_eq!(json["command"], serde_json::json!(["claude", "it's"]));
        assert_eq!(
            json["env"][0],
            serde_json::json!({"name": "A", "action": "set", "secret": true, "kind": "literal", "origin": "global"})
        );
        assert_eq!(
            json["env"][1],
            serde_json::json!({
                "name": "ANTHROPIC_AUTH_TOKEN", "action": "set", "secret": true,
                "key": "KIMI_CODE_API_KEY", "kind": "op", "reference": "op://v/i/f", "origin": "global"
            })
        );
        assert_eq!(
            json["env"][2],
            serde_json::json!({
                "name": "ANTHROPIC_BASE_URL", "action": "set", "secret": false,
                "value": "https://api.kimi.com/coding", "origin": "provider"
            })
        );
        let unset = serde_json::json!({"name": "ANTHROPIC_API_KEY", "action": "unset", "origin": "provider"});
        assert!(json["env"].as_array().unwrap().contains(&unset));
    });
}

#[test]
fn one_name_is_a_name_and_nothing_else_is_said_where_nothing_is_unset() {
    let launch = Launch { title: true, words: &["x"], ..Launch::default() };
    launch.plan("anthropic", |plan, _| {
        let text = plan.to_text(|_| false);
        assert!(text.contains("JACKIN_EXEC_NAMES=…  (1 name, for a session"), "{text}");
        assert!(!text.contains("\nunset\n"), "{text}");
    });
}

#[test]
fn a_need_says_where_its_value_is_and_never_what_it_is() {
    let global = "[env]\nA = \"SENTINEL\"\nB = \"\"\nC = \"$V\"\nD = \"op://v/i/f\"\n";
    let exec = "[env]\nE = { file = \"/f\" }\nF = { command = [\"pass\", \"SENTINEL\"] }\n";
    let launch = Launch { global, exec, ..Launch::default() };
    launch.plan("anthropic", |plan, _| {
        let mut said = Vec::new();
        for need in plan.needs.as_slice() {
            said.push((need.kind(), need.reference(), need.wants_helper()));
        }
        let reference = |text: &str| Some(text.to_owned());
        assert_eq!(
            said,
            [
                ("literal", None, false),
                ("literal", None, false),
                ("host", reference("$V"), false),
                ("op", reference("op://v/i/f"), true),
                ("file", reference("/f"), false),
                ("command", reference("pass"), true),
            ]
        );
    });
    let launch = Launch { environment: &["KIMI_CODE_API_KEY_FILE=SENTINEL"], ..Launch::default() };
    launch.plan("kimi", |plan, _| {
        assert_eq!(plan.needs.as_slice()[0].reference(), None, "what is no path may be a key");
    });
}

#[test]
#[should_panic(expected = "one value for each need")]
fn values_that_are_not_one_for_each_need_are_refused() {
    let launch = Launch { environment: KEY, ..Launch::default() };
    launch.plan("kimi", |plan, _| drop(plan.needs.with(vec![1, 2])));
}

#[test]
fn a_plan_knows_the_names_of_its_scopes_for_messages() {
    let launch = Launch { environment: KEY, ..Launch::default() };
    launch.plan("kimi", |plan, _| {
        assert_eq!(plan.names(), Names::default());
        plan.workspace = Some("w".to_owned());
        plan.folder = Some("~/f".to_owned());
        plan.role = Some("r".to_owned());
        let names = Names { workspace: Some("w"), folder: Some("~/f"), role: Some("r") };
        assert_eq!(plan.names(), names);
    });
}
