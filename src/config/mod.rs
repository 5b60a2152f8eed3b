//! TOML text → what it says: jackin's config.toml and workspace files, and our exec.toml.
//!
//! Knows no files and no precedence. Errors carry a position and what was expected, and quote
//! nothing of the text, because any part of it may be a key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::error::Error;
use crate::error::Offence;
use crate::error::Place;
use crate::error::Problem;

/// The name of a variable that may be set: not empty, without `=` and NUL, not reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvName(Cow<'static, str>);

impl EnvName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn new(name: &str) -> Result<Self, Problem> {
        if name.is_empty() {
            return Err(Problem::NameEmpty);
        }
        if name.contains(['=', '\0']) {
            return Err(Problem::NameCharacter);
        }
        // Most names are told from all reserved ones by their first letter.
        let may_be = matches!(name.as_bytes().first(), Some(b'J' | b'D' | b'T'));
        if let Some(reserved) = RESERVED.iter().find(|reserved| may_be && **reserved == name) {
            return Err(Problem::NameReserved(reserved));
        }
        Ok(Self(Cow::Owned(name.to_owned())))
    }

    /// A name of the program's own tables, which a test checks.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
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

/// The names that jackin keeps for itself (jackin 0.6.4, `crates/jackin-core/src/env_model.rs`).
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

/// Where a variable's value is.
#[derive(Debug, Clone)]
pub enum EnvValue {
    /// The empty string: a value like any other, but no key.
    Empty,
    /// Written in the file.
    Literal(SecretString),
    /// In our own environment under this name.
    HostVar(String),
    /// In 1Password.
    Op {
        /// `op://VAULT/ITEM/[SECTION/]FIELD[?attribute=…]`
        reference: String,
        /// The account, where several are signed in.
        account: Option<String>,
    },
    /// The content of a file, less one trailing newline.
    File(PathBuf),
    /// What a command prints, less one trailing newline.
    Command {
        /// The program and its arguments; no shell.
        argv: Vec<String>,
        /// How long it may take.
        timeout: Duration,
    },
}

/// A variable as a scope declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Where its value is.
    pub value: EnvValue,
    /// Resolved later, inside jackin's container: never injected by us, though it wins its name.
    pub on_demand: bool,
}

/// The variables of one scope.
pub type Variables = BTreeMap<EnvName, Declared>;

/// config.toml.
#[derive(Debug, Clone, Default)]
pub struct Global {
    /// `[env]`
    pub env: Variables,
    /// `[roles.R.env]`: every registered role has an entry.
    pub roles: BTreeMap<String, Variables>,
    /// `[workspaces.W]`, as old versions wrote them.
    pub workspaces: BTreeMap<String, Workspace>,
    /// `[kimi] auth_forward`: whether it says "ignore".
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
    /// Where the container starts.
    pub workdir: Option<String>,
    /// The host side of each mount.
    pub mounts: Vec<String>,
    /// Empty: all.
    pub allowed_roles: Vec<String>,
    /// The role that is used if none is named.
    pub default_role: Option<String>,
    /// `[kimi] auth_forward`: whether it says "ignore".
    pub kimi_ignored: Option<bool>,
    /// Whether a newer jackin wrote the file.
    pub newer: bool,
}

impl Workspace {
    /// Its own variables and those of its roles.
    pub fn scopes(&self) -> impl Iterator<Item = &Variables> {
        self.roles.values().map(|role| &role.env).chain([&self.env])
    }
}

/// A workspace's `[roles.R]`.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceRole {
    /// `[roles.R.env]`
    pub env: Variables,
    /// `[roles.R.kimi] auth_forward`: whether it says "ignore".
    pub kimi_ignored: Option<bool>,
}

/// exec.toml.
#[derive(Debug, Clone, Default)]
pub struct ExecToml {
    /// The provider that is used if none is named.
    pub default_provider: Option<String>,
    /// The command that is run if none is named.
    pub command: Option<Vec<String>>,
    /// Host-changing variables that are injected all the same.
    pub allow_env: Vec<String>,
    /// `[env]`
    pub env: Variables,
    /// `[roles.R.env]`
    pub roles: BTreeMap<String, Variables>,
    /// `[workspaces.W]`
    pub workspaces: BTreeMap<String, ExecWorkspace>,
    /// `[providers.ID]`
    pub providers: BTreeMap<String, ProviderTable>,
}

