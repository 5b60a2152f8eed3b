//! A row: one hazard as plain data. What happens to it is elsewhere.
//!
//! Texts may name places that only exist while the row runs, in braces: `{room}`, `{home}`,
//! `{project}`, `{self}` (this test program), `{router}` (Claude Code Router), `{kimi}`, `{zai}` and so
//! on, which start a session on that provider, `{claude-kimi}` and so on, a file that does the same,
//! `{sdk}` (the Agent SDKs) and `{python}`.

use std::fmt;

use serde_json::Value;
use serde_json::json;

use crate::mock::Conversation;
use crate::mock::Failure;
use crate::mock::Page;
use crate::mock::Script;
use crate::mock::Turn;
use crate::provider::Provider;

/// What every session is asked, unless a row says otherwise.
pub(crate) const PROMPT: &str = "say hi";

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) group: &'static str,
    /// What holds, as a sentence that can be false.
    pub(crate) claim: String,
    /// Path under the room, and content.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What the sessions inherit besides HOME and PATH.
    pub(crate) env: Vec<(String, String)>,
    pub(crate) sessions: Vec<Session>,
    /// Whether the sessions run at the same time instead of one after the other.
    pub(crate) at_once: bool,
    /// A program that the sessions need, besides what every row needs.
    pub(crate) needs: Option<&'static str>,
    /// Whether what is asked is asked after the sessions have ended.
    pub(crate) lingers: bool,
    pub(crate) script: Script,
    /// Which provider must be asked which words, and nobody else.
    pub(crate) asked: Vec<(&'static Provider, String)>,
    pub(crate) also: Vec<Also>,
    pub(crate) red: Vec<Red>,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) provider: &'static Provider,
    /// A program that starts the client itself; empty for the client.
    pub(crate) program: Vec<String>,
    /// Options of jackin-exec besides the provider.
    pub(crate) options: Vec<String>,
    /// Arguments of the client.
    pub(crate) args: Vec<String>,
    /// A file under the room that is open as descriptor 9.
    pub(crate) open: Option<String>,
    /// A file under the room that is standard input.
    pub(crate) stdin: Option<String>,
    /// A script that drives the session; it gets the session's words. It runs with jackin-exec only.
    pub(crate) script: Option<String>,
}

/// What a row claims beyond the rule that holds for all.
#[derive(Clone, Debug)]
pub(crate) enum Also {
    /// This many requests carried a prompt.
    Prompts(usize),
    /// Every prompt asked this model.
    Model(&'static str),
    /// The client reckons with this context window.
    Window(u64),
    /// Every prompt carried this header, `name: value`.
    Header(&'static str),
    /// This child ran, and wrote down its environment.
    Child(&'static str),
    /// This child found none of these words in its environment.
    ChildLacks(&'static str, &'static str),
    /// This child did not run.
    NoChild(&'static str),
    /// The process that was started became the client, alone, and left nobody behind.
    OneProcess,
    /// No request held these words.
    Never(&'static str),
    /// No request had this header.
    NoHeader(&'static str),
    /// No file of the home holds a provider's key, but for the configuration that declares it.
    NotKept,
    /// The launch was refused, in these words.
    Refused(&'static str),
    /// The first session printed exactly this, and the end of a line.
    Stdout(&'static str),
    /// The first session printed these words.
    Printed(&'static str),
    /// No session said these words.
    Unsaid(&'static str),
    /// The prompt came through the proxy of the shell.
    Proxied,
    /// Nothing whatever came through the proxy of the shell.
    Unproxied,
    /// Prompts may go to this host as well, without any credential.
    Follows(&'static str),
    /// A request came to this host, which is no provider's.
    Reached(&'static str),
    /// What is to be asked may stay unasked, if only nobody else is asked it.
    MayStaySilent,
    /// The session may fail: what counts is what it sent.
    AnyEnd,
}

/// Where a row is red, and why it stays so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Red {
    pub(crate) when: When,
    /// Whether it is red every time: the client may race with itself.
    pub(crate) sure: bool,
    pub(crate) why: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Always,
    /// With clients older than this one.
    Before(Version),
    /// With this client and later ones.
    Since(Version),
}

/// A version of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u16, pub(crate) u16, pub(crate) u16);

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::parse);
        let mut part = || parts.next()?.ok();
        Some(Self(part()?, part()?, part()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Row {
    /// A row without a session.
    pub(crate) fn empty(group: &'static str, claim: impl Into<String>) -> Self {
        Self {
            group,
            claim: claim.into(),
            files: Vec::new(),
            env: Vec::new(),
            sessions: Vec::new(),
            at_once: false,
            needs: None,
            lingers: false,
            script: Script::default(),
            asked: Vec::new(),
            also: Vec::new(),
            red: Vec::new(),
        }
    }

    /// A row with one session that is asked [`PROMPT`].
    pub(crate) fn new(
        group: &'static str,
        provider: &'static Provider,
        claim: impl Into<String>,
    ) -> Self {
        Self::empty(group, claim).then(provider, PROMPT)
    }

    /// A session that the client is to run in the background; the row waits for what it asks.
    pub(crate) fn background(mut self, provider: &'static Provider, prompt: &str) -> Self {
        self.lingers = true;
        let mut row = self.then(provider, prompt).also(Also::AnyEnd);
        if let Some(session) = row.sessions.last_mut() {
            session.args = vec!["--bg".to_owned(), prompt.to_owned()];
        }
        row
    }

    /// One more session, asked `prompt`.
    pub(crate) fn then(mut self, provider: &'static Provider, prompt: &str) -> Self {
        self.sessions.push(Session {
            provider,
            program: Vec::new(),
            options: Vec::new(),
            args: vec!["-p".to_owned(), prompt.to_owned()],
            open: None,
            stdin: None,
            script: None,
        });
        self.asks(provider, prompt)
    }

    /// Somebody in this row asks `provider` these words, and nobody else.
    pub(crate) fn asks(mut self, provider: &'static Provider, prompt: &str) -> Self {
        self.asked.push((provider, prompt.to_owned()));
        self
    }

    /// Another prompt for the latest session, beside what it is to ask.
    pub(crate) fn prompt(mut self, words: &str) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.args = vec!["-p".to_owned(), words.to_owned()];
        }
        self
    }

    /// All arguments for the client of the latest session.
    pub(crate) fn words<const N: usize>(mut self, words: [&str; N]) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.args = words.map(str::to_owned).into();
        }
        self
    }

    /// A script that drives the latest session.
    pub(crate) fn drive(mut self, script: &str) -> Self {
        let path = "drive".to_owned();
        if let Some(session) = self.sessions.last_mut() {
            session.script = Some(path.clone());
        }
        self.file(&path, script)
    }

    /// A program without which the row is not run.
    pub(crate) fn needs(mut self, program: &'static str) -> Self {
        self.needs = Some(program);
        self
    }

    /// More arguments for the client of the latest session.
    pub(crate) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.args.extend(args.map(str::to_owned));
        }
        self
    }

    /// A program that starts the client of the latest session itself.
    pub(crate) fn program<const N: usize>(mut self, words: [&str; N]) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.program = words.map(str::to_owned).to_vec();
            session.args = Vec::new();
        }
        self
    }

    /// Standard input of the latest session.
    pub(crate) fn stdin(mut self, content: &str) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.stdin = Some("stdin".to_owned());
        }
        self.file("stdin", content)
    }

    /// Options of jackin-exec for the latest session.
    pub(crate) fn options<const N: usize>(mut self, options: [&str; N]) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.options.extend(options.map(str::to_owned));
        }
        self
    }

