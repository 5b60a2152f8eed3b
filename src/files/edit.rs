//! Changing files of the configuration: under jackin's lock, one entry at a time, and nothing else.
//!
//! Knows TOML, files and the lock; not what an entry is for. An entry is changed by splicing the
//! text at the positions that `toml_edit` finds, and not by printing its document: comments, blank
//! lines, line ends, a byte order mark and a missing last newline stay as they are because nobody
//! touches them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::fcntl::Flock;
use nix::fcntl::FlockArg;
use nix::fcntl::OFlag;
use nix::sys::stat::FileStat;
use nix::sys::stat::Mode;
use nix::sys::stat::SFlag;
use nix::unistd::Gid;
use nix::unistd::Uid;
use nix::unistd::UnlinkatFlags;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use toml_edit::Document;
use toml_edit::Item;
use toml_edit::Key;
use toml_edit::TableLike;
use toml_edit::Value;

use crate::config;
use crate::config::EnvValue;
use crate::error::Error;
use crate::error::Place;
use crate::error::Warning;
use crate::files::load;
use crate::files::load::Store;
use crate::host::ConfigDir;

/// One entry of one file: what it shall be.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file, relative to the folder of the configuration.
    pub file: String,
    /// The table, from the root.
    pub table: Vec<String>,
    /// The entry's name.
    pub key: String,
    /// Its value as TOML; none: the entry goes.
    pub value: Option<SecretString>,
    /// What the file begins with, if it has to be made.
    pub fresh: &'static str,
}

/// A value as it stands in a file. `path` beside `op` is what jackin shows: the reference without
/// its scheme.
pub fn written(value: &EnvValue) -> SecretString {
    let string = |text: &str| Value::from(text).to_string();
    SecretString::from(match value {
        EnvValue::Empty => string(""),
        EnvValue::Literal(secret) => string(secret.expose_secret()),
        EnvValue::HostVar(name) => string(&format!("${name}")),
        EnvValue::Op { reference, account } => {
            let path = reference.trim_start_matches("op://").split('?').next().unwrap_or_default();
            let account =
                account.as_deref().map(|account| format!(", account = {}", string(account)));
            format!(
                "{{ op = {}, path = {}{} }}",
                string(reference),
                string(path),
                account.unwrap_or_default()
            )
        }
        EnvValue::File(path) => format!("{{ file = {} }}", string(&path.to_string_lossy())),
        EnvValue::Command { argv, timeout } => {
            let words: Vec<String> = argv.iter().map(|word| string(word)).collect();
            let timeout = Some(timeout).filter(|timeout| **timeout != config::COMMAND_TIMEOUT);
            let timeout = timeout.map(|timeout| format!(", timeout = \"{}s\"", timeout.as_secs()));
            format!("{{ command = [{}]{} }}", words.join(", "), timeout.unwrap_or_default())
        }
    })
}

/// Opens the folder for a change: makes it if it is not there, and takes jackin's lock.
///
/// # Errors
///
/// [`Error::Locked`] if somebody else holds the lock for 5 s, [`Error::Unwritable`], and those of
/// [`Store::open`].
pub fn open(dir: &ConfigDir, user: u32, warnings: &mut Vec<Warning>) -> Result<Store, Error> {
    let unwritable = |errno| Error::Unwritable { path: dir.path.clone(), errno };
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let opened = match nix::fcntl::open(&dir.path, flags, Mode::empty()) {
        Err(Errno::ENOENT) if !dir.typed => {
            if user == 0 {
                stays_with_root(&dir.path)?;
            }
            make_folder(&dir.path, 0o700).map_err(unwritable)?;
            nix::fcntl::open(&dir.path, flags, Mode::empty())
        }
        opened => opened,
    };
    let folder = opened.map_err(|errno| Error::Unreadable { path: dir.path.clone(), errno })?;
    let store = Store::over(dir, folder, user, warnings)?;
    let lock = exclusive_lock(&store)?;
    for folder in store.folders() {
        // Housekeeping: what cannot be swept is no reason to refuse the change.
        let _ = sweep(folder, None);
    }
    Ok(store.locked(lock))
}

