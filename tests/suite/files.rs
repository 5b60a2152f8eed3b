//! What is judged is what is read: another user who swaps names, leads a link elsewhere or puts a
//! pipe in a file's place is neither obeyed nor does anything happen to files of ours.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::thread;

use jackin_exec::INFORMING;

use crate::support::Outcome;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::is_root;
use crate::support::sandbox;
use crate::traced::Traced;

const DIR: &str = "home/.config/jackin";

/// Nobody in particular.
const NOBODY: u32 = 65534;

/// A home with a file of the configuration in whose place another user puts one of two others: an
/// empty one of ours, and one of that user's that would run a program.
struct Swap {
    home: Sandbox,
    place: PathBuf,
}

impl Swap {
    /// With the file at a path below the sandbox, which the configuration has a link to if it is
    /// not its own.
    fn of(place: &str, has_lock: bool) -> Self {
        let evil = "[env]\nA = { command = [\"touch\", \"[ROOT]/home/ran\"] }\n";
        let mut home = sandbox().folder("shared").rooted("aside/evil", evil).file("aside/good", "");
        home = home.owner("aside/evil", NOBODY).mode("aside/evil", 0o644);
        if place.starts_with("shared") {
            home = home.link(&format!("{DIR}/exec.toml"), "../../../shared/exec.toml");
        }
        if has_lock {
            home = home.file(&format!("{DIR}/config.lock"), "");
        }
        Self { place: home.path(place), home }
    }

    /// Puts a file with its owner in the place, as whoever may write in the folder can.
    fn put(&self, name: &str) {
        let next = self.place.with_extension("next");
        fs::hard_link(self.home.path("aside").join(name), &next).unwrap();
        fs::rename(&next, &self.place).unwrap();
        // Where it is in the place already, nothing was renamed.
        let _ = fs::remove_file(next);
    }

    /// Runs a launch with one file in the place, and from its system call of this number on with
    /// the other one. `None` if there are fewer calls, or if processes may not be traced here.
    fn run(&self, names: [&str; 2], calls: usize) -> Option<i32> {
        self.put(names[0]);
        let launch = self.home.launch().words(["-q", "-p", "anthropic", "no-such-command"]);
        let mut launch = Traced::start(&launch)?;
        // Each call stops twice; nothing changes between its end and the next one's beginning.
        for _ in 0..2 * calls {
            if !launch.step() {
                return None;
            }
        }
        self.put(names[1]);
        Some(launch.end())
    }

    fn has_run(&self) -> bool {
        self.home.path("home/ran").exists()
    }
}

#[test]
fn a_file_that_another_user_swaps_into_place_is_not_obeyed() {
    if !is_root() {
        return;
    }
    // With jackin's lock and without; in the folder itself and behind a link.
    let own = format!("{DIR}/exec.toml");
    for (place, has_lock) in [(&*own, false), (&own, true), ("shared/exec.toml", false)] {
        let swap = Swap::of(place, has_lock);
        for names in [["good", "evil"], ["evil", "good"]] {
            let mut calls = 0;
            while let Some(status) = swap.run(names, calls) {
                assert!(matches!(status, 125 | 127), "{status}, {names:?}, {calls} calls");
                assert!(!swap.has_run(), "{place}, {names:?}, {calls} calls");
                calls += 1;
            }
            // The static file makes 22, the program for glibc more.
            assert!(calls == 0 || calls > 15, "only {calls} calls");
        }
        // If it were obeyed, this would show.
        let ours = Swap { home: swap.home.owner("aside/evil", 0), place: swap.place };
        let ran = ours.run(["evil", "evil"], 0).is_some();
        assert_eq!(ours.has_run(), ran);
    }
}

