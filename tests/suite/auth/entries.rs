//! What `auth set` and `auth unset` write, and what stays as it was.

use crate::auth::DIR;
use crate::auth::KEY;
use crate::auth::Row;
use crate::auth::WORKSPACE;
use crate::auth::files;
use crate::auth::holds;
use crate::auth::placed;
use crate::auth::run;
use crate::auth::with;
use crate::support::sandbox;

#[test]
fn a_key_goes_into_the_file_and_table_in_which_jackin_looks_for_it() {
    let roles = "version = \"v1alpha9\"\n\n[roles.\"acme/r\"]\ngit = \"https://x\" # theirs\n\n[roles.b]\ngit = \"https://y\"\n";
    holds(&[
        Row {
            before: &[],
            words: "auth set kimi --stdin",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\n",
            after: &[(
                "config.toml",
                "version = \"v1alpha9\"\n\n[env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n",
            )],
        },
        Row {
            before: &[("config.toml", roles)],
            words: "auth set kimi --stdin --role acme/r",
            says: "Kimi: KIMI_CODE_API_KEY is set in role \"acme/r\", §/config.toml\n",
            after: &[(
                "config.toml",
                "version = \"v1alpha9\"\n\n[roles.\"acme/r\"]\ngit = \"https://x\" # theirs\n\n[roles.\"acme/r\".env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n\n[roles.b]\ngit = \"https://y\"\n",
            )],
        },
    ]);
    let sandbox = with(&[("config.toml", roles), ("workspaces/client b.toml", WORKSPACE)]);
    let written = |scope: &[&str]| {
        let mut command = sandbox.command();
        let output = command
            .args(["auth", "set", "kimi", "--env", "K", "-w", "client b"])
            .args(scope)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        sandbox.read(&format!("{DIR}/workspaces/client b.toml"))
    };
    assert_eq!(written(&[]), format!("{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n"));
    let both = format!(
        "{WORKSPACE}\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n\n[roles.b.env]\nKIMI_CODE_API_KEY = \"$K\"\n"
    );
    assert_eq!(written(&["-r", "B"]), both);
    assert_eq!(sandbox.read(&format!("{DIR}/config.toml")), roles);
}

#[test]
fn each_form_goes_where_its_reader_is_and_the_other_files_entry_goes() {
    let old = "# mine\nversion = \"v1alpha9\"\n[env]\nA = \"SENTINEL\" # a\nKIMI_CODE_API_KEY = 'SENTINEL'\n\n[x]\ny = 1\n";
    let less = "# mine\nversion = \"v1alpha9\"\n[env]\nA = \"SENTINEL\" # a\n\n[x]\ny = 1\n";
    let ours = "[env]\nKIMI_CODE_API_KEY = { command = [\"echo\", \"SENTINEL\"], timeout = \"9s\" } # slow\nB = \"\"\n";
    let set = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nit replaces the key that was there\n";
    let gone = "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nthe entry of the same scope in §/exec.toml is gone\n";
    let new = |value: &str| old.replace("'SENTINEL'\n", &format!("{value}\n"));
    holds(&[
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --op op://W/K/f?attribute=otp --account me",
            says: set,
            after: &[(
                "config.toml",
                &new("{ op = \"op://W/K/f?attribute=otp\", path = \"W/K/f\", account = \"me\" }"),
            )],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --op op://W/K/s/f",
            says: gone,
            after: &[
                ("config.toml", &new("{ op = \"op://W/K/s/f\", path = \"W/K/s/f\" }")),
                ("exec.toml", "[env]\nB = \"\"\n"),
            ],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --stdin",
            says: gone,
            after: &[
                ("config.toml", &new("\"sk-kimi-SENTINEL-1\"")),
                ("exec.toml", "[env]\nB = \"\"\n"),
            ],
        },
        Row {
            before: &[("config.toml", old), ("exec.toml", ours)],
            words: "auth set kimi --file /etc/hostname",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nit replaces the key that was there\nthe entry of the same scope in §/config.toml is gone\n",
            after: &[
                ("config.toml", less),
                (
                    "exec.toml",
                    "[env]\nKIMI_CODE_API_KEY = { file = \"/etc/hostname\" } # slow\nB = \"\"\n",
                ),
            ],
        },
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --command -- pass show a\\b -- -x",
            says: "Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nthe entry of the same scope in §/config.toml is gone\n",
            after: &[
                ("config.toml", less),
                (
                    "exec.toml",
                    "[env]\nKIMI_CODE_API_KEY = { command = [\"pass\", \"show\", 'a\\b', \"--\", \"-x\"] }\n",
                ),
            ],
        },
        Row {
            before: &[("config.toml", old)],
            words: "auth set kimi --role agent-smith --stdin",
            says: "Kimi: KIMI_CODE_API_KEY is set in role \"agent-smith\", §/exec.toml\nit hides the key of less specific scopes: global\n",
            after: &[
                ("config.toml", old),
                (
                    "exec.toml",
                    "[roles.agent-smith.env]\nKIMI_CODE_API_KEY = \"sk-kimi-SENTINEL-1\"\n",
                ),
            ],
        },
    ]);
}

#[test]
fn a_variable_that_is_not_set_and_a_file_that_is_not_there_are_reported() {
    let sandbox = sandbox().folder("here/k");
    run(&sandbox, "auth set kimi --env NOT_SET", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/config.toml\nKimi is not available yet: KIMI_CODE_API_KEY in the global scope is $NOT_SET, which is unset or empty\n"),
        "",
    );
    run(&sandbox, "auth set kimi --file k", "").is(
        0,
        &placed("Kimi: KIMI_CODE_API_KEY is set in the global scope, §/exec.toml\nthe entry of the same scope in §/config.toml is gone\n"),
        "jackin-exec: warning: [ROOT]/here/k does not exist, or is not a regular file\n",
    );
    assert!(
        sandbox.read(&format!("{DIR}/exec.toml")).contains("/here/k\" }"),
        "a relative path was meant from here"
    );
}

