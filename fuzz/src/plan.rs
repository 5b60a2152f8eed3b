//! Whatever the settings, the providers, the environment and the words: a plan decides each name once and shows no
//! secret; and the environment that is made from it is the inherited one in its order, the operator's variables, and
//! one provider's redirect whole, with nothing of another's.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use jackin_exec::availability;
use jackin_exec::availability::Candidate;
use jackin_exec::availability::Origin;
use jackin_exec::availability::Usable;
use jackin_exec::catalog;
use jackin_exec::catalog::Reason;
use jackin_exec::choice;
use jackin_exec::choice::By;
use jackin_exec::cli::Words;
use jackin_exec::config;
use jackin_exec::config::Declared;
use jackin_exec::config::EnvName;
use jackin_exec::config::EnvValue;
use jackin_exec::config::ExecToml;
use jackin_exec::config::Header;
use jackin_exec::config::HelperCommand;
use jackin_exec::config::KeySetting;
use jackin_exec::config::OpReference;
use jackin_exec::config::Place;
use jackin_exec::config::Placed;
use jackin_exec::config::ProviderTable;
use jackin_exec::config::Variables;
use jackin_exec::exec;
use jackin_exec::exec::Error;
use jackin_exec::host::Environment;
use jackin_exec::host::Host;
use jackin_exec::plan;
use jackin_exec::plan::Action;
use jackin_exec::plan::Assignment;
use jackin_exec::plan::Inputs;
use jackin_exec::plan::PerNeed;
use jackin_exec::plan::Plan;
use jackin_exec::provider;
use jackin_exec::provider::ProviderValue;
use jackin_exec::report;
use jackin_exec::scope::Ignoring;
use jackin_exec::scope::Names;
use jackin_exec::scope::Scope;
use jackin_exec::scope::Scoped;
use jackin_exec::scope::Settings;
use jackin_exec::secret;
use jackin_exec::warning::Warning;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::dice::Dice;
use crate::mark;

/// One launch.
pub fn check(data: &[u8]) {
    let dice = &mut Dice::new(data);
    let model = *dice.pick(&[None, None, Some("x"), Some("k3-256k"), Some("big[1m]")]);
    let (pass_keys, kimi_ignored, which) =
        (dice.one_in(4), dice.one_in(16), usize::from(dice.byte()));
    let words = words(dice);
    let tables: BTreeMap<String, ProviderTable> = (0..dice.below(3)).map(|_| table(dice)).collect();
    let exec = ExecToml { providers: tables.clone(), ..ExecToml::default() };
    let provider::Providers { usable: providers, wrong } = provider::providers(&exec);
    if !wrong.is_empty() {
        return;
    }
    let may_change: Vec<String> = [("PATH", 4), ("LD_PRELOAD", 4), ("JACKIN_EXEC_X", 8)]
        .into_iter()
        .filter(|(_, cases)| dice.one_in(*cases))
        .map(|(name, _)| name.to_owned())
        .collect();
    let declared = operator(dice);
    let entries = entries(dice);
    // SAFETY: `entries` outlives all that is made from it, and nothing of it leaves this function.
    let lasting = |entry: &CString| unsafe { &*std::ptr::from_ref(entry.as_c_str()) };
    let environment = Environment(entries.iter().map(lasting).collect());
    let variables: Variables =
        declared.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
    let settings = Settings {
        declared: vec![&variables],
        workspace: Some("w\u{1b}\n\u{202e}".to_owned()).filter(|_| pass_keys),
        env: declared.iter().map(|(name, (value, scope))| (name, scoped(value, *scope))).collect(),
        ignored: kimi_ignored
            .then_some(("kimi", Ignoring { ignored: true, scope: Scope::Global, ours: false }))
            .into_iter()
            .collect(),
        ..Settings::default()
    };
    let inner = environment.without(&plan::outer_names(&environment));
    let candidates = availability::candidates(providers, &settings, &inner);
    let available: Vec<Usable<'_, '_>> =
        candidates.iter().filter_map(|candidate| candidate.usable().ok()).collect();
    let Some(chosen) = available.get(which % available.len()).copied() else {
        panic!("Anthropic can always be chosen");
    };
    if model.is_some() && chosen.provider.is_anthropic() {
        return;
    }
    // A launch ends before it plans such a session.
    if model.is_none() && !chosen.provider.has_models() {
        return;
    }
    let label = choice::label(&chosen.provider, &candidates);
    let mut warnings = Vec::new();
    let inputs = Inputs {
        candidates: &candidates,
        wrong: &wrong,
        chosen,
        by: By::Flag,
        model,
        role_model: None,
        label: &label,
        link: None,
        settings: &settings,
        allow_env: &may_change,
        environment: &environment,
        words: &words,
        default_command: &["claude".to_owned(), "--x".to_owned()],
        pass_keys,
        picked: &[],
        title: which >= 128,
    };
    let plan = plan::plan(inputs, &mut warnings);
    let launch = Launch { from: inputs, plan: &plan };
    launch.shows_no_secret(&warnings, which);
    launch.decides_each_name_once();
    launch.injects_what_the_operator_set(&warnings);
    launch.runs_what_was_typed();
    let Some(secrets) = launch.fetched() else {
        return;
    };
    match exec::environment(&plan, &secrets, &environment) {
        Ok(found) => {
            let found: Vec<&[u8]> = found.iter().map(|entry| entry.to_bytes()).collect();
            assert!(
                !inputs.title || values(&found, plan::KEEPS_TITLE) == [b"1"],
                "the title may change"
            );
            launch.keeps_what_it_inherited(&found, &secrets);
            launch.passes_on_no_key(&found, &secrets);
            launch.passes_on_no_source_of_a_key(&found);
            if plan.redirect {
                launch.redirects_whole(&found, &secrets);
                launch.leaves_nothing_of_another(&found);
            } else {
                launch.leaves_no_redirect(&found);
            }
        }
        Err(Error::EmptyRedirect) => {
            let token =
                plan.key.and_then(|key| Some(secrets.get(key))).expect("only a key can be empty");
            assert!(plan.redirect && token.expose_secret().is_empty());
        }
        Err(error) => panic!("{error}"),
    }
}

