//! `--dry-run`: all that a launch would do, for people and for programs, and nothing done.

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A home with something of everything.
fn home() -> Sandbox {
    sandbox()
        .op()
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nOPERATOR_ORG = \"[SECRET]\"\nPLACE = \"$HOST_A\"\n",
        )
        .workspace("client-b", "[env]\nKIMI_CODE_API_KEY = \"op://Work/kimi/key\"\n")
        .exec(
            "[env]\nTOKEN = { command = [\"pass\", \"show\", \"SENTINEL-sk-kimi-0123456789\"] }\n",
        )
        .env("HOST_A", SENTINEL)
        .env("ANTHROPIC_API_KEY", SENTINEL)
}

#[test]
fn for_people_it_is_a_page() {
    let home = home().script("bin/claude", "").path_first("bin");
    home.run(["-p", "kimi", "-w", "client-b", "-n", "claude", "--resume", "it's here"]).prints(
        "provider   Kimi (kimi), from --provider\n\
         label      Claude (Kimi)\n\
         workspace  client-b\n\
         role       none\n\
         command    claude --resume 'it'\\''s here'\n\
         \n\
         set\n  \
           OPERATOR_ORG=•••  (literal, global)\n  \
           PLACE=•••  (host $HOST_A, global)\n  \
           TOKEN=•••  (command pass, global)\n  \
           ANTHROPIC_AUTH_TOKEN=•••  (KIMI_CODE_API_KEY op op://Work/kimi/key, workspace)\n  \
           ANTHROPIC_BASE_URL=https://api.kimi.com/coding\n  \
           ANTHROPIC_DEFAULT_OPUS_MODEL=kimi-for-coding\n  \
           ANTHROPIC_DEFAULT_SONNET_MODEL=kimi-for-coding\n  \
           ANTHROPIC_DEFAULT_HAIKU_MODEL=kimi-for-coding\n  \
           API_TIMEOUT_MS=3000000\n  \
           CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1\n  \
           ANTHROPIC_DEFAULT_FABLE_MODEL=kimi-for-coding\n  \
           ANTHROPIC_MODEL=kimi-for-coding\n  \
           CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=1\n  \
           CLAUDE_CODE_MAX_CONTEXT_TOKENS=262144\n  \
           CLAUDE_CODE_DISABLE_1M_CONTEXT=1\n  \
           ENABLE_TOOL_SEARCH=false\n  \
           CLAUDE_CODE_DISABLE_AGENT_VIEW=1\n  \
           DISABLE_LOGOUT_COMMAND=1\n  \
           JACKIN_EXEC_NAMES=…  (15 names, for a session inside of this one)\n  \
           JACKIN_EXEC_ACTIVE=kimi\n  \
           JACKIN_EXEC_LABEL='Claude (Kimi)'\n\
         \n\
         unset\n  \
           ANTHROPIC_API_KEY  (another credential)\n\
         \n\
         52 more names would be unset, but are not set here (--json lists them)\n",
    );
}

