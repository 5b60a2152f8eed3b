//! What a launch costs, beside `env` and others that do such work: `benches/run`.
//!
//! Each round runs every command once, with the start moved by one from round to round, so that a
//! slow spell of the machine hits all alike. Ratios travel between machines; microseconds do not.

#![expect(clippy::disallowed_methods, reason = "a benchmark stands outside of the program")]
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]
#![expect(clippy::format_collect, reason = "texts are built to be read, not to be fast")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run ends with a message"
)]

use std::ffi::CString;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::fcntl::OFlag;
use nix::spawn::PosixSpawnAttr;
use nix::spawn::PosixSpawnFileActions;
use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::stat::Mode;
use nix::sys::time::TimeValLike;
use nix::sys::wait::waitpid;
#[cfg(target_os = "linux")]
use nix::unistd::Pid;

/// The command behind every launch.
const TARGET: &str = "/bin/true";

/// One command to be timed.
struct Row {
    label: &'static str,
    argv: Vec<CString>,
    environment: Vec<CString>,
    wall: Vec<f64>,
    /// User and system time of all rounds, in microseconds.
    cpu: f64,
}

/// Keeps the whole benchmark on one processor.
#[cfg(target_os = "linux")]
fn pin() -> bool {
    let mut cpu = nix::sched::CpuSet::new();
    cpu.set(std::thread::available_parallelism().map_or(1, usize::from) - 1).unwrap();
    nix::sched::sched_setaffinity(Pid::from_raw(0), &cpu).is_ok()
}

/// No other system lets a process choose.
#[cfg(not(target_os = "linux"))]
fn pin() -> bool {
    false
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let program = PathBuf::from(
        arguments.next().unwrap_or_else(|| env!("CARGO_BIN_EXE_jackin-exec").to_owned()),
    );
    let rounds: usize = arguments.next().map_or(2000, |word| word.parse().unwrap());
    let place = tempfile::tempdir().unwrap();
    let program = installed(&program, place.path());
    let homes = Homes::make(place.path());
    std::env::set_current_dir(place.path().join("work/client-b")).unwrap();
    let pinned = pin();

    println!(
        "{} ({} KiB), {rounds} rounds{}",
        program.display(),
        size(&program),
        if pinned { ", pinned" } else { "" }
    );
    let mut rows = rows(&program, &homes);
    let actions = quiet();
    for row in &mut rows {
        for _ in 0..20 {
            run(row, &actions);
        }
        row.wall.clear();
        row.cpu = 0.0;
    }
    for round in 0..rounds {
        for index in 0..rows.len() {
            let at = (index + round) % rows.len();
            run(&mut rows[at], &actions);
        }
    }
    print_times(&rows);
    print_costs(&program, &homes);
    print_growth(&program, place.path());
}

/// A copy, written page by page as it is read after a start of the machine. What a linker has just
/// written lies in the page cache in large pieces, of which a fault maps more, so that the same
/// file costs more memory and time.
fn installed(program: &Path, place: &Path) -> PathBuf {
    let copy = place.join("jackin-exec");
    let bytes = fs::read(program).unwrap();
    let mut file = fs::File::create(&copy).unwrap();
    for page in bytes.chunks(4096) {
        file.write_all(page).unwrap();
    }
    fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    copy
}

/// Configurations of different sizes, each in a home of its own.
struct Homes {
    none: PathBuf,
    one: PathBuf,
    four: PathBuf,
    thousand: PathBuf,
}

impl Homes {
    fn make(place: &Path) -> Self {
        let home = |name: &str| {
            let home = place.join(name);
            fs::create_dir_all(home.join(".config/jackin/workspaces")).unwrap();
            home
        };
        let homes = Self {
            none: home("none"),
            one: home("one"),
            four: home("four"),
            thousand: home("thousand"),
        };
        fs::create_dir_all(place.join("work/client-b")).unwrap();
        let key = "KIMI_CODE_API_KEY = \"sk-kimi-not-a-real-key\"\n";
        let global = format!("version = \"v1alpha9\"\n\n[env]\n{key}");
        write(&homes.one, "config.toml", &global);
        let role = "\n[roles.\"acme/reviewer\"]\ngit = \"https://github.com/acme/jackin-reviewer.git\"\n\n";
        let global = format!(
            "{global}{}{role}[roles.\"acme/reviewer\".env]\n{}",
            values("GLOBAL", 5),
            values("ROLE", 4)
        );
        for home in [&homes.four, &homes.thousand] {
            write(home, "config.toml", &global);
            write(home, "workspaces/client-b.toml", &workspace(&place.join("work/client-b")));
        }
        for number in 0..999 {
            let folder = place.join(format!("work/other-{number}"));
            write(&homes.thousand, &format!("workspaces/other-{number}.toml"), &workspace(&folder));
        }
        homes
    }
}

