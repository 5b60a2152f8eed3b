//! What is set and unset, and why: a plain value that `--dry-run` prints and a launch consumes.
//!
//! Fetches nothing and runs nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt::Write as _;

use serde::Serialize;

use crate::catalog;
use crate::catalog::MILLION;
use crate::choice::Availability;
use crate::choice::By;
use crate::choice::Candidate;
use crate::choice::KeySource;
use crate::choice::Origin;
use crate::cli::Words;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::KeySetting;
use crate::error::Warning;
use crate::host::Environment;
use crate::provider;
use crate::provider::Endpoint;
use crate::provider::Provider;
use crate::provider::ProviderValue;
use crate::report;
use crate::scope::Settings;

/// All that a launch does, decided.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The provider's id.
    pub provider: String,
    /// The provider's name for people.
    pub provider_label: String,
    /// Who chose it.
    pub by: By,
    /// The name of the session for people.
    pub label: String,
    /// The workspace, if one was chosen.
    pub workspace: Option<String>,
    /// The role, if one was chosen.
    pub role: Option<String>,
    /// The words to run; the first is searched in PATH.
    pub command: Vec<OsString>,
    /// What is set and unset, in this order: operator variables, then the provider's. One entry
    /// for each name.
    pub assignments: Vec<Assignment>,
    /// What has to be fetched for them.
    pub needs: Vec<Need<'a>>,
    /// The provider's key among the needs.
    pub key: Option<usize>,
    /// The need whose value no variable but the token may carry: the key, unless keys are passed
    /// on.
    pub hidden: Option<usize>,
    /// Whether requests are redirected.
    pub redirect: bool,
    /// The host of a gateway of the user's own, which stays.
    pub gateway: Option<String>,
}

/// One name and what becomes of it.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The name.
    pub name: Cow<'static, str>,
    /// Set or unset.
    pub action: Action,
    /// Who wants it.
    pub origin: Origin,
}

/// Set or unset.
#[derive(Debug, Clone)]
pub enum Action {
    /// To a value that may be shown.
    Public(Cow<'static, OsStr>),
    /// To a value that may not.
    Secret {
        /// What stands before the secret.
        prefix: &'static str,
        /// Which of the plan's needs.
        need: usize,
        /// What stands behind it.
        suffix: String,
    },
    /// All entries of that name go.
    Unset,
}

/// A value to be fetched.
#[derive(Debug, Clone)]
pub struct Need<'a> {
    /// The variable as the scope or the environment calls it.
    pub key: Cow<'a, str>,
    /// Where the value is.
    pub value: Cow<'a, EnvValue>,
    /// Who says so.
    pub origin: Origin,
}

impl Need<'_> {
    /// The word for programs.
    pub fn kind(&self) -> &'static str {
        match (&*self.value, self.origin) {
            (EnvValue::HostVar(_), Origin::Environment) => "inherited",
            (EnvValue::Empty | EnvValue::Literal(_), _) => "literal",
            (EnvValue::HostVar(_), _) => "host",
            (EnvValue::Op { .. }, _) => "op",
            (EnvValue::File(_), _) => "file",
            (EnvValue::Command { .. }, _) => "command",
        }
    }

    /// Whether a program has to be run for it.
    pub fn wants_helper(&self) -> bool {
        matches!(&*self.value, EnvValue::Op { .. } | EnvValue::Command { .. })
    }

    /// Where the value is, in words that may be shown; of a command only its program.
    pub fn reference(&self) -> Option<String> {
        match &*self.value {
            EnvValue::Empty | EnvValue::Literal(_) => None,
            // A key by mistake in `NAME_FILE` is no path.
            EnvValue::File(path) if !path.is_absolute() => None,
            EnvValue::HostVar(name) => Some(format!("${name}")),
            EnvValue::Op { reference, .. } => Some(reference.clone()),
            EnvValue::File(path) => Some(path.display().to_string()),
            EnvValue::Command { argv, .. } => argv.first().cloned(),
        }
    }
}

