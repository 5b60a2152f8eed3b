//! The presets that matter to a launch.

use crate::catalog;
use crate::catalog::Preset;
use crate::host::Environment;
use crate::scope::Settings;

/// The presets that matter to a launch, in the order of the question: those that are named, that
/// exec.toml changes, or whose key may be here. They are looked up by the names that are set, since
/// few of the forty presets have a key.
pub fn relevant<'a>(
    named: impl IntoIterator<Item = &'a str>,
    settings: &Settings<'_>,
    environment: &Environment,
) -> Vec<&'static Preset> {
    // systemd's folder has to be searched for each preset.
    if environment.get("CREDENTIALS_DIRECTORY").is_some() {
        return catalog::PRESETS.iter().collect();
    }
    let mut found = Vec::from_iter(catalog::position(catalog::ANTHROPIC));
    for id in named {
        found.extend(catalog::position(id));
    }
    for entry in environment.entries() {
        let name = entry.name.strip_suffix(b"_FILE").unwrap_or(entry.name);
        found.extend(catalog::by_key_name(name));
    }
    for name in settings.env.keys() {
        found.extend(catalog::by_key_name(name.as_str().as_bytes()));
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().filter_map(|index| catalog::PRESETS.get(index)).collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use crate::config::Declared;
    use crate::config::EnvName;
    use crate::config::EnvValue;
    use crate::scope::Scope;
    use crate::scope::Scoped;

    use super::*;

    fn environment(entry: &str) -> Environment {
        Environment(vec![Box::leak(CString::new(entry).unwrap().into_boxed_c_str())])
    }

    fn ids(named: &[&str], settings: &Settings<'_>, environment: &Environment) -> Vec<String> {
        let found = relevant(named.iter().copied(), settings, environment);
        found.iter().map(|preset| preset.id.to_owned()).collect()
    }

    /// A preset that a launch leaves out must be one that could not be chosen anyway.
    #[test]
    fn a_preset_whose_key_may_be_here_is_relevant_and_no_other() {
        let nothing = Settings::default();
        for preset in catalog::PRESETS.iter().filter(|preset| preset.base_url.is_some()) {
            let with = vec![catalog::ANTHROPIC.to_owned(), preset.id.to_owned()];
            assert_eq!(ids(&[preset.id], &nothing, &Environment::default()), with);
            let Some(key) = preset.key_env else { continue };
            for entry in [format!("{key}=x"), format!("{key}_FILE=/x"), format!("{key}=")] {
                assert_eq!(ids(&[], &nothing, &environment(&entry)), with, "{entry}");
            }
            let none = ids(&[], &nothing, &environment(&format!("{key}S=x")));
            assert_eq!(none, [catalog::ANTHROPIC], "{key}");
            let (name, value) = (EnvName::known(key), EnvValue::Empty);
            let declared = Declared { value, on_demand: false };
            let scoped =
                Scoped { value: &declared, scope: Scope::Global, ours: false, hides: Vec::new() };
            let settings =
                Settings { env: [(&name, scoped)].into_iter().collect(), ..nothing.clone() };
            assert_eq!(ids(&[], &settings, &Environment::default()), with, "{key}");
        }
    }

    #[test]
    fn what_is_relevant_is_there_once_and_in_the_order_of_the_question() {
        let (settings, environment) = (Settings::default(), environment("KIMI_CODE_API_KEY=x"));
        let found = ids(&["zai", "kimi", "anthropic", "no-such"], &settings, &environment);
        assert_eq!(found, ["anthropic", "zai", "kimi"]);
    }

    #[test]
    fn with_a_folder_of_credentials_every_preset_is_relevant() {
        let found = ids(&[], &Settings::default(), &environment("CREDENTIALS_DIRECTORY=/c"));
        assert_eq!(found.len(), catalog::PRESETS.len());
    }
}