/// A launch that was planned.
struct Launch<'a> {
    from: Inputs<'a, 'a>,
    plan: &'a Plan<'a>,
}

impl Launch<'_> {
    fn shows_no_secret(&self, warnings: &[Warning], which: usize) {
        let plan = self.plan;
        let environment = self.from.environment;
        let json = plan.to_json();
        assert_eq!(mark::find(&json), None, "{json}");
        assert_eq!(json.find('\n'), Some(json.len() - 1), "one line");
        // Reading it back takes as long as all the rest.
        if which % 4 == 0 {
            self.is_read_back(&json);
        }
        let text = plan.to_text(|name| environment.get(name).is_some());
        assert_eq!(mark::find(&text), None, "{text}");
        assert!(
            !text.chars().any(|character| report::is_unsafe(character) && character != '\n'),
            "{text:?}"
        );
        for warning in warnings {
            assert_eq!(mark::find(&warning.to_string()), None);
        }
        assert_eq!(plan.gateway.as_deref().and_then(mark::find), None);
    }

    /// A program reads what the plan says.
    fn is_read_back(&self, json: &str) {
        let parsed: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let shown = parsed["env"].as_array().expect("an array");
        assert_eq!(shown.len(), self.plan.assignments.len());
        for (shown, one) in shown.iter().zip(&self.plan.assignments) {
            assert_eq!(shown["name"], *one.name);
            let secret = match one.action {
                Action::Unset => None,
                Action::Public(_) => Some(false),
                Action::Secret { .. } | Action::Header(_) => Some(true),
            };
            assert_eq!(shown["action"], if secret.is_none() { "unset" } else { "set" });
            assert_eq!(shown.get("secret").and_then(serde_json::Value::as_bool), secret);
            assert_eq!(shown.get("value").is_some(), secret == Some(false));
            assert_eq!(shown.get("kind").is_some(), secret == Some(true));
        }
    }

    fn decides_each_name_once(&self) {
        let names: BTreeSet<&str> = self.plan.assignments.iter().map(|one| &*one.name).collect();
        assert_eq!(
            names.len(),
            self.plan.assignments.len(),
            "a name twice: {:?}",
            self.plan.assignments
        );
        assert!(names.iter().all(|name| !name.is_empty() && !name.contains(['=', '\0'])));
        for one in &self.plan.assignments {
            match &one.action {
                Action::Secret { need, .. } => drop(self.plan.needs.get(*need)),
                Action::Header(header) => drop(self.plan.needs.get(header.need)),
                Action::Public(_) | Action::Unset => {}
            }
        }
    }

    fn injects_what_the_operator_set(&self, warnings: &[Warning]) {
        for (name, scoped) in &self.from.settings.env {
            let name = name.as_str();
            let one = self.assignment(name);
            let of_operator = one.filter(|one| one.origin == Origin::Scope(scoped.scope));
            let changes =
                matches!(name, "PATH" | "HOME" | "SHELL" | "NODE_OPTIONS" | "BUN_OPTIONS")
                    || ["LD_", "DYLD_", "JACKIN_EXEC_"]
                        .iter()
                        .any(|prefix| name.starts_with(prefix));
            let kept_from_host =
                changes && !self.from.allow_env.iter().any(|allowed| allowed == name);
            if scoped.value.on_demand || kept_from_host || self.is_kept_key(name) {
                assert!(of_operator.is_none(), "{name} is injected");
            } else if !one
                .is_some_and(|one| one.origin == Origin::Provider && self.decides(&one.name))
            {
                let Some(Assignment { action: Action::Secret { need, around: None }, .. }) =
                    of_operator
                else {
                    panic!("{name} is not injected");
                };
                let need = self.plan.needs.get(*need);
                assert_eq!(need.key, name);
                assert_eq!(need.origin, Origin::Scope(scoped.scope));
            }
            let warned = warnings
                .iter()
                .any(|w| matches!(w, Warning::ChangesTheHost { name: n, .. } if n == name));
            assert!(!warned || (kept_from_host && of_operator.is_none()));
        }
    }

    /// Whether the provider's side wins a name over the operator.
    fn decides(&self, name: &str) -> bool {
        self.plan.redirect
            || matches!(name, "JACKIN_EXEC_ACTIVE" | "JACKIN_EXEC_LABEL")
            || (self.from.title && name == plan::KEEPS_TITLE)
    }

    /// Whether a name is a key that the command does not get.
    fn is_kept_key(&self, name: &str) -> bool {
        let chosen = &self.from.chosen.provider;
        let own = chosen.is_anthropic() && name == "ANTHROPIC_API_KEY";
        !own && !self.from.pass_keys && self.is_key(name)
    }

    fn is_key(&self, name: &str) -> bool {
        self.from.candidates.iter().any(|Candidate { provider, .. }| {
            provider.key_env().is_some_and(|key| key.as_str() == name)
                || provider.header_variable() == Some(name)
        }) || catalog::PRESETS.iter().any(|preset| preset.key_env == Some(name))
    }

    fn runs_what_was_typed(&self) {
        let Words { words, escaped } = self.from.words;
        let default = self.from.default_command.iter().map(OsString::from);
        let expected: Vec<OsString> = match words.first() {
            Some(first) if !(*escaped && first.as_bytes().starts_with(b"-")) => words.clone(),
            _ => default.chain(words.iter().cloned()).collect(),
        };
        assert_eq!(self.plan.command, expected);
    }

    /// The values; none if a launch would stop here. Whatever is said then shows no secret either.
    fn fetched(&self) -> Option<PerNeed<SecretString>> {
        let needs = &self.plan.needs;
        let helped = |value: &EnvValue| {
            matches!(value, EnvValue::Op { .. } | EnvValue::Command { .. } | EnvValue::File(_))
        };
        if needs.as_slice().iter().any(|need| helped(&need.value)) {
            let value = |(index, need): (usize, &plan::Need<'_>)| match &*need.value {
                EnvValue::Empty => Some(SecretString::from("")),
                EnvValue::Literal(secret) => Some(secret.clone()),
                EnvValue::HostVar(name) => Some(self.from.environment.get(name)?.to_str()?.into()),
                _ => Some(SecretString::from(format!("{}-fetched", mark::mark(100 + index)))),
            };
            return needs
                .as_slice()
                .iter()
                .enumerate()
                .map(value)
                .collect::<Option<_>>()
                .map(|values| needs.with(values));
        }
        let circumstances = secret::Circumstances {
            host: &Host::read(OsString::new()),
            environment: self.from.environment,
            hidden: &[],
            key: self.plan.key,
            header_key: self.plan.header_key,
            keys_of: self.from.chosen.provider.keys_of,
            commands_refused: None,
            talkative: false,
            names: Names { workspace: Some("w"), ..Names::default() },
        };
        let mut warnings = Vec::new();
        let found = secret::fetch(needs, circumstances, &mut warnings);
        for warning in &warnings {
            assert_eq!(mark::find(&warning.to_string()), None);
        }
        if let Err(error) = &found {
            let said = format!("{error} {error:?} {:?}", error.hint());
            assert_eq!(mark::find(&said), None, "{said}");
        }
        let found = found.ok()?;
        Some(needs.with(found.as_slice().iter().map(|value| (**value).clone()).collect()))
    }

    /// What the plan does not touch comes first, as it was and in its order; then what the plan sets, in its order.
    fn keeps_what_it_inherited(&self, found: &[&[u8]], secrets: &PerNeed<SecretString>) {
        let hidden = self.hidden(secrets);
        let untouched = |bytes: &&[u8]| {
            let Some(at) = bytes.iter().position(|&byte| byte == b'=') else {
                return true;
            };
            let (name, value) = (&bytes[..at], &bytes[at + 1..]);
            let decided =
                std::str::from_utf8(name).ok().is_some_and(|name| self.assignment(name).is_some());
            !decided
                && name != exec::COUNT.as_bytes()
                && hidden.iter().all(|secret| secret.as_bytes() != value)
        };
        let inherited: Vec<&[u8]> =
            self.from.environment.0.iter().map(|entry| entry.to_bytes()).collect();
        let inherited: Vec<&[u8]> = inherited.into_iter().filter(untouched).collect();
        let (first, rest) = found.split_at(inherited.len().min(found.len()));
        assert_eq!(first, inherited);
        let mut set =
            self.plan.assignments.iter().filter(|one| !matches!(one.action, Action::Unset));
        for entry in rest {
            let name = entry.split(|&byte| byte == b'=').next().unwrap_or_default();
            // Each comes after the one before it, and so no name twice.
            assert!(
                set.any(|one| one.name.as_bytes() == name),
                "{:?}",
                String::from_utf8_lossy(name)
            );
        }
    }

    /// Only the token and the headers have the keys for their values. What the program itself says may happen to be the same word.
    fn passes_on_no_key(&self, found: &[&[u8]], secrets: &PerNeed<SecretString>) {
        let hidden = self.hidden(secrets);
        for entry in found {
            let Some(at) = entry.iter().position(|&byte| byte == b'=') else {
                continue;
            };
            let (name, value) = (String::from_utf8_lossy(&entry[..at]), &entry[at + 1..]);
            let public =
                self.assignment(&name).is_some_and(|one| matches!(one.action, Action::Public(_)));
            assert!(
                hidden.iter().all(|secret| secret.as_bytes() != value)
                    || name == "ANTHROPIC_AUTH_TOKEN"
                    || public,
                "{name} carries the key"
            );
        }
    }

    /// A variable from which a key is read that the command does not get holds that key.
    fn passes_on_no_source_of_a_key(&self, found: &[&[u8]]) {
        for (name, scoped) in
            self.from.settings.env.iter().filter(|(name, _)| self.is_kept_key(name.as_str()))
        {
            let EnvValue::HostVar(source) = &scoped.value.value else {
                continue;
            };
            // Claude Code reads it itself, or every program needs it.
            let is_everybodys =
                catalog::removal(source).is_some() || plan::changes_the_host(source);
            let set =
                self.assignment(source).is_some_and(|one| !matches!(one.action, Action::Unset));
            assert!(
                is_everybodys || set || values(found, source).is_empty(),
                "{source} of {} survives",
                name.as_str()
            );
        }
    }

    /// Everything that the redirect needs is there once and says what it should.
    fn redirects_whole(&self, found: &[&[u8]], secrets: &PerNeed<SecretString>) {
        let mut provider = self.from.chosen.provider.clone();
        if let Some(model) = self.from.model {
            provider.set_model(model);
        }
        let endpoint = provider.endpoint.clone().expect("a redirect has an endpoint");
        let token = match &provider.key {
            KeySetting::Env(_) if provider.key_optional => {
                self.key(secrets).unwrap_or(plan::DUMMY_TOKEN)
            }
            KeySetting::Env(_) => self.key(secrets).expect("a key"),
            KeySetting::None => plan::DUMMY_TOKEN,
        };
        let window = provider.window.to_string();
        let tiers = provider.models.tiers();
        let million = tiers.iter().filter(|(_, model)| provider::is_million(model)).count();
        let told = million < tiers.len();
        let small = million == 0 && provider.window < catalog::MILLION;
        // `claude -p` picks no model by a menu, so it need not be told of the smaller window.
        let prints = self.from.words.words.iter().any(|word| word == "-p" || word == "--print");
        let timeout = provider.timeout_ms.to_string();
        let mut expected: Vec<(String, Option<&str>)> = vec![
            ("ANTHROPIC_AUTH_TOKEN".to_owned(), Some(token)),
            ("ANTHROPIC_BASE_URL".to_owned(), Some(endpoint.url())),
            ("ANTHROPIC_MODEL".to_owned(), Some(&provider.models.opus)),
            ("API_TIMEOUT_MS".to_owned(), Some(&timeout)),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC".to_owned(), Some("1")),
            ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST".to_owned(), Some("1")),
            ("CLAUDE_CODE_MAX_CONTEXT_TOKENS".to_owned(), Some(&*window).filter(|_| told)),
            ("CLAUDE_CODE_DISABLE_1M_CONTEXT".to_owned(), Some("1").filter(|_| small && !prints)),
            ("JACKIN_EXEC_ACTIVE".to_owned(), Some(&provider.id)),
            ("JACKIN_EXEC_LABEL".to_owned(), Some(self.from.label)),
        ];
        for (tier, model) in tiers {
            expected
                .push((format!("ANTHROPIC_DEFAULT_{}_MODEL", tier.to_uppercase()), Some(model)));
        }
        for (name, value) in &provider.env {
            if let ProviderValue::Public(value) = value {
                expected.push((name.as_str().to_owned(), Some(value)));
            }
        }
        for (name, value) in expected {
            let values = values(found, &name);
            assert_eq!(values, value.map(str::as_bytes).into_iter().collect::<Vec<_>>(), "{name}");
        }
        let sent_twice = provider.api_key_header && provider.key != KeySetting::None;
        let twice = Some(format!("x-api-key: {token}")).filter(|_| sent_twice);
        let secret = self.plan.header_key.map(|id| secrets.get(id).expose_secret());
        assert_eq!(secret.is_some(), provider.header_key.is_some());
        let more = provider.header.as_ref().map(|header| match secret {
            Some(secret) => format!("{header} {secret}"),
            None => header.to_string(),
        });
        let expected: Vec<String> = twice.into_iter().chain(more).collect();
        let headers = values(found, "ANTHROPIC_CUSTOM_HEADERS");
        let expected = Some(expected.join("\n")).filter(|headers| !headers.is_empty());
        assert_eq!(headers, expected.iter().map(String::as_bytes).collect::<Vec<_>>());
        if endpoint.is_loopback() {
            for name in ["NO_PROXY", "no_proxy"] {
                let listed = |value: &[u8]| {
                    value
                        .split(|&byte| byte == b',')
                        .any(|one| one.trim_ascii() == endpoint.host().as_bytes())
                };
                let first = values(found, name).first().copied().unwrap_or_default();
                assert!(listed(first), "{name} does not name {}", endpoint.host());
            }
        }
    }

    fn leaves_nothing_of_another(&self, found: &[&[u8]]) {
        let outer = plan::outer_names(self.from.environment);
        let removed: BTreeSet<&str> = catalog::removed_names().collect();
        for entry in found.iter().filter_map(|entry| std::str::from_utf8(entry).ok()) {
            let Some((name, value)) = entry.split_once('=') else {
                continue;
            };
            let set = self.assignment(name).filter(|one| !matches!(one.action, Action::Unset));
            let by_redirect = set.is_some_and(|one| one.origin == Origin::Provider);
            let by_operator = set.is_some_and(|one| one.origin != Origin::Provider);
            let of_provider = catalog::removal(name) == Some(Reason::Provider);
            let others = (removed.contains(name) && !(of_provider && by_operator))
                || (catalog::is_of_a_preset(name, value) && !by_operator)
                || catalog::maps_a_tier(name.as_bytes())
                || (self.is_key(name) && !self.from.pass_keys);
            assert!(by_redirect || !others, "{name} survives");
            assert!(
                set.is_some() || !outer.iter().any(|one| one == name),
                "{name} of an outer session survives"
            );
        }
    }

    /// Without a redirect: none that was left over, and no key of a provider that was not chosen.
    fn leaves_no_redirect(&self, found: &[&[u8]]) {
        let outer = plan::outer_names(self.from.environment);
        // What an outer session set is in its list; whatever else there is was there before it.
        let leftover = self
            .from
            .environment
            .text("ANTHROPIC_BASE_URL")
            .filter(|_| !outer.contains(&"ANTHROPIC_BASE_URL".to_owned()));
        let leftover = leftover.is_some_and(|url| {
            let url = url.trim().trim_end_matches('/');
            catalog::PRESETS
                .iter()
                .filter(|preset| !preset.local)
                .filter_map(|preset| preset.base_url)
                .any(|known| known.eq_ignore_ascii_case(url))
        });
        for entry in found.iter().filter_map(|entry| std::str::from_utf8(entry).ok()) {
            let Some((name, _)) = entry.split_once('=') else {
                continue;
            };
            let set =
                self.assignment(name).filter(|one| !matches!(one.action, Action::Unset)).is_some();
            assert!(set || !self.is_kept_key(name), "{name} survives");
            assert!(
                set || !outer.iter().any(|one| one == name),
                "{name} of an outer session survives"
            );
            let of_redirect =
                matches!(name, "ANTHROPIC_BASE_URL" | "ANTHROPIC_AUTH_TOKEN" | "ANTHROPIC_MODEL")
                    || catalog::maps_a_tier(name.as_bytes());
            assert!(!(of_redirect && leftover && !set), "{name} of an exported redirect survives");
        }
    }

    fn assignment(&self, name: &str) -> Option<&Assignment<'_>> {
        self.plan.assignments.iter().find(|one| one.name == name)
    }

    fn key<'s>(&self, secrets: &'s PerNeed<SecretString>) -> Option<&'s str> {
        Some(secrets.get(self.plan.key?).expose_secret())
    }

    /// The secrets that only the token and the headers may carry.
    fn hidden<'s>(&self, secrets: &'s PerNeed<SecretString>) -> Vec<&'s str> {
        let needs = [self.plan.key, self.plan.header_key].into_iter().flatten();
        needs.filter(|_| !self.from.pass_keys).map(|id| secrets.get(id).expose_secret()).collect()
    }
}

