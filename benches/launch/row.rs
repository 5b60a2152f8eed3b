//! One command to be timed, and the table of all.

use std::ffi::CString;
use std::time::Instant;

use nix::fcntl::OFlag;
use nix::spawn::PosixSpawnAttr;
use nix::spawn::PosixSpawnFileActions;
use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::stat::Mode;
use nix::sys::time::TimeValLike;
use nix::sys::wait::waitpid;

/// One command to be timed.
pub(crate) struct Row {
    pub(crate) label: String,
    argv: Vec<CString>,
    environment: Vec<CString>,
    /// It runs in one of so many rounds: a slow command must not make the benchmark last for hours.
    every: usize,
    /// The time of each run, in microseconds, and the round in which it ran.
    wall: Vec<(usize, f64)>,
    /// User and system time of each run, in microseconds.
    cpu: Vec<f64>,
}

impl Row {
    pub(crate) fn new(label: &str, argv: &[&str], environment: &[String]) -> Self {
        let text = |text: &str| CString::new(text).unwrap();
        Self {
            label: label.to_owned(),
            argv: argv.iter().map(|word| text(word)).collect(),
            environment: environment.iter().map(|entry| text(entry)).collect(),
            every: 1,
            wall: Vec::new(),
            cpu: Vec::new(),
        }
    }

    pub(crate) fn every(self, every: usize) -> Self {
        Self { every, ..self }
    }

    pub(crate) fn run(&mut self, round: usize) {
        let actions = quiet();
        let attributes = PosixSpawnAttr::init().unwrap();
        let before = children();
        let start = Instant::now();
        let child = nix::spawn::posix_spawn(
            self.argv[0].as_c_str(),
            &actions,
            &attributes,
            &self.argv,
            &self.environment,
        )
        .unwrap();
        waitpid(child, None).unwrap();
        self.wall.push((round, start.elapsed().as_secs_f64() * 1e6));
        self.cpu.push(children() - before);
    }

    /// User and system time of one run, in microseconds: the mean, as a single run may be shorter
    /// than the kernel measures.
    pub(crate) fn cpu(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand rounds")]
        let count = self.cpu.len() as f64;
        self.cpu.iter().sum::<f64>() / count
    }

    /// The median of the same, for runs that take milliseconds.
    pub(crate) fn median_cpu(&self) -> f64 {
        quantile(&self.cpu, 0.5)
    }

    /// The median of the ratios to another command in the same round: what slows the machine down
    /// for a while slows both.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let mut ratios = Vec::new();
        for (round, time) in &self.wall {
            if let Ok(at) = other.wall.binary_search_by_key(round, |(round, _)| *round) {
                ratios.push(time / other.wall[at].1);
            }
        }
        quantile(&ratios, 0.5)
    }

    fn line(&self, base: &Self) -> String {
        let wall: Vec<f64> = self.wall.iter().map(|(_, time)| *time).collect();
        format!(
            "| {} | {:.0} | {:.0} | {:.3} | {:.0} |",
            self.label,
            quantile(&wall, 0.5),
            quantile(&wall, 0.99),
            self.ratio(base),
            self.cpu()
        )
    }
}

/// Runs all commands in turn, for so many rounds.
pub(crate) fn run_all(rows: &mut [Row], rounds: usize) {
    for row in rows.iter_mut() {
        for _ in 0..20_usize.div_ceil(row.every) {
            row.run(0);
        }
        row.wall.clear();
        row.cpu.clear();
    }
    for round in 0..rounds {
        for index in 0..rows.len() {
            let at = (index + round) % rows.len();
            if round % rows[at].every == 0 {
                rows[at].run(round);
            }
        }
    }
}

const HEAD: &str = "\n| command | median µs | p99 µs | ratio to env | cpu µs |\n| --- | ---: | ---: | ---: | ---: |";

/// Prints the table, the slowest first; then the rows that all are compared with: the command alone
/// and `env`.
pub(crate) fn print(rows: &mut [&Row], bases: &[Row]) {
    rows.sort_by(|one, other| other.ratio(&bases[1]).total_cmp(&one.ratio(&bases[1])));
    let rows: Vec<&Row> = rows.iter().copied().chain(bases).collect();
    print_in_order(&rows, &bases[1]);
}

pub(crate) fn print_in_order(rows: &[&Row], base: &Row) {
    println!("{HEAD}");
    for row in rows {
        println!("{}", row.line(base));
    }
}

/// /dev/null on all three, opened in the child.
fn quiet() -> PosixSpawnFileActions {
    let mut actions = PosixSpawnFileActions::init().unwrap();
    for descriptor in 0..3 {
        actions.add_open(descriptor, "/dev/null", OFlag::O_RDWR, Mode::empty()).unwrap();
    }
    actions
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
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
