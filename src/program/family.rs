//! Finding and killing the processes that a program started.
#![expect(clippy::disallowed_methods, reason = "this file looks for processes in /proc")]

use std::hash::BuildHasher as _;
use std::hash::Hasher as _;
use std::hash::RandomState;
use std::time::Duration;
use std::time::Instant;

use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::sys;

/// The variable by which we recognise a process that a program started and abandoned, and whose
/// parent is therefore another one.
pub(super) const MARK: &str = "JACKIN_EXEC_HELPER";

/// A mark that no other process has. A process id would come again, and a helper may leave an agent
/// that keeps its mark for days.
pub(super) fn new_mark() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{}.{random:016x}", nix::unistd::getpid())
}

/// How often to check whether a killed process has ended.
const RETRY_AFTER: Duration = Duration::from_millis(1);

/// Processes that became our children because their parents ended: as process 1 of a container we
/// adopt abandoned processes.
pub(crate) struct Orphans {
    before: Vec<Pid>,
}

impl Orphans {
    /// Records the children that we already have; they are left to the command.
    pub(crate) fn watch() -> Self {
        Self { before: children(nix::unistd::getpid()) }
    }

    /// Reaps the children that were added since and have ended; otherwise each would become a
    /// zombie of the command.
    pub(crate) fn reap(&self) {
        for child in children(nix::unistd::getpid()) {
            if !self.before.contains(&child) {
                // If it is still running, it is left alone.
                let _ = waitpid(child, Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

/// Kills a program and everything that it started, as far as /proc shows it, and reaps it. Returns
/// the process groups that they were in.
pub(super) fn end(process: Pid, mark: &str) -> Vec<Pid> {
    let family = stop(process, mark);
    let mut groups = Vec::new();
    for &member in &family {
        groups.extend(nix::unistd::getpgid(Some(member)));
    }
    // A process may already be gone, which is fine.
    for &member in &family {
        let _ = kill(member, Signal::SIGKILL);
    }
    sys::reap(process);
    // The others are not our children, so we cannot reap them. But when we end, none of them may
    // still hold the terminal or a lock.
    let start = Instant::now();
    while !family.iter().all(|&member| is_gone(member)) && start.elapsed() < sys::KILL_TIME {
        std::thread::sleep(RETRY_AFTER);
    }
    groups
}

/// A program and all that it started. Each process is stopped before its children are listed, so
/// that no new one is missed.
fn stop(process: Pid, mark: &str) -> Vec<Pid> {
    let mut family = vec![process];
    let mut next = 0;
    loop {
        while let Some(&parent) = family.get(next) {
            next += 1;
            let _ = kill(parent, Signal::SIGSTOP);
            family.extend(children(parent));
        }
        // Each pass also finds those that are already stopped.
        for orphan in marked(mark) {
            if !family.contains(&orphan) {
                family.push(orphan);
            }
        }
        if next == family.len() {
            return family;
        }
    }
}

/// The children of a process. /proc lists them for each of its threads.
fn children(parent: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else {
        return found;
    };
    for thread in threads.flatten() {
        let list = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for word in list.split_whitespace() {
            found.extend(word.parse().ok().map(Pid::from_raw));
        }
    }
    found
}

/// The processes whose environment holds our mark.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}");
    let mut found = Vec::new();
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return found;
    };
    for entry in processes.flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if holds(process, &wanted) {
            found.push(Pid::from_raw(process));
        }
    }
    found
}

/// Whether a process was started with an entry in its environment. `false` for another user's
/// process, which cannot be read.
fn holds(process: i32, wanted: &str) -> bool {
    let Ok(environment) = std::fs::read(format!("/proc/{process}/environ")) else {
        return false;
    };
    environment.split(|&byte| byte == 0).any(|entry| entry == wanted.as_bytes())
}

/// Whether a process was started by the program with this mark.
pub(super) fn is_marked(process: Pid, mark: &str) -> bool {
    holds(process.as_raw(), &format!("{MARK}={mark}"))
}

/// Whether a process has ended, reaped or not, as far as /proc tells.
fn is_gone(process: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // PID (NAME) STATE, where the name may hold any character.
    match status.rsplit_once(") ") {
        Some((_, rest)) => rest.starts_with(['Z', 'X']),
        None => true,
    }
}