/// The values of a name in a list of entries.
fn values<'e>(found: &[&'e [u8]], name: &str) -> Vec<&'e [u8]> {
    let value = |entry: &&'e [u8]| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=");
    found.iter().filter_map(value).collect()
}

fn scoped(value: &Declared, scope: Scope) -> Scoped<&Declared> {
    Scoped { value, scope, ours: false, hides: Vec::new() }
}

/// Every name that a rule is about, and some that none is about.
fn names() -> &'static [EnvName] {
    static NAMES: OnceLock<Vec<EnvName>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let keys = catalog::PRESETS.iter().filter_map(|preset| preset.key_env);
        let own = catalog::OWN_NAMES.iter().copied();
        let removed = catalog::removed_names();
        let others = [
            "A",
            "B",
            "OWN_API_KEY",
            "NO_PROXY",
            "no_proxy",
            "JACKIN_EXEC_NAMES",
            "JACKIN_EXEC_ACTIVE",
            "PATH",
            "HOME",
            "JACKIN_EXEC_LABEL",
            "JACKIN_EXEC_PID",
            "JACKIN_EXEC_X",
            "LD_PRELOAD",
            "API_TIMEOUT_MS",
            "NODE_OPTIONS",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
            "ANTHROPIC_DEFAULT_SAGA_MODEL",
            "KIMI_CODE_API_KEY_FILE",
            "É\n",
            "ANTHROPIC_DEFAULT_OPUS_MODEL_NAME",
            "CREDENTIALS_DIRECTORY",
            "ZAI_API_KEY_FILE",
        ];
        // The often used ones first, so that a fuzzer's small numbers mean them.
        let known = others.into_iter().chain(keys).chain(own).chain(removed);
        known.map(|name| EnvName::new(name).expect("a name")).collect()
    })
}

