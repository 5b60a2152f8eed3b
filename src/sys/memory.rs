//! `memcpy`, `memmove`, `memset`, `memcmp` and `bcmp` for the static file of x86-64, in the place of
//! musl's.
//!
//! musl copies and fills with `rep movsq` and `rep stosq`, which take some thirty cycles to begin,
//! and compares byte by byte. A launch copies a few thousand texts of 10 to 100 bytes, and a fifth
//! of its own time went there (`perf record`, 2026-11-27). These use 16 bytes at a time and, for
//! what is left, moves that overlap.
//!
//! Assembler, because a compiler may make a call of `memcpy` out of a loop that copies.

#![expect(unsafe_code, reason = "assembler, and the names of the C library")]

use std::arch::global_asm;

// memcpy(rdi: to, rsi: from, rdx: count) -> rax: to; memmove is the same function.
//
// Up to 32 bytes, everything is read before anything is written. Above, the 32 bytes at the end
// (at the start, if `to` lies inside of what is copied) are read first and written last.
global_asm!(
    ".section .text.memcpy,\"ax\",@progbits",
    ".globl memcpy, memmove",
    ".type memcpy, @function",
    ".type memmove, @function",
    ".p2align 4",
    "memcpy:",
    "memmove:",
    "mov rax, rdi",
    "cmp rdx, 16",
    "jae 16f",
    "cmp edx, 8",
    "jae 8f",
    "cmp edx, 4",
    "jae 4f",
    "test edx, edx",
    "je 2f",
    // 1 to 3 bytes: the first, the middle one and the last, which may be the same.
    "mov ecx, edx",
    "shr ecx, 1",
    "movzx r8d, byte ptr [rsi]",
    "movzx r9d, byte ptr [rsi + rcx]",
    "movzx r10d, byte ptr [rsi + rdx - 1]",
    "mov byte ptr [rdi], r8b",
    "mov byte ptr [rdi + rcx], r9b",
    "mov byte ptr [rdi + rdx - 1], r10b",
    "2: ret",
    "4:",
    "mov ecx, dword ptr [rsi]",
    "mov r8d, dword ptr [rsi + rdx - 4]",
    "mov dword ptr [rdi], ecx",
    "mov dword ptr [rdi + rdx - 4], r8d",
    "ret",
    "8:",
    "mov rcx, qword ptr [rsi]",
    "mov r8, qword ptr [rsi + rdx - 8]",
    "mov qword ptr [rdi], rcx",
    "mov qword ptr [rdi + rdx - 8], r8",
    "ret",
    "16:",
    "cmp rdx, 32",
    "ja 32f",
    "movups xmm0, xmmword ptr [rsi]",
    "movups xmm1, xmmword ptr [rsi + rdx - 16]",
    "movups xmmword ptr [rdi], xmm0",
    "movups xmmword ptr [rdi + rdx - 16], xmm1",
    "ret",
    "32:",
    "mov rcx, rdi",
    "sub rcx, rsi",
    "cmp rcx, rdx",
    "jb 33f",
    // Forwards.
    "movups xmm2, xmmword ptr [rsi + rdx - 32]",
    "movups xmm3, xmmword ptr [rsi + rdx - 16]",
    "lea r8, [rdi + rdx]",
    "3:",
    "movups xmm0, xmmword ptr [rsi]",
    "movups xmm1, xmmword ptr [rsi + 16]",
    "movups xmmword ptr [rdi], xmm0",
    "movups xmmword ptr [rdi + 16], xmm1",
    "add rsi, 32",
    "add rdi, 32",
    "sub rdx, 32",
    "cmp rdx, 32",
    "ja 3b",
    "movups xmmword ptr [r8 - 32], xmm2",
    "movups xmmword ptr [r8 - 16], xmm3",
    "ret",
    // Backwards: `to` lies inside of what is copied.
    "33:",
    "movups xmm2, xmmword ptr [rsi]",
    "movups xmm3, xmmword ptr [rsi + 16]",
    "3:",
    "movups xmm0, xmmword ptr [rsi + rdx - 16]",
    "movups xmm1, xmmword ptr [rsi + rdx - 32]",
    "movups xmmword ptr [rdi + rdx - 16], xmm0",
    "movups xmmword ptr [rdi + rdx - 32], xmm1",
    "sub rdx, 32",
    "cmp rdx, 32",
    "ja 3b",
    "movups xmmword ptr [rdi], xmm2",
    "movups xmmword ptr [rdi + 16], xmm3",
    "ret",
    ".size memcpy, . - memcpy",
    ".size memmove, . - memmove",
);

