//! What points at something else: references, names, URLs and folders. Each is judged as those judge it who will use
//! it, and the first look at a workspace's file never passes over a folder that we are in.

use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

use jackin_exec::config;
use jackin_exec::config::EnvName;
use jackin_exec::config::EnvValue;
use jackin_exec::config::Error;
use jackin_exec::config::Problem;
use jackin_exec::provider::Endpoint;
use jackin_exec::scope::Depth;
use jackin_exec::scope::Here;
use secrecy::ExposeSecret;
use url::Host;
use url::Url;

use crate::dice::Dice;
use crate::toml;
use crate::toml::Node;
use crate::toml::Table;
use crate::toml::text;

/// One word, one URL or one workspace's file.
pub fn check(data: &[u8]) {
    let mut dice = Dice::new(data);
    match dice.below(4) {
        0 => {
            if let Ok(word) = std::str::from_utf8(dice.rest()) {
                names(word);
                value(word);
                endpoint(word);
            }
        }
        1 => endpoint(&joined(&mut dice, URLS)),
        2 => written(&mut dice),
        _ => {
            let places = places();
            let mut parts: Vec<&str> = FILE.to_vec();
            parts.extend(places.folders.iter().map(|folder| folder.path.as_str()));
            around(&joined(&mut dice, &parts));
        }
    }
}

/// Parts of URLs.
const URLS: &[&str] = &[
    "https://",
    "http://",
    "127.0.0.1",
    "localhost",
    "[::1]",
    ":",
    "8080",
    "/",
    "v1",
    ".",
    "..",
    "@",
    "?",
    "#",
    "%",
    "\\",
    "host",
    "xn--",
    "0x7f",
    "_",
    "-",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "0",
    "[",
    "]",
    "\t",
    "ü",
    "%2e",
    "LOCALHOST",
    "1",
];

/// Parts of a workspace's file.
const FILE: &[&str] = &[
    "workdir = ",
    "[[mounts]]\n",
    "src = ",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\n",
    "\\",
    "\\u002f",
    "#",
    "mounts = [{ src = ",
    " }]\n",
    "a = ",
    "\r\n",
    "[env]\n",
    " = ",
    ", ",
    "dst = ",
    "/",
];

/// Parts and a few raw bytes, one after the other.
fn joined(dice: &mut Dice<'_>, parts: &[&str]) -> String {
    let mut text = String::new();
    while dice.any_left() && text.len() < 1024 {
        match dice.below(parts.len() + 1) {
            0 => text.push_str(&String::from_utf8_lossy(dice.bytes(4))),
            one => text.push_str(parts[one - 1]),
        }
    }
    text
}

/// Words that name something.
fn names(word: &str) {
    let name = EnvName::new(word);
    match &name {
        Ok(name) => assert_eq!(name.as_str(), word),
        Err(Problem::NameEmpty) => assert!(word.is_empty()),
        Err(Problem::NameCharacter) => assert!(word.contains(['=', '\0'])),
        Err(Problem::NameReserved(reserved)) => assert_eq!(*reserved, word),
        Err(problem) => panic!("{problem}"),
    }
    assert!(name.is_err() || !(word.is_empty() || word.contains(['=', '\0'])));
    if config::is_identifier(word) {
        // As POSIX has it, and so no shell, no `env` and no systemd would read it otherwise.
        assert!(
            word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !word.starts_with(|c: char| c.is_ascii_digit())
        );
        assert!(!matches!(name, Err(Problem::NameEmpty | Problem::NameCharacter)));
    }
    if config::is_workspace_name(word) {
        let file = Path::new("/c/workspaces").join(format!("{word}.toml"));
        assert_eq!(file.parent(), Some(Path::new("/c/workspaces")), "a file elsewhere");
    }
    if config::is_model_id(word) {
        assert!(word.split_whitespace().eq([word]) && !word.contains(char::is_control));
    }
}

