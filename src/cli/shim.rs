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

/// Whether a name could be a shim's, or be meant as one. Only then are the providers read.
pub fn may_be_shim(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    name != PROGRAM && (name == "claude" || bytes.contains(&b'-') || bytes.starts_with(b"claude_"))
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

/// What is wrong with a name that was meant to choose a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misnamed<'a> {
    /// `claude-kimmi`, `claude_kimi`, `jackin-kimmi`: the word after the command is no provider's
    /// id, or not joined as one.
    NoProvider {
        /// The command in front of the word.
        command: &'a str,
        /// The word.
        word: &'a str,
    },
    /// `kimi`: a provider's id without a command.
    NoCommand,
}

/// Tells a name that was meant to choose a provider and does not, so that no other provider is used
/// in silence. It is no shim's name.
pub fn misnamed<'a>(name: &'a str, providers: &[&str]) -> Option<Misnamed<'a>> {
    if name.starts_with(PROGRAM) {
        return None;
    }
    if providers.contains(&name) {
        return Some(Misnamed::NoCommand);
    }
    for (command, joint) in [("claude", '-'), ("claude", '_'), ("jackin", '-')] {
        if let Some(word) = name.strip_prefix(command).and_then(|rest| rest.strip_prefix(joint)) {
            return Some(Misnamed::NoProvider { command, word });
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_shims_is_told_from_any_other() {
        let no = |command, word| Some(Misnamed::NoProvider { command, word });
        for (name, wanted) in [
            ("claude-kimmi", no("claude", "kimmi")),
            ("claude_kimi", no("claude", "kimi")),
            ("claude-", no("claude", "")),
            ("jackin-kimmi", no("jackin", "kimmi")),
            ("kimi", Some(Misnamed::NoCommand)),
            ("claude", None),
            ("claude2", None),
            ("jackin", None),
            ("jackin_kimmi", None),
            ("jackin-exec", None),
            ("jackin-exec-kimmi", None),
            ("jackin-exec-0.1.0-x86_64-linux", None),
            ("jx", None),
            ("my-launcher", None),
        ] {
            assert_eq!(misnamed(name, &["kimi"]), wanted, "{name}");
        }
    }
}
