//! A provider's own header, and the secret at its end: `header` and `header_key` of exec.toml.

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;

/// A gateway whose header has this secret.
fn gateway(lines: &str) -> Sandbox {
    let text = format!(
        "[providers.gateway]\nbase_url = \"https://gateway.example/anthropic\"\nkey_env = \"GATEWAY_KEY\"\n\
         model = \"m\"\n{lines}"
    );
    sandbox()
        .rooted("home/.config/jackin/exec.toml", &text)
        .file("home/token", format!("{SENTINEL}\n"))
        .env("GATEWAY_KEY", "the-key")
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n")
}

const FILE: &str =
    "header = \"cf-aig-authorization: Bearer\"\nheader_key = { file = \"~/token\" }\n";

/// The headers that a command gets.
const SHOW: [&str; 4] = ["sh", "-c", "printf %s \"$ANTHROPIC_CUSTOM_HEADERS\"", "sh"];

/// What the command has of the headers, for a home and arguments.
#[track_caller]
fn headers(home: &Sandbox, arguments: &[&str]) -> String {
    let outcome = home.run([&["-q"], arguments, &SHOW].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:#?}");
    outcome.stdout
}

#[test]
fn the_secret_follows_the_headers_text_whatever_form_of_value_it_has() {
    let of = |lines: &str| headers(&gateway(lines), &["-p", "gateway"]);
    let bearer = format!("cf-aig-authorization: Bearer {SENTINEL}");
    assert_eq!(of(FILE), bearer);
    let command = "header = \"cf-aig-authorization: Bearer\"\nheader_key = { command = [\"cat\", \"[ROOT]/home/token\"] }\n";
    assert_eq!(of(command), bearer);
    // Without a scheme, and beside the key.
    let both = format!("auth = \"x-api-key\"\n{FILE}").replace("authorization: Bearer", "token:");
    assert_eq!(of(&both), format!("x-api-key: the-key\ncf-aig-token: {SENTINEL}"));
    assert_eq!(of("header = \"x-team: blue\"\n"), "x-team: blue");
    let fixed = "auth = \"x-api-key\"\nheader = \"x-team: blue\"\n";
    assert_eq!(of(fixed), "x-api-key: the-key\nx-team: blue");
    let reference = "header = \"x-gateway:\"\nheader_key = \"op://v/i/f\"\n";
    let op = gateway(reference).op();
    assert_eq!(headers(&op, &["-p", "gateway"]), "x-gateway: from op://v/i/f");
    let variable = "header = \"x-gateway: Token\"\nheader_key = \"$GATEWAY_TOKEN\"\n";
    let variable = gateway(variable).env("GATEWAY_TOKEN", "t");
    assert_eq!(headers(&variable, &["-p", "gateway"]), "x-gateway: Token t");
}

#[test]
fn a_header_of_exec_toml_takes_the_place_of_a_presets() {
    let home = gateway("[providers.opencode-go]\nheader = \"x-team: blue\"\n");
    let home = home.env("OPENCODE_API_KEY", "k");
    assert_eq!(headers(&home, &["-p", "opencode-go"]), "x-team: blue");
}

#[test]
fn what_is_shown_of_a_header_is_its_text_and_where_the_secret_is() {
    let home = gateway(&format!("auth = \"x-api-key\"\n{FILE}"));
    let plan = home.run(["-p", "gateway", "--dry-run"]);
    let line = "  ANTHROPIC_CUSTOM_HEADERS=•••  (GATEWAY_KEY inherited $GATEWAY_KEY, environment; header_key file ~/token, provider)\n";
    assert!(plan.shows_no_secret().stdout.contains(line), "{plan:#?}");
    let plan = home.run(["-p", "gateway", "--dry-run", "--json"]);
    let json = plan.shows_no_secret().json();
    let mut shown = json["env"].as_array().unwrap().iter();
    let shown = shown.find(|one| one["name"] == "ANTHROPIC_CUSTOM_HEADERS").unwrap();
    let wanted = serde_json::json!({
        "name": "ANTHROPIC_CUSTOM_HEADERS", "action": "set", "secret": true, "key": "GATEWAY_KEY",
        "kind": "inherited", "reference": "$GATEWAY_KEY", "origin": "environment",
        "also": { "key": "header_key", "kind": "file", "reference": "~/token", "origin": "provider" }
    });
    assert_eq!(*shown, wanted);
    let one = home.run(["providers", "gateway"]);
    let line = "header    cf-aig-authorization: Bearer •••\n";
    assert!(one.shows_no_secret().stdout.contains(line), "{one:#?}");
    let json = home.run(["providers", "gateway", "--json"]).json();
    assert_eq!(json["header"], "cf-aig-authorization: Bearer");
    assert_eq!(json["header_key"], "file");
    let doctor = home.run(["doctor"]);
    let line = "gateway: header_key from provider (file ~/token)\n";
    assert!(doctor.shows_no_secret().stdout.contains(line), "{doctor:#?}");
}

#[test]
fn the_secret_of_a_header_goes_to_its_provider_and_to_nobody_else() {
    let text = "header = \"x-gateway:\"\nheader_key = \"$GATEWAY_TOKEN\"\n";
    let home = gateway(text).env("GATEWAY_TOKEN", SENTINEL).env("COPY", SENTINEL);
    for provider in ["gateway", "kimi", "anthropic"] {
        let ran = home.run(["-q", "-p", provider, "env"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        let found: Vec<&str> = ran.stdout.lines().filter(|line| line.contains(SENTINEL)).collect();
        let copy = format!("COPY={SENTINEL}");
        let header = format!("ANTHROPIC_CUSTOM_HEADERS=x-gateway: {SENTINEL}");
        let wanted = if provider == "gateway" { vec![&*header] } else { vec![&*copy] };
        assert_eq!(found, wanted, "{provider}");
    }
    // Inside of its session, another provider's has nothing of it.
    let inner = format!("exec {} -q -p kimi env", crate::support::PROGRAM);
    let ran = home.run(["-q", "-p", "gateway", "sh", "-c", &inner]);
    assert!(ran.status == 0 && ran.stdout.contains("ANTHROPIC_BASE_URL=https://api.kimi.com"));
    assert!(!ran.stdout.contains(SENTINEL) && !ran.stdout.contains("HEADERS"), "{ran:#?}");
    let passed = home.run(["-q", "--pass-keys", "-p", "kimi", "env"]).stdout;
    assert!(passed.contains("GATEWAY_TOKEN="), "{passed}");
}

#[test]
fn a_helper_does_not_get_the_secret_of_a_header() {
    let text =
        "header = \"x-gateway:\"\nheader_key = \"$GATEWAY_TOKEN\"\n[env]\nA = \"op://v/i/f\"\n";
    let home = gateway(text).env("GATEWAY_TOKEN", SENTINEL).op();
    home.run(["-q", "-p", "kimi", "true"]).prints("");
    let [environment] = &home.op_calls("env")[..] else { panic!("op was not called once") };
    assert!(!environment.contains("GATEWAY_TOKEN"), "{environment}");
    // A table that cannot be used keeps it secret, too.
    let home = gateway(&format!("timeout_ms = 1\n{text}")).env("GATEWAY_TOKEN", SENTINEL).op();
    let ran = home.run(["-q", "-p", "kimi", "env"]);
    assert!(ran.status == 0 && !ran.stdout.contains("GATEWAY_TOKEN"), "{ran:#?}");
    assert!(!home.op_calls("env").concat().contains("GATEWAY_TOKEN"));
}

#[test]
fn a_secret_that_cannot_end_a_header_stops_the_launch() {
    for (content, reason) in [
        (
            format!("{SENTINEL}\nx-evil: 1"),
            "the key contains a line break or another control character",
        ),
        (format!("{SENTINEL}\r"), "the key contains a line break or another control character"),
        (
            format!("{SENTINEL}\u{e4}"),
            "the key contains a character that is not ASCII; it may be invisible",
        ),
        (String::new(), "the key is empty"),
        ("op://v/i/f".to_owned(), "the value is an op:// reference, not a key"),
    ] {
        let home = gateway(FILE).file("home/token", content);
        let ran = home.run(["-p", "gateway", "true"]);
        let line = format!(
            "jackin-exec: header_key of the provider's table in exec.toml (~/token): {reason}\n"
        );
        ran.fails(125, &line);
        let doctor = home.run(["doctor"]);
        assert!(doctor.shows_no_secret().stdout.contains(reason), "{doctor:#?}");
        home.run(["-p", "kimi", "true"]).prints("");
    }
    let unset = "header = \"x-gateway:\"\nheader_key = \"$GATEWAY_TOKEN\"\n";
    gateway(unset).run(["-p", "gateway", "true"]).fails(
        125,
        "jackin-exec: header_key of the provider's table in exec.toml ($GATEWAY_TOKEN): the variable is not set\n",
    );
}

/// Lines of a table, and the words for what is wrong with them.
const REFUSED: &[(&str, &str)] = &[
    ("header = \"[SECRET]\"\n", "5:10: expected one header as \"name: text\""),
    ("header = \"x y: z\"\n", "5:10: expected one header as \"name: text\""),
    ("header = \"x-a: b\\r\\nx-b: c\"\n", "5:10: expected one header as \"name: text\""),
    ("header = \"x-a:b\"\n", "5:10: expected one header as \"name: text\""),
    ("header = 1\n", "5:10: expected a string"),
    (
        "header = \"x-a:\"\n",
        "5:10: expected one header as \"name: text\"; without a text only beside header_key",
    ),
    (
        "header = \"cf-aig-authorization: Bearer abc\"\n",
        "5:10: expected a header without a secret, which goes into header_key",
    ),
    (
        "header = \"x-gateway: sk-[SECRET]\"\n",
        "5:10: expected a header without a secret, which goes into header_key",
    ),
    (
        "header = \"Authorization: Bearer\"\nheader_key = \"$T\"\n",
        "5:10: expected another header: key_env and auth say what this one carries",
    ),
    (
        "header = \"X-Api-Key:\"\nheader_key = \"$T\"\n",
        "5:10: expected another header: key_env and auth say what this one carries",
    ),
    (
        "header_key = \"$T\"\n",
        "5:14: expected header = \"name: …\" in this table, at whose end the secret is sent",
    ),
    ("header = \"x-a:\"\nheader_key = \"[SECRET]\"\n", REFERENCE),
    ("header = \"x-a:\"\nheader_key = { value = \"[SECRET]\" }\n", REFERENCE),
    ("header = \"x-a:\"\nheader_key = \"\"\n", REFERENCE),
    (
        "header = \"x-a:\"\nheader_key = \"$PATH\"\n",
        "6:14: expected another name: the host or Claude Code itself needs this one",
    ),
];

const REFERENCE: &str = "6:14: expected a reference to the secret: \"$NAME\", \"op://…\", { file = … } or { command = … }";

#[test]
fn a_header_that_cannot_be_sent_is_placed_and_not_quoted() {
    for (lines, words) in REFUSED {
        let ran = gateway(lines).run(["-p", "gateway", "true"]);
        let place = "[ROOT]/home/.config/jackin/exec.toml";
        ran.fails(125, &format!("jackin-exec: {place}:{words}\n"));
    }
}

#[test]
fn the_secret_of_a_header_does_not_travel_in_clear() {
    let table = |lines: &str| {
        let text = format!(
            "[providers.gateway]\nbase_url = \"http://gateway.example\"\nkey = false\nmodel = \"m\"\n{lines}"
        );
        sandbox().exec(&text).file("home/token", SENTINEL)
    };
    let ran = table(FILE).run(["-p", "gateway", "true"]);
    let words = "2:12: expected https://, because the key would be sent unencrypted; or key = false, or insecure = true";
    ran.fails(125, &format!("jackin-exec: [ROOT]/home/.config/jackin/exec.toml:{words}\n"));
    assert_eq!(headers(&table("header = \"x-team: blue\"\n"), &["-p", "gateway"]), "x-team: blue");
    let allowed = table(&format!("insecure = true\n{FILE}"));
    assert!(headers(&allowed, &["-p", "gateway"]).ends_with(SENTINEL));
}

#[test]
fn root_does_not_read_a_headers_secret_because_another_user_says_so() {
    if !is_root() {
        return;
    }
    let text = format!("[providers.kimi]\n{FILE}");
    let home = gateway("")
        .env("KIMI_CODE_API_KEY", "sk-kimi-x")
        .file("their/exec.toml", text)
        .owner("their", 12345)
        .owner("their/exec.toml", 12345);
    let dir = home.path("their");
    let dir = dir.to_str().unwrap();
    home.run(["--config-dir", dir, "-p", "kimi", "true"]).fails(
        125,
        "jackin-exec: as root, another user's files may not choose which secret is read or where a key is \
         sent: header_key of [providers.kimi]\n\
         hint: run jackin-exec as that user, or add --allow-foreign-env if you trust the files\n",
    );
}
