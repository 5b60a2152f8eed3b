//! A role's manifest, `jackin.role.toml`: the model that the role uses with a provider.

use std::path::Path;

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::provider::is_model_id;

/// `[claude.providers.ID] model`; `None` if the manifest does not set it.
///
/// # Errors
///
/// [`Error::Wrong`] for text that is not TOML, and for a model that is not a valid model id.
pub fn role_model(path: &Path, text: &str, provider: &str) -> Result<Option<String>, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    let root = document.parse()?;
    let mut table = &root;
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
