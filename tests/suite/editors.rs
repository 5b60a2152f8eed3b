//! Where Claude Code is started by another program: editors that hand over the client's path, and
//! places where PATH does not have the client.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::docs::string_in;
use crate::pty::Terminal;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;

/// Tells which file it is, for which provider it was started, and with which words.
const TELLS: &str =
    "echo \"$0 on ${JACKIN_EXEC_ACTIVE:-nothing}:\"; for word; do echo \"<$word>\"; done";

/// A `claude` in PATH, and keys in a file, as editors need it.
fn home() -> Sandbox {
    sandbox()
        .script("real/claude", TELLS)
        .path_first("real")
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\nZAI_API_KEY = \"key\"\n")
}

#[test]
fn a_name_that_fixes_the_command_takes_the_clients_path_as_the_command() {
    for file in [
        ".vscode/extensions/anthropic.claude-code-2.1.22-linux-x64/resources/native-binary/claude",
        "home/.local/share/claude/versions/2.1.330",
        "lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe",
        "lib/node_modules/@anthropic-ai/claude-code/cli.js",
    ] {
        let sandbox = home().script(file, TELLS).linked_as("bin/claude-kimi");
        let path = sandbox.path(file);
        let path = path.to_str().unwrap();
        sandbox
            .run([path, "plugin", "list", "--json"])
            .prints(&format!("[ROOT]/{file} on kimi:\n<plugin>\n<list>\n<--json>\n"));
        sandbox.run([path]).prints(&format!("[ROOT]/{file} on kimi:\n"));
    }
    // Under the name `claude`, and for another command, too.
    let sandbox = home().script("ext/claude", TELLS).env("JACKIN_EXEC_PROVIDER", "zai");
    let path = sandbox.path("ext/claude");
    sandbox.linked_as("bin/claude").run([path]).prints("[ROOT]/ext/claude on zai:\n");
    let sandbox = home().script("ext/other", TELLS).linked_as("bin/other-kimi");
    let path = sandbox.path("ext/other");
    sandbox.run([path]).prints("[ROOT]/ext/other on kimi:\n");
}

#[test]
fn any_other_first_word_stays_an_argument() {
    let sandbox = home()
        .script("ext/other", "echo wrong")
        .file("ext/claude", "not executable")
        .folder("folder/claude")
        .script("here/claude", "echo wrong")
        .in_folder("here")
        .linked_as("bin/claude-kimi");
    let absolute = |file: &str| sandbox.path(file).to_str().unwrap().to_owned();
    for word in [
        absolute("ext/other"),
        absolute("ext/claude"),
        absolute("folder/claude"),
        absolute("nowhere/claude"),
        "./claude".to_owned(),
        "claude".to_owned(),
        String::new(),
    ] {
        let shown = word.replace(&absolute(""), "[ROOT]/");
        sandbox
            .run([word.as_str(), "x"])
            .prints(&format!("[ROOT]/real/claude on kimi:\n<{shown}>\n<x>\n"));
    }
    // A second word is never looked at.
    let path = absolute("real/claude");
    sandbox
        .run(["x", path.as_str()])
        .prints("[ROOT]/real/claude on kimi:\n<x>\n<[ROOT]/real/claude>\n");
}

#[test]
fn a_clients_path_that_is_this_program_leads_to_the_next_client_and_keeps_the_provider() {
    let sandbox = home().env("JACKIN_EXEC_PROVIDER", "zai").linked_as("bin/claude-kimi");
    let link = sandbox.path("bin/claude");
    std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
    sandbox.run([link.to_str().unwrap(), "x"]).prints("[ROOT]/real/claude on kimi:\n<x>\n");
}