/// What a plan is made from. The values that it refers to live for `'a`, as long as the
/// configuration; the rest is needed only while planning.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a, 's> {
    /// All providers, and which of them is chosen.
    pub candidates: &'s [Candidate<'a>],
    /// The chosen one.
    pub chosen: &'s Candidate<'a>,
    /// Who chose it.
    pub by: By,
    /// `--model`
    pub model: Option<&'s str>,
    /// The name of the session.
    pub label: &'s str,
    /// The four scopes.
    pub settings: &'s Settings<'a>,
    /// Host-changing variables that are injected all the same.
    pub allow_env: &'s [String],
    /// Our own environment.
    pub environment: &'s Environment,
    /// The words that were typed.
    pub words: &'s Words,
    /// The command that stands before arguments alone.
    pub default_command: &'s [String],
    /// `--pass-keys`
    pub pass_keys: bool,
    /// `--title`
    pub title: bool,
}

/// Keeps Claude Code from changing the terminal's title. Read in 2.1.197 to 2.1.330; checked
/// 2026-11-24.
pub const KEEPS_TITLE: &str = "CLAUDE_CODE_DISABLE_TERMINAL_TITLE";

/// The variable that says which names an outer redirect set.
pub const NAMES: &str = "JACKIN_EXEC_NAMES";

/// The names that an outer session's redirect set; empty outside of one.
pub fn outer_names(environment: &Environment) -> Vec<String> {
    let names = environment.text(NAMES).unwrap_or_default();
    names
        .split(',')
        .filter(|name| !name.is_empty() && !name.contains('='))
        .map(str::to_owned)
        .collect()
}

/// Decides everything.
pub fn plan<'a>(inputs: Inputs<'a, '_>, warnings: &mut Vec<Warning>) -> Plan<'a> {
    let provider = match inputs.model {
        Some(model) => inputs.chosen.provider.clone().with_model(model),
        None => inputs.chosen.provider.clone(),
    };
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
            draft.set_public(NAMES, KEEPS_TITLE);
        }
        draft.no_redirect(warnings);
    }
    draft.remove_keys(&provider);
    for name in outer_names(inputs.environment) {
        draft.unset(name);
    }
    draft.unset(NAMES);
    Plan {
        provider: provider.id.clone().into_owned(),
        provider_label: provider.label.clone().into_owned(),
        by: inputs.by,
        label: inputs.label.to_owned(),
        workspace: inputs.settings.workspace.clone(),
        role: inputs.settings.role.clone(),
        command: command(inputs.words, inputs.default_command),
        assignments: draft
            .operator
            .into_iter()
            .chain(draft.provider)
            .chain(draft.removed)
            .collect(),
        needs: draft.needs,
        key: draft.key,
        hidden: draft.key.filter(|_| !inputs.pass_keys),
        redirect: !provider.is_anthropic(),
        gateway: draft.gateway,
    }
}

/// After `--`, a first word that starts with `-` is an argument of the default command.
fn command(words: &Words, default: &[String]) -> Vec<OsString> {
    let default = default.iter().map(OsString::from);
    let first = words.words.first();
    let arguments_alone =
        words.escaped && first.is_some_and(|first| first.as_encoded_bytes().starts_with(b"-"));
    if first.is_none() || arguments_alone {
        default.chain(words.words.iter().cloned()).collect()
    } else {
        words.words.clone()
    }
}

/// Variables that would change the host rather than inform the command.
pub fn changes_the_host(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "SHELL" | "NODE_OPTIONS" | "BUN_OPTIONS")
        || name.starts_with("LD_")
        || name.starts_with("DYLD_")
        || name.starts_with("JACKIN_EXEC_")
}

