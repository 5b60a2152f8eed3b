//! A launch, read downwards: choose, plan, warn, fetch, become the command.

use std::path::Path;

use crate::availability::Candidate;
use crate::availability::Origin;
use crate::catalog;
use crate::choice;
use crate::choice::By;
use crate::choice::Choice;
use crate::cli;
use crate::cli::Cli;
use crate::cli::Shim;
use crate::config;
use crate::configuration::Loaded;
use crate::error;
use crate::exec;
use crate::host::Host;
use crate::managed;
use crate::managed::Policy;
use crate::picker::Item;
use crate::picker::Terminal;
use crate::plan;
use crate::plan::Inputs;
use crate::plan::Plan;
use crate::report;
use crate::secret;
use crate::session::Session;
use crate::warning;
use crate::warning::Warning;
use crate::workspace::Place;

/// What a launch was asked for and cannot do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Several providers could be used and nobody can be asked.
    #[error("which provider? {}, and there are {}", Self::why(*asked), report::list(candidates))]
    NobodyToAsk {
        /// Their ids.
        candidates: Vec<String>,
        /// Whether the question was asked for.
        asked: bool,
    },
    /// `--model` without a redirect.
    #[error("--model is for a redirect, and Anthropic is not redirected")]
    ModelWithoutRedirect,
    /// What `--model` says cannot be a model id.
    #[error("--model needs a model id: not empty, no blanks")]
    NoModel,
}

impl Error {
    const fn why(asked: bool) -> &'static str {
        if asked { "the question needs a terminal" } else { "nobody can be asked" }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NobodyToAsk { .. } => {
                Some("name one with --provider ID or JACKIN_EXEC_PROVIDER=ID".to_owned())
            }
            Self::ModelWithoutRedirect => {
                Some("give it to the command: jackin-exec … -- claude --model …".to_owned())
            }
            Self::NoModel => None,
        }
    }
}

/// Becomes the command. Comes back only with an error, or after a dry run.
pub(crate) fn launch(host: &Host, loaded: &Loaded, shim: &Shim) -> Result<(), error::Error> {
    let cli = &shim.cli;
    let place = Place::find(host, loaded, &cli.common)?;
    let session = Session::new(host, loaded, &place, &cli.common)?;
    let prepared = prepare(host, loaded, &session, shim)?;
    let plan = &prepared.plan;
    warn(&prepared.warnings, cli);
    if cli.dry_run {
        let is_set = |name: &str| host.environment.get(name).is_some();
        report::print(&if cli.common.json { plan.to_json() } else { plan.to_text(is_set) });
        return Ok(());
    }
    let secrets = fetch(host, &session, &prepared, cli)?;
    let entries = exec::environment(plan, &secrets, &host.environment)?;
    if host.stderr_is_terminal && !cli.common.quiet {
        report::say(&launch_line(plan));
    }
    if takes_title(host, cli) {
        // xterm's control sequence, which the others understand.
        report::to(&std::io::stderr(), &format!("\x1b]0;{}\x07", report::escape(&plan.label)));
    }
    Err(meant(exec::exec(&plan.command, entries, &host.environment).into(), loaded, shim))
}

/// A plan, and what is known about its provider's key.
pub(crate) struct Prepared<'a> {
    pub(crate) plan: Plan<'a>,
    key_shape: Option<catalog::KeyShape>,
    warnings: Vec<Warning>,
}

