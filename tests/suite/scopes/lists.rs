//! Lists of providers: where they bind, and that none is lost.

use crate::scopes::home;
use crate::support::SENTINEL;

/// Lists that bind: exec.toml's tables, arguments, the folder we are in, and what becomes of `-p
/// zai`.
type Bound =
    (&'static str, &'static str, &'static [&'static str], &'static str, Option<&'static str>);

/// The workspace `w` lies in `[ROOT]/here`, by its workdir; `deep` in `[ROOT]/here/deep` and `twin`
/// in `[ROOT]/twin` together with `other`, by mounts; `far` lies in `[ROOT]/far`, where nothing starts.
const POLICIES: &[Bound] = &[
    ("no list", "", &[], "here", None),
    (
        "the list of the chosen one",
        "[workspaces.far]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "home",
        Some("far"),
    ),
    (
        "a list that holds it",
        "[workspaces.far]\nproviders = [\"kimi\", \"zai\"]",
        &["-w", "far"],
        "home",
        None,
    ),
    ("a list elsewhere", "[workspaces.far]\nproviders = [\"kimi\"]", &[], "here", None),
    ("the folder's list", "[workspaces.w]\nproviders = [\"kimi\"]", &[], "here", Some("w")),
    (
        "--no-workspace is no way out",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here",
        Some("w"),
    ),
    (
        "-w is no way out",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "here",
        Some("w"),
    ),
    (
        "workdir holds below itself",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &[],
        "here/x/y",
        Some("w"),
    ),
    (
        "and with --no-workspace, too",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here/x",
        Some("w"),
    ),
    (
        "a nested workspace without a list does not lift the one around it",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &[],
        "here/deep",
        Some("w"),
    ),
    (
        "nor with --no-workspace",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here/deep",
        Some("w"),
    ),
    (
        "a nested workspace's own list replaces it",
        "[workspaces.w]\nproviders = [\"kimi\"]\n[workspaces.deep]\nproviders = [\"zai\"]",
        &[],
        "here/deep",
        None,
    ),
    (
        "also where the inner list is the narrower",
        "[workspaces.w]\nproviders = [\"zai\"]\n[workspaces.deep]\nproviders = [\"kimi\"]",
        &[],
        "here/deep",
        Some("deep"),
    ),
    (
        "through a link",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "link/x",
        Some("w"),
    ),
    (
        "at equal depth one list",
        "[workspaces.other]\nproviders = [\"kimi\"]",
        &[],
        "twin",
        Some("other"),
    ),
    (
        "at equal depth the other",
        "[workspaces.twin]\nproviders = [\"kimi\"]",
        &[],
        "twin",
        Some("twin"),
    ),
    ("an empty list", "[workspaces.w]\nproviders = []", &[], "here", Some("w")),
    (
        "both lists",
        "[workspaces.w]\nproviders = [\"zai\"]\n[workspaces.far]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "here",
        Some("far"),
    ),
];

#[test]
fn a_list_of_providers_binds_where_it_should_and_has_no_way_out() {
    for (claim, exec, arguments, folder, bound) in POLICIES {
        let home = home()
            .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
            .rooted(
                "home/.config/jackin/workspaces/deep.toml",
                "mounts = [{ src = \"[ROOT]/here/deep\" }]\n",
            )
            .rooted(
                "home/.config/jackin/workspaces/twin.toml",
                "mounts = [{ src = \"[ROOT]/twin\" }]\n",
            )
            .rooted(
                "home/.config/jackin/workspaces/other.toml",
                "mounts = [{ src = \"[ROOT]/twin\" }]\n",
            )
            .rooted("home/.config/jackin/workspaces/far.toml", "workdir = \"[ROOT]/far\"\n")
            .exec(exec)
            .folder("far")
            .folder("twin")
            .folder("here/deep")
            .folder("here/x")
            .link("link", "here")
            .in_folder(folder)
            .env("ZAI_API_KEY", "k")
            .env("KIMI_CODE_API_KEY", "sk-kimi-k");
        let outcome = home.run(["-p", "zai", "-n"].iter().chain(*arguments));
        if let Some(workspace) = bound {
            let allowed = if exec.ends_with("[]") { "none" } else { "kimi" };
            let words = format!(
                "jackin-exec: workspace {workspace} does not allow provider zai; it allows {allowed}\nhint: the list is `providers` of [workspaces.{workspace}] in exec.toml\n"
            );
            assert_eq!((outcome.status, outcome.stderr), (125, words), "{claim}");
        } else {
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{claim}");
        }
    }
}

#[test]
fn a_list_binds_where_the_folder_was_mounted_a_second_time() {
    let home = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("here/x")
        .folder("second");
    let script = "mount --bind \"$1\" \"$2\" && cd \"$2/x\" && shift 2 && exec \"$@\"";
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .args([home.path("here"), home.path("second")])
        .args([crate::support::PROGRAM, "-p", "zai", "true"])
        .env_clear()
        .env("HOME", home.path("home"))
        .env("PATH", "/usr/bin:/bin")
        .env("ZAI_API_KEY", "k")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        crate::support::skipped(format_args!("this test needs the right to mount: {said}"));
        return;
    }
    assert!(said.starts_with("jackin-exec: workspace w does not allow provider zai"), "{said}");
}

