//! The options and subcommands: the one definition from which help, man page and completions come.
//!
//! Filling these types reads no file and no environment, and needs no list of providers.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::CommandFactory;
use clap::Parser;

use crate::cli::Error;
use crate::cli::Task;

/// Start Claude Code on another provider.
///
/// Resolves your environment from jackin's configuration (global < role < workspace < workspace ×
/// role), chooses a provider, and becomes the command by execve, under the same process id. A
/// launch puts no key on a command line or disk.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that was typed or not")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Parser)]
#[command(
    name = "jackin-exec",
    bin_name = "jackin-exec",
    version,
    long_version = env!("JACKIN_EXEC_VERSION"),
    disable_help_subcommand = true,
    override_usage = "jackin-exec [OPTIONS] [--] [COMMAND [ARG]...]\n       jackin-exec [OPTIONS] providers\n       jackin-exec [OPTIONS] auth [set|unset|ignore PROVIDER]\n       jackin-exec [OPTIONS] auth import FILE...\n       jackin-exec [OPTIONS] doctor [--online]\n       jackin-exec completions SHELL",
    after_help = "Exit status: 125 our own failure, 126 cannot be run, 127 not found,\n130 cancelled; otherwise the command's.",
    after_long_help = AFTER_LONG_HELP
)]
pub struct Cli {
    /// Options that every subcommand accepts, too.
    #[command(flatten)]
    pub common: Common,

    /// Use this model for every tier of the redirect
    ///
    /// Its context window is assumed to be 200,000 tokens, unless the id ends in `[1m]` or the
    /// provider's preset lists the model.
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,

    /// Leave provider keys in the command's environment
    ///
    /// By default the command receives only the chosen provider's key, as the redirect's token;
    /// `KIMI_CODE_API_KEY` and similar variables are removed.
    #[arg(long)]
    pub pass_keys: bool,

    /// As root, accept all variables from another user's files
    ///
    /// By default, files of another user, named with --config-dir, can give root's command only
    /// provider keys and a few harmless variables (`LANG`, `NO_COLOR`, `GIT_AUTHOR_NAME` and
    /// similar ones).
    #[arg(long)]
    pub allow_foreign_env: bool,

    /// Also ask which `on_demand` values to set
    ///
    /// Without it they are left to jackin's container. The question lists the names and where each
    /// value comes from. The values that you pick are fetched and set like any others.
    #[arg(long)]
    pub on_demand: bool,

    /// Set the terminal's title to the name of the session
    ///
    /// Sets it to `Claude (Kimi)` if stderr is a terminal, and keeps Claude Code from changing it
    /// (`CLAUDE_CODE_DISABLE_TERMINAL_TITLE`). It is not reset when the session ends; most shells
    /// reset it at their prompt.
    #[arg(long)]
    pub title: bool,

    /// Print what would be set and unset, and stop
    ///
    /// Prints the command, every variable that would be set or unset, and where each comes from.
    /// Fetches no secret, asks no question, and shows none of the values that you configured.
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// What to do instead of starting a command.
    #[command(subcommand)]
    pub task: Option<Task>,

    /// The command's words, and whether `--` came before them.
    #[arg(skip)]
    pub words: Words,
}

impl Cli {
    /// Whether the command line has none of our options and subcommands.
    pub fn has_command_only(&self) -> bool {
        let command_only = Self { words: self.words.clone(), ..Self::default() };
        *self == command_only
    }

    /// Refuses options that have no effect on what was asked for, since the user expects one.
    ///
    /// # Errors
    ///
    /// [`Error::JsonForLaunch`] or [`Error::ForLaunch`]
    pub fn check(&self) -> Result<(), Error> {
        let of_launch = self.dry_run
            || self.model.is_some()
            || self.pass_keys
            || self.allow_foreign_env
            || self.on_demand
            || self.title;
        match &self.task {
            None if self.common.json && !self.dry_run => Err(Error::JsonForLaunch),
            // `doctor --online` launches the client.
            Some(Task::Doctor { online: true })
                if !self.dry_run && !self.on_demand && !self.title =>
            {
                Ok(())
            }
            Some(_) if of_launch => Err(Error::ForLaunch),
            None | Some(_) => Ok(()),
        }
    }
}

