//! Links under other names: what the name says, and that a name never leads back to itself.

use std::fs;
use std::os::unix::fs::symlink;

use crate::pty::Terminal;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::copy_program;
use crate::support::is_root;
use crate::support::sandbox;

/// A `claude` in `real/` that tells what it was given, and keys for three providers.
fn home() -> Sandbox {
    let claude =
        "echo \"claude on ${JACKIN_EXEC_ACTIVE:-nothing}:\"; for word; do echo \"<$word>\"; done";
    sandbox()
        .script("real/claude", claude)
        .script("real/other", "echo \"other on $JACKIN_EXEC_ACTIVE: $*\"")
        .path_first("real")
        .config(KEYS)
}

/// In a file: those of the environment are gone within a session.
const KEYS: &str = "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\nZAI_API_KEY = \"key\"\nMOONSHOT_API_KEY = \"key\"\n\
                    MOONSHOT_CN_API_KEY = \"key\"\n";

#[test]
fn the_name_says_provider_and_command() {
    let own = "[providers.kimi-local]\nlabel = \"Local\"\nbase_url = \"https://local.example\"\nkey = false\nmodel = \"m\"\n";
    for (name, words, printed) in [
        ("claude-kimi", &["--resume"][..], "claude on kimi:\n<--resume>\n"),
        ("claude-zai", &[], "claude on zai:\n"),
        // The longest id that fits, of presets and of one's own.
        ("claude-moonshot", &[], "claude on moonshot:\n"),
        ("claude-moonshot-cn", &[], "claude on moonshot-cn:\n"),
        ("claude-kimi-local", &[], "claude on kimi-local:\n"),
        ("claude-anthropic", &[], "claude on anthropic:\n"),
        ("other-kimi", &["a"], "other on kimi: a\n"),
        // Our own name in front leaves the command to the words.
        ("jackin-zai", &["other", "-p", "x"], "other on zai: -p x\n"),
        ("jackin-exec-kimi", &["other"], "other on kimi: \n"),
        ("jackin-kimi", &[], "claude on kimi:\n"),
        ("jackin-kimi", &["--resume"], "claude on kimi:\n<--resume>\n"),
        ("jackin-moonshot-cn", &["claude"], "claude on moonshot-cn:\n"),
    ] {
        let sandbox = home().exec(own).linked_as(&format!("bin/{name}")).path_first("bin");
        let outcome = sandbox.run(words);
        assert_eq!(
            (outcome.status, outcome.stderr.as_str(), outcome.stdout.as_str()),
            (0, "", printed),
            "{name}"
        );
    }
}

