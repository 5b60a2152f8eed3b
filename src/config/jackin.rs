//! jackin's own files: config.toml and workspaces/W.toml.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Problem;
use crate::config::error::finish;
use crate::config::name::is_workspace_name;
use crate::config::table::Table;
use crate::config::value::Variables;
use crate::config::version::GLOBAL_VERSION;
use crate::config::version::WORKSPACE_VERSION;

/// config.toml.
#[derive(Debug, Clone, Default)]
pub struct Global {
    /// `[env]`
    pub env: Variables,
    /// `[roles.R.env]`. Every registered role has an entry.
    pub roles: BTreeMap<String, Variables>,
    /// `[workspaces.W]`, as old versions of jackin wrote them.
    pub workspaces: BTreeMap<String, Workspace>,
    /// `[kimi] auth_forward`: whether it is "ignore".
    pub kimi_ignored: Option<bool>,
    /// Whether a newer jackin wrote the file.
    pub newer: bool,
}

impl Global {
    /// The variables of every scope in config.toml.
    pub fn scopes(&self) -> impl Iterator<Item = &Variables> {
        self.roles
            .values()
            .chain([&self.env])
            .chain(self.workspaces.values().flat_map(Workspace::scopes))
    }
}

/// workspaces/W.toml, or a `[workspaces.W]`.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// `[env]`
    pub env: Variables,
    /// `[roles.R]`
    pub roles: BTreeMap<String, WorkspaceRole>,
    /// The directory in which the container starts.
    pub workdir: Option<String>,
    /// The host path of each mount.
    pub mounts: Vec<String>,
    /// The roles that may be used; an empty list allows all.
    pub allowed_roles: Vec<String>,
    /// The role to use if none is named.
    pub default_role: Option<String>,
    /// `[kimi] auth_forward`: whether it is "ignore".
    pub kimi_ignored: Option<bool>,
    /// Whether a newer jackin wrote the file.
    pub newer: bool,
}

impl Workspace {
    /// The variables of the workspace and of its roles.
    pub fn scopes(&self) -> impl Iterator<Item = &Variables> {
        self.roles.values().map(|role| &role.env).chain([&self.env])
    }
}

/// A workspace's `[roles.R]`.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceRole {
    /// `[roles.R.env]`
    pub env: Variables,
    /// `[roles.R.kimi] auth_forward`: whether it is "ignore".
    pub kimi_ignored: Option<bool>,
}

/// Reads config.toml.
///
/// # Errors
///
/// [`Error::Wrong`] for text that the file may not hold, [`Error::Names`] with every value that has
/// no known form. Names and values that are not allowed are added to `offences` instead: they matter
/// only where the file is used.
pub fn global(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<Global, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    finish(read_global(document, offences), offences)
}

fn read_global(document: Document<'_>, offences: &mut Vec<Offence>) -> Result<Global, Error> {
    let root = document.parse()?;
    let table = &root;
    let mut found = Global {
        newer: document.version(table, GLOBAL_VERSION)?.newer,
        env: document.variables(table, "env", offences)?,
        roles: document.roles(table, offences)?,
        kimi_ignored: document.kimi_ignored(table)?,
        workspaces: BTreeMap::new(),
    };
    for (name, value) in document.tables(table, "workspaces")? {
        if !is_workspace_name(&name.value) {
            return Err(name.place.wrong(Problem::Expected("the name of a workspace")));
        }
        let account = document.op_account(value)?;
        let workspace = document.with(account.as_deref()).workspace(value, offences)?;
        found.workspaces.insert(name.value, workspace);
    }
    Ok(found)
}

/// Reads workspaces/W.toml.
///
/// # Errors
///
/// As for [`global`].
pub fn workspace(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<Workspace, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    finish(read_workspace(document, offences), offences)
}

fn read_workspace(document: Document<'_>, offences: &mut Vec<Offence>) -> Result<Workspace, Error> {
    let root = document.parse()?;
    let table = &root;
    let version = document.version(table, WORKSPACE_VERSION)?;
    let account = if version.has_op_account { document.op_account(table)? } else { None };
    Ok(Workspace {
        newer: version.newer,
        ..document.with(account.as_deref()).workspace(table, offences)?
    })
}

impl<'a> Document<'a> {
    pub(super) fn roles(
        self,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<BTreeMap<String, Variables>, Error> {
        let mut found = BTreeMap::new();
        for (role, inner) in self.tables(table, "roles")? {
            if self.ours {
                self.only(inner, &["env", "ignore"])?;
            }
            found.insert(role.value, self.variables(inner, "env", offences)?);
        }
        Ok(found)
    }

    /// A 1Password account.
    pub(super) fn account(self, table: &Table<'_>, key: &str) -> Result<Option<String>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let account = self.text_of(value)?;
        if account.is_empty() || account.contains('\0') {
            return Err(self.expected(value, "an account that is not empty"));
        }
        Ok(Some(account))
    }

    pub(super) fn with(self, op_account: Option<&'a str>) -> Self {
        Self { op_account, ..self }
    }

    fn op_account(self, table: &Table<'_>) -> Result<Option<String>, Error> {
        self.account(table, "op_account")
    }

    fn kimi_ignored(self, table: &Table<'a>) -> Result<Option<bool>, Error> {
        let Some(kimi) = self.table(table, "kimi")? else {
            return Ok(None);
        };
        // Without the key, jackin uses its default, which is not to ignore.
        let Some(mode) = kimi.get("auth_forward") else {
            return Ok(Some(false));
        };
        match self.text_of(mode)?.as_str() {
            "ignore" => Ok(Some(true)),
            "sync" | "api_key" | "oauth_token" => Ok(Some(false)),
            // Must not be read as "not ignored": jackin refuses the file.
            _ => Err(self.expected(mode, "sync, api_key, oauth_token or ignore")),
        }
    }

    fn workspace(self, table: &Table<'a>, offences: &mut Vec<Offence>) -> Result<Workspace, Error> {
        let mut found = Workspace {
            env: self.variables(table, "env", offences)?,
            workdir: self.string(table, "workdir")?,
            mounts: self.mounts(table)?,
            allowed_roles: self.strings(table, "allowed_roles")?.unwrap_or_default(),
            default_role: self.string(table, "default_role")?,
            kimi_ignored: self.kimi_ignored(table)?,
            ..Workspace::default()
        };
        for (role, inner) in self.tables(table, "roles")? {
            let env = self.variables(inner, "env", offences)?;
            let kimi_ignored = self.kimi_ignored(inner)?;
            found.roles.insert(role.value, WorkspaceRole { env, kimi_ignored });
        }
        Ok(found)
    }

    fn mounts(self, table: &Table<'a>) -> Result<Vec<String>, Error> {
        let Some(value) = table.get("mounts") else {
            return Ok(Vec::new());
        };
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.expected(value, "an array of tables"));
        };
        let mut sources = Vec::new();
        for mount in array {
            sources.extend(self.string(self.table_of(mount)?, "src")?);
        }
        Ok(sources)
    }
}
