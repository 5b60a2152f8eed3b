//! The home directory of a user, from the password database.

use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

/// The home of our user, where `HOME` does not tell it.
///
/// Not by the C library: a static program of glibc crashes when it loads the libraries of another
/// name service, and musl knows no other. So `/etc/passwd` is read and, for a user that it does not
/// have, `getent` asked, which comes with glibc. Once: a directory service may be slow.
#[cfg(target_os = "linux")]
pub(crate) fn home() -> Option<PathBuf> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    HOME.get_or_init(look_up).clone()
}

#[cfg(target_os = "linux")]
fn look_up() -> Option<PathBuf> {
    let user = super::ids().user;
    #[expect(clippy::disallowed_methods, reason = "no file of the configuration")]
    let local = std::fs::read("/etc/passwd").unwrap_or_default();
    if let Some(home) = home_in(&local, user) {
        return Some(home);
    }
    #[expect(clippy::disallowed_methods, reason = "no helper: no secret, no terminal")]
    let mut getent = std::process::Command::new("/usr/bin/getent");
    let asked = getent.env_clear().args(["passwd", &user.to_string()]).output().ok()?;
    home_in(&asked.stdout, user)
}

/// The home of our user, where `HOME` does not tell it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn home() -> Option<PathBuf> {
    dirs::home_dir()
}

/// The home in the line of this user: `name:password:uid:gid:comment:home:shell`.
#[cfg(target_os = "linux")]
fn home_in(text: &[u8], user: u32) -> Option<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    for line in text.split(|byte| *byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b':').collect();
        if let [_, _, id, _, _, home, _] = fields[..]
            && std::str::from_utf8(id).is_ok_and(|id| id.parse() == Ok(user))
        {
            return Some(PathBuf::from(OsStr::from_bytes(home)));
        }
    }
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_the_user_tells_the_home() {
        let text = b"root:x:0:0:root:/root:/bin/bash\n\
            # comment\n\
            broken:x:7\n\
            seven:x:7:7:Seven, Inc.:/home/seven:/bin/sh\n\
            again:x:7:7::/home/again:/bin/sh\n\
            +::::::\n\
            latin:x:8:8::/home/\xe9:/bin/sh\n\
            none:x:9:9::: \n";
        let home = |user| home_in(text, user);
        assert_eq!(home(0), Some("/root".into()));
        assert_eq!(home(7), Some("/home/seven".into()));
        let latin = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"/home/\xe9");
        assert_eq!(home(8), Some(latin.into()));
        assert_eq!(home(9), Some("".into()));
        assert_eq!(home(70), None);
        assert_eq!(home_in(b"", 0), None);
    }
}
