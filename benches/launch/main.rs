//! What a launch costs, beside `env` and others that do such work: `benches/run`.
//!
//! Each round runs every command once, with the start moved by one from round to round, so that a
//! slow spell of the machine hits all alike. Ratios travel between machines; microseconds do not.
//!
//! Fails if a limit is exceeded: see the constants below.

#![expect(clippy::disallowed_methods, reason = "a benchmark stands outside of the program")]
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]
#![expect(clippy::format_collect, reason = "texts are built to be read, not to be fast")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run ends with a message"
)]

mod costs;
mod homes;
mod peers;
mod row;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use homes::Homes;
use row::Row;

/// The command behind every launch.
const TARGET: &str = "/bin/true";

/// How slow the slowest spelling of a launch may be, as a ratio to `env`.
const WORST_SPELLING: f64 = 0.80;

/// The same for a build by `cargo install`, with the system's C library.
const WORST_INSTALLED: f64 = 1.00;

/// How many milliseconds of processor time a configuration of 100,000 variables may take.
const MOST_MILLISECONDS: f64 = 100.0;

/// How large the file may be, in KiB.
const LARGEST: u64 = 1_433;

/// How many instructions the launch of the table of costs may take.
const MOST_INSTRUCTIONS: u64 = 250_000;

/// Keeps the whole benchmark on one processor.
#[cfg(target_os = "linux")]
fn pin() -> bool {
    let mut cpu = nix::sched::CpuSet::new();
    cpu.set(std::thread::available_parallelism().map_or(1, usize::from) - 1).unwrap();
    nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &cpu).is_ok()
}

