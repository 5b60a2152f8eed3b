//! What a container's process finds, without a container: another root, another user, no home, no
//! terminal.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::stage::Launch;
use crate::support::ARTEFACT;
use crate::support::PROGRAM;
use crate::support::Sandbox;
use crate::support::can_unshare;
use crate::support::copy_program;
use crate::support::is_root;
use crate::support::sandbox;

const UNSHARE: &str = "/usr/bin/unshare";

/// The libraries that a program names; a static one has none.
fn libraries(program: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let output = Command::new("ldd").arg(program).output().unwrap();
    for word in String::from_utf8_lossy(&output.stdout).split_whitespace() {
        if word.starts_with('/') && !word.ends_with(':') {
            found.push(word.into());
        }
    }
    found
}

/// A root that holds the program and nothing else. That one file is enough holds for the artefact,
/// with which tests/artefact runs this; a program that is not static has its libraries beside it.
fn scratch() -> Option<Sandbox> {
    if !is_root() {
        return None;
    }
    let sandbox = sandbox().folder("root").open_to_all();
    copy_program(PROGRAM, sandbox.path("root/jackin-exec"));
    if ARTEFACT.is_none() && !is_static(PROGRAM) {
        for library in libraries(PROGRAM) {
            let place = sandbox.path("root").join(library.strip_prefix("/").unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            copy_program(&library, place);
        }
    }
    Some(sandbox)
}

/// The program in that root, as a container's engine would start it.
fn in_root(sandbox: &Sandbox, options: &[&str]) -> Launch {
    let root = sandbox.path("root").display().to_string();
    let options = options.iter().map(|option| (*option).to_owned()).chain([root]);
    sandbox.launch().no_entries().program("/jackin-exec").through("/usr/sbin/chroot", options)
}

#[test]
fn one_file_is_all_that_an_image_needs() {
    let Some(sandbox) = scratch() else { return };
    let version = format!("jackin-exec {}", env!("CARGO_PKG_VERSION"));
    // No /proc, no /dev, no passwd, no shell; of the artefact no libraries either. The program itself is the one static
    // command.
    let ran = in_root(&sandbox, &[]).words(["--", "/jackin-exec", "-V"]).run();
    assert_eq!((ran.status, ran.text(), ran.stderr.as_str()), (0, version.clone(), ""));
    // With a key by the environment, as another user, with descriptors closed: /dev/null is not
    // there to fill them.
    let launch = in_root(&sandbox, &["--userspec=12345:12345"])
        .entry("KIMI_CODE_API_KEY=sk-kimi-1")
        .entry("PATH=/")
        .words(["-p", "kimi", "--", "/jackin-exec", "-V"]);
    assert_eq!((launch.run().status, launch.run().text()), (0, version.clone()));
    assert_eq!(launch.clone().steps("close", &[0]).run().text(), version);
    assert_eq!(launch.clone().steps("close", &[0, 2]).run().text(), version);
    // The search passes over our own file without /proc, too.
    let ran = in_root(&sandbox, &[]).entry("PATH=/").words(["--", "jackin-exec", "-V"]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (127, "jackin-exec: jackin-exec: not found\n"));
}

/// Whether the program names no loader.
fn is_static(path: &str) -> bool {
    let loader = b"/ld-linux";
    fs::read(path).is_ok_and(|file| !file.windows(loader.len()).any(|part| part == loader))
}

/// The same root with a static busybox.
fn scratch_with_busybox() -> Option<Sandbox> {
    let sandbox = scratch()?;
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| is_static(path));
    let Some(busybox) = busybox else {
        crate::support::skipped("this test needs a static busybox");
        return None;
    };
    copy_program(busybox, sandbox.path("root/busybox"));
    Some(sandbox)
}

