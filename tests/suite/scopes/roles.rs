//! Which role applies.

use crate::scopes::ROLE;
use crate::scopes::home;
use crate::support::Sandbox;

#[test]
fn a_role_is_typed_in_any_case_and_stored_in_lower_case() {
    let home = home().config(
        "[roles.\"acme/rev-1\".env]\nA = \"lower\"\n[roles.\"Acme/Upper\".env]\nA = \"upper\"\n",
    );
    for typed in ["acme/rev-1", "ACME/Rev-1"] {
        home.run(["-p", "anthropic", "-r", typed, "sh", "-c", "echo $A"]).prints("lower\n");
    }
    home.run(["-p", "anthropic", "-r", "Acme/Upper", "true"]).fails(
        125,
        "jackin-exec: role Acme/Upper is never used, because jackin looks up acme/upper: names of roles are in lower case\n\
         hint: rename [roles.\"Acme/Upper\"] to [roles.\"acme/upper\"]\n",
    );
}

/// Workspace file, arguments, the role that is used or the failure's words.
type Role = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Result<Option<&'static str>, &'static str>,
    &'static str,
);

const ROLES: &[Role] = &[
    ("none is named", "", &[], Ok(None), ""),
    ("named", "", &["-r", "acme/rev"], Ok(Some("acme/rev")), ""),
    ("the default", "default_role = \"acme/rev\"", &[], Ok(Some("acme/rev")), ""),
    ("a built-in default", "default_role = \"the-architect\"", &[], Ok(Some("the-architect")), ""),
    (
        "a named one beats the default",
        "default_role = \"acme/rev\"",
        &["-r", "agent-smith"],
        Ok(Some("agent-smith")),
        "",
    ),
    ("last_role is not used", "last_role = \"acme/rev\"", &[], Ok(None), ""),
    (
        "an allowed default",
        "allowed_roles = [\"agent-smith\", \"acme/rev\"]\ndefault_role = \"acme/rev\"",
        &[],
        Ok(Some("acme/rev")),
        "",
    ),
    (
        "a default that is not allowed",
        "allowed_roles = [\"agent-smith\"]\ndefault_role = \"acme/rev\"",
        &[],
        Ok(None),
        "jackin-exec: warning: default_role acme/rev is not allowed or not registered; no role is used\n",
    ),
    (
        "a default that nobody registered",
        "default_role = \"acme/nobody\"",
        &[],
        Ok(None),
        "jackin-exec: warning: default_role acme/nobody is not allowed or not registered; no role is used\n",
    ),
    (
        "a default in upper case",
        "default_role = \"Acme/Rev\"",
        &[],
        Ok(None),
        "jackin-exec: warning: default_role Acme/Rev is not allowed or not registered; no role is used\n",
    ),
    (
        "a named one that is not allowed",
        "allowed_roles = [\"agent-smith\", \"the-architect\"]",
        &["-r", "acme/rev"],
        Err(
            "jackin-exec: workspace w does not allow role acme/rev; it allows agent-smith and the-architect\n",
        ),
        "",
    ),
    (
        "an allowed role that is compared exactly",
        "allowed_roles = [\"Acme/Rev\"]",
        &["-r", "acme/rev"],
        Err("jackin-exec: workspace w does not allow role acme/rev; it allows Acme/Rev\n"),
        "",
    ),
    (
        "an empty list allows all",
        "allowed_roles = []",
        &["-r", "acme/rev"],
        Ok(Some("acme/rev")),
        "",
    ),
    (
        "one of a namespace, which jackin would register",
        "",
        &["-r", "Else/where"],
        Ok(Some("else/where")),
        "jackin-exec: warning: role else/where is not registered, and no file mentions it\n",
    ),
    (
        "one of no namespace",
        "",
        &["-r", "elsewhere"],
        Err(
            "jackin-exec: no role named elsewhere (available: acme/rev, agent-smith, the-architect)\n",
        ),
        "",
    ),
    (
        "one of two namespaces",
        "",
        &["-r", "a/b/c"],
        Err("jackin-exec: no role named a/b/c (available: acme/rev, agent-smith, the-architect)\n"),
        "",
    ),
    (
        "nowhere",
        "",
        &["-r", "acme/rew"],
        Err(
            "jackin-exec: no role named acme/rew (available: acme/rev, agent-smith, the-architect)\nhint: did you mean acme/rev?\n",
        ),
        "",
    ),
];

#[test]
fn the_role_is_the_named_one_or_an_eligible_default() {
    for (claim, text, arguments, wanted, warning) in ROLES {
        let home = home().config(ROLE).workspace("w", text);
        let fixed = ["-p", "anthropic", "-w", "w", "--dry-run", "--json"];
        let outcome = home.run(fixed.iter().chain(*arguments));
        match wanted {
            Ok(role) => {
                assert_eq!((outcome.status, outcome.stderr.as_str()), (0, *warning), "{claim}");
                assert_eq!(outcome.json()["role"].as_str(), *role, "{claim}");
            }
            Err(words) => drop(outcome.fails(125, words)),
        }
    }
}

#[test]
fn the_variable_names_a_role_and_jackins_own_does_not() {
    let home = home().config(ROLE).env("JACKIN_ROLE", "acme/rev");
    let role = |home: &Sandbox, arguments: &[&str]| {
        let outcome = home.run(["-p", "anthropic", "--dry-run", "--json"].iter().chain(arguments));
        outcome.json()["role"].as_str().map(str::to_owned)
    };
    assert_eq!(role(&home, &[]), None);
    let home = home.env("JACKIN_EXEC_ROLE", "acme/rev");
    assert_eq!(role(&home, &[]).as_deref(), Some("acme/rev"));
    assert_eq!(role(&home, &["-r", "agent-smith"]).as_deref(), Some("agent-smith"));
}
