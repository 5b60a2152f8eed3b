//! Whether the user can be asked.

use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::host::Host;
use crate::picker::Terminal;
use crate::sys;

pub(super) fn terminal(host: &Host, findings: &mut Findings) {
    let term = host.environment.text("TERM");
    if !host.stderr_is_terminal {
        return findings.ok(
            "terminal",
            "stderr is no terminal: nothing is asked, and no launch line is shown",
        );
    }
    if Terminal::find(true, term).is_none() {
        return findings
            .ok("terminal", "stdin is no terminal and /dev/tty does not open: nothing is asked");
    }
    match term {
        None => findings.add(
            "terminal",
            Status::Warn,
            "TERM is not set: the question is numbered, and the client may not draw",
            "export TERM as your terminal's manual says, such as xterm-256color",
        ),
        Some("dumb") => findings.ok("terminal", "TERM=dumb: the question is numbered"),
        Some(term) => {
            let columns =
                sys::columns(&std::io::stderr()).map(|columns| format!(", {columns} columns"));
            findings.ok(
                "terminal",
                format!("{term}{}: the question takes arrow keys", columns.unwrap_or_default()),
            );
        }
    }
}
