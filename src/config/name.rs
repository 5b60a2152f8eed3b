//! Names in a configuration: of variables and of workspaces.

use std::borrow::Cow;

use memchr::memchr2;

use crate::config::error::Problem;

/// The name of a variable that may be set: not empty, without `=` or NUL, and not reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvName(Cow<'static, str>);

impl EnvName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// What is wrong with the name.
    pub fn new(name: &str) -> Result<Self, Problem> {
        if name.is_empty() {
            return Err(Problem::NameEmpty);
        }
        if memchr2(b'=', b'\0', name.as_bytes()).is_some() {
            return Err(Problem::NameCharacter);
        }
        // The first letter shows for most variables that the name is not reserved.
        if name.starts_with(['J', 'D', 'T'])
            && let Some(reserved) = RESERVED.iter().find(|reserved| **reserved == name)
        {
            return Err(Problem::NameReserved(reserved));
        }
        Ok(Self(Cow::Owned(name.to_owned())))
    }

    /// A name from the program's own tables, which a test checks.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<EnvName> for Cow<'static, str> {
    fn from(name: EnvName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for EnvName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for &EnvName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Whether a variable would change the host rather than inform the command.
pub fn changes_the_host(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "SHELL" | "NODE_OPTIONS" | "BUN_OPTIONS")
        || name.starts_with("LD_")
        || name.starts_with("DYLD_")
        || name.starts_with("JACKIN_EXEC_")
}

/// The names that jackin reserves (jackin 0.6.4, `crates/jackin-core/src/env_model.rs`).
const RESERVED: &[&str] = &[
    "JACKIN",
    "JACKIN_DIND_HOSTNAME",
    "JACKIN_CONTAINER_NAME",
    "JACKIN_INSTANCE_ID",
    "JACKIN_AGENT",
    "JACKIN_AGENT_CODENAME",
    "JACKIN_ROLE",
    "JACKIN_WORKDIR",
    "JACKIN_GIT_COAUTHOR_TRAILER",
    "JACKIN_GIT_DCO",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "TESTCONTAINERS_HOST_OVERRIDE",
    "JACKIN_NETWORK_MODE",
    "JACKIN_ALLOWED_HOSTS",
    "JACKIN_FIREWALL_INSTALLED",
    "JACKIN_NETWORK_ENFORCEMENT",
    "JACKIN_SUDO",
];

/// Whether a word can name a workspace: it must be a single path component.
pub fn is_workspace_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}

/// Whether a word can be used as `$NAME`.
pub fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_name_is_refused_and_its_neighbours_are_not() {
        for name in RESERVED {
            assert_eq!(EnvName::new(name), Err(Problem::NameReserved(name)));
            assert!(EnvName::new(&format!("{name}_")).is_ok());
            assert!(EnvName::new(&name.to_lowercase()).is_ok());
        }
    }
}
