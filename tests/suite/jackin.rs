//! What the documents show of jackin's files is what jackin's loader takes: an example that it
//! refuses makes every one of its commands fail.
//!
//! The rules are those of jackin 0.6.4 (commit e89a3da, 21 August 2026): `validate_workspace` and
//! the mounts in `jackin-config/src/validation.rs`, unknown keys in `schema.rs` and `auth.rs`,
//! values in `jackin-core/src/env_value.rs`, versions in `migrations.rs`.

use std::path::Component;
use std::path::Path;

use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::TableLike;

use crate::docs::blocks;
use crate::docs::documents;

/// The agents, each with a table of its mode for the login.
const AGENTS: &[&str] = &["claude", "codex", "amp", "kimi", "opencode", "grok"];

const MODES: &[&str] = &["sync", "api_key", "oauth_token", "ignore"];

/// Why jackin refuses a file; none if it takes it.
fn refusal(file: &str, text: &str) -> Option<String> {
    let document: DocumentMut = match text.parse() {
        Ok(document) => document,
        Err(_) => return Some("it is no TOML".to_owned()),
    };
    let table = document.as_table();
    if file == "config.toml" {
        return version(table, "v1alpha", 9).or_else(|| global(table));
    }
    version(table, "v1alpha", 8).or_else(|| workspace(table))
}

fn global(table: &dyn TableLike) -> Option<String> {
    for (role, inner) in tables(table, "roles") {
        if !inner.contains_key("git") {
            return Some(format!("role {role} has no git"));
        }
        if let Some(refusal) = role_keys(inner, &["git", "trusted", "env"]) {
            return Some(refusal);
        }
    }
    for (name, inner) in tables(table, "workspaces") {
        if let Some(refusal) = workspace(inner) {
            return Some(format!("workspace {name}: {refusal}"));
        }
    }
    scope(table)
}

fn workspace(table: &dyn TableLike) -> Option<String> {
    let workdir = table.get("workdir").and_then(Item::as_str).unwrap_or("");
    if let Some(refusal) = plain_path("workdir", workdir) {
        return Some(refusal);
    }
    let mounts = mounts(table);
    if mounts.is_empty() {
        return Some("it has no mount".to_owned());
    }
    let mut related = false;
    for (index, (source, target)) in mounts.iter().enumerate() {
        let wrong = plain_path("src", source).or_else(|| plain_path("dst", target));
        if wrong.is_some() {
            return wrong;
        }
        if mounts.iter().take(index).any(|(_, other)| other == target) {
            return Some("two mounts have one dst".to_owned());
        }
        related |= Path::new(workdir).starts_with(target) || Path::new(target).starts_with(workdir);
    }
    if !related {
        return Some("workdir is in no mount".to_owned());
    }
    let allowed: Vec<&str> = match table.get("allowed_roles").and_then(Item::as_array) {
        Some(roles) => roles.iter().filter_map(|role| role.as_str()).collect(),
        None => Vec::new(),
    };
    let default = table.get("default_role").and_then(Item::as_str);
    if default.is_some_and(|role| !allowed.is_empty() && !allowed.contains(&role)) {
        return Some("default_role is not in allowed_roles".to_owned());
    }
    for (_, inner) in tables(table, "roles") {
        if let Some(refusal) = role_keys(inner, &["env"]) {
            return Some(refusal);
        }
    }
    scope(table)
}

/// Source and target of each mount.
fn mounts(table: &dyn TableLike) -> Vec<(String, String)> {
    let text =
        |mount: &dyn TableLike, key| mount.get(key).and_then(Item::as_str).unwrap_or("").to_owned();
    let pair = |mount: &dyn TableLike| (text(mount, "src"), text(mount, "dst"));
    match table.get("mounts") {
        Some(Item::ArrayOfTables(all)) => all.iter().map(|mount| pair(mount)).collect(),
        Some(Item::Value(toml_edit::Value::Array(all))) => all
            .iter()
            .filter_map(|mount| mount.as_inline_table())
            .map(|mount| pair(mount))
            .collect(),
        _ => Vec::new(),
    }
}

/// jackin takes a path as it is: absolute, without `.`, `..` and `~`.
fn plain_path(key: &str, path: &str) -> Option<String> {
    let parts = Path::new(path).components();
    let plain = parts.clone().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    let wrong = !path.starts_with('/') || !plain || path.contains("/./") || path.contains('~');
    wrong.then(|| format!("{key} is no absolute path without . and .."))
}

/// What the tables of roles may hold, besides those of the agents.
fn role_keys(table: &dyn TableLike, known: &[&str]) -> Option<String> {
    for (key, _) in table.iter() {
        if !known.contains(&key) && !AGENTS.contains(&key) && key != "github" {
            return Some(format!("unknown key {key} of a role"));
        }
    }
    scope(table)
}

