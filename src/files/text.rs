//! Reads a file of the configuration, so that the file that is judged is the file that is read.
//!
//! A reading is one open, one fstat and the bytes of that descriptor. Without jackin's lock two
//! readings must agree: in their bytes, and in which file it was and who may write it.

use std::ffi::OsStr;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;

use crate::config::Place;
use crate::files::error::Error;
use crate::files::links;
use crate::files::read::LARGEST_CONFIG;
use crate::files::read::content;
use crate::files::read::is_no_link;
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

/// One reading of a file.
struct Reading {
    bytes: Vec<u8>,
    status: FileStat,
    /// Whether a folder behind a link belongs to another user.
    through_foreign: bool,
    warnings: Vec<Warning>,
}

impl Reading {
    /// Whether nothing changed between two readings.
    fn agrees(&self, other: &Self) -> bool {
        let identity = |status: &FileStat| {
            (status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_gid)
        };
        identity(&self.status) == identity(&other.status) && self.bytes == other.bytes
    }
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
        let Some(Reading { bytes, status, through_foreign, warnings: found }) =
            self.agreed(name)?
        else {
            return Ok(None);
        };
        warnings.extend(found);
        let path = self.path().join(name);
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let valid = error.as_bytes().get(..valid).unwrap_or_default();
                let place = Place::after(&path, &String::from_utf8_lossy(valid));
                return Err(Error::NotUtf8 { place });
            }
        };
        let is_foreign = through_foreign || self.is_in_foreign(name) || self.is_anothers(&status);
        if is_foreign {
            self.of_others.borrow_mut().push(name.to_owned());
        }
        Ok(Some(Text { path, text, is_foreign, world_readable: status.st_mode & 0o004 != 0 }))
    }

    fn agreed(&self, name: &str) -> Result<Option<Reading>, Error> {
        let mut before = self.reading(name)?;
        if before.is_none() || self.is_locked() {
            return Ok(before);
        }
        for _ in 0..TRIES {
            let now = self.reading(name)?;
            match (&before, &now) {
                (Some(one), Some(other)) if one.agrees(other) => return Ok(now),
                (None, None) => return Ok(None),
                _ => before = now,
            }
        }
        Err(Error::Changing { path: self.path().join(name) })
    }

    /// Opens, judges and reads a file.
    fn reading(&self, name: &str) -> Result<Option<Reading>, Error> {
        let Ok((folder, inside)) = self.inside(name) else {
            return Ok(None);
        };
        let (path, inside) = (self.path().join(name), OsStr::new(inside));
        let mut warnings = Vec::new();
        let mut through_foreign = false;
        let unreadable = |errno| Error::Unreadable { path: path.clone(), errno };
        let file = match open(folder, inside, OFlag::O_NOFOLLOW) {
            Ok(file) => file,
            Err(Errno::ENOENT) => return is_no_link(folder, inside, &path).map(|()| None),
            Err(Errno::ELOOP) if self.is_in_foreign(name) => {
                return Err(Error::ForeignLink { path });
            }
            Err(Errno::ELOOP) => {
                let judge = |folder: &_, of_folder: &FileStat| {
                    through_foreign |= self.is_anothers(of_folder);
                    self.judge_target(folder, of_folder, &mut warnings)
                };
                let target = links::follow(folder, inside, &path, judge)?;
                match open(&target.folder, &target.file, OFlag::O_NOFOLLOW) {
                    Ok(file) => file,
                    Err(Errno::ENOENT) => return Err(Error::DeadLink { path }),
                    Err(errno) => return Err(unreadable(errno)),
                }
            }
            Err(errno) => return Err(unreadable(errno)),
        };
        let status = status(&file, &path)?;
        let bytes = content(&file, &status, &path, LARGEST_CONFIG)?;
        self.judge(&path, &status, &mut warnings)?;
        Ok(Some(Reading { bytes, status, through_foreign, warnings }))
    }
}
