//! The room of a row: a fresh home and project, and the sessions that are started in it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::column::Column;
use crate::provider;
use crate::provider::Auth;
use crate::provider::Provider;
use crate::router;
use crate::row::Row;
use crate::row::Session;
use crate::sdk;

/// Longer than any session takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const JACKIN_EXEC: &str = env!("CARGO_BIN_EXE_jackin-exec");

#[derive(Debug)]
pub(crate) struct Room {
    folder: PathBuf,
    /// The folder with `claude`.
    client: PathBuf,
    column: Column,
}

/// How a session ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) pid: u32,
    /// None when it had to be stopped.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Room {
    /// Furnishes `folder` for a row.
    pub(crate) fn furnish(
        folder: &Path,
        client: &Path,
        column: Column,
        row: &Row,
        authority: &str,
    ) -> io::Result<Self> {
        let room = Self { folder: folder.to_owned(), client: client.to_owned(), column };
        for name in ["home/.config/jackin", "project", "tmp", "out", "dumps"] {
            fs::create_dir_all(folder.join(name))?;
        }
        room.write("authority.pem", authority)?;
        room.write("home/.config/jackin/config.toml", keys(row))?;
        let own = row.asked.iter().find(|(provider, _)| ["local", "own"].contains(&provider.id));
        if let Some((provider, _)) = own {
            room.write("home/.config/jackin/exec.toml", declaration(provider))?;
        }
        for provider in
            provider::ALL.into_iter().chain(row.asked.iter().map(|(provider, _)| *provider))
        {
            room.write(&format!("bare/{}", provider.id), by_hand(provider))?;
        }
        room.links(row)?;
        for (path, content) in &row.files {
            match str::from_utf8(content) {
                Ok(text) => room.write(path, room.fill(text))?,
                Err(_) => room.write(path, content)?,
            }
        }
        Ok(room)
    }

    /// Replaces the places that a row's text names.
    pub(crate) fn fill(&self, text: &str) -> String {
        let program = std::env::current_exe().unwrap_or_default();
        let mut places = vec![
            ("room".to_owned(), self.folder.display().to_string()),
            ("home".to_owned(), self.folder.join("home").display().to_string()),
            ("project".to_owned(), self.folder.join("project").display().to_string()),
            ("path".to_owned(), self.path()),
            ("program".to_owned(), JACKIN_EXEC.to_owned()),
            ("self".to_owned(), program.display().to_string()),
            ("router".to_owned(), router::program().unwrap_or_default().display().to_string()),
            ("sdk".to_owned(), sdk::place().unwrap_or_default().display().to_string()),
            ("python".to_owned(), sdk::python().unwrap_or_default()),
        ];
        for provider in provider::ALL {
            places.push((provider.id.to_owned(), self.launcher(provider).join(" ")));
            let link = self.link(provider).display().to_string();
            places.push((format!("claude-{}", provider.id), link));
        }
        places.iter().fold(text.to_owned(), |text, (name, place)| {
            text.replace(&format!("{{{name}}}"), place)
        })
    }

    /// Runs the row's sessions to their ends.
    pub(crate) fn run(&self, row: &Row) -> io::Result<Vec<Ended>> {
        let mut started = Vec::new();
        let mut ended = Vec::new();
        for (number, session) in row.sessions.iter().enumerate() {
            started.push((number, self.start(number, session, row)?));
            if !row.at_once {
                ended.extend(self.wait(&mut started)?);
            }
        }
        ended.extend(self.wait(&mut started)?);
        Ok(ended)
    }

    /// What the children wrote down, by name.
    pub(crate) fn dumps(&self) -> io::Result<BTreeMap<String, String>> {
        let mut dumps = BTreeMap::new();
        for entry in fs::read_dir(self.folder.join("dumps"))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let content = fs::read(entry.path())?;
            dumps.insert(name, String::from_utf8_lossy(&content).into_owned());
        }
        Ok(dumps)
    }

    /// The files under the home that hold a provider's key, besides our configuration.
    pub(crate) fn kept(&self) -> Vec<String> {
        let home = self.folder.join("home");
        let ours = home.join(".config/jackin");
        let mut kept = Vec::new();
        let mut folders = vec![home];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            for path in entries.map(|entry| entry.path()).filter(|path| *path != ours) {
                // A link leads somewhere that is looked at under its own name.
                if path.is_symlink() {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if holds_a_key(&fs::read(&path).unwrap_or_default()) {
                    kept.push(path.display().to_string());
                }
            }
        }
        kept
    }

    /// The real program behind `claude`.
    pub(crate) fn client_program(&self) -> PathBuf {
        let claude = self.client.join("claude");
        fs::canonicalize(&claude).unwrap_or(claude)
    }

    fn start(&self, number: usize, session: &Session, row: &Row) -> io::Result<Child> {
        let mut words: Vec<String> = session.program.iter().map(|word| self.fill(word)).collect();
        if words.is_empty() {
            words = self.launcher(session.provider);
            if !self.column.bare {
                let at = words.len().saturating_sub(2);
                words.splice(at..at, session.options.iter().map(|word| self.fill(word)));
            }
        }
        words.extend(session.args.iter().map(|word| self.fill(word)));
        if let Some(path) = &session.open {
            let path = self.folder.join(path).display().to_string();
            let opening = ["sh", "-c", "exec 9<\"$0\"; exec \"$@\""].map(str::to_owned);
            words.splice(0..0, opening.into_iter().chain([path]));
        }
        if let Some(script) = &session.script {
            words.insert(0, self.folder.join(script).display().to_string());
        }
        let out = |end| File::create(self.folder.join(format!("out/{number}.{end}")));
        let stdin = match &session.stdin {
            Some(path) => File::open(self.folder.join(path))?.into(),
            None => Stdio::null(),
        };
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command
            .args(words)
            .env_clear()
            .env("HOME", self.folder.join("home"))
            .env("PATH", self.path())
            .env("TMPDIR", self.folder.join("tmp"))
            .env("NODE_EXTRA_CA_CERTS", self.folder.join("authority.pem"))
            .envs(row.env.iter().map(|(name, value)| (name, self.fill(value))))
            .current_dir(self.folder.join("project"))
            .stdin(stdin)
            .stdout(out("stdout")?)
            .stderr(out("stderr")?)
            .process_group(0);
        command.spawn()
    }

    fn path(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", self.client.display())
    }

    /// The words that start the client on a provider.
    fn launcher(&self, provider: &Provider) -> Vec<String> {
        if self.column.bare {
            let script = self.folder.join("bare").join(provider.id);
            return vec![script.display().to_string(), "claude".to_owned()];
        }
        [JACKIN_EXEC, "-p", provider.chosen_as, "--", "claude"].map(str::to_owned).into()
    }

    /// Makes the files that start the client for programs, as editors and SDKs need them.
    fn links(&self, row: &Row) -> io::Result<()> {
        for session in row.sessions.iter().filter(|session| !session.program.is_empty()) {
            let provider = session.provider;
            let link = self.link(provider);
            if let Some(folder) = link.parent() {
                fs::create_dir_all(folder)?;
            }
            if self.column.bare {
                let start = self.launcher(provider).join(" ");
                self.write(
                    &format!("links/claude-{}", provider.chosen_as),
                    format!("#!/bin/sh\nexec {start} \"$@\"\n"),
                )?;
            } else {
                std::os::unix::fs::symlink(JACKIN_EXEC, link)?;
            }
        }
        Ok(())
    }

    fn link(&self, provider: &Provider) -> PathBuf {
        self.folder.join(format!("links/claude-{}", provider.chosen_as))
    }

    fn wait(&self, started: &mut Vec<(usize, Child)>) -> io::Result<Vec<Ended>> {
        let deadline = Instant::now() + PATIENCE;
        let mut ended = Vec::new();
        for (number, mut child) in started.drain(..) {
            let status = wait_until(&mut child, deadline)?;
            let read = |end| {
                let bytes = fs::read(self.folder.join(format!("out/{number}.{end}")))?;
                io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
            };
            ended.push(Ended {
                pid: child.id(),
                status,
                stdout: read("stdout")?,
                stderr: read("stderr")?,
            });
        }
        Ok(ended)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) -> io::Result<()> {
        let (path, content) = (self.folder.join(path), content.as_ref());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, content)?;
        let script = content.starts_with(b"#!");
        fs::set_permissions(&path, fs::Permissions::from_mode(if script { 0o700 } else { 0o600 }))
    }
}