#[test]
fn under_such_a_name_no_option_is_ours() {
    let words = ["--help", "-p", "zai", "--version", "--dry-run", "--", "-q", "", "providers"];
    let printed: String = words.iter().map(|word| format!("<{word}>\n")).collect();
    home().linked_as("bin/claude-kimi").run(words).prints(&format!("claude on kimi:\n{printed}"));
    let claude =
        home().env("JACKIN_EXEC_PROVIDER", "zai").linked_as("bin/claude").path_first("bin");
    claude.run(words).prints(&format!("claude on zai:\n{printed}"));
    // A subcommand of ours is a command there, and not found.
    let outcome = home().linked_as("bin/jackin-kimi").run(["providers"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (127, ""), "{outcome:#?}");
}

#[test]
fn settings_of_a_shim_come_from_the_variables() {
    let sandbox = home()
        .config(&format!(
            "{KEYS}[workspaces.w]\nworkdir = \"/w\"\n[workspaces.w.env]\nMINE = \"yes\"\n"
        ))
        .script("real/claude", "echo $JACKIN_EXEC_ACTIVE $MINE")
        .env("JACKIN_EXEC_WORKSPACE", "w")
        .linked_as("bin/claude-zai");
    sandbox.run(["x"]).prints("zai yes\n");
    // The name is more than the variable.
    sandbox.env("JACKIN_EXEC_PROVIDER", "kimi").run(["x"]).prints("zai yes\n");
}

#[test]
fn any_other_name_is_the_plain_program() {
    for name in [
        "jackin-exec",
        "je",
        "claude2",
        "jackin",
        "other-kimmi",
        "-kimi",
        "claudekimi",
        "jackin-exec-0.1.0-x86_64-linux",
    ] {
        let sandbox = home().linked_as(&format!("bin/{name}"));
        sandbox.run(["-p", "zai", "other", "x"]).prints("other on zai: x\n");
    }
}

#[test]
fn a_name_that_was_meant_to_choose_a_provider_and_does_not_starts_nothing() {
    let own = "[providers.mine]\nlabel = \"Mine\"\nbase_url = \"https://own.example\"\nkey = false\nmodel = \"m\"\n\
               [providers.wrong]\nbase_url = 1\n";
    let home = || {
        sandbox()
            .script("real/claude", "echo started")
            .path_first("real")
            .config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\"\n"))
            .exec(own)
    };
    let lists = "a link is named claude-ID or jackin-ID; jackin-exec providers --all lists the ids";
    let client = home().path("real/claude").display().to_string();
    for (name, says, hint) in [
        ("claude-kimmi", "claude-kimmi, which names no provider", "did you mean claude-kimi?"),
        ("claude_kimi", "claude_kimi, which names no provider", "did you mean claude-kimi?"),
        ("claude-mnie", "claude-mnie, which names no provider", "did you mean claude-mine?"),
        ("claude-glm", "claude-glm, which names no provider", "did you mean claude-zai?"),
        ("claude-xyzzy", "claude-xyzzy, which names no provider", lists),
        ("jackin-kimmi", "jackin-kimmi, which names no provider", "did you mean jackin-kimi?"),
        ("kimi", "kimi, which names a provider and no command", "did you mean claude-kimi?"),
        ("mine", "mine, which names a provider and no command", "did you mean claude-mine?"),
        (
            &format!("claude-sk-kimi-{SENTINEL}"),
            "that (not shown: it may be a key), which names no provider",
            lists,
        ),
    ] {
        let sandbox = home().linked_as(&format!("bin/{name}"));
        for words in [&[][..], &["hi"], &["-p", "zai", "claude"], &[&client, "plugin", "list"]] {
            sandbox
                .run(words)
                .fails(125, &format!("jackin-exec: called as {says}\nhint: {hint}\n"));
        }
    }
    // A table that is wrong keeps its own words.
    let wrong = home().linked_as("bin/claude-wrong").run(["hi"]);
    assert_eq!(wrong.status, 125);
    assert!(wrong.stderr.contains("exec.toml:7:"), "{wrong:#?}");
}

#[test]
fn a_link_named_claude_starts_the_next_claude() {
    let with =
        |sandbox: Sandbox| sandbox.env("JACKIN_EXEC_PROVIDER", "kimi").linked_as("bin/claude");
    // In front of it, and behind it, and twice.
    let sandbox = with(home()).path_first("bin");
    sandbox.run(["a", "-b"]).prints("claude on kimi:\n<a>\n<-b>\n");
    let sandbox = with(home()).path_first("bin").path_first("twice");
    fs::create_dir_all(sandbox.path("twice")).unwrap();
    symlink("../bin/claude", sandbox.path("twice/claude")).unwrap();
    sandbox.run(["a"]).prints("claude on kimi:\n<a>\n");
    // A hard link is the same file.
    fs::remove_file(sandbox.path("twice/claude")).unwrap();
    if fs::hard_link(PROGRAM, sandbox.path("twice/claude")).is_ok() {
        sandbox.run(["a"]).prints("claude on kimi:\n<a>\n");
    }
    // With a shim for a provider in front of it, it is passed over, too.
    let sandbox = with(home()).path_first("bin").linked_as("bin/claude-zai");
    sandbox.run(["a"]).prints("claude on zai:\n<a>\n");
}

#[test]
fn a_link_named_claude_without_another_claude_is_127_and_no_loop() {
    let sandbox = sandbox().env("PATH", "/nowhere").linked_as("bin/claude").path_first("bin");
    let hint = "hint: install it with `npm install -g @anthropic-ai/claude-code`\n";
    sandbox.run(["a"]).fails(127, &format!("jackin-exec: claude: not found\n{hint}"));
}

/// How a launch ends that would go in circles; it must not do so for ever.
fn circles(sandbox: &Sandbox, words: &[&str]) -> (i32, String, String) {
    let ran = sandbox.launch().words(words).step("limit", "cpu:20").run();
    (ran.status, ran.text(), ran.stderr)
}

#[test]
fn a_copy_that_leads_back_is_an_error_that_names_both() {
    let sandbox = sandbox()
        .env("JACKIN_EXEC_PROVIDER", "anthropic")
        .linked_as("bin/claude")
        .path_first("copy");
    fs::create_dir_all(sandbox.path("copy")).unwrap();
    copy_program(PROGRAM, sandbox.path("copy/claude"));
    let sandbox = sandbox.path_first("bin");
    // The link finds the copy, the copy the link, and so on.
    let program = fs::canonicalize(PROGRAM).unwrap();
    let (status, printed, said) = circles(&sandbox, &["a"]);
    assert_eq!((status, printed.as_str()), (125, ""), "{said}");
    let either = ["[ROOT]/copy/claude".to_owned(), program.display().to_string()];
    let wanted = either.map(|file| {
        format!("jackin-exec: claude starts {file} again and again\nhint: name the real command with its path\n")
    });
    assert!(wanted.contains(&said), "{said}");
}

