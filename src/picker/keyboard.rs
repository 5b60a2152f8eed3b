//! Keys and lines, byte by byte, and the terminal's mode while a question is open.

use std::cell::Cell;
use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::select::FdSet;
use nix::sys::select::pselect;
use nix::sys::signal;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::termios;
use nix::sys::termios::LocalFlags;
use nix::sys::termios::SetArg;
use nix::sys::termios::SpecialCharacterIndices;
use nix::sys::termios::Termios;
use nix::sys::time::TimeSpec;

use crate::sys;
use crate::sys::Trap;

use super::Error;
use super::menu::Key;

/// A line that is being typed or pasted.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    /// Whether we are inside a paste, if the terminal marks pastes.
    pasting: bool,
}

impl Line {
    /// Removes the last character.
    fn shorten(&mut self) {
        while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }
}

/// Why the wait ended without input.
pub(super) enum Waited {
    /// A signal arrived.
    Signal(Signal),
    /// The terminal is gone.
    Closed,
    /// The terminal failed.
    Broken(Errno),
}

/// What an Escape byte turned out to be.
#[derive(Clone, Copy)]
enum Sequence {
    /// The Escape key itself.
    Escape,
    PasteBegins,
    PasteEnds,
    Other,
}

/// How long to wait after Escape, to tell the key from an arrow key's sequence.
const ESCAPE_WAIT: TimeSpec = TimeSpec::new(0, 100_000_000);

/// Reads only what has already arrived.
const NO_WAIT: TimeSpec = TimeSpec::new(0, 0);

/// The terminal's mode while a question is open; restored on every exit path.
pub(super) struct Keyboard<'a> {
    input: BorrowedFd<'a>,
    before: Termios,
    /// Whether our mode is set.
    is_raw: Cell<bool>,
    trap: Trap,
    /// The original signal mask, in force only while we wait.
    mask: SigSet,
}

