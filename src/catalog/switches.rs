//! The variables that a row of catalog.d may set.

/// Variables of Claude Code that only tune its requests: their size, their form, caching, retries
/// and compaction. None of them names a file, a program, a host or a credential, so a row from
/// somebody else may set them to any value.
///
/// Source: the program of Claude Code 2.1.332 and <https://code.claude.com/docs/en/env-vars>;
/// checked 2026-11-27.
pub const SWITCHES: &[&str] = &[
    "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE",
    "CLAUDE_CODE_ALWAYS_ENABLE_EFFORT",
    "CLAUDE_CODE_ATTRIBUTION_HEADER",
    "CLAUDE_CODE_AUTO_COMPACT_WINDOW",
    "CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING",
    "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    "CLAUDE_CODE_DISABLE_FAST_MODE",
    "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK",
    "CLAUDE_CODE_DISABLE_RESPONSE_COMPRESSION",
    "CLAUDE_CODE_DISABLE_THINKING",
    "CLAUDE_CODE_EFFORT_LEVEL",
    "CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING",
    "CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_MAX_RETRIES",
    "CLAUDE_CODE_MAX_TOOL_USE_CONCURRENCY",
    "CLAUDE_CODE_NO_MODEL_FALLBACK",
    "CLAUDE_CODE_SIMPLE_SYSTEM_PROMPT",
    "CLAUDE_ENABLE_BYTE_WATCHDOG",
    "CLAUDE_ENABLE_STREAM_WATCHDOG",
    "CLAUDE_STREAM_IDLE_TIMEOUT_MS",
    "DISABLE_AUTO_COMPACT",
    "DISABLE_COMPACT",
    "DISABLE_INTERLEAVED_THINKING",
    "DISABLE_PROMPT_CACHING",
    "DISABLE_PROMPT_CACHING_HAIKU",
    "DISABLE_PROMPT_CACHING_OPUS",
    "DISABLE_PROMPT_CACHING_SONNET",
    "ENABLE_PROMPT_CACHING_1H",
    "ENABLE_TOOL_SEARCH",
    "MAX_MCP_OUTPUT_TOKENS",
    "MAX_THINKING_TOKENS",
];

#[cfg(test)]
mod tests {
    use crate::catalog::PRESETS;
    use crate::catalog::is_open;

    use super::*;

    #[test]
    fn a_row_may_set_what_the_presets_set_and_nothing_that_a_redirect_decides() {
        assert!(SWITCHES.is_sorted());
        for preset in PRESETS {
            for (name, _) in preset.env {
                assert!(SWITCHES.contains(name), "{}: {name}", preset.id);
            }
        }
        for name in SWITCHES {
            assert!(is_open(name), "{name}");
        }
    }

    /// The page is where people look up what they may write.
    #[test]
    fn the_page_about_configuration_lists_them() {
        let page = include_str!("../../docs/configuration.md");
        for name in SWITCHES {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}