/// The end of a child, or none if it had to be killed.
fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn holds_a_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    provider::ALL.iter().any(|provider| text.contains(provider.key))
}

/// Every room declares more keys than its sessions need: whoever gets the wrong one, or one too
/// many, shows.
fn keys(row: &Row) -> String {
    let asked = || row.asked.iter().map(|(provider, _)| *provider);
    let gateway = asked().any(|provider| provider.id == "gateway");
    let anyway =
        [&provider::KIMI, &provider::ZAI, &provider::MINIMAX, &provider::ANTHROPIC].into_iter();
    // A gateway has its key from the shell that knows of it, and Anthropic's would go there too.
    let known =
        anyway.chain(asked()).filter(|provider| !gateway || provider.chosen_as != "anthropic");
    let lines: BTreeSet<String> =
        known.map(|provider| format!("{} = \"{}\"\n", provider.key_env, provider.key)).collect();
    ["[env]\n".to_owned()].into_iter().chain(lines).collect()
}

/// What people do without us: a script with the variables in it.
fn by_hand(provider: &Provider) -> String {
    let lines = provider.by_hand().into_iter();
    let lines: Vec<String> =
        lines.map(|(name, value)| format!("export {name}='{value}'")).collect();
    format!("#!/bin/sh\n{}\nexec \"$@\"\n", lines.join("\n"))
}

fn declaration(provider: &Provider) -> String {
    let Provider { id, base_url, key_env, tiers: [model, ..], .. } = provider;
    let auth = if provider.auth == Auth::Both { "x-api-key" } else { "bearer" };
    format!(
        "[providers.{id}]\nlabel = \"{id}\"\nbase_url = \"{base_url}\"\nkey_env = \"{key_env}\"\n\
         model = \"{model}\"\nauth = \"{auth}\"\n"
    )
}
