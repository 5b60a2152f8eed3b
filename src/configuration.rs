//! The operator's configuration: the files that every launch reads, each read once.

use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::catalog;
use crate::cli::Common;
use crate::config;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Offence;
use crate::config::OwnRows;
use crate::config::Placed;
use crate::config::Problem;
use crate::config::Workspace;
use crate::error;
use crate::files;
use crate::files::Store;
use crate::files::Text;
use crate::host;
use crate::host::ConfigDir;
use crate::host::Host;
use crate::plan;
use crate::provider;
use crate::provider::RowFile;
use crate::report;
use crate::typed::nearest;
use crate::warning::Warning;

/// Why the configuration may not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// As root: another user's file sets something that starts programs or redirects keys.
    #[error(
        "{}: as root, {key} is accepted only from root's own file in root's own folder",
        report::path(path)
    )]
    ForRootOnly {
        /// The file that sets it.
        path: PathBuf,
        /// Its key.
        key: &'static str,
    },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::ForRootOnly { .. } => {
                "run jackin-exec as the user who owns the folder".to_owned()
            }
        }
    }
}

/// The files that every launch reads.
pub(crate) struct Loaded {
    pub(crate) store: Store,
    pub(crate) global: Global,
    pub(crate) exec: ExecToml,
    /// exec.toml, if we are root and it or its folder is not root's. No command from it is run
    /// then.
    pub(crate) commands_refused: Option<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) offences: Vec<Offence>,
}

impl Loaded {
    pub(crate) fn read(host: &Host, options: &Common) -> Result<Self, error::Error> {
        let mut warnings = Vec::new();
        let dir = host.config_dir(options.config_dir.as_deref())?;
        let store = open(host, dir.as_ref(), &mut warnings)?;
        Self::from(host, store, warnings)
    }

    /// The same before a change, which creates the folder.
    pub(crate) fn read_for_change(host: &Host, options: &Common) -> Result<Self, error::Error> {
        let mut warnings = Vec::new();
        let dir = host.config_dir(options.config_dir.as_deref())?;
        let dir = dir.map(|dir| ConfigDir { by_variable: false, ..dir });
        let store = open(host, dir.as_ref(), &mut warnings)?;
        Self::from(host, store, warnings)
    }

    pub(crate) fn from(
        host: &Host,
        store: Store,
        mut warnings: Vec<Warning>,
    ) -> Result<Self, error::Error> {
        let mut offences = Vec::new();
        let global = read_global(&store, &mut warnings)?;
        let exec = read_exec(&store, &mut warnings)?;
        let rows = read_rows(&store, &mut warnings)?;
        let mut commands_refused = None;
        let mut of_global = Global::default();
        let mut of_exec = ExecToml::default();
        if let Some(file) = exec {
            of_exec = ExecToml { rows, ..file.content };
            warn_readable(&file.text, of_exec.scopes(), &of_exec, &mut warnings);
            if host.ids.effective_user == 0 && file.text.is_foreign {
                commands_refused = Some(file.text.path);
            }
            offences.extend(file.offences);
        } else {
            of_exec.rows = rows;
        }
        if let Some(file) = global {
            of_global = file.content;
            warn_readable(&file.text, of_global.scopes(), &of_exec, &mut warnings);
            offences.extend(file.offences);
        }
        let (global, exec) = (of_global, of_exec);
        let mut loaded = Self { store, global, exec, commands_refused, warnings, offences };
        loaded.offences.extend(loaded.unknown_ignored());
        Ok(loaded)
    }

    /// Ids in a table `ignore` that no provider has: a misspelt one would leave the provider in use.
    fn unknown_ignored(&self) -> Vec<Offence> {
        let mut offences = Vec::new();
        for Placed { value: id, place } in self.exec.ignored_ids() {
            let known = self.provider_ids();
            if !known.contains(&id.as_str()) {
                let nearest = nearest(id, known.into_iter());
                let problem = Problem::NoProvider { nearest };
                offences.push(Offence { place: place.clone(), problem });
            }
        }
        offences
    }

    /// As root, refuses another user's exec.toml that would start a program, either as the default
    /// command or by a variable that changes which program runs or what it does.
    ///
    /// # Errors
    ///
    /// [`Error::ForRootOnly`]
    pub(crate) fn refuse_programs_as_root(&self, command: CommandFrom) -> Result<(), Error> {
        let Some(path) = &self.commands_refused else {
            return Ok(());
        };
        let exec = &self.exec;
        let mut of_providers = exec.providers.values().flat_map(|provider| &provider.env);
        let key = if command == CommandFrom::Configuration && exec.command.is_some() {
            "command"
        } else if !exec.allow_env.is_empty() {
            "allow_env"
        } else if of_providers.any(|(name, _)| plan::changes_the_host(name.value.as_str())) {
            "a provider's env for this host"
        } else {
            return Ok(());
        };
        Err(Error::ForRootOnly { path: path.clone(), key })
    }

