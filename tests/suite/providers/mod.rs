//! The providers: what is listed, what each sets, and what exec.toml may change and add.

mod addresses;
mod inherited;
mod list;
mod own;
mod presets;
mod unusable;

use std::collections::BTreeMap;

use crate::support::Sandbox;

/// A provider of one's own with everything that can be said.
const OWN: &str = "[providers.litellm]\n\
    label = \"LiteLLM\"\n\
    base_url = \"http://127.0.0.1:4000/\"\n\
    key_env = \"LITELLM_API_KEY\"\n\
    auth = \"x-api-key\"\n\
    models = { opus = \"b\", sonnet = \"c\", haiku = \"d\" }\n\
    context_tokens = 262144\n\
    timeout_ms = 5000\n\
    env = { ENABLE_TOOL_SEARCH = \"false\", MINE = \"SENTINEL-sk-kimi-0123456789\", HOSTED = \"$HOST_A\" }\n";

/// What the command has of the names that a redirect is made of, for a home and arguments.
fn received(home: &Sandbox, arguments: &[&str]) -> BTreeMap<String, String> {
    let outcome = home.run(["-q"].iter().chain(arguments).chain(&["env", "-0"]));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    let entries = outcome.stdout.split_terminator('\0').filter_map(|entry| entry.split_once('='));
    let ours =
        |name: &str| !matches!(name, "HOME" | "PATH" | "PWD") && !name.starts_with("JACKIN_EXEC_");
    entries
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
