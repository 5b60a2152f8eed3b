//! What does not depend on the machine's load: instructions, system calls, memory and size.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use crate::TARGET;
use crate::homes;
use crate::homes::Homes;
use crate::peers::find;
use crate::row::Row;

/// Prints the costs until the command's execve, and returns the number of instructions.
pub(crate) fn print(program: &Path, homes: &Homes) -> Option<u64> {
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
    let mut instructions = None;
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
        let count = text.lines().find_map(|line| line.split_once("Collected : "));
        instructions = count.and_then(|(_, count)| count.trim().parse().ok());
        println!(
            "| instructions (callgrind; the target is missing, its message included) | {} |",
            instructions.unwrap_or_default()
        );
    } else {
        println!("ABSENT: valgrind is not in PATH, so no instructions are counted");
    }
    if find("strace").is_some() {
        launch("strace", &["-f", "-o", to], TARGET).status().unwrap();
        let text = fs::read_to_string(&file).unwrap_or_default();
        let calls = text.lines().skip(1).take_while(|line| !line.contains("execve(")).count() + 1;
        println!("| system calls, the execve included (strace) | {calls} |");
        println!("| resident memory, KiB (VmHWM at the execve) | {} |", resident(launch));
    } else {
        println!("ABSENT: strace is not in PATH, so no system calls are counted");
    }
    println!("| size of the file, KiB | {} |", size(program));
    instructions
}

/// What many variables cost: the processor's time up to a target that is missing, in which the
/// kernel's limit for an environment has no part. Returns the milliseconds of the most variables.
pub(crate) fn print_growth(program: &Path, place: &Path) -> f64 {
    let mut milliseconds = 0.0;
    println!("\n| variables in `[env]` | cpu ms | µs each |\n| ---: | ---: | ---: |");
    let home = place.join("many");
    fs::create_dir_all(home.join(".config/jackin/workspaces")).unwrap();
    for count in [50_u32, 1_000, 10_000, 100_000] {
        let values = homes::values("MANY", count as usize);
        homes::write(&home, "config.toml", &format!("[env]\n{values}"));
        let words = [program.to_str().unwrap(), "-p", "anthropic", "--", "/nonexistent"];
        let mut row = Row::new("", &words, &homes::usual_environment(&home)[..3]);
        for round in 0..11 {
            row.run(round);
        }
        milliseconds = row.median_cpu() / 1000.0;
        println!(
            "| {count} | {milliseconds:.2} | {:.2} |",
            milliseconds * 1000.0 / f64::from(count)
        );
    }
    milliseconds
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

/// In KiB, rounded up.
pub(crate) fn size(program: &Path) -> u64 {
    fs::metadata(program).map_or(0, |found| found.len().div_ceil(1024))
}
