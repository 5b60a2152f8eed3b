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
    let shell = host.environment.get("SHELL").map(host::file_name).unwrap_or_default();
    let data = |name: &str, fallback: &str| {
        let variable =
            host.environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        variable.or_else(|| host.home().map(|home| home.join(fallback)))
    };
    let (shell, word, own, shared, name) = match shell.to_str() {
        Some("bash") => {
            let own = data("XDG_DATA_HOME", ".local/share")
                .map(|data| data.join("bash-completion/completions"));
            (Shell::Bash, "bash", own, "bash-completion/completions", "jackin-exec")
        }
        Some("zsh") => {
            let own =
                data("XDG_DATA_HOME", ".local/share").map(|data| data.join("zsh/site-functions"));
            (Shell::Zsh, "zsh", own, "zsh/site-functions", "_jackin-exec")
        }
        Some("fish") => {
            let own = data("XDG_CONFIG_HOME", ".config").map(|data| data.join("fish/completions"));
            (Shell::Fish, "fish", own, "fish/vendor_completions.d", "jackin-exec.fish")
        }
        _ => return,
    };
    let mut folders: Vec<PathBuf> = own.iter().cloned().collect();
    folders.extend(["/usr/local/share", "/usr/share"].map(|folder| Path::new(folder).join(shared)));
    if shell == Shell::Zsh {
        folders.push("/usr/share/zsh/vendor-completions".into());
        // zsh exports it only if configured to.
        folders.extend(host.environment.get("FPATH").into_iter().flat_map(std::env::split_paths));
    }
    let names = [name.to_owned(), format!("{name}.bash")];
    let files = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    let found = files.into_iter().find_map(|path| Some((files::plain_file(&path).ok()??, path)));
    let own = own.unwrap_or_default();
    let fpath = format!("fpath=({} $fpath) stands before compinit in ~/.zshrc", shown(&own));
    let mut hint =
        format!("mkdir -p {0} && jackin-exec completions {word} > {0}/{name}", shown(&own));
    if shell == Shell::Zsh {
        hint = format!("{hint}, and {fpath}");
    }
    match found {
        None => findings.add(
            "completion",
            Status::Warn,
            format!("{word} does not complete our words"),
            hint,
        ),
        Some((text, path)) if text != completions::script(shell).as_bytes() => {
            let hint = format!("jackin-exec completions {word} > {}", shown(&path));
            findings.add(
                "completion",
                Status::Warn,
                format!("{} is of another version", shown(&path)),
                hint,
            );
        }
        // Only zsh knows where it looks.
        Some((_, path)) if shell == Shell::Zsh && path.starts_with(&own) => {
            findings.ok("completion", format!("{}, if {fpath}", shown(&path)));
        }
        Some((_, path)) => findings.ok("completion", shown(&path)),
    }
}
