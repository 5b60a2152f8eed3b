//! The terminal on which the user is asked.

use std::fmt::Write as _;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use crate::report;
use crate::sys;

use super::Error;
use super::checklist::Checklist;
use super::checklist::Ticked;
use super::checklist::meant_all;
use super::keyboard::Keyboard;
use super::keyboard::Waited;
use super::menu::HELP;
use super::menu::Item;
use super::menu::Menu;
use super::menu::Pressed;
use super::menu::meant;
use super::menu::unmarked;

/// A terminal on which the user can be asked.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Only its descriptor is used: its buffer would swallow input meant for the command.
    stdin: std::io::Stdin,
    /// Opened by us if stdin is not a terminal.
    own: Option<OwnedFd>,
    /// Whether its cursor can be moved; a dumb terminal's cannot.
    has_cursor: bool,
}

/// The rows of the question besides the items: the title, the help, and the row of the cursor.
const AROUND: usize = 3;

/// What a person may type to choose several items.
const SEVERAL: &str = "names, some of each, or all";

impl Terminal {
    /// The terminal of this process; `None` if the user cannot be asked.
    ///
    /// `stderr_is_terminal` is the first condition: a question that is not seen cannot be answered.
    pub(crate) fn find(stderr_is_terminal: bool, term: Option<&str>) -> Option<Self> {
        if !stderr_is_terminal {
            return None;
        }
        let has_cursor = term.is_some_and(|term| term != "dumb");
        let stdin = std::io::stdin();
        if std::io::IsTerminal::is_terminal(&stdin) {
            return Some(Self { stdin, own: None, has_cursor });
        }
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let own = nix::fcntl::open("/dev/tty", flags, Mode::empty()).ok()?;
        // pselect cannot wait for a descriptor at or above FD_SETSIZE.
        let number = usize::try_from(own.as_raw_fd()).ok()?;
        if number >= nix::sys::select::FD_SETSIZE {
            return None;
        }
        Some(Self { stdin, own: Some(own), has_cursor })
    }

