//! Warnings: what the user should know although the launch goes on, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use crate::report;
use crate::report::escape;
use crate::report::path;

/// Something that a person should know although the program goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A file that its group can write.
    GroupWritable {
        /// The file.
        path: PathBuf,
    },
    /// A file that holds a key and that everyone can read.
    ReadableKey {
        /// The file.
        path: PathBuf,
    },
    /// HOME is not a folder, so there is no configuration.
    HomeIsNoFolder {
        /// The value of HOME.
        path: PathBuf,
    },
    /// A path that begins with `~/` or `$HOME/`, which only a shell expands.
    NotExpanded {
        /// The variable.
        name: String,
        /// Its scope.
        scope: String,
    },
    /// A file that a newer jackin wrote.
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The file of a workspace that was not chosen cannot be used.
    OtherWorkspace {
        /// What is wrong with it.
        error: String,
    },
    /// A workspace that is defined both by a file and by a table.
    TwiceDefined {
        /// Its name.
        workspace: String,
    },
    /// A default role that the workspace does not allow, or that is not registered.
    DefaultRole {
        /// The role.
        role: String,
    },
    /// A variable was left out because it would change this host.
    ChangesTheHost {
        /// The variable.
        name: String,
        /// The scope that sets it.
        scope: &'static str,
    },
    /// A key that contains a space.
    KeyWithSpace {
        /// The variable.
        key: String,
    },
    /// A key that does not look like one of the provider's.
    KeyShape {
        /// The variable.
        key: String,
        /// How the provider's keys begin.
        prefix: &'static str,
        /// What the value may be instead.
        otherwise: &'static str,
    },
    /// A key that is known to belong to another vendor.
    KeyOfAnother {
        /// The variable.
        key: String,
        /// The vendor whose keys begin like this one.
        vendor: &'static str,
    },
    /// The command of a dry run does not exist.
    NoCommand {
        /// What a launch would say.
        error: String,
        /// What it would suggest.
        hint: Option<String>,
    },
    /// A program that should print a key does not exist.
    NoHelper {
        /// The program.
        program: String,
    },
    /// A file that should hold a key does not exist.
    NoKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// A client that is too old to keep a redirect reliably.
    OldClient {
        /// Its version.
        version: String,
        /// The first version that keeps a redirect.
        needed: String,
        /// How to get it.
        update: &'static str,
    },
    /// The client's settings lead a session that is not redirected to another provider.
    SettingsLeadTo {
        /// The file and the line.
        place: String,
        /// The host that gets the prompts.
        host: String,
    },
    /// Another agent than Claude Code, which would send its own Anthropic key to the provider.
    OtherAgent {
        /// Its command.
        agent: &'static str,
        /// The provider's host.
        host: String,
    },
    /// `--on-demand` without such a value.
    NothingOnDemand,
    /// No process listens at the address of a provider on this machine.
    NothingListens {
        /// The provider's label.
        label: String,
        /// The address that it should listen on.
        address: String,
    },
    /// A role that no file defines. jackin would register it.
    NewRole {
        /// The role.
        role: String,
    },
    /// Variables of the configuration that the redirect itself sets or removes.
    Overruled {
        /// The variables.
        names: Vec<String>,
        /// The provider.
        provider: String,
    },
    /// An exported redirect was removed.
    Leftover {
        /// The variables that were removed with it because they hold another provider's key.
        keys: Vec<&'static str>,
    },
    /// Sessions that the client starts apart from this one get no key.
    Apart(Apart),
    /// Managed settings that are not JSON.
    ManagedBroken {
        /// The file.
        path: PathBuf,
    },
}