/// A value that must not be shown; now and then one that is a word of the program's own, as a local server's key may be.
fn secret_text(dice: &mut Dice<'_>) -> String {
    match dice.below(16) {
        15 => (*dice.pick(&["1", "opus", "own", "false", "Claude (own)"])).to_owned(),
        14 => format!(" {}\"", mark::mark(14)),
        number => format!("{}-secret", mark::mark(number)),
    }
}

fn value(dice: &mut Dice<'_>) -> EnvValue {
    match dice.below(7) {
        0 | 1 => EnvValue::Literal(SecretString::from(secret_text(dice))),
        2 => EnvValue::Empty,
        3 | 4 => EnvValue::HostVar(dice.pick(names()).as_str().to_owned()),
        5 => EnvValue::Op(Box::new(OpReference {
            reference: "op://v/i/f".to_owned(),
            path: None,
            account: Some("a".to_owned()),
        })),
        _ if dice.one_in(2) => EnvValue::File(PathBuf::from("/run/\u{1b}x")),
        _ => {
            let argv = vec!["pass".to_owned(), secret_text(dice)];
            EnvValue::Command(Box::new(HelperCommand { argv, timeout: Duration::from_secs(1) }))
        }
    }
}

fn operator(dice: &mut Dice<'_>) -> BTreeMap<EnvName, (Declared, Scope)> {
    let one = |dice: &mut Dice<'_>| {
        let name = dice.pick(names()).clone();
        let scope = *dice.pick(&[
            Scope::Global,
            Scope::Role,
            Scope::Folder,
            Scope::Workspace,
            Scope::WorkspaceRole,
        ]);
        let on_demand = dice.one_in(8);
        (name, (Declared { value: value(dice), on_demand }, scope))
    };
    (0..dice.below(8)).map(|_| one(dice)).collect()
}

