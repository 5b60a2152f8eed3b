//! Any text is a config.toml, a workspace's file or an exec.toml, or it is refused: without a panic, without a word of
//! the text in anything that is said, and what is accepted is what its types promise.

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use jackin_exec::catalog;
use jackin_exec::config;
use jackin_exec::config::Declared;
use jackin_exec::config::EnvName;
use jackin_exec::config::EnvValue;
use jackin_exec::config::Error;
use jackin_exec::config::ExecToml;
use jackin_exec::config::HelperCommand;
use jackin_exec::config::KeySetting;
use jackin_exec::config::Offence;
use jackin_exec::config::OpReference;
use jackin_exec::config::Place;
use jackin_exec::config::Variables;
use jackin_exec::config::Workspace;
use jackin_exec::provider;
use jackin_exec::provider::Endpoint;
use secrecy::ExposeSecret;

use crate::mark;

/// The only path that a message may hold.
const FILE: &str = "/c/file.toml";

/// One text, as it is and with marks in it.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    read(text);
    let planted = mark::plant(text);
    if planted != text {
        read(&planted);
    }
}

/// The text as each of the three files.
fn read(text: &str) {
    let mut offences = Vec::new();
    let path = Path::new(FILE);
    match config::global(path, text, &mut offences) {
        Ok(found) => {
            let inline = found.workspaces.values().flat_map(Workspace::scopes);
            variables(text, &found, found.roles.values().chain([&found.env]).chain(inline), false);
            for (name, workspace) in &found.workspaces {
                assert_eq!(
                    Path::new("workspaces").join(format!("{name}.toml")).components().count(),
                    2
                );
                assert!(!workspace.newer, "only a file has a version");
            }
        }
        Err(error) => refused(text, &error),
    }
    said(text, &mut offences);
    match config::workspace(path, text, &mut offences) {
        Ok(found) => variables(text, &found, found.scopes(), false),
        Err(error) => refused(text, &error),
    }
    said(text, &mut offences);
    match config::exec(path, text, &mut offences) {
        Ok(found) => {
            let workspaces =
                found.workspaces.values().flat_map(|one| one.roles.values().chain([&one.env]));
            let folders = found.folders.values().map(|one| &one.env);
            let global = found.roles.values().chain([&found.env]);
            variables(text, &found, global.chain(workspaces).chain(folders), true);
            for (path, folder) in &found.folders {
                inside(text, &folder.place);
                assert!(path.starts_with(['/', '~']) && !path.contains('\0'), "{path:?}");
            }
            providers(text, &found);
        }
        Err(error) => refused(text, &error),
    }
    said(text, &mut offences);
}

/// A refusal says where in the file, and nothing that the file says.
fn refused(text: &str, error: &Error) {
    match error {
        Error::Wrong(offence) => inside(text, &offence.place),
        Error::Names(offences) => offences.iter().for_each(|one| inside(text, &one.place)),
    }
    for said in [error.to_string(), format!("{error:?}")] {
        silent(&said);
    }
    let line = error.to_string();
    assert!(
        line.starts_with(FILE) && !line.chars().any(jackin_exec::report::is_unsafe),
        "not a line: {line:?}"
    );
}

/// Offences say where and what, and are all told at once.
fn said(text: &str, offences: &mut Vec<Offence>) {
    if offences.is_empty() {
        return;
    }
    let offences = std::mem::take(offences);
    offences.iter().for_each(|offence| inside(text, &offence.place));
    let count = offences.len();
    let error = config::refuse(offences).expect_err("there are offences");
    let message = error.to_string();
    assert_eq!(message.matches(FILE).count(), count, "{message}");
    silent(&message);
    silent(&format!("{error:?}"));
}

/// Nothing of the text: no mark.
fn silent(said: &str) {
    assert_eq!(mark::find(said), None, "the text is quoted: {said}");
}

/// A position is one of the file's.
fn inside(text: &str, place: &Place) {
    assert_eq!(place.path, Path::new(FILE));
    let line = text.split('\n').nth(place.line.wrapping_sub(1));
    let line = line.expect("the line is one of the file's");
    assert!((1..=line.chars().count() + 1).contains(&place.column), "{place}");
}

