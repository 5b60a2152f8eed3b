//! Keys and lines, byte by byte, and the terminal's mode while a question is open.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::select::FdSet;
use nix::sys::select::pselect;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::termios;
use nix::sys::termios::LocalFlags;
use nix::sys::termios::SetArg;
use nix::sys::termios::SpecialCharacterIndices;
use nix::sys::termios::Termios;
use nix::sys::time::TimeSpec;
use nix::sys::time::TimeValLike;

use crate::error::Error;
use crate::sys;
use crate::sys::Trap;

use super::menu::Key;

/// A line that is being typed or pasted.
#[derive(Default)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// Inside a paste, as far as the terminal says so.
    pasting: bool,
}

impl Line {
    /// Without its last character.
    fn shorten(&mut self) {
        while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }
}

/// Why there is no key.
pub(super) enum Waited {
    Signal(Signal),
    Closed,
}

/// What an Escape began.
#[derive(Clone, Copy)]
enum Sequence {
    /// Nothing: it was the key.
    Escape,
    PasteBegins,
    PasteEnds,
    Other,
}

/// Told from an arrow key by this wait.
const ESCAPE_WAIT: Duration = Duration::from_millis(100);

/// The terminal's mode while a question stands; put back on every way out.
pub(super) struct Keyboard<'a> {
    input: BorrowedFd<'a>,
    before: Termios,
    trap: Trap,
    /// The mask that we found; while we wait, and only then, it holds again.
    mask: SigSet,
}

impl<'a> Keyboard<'a> {
    pub(super) fn new(input: BorrowedFd<'a>) -> Result<Self, Error> {
        let before = termios::tcgetattr(input).map_err(Error::Terminal)?;
        let trap = Trap::new(&[&sys::ENDING[..], &[Signal::SIGTSTP]].concat());
        let mut mask = SigSet::empty();
        // Blocked but for the wait itself: a signal can never fall between a look and the wait.
        nix::sys::signal::pthread_sigmask(
            SigmaskHow::SIG_BLOCK,
            Some(&trap.set()),
            Some(&mut mask),
        )
        .map_err(Error::Terminal)?;
        Ok(Self { input, before, trap, mask })
    }

