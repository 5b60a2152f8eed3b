//! The files of the configuration, and the names in them.

use std::fs;
use std::os::unix::fs::symlink;

use crate::doctor::at;
use crate::doctor::findings;
use crate::doctor::has;
use crate::doctor::healthy;
use crate::support::SENTINEL;

#[test]
fn files_that_do_not_parse_are_all_named_with_their_places_and_quoted_nowhere() {
    let sandbox = healthy()
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"{SENTINEL}\n"))
        .exec(&format!(
            "[env]\nA = \"{SENTINEL}\"\nJACKIN_ROLE = \"{SENTINEL}\"\nDOCKER_HOST = \"x\"\n"
        ))
        .workspace("one", &format!("env = \"{SENTINEL}\"\n"))
        .workspace("two", "workdir = \"/nowhere\"\n");
    let found = findings(&sandbox, &[]);
    let root = at("home/.config/jackin");
    assert!(
        found.iter().any(|line| line.starts_with(&format!("fail config: {root}/config.toml:2:"))),
        "{found:#?}"
    );
    has(
        &found,
        &format!(
            "fail config: {root}/exec.toml:3:1: JACKIN_ROLE is reserved by jackin | rename or remove it"
        ),
    );
    has(
        &found,
        &format!(
            "fail config: {root}/exec.toml:4:1: DOCKER_HOST is reserved by jackin | rename or remove it"
        ),
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with(&format!("fail config: {root}/workspaces/one.toml:1:"))),
        "{found:#?}"
    );
    has(&found, &format!("ok config: {root}/workspaces/two.toml"));
    // What does not depend on it is looked at all the same.
    has(&found, &format!("ok client: {}, version 2.1.330", at("bin/claude")));
}

#[test]
fn files_that_others_may_write_or_read_are_named_with_the_command_that_mends_them() {
    let key = format!("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-{SENTINEL}\"\n");
    let sandbox = healthy();
    sandbox.write("home/.config/jackin/config.toml", &key, 0o664);
    sandbox.write("home/.config/jackin/exec.toml", "", 0o666);
    let found = findings(&sandbox, &[]);
    let (config, exec) =
        (at("home/.config/jackin/config.toml"), at("home/.config/jackin/exec.toml"));
    has(
        &found,
        &format!(
            "fail config: {exec}: writable by everyone, so it is not trusted | chmod o-w {exec}"
        ),
    );
    has(&found, &format!("warn config: {config} is writable by its group | chmod g-w {config}"));
    has(
        &found,
        &format!(
            "warn config: {config} holds a key and is readable by everyone | chmod 600 {config}"
        ),
    );
}

#[test]
fn what_jackin_would_refuse_is_a_warning_though_a_launch_can_read_it() {
    let sandbox = healthy()
        .config("[roles.mine.env]\nA = \"x\"\n[kimi]\nauth_forward = \"oauth_token\"\n")
        .workspace("w", "workdir = \"~/here\"\n[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n");
    let found = findings(&sandbox, &[]);
    for place in [
        "config.toml:1:8: jackin refuses this file: expected git = \"URL\" beside it",
        "config.toml:4:16: jackin refuses this file: expected sync, api_key or ignore",
        "workspaces/w.toml:1:11: jackin refuses this file: expected an absolute path",
    ] {
        has(
            &found,
            &format!(
                "warn config: [ROOT]/home/.config/jackin/{place} | jackin's own commands fail until it is corrected"
            ),
        );
    }
    // A launch goes on, and what jackin takes is fine.
    sandbox.run(["-p", "anthropic", "-w", "w", "echo", "started"]).prints("started\n");
    let sandbox =
        healthy().workspace("w", "workdir = \"/b\"\n[[mounts]]\nsrc = \"/a\"\ndst = \"/b\"\n");
    assert!(!findings(&sandbox, &[]).iter().any(|line| line.contains("jackin refuses")));
}

#[test]
fn a_key_in_the_place_of_a_providers_id_is_not_repeated() {
    let sandbox = healthy().exec(&format!("default_provider = \"sk-{SENTINEL}\"\n"));
    sandbox.run(["doctor"]).shows_no_secret();
    let found = findings(&sandbox, &[]);
    assert!(
        found.iter().any(|line| line.starts_with(
            "fail config: exec.toml: default_provider: no provider named that (not shown: it may be a key)"
        )),
        "{found:#?}"
    );
}