#[test]
fn a_list_binds_below_a_folder_that_may_not_be_searched() {
    if !crate::support::is_root() {
        return;
    }
    for (workdir, binds) in [
        ("above/private/w", true),
        ("above/private/./w/", true),
        ("above/../above/private/w", true),
        ("link/private/w", true),
        ("above/private", true),
        ("above/private/other", false),
        ("above/private/w/sub/deeper", false),
    ] {
        let file = "home/.config/jackin/workspaces/w.toml";
        let home = home()
            .rooted(file, &format!("workdir = \"[ROOT]/{workdir}\"\n"))
            .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
            .folder("above/private/w/sub/deeper")
            .link("link", "above")
            .mode("above/private", 0o700)
            .mode(file, 0o644)
            .mode("home/.config/jackin/exec.toml", 0o644)
            .open_to_all();
        // Std's Command would change the user first, and then could not enter the folder.
        let output = std::process::Command::new("/usr/sbin/chroot")
            .args(["--userspec=65534:65534", "--skip-chdir", "/", crate::support::PROGRAM])
            .args(["-p", "zai", "true"])
            .current_dir(home.path("above/private/w/sub"))
            .env_clear()
            .env("HOME", home.path("home"))
            .env("PATH", "/usr/bin:/bin")
            .env("ZAI_API_KEY", "k")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let refusal = "jackin-exec: workspace w does not allow provider zai";
        assert_eq!(said.starts_with(refusal), binds, "{workdir}: {said}");
        assert_eq!(output.status.success(), !binds, "{workdir}: {said}");
    }
}

#[test]
fn where_lists_may_bind_a_directory_that_is_gone_is_an_error() {
    let home = home()
        .workspace("w", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("gone");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"", "sh"])
        .arg(home.path("gone"));
    command.arg(crate::support::PROGRAM).args(["-p", "anthropic", "--no-workspace", "true"]);
    command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "jackin-exec: the current directory no longer exists, and a list of providers may apply to it\n\
         hint: change to a directory that exists\n"
    );
    assert_eq!(output.status.code(), Some(125));
}

#[test]
fn a_list_leaves_only_what_it_holds_to_choose_from() {
    let empty = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = []\n");
    let words = "jackin-exec: workspace w allows no provider\nhint: change the list in exec.toml\n";
    empty.run(["-n"]).fails(125, words);
    let home = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n");
    home.run(["-n"]).fails(
        125,
        "jackin-exec: workspace w allows kimi, and none of them has a key\n\
         hint: give one of them a key, or change the list in exec.toml\n",
    );
    // Anthropic needs no key, but it is not in the list.
    home.run(["-n", "-p", "anthropic"])
        .fails(125, "jackin-exec: workspace w does not allow provider anthropic; it allows kimi\nhint: the list is `providers` of [workspaces.w] in exec.toml\n");
    let home = home.env("KIMI_CODE_API_KEY", "sk-kimi-k").env("ZAI_API_KEY", "k");
    let plan = home.run(["-n", "--json"]).json();
    assert_eq!(
        (&plan["provider"]["id"], &plan["provider"]["origin"]),
        (&"kimi".into(), &"only".into())
    );
}

/// What becomes of the file of a workspace with a list: its content, and what is said. Without a
/// content, see the test.
const LOST: &[(&str, Option<&str>, &str)] = &[
    (
        "broken behind its folder",
        Some("workdir = \"[ROOT]/here\"\nenv = 1\n"),
        "w.toml:2:7: expected a table\n",
    ),
    (
        "broken before its folder",
        Some("env = 1\nworkdir = \"[ROOT]/here\"\n"),
        "w.toml:1:7: expected a table\n",
    ),
    ("garbage", Some("[SECRET] [[[ not toml"), "w.toml:1:29: key with no value, expected `=`\n"),
    ("empty", Some(""), NO_FOLDER),
    ("no folder", Some("[env]\nA = \"[SECRET]\"\n"), NO_FOLDER),
    ("an empty folder", Some("workdir = \"\"\n"), NO_FOLDER),
    ("a relative folder", Some("workdir = \"here\"\n"), NO_FOLDER),
    ("a folder that was renamed", Some("workdir = \"[ROOT]/client-b/src\"\n"), GONE),
    (
        "folders that were mistyped",
        Some("workdir = \"~/heer\"\nmounts = [{ src = \"~/mount\" }]\n"),
        GONE,
    ),
    ("a file instead of a folder", Some("workdir = \"~/.config/jackin/exec.toml\"\n"), GONE),
    ("a pipe", None, "w.toml: not a regular file\n"),
    ("a folder", None, "w.toml: not a regular file\n"),
    (
        "absent",
        None,
        "w.toml: there is no such file, and workspace w has a list of providers in exec.toml: jackin-exec cannot tell where the \
         list applies\nhint: correct the name in exec.toml, or create workspaces/w.toml with a workdir; simpler, without that file: [folders.\"~/w\"] in place of [workspaces.w]\n",
    ),
    (
        "a link to nothing",
        None,
        "w.toml: broken link\nhint: restore the file, or remove the link\n",
    ),
];

