use std::path::Path;

use super::*;
use crate::config;

fn made(exec: &str) -> Result<Vec<Provider>, String> {
    let mut offences = Vec::new();
    let exec = config::exec(Path::new("exec.toml"), exec, &mut offences)
        .map_err(|error| error.to_string())?;
    assert_eq!(offences, []);
    let found = providers(&exec);
    match found.wrong.first() {
        Some(wrong) => Err(wrong.error.to_string()),
        None => Ok(found.usable),
    }
}

fn one(exec: &str, id: &str) -> Provider {
    made(exec).unwrap().into_iter().find(|provider| provider.id == id).unwrap()
}

fn url(provider: &Provider) -> &str {
    provider.endpoint.as_ref().unwrap().url()
}

fn key(provider: &Provider) -> &str {
    provider.key_env().unwrap().as_str()
}

/// The models, highest tier first.
fn models(provider: &Provider) -> [&str; 4] {
    provider.models.tiers().map(|(_, model)| &**model)
}

const OWN: &str = "[providers.mine]\nbase_url = \"https://mine.example\"\nkey_env = \"MINE\"\n";

#[test]
fn the_presets_come_first_and_then_exec_tomls_own_by_id() {
    let exec = format!(
        "[providers.zz]\nbase_url = \"https://z.example\"\nkey = false\nmodel = \"m\"\n{OWN}model = \"m\"\n[providers.kimi]\nlabel = \"K\"\n"
    );
    let found = made(&exec).unwrap();
    let presets = catalog::PRESETS.len();
    let ids: Vec<&str> = found.iter().skip(presets).map(|one| &*one.id).collect();
    assert_eq!(ids, ["mine", "zz"]);
    for (provider, preset) in found.iter().zip(catalog::PRESETS) {
        assert_eq!(provider.id, preset.id);
        assert_eq!(provider.configured, preset.id == "kimi", "{}", preset.id);
    }
}

#[test]
fn a_preset_is_what_the_catalogue_says() {
    let kimi = one("", "kimi");
    assert_eq!(kimi.label, "Kimi");
    assert_eq!(url(&kimi), "https://api.kimi.com/coding");
    assert_eq!(key(&kimi), "KIMI_CODE_API_KEY");
    assert_eq!((kimi.window, kimi.timeout_ms), (262_144, 3_000_000));
    assert_eq!(models(&kimi), ["kimi-for-coding"; 4]);
    assert!(!kimi.is_anthropic() && one("", "anthropic").is_anthropic());
    assert!(kimi.has_models() && one("", "anthropic").has_models());
    assert!(kimi.keys_of.is_some() && !kimi.api_key_header);
}

#[test]
fn the_page_for_keys_is_that_of_the_rows_own_key() {
    let page = Some("https://www.kimi.com/code/console");
    assert_eq!(one("", "kimi").key_page(), page);
    // exec.toml can name another variable, which may hold another kind of key.
    assert_eq!(one("[providers.kimi]\nkey_env = \"KIMI_API_KEY\"\n", "kimi").key_page(), None);
    assert_eq!(one("", "litellm").key_page(), None);
}

#[test]
fn exec_toml_changes_what_it_says_and_nothing_else() {
    let of = |lines: &str| one(&format!("[providers.kimi]\n{lines}"), "kimi");
    let untouched = one("", "kimi");
    assert_eq!(of("label = \" Work \"\n").label, "Work");
    assert_eq!(of("label = \"Work\"\n").window, untouched.window);
    let moved = of("base_url = \"https://mine.example/\"\n");
    assert_eq!(url(&moved), "https://mine.example");
    assert!(moved.keys_of.is_none(), "another host has other keys");
    assert!(of("label = \"Work\"\n").keys_of.is_some());
    let keyed = of("key_env = \"MINE\"\n");
    assert_eq!(key(&keyed), "MINE");
    assert!(keyed.keys_of.is_none());
    assert_eq!(of("key = false\n").key_env(), None);
    assert!(of("auth = \"x-api-key\"\n").api_key_header);
    assert_eq!(of("timeout_ms = 5000\n").timeout_ms, 5000);
    assert_eq!(of("context_tokens = 5000\n").window, 5000);
    let tiers = of("models = { fable = \"a\", opus = \"b\", sonnet = \"c\", haiku = \"d\" }\n");
    assert_eq!(models(&tiers), ["a", "b", "c", "d"]);
    assert_eq!(of("models = { opus = \"b\" }\n").models.sonnet, "kimi-for-coding");
    let env = of("env = { ENABLE_TOOL_SEARCH = \"true\", X = \"x\" }\n").env;
    let [(search, ProviderValue::Configured(_)), (x, ProviderValue::Configured(_))] = &env[..]
    else {
        panic!("{env:?}");
    };
    assert_eq!((search.as_str(), x.as_str()), ("ENABLE_TOOL_SEARCH", "X"));
}

#[test]
fn a_model_has_the_window_that_is_known_of_it() {
    for (id, model, window) in [
        ("kimi", "kimi-for-coding", 262_144),
        ("kimi", "k3-256k", 262_144),
        ("kimi", "other", catalog::UNKNOWN_WINDOW),
        ("kimi", "other[1m]", MILLION),
    ] {
        let provider = one("", id).with_model(model);
        assert_eq!(provider.window, window, "{id} {model}");
        assert_eq!(models(&provider), [model; 4]);
    }
    assert_eq!(one("[providers.kimi]\nmodel = \"x[1m]\"\n", "kimi").window, MILLION);
    assert!(is_million("x[1m]") && !is_million("[1m]x") && !is_million("x"));
}

