//! What `doctor --online` says of each answer that an endpoint may give to the real client.

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::answers::ANSWERS;
use crate::client;
use crate::http;
use crate::http::Response;
use crate::mock::Door;
use crate::mock::Mock;
use crate::room::JACKIN_EXEC;
use crate::row::Version;
use crate::seal;

/// The role of this program in the sealed place.
pub(crate) const ROLE: &str = "--online";

const KEY: &str = "SENTINEL-of-the-key";

/// Fails with all that `doctor` says wrongly.
pub(crate) fn understands_every_answer(client: Version) -> Result<(), Failed> {
    let folder = tempfile::Builder::new().prefix("online-").tempdir()?;
    let mut command = seal::command(&env::current_exe()?);
    command.arg(ROLE).arg(folder.path()).arg(client.to_string()).stdin(Stdio::null());
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// Inside: gives every answer to the client, one after the other.
pub(crate) fn inside(folder: &str, client: &str) -> Result<ExitCode, Box<dyn Error>> {
    let folder = Path::new(folder);
    let bin = client::install(client)?;
    let program = fs::canonicalize(bin.join("claude"))?;
    let ours = env::current_exe()?;
    let programs = [ours.as_path(), Path::new(JACKIN_EXEC), &program];
    let homes = programs.iter().filter_map(|program| program.parent());
    seal::settle(folder, &homes.chain([folder, bin.as_path()]).collect::<Vec<_>>())?;
    let doctor = Doctor { folder, bin: &bin };
    let mut wrong = Vec::new();
    let (listener, port) = listen()?;
    Arc::new(Mock::default()).serve(listener, Door::Plain);
    wrong.extend(doctor.errs(port, "ok online: Own answers")?);
    for &(status, body, meaning) in ANSWERS {
        let (listener, port) = listen()?;
        thread::spawn(move || refuse(&listener, status, body));
        wrong.extend(doctor.errs(port, meaning)?);
    }
    // Nobody listens there any more.
    let (_, port) = listen()?;
    wrong.extend(doctor.errs(port, "fail online: Own cannot be reached")?);
    for words in &wrong {
        writeln!(io::stderr(), "{words}")?;
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn listen() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Says one thing to everybody.
fn refuse(listener: &TcpListener, status: u16, body: &'static str) {
    for stream in listener.incoming().flatten() {
        // A client that hangs up in the middle is nobody's failure.
        thread::spawn(move || answer(stream, status, body).ok());
    }
}

fn answer(stream: TcpStream, status: u16, body: &str) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let response = Response::new(status, "application/json", body.as_bytes().to_vec());
    while let Some(request) = http::read(&mut reader)? {
        http::write(reader.get_mut(), &request, &response)?;
    }
    Ok(())
}

struct Doctor<'a> {
    folder: &'a Path,
    /// The folder with `claude`.
    bin: &'a Path,
}

impl Doctor<'_> {
    /// What is wrong with the words about the endpoint at a port, if they have no `meaning`.
    fn errs(&self, port: u16, meaning: &str) -> Result<Option<String>, Box<dyn Error>> {
        let output = self.ask(port)?;
        let findings: Value = serde_json::from_slice(&output)?;
        let mut said = Vec::new();
        for finding in findings.as_array().into_iter().flatten() {
            if finding["check"] == "online" {
                let word = |key: &str| finding[key].as_str().unwrap_or_default();
                said.push(format!("{} online: {}", word("status"), word("message")));
            }
        }
        let shown = String::from_utf8_lossy(&output).contains(KEY);
        let holds = matches!(said.as_slice(), [one] if one.contains(meaning)) && !shown;
        Ok((!holds).then(|| format!("no {meaning:?} in {said:?}, or the key is shown")))
    }

    /// What `doctor` finds with a fresh home and the endpoint at a port.
    fn ask(&self, port: u16) -> io::Result<Vec<u8>> {
        let home = self.folder.join(port.to_string());
        let config = home.join(".config/jackin");
        fs::create_dir_all(&config)?;
        let own = format!(
            "[env]\nOWN_KEY = \"{KEY}\"\n[providers.own]\nlabel = \"Own\"\nbase_url = \"http://127.0.0.1:{port}\"\n\
             key_env = \"OWN_KEY\"\nmodel = \"m-x\"\n"
        );
        fs::write(config.join("exec.toml"), own)?;
        let output = Command::new(JACKIN_EXEC)
            .args(["doctor", "--json", "--online", "-p", "own"])
            .env_clear()
            .env("HOME", &home)
            .env("PATH", format!("{}:/usr/bin:/bin", self.bin.display()))
            .current_dir(&home)
            .stdin(Stdio::null())
            .output()?;
        Ok(output.stdout)
    }
}
