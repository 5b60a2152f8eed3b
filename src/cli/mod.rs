//! What was typed: the one definition from which parsing, help, man page and completions come.
//!
//! Populating these types needs no file, no environment and no knowledge of providers.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use crate::error::Error;

/// Start Claude Code on another provider.
///
/// Resolves your environment from jackin's configuration (global < role < workspace < workspace ×
/// role), chooses a provider, and becomes the command by execve: the same process id, and a launch
/// puts no key on a command line or disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Parser)]
#[command(
    name = "jackin-exec",
    bin_name = "jackin-exec",
    version,
    disable_help_subcommand = true,
    override_usage = "jackin-exec [OPTIONS] [--] [COMMAND [ARG]...]\n       jackin-exec [OPTIONS] providers\n       jackin-exec [OPTIONS] auth [set|unset|ignore PROVIDER]\n       jackin-exec [OPTIONS] doctor [--online]\n       jackin-exec completions SHELL",
    after_help = "Exit status: 125 our own failure, 126 cannot be run, 127 not found,\n130 cancelled; else the command's.",
    after_long_help = AFTER_LONG_HELP
)]
pub struct Cli {
    /// Options that every subcommand understands, too.
    #[command(flatten)]
    pub common: Common,

    /// This model id for every tier of the redirect
    ///
    /// Its context window is taken as 200,000 tokens, unless the id ends in `[1m]` or the
    /// provider's preset knows it.
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,

    /// Leave provider keys in the command's environment
    ///
    /// Without it the command receives only the chosen one, as the redirect's token, and
    /// `KIMI_CODE_API_KEY` and its like are removed.
    #[arg(long)]
    pub pass_keys: bool,

    /// Set the terminal's title to the name of the session
    ///
    /// To `Claude (Kimi)`, on the terminal that stderr is, and keep Claude Code from changing it
    /// (`CLAUDE_CODE_DISABLE_TERMINAL_TITLE`). Nothing sets it back when the session ends; most
    /// shells do at their prompt.
    #[arg(long)]
    pub title: bool,

    /// Print what would be set and unset, and stop
    ///
    /// The plan: the command, every variable that would be set or unset, and where each comes
    /// from. Fetches no secret, asks nothing, shows no value that you wrote.
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// What to do instead of starting a command.
    #[command(subcommand)]
    pub task: Option<Task>,

    /// The words of the command, and whether `--` stood before them.
    #[arg(skip)]
    pub words: Words,
}

impl Cli {
    /// Options that say nothing about what was asked for: who gives them expects something else.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`]
    pub fn check(&self) -> Result<(), Error> {
        let of_launch = self.dry_run || self.model.is_some() || self.pass_keys || self.title;
        let (what, hint) = match &self.task {
            None if self.common.json && !self.dry_run => (
                "--json needs --dry-run, or providers, auth or doctor",
                "it shows; a launch shows nothing",
            ),
            Some(Task::Doctor { online: true }) if !self.dry_run && !self.title => return Ok(()),
            Some(_) if of_launch => {
                ("--dry-run, --model, --pass-keys and --title are for a launch", SEE_HELP)
            }
            None | Some(_) => return Ok(()),
        };
        Err(Error::Usage { what: what.to_owned(), hint: hint.to_owned() })
    }
}

/// Options that mean the same before and after a subcommand.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that was typed or not")]
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Common {
    /// The provider: an id of `providers`, or `ask`
    ///
    /// Without it: `JACKIN_EXEC_PROVIDER`, then `default_provider` in exec.toml, then the only one
    /// that has a key, then the question on the terminal. `ask` is the question in any case.
    #[arg(short, long, value_name = "ID", global = true)]
    pub provider: Option<String>,

    /// A saved workspace [default: the directory's]
    ///
    /// Without it: `JACKIN_EXEC_WORKSPACE`, then the workspace of jackin that the current
    /// directory belongs to.
    #[arg(short, long, value_name = "NAME", conflicts_with = "no_workspace", global = true)]
    pub workspace: Option<String>,

    /// No workspace, and no look at the current directory
    #[arg(long, global = true)]
    pub no_workspace: bool,

    /// A role [default: the workspace's `default_role`]
    ///
    /// Without it: `JACKIN_EXEC_ROLE`, then the workspace's `default_role`, then none.
    #[arg(short, long, value_name = "ROLE", global = true)]
    pub role: Option<String>,

    /// Read this folder instead of ~/.config/jackin
    ///
    /// It holds config.toml, exec.toml and workspaces/. Without it: `JACKIN_CONFIG_DIR`, then
    /// ~/.config/jackin.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, global = true)]
    pub config_dir: Option<PathBuf>,

    /// JSON, with --dry-run, `providers`, `auth` or `doctor`
    #[arg(long, global = true)]
    pub json: bool,

    /// Say where each thing came from; never a value
    #[arg(long, global = true)]
    pub debug: bool,

    /// Nothing on stderr but errors
    #[arg(short, long, conflicts_with = "debug", global = true)]
    pub quiet: bool,
}

