//! Where the files of other tools usually are.

use std::path::Path;
use std::path::PathBuf;

use crate::files;
use crate::host::Host;

/// The usual files, below the home directory.
///
/// Sources: `config.rs` of farion1231/cc-switch; "Config database location" of
/// musistudio/claude-code-router; checked 2026-11-26. The shells: their manuals.
const PLACES: [&str; 12] = [
    ".cc-switch/cc-switch.db",
    ".cc-switch/config.json",
    ".claude-code-router/config.sqlite",
    ".claude-code-router/config.json",
    ".claude/settings.json",
    ".profile",
    ".bash_profile",
    ".bashrc",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".config/fish/config.fish",
];

/// The folder with the profiles of ccs, below the home directory, and how their names end.
const CCS: (&str, &str) = (".ccs", ".settings.json");

/// The usual files that exist here. None is opened.
pub(super) fn existing(host: &Host) -> Vec<PathBuf> {
    let Some(home) = host.home() else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = PLACES.iter().map(|place| home.join(place)).collect();
    found.extend(profiles_of_ccs(&home));
    found.retain(|path| path.is_file());
    found
}

fn profiles_of_ccs(home: &Path) -> Vec<PathBuf> {
    let (folder, end) = CCS;
    let folder = home.join(folder);
    let mut names = files::list(&folder).unwrap_or_default();
    names.retain(|name| name.ends_with(end));
    names.iter().map(|name| folder.join(name)).collect()
}
