//! What the operator's own values and an inherited environment leave of a redirect's names.

use super::*;

const LEFTOVER: &str = "ANTHROPIC_BASE_URL=https://api.kimi.com/coding";

#[test]
fn a_providers_key_is_removed_with_the_redirect_that_it_was_left_over_from() {
    for (entry, keys) in [
        ("ANTHROPIC_API_KEY=sk-kimi-1", &["ANTHROPIC_API_KEY"][..]),
        ("ANTHROPIC_API_KEY=sk-ant-1", &[]),
        ("ANTHROPIC_API_KEY=", &[]),
        ("ANTHROPIC_CUSTOM_HEADERS=X-Api-Key: sk-kimi-1", &["ANTHROPIC_CUSTOM_HEADERS"]),
        ("ANTHROPIC_CUSTOM_HEADERS=x-team: a", &[]),
        ("OTHER=sk-kimi-1", &[]),
    ] {
        let launch = Launch { environment: &[LEFTOVER, entry], ..Launch::default() };
        launch.plan("anthropic", |_, warnings| {
            let keys = keys.to_vec();
            assert_eq!(warnings, [Warning::Leftover { keys }], "{entry}");
        });
        for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"] {
            assert_eq!(launch.unsets("anthropic", name), keys.contains(&name), "{entry}");
        }
    }
    // The operator's own value takes its place.
    let global = "[env]\nANTHROPIC_API_KEY = \"sk-ant-1\"\n";
    let environment = &[LEFTOVER, "ANTHROPIC_API_KEY=sk-kimi-1"];
    let launch = Launch { global, environment, ..Launch::default() };
    launch.plan("anthropic", |_, warnings| {
        assert_eq!(warnings, [Warning::Leftover { keys: Vec::new() }]);
    });
    assert!(!launch.unsets("anthropic", "ANTHROPIC_API_KEY"));
}

#[test]
fn only_a_value_that_the_redirect_replaces_is_overruled() {
    let global = "[env]\nANTHROPIC_BASE_URL = \"https://x\"\nNO_PROXY = \"x\"\n\
         ANTHROPIC_MODEL = { value = \"x\", on_demand = true }\n";
    let launch = Launch { global, exec: LOCAL, environment: &["LOCAL=k"], ..Launch::default() };
    launch.plan("local", |_, warnings| {
        let names = warnings.iter().find_map(|warning| match warning {
            Warning::Overruled { names, .. } => Some(names.as_slice()),
            _ => None,
        });
        assert_eq!(names, Some(&["ANTHROPIC_BASE_URL".to_owned()][..]));
    });
}

#[test]
fn what_a_redirect_suggests_yields_to_a_value_that_the_operator_gives_the_command() {
    const NAME: &str = "DISABLE_LOGOUT_COMMAND";
    let suggested = format!("+{NAME}=1");
    for (value, line) in [
        ("\"0\"".to_owned(), format!("+{NAME}=<{NAME} literal global>")),
        ("{ value = \"0\", on_demand = true }".to_owned(), suggested.clone()),
    ] {
        let global = format!("[env]\n{NAME} = {value}\n");
        let launch = Launch { global: &global, environment: KEY, ..Launch::default() };
        let mut lines = launch.set("kimi");
        lines.retain(|line| name_of(line) == NAME);
        assert_eq!(lines, [line], "{value}");
    }
    let launch = Launch { environment: KEY, ..Launch::default() };
    assert!(launch.set("kimi").contains(&suggested));
}

#[test]
fn a_key_is_removed_under_the_name_of_the_preset_and_under_the_one_that_replaces_it() {
    let exec = "[providers.zai]\nkey_env = \"WORK_KEY\"\n";
    let environment = &["KIMI_CODE_API_KEY=k", "ZAI_API_KEY=k", "WORK_KEY=k", "WORK=k"];
    let launch = Launch { exec, environment, ..Launch::default() };
    for id in ["kimi", "anthropic"] {
        for (name, goes) in [("ZAI_API_KEY", true), ("WORK_KEY", true), ("WORK", false)] {
            assert_eq!(launch.unsets(id, name), goes, "{id} {name}");
        }
    }
}

