//! Coding agents other than Claude Code that read `ANTHROPIC_BASE_URL`: one that has an Anthropic
//! key of its own sends it, and the prompts, to the chosen provider.
//!
//! Only agents that do so without being told to are listed. Most commands that are not Claude Code
//! start it: shells, `env`, `tmux`, editors, an image's entry point. A warning at each of their
//! launches would soon be overlooked.

use std::ffi::OsStr;
use std::ffi::OsString;

use crate::host::file_name;
use crate::plan::Plan;
use crate::warning::Warning;

/// An agent's command, and the package that a runner such as `npx` finds it in.
type Agent = (&'static str, &'static str);

/// The agents that are known to do it.
///
/// Source: each was started without a network, with a key of its own and the variables of a
/// redirect, and sent the key and the prompt to the redirect's host: aider 0.86.2 (litellm
/// 1.81.10), kilo 7.7.9, llm 0.36 with llm-anthropic 0.30, opencode 1.18.33. Not listed, because
/// they did not: Continue and pi; cline 3.0.65 sent nothing. Measured 2026-11-26.
const AGENTS: &[Agent] = &[
    ("aider", "aider-chat"),
    ("kilo", "@kilocode/cli"),
    ("llm", "llm"),
    ("opencode", "opencode-ai"),
];

/// Programs whose first word that is not an option may be a package.
const RUNNERS: &[&str] = &["bunx", "npx", "uvx"];

/// A warning if the command is such an agent. None if exec.toml says that it is meant, or if the
/// provider is on this machine.
pub(super) fn of(plan: &Plan<'_>, meant: &[String]) -> Option<Warning> {
    let agent = agent(&plan.command)?;
    let endpoint = plan.endpoint()?;
    if endpoint.is_loopback() || meant.iter().any(|command| command == agent) {
        return None;
    }
    Some(Warning::OtherAgent { agent, host: endpoint.host().to_owned() })
}

/// The agent that a command starts.
fn agent(command: &[OsString]) -> Option<&'static str> {
    let (first, arguments) = command.split_first()?;
    let name = file_name(first);
    let package = if RUNNERS.iter().any(|runner| name == *runner) {
        arguments.iter().filter_map(|word| word.to_str()).find(|word| !word.starts_with('-'))
    } else {
        None
    };
    let is_meant = |agent: &&Agent| match package {
        Some(package) => without_version(package) == agent.1,
        None => name == OsStr::new(agent.0),
    };
    AGENTS.iter().find(is_meant).map(|agent| agent.0)
}

/// `opencode-ai` of `opencode-ai@latest`. The `@` of a scope is the first character.
fn without_version(package: &str) -> &str {
    match package.rsplit_once('@') {
        Some((name, _)) if !name.is_empty() => name,
        _ => package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_known_by_their_commands_and_packages_and_nothing_else_is_taken_for_one() {
        for (command, wanted) in [
            ("opencode", Some("opencode")),
            ("/home/me/.local/bin/opencode run hi", Some("opencode")),
            ("aider --model sonnet", Some("aider")),
            ("npx -y opencode-ai@latest", Some("opencode")),
            ("bunx @kilocode/cli", Some("kilo")),
            ("bunx @kilocode/cli@7.7.9", Some("kilo")),
            ("uvx --from aider-chat aider", Some("aider")),
            ("npx @anthropic-ai/claude-code", None),
            ("npx", None),
            ("claude -p opencode", None),
            ("sh -c opencode", None),
            ("tmux new opencode", None),
            ("node opencode", None),
            ("opencode2", None),
            ("", None),
        ] {
            let words: Vec<OsString> = command.split(' ').map(OsString::from).collect();
            assert_eq!(agent(&words), wanted, "{command}");
        }
    }
}