/// Sessions that the client starts apart from this one, and why they get no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apart {
    /// A session in the background.
    Background {
        /// The provider's label.
        label: String,
    },
    /// Team mates in panes: the key is in our environment, which they do not inherit.
    MatesWithoutKey {
        /// The provider's id.
        id: String,
    },
    /// Team mates in panes: no link starts the client on the provider.
    MatesWithoutLink {
        /// The provider's id.
        id: String,
    },
    /// Team mates in panes: options or variables, which they do not get, chose the scopes.
    MatesWithoutOptions,
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LOGGED_OUT: &str = "team mates in panes will not be logged in";
        match self {
            Self::Background { label } => write!(
                f,
                "--bg: Claude Code gives a session in the background no key of {}; start it in tmux, or with -p and &",
                escape(label)
            ),
            Self::MatesWithoutKey { id } => write!(
                f,
                "{LOGGED_OUT}: the key is in this environment only; jackin-exec auth set {} stores it",
                escape(id)
            ),
            Self::MatesWithoutLink { id } => {
                write!(f, "{LOGGED_OUT}: PATH has no link claude-{} to jackin-exec", escape(id))
            }
            Self::MatesWithoutOptions => write!(
                f,
                "{LOGGED_OUT}: they get none of the options and variables that chose the workspace, the role or the configuration"
            ),
        }
    }
}

