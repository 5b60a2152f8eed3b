//! Which file, which scope, which form of value wins: rows of configuration and what comes out of
//! them.

use std::collections::BTreeMap;

use crate::support::Outcome;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

/// A tree of configuration, what is typed, and what must come of it.
struct Row {
    claim: &'static str,
    /// Paths in the folder of the configuration, and texts.
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    /// Name, `origin kind reference` as `--dry-run --json` has it, value as the command has it. No
    /// origin: not injected.
    wanted: &'static [(&'static str, &'static str, &'static str)],
    /// All that stderr says.
    says: &'static str,
}

/// No warning.
const NOTHING: &str = "";

/// What most rows need to name a role.
const ROLE: &str = "[roles.\"acme/rev\"]\ngit = \"https://github.com/acme/jackin-rev.git\"\n";

const ROWS: &[Row] = &[
    Row {
        claim: "no configuration is no variable",
        files: &[],
        arguments: &[],
        wanted: &[("A", "", "")],
        says: NOTHING,
    },
    Row {
        claim: "an empty config.toml is no variable",
        files: &[("config.toml", "")],
        arguments: &[],
        wanted: &[("A", "", "")],
        says: NOTHING,
    },
    Row {
        claim: "the global scope alone",
        files: &[(
            "config.toml",
            "version = \"v1alpha9\"\n[env]\nA = \"global\"\nB = \"$HOST_A\"\nC = \"${HOST_A}\"\n",
        )],
        arguments: &[],
        wanted: &[
            ("A", "global literal", "global"),
            ("B", "global host $HOST_A", "from the host"),
            ("C", "global host $HOST_A", "from the host"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "a workspace beats the global scope, key by key",
        files: &[
            ("config.toml", "[env]\nA = \"global\"\nB = \"global\"\n"),
            (
                "workspaces/w.toml",
                "version = \"v1alpha8\"\n[env]\nA = \"workspace\"\nC = \"workspace\"\n",
            ),
        ],
        arguments: &["-w", "w"],
        wanted: &[
            ("A", "workspace literal", "workspace"),
            ("B", "global literal", "global"),
            ("C", "workspace literal", "workspace"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "a workspace that was not chosen says nothing",
        files: &[
            ("config.toml", "[env]\nA = \"global\"\n"),
            ("workspaces/w.toml", "[env]\nA = \"workspace\"\nC = \"workspace\"\n"),
        ],
        arguments: &["--no-workspace"],
        wanted: &[("A", "global literal", "global"), ("C", "", "")],
        says: NOTHING,
    },
    Row {
        claim: "a role beats the global scope",
        files: &[(
            "config.toml",
            "[env]\nA = \"global\"\nB = \"global\"\n[roles.rev.env]\nA = \"role\"\nC = \"role\"\n",
        )],
        arguments: &["-r", "rev"],
        wanted: &[
            ("A", "role literal", "role"),
            ("B", "global literal", "global"),
            ("C", "role literal", "role"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "without a role its scope says nothing",
        files: &[("config.toml", "[env]\nA = \"global\"\n[roles.rev.env]\nA = \"role\"\n")],
        arguments: &[],
        wanted: &[("A", "global literal", "global")],
        says: NOTHING,
    },
    Row {
        claim: "a workspace beats a role, and a role in a workspace beats both",
        files: &[
            (
                "config.toml",
                "[env]\nA = \"g\"\nB = \"g\"\nC = \"g\"\nD = \"g\"\n[roles.rev.env]\nB = \"r\"\nC = \"r\"\nD = \"r\"\n",
            ),
            ("workspaces/w.toml", "[env]\nC = \"w\"\nD = \"w\"\n[roles.rev.env]\nD = \"wr\"\n"),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[
            ("A", "global literal", "g"),
            ("B", "role literal", "r"),
            ("C", "workspace literal", "w"),
            ("D", "workspace-role literal", "wr"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "a role of the workspace alone needs no registration",
        files: &[("workspaces/w.toml", "[env]\nA = \"w\"\n[roles.\"acme/rev\".env]\nA = \"wr\"\n")],
        arguments: &["-w", "w", "-r", "acme/rev"],
        wanted: &[("A", "workspace-role literal", "wr")],
        says: NOTHING,
    },
    Row {
        claim: "the built-in roles are always there",
        files: &[("config.toml", "[env]\nA = \"g\"\n")],
        arguments: &["-r", "agent-smith"],
        wanted: &[("A", "global literal", "g")],
        says: NOTHING,
    },
    Row {
        claim: "references of op in all four scopes, with and without account",
        files: &[
            (
                "config.toml",
                "[env]\nA = { op = \"op://v/i/global\", path = \"V/I/global\" }\n\
                 [roles.rev.env]\nB = { op = \"op://v/i/role\", path = \"p\", account = \"team\" }\n",
            ),
            (
                "workspaces/w.toml",
                "[env]\nC = { op = \"op://v/i/s/workspace?attribute=otp\", path = \"p\" }\n\
                 [roles.rev.env]\nD = { op = \"op://v/i/both\", path = \"p\", account = \"a.1password.eu\" }\n",
            ),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[
            ("A", "global op V/I/global", "from op://v/i/global"),
            ("B", "role op p", "from op://v/i/role"),
            ("C", "workspace op p", "from op://v/i/s/workspace?attribute=otp"),
            ("D", "workspace-role op p", "from op://v/i/both"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "a string that begins with op:// is a reference",
        files: &[(
            "config.toml",
            "[env]\nA = \"op://v/i/f\"\nB.value = \"op://v/i/f\"\nC = \"OP://v/i/f\"\n",
        )],
        arguments: &[],
        wanted: &[
            ("A", "global op op://v/i/f", "from op://v/i/f"),
            ("B", "global op op://v/i/f", "from op://v/i/f"),
            ("C", "global literal", "OP://v/i/f"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "only a whole string is a host reference",
        files: &[(
            "config.toml",
            "[env]\nA = \"$\"\nB = \"${}\"\nC = \"$1A\"\nD = \"$HOST-A\"\nE = \"${HOST_A\"\nF = \" $HOST_A\"\n\
             G = \"$HOST_A \"\nH = \"$$HOST_A\"\nI = \"${HOST_A}x\"\nJ = \"${HOST_A:-b}\"\nK = \"${ HOST_A }\"\n",
        )],
        arguments: &[],
        wanted: &[
            ("A", "global literal", "$"),
            ("B", "global literal", "${}"),
            ("C", "global literal", "$1A"),
            ("D", "global literal", "$HOST-A"),
            ("E", "global literal", "${HOST_A"),
            ("F", "global literal", " $HOST_A"),
            ("G", "global literal", "$HOST_A "),
            ("H", "global literal", "$$HOST_A"),
            ("I", "global literal", "${HOST_A}x"),
            ("J", "global literal", "${HOST_A:-b}"),
            ("K", "global literal", "${ HOST_A }"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "an empty string is a value and hides what lies below",
        files: &[
            ("config.toml", "[env]\nA = \"global\"\n"),
            ("workspaces/w.toml", "[env]\nA = \"\"\n"),
        ],
        arguments: &["-w", "w"],
        wanted: &[("A", "workspace literal", "")],
        says: NOTHING,
    },
    Row {
        claim: "an empty variable of the host is a value",
        files: &[("config.toml", "[env]\nA = \"$HOST_EMPTY\"\n")],
        arguments: &[],
        wanted: &[("A", "global host $HOST_EMPTY", "")],
        says: NOTHING,
    },
    Row {
        claim: "on_demand wins its name and is not injected",
        files: &[
            ("config.toml", "[env]\nA = \"global\"\nB = { value = \"b\", on_demand = true }\n"),
            (
                "workspaces/w.toml",
                "[env]\nA = { op = \"op://v/i/f\", path = \"p\", on_demand = true }\n",
            ),
        ],
        arguments: &["-w", "w"],
        wanted: &[("A", "", ""), ("B", "", "")],
        says: NOTHING,
    },
    Row {
        claim: "a plain value above on_demand is injected",
        files: &[
            ("config.toml", "[env]\nA = { value = \"later\", on_demand = true }\n"),
            ("workspaces/w.toml", "[env]\nA = \"now\"\n"),
        ],
        arguments: &["-w", "w"],
        wanted: &[("A", "workspace literal", "now")],
        says: NOTHING,
    },
    Row {
        claim: "on_demand = false is as if it were not there",
        files: &[("config.toml", "[env]\nA = { value = \"now\", on_demand = false }\n")],
        arguments: &[],
        wanted: &[("A", "global literal", "now")],
        says: NOTHING,
    },
    Row {
        claim: "exec.toml beats config.toml within each scope, and no further",
        files: &[
            (
                "config.toml",
                "[env]\nA = \"g\"\nB = \"g\"\n[roles.rev.env]\nB = \"r\"\nC = \"r\"\nD = \"r\"\n",
            ),
            (
                "exec.toml",
                "[env]\nA = \"G\"\nB = \"G\"\n[roles.rev.env]\nC = \"R\"\nD = \"R\"\n\
                 [workspaces.w.env]\nE = \"W\"\nF = \"W\"\n[workspaces.w.roles.rev.env]\nG = \"WR\"\n",
            ),
            (
                "workspaces/w.toml",
                "[env]\nD = \"w\"\nE = \"w\"\n[roles.rev.env]\nF = \"wr\"\nG = \"wr\"\n",
            ),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[
            ("A", "global literal", "G"),
            ("B", "role literal", "r"),
            ("C", "role literal", "R"),
            ("D", "workspace literal", "w"),
            ("E", "workspace literal", "W"),
            ("F", "workspace-role literal", "wr"),
            ("G", "workspace-role literal", "WR"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "exec.toml alone has all four scopes",
        files: &[
            (
                "exec.toml",
                "[env]\nA = \"G\"\n[roles.rev.env]\nB = \"R\"\n[workspaces.w.env]\nC = \"W\"\n\
                 [workspaces.w.roles.rev.env]\nD = \"WR\"\n",
            ),
            ("workspaces/w.toml", ""),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[
            ("A", "global literal", "G"),
            ("B", "role literal", "R"),
            ("C", "workspace literal", "W"),
            ("D", "workspace-role literal", "WR"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "exec.toml can give a file, a command, and an op reference without a path",
        files: &[
            (
                "exec.toml",
                "[env]\nA = { file = \"[ROOT]/value\" }\nB = { command = [\"echo\", \"said\"], timeout = \"30s\" }\n\
                 C = { op = \"op://v/i/f\", account = \"team\" }\nD = { command = [\"/bin/echo\", \"-n\", \"whole\"] }\n",
            ),
            ("../../../value", "in a file\n"),
        ],
        arguments: &[],
        wanted: &[
            ("A", "global file [ROOT]/value", "in a file"),
            ("B", "global command echo", "said"),
            ("C", "global op op://v/i/f", "from op://v/i/f"),
            ("D", "global command /bin/echo", "whole"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "an inline workspace of an old config.toml",
        files: &[(
            "config.toml",
            "[env]\nA = \"g\"\n[workspaces.old]\nworkdir = \"/nowhere\"\n[workspaces.old.env]\nA = \"w\"\n\
             [workspaces.old.roles.rev.env]\nB = \"wr\"\n[[workspaces.old.mounts]]\nsrc = \"/nowhere\"\ndst = \"/nowhere\"\n",
        )],
        arguments: &["-w", "old", "-r", "rev"],
        wanted: &[("A", "workspace literal", "w"), ("B", "workspace-role literal", "wr")],
        says: NOTHING,
    },
    Row {
        claim: "a workspace's own file beats its inline table, whole",
        files: &[
            ("config.toml", "[workspaces.w.env]\nA = \"inline\"\nB = \"inline\"\n"),
            ("workspaces/w.toml", "[env]\nA = \"file\"\n"),
        ],
        arguments: &["-w", "w"],
        wanted: &[("A", "workspace literal", "file"), ("B", "", "")],
        says: "jackin-exec: warning: workspace w is also defined in config.toml; its own file is used\n",
    },
    Row {
        claim: "unknown keys outside of env are jackin's business",
        files: &[
            (
                "config.toml",
                "future = 1\n[telemetry]\nx = []\n[roles.rev]\ntrusted = true\nnew = 1\n[env]\nA = \"g\"\n",
            ),
            (
                "workspaces/w.toml",
                "last_role = \"nobody\"\n[docker]\nx = 1\n[roles.rev]\nnew = 1\n[env]\nB = \"w\"\n",
            ),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[("A", "global literal", "g"), ("B", "workspace literal", "w")],
        says: NOTHING,
    },
    Row {
        claim: "the github environments are not scopes",
        files: &[
            ("config.toml", "[github.env]\nA = \"g\"\n"),
            ("workspaces/w.toml", "[github.env]\nA = \"w\"\n[roles.rev.github.env]\nA = \"wr\"\n"),
        ],
        arguments: &["-w", "w", "-r", "rev"],
        wanted: &[("A", "", "")],
        says: NOTHING,
    },
    Row {
        claim: "a newer config.toml is read with a warning",
        files: &[("config.toml", "version = \"v1alpha10\"\n[env]\nA = \"g\"\n")],
        arguments: &[],
        wanted: &[("A", "global literal", "g")],
        says: "jackin-exec: warning: [ROOT]/home/.config/jackin/config.toml was written by a newer jackin; keys that this version does not know are ignored\n",
    },
    Row {
        claim: "v1 is newer than every alpha",
        files: &[("workspaces/w.toml", "version = \"v1\"\n[env]\nA = \"w\"\n")],
        arguments: &["-w", "w"],
        wanted: &[("A", "workspace literal", "w")],
        says: "jackin-exec: warning: [ROOT]/home/.config/jackin/workspaces/w.toml was written by a newer jackin; keys that this version does not know are ignored\n",
    },
    Row {
        claim: "v1beta1 is newer than every alpha, v0 is not",
        files: &[
            ("config.toml", "version = \"v0\"\n"),
            ("workspaces/w.toml", "version = \"v1beta1\"\n[env]\nA = \"w\"\n"),
        ],
        arguments: &["-w", "w"],
        wanted: &[("A", "workspace literal", "w")],
        says: "jackin-exec: warning: [ROOT]/home/.config/jackin/workspaces/w.toml was written by a newer jackin; keys that this version does not know are ignored\n",
    },
    Row {
        claim: "host-changing variables are left out with a warning each",
        files: &[("config.toml", "[env]\nLD_PRELOAD = \"x\"\nSHELL = \"x\"\nA = \"g\"\n")],
        arguments: &[],
        wanted: &[("A", "global literal", "g"), ("LD_PRELOAD", "", ""), ("SHELL", "", "")],
        says: "jackin-exec: warning: LD_PRELOAD of the global scope was left out: it would change this host (allow_env in exec.toml permits it)\n\
               jackin-exec: warning: SHELL of the global scope was left out: it would change this host (allow_env in exec.toml permits it)\n",
    },
    Row {
        claim: "allow_env lets one through",
        files: &[
            ("config.toml", "[env]\nSHELL = \"/bin/false\"\n"),
            ("exec.toml", "allow_env = [\"SHELL\"]\n"),
        ],
        arguments: &[],
        wanted: &[("SHELL", "global literal", "/bin/false")],
        says: NOTHING,
    },
    Row {
        claim: "odd names pass through",
        files: &[(
            "config.toml",
            "[env]\n\"WEIRD KEY\" = \"1\"\n\"größe\" = \"2\"\nlower-case = \"3\"\n",
        )],
        arguments: &[],
        wanted: &[
            ("WEIRD KEY", "global literal", "1"),
            ("größe", "global literal", "2"),
            ("lower-case", "global literal", "3"),
        ],
        says: NOTHING,
    },
    Row {
        claim: "values pass through byte by byte",
        files: &[(
            "config.toml",
            "[env]\nA = \"a\\nb\\tc \"\nB = '''\n x\ny'''\nC = \"\\u00fc\\U0001F600\"\n",
        )],
        arguments: &[],
        wanted: &[
            ("A", "global literal", "a\nb\tc "),
            ("B", "global literal", " x\ny"),
            ("C", "global literal", "ü😀"),
        ],
        says: NOTHING,
    },
];

#[test]
fn the_winner_of_each_key_is_the_rows() {
    for row in ROWS {
        let mut home = home();
        for (path, text) in row.files {
            home = home.rooted(&format!("home/.config/jackin/{path}"), text);
        }
        observe(&home, row.claim, row.arguments, row.wanted, row.says);
    }
}

/// A home with a host variable, an empty one, and the stub of `op`.
fn home() -> Sandbox {
    sandbox().env("HOST_A", "from the host").env("HOST_EMPTY", "").op()
}

/// Compares the plan, and the command's environment, with what a row wants.
#[track_caller]
fn observe(
    home: &Sandbox,
    claim: &str,
    arguments: &[&str],
    wanted: &[(&str, &str, &str)],
    says: &str,
) {
    let with = |more: &[&'static str]| {
        let fixed = ["-p", "anthropic"].iter().chain(arguments).chain(more);
        let outcome = home.run(fixed);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, says), "{claim}: {outcome:#?}");
        outcome
    };
    let plan = origins(&with(&["--dry-run", "--json"]));
    let environment = environment(&with(&["--", "env", "-0"]));
    for (name, origin, value) in wanted {
        if origin.is_empty() {
            assert_eq!(plan.get(*name), None, "{claim}: {name}");
            assert_eq!(environment.get(*name), None, "{claim}: {name}");
        } else {
            assert_eq!(plan.get(*name).map(String::as_str), Some(*origin), "{claim}: {name}");
            assert_eq!(environment.get(*name).map(String::as_str), Some(*value), "{claim}: {name}");
        }
    }
}

/// Name → `origin kind reference` of what a plan sets.
fn origins(plan: &Outcome) -> BTreeMap<String, String> {
    let json = plan.json();
    let text =
        |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let set = json["env"].as_array().unwrap().iter().filter(|entry| entry["action"] == "set");
    let shown = |entry| {
        ["origin", "kind", "reference"].map(|key| text(entry, key)).join(" ").trim_end().to_owned()
    };
    set.map(|entry| (text(entry, "name"), shown(entry))).collect()
}

/// What `env -0` printed.
fn environment(outcome: &Outcome) -> BTreeMap<String, String> {
    let entries = outcome.stdout.split_terminator('\0').filter_map(|entry| entry.split_once('='));
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The eight places where a variable can be declared, least specific first: file, header, origin.
const LAYERS: [(&str, &str, &str); 8] = [
    ("config.toml", "[env]", "global"),
    ("exec.toml", "[env]", "global"),
    ("config.toml", "[roles.\"acme/rev\".env]", "role"),
    ("exec.toml", "[roles.\"acme/rev\".env]", "role"),
    ("workspaces/w.toml", "[env]", "workspace"),
    ("exec.toml", "[workspaces.w.env]", "workspace"),
    ("workspaces/w.toml", "[roles.\"acme/rev\".env]", "workspace-role"),
    ("exec.toml", "[workspaces.w.roles.\"acme/rev\".env]", "workspace-role"),
];

#[test]
fn of_every_combination_of_the_eight_places_the_most_specific_wins() {
    // One key for each set of places, so that one launch observes all of them.
    let mut texts =
        BTreeMap::from([("config.toml", ROLE.to_owned()), ("exec.toml", String::new())]);
    for (layer, (file, header, _)) in LAYERS.iter().enumerate() {
        let text = texts.entry(file).or_default();
        *text += &format!("{header}\n");
        for set in (1_u32..256).filter(|set| set & (1 << layer) != 0) {
            *text += &format!("K{set} = \"layer {layer}\"\n");
        }
    }
    let mut home = home();
    for (file, text) in &texts {
        home = home.file(&format!("home/.config/jackin/{file}"), text);
    }
    let selection = |highest: usize| match highest {
        0 | 1 => [].as_slice(),
        2 | 3 => &["-r", "acme/rev"],
        4 | 5 => &["-w", "w"],
        _ => &["-w", "w", "-r", "acme/rev"],
    };
    // Seen with every choice of workspace and role, because what was not chosen must not count.
    for arguments in [1, 3, 5, 7].map(selection) {
        let role = arguments.contains(&"-r");
        let workspace = arguments.contains(&"-w");
        let counts = |layer: usize| match layer {
            0 | 1 => true,
            2 | 3 => role,
            4 | 5 => workspace,
            _ => role && workspace,
        };
        let winners: Vec<(String, String, String)> = (1_u32..256)
            .map(|set| {
                let winner = (0..8).rev().find(|layer| set & (1 << layer) != 0 && counts(*layer));
                let origin =
                    winner.map(|layer| format!("{} literal", LAYERS[layer].2)).unwrap_or_default();
                (
                    format!("K{set}"),
                    origin,
                    winner.map(|layer| format!("layer {layer}")).unwrap_or_default(),
                )
            })
            .collect();
        let wanted: Vec<_> =
            winners.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        observe(&home, &format!("{arguments:?}"), arguments, &wanted, NOTHING);
    }
}

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

#[test]
fn a_workspace_can_have_any_name_that_is_one_component_of_a_path() {
    for name in [
        "client.b", "client b", "Größe", "客户", "UPPER", "a=b", "w.toml", "-dash", "'q'",
        ".hidden", "a\tb", "...",
    ] {
        let home = home()
            .workspace(name, "[env]\nA = \"file\"\n")
            .exec(&format!("[workspaces.\"{}\".env]\nB = \"ours\"\n", name.replace('\t', "\\t")));
        let outcome =
            home.run(["-p", "anthropic", &format!("--workspace={name}"), "--dry-run", "--json"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(outcome.json()["workspace"], name);
        home.run(["-p", "anthropic", &format!("-w={name}"), "--", "sh", "-c", "echo $A $B"])
            .prints("file ours\n");
        home.env("JACKIN_EXEC_WORKSPACE", name)
            .run(["-p", "anthropic", "--", "sh", "-c", "echo $A $B"])
            .prints("file ours\n");
    }
}

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

/// Which workspace a folder belongs to: workspaces with the text of their file, the folder we are
/// in, the answer.
type Detection =
    (&'static str, &'static [(&'static str, &'static str)], &'static str, Option<&'static str>);

const DETECTIONS: &[Detection] = &[
    ("none", &[], "here", None),
    ("workdir exactly", &[("w", "workdir = \"[ROOT]/here\"")], "here", Some("w")),
    ("workdir is not a prefix", &[("w", "workdir = \"[ROOT]/here\"")], "here/below", None),
    ("a trailing slash", &[("w", "workdir = \"[ROOT]/here/\"")], "here", Some("w")),
    ("dots", &[("w", "workdir = \"[ROOT]/here/../here/./\"")], "here", Some("w")),
    (
        "a mount exactly",
        &[("w", "mounts = [{ src = \"[ROOT]/here\", dst = \"/x\" }]")],
        "here",
        Some("w"),
    ),
    (
        "a mount by prefix",
        &[("w", "[[mounts]]\nsrc = \"[ROOT]/here\"\ndst = \"/x\"")],
        "here/a/b",
        Some("w"),
    ),
    (
        "a prefix of components, not of letters",
        &[("w", "mounts = [{ src = \"[ROOT]/he\" }]")],
        "here",
        None,
    ),
    (
        "dst does not count",
        &[("w", "mounts = [{ src = \"/nowhere\", dst = \"[ROOT]/here\" }]")],
        "here",
        None,
    ),
    (
        "a folder that is not there",
        &[("w", "workdir = \"[ROOT]/gone\"\nmounts = [{ src = \"[ROOT]/gone\" }]")],
        "here",
        None,
    ),
    ("a relative path", &[("w", "workdir = \"here\"\nmounts = [{ src = \".\" }]")], "here", None),
    ("~ is home", &[("w", "workdir = \"~\"")], "home", Some("w")),
    ("~/ is below home", &[("w", "mounts = [{ src = \"~/code\" }]")], "home/code/x", Some("w")),
    ("~user is not", &[("w", "mounts = [{ src = \"~root\" }]")], "home", None),
    (
        "the deepest wins",
        &[
            ("z-outer", "mounts = [{ src = \"[ROOT]/here\" }]"),
            ("a-inner", "mounts = [{ src = \"[ROOT]/here/a\" }]"),
        ],
        "here/a/b",
        Some("a-inner"),
    ),
    (
        "workdir counts with its own depth",
        &[("a", "workdir = \"[ROOT]/here/a\""), ("b", "mounts = [{ src = \"[ROOT]/here\" }]")],
        "here/a",
        Some("a"),
    ),
    (
        "the best match of a workspace counts",
        &[
            (
                "a",
                "mounts = [{ src = \"[ROOT]/here/x/y\" }, { src = \"[ROOT]\" }, { src = \"[ROOT]/here/x\" }]",
            ),
            ("b", "mounts = [{ src = \"[ROOT]/here\" }]"),
        ],
        "here/x",
        Some("a"),
    ),
    (
        "at equal depth the name that sorts last",
        &[
            ("b", "mounts = [{ src = \"[ROOT]/here\" }]"),
            ("c", "workdir = \"[ROOT]/here\""),
            ("a", "mounts = [{ src = \"[ROOT]/here\" }]"),
        ],
        "here",
        Some("c"),
    ),
    (
        "names are compared byte by byte",
        &[("Z", "workdir = \"[ROOT]/here\""), ("a", "workdir = \"[ROOT]/here\"")],
        "here",
        Some("a"),
    ),
    (
        "a link in the configuration",
        &[("w", "mounts = [{ src = \"[ROOT]/link\" }]")],
        "here/a",
        Some("w"),
    ),
    (
        "a folder reached through a link",
        &[("w", "mounts = [{ src = \"[ROOT]/here\" }]")],
        "link/a",
        Some("w"),
    ),
    (
        "the depth is that of the target",
        &[
            ("a", "mounts = [{ src = \"[ROOT]/here/a\" }]"),
            ("z", "mounts = [{ src = \"[ROOT]/deep/deep/deep/link\" }]"),
        ],
        "here/a/b",
        Some("a"),
    ),
    ("escapes in the path", &[("w", "workdir = \"[ROOT]/\\u0068ere\"")], "here", Some("w")),
    ("a literal string", &[("w", "workdir = '[ROOT]/here'")], "here", Some("w")),
    (
        "a string of several lines",
        &[("w", "workdir = \"\"\"\n[ROOT]/here\"\"\"")],
        "here",
        Some("w"),
    ),
    (
        "dotted keys",
        &[("w", "mounts = [{ src = \"[ROOT]\" }]\nroles.r.env.A = \"x\"")],
        "here",
        Some("w"),
    ),
    (
        "a path with blanks and quotes",
        &[("w", "workdir = \"[ROOT]/it's  here\"")],
        "it's  here",
        Some("w"),
    ),
    (
        "a path in another alphabet",
        &[("w", "workdir = \"[ROOT]/größe/客户\"")],
        "größe/客户",
        Some("w"),
    ),
    ("the root of all", &[("w", "mounts = [{ src = \"/\" }]")], "here", Some("w")),
];

#[test]
fn the_current_directory_finds_its_workspace() {
    for inline in [false, true] {
        for (claim, workspaces, folder, wanted) in DETECTIONS {
            let mut config = String::new();
            let mut home = home().folder("here/a").link("link", "here").folder("deep/deep/deep");
            home = home.link("deep/deep/deep/link", "../../../here");
            for (name, text) in *workspaces {
                if inline {
                    config += &format!(
                        "[workspaces.{name}]\n{}\n",
                        text.replace("[[", &format!("[[workspaces.{name}."))
                    );
                } else {
                    home =
                        home.rooted(&format!("home/.config/jackin/workspaces/{name}.toml"), text);
                }
            }
            let home = home.rooted("home/.config/jackin/config.toml", &config).in_folder(folder);
            let outcome = home.run(["-p", "anthropic", "--dry-run", "--json"]);
            assert_eq!(
                (outcome.status, outcome.stderr.as_str()),
                (0, ""),
                "{claim}, inline: {inline}"
            );
            assert_eq!(outcome.json()["workspace"].as_str(), *wanted, "{claim}, inline: {inline}");
        }
    }
}

#[test]
fn a_named_workspace_or_none_beats_the_current_directory() {
    let home = home()
        .rooted("home/.config/jackin/workspaces/near.toml", "workdir = \"[ROOT]/here\"\n")
        .workspace("far", "")
        .env("JACKIN_EXEC_WORKSPACE", "");
    let workspace = |home: &Sandbox, arguments: &[&str]| {
        let outcome = home.run(["-p", "anthropic", "--dry-run", "--json"].iter().chain(arguments));
        outcome.json()["workspace"].as_str().map(str::to_owned)
    };
    assert_eq!(workspace(&home, &[]).as_deref(), Some("near"));
    assert_eq!(workspace(&home, &["-w", "far"]).as_deref(), Some("far"));
    assert_eq!(workspace(&home, &["--no-workspace"]), None);
    let home = home.env("JACKIN_EXEC_WORKSPACE", "far");
    assert_eq!(workspace(&home, &[]).as_deref(), Some("far"));
    assert_eq!(workspace(&home, &["-w", "near"]).as_deref(), Some("near"));
    assert_eq!(workspace(&home, &["--no-workspace"]), None);
}

#[test]
fn a_current_directory_that_was_removed_belongs_to_no_workspace() {
    let home = home()
        .rooted(
            "home/.config/jackin/workspaces/w.toml",
            "mounts = [{ src = \"[ROOT]\" }]\n[env]\nA = \"w\"\n",
        )
        .config("[env]\nA = \"global\"\n")
        .folder("gone");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"", "sh"])
        .arg(home.path("gone"));
    command.arg(crate::support::PROGRAM).args(["-p", "anthropic", "printenv", "A"]);
    command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "global\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
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

/// Ways in which a file can be broken: what, its text, and what is said of it after its path.
const BROKEN: &[(&str, &[u8], &str)] = &[
    ("no TOML", b"[env\n", ":1:5: unclosed table, expected `]`"),
    ("not UTF-8", b"[env]\nA = \"\xff\"\n", ":2:6: expected UTF-8"),
    (
        "a number for a value",
        b"[env]\nA = 1\n",
        ":2:5: expected a string, { op = …, path = … } or { value = … }",
    ),
    (
        "an unknown key in a value",
        b"[env]\nA = { value = \"x\", on_demnd = true }\n",
        ":2:20: unknown key; did you mean on_demand?",
    ),
    (
        "a version that is none",
        b"version = \"one\"\n",
        ":1:11: expected a version such as \"v1alpha9\"",
    ),
    ("env that is no table", b"env = 1\n", ":1:7: expected a table"),
];

#[test]
fn a_broken_file_of_the_chosen_workspace_stops_and_anothers_is_a_warning() {
    for (claim, text, words) in BROKEN {
        // The backslash makes the search for the workspace of the current directory read the file.
        let text = [text, b"# \\\n".as_slice()].concat();
        let home =
            home().file("home/.config/jackin/workspaces/bad.toml", &text).workspace("good", "");
        let path = "[ROOT]/home/.config/jackin/workspaces/bad.toml";
        home.run(["-w", "bad", "true"]).fails(125, &format!("jackin-exec: {path}{words}\n"));
        let warning = format!("jackin-exec: warning: {path}{words}; this workspace is skipped\n");
        let outcome = home.run(["true"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, warning.as_str()), "{claim}");
        home.run(["-q", "true"]).prints("");
        home.run(["-w", "good", "true"]).prints("");
        home.run(["--no-workspace", "true"]).prints("");
    }
}

#[test]
fn a_broken_config_toml_or_exec_toml_stops_whatever_is_asked_for() {
    for file in ["config.toml", "exec.toml"] {
        for (claim, text, words) in BROKEN {
            let words = if file == "exec.toml" {
                // Our own file has more forms of values, and no version.
                match *claim {
                    "a number for a value" => {
                        ":2:5: expected a string, { op = … }, { file = … }, { command = … } or { value = … }"
                    }
                    "a version that is none" => {
                        ":1:1: unknown key; known are default_provider, command, allow_env, redirect_for, env, roles, workspaces, folders, providers, ignore"
                    }
                    _ => words,
                }
            } else {
                words
            };
            let home =
                home().file(&format!("home/.config/jackin/{file}"), text).workspace("good", "");
            let wanted = format!("jackin-exec: [ROOT]/home/.config/jackin/{file}{words}\n");
            for arguments in [
                ["-w", "good", "true"].as_slice(),
                &["--no-workspace", "true"],
                &["-n"],
                &["providers"],
            ] {
                home.run(arguments).fails(125, &wanted);
            }
        }
    }
}

#[test]
fn files_of_workspaces_that_are_no_regular_files_are_left_out() {
    let folder = home().folder("home/.config/jackin/workspaces/folder.toml");
    folder.run(["true"]).is(
        0,
        "",
        "jackin-exec: warning: [ROOT]/home/.config/jackin/workspaces/folder.toml: not a regular file; this workspace is skipped\n",
    );
    folder.run(["-w", "folder", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/workspaces/folder.toml: not a regular file\n",
    );
    let pipe = home().fifo("home/.config/jackin/workspaces/pipe.toml");
    pipe.run(["-w", "pipe", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/workspaces/pipe.toml: not a regular file\n",
    );
    // A link to nothing is a workspace that is not there.
    let link = home().link("home/.config/jackin/workspaces/link.toml", "/nowhere");
    link.run(["true"]).prints("");
}

#[test]
fn files_beside_the_workspaces_are_none() {
    let home = home()
        .file("home/.config/jackin/workspaces/w.toml.tmp.1.2", "broken [")
        .file("home/.config/jackin/workspaces/w.TOML", "broken [")
        .file("home/.config/jackin/workspaces/.toml", "broken [")
        .file("home/.config/jackin/workspaces/...toml", "broken [")
        .file("home/.config/jackin/workspaces/a\\b.toml", "broken [")
        .file("home/.config/jackin/workspaces/README", "broken [");
    home.run(["true"]).prints("");
    home.run(["-w", "w", "true"]).fails(125, "jackin-exec: no workspace named w (available: none)\nhint: a workspace is a file workspaces/NAME.toml in the folder of the configuration\n");
}

/// Lists that bind: exec.toml's tables, arguments, the folder we are in, and what becomes of `-p
/// zai`.
type Bound =
    (&'static str, &'static str, &'static [&'static str], &'static str, Option<&'static str>);

/// The workspace `w` lies in `[ROOT]/here`, by its workdir; `deep` in `[ROOT]/here/deep` and `twin`
/// in `[ROOT]/twin` together with `other`, by mounts; `far` is nowhere.
const POLICIES: &[Bound] = &[
    ("no list", "", &[], "here", None),
    (
        "the list of the chosen one",
        "[workspaces.far]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "home",
        Some("far"),
    ),
    (
        "a list that holds it",
        "[workspaces.far]\nproviders = [\"kimi\", \"zai\"]",
        &["-w", "far"],
        "home",
        None,
    ),
    ("a list elsewhere", "[workspaces.far]\nproviders = [\"kimi\"]", &[], "here", None),
    ("the folder's list", "[workspaces.w]\nproviders = [\"kimi\"]", &[], "here", Some("w")),
    (
        "--no-workspace is no way out",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here",
        Some("w"),
    ),
    (
        "-w is no way out",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "here",
        Some("w"),
    ),
    (
        "workdir holds below itself",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &[],
        "here/x/y",
        Some("w"),
    ),
    (
        "and with --no-workspace, too",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here/x",
        Some("w"),
    ),
    (
        "a nested workspace without a list does not lift the one around it",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &[],
        "here/deep",
        Some("w"),
    ),
    (
        "nor with --no-workspace",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "here/deep",
        Some("w"),
    ),
    (
        "a nested workspace's own list replaces it",
        "[workspaces.w]\nproviders = [\"kimi\"]\n[workspaces.deep]\nproviders = [\"zai\"]",
        &[],
        "here/deep",
        None,
    ),
    (
        "also where the inner list is the narrower",
        "[workspaces.w]\nproviders = [\"zai\"]\n[workspaces.deep]\nproviders = [\"kimi\"]",
        &[],
        "here/deep",
        Some("deep"),
    ),
    (
        "through a link",
        "[workspaces.w]\nproviders = [\"kimi\"]",
        &["--no-workspace"],
        "link/x",
        Some("w"),
    ),
    (
        "at equal depth one list",
        "[workspaces.other]\nproviders = [\"kimi\"]",
        &[],
        "twin",
        Some("other"),
    ),
    (
        "at equal depth the other",
        "[workspaces.twin]\nproviders = [\"kimi\"]",
        &[],
        "twin",
        Some("twin"),
    ),
    ("an empty list", "[workspaces.w]\nproviders = []", &[], "here", Some("w")),
    (
        "both lists",
        "[workspaces.w]\nproviders = [\"zai\"]\n[workspaces.far]\nproviders = [\"kimi\"]",
        &["-w", "far"],
        "here",
        Some("far"),
    ),
];

#[test]
fn a_list_of_providers_binds_where_it_should_and_has_no_way_out() {
    for (claim, exec, arguments, folder, bound) in POLICIES {
        let home = home()
            .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
            .rooted(
                "home/.config/jackin/workspaces/deep.toml",
                "mounts = [{ src = \"[ROOT]/here/deep\" }]\n",
            )
            .rooted(
                "home/.config/jackin/workspaces/twin.toml",
                "mounts = [{ src = \"[ROOT]/twin\" }]\n",
            )
            .rooted(
                "home/.config/jackin/workspaces/other.toml",
                "mounts = [{ src = \"[ROOT]/twin\" }]\n",
            )
            .workspace("far", "workdir = \"/nowhere\"\n")
            .exec(exec)
            .folder("here/deep")
            .folder("here/x")
            .link("link", "here")
            .in_folder(folder)
            .env("ZAI_API_KEY", "k")
            .env("KIMI_CODE_API_KEY", "sk-kimi-k");
        let outcome = home.run(["-p", "zai", "-n"].iter().chain(*arguments));
        if let Some(workspace) = bound {
            let allowed = if exec.ends_with("[]") { "none" } else { "kimi" };
            let words = format!(
                "jackin-exec: workspace {workspace} does not allow provider zai; it allows {allowed}\nhint: the list is `providers` of [workspaces.{workspace}] in exec.toml\n"
            );
            assert_eq!((outcome.status, outcome.stderr), (125, words), "{claim}");
        } else {
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{claim}");
        }
    }
}

#[test]
fn a_list_binds_where_the_folder_was_mounted_a_second_time() {
    let home = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("here/x")
        .folder("second");
    let script = "mount --bind \"$1\" \"$2\" && cd \"$2/x\" && shift 2 && exec \"$@\"";
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .args([home.path("here"), home.path("second")])
        .args([crate::support::PROGRAM, "-p", "zai", "true"])
        .env_clear()
        .env("HOME", home.path("home"))
        .env("PATH", "/usr/bin:/bin")
        .env("ZAI_API_KEY", "k")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        crate::support::skipped(format_args!("this test needs the right to mount: {said}"));
        return;
    }
    assert!(said.starts_with("jackin-exec: workspace w does not allow provider zai"), "{said}");
}

#[test]
fn a_list_binds_below_a_folder_that_may_not_be_searched() {
    if !crate::support::is_root() {
        return;
    }
    for (workdir, binds) in [
        ("above/private/w", true),
        ("above/private/./w/", true),
        ("above/../above/private/w", true),
        ("link/private/w", true),
        ("above/private", true),
        ("above/private/other", false),
        ("above/private/w/sub/deeper", false),
    ] {
        let file = "home/.config/jackin/workspaces/w.toml";
        let home = home()
            .rooted(file, &format!("workdir = \"[ROOT]/{workdir}\"\n"))
            .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
            .folder("above/private/w/sub/deeper")
            .link("link", "above")
            .mode("above/private", 0o700)
            .mode(file, 0o644)
            .mode("home/.config/jackin/exec.toml", 0o644)
            .open_to_all();
        // Std's Command would change the user first, and then could not enter the folder.
        let output = std::process::Command::new("/usr/sbin/chroot")
            .args(["--userspec=65534:65534", "--skip-chdir", "/", crate::support::PROGRAM])
            .args(["-p", "zai", "true"])
            .current_dir(home.path("above/private/w/sub"))
            .env_clear()
            .env("HOME", home.path("home"))
            .env("PATH", "/usr/bin:/bin")
            .env("ZAI_API_KEY", "k")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let refusal = "jackin-exec: workspace w does not allow provider zai";
        assert_eq!(said.starts_with(refusal), binds, "{workdir}: {said}");
        assert_eq!(output.status.success(), !binds, "{workdir}: {said}");
    }
}

#[test]
fn where_lists_may_bind_a_directory_that_is_gone_is_an_error() {
    let home = home()
        .workspace("w", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("gone");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"", "sh"])
        .arg(home.path("gone"));
    command.arg(crate::support::PROGRAM).args(["-p", "anthropic", "--no-workspace", "true"]);
    command.env_clear().env("HOME", home.path("home")).env("PATH", "/usr/bin:/bin");
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "jackin-exec: the current directory no longer exists, and a list of providers may apply to it\n\
         hint: change to a directory that exists\n"
    );
    assert_eq!(output.status.code(), Some(125));
}

#[test]
fn a_list_leaves_only_what_it_holds_to_choose_from() {
    let empty = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = []\n");
    let words = "jackin-exec: workspace w allows no provider\nhint: change the list in exec.toml\n";
    empty.run(["-n"]).fails(125, words);
    let home = home()
        .rooted("home/.config/jackin/workspaces/w.toml", "workdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n");
    home.run(["-n"]).fails(
        125,
        "jackin-exec: workspace w allows kimi, and none of them has a key\n\
         hint: give one of them a key, or change the list in exec.toml\n",
    );
    // Anthropic needs no key, but it is not in the list.
    home.run(["-n", "-p", "anthropic"])
        .fails(125, "jackin-exec: workspace w does not allow provider anthropic; it allows kimi\nhint: the list is `providers` of [workspaces.w] in exec.toml\n");
    let home = home.env("KIMI_CODE_API_KEY", "sk-kimi-k").env("ZAI_API_KEY", "k");
    let plan = home.run(["-n", "--json"]).json();
    assert_eq!(
        (&plan["provider"]["id"], &plan["provider"]["origin"]),
        (&"kimi".into(), &"only".into())
    );
}

/// What becomes of the file of a workspace with a list: its content, and what is said. Without a
/// content, see the test.
const LOST: &[(&str, Option<&str>, &str)] = &[
    (
        "broken behind its folder",
        Some("workdir = \"[ROOT]/here\"\nenv = 1\n"),
        "w.toml:2:7: expected a table\n",
    ),
    (
        "broken before its folder",
        Some("env = 1\nworkdir = \"[ROOT]/here\"\n"),
        "w.toml:1:7: expected a table\n",
    ),
    ("garbage", Some("[SECRET] [[[ not toml"), "w.toml:1:29: key with no value, expected `=`\n"),
    ("empty", Some(""), NO_FOLDER),
    ("no folder", Some("[env]\nA = \"[SECRET]\"\n"), NO_FOLDER),
    ("an empty folder", Some("workdir = \"\"\n"), NO_FOLDER),
    ("a relative folder", Some("workdir = \"here\"\n"), NO_FOLDER),
    ("a pipe", None, "w.toml: not a regular file\n"),
    ("a folder", None, "w.toml: not a regular file\n"),
    (
        "absent",
        None,
        "w.toml: there is no such file, and workspace w has a list of providers in exec.toml: jackin-exec cannot tell where the \
         list applies\nhint: correct the name in exec.toml, or remove the list\n",
    ),
    (
        "a link to nothing",
        None,
        "w.toml: broken link\nhint: restore the file, or remove the link\n",
    ),
];

const NO_FOLDER: &str = "w.toml: names no folder, and workspace w has a list of providers in exec.toml: jackin-exec cannot tell \
    where the list applies\nhint: name one with workdir or the src of a mount, or remove the list\n";

#[test]
fn a_list_is_not_lost_with_the_file_that_says_where_it_binds() {
    for (claim, content, says) in LOST {
        let file = "home/.config/jackin/workspaces/w.toml";
        let home = home()
            .folder("here/x")
            .folder("home/.config/jackin/workspaces")
            .exec("[workspaces.w]\nproviders = [\"zai\"]\n")
            .env("KIMI_CODE_API_KEY", SENTINEL);
        let mut home = match (content, *claim) {
            (Some(content), _) => home.rooted(file, content),
            (None, "a pipe") => home.fifo(file),
            (None, "a folder") => home.folder(file),
            (None, "a link to nothing") => home.link(file, "/nowhere"),
            (None, _) => home,
        };
        let wanted = format!("jackin-exec: [ROOT]/home/.config/jackin/workspaces/{says}");
        for folder in ["here", "here/x", "home"] {
            home = home.in_folder(folder);
            for arguments in [
                ["-p", "kimi", "true"].as_slice(),
                &["-p", "kimi", "--no-workspace", "true"],
                &["true"],
            ] {
                let outcome = home.run(arguments);
                assert_eq!(
                    (outcome.status, outcome.stderr.as_str()),
                    (125, wanted.as_str()),
                    "{claim} {arguments:?}"
                );
                outcome.shows_no_secret();
            }
        }
    }
}

#[test]
fn a_list_under_a_name_that_no_workspace_has_stops_a_launch_and_suggests_the_nearest() {
    home()
        .workspace("client-b", "workdir = \"/nowhere\"\n")
        .exec("[workspaces.client-bb]\nproviders = [\"kimi\"]\n")
        .run(["-p", "anthropic", "true"])
        .fails(
            125,
            "jackin-exec: [ROOT]/home/.config/jackin/workspaces/client-bb.toml: there is no such file, and workspace client-bb \
             has a list of providers in exec.toml: jackin-exec cannot tell where the list applies\nhint: did you mean client-b?\n",
        );
}

#[test]
fn a_list_binds_a_workspace_of_config_toml() {
    let home = home()
        .rooted("home/.config/jackin/config.toml", "[workspaces.w]\nworkdir = \"[ROOT]/here\"\n")
        .exec("[workspaces.w]\nproviders = [\"kimi\"]\n")
        .folder("here")
        .in_folder("here")
        .env("ZAI_API_KEY", "k");
    home.run(["-p", "zai", "--no-workspace", "true"]).fails(
        125,
        "jackin-exec: workspace w does not allow provider zai; it allows kimi\nhint: the list is `providers` of [workspaces.w] in exec.toml\n",
    );
}

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
    // A manifest that cannot be read stops a launch with its role, and no other.
    let broken = home().rooted(file, "[claude.providers.kimi]\nmodel = \"[SECRET] x\"\n");
    broken.run(["-p", "kimi", "-r", "acme/rev", "true"]).fails(
        125,
        "jackin-exec: [ROOT]/home/.jackin/roles/acme/rev/default/jackin.role.toml:2:9: expected a model id\n",
    );
    broken.run(["-p", "kimi", "-r", "plain", "true"]).is(0, "", "");
    broken.run(["-p", "anthropic", "-r", "acme/rev", "true"]).is(0, "", "");
}
