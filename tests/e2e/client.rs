//! The real Claude Code, from npm, kept outside the clone so that every clone and run shares it.

use std::env;
use std::error;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::process::Command;

/// The newest version that the project is tested with.
pub(crate) const NEWEST: &str = "2.1.332";

const PACKAGE: &str = "@anthropic-ai/claude-code";

/// Why there is no client. Each has a remedy of its own.
#[derive(Debug)]
pub(crate) enum Missing {
    Home,
    Tool(&'static str),
    Npm(String),
    Unusable(PathBuf, String),
    Io(io::Error),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => write!(f, "neither XDG_CACHE_HOME nor HOME is set"),
            Self::Tool(tool) => {
                write!(f, "{tool} is not on PATH; Claude Code comes from npm, please install Node")
            }
            Self::Npm(words) => write!(f, "npm could not install {PACKAGE}: {words}"),
            Self::Unusable(path, words) => {
                write!(f, "{} does not start: {words}", path.display())
            }
            Self::Io(source) => write!(f, "the cache cannot be written: {source}"),
        }
    }
}

impl error::Error for Missing {}

impl From<io::Error> for Missing {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}

/// The folder that holds a working `claude` of this version, installed if it is not there yet.
pub(crate) fn install(version: &str) -> Result<PathBuf, Missing> {
    let cache = cache()?;
    let home = cache.join(version);
    if works(&bin(&home), version).is_ok() {
        return Ok(bin(&home));
    }
    for tool in ["node", "npm"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return Err(Missing::Tool(tool));
        }
    }
    // Beside its final place and renamed there, so that nobody meets half an installation.
    let fresh = cache.join(format!("{version}.{}", process::id()));
    fs::create_dir_all(&fresh)?;
    let installed = npm(&fresh, version).and_then(|()| works(&bin(&fresh), version));
    if installed.is_ok() && fs::rename(&fresh, &home).is_err() {
        // An unusable one is in the way, or somebody else was faster.
        fs::remove_dir_all(&home)?;
        fs::rename(&fresh, &home)?;
    }
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    installed.map(|()| bin(&home))
}

pub(crate) fn cache() -> Result<PathBuf, Missing> {
    let absolute = |name| {
        let path = env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or(Missing::Home)?;
    Ok(cache.join("jackin-exec/claude-code"))
}

fn bin(home: &Path) -> PathBuf {
    home.join("node_modules/.bin")
}

fn npm(prefix: &Path, version: &str) -> Result<(), Missing> {
    let run = |command: &mut Command| -> Result<(), Missing> {
        let output = command.output()?;
        let words = String::from_utf8_lossy(&output.stderr);
        let failure = || Missing::Npm(last_lines(&words));
        output.status.success().then_some(()).ok_or_else(failure)
    };
    // Without a network npm would try for minutes.
    run(Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=2000",
            "--prefix",
        ])
        .arg(prefix)
        .arg(format!("{PACKAGE}@{version}")))?;
    // The package's own script puts the native program in place. npm may be configured not to run
    // it, and running it twice is harmless.
    run(Command::new("node")
        .arg("install.cjs")
        .current_dir(prefix.join("node_modules").join(PACKAGE)))
}

fn works(bin: &Path, version: &str) -> Result<(), Missing> {
    let claude = bin.join("claude");
    let words = match Command::new(&claude).arg("--version").output() {
        Ok(output) if output.stdout.starts_with(version.as_bytes()) => return Ok(()),
        Ok(output) => last_lines(&String::from_utf8_lossy(&output.stderr)),
        Err(source) => source.to_string(),
    };
    Err(Missing::Unusable(claude, words))
}

/// What npm says last is what went wrong, before it comes a screenful.
fn last_lines(words: &str) -> String {
    let lines: Vec<&str> = words.lines().filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(4)..).unwrap_or_default();
    last.join("\n    ")
}
