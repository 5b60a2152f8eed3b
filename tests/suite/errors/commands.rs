//! Commands that cannot be run, and what else can go wrong at the end.

use std::fs;

use crate::errors::NOBODY;
use crate::errors::Row;
use crate::errors::check;
use crate::errors::planted;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::is_root;
use crate::support::sandbox;

#[test]
fn a_set_id_program_does_nothing() {
    if !is_root() {
        return;
    }
    let home = planted(&[]);
    // Copied by another process, so that nobody holds the file open when it is run.
    assert!(
        std::process::Command::new("cp")
            .arg(PROGRAM)
            .arg(home.path("copy"))
            .status()
            .unwrap()
            .success()
    );
    // chown takes the bit away, so the mode comes after.
    let home = home.owner("copy", NOBODY).mode("copy", 0o4755);
    let output = std::process::Command::new(home.path("copy")).arg("true").output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), &*words),
        (Some(125), "jackin-exec: real and effective user or group differ: not for set-id use\n")
    );
}

#[test]
fn a_command_that_cannot_be_run_is_126_or_127_with_the_reason() {
    const ROWS: &[Row] = &[
        Row {
            claim: "not there",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "no-such-command"],
            status: 127,
            says: "jackin-exec: no-such-command: not found\n",
        },
        Row {
            claim: "a path is not there, and is no misspelt name",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "/kimmi"],
            status: 127,
            says: "jackin-exec: /kimmi: not found\n",
        },
        Row {
            claim: "claude not there",
            files: &[],
            variables: &[("PATH", "/nowhere")],
            arguments: &["-p", "anthropic"],
            status: 127,
            says: "jackin-exec: claude: not found\nhint: install it with `npm install -g @anthropic-ai/claude-code`\n",
        },
        Row {
            claim: "an empty word",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", ""],
            status: 127,
            says: "jackin-exec: '': not found\n",
        },
        Row {
            claim: "not executable",
            files: &[("file", "x")],
            variables: &[("PATH", "[ROOT]")],
            arguments: &["-p", "anthropic", "file"],
            status: 126,
            says: "jackin-exec: [ROOT]/file: permission denied\n",
        },
        Row {
            claim: "a folder",
            files: &[],
            variables: &[],
            arguments: &["-p", "anthropic", "/usr"],
            status: 126,
            says: "jackin-exec: /usr: is a directory\n",
        },
    ];
    check(ROWS);
    let home = planted(&[]);
    home.write("lost", "#!/no/such/interpreter\n", 0o755);
    home.run(["-p".into(), "anthropic".into(), home.path("lost").into_os_string()])
        .fails(126, "jackin-exec: [ROOT]/lost: its interpreter or loader does not exist\n");
}

#[test]
fn an_environment_that_is_too_large_is_named() {
    let long = "x".repeat(200_000);
    let home = planted(&[]).config(&format!("[env]\nLONG = \"{SENTINEL}{long}\"\n"));
    home.run(["-p", "anthropic", "true"]).fails(
        125,
        &format!(
            "jackin-exec: LONG is too long: {} bytes; the limit is 131072\n",
            200_000 + SENTINEL.len() + 6
        ),
    );
}

#[test]
fn arguments_that_are_too_large_are_told_apart_from_an_environment_that_is() {
    let long = "x".repeat(200_000);
    let home = planted(&[("C/exec.toml", &format!("command = [\"true\", \"{long}\"]\n"))]);
    home.run(["-p", "anthropic"])
        .fails(125, "jackin-exec: an argument of 200001 bytes is too long; the limit is 131072\n");
    // The kernel takes a quarter of the limit of the stack.
    let many: String = (10..14)
        .map(|number| format!("V{number} = \"{SENTINEL}{}\"\n", "y".repeat(120_000)))
        .collect();
    let home = planted(&[]).config(&format!("[env]\n{many}"));
    let launch = home.launch().words(["-p", "anthropic", "true"]);
    let outcome = launch.step("limit", "stack:1048576").run();
    let words = outcome.stderr.as_str();
    assert!(!words.contains(SENTINEL), "{words}");
    let (start, end) = (
        "jackin-exec: arguments and environment are too large: ",
        "; the largest is V13 with 120032\n",
    );
    assert!(words.starts_with(start) && words.ends_with(end), "{words}");
    assert_eq!(outcome.status, 125);
}

#[test]
fn a_file_that_the_kernel_will_not_run_is_126() {
    let home = planted(&[]).link("one", "two").link("two", "one");
    home.run(["-p".into(), "anthropic".into(), home.path("one").into_os_string()])
        .fails(126, "jackin-exec: [ROOT]/one: too many symbolic links encountered\n");
}

#[test]
fn a_script_in_the_clients_place_that_starts_us_again_is_found_out_in_the_second_round() {
    // The key comes from the shell alone, so that the second round has none.
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", format!("sk-kimi-{SENTINEL}"))
        .script("bin/claude", &format!("exec {PROGRAM} -p kimi claude \"$@\""))
        .path_first("bin");
    let outcome = home.run(["-p", "kimi"]);
    outcome.shows_no_secret();
    outcome.fails(
        125,
        "jackin-exec: the command that jackin-exec started has started jackin-exec again\n\
         hint: name the real command with its path\n",
    );
    // Without a round before it is what it says.
    let home = sandbox().env("JACKIN_EXEC_PID", "1:1:0");
    assert!(home.run(["-p", "kimi", "true"]).stderr.contains("KIMI_CODE_API_KEY is not set"));
}

#[test]
fn a_report_that_a_full_disk_does_not_take_is_an_error() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let home = planted(&[]);
    for arguments in [
        ["--help"].as_slice(),
        &["--version"],
        &["providers"],
        &["providers", "--json"],
        &["auth"],
        &["doctor"],
        &["completions", "bash"],
        &["-p", "anthropic", "--dry-run"],
        &["-p", "anthropic", "--dry-run", "--json"],
    ] {
        let mut command = home.command();
        let output = command.args(arguments).stdout(full.try_clone().unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {said}");
        assert!(
            said.ends_with("jackin-exec: the report cannot be written: no space left on device\n"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn where_memory_ends_a_launch_says_so() {
    // A file that is allowed, and more than the limit leaves room for.
    let home = sandbox().config(&format!("# {}\n", "x".repeat(12 << 20)));
    let script = "ulimit -v 24000; exec \"$0\" -p anthropic true";
    let ran = home.launch().program("/bin/sh").words(["-c", script, PROGRAM]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (125, "jackin-exec: out of memory\n"));
}

#[test]
fn a_command_that_leads_back_to_us_is_found_out() {
    let home = planted(&[]).path_first("bin");
    let words = format!(
        "jackin-exec: claude starts {PROGRAM} again and again\nhint: name the real command with its path\n"
    );
    home.write("bin/claude", format!("#!/bin/sh\nexec {PROGRAM} -p anthropic claude\n"), 0o755);
    home.run(["-p", "anthropic"]).fails(125, &words);
    // A script that waits for us, each in a process of its own.
    home.write("bin/claude", format!("#!/bin/sh\n{PROGRAM} -p anthropic claude\nexit $?\n"), 0o755);
    home.run(["-p", "anthropic"]).fails(125, &words);
}
