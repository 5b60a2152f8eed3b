//! A role's manifest, `jackin.role.toml`: the model that it asks for with a provider.

use std::path::Path;

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::provider::is_model_id;

/// `[claude.providers.ID] model`; none where the manifest does not say.
///
/// # Errors
///
/// [`Error::Wrong`] for a text that is no TOML, and for a model that is no model id.
pub fn role_model(path: &Path, text: &str, provider: &str) -> Result<Option<String>, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    let root = document.parse()?;
    let mut table = root.get_ref();
    for key in ["claude", "providers", provider] {
        match document.table(table, key)? {
            Some(inner) => table = inner,
            None => return Ok(None),
        }
    }
    let Some(model) = table.get("model") else {
        return Ok(None);
    };
    let text = document.text_of(model)?;
    if is_model_id(&text) { Ok(Some(text)) } else { Err(document.expected(model, "a model id")) }
}
