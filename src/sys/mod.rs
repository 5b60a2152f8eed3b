//! The only `unsafe` of the program: what the operating system hands to a process at its start,
//! signal handlers, and the allocator. Each function is a safe wrapper that knows nothing of what
//! it is used for.

#![expect(
    unsafe_code,
    reason = "this is the one file that talks to the system without a safe wrapper"
)]

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::ffi::CStr;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::ffi::c_char;
use std::ffi::c_int;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::SaFlags;
use nix::sys::signal::SigAction;
use nix::sys::signal::SigHandler;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitPidFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

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
    // Cannot fail with this argument; and there would be nothing better to do.
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Puts /dev/null on the standard descriptors that our caller closed, so that no file of ours
/// becomes one of them.
///
/// Close-on-exec: for the command they are closed, as they were for us.
fn fill_standard_descriptors() {
    let mut standard = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the array is ours, its length is right, and a timeout of zero returns at once.
    if unsafe { libc::poll(standard.as_mut_ptr(), 3, 0) } <= 0 {
        return;
    }
    for _ in standard.iter().filter(|entry| entry.revents & libc::POLLNVAL != 0) {
        // SAFETY: a constant path. The kernel takes the lowest free descriptor, so each call fills
        // one gap.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    }
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

/// Who the process is, without a system call: the kernel says so in the auxiliary vector.
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
    false
}

/// The path that our caller gave to execve (`AT_EXECFN`): how to find our own file where /proc is
/// not mounted.
pub fn started_as() -> Option<&'static CStr> {
    #[cfg(target_os = "linux")]
    {
        let path = auxiliary(libc::AT_EXECFN) as *const c_char;
        // SAFETY: the kernel's pointer to a string on our stack, above every frame; it is never
        // freed.
        (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(target_os = "linux")]
fn auxiliary(kind: libc::c_ulong) -> libc::c_ulong {
    // SAFETY: reads the vector that the kernel made; an unknown kind gives zero.
    unsafe { libc::getauxval(kind) }
}

/// How many rows a terminal's window has; none if it does not say.
pub fn rows(terminal: impl AsFd) -> Option<usize> {
    let mut size = std::mem::MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: the descriptor is open, and the structure is what this request fills.
    let known =
        unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) }
            == 0;
    // SAFETY: zeros are a window's size, too.
    Some(usize::from(unsafe { size.assume_init() }.ws_row)).filter(|&rows| known && rows > 0)
}

/// How many columns the terminal on a descriptor has; none if it is no terminal or does not know.
pub fn columns(file: &impl AsRawFd) -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel writes one winsize to ours.
    let answer = unsafe { libc::ioctl(file.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (answer == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// The signals that end a process that leaves them alone, and that a person or a program sends.
pub const ENDING: [Signal; 8] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGALRM,
    Signal::SIGPIPE,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
];

/// The signals that a [`Trap`] caught and nobody has taken yet: one bit each, so that none hides
/// another.
static CAUGHT: AtomicU64 = AtomicU64::new(0);

extern "C" fn remember(signal: c_int) {
    CAUGHT.fetch_or(1 << signal, Ordering::Relaxed);
}

/// Catches signals for a while: those that would end or stop us and that our caller left at their
/// default.
///
/// What the caller chose to ignore stays ignored. Dropping it puts the dispositions back.
#[derive(Debug)]
pub struct Trap {
    before: Vec<(Signal, SigAction)>,
}

impl Trap {
    /// Starts to catch `signals`.
    pub fn new(signals: &[Signal]) -> Self {
        let ours = SigAction::new(SigHandler::Handler(remember), SaFlags::empty(), SigSet::empty());
        let mut before = Vec::new();
        for &signal in signals.iter().filter(|&&signal| is_default(signal)) {
            if let Some(old) = set(signal, &ours) {
                before.push((signal, old));
            }
        }
        Self { before }
    }

    /// The signals that are being caught, for a mask.
    pub fn set(&self) -> SigSet {
        self.before.iter().map(|(signal, _)| *signal).collect()
    }

    /// A signal that was caught and not taken yet, if there is one; those that end us come before
    /// one that stops us.
    pub fn take(&self) -> Option<Signal> {
        let caught = CAUGHT.load(Ordering::Relaxed);
        let signal = Signal::try_from(i32::try_from(caught.trailing_zeros()).ok()?).ok()?;
        CAUGHT.fetch_and(!(1 << signal as c_int), Ordering::Relaxed);
        Some(signal)
    }

    /// Lets a signal that was taken do what it would have done without us. The kernel decides what
    /// that is: in a group that nobody could continue, for instance, a stop does nothing.
    pub fn pass_on(&self, signal: Signal) {
        let Some((_, old)) = self.before.iter().find(|(caught, _)| *caught == signal) else {
            return;
        };
        let Some(ours) = set(signal, old) else {
            return;
        };
        let mut mask = SigSet::empty();
        // None of these can fail with such arguments. Raised while it is blocked, it comes when it
        // no longer is, so that it has happened before the handler stands again.
        let _ = nix::sys::signal::pthread_sigmask(
            SigmaskHow::SIG_BLOCK,
            Some(&signal.into()),
            Some(&mut mask),
        );
        let _ = nix::sys::signal::raise(signal);
        let _ =
            nix::sys::signal::pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&signal.into()), None);
        let _ = nix::sys::signal::pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);
        set(signal, &ours);
    }

    /// Puts the dispositions back before the end. A signal that nobody has taken comes again, and
    /// does what it would have done without us.
    pub fn restore(&mut self) {
        for (signal, old) in self.before.drain(..) {
            set(signal, &old);
        }
        while let Some(signal) = self.take() {
            let _ = nix::sys::signal::raise(signal);
        }
    }
}

