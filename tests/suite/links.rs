//! Links that lead to the configuration: another user who can change one is not obeyed, and the
//! links that people use for their dotfiles go on working.

use std::fs;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;

use crate::support::Sandbox;
use crate::support::can_unshare;
use crate::support::is_root;
use crate::support::sandbox;

const DIR: &str = "home/.config/jackin";

/// The other user.
const OTHER: u32 = 4321;

/// One of us who is not root.
const SELF: u32 = 1234;

/// What somebody else filled: files of ours that would run a program, such as a cloned repository.
fn cloned() -> Sandbox {
    let command = "[env]\nA = { command = [\"touch\", \"[ROOT]/home/ran\"] }\n";
    sandbox()
        .rooted("clone/jackin/exec.toml", command)
        .file("clone/jackin/config.toml", "[env]\nK = \"SENTINEL-sk-kimi-0123456789\"\n")
        .rooted("clone/jackin/workspaces/w.toml", "[env]\nW = \"[SECRET]\"\n")
        .file("clone/jackin/catalog.d/r.toml", "SENTINEL-sk-kimi-0123456789\n")
}

/// A link of the configuration, and where it leads: through a link or folder in `team`.
const ATTACKS: &[(&str, &str)] = &[
    ("exec.toml", "team/dots/exec.toml"),
    ("exec.toml", "team/up/jackin/exec.toml"),
    ("exec.toml", "team/copy/exec.toml"),
    ("config.toml", "team/dots/config.toml"),
    ("workspaces", "team/dots/workspaces"),
    ("workspaces", "team/ws"),
    ("workspaces", "team/copy/workspaces"),
    ("catalog.d", "team/dots/catalog.d"),
    ("catalog.d", "team/copy/catalog.d"),
    ("workspaces/w.toml", "team/dots/workspaces/w.toml"),
    ("", "team/dots"),
    ("", "team/copy"),
    ("..", "team/up"),
];

/// The sandbox in which one of these links leads through `team`.
fn attacked((link, target): (&str, &str)) -> Sandbox {
    let home = cloned().file("team/copy/exec.toml", "").folder("team/copy/catalog.d");
    let home = home.folder("team/copy/workspaces");
    let at = match link {
        ".." => "home/.config".to_owned(),
        _ => format!("{DIR}/{link}").trim_end_matches('/').to_owned(),
    };
    if matches!(link, "workspaces" | "" | "..") {
        fs::remove_dir_all(home.path(&at)).unwrap();
    }
    let [jackin, clone] = ["clone/jackin", "clone"].map(|it| home.path(it));
    let (workspaces, target) = (jackin.join("workspaces"), home.path(target));
    home.link("team/dots", jackin)
        .link("team/up", clone)
        .link("team/ws", workspaces)
        .link(&at, target)
}

#[test]
fn another_user_who_can_lead_a_link_elsewhere_is_not_obeyed() {
    let everybody = "writable by everyone, so it is not trusted\nhint: chmod o-w [ROOT]/team\n";
    let other = "belongs to another user (4321), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n";
    let ways: &[&str] = if is_root() { &[everybody, other] } else { &[everybody] };
    for (attack, refused) in
        ATTACKS.iter().flat_map(|attack| ways.iter().map(move |it| (attack, it)))
    {
        let home = attacked(*attack);
        let home =
            if *refused == other { home.owner("team", OTHER) } else { home.mode("team", 0o777) };
        let error = format!("jackin-exec: [ROOT]/team: {refused}");
        home.run(["-p", "anthropic", "-w", "w", "true"]).fails(125, &error);
        home.run(["auth", "set", "kimi", "--file", "/k", "-w", "w"]).fails(125, &error);
        let doctor = home.run(["doctor", "-w", "w"]);
        doctor.shows_no_secret();
        let finding = error.replace("jackin-exec:", "FAIL  config   ");
        assert!(doctor.stdout.contains(finding.lines().next().unwrap()), "{attack:?}: {doctor:#?}");
        assert!(!home.path("home/ran").exists(), "{attack:?}");
        assert!(!home.read("clone/jackin/config.toml").contains("/k"), "{attack:?}");
        assert!(!home.read("clone/jackin/workspaces/w.toml").contains("/k"), "{attack:?}");
    }
}

