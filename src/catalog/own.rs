//! A user's own rows, in the form of the presets.

use super::Facts;
use super::KeyShape;
use super::Models;
use super::NO_VENDOR;
use super::Preset;
use super::TIMEOUT_MS;
use super::find;
use super::row::Row;
use super::row::Taken;

/// The row as a preset. It is kept until the process ends, as the built-in ones are: the program
/// reads each file once, and then becomes another.
pub fn own_row(row: Row, file: &str) -> &'static Preset {
    let facts = Facts::own(row.facts());
    let windows = row.windows_text().leak();
    let shape = row.key_begins.first().cloned().zip(row.key_otherwise);
    let [fable, opus, sonnet, haiku] = row.models.unwrap_or_default().map(|model| &*model.leak());
    let env: Vec<(&str, &str)> = row
        .env
        .into_iter()
        .map(|variable| (&*variable.name.leak(), &*variable.value.leak()))
        .collect();
    let id: &'static str = row.id.leak();
    Box::leak(Box::new(Preset {
        vendor: find(id).map_or(NO_VENDOR, |preset| preset.vendor),
        file: Some(file.to_owned().leak()),
        id,
        label: row.label.leak(),
        base_url: row.base_url.map(|url| &*url.leak()),
        key_env: row.key_env.map(|name| &*name.leak()),
        key_shape: shape.map(|(prefix, otherwise)| KeyShape {
            prefix: prefix.leak(),
            otherwise: otherwise.leak(),
        }),
        api_key_header: row.api_key_header,
        header: row.header.map(|header| &*header.leak()),
        models: Models { fable, opus, sonnet, haiku },
        window: row.window,
        windows,
        timeout_ms: row.timeout_ms.unwrap_or(TIMEOUT_MS),
        env: env.leak(),
        local: row.local,
        facts,
    }))
}

impl Preset {
    /// What it takes for itself among the rows.
    pub fn taken(&self) -> Taken<'_> {
        Taken {
            id: self.id,
            aliases: self.facts.aliases(),
            label: self.label,
            base_url: self.base_url,
            key_env: self.key_env,
        }
    }
}
