//! What the name that we were started under means.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::cli::Cli;
use crate::cli::PROGRAM;
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
    name != PROGRAM && (name == "claude" || name.as_bytes().contains(&b'-'))
}

/// Parses a name such as `claude-kimi`, `jackin-zai` or `claude`. Under such a name, no option is
/// ours.
///
/// `None` for any other name: the program is plain jackin-exec.
pub fn shim(name: &OsStr, providers: &[&str], arguments: &[OsString]) -> Option<Shim> {
    let name = name.to_str()?;
    if name == PROGRAM {
        return None;
    }
    if name == "claude" {
        return Some(Shim::new(None, Some(name), arguments));
    }
    let (command, id) = split(name, providers)?;
    if command == "jackin" || command == PROGRAM {
        return Some(Shim::new(Some(id), None, arguments));
    }
    Some(Shim::new(Some(id), Some(command), arguments))
}

/// Splits a name into a command and the longest provider id that it ends in.
fn split<'a>(name: &'a str, providers: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let mut longest: Option<(&str, &str)> = None;
    for id in providers {
        let Some(command) = name.strip_suffix(id).and_then(|start| start.strip_suffix('-')) else {
            continue;
        };
        if !command.is_empty() && longest.is_none_or(|(_, other)| other.len() < id.len()) {
            longest = Some((command, id));
        }
    }
    longest
}

impl Shim {
    /// A launch under a name that holds a provider, a command, or both.
    fn new(provider: Option<&str>, command: Option<&str>, arguments: &[OsString]) -> Self {
        let mut words = Vec::new();
        words.extend(command.map(OsString::from));
        words.extend_from_slice(arguments);
        Self {
            cli: Cli { words: Words { words, escaped: true }, ..Cli::default() },
            provider: provider.map(str::to_owned),
            command: command.map(str::to_owned),
        }
    }
}