/// A plan in the making. The provider's part is decided first, because it wins; it is emitted last.
struct Draft<'a, 's> {
    from: Inputs<'a, 's>,
    operator: Vec<Assignment>,
    provider: Vec<Assignment>,
    removed: Vec<Assignment>,
    needs: Vec<Need<'a>>,
    key: Option<usize>,
    gateway: Option<String>,
}

impl<'a, 's> Draft<'a, 's> {
    fn new(from: Inputs<'a, 's>) -> Self {
        Self {
            from,
            operator: Vec::new(),
            provider: Vec::new(),
            removed: Vec::new(),
            needs: Vec::new(),
            key: None,
            gateway: None,
        }
    }

    /// Whether something has been decided about a name.
    ///
    /// A look through all of them: they are a hundred at most, and strings of different lengths
    /// differ at once.
    fn decides(&self, name: &str) -> bool {
        self.sets(name) || self.removed.iter().any(|assignment| assignment.name == name)
    }

    /// Whether a name gets a value.
    fn sets(&self, name: &str) -> bool {
        self.provider.iter().any(|assignment| assignment.name == name)
            || self.operator.iter().any(|assignment| assignment.name == name)
    }

    fn set(&mut self, name: impl Into<Cow<'static, str>>, action: Action) {
        let name = name.into();
        if !self.decides(&name) {
            self.provider.push(Assignment { name, action, origin: Origin::Provider });
        }
    }

    fn set_public(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) {
        let value = match value.into() {
            Cow::Borrowed(value) => Cow::Borrowed(OsStr::new(value)),
            Cow::Owned(value) => Cow::Owned(OsString::from(value)),
        };
        self.set(name, Action::Public(value));
    }

    fn set_secret(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        prefix: &'static str,
        need: usize,
    ) {
        self.set(name, Action::Secret { prefix, need, suffix: String::new() });
    }

    fn unset(&mut self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        if !self.decides(&name) {
            self.removed.push(Assignment { name, action: Action::Unset, origin: Origin::Provider });
        }
    }

    /// Unsets the names of a table, which are distinct and come first.
    fn unset_all(&mut self, names: impl Iterator<Item = &'static str>) {
        for name in names {
            if !self.sets(name) {
                let name = Cow::Borrowed(name);
                self.removed.push(Assignment {
                    name,
                    action: Action::Unset,
                    origin: Origin::Provider,
                });
            }
        }
    }

    /// A value to be fetched; the result is its index. The provider's key, which may be passed on,
    /// too, is fetched once.
    fn need(&mut self, key: Cow<'a, str>, value: Cow<'a, EnvValue>, origin: Origin) -> usize {
        let known = self.key.and_then(|index| Some((index, self.needs.get(index)?)));
        if let Some((index, _)) = known.filter(|(_, need)| need.key == key && need.origin == origin)
        {
            return index;
        }
        self.needs.push(Need { key, value, origin });
        self.needs.len() - 1
    }

