//! What a table of exec.toml changes in a provider.

use std::borrow::Cow;

use crate::catalog;
use crate::catalog::Models;
use crate::config::EnvName;
use crate::config::Error;
use crate::config::KeySetting;
use crate::config::Place;
use crate::config::Placed;
use crate::config::Problem;
use crate::config::ProviderTable;
use crate::report;

use super::Endpoint;
use super::Provider;
use super::ProviderValue;

/// Changes a provider as the table says.
pub(super) fn change(provider: &mut Provider, table: &ProviderTable) -> Result<(), Error> {
    provider.configured = true;
    if let Some(label) = &table.label {
        provider.label = Cow::Owned(checked_label(label)?);
    }
    if let Some(Placed { value, place }) = &table.base_url {
        match Endpoint::new(value) {
            Ok(endpoint) => provider.endpoint = Some(endpoint),
            Err(what) => return Err(expected(place, what)),
        }
        // Another host has other keys.
        provider.keys_of = None;
    }
    if let Some(key) = &table.key {
        provider.key = key.value.clone();
        provider.keys_of = None;
        provider.key_optional = false;
    }
    if let Some(header) = table.api_key_header {
        provider.api_key_header = header;
    }
    if let Some(header) = &table.header {
        provider.header = Some(Cow::Owned(header.text.clone()));
        provider.header_key = header.key.clone().map(Box::new);
    }
    if let Some(model) = &table.model {
        provider.set_model(model);
    }
    for (tier, model) in &table.models {
        let place = match *tier {
            "fable" => &mut provider.models.fable,
            "opus" => &mut provider.models.opus,
            "sonnet" => &mut provider.models.sonnet,
            _ => &mut provider.models.haiku,
        };
        *place = Cow::Owned(model.clone());
    }
    if provider.local {
        fill_models(&mut provider.models, table)?;
    }
    provider.window = table.context_tokens.unwrap_or(provider.window);
    provider.timeout_ms = table.timeout_ms.unwrap_or(provider.timeout_ms);
    refuse_key_in_clear(provider, table)?;
    if provider.key == KeySetting::None && provider.api_key_header {
        let what = "auth = \"bearer\": without a key there is none to send twice";
        return Err(expected(&table.place, what));
    }
    for (name, value) in &table.env {
        refuse_redirect(&name.value, &name.place)?;
        provider.env.retain(|(known, _)| *known != name.value);
        provider.env.push((name.value.clone(), ProviderValue::Configured(value.clone())));
    }
    Ok(())
}

/// Refuses to send a key unencrypted unless exec.toml allows it explicitly.
fn refuse_key_in_clear(provider: &Provider, table: &ProviderTable) -> Result<(), Error> {
    let (Some(url), Some(endpoint)) = (&table.base_url, &provider.endpoint) else {
        return Ok(());
    };
    let has_secret = provider.key != KeySetting::None || provider.header_key.is_some();
    if !endpoint.is_in_clear() || !has_secret || table.insecure {
        return Ok(());
    }
    let what =
        "https://, because the key would be sent unencrypted; or key = false, or insecure = true";
    Err(expected(&url.place, what))
}

/// Fills the tiers of a row without models from exec.toml, using opus for those that it leaves out.
fn fill_models(models: &mut Models<Cow<'static, str>>, table: &ProviderTable) -> Result<(), Error> {
    if models.opus.is_empty() && !table.models.is_empty() {
        let what = "models with opus, or model = \"ID\"";
        return Err(expected(&table.place, what));
    }
    let opus = models.opus.clone();
    for model in [&mut models.fable, &mut models.sonnet, &mut models.haiku] {
        if model.is_empty() {
            model.clone_from(&opus);
        }
    }
    Ok(())
}

fn checked_label(label: &Placed<String>) -> Result<String, Error> {
    match refuse_label(&label.value) {
        Ok(()) => Ok(label.value.trim().to_owned()),
        Err(what) => Err(expected(&label.place, what)),
    }
}

/// Refuses a label that cannot be shown.
pub(super) fn refuse_label(label: &str) -> Result<(), &'static str> {
    if label.trim().is_empty() || label.contains(report::is_unsafe) {
        return Err("a label that is not empty and has no control or bidirectional characters");
    }
    Ok(())
}

/// Refuses a variable of a provider that would undo the redirect.
fn refuse_redirect(name: &EnvName, place: &Place) -> Result<(), Error> {
    if catalog::is_open(name.as_str()) {
        return Ok(());
    }
    let what = "a name that the redirect itself does not set or remove";
    Err(expected(place, what))
}

/// The error for something else than what was expected at a place.
pub(super) fn expected(place: &Place, what: &'static str) -> Error {
    place.clone().wrong(Problem::Expected(what))
}