#[test]
fn auth_import_takes_no_key_from_a_file_that_another_user_swaps_into_place() {
    if !is_root() {
        return;
    }
    let swap = Swap {
        home: sandbox()
            .file("aside/good", "export KIMI_CODE_API_KEY=sk-kimi-ours-0123456789abcdef\n")
            .file("aside/evil", "export KIMI_CODE_API_KEY=sk-kimi-SENTINEL-0123456789abcdef\n")
            .owner("aside/evil", NOBODY)
            .mode("aside/evil", 0o644),
        place: PathBuf::new(),
    };
    let swap = Swap { place: swap.home.path("here/any"), ..swap };
    let config = format!("{DIR}/config.toml");
    let words = ["auth", "import", "--yes", "any"];
    for names in [["good", "evil"], ["evil", "good"]] {
        for calls in 0.. {
            swap.put(names[0]);
            let Some(mut traced) = Traced::start(&swap.home.launch().words(words)) else {
                return;
            };
            let has_more = (0..2 * calls).all(|_| traced.step());
            if !has_more {
                assert!(calls > 15, "only {calls} calls");
                break;
            }
            swap.put(names[1]);
            let status = traced.end();
            assert!(matches!(status, 0 | 125), "{status}, {names:?}, {calls} calls");
            let written = swap.home.read(&config);
            assert!(!written.contains("SENTINEL"), "{names:?}, {calls} calls");
            assert_eq!(status == 0, written.contains("ours"), "{names:?}, {calls} calls");
            let _ = fs::remove_file(swap.home.path(&config));
        }
    }
}

#[test]
fn a_folder_behind_a_link_is_judged_as_the_folder_of_the_configuration_is() {
    for mode in [0o777, 0o1777] {
        for file in ["exec.toml", "config.toml", "workspaces/w.toml"] {
            // At the end of a chain, and in the middle of one.
            for end in ["shared/real.toml", "kept/real.toml"] {
                let home = sandbox().file(end, "").folder("shared");
                let home = if end.starts_with("kept") {
                    home.link("shared/real.toml", "../kept/real.toml")
                } else {
                    home
                };
                let target = home.path("shared/real.toml");
                let home = home.link(&format!("{DIR}/{file}"), target).mode("shared", mode);
                home.run(["-p", "anthropic", "-w", "w", "true"]).fails(
                    125,
                    "jackin-exec: [ROOT]/shared: writable by everyone, so it is not trusted\n\
                     hint: chmod o-w [ROOT]/shared\n",
                );
            }
        }
    }
    if !is_root() {
        return;
    }
    let home = sandbox().file("shared/real.toml", "").owner("shared", NOBODY);
    let home = home.link(&format!("{DIR}/exec.toml"), "../../../shared/real.toml");
    home.run(["-p", "anthropic", "true"]).fails(
        125,
        &format!(
            "jackin-exec: [ROOT]/{DIR}/../../../shared: belongs to another user (65534), so it is not trusted\n\
             hint: change its owner, or name its folder with --config-dir\n"
        ),
    );
    // As NixOS has them.
    let home = sandbox().file("store/hash/real.toml", "").mode("store", 0o1775);
    let home = home.file("store/exec.toml", "[env]\nA = \"a\"\n");
    let home = home.link("store/hash/exec.toml", "../exec.toml");
    let target = home.path("store/hash/exec.toml");
    let home = home.link(&format!("{DIR}/exec.toml"), target);
    home.run(["-p", "anthropic", "sh", "-c", "echo $A"]).prints("a\n");
}

/// A pipe of ours at the end of a link, and a thread that waits until somebody opens it.
fn waits_for_a_reader(home: &Sandbox) -> thread::JoinHandle<()> {
    let pipe = home.path("ours/pipe");
    thread::spawn(move || drop(fs::OpenOptions::new().write(true).open(pipe).unwrap()))
}

#[test]
fn in_another_users_folder_no_link_leads_to_a_lock_or_a_workspace() {
    if !is_root() {
        return;
    }
    for link in ["config.lock", "workspaces/w.toml"] {
        let home = sandbox().folder("ours").fifo("ours/pipe");
        let pipe = home.path("ours/pipe");
        let home = home.link(&format!("{DIR}/{link}"), pipe).owner(DIR, NOBODY);
        let writer = waits_for_a_reader(&home);
        let folder = home.config_dir();
        let words = ["-q", "-p", "anthropic", "true"].map(AsRef::as_ref);
        home.run(["--config-dir".as_ref(), folder.as_os_str()].into_iter().chain(words));
        assert!(!writer.is_finished(), "{link} was followed");
        // Now it may end.
        let mut nothing = String::new();
        fs::File::open(home.path("ours/pipe")).unwrap().read_to_string(&mut nothing).unwrap();
        writer.join().unwrap();
    }
}

