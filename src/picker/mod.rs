//! Asking on the terminal. Reads byte by byte and never more than the answer: what is typed ahead
//! is the command's.

use std::fmt::Write as _;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::select::FdSet;
use nix::sys::select::pselect;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::sys::termios;
use nix::sys::termios::LocalFlags;
use nix::sys::termios::SetArg;
use nix::sys::termios::SpecialCharacterIndices;
use nix::sys::termios::Termios;
use nix::sys::time::TimeSpec;
use nix::sys::time::TimeValLike;

use crate::error::Error;
use crate::report;
use crate::sys;
use crate::sys::Trap;

/// A terminal on which somebody can be asked.
#[derive(Debug)]
pub struct Terminal {
    /// Only its descriptor is used: its buffer would take what belongs to the command.
    stdin: std::io::Stdin,
    /// Opened by us where stdin is something else.
    own: Option<OwnedFd>,
    /// Whether it can move its cursor.
    clever: bool,
}

/// The rows of the question that are no candidates: its title, the help, and the one on which the
/// cursor waits.
const AROUND: usize = 3;

/// One line of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The word for `--provider`.
    pub id: String,
    /// The name for people.
    pub label: String,
}

impl Terminal {
    /// The terminal of this process; none if nobody can be asked.
    ///
    /// `stderr_is_terminal` is the first condition: a question that nobody sees is none.
    pub fn find(stderr_is_terminal: bool, term: Option<&str>) -> Option<Self> {
        if !stderr_is_terminal {
            return None;
        }
        let clever = term.is_some_and(|term| term != "dumb");
        let stdin = std::io::stdin();
        if std::io::IsTerminal::is_terminal(&stdin) {
            return Some(Self { stdin, own: None, clever });
        }
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let own = nix::fcntl::open("/dev/tty", flags, Mode::empty()).ok()?;
        // pselect cannot wait for a descriptor above its set.
        let fits = usize::try_from(own.as_raw_fd())
            .is_ok_and(|number| number < nix::sys::select::FD_SETSIZE);
        fits.then_some(Self { stdin, own: Some(own), clever })
    }

    /// Asks which one; the answer is an index.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`], or [`Error::Signalled`] for a signal that ends us; in both cases the
    /// terminal is as it was.
    pub fn ask(&self, title: &str, items: &[Item]) -> Result<usize, Error> {
        // What has scrolled out of the window could neither be drawn anew nor erased.
        let fits = self.rows().is_none_or(|rows| rows >= items.len() + AROUND);
        if self.clever && fits {
            self.ask_with_keys(title, items)
        } else {
            self.ask_with_a_line(title, items)
        }
    }

    fn rows(&self) -> Option<usize> {
        match &self.own {
            Some(own) => sys::rows(own),
            None => sys::rows(std::io::stderr()),
        }
    }

    /// Asks for a line that nobody shall see. Comes back with its bytes, which the caller makes a
    /// secret.
    ///
    /// A paste is taken whole: what follows a line break in it must not become a command of the
    /// shell behind us, so it is part of the answer.
    ///
    /// # Errors
    ///
    /// As [`Terminal::ask`].
    pub fn ask_unseen(&self, title: &str) -> Result<Vec<u8>, Error> {
        let keyboard = Keyboard::new(self.input())?;
        let (on, off) = if self.clever { ("\x1b[?2004h", "\x1b[?2004l") } else { ("", "") };
        let mut line = Line::default();
        loop {
            keyboard.raw()?;
            self.draw(&format!("jackin-exec: {title}: {on}"));
            let answer = keyboard.unseen(&mut line);
            self.draw(&format!("{off}\n"));
            return match answer {
                Ok(true) => Ok(line.bytes),
                Ok(false) | Err(Waited::Closed) => Err(Error::Cancelled),
                Err(Waited::Signal(Signal::SIGTSTP)) => {
                    line = Line::default();
                    keyboard.stop();
                    continue;
                }
                Err(Waited::Signal(signal)) => Err(Error::Signalled(signal)),
            };
        }
    }

    fn input(&self) -> BorrowedFd<'_> {
        self.own.as_ref().map_or_else(|| self.stdin.as_fd(), AsFd::as_fd)
    }

    fn draw(&self, text: &str) {
        match &self.own {
            Some(own) => report::to(own, text),
            None => report::to(&std::io::stderr(), text),
        }
    }

    fn ask_with_keys(&self, title: &str, items: &[Item]) -> Result<usize, Error> {
        let keyboard = Keyboard::new(self.input())?;
        keyboard.raw()?;
        let mut menu = Menu { items, chosen: 0, typed: 0 };
        self.draw(&menu.first(title));
        let answer = loop {
            let key = match keyboard.key() {
                Ok(key) => key,
                Err(Waited::Signal(Signal::SIGTSTP)) => {
                    self.draw(&menu.erase());
                    keyboard.stop();
                    keyboard.raw()?;
                    self.draw(&menu.first(title));
                    continue;
                }
                Err(Waited::Signal(signal)) => break Err(Error::Signalled(signal)),
                Err(Waited::Closed) => break Err(Error::Cancelled),
            };
            match menu.press(key) {
                Pressed::Nothing => {}
                Pressed::Moved => self.draw(&menu.again()),
                Pressed::Chose(index) => break Ok(index),
                Pressed::Cancelled => break Err(Error::Cancelled),
            }
        };
        self.draw(&menu.erase());
        answer
    }

    fn ask_with_a_line(&self, title: &str, items: &[Item]) -> Result<usize, Error> {
        let keyboard = Keyboard::new(self.input())?;
        keyboard.cooked();
        let width = items.len().to_string().len();
        let mut text = format!("jackin-exec: {title}\n");
        for (number, item) in (1..).zip(items) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {number:width$}  {}", item.line());
        }
        self.draw(&text);
        loop {
            self.draw(&format!("1-{}, or an id; q cancels [1]: ", items.len()));
            let line = match keyboard.line() {
                Ok(Some(line)) => line,
                Ok(None) | Err(Waited::Closed) => {
                    self.draw("\n");
                    return Err(Error::Cancelled);
                }
                Err(Waited::Signal(Signal::SIGTSTP)) => {
                    self.draw("\n");
                    keyboard.stop();
                    keyboard.cooked();
                    continue;
                }
                Err(Waited::Signal(signal)) => {
                    self.draw("\n");
                    return Err(Error::Signalled(signal));
                }
            };
            let answer = line.trim();
            if answer.is_empty() {
                return Ok(0);
            }
            if answer == "q" {
                return Err(Error::Cancelled);
            }
            let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let found = number.or_else(|| items.iter().position(|item| item.is_called(answer)));
            if let Some(index) = found.filter(|&index| index < items.len()) {
                return Ok(index);
            }
            self.draw("that is none of them\n");
        }
    }
}

