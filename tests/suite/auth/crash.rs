//! A change that is killed at any moment leaves the old or the new files.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use crate::auth::KEY;
use crate::auth::files;
use crate::auth::run;
use crate::auth::start;
use crate::auth::with;
use crate::support::Sandbox;
use crate::traced::Traced;

/// A key in the one that wins and in the one that loses.
fn crashing() -> Sandbox {
    with(&[
        (
            "config.toml",
            "# mine\n[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"hidden\" # h\n\n[kimi]\nauth_forward = \"ignore\"\n",
        ),
        ("exec.toml", "[env]\nKIMI_CODE_API_KEY = { command = [\"old\"] }\n"),
    ])
}

/// The states of the files that a change goes through, and no others, whenever it is killed.
struct Crash {
    words: &'static str,
    states: Vec<Vec<(String, String)>>,
}

impl Crash {
    fn new(words: &'static str, states: &[(&str, &str)]) -> Self {
        let names = ["config.toml", "exec.toml"];
        let pair = |(config, exec): &(&str, &str)| {
            names
                .iter()
                .zip([config, exec])
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        Self { words, states: states.iter().map(pair).collect() }
    }

    fn all() -> Vec<Self> {
        let old = (
            "# mine\n[env]\nA = \"SENTINEL\"\nKIMI_CODE_API_KEY = \"hidden\" # h\n\n[kimi]\nauth_forward = \"ignore\"\n",
            "[env]\nKIMI_CODE_API_KEY = { command = [\"old\"] }\n",
        );
        let set = old.0.replace("\"hidden\"", &format!("\"{KEY}\""));
        let bare = "# mine\n[env]\nA = \"SENTINEL\"\n\n[kimi]\nauth_forward = \"ignore\"\n";
        let file = "[env]\nKIMI_CODE_API_KEY = { file = \"/k\" }\n";
        let offered = "[ignore]\nkimi = false\n";
        let both = format!("{file}\n{offered}");
        vec![
            // The key that wins is in force until it goes; it is offered last.
            Self::new("auth set kimi --stdin", &[old, (&set, old.1), (&set, offered)]),
            Self::new(
                "auth set kimi --file /k",
                &[old, (old.0, file), (bare, file), (bare, &both)],
            ),
            Self::new("auth unset kimi", &[old, (bare, old.1), (bare, "")]),
        ]
    }

    /// The state that the files are in now. What was left over beside them is removed by the next
    /// change.
    #[track_caller]
    fn state(&self, sandbox: &Sandbox) -> usize {
        let mut now = files(sandbox);
        let staged = now.len();
        now.retain(|(name, _)| !name.contains(".tmp.jackin-exec."));
        assert!(
            staged - now.len() <= 2,
            "{}: more than one text of each file was left over",
            self.words
        );
        let found = self.states.iter().position(|state| *state == now);
        found.unwrap_or_else(|| {
            panic!("{}: a state that it should not go through: {now:#?}", self.words)
        })
    }

    /// A change after the crash finds everything in order.
    #[track_caller]
    fn is_healed(&self, sandbox: &Sandbox) {
        assert_eq!(run(sandbox, self.words, KEY).status, 0, "{} again", self.words);
        assert_eq!(self.state(sandbox), self.states.len() - 1, "{} again", self.words);
        assert!(
            files(sandbox).iter().all(|(name, _)| !name.contains(".tmp.")),
            "something was left over"
        );
    }
}

/// Starts a change that stops at each system call; `None` if processes may not be traced here.
fn traced(sandbox: &Sandbox, words: &str) -> Option<Traced> {
    let input = sandbox.path("key");
    fs::write(&input, KEY).unwrap();
    Traced::start(&sandbox.launch().words(words.split(' ')).step("0", &input))
}

/// Goes on until the files have changed so many times.
fn run_to_change(change: &mut Traced, sandbox: &Sandbox, changes: usize) {
    let (mut before, mut seen) = (files(sandbox), 0);
    while seen < changes {
        assert!(change.step(), "ended after {seen} changes of the files");
        let now = files(sandbox);
        seen += usize::from(now != before);
        before = now;
    }
}

/// What a kill at the end of a system call leaves is what the files hold there. So one run shows
/// every state, and only where the files have changed a run is killed.
#[test]
fn killed_after_any_system_call_it_leaves_the_old_or_the_new_file() {
    for crash in Crash::all() {
        let sandbox = crashing();
        let Some(mut change) = traced(&sandbox, crash.words) else {
            return;
        };
        let (mut before, mut stops, mut changes) = (files(&sandbox), 0, 0);
        let mut seen = BTreeSet::from([crash.state(&sandbox)]);
        let lock = sandbox.config_dir().join("config.lock");
        while change.step() {
            stops += usize::from(lock.exists());
            seen.insert(crash.state(&sandbox));
            let now = files(&sandbox);
            changes += usize::from(now != before);
            before = now;
        }
        assert!(stops > 80, "{}: only {stops} stops", crash.words);
        assert_eq!(
            seen,
            (0..crash.states.len()).collect(),
            "{}: every state was come to",
            crash.words
        );
        for number in 0..=changes {
            let sandbox = crashing();
            let mut change = traced(&sandbox, crash.words).unwrap();
            run_to_change(&mut change, &sandbox, number);
            change.kill();
            crash.state(&sandbox);
            crash.is_healed(&sandbox);
        }
    }
}

/// `JACKIN_EXEC_CRASHES=500 cargo test --test suite killed_at_some_moment -- --nocapture`
#[test]
fn killed_at_some_moment_it_leaves_the_old_or_the_new_file() {
    let count = std::env::var("JACKIN_EXEC_CRASHES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(20_u32);
    for crash in Crash::all() {
        let mut found = vec![0; crash.states.len()];
        let whole = std::time::Instant::now();
        let sandbox = crashing();
        assert_eq!(run(&sandbox, crash.words, KEY).status, 0);
        // Spread over somewhat more than the time that it takes.
        let whole = whole.elapsed() + Duration::from_micros(500);
        for number in 0..count {
            let sandbox = crashing();
            let mut child = start(&sandbox, crash.words, KEY);
            std::thread::sleep(whole * number / count);
            child.kill().unwrap();
            child.wait().unwrap();
            found[crash.state(&sandbox)] += 1;
            if number % 5 == 0 {
                crash.is_healed(&sandbox);
            }
        }
        eprintln!("{}: {count} times killed, found in state {found:?}", crash.words);
    }
}
