//! The allocator.

#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::ffi::c_int;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use nix::libc;

/// An allocator that hands out memory and never takes it back, except from the last block.
///
/// The process lives for a millisecond and its memory ends at execve: freeing memory would be
/// wasted work. With musl's own allocator the same launch takes 2.4 times the system calls
/// (docs/performance.md).
#[derive(Debug)]
pub struct Bump {
    /// The first free byte of the current chunk.
    next: AtomicUsize,
    /// The end of the current chunk.
    end: AtomicUsize,
    /// Held by the thread that takes a new chunk.
    growing: AtomicBool,
    /// The size of the chunks so far, in bytes.
    total: AtomicUsize,
}

/// Enough for a launch with a few files in one chunk, in bytes: four scopes with 20 variables take
/// 38 KiB, and 16 KiB more if the workspace is found by the current directory. Its pages are mapped
/// at once: mapped one by one, each would cost a page fault.
const CHUNK: usize = 64 << 10;

/// Maps all pages at once, if the system can.
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
            total: AtomicUsize::new(0),
        }
    }

    /// Takes a new chunk that holds at least `size` bytes; the rest of the old one is abandoned.
    fn grow(&self, size: usize) -> bool {
        let total = self.total.load(Ordering::SeqCst);
        let Some(length) = size.checked_add(next_chunk(total)) else {
            return false;
        };
        let Some(chunk) = map(length) else {
            return false;
        };
        self.total.fetch_add(length, Ordering::SeqCst);
        while self.growing.swap(true, Ordering::SeqCst) {
            std::hint::spin_loop();
        }
        // The end is set to zero first: between the two stores, no thread can allocate from a
        // mixture of two chunks.
        self.end.store(0, Ordering::SeqCst);
        self.next.store(chunk.start, Ordering::SeqCst);
        self.end.store(chunk.end, Ordering::SeqCst);
        self.growing.store(false, Ordering::SeqCst);
        true
    }
}

/// How many bytes the next chunk holds besides the block that it is taken for: as many as all
/// chunks so far, so that a configuration of a hundred thousand variables takes tens of chunks, not
/// hundreds.
const fn next_chunk(total: usize) -> usize {
    const LARGEST: usize = 32 << 20;
    if total < CHUNK {
        CHUNK
    } else if total < LARGEST {
        total
    } else {
        LARGEST
    }
}

/// From this size on, huge pages are fewer and cheaper faults than mapping every page at once.
const MANY_PAGES: usize = 4 << 20;

/// The size of a huge page, on most machines.
const HUGE_PAGE: usize = 2 << 20;

/// Fresh memory of at least this length; `None` if no address can hold it.
fn map(length: usize) -> Option<Range<usize>> {
    if length < MANY_PAGES {
        let start = pages(length, AT_ONCE);
        return Some(start..start + length);
    }
    // What lies outside of whole huge pages would be mapped by hundreds of faults. The part before
    // the first one is never touched, so it costs nothing.
    let length = length.checked_next_multiple_of(HUGE_PAGE)?;
    let start = pages(length.checked_add(HUGE_PAGE)?, 0).next_multiple_of(HUGE_PAGE);
    #[cfg(target_os = "linux")]
    // SAFETY: advice about memory that is ours and that nothing uses yet. A refusal changes nothing.
    unsafe {
        libc::madvise(start as *mut libc::c_void, length, libc::MADV_HUGEPAGE);
    }
    Some(start..start + length)
}

/// Fresh pages from the kernel. Ends the process if there are none.
fn pages(length: usize, flags: c_int) -> usize {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flags;
    // SAFETY: asks for fresh memory at a place of the kernel's choice.
    let chunk = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
    if chunk == libc::MAP_FAILED {
        out_of_memory();
    }
    chunk as usize
}