impl Item {
    /// The label, and the id where the label does not say it.
    fn line(&self) -> String {
        if self.label.eq_ignore_ascii_case(&self.id) {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.id)
        }
    }

    fn is_called(&self, answer: &str) -> bool {
        self.id.eq_ignore_ascii_case(answer) || self.label.eq_ignore_ascii_case(answer)
    }
}

/// A line that is being typed or pasted.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    /// Inside a paste, as far as the terminal says so.
    pasting: bool,
}

impl Line {
    /// Without its last character.
    fn shorten(&mut self) {
        while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }
}

/// A key as the menu understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Up,
    Down,
    First,
    Last,
    Digit(usize),
    Enter,
    Cancel,
    Other,
}

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Nothing,
    Moved,
    Chose(usize),
    Cancelled,
}

/// Until it is taken back, what does not fit into a row is not shown: a line is a row in a narrow
/// window, too.
const NO_WRAP: &str = "\x1b[?7l";

/// The question as a value: which line is chosen, and how it looks.
struct Menu<'a> {
    items: &'a [Item],
    chosen: usize,
    /// The number that was begun, where there are more than nine lines; zero for none.
    typed: usize,
}

impl Menu<'_> {
    fn press(&mut self, key: Key) -> Pressed {
        let last = self.items.len().saturating_sub(1);
        let typed = std::mem::take(&mut self.typed);
        let to = match key {
            Key::Enter => return Pressed::Chose(self.chosen),
            Key::Cancel => return Pressed::Cancelled,
            Key::Up => self.chosen.checked_sub(1).unwrap_or(last),
            Key::Down => {
                if self.chosen == last {
                    0
                } else {
                    self.chosen + 1
                }
            }
            Key::First => 0,
            Key::Last => last,
            Key::Digit(digit) => {
                let number = typed * 10 + digit;
                if number == 0 || number > self.items.len() {
                    return Pressed::Nothing;
                }
                if number * 10 > self.items.len() {
                    return Pressed::Chose(number - 1);
                }
                self.typed = number;
                number - 1
            }
            Key::Other => return Pressed::Nothing,
        };
        self.chosen = to;
        Pressed::Moved
    }

    fn first(&self, title: &str) -> String {
        format!("{NO_WRAP}jackin-exec: {title}\n{}", self.lines())
    }

    fn again(&self) -> String {
        format!("\r\x1b[{}A{}", self.items.len() + 1, self.lines())
    }

    fn erase(&self) -> String {
        format!("\r\x1b[{}A\x1b[J", self.items.len() + 2)
    }

    /// The lines, with the chosen one marked by a sign and not by colour alone.
    fn lines(&self) -> String {
        let width = self.items.len().to_string().len();
        let mut text = NO_WRAP.to_owned();
        for (index, item) in self.items.iter().enumerate() {
            let (mark, on, off) =
                if index == self.chosen { ("❯", "\x1b[1m", "\x1b[0m") } else { (" ", "", "") };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\x1b[2K{on}{mark} {:width$}  {}{off}", index + 1, item.label);
        }
        text.push_str("\x1b[2K  ↑ ↓ choose · Enter start · Esc cancel\n\x1b[?7h");
        text
    }
}

/// Why there is no key.
enum Waited {
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
struct Keyboard<'a> {
    input: BorrowedFd<'a>,
    before: Termios,
    trap: Trap,
    /// The mask that we found; while we wait, and only then, it holds again.
    mask: SigSet,
}

impl<'a> Keyboard<'a> {
    fn new(input: BorrowedFd<'a>) -> Result<Self, Error> {
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
    fn raw(&self) -> Result<(), Error> {
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
    fn cooked(&self) {
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
    fn stop(&self) {
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

    fn key(&self) -> Result<Key, Waited> {
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
    fn unseen(&self, line: &mut Line) -> Result<bool, Waited> {
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
                    line.shorten()
                }
                byte if is(byte, SpecialCharacterIndices::VKILL) || byte == 0x15 => {
                    line.bytes.clear()
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
    fn line(&self) -> Result<Option<String>, Waited> {
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