/// Names can be set, values can be had, and literals do not show.
fn variables<'a>(
    text: &str,
    all: &impl Debug,
    scopes: impl Iterator<Item = &'a Variables>,
    ours: bool,
) {
    let mut literals = Vec::new();
    for (name, Declared { value, on_demand }) in scopes.flatten() {
        can_be_set(name);
        can_be_had(value, ours);
        if let EnvValue::Literal(secret) = value {
            literals.push(secret);
        }
        assert!(
            !(ours && *on_demand && matches!(value, EnvValue::File(_) | EnvValue::Command { .. }))
        );
    }
    if literals.is_empty() {
        return;
    }
    let debug = format!("{all:?}");
    for literal in literals {
        // A word that stands in the text once only is nobody else's.
        let own = |mark: &&str| text.match_indices(mark).count() == 1;
        for mark in mark::all(literal.expose_secret()).filter(own) {
            assert!(!debug.contains(mark), "a literal shows in Debug");
        }
    }
}

fn can_be_set(name: &EnvName) {
    let name = name.as_str();
    assert!(!name.is_empty() && !name.contains(['=', '\0']), "{name:?}");
    assert!(!matches!(name, "DOCKER_HOST" | "JACKIN_ROLE" | "JACKIN_SUDO"), "{name}");
}

fn can_be_had(value: &EnvValue, ours: bool) {
    match value {
        EnvValue::Empty => {}
        EnvValue::Literal(secret) => {
            let text = secret.expose_secret();
            assert!(!text.is_empty() && !text.contains('\0'));
            assert!(!text.starts_with("op://"), "a reference that would be sent as a key");
        }
        EnvValue::HostVar(name) => assert!(config::is_identifier(name), "{name:?}"),
        EnvValue::Op(op) => {
            let OpReference { reference, account, .. } = &**op;
            assert!(reference.starts_with("op://"), "{reference:?}");
            assert!(
                account
                    .as_ref()
                    .is_none_or(|account| !account.is_empty() && !account.contains('\0'))
            );
        }
        EnvValue::File(path) => {
            assert!(ours && path.is_absolute());
            assert!(!path.as_os_str().as_encoded_bytes().contains(&0));
        }
        EnvValue::Command(helper) => {
            let HelperCommand { argv, timeout } = &**helper;
            assert!(ours && argv.first().is_some_and(|first| !first.is_empty()));
            assert!(!argv.iter().any(|word| word.contains('\0')));
            assert!((Duration::from_millis(100)..=Duration::from_secs(600)).contains(timeout));
        }
    }
}

/// What exec.toml says of providers makes providers, or is refused.
fn providers(text: &str, found: &ExecToml) {
    assert!(
        found
            .command
            .as_ref()
            .is_none_or(|words| words.first().is_some_and(|first| !first.is_empty()))
    );
    for table in found.providers.values() {
        for (name, value) in &table.env {
            inside(text, &name.place);
            can_be_set(&name.value);
            can_be_had(value, true);
        }
    }
    let provider::Providers { usable: providers, wrong } = provider::providers(&found);
    // Its own wrong table is the only thing that takes Anthropic away.
    let anthropic = usize::from(!wrong.iter().any(|wrong| wrong.id.as_str() == catalog::ANTHROPIC));
    for wrong in wrong {
        refused(text, &wrong.error);
    }
    for provider in &providers {
        for model in provider.models.tiers().map(|(_, model)| model) {
            assert!(
                provider.is_anthropic() || !provider.has_models() || config::is_model_id(model),
                "{model:?}"
            );
        }
        assert!(
            !provider.label.is_empty()
                && !provider.label.chars().any(jackin_exec::report::is_unsafe)
        );
        assert!((1_000..=100_000_000).contains(&provider.window));
        assert!((1_000..=2_147_483_647).contains(&provider.timeout_ms));
        if let KeySetting::Env(name) = &provider.key {
            can_be_set(name);
            assert!(config::is_identifier(name.as_str()));
        }
        if let Some(endpoint) = &provider.endpoint {
            assert_eq!(
                Endpoint::new(endpoint.url()).as_ref(),
                Ok(endpoint),
                "what passed passes again"
            );
        }
    }
    assert!(providers.iter().filter(|provider| provider.is_anthropic()).count() == anthropic);
}