/// A subcommand: a word of ours in the place of the command.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum Task {
    /// List the providers, and which of them have a key
    ///
    /// List the providers in the order of the question: id, label, endpoint, the variable of the
    /// key, and whether a key is there. Fetches no secret. With --json an array of {id, label,
    /// `base_url`, `key_env`, available, origin, models}.
    Providers,

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

        /// The words of a command line up to the cursor, from a script: what could stand there is
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

/// The words that belong to the command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Byte for byte as typed.
    pub words: Vec<OsString>,
    /// Whether `--` ended our options.
    pub escaped: bool,
}

const AFTER_LONG_HELP: &str = "\
Everything from the first word on that is not an option belongs to the command, byte for byte. `--` ends our options \
at once; after it, words that start with `-` are arguments of the default command:

  jackin-exec                                 choose a provider, start claude
  jackin-exec -p kimi                         claude on Kimi
  jackin-exec -p kimi -- --resume             claude --resume on Kimi
  jackin-exec -p zai claude -p \"say hi\"       one answer from Z.AI
  jackin-exec -p kimi --dry-run               what would be set, and why

Give Kimi a key with `jackin-exec auth set kimi`, or with KIMI_CODE_API_KEY in the environment; see jackin-exec(1).

Exit status: 125 our own failure, 126 the command cannot be run, 127 it was not found, 130 cancelled at the question; \
else the command's own.";

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// To do something.
    Run(Box<Cli>),
    /// To print help or the version on stdout.
    Print(String),
}

/// Parses the words after argv\[0].
///
/// The spellings that nearly every launch uses are understood without building the definition,
/// which takes a third of a launch's instructions; whatever is not among them, and every mistake,
/// is clap's. A test holds both to one meaning.
///
/// # Errors
///
/// [`Error::Usage`] for options that are not ours, lack their value or contradict each other.
pub fn parse(arguments: &[OsString]) -> Result<Parsed, Error> {
    match usual(arguments) {
        Some(cli) => Ok(Parsed::Run(Box::new(cli))),
        None => thorough(arguments),
    }
}

/// Long or short options of a launch with their values as words of their own, each at most once.
fn usual(arguments: &[OsString]) -> Option<Cli> {
    let mut cli = Cli::default();
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        let Some(word) = word.to_str().filter(|word| word.len() > 1 && word.starts_with('-'))
        else {
            let command = arguments.get(at - 1..)?;
            if TASKS.iter().any(|task| word == task) {
                return None;
            }
            cli.words.words = command.to_vec();
            return Some(cli);
        };
        let common = &mut cli.common;
        let switch = match word {
            "--" => {
                cli.words = Words { words: arguments.get(at..)?.to_vec(), escaped: true };
                return Some(cli);
            }
            "--no-workspace" if common.workspace.is_none() => &mut common.no_workspace,
            "--json" => &mut common.json,
            "--debug" if !common.quiet => &mut common.debug,
            "-q" | "--quiet" if !common.debug => &mut common.quiet,
            "-n" | "--dry-run" => &mut cli.dry_run,
            "--pass-keys" => &mut cli.pass_keys,
            "--title" => &mut cli.title,
            _ => {
                let place = match word {
                    "-p" | "--provider" => &mut common.provider,
                    "-w" | "--workspace" if !common.no_workspace => &mut common.workspace,
                    "-r" | "--role" => &mut common.role,
                    "-m" | "--model" => &mut cli.model,
                    _ => return None,
                };
                let value = arguments.get(at)?.to_str().filter(|value| !value.starts_with('-'))?;
                at += 1;
                if place.replace(value.to_owned()).is_some() {
                    return None;
                }
                continue;
            }
        };
        if std::mem::replace(switch, true) {
            return None;
        }
    }
    Some(cli)
}