#[test]
fn the_settings_on_the_page_about_editors_start_the_client() {
    let wrapper = string_in(
        "docs/editors.md",
        "VS Code, Cursor, Windsurf and other forks",
        "/claudeCode.claudeProcessWrapper",
    );
    let executable = string_in(
        "docs/editors.md",
        "Zed and other hosts of the Agent Client Protocol",
        "/agent_servers/claude/env/CLAUDE_CODE_EXECUTABLE",
    );
    let bundled = "ext/resources/native-binary/claude";
    for (setting, is_wrapper) in [(wrapper, true), (executable, false)] {
        let link = setting.replace("/home/me", "home");
        let sandbox = home().script(bundled, TELLS).linked_as(&link);
        let path = sandbox.path(bundled);
        let mut words = vec!["--output-format", "stream-json", "--verbose"];
        let mut started = "[ROOT]/real/claude";
        if is_wrapper {
            words.insert(0, path.to_str().unwrap());
            started = "[ROOT]/ext/resources/native-binary/claude";
        }
        sandbox.run(words).prints(&format!(
            "{started} on kimi:\n<--output-format>\n<stream-json>\n<--verbose>\n"
        ));
    }
}

/// A home where PATH has no client, and the client is in one of its installers' folders.
fn without_path(file: &str) -> Sandbox {
    sandbox()
        .script(file, TELLS)
        .env("PATH", "/nowhere")
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\n")
}

const INSTALLED: [&str; 2] = ["home/.local/bin/claude", "home/.claude/local/claude"];

#[test]
fn a_client_that_path_lacks_is_found_where_installers_put_it() {
    for file in INSTALLED {
        let sandbox = without_path(file);
        sandbox.run(["-p", "kimi"]).prints(&format!("[ROOT]/{file} on kimi:\n"));
        sandbox
            .run(["-p", "kimi", "--", "--resume"])
            .prints(&format!("[ROOT]/{file} on kimi:\n<--resume>\n"));
        // An argument list of exec.toml's keeps its words.
        without_path(file)
            .exec("command = [\"claude\", \"--verbose\"]\n")
            .run(["-p", "kimi"])
            .prints(&format!("[ROOT]/{file} on kimi:\n<--verbose>\n"));
        without_path(file)
            .linked_as("bin/claude-kimi")
            .run(["x"])
            .prints(&format!("[ROOT]/{file} on kimi:\n<x>\n"));
    }
    // PATH comes first, then the native installer's folder.
    let sandbox = without_path(INSTALLED[1]).script(INSTALLED[0], TELLS);
    sandbox.run(["-p", "kimi"]).prints(&format!("[ROOT]/{} on kimi:\n", INSTALLED[0]));
    let sandbox = sandbox.script("real/claude", TELLS).path_first("real");
    sandbox.run(["-p", "kimi"]).prints("[ROOT]/real/claude on kimi:\n");
}

#[test]
fn a_command_that_was_typed_is_not_looked_for_elsewhere() {
    let file = INSTALLED[0];
    let hint = format!(
        "hint: [ROOT]/{file} exists: leave out the command, give the whole path, or put its folder into PATH\n"
    );
    for arguments in [["-p", "kimi", "claude"].as_slice(), &["-p", "kimi", "--", "claude", "x"]] {
        without_path(file)
            .run(arguments)
            .fails(127, &format!("jackin-exec: claude: not found\n{hint}"));
    }
    let sandbox = without_path(file).script("home/.local/bin/other", "echo wrong");
    sandbox.run(["-p", "kimi", "other"]).fails(127, "jackin-exec: other: not found\n");
    sandbox
        .exec("command = [\"other\"]\n")
        .run(["-p", "kimi"])
        .fails(127, "jackin-exec: other: not found\nhint: it is `command` in exec.toml\n");
}