/// Chooses, plans, and checks whether a policy of this machine forbids the plan.
pub(crate) fn prepare<'a>(
    host: &Host,
    loaded: &Loaded,
    session: &Session<'a>,
    shim: &Shim,
) -> Result<Prepared<'a>, error::Error> {
    let cli = &shim.cli;
    let words = &cli.words;
    loaded.runs_nothing_as_root(!words.name_a_command() && shim.command.is_none())?;
    // A person may take minutes to answer, and `op` to unlock; jackin's writers wait for five
    // seconds.
    loaded.store.release();
    let (chosen, by) = choose(host, session, shim)?;
    if cli.model.is_some() && chosen.provider.is_anthropic() {
        return Err(Error::ModelWithoutRedirect.into());
    }
    if cli.model.as_deref().is_some_and(|model| !config::is_model_id(model)) {
        return Err(Error::NoModel.into());
    }
    let default_command = match &shim.command {
        Some(command) => vec![command.clone()],
        None => loaded.default_command(),
    };
    let mut warnings = session.warnings.clone();
    let mut plan = plan::plan(
        Inputs {
            candidates: &session.candidates,
            chosen,
            by,
            model: cli.model.as_deref(),
            label: &choice::label(&chosen.provider, &session.candidates),
            settings: &session.settings,
            allow_env: &loaded.exec.allow_env,
            environment: &host.environment,
            words,
            default_command: &default_command,
            pass_keys: cli.pass_keys,
            title: takes_title(host, cli),
        },
        &mut warnings,
    );
    if plan.redirect {
        let policy = Policy::read(Path::new(managed::FOLDER), &mut warnings)?;
        plan.add_network(policy.network());
        policy.judge(&plan.models())?;
    }
    Ok(Prepared { plan, key_shape: chosen.provider.key_shape, warnings })
}

/// The provider: named, settled by the configuration, or asked for.
fn choose<'a, 's>(
    host: &Host,
    session: &'s Session<'a>,
    shim: &Shim,
) -> Result<(&'s Candidate<'a>, By), error::Error> {
    let options = &shim.cli.common;
    let by_name = shim.provider.as_deref().map(|id| (id, By::Name));
    let by_flag = options.provider.as_deref().map(|id| (id, By::Flag));
    let by_variable = host.environment.text("JACKIN_EXEC_PROVIDER").map(|id| (id, By::Variable));
    let named = by_name.or(by_flag).or(by_variable);
    let candidates = &session.candidates;
    let is_set = |name: &str| {
        host.environment.get(name).is_some_and(|value| !value.is_empty())
            || session.settings.env.contains_key(name)
    };
    let choice = choice::choose(named, candidates, &session.settings)
        .map_err(|error| error.guessed(is_set))?;
    match choice {
        Choice::Settled(index, by) => Ok((candidate(candidates, index), by)),
        Choice::Open(open) => {
            let open: Vec<&Candidate<'_>> =
                open.into_iter().map(|index| candidate(candidates, index)).collect();
            Ok((ask(host, &open, named.is_some(), shim.cli.dry_run)?, By::Question))
        }
    }
}

/// Asks a person which of the open candidates it shall be.
fn ask<'a, 's>(
    host: &Host,
    open: &[&'s Candidate<'a>],
    asked: bool,
    dry_run: bool,
) -> Result<&'s Candidate<'a>, error::Error> {
    let term = host.environment.text("TERM");
    let terminal = Terminal::find(host.stderr_is_terminal, term).filter(|_| !dry_run);
    let Some(terminal) = terminal else {
        let candidates = open.iter().map(|candidate| candidate.provider.id.to_string()).collect();
        return Err(Error::NobodyToAsk { candidates, asked }.into());
    };
    let items: Vec<Item> = open.iter().map(|candidate| item(candidate)).collect();
    let answer = terminal.ask("which provider?", &items)?;
    #[expect(clippy::expect_used, reason = "no other provider may take the place of a lost answer")]
    let chosen = open.get(answer).expect("the answer is one of the items of the question");
    Ok(chosen)
}

/// The candidate that a choice speaks of.
fn candidate<'a, 's>(candidates: &'s [Candidate<'a>], index: usize) -> &'s Candidate<'a> {
    #[expect(
        clippy::expect_used,
        reason = "no other provider may take the place of the chosen one"
    )]
    candidates.get(index).expect("a choice speaks of the candidates that it was made from")
}

fn item(candidate: &Candidate<'_>) -> Item {
    let provider = &candidate.provider;
    Item { id: provider.id.to_string(), label: provider.label.to_string() }
}