#[test]
fn a_provider_of_ones_own_is_whole() {
    let mine = one(&format!("{OWN}model = \"m\"\n"), "mine");
    assert_eq!((&*mine.label, mine.window), ("mine", catalog::UNKNOWN_WINDOW));
    assert_eq!(mine.timeout_ms, catalog::TIMEOUT_MS);
    assert!(mine.configured && !mine.local && !mine.key_optional && !mine.api_key_header);
    let three = "models = { opus = \"o\", sonnet = \"s\", haiku = \"h\" }\n";
    assert_eq!(models(&one(&format!("{OWN}{three}"), "mine")), ["o", "o", "s", "h"]);
    let million = one(
        &format!("{OWN}models = {{ opus = \"o[1m]\", sonnet = \"s\", haiku = \"h\" }}\n"),
        "mine",
    );
    assert_eq!(million.window, MILLION);
    let told = one(&format!("{OWN}model = \"m[1m]\"\ncontext_tokens = 5000\n"), "mine");
    assert_eq!(told.window, 5000);
}

#[test]
fn a_table_that_makes_no_provider_is_refused_at_its_place() {
    let key = "key_env = \"K\"\n";
    let url = "base_url = \"https://x.example\"\n";
    for (table, expected) in [
        (format!("[providers.x]\n{key}model = \"m\"\n"), "a base_url: this is no preset"),
        (
            format!("[providers.x]\n{url}model = \"m\"\n"),
            "key_env = \"NAME\", or key = false for an endpoint that wants no key",
        ),
        (
            format!("[providers.x]\n{url}{key}"),
            "model = \"ID\", or models with opus, sonnet and haiku",
        ),
        (
            format!("[providers.x]\n{url}{key}models = {{ opus = \"m\", sonnet = \"m\" }}\n"),
            "model = \"ID\", or models with opus, sonnet and haiku",
        ),
        (
            "[providers.kimi]\nlike = \"zai\"\n".to_owned(),
            "no `like` here: this id is a preset itself",
        ),
        (
            "[providers.x]\nlike = \"SENTINEL\"\nkey_env = \"X_KEY\"\n".to_owned(),
            "the id of a preset that is redirected, such as \"kimi\"",
        ),
        (
            "[providers.x]\nlike = \"anthropic\"\nkey_env = \"X_KEY\"\n".to_owned(),
            "the id of a preset that is redirected, such as \"kimi\"",
        ),
        (
            "[providers.x]\nlike = \"kimi\"\n".to_owned(),
            "key_env = \"NAME\": a second account has a key of its own",
        ),
        ("[providers.anthropic]\n".to_owned(), "another id: Anthropic is not redirected"),
        (
            format!("[providers.x]\n{url}key = false\nauth = \"x-api-key\"\nmodel = \"m\"\n"),
            "auth = \"bearer\": without a key there is none to send twice",
        ),
        (
            "[providers.kimi]\nlabel = \"  \"\n".to_owned(),
            "a label that is not empty and has no control or bidirectional characters",
        ),
        (
            "[providers.kimi]\nlabel = \"a\u{202e}b\"\n".to_owned(),
            "a label that is not empty and has no control or bidirectional characters",
        ),
        (
            "[providers.kimi]\nenv = { API_TIMEOUT_MS = \"1\" }\n".to_owned(),
            "a name that the redirect itself does not set or remove",
        ),
        (
            "[providers.kimi]\nbase_url = \"http://SENTINEL.example\"\n".to_owned(),
            "https://, because the key would travel in clear; or key = false, or insecure = true",
        ),
    ] {
        let said = made(&table).unwrap_err();
        assert!(said.ends_with(&format!(": expected {expected}")), "{said}");
        assert!(said.starts_with("exec.toml:") && !said.contains("SENTINEL"), "{said}");
    }
}

#[test]
fn a_file_that_holds_a_key_is_told_apart_from_one_that_refers_to_it() {
    let held = |global: &str, exec: &str| {
        let mut offences = Vec::new();
        let global = config::global(Path::new("config.toml"), global, &mut offences).unwrap();
        let exec = config::exec(Path::new("exec.toml"), exec, &mut offences).unwrap();
        holds_literal_key(global.scopes(), &exec)
    };
    let own = format!("{OWN}model = \"m\"\n");
    for (global, exec, holds) in [
        ("", "", false),
        ("[env]\nKIMI_CODE_API_KEY = \"k\"\n", "", true),
        ("[env]\nKIMI_CODE_API_KEY = \"$K\"\n", "", false),
        ("[env]\nKIMI_CODE_API_KEY = \"\"\n", "", false),
        ("[env]\nOTHER = \"k\"\n", "", false),
        ("[env]\nMINE = \"k\"\n", "", false),
        ("[env]\nMINE = \"k\"\n", "[providers.mine]\nkey_env = \"MINE\"\nmodle = \"m\"\n", true),
        ("[env]\nMINE = \"k\"\n", &*own, true),
        ("[roles.r.env]\nMINE = \"k\"\n", &*own, true),
    ] {
        assert_eq!(held(global, exec), holds, "{global}");
    }
}
