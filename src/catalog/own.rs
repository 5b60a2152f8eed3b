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
    let key_shape = match (row.key_begins.into_iter().next(), row.key_otherwise) {
        (Some(prefix), Some(otherwise)) => {
            Some(KeyShape { prefix: prefix.leak(), otherwise: otherwise.leak() })
        }
        _ => None,
    };
    let [fable, opus, sonnet, haiku] = row.models.unwrap_or_default();
    let mut env: Vec<(&str, &str)> = Vec::new();
    for variable in row.env {
        env.push((variable.name.leak(), variable.value.leak()));
    }
    let id: &'static str = row.id.leak();
    Box::leak(Box::new(Preset {
        vendor: match find(id) {
            Some(preset) => preset.vendor,
            None => NO_VENDOR,
        },
        file: Some(file.to_owned().leak()),
        id,
        label: row.label.leak(),
        base_url: kept(row.base_url),
        key_env: kept(row.key_env),
        key_shape,
        api_key_header: row.api_key_header,
        header: kept(row.header),
        models: Models {
            fable: fable.leak(),
            opus: opus.leak(),
            sonnet: sonnet.leak(),
            haiku: haiku.leak(),
        },
        window: row.window,
        windows,
        timeout_ms: row.timeout_ms.unwrap_or(TIMEOUT_MS),
        env: env.leak(),
        local: row.local,
        facts,
    }))
}

fn kept(text: Option<String>) -> Option<&'static str> {
    match text {
        Some(text) => Some(text.leak()),
        None => None,
    }
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
