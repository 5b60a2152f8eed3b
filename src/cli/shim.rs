//! What the name that we were started under means.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli::Cli;
use crate::cli::Words;

/// A launch, with what the name that we were started under adds to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shim {
    /// The command line.
    pub cli: Cli,
    /// The provider in the name.
    pub provider: Option<String>,
    /// The command in the name.
    pub command: Option<String>,
}

/// Whether a name could be a shim's. Only then are the providers read.
pub fn may_be_shim(name: &OsStr) -> bool {
    name != "jackin-exec" && (name == "claude" || name.as_bytes().contains(&b'-'))
}

/// Parses a name such as `claude-kimi`, `jackin-zai` or `claude`. Under such a name, no option is
/// ours.
///
/// `None` for any other name: the program is plain jackin-exec.
pub fn shim(name: &OsStr, providers: &[&str], arguments: &[OsString]) -> Option<Shim> {
    let name = name.to_str().filter(|name| *name != "jackin-exec")?;
    let words = arguments.to_vec();
    if name == "claude" {
        return Some(named(None, name, words));
    }
    let stem = |id: &&str| {
        name.strip_suffix(id)
            .and_then(|stem| stem.strip_suffix('-'))
            .filter(|stem| !stem.is_empty())
    };
    let id = providers.iter().copied().filter(|id| stem(id).is_some()).max_by_key(|id| id.len())?;
    let command = stem(&id)?;
    if command == "jackin" || command == "jackin-exec" {
        let cli = Cli { words: Words { words, escaped: true }, ..Cli::default() };
        return Some(Shim { cli, provider: Some(id.to_owned()), command: None });
    }
    Some(named(Some(id), command, words))
}

fn named(provider: Option<&str>, command: &str, arguments: Vec<OsString>) -> Shim {
    let words = [OsString::from(command)].into_iter().chain(arguments).collect();
    let cli = Cli { words: Words { words, escaped: true }, ..Cli::default() };
    Shim { cli, provider: provider.map(str::to_owned), command: Some(command.to_owned()) }
}
