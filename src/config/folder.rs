//! exec.toml's `[folders."PATH"]`: settings that apply in a folder and below it.

use std::collections::BTreeMap;

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Place;
use crate::config::error::Problem;
use crate::config::table::Table;
use crate::config::value::Variables;

/// exec.toml's `[folders."PATH"]`.
#[derive(Debug, Clone)]
pub struct ExecFolder {
    /// Where its path is written.
    pub place: Place,
    /// The provider to use here if none is named.
    pub default_provider: Option<String>,
    /// The providers that may be chosen here; `None` allows all.
    pub providers: Option<Vec<String>>,
    /// `[folders."PATH".env]`
    pub env: Variables,
}

impl<'a> Document<'a> {
    /// The `[folders."PATH"]` tables by their paths, as they are written.
    pub(super) fn folders(
        self,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<BTreeMap<String, ExecFolder>, Error> {
        let mut found = BTreeMap::new();
        for (path, inner) in self.tables(table, "folders")? {
            if !is_path(&path.value) {
                let what = "an absolute path, or one that begins with ~/";
                return Err(path.place.wrong(Problem::Expected(what)));
            }
            self.only(inner, &["default_provider", "providers", "env"])?;
            let folder = ExecFolder {
                place: path.place,
                default_provider: self.default_provider(inner)?,
                providers: self.strings(inner, "providers")?,
                env: self.variables(inner, "env", offences)?,
            };
            found.insert(path.value, folder);
        }
        Ok(found)
    }
}

/// Whether a path means the same folder wherever the program is started.
fn is_path(path: &str) -> bool {
    (path.starts_with('/') || path == "~" || path.starts_with("~/")) && !path.contains('\0')
}
