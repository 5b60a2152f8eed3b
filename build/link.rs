//! Links the program that `cargo install` makes for glibc as one static file.
//!
//! Linked as rustc does by default, a launch takes 1.40 times as long as `env`: the dynamic linker
//! maps two libraries and looks up their symbols, 2,339 addresses are relocated, and each page that
//! this touches is a page fault. Static and at a fixed address nothing is left of that, and
//! `launch.ld` lays what a launch runs side by side (docs/performance.md).
//!
//! Only where all that is known to work: the program is for the machine that builds it, rustc's own
//! linker is used, and a small program that was linked so could be run. Everywhere else rustc's
//! defaults stay. `JACKIN_EXEC_LINK=dynamic` asks for these.

use std::path::Path;
use std::process::Command;

use crate::variable;

/// The static library in the place of each shared one that rustc names.
const STATIC: [(&str, &str); 7] = [
    ("gcc_s", "GROUP ( -l:libgcc_eh.a -l:libgcc.a )"),
    ("c", "GROUP ( -l:libc.a )"),
    ("m", "INPUT ( -l:libm.a )"),
    ("dl", "INPUT ( -l:libdl.a )"),
    ("pthread", "INPUT ( -l:libpthread.a )"),
    ("rt", "INPUT ( -l:librt.a )"),
    ("util", "INPUT ( -l:libutil.a )"),
];

/// A program that needs what ours does of a C library: memory, a thread, a name service.
const TRIAL: &str = r#"
fn main() {
    let home = std::thread::spawn(|| std::env::home_dir().is_some()).join();
    println!("home: {}", home.is_ok());
}
"#;

/// Tells cargo how to link the program, where it should not be linked as rustc does by default.
pub(crate) fn program() {
    println!("cargo::rerun-if-env-changed=JACKIN_EXEC_LINK");
    if !is_for_this_machine() {
        return;
    }
    let folder = variable("OUT_DIR");
    let words = words(Path::new(&folder));
    if let Err(why) = try_it(Path::new(&folder), &words) {
        println!("cargo::warning=linked with shared libraries, which start more slowly: {why}");
        return;
    }
    for word in words {
        println!("cargo::rustc-link-arg-bins={word}");
    }
}

/// Whether this is a release build for the machine it is made on, with the compiler's own linker
/// and without anybody's flags.
fn is_for_this_machine() -> bool {
    let target = variable("TARGET");
    target == "x86_64-unknown-linux-gnu"
        && variable("HOST") == target
        && variable("PROFILE") == "release"
        && variable("RUSTC_LINKER").is_empty()
        && variable("CARGO_ENCODED_RUSTFLAGS").is_empty()
        && variable("JACKIN_EXEC_LINK") != "dynamic"
}

fn words(folder: &Path) -> Vec<String> {
    let script = Path::new(&variable("CARGO_MANIFEST_DIR")).join("build/launch.ld");
    vec![
        "-static".to_owned(),
        "-no-pie".to_owned(),
        format!("-L{}", folder.join("static").display()),
        format!("-Wl,-T,{}", script.display()),
        // Nothing is relocated, so nothing becomes read-only after the start.
        "-Wl,-z,norelro".to_owned(),
        // A panic aborts: nobody asks for the frames that a static program registers at its start.
        "-Wl,--defsym=__register_frame_info=0".to_owned(),
        "-Wl,--defsym=__deregister_frame_info=0".to_owned(),
    ]
}

/// Links the trial with these words, and runs it.
fn try_it(folder: &Path, words: &[String]) -> Result<(), String> {
    let libraries = folder.join("static");
    std::fs::create_dir_all(&libraries).map_err(|error| error.to_string())?;
    for (name, script) in STATIC {
        let path = libraries.join(format!("lib{name}.so"));
        std::fs::write(path, script).map_err(|error| error.to_string())?;
    }
    let (source, program) = (folder.join("trial.rs"), folder.join("trial"));
    std::fs::write(&source, TRIAL).map_err(|error| error.to_string())?;
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(["--edition=2024", "-Cpanic=abort", "-o"]).arg(&program).arg(&source);
    for word in words {
        rustc.arg(format!("-Clink-arg={word}"));
    }
    let linked = rustc.output().map_err(|error| error.to_string())?;
    if !linked.status.success() {
        return Err("there is no static C library, or the linker refuses it".to_owned());
    }
    let ran = Command::new(&program).output().map_err(|error| error.to_string())?;
    if ran.status.success() && ran.stdout == b"home: true\n" {
        Ok(())
    } else {
        Err("a static program that was linked for a trial does not run".to_owned())
    }
}