// memset(rdi: to, esi: byte, rdx: count) -> rax: to.
global_asm!(
    ".section .text.memset,\"ax\",@progbits",
    ".globl memset",
    ".type memset, @function",
    ".p2align 4",
    "memset:",
    "mov rax, rdi",
    "movzx esi, sil",
    "movabs rcx, 0x0101010101010101",
    "imul rcx, rsi",
    "cmp rdx, 16",
    "jae 16f",
    "cmp edx, 8",
    "jae 8f",
    "cmp edx, 4",
    "jae 4f",
    "test edx, edx",
    "je 2f",
    "mov byte ptr [rdi], cl",
    "mov byte ptr [rdi + rdx - 1], cl",
    "shr edx, 1",
    "mov byte ptr [rdi + rdx], cl",
    "2: ret",
    "4:",
    "mov dword ptr [rdi], ecx",
    "mov dword ptr [rdi + rdx - 4], ecx",
    "ret",
    "8:",
    "mov qword ptr [rdi], rcx",
    "mov qword ptr [rdi + rdx - 8], rcx",
    "ret",
    "16:",
    "movq xmm0, rcx",
    "punpcklqdq xmm0, xmm0",
    "lea r8, [rdi + rdx - 16]",
    "3:",
    "movups xmmword ptr [rdi], xmm0",
    "add rdi, 16",
    "cmp rdi, r8",
    "jb 3b",
    "movups xmmword ptr [r8], xmm0",
    "ret",
    ".size memset, . - memset",
);

// memcmp(rdi: one, rsi: other, rdx: count) -> eax: below, equal to or above zero; bcmp is the same
// function. Eight bytes as one number, the first byte being the highest.
global_asm!(
    ".section .text.memcmp,\"ax\",@progbits",
    ".globl memcmp, bcmp",
    ".type memcmp, @function",
    ".type bcmp, @function",
    ".p2align 4",
    "memcmp:",
    "bcmp:",
    "cmp rdx, 8",
    "jb 3f",
    "lea r8, [rdi + rdx - 8]",
    "lea r9, [rsi + rdx - 8]",
    "2:",
    "mov rax, qword ptr [rdi]",
    "mov rcx, qword ptr [rsi]",
    "cmp rax, rcx",
    "jne 4f",
    "add rdi, 8",
    "add rsi, 8",
    "cmp rdi, r8",
    "jb 2b",
    "mov rax, qword ptr [r8]",
    "mov rcx, qword ptr [r9]",
    "cmp rax, rcx",
    "jne 4f",
    "xor eax, eax",
    "ret",
    "4:",
    "bswap rax",
    "bswap rcx",
    "cmp rax, rcx",
    "sbb eax, eax",
    "or eax, 1",
    "ret",
    // Fewer than 8 bytes, one by one.
    "3:",
    "xor r8d, r8d",
    "5:",
    "cmp r8, rdx",
    "je 6f",
    "movzx eax, byte ptr [rdi + r8]",
    "movzx ecx, byte ptr [rsi + r8]",
    "inc r8",
    "sub eax, ecx",
    "je 5b",
    "ret",
    "6:",
    "xor eax, eax",
    "ret",
    ".size memcmp, . - memcmp",
    ".size bcmp, . - bcmp",
);

#[cfg(test)]
mod tests {
    use nix::libc;

    /// Counts go up to this one: past two rounds of the longest loop.
    const COUNT: usize = 100;
    const LENGTH: usize = COUNT + 64;

    fn bytes() -> Vec<u8> {
        (0..LENGTH).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn a_copy_has_the_bytes_and_changes_no_other_also_where_both_overlap() {
        for count in 0..COUNT {
            for from in 0..16 {
                for to in 0..48 {
                    let mut expected = bytes();
                    expected.copy_within(from..from + count, to);
                    let mut copied = bytes();
                    let start = copied.as_mut_ptr();
                    // SAFETY: both pieces lie inside of the buffer.
                    let returned = unsafe {
                        libc::memmove(start.add(to).cast(), start.add(from).cast(), count)
                    };
                    assert_eq!(returned, start.wrapping_add(to).cast());
                    assert_eq!(copied, expected, "{count} bytes from {from} to {to}");
                }
            }
        }
    }

    #[test]
    fn filling_sets_the_bytes_and_no_other() {
        for count in 0..COUNT {
            for to in 0..16 {
                let mut expected = bytes();
                expected[to..to + count].fill(0xA5);
                let mut filled = bytes();
                // SAFETY: the piece lies inside of the buffer. Only the lowest byte counts.
                unsafe { libc::memset(filled.as_mut_ptr().add(to).cast(), 0x77A5, count) };
                assert_eq!(filled, expected, "{count} bytes at {to}");
            }
        }
    }

    #[test]
    fn the_first_byte_that_differs_decides() {
        let one = bytes();
        for count in 0..COUNT {
            for differs in 0..=count {
                for higher in [false, true] {
                    let mut other = bytes();
                    // A later difference, and one behind the end, decide nothing.
                    for byte in &mut other[differs + 1..] {
                        *byte ^= 0x80;
                    }
                    let byte = if higher { 0xFF } else { 0 };
                    other[differs] = byte;
                    let expected = one[..count].cmp(&other[..count]);
                    // SAFETY: both buffers hold so many bytes.
                    let told =
                        unsafe { libc::memcmp(one.as_ptr().cast(), other.as_ptr().cast(), count) };
                    assert_eq!(told.cmp(&0), expected, "{count} bytes, {differs}, {byte}");
                }
            }
        }
    }
}
