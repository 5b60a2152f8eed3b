//! Ending processes.

use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

/// How long a killed process may take to end on a busy machine.
pub(crate) const KILL_TIME: Duration = Duration::from_secs(1);

/// How often to check whether it has ended.
const RETRY_AFTER: Duration = Duration::from_millis(1);

/// Reaps a child that was killed. Does not wait for ever: a process that has changed to another
/// user, as `sudo` does, cannot be killed.
pub(crate) fn reap(process: Pid) {
    let start = Instant::now();
    while start.elapsed() < KILL_TIME {
        match nix::sys::wait::waitpid(process, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(RETRY_AFTER),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}