    fn redirect(&mut self, provider: &Provider, endpoint: &Endpoint) {
        self.credential(provider);
        self.set_public("ANTHROPIC_BASE_URL", endpoint.clone().into_url());
        let models = &provider.models;
        self.set_public("ANTHROPIC_DEFAULT_OPUS_MODEL", models.opus.clone());
        self.set_public("ANTHROPIC_DEFAULT_SONNET_MODEL", models.sonnet.clone());
        self.set_public("ANTHROPIC_DEFAULT_HAIKU_MODEL", models.haiku.clone());
        self.set_public("API_TIMEOUT_MS", provider.timeout_ms.to_string());
        self.set_public("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
        self.set_public("ANTHROPIC_DEFAULT_FABLE_MODEL", models.fable.clone());
        // An alias, so that a `model` key in a settings file cannot ask for something else.
        self.set_public("ANTHROPIC_MODEL", "opus");
        // Settings files then decide neither endpoint nor credential nor model.
        self.set_public("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1");
        self.window(provider);
        for (name, value) in &provider.env {
            match value {
                ProviderValue::Public(value) => self.set_public(name.clone(), *value),
                ProviderValue::Configured(value) => {
                    let key = Cow::Owned(name.as_str().to_owned());
                    let need = self.need(key, Cow::Owned(value.clone()), Origin::Provider);
                    self.set_secret(name.clone(), "", need);
                }
            }
        }
        let names: Vec<&str> = self.provider.iter().map(|one| &*one.name).collect();
        let names = names.join(",");
        if endpoint.is_loopback() {
            self.around_proxies(endpoint.host());
        }
        self.set_public(NAMES, names);
        self.unset_all(catalog::REMOVED.iter().map(|(name, _)| *name));
        for preset in catalog::PRESETS {
            for (name, _) in preset.env {
                self.unset(*name);
            }
        }
        for name in self.inherited(catalog::maps_a_tier) {
            self.unset(name);
        }
        for name in self
            .from
            .settings
            .env
            .keys()
            .filter(|name| catalog::maps_a_tier(name.as_str().as_bytes()))
        {
            self.unset((*name).clone());
        }
    }

    fn credential(&mut self, provider: &Provider) {
        match (&provider.key, &self.from.chosen.availability) {
            (KeySetting::Env(name), Availability::Key(KeySource { value, origin })) => {
                let need = self.need(Cow::Owned(name.as_str().to_owned()), value.clone(), *origin);
                self.key = Some(need);
                self.set_secret("ANTHROPIC_AUTH_TOKEN", "", need);
                if provider.api_key_header {
                    // Not in ANTHROPIC_API_KEY: the client would ask whether to use it.
                    self.set_secret("ANTHROPIC_CUSTOM_HEADERS", "x-api-key: ", need);
                }
            }
            // The client wants a token, or it would send the user's own login.
            _ => self.set_public("ANTHROPIC_AUTH_TOKEN", DUMMY_TOKEN),
        }
    }

    /// The client takes an unknown model's window for a million tokens and would never compact in
    /// time.
    fn window(&mut self, provider: &Provider) {
        let million = provider.models.tiers().iter().any(|(_, model)| provider::is_million(model));
        if provider.window < MILLION {
            self.set_public("CLAUDE_CODE_MAX_CONTEXT_TOKENS", provider.window.to_string());
            if !million {
                self.set_public("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1");
            }
        }
    }

    /// A loopback endpoint must not be looked for through a proxy.
    fn around_proxies(&mut self, host: &str) {
        for name in ["NO_PROXY", "no_proxy"] {
            let declared =
                self.from.settings.env.get(name).map(|scoped| (scoped.scope, scoped.value));
            if let Some((scope, declared)) = declared.filter(|(_, declared)| !declared.on_demand) {
                let need = self.need(
                    Cow::Borrowed(name),
                    Cow::Borrowed(&declared.value),
                    Origin::Scope(scope),
                );
                self.set(name, Action::Secret { prefix: "", need, suffix: format!(",{host}") });
                continue;
            }
            let mut value =
                self.from.environment.get(name).map(OsStr::to_owned).unwrap_or_default();
            let bytes = value.as_encoded_bytes();
            // Set even where it is listed: another rule may remove the name, and a second entry of
            // it may lack the host.
            if !bytes.split(|&byte| byte == b',').any(|entry| entry.trim_ascii() == host.as_bytes())
            {
                if !value.is_empty() {
                    value.push(",");
                }
                value.push(host);
            }
            self.set(name, Action::Public(Cow::Owned(value)));
        }
    }

    /// Anthropic itself: nothing is set. A redirect that was left over is removed, less what the
    /// operator sets; a gateway of one's own stays.
    fn no_redirect(&mut self, warnings: &mut Vec<Warning>) {
        let outer = outer_names(self.from.environment);
        let Some(url) = self.from.environment.text("ANTHROPIC_BASE_URL") else {
            return;
        };
        if outer.iter().any(|name| name == "ANTHROPIC_BASE_URL") {
            return;
        }
        if !is_leftover(self.from.environment) {
            self.gateway = Some(host_for_people(url)).filter(|_| !self.sets("ANTHROPIC_BASE_URL"));
            return;
        }
        warnings.push(Warning::Leftover);
        for name in LEFTOVER {
            self.unset(*name);
        }
        for preset in catalog::PRESETS {
            for (name, _) in preset.env {
                self.unset(*name);
            }
        }
        for name in self.inherited(catalog::maps_a_tier) {
            self.unset(name);
        }
    }

    fn operator(&mut self, provider: &Provider, warnings: &mut Vec<Warning>) {
        let mut sources = Vec::new();
        for (name, scoped) in &self.from.settings.env {
            let word = name.as_str();
            if self.is_key_of_another(name, provider) {
                sources.extend(key_source(&scoped.value.value));
                continue;
            }
            if scoped.value.on_demand || self.decides(word) {
                continue;
            }
            if changes_the_host(word) && !self.from.allow_env.iter().any(|allowed| allowed == word)
            {
                warnings.push(Warning::ChangesTheHost {
                    name: word.to_owned(),
                    scope: scoped.scope.word(),
                });
                continue;
            }
            let origin = Origin::Scope(scoped.scope);
            let need = self.need(Cow::Borrowed(word), Cow::Borrowed(&scoped.value.value), origin);
            let action = Action::Secret { prefix: "", need, suffix: String::new() };
            self.operator.push(Assignment { name: Cow::Owned(word.to_owned()), action, origin });
        }
        let lost = self
            .from
            .settings
            .lost
            .iter()
            .filter(|(name, _)| self.is_key_of_another(name, provider));
        sources.extend(lost.filter_map(|(_, value)| key_source(value)));
        // Where the other providers' keys come from, less what the operator set under such a name.
        for name in sources {
            self.unset(name);
        }
    }

    /// Whether a name is a provider's key that the command has no business with.
    fn is_key_of_another(&self, name: &EnvName, chosen: &Provider) -> bool {
        let own = chosen.is_anthropic() && chosen.key_env() == Some(name);
        !own && !self.from.pass_keys && key_names(self.from.candidates).any(|key| key == *name)
    }

    fn remove_keys(&mut self, chosen: &Provider) {
        for name in key_names(self.from.candidates)
            .filter(|name| self.is_key_of_another(name, chosen))
            .collect::<Vec<_>>()
        {
            self.unset(name);
        }
    }

    /// The inherited names that fit, once each, if they are UTF-8: all names that a rule can mean
    /// are.
    fn inherited(&self, fits: impl Fn(&[u8]) -> bool) -> BTreeSet<String> {
        let names =
            self.from.environment.entries().map(|entry| entry.name).filter(|name| fits(name));
        names.filter_map(|name| std::str::from_utf8(name).ok()).map(str::to_owned).collect()
    }
}

/// The variables that hold providers' keys: as they are configured, and as the presets have them,
/// which exec.toml may have renamed.
pub fn key_names<'a>(candidates: &'a [Candidate<'_>]) -> impl Iterator<Item = EnvName> + 'a {
    let configured =
        candidates.iter().filter_map(|candidate| candidate.provider.key_env().cloned());
    configured.chain(catalog::PRESETS.iter().map(|preset| EnvName::known(preset.key_env)))
}

/// The variable in which a key is that is declared as `$NAME`; none if it is one that Claude Code
/// itself reads, or that every program needs.
fn key_source(value: &EnvValue) -> Option<String> {
    match value {
        EnvValue::HostVar(name) if !name.starts_with("ANTHROPIC_") && !changes_the_host(name) => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// The variables with which neither helpers nor other programs that we start have any business:
/// providers' keys, under whatever name they are in our environment.
pub fn hidden_names(candidates: &[Candidate<'_>], settings: &Settings<'_>) -> Vec<String> {
    let mut hidden: Vec<String> =
        key_names(candidates).map(|name| name.as_str().to_owned()).collect();
    let declared = settings.env.iter().map(|(name, scoped)| (*name, &scoped.value.value));
    let keys = declared
        .chain(settings.lost.iter().copied())
        .filter(|(name, _)| hidden.iter().any(|key| key == name.as_str()));
    let sources: Vec<String> = keys.filter_map(|(_, value)| key_source(value)).collect();
    hidden.extend(sources);
    hidden.push("ANTHROPIC_AUTH_TOKEN".to_owned());
    hidden
}

/// Sent to endpoints that want no key.
pub const DUMMY_TOKEN: &str = "jackin-exec-no-key";

/// What a redirect that somebody exported consists of, beside presets' own variables and tiers.
const LEFTOVER: &[&str] = &[
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "API_TIMEOUT_MS",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_DISABLE_1M_CONTEXT",
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
    "CLAUDE_CODE_SUBAGENT_MODEL",
];

/// Whether the environment holds a redirect to a provider, whatever stands behind the host: it is
/// the provider's.
pub fn is_leftover(environment: &Environment) -> bool {
    let host = environment.text("ANTHROPIC_BASE_URL").and_then(host_of);
    let of_preset = |known: &str| host.is_some() && host_of(known) == host;
    catalog::PRESETS.iter().any(|preset| preset.base_url.is_some_and(of_preset))
}

/// Whether Anthropic's own session removes a name of a redirect that was left over.
pub fn removes_leftover(name: &str) -> bool {
    let of_preset =
        catalog::PRESETS.iter().flat_map(|preset| preset.env).any(|(own, _)| *own == name);
    LEFTOVER.contains(&name) || of_preset || catalog::maps_a_tier(name.as_bytes())
}

/// The host of a URL, in lower case and without the usual port.
fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    Some(host.strip_suffix(":443").unwrap_or(&host).to_owned())
}

/// The host of a URL that is not ours: never a user name, a password or a query, nor what is no URL
/// at all.
fn host_for_people(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else {
        return "an address that is no URL".to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    report::escape(host).into_owned()
}

/// `--dry-run --json`, schema 1.
#[derive(Serialize)]
struct Shown<'a> {
    schema: u8,
    provider: ShownProvider<'a>,
    label: &'a str,
    workspace: Option<&'a str>,
    role: Option<&'a str>,
    command: Vec<Cow<'a, str>>,
    env: Vec<ShownAssignment<'a>>,
}

#[derive(Serialize)]
struct ShownProvider<'a> {
    id: &'a str,
    label: &'a str,
    origin: &'static str,
}

#[derive(Serialize)]
struct ShownAssignment<'a> {
    name: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    origin: &'static str,
}

impl Plan<'_> {
    /// The plan for programs: one line of JSON.
    pub fn to_json(&self) -> String {
        let shown = Shown {
            schema: 1,
            provider: ShownProvider {
                id: &self.provider,
                label: &self.provider_label,
                origin: self.by.word(),
            },
            label: &self.label,
            workspace: self.workspace.as_deref(),
            role: self.role.as_deref(),
            command: self.command.iter().map(|word| word.to_string_lossy()).collect(),
            env: self.assignments.iter().map(|assignment| self.shown(assignment)).collect(),
        };
        // A structure of strings cannot fail to be JSON.
        serde_json::to_string(&shown).unwrap_or_default() + "\n"
    }

    fn shown<'a>(&'a self, assignment: &'a Assignment) -> ShownAssignment<'a> {
        let name = &*assignment.name;
        let origin = assignment.origin.word();
        let mut shown = ShownAssignment {
            name,
            action: "set",
            secret: None,
            value: None,
            key: None,
            kind: None,
            reference: None,
            origin,
        };
        match &assignment.action {
            Action::Unset => shown.action = "unset",
            Action::Public(value) => {
                shown.secret = Some(false);
                shown.value = Some(value.to_string_lossy());
            }
            Action::Secret { need, .. } => {
                shown.secret = Some(true);
                if let Some(need) = self.needs.get(*need) {
                    shown.key = Some(&*need.key).filter(|key| *key != name);
                    shown.kind = Some(need.kind());
                    shown.reference = need.reference();
                    shown.origin = need.origin.word();
                }
            }
        }
        shown
    }

    /// The plan for people. `is_set` says whether our environment has a name, for what would be
    /// removed.
    pub fn to_text(&self, is_set: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        let words: Vec<_> =
            self.command.iter().map(|word| quoted(&word.to_string_lossy())).collect();
        let none = || "none".to_owned();
        let name = |name: &Option<String>| {
            name.as_deref().map_or_else(none, |name| report::escape(name).into_owned())
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "provider   {} ({}), {}",
            self.provider_label,
            self.provider,
            self.by.text()
        );
        let _ = writeln!(text, "label      {}", self.label);
        let _ = writeln!(text, "workspace  {}", name(&self.workspace));
        let _ = writeln!(text, "role       {}", name(&self.role));
        let _ = writeln!(text, "command    {}", words.join(" "));
        let set: Vec<_> =
            self.assignments.iter().filter(|one| !matches!(one.action, Action::Unset)).collect();
        if !set.is_empty() {
            text.push_str("\nset\n");
        }
        for assignment in set {
            let _ = writeln!(text, "  {}", self.line(assignment));
        }
        let unset = self.assignments.iter().filter(|one| matches!(one.action, Action::Unset));
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            unset.map(|one| &*one.name).partition(|name| is_set(name));
        if !here.is_empty() {
            text.push_str("\nunset\n");
        }
        for name in here {
            let reason = catalog::REMOVED
                .iter()
                .find(|(removed, _)| *removed == name)
                .map(|(_, reason)| reason.text());
            let _ = writeln!(
                text,
                "  {}  ({})",
                report::escape(name),
                reason.unwrap_or("not for this session")
            );
        }
        if !elsewhere.is_empty() {
            let _ = writeln!(
                text,
                "\n{} more names would be unset, but are not set here (--json lists them)",
                elsewhere.len()
            );
        }
        text
    }

    fn line(&self, assignment: &Assignment) -> String {
        let name = report::escape(&assignment.name);
        match &assignment.action {
            Action::Unset => name.into_owned(),
            Action::Public(value) if name == NAMES => {
                let count = value.as_encoded_bytes().split(|&byte| byte == b',').count();
                let names = if count == 1 { "name" } else { "names" };
                format!("{name}=…  ({count} {names}, for a session inside of this one)")
            }
            Action::Public(value) => format!("{name}={}", quoted(&value.to_string_lossy())),
            Action::Secret { need, .. } => {
                let Some(need) = self.needs.get(*need) else {
                    return name.into_owned();
                };
                let mut line = format!("{name}=•••");
                let key = if need.key == assignment.name {
                    String::new()
                } else {
                    format!("{} ", need.key)
                };
                let reference =
                    need.reference().map(|reference| format!(" {}", report::escape(&reference)));
                let _ = write!(
                    line,
                    "  ({key}{}{}, {})",
                    need.kind(),
                    reference.unwrap_or_default(),
                    need.origin.word()
                );
                line
            }
        }
    }
}

/// A word as a shell would want it, with control characters shown.
fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,[]".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", report::escape(word).replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_gateway_its_host_is_shown_and_of_what_is_no_url_nothing() {
        for (url, shown) in [
            ("https://gateway.example", "gateway.example"),
            ("https://user:key@gateway.example:8443/key?key#key", "gateway.example:8443"),
            ("sk-ant-key", "an address that is no URL"),
            ("user:key@gateway.example", "an address that is no URL"),
        ] {
            assert_eq!(host_for_people(url), shown, "{url}");
        }
    }
}