/// No other system lets a process choose.
#[cfg(not(target_os = "linux"))]
fn pin() -> bool {
    false
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let program = PathBuf::from(
        arguments.next().unwrap_or_else(|| env!("CARGO_BIN_EXE_jackin-exec").to_owned()),
    );
    let rounds: usize = arguments.next().map_or(2000, |word| word.parse().unwrap());
    let by_cargo = arguments.next().map(PathBuf::from);
    let place = tempfile::tempdir().unwrap();
    let program = installed(&program, &place.path().join("bin"));
    let by_cargo = by_cargo.map(|file| installed(&file, &place.path().join("by-cargo")));
    let homes = Homes::make(place.path());
    std::env::set_current_dir(place.path().join("work/client-b")).unwrap();
    let pinned = if pin() { ", pinned" } else { "" };
    let size = costs::size(&program);
    println!("{} ({size} KiB), {rounds} rounds{pinned}", program.display());

    let mut exceeded = Vec::new();
    if size > LARGEST {
        exceeded.push(format!("the file has {size} KiB; limit {LARGEST}"));
    }
    let mut found = spellings(&program, &homes, place.path());
    let spellings = found.len();
    found.extend(by_cargo.map(|file| {
        homes::usual("built by cargo install", &homes.four, &file, &["-p", "kimi", "--", TARGET])
    }));
    let launches = found.len();
    found.extend(peers::rows(place.path()));
    row::run_all(&mut found, rounds);
    let (ours, others) = found.split_at(launches);
    // The first two rows are what all are compared with.
    let worst = ours[2..spellings].iter().map(|row| row.ratio(&ours[1]));
    let worst = worst.fold(0.0, f64::max);
    if worst > WORST_SPELLING {
        exceeded.push(format!("the slowest spelling is {worst:.3} of env; limit {WORST_SPELLING}"));
    }
    for row in &ours[spellings..] {
        let ratio = row.ratio(&ours[1]);
        if ratio > WORST_INSTALLED {
            exceeded.push(format!("{} is {ratio:.3} of env; limit {WORST_INSTALLED}", row.label));
        }
    }
    let mut sorted: Vec<&Row> = ours.iter().chain(others).collect();
    println!("\nThe same launch in every spelling, the slowest first, and similar programs:");
    row::print(&mut sorted[2..], &ours[..2]);

    let mut grown = sizes(&program, &homes);
    row::run_all(&mut grown, rounds);
    println!("\nBy the size of the configuration:");
    let in_order: Vec<&Row> = grown.iter().collect();
    row::print_in_order(&in_order, &grown[1]);

    let instructions = costs::print(&program, &homes);
    if instructions.is_some_and(|count| count > MOST_INSTRUCTIONS) {
        exceeded.push(format!(
            "{} instructions; limit {MOST_INSTRUCTIONS}",
            instructions.unwrap_or_default()
        ));
    }
    let milliseconds = costs::print_growth(&program, place.path());
    if milliseconds > MOST_MILLISECONDS {
        exceeded.push(format!(
            "100,000 variables take {milliseconds:.0} ms; limit {MOST_MILLISECONDS}"
        ));
    }
    for line in &exceeded {
        println!("\nEXCEEDED: {line}");
    }
    if exceeded.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A copy, written page by page as it is read after a start of the machine. What a linker has just
/// written lies in the page cache in large pieces, of which a fault maps more, so that the same
/// file costs more memory and time.
fn installed(program: &Path, folder: &Path) -> PathBuf {
    fs::create_dir(folder).unwrap();
    let copy = folder.join("jackin-exec");
    let bytes = fs::read(program).unwrap();
    let mut file = fs::File::create(&copy).unwrap();
    for page in bytes.chunks(4096) {
        file.write_all(page).unwrap();
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

/// One launch in every spelling that once was, or could be, slower than the others: four scopes and
/// a workspace that is found by the current directory, twenty values, an environment of forty
/// variables.
fn spellings(program: &Path, homes: &Homes, place: &Path) -> Vec<Row> {
    let bin = place.join("bin");
    for name in ["jackin-kimi", "my-launcher"] {
        symlink(program, bin.join(name)).unwrap();
    }
    // A command whose name begins like a subcommand's.
    symlink(TARGET, bin.join("doc")).unwrap();
    let folder = homes.four.join(".config/jackin");
    let folder = folder.to_str().unwrap();
    let plain = ["-p", "kimi", "--", TARGET];
    let four = |label, words: &[&str]| homes::usual(label, &homes.four, program, words);
    let link =
        |label, name, words: &[&str]| homes::usual(label, &homes.four, &bin.join(name), words);
    vec![
        homes::usual("the command alone", &homes.none, Path::new(TARGET), &[]),
        homes::usual("env FOO=bar", &homes.none, Path::new("/usr/bin/env"), &["FOO=bar", TARGET]),
        four("-p kimi", &plain),
        four("--provider=kimi", &["--provider=kimi", "--", TARGET]),
        four("-pkimi", &["-pkimi", "--", TARGET]),
        four("--config-dir DIR -p kimi", &["--config-dir", folder, "-p", "kimi", "--", TARGET]),
        four("-p kimi doc (a command like a subcommand)", &["-p", "kimi", "doc"]),
        link("jackin-kimi (a link)", "jackin-kimi", &[TARGET]),
        link("my-launcher -p kimi (a link that names no provider)", "my-launcher", &plain),
    ]
}

/// Launches with configurations of different sizes.
fn sizes(program: &Path, homes: &Homes) -> Vec<Row> {
    let ours = |label, home: &Path, options: &[&str]| {
        let words: Vec<&str> = options.iter().copied().chain(["--", TARGET]).collect();
        homes::bare(label, home, program, &words)
    };
    let by_name = ["-w", "client-b", "-p", "kimi"];
    vec![
        homes::bare("the command alone", &homes.none, Path::new(TARGET), &[]),
        homes::bare("env FOO=bar", &homes.none, Path::new("/usr/bin/env"), &["FOO=bar", TARGET]),
        ours("no configuration", &homes.none, &[]),
        ours("one scope", &homes.one, &["-p", "kimi"]),
        ours("four scopes and a workspace", &homes.four, &by_name),
        ours("… found by the current directory", &homes.four, &["-p", "kimi"]),
        ours("… among 1,000 workspaces, by name", &homes.thousand, &by_name),
        ours("… among 1,000, by the current directory", &homes.thousand, &["-p", "kimi"]),
    ]
}
