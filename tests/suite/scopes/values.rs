//! Which scope wins for each name.

use std::collections::BTreeMap;

use crate::scopes::NOTHING;
use crate::scopes::ROLE;
use crate::scopes::home;
use crate::scopes::observe;

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
