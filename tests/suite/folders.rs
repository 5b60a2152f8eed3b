//! `[folders."PATH"]` of exec.toml: where it applies, what it beats, and that its lists are never
//! lost.

use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A home with an exec.toml, in which three providers have a key.
fn home(exec: &str) -> Sandbox {
    sandbox()
        .rooted("home/.config/jackin/exec.toml", exec)
        .env("KIMI_CODE_API_KEY", "sk-kimi-k")
        .env("ZAI_API_KEY", "k")
        .env("MINIMAX_API_KEY", "k")
        .folder("home/client-b/src")
        .folder("home/other")
        .link("link", "home/client-b")
}

/// The provider that a launch would take, and why: `ID ORIGIN`.
fn chosen(home: &Sandbox, arguments: &[&str]) -> String {
    let outcome = home.run(["-n", "--json"].iter().chain(arguments));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    let plan = outcome.json();
    let text = |key: &str| plan["provider"][key].as_str().unwrap_or_default().to_owned();
    format!("{} {}", text("id"), text("origin"))
}

const DEFAULTS: &str = "default_provider = \"minimax\"\n\
    [folders.\"~/client-b\"]\ndefault_provider = \"kimi\"\n\
    [workspaces.w]\ndefault_provider = \"zai\"\n";

#[test]
fn a_folder_has_a_default_provider_in_it_and_below_it() {
    for (folder, wanted) in [
        ("home/client-b", "kimi folder"),
        ("home/client-b/src", "kimi folder"),
        ("home/client-bb", "minimax default"),
        ("home/other", "minimax default"),
        ("home", "minimax default"),
        // Entered by a link.
        ("link", "kimi folder"),
        ("link/src", "kimi folder"),
    ] {
        assert_eq!(chosen(&home(DEFAULTS).in_folder(folder), &[]), wanted, "{folder}");
    }
}

#[test]
fn a_workspace_and_what_is_named_beat_a_folder() {
    let home = home(DEFAULTS).workspace("w", "").workspace("plain", "").in_folder("home/client-b");
    for (arguments, wanted) in [
        (["-w", "w"].as_slice(), "zai workspace"),
        // A workspace without a default of its own leaves the folder's.
        (&["-w", "plain"], "kimi folder"),
        (&["-p", "anthropic"], "anthropic flag"),
        (&["-w", "w", "-p", "anthropic"], "anthropic flag"),
        // The current directory counts for nothing but lists.
        (&["--no-workspace"], "minimax default"),
    ] {
        assert_eq!(chosen(&home, arguments), wanted, "{arguments:?}");
    }
    let named = home.env("JACKIN_EXEC_PROVIDER", "anthropic");
    assert_eq!(chosen(&named, &[]), "anthropic variable");
}

#[test]
fn of_nested_folders_the_deepest_applies_alone() {
    let exec = "[env]\nA = \"global\"\nB = \"global\"\n\
        [folders.\"~\"]\ndefault_provider = \"zai\"\n\
        [folders.\"~/client-b\"]\ndefault_provider = \"kimi\"\nenv = { A = \"client-b\", B = \"client-b\" }\n\
        [folders.\"[ROOT]/home/client-b/src\"]\nenv = { A = \"src\" }\n";
    for (folder, provider, a, b) in [
        ("home", "zai folder", "global", "global"),
        ("home/client-b", "kimi folder", "client-b", "client-b"),
        ("home/client-b/src", "minimax flag", "src", "global"),
    ] {
        let home = home(exec).in_folder(folder);
        if provider != "minimax flag" {
            assert_eq!(chosen(&home, &[]), provider, "{folder}");
        }
        let outcome = home.run(["-p", "minimax", "sh", "-c", "echo $A $B"]);
        outcome.prints(&format!("{a} {b}\n"));
    }
}

#[test]
fn a_folders_variables_lie_between_the_roles_and_the_workspaces() {
    let exec = "[env]\nA = \"global\"\n[roles.r.env]\nA = \"role\"\n\
        [folders.\"~/client-b\".env]\nA = \"folder\"\n\
        [workspaces.w.env]\nA = \"workspace\"\n[workspaces.w.roles.r.env]\nA = \"both\"\n";
    let home = home(exec).workspace("w", "").in_folder("home/client-b");
    for (arguments, wanted, origin) in [
        ([].as_slice(), "folder", "folder"),
        (&["-r", "r"], "folder", "folder"),
        (&["-w", "w"], "workspace", "workspace"),
        (&["-w", "w", "-r", "r"], "both", "workspace-role"),
        (&["--no-workspace"], "global", "global"),
        (&["--no-workspace", "-r", "r"], "role", "role"),
    ] {
        let with = |more: &[&'static str]| {
            home.run(["-p", "anthropic"].iter().chain(arguments).chain(more))
        };
        with(&["sh", "-c", "echo $A"]).prints(&format!("{wanted}\n"));
        let plan = with(&["-n", "--json"]).json();
        let entries = plan["env"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["name"] == "A").unwrap();
        assert_eq!(entry["origin"], origin, "{arguments:?}");
        let folder = if arguments.contains(&"--no-workspace") { None } else { Some("~/client-b") };
        assert_eq!(plan["folder"].as_str(), folder, "{arguments:?}");
    }
}