fn entries(dice: &mut Dice<'_>) -> Vec<CString> {
    let mut entries = Vec::new();
    while dice.any_left() && entries.len() < 24 {
        let mut bytes = match dice.below(16) {
            15 => dice.bytes(12).to_vec(),
            _ => inherited(dice),
        };
        bytes.retain(|&byte| byte != 0);
        entries.extend(CString::new(bytes));
    }
    entries
}

fn inherited(dice: &mut Dice<'_>) -> Vec<u8> {
    let name = dice.pick(names()).as_str();
    let value = match (name, dice.below(8)) {
        // Shown, and so no place for a secret.
        ("NO_PROXY" | "no_proxy", _) => {
            (*dice.pick(&["", "corp.example", "a, 127.0.0.1 ,b", "localhost,::1"]))
                .as_bytes()
                .to_vec()
        }
        ("JACKIN_EXEC_NAMES", _) => {
            let count = dice.below(4);
            let listed: Vec<&str> = (0..count).map(|_| dice.pick(names()).as_str()).collect();
            listed.join(",").into_bytes()
        }
        ("CREDENTIALS_DIRECTORY", _) => b"/nowhere".to_vec(),
        (_, 0) => Vec::new(),
        ("ANTHROPIC_BASE_URL", 1..=4) => {
            let preset =
                dice.pick(catalog::PRESETS).base_url.unwrap_or("https://api.anthropic.com");
            format!("{}{}{}", dice.pick(&["", " "]), preset, dice.pick(&["", "/", "// "]))
                .into_bytes()
        }
        ("ANTHROPIC_BASE_URL", 5) => {
            let (mark, slash) = (mark::mark(200), *dice.pick(&["/", "?", "#", "/@"]));
            format!("https://user:{mark}@gateway.example:8443{slash}{mark}").into_bytes()
        }
        (_, 7) => dice.bytes(12).to_vec(),
        _ => secret_text(dice).into_bytes(),
    };
    [name.as_bytes(), b"=", &value].concat()
}