#[test]
fn a_script_that_leads_back_is_an_error() {
    for (script, words) in [
        ("exec \"$0-kimi\" \"$@\"", &["a"][..]),
        ("exec jackin-exec -p kimi -- claude \"$@\"", &[]),
        ("exec env X=1 claude-kimi \"$@\"", &["a", "b"]),
    ] {
        let sandbox =
            home().script("bin/claude", script).linked_as("bin/claude-kimi").path_first("bin");
        symlink(PROGRAM, sandbox.path("bin/jackin-exec")).unwrap();
        let (status, printed, said) = circles(&sandbox, words);
        assert_eq!((status, printed.as_str()), (125, ""), "{script}: {said}");
        assert!(said.starts_with("jackin-exec: claude starts /"), "{script}: {said}");
    }
}

#[test]
fn sessions_within_sessions_are_no_circle() {
    // Each is a process of its own, as a command within a session is.
    let script =
        "if test \"$1\" -gt 0; then jackin-exec -q -p zai -- claude $(($1 - 1)); else echo end; fi";
    let sandbox = home().script("real/claude", script).path_first("bin");
    fs::create_dir_all(sandbox.path("bin")).unwrap();
    symlink(PROGRAM, sandbox.path("bin/jackin-exec")).unwrap();
    sandbox.run(["-p", "zai", "claude", "12"]).prints("end\n");
    // And a few in one process are none either: a shim before a wrapper before a shim.
    let sandbox = home()
        .script("wrap/claude", "exec jackin-exec -p zai -- \"$REAL\" \"$@\"")
        .path_first("wrap")
        .path_first("bin")
        .linked_as("bin/claude-kimi");
    symlink(PROGRAM, sandbox.path("bin/jackin-exec")).unwrap();
    let real = sandbox.path("real/claude");
    sandbox.env("REAL", real).run(["a"]).prints("claude on zai:\n<a>\n");
}

/// `CLAUDE_CODE_PROCESS_WRAPPER` and the editors' settings of that kind put us before a command and
/// its arguments.
#[test]
fn as_a_process_wrapper_we_are_silent_and_keep_the_order() {
    let sandbox = home().script(
        "node",
        "echo \"$JACKIN_EXEC_ACTIVE\"; for word; do echo \"<$word>\"; done; cat; exit 3",
    );
    let node = sandbox.path("node").display().to_string();
    let words =
        ["/cli.js", "--output-format", "stream-json", "-p", "--", "--debug", "-q", "", "providers"];
    let printed: String = words.iter().map(|word| format!("<{word}>\n")).collect();
    for sandbox in [
        home().env("JACKIN_EXEC_PROVIDER", "kimi"),
        home().env("JACKIN_EXEC_PROVIDER", "kimi").linked_as("bin/wrapper"),
        home().linked_as("bin/jackin-kimi"),
    ] {
        sandbox.write("input", "{\"type\":\"user\"}\n", 0o600);
        let launch = sandbox.launch().words([&node]).words(words).step("0", sandbox.path("input"));
        let ran = launch.run();
        assert_eq!((ran.status, ran.stderr.as_str()), (3, ""));
        assert_eq!(ran.text(), format!("kimi\n{printed}{{\"type\":\"user\"}}"));
    }
}

/// Prints what the client is told about the link.
const TELLS: &str =
    "echo \"resume: $CLAUDE_CODE_RESUME_HINT_COMMAND, mates: $CLAUDE_CODE_TEAMMATE_COMMAND\"";

fn told(home: &Sandbox, words: &[&str]) -> String {
    let mut terminal = Terminal::open().start(&home.launch().words(["-q"]).words(words));
    assert_eq!(terminal.end(), "exit 0");
    let root = home.path("").display().to_string();
    terminal.text().replace(root.trim_end_matches('/'), "[ROOT]").trim_end().to_owned()
}