#[test]
fn for_programs_it_is_schema_one() {
    let plan = home().run(["-p", "kimi", "-w", "client-b", "-n", "--json", "claude", "--resume"]);
    plan.shows_no_secret();
    assert!(plan.stdout.ends_with("}\n") && plan.stdout.lines().count() == 1);
    let json = plan.json();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["command", "env", "label", "provider", "role", "schema", "workspace"]);
    assert_eq!(json["schema"], 1);
    assert_eq!(
        json["provider"],
        serde_json::json!({"id": "kimi", "label": "Kimi", "origin": "flag"})
    );
    assert_eq!(json["label"], "Claude (Kimi)");
    assert_eq!(json["workspace"], "client-b");
    assert_eq!(json["role"], serde_json::Value::Null);
    assert_eq!(json["command"], serde_json::json!(["claude", "--resume"]));
    let entry = |name: &str| {
        json["env"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap().clone()
    };
    for wanted in [
        serde_json::json!({"name": "ANTHROPIC_AUTH_TOKEN", "action": "set", "secret": true,
            "key": "KIMI_CODE_API_KEY", "kind": "op", "reference": "op://Work/kimi/key", "origin": "workspace"}),
        serde_json::json!({"name": "ANTHROPIC_BASE_URL", "action": "set", "secret": false,
            "value": "https://api.kimi.com/coding", "origin": "provider"}),
        serde_json::json!({"name": "OPERATOR_ORG", "action": "set", "secret": true, "kind": "literal", "origin": "global"}),
        serde_json::json!({"name": "PLACE", "action": "set", "secret": true, "kind": "host", "reference": "$HOST_A", "origin": "global"}),
        serde_json::json!({"name": "TOKEN", "action": "set", "secret": true, "kind": "command", "reference": "pass", "origin": "global"}),
        serde_json::json!({"name": "ANTHROPIC_API_KEY", "action": "unset", "origin": "provider"}),
    ] {
        assert_eq!(entry(wanted["name"].as_str().unwrap()), wanted);
    }
    // One entry for each name.
    let mut names: Vec<&str> = json["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn it_fetches_nothing_asks_nothing_and_needs_no_command() {
    let home = home().env("JACKIN_EXEC_PROVIDER", "kimi").env("PATH", "/nowhere");
    let said = home.run(["-n", "-w", "client-b", "kimmi"]);
    let warning = "jackin-exec: warning: kimmi: not found (did you mean jackin-exec -p kimi?)\n";
    assert_eq!((said.status, said.stderr.as_str()), (0, warning));
    assert!(said.shows_no_secret().stdout.contains("\ncommand    kimmi\n"), "{said:#?}");
    let said = home.run(["-q", "-n", "-w", "client-b", "no-such-command"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert!(!home.path("home/op").exists());
    // An open choice is an error, as where nobody can be asked.
    home.env("JACKIN_EXEC_PROVIDER", "ask").run(["-n", "-w", "client-b"]).fails(
        125,
        "jackin-exec: the question was asked for, and a dry run asks nothing; candidates: anthropic, kimi\n\
         hint: name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml\n",
    );
}

/// Who chose the provider: variables, exec.toml, arguments, the program's name, and the words.
type Chosen = (&'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const CHOSEN: &[Chosen] = &[
    ("", "", &["-p", "zai"], "zai", "flag"),
    ("zai", "", &[], "zai", "variable"),
    ("kimi", "", &["-p", "zai"], "zai", "flag"),
    ("", "default_provider = \"zai\"", &[], "zai", "default"),
    ("kimi", "default_provider = \"zai\"", &[], "kimi", "variable"),
    ("", "[workspaces.w]\ndefault_provider = \"zai\"", &["-w", "w"], "zai", "workspace"),
    ("", "[workspaces.w]\nproviders = [\"zai\"]", &["-w", "w"], "zai", "only"),
];

#[test]
fn the_origin_says_who_chose_the_provider() {
    for (variable, exec, arguments, id, origin) in CHOSEN {
        let home = sandbox()
            .workspace("w", "workdir = \"/nowhere\"\n")
            .exec(exec)
            .env("ZAI_API_KEY", "x")
            .env("KIMI_CODE_API_KEY", "x")
            .env("JACKIN_EXEC_PROVIDER", variable);
        let plan = home.run(["-n", "--json"].iter().chain(*arguments)).json();
        assert_eq!(
            (&plan["provider"]["id"], &plan["provider"]["origin"]),
            (&(*id).into(), &(*origin).into())
        );
    }
    let plan = sandbox().run(["-n", "--json"]).json();
    assert_eq!(
        (&plan["provider"]["id"], &plan["provider"]["origin"]),
        (&"anthropic".into(), &"only".into())
    );
    assert_eq!(plan["label"], "Claude");
}

#[test]
fn what_it_plans_is_what_the_command_receives() {
    let home = home().exec("").env("KEPT", "x").env("CLAUDE_CODE_USE_BEDROCK", "1");
    let arguments = ["-q", "-p", "kimi", "-w", "client-b"];
    let plan = home.run(arguments.iter().chain(&["-n", "--json"])).json();
    let outcome = home.run(arguments.iter().chain(&["env"]));
    let received: Vec<&str> =
        outcome.stdout.lines().filter_map(|line| line.split('=').next()).collect();
    for entry in plan["env"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        assert_eq!(received.contains(&name), entry["action"] == "set", "{name}");
        if let Some(value) = entry["value"].as_str() {
            assert!(outcome.stdout.contains(&format!("{name}={value}\n")), "{name}");
        }
    }
    assert!(received.contains(&"KEPT"));
}
