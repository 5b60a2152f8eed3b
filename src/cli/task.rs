//! The subcommands and their own options, as part of the definition.

use std::ffi::OsString;
use std::path::PathBuf;

/// A subcommand.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum Task {
    /// List the providers, and which of them have a key
    ///
    /// List the providers that have a key or that the configuration names, in the order of the
    /// question, and with --all the others too. With ID everything about one: endpoint, key,
    /// models and their windows, limits, and where these facts come from. Fetches no secret. With
    /// --json an array of all, each {id, label, `base_url`, `key_env`, available, origin, models}.
    Providers {
        /// The provider to show
        id: Option<String>,

        /// Show those without a key, too; with --json everything about each
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },

    /// Show, set and remove the providers' keys
    ///
    /// Alone: for each provider whether it has a key or is ignored, which scope says so, what that
    /// hides, and in which form the key is kept; never a key. With --json an array of {id,
    /// label, `key_env`, mode, available, origin, file, form, reference, hides, missing}.
    Auth {
        /// What to change; nothing: show.
        #[command(subcommand)]
        action: Option<AuthTask>,
    },

    /// Look for what would keep a launch from working
    ///
    /// Looks at the configuration, the keys, the helpers, the client and its settings, the
    /// environment, the terminal and the links, and says for each finding what to do. Fetches
    /// no secret. Ends with 1 if something fails. With --json an array of {check, status,
    /// message, remedy}.
    Doctor {
        /// Ask the provider for one word, too
        ///
        /// Starts the real client once, as a launch would with the same options, lets it ask for
        /// one word, and says what the provider's answer means. This fetches the secrets
        /// that a launch fetches, and costs one small request.
        #[arg(long)]
        online: bool,
    },

    /// Print the completion script for a shell
    ///
    /// The script asks the program at each press of Tab. It goes into a folder that your shell
    /// looks through:
    ///
    /// bash:  ~/.local/share/bash-completion/completions/jackin-exec
    ///
    /// zsh:   `_jackin-exec` in a folder of $fpath, which is set before compinit
    ///
    /// fish:  ~/.config/fish/completions/jackin-exec.fish
    Completions {
        /// The shell
        shell: Shell,

        /// The words of a command line up to the cursor, from a script: what fits there is
        /// printed instead.
        #[arg(last = true, hide = true)]
        words: Vec<OsString>,
    },
}

/// A shell that has a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU Bash, with bash-completion for the command's own words.
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
    /// The key is asked for on the terminal and not shown, or read from stdin; or the configuration
    /// says where it is. It is never a word of the command line, where other users and the
    /// shell's history would see it.
    Set(AuthSet),

    /// Remove a provider's key from one scope
    ///
    /// The scope says nothing about the provider any more. Says so if a less specific scope's key
    /// shows again.
    Unset(AuthUnset),

    /// Do not offer a provider in one scope
    ///
    /// Whatever less specific scopes declare.
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

    /// The global scope, the default; or --workspace, --role
    #[arg(long)]
    pub global: bool,

    /// Read the key from stdin, less one newline
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

    /// A command prints the key: --command -- ARGV...
    #[arg(long, requires = "argv")]
    pub command: bool,

    /// The command and its arguments; no shell
    #[arg(last = true, value_name = "ARGV", requires = "command")]
    pub argv: Vec<String>,
}

/// `auth unset`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthUnset {
    /// The provider: an id of `jackin-exec providers`
    #[arg(value_name = "PROVIDER")]
    pub id: String,

    /// The global scope, the default; or --workspace, --role
    #[arg(long)]
    pub global: bool,

    /// From every scope of every file
    #[arg(long, conflicts_with = "global")]
    pub all_scopes: bool,
}

/// `auth ignore`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthIgnore {
    /// The provider: an id of `jackin-exec providers`
    #[arg(value_name = "PROVIDER")]
    pub id: String,

    /// The global scope, the default; or --workspace, --role
    #[arg(long)]
    pub global: bool,
}

/// `auth import`
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct AuthImport {
    /// The files; without one, the usual ones that exist are listed
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// The global scope, the default; or --workspace, --role
    #[arg(long)]
    pub global: bool,

    /// Replace keys that are there already
    #[arg(long)]
    pub replace: bool,

    /// Write without asking
    #[arg(short, long)]
    pub yes: bool,
}
