//! What `serde_json` cannot tell about JSON: the line of a key, and whether JavaScript accepts a
//! text that `serde_json` rejects.

mod grammar;

pub(crate) use grammar::is_valid;

/// The line of a key, from 1; `None` if the key is missing. If it occurs twice, the line of the
/// last one, which counts.
///
/// The text must be valid JSON. The path lists the keys from the outermost object inwards.
pub(crate) fn line(text: &str, path: &[&str]) -> Option<usize> {
    let bytes = text.as_bytes();
    // For each open object or array, the key being read in it; arrays have none.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut found = None;
    let (mut at, mut line) = (0, 1);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b'\n' => line += 1,
            b'"' => {
                let end = string_end(bytes, at);
                // In JSON, a string before a colon is a key.
                if after_blanks(bytes, end) == Some(b':')
                    && let Some(key) = open.last_mut()
                {
                    *key = text.get(at..end).and_then(|quoted| serde_json::from_str(quoted).ok());
                    if open.len() == path.len()
                        && open.iter().zip(path).all(|(key, part)| key.as_deref() == Some(part))
                    {
                        found = Some(line);
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The index after the closing quote of the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after_blanks(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at..)?.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "model": "env",
  "a": [{"env": {"X": 1}},
    {"env": 2}],
  "other": {"env": {
    "X": "\"env\": {"}},
  "env" : {
    "Y": "}",
    "X"
      : "{",
    "e\u006ev\"": [1, {"X": 2}]
  },
  "X": "{\n"
}"#;

    #[test]
    fn a_key_is_found_where_its_path_leads() {
        serde_json::from_str::<serde_json::Value>(TEXT).unwrap();
        for (path, found) in [
            (&["model"] as &[&str], Some(2)),
            (&["env"], Some(7)),
            (&["env", "X"], Some(9)),
            (&["env", "Y"], Some(8)),
            (&["env", "env\""], Some(11)),
            (&["other", "env", "X"], Some(6)),
            (&["X"], Some(13)),
            (&["a", "env"], None),
            (&["env", "Z"], None),
            (&["env", "X", "X"], None),
            (&[], None),
        ] {
            assert_eq!(line(TEXT, path), found, "{path:?}");
        }
    }

    #[test]
    fn of_two_the_last_one_counts() {
        assert_eq!(line("{\"a\":1,\n\"a\":2}", &["a"]), Some(2));
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in ["", "\"", "\"\\", "{\"a", "}]{", "{\"a\":", "\u{feff}{\"é\":1}"] {
            assert!(line(text, &["b"]).is_none(), "{text}");
        }
    }
}
