//! Why managed settings stop a redirect.

use std::path::PathBuf;

use crate::files;
use crate::report;

/// Why a redirect is not started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting decides something that the redirect would override.
    #[error(
        "{} sets {}, which a redirect would override; jackin-exec respects this machine's policy",
        report::path(path),
        report::escape(key)
    )]
    Decides {
        /// The file.
        path: PathBuf,
        /// The key in the file.
        key: String,
    },
    /// An unknown setting that may decide it.
    #[error(
        "{} has {}, a key that jackin-exec does not know and that may decide provider, login or model",
        report::path(path),
        report::escape(key)
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The key in the file.
        key: String,
    },
    /// The redirect's models are not those that a setting requires.
    #[error("{} {}", report::path(path), about_model(key, model.as_deref()))]
    Model {
        /// The file.
        path: PathBuf,
        /// The key in the file.
        key: &'static str,
        /// The model that is not allowed; `None` if the setting requires another one.
        model: Option<String>,
    },
    /// The client can read a file and we cannot.
    #[error(
        "{}:{line}:{column}: Claude Code can read this policy and jackin-exec cannot",
        report::path(path)
    )]
    Unread {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A file is not regular, or larger than settings ever are.
    #[error(transparent)]
    File(files::Error),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let anthropic = "use --provider anthropic, or ask the administrator of this machine";
        match self {
            Self::Decides { .. } | Self::Model { model: None, .. } => anthropic.to_owned(),
            Self::Model { .. } => {
                "use another model with --model, or ask the administrator of this machine".to_owned()
            }
            Self::Unknown { path, key } => format!(
                "update jackin-exec; or, if the key decides none of these, the administrator of this machine can add \
                 \"env\": {{\"{}\": \"{}\"}} to {}",
                super::keys::HARMLESS,
                report::escape(key),
                report::path(path)
            ),
            Self::Unread { .. } => {
                "ask the administrator of this machine to write it without unpaired \\uD800 to \\uDFFF, without \
                 numbers above 1e308 and with less than 128 levels; or use --provider anthropic"
                    .to_owned()
            }
            Self::File(_) => {
                "ask the administrator of this machine to correct it, or use --provider anthropic".to_owned()
            }
        }
    }
}

fn about_model(key: &str, model: Option<&str>) -> String {
    let Some(model) = model.map(report::escape) else {
        return format!(
            "sets {key}, which a redirect would override; jackin-exec respects this machine's policy"
        );
    };
    match key {
        "availableModels" => {
            format!("allows only the models in {key}, and the redirect requests {model}")
        }
        _ => format!("lists {model} in {key}, and the redirect requests it"),
    }
}
