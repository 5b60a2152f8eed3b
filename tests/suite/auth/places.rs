//! Which files are written: their modes and owners, links, and the lock.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::process::Child;
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::Flock;
use nix::fcntl::FlockArg;

use crate::auth::DIR;
use crate::auth::KEY;
use crate::auth::WORKSPACE;
use crate::auth::files;
use crate::auth::placed;
use crate::auth::run;
use crate::auth::start;
use crate::auth::with;
use crate::support::is_root;
use crate::support::sandbox;
use crate::support::status;

const WORKSPACES: &str = "home/.config/jackin/workspaces";

#[test]
fn under_another_name_a_key_is_set_as_well() {
    // To tell whether such a name chooses a provider, the configuration was read and locked.
    let sandbox = with(&[("config.lock", "")]).linked_as("bin/my-launcher");
    let says = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n";
    run(&sandbox, "auth set kimi --stdin", KEY).is(0, &placed(says), "");
}

#[test]
fn files_are_private_folders_are_made_and_links_stay() {
    let sandbox = sandbox();
    fs::remove_dir_all(sandbox.path("home/.config")).unwrap();
    run(&sandbox, "auth unset kimi", "").is(
        0,
        "Kimi: KIMI_CODE_API_KEY is not set in the global scope\n",
        "",
    );
    assert!(!sandbox.path("home/.config").exists(), "there was nothing to write");
    run(&sandbox, "auth set kimi --stdin", KEY);
    let mode = |path: &str| fs::metadata(sandbox.path(path)).unwrap().mode() & 0o7777;
    assert_eq!(mode("home/.config/jackin"), 0o700);
    assert_eq!(mode(&format!("{DIR}/config.toml")), 0o600);
    assert_eq!(mode(&format!("{DIR}/config.lock")), 0o600);

    let sandbox =
        with(&[]).file("dotfiles/real.toml", "# real\n").mode("dotfiles/real.toml", 0o644);
    let sandbox = sandbox.link(&format!("{DIR}/config.toml"), "../../../dotfiles/hop");
    let sandbox = sandbox.file("dotfiles/new.toml", "");
    let sandbox = sandbox
        .link("dotfiles/hop", "real.toml")
        .link(&format!("{DIR}/exec.toml"), "../../../dotfiles/new.toml");
    run(&sandbox, "auth set kimi --stdin", KEY);
    run(&sandbox, "auth set zai --file /k", "");
    for (link, target) in [
        (format!("{DIR}/config.toml"), "../../../dotfiles/hop"),
        ("dotfiles/hop".to_owned(), "real.toml"),
    ] {
        assert_eq!(fs::read_link(sandbox.path(&link)).unwrap().to_str(), Some(target));
    }
    assert_eq!(
        sandbox.read("dotfiles/real.toml"),
        format!("# real\n\n[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n")
    );
    assert_eq!(fs::metadata(sandbox.path("dotfiles/real.toml")).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(sandbox.read("dotfiles/new.toml"), "[env]\nZAI_API_KEY = { file = \"/k\" }\n");
}

#[test]
fn what_everybody_may_write_is_not_edited() {
    let paths = [DIR.to_owned(), format!("{DIR}/config.toml"), "dotfiles".to_owned()];
    for path in &paths {
        let sandbox = with(&[("exec.toml", "")]).file("dotfiles/x.toml", "");
        let sandbox = sandbox.link(&format!("{DIR}/config.toml"), "../../../dotfiles/x.toml");
        fs::set_permissions(
            sandbox.path(path),
            std::os::unix::fs::PermissionsExt::from_mode(0o777),
        )
        .unwrap();
        let outcome = run(&sandbox, "auth set kimi --stdin", KEY);
        assert_eq!(outcome.status, 125, "{path}: {outcome:#?}");
        assert!(outcome.stderr.contains("writable by everyone"), "{path}: {outcome:#?}");
        assert_eq!(sandbox.read("dotfiles/x.toml"), "");
    }
}

#[test]
fn what_root_writes_for_another_user_belongs_to_that_user() {
    if !is_root() {
        return;
    }
    let sandbox = with(&[("config.toml", "# x\n")])
        .owner(DIR, 12345)
        .owner(&format!("{DIR}/config.toml"), 12345);
    let dir = sandbox.config_dir();
    let refused = run(&sandbox, "auth set kimi --stdin", KEY);
    assert!(
        refused.status == 125 && refused.stderr.contains("belongs to another user"),
        "{refused:#?}"
    );
    for words in ["auth set kimi --stdin", "auth set zai --file /k"] {
        assert_eq!(
            run(&sandbox, &format!("{words} --config-dir {}", dir.display()), KEY).status,
            0
        );
    }
    for name in ["config.toml", "exec.toml", "config.lock"] {
        let found = fs::metadata(dir.join(name)).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o7777), (12345, 0o600), "{name}");
    }
}