/// Ends the process with a message, where Rust would abort it. There is no memory for a longer
/// message.
#[cold]
fn out_of_memory() -> ! {
    const MESSAGE: &[u8] = b"jackin-exec: out of memory\n";
    // SAFETY: writes a constant, and ends the process without running anything else of it.
    unsafe {
        libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
        libc::_exit(125)
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
        // A growing vector is nearly always the last block: it grows in place.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// A block of an allocator; never null in these tests.
    fn alloc(bump: &Bump, size: usize, align: usize) -> usize {
        // SAFETY: no test asks for a size of zero.
        let block = unsafe { bump.alloc(layout(size, align)) } as usize;
        assert_ne!(block, 0, "{size} {align}");
        block
    }

    fn free(bump: &Bump, block: usize, size: usize) {
        // SAFETY: each test gives back what it got, with the same layout.
        unsafe { bump.dealloc(block as *mut u8, layout(size, 1)) };
    }

    fn resize(bump: &Bump, block: usize, from: usize, to: usize) -> usize {
        // SAFETY: the block is the test's own, and has this layout.
        unsafe { bump.realloc(block as *mut u8, layout(from, 1), to) as usize }
    }

    fn write(block: usize, size: usize, byte: u8) {
        // SAFETY: the block has this size.
        unsafe { std::ptr::write_bytes(block as *mut u8, byte, size) };
    }

    fn bytes(block: usize, size: usize) -> Vec<u8> {
        // SAFETY: the block has this size, and was written.
        unsafe { std::slice::from_raw_parts(block as *const u8, size) }.to_vec()
    }

    #[test]
    fn blocks_follow_each_other_at_the_next_aligned_address() {
        let bump = Bump::new();
        let mut last = alloc(&bump, 1, 4096) + 1;
        for (size, align) in [(1, 1), (3, 2), (8, 8), (1, 16), (5, 1), (64, 64), (1, 4096), (7, 1)]
        {
            let block = alloc(&bump, size, align);
            assert_eq!(block % align, 0, "{size} {align}");
            assert_eq!(block, last.next_multiple_of(align), "{size} {align}");
            write(block, size, 1);
            last = block + size;
        }
    }

    #[test]
    fn a_chunk_is_used_to_its_last_byte() {
        let bump = Bump::new();
        let first = alloc(&bump, 1, 1);
        let rest = bump.end.load(Ordering::SeqCst) - (first + 1);
        assert_eq!(alloc(&bump, rest, 1), first + 1);
        assert_eq!(bump.next.load(Ordering::SeqCst), bump.end.load(Ordering::SeqCst));
        let chunk = bump.end.load(Ordering::SeqCst);
        write(alloc(&bump, 1, 1), 1, 1);
        assert_ne!(bump.end.load(Ordering::SeqCst), chunk, "one byte more takes a fresh chunk");
    }

    #[test]
    fn a_block_larger_than_a_chunk_gets_a_chunk_that_holds_it() {
        for (size, align) in [(CHUNK, 1), (CHUNK + 1, 4096), (3 * CHUNK, 64), (1 << 20, 1 << 16)] {
            let bump = Bump::new();
            let block = alloc(&bump, size, align);
            write(block, size, 7);
            assert_eq!(block % align, 0);
            assert!(block + size <= bump.end.load(Ordering::SeqCst), "{size} {align}");
            assert!(bump.end.load(Ordering::SeqCst) - block - size <= CHUNK + align);
        }
    }

    #[test]
    fn a_large_chunk_is_whole_huge_pages() {
        for size in [MANY_PAGES, MANY_PAGES + 1, 5 * HUGE_PAGE - 7] {
            let chunk = map(size).unwrap();
            assert!(chunk.len() >= size && chunk.len() < size + HUGE_PAGE, "{size}");
            assert_eq!((chunk.start % HUGE_PAGE, chunk.end % HUGE_PAGE), (0, 0), "{size}");
            write(chunk.start, chunk.len(), 1);
        }
        assert_eq!(map(usize::MAX - 1), None);
    }

    #[test]
    fn the_last_block_is_taken_back_and_no_other() {
        let bump = Bump::new();
        let (first, second) = (alloc(&bump, 10, 1), alloc(&bump, 20, 1));
        free(&bump, first, 10);
        assert_eq!(alloc(&bump, 1, 1), second + 20, "the first is not handed out again");
        free(&bump, second + 20, 1);
        free(&bump, second, 20);
        assert_eq!(alloc(&bump, 5, 1), second, "the last is");
    }

    #[test]
    fn the_last_block_grows_and_shrinks_where_it_is() {
        let bump = Bump::new();
        let block = alloc(&bump, 10, 1);
        write(block, 10, 9);
        for (from, to) in [(10, 30), (30, 31), (31, 4)] {
            assert_eq!(resize(&bump, block, from, to), block, "{from} to {to}");
            assert_eq!(bump.next.load(Ordering::SeqCst), block + to, "{from} to {to}");
        }
        assert_eq!(bytes(block, 4), [9; 4]);
    }

    #[test]
    fn another_block_moves_with_its_bytes_to_grow_and_stays_to_shrink() {
        let bump = Bump::new();
        let (block, last) = (alloc(&bump, 4, 1), alloc(&bump, 4, 1));
        write(block, 4, 5);
        write(last, 4, 6);
        assert_eq!(resize(&bump, block, 4, 3), block);
        assert_eq!(resize(&bump, block, 4, 4), block);
        let moved = resize(&bump, block, 4, 8);
        assert_eq!(moved, last + 4);
        write(moved + 4, 4, 1);
        assert_eq!(bytes(moved, 8), [5, 5, 5, 5, 1, 1, 1, 1]);
        assert_eq!(bytes(last, 4), [6; 4]);
    }

    #[test]
    fn the_last_block_moves_where_its_chunk_ends() {
        let bump = Bump::new();
        let block = alloc(&bump, 8, 1);
        write(block, 8, 3);
        let room = bump.end.load(Ordering::SeqCst) - block;
        assert_eq!(resize(&bump, block, 8, room), block, "up to the end");
        let moved = resize(&bump, block, room, room + 1);
        assert_ne!(moved, block);
        assert_eq!(bytes(moved, 8), [3; 8]);
    }

    #[test]
    fn chunks_grow_with_what_was_taken_and_no_further_than_a_limit() {
        for (total, wanted) in [
            (0, CHUNK),
            (CHUNK - 1, CHUNK),
            (CHUNK, CHUNK),
            (3 * CHUNK, 3 * CHUNK),
            (32 << 20, 32 << 20),
            (usize::MAX, 32 << 20),
        ] {
            assert_eq!(next_chunk(total), wanted, "{total}");
        }
    }

    #[test]
    fn what_no_address_can_hold_is_refused() {
        let bump = Bump::new();
        let block = alloc(&bump, 8, 1);
        assert_eq!(resize(&bump, block, 8, usize::MAX - 8), 0);
        assert_eq!(alloc(&bump, 8, 1), block + 8, "the allocator goes on");
    }

    #[test]
    fn threads_never_get_the_same_byte() {
        static BUMP: Bump = Bump::new();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| (0..2000).map(|_| alloc(&BUMP, 96, 8)).collect::<Vec<_>>())
            })
            .collect();
        let mut blocks: Vec<_> =
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        blocks.sort_unstable();
        assert_eq!(blocks.len(), 8000);
        assert!(blocks.windows(2).all(|pair| pair[0] + 96 <= pair[1]));
    }
}
