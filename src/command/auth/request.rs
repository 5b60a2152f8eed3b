//! What is requested: the scope, the action, and where a new key comes from.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::AuthSet;
use crate::cli::Cli;
use crate::command::auth::error::Error;
use crate::config;
use crate::config::EnvValue;
use crate::config::HelperCommand;
use crate::config::OpReference;
use crate::scope::Names;
use crate::typed::looks_like_key;

/// The requested change and its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    /// The provider's id.
    pub id: &'a str,
    /// Its scope.
    pub target: Target<'a>,
    /// The action.
    pub verb: Verb,
}

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Set a key.
    Set,
    /// Remove a key from the scope.
    Unset,
    /// Remove a key from every scope.
    UnsetAll,
    /// Ignore the provider in the scope.
    Ignore,
}

impl<'a> Request<'a> {
    /// The request in a command line. `global` is whether an option names the global scope, or all
    /// scopes.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for contradictory options.
    pub(crate) fn new(cli: &'a Cli, id: &'a str, verb: Verb, global: bool) -> Result<Self, Error> {
        let excludes = if verb == Verb::UnsetAll {
            "--all-scopes excludes --workspace and --role"
        } else {
            GLOBAL_EXCLUDES
        };
        let target = Target::new(cli, Some(excludes).filter(|_| global))?;
        if cli.common.provider.is_some() {
            return Err(usage(
                "auth takes the provider as a word",
                "jackin-exec auth set PROVIDER",
            ));
        }
        Ok(Self { id, target, verb })
    }
}

/// What is wrong with two scopes.
pub(super) const GLOBAL_EXCLUDES: &str = "--global excludes --workspace and --role";

/// The scope that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// The workspace, if the scope has one.
    pub workspace: Option<&'a str>,
    /// The role, if the scope has one, in jackin's spelling.
    pub role: Option<String>,
}

impl<'a> Target<'a> {
    /// The scope in a command line. Only options choose the scope of a write, never variables or
    /// the current directory. `excludes` is what to say if a workspace or a role is named besides
    /// another scope.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for contradictory options.
    pub(crate) fn new(cli: &'a Cli, excludes: Option<&'static str>) -> Result<Self, Error> {
        let (workspace, role) = (cli.common.workspace.as_deref(), cli.common.role.as_deref());
        if let Some(what) = excludes
            && (workspace.is_some() || role.is_some())
        {
            return Err(usage(what, "a scope is named once"));
        }
        if cli.common.json || cli.common.no_workspace {
            return Err(usage(
                "--json and --no-workspace are for showing",
                "jackin-exec auth --json shows what is set",
            ));
        }
        Ok(Self { workspace, role: role.map(str::to_ascii_lowercase) })
    }

    /// The names of the scope. A folder's variables are changed in the file only.
    pub(crate) fn names(&self) -> Names<'_> {
        Names { workspace: self.workspace, folder: None, role: self.role.as_deref() }
    }
}

const fn usage(what: &'static str, hint: &'static str) -> Error {
    Error::Usage { what, hint }
}

/// Where a new key comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// It is typed on the terminal.
    Terminal,
    /// It is read from stdin.
    Stdin,
    /// It stays where it is, and this refers to it.
    Reference(EnvValue),
}

/// Where the key comes from, according to the options of `auth set`. No error repeats a value,
/// which may be a key in the wrong place.
///
/// # Errors
///
/// [`Error::Usage`] for an invalid reference.
pub(crate) fn source(set: &AuthSet, directory: Option<PathBuf>) -> Result<Source, Error> {
    const NOT_HERE: &str = "a key itself is asked for, or read with --stdin";
    if let Some(reference) = &set.op {
        if !config::is_op_reference(reference) {
            return Err(usage("--op needs op://VAULT/ITEM/[SECTION/]FIELD", NOT_HERE));
        }
        if set.account.as_deref() == Some("") {
            return Err(usage(
                "--account needs an account",
                "leave it out to use the only one that is signed in",
            ));
        }
        let (reference, account) = (reference.clone(), set.account.clone());
        let op = OpReference { reference, path: None, account };
        return Ok(Source::Reference(EnvValue::Op(Box::new(op))));
    }
    if let Some(name) = &set.from_env {
        if !config::is_identifier(name) {
            return Err(usage("--env needs the name of a variable", NOT_HERE));
        }
        if looks_like_key(name) {
            return Err(usage("--env needs the name of a variable; this may be a key", NOT_HERE));
        }
        return Ok(Source::Reference(EnvValue::HostVar(name.clone())));
    }
    if let Some(path) = &set.file {
        let path = directory.unwrap_or_default().join(path);
        if !path.is_absolute()
            || path.to_str().is_none()
            || set.file.as_deref() == Some(Path::new(""))
        {
            return Err(usage("--file needs the path of a file, in UTF-8", NOT_HERE));
        }
        let name = path.file_name().unwrap_or_default();
        if name.to_str().is_some_and(looks_like_key) && !path.exists() {
            return Err(usage("--file needs the path of a file; this may be a key", NOT_HERE));
        }
        return Ok(Source::Reference(EnvValue::File(path)));
    }
    if set.command {
        if set.argv.first().is_none_or(String::is_empty) {
            return Err(usage("--command needs a command: --command -- ARGV...", NOT_HERE));
        }
        if set.argv.first().is_some_and(|program| looks_like_key(program)) {
            return Err(usage("--command needs a command; this may be a key", NOT_HERE));
        }
        let (argv, timeout) = (set.argv.clone(), config::COMMAND_TIMEOUT);
        let helper = HelperCommand { argv, timeout };
        return Ok(Source::Reference(EnvValue::Command(Box::new(helper))));
    }
    Ok(if set.stdin { Source::Stdin } else { Source::Terminal })
}