#[test]
fn the_client_is_told_of_the_link_that_starts_it_again() {
    let home = sandbox()
        .script("bin/claude", TELLS)
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n")
        .path_first("bin")
        .path_first("links");
    assert_eq!(told(&home, &["-p", "kimi"]), "resume: , mates:", "without a link");
    let home = home.link("links/claude-kimi", PROGRAM);
    let both = "resume: claude-kimi, mates: [ROOT]/links/claude-kimi";
    assert_eq!(told(&home, &["-p", "kimi"]), both);
    assert_eq!(told(&home, &["-p", "kimi", "claude", "--resume"]), both);
    home.run(["-p", "kimi"]).is(0, "resume: , mates: \n", "");
    assert_eq!(told(&home, &["-p", "anthropic"]), "resume: , mates:", "no redirect");
    // Mates find no key that only our environment has.
    let home = home.config("").env("KIMI_CODE_API_KEY", "sk-kimi-x");
    assert_eq!(told(&home, &["-p", "kimi"]), "resume: claude-kimi, mates:");
    // Somebody else's program of that name is in front.
    let home = home.script("bin/claude-kimi", "true").path_first("bin");
    assert_eq!(told(&home, &["-p", "kimi"]), "resume: , mates:");
    let home = home.env("CLAUDE_CODE_RESUME_HINT_COMMAND", "mine");
    assert_eq!(told(&home, &["-p", "kimi"]), "resume: mine, mates:", "the operator's own");
}

/// What is said of team mates before the client starts.
fn said_of_mates(home: &Sandbox, words: &[&str]) -> String {
    let mut terminal = Terminal::open().start(&home.launch().words(words));
    assert_eq!(terminal.end(), "exit 0");
    let text = terminal.text();
    let said = text.lines().find_map(|line| line.split_once("will not be logged in: "));
    said.map(|(_, why)| why.trim_end().to_owned()).unwrap_or_default()
}