#[test]
fn a_folder_gives_a_key_and_every_report_says_which_folder() {
    let exec = format!(
        "[folders.\"~/client-b\".env]\n\
         KIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\nZAI_API_KEY = {{ file = \"/run/secrets/zai\" }}\n"
    );
    let home = home(&exec).in_folder("home/client-b");
    let outcome = home.run(["-p", "kimi", "sh", "-c", "echo ${#ANTHROPIC_AUTH_TOKEN}"]);
    outcome.prints(&format!("{}\n", "sk-kimi-".len() + SENTINEL.len()));
    let says = |arguments: &[&str], wanted: &[&str]| {
        let outcome = home.run(arguments);
        outcome.shows_no_secret();
        for line in wanted {
            assert!(outcome.stdout.contains(line), "{line} in {outcome:#?}");
        }
    };
    says(
        &["-p", "kimi", "-n"],
        &["\nfolder     ~/client-b\n", "=•••  (KIMI_CODE_API_KEY literal, folder)\n"],
    );
    says(&["providers"], &["kimi       Kimi       ready, key from folder ~/client-b\n"]);
    says(&["providers", "kimi"], &["state        ready, key from folder ~/client-b\n"]);
    says(
        &["auth"],
        &[
            "in folder \"~/client-b\":\n",
            "API key (folder, exec.toml): literal\n",
            "API key (folder, exec.toml): file /run/secrets/zai\n",
        ],
    );
    says(
        &["doctor"],
        &[
            "no workspace here, folder ~/client-b\n",
            "KIMI_CODE_API_KEY from folder ~/client-b (written in the file)\n",
        ],
    );
    let debug = home.run(["-p", "kimi", "--debug", "true"]);
    let line = "jackin-exec: debug: KIMI_CODE_API_KEY: literal, folder \"~/client-b\" [env]\n";
    assert!(debug.stderr.contains("debug: folder: ~/client-b\n"), "{}", debug.stderr);
    assert!(debug.stderr.ends_with(line), "{}", debug.stderr);
    // Elsewhere nothing is said of it.
    let elsewhere = home.in_folder("home/other").run(["-p", "kimi", "-n"]);
    assert!(!elsewhere.stdout.contains("folder"), "{elsewhere:#?}");
}

#[test]
fn the_list_of_a_folder_binds_in_it_whatever_is_named() {
    let exec = "[folders.\"~/client-b\"]\nproviders = [\"zai\"]\n\
        [folders.\"~/client-b/src\"]\ndefault_provider = \"zai\"\n";
    let refusal = "jackin-exec: folder ~/client-b does not allow provider kimi; it allows zai\n\
        hint: the list is `providers` of [folders.\"~/client-b\"] in exec.toml\n";
    for folder in ["home/client-b", "home/client-b/src", "link/src"] {
        let home = home(exec).workspace("w", "workdir = \"/nowhere\"\n").in_folder(folder);
        for arguments in [
            ["-p", "kimi"].as_slice(),
            &["-p", "kimi", "--no-workspace"],
            &["-p", "kimi", "-w", "w"],
            &["-p", "kimi", "-n"],
        ] {
            home.run(arguments).fails(125, refusal);
        }
        let by_name = home.linked_as("bin/claude-kimi").run(["--version"]);
        by_name.fails(125, refusal);
    }
    let elsewhere = home(exec).in_folder("home/other");
    elsewhere.run(["-p", "kimi", "true"]).prints("");
}