impl<'a> Keyboard<'a> {
    pub(super) fn new(input: BorrowedFd<'a>) -> Result<Self, Error> {
        let before = termios::tcgetattr(input).map_err(Error::Terminal)?;
        let trap = Trap::new(&[&sys::ENDING[..], &[Signal::SIGTSTP]].concat());
        let mut mask = SigSet::empty();
        // Blocked except while we wait: a signal can never arrive between the check and the wait.
        signal::pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&trap.set()), Some(&mut mask))
            .map_err(Error::Terminal)?;
        Ok(Self { input, before, is_raw: Cell::new(false), trap, mask })
    }

    /// Asks until there is an answer, and stops on Ctrl-Z. `ask` finds the terminal as it was
    /// before the question and leaves nothing drawn on it.
    pub(super) fn until_answered<T>(
        &self,
        mut ask: impl FnMut() -> Result<Option<T>, Waited>,
    ) -> Result<T, Error> {
        loop {
            match ask() {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) | Err(Waited::Closed) => return Err(Error::Cancelled),
                Err(Waited::Signal(Signal::SIGTSTP)) => self.stop(),
                Err(Waited::Signal(signal)) => return Err(Error::Signalled(signal)),
                Err(Waited::Broken(errno)) => return Err(Error::Terminal(errno)),
            }
        }
    }

    /// Turns off echo and line buffering. Nothing else changes, so that type-ahead reaches the
    /// command as if it had been typed later. Input must not be discarded, which rules out
    /// TCSAFLUSH.
    pub(super) fn raw(&self) -> Result<(), Waited> {
        let mut raw = self.before.clone();
        raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        for (index, value) in
            [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)]
        {
            if let Some(place) = raw.control_chars.get_mut(index as usize) {
                *place = value;
            }
        }
        self.change(&raw)?;
        self.is_raw.set(true);
        Ok(())
    }

    /// Waits until we are in the foreground, by setting the terminal's original mode. Writing the
    /// question would not stop a background job: it would appear in the middle of another job's
    /// output.
    pub(super) fn wait_for_foreground(&self) -> Result<(), Waited> {
        self.change(&self.before)
    }

    /// In a background job the kernel stops us here, and retries the call when we are continued.
    /// Signals are checked first, and are unblocked while we are stopped: a fatal signal must not
    /// wait until the user brings us to the foreground.
    fn change(&self, mode: &Termios) -> Result<(), Waited> {
        loop {
            self.set_mask(self.mask);
            let changed = match self.trap.take() {
                Some(signal) => Err(Waited::Signal(signal)),
                None => match termios::tcsetattr(self.input, SetArg::TCSANOW, mode) {
                    Ok(()) => Ok(true),
                    Err(Errno::EINTR) => Ok(false),
                    Err(errno) => Err(Waited::Broken(errno)),
                },
            };
            let mut blocked = self.mask;
            for signal in &self.trap.set() {
                blocked.add(signal);
            }
            self.set_mask(blocked);
            if changed? {
                return Ok(());
            }
        }
    }

    #[expect(clippy::unused_self, reason = "only a keyboard changes the mask, and puts it back")]
    fn set_mask(&self, mask: SigSet) {
        // It cannot fail with a mask that the kernel gave us.
        let _ = signal::pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);
    }

    /// Restores the original mode if we changed it. Otherwise it leaves the terminal alone: in the
    /// background, setting the mode would stop us.
    fn put_back(&self) {
        if !self.is_raw.replace(false) {
            return;
        }
        while termios::tcsetattr(self.input, SetArg::TCSANOW, &self.before) == Err(Errno::EINTR) {}
    }

    /// Ctrl-Z: stops like any program, with the terminal's original mode.
    fn stop(&self) {
        self.put_back();
        self.trap.pass_on(Signal::SIGTSTP);
    }

    /// The next byte, however long it takes.
    fn byte(&self) -> Result<u8, Waited> {
        loop {
            if let Some(byte) = self.byte_within(None)? {
                return Ok(byte);
            }
        }
    }

    /// The next byte; `None` if it does not arrive in time.
    fn byte_within(&self, time_limit: Option<TimeSpec>) -> Result<Option<u8>, Waited> {
        loop {
            if let Some(signal) = self.trap.take() {
                return Err(Waited::Signal(signal));
            }
            let mut ready = FdSet::new();
            ready.insert(self.input);
            match pselect(None, &mut ready, None, None, &time_limit, &self.mask) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(Waited::Broken(errno)),
            }
            let mut byte = [0];
            match nix::unistd::read(self.input, &mut byte) {
                Ok(1) => return Ok(Some(byte[0])),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                Ok(_) | Err(Errno::EIO) => return Err(Waited::Closed),
                Err(errno) => return Err(Waited::Broken(errno)),
            }
        }
    }

    pub(super) fn key(&self) -> Result<Key, Waited> {
        let end_of_file =
            self.before.control_chars.get(SpecialCharacterIndices::VEOF as usize).copied();
        let byte = self.byte()?;
        Ok(match byte {
            b'\r' | b'\n' => Key::Enter,
            b'k' => Key::Up,
            b'j' => Key::Down,
            b' ' => Key::Mark,
            b'a' => Key::All,
            b'0'..=b'9' => Key::Digit(usize::from(byte - b'0')),
            b'q' | 0x03 | 0x04 => Key::Cancel,
            0x1b => self.escape()?,
            byte if Some(byte) == end_of_file => Key::Cancel,
            _ => Key::Other,
        })
    }

    /// Reads what follows an Escape: nothing if it was the key itself, or a sequence, which is read
    /// to its end.
    fn escape(&self) -> Result<Key, Waited> {
        match self.byte_within(Some(ESCAPE_WAIT))? {
            None | Some(0x1b) => return Ok(Key::Cancel),
            Some(b'[' | b'O') => {}
            Some(b']' | b'P' | b'X' | b'^' | b'_') => {
                self.skip_reply()?;
                return Ok(Key::Other);
            }
            Some(_) => return Ok(Key::Other),
        }
        loop {
            match self.byte_within(Some(ESCAPE_WAIT))? {
                Some(b'A') => return Ok(Key::Up),
                Some(b'B') => return Ok(Key::Down),
                Some(b'H') => return Ok(Key::First),
                Some(b'F') => return Ok(Key::Last),
                None | Some(0x40..=0x7e) => return Ok(Key::Other),
                Some(_) => {}
            }
        }
    }

    /// Reads a line without showing it; `None` if the user cancels.
    pub(super) fn hidden_line(&self) -> Result<Option<Vec<u8>>, Waited> {
        let mut line = Line::default();
        let is = |byte: u8, which: SpecialCharacterIndices| {
            // Zero means that no character is assigned.
            byte != 0 && self.before.control_chars.get(which as usize) == Some(&byte)
        };
        loop {
            let byte = self.byte()?;
            match byte {
                0x1b => match self.sequence()? {
                    Sequence::Escape if !line.pasting => return Ok(None),
                    Sequence::PasteBegins => line.pasting = true,
                    Sequence::PasteEnds => line.pasting = false,
                    Sequence::Escape | Sequence::Other => {}
                },
                b'\r' | b'\n' if line.pasting => line.bytes.push(b'\n'),
                b'\r' | b'\n' => {
                    // No one types this fast: it is a paste of several lines, from a terminal that
                    // does not mark pastes.
                    let mut more = self.byte_within(Some(NO_WAIT))?;
                    if more.is_some() {
                        line.bytes.push(b'\n');
                    }
                    while let Some(byte) = more {
                        line.bytes.push(byte);
                        more = self.byte_within(Some(ESCAPE_WAIT))?;
                    }
                    return Ok(Some(line.bytes));
                }
                byte if line.pasting => line.bytes.push(byte),
                byte if is(byte, SpecialCharacterIndices::VEOF) || byte == 0x04 => {
                    if line.bytes.is_empty() {
                        return Ok(None);
                    }
                }
                0x03 => return Ok(None),
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

    /// Skips a terminal's reply to another program's query for a colour or a name: text up to BEL
    /// or Escape `\`.
    fn skip_reply(&self) -> Result<(), Waited> {
        let mut before = None;
        loop {
            match (before, self.byte_within(Some(ESCAPE_WAIT))?) {
                (_, None | Some(0x07)) | (Some(0x1b), Some(b'\\')) => return Ok(()),
                (_, byte) => before = byte,
            }
        }
    }

    /// Reads what follows an Escape while a line is being typed.
    fn sequence(&self) -> Result<Sequence, Waited> {
        let mut text = Vec::new();
        match self.byte_within(Some(ESCAPE_WAIT))? {
            None => return Ok(Sequence::Escape),
            Some(b'[' | b'O') => {}
            Some(b']' | b'P' | b'X' | b'^' | b'_') => {
                self.skip_reply()?;
                return Ok(Sequence::Other);
            }
            Some(_) => return Ok(Sequence::Other),
        }
        while let Some(byte) = self.byte_within(Some(ESCAPE_WAIT))? {
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

    /// Reads one line, which the terminal shows and lets the user edit.
    pub(super) fn line(&self) -> Result<String, Waited> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(String::from_utf8_lossy(&line).into_owned()),
                byte => line.push(byte),
            }
        }
    }
}

impl Drop for Keyboard<'_> {
    fn drop(&mut self) {
        self.put_back();
        // In this order, a signal that arrived meanwhile has its usual effect.
        self.trap.restore();
        self.set_mask(self.mask);
    }
}
