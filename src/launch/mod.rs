//! A launch, from top to bottom: choose, plan, warn, fetch, become the command.

mod apart;
mod choose;
mod elsewhere;
mod error;
mod foreign;
pub(crate) mod gateway;
mod hint;
mod link;
mod missing;
mod name;
mod on_demand;
mod other_agent;
mod own_key;
mod role_model;
mod say;
mod settings;
mod shell;

pub(crate) use error::Error;
pub use foreign::INFORMING;
pub(crate) use name::may_choose;
pub(crate) use name::refuse_misnamed;
pub(crate) use say::warn;

use std::borrow::Cow;
use std::ffi::CStr;
use std::net::SocketAddr;
use std::path::Path;

use secrecy::SecretString;

use crate::availability::Usable;
use crate::catalog::Preset;
use crate::choice;
use crate::choice::By;
use crate::cli::Cli;
use crate::cli::Shim;
use crate::client;
use crate::config;
use crate::configuration::CommandFrom;
use crate::configuration::Loaded;
use crate::exec;
use crate::host::Host;
use crate::managed;
use crate::managed::Policy;
use crate::plan;
use crate::plan::Inputs;
use crate::plan::Link;
use crate::plan::PerNeed;
use crate::plan::Plan;
use crate::program;
use crate::provider::Provider;
use crate::report;
use crate::secret;
use crate::session::Session;
use crate::typed::looks_like_key;
use crate::warning::Warning;
use crate::workspace::Place;

/// Becomes the command. Returns only with an error, or after a dry run.
pub(crate) fn launch(host: &Host, loaded: &Loaded, shim: &Shim) -> Result<(), crate::error::Error> {
    let cli = &shim.cli;
    let place = Place::find(host, loaded, &cli.common)?;
    let flag = cli.common.provider.as_deref();
    let named = choice::named(shim.provider.as_deref(), flag, &host.environment);
    let named = named.map(|named| named.id);
    let session = Session::for_launch(host, loaded, &place, &cli.common, named)?;
    let prepared = prepare(host, loaded, &session, shim)?;
    let plan = &prepared.plan;
    warn(&prepared.warnings, cli);
    if cli.dry_run {
        if cli.words.name_a_command()
            && let Some(error) = missing::command(host, &session, shim)
        {
            let hint = error.hint();
            warn(&[Warning::NoCommand { error: error.to_string(), hint }], cli);
        }
        let is_set = |name: &str| host.environment.get(name).is_some();
        report::print(&if cli.common.json { plan.to_json() } else { plan.to_text(is_set) })?;
        return Ok(());
    }
    if let Some(address) = gateway::absent(&prepared.local) {
        let label = plan.provider_label.clone();
        warn(&[Warning::NothingListens { label, address: address.to_string() }], cli);
    }
    let secrets = fetch(host, &session, &prepared, cli)?;
    let mut entries = exec::environment(plan, &secrets, &host.environment)?;
    warn(&own_key::warnings(plan, &entries), cli);
    if talks(host, cli) {
        report::say(&say::launch_line(plan));
        if plan.redirect
            && let Some(warning) = about_command(plan, &entries, &loaded.exec.redirect_for)
        {
            warn(&[warning], cli);
        }
    }
    if say::takes_title(host, cli) {
        // xterm's control sequence, which other terminals understand, too.
        report::to(&std::io::stderr(), &format!("\x1b]0;{}\x07", report::escape(&plan.label)));
    }
    let mut error = exec::exec(&plan.command, &mut entries, &host.environment);
    if let Some(command) = client::with_installed(host, shim, &plan.command, &error) {
        if talks(host, cli) {
            let file = command.first().map(|file| report::quoted(file)).unwrap_or_default();
            report::say(&format!("claude is not in PATH; starting {file}"));
        }
        error = exec::exec(&command, &mut entries, &host.environment);
    }
    Err(hint::meant(error, host, loaded, shim).into())
}

/// What a person should know about the command of a redirect: the client is below
/// [`client::KEEPS_REDIRECT`], or it is another agent, and not one of those that are meant.
fn about_command(
    plan: &Plan<'_>,
    entries: &[Cow<'static, CStr>],
    meant: &[String],
) -> Option<Warning> {
    let word = plan.command.first()?;
    if !client::is_started_by(&plan.command) {
        return other_agent::of(plan, meant);
    }
    let path = entries.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH="));
    let file = program::find_command(word, path.unwrap_or(program::DEFAULT_PATH)).file?;
    let version = client::version(&file).filter(|version| *version < client::KEEPS_REDIRECT)?;
    let needed = client::KEEPS_REDIRECT.to_string();
    Some(Warning::OldClient { version: version.to_string(), needed, update: client::UPDATE })
}

/// A plan, and what is known about its provider's key.
pub(crate) struct Prepared<'a> {
    pub(crate) plan: Plan<'a>,
    keys_of: Option<&'static Preset>,
    warnings: Vec<Warning>,
    /// The addresses that the provider listens on, if it is on this machine.
    local: Vec<SocketAddr>,
}