/// A string as a value.
fn value(word: &str) {
    let file = format!("[env]\nA = {}\n", toml::string(word, &mut Dice::new(&[])));
    let mut offences = Vec::new();
    let found = config::exec(Path::new("/exec.toml"), &file, &mut offences);
    let found = match found {
        Ok(found) => found,
        Err(Error::Wrong(_)) => {
            assert!(
                word.starts_with("op://") && !config::is_op_reference(word) && !word.contains('\0'),
                "{word:?}"
            );
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(offences.len(), usize::from(word.contains('\0')));
    let found = found.env.iter().next().map(|(_, declared)| &declared.value);
    let identifier = |name: &str| {
        let first =
            name.chars().next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic());
        first && name.chars().all(|one| one == '_' || one.is_ascii_alphanumeric())
    };
    let variable = word.strip_prefix('$').map(|rest| {
        rest.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(rest)
    });
    match found.expect("one value") {
        EnvValue::Empty => assert!(word.is_empty() || word.contains('\0')),
        EnvValue::HostVar(name) => {
            assert!(
                identifier(name) && (word == format!("${name}") || word == format!("${{{name}}}"))
            );
        }
        EnvValue::Op(op) => {
            let reference = &op.reference;
            assert!(op.path.is_none() && op.account.is_none());
            assert_eq!(reference, word);
            assert!(word.starts_with("op://"));
            if !config::is_op_reference(reference) {
                return;
            }
            let path = word
                .strip_prefix("op://")
                .expect("a reference")
                .split('?')
                .next()
                .unwrap_or_default();
            let parts: Vec<&str> = path.split('/').collect();
            assert!(matches!(parts.as_slice(), [_, _, _] | [_, _, _, _]));
            assert!(!parts.iter().any(|part| part.is_empty() || part.starts_with('-')));
            assert!(!word.contains(char::is_control));
        }
        EnvValue::Literal(secret) => {
            assert_eq!(secret.expose_secret(), word);
            assert!(!word.starts_with("op://") && !variable.is_some_and(identifier), "{word:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// A base URL that passes means to the client, which reads URLs as browsers do, what it means to us.
fn endpoint(word: &str) {
    let endpoint = match Endpoint::new(word) {
        Ok(endpoint) => endpoint,
        // Told without a word of it.
        Err(what) => return assert!(what.is_ascii() && !what.is_empty()),
    };
    assert_eq!(Endpoint::new(endpoint.url()).as_ref(), Ok(&endpoint), "what passed passes again");
    for url in [endpoint.url().to_owned(), format!("{}/v1/messages", endpoint.url())] {
        // Some hosts are none: the client says so itself, and sends nothing.
        let Ok(read) = Url::parse(&url) else {
            return;
        };
        assert_eq!(read.scheme(), url.split(':').next().unwrap_or_default());
        assert_eq!(
            (read.username(), read.password(), read.query(), read.fragment()),
            ("", None, None, None),
            "{url}"
        );
        let loopback = match read.host().expect("a host") {
            Host::Domain(name) => {
                assert!(name.eq_ignore_ascii_case(endpoint.host()), "{url}");
                name == "localhost"
            }
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => {
                assert_eq!(endpoint.host().parse(), Ok(address), "{url}");
                address.is_loopback()
            }
        };
        assert!(loopback || !endpoint.is_loopback(), "{url}");
        let written = url.splitn(4, '/').nth(3).unwrap_or_default();
        assert_eq!(read.path().strip_prefix('/'), Some(written), "the path is read otherwise");
    }
}

/// A folder as a file may write it, and how deep it reaches towards us.
struct Folder {
    path: String,
    depth: Option<usize>,
    exact: bool,
}

struct Places {
    directory: PathBuf,
    home: PathBuf,
    folders: Vec<Folder>,
}

/// A few folders below the one for temporary files, made once and left there.
fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let root = std::env::temp_dir().join("jackin-exec-fuzz");
        std::fs::create_dir_all(root.join("home/a/b")).expect("a folder");
        std::fs::create_dir_all(root.join("home/other")).expect("a folder");
        // It may be there already.
        let _ = std::os::unix::fs::symlink("home/a", root.join("link"));
        let root = root.canonicalize().expect("a folder");
        let (home, directory) = (root.join("home"), root.join("home/a/b"));
        let below = |rest: &str| format!("{}{rest}", root.display());
        let paths = [
            "/".to_owned(),
            "/.".to_owned(),
            "//".to_owned(),
            "~".to_owned(),
            "~/a".to_owned(),
            "~//a/b".to_owned(),
            "~/a/b/".to_owned(),
            "~/../home/a".to_owned(),
            "~a".to_owned(),
            "~/other".to_owned(),
            "a/b".to_owned(),
            String::new(),
            ".".to_owned(),
            below(""),
            below("/home"),
            below("/home/a/b"),
            below("/link"),
            below("/link/b"),
            below("/nowhere"),
            below("/home/a/b/c"),
            below("/home/./a/../a"),
            "/dev/null".to_owned(),
        ];
        let folder = |path: String| {
            let expanded = match path.strip_prefix('~') {
                Some("") => home.clone(),
                Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
                _ => PathBuf::from(&path),
            };
            let canonical = expanded
                .canonicalize()
                .ok()
                .filter(|found| expanded.is_absolute() && directory.starts_with(found));
            let depth = canonical.as_ref().map(|found| found.components().count());
            Folder { path, depth, exact: canonical.as_ref() == Some(&directory) }
        };
        let folders = paths.into_iter().map(folder).collect();
        Places { directory, home, folders }
    })
}

/// A workspace's file with folders in every form: how deep it reaches is known.
fn written(dice: &mut Dice<'_>) {
    let Places { folders, .. } = places();
    let mut table = Table::new();
    let workdir = (!dice.one_in(4)).then(|| dice.pick(folders));
    if let Some(folder) = workdir {
        table.push(("workdir".to_owned(), text(&folder.path)));
    }
    let mounts: Vec<&Folder> = (0..dice.below(3)).map(|_| dice.pick(folders)).collect();
    if !mounts.is_empty() {
        let mount = |folder: &&Folder| {
            Node::Inline(vec![
                ("src".to_owned(), text(&folder.path)),
                ("dst".to_owned(), text("/in")),
            ])
        };
        table.push(("mounts".to_owned(), Node::Array(mounts.iter().map(mount).collect())));
    }
    for index in 0..dice.below(3) {
        let other = *dice.pick(&["'", "\"", "'/x", "\"~", "/", "#'", "''", "x\\", "it's \"it\""]);
        table.push((format!("{other}{index}"), text(other)));
    }
    toml::shuffle(&mut table, dice);
    let file = toml::write(&table, dice);
    let found = around(&file).expect("what was written is TOML");
    let mount = mounts.iter().filter_map(|folder| folder.depth).max();
    let exact = workdir.filter(|folder| folder.exact).and_then(|folder| folder.depth);
    let expected = Depth {
        choosing: mount.max(exact),
        policy: mount.max(workdir.and_then(|folder| folder.depth)),
    };
    assert_eq!(found, expected, "{file}");
}

/// How deep a workspace's file reaches, and that the first look does not pass over it; none for what is no such file.
fn around(file: &str) -> Option<Depth> {
    let Places { directory, home, .. } = places();
    let here = Here::new(directory.clone(), Some(home.clone()));
    let workspace = config::workspace(Path::new("/w.toml"), file, &mut Vec::new()).ok()?;
    let depth = here.depth(&workspace);
    assert!(depth.choosing <= depth.policy);
    if depth.policy.is_some() {
        assert!(here.may_be_in(file.as_bytes()), "passed over: {file}");
    }
    Some(depth)
}