const NO_FOLDER: &str = "w.toml: names no folder, and workspace w has a list of providers in exec.toml: jackin-exec cannot tell \
    where the list applies\nhint: name one with workdir or the src of a mount, or remove the list\n";

const GONE: &str = "w.toml: none of its folders exists here, and workspace w has a list of providers in exec.toml: jackin-exec \
    cannot tell where the list applies\nhint: correct workdir or the src of a mount, create the folder, or remove the list; -w w \
    starts in this workspace, under its list\n";

#[test]
fn a_workspace_whose_folders_are_gone_can_be_named_and_its_list_binds() {
    let home = home()
        .workspace("w", "workdir = \"/nowhere\"\n")
        .workspace("free", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.w]\nproviders = [\"zai\"]\n")
        .env("ZAI_API_KEY", SENTINEL);
    let said = format!("jackin-exec: [ROOT]/home/.config/jackin/workspaces/{GONE}");
    for arguments in [&["-p", "zai", "true"][..], &["-p", "zai", "-w", "free", "true"]] {
        home.run(arguments).fails(125, &said);
    }
    home.run(["-p", "zai", "-w", "w", "true"]).prints("");
    home.run(["-p", "anthropic", "-w", "w", "true"]).fails(
        125,
        "jackin-exec: workspace w does not allow provider anthropic; it allows zai\n\
         hint: the list is `providers` of [workspaces.w] in exec.toml\n",
    );
    let doctor = home.run(["doctor"]);
    let line = said.lines().next().unwrap().trim_start_matches("jackin-exec: ");
    assert!(doctor.status == 1 && doctor.stdout.contains(line), "{doctor:#?}");
    doctor.shows_no_secret();
    // One folder that exists is enough, and without a list none has to.
    let one = home.rooted(
        "home/.config/jackin/workspaces/w.toml",
        "workdir = \"/nowhere\"\nmounts = [{ src = \"[ROOT]/home\" }]\n",
    );
    one.in_folder("here").run(["-p", "anthropic", "true"]).prints("");
}

#[test]
fn a_list_is_not_lost_with_the_file_that_says_where_it_binds() {
    for (claim, content, says) in LOST {
        let file = "home/.config/jackin/workspaces/w.toml";
        let home = home()
            .folder("here/x")
            .folder("home/.config/jackin/workspaces")
            .exec("[workspaces.w]\nproviders = [\"zai\"]\n")
            .env("KIMI_CODE_API_KEY", SENTINEL);
        let mut home = match (content, *claim) {
            (Some(content), _) => home.rooted(file, content),
            (None, "a pipe") => home.fifo(file),
            (None, "a folder") => home.folder(file),
            (None, "a link to nothing") => home.link(file, "/nowhere"),
            (None, _) => home,
        };
        let wanted = format!("jackin-exec: [ROOT]/home/.config/jackin/workspaces/{says}");
        for folder in ["here", "here/x", "home"] {
            home = home.in_folder(folder);
            for arguments in [
                ["-p", "kimi", "true"].as_slice(),
                &["-p", "kimi", "--no-workspace", "true"],
                &["true"],
            ] {
                let outcome = home.run(arguments);
                assert_eq!(
                    (outcome.status, outcome.stderr.as_str()),
                    (125, wanted.as_str()),
                    "{claim} {arguments:?}"
                );
                outcome.shows_no_secret();
            }
        }
    }
}

#[test]
fn a_list_under_a_name_that_no_workspace_has_stops_a_launch_and_suggests_the_nearest() {
    home()
        .workspace("client-b", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.client-bb]\nproviders = [\"kimi\"]\n")
        .run(["-p", "anthropic", "true"])
        .fails(
            125,
            "jackin-exec: [ROOT]/home/.config/jackin/workspaces/client-bb.toml: there is no such file, and workspace client-bb \
             has a list of providers in exec.toml: jackin-exec cannot tell where the list applies\nhint: did you mean client-b?\n",
        );
}

#[test]
fn a_list_binds_a_workspace_of_config_toml() {
    let home = home()
        .rooted("home/.config/jackin/config.toml", "[workspaces.w]\nworkdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("here")
        .in_folder("here")
        .env("ZAI_API_KEY", "k");
    home.run(["-p", "zai", "--no-workspace", "true"]).fails(
        125,
        "jackin-exec: workspace w does not allow provider zai; it allows kimi\nhint: the list is `providers` of [workspaces.w] in exec.toml\n",
    );
}
