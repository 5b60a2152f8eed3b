//! Default providers, ignored providers, and what a role says about models.

use crate::scopes::home;
use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn a_workspaces_default_provider_beats_that_of_all() {
    let home = home()
        .workspace("w", "")
        .exec("default_provider = \"zai\"\n[workspaces.w]\ndefault_provider = \"kimi\"\n")
        .env("KIMI_CODE_API_KEY", "sk-kimi-k")
        .env("ZAI_API_KEY", "k");
    for (arguments, id, origin) in [
        ([].as_slice(), "zai", "default"),
        (&["-w", "w"], "kimi", "workspace"),
        (&["-w", "w", "-p", "anthropic"], "anthropic", "flag"),
    ] {
        let plan = home.run(["-n", "--json"].iter().chain(arguments)).json();
        assert_eq!(
            (&plan["provider"]["id"], &plan["provider"]["origin"]),
            (&id.into(), &origin.into())
        );
    }
}

/// jackin's "ignore" for Kimi: where it is said, and whether Kimi can be used.
const IGNORED: &[(&str, &str, &str, Option<&str>)] = &[
    ("nothing is said", "", "", None),
    ("global", "[kimi]\nauth_forward = \"ignore\"\n", "", Some("global")),
    ("another mode", "[kimi]\nauth_forward = \"api_key\"\n", "", None),
    ("the workspace", "", "[kimi]\nauth_forward = \"ignore\"\n", Some("workspace")),
    (
        "the workspace takes it back",
        "[kimi]\nauth_forward = \"ignore\"\n",
        "[kimi]\nauth_forward = \"sync\"\n",
        None,
    ),
    (
        "the workspace has the table without the mode",
        "[kimi]\nauth_forward = \"ignore\"\n",
        "[kimi]\nsync_source_dir = \"/x\"\n",
        None,
    ),
    (
        "the role in the workspace",
        "",
        "[roles.agent-smith.kimi]\nauth_forward = \"ignore\"\n",
        Some("workspace-role"),
    ),
    (
        "the role in the workspace takes it back",
        "[kimi]\nauth_forward = \"ignore\"\n",
        "[kimi]\nauth_forward = \"ignore\"\n[roles.agent-smith.kimi]\nauth_forward = \"sync\"\n",
        None,
    ),
    ("another role says it", "", "[roles.the-architect.kimi]\nauth_forward = \"ignore\"\n", None),
    (
        "a key of the same scope is ignored, too",
        "[kimi]\nauth_forward = \"ignore\"\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        "",
        Some("global"),
    ),
    (
        "a key of the workspace beats the global mode",
        "[kimi]\nauth_forward = \"ignore\"\n",
        "[env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        None,
    ),
    (
        "a key of a role beats the global mode",
        "[kimi]\nauth_forward = \"ignore\"\n[roles.agent-smith.env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        "",
        None,
    ),
    (
        "the workspace's mode beats its own key",
        "",
        "[kimi]\nauth_forward = \"ignore\"\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        Some("workspace"),
    ),
    (
        "the workspace's mode beats a key of the role everywhere",
        "[roles.agent-smith.env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        "[kimi]\nauth_forward = \"ignore\"\n",
        Some("workspace"),
    ),
    (
        "a key of the role in the workspace beats the workspace's mode",
        "",
        "[kimi]\nauth_forward = \"ignore\"\n[roles.agent-smith.env]\nKIMI_CODE_API_KEY = \"sk-kimi-k\"\n",
        None,
    ),
];

#[test]
fn of_jackins_ignore_and_the_key_the_more_specific_one_decides() {
    for (claim, config, workspace, ignored) in IGNORED {
        let home =
            home().config(config).workspace("w", workspace).env("KIMI_CODE_API_KEY", "sk-kimi-k");
        let outcome = home.run(["-p", "kimi", "-w", "w", "-r", "agent-smith", "-n"]);
        match ignored {
            None => assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{claim}"),
            Some(scope) => {
                outcome.fails(
                125,
                &format!(
                    "jackin-exec: provider kimi is not used here: ignored by [kimi] auth_forward in the {scope} scope\n\
                     hint: jackin-exec auth set kimi, in that scope, offers it again\n"
                ),
            );
            }
        }
    }
}

/// jackin's role manifest says which model a role wants with a provider.
#[test]
fn a_roles_manifest_comes_between_the_preset_and_exec_toml() {
    const MANIFEST: &str = "version = \"v1alpha6\"\n[claude]\nmodel = \"x\"\n[claude.providers.kimi]\nmodel = \"k3-256k\"\n";
    let file = "home/.jackin/roles/acme/rev/default/jackin.role.toml";
    let home = || {
        sandbox()
            .config("[roles.\"acme/rev\"]\n[roles.plain]\n")
            .file(file, MANIFEST)
            .env("KIMI_CODE_API_KEY", "sk-kimi-k")
            .env("ZAI_API_KEY", "k")
    };
    let models = |home: &Sandbox, arguments: &[&str]| {
        let words = [&["-p"][..], arguments, &["-n", "--json"][..]].concat();
        let shown = home.run(words).json();
        let mut found = Vec::new();
        for one in shown["env"].as_array().unwrap() {
            if one["action"] == "set"
                && one["name"].as_str().unwrap().starts_with("ANTHROPIC_DEFAULT_")
            {
                let (value, origin) =
                    (one["value"].as_str().unwrap(), one["origin"].as_str().unwrap());
                found.push(format!("{value} {origin}"));
            }
        }
        found.dedup();
        found.join(", ")
    };
    let (role, plain) = (["kimi", "-r", "acme/rev"], ["kimi", "-r", "plain"]);
    assert_eq!(models(&home(), &role), "k3-256k role-manifest");
    assert_eq!(models(&home(), &plain), "kimi-for-coding provider");
    assert_eq!(models(&home(), &["kimi"]), "kimi-for-coding provider");
    assert!(!models(&home(), &["zai", "-r", "acme/rev"]).contains("role-manifest"));
    assert_eq!(models(&home(), &["kimi", "-r", "acme/rev", "--model", "m"]), "m provider");
    let own = home().exec("[providers.kimi]\nmodel = \"mine\"\n");
    assert_eq!(models(&own, &role), "mine provider");
    let text = home().run(["-p", "kimi", "-r", "acme/rev", "-n"]).stdout;
    assert!(text.contains("  ANTHROPIC_DEFAULT_OPUS_MODEL=k3-256k  (role-manifest)\n"), "{text}");
    // Where jackin's home is elsewhere, and never below the current directory.
    let moved = home().file("moved/roles/plain/default/jackin.role.toml", MANIFEST);
    let folder = moved.path("moved").to_string_lossy().into_owned();
    assert_eq!(models(&moved.env("JACKIN_HOME_DIR", &folder), &plain), "k3-256k role-manifest");
    assert_eq!(
        models(&home().env("JACKIN_HOME_DIR", ".jackin"), &role),
        "kimi-for-coding provider"
    );
    assert_eq!(models(&home().env("JACKIN_HOME_DIR", ""), &role), "k3-256k role-manifest");
    // A manifest that cannot be read stops a launch with its role, and no other.
    let broken = home().rooted(file, "[claude.providers.kimi]\nmodel = \"[SECRET] x\"\n");
    broken.run(["-p", "kimi", "-r", "acme/rev", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.jackin/roles/acme/rev/default/jackin.role.toml:2:9: expected a model id\n",
    );
    broken.run(["-p", "kimi", "-r", "plain", "true"]).is(0, "", "");
    broken.run(["-p", "anthropic", "-r", "acme/rev", "true"]).is(0, "", "");
}
