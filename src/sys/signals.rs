//! Catching signals temporarily, and keeping ended children until their status is read.

#![expect(unsafe_code, reason = "signal handlers")]

use std::ffi::c_int;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use nix::libc;
use nix::sys::signal::SaFlags;
use nix::sys::signal::SigAction;
use nix::sys::signal::SigHandler;
use nix::sys::signal::SigSet;
use nix::sys::signal::SigmaskHow;
use nix::sys::signal::Signal;

/// The signals whose default action ends a process, and that a person or a program sends.
pub(crate) const ENDING: [Signal; 8] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGALRM,
    Signal::SIGPIPE,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
];

/// The signals that a [`Trap`] caught and that are still pending: one bit each, so that none hides
/// another.
static CAUGHT: AtomicU64 = AtomicU64::new(0);

extern "C" fn remember(signal: c_int) {
    CAUGHT.fetch_or(1 << signal, Ordering::Relaxed);
}

/// Catches signals temporarily: those that would end or stop us and that our caller left at their
/// default.
///
/// What the caller chose to ignore stays ignored. Dropping it restores the dispositions.
#[derive(Debug)]
pub(crate) struct Trap {
    before: Vec<(Signal, SigAction)>,
}

impl Trap {
    /// Starts to catch `signals`.
    pub(crate) fn new(signals: &[Signal]) -> Self {
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
    pub(crate) fn set(&self) -> SigSet {
        self.before.iter().map(|(signal, _)| *signal).collect()
    }

    /// A signal that was caught and not taken yet, if there is one; those that end us come before
    /// one that stops us.
    #[expect(clippy::unused_self, reason = "only while a trap lives is anything caught")]
    pub(crate) fn take(&self) -> Option<Signal> {
        let caught = CAUGHT.load(Ordering::Relaxed);
        let signal = Signal::try_from(i32::try_from(caught.trailing_zeros()).ok()?).ok()?;
        CAUGHT.fetch_and(!(1 << signal as c_int), Ordering::Relaxed);
        Some(signal)
    }

    /// Raises a caught signal again with its default disposition. The kernel decides its effect: in
    /// a process group that no one could continue, for instance, a stop does nothing.
    pub(crate) fn pass_on(&self, signal: Signal) {
        let Some((_, old)) = self.before.iter().find(|(caught, _)| *caught == signal) else {
            return;
        };
        let Some(ours) = set(signal, old) else {
            return;
        };
        let mut mask = SigSet::empty();
        // None of these can fail with such arguments. A signal raised while blocked is delivered
        // when it is unblocked, so it has taken effect before the handler is installed again.
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

    /// Restores the dispositions early. A signal that is still pending is raised again and has its
    /// usual effect.
    pub(crate) fn restore(&mut self) {
        for (signal, old) in self.before.drain(..) {
            set(signal, &old);
        }
        while let Some(signal) = self.take() {
            let _ = nix::sys::signal::raise(signal);
        }
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Whether a signal has its default disposition. Queried without setting another: an ignored signal
/// must not have a handler even for a moment.
fn is_default(signal: Signal) -> bool {
    let mut found = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action this only writes the present one.
    let written =
        unsafe { libc::sigaction(signal as c_int, std::ptr::null(), found.as_mut_ptr()) } == 0;
    // SAFETY: it was written.
    written && unsafe { found.assume_init() }.sa_sigaction == libc::SIG_DFL
}

/// Sets a signal's action and returns the previous one.
fn set(signal: Signal, action: &SigAction) -> Option<SigAction> {
    // SAFETY: the only handler that any action names is `remember`, which only changes an atomic.
    unsafe { nix::sys::signal::sigaction(signal, action) }.ok()
}

/// While it lives, ended children wait until we ask for their status, even if our caller ignores
/// SIGCHLD, which would throw it away. Dropping it restores the disposition.
#[derive(Debug)]
pub(crate) struct Children(Option<SigAction>);

impl Children {
    /// Starts to keep ended children.
    pub(crate) fn keep() -> Self {
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