fn words(dice: &mut Dice<'_>) -> Words {
    let one = |dice: &mut Dice<'_>| match dice.below(6) {
        0 => OsString::from("claude"),
        1 => OsString::from("--resume"),
        2 => OsString::from("-p"),
        3 => OsString::new(),
        4 => OsString::from("say 'hi'\n\u{1b}\u{202e}"),
        // Words are shown, so no mark may be among them by chance; and no option may be, because
        // the word after it may be its value: src/plan/words.rs has the cases.
        _ => {
            let word: Vec<u8> =
                dice.bytes(8).iter().copied().filter(|&byte| byte != b'Q').collect();
            OsString::from_vec(word.into_iter().skip_while(|&byte| byte == b'-').collect())
        }
    };
    let count = dice.below(4);
    Words { words: (0..count).map(|_| one(dice)).collect(), escaped: dice.one_in(2) }
}

/// A header, perhaps with a secret, which is never written in the file itself.
fn header(dice: &mut Dice<'_>) -> Option<Header> {
    let text = *dice.pick(&[None, Some("x-gateway: a"), Some("cf-aig-authorization: Bearer")]);
    let key = match value(dice) {
        EnvValue::Empty | EnvValue::Literal(_) => None,
        EnvValue::HostVar(name) if config::is_needed(&name) => None,
        key => Some(key),
    };
    Some(Header { text: text?.to_owned(), key })
}