impl ExecToml {
    /// The variables of every scope.
    pub fn scopes(&self) -> impl Iterator<Item = &Variables> {
        let workspaces =
            self.workspaces.values().flat_map(|ours| ours.roles.values().chain([&ours.env]));
        self.roles.values().chain([&self.env]).chain(workspaces)
    }
}

/// exec.toml's `[workspaces.W]`.
#[derive(Debug, Clone, Default)]
pub struct ExecWorkspace {
    /// The providers that may be chosen here; none: all.
    pub providers: Option<Vec<String>>,
    /// The provider that is used here if none is named.
    pub default_provider: Option<String>,
    /// `[workspaces.W.env]`
    pub env: Variables,
    /// `[workspaces.W.roles.R.env]`
    pub roles: BTreeMap<String, Variables>,
}

/// exec.toml's `[providers.ID]`: what differs from a preset, or all of a provider of one's own.
#[derive(Debug, Clone)]
pub struct ProviderTable {
    /// Where it stands, for errors that need to know the presets.
    pub place: Place,
    /// The name for people.
    pub label: Option<Placed<String>>,
    /// The base URL.
    pub base_url: Option<Placed<String>>,
    /// How it is authenticated.
    pub key: Option<Placed<KeySetting>>,
    /// Whether the key is sent as x-api-key, too.
    pub api_key_header: Option<bool>,
    /// `model`
    pub model: Option<String>,
    /// `models`, by tier.
    pub models: BTreeMap<&'static str, String>,
    /// The window in tokens.
    pub context_tokens: Option<u32>,
    /// How long the client waits for an answer, in milliseconds.
    pub timeout_ms: Option<u32>,
    /// More variables for the command.
    pub env: Vec<(Placed<EnvName>, EnvValue)>,
}

/// A value with its position, for checks that need more than the text.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// How a provider of exec.toml is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetting {
    /// By the key in this variable.
    Env(EnvName),
    /// Not at all: a fixed dummy is sent, because the client wants a token.
    None,
}

/// Reads config.toml.
///
/// # Errors
///
/// [`Error::Config`] for text that is not what the file may hold. Names and values that may not be
/// used are added to `offences` instead, so that all are reported at once.
pub fn global(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<Global, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    let root = document.parse()?;
    let table = root.get_ref();
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
        found
            .workspaces
            .insert(name.value, document.with(account.as_deref()).workspace(value, offences)?);
    }
    Ok(found)
}

/// Reads workspaces/W.toml.
///
/// # Errors
///
/// As [`global`].
pub fn workspace(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<Workspace, Error> {
    let document = Document { path, text, ours: false, op_account: None };
    let root = document.parse()?;
    let table = root.get_ref();
    let version = document.version(table, WORKSPACE_VERSION)?;
    let account = if version.has_op_account { document.op_account(table)? } else { None };
    Ok(Workspace {
        newer: version.newer,
        ..document.with(account.as_deref()).workspace(table, offences)?
    })
}

/// Reads exec.toml.
///
/// # Errors
///
/// As [`global`], and [`Error::Config`] for keys that it does not know.
pub fn exec(path: &Path, text: &str, offences: &mut Vec<Offence>) -> Result<ExecToml, Error> {
    let document = Document { path, text, ours: true, op_account: None };
    let root = document.parse()?;
    let table = root.get_ref();
    document.only(
        table,
        &["default_provider", "command", "allow_env", "env", "roles", "workspaces", "providers"],
    )?;
    let mut found = ExecToml {
        default_provider: document.string(table, "default_provider")?,
        command: document.command(table)?,
        allow_env: document.strings(table, "allow_env")?.unwrap_or_default(),
        env: document.variables(table, "env", offences)?,
        roles: document.roles(table, offences)?,
        ..ExecToml::default()
    };
    for (name, inner) in document.tables(table, "workspaces")? {
        document.only(inner, &["providers", "default_provider", "env", "roles"])?;
        let workspace = ExecWorkspace {
            providers: document.strings(inner, "providers")?,
            default_provider: document.string(inner, "default_provider")?,
            env: document.variables(inner, "env", offences)?,
            roles: document.roles(inner, offences)?,
        };
        found.workspaces.insert(name.value, workspace);
    }
    for (id, inner) in document.tables(table, "providers")? {
        if !is_provider_id(&id.value) {
            return Err(id.place.wrong(Problem::Expected(
                "a provider id: a-z, 0-9 and single dashes, not \"ask\"",
            )));
        }
        let provider = document.provider(id.place, inner, offences)?;
        found.providers.insert(id.value, provider);
    }
    Ok(found)
}

/// Whether a word can name a workspace: one component of a path.
pub fn is_workspace_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}

