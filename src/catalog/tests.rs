use std::collections::BTreeSet;

use super::*;

#[test]
fn every_row_is_found_by_its_id_and_none_by_another_word() {
    for preset in PRESETS {
        assert_eq!(find(preset.id), Some(preset));
        assert_eq!(meant(preset.id), None);
        for alias in preset.facts.aliases() {
            assert_eq!(find(alias), None, "{alias}");
            assert_eq!(meant(alias), Some(preset), "{alias}");
        }
        for neighbour in [format!("{}-", preset.id), format!("-{}", preset.id), String::new()] {
            assert_eq!(find(&neighbour), None, "{neighbour}");
            assert_eq!(meant(&neighbour), None, "{neighbour}");
        }
    }
}

#[test]
fn every_row_is_found_by_the_name_of_its_key_and_none_by_another() {
    for (index, preset) in PRESETS.iter().enumerate() {
        if let Some(name) = preset.key_env {
            assert_eq!(by_key_name(name.as_bytes()), Some(index), "{name}");
            assert_eq!(by_key_name(format!("{name}_KEY").as_bytes()), None, "{name}");
            assert_eq!(by_key_name(format!("A{name}").as_bytes()), None, "{name}");
            assert_eq!(by_key_name(name.to_lowercase().as_bytes()), None, "{name}");
        }
    }
    assert_eq!(by_key_name(b"_KEY"), None);
    assert_eq!(by_key_name(b""), None);
}

#[test]
fn words_that_people_use_mean_a_provider() {
    for (word, id) in
        [("claude", "anthropic"), ("glm", "zai"), ("dashscope", "qwen"), ("doubao", "ark-coding")]
    {
        assert_eq!(meant(word), find(id), "{word}");
    }
}

#[test]
fn ids_and_key_names_are_unique_and_urls_end_without_a_slash() {
    for (index, preset) in PRESETS.iter().enumerate() {
        for other in &PRESETS[index + 1..] {
            assert_ne!(preset.id, other.id);
            assert_ne!(preset.base_url, other.base_url);
            if preset.key_env.is_some() {
                assert_ne!(preset.key_env, other.key_env, "a key must never fit two hosts");
            }
        }
        let scheme = if preset.local { "http://127.0.0.1:" } else { "https://" };
        let url = preset.base_url.unwrap_or(scheme);
        assert!(url.starts_with(scheme) && (url == scheme || !url.ends_with('/')), "{url}");
    }
}

#[test]
fn the_presets_after_the_first_four_are_sorted_by_label() {
    let mut labels = Vec::new();
    for preset in PRESETS {
        labels.push(preset.label.to_lowercase());
    }
    assert_eq!(labels[..4], ["anthropic", "z.ai", "minimax", "kimi"]);
    assert!(labels[4..].is_sorted(), "{labels:?}");
}

/// The client uses a window of a million tokens for an id with the suffix, whatever the row's
/// window. So a smaller window must be for an id without the suffix, on any tier.
#[test]
fn a_window_below_a_million_is_that_of_an_id_without_the_suffix() {
    for preset in PRESETS {
        if preset.base_url.is_none() || preset.local {
            continue;
        }
        let mut plain = 0;
        for (_, model) in preset.models.tiers() {
            assert!(!model.is_empty(), "{}", preset.id);
            plain += usize::from(!model.ends_with("[1m]"));
        }
        assert!(preset.window >= MILLION || plain > 0, "{}", preset.id);
    }
}

/// `--model` with one of the row's ids must not get the window of an unknown model.
#[test]
fn the_windows_of_a_rows_own_models_agree_with_its_window() {
    for preset in PRESETS {
        for (_, model) in preset.models.tiers() {
            let plain = model.trim_end_matches("[1m]");
            for (known, window) in windows(preset.windows) {
                if known == plain && *model == plain {
                    assert_eq!(window, preset.window, "{}: {model}", preset.id);
                } else if known == plain {
                    assert!(window >= MILLION, "{}: {model}", preset.id);
                }
            }
        }
    }
}

#[test]
fn a_local_server_names_no_model_and_keeps_its_prompt_cache() {
    for preset in PRESETS {
        if preset.local {
            assert_eq!(preset.models.opus, "", "{}", preset.id);
            let cache = ("CLAUDE_CODE_ATTRIBUTION_HEADER", "0");
            assert!(preset.env.contains(&cache), "{}", preset.id);
        }
    }
}

#[test]
fn the_names_that_presets_set_are_each_listed_once_but_for_those_that_people_set_for_all() {
    let mut names = BTreeSet::new();
    for preset in PRESETS {
        for (name, _) in preset.env {
            names.insert(*name);
        }
    }
    assert!(names.remove("CLAUDE_CODE_ATTRIBUTION_HEADER"));
    assert!(names.remove("CLAUDE_CODE_MAX_OUTPUT_TOKENS"));
    assert_eq!(OWN_NAMES, Vec::from_iter(names));
}

/// A name that other tools use for a key leads to our name for it, so it must not be our name for
/// another vendor's key.
#[test]
fn a_name_of_other_tools_is_ours_only_within_one_vendor() {
    let vendor = |preset: &Preset| {
        let host = preset.base_url.unwrap_or_default().split('/').nth(2).unwrap_or_default();
        let label = host.rsplit('.').nth(1).unwrap_or_default();
        label.trim_start_matches("api").to_owned()
    };
    for preset in PRESETS {
        for name in preset.facts.key_env_elsewhere() {
            assert_ne!(preset.key_env, Some(name));
            if let Some(ours) = by_key_name(name.as_bytes()) {
                let ours = &PRESETS[ours];
                let (one, other) = (vendor(preset), vendor(ours));
                let same = one == other
                    || (one.starts_with("minimax") && other.starts_with("minimax"))
                    || (one == "kimi" && other == "moonshot");
                assert!(same, "{}: {name} is {}'s", preset.id, ours.id);
            }
        }
    }
}

#[test]
fn a_page_for_keys_is_a_url() {
    for preset in PRESETS {
        let page = preset.facts.key_page().unwrap_or("https://");
        assert!(page.starts_with("https://") && !page.contains(' '), "{}", preset.id);
    }
}

#[test]
fn every_row_says_where_it_comes_from_and_why_it_sets_what_it_sets() {
    for preset in PRESETS {
        let facts = &preset.facts;
        assert!(facts.source().is_some() && facts.checked().is_some(), "{}", preset.id);
        let day = row::day_number(facts.checked().unwrap_or_default());
        assert!(day.is_some(), "{}", preset.id);
        assert!(facts.confidence().is_some() && facts.confidence_models().is_some());
        for (name, _) in preset.env {
            assert!(facts.why(name).is_some(), "{}: {name}", preset.id);
        }
        let lines = preset.windows.lines().count();
        assert_eq!(windows(preset.windows).count(), lines, "{}", preset.id);
    }
    assert_eq!(Facts::NONE.source(), None);
}
