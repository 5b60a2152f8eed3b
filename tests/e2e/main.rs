//! The real Claude Code, started by jackin-exec, in a place where the whole Internet is ours.
//!
//! README.md beside this file says how to run it and how to read it.

#![expect(clippy::disallowed_methods, reason = "tests look at the world that the program sees")]

mod http;
mod mock;
mod client;
mod kept;
mod known;
mod provider;
mod row;
mod rows;
mod column;
mod sdk;
mod router;
mod seal;
mod tls;
mod dns;
mod mcp;
mod room;
mod witness;
mod judge;
mod report;
mod inside;
mod keys;
#[path = "../suite/doctor/answers.rs"]
mod answers;
mod online;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use libtest_mimic::Arguments;
use libtest_mimic::Failed;
use libtest_mimic::Trial;

use column::Column;
use known::Known;
use report::Cell;
use report::Outcome;
use row::Row;
use row::Version;

/// This program starts itself again in other roles.
const INSIDE: &str = "--inside";
const MCP: &str = "--mcp-server";

/// And this one is for `tests/e2e/watch`: it prints what a version of the client knows.
const KNOWN: &str = "--known";

type Cells = Arc<Mutex<Vec<Cell>>>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [INSIDE, root, client, bare, number] => inside(root, client, bare, number),
        [online::ROLE, folder, client] => online::inside(folder, client),
        [KNOWN, version] => known(version),
        [MCP, dump] => mcp::serve(dump).map(|()| ExitCode::SUCCESS),
        _ => all(),
    };
    done.unwrap_or_else(|error| {
        writeln!(io::stderr(), "e2e: {error}").ok();
        ExitCode::FAILURE
    })
}

/// Every row in every column that was asked for, as tests.
fn all() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::from_args();
    let rows = rows::all();
    let columns = column::wanted()?;
    let hindrance = if arguments.list { None } else { hindrance(&columns) };
    if let Some(why) = &hindrance {
        writeln!(io::stdout(), "\nSKIPPED: no row with the real client was run: {why}\n")?;
    }
    let no_sdk = if arguments.list || hindrance.is_some() { None } else { sdk::install().err() };
    if let Some(why) = &no_sdk {
        writeln!(io::stdout(), "\nSKIPPED: no row with an Agent SDK was run: {why}\n")?;
    }
    let mut lacking = BTreeSet::new();
    let needed: BTreeSet<&str> = rows.iter().filter_map(|row| row.needs).collect();
    for program in needed.into_iter().filter(|_| !arguments.list && hindrance.is_none()) {
        if let Err(why) = find(program) {
            writeln!(io::stdout(), "\nSKIPPED: the rows that need {program}: {why}\n")?;
            lacking.insert(program);
        }
    }
    let cells = Cells::default();
    let mut trials: Vec<Trial> = columns
        .iter()
        .flat_map(|&column| rows.iter().enumerate().map(move |(number, row)| (number, row, column)))
        .map(|(number, row, column)| {
            let ignored = hindrance.is_some() || (no_sdk.is_some() && row.needs_sdk());
            let trial = trial(number, row.clone(), column, Arc::clone(&cells));
            let lacks = row.needs.is_some_and(|program| lacking.contains(program));
            trial.with_ignored_flag(ignored || lacks)
        })
        .collect();
    for column in columns.iter().filter(|column| !column.bare) {
        let besides = besides(column.client).into_iter();
        trials.extend(besides.map(|trial| trial.with_ignored_flag(hindrance.is_some())));
    }
    trials.push(Trial::test("what a client knows is read off its program", || {
        known::reads_what_there_is().map_err(Failed::from)
    }));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(path) = env::var_os("JACKIN_EXEC_E2E_TABLE") {
        let cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
        fs::write(path, report::table(&rows, &columns, &cells))?;
    }
    if let Some(path) = env::var_os("JACKIN_EXEC_E2E_NAMES") {
        let cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
        fs::write(path, report::names(&rows, &cells))?;
    }
    Ok(conclusion.exit_code())
}

/// What is tested of a client without a row.
fn besides(client: Version) -> [Trial; 2] {
    let keys = format!("{client} managed: every key of the client's settings is sorted");
    let online = format!("{client} doctor: --online tells what each answer of an endpoint means");
    [
        Trial::test(keys, move || keys::are_sorted(client).map_err(Failed::from)),
        Trial::test(online, move || online::understands_every_answer(client)),
    ]
}

/// Finds a program that rows need, or installs it.
fn find(program: &str) -> Result<(), String> {
    if program == router::NAME {
        return router::install();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        Ok(())
    } else {
        Err("it is not in PATH".to_owned())
    }
}

/// Prints what a version of the client knows.
fn known(version: &str) -> Result<ExitCode, Box<dyn Error>> {
    let program = fs::canonicalize(client::install(version)?.join("claude"))?;
    io::stdout().write_all(Known::of_program(&program)?.to_text().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Why no row can run on this machine, if that is so.
fn hindrance(columns: &[Column]) -> Option<String> {
    let clients = columns.iter().map(|column| column.client.to_string());
    let mut failures = clients.filter_map(|client| client::install(&client).err());
    seal::refusal().or_else(|| failures.next().map(|missing| missing.to_string()))
}

fn trial(number: usize, row: Row, column: Column, cells: Cells) -> Trial {
    let name = format!("{column} {}", row.name());
    let test = move || {
        let outcome = sealed(number, column).map_err(|error| Failed::from(error.to_string()))?;
        let mut all = cells.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((number, column, outcome.clone()));
        verdict(&row, column, &outcome)
    };
    Trial::test(name, test)
}

/// A bare client shows what happens without us, and fails no test by it.
fn verdict(row: &Row, column: Column, outcome: &Outcome) -> Result<(), Failed> {
    let green = outcome.offences.is_empty();
    match row.expected_red(column.client) {
        _ if column.bare => Ok(()),
        None if green => Ok(()),
        None => Err(outcome.offences.join("\n").into()),
        Some(red) if !green || !red.sure => Ok(()),
        Some(red) => Err(format!("holds, although it is down as red: {}", red.why).into()),
    }
}

/// One row in a sealed place of its own.
fn sealed(number: usize, column: Column) -> Result<Outcome, Box<dyn Error>> {
    let room = tempfile::Builder::new().prefix("row-").tempdir()?;
    let output = seal::command(&env::current_exe()?)
        .arg(INSIDE)
        .arg(room.path())
        .arg(column.client.to_string())
        .arg(column.bare.to_string())
        .arg(number.to_string())
        .stdin(Stdio::null())
        .output()?;
    if env::var_os("JACKIN_EXEC_E2E_KEEP").is_some() {
        let kept = room.keep();
        writeln!(io::stderr(), "row {number}: {}", kept.display())?;
    }
    Outcome::from_json(&output.stdout)
        .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

fn inside(root: &str, client: &str, bare: &str, number: &str) -> Result<ExitCode, Box<dyn Error>> {
    let column =
        Column { client: Version::parse(client).ok_or("which client?")?, bare: bare.parse()? };
    let rows = rows::all();
    let row = rows.get(number.parse::<usize>()?).ok_or("which row?")?;
    inside::run(Path::new(root), column, row)?;
    Ok(ExitCode::SUCCESS)
}
