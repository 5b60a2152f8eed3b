//! What `completions` prints: a script, or the words that fit at the cursor.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::catalog;
use crate::cli;
use crate::cli::Common;
use crate::command::completions;
use crate::command::completions::Asked;
use crate::command::completions::Described;
use crate::command::completions::Wanted;
use crate::configuration::Loaded;
use crate::host::Host;
use crate::provider;
use crate::workspace::Place;
use crate::workspace::workspace_names;

/// The script for a shell, or what fits at the cursor. A broken configuration is not reported here:
/// it only yields fewer words.
pub(crate) fn run(host: &Host, shell: cli::Shell, words: &[OsString]) -> String {
    if words.is_empty() {
        return completions::script(shell).to_owned();
    }
    completions::candidates(shell, words, |wanted, asked| names(host, wanted, asked))
}

fn names(host: &Host, wanted: Wanted, asked: &Asked) -> Vec<Described> {
    let options = Common {
        config_dir: asked.config_dir.as_ref().map(PathBuf::from),
        workspace: asked.workspace.clone(),
        ..Common::default()
    };
    let loaded = match Loaded::read(host, &options) {
        Err(_) => Loaded::read(host, &Common::default()),
        loaded => loaded,
    };
    let Ok(loaded) = loaded else {
        return if wanted == Wanted::Providers { presets() } else { Vec::new() };
    };
    match wanted {
        Wanted::Providers => {
            let mut found = Vec::new();
            for provider in provider::providers(&loaded.exec).usable {
                found.push((provider.id.into_owned(), provider.label.into_owned()));
            }
            found
        }
        Wanted::Workspaces => plain(workspace_names(&loaded)),
        Wanted::Roles => plain(roles(host, &loaded, &options)),
        Wanted::Command => plain(loaded.default_command()),
    }
}

fn presets() -> Vec<Described> {
    let mut found = Vec::new();
    for preset in catalog::PRESETS {
        found.push((preset.id.to_owned(), preset.label.to_owned()));
    }
    found
}

/// Names without a description.
fn plain(names: Vec<String>) -> Vec<Described> {
    let mut found = Vec::new();
    for name in names {
        found.push((name, String::new()));
    }
    found
}

/// With more workspaces than this, completion does not look for the directory's workspace: a key
/// press must not feel slow.
const MOST_WORKSPACES: usize = 500;

/// The roles that the workspace allows, or all registered ones.
fn roles(host: &Host, loaded: &Loaded, options: &Common) -> Vec<String> {
    let is_named =
        options.workspace.is_some() || host.environment.text("JACKIN_EXEC_WORKSPACE").is_some();
    let mut roles = Vec::new();
    if (is_named || workspace_names(loaded).len() <= MOST_WORKSPACES)
        && let Ok(Place { chosen: Some((_, workspace)), .. }) = Place::find(host, loaded, options)
    {
        roles = workspace.allowed_roles;
    }
    if roles.is_empty() {
        for name in loaded.global.roles.keys().chain(loaded.exec.roles.keys()) {
            roles.push(name.clone());
        }
    }
    roles.sort();
    roles.dedup();
    roles
}