#[test]
fn a_link_in_the_place_of_the_lock_is_refused_and_its_target_stays() {
    let sandbox =
        with(&[]).file("diary", "dear diary").link(&format!("{DIR}/config.lock"), "../../../diary");
    let hint = "not a regular file\n";
    let refused = run(&sandbox, "auth set kimi --stdin", KEY);
    refused.fails(125, &placed(&format!("jackin-exec: §/config.lock: {hint}")));
    assert_eq!((sandbox.read("diary"), files(&sandbox)), ("dear diary".to_owned(), vec![]));
    // It would have been made where the link leads.
    let sandbox = with(&[]).link(&format!("{DIR}/config.lock"), "../../../new");
    assert_eq!(run(&sandbox, "auth set kimi --stdin", KEY).status, 125);
    assert!(!sandbox.path("new").exists());
    let sandbox = with(&[]).fifo(&format!("{DIR}/config.lock"));
    run(&sandbox, "auth set kimi --stdin", KEY)
        .fails(125, &placed(&format!("jackin-exec: §/config.lock: {hint}")));
}

#[test]
fn in_another_users_folder_no_link_is_followed() {
    if !is_root() {
        return;
    }
    let links = ["config.toml", "exec.toml", "workspaces", "workspaces/w.toml"];
    let cases = links.iter().flat_map(|link| [(*link, DIR), (*link, WORKSPACES)]);
    for (link, owned) in cases.filter(|(link, owned)| *owned == DIR || *link == "workspaces/w.toml")
    {
        for exists in [true, false] {
            let sandbox =
                sandbox().file("roots/w.toml", "# root's\n").file("roots/real.toml", "# root's\n");
            let path = format!("{DIR}/{link}");
            if link == "workspaces" {
                fs::remove_dir(sandbox.path(&path)).unwrap();
            }
            let target = match (link, exists) {
                ("workspaces", true) => "roots",
                (_, true) => "roots/real.toml",
                (_, false) => "roots/new.toml",
            };
            let target = sandbox.path(target);
            let sandbox = sandbox.link(&path, target).owner(owned, 12345);
            let dir = sandbox.config_dir();
            for words in
                ["auth set kimi --stdin", "auth set zai --file /k", "auth set kimi --stdin -w w"]
            {
                let outcome =
                    run(&sandbox, &format!("{words} --config-dir {}", dir.display()), KEY);
                assert!(
                    outcome.status == 0 || outcome.stderr.starts_with("jackin-exec: "),
                    "{outcome:#?}"
                );
            }
            assert_eq!(sandbox.read("roots/real.toml"), "# root's\n", "{link}");
            assert_eq!(sandbox.read("roots/w.toml"), "# root's\n", "{link}");
            assert_eq!(fs::read_dir(sandbox.path("roots")).unwrap().count(), 2, "{link}");
            assert!(fs::symlink_metadata(sandbox.path(&path)).unwrap().is_symlink(), "{link}");
        }
    }
    let sandbox = sandbox();
    fs::remove_dir(sandbox.path(WORKSPACES)).unwrap();
    let target = sandbox.path("roots");
    let sandbox = sandbox.folder("roots").link(WORKSPACES, target).owner(DIR, 12345);
    let dir = sandbox.config_dir();
    run(&sandbox, &format!("auth set kimi --stdin --config-dir {}", dir.display()), KEY).fails(
        125,
        &placed(
            "jackin-exec: §/workspaces: a link in another user's folder, so it is not followed\n\
             hint: run jackin-exec as the user who owns the folder\n",
        ),
    );
    let sandbox =
        with(&[]).file("real.toml", "").link(&format!("{DIR}/config.toml"), "../../../real.toml");
    let sandbox = sandbox.owner(DIR, 12345);
    let dir = sandbox.config_dir();
    run(&sandbox, &format!("auth set kimi --stdin --config-dir {}", dir.display()), KEY).fails(
        125,
        &placed(
            "jackin-exec: §/config.toml: a link in another user's folder, so it is not followed\n\
             hint: run jackin-exec as the user who owns the folder\n",
        ),
    );
}

