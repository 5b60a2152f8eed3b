//! Why a launch cannot do what it was asked for.

use std::path::PathBuf;

use crate::report;
use crate::scope::Owner;
use crate::typed::Typed;

/// Why a launch cannot do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The name that we were started under was meant to choose a provider, and none has that id.
    #[error("called as {name}, which names no provider")]
    NamesNoProvider {
        /// The name.
        name: Typed,
        /// The right name that is most similar.
        near: Option<String>,
    },
    /// The name that we were started under is a provider's id.
    #[error("called as {}, which names a provider and no command", report::escape(id))]
    NamesNoCommand {
        /// The id.
        id: String,
        /// The right name for Claude Code.
        near: String,
    },
    /// Several providers could be used, and no one can be asked.
    #[error("{}, and {}; {}", Self::asked(*asked), Self::why(*dry_run), Self::only(candidates))]
    NobodyToAsk {
        /// Their ids.
        candidates: Vec<String>,
        /// Whether the user asked for the question.
        asked: bool,
        /// Whether it is a dry run, which asks nothing.
        dry_run: bool,
    },
    /// `--on-demand`, and no one can be asked.
    #[error(
        "--on-demand asks which values to set, and there is no terminal to ask on; {}",
        Self::only(names)
    )]
    NobodyToAskOnDemand {
        /// The variables.
        names: Vec<String>,
    },
    /// `--model` without a redirect.
    #[error("--model is for a redirect, and Anthropic is not redirected")]
    ModelWithoutRedirect,
    /// The value of `--model` cannot be a model id.
    #[error("--model needs a model id: not empty, and without blanks")]
    NoModel,
    /// The value of `--model` may be a key, which would be shown.
    #[error("--model needs a model id; this may be a key")]
    KeyAsModel,
    /// A provider without default models, and none was named.
    #[error("{} has no model of its own", report::escape(provider))]
    ModelNeeded {
        /// The provider.
        provider: String,
    },
    /// As root: variables that another user's files would put into the command's environment.
    #[error(
        "as root, variables from another user's files are not accepted, because they could make \
         the command run that user's programs: {}",
        report::list(names)
    )]
    ForeignVariables {
        /// Their names.
        names: Vec<String>,
    },
    /// As root: another user's files would choose where one of root's secrets is sent.
    #[error(
        "as root, another user's files may not choose which secret is read or where a key is sent: \
         {}",
        report::list(settings)
    )]
    ForeignSecrets {
        /// The settings, without values.
        settings: Vec<String>,
    },
    /// A list of providers allows Anthropic, and something leads the client to another host.
    #[error("{owner} allows Anthropic, but {what} leads Claude Code to another host")]
    LeadsElsewhere {
        /// What has the list.
        owner: Owner,
        /// The variable or the setting, with its place.
        what: String,
        /// How to end that.
        remedy: String,
    },
    /// A file of the client's settings that may lead it to another host.
    #[error(
        "{}: a list of providers applies, and jackin-exec cannot read where this file leads Claude \
         Code",
        report::path(path)
    )]
    SettingsUnread {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    const fn asked(asked: bool) -> &'static str {
        if asked { "the question was asked for" } else { "no provider was named" }
    }

    const fn why(dry_run: bool) -> &'static str {
        if dry_run { "a dry run asks nothing" } else { "there is no terminal to ask on" }
    }

    fn only(candidates: &[String]) -> String {
        match candidates {
            [only] => format!("the only candidate is {}", report::escape(only)),
            several => format!("candidates: {}", report::available(several)),
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NamesNoProvider { near: Some(near), .. } | Self::NamesNoCommand { near, .. } => {
                Some(report::did_you_mean(near))
            }
            Self::NamesNoProvider { near: None, .. } => Some(
                "a link is named claude-ID or jackin-ID; jackin-exec providers --all lists the ids"
                    .to_owned(),
            ),
            Self::NobodyToAsk { .. } => Some(
                "name one with -p ID, JACKIN_EXEC_PROVIDER=ID, or default_provider in exec.toml"
                    .to_owned(),
            ),
            Self::NobodyToAskOnDemand { .. } => Some(
                "without on_demand, in the same scope of exec.toml, a value is always set"
                    .to_owned(),
            ),
            Self::ModelWithoutRedirect => {
                Some("pass it to the command: jackin-exec -p anthropic -- --model MODEL".to_owned())
            }
            Self::NoModel => None,
            Self::KeyAsModel => Some("jackin-exec auth set PROVIDER asks for a key".to_owned()),
            Self::ForeignVariables { .. } | Self::ForeignSecrets { .. } => Some(
                "run jackin-exec as that user, or add --allow-foreign-env if you trust the files"
                    .to_owned(),
            ),
            Self::LeadsElsewhere { owner, remedy, .. } => Some(format!(
                "{remedy}; or, if that host may see the code, define it in [providers.ID] of \
                 exec.toml, and name it in `providers` of {}",
                owner.table()
            )),
            Self::SettingsUnread { .. } => {
                Some("make it a regular file of valid JSON, or remove it".to_owned())
            }
            Self::ModelNeeded { provider } => Some(format!(
                "name one with --model, or permanently with model = \"…\" in [providers.{}] of exec.toml",
                report::escape(provider)
            )),
        }
    }
}
