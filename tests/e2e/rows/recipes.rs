//! Rows for the recipes of docs/providers.md: endpoints that have a name of the user's in their URL.
//!
//! The configuration is the page's own text. What it should lead to is written down here a second
//! time.

use std::fs;
use std::path::Path;

use crate::provider::Auth;
use crate::provider::KIMI;
use crate::provider::PLANTED;
use crate::provider::Provider;
use crate::row::Also;
use crate::row::Row;
use crate::row::Version;
use crate::row::When;

const GROUP: &str = "recipes";

const PAGE: &str = "docs/providers.md";

const HEADING: &str = "## Endpoints with a name of yours in the URL";

/// The secrets of the page, below this folder.
const SECRETS: &str = "/run/secrets";

const TOKEN: &str = "cloudflare-token-of-the-tests";

static QWEN: Provider = Provider {
    id: "qwen-workspace",
    chosen_as: "qwen-workspace",
    key_env: "DASHSCOPE_WORKSPACE_API_KEY",
    key: "dashscope-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://my-workspace.ap-southeast-1.maas.aliyuncs.com/apps/anthropic",
    host: "my-workspace.ap-southeast-1.maas.aliyuncs.com",
    path: "/apps/anthropic/v1/messages",
    tiers: ["qwen3.7-max", "qwen3.7-max", "qwen3.6-flash"],
    serves: &["qwen3.7-max", "qwen3.6-flash"],
    window: 983_616,
};

static DATABRICKS: Provider = Provider {
    id: "databricks",
    chosen_as: "databricks",
    key_env: "DATABRICKS_TOKEN",
    key: "databricks-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://my-workspace.cloud.databricks.com/serving-endpoints/anthropic",
    host: "my-workspace.cloud.databricks.com",
    path: "/serving-endpoints/anthropic/v1/messages",
    tiers: ["databricks-claude-opus-5-5"; 3],
    serves: &["databricks-claude-opus-5-5"],
    window: 0,
};

static AZURE: Provider = Provider {
    id: "azure",
    chosen_as: "azure",
    key_env: "AZURE_FOUNDRY_API_KEY",
    key: "foundry-key-of-the-tests",
    auth: Auth::Both,
    base_url: "https://my-resource.services.ai.azure.com/api/anthropic",
    host: "my-resource.services.ai.azure.com",
    path: "/api/anthropic/v1/messages",
    tiers: ["claude-opus-5-5"; 3],
    serves: &["claude-opus-5-5"],
    window: 0,
};

static KAT: Provider = Provider {
    id: "kat-coder",
    chosen_as: "kat-coder",
    key_env: "KAT_API_KEY",
    key: "kat-key-of-the-tests",
    auth: Auth::Bearer,
    base_url: "https://vanchin.streamlake.ai/api/gateway/v1/endpoints/my-endpoint/claude-code-proxy",
    host: "vanchin.streamlake.ai",
    path: "/api/gateway/v1/endpoints/my-endpoint/claude-code-proxy/v1/messages",
    tiers: ["KAT-Coder-Pro"; 3],
    serves: &["KAT-Coder-Pro"],
    window: 200_000,
};

static CLOUDFLARE: Provider = Provider {
    id: "cloudflare",
    chosen_as: "cloudflare",
    key_env: "CLOUDFLARE_GATEWAY_KEY",
    key: "cloudflare-key-of-the-tests",
    auth: Auth::Both,
    base_url: "https://gateway.ai.cloudflare.com/v1/my-account/my-gateway/anthropic",
    host: "gateway.ai.cloudflare.com",
    path: "/v1/my-account/my-gateway/anthropic/v1/messages",
    tiers: ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5"],
    serves: &["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5"],
    window: 0,
};

pub(crate) fn rows() -> Vec<Row> {
    let all = [&QWEN, &DATABRICKS, &AZURE, &KAT, &CLOUDFLARE];
    let tables = recipe().matches("[providers.").count();
    assert_eq!(tables, all.len(), "{PAGE} has a recipe without a row");
    let mut rows = Vec::new();
    for provider in all {
        let claim = format!("{} works as the page has it", provider.id);
        let mut row = with_recipe(Row::new(GROUP, provider, claim), TOKEN);
        if provider.window > 0 {
            row = row.args(["--output-format", "json"]).also(Also::Window(provider.window));
        }
        row = row.then(provider, "say hi as haiku").args(["--model", "haiku"]);
        if provider.id == CLOUDFLARE.id {
            row = row
                .also(Also::Header("cf-aig-authorization: Bearer cloudflare-token-of-the-tests"));
        }
        rows.push(row);
    }
    let claim = "a Claude model behind a gateway has the window that the client knows";
    let row = with_recipe(Row::new(GROUP, &DATABRICKS, claim), TOKEN);
    let row = row.args(["--output-format", "json"]).also(Also::Window(1_000_000));
    rows.push(row.red(When::Before(Version(2, 1, 330)), "an older client does not know the model"));
    let claim = "the token of a gateway's header goes to no other provider";
    let row = with_recipe(Row::new(GROUP, &KIMI, claim), PLANTED);
    rows.push(row.also(Also::NoHeader("cf-aig-authorization")));
    rows
}

/// The row with the page's exec.toml and its secrets. The configuration beside it has no key of
/// theirs.
fn with_recipe(row: Row, token: &str) -> Row {
    let keys = format!("[env]\n{} = \"{}\"\n", KIMI.key_env, KIMI.key);
    let secrets = [
        ("dashscope", QWEN.key),
        ("databricks", DATABRICKS.key),
        ("foundry", AZURE.key),
        ("kat", KAT.key),
        ("cloudflare", CLOUDFLARE.key),
        ("cloudflare-token", token),
    ];
    let mut row = row
        .file("home/.config/jackin/config.toml", keys)
        .file("home/.config/jackin/exec.toml", recipe().replace(SECRETS, "{room}/secrets"));
    for (name, secret) in secrets {
        row = row.file(&format!("secrets/{name}"), format!("{secret}\n"));
    }
    row
}

/// The block of exec.toml in the section of the page.
fn recipe() -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE));
    let page = page.unwrap_or_default();
    let section = page.split_once(HEADING).map_or("", |(_, section)| section);
    let block = section.split_once("```toml\n").map_or("", |(_, block)| block);
    block.split_once("```").map_or("", |(block, _)| block).to_owned()
}