/// Chooses, plans, and checks that no policy of this machine forbids the plan.
pub(crate) fn prepare<'a>(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'a>,
    shim: &Shim,
) -> Result<Prepared<'a>, crate::error::Error> {
    let cli = &shim.cli;
    let words = &cli.words;
    let command = if words.name_a_command() || shim.command.is_some() {
        CommandFrom::Caller
    } else {
        CommandFrom::Configuration
    };
    loaded.refuse_programs_as_root(command)?;
    // Releases the lock; the launch has read everything it needs. A person may take minutes to
    // answer, and `op` to unlock, but jackin's writers wait only five seconds.
    loaded.store.release();
    let (chosen, by) = choose::choose(host, session, shim)?;
    let role_model = role_model(host, session, cli, chosen.provider)?;
    let default_command = missing::default_command(loaded, shim);
    let mut warnings = session.warnings.clone();
    let link = if host.stderr_is_terminal && !chosen.provider.is_anthropic() {
        let command = plan::command(words, &default_command);
        link::of_client(host, &chosen.provider.id, command.first())
    } else {
        // Without a terminal, no one is told what to type.
        None
    };
    let link = link.as_deref().map(|path| {
        let alike = link::starts_alike(host, &cli.common);
        Link { path, alike }
    });
    let label = choice::label(chosen.provider, &session.candidates);
    let inputs = Inputs {
        role_model: role_model.as_deref(),
        label: &label,
        link,
        default_command: &default_command,
        ..inputs(host, session, cli, chosen, by)
    };
    let picked = if cli.on_demand {
        on_demand::pick(host, inputs, cli.dry_run, &mut warnings)?
    } else {
        Vec::new()
    };
    let mut plan = plan::plan(Inputs { picked: &picked, ..inputs }, &mut warnings);
    shell::warn(&plan, &mut warnings);
    apart::warn(host, &plan, link, &mut warnings);
    settings::warn(host, session, &mut plan, &mut warnings);
    elsewhere::refuse(host, session, &plan)?;
    if host.ids.effective_user == 0 && !cli.allow_foreign_env {
        foreign::judge(session, &plan)?;
    }
    if plan.redirect {
        let policy = Policy::read(Path::new(managed::FOLDER), &mut warnings)?;
        if !policy.is_empty() {
            plan.add_network(policy.network());
            policy.judge(&plan.models())?;
        }
    }
    let local = gateway::addresses(chosen.provider);
    Ok(Prepared { plan, keys_of: chosen.provider.keys_of, warnings, local })
}

/// Checks `--model`; without it, returns the role's model, if the role names one.
fn role_model(
    host: &Host,
    session: &Session<'_>,
    cli: &Cli,
    provider: &Provider,
) -> Result<Option<String>, crate::error::Error> {
    let Some(model) = &cli.model else {
        let model = role_model::role_model(host, session.loaded, session, provider)?;
        if model.is_none() && !provider.has_models() {
            return Err(Error::ModelNeeded { provider: provider.id.to_string() }.into());
        }
        return Ok(model);
    };
    if provider.is_anthropic() {
        return Err(Error::ModelWithoutRedirect.into());
    }
    if !config::is_model_id(model) {
        return Err(Error::NoModel.into());
    }
    if looks_like_key(model) {
        return Err(Error::KeyAsModel.into());
    }
    Ok(None)
}

/// What a plan is made from, without a label, a role's model, a link and a default command.
fn inputs<'a, 's>(
    host: &'s Host,
    session: &'s Session<'a>,
    cli: &'s Cli,
    chosen: Usable<'s, 'a>,
    by: By,
) -> Inputs<'a, 's> {
    Inputs {
        candidates: &session.candidates,
        wrong: &session.wrong,
        chosen,
        by,
        model: cli.model.as_deref(),
        role_model: None,
        label: "",
        link: None,
        settings: &session.settings,
        words: &cli.words,
        default_command: &[],
        allow_env: &session.loaded.exec.allow_env,
        environment: &host.environment,
        pass_keys: cli.pass_keys,
        title: say::takes_title(host, cli),
        picked: &[],
    }
}

/// Why root may not launch this provider with another user's files; empty for any other user.
pub(crate) fn refused_for_root(
    host: &Host,
    session: &Session<'_>,
    cli: &Cli,
    chosen: Usable<'_, '_>,
    by: By,
) -> Vec<Error> {
    if host.ids.effective_user != 0 || cli.allow_foreign_env {
        return Vec::new();
    }
    let plan = plan::plan(inputs(host, session, cli, chosen, by), &mut Vec::new());
    foreign::refusals(session, &plan)
}

/// Why this provider may not be launched here although a list allows it, if it is Anthropic.
pub(crate) fn leads_elsewhere(
    host: &Host,
    session: &Session<'_>,
    cli: &Cli,
    chosen: Usable<'_, '_>,
) -> Option<Error> {
    if !chosen.provider.is_anthropic() || session.settings.policies.is_empty() {
        return None;
    }
    let plan = plan::plan(inputs(host, session, cli, chosen, By::Only), &mut Vec::new());
    elsewhere::refuse(host, session, &plan).err()
}

/// Whether a person sees our messages and wants them.
const fn talks(host: &Host, cli: &Cli) -> bool {
    host.stderr_is_terminal && !cli.common.quiet
}

/// Fetches the values that the plan needs.
pub(crate) fn fetch<'p>(
    host: &Host,
    session: &Session<'_>,
    prepared: &'p Prepared<'_>,
    cli: &Cli,
) -> Result<PerNeed<Cow<'p, SecretString>>, crate::error::Error> {
    let plan = &prepared.plan;
    // Almost no launch needs helpers.
    let hidden = if plan.needs.as_slice().iter().any(plan::Need::wants_helper) {
        plan::hidden_names(&session.candidates, &session.wrong, &session.settings)
    } else {
        Vec::new()
    };
    let names = session.settings.names();
    if cli.common.debug {
        say::debug(plan, names);
    }
    let mut warnings = Vec::new();
    let secrets = secret::fetch(
        &plan.needs,
        secret::Circumstances {
            host,
            environment: &session.environment,
            hidden: &hidden,
            key: plan.key,
            header_key: plan.header_key,
            keys_of: prepared.keys_of,
            commands_refused: session.loaded.commands_refused.as_deref(),
            talkative: talks(host, cli),
            names,
        },
        &mut warnings,
    )?;
    warn(&warnings, cli);
    Ok(secrets)
}