/// Whether a word can name a provider.
fn is_provider_id(id: &str) -> bool {
    id != "ask"
        && !id.is_empty()
        && id.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Whether a word can be used as `$NAME`.
pub fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The name in `$NAME` or `${NAME}`, if that is all of the string.
pub fn host_reference(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let name = rest.strip_prefix('{').map_or(Some(rest), |inner| inner.strip_suffix('}'))?;
    is_identifier(name).then_some(name)
}

/// Whether a string is a reference that `op` can read: `op://VAULT/ITEM/[SECTION/]FIELD`, perhaps
/// with a `?query`.
pub fn is_op_reference(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("op://") else {
        return false;
    };
    let path = rest.split('?').next().unwrap_or_default();
    let segments = path.split('/').count();
    (3..=4).contains(&segments)
        && path.split('/').all(|segment| !segment.is_empty() && !segment.starts_with('-'))
        && !rest.chars().any(char::is_control)
}

/// `vN`, `vNbetaM` or `vNalphaM` as numbers that order: alpha < beta < stable.
fn version_order(text: &str) -> Option<(u32, u32, u32)> {
    let number = |digits: &str| {
        let canonical = digits == "0" || !digits.starts_with('0');
        (canonical && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())
            .flatten()
    };
    let rest = text.strip_prefix('v')?;
    if let Some((major, minor)) = rest.split_once("alpha") {
        return Some((number(major)?, 0, number(minor)?));
    }
    if let Some((major, minor)) = rest.split_once("beta") {
        return Some((number(major)?, 1, number(minor)?));
    }
    Some((number(rest)?, 2, 0))
}

/// The newest version of config.toml that this program knows (jackin 0.6.4).
const GLOBAL_VERSION: (u32, u32, u32) = (1, 0, 9);

/// What a new config.toml begins with.
pub const NEW_GLOBAL: &str = "version = \"v1alpha9\"\n";

/// The newest version of a workspace file that this program knows (jackin 0.6.4).
const WORKSPACE_VERSION: (u32, u32, u32) = (1, 0, 8);

/// From this version on a workspace file has no `op_account`.
const OP_ACCOUNT_GONE: (u32, u32, u32) = (1, 0, 5);

/// What a `version` key means for reading.
struct Version {
    newer: bool,
    has_op_account: bool,
}

/// How long a command for a value may take if nothing else is said.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(120);

type Table<'a> = DeTable<'a>;
type Value<'a> = Spanned<DeValue<'a>>;

/// A text that is being read.
#[derive(Clone, Copy)]
struct Document<'a> {
    path: &'a Path,
    text: &'a str,
    /// exec.toml: more forms of values, and no unknown keys.
    ours: bool,
    /// The account for references of an old file that name none.
    op_account: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn parse(self) -> Result<Spanned<Table<'a>>, Error> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().unwrap_or_default();
            // The parser's own words name what it expected and never the text; its Display would
            // quote the line.
            self.wrong(at, Problem::Syntax(error.message().to_owned()))
        })
    }

    fn place(self, at: Range<usize>) -> Place {
        Place::after(self.path, self.text.get(..at.start).unwrap_or(self.text))
    }

    fn wrong(self, at: Range<usize>, problem: Problem) -> Error {
        self.place(at).wrong(problem)
    }

    fn expected(self, value: &Value<'_>, what: &'static str) -> Error {
        self.wrong(value.span(), Problem::Expected(what))
    }

    fn only(self, table: &Table<'_>, known: &[&'static str]) -> Result<(), Error> {
        let unknown = table.keys().filter(|key| !known.contains(&&**key.get_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => {
                let nearest = crate::error::nearest(key.get_ref(), known.iter().copied());
                Err(self.wrong(key.span(), Problem::UnknownKey { nearest, known: known.to_vec() }))
            }
        }
    }

    fn version(self, table: &Table<'_>, newest: (u32, u32, u32)) -> Result<Version, Error> {
        const FORM: &str = "a version such as \"v1alpha9\"";
        let Some(value) = table.get("version") else {
            return Ok(Version { newer: false, has_op_account: true });
        };
        let text = value.get_ref().as_str().ok_or_else(|| self.expected(value, FORM))?;
        let version = version_order(text).ok_or_else(|| self.expected(value, FORM))?;
        Ok(Version { newer: version > newest, has_op_account: version < OP_ACCOUNT_GONE })
    }

    fn op_account(self, table: &Table<'_>) -> Result<Option<String>, Error> {
        self.account(table, "op_account")
    }

    /// An account of 1Password.
    fn account(self, table: &Table<'_>, key: &str) -> Result<Option<String>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let account = self.text_of(value)?;
        if account.is_empty() || account.contains('\0') {
            return Err(self.expected(value, "an account that is not empty"));
        }
        Ok(Some(account))
    }

    fn string(self, table: &Table<'_>, key: &str) -> Result<Option<String>, Error> {
        table.get(key).map(|value| self.text_of(value)).transpose()
    }

    fn text_of(self, value: &Value<'_>) -> Result<String, Error> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.expected(value, "a string"))
    }

    fn strings(self, table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let array = value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.expected(value, "an array of strings"))?;
        array.iter().map(|item| self.text_of(item)).collect::<Result<_, _>>().map(Some)
    }

    fn table<'t>(self, table: &'t Table<'a>, key: &str) -> Result<Option<&'t Table<'a>>, Error> {
        let inner = |value: &'t Value<'a>| {
            value.get_ref().as_table().ok_or_else(|| self.expected(value, "a table"))
        };
        table.get(key).map(inner).transpose()
    }

    /// The tables inside a table of tables, by name.
    fn tables<'t>(
        self,
        table: &'t Table<'a>,
        key: &str,
    ) -> Result<Vec<(Placed<String>, &'t Table<'a>)>, Error> {
        let mut found = Vec::new();
        for (name, value) in self.table(table, key)?.into_iter().flatten() {
            let inner =
                value.get_ref().as_table().ok_or_else(|| self.expected(value, "a table"))?;
            found.push((
                Placed { value: name.get_ref().to_string(), place: self.place(name.span()) },
                inner,
            ));
        }
        Ok(found)
    }

    fn kimi_ignored(self, table: &Table<'a>) -> Result<Option<bool>, Error> {
        let Some(kimi) = self.table(table, "kimi")? else {
            return Ok(None);
        };
        // For jackin a table without the key says its default, which is not to ignore.
        Ok(Some(self.string(kimi, "auth_forward")?.is_some_and(|mode| mode == "ignore")))
    }

    fn roles(
        self,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<BTreeMap<String, Variables>, Error> {
        let mut found = BTreeMap::new();
        for (role, inner) in self.tables(table, "roles")? {
            if self.ours {
                self.only(inner, &["env"])?;
            }
            found.insert(role.value, self.variables(inner, "env", offences)?);
        }
        Ok(found)
    }

    fn with(self, op_account: Option<&'a str>) -> Self {
        Self { op_account, ..self }
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
            found
                .roles
                .insert(role.value, WorkspaceRole { env, kimi_ignored: self.kimi_ignored(inner)? });
        }
        Ok(found)
    }

    fn mounts(self, table: &Table<'a>) -> Result<Vec<String>, Error> {
        let Some(value) = table.get("mounts") else {
            return Ok(Vec::new());
        };
        let array =
            value.get_ref().as_array().ok_or_else(|| self.expected(value, "an array of tables"))?;
        let mut sources = Vec::new();
        for mount in array {
            let inner =
                mount.get_ref().as_table().ok_or_else(|| self.expected(mount, "a table"))?;
            sources.extend(self.string(inner, "src")?);
        }
        Ok(sources)
    }

    fn command(self, table: &Table<'a>) -> Result<Option<Vec<String>>, Error> {
        let words = self.strings(table, "command")?;
        match (table.get("command"), words.as_deref()) {
            (Some(value), Some([] | [_, ..])) if !words.as_deref().is_some_and(is_argv) => {
                Err(self.expected(
                    value,
                    "the words of a command, the first not empty and none with NUL",
                ))
            }
            _ => Ok(words),
        }
    }

    fn variables(
        self,
        table: &Table<'a>,
        key: &str,
        offences: &mut Vec<Offence>,
    ) -> Result<Variables, Error> {
        let mut found = Variables::new();
        for (name, value) in self.table(table, key)?.into_iter().flatten() {
            let declared = self.declared(value, offences)?;
            match EnvName::new(name.get_ref()) {
                Ok(name) => drop(found.insert(name, declared)),
                Err(problem) => offences.push(Offence { place: self.place(name.span()), problem }),
            }
        }
        Ok(found)
    }

    /// Every form of a value.
    fn declared(self, value: &Value<'a>, offences: &mut Vec<Offence>) -> Result<Declared, Error> {
        match value.get_ref() {
            DeValue::String(text) => {
                Ok(Declared { value: self.scalar(text, value.span(), offences)?, on_demand: false })
            }
            DeValue::Table(table) => self.value_table(table, value, offences),
            _ => Err(self.expected(value, if self.ours { OUR_FORMS } else { JACKIN_FORMS })),
        }
    }

    fn scalar(
        self,
        text: &str,
        at: Range<usize>,
        offences: &mut Vec<Offence>,
    ) -> Result<EnvValue, Error> {
        if text.is_empty() {
            return Ok(EnvValue::Empty);
        }
        if text.contains('\0') {
            offences.push(Offence { place: self.place(at), problem: Problem::ValueNul });
            return Ok(EnvValue::Empty);
        }
        if let Some(name) = host_reference(text) {
            return Ok(EnvValue::HostVar(name.to_owned()));
        }
        if text.starts_with("op://") {
            return self.op(text, at, None);
        }
        Ok(EnvValue::Literal(SecretString::from(text)))
    }

    fn op(self, text: &str, at: Range<usize>, account: Option<String>) -> Result<EnvValue, Error> {
        if is_op_reference(text) {
            Ok(EnvValue::Op { reference: text.to_owned(), account })
        } else {
            Err(self.wrong(at, Problem::Expected("op://VAULT/ITEM/[SECTION/]FIELD")))
        }
    }

    fn value_table(
        self,
        table: &Table<'a>,
        value: &Value<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<Declared, Error> {
        let on_demand = match table.get("on_demand") {
            None => false,
            Some(flag) => {
                flag.get_ref().as_bool().ok_or_else(|| self.expected(flag, "true or false"))?
            }
        };
        if let Some(reference) = table.get("op") {
            self.only(table, &["op", "path", "account", "on_demand"])?;
            // jackin needs the path, to show it; ours may do without.
            if !self.ours && !table.contains_key("path") {
                return Err(self.expected(value, "`path` beside `op`"));
            }
            self.string(table, "path")?;
            // As jackin's migration has it: for tables, not for strings, so that a file means the
            // same before and after.
            let account =
                self.account(table, "account")?.or_else(|| self.op_account.map(str::to_owned));
            let value = self.op(&self.text_of(reference)?, reference.span(), account)?;
            return Ok(Declared { value, on_demand });
        }
        if self.ours && table.contains_key("file") {
            self.only(table, &["file"])?;
            return Ok(Declared { value: EnvValue::File(self.file(table)?), on_demand });
        }
        if self.ours && table.contains_key("command") {
            self.only(table, &["command", "timeout"])?;
            let argv = self.command(table)?.unwrap_or_default();
            let timeout = self.timeout(table)?.unwrap_or(COMMAND_TIMEOUT);
            return Ok(Declared { value: EnvValue::Command { argv, timeout }, on_demand });
        }
        let forms = if self.ours { OUR_FORMS } else { JACKIN_FORMS };
        let inner = table.get("value").ok_or_else(|| self.expected(value, forms))?;
        self.only(table, &["value", "on_demand"])?;
        Ok(Declared {
            value: self.scalar(&self.text_of(inner)?, inner.span(), offences)?,
            on_demand,
        })
    }

    fn file(self, table: &Table<'a>) -> Result<PathBuf, Error> {
        const WHAT: &str = "an absolute path";
        let Some(value) = table.get("file") else {
            return Ok(PathBuf::new());
        };
        let path = self.text_of(value)?;
        if Path::new(&path).is_absolute() && !path.contains('\0') {
            Ok(PathBuf::from(path))
        } else {
            Err(self.expected(value, WHAT))
        }
    }

    fn timeout(self, table: &Table<'a>) -> Result<Option<Duration>, Error> {
        const WHAT: &str = "a time from \"1s\" to \"10m\"";
        let Some(value) = table.get("timeout") else {
            return Ok(None);
        };
        let text = self.text_of(value)?;
        let seconds = |digits: &str, unit: u64| {
            digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit))
        };
        let found = text.strip_suffix('s').map_or_else(
            || text.strip_suffix('m').and_then(|digits| seconds(digits, 60)),
            |digits| seconds(digits, 1),
        );
        match found {
            Some(seconds @ 1..=600) => Ok(Some(Duration::from_secs(seconds))),
            _ => Err(self.expected(value, WHAT)),
        }
    }

    fn provider(
        self,
        place: Place,
        table: &Table<'a>,
        offences: &mut Vec<Offence>,
    ) -> Result<ProviderTable, Error> {
        self.only(
            table,
            &[
                "label",
                "base_url",
                "key_env",
                "key",
                "auth",
                "model",
                "models",
                "context_tokens",
                "timeout_ms",
                "env",
            ],
        )?;
        let mut found = ProviderTable {
            place,
            label: self.placed(table, "label")?,
            base_url: self.placed(table, "base_url")?,
            key: self.key(table)?,
            api_key_header: self.auth(table)?,
            model: self.model(table, "model")?,
            models: BTreeMap::new(),
            context_tokens: self.number(table, "context_tokens", 1_000..=100_000_000)?,
            timeout_ms: self.number(table, "timeout_ms", 1_000..=2_147_483_647)?,
            env: Vec::new(),
        };
        if let Some(inner) = self.table(table, "models")? {
            self.only(inner, &TIERS)?;
            for tier in TIERS {
                if let Some(model) = self.model(inner, tier)? {
                    found.models.insert(tier, model);
                }
            }
        }
        for (name, value) in self.table(table, "env")?.into_iter().flatten() {
            let at = self.place(name.span());
            let declared = self.declared(value, offences)?;
            if !is_identifier(name.get_ref()) {
                return Err(at.wrong(Problem::Expected("the name of a variable")));
            }
            match EnvName::new(name.get_ref()) {
                Ok(name) => found.env.push((Placed { value: name, place: at }, declared.value)),
                Err(problem) => offences.push(Offence { place: at, problem }),
            }
        }
        Ok(found)
    }

    fn placed(self, table: &Table<'a>, key: &str) -> Result<Option<Placed<String>>, Error> {
        let placed = |value: &Value<'a>| {
            Ok(Placed { value: self.text_of(value)?, place: self.place(value.span()) })
        };
        table.get(key).map(placed).transpose()
    }

    fn model(self, table: &Table<'a>, key: &str) -> Result<Option<String>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let model = self.text_of(value)?;
        if is_model_id(&model) {
            Ok(Some(model))
        } else {
            Err(self.expected(value, "a model id without blanks or control characters"))
        }
    }

    fn key(self, table: &Table<'a>) -> Result<Option<Placed<KeySetting>>, Error> {
        const WHAT: &str = "key_env = \"NAME\" or key = false, not both";
        match (table.get("key_env"), table.get("key")) {
            (None, None) => Ok(None),
            (Some(value), None) => {
                let name = self.text_of(value)?;
                if !is_identifier(&name) {
                    return Err(self.expected(value, "the name of a variable"));
                }
                let place = self.place(value.span());
                let name = EnvName::new(&name).map_err(|problem| place.clone().wrong(problem))?;
                Ok(Some(Placed { value: KeySetting::Env(name), place }))
            }
            (None, Some(value)) if value.get_ref().as_bool() == Some(false) => {
                Ok(Some(Placed { value: KeySetting::None, place: self.place(value.span()) }))
            }
            (_, Some(value)) => Err(self.expected(value, WHAT)),
        }
    }

    fn auth(self, table: &Table<'a>) -> Result<Option<bool>, Error> {
        let Some(value) = table.get("auth") else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some("bearer") => Ok(Some(false)),
            Some("x-api-key") => Ok(Some(true)),
            _ => Err(self.expected(value, "\"bearer\" or \"x-api-key\"")),
        }
    }

    fn number(
        self,
        table: &Table<'a>,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Option<u32>, Error> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let integer = value.get_ref().as_integer();
        let number =
            integer.and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        match number {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self
                .wrong(value.span(), Problem::Range { low: *range.start(), high: *range.end() })),
        }
    }
}