/// Root makes no folder in a home of another user's: it would be root's, and the way there may be a
/// trap.
fn stays_with_root(path: &Path) -> Result<(), Error> {
    for folder in path.ancestors() {
        match nix::sys::stat::stat(folder) {
            Ok(found) if found.st_uid != 0 => {
                return Err(Error::ForeignOwner { path: folder.to_owned(), owner: found.st_uid });
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// The last folder with a mode, those above it with what everybody's have.
fn make_folder(path: &Path, mode: u32) -> Result<(), Errno> {
    match nix::unistd::mkdir(path, Mode::from_bits_truncate(mode)) {
        Err(Errno::ENOENT) => {
            make_folder(path.parent().ok_or(Errno::ENOENT)?, 0o755)?;
            make_folder(path, mode)
        }
        Err(Errno::EEXIST) => Ok(()),
        result => result,
    }
}

/// How long jackin's writers wait for each other.
const PATIENCE: Duration = Duration::from_secs(5);

/// The interval at which they try.
const INTERVAL: Duration = Duration::from_millis(25);

/// jackin's lock as its writers take it: `config.lock`, 0600, with the holder's process id as
/// information.
fn exclusive_lock(store: &Store) -> Result<Flock<OwnedFd>, Error> {
    let path = store.path().join("config.lock");
    let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
    let folder = store.folder().ok_or_else(|| unwritable(Errno::ENOENT))?;
    // A link in its place could lead to any file of ours, whose content would be lost.
    let flags =
        OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_NOFOLLOW;
    let open = |more| nix::fcntl::openat(folder, "config.lock", flags | more, private());
    let mut file = match open(OFlag::O_CREAT | OFlag::O_EXCL) {
        Ok(file) => {
            keep_owner(&file, store.judge_folder(folder, store.path())?).map_err(unwritable)?;
            file
        }
        Err(Errno::EEXIST) => match open(OFlag::empty()) {
            Err(Errno::ELOOP) => return Err(Error::NotRegular { path }),
            opened => opened.map_err(unwritable)?,
        },
        Err(errno) => return Err(unwritable(errno)),
    };
    let found = nix::sys::stat::fstat(&file).map_err(unwritable)?;
    if load::kind(&found) != SFlag::S_IFREG || (store.is_foreign() && found.st_nlink != 1) {
        return Err(Error::NotRegular { path });
    }
    let mut waited = Duration::ZERO;
    let lock = loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => break lock,
            Err((back, Errno::EWOULDBLOCK)) if waited < PATIENCE => {
                file = back;
                std::thread::sleep(INTERVAL);
                waited += INTERVAL;
            }
            Err((back, Errno::EWOULDBLOCK)) => {
                return Err(Error::Locked { holder: recorded(&back), path });
            }
            Err((_, errno)) => return Err(unwritable(errno)),
        }
    };
    // For messages only: whoever reads it trusts the lock and not the number.
    let _ = nix::unistd::ftruncate(&*lock, 0);
    let _ = nix::unistd::write(&*lock, format!("{}\n", nix::unistd::getpid()).as_bytes());
    Ok(lock)
}

/// The process id in the lock file.
fn recorded(file: &OwnedFd) -> Option<u32> {
    let mut buffer = [0; 16];
    let count = nix::unistd::read(file, &mut buffer).ok()?;
    std::str::from_utf8(buffer.get(..count)?).ok()?.trim().parse().ok()
}

const fn private() -> Mode {
    Mode::S_IRUSR.union(Mode::S_IWUSR)
}

/// What root makes in another user's folder belongs to that user, who could not read it otherwise.
fn keep_owner(file: &OwnedFd, like: FileStat) -> Result<(), Errno> {
    let now = nix::sys::stat::fstat(file)?;
    if now.st_uid == like.st_uid {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(like.st_uid), Gid::from_raw(like.st_gid));
    match nix::unistd::fchown(file, Some(user), Some(group)) {
        // Not ours to give away; a lock file of another's that we may open is as good.
        Err(Errno::EPERM) if !nix::unistd::geteuid().is_root() => Ok(()),
        changed => changed,
    }
}

/// Makes changes, in this order: neighbours in one file are one write. All texts are made and
/// checked before the first file is touched.
///
/// `check` reads a file's new text as every launch will.
///
/// # Errors
///
/// [`Error::Uneditable`], [`Error::Changing`], [`Error::Unwritable`], those of [`Store::read`] and
/// those of `check`.
pub fn apply(
    store: &Store,
    changes: &[Change],
    check: impl Fn(&str, &Path, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut now: BTreeMap<PathBuf, Option<String>> = BTreeMap::new();
    let mut writes: Vec<Write<'_>> = Vec::new();
    for change in changes {
        let name = change.file.as_str();
        // Two names may lead to one file.
        let real = store.path().join(name);
        let real = real.canonicalize().unwrap_or(real);
        let before = match now.get(&real) {
            Some(text) => text.clone(),
            // Warnings were given when the file was read to decide about this change.
            None => store.read(name, &mut Vec::new())?.map(|found| found.text),
        };
        let path = store.path().join(name);
        let text = before.as_deref().unwrap_or(change.fresh);
        let table: Vec<&str> = change.table.iter().map(String::as_str).collect();
        let after = match &change.value {
            Some(value) => set(text, &table, &change.key, value.expose_secret()),
            None => remove(text, &table, &change.key),
        }
        .map_err(|at| {
            let entry = change
                .table
                .iter()
                .chain([&change.key])
                .map(|key| Key::new(key).display_repr().into_owned());
            Error::Uneditable {
                place: Place::after(&path, text.get(..at).unwrap_or(text)),
                entry: entry.collect(),
            }
        })?;
        match writes.last_mut().filter(|last| last.real == real) {
            Some(last) => last.after.clone_from(&after),
            None => writes.push(Write { name, real: real.clone(), before, after: after.clone() }),
        }
        now.insert(real, Some(after));
    }
    writes.retain(|write| write.before.as_ref() != Some(&write.after));
    for Write { name, after, .. } in &writes {
        check(name, &store.path().join(name), after)?;
    }
    // What cannot be written is found out before anything has changed. A second text of a file has
    // to wait.
    let mut staged = Vec::with_capacity(writes.len());
    for (at, write) in writes.iter().enumerate() {
        let is_first = writes.iter().position(|first| first.real == write.real) == Some(at);
        staged.push(if is_first { Some(write.stage(store)?) } else { None });
    }
    for (write, staged) in writes.iter().zip(staged) {
        match staged {
            Some(staged) => staged.place()?,
            None => write.stage(store)?.place()?,
        }
    }
    Ok(())
}

/// A new text of a file.
struct Write<'a> {
    /// Relative to the folder of the configuration.
    name: &'a str,
    /// Where it really is.
    real: PathBuf,
    before: Option<String>,
    after: String,
}

impl Write<'_> {
    fn stage(&self, store: &Store) -> Result<Staged, Error> {
        Staged::new(store, self.name, self.before.as_deref(), &self.after)
    }
}

/// A new text beside the file whose place it will take. Dropped without that, it is gone.
struct Staged {
    /// The file, for messages.
    path: PathBuf,
    folder: OwnedFd,
    /// Its own name in the folder, until it has the file's.
    name: Vec<u8>,
    /// The file's name in the folder.
    file: Vec<u8>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Not there once it is in its place. A failure before this is the one to tell.
        let _ =
            nix::unistd::unlinkat(&self.folder, self.name.as_slice(), UnlinkatFlags::NoRemoveDir);
    }
}

