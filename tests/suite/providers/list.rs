//! What `providers` lists, for people and for programs.

use crate::providers::OWN;
use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn the_table_says_who_has_a_key_and_why_another_has_none() {
    let home = sandbox()
        .config("[env]\nMINIMAX_API_KEY = \"\"\nDEEPSEEK_API_KEY = { value = \"x\", on_demand = true }\nMOONSHOT_API_KEY = \"$NOT_SET\"\n")
        .workspace("w", "[env]\nZAI_API_KEY = \"x\"\n")
        .exec(OWN)
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .env("LITELLM_API_KEY_FILE", "/some/file");
    home.run(["providers", "-w", "w"]).prints(
        "anthropic  Anthropic  ready, needs no key\n\
         zai        Z.AI       ready, key from workspace\n\
         minimax    MiniMax    no key: MINIMAX_API_KEY is empty in the global scope\n\
         kimi       Kimi       ready, key from environment\n\
         deepseek   DeepSeek   no key: DEEPSEEK_API_KEY is on_demand in the global scope\n\
         litellm    LiteLLM    ready, key from file\n\
         moonshot   Moonshot   no key: MOONSHOT_API_KEY in the global scope is $NOT_SET, which is unset or empty\n\
         34 more have no key here: jackin-exec providers --all\n",
    );
    home.run(["-w", "w", "providers"]).shows_no_secret();
}

#[test]
fn the_list_for_programs_has_the_promised_fields_in_the_order_of_the_question() {
    let json = sandbox()
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .exec(&OWN.replace("[providers.litellm]", "[providers.own]"))
        .run(["providers", "--json"])
        .json();
    let list = json.as_array().unwrap();
    let ids: Vec<&str> = list.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids[..5], ["anthropic", "zai", "minimax", "kimi", "bigmodel"]);
    assert_eq!(ids.last(), Some(&"own"));
    let labels = list[4..list.len() - 1].iter().map(|one| one["label"].as_str().unwrap());
    assert!(labels.map(str::to_lowercase).is_sorted(), "{ids:?}");
    let wanted = serde_json::json!({
        "id": "kimi", "label": "Kimi", "base_url": "https://api.kimi.com/coding", "key_env": "KIMI_CODE_API_KEY",
        "available": true, "origin": "environment",
        "models": {
            "fable": "kimi-for-coding", "opus": "kimi-for-coding",
            "sonnet": "kimi-for-coding", "haiku": "kimi-for-coding"
        }
    });
    assert_eq!(list[3], wanted);
    let wanted = serde_json::json!({
        "id": "anthropic", "label": "Anthropic", "base_url": null, "key_env": "ANTHROPIC_API_KEY",
        "available": true, "origin": null, "models": null
    });
    assert_eq!(list[0], wanted);
    let wanted = serde_json::json!({
        "id": "own", "label": "LiteLLM", "base_url": "http://127.0.0.1:4000", "key_env": "LITELLM_API_KEY",
        "available": false, "origin": null,
        "models": { "fable": "b", "opus": "b", "sonnet": "c", "haiku": "d" }
    });
    assert_eq!(list.last(), Some(&wanted));
}

#[test]
fn the_lists_of_providers_and_of_keys_agree_on_which_ones_are_available() {
    let own = "[providers.vllm]\nmodel = \"m\"\n";
    for home in [sandbox(), sandbox().exec(own).env("KIMI_CODE_API_KEY", SENTINEL)] {
        let available = |words: &str| {
            let shown = home.run([words, "--json"]).json();
            let one = |one: &serde_json::Value| (one["id"].to_string(), one["available"] == true);
            shown.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
        };
        let found = available("providers");
        assert_eq!(found, available("auth"));
        // It is offered only where exec.toml names it: nobody knows whether it runs.
        assert!(found.contains(&("\"ollama\"".to_owned(), false)), "{found:?}");
    }
}
