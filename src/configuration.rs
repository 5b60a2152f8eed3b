//! The operator's configuration: the files that every launch reads, each read once.

use std::path::PathBuf;

use crate::catalog;
use crate::cli::Common;
use crate::config;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Offence;
use crate::error;
use crate::files::Store;
use crate::files::Text;
use crate::host::Host;
use crate::plan;
use crate::provider;
use crate::report;
use crate::warning::Warning;

/// What the files may not say.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As root: something that starts programs or leads keys elsewhere, said by another user.
    #[error(
        "{}: as root, {key} is taken only from a file of root's own in root's own folder",
        report::path(path)
    )]
    ForRootOnly {
        /// The file that says it.
        path: PathBuf,
        /// Its key.
        key: &'static str,
    },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::ForRootOnly { .. } => "run it as the user whose folder it is".to_owned(),
        }
    }
}

/// The files that every launch reads.
pub(crate) struct Loaded {
    pub(crate) store: Store,
    pub(crate) global: Global,
    pub(crate) exec: ExecToml,
    /// exec.toml, where we are root and it, or its folder, is not root's: commands from it are not
    /// run.
    pub(crate) commands_refused: Option<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) offences: Vec<Offence>,
}

impl Loaded {
    pub(crate) fn read(host: &Host, options: &Common) -> Result<Self, error::Error> {
        let mut warnings = Vec::new();
        let dir = host.config_dir(options.config_dir.as_deref())?;
        let store = Store::open(dir.as_ref(), host.ids.effective_user, &mut warnings)?;
        Self::from(host, store, warnings)
    }

    pub(crate) fn from(
        host: &Host,
        store: Store,
        mut warnings: Vec<Warning>,
    ) -> Result<Self, error::Error> {
        let mut offences = Vec::new();
        let mut global = Global::default();
        let mut of_global = None;
        if let Some(text) = store.read("config.toml", &mut warnings)? {
            global = config::global(&text.path, &text.text, &mut offences)?;
            if global.newer {
                warnings.push(Warning::Newer { path: text.path.clone() });
            }
            of_global = Some(text);
        }
        let mut exec = ExecToml::default();
        let mut commands_refused = None;
        if let Some(text) = store.read("exec.toml", &mut warnings)? {
            exec = config::exec(&text.path, &text.text, &mut offences)?;
            warn_readable(&text, exec.scopes(), &exec, &mut warnings);
            if host.ids.effective_user == 0 && (text.owner != 0 || store.is_foreign()) {
                commands_refused = Some(text.path);
            }
        }
        if let Some(text) = of_global {
            warn_readable(&text, global.scopes(), &exec, &mut warnings);
        }
        Ok(Self { store, global, exec, commands_refused, warnings, offences })
    }

    /// As root, another user's exec.toml names no program: neither itself nor by the variables that
    /// find or change one.
    ///
    /// # Errors
    ///
    /// [`Error::ForRootOnly`]
    pub(crate) fn runs_nothing_as_root(&self, default_command: bool) -> Result<(), Error> {
        let Some(path) = &self.commands_refused else {
            return Ok(());
        };
        let exec = &self.exec;
        let mut of_providers = exec.providers.values().flat_map(|provider| &provider.env);
        let said = [
            (exec.command.is_some() && default_command, "command"),
            (!exec.allow_env.is_empty(), "allow_env"),
            (
                of_providers.any(|(name, _)| plan::changes_the_host(name.value.as_str())),
                "a provider's env for this host",
            ),
        ];
        match said.iter().find(|(said, _)| *said) {
            Some((_, key)) => Err(Error::ForRootOnly { path: path.clone(), key }),
            None => Ok(()),
        }
    }

    /// The command that stands before arguments alone.
    pub(crate) fn default_command(&self) -> Vec<String> {
        self.exec.command.clone().unwrap_or_else(|| vec!["claude".to_owned()])
    }

    pub(crate) fn provider_ids(&self) -> Vec<&str> {
        let presets = catalog::PRESETS.iter().map(|preset| preset.id);
        presets.chain(self.exec.providers.keys().map(String::as_str)).collect()
    }
}

/// A literal under the name of a key, in a file that everybody may read.
pub(crate) fn warn_readable<'a>(
    text: &Text,
    scopes: impl Iterator<Item = &'a config::Variables>,
    exec: &ExecToml,
    warnings: &mut Vec<Warning>,
) {
    if text.world_readable && provider::holds_literal_key(scopes, &exec.providers) {
        warnings.push(Warning::ReadableKey { path: text.path.clone() });
    }
}