impl Staged {
    fn new(store: &Store, name: &str, before: Option<&str>, after: &str) -> Result<Self, Error> {
        let Target { path, folder, file } = Target::find(store, name)?;
        let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
        let of_folder = store.judge_folder(&folder, path.parent().unwrap_or(&path))?;
        // The lock keeps out those who take it; an editor in the next window does not.
        let found = store.read(name, &mut Vec::new())?;
        if found.as_ref().map(|found| found.text.as_str()) != before {
            return Err(Error::Changing { path: store.path().join(name) });
        }
        sweep(&folder, Some(&file)).map_err(unwritable)?;
        let owner =
            match nix::sys::stat::fstatat(&folder, file.as_slice(), AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(old) => old,
                Err(Errno::ENOENT) => of_folder,
                Err(errno) => return Err(unwritable(errno)),
            };
        // Ours alone, and made only under the lock: whoever holds it knows that a file of this kind
        // was left over.
        let name =
            [file.as_slice(), STAGED.as_bytes(), nix::unistd::getpid().to_string().as_bytes()]
                .concat();
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let new =
            nix::fcntl::openat(&folder, name.as_slice(), flags, private()).map_err(unwritable)?;
        let staged = Self { path, folder, name, file };
        fill(&new, after, owner).map_err(|errno| staged.unwritable(errno))?;
        Ok(staged)
    }

    /// Puts the text in the place of the file: whoever reads it sees the old or the new one, whole,
    /// whenever we die.
    fn place(self) -> Result<(), Error> {
        nix::fcntl::renameat(&self.folder, self.name.as_slice(), &self.folder, self.file.as_slice())
            // After this a power failure cannot bring the old file back.
            .and_then(|()| nix::unistd::fsync(&self.folder))
            .map_err(|errno| self.unwritable(errno))
    }

    fn unwritable(&self, errno: Errno) -> Error {
        Error::Unwritable { path: self.path.clone(), errno }
    }
}

/// Where a file really is.
struct Target {
    /// For messages.
    path: PathBuf,
    folder: OwnedFd,
    file: Vec<u8>,
}

impl Target {
    /// Behind all links, which stay; in another user's folder a link is refused.
    fn find(store: &Store, name: &str) -> Result<Self, Error> {
        let named = store.path().join(name);
        if store.is_in_foreign(name) {
            let (folder, file) = store
                .inside(name)
                .map_err(|errno| Error::Unwritable { path: named.clone(), errno })?;
            let folder = folder
                .try_clone()
                .map_err(|_| Error::Unwritable { path: named.clone(), errno: Errno::EMFILE })?;
            return Ok(Self { path: named, folder, file: file.as_bytes().to_vec() });
        }
        let path = behind_links(&named)?;
        let unwritable = |errno| Error::Unwritable { path: path.clone(), errno };
        let (Some(parent), Some(file)) = (path.parent(), path.file_name()) else {
            return Err(unwritable(Errno::EISDIR));
        };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let folder = nix::fcntl::open(parent, flags, Mode::empty()).map_err(unwritable)?;
        let file = file.as_bytes().to_vec();
        Ok(Self { path, folder, file })
    }
}

/// Stands between a file's name and a process id in the name of a file that is not yet in its
/// place.
const STAGED: &str = ".tmp.jackin-exec.";

fn fill(file: &OwnedFd, text: &str, owner: FileStat) -> Result<(), Errno> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match nix::unistd::write(file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    let now = nix::sys::stat::fstat(file)?;
    if now.st_uid != owner.st_uid {
        nix::unistd::fchown(
            file,
            Some(Uid::from_raw(owner.st_uid)),
            Some(Gid::from_raw(owner.st_gid)),
        )?;
    }
    nix::sys::stat::fchmod(file, private())?;
    nix::unistd::fsync(file)
}