impl Apart {
    fn hint(&self) -> String {
        match self {
            Self::Background { .. } => "start it in tmux, or with -p and &".to_owned(),
            Self::MatesWithoutKey { id } => format!("jackin-exec auth set {}", escape(id)),
            Self::MatesWithoutLink { id } => {
                let id = escape(id);
                format!("ln -s \"$(command -v jackin-exec)\" ~/.local/bin/claude-{id}")
            }
            Self::MatesWithoutOptions => {
                "start in a folder of the workspace, without them".to_owned()
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GroupWritable { path: file } => {
                write!(f, "{} is writable by its group", path(file))
            }
            Self::ReadableKey { path: file } => {
                write!(f, "{} holds a key and is readable by everyone", path(file))
            }
            Self::HomeIsNoFolder { path: file } => {
                write!(f, "HOME is not a folder ({}), so no configuration is read", path(file))
            }
            Self::NotExpanded { name, scope } => write!(
                f,
                "{} of {} begins with ~/ or $HOME/, which is not expanded",
                escape(name),
                escape(scope)
            ),
            Self::Newer { path: file } => write!(
                f,
                "{} was written by a newer jackin; keys that this version does not know are ignored",
                path(file)
            ),
            Self::OtherWorkspace { error } => {
                write!(f, "{error}; this workspace is skipped")
            }
            Self::TwiceDefined { workspace } => write!(
                f,
                "workspace {} is also defined in config.toml; its own file is used",
                escape(workspace)
            ),
            Self::DefaultRole { role } => write!(
                f,
                "default_role {} is not allowed or not registered; no role is used",
                escape(role)
            ),
            Self::NewRole { role } => {
                write!(f, "role {} is not registered, and no file mentions it", escape(role))
            }
            Self::ChangesTheHost { name, scope } => write!(
                f,
                "{} of the {scope} scope was left out: it would change this host (allow_env in exec.toml permits it)",
                escape(name)
            ),
            Self::KeyWithSpace { key } => write!(f, "{} contains a space", escape(key)),
            Self::KeyOfAnother { key, vendor } => {
                write!(f, "{} begins like a key of {vendor}", escape(key))
            }
            Self::KeyShape { key, prefix, otherwise } => {
                write!(f, "{} does not begin with {prefix}: {otherwise}", escape(key))
            }
            Self::ManagedBroken { path: file } => {
                write!(
                    f,
                    "{} is not JSON: Claude Code ignores it, and newer versions do not start",
                    path(file)
                )
            }
            Self::NoCommand { error, hint: Some(hint) } => write!(f, "{error} ({hint})"),
            Self::NoCommand { error, hint: None } => f.write_str(error),
            Self::NoHelper { program } => {
                write!(
                    f,
                    "{} is not installed, or not in an absolute entry of PATH",
                    escape(program)
                )
            }
            Self::NoKeyFile { path: file } => {
                write!(f, "{} does not exist, or is not a regular file", path(file))
            }
            Self::OldClient { version, needed, .. } => write!(
                f,
                "Claude Code {version} lets a cloned repository send the provider's key to another host; update it to {needed} or newer, without a redirect: claude update"
            ),
            Self::SettingsLeadTo { place, host } => write!(
                f,
                "{place}: env.ANTHROPIC_BASE_URL makes Claude Code send everything to {host}, not to Anthropic; remove it there"
            ),
            Self::OtherAgent { agent, host } => write!(
                f,
                "{agent} is not Claude Code but uses ANTHROPIC_BASE_URL, too: your prompts and its own Anthropic key would go to {}; start it without jackin-exec, or permit it: redirect_for = [\"{agent}\"] in exec.toml",
                escape(host)
            ),
            Self::NothingOnDemand => {
                f.write_str("--on-demand: no value is on_demand in the scopes that apply")
            }
            Self::NothingListens { label, address } => {
                write!(f, "nothing listens at {address}, where {} should be", escape(label))
            }
            Self::Apart(apart) => write!(f, "{apart}"),
            Self::Overruled { names, provider } => write!(
                f,
                "left out for {}: {}, because the redirect sets or removes {}",
                escape(provider),
                report::list(names),
                if names.len() == 1 { "it" } else { "them" }
            ),
            Self::Leftover { keys } => leftover(f, keys),
        }
    }
}

fn leftover(f: &mut fmt::Formatter<'_>, keys: &[&str]) -> fmt::Result {
    f.write_str(
        "the environment held a redirect to another provider; it was removed for Anthropic",
    )?;
    if keys.is_empty() {
        return Ok(());
    }
    write!(f, ", and so was its key in {}", keys.join(" and "))
}

impl Warning {
    /// The warning in one line, followed by the remedy if that is only a word or two.
    fn line(&self) -> String {
        match self {
            Self::GroupWritable { .. } => format!("{self}: chmod g-w"),
            Self::ReadableKey { .. } => format!("{self}: chmod 600"),
            other => other.to_string(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::GroupWritable { path: file } => format!("chmod g-w {}", path(file)),
            Self::ReadableKey { path: file } => format!("chmod 600 {}", path(file)),
            Self::HomeIsNoFolder { .. } => {
                "set HOME, or name the folder with --config-dir".to_owned()
            }
            Self::NotExpanded { .. } => "write the whole path".to_owned(),
            Self::Newer { .. } => "update jackin-exec".to_owned(),
            Self::OtherWorkspace { .. } => "correct its file".to_owned(),
            Self::TwiceDefined { .. } => "remove the table from config.toml".to_owned(),
            Self::DefaultRole { .. } => "register the role, or change default_role".to_owned(),
            Self::NewRole { .. } => "check the spelling".to_owned(),
            Self::ChangesTheHost { name, .. } => {
                format!("to permit it: allow_env = [\"{}\"] in exec.toml", escape(name))
            }
            Self::KeyWithSpace { .. } => "give only the key, which has none".to_owned(),
            Self::KeyOfAnother { .. } | Self::KeyShape { .. } => {
                "check that the key belongs to this provider and product".to_owned()
            }
            Self::OldClient { update, .. } => (*update).to_owned(),
            Self::SettingsLeadTo { .. } => {
                "remove it and its key there, and name the provider with -p".to_owned()
            }
            Self::OtherAgent { .. } => "start it without jackin-exec".to_owned(),
            Self::NothingOnDemand => "jackin-exec --dry-run lists what would be set".to_owned(),
            Self::NothingListens { label, .. } => {
                format!("start {}, or correct base_url in exec.toml", escape(label))
            }
            Self::Apart(apart) => apart.hint(),
            Self::Overruled { .. } => {
                "set it in the scope of a workspace that uses Anthropic".to_owned()
            }
            Self::Leftover { .. } => "remove the exports from the shell's profile".to_owned(),
            Self::NoCommand { .. } => "install it, or correct PATH".to_owned(),
            Self::NoHelper { .. } => "install it, or name another with auth set".to_owned(),
            Self::NoKeyFile { .. } => "create it, or name another with auth set".to_owned(),
            Self::ManagedBroken { .. } => "ask the administrator of this machine".to_owned(),
        }
    }
}

/// Prints warnings on stderr.
pub fn say(warnings: &[Warning]) {
    for warning in warnings {
        report::say(&format!("warning: {}", warning.line()));
    }
}
