//! Whether the user can be asked.

use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::host::Host;
use crate::picker::Terminal;
use crate::sys;

/// Checks whether the question can be asked, and in which form.
pub(super) fn terminal(host: &Host, findings: &mut Findings) {
    let term = host.environment.text("TERM");
    if !host.stderr_is_terminal {
        return findings.ok(
            "terminal",
            "stderr is not a terminal: no question is asked, and no launch line is shown",
        );
    }
    if Terminal::find(true, term).is_none() {
        return findings.ok(
            "terminal",
            "stdin is not a terminal and /dev/tty cannot be opened: no question is asked",
        );
    }
    match term {
        None => findings.add(
            "terminal",
            Status::Warn,
            "TERM is not set: the question is a numbered list, and the client may not draw",
            "export the TERM of your terminal, such as xterm-256color",
        ),
        Some("dumb") => findings.ok("terminal", "TERM=dumb: the question is a numbered list"),
        Some(term) => {
            let columns = match sys::columns(std::io::stderr()) {
                Some(columns) => format!(", {columns} columns"),
                None => String::new(),
            };
            findings.ok("terminal", format!("{term}{columns}: the question takes arrow keys"));
        }
    }
}