/// Options that mean the same before and after a subcommand.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that was typed or not")]
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Common {
    /// The provider: an id that `providers --all` lists, or `ask`
    ///
    /// Without it: `JACKIN_EXEC_PROVIDER`, then `default_provider` of the workspace, the folder or
    /// exec.toml, then the only provider that can be used (Anthropic needs no key), then the
    /// question on the terminal. `ask` always asks.
    #[arg(short, long, value_name = "ID", global = true)]
    pub provider: Option<String>,

    /// A saved workspace [default: the directory's]
    ///
    /// Without it: `JACKIN_EXEC_WORKSPACE`, then jackin's workspace for the current directory.
    #[arg(short, long, value_name = "NAME", conflicts_with = "no_workspace", global = true)]
    pub workspace: Option<String>,

    /// Use no workspace, whatever the current directory
    #[arg(long, global = true)]
    pub no_workspace: bool,

    /// A role [default: the workspace's `default_role`]
    ///
    /// Without it: `JACKIN_EXEC_ROLE`, then the workspace's `default_role`, then none.
    #[arg(short, long, value_name = "ROLE", global = true)]
    pub role: Option<String>,

    /// Read this folder instead of ~/.config/jackin
    ///
    /// It holds config.toml, exec.toml, workspaces/ and catalog.d/. Without it:
    /// `JACKIN_CONFIG_DIR`, then ~/.config/jackin.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, global = true)]
    pub config_dir: Option<PathBuf>,

    /// Print JSON, with --dry-run, `providers`, `auth` or `doctor`
    #[arg(long, global = true)]
    pub json: bool,

    /// Show where each setting came from, never a value
    #[arg(long, global = true)]
    pub debug: bool,

    /// Print only errors on stderr
    #[arg(short, long, conflicts_with = "debug", global = true)]
    pub quiet: bool,
}

/// The words that belong to the command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Byte for byte as typed.
    pub words: Vec<OsString>,
    /// Whether `--` ended our options.
    pub escaped: bool,
}

impl Words {
    /// Whether the first word names a command. After `--`, a first word that begins with a dash
    /// does not: then all words are arguments of the default command.
    pub fn name_a_command(&self) -> bool {
        let is_argument = |first: &OsString| first.as_encoded_bytes().starts_with(b"-");
        self.words.first().is_some_and(|first| !(self.escaped && is_argument(first)))
    }
}

const AFTER_LONG_HELP: &str = "\
The first word that is not an option, and everything after it, belongs to the command, byte for byte. `--` ends our \
options; if the word after it starts with `-`, the default command gets all words as arguments:

  jackin-exec                                 choose a provider, start claude
  jackin-exec -p kimi                         claude on Kimi
  jackin-exec -p kimi -- --resume             claude --resume on Kimi
  jackin-exec -p zai claude -p \"say hi\"       one answer from Z.AI
  jackin-exec -p kimi --dry-run               what would be set, and why

Give Kimi a key with `jackin-exec auth set kimi`, or with KIMI_CODE_API_KEY in the environment; see jackin-exec(1).

Exit status: 125 our own failure, 126 the command cannot be run, 127 it was not found, 130 cancelled at the question; \
otherwise the command's own.";

/// The built definition. For subcommands that change a key, it hides the root options that mean
/// nothing there and describes --workspace and --role as the scope.
pub fn tailored(mut command: clap::Command) -> clap::Command {
    command.build();
    command.mut_subcommand("auth", |mut auth| {
        for change in ["set", "unset", "ignore", "import"] {
            auth = auth.mut_subcommand(change, |change| {
                change.mut_args(ordered).mut_args(|one| match one.get_id().as_str() {
                    "provider" | "no_workspace" | "json" | "debug" => one.hide(true),
                    "workspace" => {
                        one.help("The scope of a workspace; with --role, of both").long_help(None)
                    }
                    "role" => {
                        one.help("The scope of a role; with --workspace, of both").long_help(None)
                    }
                    _ => one,
                })
            });
        }
        auth
    })
}

/// The options in the order of help: where the key is, then the scope, then those of all
/// subcommands.
fn ordered(one: clap::Arg) -> clap::Arg {
    const LAST: [&str; 6] = ["global", "workspace", "role", "config_dir", "quiet", "help"];
    match LAST.iter().position(|id| one.get_id() == *id) {
        Some(at) => one.display_order(100 + at),
        None => one,
    }
}

/// The command line's definition for generated texts, including the command's own words.
pub fn definition() -> clap::Command {
    let command = clap::Arg::new("command")
        .value_name("COMMAND")
        .num_args(0..)
        .trailing_var_arg(true)
        .value_hint(clap::ValueHint::CommandWithArguments)
        .help("The command and its arguments [default: claude]");
    Cli::command().arg(command)
}
