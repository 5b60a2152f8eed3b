//! Compares managed settings that name models with the models that a redirect would request.

use serde_json::Value;

/// Why a redirect may not start.
#[derive(Debug, PartialEq, Eq)]
pub struct Objection {
    /// The key of the setting.
    pub key: &'static str,
    /// The model that the redirect would request; `None` if the setting requires another one.
    pub model: Option<String>,
}

/// The first setting that conflicts with the models whose ids the redirect requests.
pub fn objection(settings: &Value, models: &[&str]) -> Option<Objection> {
    let settings = settings.as_object()?;
    // The one model that every session must use.
    for key in ["model", "advisorModel"] {
        match settings.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(name)) if name.is_empty() || asks(models, name) => {}
            Some(_) => return Some(Objection { key, model: None }),
        }
    }
    // Models to use if the first one is busy.
    for name in list(settings.get("fallbackModel")) {
        if !asks(models, name) {
            return Some(Objection { key: "fallbackModel", model: None });
        }
    }
    // An empty list allows only Anthropic's default, and a value that is not a list is not known to
    // allow anything.
    if let Some(allowed) = settings.get("availableModels")
        && !allowed.is_null()
    {
        let allowed = list(Some(allowed));
        for model in models {
            if !allowed.iter().any(|name| same(model, name)) {
                let model = Some((*model).to_owned());
                return Some(Objection { key: "availableModels", model });
            }
        }
        if models.is_empty() {
            return Some(Objection { key: "availableModels", model: None });
        }
    }
    for name in list(settings.get("deniedModels")) {
        if let Some(model) = models.iter().find(|model| overlap(model, name)) {
            let model = Some((*model).to_owned());
            return Some(Objection { key: "deniedModels", model });
        }
    }
    // Replacements for Anthropic's models, which a redirect does not request.
    if let Some(replaced) = settings.get("modelOverrides").and_then(Value::as_object) {
        for name in replaced.keys() {
            if let Some(model) = models.iter().find(|model| overlap(model, name)) {
                let model = Some((*model).to_owned());
                return Some(Objection { key: "modelOverrides", model });
            }
        }
    }
    None
}

/// The client's tier names, which a redirect maps to its own models.
const TIERS: &[&str] = &["opus", "sonnet", "haiku", "fable"];

/// The strings of a list or a single string; a list's other items count as empty, other values as
/// an empty list.
fn list(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().unwrap_or("")).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Whether a redirect requests exactly this model. In a setting, a tier's name means Anthropic's
/// model.
fn asks(models: &[&str], name: &str) -> bool {
    models.iter().any(|model| !TIERS.contains(model) && same(model, name))
}

/// Whether two ids name the same model; `[1m]` only requests a larger window.
fn same(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

fn bare(model: &str) -> &str {
    model.strip_suffix("[1m]").unwrap_or(model)
}

/// Whether one name contains the other: `opus` means every Opus, `claude-opus-5` each of its
/// releases, and a provider may add its own words around either.
fn overlap(model: &str, name: &str) -> bool {
    let (model, name) = (bare(model).to_ascii_lowercase(), bare(name).to_ascii_lowercase());
    !name.is_empty() && (model.contains(&name) || name.contains(&model))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KIMI: &[&str] = &["kimi-for-coding", "k3[1m]"];

    fn found(settings: &Value, models: &[&str]) -> Option<(&'static str, Option<String>)> {
        objection(settings, models).map(|found| (found.key, found.model))
    }

    #[test]
    fn settings_that_the_redirect_keeps_do_not_object() {
        for settings in [
            json!({}),
            json!([]),
            json!({ "model": null, "fallbackModel": null, "availableModels": null }),
            json!({ "model": "", "fallbackModel": [], "deniedModels": [], "modelOverrides": {} }),
            json!({ "model": "kimi-for-coding", "fallbackModel": ["K3", "kimi-for-coding"] }),
            json!({ "availableModels": ["claude-opus-5", "k3", "Kimi-For-Coding[1m]"] }),
            json!({ "availableModels": ["k3", "kimi-for-coding"], "enforceAvailableModels": true }),
            json!({ "deniedModels": ["claude-opus-5", "sonnet", ""] }),
            json!({ "modelOverrides": { "claude-opus-5": "arn:aws:bedrock:opus" } }),
        ] {
            assert_eq!(found(&settings, KIMI), None, "{settings}");
        }
    }

    #[test]
    fn a_setting_for_other_models_is_an_objection() {
        let other = |key| Some((key, None));
        let of = |key, model: &str| Some((key, Some(model.to_owned())));
        for (settings, expected) in [
            (json!({ "model": "claude-opus-5" }), other("model")),
            // Anthropic's Opus, not the model to which a redirect maps the tier.
            (json!({ "model": "opus" }), other("model")),
            (json!({ "model": 5 }), other("model")),
            (json!({ "advisorModel": "claude-opus-5" }), other("advisorModel")),
            (json!({ "fallbackModel": ["k3", "sonnet"] }), other("fallbackModel")),
            (json!({ "fallbackModel": "claude-haiku-5" }), other("fallbackModel")),
            (json!({ "availableModels": [] }), of("availableModels", "kimi-for-coding")),
            (json!({ "availableModels": {} }), of("availableModels", "kimi-for-coding")),
            (json!({ "availableModels": ["opus"] }), of("availableModels", "kimi-for-coding")),
            (json!({ "availableModels": ["kimi-for-coding"] }), of("availableModels", "k3[1m]")),
            (
                json!({ "availableModels": ["k3", "kimi"] }),
                of("availableModels", "kimi-for-coding"),
            ),
            (json!({ "deniedModels": ["kimi"] }), of("deniedModels", "kimi-for-coding")),
            (json!({ "deniedModels": ["x", "vendor/k3"] }), of("deniedModels", "k3[1m]")),
            (json!({ "modelOverrides": { "K3": "x" } }), of("modelOverrides", "k3[1m]")),
        ] {
            assert_eq!(found(&settings, KIMI), expected, "{settings}");
        }
    }

    #[test]
    fn a_model_that_is_named_like_a_tier_is_a_model() {
        for tier in TIERS {
            for settings in [
                json!({ "availableModels": [] }),
                json!({ "availableModels": ["claude-opus-5"], "enforceAvailableModels": true }),
            ] {
                let expected = Some(("availableModels", Some((*tier).to_owned())));
                assert_eq!(found(&settings, &[tier]), expected, "{settings}");
            }
            let denied = Some(("deniedModels", Some((*tier).to_owned())));
            let release = format!("claude-{tier}-5");
            assert_eq!(found(&json!({ "deniedModels": [release] }), &[tier]), denied);
        }
    }

    #[test]
    fn a_list_of_allowed_models_objects_to_a_redirect_that_names_none() {
        assert_eq!(
            found(&json!({ "availableModels": ["x"] }), &[]),
            Some(("availableModels", None))
        );
    }
}
