//! What is known before a provider is chosen: the merged settings and the candidates.

use crate::availability;
use crate::availability::Candidate;
use crate::cli::Common;
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
        let tables = &loaded.exec.providers;
        let default = settings.default_provider.as_ref().map(|default| default.provider.as_str());
        let named = named.into_iter().chain(default).chain(tables.keys().map(String::as_str));
        let presets = availability::relevant(named, settings, &session.environment);
        let found = provider::from_presets(presets, &loaded.exec);
        session.wrong = found.wrong;
        session.candidates = availability::candidates(found.usable, settings, &session.environment);
        Ok(session)
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
        let mut warnings: Vec<Warning> =
            loaded.warnings.iter().chain(&place.warnings).cloned().collect();
        let role = options.role.as_deref().or_else(|| host.environment.text("JACKIN_EXEC_ROLE"));
        let selection = Selection {
            workspace: place.chosen.as_ref().map(|(name, workspace)| (name.as_str(), workspace)),
            role,
            surrounding: &place.surrounding,
        };
        let by_variable = options.role.is_none() && role.is_some();
        let settings = scope::settings(&loaded.global, &loaded.exec, selection, &mut warnings)
            .map_err(
                |error| if by_variable { error.said_by(" in JACKIN_EXEC_ROLE") } else { error },
            )?;
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
