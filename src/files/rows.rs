//! The folder of the user's own rows, `catalog.d`: the files in it.

use crate::files::error::Error;
use crate::files::store::Store;
use crate::sys;

/// The name of the subfolder for files of rows.
pub(super) const ROWS: &str = "catalog.d";

impl Store {
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
