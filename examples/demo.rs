//! Runs Claude Code through jackin-exec, without any configuration: `cargo run --example demo`.
//!
//! You need Rust and Node, but no key: a small endpoint on loopback plays the provider. If
//! `KIMI_CODE_API_KEY` is set, Kimi itself answers.

#![expect(clippy::disallowed_methods, reason = "the demo stands outside of the program")]

#[path = "../tests/e2e/client.rs"]
mod client;
#[path = "../tests/e2e/http.rs"]
#[expect(dead_code, reason = "the tests look at more of a request")]
mod http;
#[path = "../tests/e2e/mock.rs"]
#[expect(dead_code, reason = "the tests script more than one answer")]
mod mock;

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::ExitCode;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;

use http::Request;
use mock::Door;
use mock::Mock;
use mock::Script;

/// The demo sends this key only to its own endpoint.
const DEMO_KEY: &str = "demo-key-of-no-value";

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "demo: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Result<(), Box<dyn Error>> {
    say("building jackin-exec …")?;
    let program = build()?;
    say(&format!("getting Claude Code {} from npm, once …", client::NEWEST))?;
    let claude = client::install(client::NEWEST)?;
    let home = tempfile::tempdir()?;
    match env::var("KIMI_CODE_API_KEY") {
        Ok(key) if !key.is_empty() => {
            let variable = ("KIMI_CODE_API_KEY", key.as_str());
            let output = launch(&program, &claude, home.path(), "kimi", Some(variable))?;
            report(&output, "Kimi")
        }
        _ => {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            configure(home.path(), &format!("http://{}", listener.local_addr()?))?;
            let mock = Arc::new(Mock::new(Script::default()));
            mock.serve(listener, Door::Plain);
            let output = launch(&program, &claude, home.path(), "demo", None)?;
            report(&output, "the endpoint")?;
            arrived(&mock.seen())
        }
    }
}

/// Builds the program next to this example and says where it is.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let example = env::current_exe()?;
    let profile = example.parent().and_then(Path::parent);
    let profile = profile.ok_or("this example is not in Cargo's target folder")?;
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bin", "jackin-exec", "--manifest-path", manifest]);
    if profile.ends_with("release") {
        command.arg("--release");
    }
    if !command.status()?.success() {
        return Err("jackin-exec does not build".into());
    }
    Ok(profile.join("jackin-exec"))
}

fn configure(home: &Path, base_url: &str) -> io::Result<()> {
    let folder = home.join(".config/jackin");
    fs::create_dir_all(&folder)?;
    let file = folder.join("exec.toml");
    let text = format!(
        r#"[providers.demo]
label = "Demo"
base_url = "{base_url}"
key_env = "DEMO_API_KEY"
model = "demo-model"

[env]
DEMO_API_KEY = "{DEMO_KEY}"
"#
    );
    fs::write(&file, text)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))
}

/// Runs one session in an empty home, with only those of the caller's variables that it needs.
fn launch(
    program: &Path,
    claude: &Path,
    home: &Path,
    provider: &str,
    key: Option<(&str, &str)>,
) -> Result<Output, Box<dyn Error>> {
    say(&format!("$ jackin-exec -p {provider} -- claude -p \"say hi\""))?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [claude.to_path_buf()].into_iter().chain(env::split_paths(&path));
    let project = home.join("project");
    fs::create_dir_all(&project)?;
    let network =
        ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY"];
    let network = network.iter().filter_map(|name| Some((name, env::var_os(name)?)));
    Ok(Command::new(program)
        .args(["-p", provider, "--", "claude", "-p", "say hi"])
        .env_clear()
        .envs(network)
        .env("HOME", home)
        .env("PATH", env::join_paths(path)?)
        .envs(key)
        .current_dir(project)
        .stdin(Stdio::null())
        .output()?)
}

fn report(output: &Output, who: &str) -> Result<(), Box<dyn Error>> {
    let answer = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}\n{}{}", output.status, answer, words).into());
    }
    say(&format!("\n{who} answered:  {}", answer.trim()))?;
    Ok(())
}

/// Describes what reached the endpoint; names only the kind of the credential.
fn arrived(requests: &[Request]) -> Result<(), Box<dyn Error>> {
    let prompts = requests.iter().filter(|request| request.has_prompt());
    let mut count = 0;
    for request in prompts {
        count += 1;
        let authorization = request.header("authorization").unwrap_or_default();
        let scheme = authorization.split(' ').next().unwrap_or_default();
        let right = authorization == format!("Bearer {DEMO_KEY}");
        let key = if right { "with the demo's key" } else { "with ANOTHER key" };
        let other = request.header("x-api-key").map_or("none", |_| "PRESENT");
        say(&format!(
            "what arrived:\n  {} {}\n  authorization  {scheme} ({key})\n  x-api-key      {other}\n  model          {}",
            request.method,
            request.path,
            request.model().unwrap_or_default(),
        ))?;
        if !right || other != "none" {
            return Err("the credential is not the one that was asked for".into());
        }
    }
    match count {
        0 => Err("no prompt reached the endpoint".into()),
        _ => Ok(say("\nYour own provider: README.md, \"Quick start\".")?),
    }
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
