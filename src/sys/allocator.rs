//! The allocator.

#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::ffi::c_int;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use nix::libc;

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
