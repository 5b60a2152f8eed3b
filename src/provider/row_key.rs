//! Which variable a row of catalog.d may name for its key. Other people write rows, and whatever
//! the environment holds under that name is sent to the row's host.

use crate::catalog;

/// What is expected instead of a name that does not show whose key it is.
const OTHER_NAME: &str = "the row's id in capitals with _API_KEY, _API_TOKEN, _KEY or _TOKEN after \
                          it, such as ACME_API_KEY for acme; another variable goes into key_env of \
                          [providers.ID] in exec.toml";

/// What comes after the id.
const ENDINGS: [&str; 4] = ["_API_KEY", "_API_TOKEN", "_KEY", "_TOKEN"];

/// What is expected instead of a name that tools use for another secret.
const OTHER_SECRET: &str = "the name of a variable in which no other tool keeps a secret; this \
                            one goes into key_env of [providers.ID] in exec.toml";

/// The beginnings of names in which tools keep credentials for something else than a model.
/// Keys of `OpenAI`, Gemini, Groq and the like are for endpoints of another protocol.
///
/// Source: the documentation of each tool; checked 2026-11-27.
const OTHER_TOOLS: &[&str] = &[
    "ACTIONS",
    "ARM",
    "ATLASSIAN",
    "AWS",
    "AZURE",
    "BITBUCKET",
    "BUILDKITE",
    "BW",
    "CARGO",
    "CF",
    "CI",
    "CIRCLECI",
    "CLOUDFLARE",
    "CLOUDSDK",
    "CODECOV",
    "COHERE",
    "CONSUL",
    "DATABASE",
    "DATADOG",
    "DB",
    "DD",
    "DIGITALOCEAN",
    "DOCKER",
    "DOCKERHUB",
    "FASTLY",
    "FIREBASE",
    "FLY",
    "GCLOUD",
    "GCP",
    "GEM",
    "GEMINI",
    "GH",
    "GIT",
    "GITEA",
    "GITHUB",
    "GITLAB",
    "GOOGLE",
    "GPG",
    "GRAFANA",
    "GROQ",
    "HCLOUD",
    "HEROKU",
    "HF",
    "HOMEBREW",
    "HUGGING",
    "HUGGINGFACE",
    "INFLUX",
    "JIRA",
    "JWT",
    "KUBE",
    "LINEAR",
    "LINODE",
    "MISTRAL",
    "MONGO",
    "MONGODB",
    "MYSQL",
    "NETLIFY",
    "NODE",
    "NOTION",
    "NPM",
    "NUGET",
    "OP",
    "OPENAI",
    "PERPLEXITY",
    "PG",
    "POSTGRES",
    "PULUMI",
    "PYPI",
    "REDIS",
    "REPLICATE",
    "RUBYGEMS",
    "SECRET",
    "SENDGRID",
    "SENTRY",
    "SLACK",
    "SNYK",
    "SONAR",
    "SSH",
    "STRIPE",
    "SUPABASE",
    "TELEGRAM",
    "TF",
    "TFE",
    "TWILIO",
    "TWINE",
    "VAULT",
    "VERCEL",
    "VSCE",
    "XAI",
    "YARN",
];

/// What is expected instead of this name, if a row with this id may not read its key from it. A
/// preset's name may be used: where it leads is compared with the preset elsewhere.
pub(super) fn instead_of(name: &str, id: &str) -> Option<&'static str> {
    if catalog::by_key_name(name.as_bytes()).is_some() {
        return None;
    }
    let first = name.split('_').next().unwrap_or_default();
    if OTHER_TOOLS.contains(&first) {
        return Some(OTHER_SECRET);
    }
    if is_named_after(name, id) { None } else { Some(OTHER_NAME) }
}

/// Whether a name is an id, or its first words, with one of the endings. So rows of one host
/// (`acme`, `acme-fast`) can share a key, and no id opens all the names that begin like it.
fn is_named_after(name: &str, id: &str) -> bool {
    let id = id.to_ascii_uppercase().replace('-', "_");
    ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending)).any(|word| {
        let rest = id.strip_prefix(word);
        !word.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use crate::catalog::PRESETS;

    use super::*;

    #[test]
    fn a_row_reads_its_key_from_a_variable_that_is_named_after_it() {
        for (id, name, is_allowed) in [
            ("acme", "ACME_API_KEY", true),
            ("acme", "ACME_API_TOKEN", true),
            ("acme", "ACME_KEY", true),
            ("acme", "ACME_TOKEN", true),
            ("acme-work", "ACME_WORK_KEY", true),
            ("acme-work", "ACME_API_KEY", true),
            ("acme-work", "WORK_API_KEY", false),
            ("acme", "ACME_VAULT_TOKEN", false),
            ("acme", "ACMEX_API_KEY", false),
            ("acmex", "ACME_API_KEY", false),
            ("acme", "ACME", false),
            ("acme", "ACME_URL", false),
            ("acme", "acme_api_key", false),
            ("acme", "OTHER_ACME_KEY", false),
            ("acme", "_KEY", false),
            ("acme", "GITHUB_TOKEN", false),
            ("acme", "SESSION_KEY", false),
            // Whatever the row calls itself.
            ("github", "GITHUB_TOKEN", false),
            ("aws-secret-access", "AWS_SECRET_ACCESS_KEY", false),
            ("openai", "OPENAI_API_KEY", false),
            ("gemini", "GEMINI_API_KEY", false),
            ("acme", "KIMI_CODE_API_KEY", true),
        ] {
            assert_eq!(instead_of(name, id).is_none(), is_allowed, "{id} {name}");
        }
    }

    #[test]
    fn every_name_of_a_preset_may_be_used() {
        for preset in PRESETS {
            if let Some(name) = preset.key_env {
                assert_eq!(instead_of(name, "acme"), None, "{name}");
            }
        }
        assert!(OTHER_TOOLS.is_sorted());
    }
}