/// Whether a signal does what it does by default. Asked, and not found out by setting something
/// else: a signal that is ignored must not meet a handler even for a moment.
fn is_default(signal: Signal) -> bool {
    let mut found = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action this only writes the present one.
    let written =
        unsafe { libc::sigaction(signal as c_int, std::ptr::null(), found.as_mut_ptr()) } == 0;
    // SAFETY: it was written.
    written && unsafe { found.assume_init() }.sa_sigaction == libc::SIG_DFL
}

/// Sets what a signal does, and gives what it did before.
fn set(signal: Signal, action: &SigAction) -> Option<SigAction> {
    // SAFETY: the only handler that any action names is `remember`, which only changes an atomic.
    unsafe { nix::sys::signal::sigaction(signal, action) }.ok()
}

/// While it lives, ended children wait until we ask for their status, even if our caller ignores
/// SIGCHLD, which would throw it away. Dropping it puts the disposition back.
#[derive(Debug)]
pub struct Children(Option<SigAction>);

impl Children {
    /// Starts to keep them.
    pub fn keep() -> Self {
        if is_default(Signal::SIGCHLD) {
            return Self(None);
        }
        Self(set(
            Signal::SIGCHLD,
            &SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty()),
        ))
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            set(Signal::SIGCHLD, &before);
        }
    }
}

/// How long a process that was killed may take to end, on a machine that is busy.
pub const FAREWELL: Duration = Duration::from_secs(1);

/// How often it is looked whether it has.
const SOON: Duration = Duration::from_millis(1);

/// Reaps a child that was killed. Not for ever: one that has become another user's, as `sudo` does,
/// cannot be killed.
pub fn reap(process: Pid) {
    let start = Instant::now();
    while start.elapsed() < FAREWELL {
        match nix::sys::wait::waitpid(process, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(SOON),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.restore();
    }
}

/// An allocator that hands out memory and never takes it back, except from the last block.
///
/// The process lives for a millisecond and its memory ends at execve: freeing is work for nobody.
/// With musl's own allocator the same launch takes 2.4 times the system calls
/// (docs/performance.md).
#[derive(Debug)]
pub struct Bump {
    /// The first free byte of the current chunk.
    next: AtomicUsize,
    /// The end of the current chunk.
    end: AtomicUsize,
    /// Held by whoever takes a fresh chunk.
    growing: AtomicBool,
}

/// Enough for a launch with a few files in one chunk, in bytes. Its pages are mapped at once: one
/// by one they would cost a page fault each.
const CHUNK: usize = 96 << 10;

/// Asks for pages at once, where the system can.
#[cfg(target_os = "linux")]
const AT_ONCE: c_int = libc::MAP_POPULATE;
#[cfg(not(target_os = "linux"))]
const AT_ONCE: c_int = 0;

impl Default for Bump {
    fn default() -> Self {
        Self::new()
    }
}

impl Bump {
    /// An allocator without a chunk.
    pub const fn new() -> Self {
        Self {
            next: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            growing: AtomicBool::new(false),
        }
    }

    /// Takes a fresh chunk that holds at least `size` bytes; what is left of the old one is given
    /// up.
    fn grow(&self, size: usize) -> bool {
        let Some(length) = size.checked_add(CHUNK) else {
            return false;
        };
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | AT_ONCE;
        // SAFETY: asks for fresh memory at a place of the kernel's choice.
        let chunk = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
        if chunk == libc::MAP_FAILED {
            return false;
        }
        while self.growing.swap(true, Ordering::SeqCst) {
            std::hint::spin_loop();
        }
        // The end goes first to zero: between the two stores nobody can take from a mixture of two
        // chunks.
        self.end.store(0, Ordering::SeqCst);
        self.next.store(chunk as usize, Ordering::SeqCst);
        self.end.store(chunk as usize + length, Ordering::SeqCst);
        self.growing.store(false, Ordering::SeqCst);
        true
    }
}

// SAFETY: a block is handed out once, by the one compare-and-swap that moves `next` over it, lies
// inside a chunk that is never unmapped, and has the alignment that was asked for. A block of a
// chunk that was just given up is not handed out: `next` has changed, so the swap fails.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        loop {
            let next = self.next.load(Ordering::SeqCst);
            let start = next.wrapping_add(layout.align() - 1) & !(layout.align() - 1);
            let Some(after) = start.checked_add(layout.size()) else {
                return std::ptr::null_mut();
            };
            if after > self.end.load(Ordering::SeqCst) {
                if self.grow(layout.size() + layout.align()) {
                    continue;
                }
                return std::ptr::null_mut();
            }
            if self.next.compare_exchange(next, after, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                return start as *mut u8;
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let start = block as usize;
        // Only the last block can be taken back; for any other the exchange fails.
        let _ = self.next.compare_exchange(
            start + layout.size(),
            start,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = block as usize;
        let Some(after) = start.checked_add(size) else {
            return std::ptr::null_mut();
        };
        // A growing vector is nearly always the last block: it grows where it stands.
        let last = start + layout.size();
        let fits = after <= self.end.load(Ordering::SeqCst);
        if fits
            && self.next.compare_exchange(last, after, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        {
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller's promise on the layout; the new block is distinct from the old one
        // and larger.
        unsafe {
            let fresh = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !fresh.is_null() {
                std::ptr::copy_nonoverlapping(block, fresh, layout.size());
            }
            fresh
        }
    }
}