/// Removes what a writer that died left behind, of one file or of all in a folder: it may hold a
/// key.
fn sweep(folder: &OwnedFd, stem: Option<&[u8]>) -> Result<(), Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut directory = nix::dir::Dir::openat(folder, ".", flags, Mode::empty())?;
    let mut left: Vec<Vec<u8>> = Vec::new();
    for entry in directory.iter() {
        let name = entry?.file_name().to_bytes().to_vec();
        let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let rest =
            name.get(..name.len() - digits).and_then(|rest| rest.strip_suffix(STAGED.as_bytes()));
        if digits > 0 && rest.is_some_and(|rest| stem.is_none_or(|stem| stem == rest)) {
            left.push(name);
        }
    }
    for name in left {
        match nix::unistd::unlinkat(folder, name.as_slice(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The file that a chain of symbolic links leads to.
fn behind_links(path: &Path) -> Result<PathBuf, Error> {
    const MOST: usize = 40;
    let mut found = path.to_owned();
    for _ in 0..MOST {
        match nix::fcntl::readlink(&found) {
            Ok(target) => found = found.parent().unwrap_or(Path::new("/")).join(target),
            Err(Errno::EINVAL | Errno::ENOENT) => return Ok(found),
            Err(errno) => return Err(Error::Unreadable { path: path.to_owned(), errno }),
        }
    }
    Err(Error::Unreadable { path: path.to_owned(), errno: Errno::ELOOP })
}

/// A text that cannot be edited: where.
type At = usize;

/// The text with an entry that has this value, in the form in which its table is written.
fn set(text: &str, table: &[&str], key: &str, value: &str) -> Result<String, At> {
    let after = if let Some(edit) = insertion(text, table, key, value)? {
        edit.on(text)
    } else {
        // The entry is a table of its own, or dotted keys: it is written anew.
        let without = without(text, table, key)?;
        insertion(&without, table, key, value)?.ok_or(0_usize)?.on(&without)
    };
    only_that_changed(text, &after, table, key, Some(value))?;
    Ok(after)
}

/// The text without an entry; its table goes too if that leaves it empty and nothing is said about
/// it.
fn remove(text: &str, table: &[&str], key: &str) -> Result<String, At> {
    let without = without(text, table, key)?;
    let after = if without == text { without } else { pruned(without, table)? };
    only_that_changed(text, &after, table, key, None)?;
    Ok(after)
}

/// Other bytes for a range.
struct Edit {
    at: Range<usize>,
    text: String,
}

impl Edit {
    fn on(&self, text: &str) -> String {
        let (before, after) = (text.get(..self.at.start), text.get(self.at.end..));
        [before.unwrap_or_default(), &self.text, after.unwrap_or_default()].concat()
    }
}

/// How a table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// The file itself.
    Root,
    /// Under a header.
    Header(Range<usize>),
    /// Only inside the headers of other tables.
    Implied,
    /// Only inside dotted keys.
    Dotted,
    /// Between braces.
    Inline(Range<usize>),
}

/// The tables along a path, as far as they exist, from the root.
struct Chain<'d> {
    tables: Vec<(&'d dyn TableLike, Shape)>,
}

impl<'d> Chain<'d> {
    fn new(root: &'d dyn TableLike, path: &[&str]) -> Result<Self, At> {
        let mut tables = vec![(root, Shape::Root)];
        let mut last = root;
        for segment in path {
            let Some(item) = last.get(segment) else {
                break;
            };
            let (table, shape): (&dyn TableLike, Shape) = match item {
                Item::Table(table) if table.is_dotted() => (table, Shape::Dotted),
                Item::Table(table) if table.is_implicit() => (table, Shape::Implied),
                Item::Table(table) => (table, Shape::Header(table.span().ok_or(0_usize)?)),
                Item::Value(Value::InlineTable(table)) if table.is_dotted() => {
                    (table, Shape::Dotted)
                }
                Item::Value(Value::InlineTable(table)) => {
                    (table, Shape::Inline(table.span().ok_or(0_usize)?))
                }
                Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {
                    return Err(item.span().map_or(0, |span| span.start));
                }
            };
            tables.push((table, shape));
            last = table;
        }
        Ok(Self { tables })
    }

    /// The table itself, if the whole path exists.
    fn whole(&self, path: &[&str]) -> Option<&(&'d dyn TableLike, Shape)> {
        self.tables.get(path.len())
    }

    /// The innermost braces and how many segments of the path lead to them.
    fn braces(&self) -> Option<(usize, &'d dyn TableLike, Range<usize>)> {
        let inline = |(depth, (table, shape)): (usize, &(&'d dyn TableLike, Shape))| match shape {
            Shape::Inline(at) => Some((depth, *table, at.clone())),
            Shape::Root | Shape::Header(_) | Shape::Implied | Shape::Dotted => None,
        };
        self.tables.iter().enumerate().rev().find_map(inline)
    }

    /// How many segments lead to the innermost table that is not made of dotted keys.
    fn base(&self) -> usize {
        self.tables.iter().rposition(|(_, shape)| *shape != Shape::Dotted).unwrap_or(0)
    }
}

fn parse(text: &str) -> Result<Document<&str>, At> {
    Document::parse(text).map_err(|error| error.span().map_or(0, |span| span.start))
}

/// What sets an entry; none if it exists and is not one plain value.
fn insertion(text: &str, path: &[&str], key: &str, value: &str) -> Result<Option<Edit>, At> {
    let document = parse(text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let whole = chain.whole(path);
    if let Some(item) = whole.and_then(|(table, _)| table.get(key)) {
        return Ok(match item {
            Item::Value(Value::InlineTable(table)) if table.is_dotted() => None,
            Item::Value(old) => {
                Some(Edit { at: old.span().ok_or(0_usize)?, text: value.to_owned() })
            }
            Item::None | Item::Table(_) | Item::ArrayOfTables(_) => None,
        });
    }
    let dotted = |from: usize| {
        let keys = path.get(from..).unwrap_or_default().iter().copied().chain([key]);
        format!("{} = {value}", joined(keys))
    };
    if let Some((depth, table, at)) = chain.braces() {
        let edit = match entries(table).last() {
            Some(last) => {
                Edit { at: last.value.end..last.value.end, text: format!(", {}", dotted(depth)) }
            }
            None => Edit {
                at: at.start + 1..at.start + 1,
                text: format!(" {} ", dotted(depth).trim_end()),
            },
        };
        return Ok(Some(edit));
    }
    let newline = newline(text);
    if let Some((table, shape)) = whole {
        let (after, from) = match (shape, entries(*table).last()) {
            (Shape::Header(_) | Shape::Dotted, Some(last)) => (last.clone(), chain.base()),
            (Shape::Header(at), None) => (Entry { key: at.clone(), value: at.clone() }, path.len()),
            (Shape::Dotted, None) => return Err(0),
            (Shape::Root | Shape::Implied | Shape::Inline(_), _) => {
                return Ok(Some(at_the_end(text, path, &dotted(path.len()))));
            }
        };
        let indent = if entries(*table).is_empty() { "" } else { indent(text, after.key.start) };
        return Ok(Some(line_after(
            text,
            after.value.end,
            &format!("{indent}{}{newline}", dotted(from)),
        )));
    }
    let section = format!(
        "{newline}[{}]{newline}{}{newline}",
        joined(path.iter().copied()),
        dotted(path.len())
    );
    Ok(Some(match chain.tables.last() {
        Some((table, Shape::Header(at))) => {
            let last = entries(*table).last().map_or(at.end, |last| last.value.end);
            line_after(text, last, &section)
        }
        _ => at_the_end(text, path, &dotted(path.len())),
    }))
}

/// A new section at the end, behind a blank line.
fn at_the_end(text: &str, path: &[&str], entry: &str) -> Edit {
    let newline = newline(text);
    let bare = text.trim_start_matches('\u{feff}');
    let ended = bare.is_empty() || bare.ends_with('\n');
    let blank = bare.is_empty() || bare.ends_with("\n\n") || bare.ends_with("\n\r\n");
    let before = [if ended { "" } else { newline }, if blank { "" } else { newline }].concat();
    let section = format!("{before}[{}]{newline}{entry}{newline}", joined(path.iter().copied()));
    Edit { at: text.len()..text.len(), text: section }
}

/// Something behind the line in which a position lies.
fn line_after(text: &str, position: usize, what: &str) -> Edit {
    let at = line_end(text, position);
    let ended = text.get(..at).is_some_and(|before| before.ends_with('\n'));
    Edit { at: at..at, text: format!("{}{what}", if ended { "" } else { newline(text) }) }
}

fn joined<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    keys.map(|key| Key::new(key).display_repr().into_owned()).collect::<Vec<_>>().join(".")
}

/// The line end that the file uses.
fn newline(text: &str) -> &'static str {
    let first = text.find('\n').and_then(|at| text.get(..at));
    if first.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

/// The position after the line in which a position lies.
fn line_end(text: &str, position: usize) -> usize {
    text.get(position..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| position + at + 1)
}

/// The start of the line in which a position lies, behind a byte order mark.
fn line_start(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or_default();
    before
        .rfind('\n')
        .map_or_else(|| text.len() - text.trim_start_matches('\u{feff}').len(), |at| at + 1)
}

fn indent(text: &str, position: usize) -> &str {
    let line = text.get(line_start(text, position)..).unwrap_or_default();
    let end = line.find(|character| character != ' ' && character != '\t').unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

/// Where one `KEY = VALUE` stands.
#[derive(Debug, Clone)]
struct Entry {
    key: Range<usize>,
    value: Range<usize>,
}

/// The entries of a table in the order of the text, those of dotted keys included, those under
/// other headers not.
fn entries(table: &dyn TableLike) -> Vec<Entry> {
    fn collect(table: &dyn TableLike, found: &mut Vec<Entry>) {
        for (name, item) in table.iter() {
            match item {
                Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => {
                    collect(inner, found)
                }
                Item::Table(inner) if inner.is_dotted() => collect(inner, found),
                Item::Value(value) => {
                    let key = table.key(name).and_then(Key::span);
                    found.extend(key.zip(value.span()).map(|(key, value)| Entry { key, value }));
                }
                Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(table, &mut found);
    found.sort_by_key(|entry| entry.value.start);
    found
}

/// The text without an entry.
fn without(text: &str, path: &[&str], key: &str) -> Result<String, At> {
    let document = parse(text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let Some((table, item)) =
        chain.whole(path).and_then(|(table, _)| Some((*table, table.get(key)?)))
    else {
        return Ok(text.to_owned());
    };
    let plain = |value: &Value| {
        let key = table.key(key).and_then(Key::span);
        key.zip(value.span()).map(|(key, value)| Entry { key, value }).into_iter().collect()
    };
    let (header, going): (Option<Range<usize>>, Vec<Entry>) = match item {
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => (None, entries(inner)),
        Item::Value(value) => (None, plain(value)),
        Item::Table(inner) if inner.is_dotted() => (None, entries(inner)),
        Item::Table(inner) if !inner.is_implicit() => (inner.span(), entries(inner)),
        Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {
            return Err(item.span().map_or(0, |span| span.start));
        }
    };
    if let Some((_, braces, at)) = chain.braces() {
        let all = entries(braces);
        let Some(first) = going.first() else {
            return Err(at.start);
        };
        let shorter = out_of_braces(text, &all, first, &at).on(text);
        // Dotted keys: one entry at a time, until none is left.
        return if going.len() > 1 { without(&shorter, path, key) } else { Ok(shorter) };
    }
    let places =
        header.into_iter().chain(going.into_iter().map(|entry| entry.key.start..entry.value.end));
    let mut lines: Vec<Range<usize>> =
        places.map(|at| line_start(text, at.start)..line_end(text, at.end)).collect();
    lines.sort_by_key(|line| line.start);
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for line in lines {
        kept.push_str(text.get(from..line.start).unwrap_or_default());
        from = from.max(line.end);
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Ok(kept)
}

/// Takes an entry and one comma out of braces.
fn out_of_braces(text: &str, all: &[Entry], going: &Entry, braces: &Range<usize>) -> Edit {
    let before = all.iter().rfind(|entry| entry.value.end <= going.key.start);
    let at = match before {
        Some(before) => before.value.end..going.value.end,
        None => braces.start + 1..comma_after(text, going.value.end).unwrap_or(going.value.end),
    };
    Edit { at, text: String::new() }
}

/// The position behind the comma that follows a value, if one does.
fn comma_after(text: &str, value_end: usize) -> Option<usize> {
    let mut at = value_end;
    loop {
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        match rest.trim_start().as_bytes().first()? {
            b',' => return Some(at + 1),
            b'#' => at = line_end(text, at),
            _ => return None,
        }
    }
}

/// Without the header of a table that holds nothing any more, not even a comment, and without the
/// blank line before it.
fn pruned(text: String, path: &[&str]) -> Result<String, At> {
    let document = parse(&text)?;
    let chain = Chain::new(document.as_table(), path)?;
    let Some((table, Shape::Header(at))) = chain.whole(path) else {
        return Ok(text);
    };
    let (start, end) = (line_start(&text, at.start), line_end(&text, at.end));
    let rest_of_line = text.get(at.end..end).unwrap_or_default();
    let next = text.get(end..).unwrap_or_default();
    let spoken_of =
        !rest_of_line.trim().is_empty() || next.trim_start_matches([' ', '\t']).starts_with('#');
    if !entries(*table).is_empty() || spoken_of {
        return Ok(text);
    }
    let before = text.get(..start).unwrap_or_default();
    let ends = next.is_empty() || next.starts_with('\n') || next.starts_with("\r\n");
    let blank = ["\r\n", "\n"]
        .iter()
        .find_map(|line| before.strip_suffix(line))
        .filter(|before| before.ends_with('\n'));
    Ok([blank.filter(|_| ends).unwrap_or(before), next].concat())
}

/// What a text says, without its form.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Table(BTreeMap<String, Said>),
    List(Vec<Said>),
    /// As written.
    Value(String),
}

impl Said {
    fn of(table: &dyn TableLike, text: &str) -> Self {
        Self::Table(
            table.iter().map(|(key, item)| (key.to_owned(), Self::item(item, text))).collect(),
        )
    }

    fn item(item: &Item, text: &str) -> Self {
        match item {
            Item::None => Self::List(Vec::new()),
            Item::Table(table) => Self::of(table, text),
            Item::Value(Value::InlineTable(table)) => Self::of(table, text),
            Item::Value(value) => Self::Value(
                value.span().and_then(|span| text.get(span)).unwrap_or_default().to_owned(),
            ),
            Item::ArrayOfTables(tables) => {
                Self::List(tables.iter().map(|table| Self::of(table, text)).collect())
            }
        }
    }

    /// Takes an entry out, with the tables that this leaves empty.
    fn take(&mut self, path: &[&str], key: &str) -> Option<Self> {
        let Self::Table(table) = self else {
            return None;
        };
        let Some((first, rest)) = path.split_first() else {
            return table.remove(key);
        };
        let taken = table.get_mut(*first)?.take(rest, key);
        if table
            .get(*first)
            .is_some_and(|inner| matches!(inner, Self::Table(inner) if inner.is_empty()))
        {
            table.remove(*first);
        }
        taken
    }
}

/// The last look before a text is given out: the entry is what it shall be, and everything else
/// what it was.
fn only_that_changed(
    before: &str,
    after: &str,
    path: &[&str],
    key: &str,
    value: Option<&str>,
) -> Result<(), At> {
    let said = |text: &str| Ok::<_, At>(Said::of(parse(text)?.as_table(), text));
    let (mut old, mut new) = (said(before)?, said(after)?);
    let _ = old.take(path, key);
    let wanted = match value {
        Some(value) => said(&format!("value = {value}"))?.take(&[], "value"),
        None => None,
    };
    if new.take(path, key) == wanted && old == new { Ok(()) } else { Err(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What setting `KEY` makes of a text, and what removing it again leaves.
    #[track_caller]
    fn becomes(before: &str, table: &[&str], after: &str, removed: &str) {
        let found = set(before, table, "KEY", "\"new\"").unwrap();
        assert_eq!(found, after);
        assert_eq!(remove(&found, table, "KEY").unwrap(), removed);
    }

    #[test]
    fn a_table_that_is_not_there_is_made_at_the_end_and_goes_again() {
        becomes("", &["env"], "[env]\nKEY = \"new\"\n", "");
        becomes("a = 1\n", &["env"], "a = 1\n\n[env]\nKEY = \"new\"\n", "a = 1\n");
        becomes("a = 1", &["env"], "a = 1\n\n[env]\nKEY = \"new\"\n", "a = 1\n");
        becomes("a = 1\r\n", &["env"], "a = 1\r\n\r\n[env]\r\nKEY = \"new\"\r\n", "a = 1\r\n");
        becomes(
            "[[mounts]]\nsrc = '/'\n",
            &["roles", "acme/x", "env"],
            "[[mounts]]\nsrc = '/'\n\n[roles.\"acme/x\".env]\nKEY = \"new\"\n",
            "[[mounts]]\nsrc = '/'\n",
        );
    }

    #[test]
    fn a_section_is_added_behind_the_one_that_it_belongs_to() {
        let before = "[roles.\"a/b\"] # one\ngit = 'x' # two\n\n# three\n[roles.c]\ngit = 'y'\n";
        becomes(
            before,
            &["roles", "a/b", "env"],
            "[roles.\"a/b\"] # one\ngit = 'x' # two\n\n[roles.\"a/b\".env]\nKEY = \"new\"\n\n# three\n[roles.c]\ngit = 'y'\n",
            before,
        );
    }

    #[test]
    fn an_entry_is_added_behind_the_last_one_of_its_table_with_its_indentation() {
        let before =
            "[env]\n  # why\n  A = '''\n\nx''' # here\n\n# next\n[kimi]\nauth_forward = 'sync'\n";
        becomes(
            before,
            &["env"],
            "[env]\n  # why\n  A = '''\n\nx''' # here\n  KEY = \"new\"\n\n# next\n[kimi]\nauth_forward = 'sync'\n",
            before,
        );
        becomes(
            "[env]\r\n\r\n[x]\r\n",
            &["env"],
            "[env]\r\nKEY = \"new\"\r\n\r\n[x]\r\n",
            "\r\n[x]\r\n",
        );
        becomes("[env] # mine", &["env"], "[env] # mine\nKEY = \"new\"\n", "[env] # mine\n");
    }

    #[test]
    fn an_entry_is_replaced_where_it_stands_and_its_comments_stay() {
        for (before, after, removed) in [
            (
                "[env]\n# mine\nKEY = 'old' # of May\nB = 1\n",
                "[env]\n# mine\nKEY = \"new\" # of May\nB = 1\n",
                "[env]\n# mine\nB = 1\n",
            ),
            ("[env]\n# mine\nKEY = 'old'\n", "[env]\n# mine\nKEY = \"new\"\n", "[env]\n# mine\n"),
            ("[env]\nKEY = '''\nold\n'''\nB = 1", "[env]\nKEY = \"new\"\nB = 1", "[env]\nB = 1"),
            ("[env]\nKEY={op='a',path='b'}\n", "[env]\nKEY=\"new\"\n", ""),
            (
                "\u{feff}env.KEY = 'old'\nb = 1\n",
                "\u{feff}env.KEY = \"new\"\nb = 1\n",
                "\u{feff}b = 1\n",
            ),
            (
                "env . \"KEY\" = 'old'\nenv.B = 1\n",
                "env . \"KEY\" = \"new\"\nenv.B = 1\n",
                "env.B = 1\n",
            ),
        ] {
            becomes(before, &["env"], after, removed);
        }
    }

    #[test]
    fn an_entry_that_is_a_table_is_written_anew() {
        becomes(
            "[env]\nA = 1\n\n[env.KEY]\nop = 'a' # x\n# kept\npath = 'b'\n\n[kimi]\n",
            &["env"],
            "[env]\nA = 1\nKEY = \"new\"\n\n# kept\n\n[kimi]\n",
            "[env]\nA = 1\n\n# kept\n\n[kimi]\n",
        );
        becomes(
            "[env.KEY]\nop = 'a'\n\n[env.B]\nop = 'b'\n",
            &["env"],
            "\n[env.B]\nop = 'b'\n\n[env]\nKEY = \"new\"\n",
            "\n[env.B]\nop = 'b'\n",
        );
        becomes(
            "[env]\nKEY.op = 'a'\nB = 1\nKEY.path = 'b'\n",
            &["env"],
            "[env]\nB = 1\nKEY = \"new\"\n",
            "[env]\nB = 1\n",
        );
    }

    #[test]
    fn dotted_keys_stay_dotted() {
        becomes(
            "env.A = 1\nb = 2\n",
            &["env"],
            "env.A = 1\nenv.KEY = \"new\"\nb = 2\n",
            "env.A = 1\nb = 2\n",
        );
        becomes(
            "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n",
            &["roles", "a/b", "env"],
            "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n\tenv.KEY = \"new\"\n",
            "[roles.\"a/b\"]\n\tgit = 'x'\n\tenv.A = 1\n",
        );
        becomes(
            "roles.x.git = 'y'\n",
            &["roles", "x", "env"],
            "roles.x.git = 'y'\n\n[roles.x.env]\nKEY = \"new\"\n",
            "roles.x.git = 'y'\n",
        );
    }

    #[test]
    fn braces_stay_braces() {
        for (before, after, removed) in [
            ("env = { A = 1 }\n", "env = { A = 1, KEY = \"new\" }\n", "env = { A = 1 }\n"),
            ("env = {}\n", "env = { KEY = \"new\" }\n", "env = { }\n"),
            ("env = { A = 1, }\n", "env = { A = 1, KEY = \"new\", }\n", "env = { A = 1, }\n"),
            (
                "env = { KEY = 'old', B = ',' }\n",
                "env = { KEY = \"new\", B = ',' }\n",
                "env = { B = ',' }\n",
            ),
            (
                "env = {\n  KEY = 'old', # one\n  B.c = 2,\n}\n",
                "env = {\n  KEY = \"new\", # one\n  B.c = 2,\n}\n",
                "env = { # one\n  B.c = 2,\n}\n",
            ),
            (
                "env = { A = 1, KEY.op = 'a', KEY.path = 'b', C = 2 }\n",
                "env = { A = 1, C = 2, KEY = \"new\" }\n",
                "env = { A = 1, C = 2 }\n",
            ),
        ] {
            becomes(before, &["env"], after, removed);
        }
        becomes(
            "roles = { x = { git = 'y' } }\n",
            &["roles", "x", "env"],
            "roles = { x = { git = 'y', env.KEY = \"new\" } }\n",
            "roles = { x = { git = 'y' } }\n",
        );
    }

    #[test]
    fn removing_what_is_not_there_changes_nothing() {
        for text in ["", "\u{feff}# x\r\n", "[env]\n", "env = {}", "[env.B]\nop = 'a'"] {
            assert_eq!(remove(text, &["env"], "KEY").unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        assert!(set("env = 1\n", &["env"], "KEY", "1").is_err());
        assert!(set("[[env]]\n", &["env"], "KEY", "1").is_err());
        assert!(set("env", &["env"], "KEY", "1").is_err());
        assert!(
            set("[env]\n", &["env"], "KEY", "1\nB = 2").is_err(),
            "a value that says more than itself"
        );
    }

    #[test]
    fn what_another_program_wrote_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let user = nix::unistd::geteuid().as_raw();
        let dir = ConfigDir { path: folder.path().to_owned(), typed: false };
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "theirs").unwrap();
        let store = open(&dir, user, &mut Vec::new()).unwrap();
        for before in [None, Some("read before")] {
            let refused = Staged::new(&store, "config.toml", before, "ours").map(drop);
            assert!(matches!(refused, Err(Error::Changing { .. })), "{refused:?}");
        }
        Staged::new(&store, "config.toml", Some("theirs"), "ours").and_then(Staged::place).unwrap();
        assert_eq!(store.read("config.toml", &mut Vec::new()).unwrap().unwrap().text, "ours");
    }

    #[test]
    fn only_what_was_left_over_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let dir = ConfigDir { path: folder.path().to_owned(), typed: false };
        std::fs::create_dir(folder.path().join("workspaces")).unwrap();
        let gone = ["config.toml.tmp.jackin-exec.1", "workspaces/a.toml.tmp.jackin-exec.77"];
        let stays = [
            "config.toml.tmp.1.0",
            "config.toml.tmp.jackin-exec.",
            "config.toml.tmp.jackin-exec.1x",
            "1",
        ];
        for name in gone.iter().chain(&stays) {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        open(&dir, nix::unistd::geteuid().as_raw(), &mut Vec::new()).unwrap();
        assert!(gone.iter().all(|name| !folder.path().join(name).exists()));
        assert!(stays.iter().all(|name| folder.path().join(name).exists()));
    }

    #[test]
    fn values_are_written_in_the_forms_that_readers_know() {
        let op = |account: Option<&str>| EnvValue::Op {
            reference: "op://Work/Kimi key/credential?attribute=otp".to_owned(),
            account: account.map(str::to_owned),
        };
        for (value, wanted) in [
            (EnvValue::Empty, "\"\""),
            (EnvValue::Literal("sk-\\x".into()), "'sk-\\x'"),
            (EnvValue::HostVar("A".to_owned()), "\"$A\""),
            (
                op(None),
                "{ op = \"op://Work/Kimi key/credential?attribute=otp\", path = \"Work/Kimi key/credential\" }",
            ),
            (
                op(Some("me")),
                "{ op = \"op://Work/Kimi key/credential?attribute=otp\", path = \"Work/Kimi key/credential\", account = \"me\" }",
            ),
            (EnvValue::File("/run/x".into()), "{ file = \"/run/x\" }"),
            (
                EnvValue::Command {
                    argv: vec!["pass".to_owned(), "a b".to_owned()],
                    timeout: config::COMMAND_TIMEOUT,
                },
                "{ command = [\"pass\", \"a b\"] }",
            ),
        ] {
            assert_eq!(written(&value).expose_secret(), wanted);
        }
    }
}
