//! A list that allows Anthropic allows no other host, whatever leads there.

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

const LISTS: [(&str, &str); 2] = [
    ("[folders.\"[ROOT]/here\"]\nproviders = [\"anthropic\"]\n", "folder [ROOT]/here"),
    ("[workspaces.w]\nproviders = [\"anthropic\", \"kimi\"]\n", "workspace w"),
];

const OR: &str = "; or, if that host may see the code, define it in [providers.ID] of exec.toml, \
                  and name it in `providers` of";

/// A home with a list for the current directory.
fn home(list: &str, more: &str) -> Sandbox {
    sandbox()
        .folder("here")
        .rooted("home/.config/jackin/exec.toml", &format!("{list}{more}"))
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .in_folder("here")
}

/// The launch and the dry run fail, and `doctor` says the same.
fn refuses(home: &Sandbox, owner: &str, what: &str, remedy: &str) {
    let error = format!("{owner} allows Anthropic, but {what} leads Claude Code to another host");
    let table = match owner.split_once(' ') {
        Some(("folder", path)) => format!("[folders.\"{path}\"]"),
        _ => "[workspaces.w]".to_owned(),
    };
    let message = format!("jackin-exec: {error}\nhint: {remedy}{OR} {table}\n");
    for arguments in [&["-p", "anthropic", "true"][..], &["-p", "anthropic", "-n"]] {
        home.run(arguments).fails(125, &message);
    }
    let doctor = home.run(["doctor", "-p", "anthropic"]);
    assert!(doctor.status == 1 && doctor.stdout.contains(&error), "{doctor:#?}");
    doctor.shows_no_secret();
}

