//! The recipes of docs/secrets.md with the real tools. Each takes its lines of exec.toml from the
//! page.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;
use std::time::Instant;

use nix::sys::termios::LocalFlags;

use crate::docs::Block;
use crate::docs::follow;
use crate::docs::home;
use crate::docs::section;
use crate::pty::Terminal;
use crate::stage::Launch;
use crate::support::Sandbox;
use crate::support::has;

const PAGE: &str = "docs/secrets.md";

/// The key that recipes keep; sixteen characters.
const KEY: &str = "sk-kimi-SENTINEL";

const PASSPHRASE: &str = "open sesame";

/// What the command says that the recipes start: how long its token is, and never which.
const SAYS: [&str; 5] = ["-p", "kimi", "sh", "-c", "echo \"a token of ${#ANTHROPIC_AUTH_TOKEN}\""];

const SAID: &str = "a token of 16";

/// A home with the exec.toml of a section.
fn with_recipe(heading: &str) -> Sandbox {
    let block = section(PAGE, heading).into_iter().find(|block| block.file().is_some()).unwrap();
    let home = home();
    let text = home.filled(&block.text.replace("/home/me", "[ROOT]/home"));
    home.exec(&text)
}

/// A program in the environment of a home.
fn run(home: &Sandbox, program: &str, arguments: &[&str], input: &str) -> Output {
    home.write("input", input, 0o600);
    let launch = home.launch().program("/usr/bin/env").words([program]).words(arguments);
    let input = fs::File::open(home.path("input")).unwrap();
    launch.command().stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

#[track_caller]
fn succeeds(home: &Sandbox, program: &str, arguments: &[&str], input: &str) {
    let output = run(home, program, arguments, input);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn failures_are_reported_together_as_the_page_shows_them() {
    follow(&home(), &section(PAGE, "What is fetched, and when"), &[]);
}

#[test]
fn a_key_in_a_file_works_as_the_page_shows_it() {
    follow(&home(), &section(PAGE, "A file"), &[]);
}

/// Types once the terminal shows no longer what is typed: a prompt may stand there before.
fn type_unseen(terminal: &mut Terminal, keys: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while terminal.modes().local.contains(LocalFlags::ECHO) {
        assert!(Instant::now() < deadline, "nobody asks: {:?}", terminal.text());
        std::thread::sleep(Duration::from_millis(1));
    }
    terminal.send(keys);
}

/// A home with pass and a key of gpg that wants a passphrase from a pinentry on a terminal. Its
/// agent ends with it.
struct Store {
    home: Sandbox,
}

/// Few rounds for the passphrase: gpg would first find out how many take a tenth of a second here,
/// anew in every home.
const AGENT: &str = "pinentry-program /usr/bin/pinentry-curses\ns2k-count 65536\n";

/// What gpg and pass keep in a home once there is a key, as an archive for every test's own home.
static STORED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let home = home().file("home/.gnupg/gpg-agent.conf", AGENT).mode("home/.gnupg", 0o700);
    let key = format!(
        "Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nName-Real: Me\n\
         Name-Email: me@example.org\nExpire-Date: 0\nPassphrase: {PASSPHRASE}\n%commit\n"
    );
    let store = Store { home };
    succeeds(&store.home, "gpg", &["--batch", "--generate-key"], &key);
    succeeds(&store.home, "pass", &["init", "me@example.org"], "");
    succeeds(&store.home, "pass", &["insert", "--echo", "kimi"], &format!("{KEY}\n"));
    store.forget();
    let folder = store.home.path("home");
    let mut tar = Command::new("tar");
    let output = tar.arg("-C").arg(folder).args(["-c", ".gnupg", ".password-store"]).output();
    output.unwrap().stdout
});

impl Store {
    fn new() -> Option<Self> {
        if !["pass", "gpg", "gpgconf", "pinentry-curses"].into_iter().all(has) {
            return None;
        }
        let home = with_recipe("pass").file("store.tar", &*STORED);
        let (archive, folder) = (home.path("store.tar"), home.path("home"));
        let mut tar = Command::new("tar");
        assert!(tar.arg("-xf").arg(archive).arg("-C").arg(folder).status().unwrap().success());
        Some(Self { home })
    }

    /// What the agent remembers goes with it.
    fn forget(&self) {
        succeeds(&self.home, "gpgconf", &["--kill", "all"], "");
    }

    /// jackin-exec on a terminal that gpg knows of.
    fn launch(&self) -> Terminal {
        let terminal = Terminal::open();
        let knows = format!("GPG_TTY={}", terminal.path());
        terminal.start(&self.home.launch().entry(knows).words(SAYS))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = run(&self.home, "gpgconf", &["--kill", "all"], "");
    }
}

