//! What happens inside the sealed place: the whole Internet is put up, the row runs, the judge
//! speaks.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::client;
use crate::column::Column;
use crate::dns;
use crate::http::Request;
use crate::judge;
use crate::judge::Evidence;
use crate::mock::Door;
use crate::mock::Mock;
use crate::mock::Script;
use crate::mock::Turn;
use crate::report::Outcome;
use crate::room::JACKIN_EXEC;
use crate::room::Room;
use crate::row::Row;
use crate::sdk;
use crate::seal;
use crate::tls;
use crate::witness;
use crate::witness::Process;

/// How long processes that are about to end may take to do so.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long a session in the background may take to ask.
const BACKGROUND: Duration = Duration::from_secs(8);

/// Runs one row in the folder `folder` and says on stdout what came of it.
pub(crate) fn run(folder: &Path, column: Column, row: &Row) -> Result<(), Box<dyn Error>> {
    let bin = client::install(&column.client.to_string())?;
    let ours = env::current_exe()?;
    let programs = [ours.as_path(), Path::new(JACKIN_EXEC), &fs::canonicalize(bin.join("claude"))?];
    let homes = programs.iter().filter_map(|program| program.parent());
    let sdk = sdk::place();
    let kept = homes.chain([folder, bin.as_path()]).chain(sdk.as_deref());
    seal::settle(folder, &kept.collect::<Vec<_>>())?;
    let (authority, wrap) = tls::authority()?;
    let room = Room::furnish(folder, &bin, column, row, &authority)?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let witness = Arc::clone(&seen);
    let look = move || {
        let mut seen = witness.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(witness::processes());
    };
    let mock = Mock::new(filled(&row.script, &room)).observed(move |_| look());
    let mock = Arc::new(mock);
    dns::serve()?;
    mock.serve(TcpListener::bind("127.0.0.1:443")?, Door::Tls(Arc::clone(&wrap)));
    mock.serve(TcpListener::bind("127.0.0.1:80")?, Door::Proxy(Arc::clone(&wrap)));
    let addresses =
        row.asked.iter().filter_map(|(provider, _)| provider.base_url.strip_prefix("http://"));
    for address in addresses.collect::<BTreeSet<_>>() {
        mock.serve(TcpListener::bind(address)?, Door::Plain);
    }
    mock.serve_unix(UnixListener::bind(folder.join("socket"))?, wrap);
    let sessions = room.run(row)?;
    if row.lingers {
        wait_for_questions(row, &mock);
    }
    let evidence = Evidence {
        left: left(),
        requests: mock.seen(),
        sessions,
        dumps: room.dumps()?,
        kept: room.kept(),
        seen: seen.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        client: room.client_program(),
    };
    fs::write(folder.join("out/requests"), transcript(&evidence))?;
    let outcome = Outcome {
        offences: judge::judge(row, &evidence),
        elsewhere: judge::elsewhere(row, &evidence),
        shape: judge::shape(row, &evidence),
    };
    writeln!(io::stdout(), "{}", outcome.to_json())?;
    Ok(())
}

/// The script with the places of this room in it.
fn filled(script: &Script, room: &Room) -> Script {
    let mut script = script.clone();
    let conversations = script.conversations.iter_mut();
    for turn in conversations.flat_map(|conversation| &mut conversation.turns) {
        if let Turn::Call { input, .. } = turn {
            let text = room.fill(&input.to_string());
            *input = serde_json::from_str(&text).unwrap_or_default();
        }
    }
    script
}

/// Until everything has been asked that is to be asked, or nobody will ask it any more.
fn wait_for_questions(row: &Row, mock: &Mock) {
    let deadline = Instant::now() + BACKGROUND;
    let asked = |words: &str| mock.seen().iter().any(|request| request.contains(words));
    while Instant::now() < deadline && !row.asked.iter().all(|(_, words)| asked(words)) {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Who is still there a while after the last session has ended.
fn left() -> Vec<Process> {
    let deadline = Instant::now() + FAREWELL;
    loop {
        let left = witness::processes();
        if left.is_empty() || Instant::now() > deadline {
            return left;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// For whoever keeps the room and wonders.
fn transcript(evidence: &Evidence) -> String {
    let request = |request: &Request| {
        let first = format!("{} {} {}", request.method, request.host, request.path);
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| format!("  {name}: {value}"));
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let lines = [first].into_iter().chain(headers).chain([body, String::new()]);
        lines.collect::<Vec<_>>().join(
            "
",
        )
    };
    let requests: Vec<String> = evidence.requests.iter().map(request).collect();
    requests.join(
        "
",
    )
}
