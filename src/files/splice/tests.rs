use super::*;

/// The text after setting `KEY`, and after removing it again.
#[track_caller]
fn becomes(before: &str, table: &[&str], after: &str, removed: &str) {
    let found = set(before, table, "KEY", "\"new\"").unwrap();
    assert_eq!(found, after);
    assert_eq!(remove(&found, table, "KEY").unwrap(), removed);
}

#[test]
fn a_table_that_is_not_there_is_made_at_the_end_and_goes_again() {
    becomes("", &["env"], "[env]\nKEY = \"new\"\n", "");
    becomes("a = 1\n", &["env"], "a = 1\n\n[env]\nKEY = \"new\"\n", "a = 1\n");
    becomes("a = 1", &["env"], "a = 1\n\n[env]\nKEY = \"new\"\n", "a = 1\n");
    becomes("a = 1\r\n", &["env"], "a = 1\r\n\r\n[env]\r\nKEY = \"new\"\r\n", "a = 1\r\n");
    becomes(
        "[[mounts]]\nsrc = '/'\n",
        &["roles", "acme/x", "env"],
        "[[mounts]]\nsrc = '/'\n\n[roles.\"acme/x\".env]\nKEY = \"new\"\n",
        "[[mounts]]\nsrc = '/'\n",
    );
}

#[test]
fn a_section_is_added_behind_the_one_that_it_belongs_to() {
    let before = "[roles.\"a/b\"] # one\ngit = 'x' # two\n\n# three\n[roles.c]\ngit = 'y'\n";
    becomes(
        before,
        &["roles", "a/b", "env"],
        "[roles.\"a/b\"] # one\ngit = 'x' # two\n\n[roles.\"a/b\".env]\nKEY = \"new\"\n\n# three\n[roles.c]\ngit = 'y'\n",
        before,
    );
}

#[test]
fn an_entry_is_added_behind_the_last_one_of_its_table_with_its_indentation() {
    let before =
        "[env]\n  # why\n  A = '''\n\nx''' # here\n\n# next\n[kimi]\nauth_forward = 'sync'\n";
    becomes(
        before,
        &["env"],
        "[env]\n  # why\n  A = '''\n\nx''' # here\n  KEY = \"new\"\n\n# next\n[kimi]\nauth_forward = 'sync'\n",
        before,
    );
    becomes(
        "[env]\r\n\r\n[x]\r\n",
        &["env"],
        "[env]\r\nKEY = \"new\"\r\n\r\n[x]\r\n",
        "\r\n[x]\r\n",
    );
    becomes("[env] # mine", &["env"], "[env] # mine\nKEY = \"new\"\n", "[env] # mine\n");
}

#[test]
fn an_entry_is_replaced_where_it_stands_and_its_comments_stay() {
    for (before, after, removed) in [
        (
            "[env]\n# mine\nKEY = 'old' # of May\nB = 1\n",
            "[env]\n# mine\nKEY = \"new\" # of May\nB = 1\n",
            "[env]\n# mine\nB = 1\n",
        ),
        ("[env]\n# mine\nKEY = 'old'\n", "[env]\n# mine\nKEY = \"new\"\n", "[env]\n# mine\n"),
        ("[env]\nKEY = '''\nold\n'''\nB = 1", "[env]\nKEY = \"new\"\nB = 1", "[env]\nB = 1"),
        ("[env]\nKEY={op='a',path='b'}\n", "[env]\nKEY=\"new\"\n", ""),
        (
            "\u{feff}env.KEY = 'old'\nb = 1\n",
            "\u{feff}env.KEY = \"new\"\nb = 1\n",
            "\u{feff}b = 1\n",
        ),
        (
            "env . \"KEY\" = 'old'\nenv.B = 1\n",
            "env . \"KEY\" = \"new\"\nenv.B = 1\n",
            "env.B = 1\n",
        ),
    ] {
        becomes(before, &["env"], after, removed);
    }
}

#[test]
fn an_entry_that_is_a_table_is_written_anew() {
    becomes(
        "[env]\nA = 1\n\n[env.KEY]\nop = 'a' # x\n# kept\npath = 'b'\n\n[kimi]\n",
        &["env"],
        "[env]\nA = 1\nKEY = \"new\"\n\n# kept\n\n[kimi]\n",
        "[env]\nA = 1\n\n# kept\n\n[kimi]\n",
    );
    becomes(
        "[env.KEY]\nop = 'a'\n\n[env.B]\nop = 'b'\n",
        &["env"],
        "\n[env.B]\nop = 'b'\n\n[env]\nKEY = \"new\"\n",
        "\n[env.B]\nop = 'b'\n",
    );
    becomes(
        "[env]\nKEY.op = 'a'\nB = 1\nKEY.path = 'b'\n",
        &["env"],
        "[env]\nB = 1\nKEY = \"new\"\n",
        "[env]\nB = 1\n",
    );
}

#[test]
fn dotted_keys_stay_dotted() {
    becomes(
        "env.A = 1\nb = 2\n",
        &["env"],
        "env.A = 1\nenv.KEY = \"new\"\nb = 2\n",
        "env.A = 1\nb = 2\n",
    );
    becomes(
        "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n",
        &["roles", "a/b", "env"],
        "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n\tenv.KEY = \"new\"\n",
        "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n",
    );
    becomes(
        "roles.x.git = 'y'\n",
        &["roles", "x", "env"],
        "roles.x.git = 'y'\n\n[roles.x.env]\nKEY = \"new\"\n",
        "roles.x.git = 'y'\n",
    );
}

#[test]
fn braces_stay_braces() {
    for (before, after, removed) in [
        ("env = { A = 1 }\n", "env = { A = 1, KEY = \"new\" }\n", "env = { A = 1 }\n"),
        ("env = {}\n", "env = { KEY = \"new\" }\n", "env = {}\n"),
        ("env = { A = 1, }\n", "env = { A = 1, KEY = \"new\", }\n", "env = { A = 1, }\n"),
        (
            "env = { KEY = 'old', B = ',' }\n",
            "env = { KEY = \"new\", B = ',' }\n",
            "env = { B = ',' }\n",
        ),
        (
            "env = {\n  KEY = 'old', # one\n  B.c = 2,\n}\n",
            "env = {\n  KEY = \"new\", # one\n  B.c = 2,\n}\n",
            "env = { # one\n  B.c = 2,\n}\n",
        ),
        (
            "env = { A = 1, KEY.op = 'a', KEY.path = 'b', C = 2 }\n",
            "env = { A = 1, C = 2, KEY = \"new\" }\n",
            "env = { A = 1, C = 2 }\n",
        ),
    ] {
        becomes(before, &["env"], after, removed);
    }
    becomes(
        "roles = { x = { git = 'y' } }\n",
        &["roles", "x", "env"],
        "roles = { x = { git = 'y', env.KEY = \"new\" } }\n",
        "roles = { x = { git = 'y' } }\n",
    );
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    for text in ["", "\u{feff}# x\r\n", "[env]\n", "env = {}", "[env.B]\nop = 'a'"] {
        assert_eq!(remove(text, &["env"], "KEY").unwrap(), text);
    }
}

#[test]
fn what_is_no_table_is_left_alone() {
    assert!(set("env = 1\n", &["env"], "KEY", "1").is_err());
    assert!(set("[[env]]\n", &["env"], "KEY", "1").is_err());
    assert!(set("env", &["env"], "KEY", "1").is_err());
    assert!(
        set("[env]\n", &["env"], "KEY", "1\nB = 2").is_err(),
        "a value that says more than itself"
    );
}