    /// Opens a file of the room as descriptor 9 for the latest session.
    pub(crate) fn open(mut self, path: &str) -> Self {
        if let Some(session) = self.sessions.last_mut() {
            session.open = Some(path.to_owned());
        }
        self
    }

    pub(crate) fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Text has its places filled; what is no UTF-8 stays as it is.
    pub(crate) fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.push((path.to_owned(), content.as_ref().to_vec()));
        self
    }

    pub(crate) fn json(self, path: &str, content: &Value) -> Self {
        self.file(path, content.to_string())
    }

    /// When it is asked `prompt`, the model uses the first of these tools that there is.
    pub(crate) fn calls(
        mut self,
        prompt: &str,
        names: &'static [&'static str],
        input: Value,
    ) -> Self {
        let turn = Turn::Call { names, input };
        let conversations = &mut self.script.conversations;
        match conversations.iter_mut().find(|known| known.prompt == prompt) {
            Some(known) => known.turns.push(turn),
            None => {
                conversations.push(Conversation { prompt: prompt.to_owned(), turns: vec![turn] });
            }
        }
        self
    }

    /// When it is asked [`PROMPT`], the model says this.
    pub(crate) fn says(self, words: &str) -> Self {
        self.answers(PROMPT, words)
    }

    /// When it is asked `prompt`, the model says this.
    pub(crate) fn answers(mut self, prompt: &str, words: &str) -> Self {
        let turns = vec![Turn::Say(words.to_owned())];
        self.script.conversations.push(Conversation { prompt: prompt.to_owned(), turns });
        self
    }

    /// The model declines every prompt.
    pub(crate) fn refuses(mut self) -> Self {
        self.script.refuses = true;
        self
    }

    /// This host answers every prompt with a 307 that leads to `to`.
    pub(crate) fn moves(mut self, host: &'static str, to: &'static str) -> Self {
        self.script.moved = Some((host, to));
        self
    }

    /// Whether the row needs the Agent SDKs.
    pub(crate) fn needs_sdk(&self) -> bool {
        self.sessions.iter().any(|session| !session.program.is_empty())
    }

    /// The endpoint says that every request had this many tokens.
    pub(crate) fn tokens(mut self, tokens: u64) -> Self {
        self.script.tokens = tokens;
        self
    }

    /// The endpoint refuses every prompt with this status.
    pub(crate) fn fails(mut self, status: u16) -> Self {
        let error = json!({ "type": "api_error", "message": "not now" });
        let body = json!({ "type": "error", "error": error });
        self.script.failure = Some(Failure { status, body });
        self
    }

    pub(crate) fn page(mut self, page: Page) -> Self {
        self.script.pages.push(page);
        self
    }

    pub(crate) fn also(mut self, also: Also) -> Self {
        self.also.push(also);
        self
    }

    pub(crate) fn red(mut self, when: When, why: &'static str) -> Self {
        self.red.push(Red { when, sure: true, why });
        self
    }

    /// Red now and then.
    pub(crate) fn sometimes_red(mut self, when: When, why: &'static str) -> Self {
        self.red.push(Red { when, sure: false, why });
        self
    }

    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.group, self.claim)
    }

    /// How this row is expected to be red with this client, if it is.
    pub(crate) fn expected_red(&self, client: Version) -> Option<&Red> {
        self.red.iter().find(|red| match red.when {
            When::Always => true,
            When::Before(version) => client < version,
            When::Since(version) => client >= version,
        })
    }
}
