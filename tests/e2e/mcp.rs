//! An MCP server over stdio with one tool, which writes down the environment it was given.

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::io::BufRead;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

/// Serves until the client hangs up; the environment goes to the file `dump`.
pub(crate) fn serve(dump: &str) -> Result<(), Box<dyn Error>> {
    let environment: Vec<String> = env::vars_os()
        .map(|(name, value)| format!("{}={}", name.display(), value.display()))
        .collect();
    fs::write(dump, environment.join("\n"))?;
    for line in io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line?)?;
        // A message without an id is a notification, and is not answered.
        if let Some(id) = message.get("id") {
            let result = result(&message);
            let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
            writeln!(io::stdout(), "{answer}")?;
        }
    }
    Ok(())
}

fn result(message: &Value) -> Value {
    let version = message.pointer("/params/protocolVersion");
    match message["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": version,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "dumper", "version": "1" },
        }),
        Some("tools/list") => json!({ "tools": [{
            "name": "touch",
            "description": "Touches something",
            "inputSchema": { "type": "object", "properties": {} },
        }] }),
        Some("tools/call") => json!({ "content": [{ "type": "text", "text": "touched" }] }),
        _ => json!({}),
    }
}