/// The names of the subcommands.
pub const TASKS: &[&str] = &["providers", "auth", "doctor", "completions"];

fn thorough(arguments: &[OsString]) -> Result<Parsed, Error> {
    let mut command = tailored(Cli::command());
    let split = split(&command, arguments);
    let ours = std::iter::once(OsStr::new("jackin-exec"))
        .chain(split.ours.iter().map(OsString::as_os_str));
    match command.try_get_matches_from_mut(ours).and_then(|matches| understood(&matches)) {
        Ok(cli) => Ok(Parsed::Run(Box::new(Cli {
            words: Words { words: split.command.to_vec(), escaped: split.escaped },
            ..cli
        }))),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            Ok(Parsed::Print(error.render().to_string()))
        }
        Err(error) => Err(usage(&error, task(&command, split.ours), split.ours)),
    }
}

/// The definition, built: what stands at the root and means nothing for a change of a key is not
/// offered there, and the scope is named in so many words.
pub fn tailored(mut command: clap::Command) -> clap::Command {
    command.build();
    command.mut_subcommand("auth", |mut auth| {
        for change in ["set", "unset", "ignore"] {
            auth = auth.mut_subcommand(change, |change| {
                change.mut_args(|one| match one.get_id().as_str() {
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

/// The common options are read where clap gathers them: at the innermost subcommand.
fn understood(matches: &clap::ArgMatches) -> Result<Cli, clap::Error> {
    let mut leaf = matches;
    while let Some((_, inner)) = leaf.subcommand() {
        leaf = inner;
    }
    Ok(Cli { common: Common::from_arg_matches(leaf)?, ..Cli::from_arg_matches(matches)? })
}

/// A launch, and what the name under which we were started says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shim {
    /// The command line.
    pub cli: Cli,
    /// The provider in the name.
    pub provider: Option<String>,
    /// The command in the name.
    pub command: Option<String>,
}

/// Whether a name could be a shim's, so that it is worth knowing the providers.
pub fn may_be_shim(name: &OsStr) -> bool {
    name != "jackin-exec" && (name == "claude" || name.as_bytes().contains(&b'-'))
}

/// What a name says: `claude-kimi`, `jackin-zai`, `claude`. Under such a name no option is ours.
///
/// None: any other name is plain jackin-exec.
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

/// The words of a command line, told apart.
struct Split<'a> {
    ours: &'a [OsString],
    command: &'a [OsString],
    escaped: bool,
}

/// Finds where our options end: at `--`, or at the first word that is neither an option nor the
/// value of one.
///
/// Not left to clap: it drops a second `--` and would look for options behind the command.
fn split<'a>(command: &clap::Command, arguments: &'a [OsString]) -> Split<'a> {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            let (ours, rest) = arguments.split_at(at);
            return Split { ours, command: rest.get(1..).unwrap_or_default(), escaped: true };
        }
        if bytes.len() < 2 || bytes.first() != Some(&b'-') {
            // A subcommand is parsed by clap with all that follows it.
            if command.get_subcommands().any(|task| task.get_name().as_bytes() == bytes) {
                at = arguments.len();
            }
            break;
        }
        at += if takes_next(command, bytes) { 2 } else { 1 };
    }
    let (ours, rest) = arguments.split_at(at.min(arguments.len()));
    Split { ours, command: rest, escaped: false }
}

/// Whether an option's value is the word after it.
fn takes_next(command: &clap::Command, word: &[u8]) -> bool {
    let valued = |argument: &&clap::Arg| argument.get_action().takes_values();
    if let Some(name) = word.strip_prefix(b"--") {
        return command
            .get_arguments()
            .filter(valued)
            .any(|argument| argument.get_long().is_some_and(|long| long.as_bytes() == name));
    }
    // In `-qp`, the value of p is the next word; in `-pkimi` it is the rest of this one.
    let shorts = word.get(1..).unwrap_or_default();
    let first = shorts.iter().position(|&short| {
        let mut arguments = command.get_arguments().filter(valued);
        arguments.any(|argument| argument.get_short() == Some(char::from(short)))
    });
    first.is_some_and(|index| index + 1 == shorts.len())
}

/// The subcommand among our words: the first that is neither an option nor the value of one.
fn task(command: &clap::Command, ours: &[OsString]) -> Option<&'static str> {
    let mut at = 0;
    while let Some(word) = ours.get(at) {
        if word.as_bytes().first() != Some(&b'-') {
            return TASKS.iter().find(|task| word == *task).copied();
        }
        at += if takes_next(command, word.as_bytes()) { 2 } else { 1 };
    }
    None
}

/// One line from clap's error: what, and what to do; values that were typed are not repeated. With
/// `auth` a surplus word was meant to be a key.
fn usage(error: &clap::Error, task: Option<&str>, ours: &[OsString]) -> Error {
    let auth = task == Some("auth");
    let see_help =
        task.map_or_else(|| SEE_HELP.to_owned(), |task| format!("see jackin-exec {task} --help"));
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        Some(ContextValue::Strings(texts)) => texts.first().map(String::as_str),
        _ => None,
    };
    // `--key=VALUE` is shown as `--key`: a value on a command line may be a secret by mistake.
    let shown = |argument: &str| argument.split(['=', ' ']).next().unwrap_or_default().to_owned();
    let argument = text(ContextKind::InvalidArg).map(shown).unwrap_or_default();
    let suggestion = text(ContextKind::SuggestedArg).map(shown);
    let (what, hint) = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => (
            if auth { "unknown option of auth".to_owned() } else { format!("unknown option {argument}") },
            match (task, suggestion) {
                (Some(_), Some(near)) => format!("did you mean {near}?"),
                (Some(_), None) => see_help,
                (None, None) => "options of the command go after `--`: jackin-exec … -- claude …".to_owned(),
                (None, Some(near)) => format!("did you mean {near}? (options of the command go after `--`)"),
            },
        ),
        ErrorKind::UnknownArgument if auth && ours.iter().any(|word| word == "--command") => (
            "the words of the command stand after `--`".to_owned(),
            "jackin-exec auth set PROVIDER --command -- ARGV...".to_owned(),
        ),
        ErrorKind::UnknownArgument if auth => (
            "a key is never a word of the command line".to_owned(),
            "without it, `auth set PROVIDER` asks for the key; --stdin, --op, --env, --file and --command tell where it is"
                .to_owned(),
        ),
        ErrorKind::InvalidSubcommand => {
            ("auth knows set, unset and ignore".to_owned(), "alone, it shows what is set".to_owned())
        }
        ErrorKind::UnknownArgument => ("too many words after the subcommand".to_owned(), SEE_HELP.to_owned()),
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                let which = argument.trim_matches(['<', '>']);
                (format!("{which} is one of {}", valid.join(", ")), SEE_HELP.to_owned())
            }
            _ => (format!("{argument} needs a value"), SEE_HELP.to_owned()),
        },
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).map(shown).unwrap_or_default();
            if argument == "--provider" && (other == argument || other.is_empty()) {
                (format!("{argument} was given twice"), "a -p of the command goes after `--`: -p ID -- -p …".to_owned())
            } else if other == argument || other.is_empty() {
                (format!("{argument} was given twice"), SEE_HELP.to_owned())
            } else {
                (format!("{argument} and {other} exclude each other"), SEE_HELP.to_owned())
            }
        }
        ErrorKind::TooManyValues => (format!("{argument} takes no value"), SEE_HELP.to_owned()),
        ErrorKind::InvalidUtf8 => ("an option's value is not UTF-8".to_owned(), SEE_HELP.to_owned()),
        ErrorKind::MissingRequiredArgument => {
            let which = argument.trim_matches(['<', '>', '[', ']', '.']);
            (format!("{} is missing", if which.is_empty() { "an argument" } else { which }), SEE_HELP.to_owned())
        }
        _ => ("cannot make sense of the options".to_owned(), SEE_HELP.to_owned()),
    };
    Error::Usage { what, hint }
}

