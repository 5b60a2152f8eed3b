//! Which workspace and role, the four scopes, their merge, and where each value comes from.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::config::Declared;
use crate::config::EnvName;
use crate::config::EnvValue;
use crate::config::ExecToml;
use crate::config::Global;
use crate::config::Variables;
use crate::config::Workspace;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Warning;
use crate::error::nearest;

/// A scope, least to most specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `[env]`
    Global,
    /// `[roles.R.env]`
    Role,
    /// A workspace's `[env]`
    Workspace,
    /// A workspace's `[roles.R.env]`
    WorkspaceRole,
}

impl Scope {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Role => "role",
            Self::Workspace => "workspace",
            Self::WorkspaceRole => "workspace-role",
        }
    }
}

/// A value and the scope that won.
#[derive(Debug, Clone)]
pub struct Scoped<T> {
    /// The value.
    pub value: T,
    /// The scope that declares it.
    pub scope: Scope,
    /// Whether exec.toml declares it, not a file of jackin's.
    pub ours: bool,
    /// The less specific scopes that declare it, too, least specific first.
    pub hides: Vec<Scope>,
}

/// What the configuration says for this launch.
#[derive(Debug, Clone, Default)]
pub struct Settings<'a> {
    /// The workspace that was chosen.
    pub workspace: Option<String>,
    /// The role that was chosen.
    pub role: Option<String>,
    /// The winner for each name.
    pub env: BTreeMap<&'a EnvName, Scoped<&'a Declared>>,
    /// Whether jackin's `[kimi] auth_forward` says that Kimi is not to be used.
    pub kimi_ignored: bool,
    /// The scope whose `auth_forward` decides about that.
    pub kimi_decided: Option<Scope>,
    /// `default_provider` of the workspace, else of exec.toml.
    pub default_provider: Option<DefaultProvider>,
    /// What other scopes say of names that a more specific one wins, if it is a variable of ours.
    pub lost: Vec<(&'a EnvName, &'a EnvValue)>,
    /// Allow-lists that bind: workspace and provider ids. A provider must be in all of them.
    pub policies: Vec<Policy>,
}

/// A default provider and who sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultProvider {
    /// The provider's id.
    pub provider: String,
    /// Whether the workspace sets it, not exec.toml as a whole.
    pub of_workspace: bool,
}

/// A workspace's list of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The workspace.
    pub workspace: String,
    /// The only providers that may be chosen.
    pub providers: Vec<String>,
}

/// The workspace and the role that were asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The chosen workspace with its file, if there is one.
    pub workspace: Option<(&'a str, &'a Workspace)>,
    /// The role that was named.
    pub role: Option<&'a str>,
    /// The workspaces in whose folders we are, for their policies.
    pub surrounding: &'a [String],
}

/// Merges the four scopes.
///
/// # Errors
///
/// [`Error::Unknown`] for a role that is nowhere, [`Error::RoleCase`] for one that jackin could not
/// find; [`Error::RoleNotAllowed`] for one that the workspace does not allow.
pub fn settings<'a>(
    global: &'a Global,
    exec: &'a ExecToml,
    selection: Selection<'a>,
    warnings: &mut Vec<Warning>,
) -> Result<Settings<'a>, Error> {
    let role = role(global, exec, selection, warnings)?;
    let name = selection.workspace.map(|(name, _)| name);
    let workspace = selection.workspace.map(|(_, workspace)| workspace);
    let ours = name.and_then(|name| exec.workspaces.get(name));
    let role = role.as_deref();
    let workspace_role =
        workspace.zip(role).and_then(|(workspace, role)| workspace.roles.get(role));
    // Within one scope exec.toml comes after, and so beats, jackin's own file.
    let layers = [
        (Scope::Global, false, Some(&global.env)),
        (Scope::Global, true, Some(&exec.env)),
        (Scope::Role, false, role.and_then(|role| global.roles.get(role))),
        (Scope::Role, true, role.and_then(|role| exec.roles.get(role))),
        (Scope::Workspace, false, workspace.map(|workspace| &workspace.env)),
        (Scope::Workspace, true, ours.map(|ours| &ours.env)),
        (Scope::WorkspaceRole, false, workspace_role.map(|role| &role.env)),
        (Scope::WorkspaceRole, true, ours.zip(role).and_then(|(ours, role)| ours.roles.get(role))),
    ];
    let of_workspace = ours.and_then(|ours| ours.default_provider.clone());
    let default_provider = of_workspace
        .map(|provider| DefaultProvider { provider, of_workspace: true })
        .or_else(|| {
            exec.default_provider
                .clone()
                .map(|provider| DefaultProvider { provider, of_workspace: false })
        });
    let bound = name.into_iter().chain(selection.surrounding.iter().map(String::as_str));
    let mut policies: Vec<Policy> = Vec::new();
    for workspace in bound {
        let list = exec.workspaces.get(workspace).and_then(|ours| ours.providers.clone());
        if let Some(providers) =
            list.filter(|_| policies.iter().all(|policy| policy.workspace != workspace))
        {
            policies.push(Policy { workspace: workspace.to_owned(), providers });
        }
    }
    let kimi = [
        (Scope::WorkspaceRole, workspace_role.and_then(|role| role.kimi_ignored)),
        (Scope::Workspace, workspace.and_then(|workspace| workspace.kimi_ignored)),
        (Scope::Global, global.kimi_ignored),
    ];
    let kimi = kimi.into_iter().find_map(|(scope, ignored)| Some((scope, ignored?)));
    let (env, lost) = merge(layers);
    Ok(Settings {
        workspace: name.map(str::to_owned),
        role: role.map(str::to_owned),
        env,
        lost,
        kimi_ignored: kimi.is_some_and(|(_, ignored)| ignored),
        kimi_decided: kimi.map(|(scope, _)| scope),
        default_provider,
        policies,
    })
}