#[test]
fn the_first_look_at_the_workspaces_takes_nothing_from_a_pipe() {
    let home = sandbox().fifo(&format!("{DIR}/workspaces/w.toml"));
    let pipe = home.path(&format!("{DIR}/workspaces/w.toml"));
    let mut options = fs::OpenOptions::new();
    let mut both = options.read(true).write(true).custom_flags(nix::libc::O_NONBLOCK).open(pipe);
    let both = both.as_mut().unwrap();
    std::io::Write::write_all(both, b"for somebody else").unwrap();
    home.run(["-q", "-p", "anthropic", "true"]);
    let mut left = [0; 64];
    let count = both.read(&mut left).unwrap();
    assert_eq!(String::from_utf8_lossy(&left[..count]), "for somebody else");
}

/// Runs with the folder named, as root does with another user's.
fn typed(home: &Sandbox, words: &[&str]) -> Outcome {
    let folder = home.config_dir();
    let words = words.iter().map(AsRef::as_ref);
    home.run(["--config-dir".as_ref(), folder.as_os_str()].into_iter().chain(words))
}

/// `doctor` reports what would stop a launch, in the same words.
#[track_caller]
fn doctor_fails(home: &Sandbox, provider: &str, error: &str) {
    let outcome = typed(home, &["doctor", "-p", provider]);
    outcome.shows_no_secret();
    assert_eq!(outcome.status, 1);
    assert!(outcome.stdout.contains(&format!("FAIL  config    {error}\n")), "{outcome:#?}");
}

#[test]
fn as_root_another_users_files_give_keys_and_names_that_inform_and_nothing_else() {
    if !is_root() {
        return;
    }
    // Each makes a shell, python or perl run a file of that user's.
    let env = "[env]\nBASH_ENV = \"[ROOT]/evil\"\nPYTHONSTARTUP = \"[ROOT]/evil\"\nPERL5OPT = \"-d\"\nLANG = \"C\"\n\
               KIMI_CODE_API_KEY = \"[SECRET]\"\nPATH = \"[ROOT]\"\n";
    let mount = format!("workdir = \"[ROOT]/here\"\n{env}");
    let provider = "[env]\nLANG = \"C\"\n[providers.kimi]\n\
                    env = { BASH_ENV = \"[ROOT]/evil\", PYTHONSTARTUP = \"\", PERL5OPT = \"\" }\n";
    let command = ["-q", "-p", "kimi", "bash", "-c", "echo $LANG"];
    let refused = "as root, variables from another user's files are not accepted, because they could make the \
                   command run that user's programs: BASH_ENV, PERL5OPT and PYTHONSTARTUP";
    let error = &*format!(
        "jackin-exec: {refused}\n\
                   hint: run jackin-exec as that user, or add --allow-foreign-env if you trust the files\n"
    );
    for (file, text) in [
        ("config.toml", env),
        ("exec.toml", env),
        ("workspaces/w.toml", &mount),
        ("exec.toml", provider),
    ] {
        for owned in ["", file] {
            let home = sandbox().script("evil", "touch $HOME/ran");
            let home =
                home.rooted(&format!("{DIR}/{file}"), text).env("KIMI_CODE_API_KEY", SENTINEL);
            let home = home.owner(format!("{DIR}/{owned}").trim_end_matches('/'), NOBODY);
            let allowed: Vec<&str> = ["--allow-foreign-env"].into_iter().chain(command).collect();
            typed(&home, &command).fails(125, error);
            doctor_fails(&home, "kimi", refused);
            assert!(!home.path("home/ran").exists(), "{file} {owned}");
            typed(&home, &allowed).prints("C\n");
            assert!(home.path("home/ran").exists(), "{file} {owned}");
        }
    }
    // What they may say.
    let informs: String = INFORMING.iter().map(|name| format!("{name} = \"1\"\n")).collect();
    let home = sandbox().config(&format!("[env]\n{informs}ZAI_API_KEY = \"[SECRET]\"\n"));
    let home = home.owner(DIR, NOBODY).owner(&format!("{DIR}/config.toml"), NOBODY);
    typed(&home, &["-q", "-p", "zai", "sh", "-c", "echo $LC_ALL$NO_COLOR$GIT_AUTHOR_NAME"])
        .prints("111\n");
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md")).unwrap();
    for name in INFORMING {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md does not name {name}");
    }
}

