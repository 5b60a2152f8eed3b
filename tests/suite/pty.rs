//! A terminal with a program on it. Waits for output with a deadline, and never for time to pass.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::FcntlArg;
use nix::fcntl::FdFlag;
use nix::fcntl::OFlag;
use nix::poll::PollFd;
use nix::poll::PollFlags;
use nix::pty::Winsize;
use nix::sys::signal::Signal;
use nix::sys::termios;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

use crate::stage::Launch;

/// What the kernel keeps of a terminal's mode. The C library's structure has room for more, which
/// nobody fills.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    input: termios::InputFlags,
    output: termios::OutputFlags,
    control: termios::ControlFlags,
    /// Echo, lines and signals.
    pub(crate) local: termios::LocalFlags,
    characters: Vec<u8>,
}

/// The real client takes its time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// NCCS of the kernel.
const KERNEL_CHARACTERS: usize = 19;

/// A terminal window.
pub(crate) struct Terminal {
    /// The window's side; none once it is closed.
    window: Option<File>,
    /// The program's side, kept open so that modes and output outlive the program.
    line: OwnedFd,
    /// All that was ever written.
    seen: Vec<u8>,
    /// How much of it was waited for.
    past: usize,
    process: Pid,
    /// What was started: its folder must outlive the program.
    launch: Option<Launch>,
    columns: usize,
}

impl Terminal {
    /// A window of 80 columns and 24 rows.
    pub(crate) fn open() -> Self {
        Self::of_size(80, 24)
    }

    /// A window of some size.
    pub(crate) fn of_size(columns: u16, rows: u16) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(&size, None).unwrap();
        for side in [&pair.master, &pair.slave] {
            nix::fcntl::fcntl(side, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        nix::fcntl::fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        Self {
            window: Some(pair.master.into()),
            line: pair.slave,
            seen: Vec::new(),
            past: 0,
            process: Pid::from_raw(0),
            launch: None,
            columns: columns.into(),
        }
    }

    /// The terminal's file.
    pub(crate) fn path(&self) -> String {
        nix::unistd::ttyname(&self.line).unwrap().display().to_string()
    }

    /// Starts a program as the leader of a session with this as its controlling terminal.
    pub(crate) fn start(mut self, launch: &Launch) -> Self {
        let launch = launch.clone().step("terminal", self.path());
        self.start_as_it_says(&launch);
        self
    }

    /// Starts a program on whatever descriptors its recipe gives it.
    #[expect(
        clippy::zombie_processes,
        reason = "waited for by its number, which tells stops from ends"
    )]
    pub(crate) fn start_as_it_says(&mut self, launch: &Launch) {
        let mut command = launch.command();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Pid::from_raw(child.id().cast_signed());
        self.launch = Some(launch.clone());
    }

    /// The program's process.
    pub(crate) fn process(&self) -> Pid {
        self.process
    }

    /// The first child of the program: what `unshare` and shells run.
    pub(crate) fn child(&self) -> Pid {
        let process = self.process;
        let list =
            std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
        Pid::from_raw(list.split_whitespace().next().unwrap().parse().unwrap())
    }

    /// Waits until a text is written, and goes on behind it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let new = &self.seen[self.past..];
            if let Some(at) = new.windows(text.len()).position(|part| part == text.as_bytes()) {
                self.past += at + text.len();
                return self;
            }
            assert!(Instant::now() < deadline, "waited for {text:?}, and saw {:?}", self.text());
            self.read();
        }
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: impl AsRef<[u8]>) -> &mut Self {
        let mut rest = keys.as_ref();
        while !rest.is_empty() {
            match nix::unistd::write(self.window.as_ref().unwrap(), rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::EAGAIN) => self.read(),
                Err(errno) => panic!("{errno}"),
            }
        }
        self
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        nix::sys::signal::kill(self.process, signal).unwrap();
        self
    }

    /// Closes the window.
    pub(crate) fn close(&mut self) -> &mut Self {
        self.window = None;
        self
    }

    /// The terminal's mode now.
    pub(crate) fn modes(&self) -> Modes {
        let found = termios::tcgetattr(&self.line).unwrap();
        Modes {
            input: found.input_flags,
            output: found.output_flags,
            control: found.control_flags,
            local: found.local_flags,
            characters: found.control_chars[..KERNEL_CHARACTERS].to_vec(),
        }
    }

    /// Makes Ctrl-C and its like characters as any other, before a program starts.
    pub(crate) fn without_interrupts(&self) {
        let mut modes = termios::tcgetattr(&self.line).unwrap();
        modes.local_flags.remove(termios::LocalFlags::ISIG);
        termios::tcsetattr(&self.line, termios::SetArg::TCSANOW, &modes).unwrap();
    }

    /// Reads what there is, or waits for a moment.
    fn read(&mut self) {
        let Some(window) = &mut self.window else {
            // A look at the clock, for those who wait for an end.
            let _ = nix::poll::poll(&mut [], 10_u8);
            return;
        };
        let _ = nix::poll::poll(&mut [PollFd::new(window.as_fd(), PollFlags::POLLIN)], 10_u8);
        let mut buffer = [0; 4096];
        if let Ok(count) = window.read(&mut buffer) {
            self.seen.extend(&buffer[..count]);
        }
    }

    /// Waits until the program changes its state, and reads on meanwhile.
    #[track_caller]
    pub(crate) fn change(&mut self) -> WaitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED;
            match nix::sys::wait::waitpid(self.process, Some(flags)).unwrap() {
                WaitStatus::StillAlive => {}
                status => {
                    self.drain();
                    return status;
                }
            }
            assert!(Instant::now() < deadline, "it does not end; seen {:?}", self.text());
            self.read();
        }
    }

    /// Waits for the end: `exit 0`, `signal 15`.
    #[track_caller]
    pub(crate) fn end(&mut self) -> String {
        match self.change() {
            WaitStatus::Exited(_, status) => format!("exit {status}"),
            WaitStatus::Signaled(_, signal, _) => format!("signal {}", signal as i32),
            status => panic!("{status:?}"),
        }
    }

    /// Everything that is still on its way. What a program has written before it ended is there
    /// already.
    fn drain(&mut self) {
        let mut buffer = [0; 4096];
        while let Some(Ok(count @ 1..)) =
            self.window.as_mut().map(|window| window.read(&mut buffer))
        {
            self.seen.extend(&buffer[..count]);
        }
    }

    /// All that was written, as it came.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// What a person sees: the rows that are not blank.
    pub(crate) fn screen(&self) -> Vec<String> {
        screen(&self.text(), self.columns)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves no program behind. The process is ours until it was waited for.
        if std::thread::panicking() && self.process.as_raw() > 0 {
            let _ = nix::sys::signal::kill(self.process, Signal::SIGKILL);
            let _ = nix::sys::wait::waitpid(self.process, None);
        }
    }
}