#[test]
fn every_byte_that_is_not_the_entrys_stays() {
    let crlf = "\u{feff}# first\r\nversion = \"v1alpha3\"\r\nop_account = 'x'\r\n\r\n[ env ] # e\r\n\tA = \"SENTINEL\"\t# why\r\n\r\n# next\r\n[unknown.\"ta ble\"]\r\nx = { y = 1,z=2 }\r\nlast = '''\r\n[env]\r\n'''";
    let added = crlf.replace("# why\r\n", "# why\r\n\tKIMI_CODE_API_KEY = \"$K\"\r\n");
    let table = "version = 'v1alpha9'\n\n[env.KIMI_CODE_API_KEY]\nop = \"op://a/b/c\"\npath = \"a/b/c\"\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n";
    let inline =
        "env = { A = 'SENTINEL', KIMI_CODE_API_KEY = \"SENTINEL\" }  # one line\nroles = {}\n";
    for (before, words, after) in [
        (crlf, "auth set kimi --env K", &*added),
        (&*added, "auth unset kimi", crlf),
        (
            table,
            "auth set kimi --env K",
            "version = 'v1alpha9'\n\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n\n[env]\nKIMI_CODE_API_KEY = \"$K\"\n",
        ),
        (
            table,
            "auth unset kimi",
            "version = 'v1alpha9'\n\n# stays\n\n[env.A]\nvalue = 'SENTINEL'\n",
        ),
        (
            inline,
            "auth set kimi --env K",
            "env = { A = 'SENTINEL', KIMI_CODE_API_KEY = \"$K\" }  # one line\nroles = {}\n",
        ),
        (inline, "auth unset kimi", "env = { A = 'SENTINEL' }  # one line\nroles = {}\n"),
        ("env.KIMI_CODE_API_KEY = 'SENTINEL'\nenv.B = ''", "auth unset kimi", "env.B = ''"),
        ("[env]\n# k\nKIMI_CODE_API_KEY = 'SENTINEL'\n", "auth unset kimi", "[env]\n# k\n"),
    ] {
        let sandbox = with(&[("config.toml", before)]).env("K", "SENTINEL");
        assert_eq!(run(&sandbox, words, "").status, 0, "{words} with {before:?}");
        assert_eq!(
            files(&sandbox),
            [("config.toml".to_owned(), after.to_owned())],
            "{words} with {before:?}"
        );
    }
}

#[test]
fn a_workspace_that_is_a_table_of_config_toml_is_edited_there() {
    let old = "[workspaces.w]\nworkdir = \"/w\"\nenv = { A = \"SENTINEL\" }\n\n[workspaces.v]\nworkdir = \"/v\"\n";
    let sandbox = with(&[("config.toml", old)]);
    run(&sandbox, "auth set zai --env K -w w", "");
    run(&sandbox, "auth set zai --env K -w v", "");
    run(&sandbox, "auth ignore kimi -w v -r the-architect", "");
    assert_eq!(
        files(&sandbox),
        [
            (
                "config.toml".to_owned(),
                "[workspaces.w]\nworkdir = \"/w\"\nenv = { A = \"SENTINEL\", ZAI_API_KEY = \"$K\" }\n\n[workspaces.v]\nworkdir = \"/v\"\n\n[workspaces.v.env]\nZAI_API_KEY = \"$K\"\n"
                    .to_owned()
            ),
            (
                "exec.toml".to_owned(),
                "[workspaces.v.roles.the-architect.ignore]\nkimi = true\n".to_owned()
            ),
        ]
    );
}

#[test]
fn setting_and_unsetting_leaves_the_files_as_they_were() {
    let before = [
        (
            "config.toml",
            "version = \"v1alpha9\"\n\n[env]\nA = \"SENTINEL\"\n\n[roles.r]\ngit = \"x\"\n",
        ),
        ("workspaces/w.toml", WORKSPACE),
    ];
    let sandbox = with(&before);
    let untouched = files(&sandbox);
    for scope in ["", " -r r", " -w w", " -w w -r r"] {
        for form in ["--stdin", "--op op://a/b/c", "--env K", "--file /k", "--command -- x"] {
            let (options, rest) = form.split_once(" -- ").unwrap_or((form, ""));
            let rest = if rest.is_empty() { String::new() } else { format!(" -- {rest}") };
            assert_eq!(
                run(&sandbox, &format!("auth set kimi{scope} {options}{rest}"), KEY).status,
                0
            );
            assert_ne!(files(&sandbox), untouched, "{scope} {form}");
            assert_eq!(run(&sandbox, &format!("auth unset kimi{scope}"), "").status, 0);
            let now: Vec<_> =
                files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect();
            assert_eq!(now, untouched, "{scope} {form}");
        }
        for provider in ["kimi", "zai"] {
            for undo in ["unset", "set"] {
                assert_eq!(run(&sandbox, &format!("auth ignore {provider}{scope}"), "").status, 0);
                assert_ne!(files(&sandbox), untouched);
                let stdin = if undo == "set" { " --stdin" } else { "" };
                assert_eq!(
                    run(&sandbox, &format!("auth {undo} {provider}{scope}{stdin}"), KEY).status,
                    0
                );
                assert_eq!(run(&sandbox, &format!("auth unset {provider}{scope}"), KEY).status, 0);
                let now: Vec<_> =
                    files(&sandbox).into_iter().filter(|(_, text)| !text.is_empty()).collect();
                assert_eq!(now, untouched, "{scope} {provider} {undo}");
            }
        }
    }
}
