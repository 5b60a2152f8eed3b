//! One end of a pipe from a program, read without waiting.

use std::fs::File;
use std::io::ErrorKind;
use std::io::Read;
use std::os::fd::OwnedFd;

use nix::fcntl::FcntlArg;
use nix::fcntl::OFlag;

/// A program's output on one stream. Output beyond the limit is read, so that the program can end,
/// but not kept.
#[derive(Debug)]
pub(crate) struct Pipe {
    /// `None` once the other end is closed.
    pub(super) file: Option<File>,
    bytes: Vec<u8>,
    limit: usize,
    is_cut: bool,
}

/// How many reads one poll of a pipe makes at most, so that a program that writes without end
/// cannot block us.
const READS: usize = 64;

impl Pipe {
    /// A pipe of which at most `limit` bytes are kept.
    pub(super) fn new(end: Option<OwnedFd>, limit: usize) -> Self {
        let mut file = end.map(File::from);
        if let Some(open) = &file
            && nix::fcntl::fcntl(open, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).is_err()
        {
            file = None;
        }
        Self { file, bytes: Vec::new(), limit, is_cut: false }
    }

    /// The output that was kept.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the output that was kept.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Whether there was more than was kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Reads what is available.
    pub(super) fn read(&mut self) {
        let mut buffer = [0; 8192];
        for _ in 0..READS {
            let Some(file) = &mut self.file else {
                return;
            };
            match file.read(&mut buffer) {
                Ok(0) => self.file = None,
                Ok(count) => {
                    let room = (self.limit - self.bytes.len()).min(count);
                    self.is_cut |= room < count;
                    self.bytes.extend(buffer.iter().take(room));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.file = None,
            }
        }
    }
}
