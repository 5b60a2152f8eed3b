//! Running helpers: the first alone, the others side by side.

use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use nix::poll::PollFd;
use nix::poll::PollFlags;
use nix::poll::PollTimeout;
use secrecy::SecretString;

use crate::config;
use crate::config::EnvValue;
use crate::error::Error;
use crate::error::Reason;
use crate::plan::Need;
use crate::report;
use crate::secret::fetch::Circumstances;
use crate::secret::helper::Helper;
use crate::secret::helper::LOOK_AGAIN;
use crate::secret::helper::SOON;
use crate::secret::modes::Modes;
use crate::secret::search::find;
use crate::sys;
use crate::sys::Children;
use crate::sys::Trap;

/// A helper to be run for one value.
pub(super) struct Job {
    /// Which need.
    pub(super) index: usize,
    /// For messages.
    pub(super) key: String,
    pub(super) argv: Vec<OsString>,
    pub(super) path: PathBuf,
    pub(super) timeout: Duration,
}

/// How long `op` may take: a person may have to find a finger.
const OP_TIMEOUT: Duration = config::COMMAND_TIMEOUT;

impl Job {
    pub(super) fn new(
        index: usize,
        need: &Need<'_>,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
        let (argv, timeout): (Vec<OsString>, Duration) = match &*need.value {
            EnvValue::Op { reference, account } => {
                let account = account.iter().flat_map(|account| ["--account", account]);
                let words = ["op"].into_iter().chain(account).chain(["read", "--", reference]);
                (words.map(OsString::from).collect(), OP_TIMEOUT)
            }
            EnvValue::Command { argv, timeout } => {
                if let Some(path) = circumstances.commands_refused {
                    return Err(Reason::CommandOfAnother(path.to_owned()));
                }
                (argv.iter().map(OsString::from).collect(), *timeout)
            }
            EnvValue::Empty | EnvValue::Literal(_) | EnvValue::HostVar(_) | EnvValue::File(_) => {
                return Err(Reason::NotRun);
            }
        };
        let program = argv.first().cloned().unwrap_or_default();
        let path = find(&program, circumstances.environment)
            .ok_or_else(|| Reason::NotFound(program.to_string_lossy().into_owned()))?;
        Ok(Self { index, key: need.key.clone().into_owned(), argv, path, timeout })
    }

    pub(super) fn program(&self) -> String {
        self.argv
            .first()
            .map(|word| report::escape(&word.to_string_lossy()).into_owned())
            .unwrap_or_default()
    }
}

/// How many helpers run side by side, once the first has unlocked what they share.
const SIDE_BY_SIDE: usize = 4;

/// After this time a person is told what we wait for.
const SILENCE: Duration = Duration::from_secs(1);

pub(super) fn run(
    jobs: Vec<Job>,
    results: &mut [Result<SecretString, Reason>],
    circumstances: Circumstances<'_>,
) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    // Helpers that ask may leave the terminal without echo, when they are killed and otherwise.
    let terminal = Modes::save();
    let _children = Children::keep();
    let trap = Trap::new(&sys::ENDING);
    let mut waiting = jobs.into_iter();
    let first = waiting.next().into_iter().collect();
    let outcome = round(first, results, circumstances, &trap, &terminal)
        .and_then(|()| round(waiting.collect(), results, circumstances, &trap, &terminal));
    terminal.restore();
    // Only now may another signal end us.
    drop(trap);
    outcome
}

/// Runs jobs up to four at a time. A round of one runs in our own process group, so that it may ask
/// on the terminal.
fn round(
    jobs: Vec<Job>,
    results: &mut [Result<SecretString, Reason>],
    circumstances: Circumstances<'_>,
    trap: &Trap,
    terminal: &Modes,
) -> Result<(), Error> {
    let alone = jobs.len() == 1;
    let mut silent_since = Instant::now();
    let mut said = !circumstances.talkative;
    let mut waiting = jobs.into_iter();
    let mut running: Vec<Helper> = Vec::new();
    loop {
        while running.len() < SIDE_BY_SIDE {
            let Some(job) = waiting.next() else {
                break;
            };
            let index = job.index;
            match Helper::start(job, alone, circumstances) {
                Ok(helper) => running.push(helper),
                Err(reason) => put(results, index, Err(reason)),
            }
        }
        if running.is_empty() {
            return Ok(());
        }
        // Not into the form of a helper that asks: it has taken the echo away, and a person sees
        // what is waited for. After its answer the silence begins anew.
        if !said && terminal.is_changed() {
            silent_since = Instant::now();
        }
        if !said && silent_since.elapsed() >= SILENCE {
            let names: Vec<_> = running
                .iter()
                .map(|helper| format!("{} ({})", helper.job.program(), helper.job.key))
                .collect();
            report::say(&format!("waiting for {}", names.join(", ")));
            said = true;
        }
        wait(&running);
        if let Some(signal) = trap.take() {
            for helper in &mut running {
                helper.kill();
            }
            return Err(Error::Signalled(signal));
        }
        running.retain_mut(|helper| match helper.turn() {
            None => true,
            Some(outcome) => {
                put(results, helper.job.index, outcome);
                false
            }
        });
    }
}

fn put(
    results: &mut [Result<SecretString, Reason>],
    index: usize,
    outcome: Result<SecretString, Reason>,
) {
    if let Some(place) = results.get_mut(index) {
        *place = outcome;
    }
}

/// Waits until a helper has said something, or for a moment.
fn wait(running: &[Helper]) {
    let open = running
        .iter()
        .flat_map(|helper| [&helper.stdout, &helper.stderr])
        .filter_map(|pipe| pipe.file.as_ref());
    let mut ready: Vec<PollFd<'_>> =
        open.map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN)).collect();
    // Where no pipe is left, a helper is about to end.
    let patience = if ready.is_empty() { SOON } else { LOOK_AGAIN };
    let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO);
    // An error is an interruption: the caller looks at everything anyway.
    let _ = nix::poll::poll(&mut ready, patience);
}
