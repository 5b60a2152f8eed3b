//! The variables that a launch sets and unsets, and why: a plain value that `--dry-run` prints and
//! a launch consumes.
//!
//! Nothing is fetched or run here.

mod copies;
mod draft;
mod filter;
mod keys;
mod leftover;
mod need;
mod operator;
mod policy;
mod redirect;
mod show;
mod words;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;

use draft::Draft;

use crate::availability::Candidate;
use crate::availability::Origin;
use crate::availability::Usable;
use crate::choice::By;
use crate::cli::Words;
use crate::config::WrongProvider;
pub use crate::config::changes_the_host;
use crate::host::Environment;
use crate::scope::Names;
use crate::scope::Scope;
use crate::scope::Settings;
use crate::warning::Warning;
pub use filter::Filter;
pub use keys::hidden_names;
pub use leftover::host_for_people;
pub use leftover::is_leftover;
pub use leftover::is_of_a_provider;
pub use leftover::is_of_anthropic;
pub use need::Need;
pub use need::NeedId;
pub use need::Needs;
pub use need::PerNeed;
pub use words::ask_for_background;
pub use words::teammate_mode;

/// Everything that a launch will do.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The provider's id.
    pub provider: String,
    /// The provider's name for people.
    pub provider_label: String,
    /// The user's own file of rows that it comes from.
    pub row_file: Option<&'static str>,
    /// Who chose it.
    pub by: By,
    /// The name of the session for people.
    pub label: String,
    /// The workspace, if one was chosen.
    pub workspace: Option<String>,
    /// The folder of exec.toml that applies, if there is one.
    pub folder: Option<String>,
    /// The role, if one was chosen.
    pub role: Option<String>,
    /// The words to run; the first is searched in PATH.
    pub command: Vec<OsString>,
    /// What is set and unset, in this order: operator variables, then the provider's. One entry
    /// for each name.
    pub assignments: Vec<Assignment<'a>>,
    /// How many of them are operator variables. They are sorted by name.
    pub operators: usize,
    /// The operator's variables that are left out (`on_demand`), with their scopes.
    pub on_demand: Vec<(&'a str, Scope)>,
    /// What has to be fetched for them.
    pub needs: Needs<'a>,
    /// The need that is the provider's key.
    pub key: Option<NeedId>,
    /// The need that is the secret in the provider's header.
    pub header_key: Option<NeedId>,
    /// The needs whose values only the token and the headers may carry: these two, unless keys are
    /// passed on.
    pub hidden: [Option<NeedId>; 2],
    /// Whether requests are redirected.
    pub redirect: bool,
    /// The host of the user's own gateway, which is kept.
    pub gateway: Option<String>,
}

/// One name and what happens to it.
#[derive(Debug, Clone)]
pub struct Assignment<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// Set or unset.
    pub action: Action,
    /// Where it comes from.
    pub origin: Origin,
}

/// Set or unset.
#[derive(Debug, Clone)]
pub enum Action {
    /// Set to a value that may be shown.
    Public(Cow<'static, OsStr>),
    /// Set to a value that must not be shown.
    Secret {
        /// Which of the plan's needs.
        need: NeedId,
        /// What is around the secret, if anything is.
        around: Option<Box<Around>>,
    },
    /// Set to a header that ends in a secret.
    Header(Box<Header>),
    /// All entries with that name are removed.
    Unset,
}

/// A header that ends in a secret, perhaps after one that has the provider's key. In a box, because a
/// launch moves a hundred actions, and this is at most one of them.
#[derive(Debug, Clone)]
pub struct Header {
    /// The key, and the text before it.
    pub key: Option<(&'static str, NeedId)>,
    /// The text before the secret.
    pub text: String,
    /// Which of the plan's needs the secret is.
    pub need: NeedId,
}

/// The text around a secret.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The text before it.
    pub prefix: &'static str,
    /// The text after it.
    pub suffix: String,
}

impl Action {
    /// Set to a secret with text around it.
    fn around(prefix: &'static str, need: NeedId, suffix: String) -> Self {
        let is_bare = prefix.is_empty() && suffix.is_empty();
        let around = if is_bare { None } else { Some(Box::new(Around { prefix, suffix })) };
        Self::Secret { need, around }
    }
}

/// What a plan is made from. The values that it refers to live for `'a`, as long as the
/// configuration; the rest is needed only while planning.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a, 's> {
    /// All providers: their keys are kept from the command.
    pub candidates: &'s [Candidate<'a>],
    /// Those of exec.toml that cannot be used: their keys are kept from it, too.
    pub wrong: &'s [WrongProvider],
    /// The chosen one.
    pub chosen: Usable<'s, 'a>,
    /// Who chose it.
    pub by: By,
    /// `--model`
    pub model: Option<&'s str>,
    /// The model in the role's manifest, used without `--model`.
    pub role_model: Option<&'s str>,
    /// The name of the session.
    pub label: &'s str,
    /// A link in PATH that starts the client on the chosen provider.
    pub link: Option<Link<'s>>,
    /// The merged scopes.
    pub settings: &'s Settings<'a>,
    /// The words that were typed.
    pub words: &'s Words,
    /// The command used if only arguments were typed.
    pub default_command: &'s [String],
    /// Host-changing variables that are allowed anyway.
    pub allow_env: &'s [String],
    /// Our own environment.
    pub environment: &'s Environment,
    /// `--pass-keys`
    pub pass_keys: bool,
    /// `--title`
    pub title: bool,
    /// The `on_demand` variables that are set all the same.
    pub picked: &'s [&'a str],
}

