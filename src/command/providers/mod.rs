//! `providers`: lists what can be chosen, in the order of the question, or shows all about one
//! provider.

mod list;
mod one;

use crate::choice;
use crate::cli::Cli;
use crate::command::style;
use crate::configuration::Loaded;
use crate::error::Error;
use crate::host::Host;
use crate::launch::warn;
use crate::report;
use crate::session::Session;
use crate::workspace::Place;

/// `providers`: prints the list, or one provider.
pub(crate) fn run(host: &Host, cli: &Cli, id: Option<&str>, all: bool) -> Result<(), Error> {
    let loaded = Loaded::read(host, &cli.common)?;
    let place = Place::find(host, &loaded, &cli.common)?;
    let session = Session::new(host, &loaded, &place, &cli.common)?;
    let (candidates, names) = (&session.candidates, session.settings.names());
    let (json, style, exec) = (cli.common.json, style(host), &loaded.exec);
    let text = match id {
        None if json && all => one::json_of_all(candidates, exec),
        None if json => list::json(candidates, &session.wrong),
        None => list::table(candidates, &session.wrong, names, all, style),
        Some(id) => {
            if let Some(wrong) = session.wrong.iter().find(|wrong| wrong.id.as_str() == id) {
                return Err(wrong.error.clone().into());
            }
            let found = candidates.iter().find(|candidate| candidate.provider.id == id);
            let Some(candidate) = found else {
                let known = candidates.iter().map(|candidate| &candidate.provider);
                let nearest = choice::meant(id, known);
                let known = choice::in_use(candidates);
                let name = id.into();
                return Err(choice::Error::Unknown { name, place: "", nearest, known }.into());
            };
            if json { one::json(candidate, exec) } else { one::text(candidate, exec, names, style) }
        }
    };
    warn(&session.warnings, cli);
    report::print(&text)?;
    Ok(())
}