#[test]
fn a_static_command_gets_its_redirect_in_an_image_of_two_files() {
    let Some(sandbox) = scratch_with_busybox() else { return };
    let command = ["--", "/busybox", "env"];
    let printed = in_root(&sandbox, &[])
        .entry("KIMI_CODE_API_KEY=sk-kimi-1")
        .entry("JACKIN_EXEC_PROVIDER=kimi");
    let ran = printed.words(command).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.text().contains(
        "ANTHROPIC_AUTH_TOKEN=sk-kimi-1\nANTHROPIC_BASE_URL=https://api.kimi.com/coding\n"
    ));
    assert!(!ran.text().contains("KIMI_CODE_API_KEY"));
    // By a secret's file, and by a configuration that is mounted.
    sandbox.write("root/run/secrets/kimi", "sk-kimi-2\n", 0o444);
    let by_file = in_root(&sandbox, &["--userspec=12345:12345"])
        .entry("KIMI_CODE_API_KEY_FILE=/run/secrets/kimi");
    let ran = by_file.words(["-p", "kimi"]).words(command).run();
    assert!(ran.text().contains("ANTHROPIC_AUTH_TOKEN=sk-kimi-2\n"), "{}", ran.stderr);
    sandbox.write("root/config/config.toml", "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-3\"\n", 0o444);
    let mounted = in_root(&sandbox, &["--userspec=12345:12345"]).entry("JACKIN_CONFIG_DIR=/config");
    let ran = mounted.words(["-q", "-p", "kimi"]).words(command).run();
    assert!(ran.text().contains("ANTHROPIC_AUTH_TOKEN=sk-kimi-3\n"), "{}", ran.stderr);
    // `ENTRYPOINT ["jackin-exec", "--"]` with arguments alone: claude is not in this image.
    let ran = in_root(&sandbox, &[]).words(["--", "--resume"]).run();
    assert_eq!(ran.status, 127);
    assert!(ran.stderr.starts_with("jackin-exec: claude: not found\n"), "{}", ran.stderr);
}

#[test]
fn without_home_the_password_database_tells_where_the_configuration_is() {
    let Some(sandbox) = scratch_with_busybox() else { return };
    let config = "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\n";
    sandbox.write("root/home/user/.config/jackin/config.toml", config, 0o644);
    let launch = in_root(&sandbox, &["--userspec=12345:12345"])
        .words(["-q", "-p", "kimi", "--", "/busybox", "env"]);
    let key_of = |user: &str| format!("{user}:x:12345:12345::/home/user:/bin/sh\n");
    assert_eq!(launch.run().status, 125, "nothing tells the home");
    // A user of the machine, and one of a name service, whom only getent knows.
    sandbox.write("root/etc/passwd", format!("root:x:0:0::/:\n{}", key_of("user")), 0o644);
    assert!(launch.run().text().contains("ANTHROPIC_AUTH_TOKEN=sk-kimi-1\n"));
    sandbox.write("root/etc/passwd", "root:x:0:0::/:\n", 0o644);
    assert_eq!(launch.run().status, 125, "another user's line tells nothing");
    sandbox.write("root/dev/null", "", 0o666);
    let getent = format!("#!/busybox sh\n[ \"$*\" = 'passwd 12345' ] && echo '{}'", key_of("user"));
    sandbox.write("root/usr/bin/getent", &getent, 0o755);
    let ran = launch.run();
    assert!(ran.text().contains("ANTHROPIC_AUTH_TOKEN=sk-kimi-1\n"), "{}", ran.stderr);
    // HOME decides where it is set.
    assert_eq!(launch.entry("HOME=/home/another").run().status, 125);
}

#[test]
fn as_process_one_the_command_keeps_its_place_and_its_status() {
    if !can_unshare() {
        return;
    }
    let sandbox = sandbox()
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\n")
        .script("bin/op", "echo secret");
    let script = "echo $$ $(cat /proc/1/comm) ${#ANTHROPIC_AUTH_TOKEN}; exit 7";
    let launch = sandbox.launch().words(["-p", "kimi", "--", "sh", "-c", script]);
    let ran = launch.through(UNSHARE, ["-pf", "--mount-proc"]).run();
    assert_eq!((ran.status, ran.text().as_str(), ran.stderr.as_str()), (7, "1 sh 9", ""));
    // Errors have their status there, too.
    let launch = sandbox.launch().words(["-p", "nobody", "--", "true"]);
    assert_eq!(launch.through(UNSHARE, ["-pf", "--mount-proc"]).run().status, 125);
}

