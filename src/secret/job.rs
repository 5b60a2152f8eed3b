//! Running helpers: the first alone, the others in parallel.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use secrecy::SecretString;

use crate::config;
use crate::config::EnvValue;
use crate::files;
use crate::plan::Need;
use crate::program;
use crate::program::End;
use crate::program::Group;
use crate::program::Orphans;
use crate::program::Program;
use crate::program::Running;
use crate::program::Stderr;
use crate::program::Terminal;
use crate::redact::Words;
use crate::report;
use crate::secret::error::Error;
use crate::secret::error::Reason;
use crate::secret::fetch::Circumstances;
use crate::secret::fetch::text;
use crate::sys;
use crate::sys::Children;
use crate::sys::Trap;
use crate::typed::Typed;

/// A helper to be run for one value.
pub(super) struct Job {
    /// The variable, for messages.
    key: String,
    /// The first word of argv, for messages.
    program: Typed,
    argv: Vec<OsString>,
    path: PathBuf,
    timeout: Duration,
}

/// How long `op` may take: the user may have to authenticate with a fingerprint.
const OP_TIMEOUT: Duration = config::COMMAND_TIMEOUT;

impl Job {
    /// `op read`.
    pub(super) fn op(
        need: &Need<'_>,
        reference: &str,
        account: Option<&str>,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
        let mut argv: Vec<OsString> = vec!["op".into()];
        if let Some(account) = account {
            argv.extend(["--account".into(), account.into()]);
        }
        argv.extend(["read".into(), "--".into(), reference.into()]);
        Self::new(need, argv, OP_TIMEOUT, circumstances)
    }

    /// A command of exec.toml.
    pub(super) fn command(
        need: &Need<'_>,
        argv: &[String],
        timeout: Duration,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
        if let Some(path) = circumstances.commands_refused {
            return Err(Reason::CommandOfAnother(path.to_owned()));
        }
        Self::new(need, argv.iter().map(OsString::from).collect(), timeout, circumstances)
    }

    fn new(
        need: &Need<'_>,
        argv: Vec<OsString>,
        timeout: Duration,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, Reason> {
        let program = match argv.first() {
            Some(word) => Typed::new(word.to_string_lossy()),
            None => Typed::new(""),
        };
        let Some(path) = program::find(program.as_str().as_ref(), circumstances.environment) else {
            return Err(Reason::NotFound { program });
        };
        Ok(Self { key: need.key.clone().into_owned(), program, argv, path, timeout })
    }
}

/// The result of a job.
pub(super) type Outcome = Result<SecretString, Reason>;

/// How many helpers run in parallel, once the first has unlocked what they share. Not all of them:
/// people report that `op` loses the connection to its app if many run together.
///
/// Source: zcutlip/pyonepassword#137, checked 2026-11-26.
const SIDE_BY_SIDE: usize = 8;

/// After this time the user is told what we are waiting for.
const SILENCE: Duration = Duration::from_secs(1);

/// How much of a helper's stderr is kept, in bytes.
const WORDS: usize = 4096;

/// Runs all jobs. The outcomes are in the order of the jobs.
pub(super) fn run(jobs: Vec<Job>, circumstances: Circumstances<'_>) -> Result<Vec<Outcome>, Error> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let hidden = circumstances.environment.without(circumstances.hidden);
    let term = circumstances.environment.text("TERM");
    let mut helpers = Helpers {
        total: jobs.len(),
        counts: circumstances.talkative && term.is_some_and(|term| term != "dumb"),
        counted: None,
        environment: hidden.0.into_iter().map(Cow::Borrowed).collect(),
        talkative: circumstances.talkative,
        terminal: Terminal::save(),
        trap: Trap::new(&sys::ENDING),
        outcomes: BTreeMap::new(),
        ended: Vec::new(),
    };
    let children = Children::keep();
    let orphans = Orphans::watch();
    let mut first: Vec<(usize, Job)> = jobs.into_iter().enumerate().collect();
    let others = first.split_off(1);
    let result = helpers.round(first).and_then(|()| helpers.round(others));
    helpers.stop_counting();
    // Helpers that ask may leave the terminal without echo, whether or not they were killed.
    helpers.terminal.restore(&helpers.ended);
    orphans.reap();
    drop(children);
    // Until now, another signal must not end us.
    drop(helpers.trap);
    result?;
    Ok(helpers.outcomes.into_values().collect())
}

/// The state shared by all helpers, and their results.
struct Helpers {
    environment: Vec<Cow<'static, CStr>>,
    talkative: bool,
    /// How many jobs there are.
    total: usize,
    /// Whether the terminal can update a number in place.
    counts: bool,
    /// The number shown now.
    counted: Option<usize>,
    terminal: Terminal,
    trap: Trap,
    /// The outcomes, by job number.
    outcomes: BTreeMap<usize, Outcome>,
    ended: Vec<Running>,
}

/// A running helper.
struct Helper {
    number: usize,
    job: Job,
    running: Running,
}

impl Helpers {
    /// Runs one or more jobs in parallel. A single job runs in our own process group, so that it
    /// may ask on the terminal.
    fn round(&mut self, jobs: Vec<(usize, Job)>) -> Result<(), Error> {
        let alone = jobs.len() == 1;
        let mut silent_since = Instant::now();
        let mut is_told = !self.talkative;
        let mut waiting = jobs.into_iter();
        let mut helpers: Vec<Helper> = Vec::new();
        loop {
            while helpers.len() < SIDE_BY_SIDE
                && let Some((number, job)) = waiting.next()
            {
                match self.start(&job, alone) {
                    Ok(running) => helpers.push(Helper { number, job, running }),
                    Err(reason) => {
                        self.outcomes.insert(number, Err(reason));
                    }
                }
            }
            if helpers.is_empty() {
                return Ok(());
            }
            // Not while a helper is asking: it has turned echo off, and the user sees what it is
            // waiting for. After the answer the time starts again.
            if !is_told && self.terminal.is_changed() {
                silent_since = Instant::now();
            }
            if !is_told && silent_since.elapsed() >= SILENCE {
                report::say(&waiting_for(&helpers));
                is_told = true;
            }
            if is_told && !alone {
                self.count();
            }
            program::wait(helpers.iter().map(|helper| &helper.running));
            if let Some(signal) = self.trap.take() {
                for mut helper in helpers {
                    helper.running.kill();
                    self.ended.push(helper.running);
                }
                return Err(Error::Signalled(signal));
            }
            helpers = self.poll(helpers);
        }
    }