/// The winners by name, and the variables of ours that lost one.
type Merged<'a> = (BTreeMap<&'a EnvName, Scoped<&'a Declared>>, Vec<(&'a EnvName, &'a EnvValue)>);

/// The last layer that declares a name wins it whole.
fn merge<'a>(layers: impl IntoIterator<Item = (Scope, bool, Option<&'a Variables>)>) -> Merged<'a> {
    let mut lost = Vec::new();
    let mut merged: BTreeMap<&EnvName, Scoped<&Declared>> = BTreeMap::new();
    for (scope, ours, variables) in layers {
        for (name, value) in variables.into_iter().flatten() {
            match merged.entry(name) {
                Entry::Vacant(place) => {
                    drop(place.insert(Scoped { value, scope, ours, hides: Vec::new() }))
                }
                Entry::Occupied(mut place) => {
                    let winner = place.get_mut();
                    if winner.scope != scope {
                        winner.hides.push(winner.scope);
                    }
                    if matches!(winner.value.value, EnvValue::HostVar(_)) {
                        lost.push((name, &winner.value.value));
                    }
                    *winner =
                        Scoped { value, scope, ours, hides: std::mem::take(&mut winner.hides) };
                }
            }
        }
    }
    (merged, lost)
}

/// The roles that jackin always has.
const BUILT_IN_ROLES: [&str; 2] = ["agent-smith", "the-architect"];

fn role(
    global: &Global,
    exec: &ExecToml,
    selection: Selection<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<String>, Error> {
    let workspace = selection.workspace.map(|(_, workspace)| workspace);
    let allowed = workspace.map(|workspace| workspace.allowed_roles.as_slice()).unwrap_or_default();
    let is_allowed =
        |role: &str| allowed.is_empty() || allowed.iter().any(|allowed| allowed == role);
    let registered = |role: &str| global.roles.contains_key(role) || BUILT_IN_ROLES.contains(&role);
    let Some(typed) = selection.role else {
        let default = workspace.and_then(|workspace| workspace.default_role.clone());
        return Ok(default.filter(|role| {
            let eligible = is_allowed(role) && registered(role);
            if !eligible {
                warnings.push(Warning::DefaultRole { role: role.clone() });
            }
            eligible
        }));
    };
    let role = typed.to_ascii_lowercase();
    let name = selection.workspace.map(|(name, _)| name);
    let ours = name.and_then(|name| exec.workspaces.get(name));
    let mut known: Vec<&str> = BUILT_IN_ROLES.to_vec();
    known.extend(global.roles.keys().map(String::as_str));
    known.extend(exec.roles.keys().map(String::as_str));
    known.extend(
        workspace.into_iter().flat_map(|workspace| workspace.roles.keys()).map(String::as_str),
    );
    known.extend(ours.into_iter().flat_map(|ours| ours.roles.keys()).map(String::as_str));
    known.extend(allowed.iter().map(String::as_str));
    // jackin looks for a role in lower case only, so what is stored otherwise is never found.
    let (mut known, never): (Vec<&str>, Vec<&str>) =
        known.into_iter().partition(|role| !role.bytes().any(|byte| byte.is_ascii_uppercase()));
    known.sort_unstable();
    known.dedup();
    if !known.contains(&role.as_str()) {
        if let Some(stored) = never.iter().find(|stored| stored.eq_ignore_ascii_case(&role)) {
            return Err(Error::RoleCase { stored: (*stored).to_owned() });
        }
        return Err(Error::Unknown {
            kind: Kind::Role,
            name: typed.into(),
            place: "",
            nearest: nearest(&role, known.iter().copied()),
            known: known.into_iter().map(str::to_owned).collect(),
        });
    }
    if !is_allowed(&role) {
        return Err(Error::RoleNotAllowed {
            role,
            workspace: name.unwrap_or_default().to_owned(),
            allowed: allowed.to_vec(),
        });
    }
    Ok(Some(role))
}

/// Where we are, for finding the workspace of the current directory.
#[derive(Debug)]
pub struct Here {
    /// Canonical.
    directory: PathBuf,
    home: Option<PathBuf>,
    /// Device and inode of the directory and of each folder above it.
    ancestors: OnceCell<Vec<Option<(u64, u64)>>>,
}

/// How deep a workspace's folders reach towards the current directory, in path components.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// As jackin counts for choosing: a mount by prefix, `workdir` only if it is the directory
    /// itself.
    pub choosing: Option<usize>,
    /// For policies: `workdir` matches what lies below it, too.
    pub policy: Option<usize>,
}

