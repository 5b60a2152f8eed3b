//! A column of the table: which client, and whether jackin-exec starts it.

use std::env;
use std::fmt;

use crate::client;
use crate::row::Version;

/// The oldest whose children find no key at all, and the oldest that keeps route and credential
/// whatever a repository says.
const OLDER: [Version; 2] = [Version(2, 1, 330), Version(2, 1, 257)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) client: Version,
    /// The client alone, with the variables that people set by hand.
    pub(crate) bare: bool,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.bare { "bare " } else { "" };
        write!(f, "{how}{}", self.client)
    }
}

/// The columns that the environment asks for.
pub(crate) fn wanted() -> Result<Vec<Column>, String> {
    let clients = env::var("JACKIN_EXEC_E2E_CLIENT").unwrap_or_else(|_| client::NEWEST.to_owned());
    let newest = Version::parse(client::NEWEST);
    let clients = match clients.as_str() {
        "all" => newest.into_iter().chain(OLDER).collect(),
        list => list
            .split(',')
            .map(|text| Version::parse(text).ok_or(format!("JACKIN_EXEC_E2E_CLIENT: {text:?}")))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let bare = match env::var("JACKIN_EXEC_E2E_BARE").as_deref() {
        Err(_) | Ok("" | "0") => vec![false],
        Ok("1") => vec![true],
        Ok("both") => vec![false, true],
        Ok(other) => {
            return Err(format!("JACKIN_EXEC_E2E_BARE: {other:?} is not 0, 1 or both"));
        }
    };
    let pairs =
        bare.iter().flat_map(|&bare| clients.iter().map(move |&client| Column { client, bare }));
    Ok(pairs.collect())
}