#[test]
fn a_folder_of_another_user_that_cannot_be_listed_is_judged_as_well() {
    if !is_root() {
        return;
    }
    let home = cloned().folder("team/ws").open_to_all();
    fs::remove_dir_all(home.path(&format!("{DIR}/workspaces"))).unwrap();
    let workspace = home.path("clone/jackin/workspaces/w.toml");
    let home =
        home.link("team/ws/w.toml", workspace).owner("team/ws", OTHER).mode("team/ws", 0o711);
    let target = home.path("team/ws");
    let mut home = home.link(&format!("{DIR}/workspaces"), target);
    for ours in ["", "/.config", "/.config/jackin"] {
        home = home.owner(&format!("home{ours}"), SELF);
    }
    for ours in
        ["clone", "clone/jackin", "clone/jackin/workspaces", "clone/jackin/workspaces/w.toml"]
    {
        home = home.owner(ours, SELF);
    }
    let run = |home: &Sandbox| {
        let mut command = home.command();
        command.uid(SELF).gid(SELF).args(["-p", "anthropic", "-w", "w", "sh", "-c", "echo ${#W}"]);
        home.outcome(&command.output().unwrap())
    };
    run(&home).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/workspaces: belongs to another user (4321), so it is not trusted\n\
         hint: change its owner, or name its folder with --config-dir\n",
    );
    // Our own serves, although it cannot be listed.
    fs::remove_file(home.path("team/ws/w.toml")).unwrap();
    let home = home.file("team/ws/w.toml", "[env]\nW = \"four\"\n").owner("team/ws/w.toml", SELF);
    let home = home.owner("team/ws", SELF).mode("team/ws", 0o311);
    run(&home).prints("4\n");
    let mut all = home.command();
    let outcome =
        home.outcome(&all.uid(SELF).gid(SELF).args(["-p", "zai", "true"]).output().unwrap());
    outcome.fails(125, "jackin-exec: [ROOT]/home/.config/jackin/workspaces: permission denied\nhint: make it readable for you\n");
}

#[test]
fn in_a_sticky_folder_of_root_only_ones_own_links_and_folders_count() {
    if !is_root() {
        return;
    }
    let home = sandbox().file("all/own/exec.toml", "[env]\nA = \"a\"\n").mode("all", 0o1777);
    let home = home.link("all/link", "own").link("all/theirs", "own").folder("all/folder");
    let home = home.link("all/folder/exec.toml", "../own/exec.toml").owner("all/folder", OTHER);
    lchown(home.path("all/theirs"), Some(OTHER), None).unwrap();
    let led = |target: &str| {
        let at = home.config_dir().join("exec.toml");
        let _ = fs::remove_file(&at);
        std::os::unix::fs::symlink(home.path(target), at).unwrap();
        home.run(["-p", "anthropic", "sh", "-c", "echo $A"])
    };
    led("all/own/exec.toml").prints("a\n");
    led("all/link/exec.toml").prints("a\n");
    for theirs in ["theirs", "folder"] {
        led(&format!("all/{theirs}/exec.toml")).fails(
            125,
            &format!(
                "jackin-exec: [ROOT]/all/{theirs}: belongs to another user (4321), so it is not trusted\n\
                 hint: change its owner, or name its folder with --config-dir\n"
            ),
        );
    }
}

#[test]
fn as_root_a_folder_that_another_users_link_leads_to_counts_as_that_users() {
    if !is_root() {
        return;
    }
    let home = sandbox().rooted("roots/exec.toml", "[env]\nBASH_ENV = \"[SECRET]\"\n");
    let home = home.link("their/dots", "../roots").owner("their", OTHER);
    let words = ["-p", "anthropic", "true"].map(AsRef::as_ref);
    let run = |folder: &str| {
        let folder = home.path(folder);
        let typed = ["--config-dir".as_ref(), folder.as_os_str()];
        home.run(typed.into_iter().chain(words))
    };
    run("roots").prints("");
    let outcome = run("their/dots");
    outcome.shows_no_secret();
    assert_eq!(outcome.status, 125);
    assert!(
        outcome.stderr.contains("as root, variables from another user's files"),
        "{outcome:#?}"
    );
}

