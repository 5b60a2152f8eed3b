//! Reads a file of the configuration, so that the file that is judged is the file that is read.
//!
//! One open and one fstat decide which file it is and who may write it. Without jackin's lock, the
//! bytes of that descriptor are read twice and must agree.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;

use crate::config::Place;
use crate::files::error::Error;
use crate::files::links;
use crate::files::links::End;
use crate::files::links::Passage;
use crate::files::read::LARGEST_CONFIG;
use crate::files::read::content;
use crate::files::read::open;
use crate::files::read::status;
use crate::files::store::Store;
use crate::warning::Warning;

/// A file's content and status at one moment.
#[derive(Debug)]
pub struct Text {
    /// The path, for messages.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
    /// Whether the file, its folder, or a folder that a link leads through belongs to a user who is
    /// neither we nor root.
    pub is_foreign: bool,
    /// Whether users other than the owner and the group may read it.
    pub world_readable: bool,
}

/// An open file, and what is known of the way to it.
struct Opened {
    file: OwnedFd,
    /// Whether a folder behind a link belongs to another user.
    through_foreign: bool,
}

/// How many times two readings may differ.
const TRIES: usize = 3;

impl Store {
    /// Reads a file of the folder; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NotRegular`], [`Error::TooLarge`], [`Error::WorldWritable`],
    /// [`Error::ForeignOwner`], [`Error::ForeignLink`]; [`Error::Changing`] if we hold no lock and
    /// the readings differ; [`Error::NotUtf8`].
    pub fn read(&self, name: &str, warnings: &mut Vec<Warning>) -> Result<Option<Text>, Error> {
        match self.opened(name, warnings)? {
            Some(opened) => self.text(&opened, name, warnings).map(Some),
            None => Ok(None),
        }
    }

    /// The same for a file of the folder that is open already, and to which no link led.
    pub(super) fn read_open(
        &self,
        file: OwnedFd,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Text, Error> {
        self.text(&Opened { file, through_foreign: false }, name, warnings)
    }

    /// Judges and reads an open file.
    fn text(
        &self,
        opened: &Opened,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Text, Error> {
        let path = self.path().join(name);
        let status = status(&opened.file, &path)?;
        let bytes = self.agreed(&opened.file, &status, &path)?;
        self.judge(&path, &status, warnings)?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let valid = error.as_bytes().get(..valid).unwrap_or_default();
                let place = Place::after(&path, &String::from_utf8_lossy(valid));
                return Err(Error::NotUtf8 { place });
            }
        };
        let is_foreign =
            opened.through_foreign || self.is_in_foreign(name) || self.is_anothers(&status);
        if is_foreign {
            self.of_others.borrow_mut().push(name.to_owned());
        }
        Ok(Text { path, text, is_foreign, world_readable: status.st_mode & 0o004 != 0 })
    }

    /// The bytes of a file. If we hold no lock, they are read until two readings agree.
    fn agreed(&self, file: &OwnedFd, status: &FileStat, path: &Path) -> Result<Vec<u8>, Error> {
        let mut before = content(file, status, path, LARGEST_CONFIG)?;
        if self.is_locked() {
            return Ok(before);
        }
        for _ in 0..TRIES {
            let now = content(file, status, path, LARGEST_CONFIG)?;
            if now == before {
                return Ok(before);
            }
            before = now;
        }
        Err(Error::Changing { path: path.to_owned() })
    }

    /// Opens a file, and judges the folders that links lead through; `None` if it does not exist.
    fn opened(&self, name: &str, warnings: &mut Vec<Warning>) -> Result<Option<Opened>, Error> {
        let path = self.path().join(name);
        let unreadable = |errno| Error::Unreadable { path: path.clone(), errno };
        let (folder, inside) = match self.inside(name) {
            Ok((folder, inside)) => (folder, OsStr::new(inside)),
            Err(Errno::ENOENT) => return Ok(None),
            Err(errno) => return Err(unreadable(errno)),
        };
        let mut through_foreign = false;
        let file = match open(folder, inside, OFlag::O_NOFOLLOW) {
            Ok(file) => file,
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP) if self.is_in_foreign(name) => {
                return Err(Error::ForeignLink { path });
            }
            Err(Errno::ELOOP) => {
                let judge = |passage: &Passage<'_>| {
                    through_foreign |= self.is_anothers(passage.of_folder);
                    self.judge_passage(passage, warnings)
                };
                let target = links::follow(folder, inside, &path, End::File, judge)?;
                match open(&target.folder, &target.file, OFlag::O_NOFOLLOW) {
                    Ok(file) => file,
                    Err(Errno::ENOENT) => return Err(Error::DeadLink { path }),
                    Err(errno) => return Err(unreadable(errno)),
                }
            }
            Err(errno) => return Err(unreadable(errno)),
        };
        Ok(Some(Opened { file, through_foreign }))
    }
}
