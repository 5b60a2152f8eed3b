//! Whether the user's shell completes our options and arguments.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::Shell;
use crate::command::completions;
use crate::command::doctor::finding::Findings;
use crate::command::doctor::finding::Status;
use crate::command::doctor::finding::shown;
use crate::files;
use crate::host;
use crate::host::Host;

/// Whether the user's shell completes our options and arguments.
pub(super) fn scripts(host: &Host, findings: &mut Findings) {
    let Some(shell) = host.environment.get("SHELL") else {
        return;
    };
    let (shell, word, place) = match host::file_name(shell).to_str() {
        Some("bash") => (Shell::Bash, "bash", BASH),
        Some("zsh") => (Shell::Zsh, "zsh", ZSH),
        Some("fish") => (Shell::Fish, "fish", FISH),
        _ => return,
    };
    let Some(own) = own_folder(host, &place) else {
        return;
    };
    let fpath = format!("if ~/.zshrc has fpath=({} $fpath) before compinit", shown(&own));
    let hint = {
        let (own, file) = (shown(&own), place.file);
        let hint = format!("`mkdir -p {own} && jackin-exec completions {word} > {own}/{file}`");
        if shell == Shell::Zsh { format!("{hint}; it works {fpath}") } else { hint }
    };
    match installed(host, shell, &place, &own) {
        None => {
            let message = format!("{word} does not complete jackin-exec's words");
            findings.add("completion", Status::Warn, message, hint);
        }
        Some((text, path)) if text != completions::script(shell).as_bytes() => {
            let hint = format!("`jackin-exec completions {word} > {}`", shown(&path));
            let message = format!("{} is from another version", shown(&path));
            findings.add("completion", Status::Warn, message, hint);
        }
        // Whether zsh looks there, only zsh can tell.
        Some((_, path)) if shell == Shell::Zsh && path.starts_with(&own) => {
            findings.ok("completion", format!("{}: works {fpath}", shown(&path)));
        }
        Some((_, path)) => findings.ok("completion", shown(&path)),
    }
}

/// Where a shell looks for completion scripts.
struct Place {
    /// The variable that names the user's own folder, if it is set.
    variable: &'static str,
    /// Its default, relative to the home directory.
    default: &'static str,
    /// Below the user's own folder.
    own: &'static str,
    /// Below the folders for all users.
    shared: &'static str,
    /// The name of our script.
    file: &'static str,
}

const BASH: Place = Place {
    variable: "XDG_DATA_HOME",
    default: ".local/share",
    own: "bash-completion/completions",
    shared: "bash-completion/completions",
    file: "jackin-exec",
};

const ZSH: Place = Place {
    variable: "XDG_DATA_HOME",
    default: ".local/share",
    own: "zsh/site-functions",
    shared: "zsh/site-functions",
    file: "_jackin-exec",
};

const FISH: Place = Place {
    variable: "XDG_CONFIG_HOME",
    default: ".config",
    own: "fish/completions",
    shared: "fish/vendor_completions.d",
    file: "jackin-exec.fish",
};

/// The folder for the user's own scripts; `None` without a home directory.
fn own_folder(host: &Host, place: &Place) -> Option<PathBuf> {
    let folder = match host.environment.get(place.variable).map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder,
        _ => host.home()?.join(place.default),
    };
    Some(folder.join(place.own))
}

/// The first script that is installed: its text and its path.
fn installed(host: &Host, shell: Shell, place: &Place, own: &Path) -> Option<(Vec<u8>, PathBuf)> {
    let mut folders = vec![own.to_owned()];
    for shared in ["/usr/local/share", "/usr/share"] {
        folders.push(Path::new(shared).join(place.shared));
    }
    if shell == Shell::Zsh {
        folders.push("/usr/share/zsh/vendor-completions".into());
        // zsh exports it only if configured to.
        if let Some(path) = host.environment.get("FPATH") {
            folders.extend(std::env::split_paths(path));
        }
    }
    for folder in folders {
        for name in [place.file.to_owned(), format!("{}.bash", place.file)] {
            let path = folder.join(name);
            if let Ok(Some(text)) = files::plain_file(&path) {
                return Some((text, path));
            }
        }
    }
    None
}
