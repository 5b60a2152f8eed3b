//! Warns about paths that only a shell would expand.

use crate::availability::Origin;
use crate::config::EnvValue;
use crate::plan::Plan;
use crate::secret;
use crate::warning::Warning;

/// The endings of variables that hold paths: `CLAUDE_CONFIG_DIR`, `NODE_EXTRA_CA_CERTS`,
/// `XDG_DATA_HOME`.
const ENDINGS: &[&str] = &[
    "_CERT",
    "_CERTS",
    "_DIR",
    "_DIRECTORY",
    "_FILE",
    "_FOLDER",
    "_HOME",
    "_PATH",
    "_ROOT",
    "TMPDIR",
];

/// Warns about each path in the configuration that begins with `~/` or `$HOME/`: the command would
/// create a folder of that name.
pub(super) fn warn(plan: &Plan<'_>, warnings: &mut Vec<Warning>) {
    for need in plan.needs.as_slice() {
        let (Origin::Scope(_), EnvValue::Literal(value)) = (need.origin, &*need.value) else {
            continue;
        };
        // Few values begin so; a name has to be compared with every ending.
        if secret::is_for_a_shell(value) && is_of_path(&need.key) {
            let scope = need.origin.layer(plan.names());
            warnings.push(Warning::NotExpanded { name: need.key.to_string(), scope });
        }
    }
}

fn is_of_path(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
