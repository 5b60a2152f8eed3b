//! What is known before a provider is chosen: the merged settings and the candidates.

use crate::availability;
use crate::availability::Candidate;
use crate::catalog;
use crate::choice;
use crate::choice::Choice;
use crate::choice::Named;
use crate::cli::Common;
use crate::config::EnvName;
use crate::config::WrongProvider;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::host;
use crate::host::Host;
use crate::plan;
use crate::provider;
use crate::scope;
use crate::scope::Selection;
use crate::scope::Settings;
use crate::warning::Warning;
use crate::workspace::Place;

/// What is known before a provider is chosen.
pub(crate) struct Session<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) settings: Settings<'a>,
    pub(crate) candidates: Vec<Candidate<'a>>,
    /// The providers of exec.toml that cannot be used.
    pub(crate) wrong: Vec<WrongProvider>,
    /// Our environment without what an outer session's redirect set.
    pub(crate) environment: host::Environment,
    pub(crate) warnings: Vec<Warning>,
}

impl<'a> Session<'a> {
    /// A session with every provider, for commands that look at all of them.
    pub(crate) fn new(
        host: &'a Host,
        loaded: &'a Loaded,
        place: &'a Place,
        options: &'a Common,
    ) -> Result<Self, Error> {
        let mut session = Self::without_candidates(host, loaded, place, options)?;
        let found = provider::providers(&loaded.exec);
        session.wrong = found.wrong;
        session.candidates =
            availability::candidates(found.usable, &session.settings, &session.environment);
        Ok(session)
    }

    /// A session with the providers that matter to a launch: the one that is named, and those that
    /// could be chosen.
    pub(crate) fn for_launch(
        host: &'a Host,
        loaded: &'a Loaded,
        place: &'a Place,
        options: &'a Common,
        named: Option<&str>,
    ) -> Result<Self, Error> {
        let mut session = Self::without_candidates(host, loaded, place, options)?;
        let settings = &session.settings;
        let mut ids = Vec::from_iter(named);
        if let Some(default) = &settings.default_provider {
            ids.push(&default.provider);
        }
        ids.extend(loaded.exec.providers.keys().map(String::as_str));
        ids.extend(loaded.exec.rows.usable.iter().map(|row| row.id));
        let presets = availability::relevant(ids, settings, &session.environment);
        let found = provider::from_presets(presets, &loaded.exec);
        session.wrong = found.wrong;
        session.candidates = availability::candidates(found.usable, settings, &session.environment);
        Ok(session)
    }

    /// Chooses by the rule. A provider that cannot be used is an error if it is named, and if it
    /// would have been offered: another one is never used silently in its place.
    ///
    /// # Errors
    ///
    /// The mistake in that provider's entry, and the errors of [`choice::choose`].
    pub(crate) fn choose(&self, named: Option<Named<'_>>) -> Result<Choice<'_, 'a>, Error> {
        let default = self.settings.default_provider.as_ref();
        let wanted = match (named, default) {
            (Some(named), _) => Some(named.id).filter(|id| *id != choice::ASK),
            (None, Some(default)) => Some(default.provider.as_str()),
            (None, None) => None,
        };
        if let Some(wanted) = wanted {
            return match self.wrong.iter().find(|wrong| wrong.id.as_str() == wanted) {
                Some(wrong) => Err(wrong.error.clone().into()),
                None => Ok(choice::choose(named, &self.candidates, &self.settings)?),
            };
        }
        let choice = choice::choose(named, &self.candidates, &self.settings);
        let is_open = matches!(choice, Ok(Choice::Open(_)));
        match self.wrong.iter().find(|wrong| self.leaves_out(wrong, is_open)) {
            Some(wrong) => Err(wrong.error.clone().into()),
            None => Ok(choice?),
        }
    }

    /// Whether a provider that cannot be used would have been offered here.
    fn leaves_out(&self, wrong: &WrongProvider, is_open: bool) -> bool {
        if !choice::is_allowed(wrong.id.as_str(), &self.settings.policies) {
            return false;
        }
        let key = match (&wrong.key, catalog::find(wrong.id.as_str())) {
            (Some(key), _) => Some(key.clone()),
            (None, Some(preset)) => preset
                .key_env
                .filter(|_| preset.base_url.is_some() && !preset.local)
                .map(EnvName::known),
            (None, None) => None,
        };
        // Without a key's name, it may need no key.
        let has_key =
            |key| availability::key_source(key, &self.settings, &self.environment).is_ok();
        is_open || key.as_ref().is_none_or(has_key)
    }

    /// Every provider, even if the session was created for a launch.
    pub(crate) fn all(&self) -> Vec<Candidate<'a>> {
        let found = provider::providers(&self.loaded.exec);
        availability::candidates(found.usable, &self.settings, &self.environment)
    }

    fn without_candidates(
        host: &'a Host,
        loaded: &'a Loaded,
        place: &'a Place,
        options: &'a Common,
    ) -> Result<Self, Error> {
        let mut warnings = [loaded.warnings.as_slice(), &place.warnings].concat();
        let selection = Selection {
            workspace: place.chosen.as_ref().map(|(name, workspace)| (name.as_str(), workspace)),
            role: match &options.role {
                Some(role) => Some(role),
                None => host.environment.text("JACKIN_EXEC_ROLE"),
            },
            surrounding: &place.surrounding,
            folder: place.folders.chosen.as_deref(),
            listed_folders: &place.folders.listed,
        };
        let settings = scope::settings(&loaded.global, &loaded.exec, selection, &mut warnings);
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) if options.role.is_some() => return Err(error.into()),
            Err(error) => return Err(error.found_in(" in JACKIN_EXEC_ROLE").into()),
        };
        let environment = inner_environment(host);
        Ok(Self {
            loaded,
            settings,
            candidates: Vec::new(),
            wrong: Vec::new(),
            environment,
            warnings,
        })
    }
}

/// Our environment without what an outer session's redirect set.
pub(crate) fn inner_environment(host: &Host) -> host::Environment {
    let outer = plan::outer_names(&host.environment);
    if outer.is_empty() {
        return host.environment.clone();
    }
    host.environment.without(&outer)
}
