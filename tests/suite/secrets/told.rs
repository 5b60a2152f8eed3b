//! What a person is told about the origin of a value.

use crate::secrets::KEY;
use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn debug_says_where_each_value_comes_from_and_never_which() {
    let home = sandbox()
        .op()
        .rooted(
            "home/.config/jackin/config.toml",
            "[env]\nA = \"[SECRET]\"\nB = \"$HOST_B\"\nC = \"\"\n[roles.rev.env]\nD = \"op://v/i/f\"\nKIMI_CODE_API_KEY = \"sk-kimi-[SECRET]\"\n",
        )
        .workspace("w", "[roles.rev.env]\nE = \"x\"\n")
        .rooted("home/.config/jackin/exec.toml", "[env]\nF = { file = \"[ROOT]/value\" }\nG = { command = [\"echo\", \"[SECRET]\"] }\n")
        .file("value", SENTINEL)
        .env("HOST_B", SENTINEL);
    home.run(["-p", "kimi", "-w", "w", "-r", "rev", "--debug", "true"]).is(
        0,
        "",
        "jackin-exec: debug: provider: Kimi (kimi), from --provider\n\
         jackin-exec: debug: label: Claude (Kimi)\n\
         jackin-exec: debug: workspace: w\n\
         jackin-exec: debug: role: rev\n\
         jackin-exec: debug: command: true\n\
         jackin-exec: debug: KIMI_CODE_API_KEY: literal, role \"rev\" [env]\n\
         jackin-exec: debug: A: literal, global [env]\n\
         jackin-exec: debug: B: host $HOST_B, global [env]\n\
         jackin-exec: debug: C: literal, global [env]\n\
         jackin-exec: debug: D: op op://v/i/f, role \"rev\" [env]\n\
         jackin-exec: debug: E: literal, workspace \"w\" → role \"rev\" [env]\n\
         jackin-exec: debug: F: file [ROOT]/value, global [env]\n\
         jackin-exec: debug: G: command echo, global [env]\n",
    );
}

#[test]
fn debug_names_the_environment_and_what_was_chosen_by_itself() {
    let home = sandbox()
        .exec("default_provider = \"kimi\"\ncommand = [\"echo\", \"a b\"]\n")
        .env("KIMI_CODE_API_KEY", KEY);
    home.run(["--debug"]).is(
        0,
        "a b\n",
        "jackin-exec: debug: provider: Kimi (kimi), default_provider in exec.toml\n\
         jackin-exec: debug: label: Claude (Kimi)\n\
         jackin-exec: debug: workspace: none\n\
         jackin-exec: debug: role: none\n\
         jackin-exec: debug: command: echo 'a b'\n\
         jackin-exec: debug: KIMI_CODE_API_KEY: the environment\n",
    );
}

/// jackin complains only of a reference that it uses.
#[test]
fn an_odd_reference_fails_only_where_it_is_used_and_doctor_finds_it_earlier() {
    for odd in
        ["op://[SECRET]", "op://v/i", "op://v//f", "op://v/-i/f", "op://v/i/s/f/x", "op://v/i/f\\n"]
    {
        let config = format!(
            "[env]\nL = {{ op = \"{odd}\", path = \"p\", on_demand = true }}\n[roles.r.env]\nA = \"{odd}\"\n"
        );
        let home = sandbox()
            .rooted("home/.config/jackin/config.toml", &config)
            .env("KIMI_CODE_API_KEY", KEY)
            .op();
        home.run(["-p", "kimi", "true"]).is(0, "", "");
        home.run(["-p", "kimi", "-r", "r", "true"]).fails(
            125,
            "jackin-exec: A of role \"r\" [env]: it begins with op://, but is not op://VAULT/ITEM/[SECTION/]FIELD\n",
        );
        assert!(home.op_calls("argv").is_empty(), "{odd}");
        let doctor = home.run(["doctor"]);
        for name in ["A", "L"] {
            let finding = format!("{name}: begins with op://, and is no reference");
            assert!(doctor.stdout.contains(&finding), "{odd}: {}", doctor.stdout);
        }
        assert!(!doctor.stdout.contains(SENTINEL));
    }
}

/// jackin's picker stores ids, and beside them what a person chose.
#[test]
fn a_reference_is_shown_by_the_names_that_stand_beside_its_ids() {
    let home = sandbox()
        .config("[env]\nKIMI_CODE_API_KEY = { op = \"op://abc/def/ghi\", path = \"Work/Kimi/credential\" }\n")
        .script("bin/op", "echo no >&2; exit 1")
        .path_first("bin");
    let shown = home.run(["-p", "kimi", "-n"]).stdout.clone();
    assert!(shown.contains("(KIMI_CODE_API_KEY op Work/Kimi/credential, global)"), "{shown}");
    let json = home.run(["-p", "kimi", "-n", "--json"]).json();
    assert_eq!(json["env"][0]["reference"], "Work/Kimi/credential");
    let auth = home.run(["auth"]).stdout;
    assert!(auth.contains("op Work/Kimi/credential"), "{auth}");
    let doctor = home.run(["doctor"]).stdout;
    assert!(doctor.contains("Work/Kimi/credential"), "{doctor}");
    home.run(["-p", "kimi", "true"]).fails(
        125,
        "jackin-exec: KIMI_CODE_API_KEY of global [env] (Work/Kimi/credential): op ended with 1: no\n",
    );
    for text in [shown, auth, doctor] {
        assert!(!text.contains("op://abc"), "{text}");
    }
}

#[test]
fn what_is_left_to_jackins_container_is_named() {
    let home = sandbox()
        .config("[env]\nLATER = { value = \"SENTINEL\", on_demand = true }\n[roles.r.env]\nTOO = { value = \"x\", on_demand = true }\n");
    let shown = home.run(["-p", "anthropic", "-r", "r", "-n"]).stdout;
    let expected =
        "\non_demand, not set unless --on-demand asks for them\n  LATER  (global)\n  TOO  (role)\n";
    assert!(shown.contains(expected), "{shown}");
    let json = home.run(["-p", "anthropic", "-r", "r", "-n", "--json"]).json();
    assert_eq!(
        json["on_demand"],
        serde_json::json!([{"name": "LATER", "origin": "global"}, {"name": "TOO", "origin": "role"}])
    );
    let none = sandbox().run(["-p", "anthropic", "-n", "--json"]).json();
    assert!(none.get("on_demand").is_none());
    let doctor = home.run(["doctor", "-r", "r"]).stdout;
    assert!(
        doctor.contains("on_demand, not set unless --on-demand asks for them: LATER and TOO"),
        "{doctor}"
    );
    for text in [shown, doctor] {
        assert!(!text.contains(SENTINEL), "{text}");
    }
}
