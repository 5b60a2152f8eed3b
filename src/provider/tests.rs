use std::path::Path;

use super::*;
use crate::config;
use crate::config::ExecToml;

/// What exec.toml and a file of rows, catalog.d/team.toml, say.
fn read(exec: &str, rows: &str) -> ExecToml {
    let mut offences = Vec::new();
    let mut exec = config::exec(Path::new("exec.toml"), exec, &mut offences).unwrap();
    assert_eq!(offences, []);
    let path = Path::new("catalog.d/team.toml");
    exec.rows = own_rows(&[RowFile { name: "catalog.d/team.toml", path, text: rows }]).unwrap();
    exec
}

fn made(exec: &str) -> Result<Vec<Provider>, String> {
    let found = providers(&read(exec, ""));
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
    assert!(!one("", "litellm").has_models());
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
        let mut provider = one("", id);
        provider.set_model(model);
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
            "the id of a built-in provider other than Anthropic, such as \"kimi\"",
        ),
        (
            "[providers.x]\nlike = \"anthropic\"\nkey_env = \"X_KEY\"\n".to_owned(),
            "the id of a built-in provider other than Anthropic, such as \"kimi\"",
        ),
        (
            "[providers.x]\nlike = \"kimmi\"\nkey_env = \"X_KEY\"\n".to_owned(),
            "the id of a built-in provider other than Anthropic; did you mean kimi?",
        ),
        (
            "[providers.x]\nbase_url = \"https://${SENTINEL}/x\"\n".to_owned()
                + key
                + "model = \"m\"\n",
            "a URL without variables, which are not expanded here",
        ),
        (
            "[providers.x]\nbase_url = \"https://api.openai.com/v1\"\n".to_owned()
                + key
                + "model = \"m\"\n",
            "an endpoint of Anthropic's Messages API, which OpenAI does not have",
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
            "https://, because the key would be sent unencrypted; or key = false, or insecure = true",
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

/// A row of catalog.d with this variable for its key.
fn row(id: &str, key: &str) -> String {
    format!(
        "[providers.{id}]\nlabel = \"The {id}\"\nbase_url = \"https://{id}.example\"\n{key}\
         model = \"m\"\ncontext_tokens = 1000\nsource = \"s\"\nchecked = \"2026-11-01\"\n\
         confidence = \"guess\"\n"
    )
}

#[test]
fn a_host_that_gets_a_presets_keys_is_named_with_the_line_that_says_so() {
    let kimi_from = "base URL changed by PLACE (the preset's is https://api.kimi.com/coding)";
    let kimi_key =
        "KIMI_CODE_API_KEY is the key of Kimi (https://api.kimi.com/coding); set by PLACE";
    let like = "[providers.x]\nlike = \"kimi\"\nkey_env = \"X_KEY\"\n";
    let own = "[providers.x]\nmodel = \"m\"\n";
    let key = "key_env = \"KIMI_CODE_API_KEY\"\n";
    let same = "base_url = \"https://api.kimi.com/coding\"\n";
    let other = "base_url = \"https://x.example\"\n";
    let (row_kimi, row_x) =
        (row("kimi", "key_env = \"KIMI_KEY\"\n"), row("x", "key_env = \"X_KEY\"\n"));
    for (exec, rows, id, expected) in [
        ("", "", "kimi", None),
        ("", "", "anthropic", None),
        ("[providers.kimi]\nmodel = \"m\"\n", "", "kimi", None),
        (&*format!("[providers.kimi]\n{same}"), "", "kimi", None),
        (&*format!("[providers.kimi]\n{other}"), "", "kimi", Some(("exec.toml:2:12", kimi_from))),
        (like, "", "x", None),
        (&*format!("{like}{other}"), "", "x", Some(("exec.toml:4:12", kimi_from))),
        (&*format!("{own}{other}{key}"), "", "x", Some(("exec.toml:3:12", kimi_key))),
        (&*format!("{own}{same}{key}"), "", "x", None),
        (&*format!("{own}{other}key_env = \"X\"\n"), "", "x", None),
        (&*format!("{own}{other}key = false\n"), "", "x", None),
        ("", &*row_kimi, "kimi", Some(("catalog.d/team.toml:3:12", kimi_from))),
        (
            "[providers.kimi]\nmodel = \"m\"\n",
            &*row_kimi,
            "kimi",
            Some(("catalog.d/team.toml:3:12", kimi_from)),
        ),
        (
            "[providers.kimi]\nkey_env = \"X\"\n",
            &*row_kimi,
            "kimi",
            Some(("catalog.d/team.toml:3:12", kimi_from)),
        ),
        ("", &*row_x, "x", None),
        (&*format!("[providers.x]\n{key}"), &*row_x, "x", Some(("exec.toml:2:11", kimi_key))),
    ] {
        let exec = read(exec, rows);
        let found = providers(&exec);
        let provider = found.usable.iter().find(|provider| provider.id == id).unwrap();
        let moved = moved(provider, &exec);
        let expected = expected
            .map(|(place, words)| (words.replace("PLACE", place), place.starts_with("catalog.d")));
        assert_eq!(moved.map(|moved| (moved.text(), moved.shared)), expected, "{exec:?} {rows}");
    }
}

#[test]
fn a_table_with_a_mistake_makes_no_provider_and_its_keys_stay_known() {
    let exec = "[providers.kimi]\nmodle = \"m\"\nkey_env = \"WORK\"\n\
                [providers.zai]\nheader = \"x: Bearer\"\nheader_key = \"$TOKEN\"\nenv = { API_TIMEOUT_MS = \"1\" }\n\
                [providers.minimax]\nheader = \"x: Bearer\"\nheader_key = \"$TOKEN\"\n";
    let exec = read(exec, "");
    let found = providers(&exec);
    for id in ["kimi", "zai"] {
        assert!(!found.usable.iter().any(|provider| provider.id == id), "{id}");
    }
    assert!(found.usable.iter().any(|provider| provider.id == "minimax"));
    let name = |name: Option<&EnvName>| name.map(|name| name.as_str().to_owned());
    let mut keys = Vec::new();
    for wrong in &found.wrong {
        keys.push((
            wrong.id.to_string(),
            name(wrong.key.as_ref()),
            name(wrong.header_key.as_ref()),
        ));
    }
    keys.sort();
    assert_eq!(
        keys,
        [
            ("kimi".to_owned(), Some("WORK".to_owned()), None),
            ("zai".to_owned(), None, Some("TOKEN".to_owned())),
        ]
    );
}

#[test]
fn a_secret_travels_in_clear_only_where_exec_toml_allows_it() {
    let table = |lines: &str| {
        format!("[providers.x]\nbase_url = \"http://gateway.example\"\nmodel = \"m\"\n{lines}")
    };
    let header = "header = \"x-gateway: Bearer\"\nheader_key = \"$TOKEN\"\n";
    for (lines, is_refused) in [
        ("key_env = \"X_KEY\"\n".to_owned(), true),
        ("key = false\n".to_owned(), false),
        (format!("key = false\n{header}"), true),
        (format!("key = false\ninsecure = true\n{header}"), false),
        ("key_env = \"X_KEY\"\ninsecure = true\n".to_owned(), false),
    ] {
        assert_eq!(made(&table(&lines)).is_err(), is_refused, "{lines}");
    }
}

#[test]
fn a_preset_without_models_wants_one_for_opus_first() {
    for (id, lines, expected) in [
        ("litellm", "models = { haiku = \"h\" }\n", None),
        ("litellm", "models = { opus = \"o\", haiku = \"h\" }\n", Some(["o", "o", "o", "h"])),
        ("litellm", "", Some([""; 4])),
        (
            "kimi",
            "models = { haiku = \"h\" }\n",
            Some(["kimi-for-coding", "kimi-for-coding", "kimi-for-coding", "h"]),
        ),
    ] {
        let found = made(&format!("[providers.{id}]\n{lines}"))
            .map(|all| models(all.iter().find(|one| one.id == id).unwrap()).map(str::to_owned));
        match expected {
            Some(expected) => assert_eq!(found.unwrap(), expected, "{id} {lines}"),
            None => assert!(
                found.unwrap_err().ends_with("models with opus, or model = \"ID\""),
                "{lines}"
            ),
        }
    }
}

#[test]
fn a_second_account_of_a_row_that_cannot_be_used_cannot_be_used_either() {
    let exec = "[providers.x]\nlike = \"kimi\"\nkey_env = \"X_KEY\"\n\
                [providers.y]\nlike = \"zai\"\nkey_env = \"Y_KEY\"\n";
    let exec = read(exec, &row("kimi", "key_env = \"PATH\"\n"));
    let found = providers(&exec);
    let usable = |id: &str| found.usable.iter().any(|provider| provider.id == id);
    assert!(!usable("kimi") && !usable("x") && usable("zai") && usable("y"));
}
