//! Runs `auth import`, from the command line to the final report.

use crate::cli::AuthImport;
use crate::cli::Cli;
use crate::command::auth;
use crate::command::auth::cell::EXEC;
use crate::command::auth::import::Error;
use crate::command::auth::import::places;
use crate::command::auth::import::proposal::Proposal;
use crate::command::auth::import::proposal::Verdict;
use crate::command::auth::import::proposal::propose;
use crate::command::auth::import::show;
use crate::command::auth::import::source::Source;
use crate::command::auth::keys::Keys;
use crate::command::auth::request::GLOBAL_EXCLUDES;
use crate::command::auth::request::Target;
use crate::command::auth::run::parses;
use crate::command::style;
use crate::configuration::Loaded;
use crate::error;
use crate::files;
use crate::files::Change;
use crate::host;
use crate::host::ConfigDir;
use crate::host::Host;
use crate::launch::warn;
use crate::picker;
use crate::picker::Terminal;
use crate::provider;
use crate::report;

/// Reads the files, shows what would be written, and writes it after a yes.
pub(in crate::command::auth) fn run(
    host: &Host,
    cli: &Cli,
    import: &AuthImport,
) -> Result<(), error::Error> {
    let target = Target::new(cli, Some(GLOBAL_EXCLUDES).filter(|_| import.global))?;
    if cli.common.provider.is_some() {
        return Err(auth::Error::ProviderOfImport.into());
    }
    if import.files.is_empty() {
        return Err(Error::NoFile { places: places::existing(host) }.into());
    }
    let dir = host.config_dir(cli.common.config_dir.as_deref())?.ok_or(host::Error::NoConfigDir)?;
    let keys = Keys::read(Loaded::read_for_change(host, &cli.common)?, target.workspace, false)?;
    // We hold no lock while we read other programs' files and ask.
    keys.loaded.store.release();
    let providers = provider::providers(&keys.loaded.exec).usable;
    let mut sources = Vec::new();
    for file in &import.files {
        sources.push(Source::read(host, file, &providers)?);
    }
    let mut warnings = keys.warnings.clone();
    let proposals = propose(&sources, &providers, &keys, &target, import.replace, &mut warnings)?;
    drop(keys);
    report::print(&show::plan(&sources, &proposals, &target, &dir.path, style(host)))?;
    warn(&warnings, cli);
    let count = proposals.iter().filter(|proposal| proposal.is_written()).count();
    if count == 0 {
        report::print("nothing to write\n")?;
        return Ok(());
    }
    if !import.yes && !agrees(host, count)? {
        report::print("nothing is written\n")?;
        return Err(picker::Error::Cancelled.into());
    }
    let changes = write(host, &dir, &target, &sources, &proposals, import.replace)?;
    report::print(&show::done(&changes, count, &target, &dir.path))?;
    Ok(())
}

/// Whether a person agrees to writing so many keys.
fn agrees(host: &Host, count: usize) -> Result<bool, error::Error> {
    let terminal = Terminal::find(host.stderr_is_terminal, host.environment.text("TERM"));
    let Some(terminal) = terminal else {
        return Err(Error::NobodyToAsk.into());
    };
    Ok(terminal.confirm(&format!("write {}?", show::keys(count)))?)
}

/// Writes what was shown, under the lock.
fn write(
    host: &Host,
    dir: &ConfigDir,
    target: &Target<'_>,
    sources: &[Source],
    shown: &[Proposal<'_>],
    replace: bool,
) -> Result<Vec<Change>, error::Error> {
    let mut repeated = Vec::new();
    let store = files::open(dir, host.ids.effective_user, &mut repeated)?;
    let keys = Keys::read(Loaded::from(host, store, repeated)?, target.workspace, false)?;
    let providers = provider::providers(&keys.loaded.exec).usable;
    let proposals = propose(sources, &providers, &keys, target, replace, &mut Vec::new())?;
    let is_as_shown = proposals.len() == shown.len()
        && proposals.iter().zip(shown).all(|(now, shown)| now.says_the_same(shown));
    if !is_as_shown {
        return Err(Error::Changed.into());
    }
    let mut changes = Vec::new();
    for proposal in proposals {
        if let Verdict::Write { changes: own, .. } = proposal.verdict {
            changes.extend(own);
        }
    }
    // Each file in one write, and exec.toml, whose entries win, last.
    changes.sort_by(|one: &Change, other| {
        (one.file == EXEC, &one.file).cmp(&(other.file == EXEC, &other.file))
    });
    files::apply(&keys.loaded.store, &changes, parses)?;
    Ok(changes)
}
