use super::*;

/// A folder with `home/`, `work/` and `work/inner/`, and a link to it.
fn folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["home/deep", "work/inner/deep", "other"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink("work", folder.path().join("link")).unwrap();
    folder
}

#[test]
fn a_workspace_reaches_as_deep_as_its_deepest_folder_around_us() {
    let root = folders();
    let root = root.path().canonicalize().unwrap();
    let depth_of = |path: &Path| path.components().count();
    let (work, inner) = (depth_of(&root.join("work")), depth_of(&root.join("work/inner")));
    for (workdir, mounts, choosing, policy) in [
        (None, &[][..], None, None),
        (Some("work"), &[][..], None, Some(work)),
        (Some("work/inner"), &[][..], Some(inner), Some(inner)),
        (Some("work/inner/deep"), &[][..], None, None),
        (Some("other"), &["work"][..], Some(work), Some(work)),
        (None, &["work", "work/inner", "other"][..], Some(inner), Some(inner)),
        (None, &["link"][..], Some(work), Some(work)),
        (Some("work"), &["missing"][..], None, Some(work)),
    ] {
        let at = |path: &str| root.join(path).to_string_lossy().into_owned();
        let workspace = Workspace {
            workdir: workdir.map(at),
            mounts: mounts.iter().map(|path| at(path)).collect(),
            ..Workspace::default()
        };
        let here = Here::new(root.join("work/inner"), None);
        let expected = Depth { choosing, policy };
        assert_eq!(here.depth(&workspace), expected, "{workdir:?} {mounts:?}");
    }
}

#[test]
fn a_folder_of_exec_toml_reaches_as_deep_as_its_path_if_it_is_around_us() {
    let root = folders();
    let root = root.path().canonicalize().unwrap();
    let here = Here::new(root.join("work/inner"), Some(root.join("work")));
    let at = |path: &str| root.join(path).to_string_lossy().into_owned();
    let work = root.join("work").components().count();
    for (path, depth) in [
        (at("work"), Some(work)),
        (at("work/inner"), Some(work + 1)),
        (at("link"), Some(work)),
        (at("link/inner"), Some(work + 1)),
        (at("work/inner/deep"), None),
        (at("work/in"), None),
        (at("other"), None),
        ("~".to_owned(), Some(work)),
        ("/".to_owned(), Some(1)),
        ("inner".to_owned(), None),
    ] {
        assert_eq!(here.depth_of_folder(&path), depth, "{path}");
        assert_eq!(here.depth_of_folder(&path), depth, "{path}, once more");
    }
}

#[test]
fn a_folder_that_may_not_be_looked_at_is_compared_by_name_and_one_that_is_gone_is_not() {
    let root = folders();
    let root = root.path().canonicalize().unwrap();
    let here = Here::new(root.join("work/gone/deep"), None);
    let work = root.join("work").components().count();
    for (path, by_name, depth) in [
        ("link", Some(work), Some(work)),
        ("link/gone", Some(work + 1), None),
        ("link/gone/deep", Some(work + 2), None),
        ("link/gone/other", None, None),
        ("other", None, None),
    ] {
        let path = root.join(path);
        assert_eq!(here.depth_by_name(&path), by_name, "{}", path.display());
        let depth_of_folder = here.depth_of_folder(&path.to_string_lossy());
        assert_eq!(depth_of_folder, depth, "{}", path.display());
    }
}

#[test]
fn a_path_leads_to_a_folder_or_not() {
    let root = folders();
    std::fs::write(root.path().join("file"), "").unwrap();
    let at = |path: &str| root.path().join(path).to_string_lossy().into_owned();
    for (path, is) in [
        (at("work"), true),
        (at("link"), true),
        (at("file"), false),
        (at("missing"), false),
        (".".to_owned(), false),
        ("~".to_owned(), true),
        ("~/missing".to_owned(), false),
    ] {
        assert_eq!(is_folder(&path, Some(root.path())), is, "{path}");
    }
}

#[test]
fn a_workspace_names_a_folder_if_one_of_its_paths_is_absolute() {
    let here = Here::new("/here".into(), Some("/home".into()));
    for (workdir, mounts, names) in [
        (None, &[][..], false),
        (Some("/nowhere"), &[][..], true),
        (Some("relative"), &["x"][..], false),
        (Some("relative"), &["x", "/x"][..], true),
        (None, &["~/x"][..], true),
    ] {
        let mounts = mounts.iter().map(ToString::to_string).collect();
        let workdir = workdir.map(str::to_owned);
        let workspace = Workspace { workdir, mounts, ..Workspace::default() };
        assert_eq!(here.names_a_folder(&workspace), names, "{workspace:?}");
    }
}

