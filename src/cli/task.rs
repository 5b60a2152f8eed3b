//! The subcommands and their own options, as part of the definition.

use std::ffi::OsString;
use std::path::PathBuf;

/// A subcommand.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum Task {
    /// List the providers, and which of them have a key
    ///
    /// Lists the providers that have a key or occur in the configuration, in the order of the
    /// question; with --all also the others. With an ID it shows everything about that provider:
    /// endpoint, key, models and their context windows, limits, and the source of each fact.
    /// Fetches no secret. With --json it prints an array of objects with `id`, `label`,
    /// `base_url`, `key_env`, `available`, `origin` and `models`.
    Providers {
        /// The provider to show
        id: Option<String>,

        /// Also show those without a key; with --json show everything about each
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },

    /// Show, set and remove the providers' keys
    ///
    /// Without a subcommand it shows for each provider whether it has a key or is ignored, which
    /// scope decides that, what it hides, and in which form the key is stored; never a key. With
    /// --json it prints an array of objects with `id`, `label`, `key_env`, `mode`, `available`,
    /// `origin`, `file`, `form`, `reference`, `hides` and `missing`.
    Auth {
        /// What to change; without it, the keys are shown.
        #[command(subcommand)]
        action: Option<AuthTask>,
    },

    /// Find problems that would stop a launch
    ///
    /// Checks the configuration, the keys, the helpers, the client and its settings, the
    /// environment, the terminal and the links, and says how to fix each problem. Fetches no
    /// secret. The exit status is 1 if a check fails. With --json it prints an array of objects with
    /// `check`, `status`, `message` and `remedy`.
    Doctor {
        /// Also ask the provider for one word
        ///
        /// Starts the real client once, as a launch with the same options would, has it ask for
        /// one word, and explains the provider's answer. This fetches the same secrets as a launch
        /// and costs one small request.
        #[arg(long)]
        online: bool,
    },

    /// Print the completion script for a shell
    ///
    /// The script runs jackin-exec whenever you press Tab. Put it into a folder that your shell
    /// searches:
    ///
    /// bash:  ~/.local/share/bash-completion/completions/jackin-exec
    ///
    /// zsh:   `_jackin-exec` in a folder of $fpath, which is set before compinit
    ///
    /// fish:  ~/.config/fish/completions/jackin-exec.fish
    Completions {
        /// The shell
        shell: Shell,

        /// The words of a command line up to the cursor, as a completion script passes them: what
        /// fits there is printed instead of the script.
        #[arg(last = true, hide = true)]
        words: Vec<OsString>,
    },
}

/// A shell that has a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU Bash; bash-completion completes the command's own words.
    Bash,
    /// The Z shell.
    Zsh,
    /// The friendly interactive shell.
    Fish,
}

/// A change of a provider's key.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum AuthTask {
    /// Set a provider's key in one scope
    ///
    /// Type the key at a prompt that does not show it, pass it on stdin, or name the place where it
    /// is kept. It cannot be a word of the command line, which other users and the shell's history
    /// would see.
    Set(AuthSet),

    /// Remove a provider's key from one scope
    ///
    /// The scope then neither sets nor ignores the provider. If a less specific scope has a key,
    /// that one is used again, and the report says so.
    Unset(AuthUnset),

    /// Stop offering a provider in one scope
    ///
    /// This overrules keys in less specific scopes.
    Ignore(AuthIgnore),

    /// Take keys over from the files of other tools
    ///
    /// From cc-switch (its database or its JSON), ccs, claude-code-router, Claude Code's
    /// settings.json, and lines such as `export KIMI_CODE_API_KEY=…` of a shell profile. Reads only
    /// the files that are named and runs nothing in them. Shows which key would go where, never a
    /// key, and writes after a yes.
    Import(AuthImport),
}

/// `auth set`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(group(clap::ArgGroup::new("source").args(["stdin", "op", "from_env", "file", "command"])))]
pub struct AuthSet {
    /// The provider: an id of `jackin-exec providers`
    #[arg(value_name = "PROVIDER")]
    pub id: String,

    /// Use the global scope (the default)
    #[arg(long)]
    pub global: bool,

    /// Read the key from stdin, without blanks and line breaks around it
    #[arg(long)]
    pub stdin: bool,

    /// The key is in 1Password: `op://VAULT/ITEM/FIELD`
    #[arg(long, value_name = "REF")]
    pub op: Option<String>,

    /// The 1Password account
    #[arg(long, value_name = "ACCOUNT", requires = "op")]
    pub account: Option<String>,

    /// The key is in this variable when jackin-exec starts
    #[arg(long = "env", value_name = "NAME")]
    pub from_env: Option<String>,

    /// The key is in this file
    #[arg(long, value_name = "PATH")]
    pub file: Option<PathBuf>,

    /// This command prints the key: --command -- ARGV...
    #[arg(long, requires = "argv")]
    pub command: bool,

    /// The command and its arguments, run without a shell
    #[arg(last = true, value_name = "ARGV", requires = "command")]
    pub argv: Vec<String>,
}

/// `auth unset`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthUnset {
    /// The provider: an id of `jackin-exec providers`
    #[arg(value_name = "PROVIDER")]
    pub id: String,

    /// Use the global scope (the default)
    #[arg(long)]
    pub global: bool,

    /// Remove it from every scope of every file
    #[arg(long, conflicts_with = "global")]
    pub all_scopes: bool,
}

/// `auth ignore`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthIgnore {
    /// The provider: an id of `jackin-exec providers`
    #[arg(value_name = "PROVIDER")]
    pub id: String,

    /// Use the global scope (the default)
    #[arg(long)]
    pub global: bool,
}

/// `auth import`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthImport {
    /// The files; without one, the usual ones that exist are listed
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Use the global scope (the default)
    #[arg(long)]
    pub global: bool,

    /// Replace keys that are there already
    #[arg(long)]
    pub replace: bool,

    /// Write without asking
    #[arg(short, long)]
    pub yes: bool,
}
