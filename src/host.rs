//! A snapshot of our own process and its surroundings: environment, arguments, ids, folders,
//! terminals.
//!
//! All other code receives it as a value, so tests never depend on the developer's machine.
#![expect(clippy::disallowed_methods, reason = "this is the one file that looks at the process")]

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::path::PathBuf;

use crate::sys;
use crate::sys::Ids;

/// What is wrong with our surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Real and effective ids differ.
    #[error("real and effective user or group differ: not for set-id use")]
    SetId,
    /// Inside jackin's container, where jackin's credential wrapper has the same name as this
    /// program.
    #[error(
        "this jackin-exec starts Claude Code on another provider; jackin's wrapper of the same name \
         would run the command with the credentials of JACKIN_EXEC_BINDINGS"
    )]
    JackinsWrapper,
    /// No folder can hold a configuration, because there is no home directory.
    #[error("there is no home directory, so there is no place for a configuration")]
    NoConfigDir,
    /// `JACKIN_CONFIG_DIR` is relative.
    #[error("JACKIN_CONFIG_DIR is not an absolute path")]
    RelativeConfigDir,
}

impl Error {
    /// What to do about it.
    pub fn hint(self) -> Option<String> {
        match self {
            Self::SetId => None,
            Self::JackinsWrapper => Some(
                "jackin-capsule exec COMMAND is that wrapper; with an option, such as -p ID, this \
                 program starts the command"
                    .to_owned(),
            ),
            Self::NoConfigDir => Some("name the folder with --config-dir".to_owned()),
            Self::RelativeConfigDir => {
                Some("give the whole path, or name the folder with --config-dir".to_owned())
            }
        }
    }
}

/// Our process as it was started.
#[derive(Debug, Clone)]
pub struct Host {
    /// The environment's entries, unchanged: in order, including duplicates and malformed ones.
    pub environment: Environment,
    /// argv\[0], empty if the caller passed none.
    pub argv0: OsString,
    /// Real and effective ids.
    pub ids: Ids,
    /// Whether stderr, where messages and the question go, is a terminal.
    pub stderr_is_terminal: bool,
}

impl Host {
    /// Reads the process. Nothing else does.
    pub fn read(argv0: OsString) -> Self {
        Self {
            environment: Environment(sys::environment()),
            argv0,
            ids: sys::ids(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Whether we run inside one of jackin's containers, where scripts and models call its
    /// credential wrapper by our name.
    ///
    /// Source: `exec.rs` and `runtime_setup.rs` of jackin-capsule; checked 2026-11-26.
    pub fn is_jackins_container(&self) -> bool {
        self.environment.get("JACKIN").is_some_and(|value| value == "1")
            && self.environment.text("JACKIN_EXEC_BINDINGS").is_some()
    }

    /// The current directory, canonical, as the kernel reports it; `None` if it was removed.
    pub fn current_directory(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    /// The home directory: `$HOME`, else the passwd entry; `None` if neither is an absolute path.
    pub fn home(&self) -> Option<PathBuf> {
        if let Some(home) = self.environment.get("HOME").map(Path::new)
            && home.is_absolute()
        {
            return Some(home.to_owned());
        }
        sys::home().filter(|home| home.is_absolute())
    }

    /// The configuration folder: the one typed, else `JACKIN_CONFIG_DIR`, else `~/.config/jackin`;
    /// `None` without a home directory.
    ///
    /// A typed folder may be relative, because the user means it here and now. A relative variable
    /// would let every directory supply a configuration.
    ///
    /// # Errors
    ///
    /// [`Error::RelativeConfigDir`] for a relative `JACKIN_CONFIG_DIR`.
    pub fn config_dir(&self, typed: Option<&Path>) -> Result<Option<ConfigDir>, Error> {
        if let Some(path) = typed {
            return Ok(Some(ConfigDir { path: path.to_owned(), typed: true, by_variable: false }));
        }
        if let Some(path) = self.environment.get("JACKIN_CONFIG_DIR")
            && !path.is_empty()
        {
            let path = PathBuf::from(path);
            if !path.is_absolute() {
                return Err(Error::RelativeConfigDir);
            }
            return Ok(Some(ConfigDir { path, typed: false, by_variable: true }));
        }
        Ok(self.home().map(|home| ConfigDir {
            path: home.join(BELOW_HOME),
            typed: false,
            by_variable: false,
        }))
    }
}

/// The configuration folder, relative to the home directory.
pub const BELOW_HOME: &str = ".config/jackin";

/// Where the configuration is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDir {
    /// The folder that holds config.toml, exec.toml, workspaces/ and catalog.d/.
    pub path: PathBuf,
    /// Whether it was named with `--config-dir`: then it must exist, and its files may belong to
    /// another user.
    pub typed: bool,
    /// Whether `JACKIN_CONFIG_DIR` names it: then it must exist, too, unless it is about to be
    /// created. A misspelt path must not lift a list of providers.
    pub by_variable: bool,
}

/// An environment as a list of entries. Some of the values are keys, so `Debug` shows none.
#[derive(Clone, Default)]
pub struct Environment(pub Vec<&'static CStr>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}

impl Environment {
    /// An environment of `NAME=VALUE` entries. It is leaked, so it lives as long as the test
    /// process.
    #[cfg(test)]
    pub(crate) fn of(entries: &[&str]) -> Self {
        let lasting =
            |entry: &&str| &*Box::leak(std::ffi::CString::new(*entry).unwrap().into_boxed_c_str());
        Self(entries.iter().map(lasting).collect())
    }

    /// The value of a name, as getenv finds it: of the first entry, if there are several.
    pub fn get(&self, name: &str) -> Option<&'static OsStr> {
        self.get_joined(name, "")
    }

    /// The value of a name that is given in two parts, without joining them.
    pub fn get_joined(&self, name: &str, suffix: &str) -> Option<&'static OsStr> {
        let end = name.len() + suffix.len();
        for entry in &self.0 {
            let bytes = entry.to_bytes();
            // Rules out nearly every entry with one comparison.
            if bytes.get(end) != Some(&b'=') {
                continue;
            }
            let (found, value) = bytes.split_at(end);
            if found.starts_with(name.as_bytes()) && found.ends_with(suffix.as_bytes()) {
                return value.get(1..).map(OsStr::from_bytes);
            }
        }
        None
    }

    /// The value of a name, if it is set, not empty and UTF-8.
    pub fn text(&self, name: &str) -> Option<&'static str> {
        self.get(name).and_then(OsStr::to_str).filter(|value| !value.is_empty())
    }

    /// The same environment without the given names.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let mut entries = self.0.clone();
        entries.retain(|entry| match Entry::new(entry) {
            Some(Entry { name, .. }) => !names.iter().any(|other| other.as_bytes() == name),
            None => true,
        });
        Self(entries)
    }