#[test]
fn root_makes_no_folder_in_another_users_home() {
    if !is_root() {
        return;
    }
    let sandbox = sandbox().owner("home", 12345);
    fs::remove_dir_all(sandbox.path("home/.config")).unwrap();
    run(&sandbox, "auth set kimi --stdin", KEY).fails(
        125,
        "jackin-exec: [ROOT]/home: belongs to another user (12345), so it is not trusted\n\
         hint: change its owner, or name its folder with --config-dir\n",
    );
    assert!(!sandbox.path("home/.config").exists());
}

#[test]
fn two_names_of_one_file_are_changed_once() {
    let sandbox = with(&[]).file(
        "dotfiles/both.toml",
        format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"SENTINEL\"\n"),
    );
    let target = sandbox.path("dotfiles/both.toml");
    let sandbox = sandbox
        .link(&format!("{WORKSPACES}/a.toml"), &target)
        .link(&format!("{WORKSPACES}/b.toml"), &target);
    let outcome = run(&sandbox, "auth unset kimi --all-scopes", "");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    assert_eq!(sandbox.read("dotfiles/both.toml"), WORKSPACE);
}

#[test]
fn a_change_of_two_files_of_which_one_cannot_be_written_changes_neither() {
    let sandbox = with(&[("config.toml", "# mine\n")]);
    let sandbox = sandbox.file("far/exec.toml", "[env]\nKIMI_CODE_API_KEY = { file = \"/k\" }\n");
    // A folder that is mounted read-only is what root cannot write either; a bind mount makes one.
    let script =
        "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";
    let sandbox = sandbox.link(&format!("{DIR}/exec.toml"), "../../../far/exec.toml");
    let mut command = std::process::Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(sandbox.path("far"));
    command.args([crate::support::PROGRAM, "auth", "set", "kimi", "--stdin"]);
    command.env_clear().env("HOME", sandbox.path("home")).env("PATH", "/usr/bin:/bin");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended already, where it may not mount.
    let _ = child.stdin.take().unwrap().write_all(KEY.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        crate::support::skipped(format_args!("this test needs the right to mount: {said}"));
        return;
    }
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.ends_with("far/exec.toml: cannot be written: read-only file system\n"), "{said}");
    assert!(!said.contains("SENTINEL"));
    assert_eq!(files(&sandbox)[0], ("config.toml".to_owned(), "# mine\n".to_owned()));
    assert_eq!(fs::read_dir(sandbox.config_dir()).unwrap().count(), 4, "nothing staged is left");
}

#[test]
fn the_lock_is_waited_for_and_then_names_us_as_its_holder() {
    let sandbox = with(&[("config.toml", "# x\n"), ("config.lock", "4321\n")]);
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(sandbox.config_dir().join("config.lock"))
        .unwrap();
    let lock = Flock::lock(file, FlockArg::LockShared).unwrap();
    let child = start(&sandbox, "auth set zai --env K", "");
    let process = child.id();
    // It has come to the lock when it has opened it for writing.
    let holds = |name: &str| {
        fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().any(|entry| {
            fs::read_link(entry.unwrap().path()).is_ok_and(|target| target.ends_with(name))
        })
    };
    while !holds("config.lock") {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# x\n");
    drop(lock);
    assert_eq!(status(child.wait_with_output().unwrap().status), 0);
    assert_eq!(sandbox.read(&format!("{DIR}/config.lock")), format!("{process}\n"));
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# x\n\n[env]\nZAI_API_KEY = \"$K\"\n");
}

#[test]
fn writers_side_by_side_lose_nothing() {
    let providers =
        ["zai", "minimax", "kimi", "bigmodel", "deepseek", "minimax-cn", "moonshot", "moonshot-cn"];
    let sandbox = with(&[("config.toml", "# kept\n[env]\nA = \"SENTINEL\"\n")]);
    for round in 0..3 {
        for verb in ["set", "unset"] {
            let words = |provider: &str| match (verb, round) {
                ("set", 1) => format!("auth set {provider} --file /k"),
                ("set", _) => format!("auth set {provider} --env A"),
                _ => format!("auth unset {provider}"),
            };
            let children: Vec<Child> =
                providers.iter().map(|provider| start(&sandbox, &words(provider), "")).collect();
            for child in children {
                let output = child.wait_with_output().unwrap();
                assert_eq!(
                    output.status.code(),
                    Some(0),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            for provider in providers {
                let shown = run(&sandbox, "auth --json", "").json();
                let found =
                    shown.as_array().unwrap().iter().find(|one| one["id"] == provider).unwrap();
                assert_eq!(
                    found["origin"] == "global",
                    verb == "set",
                    "{provider} in round {round}"
                );
            }
        }
    }
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), "# kept\n[env]\nA = \"SENTINEL\"\n");
}