const TIERS: [&str; 4] = ["fable", "opus", "sonnet", "haiku"];

const JACKIN_FORMS: &str = "a string, { op = …, path = … } or { value = … }";

const OUR_FORMS: &str = "a string, { op = … }, { file = … }, { command = … } or { value = … }";

/// Whether a list of words can be run.
fn is_argv(words: &[String]) -> bool {
    words.first().is_some_and(|first| !first.is_empty())
        && words.iter().all(|word| !word.contains('\0'))
}

/// Whether a word can be a model id: something that goes into a variable and a request as it is.
pub fn is_model_id(model: &str) -> bool {
    !model.is_empty()
        && !model.chars().any(|character| character.is_control() || character.is_whitespace())
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

    #[test]
    fn a_host_reference_is_the_whole_string() {
        assert_eq!(host_reference("$NAME"), Some("NAME"));
        assert_eq!(host_reference("${NAME}"), Some("NAME"));
        for text in [
            "$", "${}", "$1A", "$A-B", "${A", " $A", "$A ", "$$A", "${A}x", "$A$B", "${A:-b}",
            "${ A }", "A",
        ] {
            assert_eq!(host_reference(text), None, "{text}");
        }
    }

    #[test]
    fn a_new_file_has_the_newest_version() {
        let version =
            NEW_GLOBAL.strip_prefix("version = \"").unwrap().strip_suffix("\"\n").unwrap();
        assert_eq!(version_order(version), Some(GLOBAL_VERSION));
    }

    #[test]
    fn versions_order_as_jackin_orders_them() {
        let order = ["v1alpha1", "v1alpha9", "v1alpha10", "v1beta1", "v1", "v2alpha1"];
        assert!(order.iter().map(|text| version_order(text).unwrap()).is_sorted());
        for text in ["", "1", "v", "v01", "v1alpha", "v1alpha01", "v1gamma1", "v1alpha-1", "v1.0"] {
            assert_eq!(version_order(text), None, "{text}");
        }
    }

    #[test]
    fn an_op_reference_has_three_or_four_parts_that_are_no_options() {
        for text in
            ["op://v/i/f", "op://v/i/s/f", "op://v/i/f?attribute=otp", "op://my vault/the item/key"]
        {
            assert!(is_op_reference(text), "{text}");
        }
        for text in [
            "op://",
            "op://v/i",
            "op://v//f",
            "op://v/i/s/t/f",
            "op://v/i/-f",
            "op://-v/i/f",
            "OP://v/i/f",
            "op://v/i/f\n",
        ] {
            assert!(!is_op_reference(text), "{text}");
        }
    }
}
