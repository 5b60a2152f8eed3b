//! The forms of a value.

use crate::scopes::NOTHING;
use crate::scopes::home;
use crate::scopes::observe;

/// A form of a value: the keys of its table, kind and reference (none: not injected), value, and
/// whether only exec.toml has it.
type Form = (&'static [(&'static str, &'static str)], &'static str, &'static str, bool);

const FORMS: &[Form] = &[
    (&[("value", "\"v\"")], "literal", "v", false),
    (&[("value", "''")], "literal", "", false),
    (&[("value", "\"$HOST_A\""), ("on_demand", "false")], "host $HOST_A", "from the host", false),
    (&[("value", "\"v\""), ("on_demand", "true")], "", "", false),
    (&[("op", "\"op://v/i/f\""), ("path", "\"V/I/F\"")], "op V/I/F", "from op://v/i/f", false),
    (
        &[("op", "\"op://v/i/s/f?attribute=otp\""), ("path", "'p'"), ("account", "\"a\"")],
        "op p",
        "from op://v/i/s/f?attribute=otp",
        false,
    ),
    (&[("op", "\"op://v/i/f\""), ("path", "\"p\""), ("on_demand", "true")], "", "", false),
    (&[("op", "\"op://v/i/f\"")], "op op://v/i/f", "from op://v/i/f", true),
    (&[("file", "\"[ROOT]/value\"")], "file [ROOT]/value", "in a file", true),
    (&[("command", "[ \"echo\", # why\n \"x y\", ]")], "command echo", "x y", true),
    (&[("command", "[\"echo\"]"), ("timeout", "\"2m\"")], "command echo", "", true),
];

#[test]
fn every_form_means_the_same_in_every_style_of_table() {
    for (file, header, arguments, origin) in [
        ("config.toml", "env", [].as_slice(), "global"),
        ("config.toml", "roles.rev.env", &["-r", "rev"], "role"),
        ("workspaces/w.toml", "env", &["-w", "w"], "workspace"),
        ("workspaces/w.toml", "roles.rev.env", &["-w", "w", "-r", "rev"], "workspace-role"),
        ("exec.toml", "env", &[], "global"),
        ("exec.toml", "workspaces.w.env", &["-w", "w"], "workspace"),
    ] {
        let forms = FORMS.iter().filter(|(_, _, _, ours)| !ours || file == "exec.toml");
        let mut text = format!("# A comment, as jackin keeps them.\n[{header}] # another\n");
        let mut standard = String::new();
        let mut wanted = Vec::new();
        for (index, (keys, kind, value, _)) in forms.enumerate() {
            let pairs: Vec<_> =
                keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            text += &format!("INLINE{index} = {{ {} }} # = not a value\n", pairs.join(", "));
            for pair in &pairs {
                text += &format!("# above\nDOTTED{index}.{pair}\n");
            }
            standard +=
                &format!("\n[ {header} . STANDARD{index} ]\n{}\n", pairs.join("\n# between\n"));
            let shown = if kind.is_empty() { String::new() } else { format!("{origin} {kind}") };
            for style in ["INLINE", "DOTTED", "STANDARD"] {
                wanted.push((format!("{style}{index}"), shown.clone(), *value));
            }
        }
        let home = home()
            .file("value", "in a file\n")
            .workspace("w", "")
            .rooted(&format!("home/.config/jackin/{file}"), &(text + &standard));
        let home =
            if file == "config.toml" { home } else { home.config("[roles.rev]\ngit = \"x\"\n") };
        let wanted: Vec<_> = wanted.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), *c)).collect();
        observe(&home, file, arguments, &wanted, NOTHING);
    }
}

#[test]
fn an_old_files_op_account_holds_for_its_references_that_name_none() {
    const REFERENCES: &str = "[env]\nA = { op = \"op://v/i/a\", path = \"p\" }\n\
        B = { op = \"op://v/i/b\", path = \"p\", account = \"own\" }\n\
        [roles.rev.env]\nC = { op = \"op://v/i/c\", path = \"p\" }\n";
    const WITH: [&str; 3] = [
        "--account old read -- op://v/i/a\n",
        "--account old read -- op://v/i/c\n",
        "--account own read -- op://v/i/b\n",
    ];
    const WITHOUT: [&str; 3] =
        ["--account own read -- op://v/i/b\n", "read -- op://v/i/a\n", "read -- op://v/i/c\n"];
    for (version, calls) in [
        ("", WITH),
        ("version = \"v1alpha1\"\n", WITH),
        ("version = \"v1alpha4\"\n", WITH),
        ("version = \"v1alpha5\"\n", WITHOUT),
        ("version = \"v1alpha8\"\n", WITHOUT),
    ] {
        let home = home().workspace("w", &format!("{version}op_account = \"old\"\n{REFERENCES}"));
        home.run(["-p", "anthropic", "-w", "w", "-r", "rev", "true"]).prints("");
        assert_eq!(home.op_calls("argv"), calls, "{version}");
    }
    // Inline tables are older than any version that would have moved it.
    let inline =
        REFERENCES.replace("[env]", "[workspaces.w.env]").replace("[roles", "[workspaces.w.roles");
    let text = format!("version = \"v1alpha9\"\n[workspaces.w]\nop_account = \"old\"\n{inline}");
    let home = home().config(&text);
    home.run(["-p", "anthropic", "-w", "w", "-r", "rev", "true"]).prints("");
    assert_eq!(home.op_calls("argv"), WITH);
}

#[test]
fn a_bare_reference_gets_no_account_of_an_old_file() {
    // jackin's migration leaves strings untouched.
    let home = home().workspace("w", "op_account = \"old\"\n[env]\nA = \"op://v/i/a\"\n");
    home.run(["-p", "anthropic", "-w", "w", "true"]).prints("");
    assert_eq!(home.op_calls("argv"), ["read -- op://v/i/a\n"]);
}
