//! The start of the process: the C `main`, the standard descriptors, and what the kernel says about
//! the process.

#![expect(unsafe_code, reason = "the C library and the kernel hand over raw pointers")]

use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::ffi::c_char;
use std::ffi::c_int;
use std::os::unix::ffi::OsStrExt;

use nix::libc;

/// Defines the C `main` of the binary, with the allocator below, around a `fn(Vec<OsString>) ->
/// u8`.
///
/// Not Rust's own `main`: the runtime before it ignores SIGPIPE and opens /dev/null on closed
/// descriptors, and both would reach the command; and it makes 16 system calls that we don't need.
#[macro_export]
macro_rules! main {
    ($run:path) => {
        #[global_allocator]
        static ALLOCATOR: $crate::sys::Bump = $crate::sys::Bump::new();

        /// The entry point that the C library calls.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn main(
            count: ::std::ffi::c_int,
            arguments: *const *const ::std::ffi::c_char,
        ) -> ::std::ffi::c_int {
            // SAFETY: these are the C library's own arguments, and this is the one call.
            unsafe { $crate::sys::start(count, arguments, $run) }
        }
    };
}

/// Runs `run` on the process's arguments; its result is the exit status.
///
/// # Safety
///
/// `count` and `arguments` are what the C library hands to `main`: a vector that ends in a null
/// pointer and is never freed.
pub unsafe fn start(
    count: c_int,
    arguments: *const *const c_char,
    run: fn(Vec<OsString>) -> u8,
) -> c_int {
    hide_memory();
    fill_standard_descriptors();
    // SAFETY: promised by the caller.
    let arguments = unsafe { strings(arguments) };
    let count = usize::try_from(count).unwrap_or(0);
    let arguments = arguments.into_iter().take(count);
    c_int::from(run(arguments
        .map(|argument| OsStr::from_bytes(argument.to_bytes()).to_owned())
        .collect()))
}

/// Keeps core files and other processes of the same user away from our memory. Ends at execve,
/// unlike a resource limit, which the command would inherit.
fn hide_memory() {
    #[cfg(target_os = "linux")]
    // It cannot fail with this argument, and there would be no better fallback.
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Puts /dev/null on the standard descriptors that our caller closed, so that no file of ours
/// becomes one of them.
///
/// Close-on-exec: for the command they are closed, as they were for us.
fn fill_standard_descriptors() {
    for _ in 0..closed_standard_descriptors() {
        // SAFETY: a constant path. The kernel takes the lowest free descriptor, so each call fills
        // one gap.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    }
}

/// How many of the standard descriptors are closed, with one system call.
#[cfg(target_os = "linux")]
fn closed_standard_descriptors() -> usize {
    let mut standard = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the array is ours, its length is right, and a timeout of zero returns at once.
    if unsafe { libc::poll(standard.as_mut_ptr(), 3, 0) } <= 0 {
        return 0;
    }
    standard.iter().filter(|entry| entry.revents & libc::POLLNVAL != 0).count()
}

/// How many of the standard descriptors are closed. Not by `poll`: that of macOS does not report a
/// closed descriptor, and reports a terminal as if it were one.
#[cfg(not(target_os = "linux"))]
fn closed_standard_descriptors() -> usize {
    // SAFETY: a query about a descriptor, which may be closed.
    (0..3).filter(|&fd| unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1).count()
}

/// The entries of the environment as they are: in order, with duplicates, and with entries that
/// hold no `=`.
///
/// Borrowed from the block that the kernel made. Nothing in this program changes its own
/// environment.
pub fn environment() -> Vec<&'static CStr> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: read once, by one thread, and never written; the block lives as long as the process
    // does.
    unsafe { strings(environ) }
}

/// # Safety
///
/// `vector` is null, or a vector of C strings that ends in a null pointer and is never freed or
/// changed.
unsafe fn strings(vector: *const *const c_char) -> Vec<&'static CStr> {
    let mut found = Vec::with_capacity(64);
    if vector.is_null() {
        return found;
    }
    for index in 0.. {
        // SAFETY: the null pointer at the end has not been passed yet.
        let entry = unsafe { *vector.add(index) };
        if entry.is_null() {
            break;
        }
        // SAFETY: promised by the caller.
        found.push(unsafe { CStr::from_ptr(entry) });
    }
    found
}

/// The ids of the process, without a system call: the kernel passes them in the auxiliary vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    /// Real user id.
    pub user: u32,
    /// Effective user id: who owns the files that we make.
    pub effective_user: u32,
    /// Real group id.
    pub group: u32,
    /// Effective group id.
    pub effective_group: u32,
}

/// The ids of this process.
#[cfg(target_os = "linux")]
pub fn ids() -> Ids {
    let read = |kind| u32::try_from(auxiliary(kind)).unwrap_or(u32::MAX);
    Ids {
        user: read(libc::AT_UID),
        effective_user: read(libc::AT_EUID),
        group: read(libc::AT_GID),
        effective_group: read(libc::AT_EGID),
    }
}

/// The ids of this process.
#[cfg(not(target_os = "linux"))]
pub fn ids() -> Ids {
    Ids {
        user: nix::unistd::getuid().as_raw(),
        effective_user: nix::unistd::geteuid().as_raw(),
        group: nix::unistd::getgid().as_raw(),
        effective_group: nix::unistd::getegid().as_raw(),
    }
}

/// Whether the kernel started us in secure mode (`AT_SECURE`): set-id bits, file capabilities, or a
/// container's policy.
pub fn secure_mode() -> bool {
    #[cfg(target_os = "linux")]
    return auxiliary(libc::AT_SECURE) != 0;
    #[cfg(not(target_os = "linux"))]
    // SAFETY: a query about the process, without arguments.
    return unsafe { libc::issetugid() } != 0;
}

/// The path that our caller gave to execve (`AT_EXECFN`): how to find our own file where /proc is
/// not mounted, or leads to an emulator.
#[cfg(target_os = "linux")]
pub(crate) fn started_as() -> Option<&'static CStr> {
    let path = auxiliary(libc::AT_EXECFN) as *const c_char;
    // SAFETY: the kernel's pointer to a string on our stack, above every frame; it is never freed.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
}

#[cfg(target_os = "linux")]
fn auxiliary(kind: libc::c_ulong) -> libc::c_ulong {
    // SAFETY: reads the vector that the kernel made; an unknown kind gives zero.
    unsafe { libc::getauxval(kind) }
}
