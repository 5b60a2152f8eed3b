//! The terminal on which somebody is asked.

use std::fmt::Write as _;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;

use nix::fcntl::OFlag;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;

use crate::error::Error;
use crate::report;
use crate::sys;

use super::keyboard::Keyboard;
use super::keyboard::Line;
use super::keyboard::Waited;
use super::menu::Item;
use super::menu::Menu;
use super::menu::Pressed;

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
