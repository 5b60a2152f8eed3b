//! The models that a plan requests, for a machine's policy, and the network settings that the
//! policy adds to it.

use std::borrow::Cow;

use secrecy::SecretString;

use crate::availability::Origin;
use crate::catalog;
use crate::config::EnvValue;
use crate::plan::Action;
use crate::plan::Assignment;
use crate::plan::BASE_URL;
use crate::plan::Need;
use crate::plan::Plan;
use crate::provider::Endpoint;

/// The variables that name a model, besides those of the tiers.
const MODELS: [&str; 4] = [
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
    "CLAUDE_CODE_WORKFLOW_SUBAGENT_MODEL",
];

impl Plan<'_> {
    /// The models that a redirect requests, and the tier names that it uses to request them.
    pub fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = Vec::new();
        for assignment in &self.assignments {
            let name = &*assignment.name;
            let maps = name.ends_with("_MODEL") && catalog::maps_a_tier(name.as_bytes());
            if let Action::Public(value) = &assignment.action
                && (maps || MODELS.contains(&name))
                && let Some(model) = value.to_str()
                && !models.contains(&model)
            {
                models.push(model);
            }
        }
        models
    }

    /// Sets the variables with which managed settings configure network access: the client obeys
    /// them in its environment. They override what the operator and the provider set, as they would
    /// without a redirect.
    pub fn add_network(&mut self, variables: Vec<(String, String)>) {
        let local = self.endpoint().filter(Endpoint::is_loopback);
        for (name, mut value) in variables {
            let mut suffix = String::new();
            // The provider is on this machine, and a proxy cannot reach it.
            if name.eq_ignore_ascii_case("NO_PROXY")
                && let Some(local) = &local
            {
                let host = local.host();
                if value.is_empty() {
                    value.push_str(host);
                } else {
                    suffix = format!(",{host}");
                }
            }
            let value = Cow::Owned(EnvValue::Literal(SecretString::from(value)));
            let key = Cow::Owned(name.clone());
            let need = self.needs.push(Need { key, value, origin: Origin::Managed });
            let action = Action::around("", need, suffix);
            let assignment = Assignment { name: Cow::Owned(name), action, origin: Origin::Managed };
            match self.assignments.iter_mut().find(|one| one.name == assignment.name) {
                Some(before) => *before = assignment,
                None => self.assignments.push(assignment),
            }
        }
    }

    /// Where a redirect's requests go; `None` without a redirect.
    pub fn endpoint(&self) -> Option<Endpoint> {
        let assignment = self.assignments.iter().find(|one| one.name == BASE_URL)?;
        match &assignment.action {
            Action::Public(url) => Endpoint::new(url.to_str()?).ok(),
            Action::Secret { .. } | Action::Header(_) | Action::Unset => None,
        }
    }
}