const SEE_HELP: &str = "see jackin-exec --help";

/// The command line's definition, for what is generated from it: the command's words are part of
/// it.
pub fn definition() -> clap::Command {
    let command = clap::Arg::new("command")
        .value_name("COMMAND")
        .num_args(0..)
        .trailing_var_arg(true)
        .value_hint(clap::ValueHint::CommandWithArguments)
        .help("The command and its arguments [default: claude]");
    Cli::command().arg(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    fn run(text: &str) -> Cli {
        match parse(&words(text)).unwrap() {
            Parsed::Run(cli) => *cli,
            Parsed::Print(text) => panic!("printed {text}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn the_first_operand_ends_our_options() {
        let cli = run("-p kimi claude -p hi --json -- --x");
        assert_eq!(cli.common.provider.as_deref(), Some("kimi"));
        assert_eq!(cli.words, Words { words: words("claude -p hi --json -- --x"), escaped: false });
        assert!(!cli.common.json);
    }

    #[test]
    fn a_double_dash_ends_them_at_once_and_a_second_one_is_the_commands() {
        let cli = run("-q -- -- providers");
        assert!(cli.common.quiet);
        assert_eq!(cli.words, Words { words: words("-- providers"), escaped: true });
    }

    #[test]
    fn a_subcommand_is_ours_only_before_a_double_dash() {
        assert_eq!(run("providers --json").task, Some(Task::Providers));
        assert_eq!(run("-- providers").task, None);
        assert_eq!(run("claude providers").task, None);
    }

    #[test]
    fn common_options_stand_before_or_behind_a_subcommand() {
        for text in ["--json -w x providers", "providers --json -w x", "-w x providers --json"] {
            let cli = run(text);
            assert!(cli.common.json, "{text}");
            assert_eq!(cli.common.workspace.as_deref(), Some("x"), "{text}");
        }
    }

    #[test]
    fn values_are_found_in_every_spelling() {
        for text in [
            "-p kimi x",
            "-pkimi x",
            "-p=kimi x",
            "--provider kimi x",
            "--provider=kimi x",
            "-qp kimi x",
        ] {
            let cli = run(text);
            assert_eq!(cli.common.provider.as_deref(), Some("kimi"), "{text}");
            assert_eq!(cli.words.words, words("x"), "{text}");
        }
    }

    /// What clap makes of a command line, without its words for mistakes.
    fn by_clap(text: &str) -> Option<Cli> {
        match thorough(&words(text)) {
            Ok(Parsed::Run(cli)) => Some(*cli),
            Ok(Parsed::Print(_)) | Err(_) => None,
        }
    }

    #[test]
    fn the_usual_spellings_mean_what_the_definition_says() {
        let definition = Cli::command();
        let mut spellings = vec![String::new()];
        for argument in definition
            .get_arguments()
            .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
        {
            let value = if argument.get_action().takes_values() { " x" } else { "" };
            spellings.extend(argument.get_long().map(|long| format!("--{long}{value}")));
            spellings.extend(argument.get_short().map(|short| format!("-{short}{value}")));
        }
        assert!(spellings.len() > 15);
        let mut usuals = 0;
        for one in &spellings {
            for other in &spellings {
                for rest in ["", "claude -p hi", "-- --resume -- x", "providers", "-", "- -q"] {
                    let line = format!("{one} {other} {rest}");
                    if let Some(cli) = usual(&words(&line)) {
                        usuals += 1;
                        assert_eq!(Some(cli), by_clap(&line), "{line}");
                    }
                }
            }
        }
        assert!(usuals > 1000, "only {usuals} lines were usual");
    }

    #[test]
    fn a_value_that_looks_like_an_option_is_left_to_clap() {
        for line in [
            "-p",
            "-p -q",
            "-p -- x",
            "-p a -p b",
            "-q -q",
            "--debug -q",
            "-w a --no-workspace",
            "--provider=x",
            "-qn",
        ] {
            assert_eq!(usual(&words(line)), None, "{line}");
        }
    }

    #[test]
    fn the_subcommands_are_those_of_the_definition() {
        let definition = Cli::command();
        let names: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, TASKS);
    }

    #[test]
    fn a_lone_dash_is_a_command() {
        assert_eq!(run("-q - x").words.words, words("- x"));
    }

    #[test]
    fn a_usage_error_repeats_no_value() {
        for text in [
            "--token=SENTINEL x",
            "--provider",
            "-q=SENTINEL",
            "--quiet=SENTINEL",
            "--debug -q",
            "-Z",
            "providers SENTINEL",
            "completions SENTINEL",
            "auth SENTINEL",
            "auth set kimi SENTINEL",
            "auth set kimi -- SENTINEL",
            "auth set kimi --key=SENTINEL",
            "auth set kimi --SENTINEL",
            "auth set kimi --command SENTINEL",
            "auth set kimi --op SENTINEL --env SENTINEL",
            "auth set kimi --account SENTINEL",
            "auth unset kimi SENTINEL",
        ] {
            let error = parse(&words(text)).unwrap_err();
            assert!(!error.to_string().contains("SENTINEL"), "{text}: {error}");
            assert!(!format!("{error:?}").contains("SENTINEL"), "{text}: {error:?}");
        }
    }
}
