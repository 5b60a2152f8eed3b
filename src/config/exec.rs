//! exec.toml: what this program adds to jackin's configuration.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::config::document::Document;
use crate::config::document::Placed;
use crate::config::error::Error;
use crate::config::error::Offence;
use crate::config::error::Problem;
use crate::config::error::finish;
use crate::config::error::refuse;
use crate::config::folder::ExecFolder;
use crate::config::provider::ProviderTable;
use crate::config::provider::WrongProvider;
use crate::config::provider::is_provider_id;
use crate::config::rows::OwnRows;
use crate::config::table::Spanned;
use crate::config::table::Table;
use crate::config::table::Value;
use crate::config::value::Variables;

/// exec.toml.
#[derive(Debug, Clone, Default)]
pub struct ExecToml {
    /// The provider to use if none is named.
    pub default_provider: Option<String>,
    /// The command to run if none is named.
    pub command: Option<Vec<String>>,
    /// Variables that change the host's behaviour and are injected anyway.
    pub allow_env: Vec<String>,
    /// Commands other than Claude Code that are meant to be redirected.
    pub redirect_for: Vec<String>,
    /// `[env]`
    pub env: Variables,
    /// `[roles.R.env]`
    pub roles: BTreeMap<String, Variables>,
    /// `[workspaces.W]`
    pub workspaces: BTreeMap<String, ExecWorkspace>,
    /// `[folders."PATH"]`, by the path as it is written.
    pub folders: BTreeMap<String, ExecFolder>,
    /// `[providers.ID]`
    pub providers: BTreeMap<String, ProviderTable>,
    /// The provider tables that cannot be used.
    pub wrong_providers: Vec<WrongProvider>,
    /// `[ignore]` and `[roles.R.ignore]`
    pub ignores: Ignores,
    /// The rows of catalog.d, to which `[providers.ID]` is applied.
    pub rows: OwnRows,
}

/// Which providers are ignored, or offered although another file ignores them.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    /// By provider id.
    pub here: BTreeMap<String, bool>,
    /// The same for each role.
    pub roles: BTreeMap<String, BTreeMap<String, bool>>,
    /// All of these ids, as they are written: whether they exist depends on catalog.d.
    pub ids: Vec<Placed<String>>,
}

impl ExecToml {
    /// The ids in all tables `ignore`.
    pub fn ignored_ids(&self) -> impl Iterator<Item = &Placed<String>> {
        let workspaces = self.workspaces.values().flat_map(|ours| &ours.ignores.ids);
        self.ignores.ids.iter().chain(workspaces)
    }

    /// The variables of every scope in exec.toml.
    pub fn scopes(&self) -> impl Iterator<Item = &Variables> {
        let workspaces =
            self.workspaces.values().flat_map(|ours| ours.roles.values().chain([&ours.env]));
        let folders = self.folders.values().map(|folder| &folder.env);
        self.roles.values().chain([&self.env]).chain(workspaces).chain(folders)
    }
}

/// exec.toml's `[workspaces.W]`.
#[derive(Debug, Clone, Default)]
pub struct ExecWorkspace {
    /// The providers that may be chosen here; `None` allows all.
    pub providers: Option<Vec<String>>,
    /// The provider to use here if none is named.
    pub default_provider: Option<String>,
    /// `[workspaces.W.env]`
    pub env: Variables,
    /// `[workspaces.W.roles.R.env]`
    pub roles: BTreeMap<String, Variables>,
    /// `[workspaces.W.ignore]` and `[workspaces.W.roles.R.ignore]`
    pub ignores: Ignores,
}

const PROVIDER_ID: &str = "a provider id: a-z, 0-9 and single dashes, not \"ask\"";

/// Reads exec.toml.
///
/// # Errors
///
/// As for [`super::global`], and [`Error::Wrong`] for an unknown key.
pub fn exec(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<ExecToml, Error> {
    let document = Document { path, text, ours: true, op_account: None };
    finish(read(document, offences), offences)
}

fn read(document: Document<'_>, offences: &mut Vec<Offence>) -> Result<ExecToml, Error> {
    let root = document.parse()?;
    let table = &root;
    document.only(
        table,
        &[
            "default_provider",
            "command",
            "allow_env",
            "redirect_for",
            "env",
            "roles",
            "workspaces",
            "folders",
            "providers",
            "ignore",
        ],
    )?;
    let mut found = ExecToml {
        default_provider: document.default_provider(table)?,
        command: match table.get("command") {
            Some(value) => Some(document.argv(value)?),
            None => None,
        },
        allow_env: document.strings(table, "allow_env")?.unwrap_or_default(),
        redirect_for: document.strings(table, "redirect_for")?.unwrap_or_default(),
        env: document.variables(table, "env", offences)?,
        roles: document.roles(table, offences)?,
        ignores: document.ignores(table)?,
        folders: document.folders(table, offences)?,
        ..ExecToml::default()
    };
    for (name, inner) in document.tables(table, "workspaces")? {
        document.only(inner, &["providers", "default_provider", "env", "roles", "ignore"])?;
        let workspace = ExecWorkspace {
            providers: document.strings(inner, "providers")?,
            default_provider: document.default_provider(inner)?,
            env: document.variables(inner, "env", offences)?,
            roles: document.roles(inner, offences)?,
            ignores: document.ignores(inner)?,
        };
        found.workspaces.insert(name.value, workspace);
    }
    for (id, value) in document.table(table, "providers")?.into_iter().flatten() {
        let name = id.get_ref().to_string();
        match document.provider_entry(id, value) {
            Ok(provider) => {
                found.providers.insert(name, provider);
            }
            Err(error) => {
                let table = value.get_ref().as_table();
                found.wrong_providers.push(WrongProvider {
                    id: name.into(),
                    error,
                    key: table.and_then(Document::key_name),
                    header_key: table.and_then(Document::header_key_name),
                });
            }
        }
    }
    Ok(found)
}

impl<'a> Document<'a> {
    fn provider_entry(
        self,
        id: &Spanned<Cow<'a, str>>,
        value: &Value<'a>,
    ) -> Result<ProviderTable, Error> {
        if !is_provider_id(id.get_ref()) {
            return Err(self.wrong(id.span(), Problem::Expected(PROVIDER_ID)));
        }
        let table = value.get_ref().as_table().ok_or_else(|| self.expected(value, "a table"))?;
        let mut names = Vec::new();
        let provider = self.provider(self.place(id.span()), table, &mut names)?;
        refuse(names)?;
        Ok(provider)
    }

    /// The `[ignore]` tables of a scope and of its roles.
    fn ignores(self, table: &Table<'a>) -> Result<Ignores, Error> {
        let mut ids = Vec::new();
        let here = self.ignore(table, &mut ids)?;
        let mut roles = BTreeMap::new();
        for (role, inner) in self.tables(table, "roles")? {
            roles.insert(role.value, self.ignore(inner, &mut ids)?);
        }
        Ok(Ignores { here, roles, ids })
    }

    fn ignore(
        self,
        table: &Table<'a>,
        ids: &mut Vec<Placed<String>>,
    ) -> Result<BTreeMap<String, bool>, Error> {
        let mut found = BTreeMap::new();
        for (id, value) in self.table(table, "ignore")?.into_iter().flatten() {
            if !is_provider_id(id.get_ref()) {
                return Err(self.wrong(id.span(), Problem::Expected(PROVIDER_ID)));
            }
            let name = id.get_ref().to_string();
            ids.push(Placed { value: name.clone(), place: self.place(id.span()) });
            found.insert(name, self.switch_of(value)?);
        }
        Ok(found)
    }
}
