//! What is known before a provider is chosen: the merged settings, and the candidates.

use crate::availability;
use crate::availability::Candidate;
use crate::cli::Common;
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
    /// Ours, less what an outer session's redirect set.
    pub(crate) environment: host::Environment,
    pub(crate) warnings: Vec<Warning>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
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
        let providers = provider::providers(&loaded.exec.providers)?;
        let environment = inner_environment(host);
        let candidates = availability::candidates(providers, &settings, &environment);
        Ok(Self { loaded, settings, candidates, environment, warnings })
    }
}

/// Our environment less what an outer session's redirect set.
pub(crate) fn inner_environment(host: &Host) -> host::Environment {
    let outer = plan::outer_names(&host.environment);
    if outer.is_empty() {
        return host.environment.clone();
    }
    host.environment.without(&outer)
}