#[test]
fn an_inherited_route_is_no_way_out_of_a_list() {
    let url = format!("https://{SENTINEL}.example/anthropic");
    for (list, owner) in LISTS {
        for (name, value) in [
            ("ANTHROPIC_BASE_URL", &*url),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000"),
            ("ANTHROPIC_BASE_URL", "http://api.anthropic.com"),
            ("ANTHROPIC_BASE_URL", "https://api.anthropic.com@gateway.example"),
            ("ANTHROPIC_BASE_URL", "https://api.anthropic.com.gateway.example"),
            ("CLAUDE_CODE_USE_BEDROCK", "1"),
            ("CLAUDE_CODE_USE_VERTEX", "true"),
            ("ANTHROPIC_UNIX_SOCKET", "/run/x"),
            ("CLAUDE_CODE_API_BASE_URL", &*url),
        ] {
            let home = home(list, "").env(name, value).env("ANTHROPIC_AUTH_TOKEN", SENTINEL);
            refuses(&home, owner, &format!("{name} in the environment"), &format!("unset {name}"));
        }
        for (name, value) in [
            ("ANTHROPIC_BASE_URL", ""),
            ("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
            ("ANTHROPIC_BASE_URL", "https://api.anthropic.com/"),
            // What is left of a redirect to a preset is removed.
            ("ANTHROPIC_BASE_URL", "https://api.kimi.com/coding"),
            ("CLAUDE_CODE_USE_BEDROCK", ""),
            ("ANTHROPIC_BEDROCK_BASE_URL", &*url),
        ] {
            home(list, "").env(name, value).run(["-q", "-p", "anthropic", "true"]).prints("");
        }
    }
    // Without a list, and on another provider, everything is as it was.
    let free = sandbox().env("ANTHROPIC_BASE_URL", &url).env("CLAUDE_CODE_USE_BEDROCK", "1");
    free.run(["-p", "anthropic", "true"]).prints("");
    let kimi = home(LISTS[1].0, "").env("ANTHROPIC_BASE_URL", &url).env("KIMI_CODE_API_KEY", "k");
    kimi.run(["-q", "-p", "kimi", "sh", "-c", "echo $ANTHROPIC_BASE_URL"])
        .prints("https://api.kimi.com/coding\n");
}

#[test]
fn a_route_of_a_scope_is_no_way_out_of_a_list() {
    let (list, owner) = LISTS[0];
    let file = "{ file = \"/run/secrets/url\" }";
    for (name, value, leads) in [
        ("ANTHROPIC_BASE_URL", format!("\"https://{SENTINEL}.example\""), true),
        ("ANTHROPIC_BASE_URL", "\"$OURS\"".to_owned(), true),
        ("ANTHROPIC_BASE_URL", file.to_owned(), true),
        ("CLAUDE_CODE_USE_BEDROCK", "\"1\"".to_owned(), true),
        ("ANTHROPIC_BASE_URL", "\"https://api.anthropic.com\"".to_owned(), false),
        ("CLAUDE_CODE_USE_BEDROCK", "\"\"".to_owned(), false),
    ] {
        // What a scope sets takes the place of what was inherited.
        let home = home(list, &format!("[env]\n{name} = {value}\n"))
            .env("OURS", format!("https://{SENTINEL}.example"))
            .env(name, if leads { "" } else { "https://gateway.example" });
        if leads {
            refuses(&home, owner, &format!("{name} of the global scope"), "remove it there");
        } else {
            home.run(["-q", "-p", "anthropic", "true"]).prints("");
        }
    }
}

#[test]
fn settings_of_the_client_are_no_way_out_of_a_list() {
    let (list, owner) = LISTS[0];
    let settings = |name: &str, value: &str| {
        format!(
            "{{\n\"env\": {{\n\"{name}\": {value}, \"ANTHROPIC_AUTH_TOKEN\": \"{SENTINEL}\"}}}}"
        )
    };
    let url = format!("\"https://{SENTINEL}.example\"");
    for (file, name, written, value) in [
        ("home/.claude/settings.json", "ANTHROPIC_BASE_URL", "ANTHROPIC_BASE_URL", &*url),
        ("here/.claude/settings.json", "ANTHROPIC_BASE_URL", "ANTHROPIC_BASE_URL", &url),
        (
            "here/.claude/settings.local.json",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_BASE\\u005fURL",
            &url,
        ),
        ("here/.claude/settings.json", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_BEDROCK", "1"),
        ("own/settings.json", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_VERTEX", "\"1\""),
    ] {
        let mut home = home(list, "").file(file, settings(written, value));
        if file.starts_with("own/") {
            let own = home.path("own");
            home = home.env("CLAUDE_CONFIG_DIR", own);
        }
        refuses(&home, owner, &format!("[ROOT]/{file}:3: env.{name}"), "remove it there");
    }
    // A scope says where the client's settings are.
    let named = home(list, "[env]\nCLAUDE_CONFIG_DIR = \"[ROOT]/own\"\n")
        .file("own/settings.json", settings("ANTHROPIC_BASE_URL", &url));
    let place = "[ROOT]/own/settings.json:3: env.ANTHROPIC_BASE_URL";
    refuses(&named, owner, place, "remove it there");
    for text in [
        settings("ANTHROPIC_BASE_URL", "\"https://api.anthropic.com\""),
        settings("ANTHROPIC_BASE_URL", "\"\""),
        settings("OTHER", &url),
        "{ANTHROPIC_BASE_URL".to_owned(),
    ] {
        let home = home(list, "").file("here/.claude/settings.json", text);
        home.run(["-q", "-p", "anthropic", "true"]).prints("");
    }
    let folder = home(list, "").folder("here/.claude/settings.json");
    folder.run(["-p", "anthropic", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/here/.claude/settings.json: a list of providers applies, and jackin-exec \
         cannot read where this file leads Claude Code\n\
         hint: make it a regular file of valid JSON, or remove it\n",
    );
}

#[test]
fn an_exported_provider_of_exec_toml_is_removed_for_anthropic() {
    let table = "[providers.office]\nbase_url = \"https://llm.office.example/kimi\"\n\
                 key_env = \"OFFICE_KEY\"\nmodel = \"m\"\n";
    for (url, kept) in [
        ("https://LLM.office.example/kimi/", false),
        // The same host may be the user's gateway to Anthropic.
        ("https://llm.office.example/anthropic", true),
    ] {
        let home =
            sandbox().exec(table).env("ANTHROPIC_BASE_URL", url).env("ANTHROPIC_AUTH_TOKEN", "t");
        let script = "echo $ANTHROPIC_BASE_URL $ANTHROPIC_AUTH_TOKEN";
        let shown = home.run(["-q", "-p", "anthropic", "sh", "-c", script]);
        shown.prints(&if kept { format!("{url} t\n") } else { "\n".to_owned() });
    }
}
