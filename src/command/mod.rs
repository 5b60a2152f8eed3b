//! The subcommands, one module each, built on the stages above. None uses another.

pub(crate) mod auth;
pub mod completions;
pub(crate) mod doctor;
pub(crate) mod providers;

use crate::host::Host;
use crate::report::Style;
use crate::sys;

/// How reports look on stdout.
pub(crate) fn style(host: &Host) -> Style {
    let stdout = std::io::stdout();
    let terminal = std::io::IsTerminal::is_terminal(&stdout);
    Style::new(terminal, sys::columns(&stdout), |name| host.environment.text(name))
}

/// The line about the providers that a report leaves out; `None` if there are none.
pub(crate) fn left_out(count: usize) -> Option<String> {
    if count == 0 {
        return None;
    }
    Some(format!("{count} more have no key here: jackin-exec providers --all"))
}