#[test]
fn a_copy_of_a_removed_key_is_no_credential_for_anthropic() {
    const NAME: &str = "ANTHROPIC_API_KEY";
    let exec = "[providers.zai]\nkey_env = \"WORK_KEY\"\n[env]\nMINIMAX_API_KEY = \"$MINE\"\n";
    for (key, copy, goes) in [
        ("KIMI_CODE_API_KEY=sk-kimi-1", "ANTHROPIC_API_KEY=sk-kimi-1", true),
        ("WORK_KEY=1", "ANTHROPIC_API_KEY=1", true),
        ("MINE=1", "ANTHROPIC_API_KEY=1", true),
        ("KIMI_CODE_API_KEY=sk-kimi-1", "ANTHROPIC_API_KEY=sk-kimi-2", false),
        ("KIMI_CODE_API_KEY=", "ANTHROPIC_API_KEY=", false),
        ("KIMI_CODE_API_KEY=sk-ant-1", "ANTHROPIC_API_KEY=sk-ant-1", false),
        ("OTHER=1", "ANTHROPIC_API_KEY=1", false),
    ] {
        let environment = &[key, copy];
        let launch = Launch { exec, environment, ..Launch::default() };
        assert_eq!(launch.unsets("anthropic", NAME), goes, "{key} {copy}");
        let passing = Launch { exec, environment, pass_keys: true, ..Launch::default() };
        assert!(!passing.unsets("anthropic", NAME), "{key} {copy}");
        // The operator's own value takes its place.
        let global = "[env]\nANTHROPIC_API_KEY = \"mine\"\n";
        let own = Launch { global, exec, environment, ..Launch::default() };
        assert!(!own.unsets("anthropic", NAME), "{key} {copy}");
    }
}

#[test]
fn the_variable_with_a_headers_secret_is_removed_whoever_is_chosen() {
    let gateway = "[providers.gateway]\nbase_url = \"https://gateway.example\"\nkey_env = \"GATEWAY_KEY\"\n\
         model = \"m\"\nheader = \"x-gateway:\"\n";
    let environment = &["KIMI_CODE_API_KEY=k", "GATEWAY_KEY=k", "GATEWAY_TOKEN=t"];
    for (value, goes) in [("$GATEWAY_TOKEN", true), ("op://v/i/f", false)] {
        let exec = format!("{gateway}header_key = \"{value}\"\n");
        let launch = Launch { exec: &exec, environment, ..Launch::default() };
        for id in ["kimi", "gateway"] {
            assert_eq!(launch.unsets(id, "GATEWAY_TOKEN"), goes, "{id} {value}");
        }
    }
}

#[test]
fn team_mates_find_the_key_if_the_configuration_says_where_it_is() {
    let gateway = "[providers.x]\nbase_url = \"https://x.example\"\nmodel = \"m\"\n\
                   header = \"x-gateway: Bearer\"\nheader_key = HEADER_KEY\n";
    let file = "{ file = \"/token\" }";
    let own = "key_env = \"X_KEY\"\n";
    for (header_key, key, scope, expected) in [
        (file, "key = false\n", "", true),
        ("\"$TOKEN\"", "key = false\n", "", false),
        (file, own, "", false),
        (file, own, "X_KEY = \"$OTHER\"\n", false),
        (file, own, "X_KEY = \"k\"\n", true),
        (file, own, "X_KEY = { command = [\"pass\"] }\n", true),
        ("\"$TOKEN\"", own, "X_KEY = \"k\"\n", false),
    ] {
        let gateway = gateway.replace("HEADER_KEY", header_key);
        let exec = format!("[env]\n{scope}\n{gateway}{key}");
        let environment = &["X_KEY=k", "OTHER=k", "TOKEN=t"];
        let launch = Launch { exec: &exec, environment, ..Launch::default() };
        launch.plan("x", |plan, _| assert_eq!(plan.key_is_configured(), expected, "{exec}"));
    }
}
