use toml::de::DeTable;

use crate::config::table::converted;

use super::*;

/// The text as the parser of all TOML reads it, with every position; `None` for a mistake.
fn as_all(text: &str) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    Some(format!("{:?}", converted(table.into_inner())))
}

const PLAIN: &[&str] = &[
    "",
    "# a comment\n\n\t # and\tanother",
    "A = \"\"\nB=''#c\n  C  =  'it \"is\"'  # c\n\"a b\" = \"it's ü\"\n'' = true",
    "z = false\na = true\nm = [ ]\nk = [\"a\", 'b',]\nn = [ # first\n  'a' # second\n, # third\n 'b'\n]\n",
    "A = { op = \"op://v/i/f\", path = 'v / i / f' }\nB={}\nC = {on_demand=true,}\nD = [{a = {}}, {}]",
    "version = \"v1alpha9\"\n[env]\nA = \"x\"\n\n[roles.\"a/r\"]\ngit = 'x'\n[roles.\"a/r\".env]\nB = \"y\"\n",
    "[ a . b ]\nx = ''\n[a.b.c] # deeper\n[ a.d]\n[b]\n[a.a]",
    "[[mounts]]\nsrc = \"/a\"\n[[mounts]]\nsrc = \"/b\"\n[[x.y]]\n[z]\n[[mounts]]",
];

/// Texts that are not plain, and some that are mistakes.
const OTHER: &[&str] = &[
    "a.b = 'x'",
    "a = 1",
    "a = 1.5",
    "a = 1979-05-27",
    "a = \"\\n\"",
    "a = 'C:\\x'",
    "a = \"\ttab\"",
    "a = \"\"\"x\"\"\"",
    "a = '''\nx\n'''",
    "a = [['x']]",
    "a = [[]]\n[[a]]",
    "a = []\n[[a]]",
    "a = [{}]\n[[a]]",
    "a = {}\n[a.b]",
    "[[a]]\n[a.b]",
    "[a.b]\n[a]",
    "[a]\n[a]",
    "[a]\n[[a]]",
    "[[a]]\n[a]",
    "a = ''\n[a.b]",
    "a = ''\na = ''",
    "a = {b = '', b = ''}",
    "a = {b = ''\n}",
    "a = {,}",
    "a = [,]",
    "a = ['x' 'y']",
    "a = {b = '' c = ''}",
    "a = trueb",
    "a = true.b",
    "a = 'x' y",
    "a = 'x",
    "a = \"x\ny\"",
    "a =",
    "a",
    "= 'x'",
    "[a",
    "[a] b = ''",
    "[[a] ]",
    "[ [a]]",
    "[]",
    "[a.]",
    "\u{feff}a = ''",
    "a = ''\r\n",
    "# \u{7}\n",
    "ü = ''",
    "[a.b.c.d.e.f.g.h.i.j]",
    "a = {b = {c = {d = {e = {f = ''}}}}}",
];

#[test]
fn a_plain_text_is_read_as_the_parser_of_all_toml_reads_it() {
    for text in PLAIN {
        let found = read(text).map(|table| format!("{table:?}"));
        assert!(found.is_some(), "{text}");
        assert_eq!(found, as_all(text), "{text}");
    }
}

#[test]
fn any_other_text_is_left_to_the_parser_of_all_toml() {
    for text in OTHER {
        assert!(read(text).is_none(), "{text}");
    }
}

#[test]
fn no_text_near_these_is_read_otherwise() {
    const BYTES: &str = "\"'\\=#.,[]{} \t\n\rae-\u{7}\u{7f}ü";
    let mut read_anyway = 0;
    for text in PLAIN.iter().chain(OTHER) {
        for (at, byte) in text.char_indices() {
            let (before, after) = text.split_at(at);
            let (_, behind) = after.split_at(byte.len_utf8());
            let mut others = vec![format!("{before}{behind}"), before.to_owned()];
            for byte in BYTES.chars() {
                others.push(format!("{before}{byte}{behind}"));
                others.push(format!("{before}{byte}{after}"));
            }
            for other in others {
                if let Some(table) = read(&other) {
                    assert_eq!(Some(format!("{table:?}")), as_all(&other), "{other}");
                    read_anyway += 1;
                }
            }
        }
    }
    assert!(read_anyway > 1000, "{read_anyway}");
}

#[test]
fn many_tables_in_order_are_read_and_in_disorder_left_to_the_other_parser() {
    let header = |number: usize| format!("[t.t{number:04}]\n");
    let in_order: String = (0..1000).map(header).collect();
    assert_eq!(read(&in_order).map(|table| format!("{table:?}")), as_all(&in_order));
    let reversed: String = (0..1000).rev().map(header).collect();
    assert!(read(&reversed).is_none());
}