    /// Asks the user to choose one of the items.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`], or [`Error::Signalled`] for a signal that ends us; in both cases the
    /// terminal is as it was.
    pub(crate) fn ask<'i, T>(
        &self,
        title: &str,
        items: &'i [Item<T>],
    ) -> Result<&'i Item<T>, Error> {
        let keyboard = Keyboard::new(self.input())?;
        if self.draws(items.len()) {
            keyboard.until_answered(|| self.by_keys(&keyboard, title, items))
        } else {
            keyboard.until_answered(|| {
                self.by_line(&keyboard, title, items, (Item::line, "or an id"), meant)
            })
        }
    }

    /// Asks the user to choose one or more of the items.
    ///
    /// # Errors
    ///
    /// The same as [`Terminal::ask`].
    pub(crate) fn ask_several<'i, T>(
        &self,
        title: &str,
        items: &'i [Item<T>],
    ) -> Result<Vec<&'i Item<T>>, Error> {
        let keyboard = Keyboard::new(self.input())?;
        if self.draws(items.len()) {
            return keyboard.until_answered(|| self.several_by_keys(&keyboard, title, items));
        }
        let label = |item: &Item<T>| item.label.clone();
        let read = |typed: &str, items| meant_all(typed, items).filter(|found| !found.is_empty());
        keyboard.until_answered(|| self.by_line(&keyboard, title, items, (label, SEVERAL), read))
    }

    /// Whether a question with so many lines can be drawn. Lines that have scrolled out of the
    /// window could be neither redrawn nor erased.
    fn draws(&self, lines: usize) -> bool {
        self.has_cursor && self.rows().is_none_or(|rows| rows >= lines + AROUND)
    }

    fn rows(&self) -> Option<usize> {
        match &self.own {
            Some(own) => sys::rows(own),
            None => sys::rows(std::io::stderr()),
        }
    }

    /// Asks for a line without echo. Returns its bytes, which the caller turns into a secret.
    ///
    /// A paste is read as a whole: text after a line break must not reach the shell as a command,
    /// so it is part of the answer.
    ///
    /// # Errors
    ///
    /// The same as [`Terminal::ask`].
    pub(crate) fn ask_hidden(&self, title: &str) -> Result<Vec<u8>, Error> {
        let (on, off) = if self.has_cursor { ("\x1b[?2004h", "\x1b[?2004l") } else { ("", "") };
        let keyboard = Keyboard::new(self.input())?;
        keyboard.until_answered(|| {
            keyboard.raw()?;
            self.draw(&format!("jackin-exec: {title}: {on}"));
            let answer = keyboard.hidden_line();
            self.draw(&format!("{off}\n"));
            answer
        })
    }

    /// Asks for a yes; anything else is a no.
    ///
    /// # Errors
    ///
    /// The same as [`Terminal::ask`].
    pub(crate) fn confirm(&self, title: &str) -> Result<bool, Error> {
        let keyboard = Keyboard::new(self.input())?;
        keyboard.until_answered(|| {
            keyboard.wait_for_foreground()?;
            self.draw(&format!("jackin-exec: {title} [y/N]: "));
            match keyboard.line() {
                Ok(line) => Ok(Some(matches!(&*line.trim().to_ascii_lowercase(), "y" | "yes"))),
                Err(waited) => {
                    self.draw("\n");
                    Err(waited)
                }
            }
        })
    }

    fn input(&self) -> BorrowedFd<'_> {
        match &self.own {
            Some(own) => own.as_fd(),
            None => self.stdin.as_fd(),
        }
    }

    fn draw(&self, text: &str) {
        match &self.own {
            Some(own) => report::to(own, text),
            None => report::to(&std::io::stderr(), text),
        }
    }

    /// Asks once with a menu; `None` if it was cancelled.
    fn by_keys<'i, T>(
        &self,
        keyboard: &Keyboard<'_>,
        title: &str,
        items: &'i [Item<T>],
    ) -> Result<Option<&'i Item<T>>, Waited> {
        keyboard.raw()?;
        let mut menu = Menu::new(items);
        self.draw(&menu.first(title, unmarked, HELP));
        let answer = loop {
            let key = match keyboard.key() {
                Ok(key) => key,
                Err(waited) => break Err(waited),
            };
            match menu.press(key) {
                Pressed::Nothing => {}
                Pressed::Moved => self.draw(&menu.again(unmarked, HELP)),
                Pressed::Chose(item) => break Ok(Some(item)),
                Pressed::Cancelled => break Ok(None),
            }
        };
        self.draw(&menu.erase());
        answer
    }

    /// Asks once with a list whose lines can be marked; `None` if it was cancelled.
    fn several_by_keys<'i, T>(
        &self,
        keyboard: &Keyboard<'_>,
        title: &str,
        items: &'i [Item<T>],
    ) -> Result<Option<Vec<&'i Item<T>>>, Waited> {
        keyboard.raw()?;
        let mut list = Checklist::new(items);
        self.draw(&list.first(title));
        let answer = loop {
            let key = match keyboard.key() {
                Ok(key) => key,
                Err(waited) => break Err(waited),
            };
            match list.press(key) {
                Ticked::Nothing => {}
                Ticked::Changed => self.draw(&list.again()),
                Ticked::Took(items) => break Ok(Some(items)),
                Ticked::Cancelled => break Ok(None),
            }
        };
        self.draw(&list.erase());
        answer
    }

    /// Asks once with a numbered list and a typed line, whose meaning `read` finds; `None` if it
    /// was cancelled.
    fn by_line<'i, T, A>(
        &self,
        keyboard: &Keyboard<'_>,
        title: &str,
        items: &'i [Item<T>],
        (line, forms): (fn(&Item<T>) -> String, &str),
        read: impl Fn(&str, &'i [Item<T>]) -> Option<A>,
    ) -> Result<Option<A>, Waited> {
        keyboard.wait_for_foreground()?;
        let width = items.len().to_string().len();
        let mut text = format!("jackin-exec: {title}\n");
        for (number, item) in (1..).zip(items) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {number:width$}  {}", line(item));
        }
        self.draw(&text);
        loop {
            self.draw(&format!("1-{}, {forms}; q cancels [1]: ", items.len()));
            let line = match keyboard.line() {
                Ok(line) => line,
                Err(waited) => {
                    self.draw("\n");
                    return Err(waited);
                }
            };
            let typed = match line.trim() {
                "" => "1",
                "q" => return Ok(None),
                typed => typed,
            };
            match read(typed, items) {
                Some(answer) => return Ok(Some(answer)),
                None => self.draw("not one of these\n"),
            }
        }
    }
}