#[test]
fn a_file_that_cannot_be_the_client_is_not_started() {
    let install = "hint: install it with `npm install -g @anthropic-ai/claude-code`\n";
    let wanted = format!("jackin-exec: claude: not found\n{install}");
    let sandbox = without_path(INSTALLED[0]);
    let file = sandbox.path(INSTALLED[0]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    sandbox.run(["-p", "kimi"]).fails(127, &wanted);
    // This program under that name would start itself.
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(PROGRAM, &file).unwrap();
    sandbox.run(["-p", "kimi"]).fails(127, &wanted);
    // A client in PATH that cannot be run is said to be so; nothing else takes its place.
    let sandbox =
        without_path(INSTALLED[0]).file("real/claude", "not executable").path_first("real");
    sandbox.run(["-p", "kimi"]).fails(126, "jackin-exec: [ROOT]/real/claude: permission denied\n");
}

/// As `sudo` may leave HOME. The file behind the other user's link is root's.
#[test]
fn root_does_not_look_for_the_client_in_another_users_home() {
    if !is_root() {
        return;
    }
    let sandbox = without_path("real/claude");
    let link = sandbox.path(INSTALLED[0]);
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(sandbox.path("real/claude"), &link).unwrap();
    let words = ["-p", "kimi"];
    sandbox.run(words).prints(&format!("[ROOT]/{} on kimi:\n", INSTALLED[0]));
    std::os::unix::fs::chown(sandbox.path("home"), Some(12_345), None).unwrap();
    sandbox.run(words).fails(
        127,
        "jackin-exec: claude: not found\nhint: install it with `npm install -g @anthropic-ai/claude-code`\n",
    );
}

#[test]
fn on_a_terminal_it_is_said_once_where_the_client_was_found() {
    for (options, says) in [(&[][..], true), (&["-q"], false)] {
        let sandbox = without_path(INSTALLED[0]);
        let file = sandbox.path(INSTALLED[0]).display().to_string();
        let launch = sandbox.launch().words(options).words(["-p", "kimi"]);
        let mut terminal = Terminal::open().start(&launch);
        assert_eq!(terminal.end(), "exit 0");
        let line = format!("jackin-exec: claude is not in PATH; starting {file}\r\n");
        let found = terminal.text().matches(&line).count();
        assert_eq!(found, usize::from(says), "{}", terminal.text());
    }
}

#[test]
fn first_words_of_other_programs_get_a_hint_and_nothing_else_is_run() {
    for (words, hint) in [
        (["list"].as_slice(), "jackin-exec providers lists the providers"),
        (
            &["status"],
            "jackin-exec auth shows the keys, jackin-exec --dry-run what a launch would set",
        ),
        (&["use", "kimi"], "a launch chooses with -p kimi; for all, default_provider in exec.toml"),
        (
            &["switch", "sk-SENTINEL"],
            "a launch chooses with -p ID; for all, default_provider in exec.toml",
        ),
        (&["login"], "a key is set with jackin-exec auth set ID"),
        (&["env"], "jackin-exec --dry-run shows what a launch would set"),
    ] {
        let sandbox = sandbox().env("PATH", "/nowhere");
        let typed: Vec<&str> = ["-p", "anthropic"].iter().chain(words).copied().collect();
        let wanted = format!("jackin-exec: {}: not found\nhint: {hint}\n", words[0]);
        sandbox.run(&typed).fails(127, &wanted);
        // After `--` it is a command and nothing else.
        let typed: Vec<&str> = ["-p", "anthropic", "--"].iter().chain(words).copied().collect();
        sandbox.run(&typed).fails(127, &format!("jackin-exec: {}: not found\n", words[0]));
    }
}

#[test]
fn inside_jackins_container_a_call_without_our_options_is_not_taken_for_ours() {
    let inside = || {
        home()
            .env("JACKIN", "1")
            .env("JACKIN_EXEC_BINDINGS", "SENTINEL")
            .env("JACKIN_EXEC_PROVIDER", "kimi")
    };
    let wanted = "jackin-exec: this jackin-exec starts Claude Code on another provider; jackin's wrapper of the same name \
                  would run the command with the credentials of JACKIN_EXEC_BINDINGS\n\
                  hint: jackin-capsule exec COMMAND is that wrapper; with an option, such as -p ID, this program starts the \
                  command\n";
    for words in [["gh", "pr", "list"].as_slice(), &["--", "gh"], &[]] {
        inside().run(words).fails(125, wanted);
    }
    inside().run(["-p", "kimi"]).prints("[ROOT]/real/claude on kimi:\n");
    inside().run(["-q", "claude", "x"]).prints("[ROOT]/real/claude on kimi:\n<x>\n");
    assert_eq!(inside().run(["providers"]).status, 0);
    inside().linked_as("bin/claude-kimi").run(["x"]).prints("[ROOT]/real/claude on kimi:\n<x>\n");
    // One of the two alone is no such container.
    home().env("JACKIN", "1").run(["-p", "kimi"]).prints("[ROOT]/real/claude on kimi:\n");
    let sandbox = sandbox().env("JACKIN_EXEC_BINDINGS", "SENTINEL");
    sandbox.run(["sh", "-c", "echo ran"]).prints("ran\n");
}
