//! Looks at every process of the row's own process table at the moment a request arrives.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;

#[derive(Clone, Debug, Default)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) program: PathBuf,
    pub(crate) argv: String,
}

/// All processes but our own; the dead ones that nobody has fetched yet do not count.
pub(crate) fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    let others = pids.filter(|&pid| pid != process::id());
    others.filter_map(look).collect()
}

/// None for one that has ended meanwhile.
fn look(pid: u32) -> Option<Process> {
    let folder = Path::new("/proc").join(pid.to_string());
    let argv = fs::read(folder.join("cmdline")).unwrap_or_default();
    Some(Process {
        pid,
        program: fs::read_link(folder.join("exe")).ok()?,
        argv: String::from_utf8_lossy(&argv).replace('\0', " "),
    })
}