#[test]
fn pass_asks_for_its_passphrase_on_the_terminal_while_we_wait() {
    let Some(store) = Store::new() else { return };
    let mut terminal = store.launch();
    let before = terminal.modes();
    terminal
        .wait_for("Please enter the passphrase to unlock the OpenPGP secret key")
        .wait_for("<Cancel>");
    type_unseen(&mut terminal, &format!("{PASSPHRASE}\r"));
    terminal.wait_for(SAID);
    assert_eq!(terminal.end(), "exit 0");
    assert_eq!(terminal.modes(), before);
    assert!(!terminal.text().contains(KEY));
    let line = "jackin-exec: Claude (Kimi); operator env: 1 resolved (0 op://, 0 host ref, 0 literal, 1 command)";
    assert!(terminal.text().contains(line));
    // The agent remembers it.
    let mut terminal = store.launch();
    assert_eq!(terminal.end(), "exit 0");
    assert!(!terminal.text().contains("passphrase"), "{}", terminal.text());
}

#[test]
fn a_pinentry_that_is_cancelled_ends_the_launch_and_leaves_the_terminal_as_it_was() {
    let Some(store) = Store::new() else { return };
    let mut terminal = store.launch();
    let before = terminal.modes();
    terminal.wait_for("Please enter the passphrase").wait_for("<Cancel>");
    type_unseen(&mut terminal, "\t\t\r");
    terminal.wait_for("jackin-exec: KIMI_CODE_API_KEY of global [env] (pass): pass ended with 2");
    assert_eq!(terminal.end(), "exit 125");
    assert_eq!(terminal.modes(), before);
}

#[test]
fn without_a_terminal_for_gnupg_the_launch_fails_with_the_words_that_the_page_has() {
    let Some(store) = Store::new() else { return };
    let ran = store.home.launch().words(SAYS).run();
    assert_eq!(ran.status, 125);
    assert!(
        ran.stderr.contains("(pass): pass ended with 2: gpg: decryption failed"),
        "{}",
        ran.stderr
    );
}

/// A desktop session of its own around a shell: a bus, and a keyring that is open and has been seen
/// on the bus. What the two say is not the shell's.
const SESSION: &[&str] = &[
    "/bin/sh",
    "-c",
    r#"exec dbus-run-session -- /bin/sh -c '
        printf throw-away | gnome-keyring-daemon --unlock --components=secrets
        owner="dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner"
        until $owner string:org.freedesktop.secrets | grep -q true; do :; done
        exec >&3 2>&3 3>&-; exec "$0" "$@"' "$0" "$@" 3>&1 >/dev/null 2>/dev/null"#,
];

#[test]
fn secret_tool_works_as_the_page_shows_it() {
    if ["secret-tool", "gnome-keyring-daemon", "dbus-run-session", "dbus-send"].into_iter().all(has)
    {
        follow(&home(), &section(PAGE, "secret-tool"), SESSION);
    }
}

/// A file that age has encrypted under a passphrase, on a terminal.
static ENCRYPTED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let home = home().file("key", format!("{KEY}\n"));
    let line =
        format!("exec age --passphrase --output ~/kimi.age '{}'", home.path("key").display());
    let mut terminal =
        Terminal::open().start(&home.launch().program("/bin/sh").words(["-c", &line]));
    terminal.wait_for("Enter passphrase").send(format!("{PASSPHRASE}\n"));
    terminal.wait_for("Confirm passphrase").send(format!("{PASSPHRASE}\n"));
    assert_eq!(terminal.end(), "exit 0", "{}", terminal.text());
    fs::read(home.path("home/kimi.age")).unwrap()
});

/// A home with that file.
fn encrypted() -> Option<Sandbox> {
    has("age").then(|| with_recipe("age").file("home/kimi.age", &*ENCRYPTED))
}

#[test]
fn age_asks_for_its_passphrase_on_the_terminal_while_we_wait() {
    let Some(home) = encrypted() else { return };
    let mut terminal = Terminal::open().start(&home.launch().words(SAYS));
    terminal.wait_for("Enter passphrase");
    type_unseen(&mut terminal, &format!("{PASSPHRASE}\n"));
    terminal.wait_for("jackin-exec: Claude (Kimi); operator env: 1 resolved").wait_for(SAID);
    assert_eq!(terminal.end(), "exit 0");
    assert!(!terminal.text().contains(KEY) && !terminal.text().contains(PASSPHRASE));
}

