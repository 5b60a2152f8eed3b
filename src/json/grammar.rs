//! JSON's grammar, for texts that `serde_json` rejects and JavaScript accepts.

/// Whether a text is JSON by its grammar, which is all that JavaScript's `JSON.parse` requires.
///
/// `serde_json` also rejects nesting of 128 levels, numbers too large for an `f64`, and unpaired
/// surrogates.
pub(crate) fn is_valid(text: &str) -> bool {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, opened: false };
    // The closing brackets still due. An explicit stack, because the nesting may be as deep as the
    // text is long.
    let mut open: Vec<u8> = Vec::new();
    loop {
        if !reader.value(&mut open) {
            return false;
        }
        if reader.opened {
            continue;
        }
        // After a value: the brackets that it closes, then a comma or the end of the text.
        loop {
            reader.blanks();
            let Some(&end) = open.last() else {
                return reader.at == reader.bytes.len();
            };
            if !reader.takes(end) {
                break;
            }
            open.pop();
        }
        if !reader.takes(b',') || (open.last() == Some(&b'}') && !reader.key()) {
            return false;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the last value opened an object or array, so that its first value comes next.
    opened: bool,
}

impl Reader<'_> {
    /// Reads a value, or the opening bracket of an object or array.
    fn value(&mut self, open: &mut Vec<u8>) -> bool {
        self.blanks();
        self.opened = false;
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.blanks();
                if self.takes(b'}') {
                    return true;
                }
                open.push(b'}');
                self.opened = true;
                self.key()
            }
            Some(b'[') => {
                self.at += 1;
                self.blanks();
                if self.takes(b']') {
                    return true;
                }
                open.push(b']');
                self.opened = true;
                true
            }
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word("true") || self.word("false") || self.word("null"),
        }
    }

    /// Reads a key and the colon after it.
    fn key(&mut self) -> bool {
        self.blanks();
        if !self.string() {
            return false;
        }
        self.blanks();
        self.takes(b':')
    }

    fn string(&mut self) -> bool {
        if !self.takes(b'"') {
            return false;
        }
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return true,
                b'\\' if !self.escape() => return false,
                0..=0x1f => return false,
                _ => {}
            }
        }
        false
    }

    /// Reads what follows a backslash. An unpaired surrogate is accepted.
    fn escape(&mut self) -> bool {
        let escaped = self.peek();
        self.at += 1;
        match escaped {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
            Some(b'u') => {
                let digits = self.bytes.get(self.at..self.at + 4);
                self.at += 4;
                digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            _ => false,
        }
    }

    /// Reads a number of any size.
    fn number(&mut self) -> bool {
        self.takes(b'-');
        let zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (zero && digits > 1) {
            return false;
        }
        if self.takes(b'.') && self.digits() == 0 {
            return false;
        }
        if self.takes(b'e') || self.takes(b'E') {
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            return self.digits() > 0;
        }
        true
    }

    /// Reads digits; returns how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let found = rest.starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javascript_reads_is_valid() {
        for text in [
            "{}",
            "[]",
            " [ ] ",
            "\t{\r\n}\n",
            "0",
            "-0.5E-3",
            "1e400",
            "-10e+400",
            "\"\"",
            r#""\ud800""#,
            r#""\"\\\/\b\f\n\r\t\uDEAD""#,
            "true",
            "false",
            "null",
            r#"{"a":1,"a":{"b":[[],{},[1,2]]}}"#,
            r#"[{"a" : null} , [] ]"#,
            "\"\u{7f}\u{2028}é\"",
        ] {
            assert!(is_valid(text), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(is_valid(&deep));
    }

    #[test]
    fn what_javascript_refuses_is_not() {
        for text in [
            "",
            " ",
            "{",
            "}",
            "{}}",
            "{} {}",
            "[1,]",
            "[,1]",
            "[1 2]",
            r#"{"a":1,}"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            "{a:1}",
            "{1:1}",
            "[1}",
            r#"{"a":1]"#,
            "// c\n{}",
            "{} // c",
            "/* c */{}",
            "\u{feff}{}",
            "\u{a0}{}",
            "'a'",
            "\"",
            "\"\\",
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\x41""#,
            "\"a\nb\"",
            "+1",
            ".5",
            "1.",
            "01",
            "-",
            "1e",
            "1e+",
            "NaN",
            "Infinity",
            "truefalse",
            "tru",
        ] {
            assert!(!is_valid(text), "{text}");
        }
        assert!(!is_valid(&"[".repeat(100_000)));
    }

    /// Both parsers agree on every text that both support.
    #[test]
    fn serde_agrees_about_usual_texts() {
        for text in ["{}", "[1,2]", "[1,]", "{\"a\":1}x", "\"\\u0041\"", "-1.5e3", "00", "nul"] {
            let serde = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(is_valid(text), serde, "{text}");
        }
    }
}