impl Here {
    /// A canonical current directory, and the home that `~` stands for.
    pub fn new(directory: PathBuf, home: Option<PathBuf>) -> Self {
        Self { directory, home, ancestors: OnceCell::new() }
    }

    /// A first look at a workspace file's bytes: false only if no string in it can be a folder that
    /// we are in.
    ///
    /// Every TOML string without an escape stands between two equal quotes on one line. So it is
    /// enough to look at what follows each quote, wherever the quote stands; a file with
    /// escapes or multi-line strings passes.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        if bytes.contains(&b'\\') {
            return true;
        }
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == b'"' || byte == b'\'') {
            let (quote, after) = (rest.get(at).copied(), rest.get(at + 1..).unwrap_or_default());
            if let [a, b, ..] = after
                && Some(*a) == quote
                && Some(*b) == quote
            {
                return true;
            }
            if let Some(b'/' | b'~') = after.first() {
                let end = after
                    .iter()
                    .position(|&byte| Some(byte) == quote || byte == b'\n')
                    .unwrap_or(after.len());
                match after.get(..end).map(std::str::from_utf8) {
                    Some(Ok(path)) if self.around_us(path).is_none() => {}
                    _ => return true,
                }
            }
            rest = after;
        }
        false
    }

    /// How deep a workspace reaches towards us.
    pub fn depth(&self, workspace: &Workspace) -> Depth {
        let named = |path: &str| {
            let found = self.around_us(path).and_then(|_| self.expand(path).canonicalize().ok())?;
            self.directory
                .starts_with(&found)
                .then(|| (found.components().count(), found == self.directory))
        };
        let workdir = workspace.workdir.as_deref();
        let mounts = || workspace.mounts.iter().map(String::as_str);
        let exact = workdir.and_then(named).filter(|(_, exact)| *exact);
        Depth {
            choosing: exact
                .into_iter()
                .chain(mounts().filter_map(named))
                .map(|(depth, _)| depth)
                .max(),
            // A folder is bound under whatever name it was entered.
            policy: workdir
                .into_iter()
                .chain(mounts())
                .filter_map(|path| self.around_us(path))
                .max(),
        }
    }

    /// How deep a path lies if it is our directory or one above it, in components of ours. By
    /// identity: one system call, where making the path canonical takes one for each component.
    fn around_us(&self, path: &str) -> Option<usize> {
        let path = self.expand(path);
        let identity =
            |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let ancestors = self
            .ancestors
            .get_or_init(|| self.directory.ancestors().map(identity).collect::<Vec<_>>());
        let found = path.is_absolute().then(|| identity(&path)).flatten()?;
        // The first is the directory itself, the last the root.
        ancestors
            .iter()
            .position(|ancestor| *ancestor == Some(found))
            .map(|above| ancestors.len() - above)
    }

    /// `~` and `~/…` as jackin reads them.
    fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix('~'), &self.home) {
            (Some(""), Some(home)) => home.clone(),
            (Some(rest), Some(home)) if rest.starts_with('/') => {
                home.join(rest.trim_start_matches('/'))
            }
            _ => PathBuf::from(path),
        }
    }
}

/// The workspace that the current directory belongs to: the deepest; at equal depth the name that
/// sorts last, as jackin has it.
pub fn chosen<'a>(depths: impl IntoIterator<Item = (&'a str, Depth)>) -> Option<&'a str> {
    let found =
        depths.into_iter().filter_map(|(name, depth)| depth.choosing.map(|depth| (depth, name)));
    found.max().map(|(_, name)| name)
}

/// The workspaces whose policy binds in the current directory: the deepest; at equal depth all.
pub fn surrounding<'a>(depths: impl IntoIterator<Item = (&'a str, Depth)> + Clone) -> Vec<String> {
    let deepest = depths.clone().into_iter().filter_map(|(_, depth)| depth.policy).max();
    let bound =
        depths.into_iter().filter(|(_, depth)| deepest.is_some() && depth.policy == deepest);
    bound.map(|(name, _)| name.to_owned()).collect()
}