/// Variables and modes of a scope.
fn scope(table: &dyn TableLike) -> Option<String> {
    for agent in AGENTS {
        let mode = table.get(agent).and_then(Item::as_table_like);
        let mode = mode.and_then(|inner| inner.get("auth_forward")).and_then(Item::as_str);
        if mode.is_some_and(|mode| !MODES.contains(&mode)) {
            return Some(format!("{agent} has an unknown mode"));
        }
    }
    for (name, value) in table.get("env").and_then(Item::as_table_like)?.iter() {
        if !is_value(value) {
            return Some(format!("{name} has a value of no form that jackin knows"));
        }
    }
    None
}

fn is_value(value: &Item) -> bool {
    if value.as_str().is_some() {
        return true;
    }
    let Some(table) = value.as_table_like() else {
        return false;
    };
    let only = |known: &[&str]| table.iter().all(|(key, _)| known.contains(&key));
    let op = table.get("op").and_then(Item::as_str);
    if op.is_some_and(|op| op.starts_with("op://")) {
        return table.contains_key("path") && only(&["op", "path", "account", "on_demand"]);
    }
    table.contains_key("value") && only(&["value", "on_demand"])
}

fn version(table: &dyn TableLike, stage: &str, newest: u32) -> Option<String> {
    let version = table.get("version")?.as_str().unwrap_or("");
    let number = version.strip_prefix(stage).and_then(|number| number.parse::<u32>().ok());
    let known = number.is_some_and(|number| (1..=newest).contains(&number));
    (!known).then(|| format!("version {version} is newer, or none"))
}

fn tables<'a>(table: &'a dyn TableLike, key: &str) -> Vec<(String, &'a dyn TableLike)> {
    let mut found = Vec::new();
    if let Some(all) = table.get(key).and_then(Item::as_table_like) {
        for (name, item) in all.iter() {
            found.extend(item.as_table_like().map(|inner| (name.to_owned(), inner)));
        }
    }
    found
}

#[test]
fn jackin_takes_every_file_of_its_own_that_the_documents_show() {
    let mut shown = 0;
    for document in documents() {
        for block in blocks(&document) {
            let Some(file) = block.file() else {
                continue;
            };
            // These are not jackin's.
            if file == "exec.toml" || file.starts_with("catalog.d/") {
                continue;
            }
            shown += 1;
            assert_eq!(refusal(file, &block.text), None, "{document}: {}", block.text);
        }
    }
    assert!(shown > 2, "only {shown} files were found");
}

#[test]
fn the_rules_refuse_what_jackin_refuses() {
    let mount = "[[mounts]]\nsrc = '/w'\ndst = '/w'\n";
    for (file, text) in [
        // The example that README once had.
        ("w", "workdir = '/home/me/client-b'\n".to_owned()),
        ("w", mount.to_owned()),
        ("w", format!("workdir = 'w'\n{mount}")),
        ("w", format!("workdir = '/v'\n{mount}")),
        ("w", format!("workdir = '/w/../w'\n{mount}")),
        ("w", format!("workdir = '/w'\n{mount}{mount}")),
        ("w", "workdir = '/w'\n[[mounts]]\nsrc = '~/w'\ndst = '/w'\n".to_owned()),
        ("w", "workdir = '/w'\n[[mounts]]\nsrc = '/w'\n".to_owned()),
        ("w", format!("workdir = '/w'\ndefault_role = 'r'\nallowed_roles = ['q']\n{mount}")),
        ("w", format!("version = 'v1alpha9'\nworkdir = '/w'\n{mount}")),
        ("w", format!("version = 'v1alpha0'\nworkdir = '/w'\n{mount}")),
        ("w", format!("workdir = '/w'\n{mount}[roles.r]\nmodel = 'x'\n")),
        ("w", format!("workdir = '/w'\n{mount}[env]\nA = 1\n")),
        ("config.toml", "[roles.r.env]\nA = 'x'\n".to_owned()),
        ("config.toml", "[kimi]\nauth_forward = 'off'\n".to_owned()),
        ("config.toml", "[env]\nA = { op = 'op://a/b/c' }\n".to_owned()),
        ("config.toml", "[env]\nA = { file = '/a' }\n".to_owned()),
        ("config.toml", "[workspaces.w]\nworkdir = '/w'\n".to_owned()),
        ("config.toml", "version = 'v1alpha10'\n".to_owned()),
    ] {
        assert!(refusal(file, &text).is_some(), "{text}");
    }
    let whole = format!("version = 'v1alpha8'\nworkdir = '/w/src'\n{mount}[env]\nA = '$B'\n");
    assert_eq!(refusal("w", &whole), None);
}