#[test]
fn a_workspace_has_a_folder_if_one_of_its_paths_leads_to_one() {
    let root = folders();
    std::fs::write(root.path().join("file"), "").unwrap();
    let here = Here::new("/".into(), Some(root.path().to_owned()));
    for (workdir, mounts, has) in [
        (None, &[][..], false),
        (Some("~/work"), &[][..], true),
        (Some("~/link"), &[][..], true),
        (Some("~/missing"), &["~/file", "work"][..], false),
        (Some("~/missing"), &["~/file", "~/work"][..], true),
    ] {
        let mounts = mounts.iter().map(ToString::to_string).collect();
        let workdir = workdir.map(str::to_owned);
        let workspace = Workspace { workdir, mounts, ..Workspace::default() };
        assert_eq!(here.has_a_folder(&workspace), has, "{workspace:?}");
    }
}

#[test]
fn a_tilde_is_the_home_where_jackin_reads_one() {
    let root = folders();
    let root = root.path().canonicalize().unwrap();
    let home = root.join("home");
    let here = Here::new(home.join("deep"), Some(home.clone()));
    let depth = |path: &str| {
        here.depth(&Workspace { mounts: vec![path.to_owned()], ..Workspace::default() }).choosing
    };
    let of_home = Some(home.components().count());
    assert_eq!(depth("~"), of_home);
    assert_eq!(depth("~/"), of_home);
    assert_eq!(depth("~//deep"), of_home.map(|depth| depth + 1));
    assert_eq!(depth("~/deep"), of_home.map(|depth| depth + 1));
    assert_eq!(depth("~deep"), None);
    assert_eq!(depth("deep"), None);
    assert_eq!(depth(""), None);
}

#[test]
fn the_first_look_passes_whatever_may_name_a_folder_around_us() {
    let root = folders();
    let root = root.path().canonicalize().unwrap();
    let here = Here::new(root.join("work/inner"), Some(root.join("home")));
    let (work, other) = (root.join("work"), root.join("other"));
    let (work, other) = (work.display(), other.display());
    for (text, passes) in [
        (String::new(), false),
        (format!("workdir = \"{work}\""), true),
        (format!("workdir = '{work}'"), true),
        (format!("workdir = \"{other}\""), false),
        (format!("a = \"x\"\nworkdir = \"{work}\""), true),
        (format!("workdir = \"{other}\"\nb = '{work}'"), true),
        (format!("workdir = \"{other}\"\nb = '{other}'"), false),
        ("workdir = \"~/deep\"".to_owned(), false),
        ("workdir = \"relative\"".to_owned(), false),
        ("workdir = \"\\u002f\"".to_owned(), true),
        ("workdir = \"\"\"\nx\"\"\"".to_owned(), true),
        ("workdir = ''".to_owned(), false),
        ("workdir = ''\n".to_owned(), false),
        (format!("workdir = \"{work}"), true),
        ("a = \"/\u{fffd}\"".to_owned(), false),
    ] {
        assert_eq!(here.may_be_in(text.as_bytes()), passes, "{text}");
    }
    assert!(here.may_be_in(b"workdir = \"/\xff\""), "not UTF-8, so nobody knows");
}

#[test]
fn the_deepest_workspace_is_chosen_and_of_two_the_last_by_name() {
    let depth = |choosing, policy| Depth { choosing, policy };
    for (depths, name, bound) in [
        (&[][..], None, &[][..]),
        (&[("a", depth(None, None))][..], None, &[][..]),
        (&[("a", depth(None, Some(3)))][..], None, &["a"][..]),
        (
            &[("a", depth(Some(2), Some(2))), ("b", depth(Some(3), Some(3)))][..],
            Some("b"),
            &["b"][..],
        ),
        (
            &[("a", depth(Some(3), Some(3))), ("b", depth(Some(3), Some(3)))][..],
            Some("b"),
            &["a", "b"][..],
        ),
        (
            &[("a", depth(Some(4), Some(4))), ("b", depth(Some(3), Some(5)))][..],
            Some("a"),
            &["b"][..],
        ),
    ] {
        assert_eq!(chosen(depths.iter().copied()), name);
        assert_eq!(surrounding(depths.iter().copied()), bound);
    }
}