/// Another user's files, and by which settings they would read root's secrets or choose a host.
const TAKES: &[(&str, &str, &str, &str)] = &[
    (
        "exec.toml",
        "[providers.evil]\nbase_url = \"https://evil.example\"\nkey_env = \"X_KEY\"\nmodel = \"x\"\n\
         [env]\nX_KEY = { file = \"[ROOT]/secret\" }\n",
        "evil",
        "base_url of [providers.evil] and X_KEY ([ROOT]/secret)",
    ),
    (
        "exec.toml",
        "[providers.evil]\nbase_url = \"https://evil.example\"\nkey_env = \"DB_PASSWORD\"\nmodel = \"x\"\n",
        "evil",
        "base_url of [providers.evil]",
    ),
    (
        "exec.toml",
        "[providers.evil]\nlike = \"kimi\"\nkey_env = \"DB_PASSWORD\"\n",
        "evil",
        "like of [providers.evil]",
    ),
    (
        "exec.toml",
        "[providers.kimi]\nbase_url = \"https://evil.example\"\n",
        "kimi",
        "base_url of [providers.kimi]",
    ),
    (
        "exec.toml",
        "[providers.kimi]\nkey_env = \"DB_PASSWORD\"\n",
        "kimi",
        "key_env of [providers.kimi]",
    ),
    (
        "exec.toml",
        "[providers.kimi]\nenv = { LANG = \"$DB_PASSWORD\" }\n",
        "kimi",
        "env.LANG of [providers.kimi]",
    ),
    (
        "exec.toml",
        "[env]\nKIMI_CODE_API_KEY = \"$DB_PASSWORD\"\n",
        "kimi",
        "KIMI_CODE_API_KEY ($DB_PASSWORD)",
    ),
    (
        "config.toml",
        "[env]\nKIMI_CODE_API_KEY = \"op://Root/item/field\"\n",
        "kimi",
        "KIMI_CODE_API_KEY (op://Root/item/field)",
    ),
    (
        "config.toml",
        "[env]\nKIMI_CODE_API_KEY = \"$ZAI_API_KEY\"\n",
        "kimi",
        "KIMI_CODE_API_KEY ($ZAI_API_KEY)",
    ),
    (
        "config.toml",
        "[env]\nKIMI_CODE_API_KEY = \"$DB_PASSWORD\"\nLANG = \"$DB_PASSWORD\"\n",
        "kimi",
        "KIMI_CODE_API_KEY ($DB_PASSWORD) and LANG ($DB_PASSWORD)",
    ),
    (
        "workspaces/w.toml",
        "workdir = \"[ROOT]/here\"\n[env]\nKIMI_CODE_API_KEY = \"$DB_PASSWORD\"\n",
        "kimi",
        "KIMI_CODE_API_KEY ($DB_PASSWORD)",
    ),
];

#[test]
fn as_root_another_users_files_neither_read_secrets_nor_choose_the_host_of_a_key() {
    if !is_root() {
        return;
    }
    for (file, text, provider, refused) in TAKES {
        for owned in [format!("{DIR}/{file}"), DIR.to_owned()] {
            let home = sandbox()
                .env("DB_PASSWORD", SENTINEL)
                .env("ZAI_API_KEY", SENTINEL)
                .env("KIMI_CODE_API_KEY", SENTINEL);
            let home = home.rooted(&format!("{DIR}/{file}"), text).owner(&owned, NOBODY);
            let words = ["-q", "--dry-run", "-p", provider, "true"];
            let refused = format!(
                "as root, another user's files may not choose which secret is read or where a key is sent: {refused}"
            );
            typed(&home, &words).fails(
                125,
                &format!(
                    "jackin-exec: {refused}\n\
                     hint: run jackin-exec as that user, or add --allow-foreign-env if you trust the files\n"
                ),
            );
            doctor_fails(&home, provider, &refused);
            let allowed = ["--allow-foreign-env"].into_iter().chain(words).collect::<Vec<_>>();
            assert_eq!(typed(&home, &allowed).status, 0, "{text}");
        }
    }
    // A key of the files themselves, and this provider's key under another name of it.
    for value in ["[SECRET]", "$KIMI_API_KEY", "$KIMI_CODE_API_KEY"] {
        let text = format!("[env]\nLANG = \"$LC_ALL\"\nKIMI_CODE_API_KEY = \"{value}\"\n");
        let home = sandbox().env("LC_ALL", "C").env("KIMI_API_KEY", SENTINEL);
        let home = home.env("KIMI_CODE_API_KEY", SENTINEL).config(&text);
        let home = home.owner(&format!("{DIR}/config.toml"), NOBODY);
        typed(&home, &["-q", "-p", "kimi", "sh", "-c", "echo $LANG"]).prints("C\n");
    }
}