    /// No echo and no waiting for lines. Nothing else changes, so that what is typed ahead reaches
    /// the command as if it had been typed then; and nothing is thrown away, which rules out
    /// TCSAFLUSH.
    pub(super) fn raw(&self) -> Result<(), Error> {
        let mut raw = self.before.clone();
        raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        for (index, value) in
            [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)]
        {
            if let Some(place) = raw.control_chars.get_mut(index as usize) {
                *place = value;
            }
        }
        self.change(&raw).map_err(Error::Terminal)
    }

    /// The mode that we found. In the background this is where we wait for our turn, even if
    /// nothing changes: waiting for a line would not stop us, and the question would stand
    /// among what somebody else is doing.
    pub(super) fn cooked(&self) {
        // There is nobody left to tell.
        let _ = self.change(&self.before);
    }

    /// In a background job the first try stops us, and is made again when we are back in the
    /// foreground.
    fn change(&self, mode: &Termios) -> Result<(), Errno> {
        loop {
            match termios::tcsetattr(self.input, SetArg::TCSANOW, mode) {
                Err(Errno::EINTR) => {}
                result => return result,
            }
        }
    }

    /// Ctrl-Z: stops as any program would, with the terminal as it was.
    pub(super) fn stop(&self) {
        self.cooked();
        self.trap.pass_on(Signal::SIGTSTP);
    }

    /// One byte, or why there is none.
    fn byte(&self, patience: Option<Duration>) -> Result<Option<u8>, Waited> {
        let patience = patience.map(|wait| {
            TimeSpec::milliseconds(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
        });
        loop {
            if let Some(signal) = self.trap.take() {
                return Err(Waited::Signal(signal));
            }
            let mut ready = FdSet::new();
            ready.insert(self.input);
            match pselect(None, &mut ready, None, None, &patience, &self.mask) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(_) => return Err(Waited::Closed),
            }
            let mut byte = [0];
            match nix::unistd::read(self.input, &mut byte) {
                Ok(1) => return Ok(Some(byte[0])),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                Ok(_) | Err(_) => return Err(Waited::Closed),
            }
        }
    }

    pub(super) fn key(&self) -> Result<Key, Waited> {
        let end_of_file =
            self.before.control_chars.get(SpecialCharacterIndices::VEOF as usize).copied();
        let byte = self.byte(None)?.unwrap_or_default();
        Ok(match byte {
            b'\r' | b'\n' => Key::Enter,
            b'k' => Key::Up,
            b'j' => Key::Down,
            b'0'..=b'9' => Key::Digit(usize::from(byte - b'0')),
            b'q' | 0x03 | 0x04 => Key::Cancel,
            0x1b => self.escape()?,
            byte if Some(byte) == end_of_file => Key::Cancel,
            _ => Key::Other,
        })
    }

    /// What follows an Escape: nothing, then it was the key; or a sequence, which is read to its
    /// end.
    fn escape(&self) -> Result<Key, Waited> {
        match self.byte(Some(ESCAPE_WAIT))? {
            None | Some(0x1b) => return Ok(Key::Cancel),
            Some(b'[' | b'O') => {}
            Some(b']' | b'P' | b'X' | b'^' | b'_') => return self.answer(),
            Some(_) => return Ok(Key::Other),
        }
        loop {
            match self.byte(Some(ESCAPE_WAIT))? {
                Some(b'A') => return Ok(Key::Up),
                Some(b'B') => return Ok(Key::Down),
                Some(b'H') => return Ok(Key::First),
                Some(b'F') => return Ok(Key::Last),
                None | Some(0x40..=0x7e) => return Ok(Key::Other),
                Some(_) => {}
            }
        }
    }

    /// Reads a line up to its end: true; or until it is given up: false.
    pub(super) fn unseen(&self, line: &mut Line) -> Result<bool, Waited> {
        let is = |byte: u8, which: SpecialCharacterIndices| {
            // Zero stands for none.
            byte != 0 && self.before.control_chars.get(which as usize) == Some(&byte)
        };
        loop {
            let byte = self.byte(None)?.unwrap_or_default();
            match byte {
                0x1b => match self.sequence()? {
                    Sequence::Escape if !line.pasting => return Ok(false),
                    Sequence::PasteBegins => line.pasting = true,
                    Sequence::PasteEnds => line.pasting = false,
                    Sequence::Escape | Sequence::Other => {}
                },
                b'\r' | b'\n' if line.pasting => line.bytes.push(b'\n'),
                b'\r' | b'\n' => {
                    // Nobody types this fast. A terminal that does not mark pastes sent one of
                    // several lines.
                    let mut more = self.byte(Some(Duration::ZERO))?;
                    if more.is_some() {
                        line.bytes.push(b'\n');
                    }
                    while let Some(byte) = more {
                        line.bytes.push(byte);
                        more = self.byte(Some(ESCAPE_WAIT))?;
                    }
                    return Ok(true);
                }
                byte if line.pasting => line.bytes.push(byte),
                byte if is(byte, SpecialCharacterIndices::VEOF) || byte == 0x04 => {
                    if line.bytes.is_empty() {
                        return Ok(false);
                    }
                }
                0x03 => return Ok(false),
                byte if is(byte, SpecialCharacterIndices::VERASE)
                    || byte == 0x7f
                    || byte == 0x08 =>
                {
                    line.shorten();
                }
                byte if is(byte, SpecialCharacterIndices::VKILL) || byte == 0x15 => {
                    line.bytes.clear();
                }
                byte => line.bytes.push(byte),
            }
        }
    }

    /// What a terminal says when another program has asked it for a colour or a name: a text up to
    /// BEL or Escape `\`.
    fn answer(&self) -> Result<Key, Waited> {
        let mut before = None;
        loop {
            match (before, self.byte(Some(ESCAPE_WAIT))?) {
                (_, None | Some(0x07)) | (Some(0x1b), Some(b'\\')) => return Ok(Key::Other),
                (_, byte) => before = byte,
            }
        }
    }

    /// What follows an Escape where a line is typed.
    fn sequence(&self) -> Result<Sequence, Waited> {
        let mut text = Vec::new();
        match self.byte(Some(ESCAPE_WAIT))? {
            None => return Ok(Sequence::Escape),
            Some(b'[' | b'O') => {}
            Some(b']' | b'P' | b'X' | b'^' | b'_') => {
                return self.answer().map(|_| Sequence::Other);
            }
            Some(_) => return Ok(Sequence::Other),
        }
        while let Some(byte) = self.byte(Some(ESCAPE_WAIT))? {
            text.push(byte);
            if matches!(byte, 0x40..=0x7e) {
                break;
            }
        }
        Ok(match text.as_slice() {
            b"200~" => Sequence::PasteBegins,
            b"201~" => Sequence::PasteEnds,
            _ => Sequence::Other,
        })
    }

    /// One line; none at its end of file.
    pub(super) fn line(&self) -> Result<Option<String>, Waited> {
        let mut line = Vec::new();
        loop {
            match self.byte(None)? {
                Some(b'\n') => return Ok(Some(String::from_utf8_lossy(&line).into_owned())),
                Some(byte) => line.push(byte),
                None => return Ok(None),
            }
        }
    }
}

impl Drop for Keyboard<'_> {
    fn drop(&mut self) {
        self.cooked();
        // In this order a signal that came meanwhile does what it would have done without us.
        self.trap.restore();
        let _ = nix::sys::signal::pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.mask), None);
    }
}