    /// The entries that have a name and a value.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'static>> + use<'_> {
        self.0.iter().filter_map(|entry| Entry::new(entry))
    }
}

/// A `NAME=VALUE` entry. `Debug` shows the name only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The bytes before the first `=`.
    pub name: &'a [u8],
    /// The bytes after it.
    pub value: &'a [u8],
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.name))
    }
}

impl<'a> Entry<'a> {
    /// Splits an entry; `None` if it contains no `=`.
    pub fn new(entry: &'a CStr) -> Option<Self> {
        let bytes = entry.to_bytes();
        let at = bytes.iter().position(|&byte| byte == b'=')?;
        Some(Self { name: bytes.get(..at)?, value: bytes.get(at + 1..)? })
    }
}

/// A path with `~` and `~/` expanded to the home directory, if there is one.
pub fn expand<'p>(path: &'p Path, home: Option<&Path>) -> Cow<'p, Path> {
    let (Some(rest), Some(home)) = (path.as_os_str().as_bytes().strip_prefix(b"~"), home) else {
        return Cow::Borrowed(path);
    };
    match rest.iter().position(|&byte| byte != b'/') {
        None => Cow::Owned(home.to_owned()),
        // The home of another user.
        Some(0) => Cow::Borrowed(path),
        Some(at) => Cow::Owned(home.join(OsStr::from_bytes(rest.get(at..).unwrap_or_default()))),
    }
}

/// The last component of a path, without touching the file system.
pub fn file_name(path: &OsStr) -> OsString {
    let name = path.as_bytes().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    OsString::from_vec(name.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(entries: &[&'static CStr]) -> Host {
        Host {
            environment: Environment(entries.to_vec()),
            argv0: OsString::new(),
            ids: Ids { user: 1, effective_user: 1, group: 1, effective_group: 1 },
            stderr_is_terminal: false,
        }
    }

    #[test]
    fn the_first_of_two_entries_counts_and_malformed_ones_do_not() {
        let host = host(&[c"junk", c"A=1", c"A=2", c"=x"]);
        assert_eq!(host.environment.get("A"), Some(OsStr::new("1")));
        assert_eq!(host.environment.get("junk"), None);
    }

    #[test]
    fn debug_shows_the_names_of_variables_and_no_value() {
        let host = host(&[c"KIMI_CODE_API_KEY=SENTINEL", c"SENTINEL", c"A=SENTINEL=SENTINEL"]);
        assert_eq!(format!("{:?}", host.environment), "[KIMI_CODE_API_KEY, A]");
        assert!(!format!("{host:?}").contains("SENTINEL"));
    }

    #[test]
    fn an_empty_config_dir_variable_counts_as_unset() {
        let found = host(&[c"HOME=/h", c"JACKIN_CONFIG_DIR="]).config_dir(None).unwrap().unwrap();
        assert_eq!(found.path, Path::new("/h/.config/jackin"));
    }

    #[test]
    fn a_relative_config_dir_variable_is_an_error_and_a_typed_one_is_not() {
        let host = host(&[c"HOME=/h", c"JACKIN_CONFIG_DIR=here"]);
        assert!(host.config_dir(None).is_err());
        assert!(host.config_dir(Some(Path::new("here"))).unwrap().unwrap().typed);
    }
}