#[test]
fn ctrl_c_at_the_passphrase_of_age_ends_both_and_leaves_the_terminal_as_it_was() {
    let Some(home) = encrypted() else { return };
    let terminal = Terminal::open();
    let before = terminal.modes();
    let mut terminal = terminal.start(&home.launch().words(SAYS));
    terminal.wait_for("Enter passphrase");
    type_unseen(&mut terminal, "\x03");
    assert_eq!(terminal.end(), "signal 2");
    assert_eq!(terminal.modes(), before);
}

#[test]
fn a_wrong_passphrase_of_age_is_reported_in_its_own_words() {
    let Some(home) = encrypted() else { return };
    let mut terminal = Terminal::open().start(&home.launch().words(SAYS));
    terminal.wait_for("Enter passphrase");
    type_unseen(&mut terminal, "another\n");
    terminal.wait_for("incorrect passphrase");
    terminal.wait_for("jackin-exec: KIMI_CODE_API_KEY of global [env] (age): age ended with 1");
    assert_eq!(terminal.end(), "exit 125");
}

/// A credential as systemd encrypts, decrypts and lays it out, under a host key of the test's own.
fn credential(home: &Sandbox) -> Vec<u8> {
    if !has("systemd-creds") {
        return format!("{KEY}\n").into_bytes();
    }
    home.write("host-key", [7; 4096], 0o400);
    let tool = |verb: &str, input: &Path| {
        let output = Command::new("systemd-creds")
            .args(["--with-key=host", "--name=KIMI_CODE_API_KEY", verb])
            .arg(input)
            .arg("-")
            .env("SYSTEMD_CREDENTIAL_SECRET", home.path("host-key"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    home.write("plain", format!("{KEY}\n"), 0o600);
    home.write("encrypted", tool("encrypt", &home.path("plain")), 0o600);
    let encrypted = fs::read(home.path("encrypted")).unwrap();
    assert!(!encrypted.windows(KEY.len()).any(|part| part == KEY.as_bytes()));
    tool("decrypt", &home.path("encrypted"))
}

#[test]
fn a_service_credential_works_as_the_page_shows_it() {
    let home = home();
    home.write("home/credentials/KIMI_CODE_API_KEY", credential(&home), 0o400);
    let home = home.mode("home/credentials", 0o500);
    follow(&home, &section(PAGE, "systemd"), &[]);
    let folder = home.path("home/credentials");
    let ran = home
        .launch()
        .entry(format!("CREDENTIALS_DIRECTORY={}", folder.display()))
        .words(SAYS)
        .run();
    assert_eq!((ran.status, ran.text().as_str()), (0, SAID), "{}", ran.stderr);
}

/// 1Password's tool as far as its documentation describes what a script sees of it.
const OP: &str = r#"
signed_out="$HOME/signed-out"
case "$1" in signout) : > "$signed_out"; exit 0 ;; esac
[ "$1" = --account ] && shift 2
[ "$1 $2" = "read --" ] || { echo "[ERROR] unknown command" >&2; exit 1; }
if [ -e "$signed_out" ]; then
  echo "[ERROR] 2026/11/24 09:30:00 You are not currently signed in. Please run \`op signin --help\` for instructions" >&2
  exit 1
fi
printf '%s\n' "$3" >> "$HOME/op-calls"
echo sk-kimi-example"#;

#[test]
fn one_password_works_as_the_page_shows_it() {
    let home = home().script("bin/op", OP);
    follow(&home, &section(PAGE, "1Password"), &[]);
    assert_eq!(
        home.read("home/op-calls"),
        "op://private/kimi/credential\nop://private/kimi/one-time password?attribute=otp\n"
    );
}

#[test]
fn the_lines_for_the_keychain_are_read_and_marked_as_untested() {
    let home = with_recipe("macOS Keychain");
    let ran: Launch = home.launch().words(["-p", "kimi", "--dry-run"]);
    let text = ran.run().text();
    assert!(text.contains("KIMI_CODE_API_KEY command /usr/bin/security, global"), "{text}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    assert!(page.contains("## macOS Keychain\n\nUntested"));
}

/// Blocks that only show: each line of jackin-exec's in them is one that the tests above have seen.
#[test]
fn the_transcripts_that_need_a_person_show_lines_of_the_program() {
    let shown: Vec<Block> = ["pass", "age"]
        .into_iter()
        .flat_map(|heading| section(PAGE, heading))
        .filter(|one| one.tag == "text")
        .collect();
    let known = [
        "jackin-exec: Claude (Kimi); operator env: 1 resolved (0 op://, 0 host ref, 0 literal, 1 command)",
        "jackin-exec: KIMI_CODE_API_KEY of global [env] (pass): pass ended with 2",
    ];
    for line in shown
        .iter()
        .flat_map(|block| block.text.lines())
        .filter(|line| line.starts_with("jackin-exec: "))
    {
        assert!(known.contains(&line), "{line}");
    }
}