fn values(prefix: &str, count: usize) -> String {
    (0..count)
        .map(|number| format!("{prefix}_{number} = \"value of {prefix} number {number}\"\n"))
        .collect()
}

fn workspace(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "version = \"v1alpha8\"\nworkdir = \"{folder}\"\nallowed_roles = [\"acme/reviewer\"]\n\
         default_role = \"acme/reviewer\"\n\n[[mounts]]\nsrc = \"{folder}\"\ndst = \"/work\"\n\n[env]\n{}\n\
         [roles.\"acme/reviewer\".env]\n{}",
        values("WORKSPACE", 5),
        values("CELL", 5)
    )
}

fn write(home: &Path, file: &str, text: &str) {
    let folder = home.join(".config/jackin");
    fs::write(folder.join("config.lock"), "1\n").unwrap();
    fs::write(folder.join(file), text).unwrap();
    for path in [folder.join(file), folder.join("config.lock")] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
}

fn rows(program: &Path, homes: &Homes) -> Vec<Row> {
    let ours = |label, home: &Path, options: &[&str]| {
        let program = program.to_str().unwrap();
        let words: Vec<&str> =
            [program].into_iter().chain(options.iter().copied()).chain(["--", TARGET]).collect();
        row(label, home, &words)
    };
    let other = |label, words: &[&str]| row(label, &homes.none, words);
    let mut rows = vec![
        other("direct", &[TARGET]),
        other("env FOO=bar", &["/usr/bin/env", "FOO=bar", TARGET]),
        ours("jackin-exec, no configuration", &homes.none, &[]),
        ours("jackin-exec, one scope", &homes.one, &["-p", "kimi"]),
        ours(
            "jackin-exec, four scopes and a workspace",
            &homes.four,
            &["-w", "client-b", "-p", "kimi"],
        ),
        ours("… found by the current directory", &homes.four, &["-p", "kimi"]),
        ours(
            "… among 1,000 workspaces, by name",
            &homes.thousand,
            &["-w", "client-b", "-p", "kimi"],
        ),
        ours("… among 1,000, by the current directory", &homes.thousand, &["-p", "kimi"]),
    ];
    let peers: [(&'static str, &str, &[&str]); 6] = [
        ("tini", "tini", &["--"]),
        ("dumb-init", "dumb-init", &["--"]),
        ("catatonit", "catatonit", &["--"]),
        ("gosu root", "gosu", &["root"]),
        ("direnv exec", "direnv", &["exec", "/"]),
        ("dotenvx run", "dotenvx", &["run", "--quiet", "--"]),
    ];
    for (label, name, words) in peers {
        if let Some(path) = find(name) {
            let words: Vec<&str> =
                [path.as_str()].into_iter().chain(words.iter().copied()).chain([TARGET]).collect();
            rows.push(other(label, &words));
        }
    }
    rows
}

fn row(label: &'static str, home: &Path, words: &[&str]) -> Row {
    let text = |text: &str| CString::new(text).unwrap();
    let home = [b"HOME=", home.as_os_str().as_bytes()].concat();
    Row {
        label,
        argv: words.iter().map(|word| text(word)).collect(),
        environment: vec![
            CString::new(home).unwrap(),
            text("PATH=/usr/local/bin:/usr/bin:/bin"),
            text("LANG=C.UTF-8"),
        ],
        wall: Vec::new(),
        cpu: 0.0,
    }
}

fn find(name: &str) -> Option<String> {
    let folders = std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .collect::<Vec<_>>();
    folders.into_iter().find(|path| path.is_file())?.to_str().map(str::to_owned)
}

/// /dev/null on all three, opened in the child.
fn quiet() -> PosixSpawnFileActions {
    let mut actions = PosixSpawnFileActions::init().unwrap();
    for descriptor in 0..3 {
        actions.add_open(descriptor, "/dev/null", OFlag::O_RDWR, Mode::empty()).unwrap();
    }
    actions
}

fn run(row: &mut Row, actions: &PosixSpawnFileActions) {
    let attributes = PosixSpawnAttr::init().unwrap();
    let before = children();
    let start = Instant::now();
    let child = nix::spawn::posix_spawn(
        row.argv[0].as_c_str(),
        actions,
        &attributes,
        &row.argv,
        &row.environment,
    )
    .unwrap();
    waitpid(child, None).unwrap();
    row.wall.push(start.elapsed().as_secs_f64() * 1e6);
    row.cpu += children() - before;
}

/// User and system time of all children so far, in microseconds.
fn children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    #[expect(clippy::cast_precision_loss, reason = "a sum of a few seconds")]
    return micros as f64;
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the number of rounds"
    )]
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[at]
}

