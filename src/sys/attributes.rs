//! Extended attributes of open files.

use std::os::fd::OwnedFd;

/// Copies the extended attributes of one file to another, as far as the system lets us: all but
/// those of the file system itself, such as `system.posix_acl_access` and `system.nfs4_acl`, which
/// say who else may read the file.
#[cfg(target_os = "linux")]
pub(crate) fn copy(from: &OwnedFd, to: &OwnedFd) {
    for name in linux::names(from) {
        if name.to_bytes().starts_with(b"system.") {
            continue;
        }
        if let Some(value) = linux::value(from, &name) {
            linux::set(to, &name, &value);
        }
    }
}

/// Elsewhere the calls differ, and the attributes stay behind.
#[cfg(not(target_os = "linux"))]
pub(crate) fn copy(_from: &OwnedFd, _to: &OwnedFd) {}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "system calls without a safe wrapper")]
mod linux {
    use std::ffi::CStr;
    use std::ffi::CString;
    use std::os::fd::AsRawFd;
    use std::os::fd::OwnedFd;

    use nix::libc;

    /// No list and no value is larger, in bytes (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
    const LARGEST: usize = 1 << 16;

    pub(super) fn names(file: &OwnedFd) -> Vec<CString> {
        let mut list = vec![0_u8; LARGEST];
        // SAFETY: the kernel writes at most as many bytes as there are.
        let count =
            unsafe { libc::flistxattr(file.as_raw_fd(), list.as_mut_ptr().cast(), list.len()) };
        let Ok(count) = usize::try_from(count) else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for name in list.get(..count).unwrap_or_default().split_inclusive(|&byte| byte == 0) {
            names.extend(CStr::from_bytes_with_nul(name).map(CStr::to_owned));
        }
        names
    }

    pub(super) fn value(file: &OwnedFd, name: &CStr) -> Option<Vec<u8>> {
        let mut value = vec![0_u8; LARGEST];
        // SAFETY: the name ends with NUL; the kernel writes at most as many bytes as there are.
        let count = unsafe {
            libc::fgetxattr(file.as_raw_fd(), name.as_ptr(), value.as_mut_ptr().cast(), value.len())
        };
        value.truncate(usize::try_from(count).ok()?);
        Some(value)
    }

    pub(super) fn set(file: &OwnedFd, name: &CStr, value: &[u8]) {
        // SAFETY: the name ends with NUL, and the value is as long as it says. What may not be set
        // stays behind.
        let _ = unsafe {
            libc::fsetxattr(file.as_raw_fd(), name.as_ptr(), value.as_ptr().cast(), value.len(), 0)
        };
    }
}