fn table(dice: &mut Dice<'_>) -> (String, ProviderTable) {
    const URLS: &[&str] = &[
        "http://127.0.0.1:4000",
        "https://own.example/api",
        "http://[::1]:4000/",
        "http://localhost",
        "https://LOCALHOST:1/x",
        "https://api.kimi.com/coding/",
    ];
    const KEYS: &[&str] =
        &["OWN_API_KEY", "KIMI_CODE_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "A"];
    const ENV: &[&str] =
        &["A", "ENABLE_TOOL_SEARCH", "CLAUDE_CODE_AUTO_COMPACT_WINDOW", "ZAI_API_KEY", "PATH"];
    let id = *dice.pick(&["own", "kimi", "litellm", "deepseek"]);
    let preset = matches!(id, "kimi" | "deepseek");
    let place = || Place { path: PathBuf::from("/exec.toml"), line: 1, column: 1 };
    let wanted = |dice: &mut Dice<'_>| !preset || dice.one_in(2);
    let base_url =
        wanted(dice).then(|| Placed { value: (*dice.pick(URLS)).to_owned(), place: place() });
    let key = wanted(dice).then(|| match dice.below(6) {
        5 => KeySetting::None,
        index => KeySetting::Env(EnvName::new(KEYS[index]).expect("a name")),
    });
    let api_key_header = dice
        .pick(&[None, Some(true), Some(false)])
        .filter(|twice| !twice || key != Some(KeySetting::None));
    let model = wanted(dice).then(|| (*dice.pick(&["m", "m[1m]", "k3-256k"])).to_owned());
    let models = [("haiku", "h"), ("opus", "o[1m]")].into_iter().filter(|_| dice.one_in(4));
    let models = models.map(|(tier, model)| (tier, model.to_owned())).collect();
    let env = (0..dice.below(3))
        .map(|_| {
            let name = EnvName::new(*dice.pick(ENV)).expect("a name");
            (Placed { value: name, place: place() }, value(dice))
        })
        .collect();
    let table = ProviderTable {
        place: place(),
        like: None,
        insecure: true,
        label: Some(Placed { value: "a 'b' 你".to_owned(), place: place() })
            .filter(|_| dice.one_in(2)),
        base_url,
        key: key.map(|value| Placed { value, place: place() }),
        api_key_header,
        header: header(dice),
        model,
        models,
        context_tokens: *dice.pick(&[None, Some(1_000_000), Some(131_072)]),
        timeout_ms: *dice.pick(&[None, Some(1_000)]),
        env,
    };
    (id.to_owned(), table)
}