#[test]
fn the_lists_of_folders_and_workspaces_bind_together() {
    let exec = "[folders.\"~/client-b\"]\nproviders = [\"zai\", \"kimi\"]\n\
        [workspaces.w]\nproviders = [\"kimi\", \"minimax\"]\n\
        [workspaces.v]\nproviders = [\"minimax\"]\n";
    let home = home(exec)
        .workspace("w", "workdir = \"~/other\"\n")
        .workspace("v", "workdir = \"~/other\"\n")
        .in_folder("home/client-b");
    assert_eq!(chosen(&home, &["-w", "w"]), "kimi only");
    home.run(["-w", "w", "-p", "zai"]).fails(
        125,
        "jackin-exec: workspace w does not allow provider zai; it allows kimi and minimax\n\
         hint: the list is `providers` of [workspaces.w] in exec.toml\n",
    );
    home.run(["-w", "w", "-p", "minimax"]).fails(
        125,
        "jackin-exec: folder ~/client-b does not allow provider minimax; it allows zai and kimi\n\
         hint: the list is `providers` of [folders.\"~/client-b\"] in exec.toml\n",
    );
    home.run(["-w", "v"]).fails(
        125,
        "jackin-exec: workspace v and folder ~/client-b together allow no provider\n\
         hint: change the list in exec.toml\n",
    );
}

#[test]
fn of_nested_lists_the_innermost_applies_and_of_paths_to_one_folder_all_do() {
    let nested = "[folders.\"~\"]\nproviders = [\"minimax\"]\n\
        [folders.\"~/client-b\"]\nproviders = [\"zai\", \"kimi\"]\n";
    assert_eq!(chosen(&home(nested).in_folder("home/other"), &[]), "minimax only");
    let inner = home(nested).in_folder("home/client-b");
    assert_eq!(chosen(&inner, &["-p", "kimi"]), "kimi flag");
    let twice = "[folders.\"~/client-b\"]\nproviders = [\"zai\", \"kimi\"]\n\
        [folders.\"[ROOT]/link\"]\nproviders = [\"kimi\", \"minimax\"]\n";
    assert_eq!(chosen(&home(twice).in_folder("home/client-b"), &[]), "kimi only");
}

#[test]
fn a_list_whose_folder_is_not_there_stops_every_launch() {
    for (claim, path) in [
        ("missing", "~/client-c"),
        ("a file", "~/file"),
        ("a broken link", "[ROOT]/broken"),
        ("no home", "~/client-b"),
    ] {
        let exec = format!(
            "[env]\nA = \"{SENTINEL}\"\n[folders.\"{path}\"]\nproviders = [\"zai\"]\n\
             env = {{ B = \"{SENTINEL}\" }}\n"
        );
        let mut home =
            home(&exec).file("home/file", "").link("broken", "/nowhere").in_folder("home/other");
        let config = home.config_dir().to_string_lossy().into_owned();
        if claim == "no home" {
            home = home.env("HOME", "/nowhere").env("JACKIN_CONFIG_DIR", config);
        }
        let wanted = format!(
            "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:3:10: there is no folder {path}, and \
             it has a list of providers: jackin-exec cannot tell where the list applies\n\
             hint: create the folder, correct its path, or remove the list\n"
        );
        for arguments in [["true"].as_slice(), &["-p", "kimi", "--no-workspace", "true"]] {
            home.run(arguments).fails(125, &wanted);
        }
        let doctor = home.run(["doctor"]);
        assert_eq!(doctor.status, 1, "{claim}: {doctor:#?}");
        assert!(doctor.stdout.contains("there is no folder"), "{claim}: {doctor:#?}");
        doctor.shows_no_secret();
    }
}

#[test]
fn a_folder_without_a_list_need_not_be_there_and_doctor_says_that_it_is_not() {
    let exec = format!(
        "[folders.\"~/client-c\"]\ndefault_provider = \"kimmi\"\nenv = {{ A = \"{SENTINEL}\" }}\n"
    );
    let home = home(&exec).in_folder("home/other");
    home.run(["-p", "kimi", "true"]).prints("");
    let doctor = home.run(["doctor", "--json"]);
    let findings = doctor.shows_no_secret().json();
    let says = |status: &str, wanted: &str| {
        let all = findings.as_array().unwrap();
        let found = all.iter().any(|one| one["status"] == status && one["message"] == wanted);
        assert!(found, "{wanted} in {findings:#}");
    };
    let file = home.config_dir().join("exec.toml");
    let place = format!("{}:1:10: there is no folder ~/client-c", file.display());
    says("warn", &place.replace(&*home.path("").to_string_lossy(), "[ROOT]/"));
    says("fail", "exec.toml: [folders.\"~/client-c\"]: no provider named kimmi");
}

