//! Output for people: text from outside is escaped before it reaches a terminal, and a message is
//! one write.

mod table;
mod words;

pub use table::Row;
pub use table::Style;
pub use table::Tone;
pub use table::paragraph;
pub use table::table;
pub use words::available;
pub use words::did_you_mean;
pub use words::joined;
pub use words::list;
pub use words::lower;
pub use words::path;
pub use words::quoted;
pub use words::table_key;

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could change what a terminal does or what a reader sees: control characters,
/// bidirectional marks, and zero-width characters.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with unsafe characters as `\u{…}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Prints a message on stderr in one write, so that concurrent sessions do not mix within a line.
pub fn say(message: &str) {
    say_all(&[message.to_owned()], None);
}

/// The same for several messages, and for what to do about them.
pub fn say_all(messages: &[String], hint: Option<&str>) {
    let mut text = String::new();
    for message in messages {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "jackin-exec: {message}");
    }
    if let Some(hint) = hint {
        let _ = writeln!(text, "hint: {hint}");
    }
    to(&std::io::stderr(), &text);
}

/// A report could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the report cannot be written: {}", lower(.0.desc()))]
pub struct Unwritten(nix::errno::Errno);

/// Writes a report on stdout.
///
/// # Errors
///
/// [`Unwritten`], for instance if the disk is full.
pub fn print(text: &str) -> Result<(), Unwritten> {
    write(&std::io::stdout(), text).map_err(Unwritten)
}

/// Writes the whole text to a descriptor; a failure is ignored.
pub fn to(file: &impl std::os::fd::AsFd, text: &str) {
    // There is nowhere left to report it.
    let _ = write(file, text);
}

/// Writes the whole text. A closed pipe is not a failure.
fn write(file: &impl std::os::fd::AsFd, text: &str) -> Result<(), nix::errno::Errno> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match nix::unistd::write(file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::EAGAIN) => {
                let mut ready =
                    [nix::poll::PollFd::new(file.as_fd(), nix::poll::PollFlags::POLLOUT)];
                match nix::poll::poll(&mut ready, nix::poll::PollTimeout::NONE) {
                    Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                    Err(errno) => return Err(errno),
                }
            }
            Err(nix::errno::Errno::EPIPE) => return Ok(()),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(escape("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(escape("Grüße 你好"), "Grüße 你好");
    }
}