/// Fetches the values that the plan needs.
pub(crate) fn fetch(
    host: &Host,
    session: &Session<'_>,
    prepared: &Prepared<'_>,
    cli: &Cli,
) -> Result<Vec<secrecy::SecretString>, error::Error> {
    let plan = &prepared.plan;
    // Nearly every launch does without helpers.
    let hidden = if plan.needs.iter().any(plan::Need::wants_helper) {
        plan::hidden_names(&session.candidates, &session.settings)
    } else {
        Vec::new()
    };
    let (workspace, role) =
        (session.settings.workspace.as_deref(), session.settings.role.as_deref());
    if cli.common.debug {
        for need in &plan.needs {
            let reference =
                need.reference().map(|reference| format!(" {}", report::escape(&reference)));
            let (key, reference) = (report::escape(&need.key), reference.unwrap_or_default());
            report::say(&format!(
                "debug: {key}: {}{reference}, {}",
                need.kind(),
                need.origin.layer(workspace, role)
            ));
        }
    }
    let mut warnings = Vec::new();
    let secrets = secret::fetch(
        &plan.needs,
        secret::Circumstances {
            environment: &session.environment,
            hidden: &hidden,
            key: plan.key,
            key_shape: prepared.key_shape,
            commands_refused: session.loaded.commands_refused.as_deref(),
            talkative: host.stderr_is_terminal && !cli.common.quiet,
            workspace,
            role,
        },
        &mut warnings,
    )?;
    warn(&warnings, cli);
    Ok(secrets)
}

/// Says warnings, unless nothing but errors is to be said.
pub(crate) fn warn(warnings: &[Warning], cli: &Cli) {
    if !cli.common.quiet {
        warning::say(warnings);
    }
}

/// `Claude (Kimi); operator env: 3 resolved (2 op://, 1 host ref, 0 literal)`
fn launch_line(plan: &Plan<'_>) -> String {
    let mut line = report::escape(&plan.label).into_owned();
    if let Some(host) = &plan.gateway {
        line = format!("{line}; through {host}");
    }
    let count = |kind: &str| {
        let scoped =
            |need: &&plan::Need<'_>| matches!(need.origin, Origin::Scope(_)) && need.kind() == kind;
        plan.needs.iter().filter(scoped).count()
    };
    let (op, host, literal) = (count("op"), count("host"), count("literal"));
    let (file, command) = (count("file"), count("command"));
    let resolved = op + host + literal + file + command;
    if resolved == 0 {
        return line;
    }
    let more = [(file, "file"), (command, "command")]
        .map(|(count, kind)| if count == 0 { String::new() } else { format!(", {count} {kind}") });
    format!(
        "{line}; operator env: {resolved} resolved ({op} op://, {host} host ref, {literal} literal{})",
        more.concat()
    )
}

/// Whether there is a terminal that shows a title, and not what sets it.
fn takes_title(host: &Host, cli: &Cli) -> bool {
    let term = host.environment.text("TERM");
    cli.title
        && host.stderr_is_terminal
        && term.is_some_and(|term| term != "dumb" && term != "linux")
}

/// What a command that was not found may have been meant for.
fn meant(error: error::Error, loaded: &Loaded, shim: &Shim) -> error::Error {
    let error::Error::Exec(exec::Error::NotFound { command, .. }) = &error else {
        return error;
    };
    if command == "claude" {
        return error;
    }
    let word = command.to_str().unwrap_or_default();
    let words = &shim.cli.words;
    let hint = if words.words.first() != Some(command) {
        loaded
            .exec
            .command
            .as_ref()
            .filter(|_| shim.command.is_none())
            .map(|_| "`command` in exec.toml says so".to_owned())
    } else if words.escaped {
        None
    } else if loaded.provider_ids().contains(&word) {
        Some(format!("a provider is chosen with -p {word}"))
    } else {
        error::nearest(word, cli::tasks()).map(|task| format!("did you mean jackin-exec {task}?"))
    };
    exec::Error::NotFound { command: command.clone(), hint }.into()
}