#[test]
fn a_folder_that_is_gone_is_an_error_only_where_a_list_may_apply() {
    for (exec, status) in [
        ("[folders.\"~/client-b\"]\ndefault_provider = \"kimi\"\n", 0),
        ("[folders.\"~/client-b\"]\nproviders = [\"kimi\"]\n", 125),
    ] {
        let home = home(exec).folder("gone");
        let mut command = std::process::Command::new("sh");
        let script = "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"";
        command.args(["-c", script, "sh"]).arg(home.path("gone"));
        command.arg(crate::support::PROGRAM).args(["-p", "anthropic", "true"]);
        command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
        assert_eq!(command.status().unwrap().code(), Some(status), "{exec}");
    }
}

#[test]
fn what_is_wrong_in_a_folders_table_is_said_with_its_place_and_without_its_text() {
    let relative = "expected an absolute path, or one that begins with ~/";
    for (exec, place, says) in [
        ("[folders.\"SECRET\"]\n", "1:10", relative),
        ("[folders.\"./SECRET\"]\n", "1:10", relative),
        ("[folders.\"~SECRET/x\"]\n", "1:10", relative),
        ("[folders.\"$HOME/SECRET\"]\n", "1:10", relative),
        ("[folders.\"\"]\n", "1:10", relative),
        ("[folders.\"/SECRET\\u0000\"]\n", "1:10", relative),
        ("[folders]\n\"/x\" = \"SECRET\"\n", "2:8", "expected a table"),
        ("[folders.\"/SECRET\"]\ndefault_provider = [\"SECRET\"]\n", "2:20", "expected a string"),
        ("[folders.\"/SECRET\"]\nproviders = \"SECRET\"\n", "2:13", "expected an array of strings"),
        (
            "[folders.\"/SECRET\"]\ncommand = \"SECRET\"\n",
            "2:1",
            "unknown key; known are default_provider, providers, env",
        ),
        ("[folders.\"/SECRET\".env]\n\"A=SECRET\" = \"x\"\n", "2:1", ""),
    ] {
        let exec = exec.replace("SECRET", SENTINEL);
        let home = sandbox().exec(&exec);
        let outcome = home.run(["-p", "anthropic", "true"]);
        outcome.shows_no_secret();
        assert_eq!((outcome.status, outcome.stdout.as_str()), (125, ""), "{exec}");
        let wanted = format!("jackin-exec: [ROOT]/home/.config/jackin/exec.toml:{place}: {says}");
        assert!(outcome.stderr.starts_with(&wanted), "{wanted} in {}", outcome.stderr);
    }
}

#[test]
fn a_default_of_a_folder_that_cannot_be_used_stops_the_launch() {
    let exec = "[folders.\"~/client-b\"]\ndefault_provider = \"deepseek\"\n\
        [folders.\"~/other\"]\ndefault_provider = \"kimmi\"\n";
    let outcome = home(exec).in_folder("home/client-b").run(["true"]);
    assert!(outcome.stderr.starts_with("jackin-exec: provider deepseek has no key"), "{outcome:?}");
    let outcome = home(exec).in_folder("home/other").run(["true"]);
    let wanted =
        "jackin-exec: no provider named kimmi in the folder's default_provider of exec.toml ";
    assert!(outcome.stderr.starts_with(wanted), "{outcome:?}");
    assert_eq!(outcome.status, 125);
}

#[test]
fn auth_says_where_a_folder_decides_and_removes_its_keys_with_all_others() {
    let exec = format!("[folders.\"~/client-b\".env]\nZAI_API_KEY = \"{SENTINEL}\"\nB = \"b\"\n");
    let home = home(&exec).env_remove("ZAI_API_KEY").in_folder("home/client-b");
    home.run(["auth", "set", "zai", "--env", "OTHER"]).prints(
        "Z.AI: ZAI_API_KEY is set in the global scope, [ROOT]/home/.config/jackin/config.toml\n\
         Z.AI is not available yet: ZAI_API_KEY in the global scope is $OTHER, which is unset or empty\n\
         here, in folder \"~/client-b\", the key of folder \"~/client-b\" [env] is used\n",
    );
    home.run(["auth", "unset", "zai"]).prints(
        "Z.AI: ZAI_API_KEY is removed from the global scope, [ROOT]/home/.config/jackin/config.toml\n\
         Z.AI has no key there now\n\
         here, in folder \"~/client-b\", the key of folder \"~/client-b\" [env] is used\n",
    );
    home.run(["auth", "unset", "zai", "--all-scopes"]).prints(
        "Z.AI: ZAI_API_KEY is removed from every scope, [ROOT]/home/.config/jackin/exec.toml\n\
         Z.AI has no key there now\n",
    );
    assert_eq!(
        home.read("home/.config/jackin/exec.toml"),
        "[folders.\"~/client-b\".env]\nB = \"b\"\n"
    );
}