    /// The command that receives the arguments if no command was typed.
    pub(crate) fn default_command(&self) -> Vec<String> {
        self.exec.command.clone().unwrap_or_else(|| vec!["claude".to_owned()])
    }

    /// The ids of all providers, also of those that cannot be used.
    pub(crate) fn provider_ids(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        ids.extend(catalog::PRESETS.iter().map(|preset| preset.id));
        ids.extend(self.exec.rows.usable.iter().map(|row| row.id));
        ids.extend(self.exec.providers.keys().map(String::as_str));
        ids.extend(self.exec.wrong_providers.iter().map(|wrong| wrong.id.as_str()));
        ids.extend(self.exec.rows.wrong.iter().map(|wrong| wrong.id.as_str()));
        ids
    }
}

/// Where a launch takes its command from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandFrom {
    /// The command line, or the name of a link.
    Caller,
    /// `command` in exec.toml, or its default.
    Configuration,
}

/// A configuration file and its content.
pub(crate) struct Parsed<T> {
    pub(crate) text: Text,
    pub(crate) content: T,
    /// Names and values that may not be used. They are errors only where the file is used.
    pub(crate) offences: Vec<Offence>,
}

/// Opens the configuration folder. If HOME is not a folder, as in `HOME=/dev/null`, there is no
/// configuration.
pub(crate) fn open(
    host: &Host,
    dir: Option<&ConfigDir>,
    warnings: &mut Vec<Warning>,
) -> Result<Store, files::Error> {
    let user = host.ids.effective_user;
    match Store::open(dir, user, warnings) {
        Err(files::Error::Folder { errno: Errno::ENOTDIR, path }) => {
            let is_typed = dir.is_some_and(|dir| dir.typed);
            match host.home() {
                Some(home)
                    if !is_typed && path == home.join(host::BELOW_HOME) && !home.is_dir() =>
                {
                    warnings.push(Warning::HomeIsNoFolder { path: home });
                    Store::open(None, user, warnings)
                }
                _ => Err(files::Error::Folder { errno: Errno::ENOTDIR, path }),
            }
        }
        opened => opened,
    }
}

/// Reads config.toml; `None` if it does not exist.
pub(crate) fn read_global(
    store: &Store,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Parsed<Global>>, error::Error> {
    let file = parse(store, "config.toml", config::global, warnings)?;
    if let Some(file) = &file
        && file.content.newer
    {
        warnings.push(Warning::Newer { path: file.text.path.clone() });
    }
    Ok(file)
}

/// Reads exec.toml; `None` if it does not exist.
pub(crate) fn read_exec(
    store: &Store,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Parsed<ExecToml>>, error::Error> {
    parse(store, "exec.toml", config::exec, warnings)
}

/// Reads the user's own rows.
pub(crate) fn read_rows(
    store: &Store,
    warnings: &mut Vec<Warning>,
) -> Result<OwnRows, error::Error> {
    let mut files = Vec::new();
    for name in store.row_files()? {
        files.extend(store.read(&name, warnings)?.map(|text| (name, text)));
    }
    Ok(own_rows(&files)?)
}

/// The rows of files that were read.
pub(crate) fn own_rows(files: &[(String, Text)]) -> Result<OwnRows, config::Error> {
    let files: Vec<RowFile<'_>> = files
        .iter()
        .map(|(name, text)| RowFile { name, path: &text.path, text: &text.text })
        .collect();
    provider::own_rows(&files)
}

/// Reads a workspace's file; `None` if it does not exist.
pub(crate) fn read_workspace_file(
    store: &Store,
    name: &str,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Parsed<Workspace>>, error::Error> {
    let file = parse(store, &files::workspace_file(name), config::workspace, warnings)?;
    if let Some(file) = &file
        && file.content.newer
    {
        warnings.push(Warning::Newer { path: file.text.path.clone() });
    }
    Ok(file)
}

fn parse<T>(
    store: &Store,
    name: &str,
    reader: fn(&Path, &str, &mut Vec<Offence>) -> Result<T, config::Error>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Parsed<T>>, error::Error> {
    let Some(text) = store.read(name, warnings)? else {
        return Ok(None);
    };
    let mut offences = Vec::new();
    let content = reader(&text.path, &text.text, &mut offences)?;
    Ok(Some(Parsed { text, content, offences }))
}

/// Warns if a file that everyone can read holds a literal key.
pub(crate) fn warn_readable<'a>(
    text: &Text,
    scopes: impl Iterator<Item = &'a config::Variables>,
    exec: &ExecToml,
    warnings: &mut Vec<Warning>,
) {
    if text.world_readable && provider::holds_literal_key(scopes, exec) {
        warnings.push(Warning::ReadableKey { path: text.path.clone() });
    }
}
