//! Which workspace applies.

use crate::scopes::home;
use crate::support::Sandbox;

#[test]
fn a_workspace_can_have_any_name_that_is_one_component_of_a_path() {
    for name in [
        "client.b", "client b", "Größe", "客户", "UPPER", "a=b", "w.toml", "-dash", "'q'",
        ".hidden", "a\tb", "...",
    ] {
        let home = home()
            .workspace(name, "[env]\nA = \"file\"\n")
            .exec(&format!("[workspaces.\"{}\".env]\nB = \"ours\"\n", name.replace('\t', "\\t")));
        let outcome =
            home.run(["-p", "anthropic", &format!("--workspace={name}"), "--dry-run", "--json"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(outcome.json()["workspace"], name);
        home.run(["-p", "anthropic", &format!("-w={name}"), "--", "sh", "-c", "echo $A $B"])
            .prints("file ours\n");
        home.env("JACKIN_EXEC_WORKSPACE", name)
            .run(["-p", "anthropic", "--", "sh", "-c", "echo $A $B"])
            .prints("file ours\n");
    }
}

/// Which workspace a folder belongs to: workspaces with the text of their file, the folder we are
/// in, the answer.
type Detection =
    (&'static str, &'static [(&'static str, &'static str)], &'static str, Option<&'static str>);

const DETECTIONS: &[Detection] = &[
    ("none", &[], "here", None),
    ("workdir exactly", &[("w", "workdir = \"[ROOT]/here\"")], "here", Some("w")),
    ("workdir is not a prefix", &[("w", "workdir = \"[ROOT]/here\"")], "here/below", None),
    ("a trailing slash", &[("w", "workdir = \"[ROOT]/here/\"")], "here", Some("w")),
    ("dots", &[("w", "workdir = \"[ROOT]/here/../here/./\"")], "here", Some("w")),
    (
        "a mount exactly",
        &[("w", "mounts = [{ src = \"[ROOT]/here\", dst = \"/x\" }]")],
        "here",
        Some("w"),
    ),
    (
        "a mount by prefix",
        &[("w", "[[mounts]]\nsrc = \"[ROOT]/here\"\ndst = \"/x\"")],
        "here/a/b",
        Some("w"),
    ),
    (
        "a prefix of components, not of letters",
        &[("w", "mounts = [{ src = \"[ROOT]/he\" }]")],
        "here",
        None,
    ),
    (
        "dst does not count",
        &[("w", "mounts = [{ src = \"/nowhere\", dst = \"[ROOT]/here\" }]")],
        "here",
        None,
    ),
    (
        "a folder that is not there",
        &[("w", "workdir = \"[ROOT]/gone\"\nmounts = [{ src = \"[ROOT]/gone\" }]")],
        "here",
        None,
    ),
    ("a relative path", &[("w", "workdir = \"here\"\nmounts = [{ src = \".\" }]")], "here", None),
    ("~ is home", &[("w", "workdir = \"~\"")], "home", Some("w")),
    ("~/ is below home", &[("w", "mounts = [{ src = \"~/code\" }]")], "home/code/x", Some("w")),
    ("~user is not", &[("w", "mounts = [{ src = \"~root\" }]")], "home", None),
    (
        "the deepest wins",
        &[
            ("z-outer", "mounts = [{ src = \"[ROOT]/here\" }]"),
            ("a-inner", "mounts = [{ src = \"[ROOT]/here/a\" }]"),
        ],
        "here/a/b",
        Some("a-inner"),
    ),
    (
        "workdir counts with its own depth",
        &[("a", "workdir = \"[ROOT]/here/a\""), ("b", "mounts = [{ src = \"[ROOT]/here\" }]")],
        "here/a",
        Some("a"),
    ),
    (
        "the best match of a workspace counts",
        &[
            (
                "a",
                "mounts = [{ src = \"[ROOT]/here/x/y\" }, { src = \"[ROOT]\" }, { src = \"[ROOT]/here/x\" }]",
            ),
            ("b", "mounts = [{ src = \"[ROOT]/here\" }]"),
        ],
        "here/x",
        Some("a"),
    ),
    (
        "at equal depth the name that sorts last",
        &[
            ("b", "mounts = [{ src = \"[ROOT]/here\" }]"),
            ("c", "workdir = \"[ROOT]/here\""),
            ("a", "mounts = [{ src = \"[ROOT]/here\" }]"),
        ],
        "here",
        Some("c"),
    ),
    (
        "names are compared byte by byte",
        &[("Z", "workdir = \"[ROOT]/here\""), ("a", "workdir = \"[ROOT]/here\"")],
        "here",
        Some("a"),
    ),
    (
        "a link in the configuration",
        &[("w", "mounts = [{ src = \"[ROOT]/link\" }]")],
        "here/a",
        Some("w"),
    ),
    (
        "a folder reached through a link",
        &[("w", "mounts = [{ src = \"[ROOT]/here\" }]")],
        "link/a",
        Some("w"),
    ),
    (
        "the depth is that of the target",
        &[
            ("a", "mounts = [{ src = \"[ROOT]/here/a\" }]"),
            ("z", "mounts = [{ src = \"[ROOT]/deep/deep/deep/link\" }]"),
        ],
        "here/a/b",
        Some("a"),
    ),
    ("escapes in the path", &[("w", "workdir = \"[ROOT]/\\u0068ere\"")], "here", Some("w")),
    ("a literal string", &[("w", "workdir = '[ROOT]/here'")], "here", Some("w")),
    (
        "a string of several lines",
        &[("w", "workdir = \"\"\"\n[ROOT]/here\"\"\"")],
        "here",
        Some("w"),
    ),
    (
        "dotted keys",
        &[("w", "mounts = [{ src = \"[ROOT]\" }]\nroles.r.env.A = \"x\"")],
        "here",
        Some("w"),
    ),
    (
        "a path with blanks and quotes",
        &[("w", "workdir = \"[ROOT]/it's  here\"")],
        "it's  here",
        Some("w"),
    ),
    (
        "a path in another alphabet",
        &[("w", "workdir = \"[ROOT]/größe/客户\"")],
        "größe/客户",
        Some("w"),
    ),
    ("the root of all", &[("w", "mounts = [{ src = \"/\" }]")], "here", Some("w")),
];

#[test]
fn the_current_directory_finds_its_workspace() {
    for inline in [false, true] {
        for (claim, workspaces, folder, wanted) in DETECTIONS {
            let mut config = String::new();
            let mut home = home().folder("here/a").link("link", "here").folder("deep/deep/deep");
            home = home.link("deep/deep/deep/link", "../../../here");
            for (name, text) in *workspaces {
                if inline {
                    config += &format!(
                        "[workspaces.{name}]\n{}\n",
                        text.replace("[[", &format!("[[workspaces.{name}."))
                    );
                } else {
                    home =
                        home.rooted(&format!("home/.config/jackin/workspaces/{name}.toml"), text);
                }
            }
            let home = home.rooted("home/.config/jackin/config.toml", &config).in_folder(folder);
            let outcome = home.run(["-p", "anthropic", "--dry-run", "--json"]);
            assert_eq!(
                (outcome.status, outcome.stderr.as_str()),
                (0, ""),
                "{claim}, inline: {inline}"
            );
            assert_eq!(outcome.json()["workspace"].as_str(), *wanted, "{claim}, inline: {inline}");
        }
    }
}

#[test]
fn a_named_workspace_or_none_beats_the_current_directory() {
    let home = home()
        .rooted("home/.config/jackin/workspaces/near.toml", "workdir = \"[ROOT]/here\"\n")
        .workspace("far", "")
        .env("JACKIN_EXEC_WORKSPACE", "");
    let workspace = |home: &Sandbox, arguments: &[&str]| {
        let outcome = home.run(["-p", "anthropic", "--dry-run", "--json"].iter().chain(arguments));
        outcome.json()["workspace"].as_str().map(str::to_owned)
    };
    assert_eq!(workspace(&home, &[]).as_deref(), Some("near"));
    assert_eq!(workspace(&home, &["-w", "far"]).as_deref(), Some("far"));
    assert_eq!(workspace(&home, &["--no-workspace"]), None);
    let home = home.env("JACKIN_EXEC_WORKSPACE", "far");
    assert_eq!(workspace(&home, &[]).as_deref(), Some("far"));
    assert_eq!(workspace(&home, &["-w", "near"]).as_deref(), Some("near"));
    assert_eq!(workspace(&home, &["--no-workspace"]), None);
}

#[test]
fn a_current_directory_that_was_removed_belongs_to_no_workspace() {
    let home = home()
        .rooted(
            "home/.config/jackin/workspaces/w.toml",
            "mounts = [{ src = \"[ROOT]\" }]\n[env]\nA = \"w\"\n",
        )
        .config("[env]\nA = \"global\"\n")
        .folder("gone");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"", "sh"])
        .arg(home.path("gone"));
    command.arg(crate::support::PROGRAM).args(["-p", "anthropic", "printenv", "A"]);
    command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "global\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
