//! Reads one file of managed settings as the client does.

use std::borrow::Cow;
use std::path::Path;

use nix::errno::Errno;
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
        Ok(None) => return Ok(Content::Absent),
        Err(error) if is_absent(&error) => return Ok(Content::Absent),
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

/// Whether an error means that no client that we become can read the file or folder either. A
/// failing disk or too many open files may stop us alone.
pub(super) const fn is_absent(error: &files::Error) -> bool {
    matches!(
        error,
        files::Error::Unreadable {
            errno: Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP | Errno::EACCES | Errno::EPERM,
            ..
        }
    )
}

/// Decodes the text as the client does: it knows two byte order marks, and replaces invalid
/// sequences (measured with 2.1.330 and 2.1.332).
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
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
    fn only_what_the_client_cannot_read_either_counts_as_absent() {
        for (errno, absent) in [
            (Errno::ENOENT, true),
            (Errno::ENOTDIR, true),
            (Errno::ELOOP, true),
            (Errno::EACCES, true),
            (Errno::EPERM, true),
            (Errno::EIO, false),
            (Errno::EMFILE, false),
            (Errno::ENFILE, false),
            (Errno::ENOMEM, false),
        ] {
            let error = files::Error::Unreadable { path: "x".into(), errno };
            assert_eq!(is_absent(&error), absent, "{errno}");
        }
    }

    /// Page 0 of a process is not mapped, so this file opens and its first read fails with EIO.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_whose_reading_fails_is_an_error() {
        let error = read(Path::new("/proc/self/mem")).unwrap_err();
        assert!(matches!(&error, Error::File(files::Error::Unreadable { errno: Errno::EIO, .. })));
    }

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