/// A link that starts the client on the chosen provider.
#[derive(Debug, Clone, Copy)]
pub struct Link<'s> {
    /// Its file.
    pub path: &'s Path,
    /// Whether a process that it starts in this directory, without our options and variables, reads
    /// the same configuration and the same scopes.
    pub alike: bool,
}

/// The command that starts team mates in panes, which do not inherit our environment. Read in
/// 2.1.257 to 2.1.332; checked 2026-11-26.
pub const TEAMMATE: &str = "CLAUDE_CODE_TEAMMATE_COMMAND";

/// Keeps Claude Code from changing the terminal's title. Read in 2.1.197 to 2.1.330; checked
/// 2026-11-24.
pub const KEEPS_TITLE: &str = "CLAUDE_CODE_DISABLE_TERMINAL_TITLE";

/// The variable that lists the names that an outer redirect set.
pub const SET_NAMES: &str = "JACKIN_EXEC_NAMES";

/// The names that an outer session's redirect set; empty outside of one.
pub fn outer_names(environment: &Environment) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(list) = environment.text(SET_NAMES) {
        for name in list.split(',') {
            if !name.is_empty() && !name.contains('=') {
                names.push(name.to_owned());
            }
        }
    }
    names
}

impl Plan<'_> {
    /// Whether another process of this user finds the provider's key, whatever its environment.
    pub fn key_is_configured(&self) -> bool {
        let key = self.key.map(|id| self.needs.get(id));
        key.is_none_or(|key| need::is_configured(key.origin, &key.value))
            && self.header_key.is_none_or(|id| !self.needs.get(id).is_inherited())
    }

    /// The names of the scopes that apply.
    pub fn names(&self) -> Names<'_> {
        Names {
            workspace: self.workspace.as_deref(),
            folder: self.folder.as_deref(),
            role: self.role.as_deref(),
        }
    }
}

/// Decides everything.
pub fn plan<'a>(inputs: Inputs<'a, '_>, warnings: &mut Vec<Warning>) -> Plan<'a> {
    let mut provider = inputs.chosen.provider.clone();
    if let Some(model) = inputs.model.or(inputs.role_model) {
        provider.set_model(model);
    }
    let mut draft = Draft::new(inputs);
    if inputs.title {
        draft.set_public(KEEPS_TITLE, "1");
    }
    if let Some(endpoint) = &provider.endpoint {
        draft.redirect(&provider, endpoint);
    }
    draft.set_public("JACKIN_EXEC_ACTIVE", provider.id.clone());
    draft.set_public("JACKIN_EXEC_LABEL", inputs.label.to_owned());
    draft.operator(&provider, warnings);
    if provider.is_anthropic() {
        if inputs.title {
            draft.set_public(SET_NAMES, KEEPS_TITLE);
        }
        draft.no_redirect(warnings);
    }
    draft.remove_keys(&provider);
    if provider.is_anthropic() {
        draft.remove_copies();
    }
    for name in outer_names(inputs.environment) {
        draft.unset(name);
    }
    draft.unset(SET_NAMES);
    let mut assignments = draft.operator;
    let operators = assignments.len();
    assignments.extend(draft.provider);
    assignments.extend(draft.removed);
    Plan {
        provider: provider.id.clone().into_owned(),
        provider_label: provider.label.clone().into_owned(),
        row_file: provider.row_file,
        by: inputs.by,
        label: inputs.label.to_owned(),
        workspace: inputs.settings.workspace.clone(),
        folder: inputs.settings.folder.map(str::to_owned),
        role: inputs.settings.role.clone(),
        command: command(inputs.words, inputs.default_command),
        assignments,
        operators,
        on_demand: draft.on_demand,
        needs: draft.needs,
        key: draft.key,
        header_key: draft.header_key,
        hidden: if inputs.pass_keys { [None; 2] } else { [draft.key, draft.header_key] },
        redirect: !provider.is_anthropic(),
        gateway: draft.gateway,
    }
}

/// The words to run: what was typed, after the default command if no command was typed.
pub fn command(words: &Words, default: &[String]) -> Vec<OsString> {
    if words.name_a_command() {
        return words.words.clone();
    }
    let mut command: Vec<OsString> = default.iter().map(OsString::from).collect();
    command.extend_from_slice(&words.words);
    command
}

/// Where the client sends requests.
pub const BASE_URL: &str = "ANTHROPIC_BASE_URL";

/// The credential of a redirect.
pub const TOKEN: &str = "ANTHROPIC_AUTH_TOKEN";

/// Extra headers for each request.
pub const HEADERS: &str = "ANTHROPIC_CUSTOM_HEADERS";

/// The token sent to endpoints that need no key.
pub const DUMMY_TOKEN: &str = "jackin-exec-no-key";
