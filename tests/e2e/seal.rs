//! The sealed place that a row runs in: namespaces of its own, with loopback and nothing else.
//!
//! One row, one network: whatever arrives anywhere was sent by this row. One row, one process
//! table: whatever it leaves behind is seen, and ends with it.

use std::fs;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process;
use std::process::Command;

const FLAGS: [&str; 7] =
    ["--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

/// What of the real `/etc` a client needs; nothing that names a host or configures a program.
const ETC: [&str; 7] =
    ["passwd", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "os-release"];

/// A command that runs `program` as the first process of a sealed place.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(FLAGS).arg("--").arg(program);
    command
}

/// Why this machine has no sealed place to offer, if it has none.
pub(crate) fn refusal() -> Option<String> {
    let mut probe = command(Path::new("sh"));
    probe.args(["-c", "ip link set lo up && mount --bind /etc /etc"]);
    match probe.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
            Some(format!("no sealed network namespace here: {words}"))
        }
        Err(source) => Some(format!("unshare (util-linux) cannot be run: {source}")),
    }
}

/// From inside: brings loopback up, covers `/etc` by the small one under `room`, and `/tmp` by an
/// empty one, in which only `kept` folders are what they were.
pub(crate) fn settle(room: &Path, kept: &[&Path]) -> io::Result<()> {
    let etc = room.join("etc");
    fs::create_dir_all(&etc)?;
    for name in ETC {
        let real = Path::new("/etc").join(name);
        if real.exists() {
            run(Command::new("cp").arg("-a").arg(real).arg(&etc))?;
        }
    }
    fs::write(etc.join("resolv.conf"), "nameserver 127.0.0.1\n")?;
    fs::write(etc.join("nsswitch.conf"), "hosts: files dns\npasswd: files\ngroup: files\n")?;
    fs::write(etc.join("hosts"), "127.0.0.1 localhost\n")?;
    run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    run(Command::new("mount").arg("--bind").arg(&etc).arg("/etc"))?;
    let kept = kept.iter().filter(|folder| folder.starts_with("/tmp"));
    // An open folder can still be reached once it is covered.
    let kept =
        kept.map(|folder| Ok((folder, File::open(folder)?))).collect::<io::Result<Vec<_>>>()?;
    run(Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/tmp"]))?;
    for (folder, open) in kept {
        fs::create_dir_all(folder)?;
        let open = format!("/proc/{}/fd/{}", process::id(), open.as_raw_fd());
        run(Command::new("mount").args(["--no-canonicalize", "--bind", &open]).arg(folder))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    let failure = || {
        let words = String::from_utf8_lossy(&output.stderr);
        io::Error::other(format!("{command:?}: {}", words.trim()))
    };
    output.status.success().then_some(()).ok_or_else(failure)
}
