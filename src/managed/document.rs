//! Reads one file of managed settings as the client does.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::Error;
use crate::files;
use crate::json;

/// What the client gets from a file.
#[derive(Debug)]
pub enum Content {
    /// Nothing: the file does not exist, or we may not read it, and so no client that we become
    /// may.
    Absent,
    /// The file is not JSON. The client ignores it (measured with 2.1.240 and 2.1.257) or does not
    /// start (2.1.330 and 2.1.332).
    NotJson {
        /// The line of the error, from 1.
        line: usize,
        /// The column of the error, from 1.
        column: usize,
    },
    /// Settings.
    Settings {
        /// The text, for finding the line of a key.
        text: String,
        /// The text, parsed.
        settings: Value,
    },
}

/// Reads one file.
///
/// # Errors
///
/// If the client may be able to read the file and we cannot.
pub fn read(path: &Path) -> Result<Content, Error> {
    let bytes = match files::plain_file(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(files::Error::Unreadable { .. }) => return Ok(Content::Absent),
        Err(error) => return Err(Error::File(error)),
    };
    let text = decode(&bytes);
    match serde_json::from_str(&text) {
        Ok(settings) => Ok(Content::Settings { text: text.into_owned(), settings }),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            if json::is_valid(&text) {
                Err(Error::Unread { path: path.to_owned(), line, column })
            } else {
                Ok(Content::NotJson { line, column })
            }
        }
    }
}

/// Decodes the text as the client does: it knows two byte order marks, and replaces invalid
/// sequences (measured with 2.1.330 and 2.1.332).
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(bytes) = bytes.strip_prefix(b"\xff\xfe") {
        let (units, _) = bytes.as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
        let text = char::decode_utf16(units);
        return text.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    }
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_decoded_as_the_client_decodes_it() {
        for (bytes, text) in [
            (&b"{}"[..], "{}"),
            (b"\xef\xbb\xbf{}", "{}"),
            // A second mark is part of the text.
            (b"\xef\xbb\xbf\xef\xbb\xbf{}", "\u{feff}{}"),
            (b"\xff\xfe{\0\"\0\xe9\0\"\0", "{\"é\""),
            (b"\xff\xfe\x00\xd8x\0y", "\u{fffd}x"),
            (b"{\"\xe9\"", "{\"\u{fffd}\""),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes), text, "{bytes:?}");
        }
    }
}
