//! The models that a policy judges, and the network settings that it adds.

use super::*;

#[test]
fn the_models_of_a_plan_are_those_of_its_tiers_each_once() {
    let exec = "[providers.mine]\nbase_url = \"https://mine.example\"\nkey = false\n\
         models = { fable = \"a\", opus = \"b\", sonnet = \"b\", haiku = \"c\" }\n";
    let launch = Launch { exec, ..Launch::default() };
    launch.plan("mine", |plan, _| assert_eq!(plan.models(), ["b", "c", "a"]));
    Launch::default().plan("anthropic", |plan, _| assert!(plan.models().is_empty()));
}

#[test]
fn the_policys_network_settings_replace_others_and_spare_a_provider_on_this_machine() {
    let environment = &["KIMI_CODE_API_KEY=k", "LOCAL=k", "NO_PROXY=mine"];
    let global = "[env]\nHTTPS_PROXY = \"http://mine\"\n";
    let launch = Launch { global, exec: LOCAL, environment, ..Launch::default() };
    let policy = [("HTTPS_PROXY", "http://p"), ("NO_PROXY", "corp"), ("no_proxy", "corp")];
    for (id, suffix) in [("kimi", ""), ("local", ",127.0.0.1")] {
        launch.plan(id, |plan, _| {
            plan.add_network(policy.map(|(name, value)| (name.into(), value.into())).to_vec());
            let mut lines = lines_of(plan);
            lines.retain(|line| line.to_ascii_uppercase().contains("_PROXY="));
            lines.sort_unstable();
            let expected = [
                "+HTTPS_PROXY=<HTTPS_PROXY literal managed>".to_owned(),
                format!("+NO_PROXY=<NO_PROXY literal managed>{suffix}"),
                format!("+no_proxy=<no_proxy literal managed>{suffix}"),
            ];
            assert_eq!(lines, expected, "{id}");
        });
    }
}
