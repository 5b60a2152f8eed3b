//! The names in a folder.

use std::os::fd::OwnedFd;

use nix::errno::Errno;

/// Shows the name of each entry of an open folder, and whether the folder lists it as a regular
/// file. The folder's own position is moved.
///
/// Not the C library's `readdir`, which opens the folder again and asks for what is known already:
/// five system calls more.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a system call without a safe wrapper")]
pub(crate) fn each_name(folder: &OwnedFd, mut show: impl FnMut(&[u8], bool)) -> Result<(), Errno> {
    use std::os::fd::AsRawFd;

    use nix::libc;

    nix::unistd::lseek(folder, 0, nix::unistd::Whence::SeekSet)?;
    let mut buffer = vec![0_u8; 8 << 10];
    loop {
        let (start, length) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: the kernel writes at most `length` bytes to the buffer.
        let count =
            unsafe { libc::syscall(libc::SYS_getdents64, folder.as_raw_fd(), start, length) };
        let count = Errno::result(count)?;
        let listed = usize::try_from(count).ok().and_then(|count| buffer.get(..count));
        let Some(mut rest) = listed.filter(|listed| !listed.is_empty()) else {
            return Ok(());
        };
        while let Some((entry, others)) = first_entry(rest) {
            rest = others;
            let Some((kind, name)) = entry.get(18..).and_then(<[u8]>::split_first) else {
                continue;
            };
            let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
            show(name.get(..end).unwrap_or_default(), *kind == libc::DT_REG);
        }
    }
}

/// Splits a list after its first entry, a `struct linux_dirent64`: inode and offset take 16 bytes,
/// the entry's length two, its type one; then comes the name, which ends in NUL.
#[cfg(target_os = "linux")]
fn first_entry(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let &[low, high] = list.get(16..18)? else {
        return None;
    };
    list.split_at_checked(usize::from(u16::from_ne_bytes([low, high])))
}

/// The same by the C library.
#[cfg(not(target_os = "linux"))]
pub(crate) fn each_name(folder: &OwnedFd, mut show: impl FnMut(&[u8], bool)) -> Result<(), Errno> {
    use nix::dir::Dir;
    use nix::dir::Type;
    use nix::fcntl::OFlag;
    use nix::sys::stat::Mode;

    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    for entry in Dir::openat(folder, ".", flags, Mode::empty())?.iter() {
        let entry = entry?;
        show(entry.file_name().to_bytes(), entry.file_type() == Some(Type::File));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use nix::fcntl::OFlag;
    use nix::sys::stat::Mode;

    use super::*;

    fn names(folder: &OwnedFd) -> Vec<(String, bool)> {
        let mut names = Vec::new();
        each_name(folder, |name, is_regular| {
            names.push((String::from_utf8_lossy(name).into_owned(), is_regular));
        })
        .unwrap();
        names.sort();
        names
    }

    #[test]
    fn each_entry_is_shown_once_with_its_kind_however_often_the_folder_is_read() {
        let place = tempfile::tempdir().unwrap();
        let mut expected = vec![(".".to_owned(), false), ("..".to_owned(), false)];
        // More than one system call lists, with names of every length that moves the next entry.
        for number in 0..1000 {
            let name = format!("{number}{}", "x".repeat(number % 9));
            File::create(place.path().join(&name)).unwrap();
            expected.push((name, true));
        }
        std::fs::create_dir(place.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("0", place.path().join("link")).unwrap();
        expected.extend([("folder".to_owned(), false), ("link".to_owned(), false)]);
        expected.sort();
        let folder = nix::fcntl::open(place.path(), OFlag::O_RDONLY, Mode::empty()).unwrap();
        assert_eq!(names(&folder), expected);
        assert_eq!(names(&folder), expected);
    }
}
