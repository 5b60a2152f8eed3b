//! Names that were meant to choose a provider and do not. Under such a name nothing is started: it
//! would run on another provider in silence.

use std::ffi::OsStr;

use crate::catalog;
use crate::cli;
use crate::cli::Misnamed;
use crate::client;
use crate::configuration::Loaded;
use crate::launch::Error;
use crate::launch::hint::Known;
use crate::typed::Typed;

/// Whether a name could choose a provider, or be meant to. Only then are the providers read.
pub(crate) fn may_choose(name: &OsStr) -> bool {
    cli::may_be_shim(name) || name.to_str().is_some_and(|name| catalog::find(name).is_some())
}

/// Refuses a name that was meant to choose a provider and is no shim's.
///
/// # Errors
///
/// [`Error::NamesNoProvider`] or [`Error::NamesNoCommand`]
pub(crate) fn refuse_misnamed(name: &OsStr, loaded: &Loaded) -> Result<(), Error> {
    if name == cli::PROGRAM {
        return Ok(());
    }
    let name = name.to_str().unwrap_or_default();
    let ids = loaded.provider_ids();
    match cli::misnamed(name, &ids) {
        None => Ok(()),
        Some(Misnamed::NoCommand) => {
            let near = format!("{}-{name}", client::NAME);
            Err(Error::NamesNoCommand { id: name.to_owned(), near })
        }
        Some(Misnamed::NoProvider { command, word }) => {
            let known = Known { ids: &ids, rows: &loaded.exec.rows };
            let near = known.meant(word).map(|id| format!("{command}-{id}"));
            // A word that may be a key hides the whole name.
            let shown = Some(Typed::new(word)).filter(Typed::may_be_key);
            Err(Error::NamesNoProvider { name: shown.unwrap_or_else(|| Typed::new(name)), near })
        }
    }
}
