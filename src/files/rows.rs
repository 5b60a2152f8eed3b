//! The folder of the user's own rows, `catalog.d`: opened and judged as the folder around it.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;

use crate::files::error::Error;
use crate::files::links;
use crate::files::read::status;
use crate::files::store::Store;
use crate::sys;
use crate::warning::Warning;

/// The name of the subfolder for files of rows.
pub(super) const ROWS: &str = "catalog.d";

/// The folder of the rows, open.
#[derive(Debug)]
pub(super) struct RowsFolder {
    pub(super) folder: OwnedFd,
    /// It, or a folder that a link leads through, belongs to another user.
    pub(super) is_foreign: bool,
}

impl Store {
    /// Opens and judges the folder of the rows; `None` if it does not exist, which takes one system
    /// call to find out.
    pub(super) fn open_rows(
        &self,
        folder: &OwnedFd,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<RowsFolder>, Error> {
        let path = self.path.join(ROWS);
        let name = OsStr::new(ROWS);
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut is_foreign = self.foreign;
        let opened = match nix::fcntl::openat(folder, name, flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP | Errno::ENOTDIR) if self.foreign => {
                return Err(Error::ForeignLink { path });
            }
            Err(Errno::ELOOP | Errno::ENOTDIR) => {
                let judge = |through: &_, of_folder: &FileStat| {
                    is_foreign |= self.is_anothers(of_folder);
                    self.judge_target(through, of_folder, warnings)
                };
                let target = links::follow(folder, name, &path, judge)?;
                let file = target.file.as_os_str();
                match nix::fcntl::openat(&target.folder, file, flags, Mode::empty()) {
                    Err(Errno::ENOENT) => return Err(Error::DeadLink { path }),
                    opened => opened,
                }
            }
            opened => opened,
        };
        let folder = opened.map_err(|errno| Error::Unreadable { path: path.clone(), errno })?;
        let of_rows = status(&folder, &path)?;
        self.judge(&path, &of_rows, warnings)?;
        is_foreign |= self.is_anothers(&of_rows);
        Ok(Some(RowsFolder { folder, is_foreign }))
    }

    /// The files of rows, `catalog.d/NAME.toml`, sorted by name. Hidden files are left out: an
    /// editor's lock is one.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if the folder cannot be listed.
    pub fn row_files(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        let Some(rows) = &self.rows else {
            return Ok(names);
        };
        let listed = sys::each_name(&rows.folder, |name, _| {
            if let Ok(name) = std::str::from_utf8(name)
                && name.strip_suffix(".toml").is_some()
                && !name.starts_with('.')
            {
                names.push(format!("{ROWS}/{name}"));
            }
        });
        listed.map_err(|errno| Error::Unreadable { path: self.path.join(ROWS), errno })?;
        names.sort();
        Ok(names)
    }
}