#[test]
fn names_that_mean_nothing_are_found_before_a_launch_meets_them() {
    let sandbox = healthy()
        .workspace("w", "workdir = \"~/.config\"\n")
        .exec("default_provider = \"kimmi\"\n[workspaces.w]\nproviders = [\"zay\"]\n");
    let found = findings(&sandbox, &[]);
    has(
        &found,
        "fail config: exec.toml: default_provider: no provider named kimmi | did you mean kimi?",
    );
    has(
        &found,
        "fail config: exec.toml: [workspaces.w]: no provider named zay | did you mean zai?",
    );
    let found = findings(&healthy(), &["-p", "kimi"]);
    assert!(
        found.iter().any(|line| line.starts_with("fail choice: provider kimi has no key: ")),
        "{found:#?}"
    );
    let found = findings(&healthy(), &["-w", "nowhere"]);
    assert!(
        found.iter().any(|line| line.starts_with("fail config: no workspace named nowhere")),
        "{found:#?}"
    );
}

#[test]
fn a_link_to_nothing_in_the_place_of_a_file_stops_a_launch() {
    for file in ["config.toml", "exec.toml"] {
        let sandbox = healthy().link(&format!("home/.config/jackin/{file}"), "/nowhere/dotfiles");
        let words = format!("{}: broken link", at(&format!("home/.config/jackin/{file}")));
        let hint = "restore the file, or remove the link";
        has(&findings(&sandbox, &[]), &format!("fail config: {words} | {hint}"));
        sandbox.run(["true"]).fails(125, &format!("jackin-exec: {words}\nhint: {hint}\n"));
    }
    // The folder of workspaces, the whole configuration, and a workspace whose list of providers
    // would bind.
    let exec = "[workspaces.o]\nproviders = [\"kimi\"]\n";
    for (gone, exec) in
        [("jackin/workspaces", ""), ("jackin", ""), ("jackin/workspaces/o.toml", exec)]
    {
        let sandbox = healthy().exec(exec);
        let path = sandbox.path(&format!("home/.config/{gone}"));
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        symlink("/nowhere", &path).unwrap();
        let outcome = sandbox.run(["-p", "anthropic", "true"]);
        let wanted = format!("jackin-exec: [ROOT]/home/.config/{gone}: broken link\n");
        assert!(outcome.status == 125 && outcome.stderr.starts_with(&wanted), "{outcome:#?}");
    }
    // An editor's lock is such a link, too.
    let sandbox =
        healthy().workspace("o", "").link("home/.config/jackin/workspaces/.#o.toml", "me@host.1:2");
    sandbox.run(["-q", "-p", "anthropic", "true"]).prints("");
    assert_eq!(sandbox.run(["doctor"]).status, 0);
}

#[test]
fn of_many_files_of_workspaces_only_those_with_a_finding_have_a_line() {
    let with = |count: usize| {
        let mut home = healthy();
        for number in 0..count {
            home = home.workspace(
                &format!("client-{number}"),
                "workdir = \"/x\"\n[[mounts]]\nsrc = \"/x\"\ndst = \"/x\"\n",
            );
        }
        home.workspace("odd one", "workdir = 1\n")
    };
    let root = at("home/.config/jackin/workspaces");
    let lines = |count: usize| {
        let mut lines = findings(&with(count), &[]);
        lines.retain(|line| line.contains("workspaces"));
        lines
    };
    let few = lines(10);
    assert_eq!(few.len(), 11, "{few:#?}");
    has(&few, &format!("ok config: {root}/client-9.toml"));
    let many = lines(300);
    let [sum, odd] = &many[..] else { panic!("{many:#?}") };
    assert!(odd.starts_with(&format!("fail config: {root}/odd one.toml:1:")), "{odd}");
    assert_eq!(sum, "ok config: 300 files of workspaces");
}

#[test]
fn a_name_of_exec_toml_that_refers_to_nothing_is_named_as_it_is_written() {
    let sandbox = healthy()
        .workspace("a b", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.\"a b\"]\ndefault_provider = \"quuxly\"\n");
    let known = "anthropic, zai, minimax, kimi";
    let found = findings(&sandbox, &[]);
    let start =
        "fail config: exec.toml: [workspaces.\"a b\"]: no provider named quuxly | available: ";
    let line = found.iter().find(|line| line.starts_with(start)).unwrap();
    assert!(line.contains(known) && line.ends_with(" more"), "{line}");
}