#[test]
fn where_team_mates_in_panes_would_get_no_key_it_is_said_before_the_start() {
    const KEY: &str = "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-x\"\n";
    let client = || sandbox().script("bin/claude", TELLS).path_first("bin").path_first("links");
    let teams = || client().env("CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "1").env("TMUX", "/t,1,0");
    let link = |home: Sandbox| home.link("links/claude-kimi", PROGRAM);
    let kimi = ["-p", "kimi"].as_slice();
    let environment = "the key is in this environment only; jackin-exec auth set kimi stores it";
    let in_shell = link(teams()).env("KIMI_CODE_API_KEY", "sk-kimi-x");
    assert_eq!(said_of_mates(&in_shell, kimi), environment);
    let referred = in_shell.config("[env]\nKIMI_CODE_API_KEY = \"$KIMI_CODE_API_KEY\"\n");
    assert_eq!(said_of_mates(&referred, kimi), environment);
    let no_link = teams().config(KEY);
    assert_eq!(said_of_mates(&no_link, kimi), "PATH has no link claude-kimi to jackin-exec");
    let home = link(teams()).config(KEY).workspace("w", "");
    let options = "they get none of the options and variables that chose the workspace, the role or the configuration";
    let folder = home.config_dir().display().to_string();
    for words in [
        ["-p", "kimi", "-w", "w"],
        ["-p", "kimi", "-r", "agent-smith"],
        ["-p", "kimi", "--config-dir", folder.as_str()],
    ] {
        assert_eq!(said_of_mates(&home, &words), options, "{words:?}");

        assert!(told(&home, &words).ends_with("mates:"), "{words:?}");
    }
    // Everything is there, or nothing was asked for.
    for words in [
        kimi,
        &["-p", "anthropic"],
        &["-q", "-p", "kimi", "-w", "w"],
        &["-p", "kimi", "-w", "w", "claude", "--teammate-mode", "in-process"],
        &["-p", "kimi", "-w", "w", "sh", "-c", "true"],
    ] {
        assert_eq!(said_of_mates(&home, words), "", "{words:?}");
    }
    let without_teams = client().config(KEY).env("TMUX", "/t,1,0");
    assert_eq!(said_of_mates(&without_teams, kimi), "");
    let without_tmux = client().config(KEY).env("CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "1");
    assert_eq!(said_of_mates(&without_tmux, kimi), "");
    let wanted = ["-p", "kimi", "--", "--teammate-mode", "tmux"];
    assert!(!said_of_mates(&without_tmux, &wanted).is_empty());
    let scoped = "[env]\nCLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS = \"1\"\n";
    let by_scope = client().config(&format!("{scoped}KIMI_CODE_API_KEY = \"sk-kimi-x\"\n"));
    assert!(!said_of_mates(&by_scope, &wanted).is_empty());
    let own = by_scope.env("CLAUDE_CODE_TEAMMATE_COMMAND", "/mine");
    assert_eq!(said_of_mates(&own, &wanted), "", "the operator's own");
}

#[test]
fn what_a_session_in_the_background_gets_is_said_before_the_start() {
    let home = sandbox()
        .script("bin/claude", "echo started")
        .path_first("bin")
        .env("KIMI_CODE_API_KEY", "sk-kimi-x");
    let words = "jackin-exec: warning: --bg: Claude Code gives a session in the background no key of Kimi; \
        start it in tmux, or with -p and &\n";
    for (arguments, said) in [
        (["-p", "kimi", "--", "--bg", "hi"].as_slice(), words),
        (&["-p", "kimi", "claude", "--resume", "--background"], words),
        (&["-q", "-p", "kimi", "--", "--bg", "hi"], ""),
        (&["-p", "kimi", "--", "--append-system-prompt", "--bg"], ""),
        (&["-p", "kimi", "--", "--", "--bg"], ""),
        (&["-p", "anthropic", "--", "--bg", "hi"], ""),
    ] {
        home.run(arguments).is(0, "started\n", said);
    }
}

/// The shell script of the npm package, installed in `relative` without the native program.
fn npm_package(relative: &str) -> Sandbox {
    let script = include_bytes!("../../npm/bin/jackin-exec");
    let sandbox = sandbox();
    sandbox.write(&format!("{relative}/bin/jackin-exec"), script, 0o755);
    sandbox
}

fn native(node_modules: &str) -> String {
    let machine = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
    format!("{node_modules}/@jackin-exec/linux-{machine}/jackin-exec")
}

#[test]
fn npms_script_starts_a_program_of_its_own_package_and_of_no_folder_further_up() {
    let package = "a/b/node_modules/jackin-exec";
    for (node_modules, starts) in [
        ("a/b/node_modules/jackin-exec/node_modules", true),
        ("a/b/node_modules", true),
        ("a/node_modules", false),
        ("a/b/node_modules/node_modules", false),
        ("node_modules", false),
    ] {
        let sandbox = npm_package(package).script(&native(node_modules), "echo started");
        let script = sandbox.path(&format!("{package}/bin/jackin-exec"));
        let output = std::process::Command::new(script).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if starts {
            assert_eq!((&*stdout, &*stderr), ("started\n", ""), "{node_modules}");
        } else {
            assert_eq!((output.status.code(), &*stdout), (Some(125), ""), "{node_modules}");
            assert!(stderr.contains(" is not installed\n"), "{node_modules}: {stderr}");
        }
    }
}

#[test]
fn npms_script_starts_no_program_of_another_user() {
    if !is_root() {
        return;
    }
    let file = native("node_modules");
    let sandbox = npm_package("node_modules/jackin-exec").script(&file, "echo started");
    let file = sandbox.path(&file);
    std::os::unix::fs::chown(&file, Some(12_345), None).unwrap();
    let script = sandbox.path("node_modules/jackin-exec/bin/jackin-exec");
    let output = std::process::Command::new(script).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let words = " belongs to another user (12345), so it is not started\n";
    assert_eq!((output.status.code(), &*output.stdout), (Some(125), &b""[..]));
    assert!(stderr.contains(words), "{stderr}");
}

#[test]
fn npms_script_runs_nothing_of_the_current_directory_and_ignores_cdpath() {
    let mut sandbox = npm_package("node_modules/jackin-exec")
        .script(&native("node_modules"), "echo started $CDPATH $PATH");
    for program in ["uname", "readlink", "ls", "id", "bash", "cd"] {
        sandbox = sandbox.script(program, "echo planted >&2");
    }
    fs::create_dir(sandbox.path("bin")).unwrap();
    for name in ["jackin-exec", "claude-kimi"] {
        let link = sandbox.path("bin").join(name);
        symlink("../node_modules/jackin-exec/bin/jackin-exec", link).unwrap();
        for (shell, words) in
            [("/bin/sh", &[] as &[&str]), ("/bin/bash", &[]), ("/bin/busybox", &["sh"])]
        {
            if !std::path::Path::new(shell).exists() {
                continue;
            }
            let output = std::process::Command::new(shell)
                .args(words)
                .arg(format!("bin/{name}"))
                .env("CDPATH", ".")
                .env("PATH", ":/usr/local/bin:/usr/bin:/bin")
                .current_dir(sandbox.path(""))
                .output()
                .unwrap();
            let (stdout, stderr) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(
                (&*stdout, &*stderr),
                ("started . :/usr/local/bin:/usr/bin:/bin\n", ""),
                "{name} in {shell}"
            );
        }
    }
}