    /// `3 of 8`, in a line that is updated in place. Only helpers that cannot ask are counted:
    /// others would write on the same line.
    fn count(&mut self) {
        let done = self.outcomes.len();
        if self.counts && self.counted != Some(done) {
            self.counted = Some(done);
            let line = format!("\r\x1b[Kjackin-exec: {done} of {}", self.total);
            report::to(&std::io::stderr(), &line);
        }
    }

    fn stop_counting(&mut self) {
        if self.counted.take().is_some() {
            report::to(&std::io::stderr(), "\r\x1b[K");
        }
    }

    fn start(&self, job: &Job, alone: bool) -> Result<Running, Reason> {
        let talks = alone && self.talkative;
        Running::start(Program {
            path: &job.path,
            words: &job.argv,
            environment: &self.environment,
            time_limit: job.timeout,
            stdout: files::LARGEST_VALUE,
            stderr: if talks { Stderr::Ours } else { Stderr::Kept(WORDS) },
            group: if alone { Group::Ours } else { Group::Own },
        })
        .map_err(|errno| Reason::CannotRun { program: job.program.clone(), errno })
    }

    /// Polls each helper once. Returns those that are still running.
    fn poll(&mut self, helpers: Vec<Helper>) -> Vec<Helper> {
        let mut still_running = Vec::with_capacity(helpers.len());
        for mut helper in helpers {
            match outcome(&helper.job, &mut helper.running) {
                None => still_running.push(helper),
                Some(outcome) => {
                    self.outcomes.insert(helper.number, outcome);
                    self.ended.push(helper.running);
                }
            }
        }
        still_running
    }
}

fn waiting_for(helpers: &[Helper]) -> String {
    let mut names = Vec::new();
    for helper in helpers {
        names.push(format!("{} ({})", helper.job.program, helper.job.key));
    }
    format!("waiting for {}", names.join(", "))
}

/// The result of a helper; `None` while it is running.
fn outcome(job: &Job, running: &mut Running) -> Option<Outcome> {
    let end = running.poll();
    let program = job.program.clone();
    if running.stdout.is_cut() {
        running.kill();
        return Some(Err(Reason::TooMuch { program }));
    }
    Some(match end? {
        End::Status(0) => text(running.stdout.take()),
        End::Status(code) => {
            let (stderr, is_cut) = (running.stderr.bytes(), running.stderr.is_cut());
            let words = Words::of_helper(stderr, is_cut, running.stdout.bytes());
            Err(Reason::Failed { program, code, words })
        }
        End::TimedOut => Err(Reason::TimedOut { program, after: job.timeout }),
        End::WantsTerminal => Err(Reason::Stopped { program }),
        End::CannotRun(errno) => Err(Reason::CannotRun { program, errno }),
    })
}

/// A job for a value that needs one.
pub(super) fn job(
    need: &Need<'_>,
    circumstances: Circumstances<'_>,
) -> Option<Result<Job, Reason>> {
    match &*need.value {
        EnvValue::Op(op) if !config::is_op_reference(&op.reference) => {
            Some(Err(Reason::NoReference))
        }
        EnvValue::Op(op) => {
            Some(Job::op(need, &op.reference, op.account.as_deref(), circumstances))
        }
        EnvValue::Command(helper) => {
            Some(Job::command(need, &helper.argv, helper.timeout, circumstances))
        }
        EnvValue::Empty | EnvValue::Literal(_) | EnvValue::HostVar(_) | EnvValue::File(_) => None,
    }
}
