//! Ending processes.

use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

/// How long a process that was killed may take to end, on a machine that is busy.
pub(crate) const FAREWELL: Duration = Duration::from_secs(1);

/// How often it is looked whether it has.
const SOON: Duration = Duration::from_millis(1);

/// Reaps a child that was killed. Not for ever: one that has become another user's, as `sudo` does,
/// cannot be killed.
pub(crate) fn reap(process: Pid) {
    let start = Instant::now();
    while start.elapsed() < FAREWELL {
        match nix::sys::wait::waitpid(process, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(SOON),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}