#[test]
fn as_process_one_helpers_are_reaped() {
    if !can_unshare() {
        return;
    }
    let helper = "{ command = [\"sh\", \"-c\", \"echo x\"] }";
    let sandbox = sandbox().exec(&format!("[env]\nA = {helper}\nB = {helper}\nC = {helper}\n"));
    let launch =
        sandbox.launch().words(["--", "sh", "-c", "echo $A$B$C; cat /proc/1/task/1/children"]);
    let ran = launch.through(UNSHARE, ["-pf", "--mount-proc"]).run();
    // The one child is the `cat` that looks.
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let text = ran.text();
    let (values, children) = text.split_once('\n').unwrap();
    assert_eq!((values, children.split_whitespace().count()), ("xxx", 1), "{text}");
}

#[test]
fn a_user_without_a_passwd_entry_and_without_a_home_is_served() {
    if !is_root() {
        return;
    }
    let sandbox = sandbox();
    fs::set_permissions(sandbox.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let program = sandbox.path("jackin-exec");
    copy_program(PROGRAM, &program);
    let say = "echo $(id -u) ${HOME-no home} $JACKIN_EXEC_ACTIVE ${#ANTHROPIC_AUTH_TOKEN}";
    for (entries, said) in [
        (&["KIMI_CODE_API_KEY=sk-kimi-1"][..], "12345 no home kimi 9"),
        (&["KIMI_CODE_API_KEY=sk-kimi-1", "HOME="], "12345 kimi 9"),
        (&["KIMI_CODE_API_KEY=sk-kimi-1", "HOME=/nowhere"], "12345 /nowhere kimi 9"),
        (&["KIMI_CODE_API_KEY=sk-kimi-1", "HOME=/root"], "12345 /root kimi 9"),
        (&["KIMI_CODE_API_KEY=sk-kimi-1", "HOME=relative"], "12345 relative kimi 9"),
    ] {
        let launch = sandbox.launch().no_entries().entry("PATH=/usr/bin:/bin").program(&program);
        let launch = entries.iter().fold(launch, Launch::entry);
        let launch = launch.words(["-p", "kimi", "--", "sh", "-c", say]);
        let launch = launch.through("/usr/sbin/chroot", ["--userspec=12345:12345", "/"]);
        let ran = launch.run();
        // A home that may not even be looked into is an error; one that is not there is none.
        if entries.contains(&"HOME=/root") && ran.status == 125 {
            assert!(ran.stderr.starts_with("jackin-exec: /root/.config/jackin"), "{}", ran.stderr);
            continue;
        }
        assert_eq!(
            (ran.status, ran.text().as_str(), ran.stderr.as_str()),
            (0, said, ""),
            "{entries:?}"
        );
    }
}

#[test]
fn a_root_that_cannot_be_written_is_no_obstacle() {
    if !can_unshare() {
        return;
    }
    let sandbox = sandbox()
        .config("[env]\nKIMI_CODE_API_KEY = \"sk-kimi-1\"\nOTHER = { op = \"op://v/i/f\", path = \"v/i/f\" }\n")
        .file("home/.config/jackin/config.lock", "")
        .script("bin/op", "echo secret")
        .path_first("bin");
    let script = format!(
        "mount --bind {root} {root} && mount -o remount,bind,ro {root} && mount -o remount,bind,ro / && cd {root} && exec \"$0\" \"$@\"",
        root = sandbox.path("").display()
    );
    let command = "touch here/x 2>/dev/null || echo read-only $OTHER ${#ANTHROPIC_AUTH_TOKEN}";
    let launch = sandbox.launch().words(["-p", "kimi", "--", "sh", "-c", command]);
    let ran = launch.through("/bin/sh", ["-c", &script]).through(UNSHARE, ["-m"]).run();
    assert_eq!(
        (ran.status, ran.text().as_str(), ran.stderr.as_str()),
        (0, "read-only secret 9", "")
    );
}

#[test]
fn without_a_terminal_nothing_is_said_and_nothing_is_asked() {
    let sandbox = sandbox().env("KIMI_CODE_API_KEY", "sk-kimi-1").env("TERM", "xterm");
    let launch = sandbox.launch().step("session", "");
    let ran = launch.clone().words(["-p", "kimi", "--", "echo", "ran"]).run();
    assert_eq!((ran.status, ran.text().as_str(), ran.stderr.as_str()), (0, "ran", ""));
    let ran = launch.words(["--", "echo", "ran"]).run();
    assert_eq!((ran.status, ran.text().as_str()), (125, ""));
    assert!(
        ran.stderr.contains("there is no terminal to ask on; candidates: anthropic, kimi\n"),
        "{}",
        ran.stderr
    );
}
