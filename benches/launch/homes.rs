//! The configurations, and the environments of the launches.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::row::Row;

/// Configurations of different sizes, each in a home of its own.
pub(crate) struct Homes {
    pub(crate) none: PathBuf,
    pub(crate) one: PathBuf,
    pub(crate) four: PathBuf,
    pub(crate) thousand: PathBuf,
}

impl Homes {
    pub(crate) fn make(place: &Path) -> Self {
        let home = |name: &str| {
            let home = place.join(name);
            fs::create_dir_all(home.join(".config/jackin/workspaces")).unwrap();
            home
        };
        let homes = Self {
            none: home("none"),
            one: home("one"),
            four: home("four"),
            thousand: home("thousand"),
        };
        fs::create_dir_all(place.join("work/client-b")).unwrap();
        let key = "KIMI_CODE_API_KEY = \"sk-kimi-not-a-real-key\"\n";
        let global = format!("version = \"v1alpha9\"\n\n[env]\n{key}");
        write(&homes.one, "config.toml", &global);
        let role = "\n[roles.\"acme/reviewer\"]\ngit = \"https://github.com/acme/jackin-reviewer.git\"\n\n";
        let global = format!(
            "{global}{}{role}[roles.\"acme/reviewer\".env]\n{}",
            values("GLOBAL", 5),
            values("ROLE", 4)
        );
        for home in [&homes.four, &homes.thousand] {
            write(home, "config.toml", &global);
            write(home, "workspaces/client-b.toml", &workspace(&place.join("work/client-b")));
        }
        for number in 0..999 {
            let folder = place.join(format!("work/other-{number}"));
            write(&homes.thousand, &format!("workspaces/other-{number}.toml"), &workspace(&folder));
        }
        homes
    }
}

/// A launch in an environment of forty variables, as a desktop session has them.
pub(crate) fn usual(label: &str, home: &Path, program: &Path, words: &[&str]) -> Row {
    let mut environment = usual_environment(home);
    let folder = program.parent().unwrap_or(program).display();
    environment[1] = format!("PATH={folder}:/usr/local/bin:/usr/bin:/bin");
    row(label, program, words, &environment)
}

/// A launch with the least environment.
pub(crate) fn bare(label: &str, home: &Path, program: &Path, words: &[&str]) -> Row {
    row(label, program, words, &usual_environment(home)[..3])
}

fn row(label: &str, program: &Path, words: &[&str], environment: &[String]) -> Row {
    let program = program.to_str().unwrap();
    let argv: Vec<&str> = [program].into_iter().chain(words.iter().copied()).collect();
    Row::new(label, &argv, environment)
}

/// Forty variables: home, PATH and language first.
pub(crate) fn usual_environment(home: &Path) -> Vec<String> {
    let mut entries = vec![
        format!("HOME={}", home.display()),
        "PATH=/usr/local/bin:/usr/bin:/bin".to_owned(),
        "LANG=C.UTF-8".to_owned(),
        "TERM=xterm-256color".to_owned(),
    ];
    entries.extend((4..40).map(|number| format!("DESKTOP_SESSION_{number}=its value {number}")));
    entries
}

pub(crate) fn values(prefix: &str, count: usize) -> String {
    (0..count)
        .map(|number| format!("{prefix}_{number} = \"value of {prefix} number {number}\"\n"))
        .collect()
}

fn workspace(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "version = \"v1alpha8\"\nworkdir = \"{folder}\"\nallowed_roles = [\"acme/reviewer\"]\n\
         default_role = \"acme/reviewer\"\n\n[[mounts]]\nsrc = \"{folder}\"\ndst = \"/work\"\n\n[env]\n{}\n\
         [roles.\"acme/reviewer\".env]\n{}",
        values("WORKSPACE", 5),
        values("CELL", 5)
    )
}

pub(crate) fn write(home: &Path, file: &str, text: &str) {
    let folder = home.join(".config/jackin");
    fs::write(folder.join("config.lock"), "1\n").unwrap();
    fs::write(folder.join(file), text).unwrap();
    for path in [folder.join(file), folder.join("config.lock")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
