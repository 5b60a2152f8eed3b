//! What `completions` prints: a script, or the words that could stand at the cursor.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::catalog;
use crate::cli;
use crate::cli::Common;
use crate::command::completions;
use crate::command::completions::Asked;
use crate::command::completions::Names;
use crate::configuration::Loaded;
use crate::host::Host;
use crate::provider;
use crate::workspace::Place;
use crate::workspace::workspace_names;

/// The script for a shell, or what could stand at the cursor. A configuration that is broken is no
/// matter here.
pub(crate) fn run(host: &Host, shell: cli::Shell, words: &[OsString]) -> String {
    if words.is_empty() {
        return completions::script(shell).to_owned();
    }
    completions::candidates(shell, words, |asked| names(host, asked))
}

fn names(host: &Host, asked: &Asked) -> Names {
    let options = Common {
        config_dir: asked.config_dir.as_ref().map(PathBuf::from),
        workspace: asked.workspace.clone(),
        ..Common::default()
    };
    let nothing = || Loaded::read(host, &Common::default()).ok();
    let Some(loaded) = Loaded::read(host, &options).ok().or_else(nothing) else {
        let presets =
            catalog::PRESETS.iter().map(|preset| (preset.id.to_owned(), preset.label.to_owned()));
        return Names { providers: presets.collect(), ..Default::default() };
    };
    let providers = provider::providers(&loaded.exec.providers).unwrap_or_default();
    let place = Place::find(host, &loaded, &options).ok();
    let workspace =
        place.as_ref().and_then(|place| place.chosen.as_ref()).map(|(_, workspace)| workspace);
    let registered = loaded.global.roles.keys().chain(loaded.exec.roles.keys());
    let mut roles: Vec<String> = match workspace.map(|workspace| &workspace.allowed_roles) {
        Some(allowed) if !allowed.is_empty() => allowed.clone(),
        _ => registered.cloned().collect(),
    };
    roles.sort();
    roles.dedup();
    Names {
        providers: providers
            .iter()
            .map(|one| (one.id.to_string(), one.label.to_string()))
            .collect(),
        workspaces: workspace_names(&loaded),
        roles,
        command: loaded.default_command(),
    }
}