/// As much of a terminal as the question uses: cursor up, erase, no wrapping, colours.
fn screen(text: &str, columns: usize) -> Vec<String> {
    let mut rows: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column, mut wraps) = (0_usize, 0_usize, true);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{8}' => column = column.saturating_sub(1),
            '\u{1b}' => {
                assert_eq!(
                    characters.next(),
                    Some('['),
                    "an escape that this terminal does not know in {text:?}"
                );
                let mut parameters = String::new();
                let last = loop {
                    match characters.next().unwrap() {
                        character @ ('0'..='9' | ';' | '?') => parameters.push(character),
                        character => break character,
                    }
                };
                match (parameters.as_str(), last) {
                    ("?7", 'l') => wraps = false,
                    ("?7", 'h') => wraps = true,
                    ("2", 'K') => rows[row].clear(),
                    ("", 'K') => rows[row].truncate(column),
                    ("", 'J') => {
                        rows.truncate(row + 1);
                        rows[row].truncate(column);
                    }
                    (count, 'A') => row = row.saturating_sub(count.parse().unwrap_or(1)),
                    (_, 'm') => {}
                    other => panic!("a sequence that this terminal does not know: {other:?}"),
                }
            }
            character => {
                if column == columns {
                    if wraps {
                        row += 1;
                        column = 0;
                    } else {
                        column -= 1;
                    }
                }
                if rows.len() <= row {
                    rows.resize(row + 1, Vec::new());
                }
                if rows[row].len() <= column {
                    rows[row].resize(column + 1, ' ');
                }
                rows[row][column] = character;
                column += 1;
            }
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
    }
    let rows =
        rows.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned());
    rows.filter(|row| !row.is_empty()).collect()
}