#[test]
fn a_home_that_is_no_folder_is_no_configuration() {
    let home = sandbox().env("HOME", "/dev/null").env("ZAI_API_KEY", SENTINEL);
    let warning =
        "jackin-exec: warning: HOME is not a folder (/dev/null), so no configuration is read\n";
    home.run(["-p", "zai", "sh", "-c", "echo $ANTHROPIC_BASE_URL"]).is(
        0,
        "https://api.z.ai/api/anthropic\n",
        warning,
    );
    home.run(["-q", "-p", "zai", "true"]).prints("");
    home.run(["auth", "set", "zai", "--env", "X"]).is(
        125,
        "",
        &format!(
            "{warning}jackin-exec: /dev/null/.config/jackin: not a directory\n\
                  hint: name the folder that holds config.toml, exec.toml, workspaces/ and catalog.d/\n"
        ),
    );
    // What was named in so many words has to be there.
    let named = home.env("JACKIN_CONFIG_DIR", "/dev/null/x");
    assert_eq!(named.run(["-p", "zai", "true"]).status, 125);
}

#[test]
fn a_file_that_is_replaced_keeps_its_group_and_its_attributes() {
    let home = sandbox().config("# mine\n");
    let file = home.path(&format!("{DIR}/config.toml"));
    let attribute = |script: &str| {
        std::process::Command::new("python3").args(["-c", script]).arg(&file).output()
    };
    let marks = attribute("import os, sys; os.setxattr(sys.argv[1], 'user.mark', b'kept')");
    let marks = marks.is_ok_and(|output| output.status.success());
    if is_root() {
        std::os::unix::fs::chown(&file, None, Some(12345)).unwrap();
    }
    let group = fs::metadata(&file).unwrap().gid();
    assert_eq!(home.run(["auth", "set", "kimi", "--env", "X"]).status, 0);
    let found = fs::metadata(&file).unwrap();
    assert_eq!((found.gid(), found.mode() & 0o7777), (group, 0o600));
    if marks {
        let read = "import os, sys; print(os.getxattr(sys.argv[1], 'user.mark').decode(), end='')";
        let read = attribute(read).unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stdout), "kept");
    }
}

/// The list lets another user read the file. Kept, it would let that user read the new key.
#[test]
fn a_file_that_is_replaced_keeps_no_access_control_list() {
    let home = sandbox().config("# mine\n");
    let file = home.path(&format!("{DIR}/config.toml"));
    let python = |script: &str| {
        let output =
            std::process::Command::new("python3").args(["-c", script]).arg(&file).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    // The owner, that user, the group, the mask, others.
    let list = python(
        "import os, struct, sys
entries = [(1, 6, -1), (2, 4, 65534), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
value = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *entry) for entry in entries)
os.setxattr(sys.argv[1], 'system.posix_acl_access', value)
os.setxattr(sys.argv[1], 'user.mark', b'kept')",
    );
    if list.is_none() {
        crate::support::skipped("no python3, or the file system has no access control lists");
        return;
    }
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640, "the list is there");
    assert_eq!(home.run(["auth", "set", "kimi", "--env", "X"]).status, 0);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
    let left = python("import os, sys; print(*os.listxattr(sys.argv[1]))").unwrap();
    let left: Vec<&str> = left.split_whitespace().collect();
    assert!(left.contains(&"user.mark"), "{left:?}");
    assert!(!left.iter().any(|name| name.starts_with("system.")), "{left:?}");
}

#[test]
fn a_folder_in_the_place_of_the_temporary_file_is_stepped_over() {
    let home = sandbox().config("# mine\n");
    // The shell's process id is ours.
    let script = format!(
        "mkdir \"{0}/config.toml.tmp.jackin-exec.$$\"; exec \"{1}\" auth set kimi --env X",
        home.config_dir().display(),
        PROGRAM
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("HOME", home.path("home"))
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*words), (Some(0), ""));
    assert!(home.read(&format!("{DIR}/config.toml")).contains("KIMI_CODE_API_KEY"));
}