/// The configuration that all these links lead to.
fn kept() -> Sandbox {
    let home = sandbox()
        .file("home/dots/jackin/exec.toml", "[env]\nA = \"a\"\n")
        .file("home/dots/jackin/workspaces/w.toml", "[env]\nW = \"w\"\n")
        .folder("home/dots/jackin/catalog.d");
    fs::remove_dir_all(home.path("home/.config")).unwrap();
    home
}

#[test]
fn links_of_ones_own_lead_to_the_configuration() {
    let own = |names: &[&str], absolute: bool| {
        let home = kept();
        let root = home.path("home/dots/jackin");
        names.iter().fold(home, |home, name| {
            let up = "../".repeat(2 + name.matches('/').count());
            let relative = format!("{up}dots/jackin/{name}");
            let target = if absolute { root.join(name) } else { relative.into() };
            home.link(&format!("{DIR}/{name}"), target)
        })
    };
    let homes = [
        ("stow: the folder", kept().link(DIR, "../dots/jackin")),
        ("stow: .config", kept().link("home/.config", "dots")),
        ("files and folders, relative", own(&["exec.toml", "workspaces", "catalog.d"], false)),
        ("files and folders, absolute", own(&["exec.toml", "workspaces", "catalog.d"], true)),
        ("files", own(&["exec.toml", "workspaces/w.toml"], false)),
        (
            "a chain",
            kept()
                .link(DIR, "../one")
                .link("home/one", "./two/")
                .link("home/two", "x/../dots/jackin")
                .folder("home/x"),
        ),
        (
            "Kubernetes",
            kept()
                .link("home/dots/..data", "jackin")
                .link(&format!("{DIR}/exec.toml"), "../../dots/..data/exec.toml")
                .link(&format!("{DIR}/workspaces"), "../../dots/..data/workspaces"),
        ),
        // As the group of a person's own name has it.
        (
            "a home that its group may write",
            own(&["exec.toml", "workspaces"], true).mode("home", 0o775),
        ),
    ];
    let words = ["-p", "anthropic", "-w", "w", "sh", "-c", "echo $A$W"];
    for (claim, home) in homes {
        let outcome = home.run(words);
        assert_eq!(
            (outcome.status, &*outcome.stdout, &*outcome.stderr),
            (0, "aw\n", ""),
            "{claim}"
        );
        assert_eq!(home.run(["auth", "set", "zai", "--file", "/k"]).status, 0, "{claim}");
        assert!(home.run(words).stdout == "aw\n", "{claim}");
    }
    let home = kept().link(DIR, "../dots/jackin");
    let home = home.link("usr/home", "../home");
    let folder = home.path("usr/home");
    home.env("HOME", folder).run(words).prints("aw\n");
    // A relative path, with all that paths may contain.
    let home = kept().link("here/cfg", "../home/dots/jackin");
    for path in
        ["cfg", "./cfg/", "cfg/.", "../here/cfg", "cfg/workspaces/..", "../home/dots/jackin"]
    {
        home.run(["--config-dir", path].into_iter().chain(words)).prints("aw\n");
    }
    // Where nothing is, nothing is missed.
    sandbox().link("home/.c", "x").run(["-p", "anthropic", "true"]).prints("");
    let empty = kept();
    fs::create_dir(empty.path("home/empty")).unwrap();
    empty.link("home/.config", "empty").run(["-p", "anthropic", "true"]).prints("");
}

#[test]
fn in_a_user_namespace_without_root_ones_own_links_lead_to_the_configuration() {
    if !is_root() || !can_unshare() {
        return;
    }
    let home = kept().open_to_all();
    let target = home.path("home/dots/jackin/exec.toml");
    let mut home = home.link(&format!("{DIR}/exec.toml"), target);
    let owned =
        ["", "/.config", "/.config/jackin", "/dots", "/dots/jackin", "/dots/jackin/exec.toml"];
    for path in owned {
        home = home.owner(&format!("home{path}"), SELF);
    }
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-current-user"]).arg(crate::support::PROGRAM);
    command.args(["-p", "anthropic", "sh", "-c", "echo $A"]).uid(SELF).gid(SELF);
    command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
    home.outcome(&command.current_dir("/").output().unwrap()).prints("a\n");
}
