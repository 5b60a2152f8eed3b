//! Key prefixes that identify a vendor.

use super::Preset;

/// A known prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    /// The first characters.
    pub(super) begins: &'static str,
    /// The vendor whose keys begin this way, for messages.
    pub(super) vendor: &'static str,
    /// The presets that accept such a key.
    pub(super) ids: &'static [&'static str],
    /// The source of this fact.
    pub(super) source: &'static str,
}

const fn beginning(
    begins: &'static str,
    vendor: &'static str,
    ids: &'static [&'static str],
    source: &'static str,
) -> Beginning {
    Beginning { begins, vendor, ids, source }
}

const MIMO: &[&str] = &["mimo-token-sgp", "mimo-token-cn", "mimo-token-ams"];

/// Only prefixes that no other vendor uses. `sk-` alone proves nothing, because half of all vendors
/// use it. Checked 2026-11-26.
pub(super) const BEGINNINGS: &[Beginning] = &[
    beginning("sk-ant-", "Anthropic", &["anthropic"], "gitleaks/gitleaks, config/gitleaks.toml"),
    beginning("sk-kimi-", "Kimi", &["kimi"], "kimi.com/code/docs; tools that know both vendors"),
    beginning("sk-cp-", "MiniMax", &["minimax", "minimax-cn"], "platform.minimax.io, token plan"),
    beginning(
        "sk-or-",
        "OpenRouter",
        &["openrouter"],
        "openrouter.ai/docs; docs.rs/string-analyze",
    ),
    beginning(
        "sk-sp-",
        "the Qwen coding plan",
        &["qwen-coding", "qwen-coding-cn"],
        "help.aliyun.com, coding plan",
    ),
    beginning("tp-", "the Xiaomi MiMo token plan", MIMO, "platform.xiaomimimo.com, quick access"),
    beginning("fw_", "Fireworks", &["fireworks"], "docs.fireworks.ai, FireConnect"),
    beginning("fpk_", "Fireworks", &["fireworks"], "docs.fireworks.ai, Fire Pass"),
    beginning("gsk_", "Groq", &[], "garrytan/gstack#2730; docs.rs/string-analyze"),
    beginning("AIza", "Google", &[], "learn.microsoft.com/purview, Google API key"),
    beginning("sk-proj-", "OpenAI", &[], "docs.rs/string-analyze"),
    beginning("sk-svcacct-", "OpenAI", &[], "docs.rs/string-analyze"),
    beginning("xai-", "xAI", &[], "docs.rs/string-analyze"),
    beginning("hf_", "Hugging Face", &[], "docs.rs/string-analyze"),
    beginning("nvapi-", "NVIDIA", &[], "docs.nvidia.com by way of redact-secret/redact-secret"),
    beginning("pplx-", "Perplexity", &[], "docs.rs/string-analyze"),
];

/// The vendor that a key belongs to, if it is known not to be the preset's.
pub fn vendor_of_foreign_key(key: &str, preset: &Preset) -> Option<&'static str> {
    if preset.facts.key_begins().iter().any(|begins| key.starts_with(begins)) {
        return None;
    }
    let found = BEGINNINGS.iter().find(|known| key.starts_with(known.begins))?;
    if found.ids.contains(&preset.id) { None } else { Some(found.vendor) }
}

#[cfg(test)]
mod tests {
    use crate::catalog::PRESETS;
    use crate::catalog::find;

    use super::*;

    /// The prefixes in the rows and in the table are the same.
    #[test]
    fn the_table_and_the_rows_agree() {
        for preset in PRESETS {
            let mut of_table = Vec::new();
            for known in BEGINNINGS {
                if known.ids.contains(&preset.id) {
                    of_table.push(known.begins);
                }
            }
            assert_eq!(preset.facts.key_begins(), of_table, "{}", preset.id);
        }
        for known in BEGINNINGS {
            assert!(known.ids.iter().all(|id| find(id).is_some()), "{}", known.begins);
            assert!(!known.source.is_empty());
        }
    }

    /// A key pasted in the wrong place is then not shown.
    #[test]
    fn what_begins_like_a_known_key_may_be_one() {
        for known in BEGINNINGS {
            let key = format!("{}SENTINEL-1", known.begins);
            assert!(crate::typed::Typed::new(key).may_be_key(), "{}", known.begins);
        }
    }

    #[test]
    fn no_beginning_is_part_of_another() {
        for one in BEGINNINGS {
            let longer = BEGINNINGS.iter().filter(|other| other.begins.starts_with(one.begins));
            assert_eq!(longer.count(), 1, "{}", one.begins);
        }
    }

    #[test]
    fn a_key_of_another_vendor_is_reported_and_any_other_text_is_not() {
        for (key, id, vendor) in [
            ("sk-ant-api03-x", "kimi", Some("Anthropic")),
            ("sk-kimi-x", "kimi", None),
            ("sk-kimi-x", "kimi-global", Some("Kimi")),
            ("sk-x", "minimax", None),
            ("sk-cp-x", "minimax-cn", None),
            ("tp-x", "mimo-token-ams", None),
            ("tp-x", "mimo", Some("the Xiaomi MiMo token plan")),
            ("gsk_x", "zai", Some("Groq")),
            ("sk-tp-x", "zai", None),
            ("0123456789abcdef.0123456789", "zai", None),
            ("", "zai", None),
        ] {
            assert_eq!(vendor_of_foreign_key(key, find(id).unwrap()), vendor, "{key} for {id}");
        }
    }
}
