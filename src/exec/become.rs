//! Becoming the command.
//!
//! Not `std::os::unix::process::CommandExt::exec`: it resets SIGPIPE, sorts the environment, drops
//! entries that it does not understand, and runs scripts without `#!` on one C library only.

use std::borrow::Cow;
use std::ffi::CStr;
use std::ffi::CString;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;

use nix::errno::Errno;
use nix::sys::stat::FileStat;

use crate::exec::error::Error;
use crate::host::Entry;
use crate::host::Environment;
use crate::program::DEFAULT_PATH;
use crate::program::candidates;
use crate::program::own_file;
use crate::program::own_path;
use crate::typed::Typed;

/// The variable that carries the process id and a count, to detect commands that lead back to us.
pub const COUNT: &str = "JACKIN_EXEC_PID";

/// How many times in a row we may become ourselves before we report an error.
const MOST_ROUNDS: u32 = 8;

/// How deeply sessions may be nested: a script that starts us without `exec` would recurse without
/// end.
const DEEPEST: u32 = 32;

/// Becomes the command; returns only on an error, and leaves the entries unchanged.
pub fn exec(
    words: &[OsString],
    entries: &mut Vec<Cow<'static, CStr>>,
    ours: &Environment,
) -> Error {
    let (round, depth) = round(ours);
    if round > MOST_ROUNDS || depth > DEEPEST {
        return Error::Loop { command: typed(words), file: own_path() };
    }
    entries.push(count(round, depth).into());
    let error = search_and_become(words, entries);
    entries.pop();
    error
}

/// The command as typed, for messages.
fn typed(words: &[OsString]) -> Typed {
    match words.first() {
        Some(word) => Typed::new(word.to_string_lossy()),
        None => Typed::new(""),
    }
}

/// Tries each file that the first word can mean.
fn search_and_become(words: &[OsString], entries: &[Cow<'static, CStr>]) -> Error {
    let mut argv: Vec<CString> = Vec::with_capacity(words.len());
    for word in words {
        match CString::new(word.as_bytes()) {
            Ok(word) => argv.push(word),
            Err(_) => return Error::NulInArgument,
        }
    }
    let word = argv.first().map_or(&b""[..], |word| word.to_bytes());
    let entries_path = entries.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH="));
    let search = candidates(word, entries_path.unwrap_or(DEFAULT_PATH));
    // A path that was typed means that file, even if it is ours.
    let own = if word.contains(&b'/') { None } else { own_file() };
    let mut refused: Option<Error> = None;
    for path in search {
        let Ok(c_path) = CString::new(path) else {
            return Error::NulInArgument;
        };
        let found = nix::sys::stat::stat(c_path.as_c_str());
        // Trying would give the same error. This is the case for nearly every entry of PATH.
        if matches!(found, Err(Errno::ENOENT | Errno::ENOTDIR)) {
            continue;
        }
        if let (Ok(found), Some(own)) = (&found, own)
            && own == (found.st_dev, found.st_ino)
        {
            continue;
        }
        let errno = become_file(&c_path, &argv, entries);
        let shown = || OsString::from_vec(c_path.to_bytes().to_vec());
        match errno {
            Errno::E2BIG => return too_big(&argv, entries),
            // `env` skips these, too: the file does not exist or cannot be reached.
            Errno::ENOENT if found.is_err() => {}
            Errno::ENOTDIR | Errno::ESTALE | Errno::ENODEV | Errno::ETIMEDOUT => {}
            Errno::ENOENT => refused = refused.or(Some(Error::NoInterpreter { path: shown() })),
            Errno::EACCES => refused = refused.or(Some(denied(shown(), found.ok()))),
            errno => {
                return Error::CannotRun { path: shown(), errno };
            }
        }
    }
    match refused {
        Some(error) => error,
        None => Error::NotFound { command: typed(words), hint: None },
    }
}

#[expect(clippy::expect_used, reason = "digits and colons are no NUL")]
fn count(round: u32, depth: u32) -> CString {
    let entry = format!("{COUNT}={}:{round}:{depth}", nix::unistd::getpid());
    CString::new(entry).expect("a count holds no NUL")
}

/// Tries one file. One whose format the kernel does not recognise is a script for sh, as it is for
/// every shell.
fn become_file(path: &CStr, argv: &[CString], entries: &[Cow<'static, CStr>]) -> Errno {
    let Err(errno) = nix::unistd::execve(path, argv, entries);
    if errno != Errno::ENOEXEC {
        return errno;
    }
    let mut words = vec![c"/bin/sh", path];
    words.extend(argv.iter().skip(1).map(CString::as_c_str));
    let Err(errno) = nix::unistd::execve(c"/bin/sh", &words, entries);
    errno
}

fn denied(path: OsString, found: Option<FileStat>) -> Error {
    let directory = match found {
        Some(found) => found.st_mode & nix::libc::S_IFMT == nix::libc::S_IFDIR,
        None => false,
    };
    Error::Denied { path, directory }
}

/// The kernel's limit for one argument or variable, in bytes, with its NUL: 32 pages on Linux;
/// macOS limits only the total.
const LONGEST: Option<usize> = if cfg!(target_os = "linux") { Some(131_072) } else { None };

/// Finds the part that was too long. The error has its name and size, but not its text.
fn too_big(argv: &[CString], entries: &[Cow<'static, CStr>]) -> Error {
    let mut total = 0;
    let mut argument = 0;
    for word in argv {
        let size = word.as_bytes_with_nul().len();
        total += size;
        argument = argument.max(size);
    }
    let mut variable = (0, String::new());
    for entry in entries {
        let size = entry.to_bytes_with_nul().len();
        total += size;
        if size >= variable.0 {
            let name = Entry::new(entry).map_or(&b""[..], |entry| entry.name);
            variable = (size, String::from_utf8_lossy(name).into_owned());
        }
    }
    let (size, name) = variable;
    match LONGEST {
        Some(limit) if argument > limit => Error::ArgumentTooLong { size: argument, limit },
        Some(limit) if size > limit => Error::VariableTooLong { name, size, limit },
        _ => Error::EnvironmentTooBig { name, size, total },
    }
}

/// How often this process has become us, this time included, and in how many such processes it is
/// nested.
fn round(ours: &Environment) -> (u32, u32) {
    let Some(before) = ours.text(COUNT) else {
        return (1, 0);
    };
    let mut numbers = before.split(':').map(str::parse::<u32>);
    let (Some(Ok(process)), Some(Ok(round))) = (numbers.next(), numbers.next()) else {
        return (1, 0);
    };
    let depth = match numbers.next() {
        Some(Ok(depth)) => depth,
        _ => 0,
    };
    if i64::from(process) == i64::from(nix::unistd::getpid().as_raw()) {
        (round.saturating_add(1), depth)
    } else {
        (1, depth.saturating_add(1))
    }
}

/// Whether the command that this process became has become us again.
pub fn is_again(ours: &Environment) -> bool {
    round(ours).0 > 1
}