fn print_times(rows: &[Row]) {
    println!("\n| command | median µs | p99 µs | ratio to env | cpu µs |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let env = &rows[1].wall;
    for row in rows {
        // By rounds: what slows the machine down for a while slows both.
        let ratios: Vec<f64> = row.wall.iter().zip(env).map(|(one, other)| one / other).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand rounds")]
        let cpu = row.cpu / row.wall.len() as f64;
        println!(
            "| {} | {:.0} | {:.0} | {:.3} | {cpu:.0} |",
            row.label,
            quantile(&row.wall, 0.5),
            quantile(&row.wall, 0.99),
            quantile(&ratios, 0.5)
        );
    }
}

/// What does not depend on the machine's load: instructions, system calls, memory and size until
/// the command's execve.
fn print_costs(program: &Path, homes: &Homes) {
    println!("\n| until the command's execve, four scopes and a workspace | |\n| --- | ---: |");
    let launch = |tool: &str, options: &[&str], target: &str| {
        let mut command = Command::new(tool);
        command.args(options).arg(program).args(["-w", "client-b", "-p", "kimi", "--", target]);
        command.env_clear().env("HOME", &homes.four).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let to = file.to_str().unwrap();
    if find("valgrind").is_some() {
        let log = format!("--log-file={to}");
        // A target that is not there: the count ends with our own end.
        launch(
            "valgrind",
            &["--tool=callgrind", "--callgrind-out-file=/dev/null", &log],
            "/nonexistent",
        )
        .status()
        .unwrap();
        let text = fs::read_to_string(&file).unwrap_or_default();
        let count = text
            .lines()
            .find_map(|line| line.split_once("Collected : "))
            .map_or("?", |(_, count)| count);
        println!(
            "| instructions (callgrind; the target is missing, its message included) | {count} |"
        );
    }
    if find("strace").is_some() {
        launch("strace", &["-f", "-o", to], TARGET).status().unwrap();
        let text = fs::read_to_string(&file).unwrap_or_default();
        let calls = text.lines().skip(1).take_while(|line| !line.contains("execve(")).count() + 1;
        println!("| system calls, the execve included (strace) | {calls} |");
        println!("| resident memory, KiB (VmHWM at the execve) | {} |", resident(launch));
    }
    println!("| size of the file, KiB | {} |", size(program));
}

/// What many variables cost: the processor's time up to a target that is missing, in which the
/// kernel's limit for an environment has no part.
fn print_growth(program: &Path, place: &Path) {
    println!("\n| variables in `[env]` | cpu ms | µs each |\n| ---: | ---: | ---: |");
    let home = place.join("many");
    fs::create_dir_all(home.join(".config/jackin/workspaces")).unwrap();
    for count in [50_u32, 1_000, 10_000, 100_000] {
        write(&home, "config.toml", &format!("[env]\n{}", values("MANY", count as usize)));
        let words = [program.to_str().unwrap(), "-p", "anthropic", "--", "/nonexistent"];
        let (mut row, actions) = (row("", &home, &words), quiet());
        for _ in 0..11 {
            run(&mut row, &actions);
        }
        let milliseconds = row.cpu / 11.0 / 1000.0;
        println!(
            "| {count} | {milliseconds:.2} | {:.2} |",
            milliseconds * 1000.0 / f64::from(count)
        );
    }
}

/// Peak resident memory in KiB, read while strace holds the process at its execve.
fn resident(launch: impl Fn(&str, &[&str], &str) -> Command) -> String {
    let hold = ["-e", "trace=execve", "-e", "inject=execve:delay_enter=1000000:when=1"];
    let mut tracer = launch("strace", &hold, TARGET).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let children =
        fs::read_to_string(format!("/proc/{0}/task/{0}/children", tracer.id())).unwrap_or_default();
    let mut status = String::new();
    for child in children.split_whitespace() {
        let file = fs::File::open(format!("/proc/{child}/status"));
        file.and_then(|mut file| file.read_to_string(&mut status)).unwrap_or_default();
    }
    tracer.wait().unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("?", |line| line.trim().trim_end_matches(" kB")).to_owned()
}

fn size(program: &Path) -> u64 {
    fs::metadata(program).map_or(0, |found| found.len().div_ceil(1024))
}
