//! A small endpoint that speaks the Messages API: it answers by a script and remembers every
//! request.
//!
//! It keeps no state per conversation. Which turn is next is read off the request, so that one
//! script serves a session, its sub-agents and its background calls at the same time.

use std::fmt;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::http;
use crate::http::Request;
use crate::http::Response;

/// What the endpoint says to a conversation that no script knows.
pub(crate) const ANSWER: &str = "hi from the mock";

const TOOL_SEARCH: &str = "ToolSearch";

/// What the endpoint answers; a plain value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// The first whose `prompt` stands in the user's words speaks.
    pub(crate) conversations: Vec<Conversation>,
    /// Documents for whoever asks with GET.
    pub(crate) pages: Vec<Page>,
    /// How many tokens every request is said to have had.
    pub(crate) tokens: u64,
    /// A host that sends every call of the Messages API elsewhere with a 307, and where.
    pub(crate) moved: Option<(&'static str, &'static str)>,
    /// Whether the model declines whatever it is asked.
    pub(crate) refuses: bool,
    /// Where set, what every call of the Messages API gets instead of an answer.
    pub(crate) failure: Option<Failure>,
}

/// The turns of one conversation, told from others by words of its prompt.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) prompt: String,
    pub(crate) turns: Vec<Turn>,
}

#[derive(Clone, Debug)]
pub(crate) enum Turn {
    Say(String),
    /// Use a tool, under the first of its names that this client offers.
    Call {
        names: &'static [&'static str],
        input: Value,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A byte stream to one client.
pub(crate) trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// How a plain connection becomes a TLS one.
pub(crate) type Wrap = Arc<dyn Fn(Box<dyn Stream>) -> io::Result<Box<dyn Stream>> + Send + Sync>;

/// What a listening port speaks.
pub(crate) enum Door {
    Plain,
    Tls(Wrap),
    /// Plain, and an HTTP proxy: what is asked for by CONNECT ends here too.
    Proxy(Wrap),
}

type Observer = Box<dyn Fn(&Request) + Send + Sync>;

/// The endpoint: the script, and what has arrived.
#[derive(Default)]
pub(crate) struct Mock {
    script: Script,
    seen: Mutex<Vec<Request>>,
    observer: Option<Observer>,
}

impl Mock {
    pub(crate) fn new(script: Script) -> Self {
        Self { script, ..Self::default() }
    }

    /// Calls `observer` with every request before it is answered: the client waits meanwhile,
    /// so what it looks like at that moment can be looked at in peace.
    pub(crate) fn observed(self, observer: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Box::new(observer)), ..self }
    }

    /// Everything that has arrived so far, in order.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves a port from threads of its own, for as long as the process lives.
    pub(crate) fn serve(self: &Arc<Self>, listener: TcpListener, door: Door) {
        let mock = Arc::clone(self);
        let door = Arc::new(door);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mock = Arc::clone(&mock);
                let door = Arc::clone(&door);
                // A client that hangs up in the middle is nobody's failure.
                thread::spawn(move || mock.welcome(stream, &door).ok());
            }
        });
    }

    /// The same with TLS on a unix socket, whose requests are recorded under the host `unix`.
    pub(crate) fn serve_unix(self: &Arc<Self>, listener: UnixListener, wrap: Wrap) {
        let mock = Arc::clone(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mock = Arc::clone(&mock);
                let wrap = Arc::clone(&wrap);
                thread::spawn(move || {
                    let stream = wrap(Box::new(stream))?;
                    mock.converse(stream, Some("unix"), true)
                });
            }
        });
    }

    fn welcome(&self, stream: TcpStream, door: &Door) -> io::Result<()> {
        match door {
            Door::Plain => self.converse(Box::new(stream), None, false),
            Door::Tls(wrap) => self.converse(wrap(Box::new(stream))?, None, true),
            Door::Proxy(wrap) => {
                let mut peeked = [0; 8];
                let length = stream.peek(&mut peeked)?;
                if !peeked.starts_with(b"CONNECT ") || length < peeked.len() {
                    return self.converse(Box::new(stream), None, false);
                }
                let mut reader = BufReader::new(stream);
                if let Some(request) = http::read(&mut reader)? {
                    self.record(&request);
                }
                let mut stream = reader.into_inner();
                stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
                self.converse(wrap(Box::new(stream))?, None, true)
            }
        }
    }

    fn converse(
        &self,
        stream: Box<dyn Stream>,
        host: Option<&str>,
        secure: bool,
    ) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(mut request) = http::read(&mut reader)? {
            request.secure = secure;
            if let Some(host) = host {
                host.clone_into(&mut request.host);
            }
            self.record(&request);
            let response = respond(&self.script, &request);
            http::write(reader.get_mut(), &request, &response)?;
        }
        Ok(())
    }

    fn record(&self, request: &Request) {
        if let Some(observer) = &self.observer {
            observer(request);
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("script", &self.script).finish_non_exhaustive()
    }
}

/// The whole behaviour: a request and the script in, the answer out.
pub(crate) fn respond(script: &Script, request: &Request) -> Response {
    let route = request.route();
    let asks = request.method == "POST" && route.ends_with("/v1/messages");
    let counts = request.method == "POST" && route.ends_with("/v1/messages/count_tokens");
    if let Some(failure) = script.failure.as_ref().filter(|_| asks || counts) {
        return Response::json(failure.status, &failure.body);
    }
    if let Some((_, to)) =
        script.moved.filter(|(host, _)| (asks || counts) && request.host == *host)
    {
        return Response { location: Some(to), ..Response::json(307, &json!({})) };
    }
    if counts {
        return Response::json(200, &json!({ "input_tokens": script.tokens }));
    }
    if asks {
        return speak(script, &next_block(script, &request.json()), &request.json());
    }
    let page = script.pages.iter().find(|page| page.host == request.host && page.path == route);
    page.map_or_else(not_found, |page| {
        Response::new(200, page.content_type, page.body.as_bytes().to_vec())
    })
}

fn not_found() -> Response {
    let error = json!({ "type": "not_found_error", "message": "there is nothing here" });
    Response::json(404, &json!({ "type": "error", "error": error }))
}

/// The content block that comes next in the conversation that `body` holds.
fn next_block(script: &Script, body: &Value) -> Value {
    let words = user_words(body);
    let conversation =
        script.conversations.iter().find(|conversation| words.contains(&conversation.prompt));
    let turn = conversation.and_then(|conversation| conversation.turns.get(calls_made(body)));
    let text = |text: &str| json!({ "type": "text", "text": text });
    match turn {
        Some(Turn::Say(words)) => text(words),
        Some(Turn::Call { names, input }) => match step(body, names) {
            Step::Use(name) => call(body, name, input),
            Step::Search(name) => {
                let query = format!("select:{name}");
                call(body, TOOL_SEARCH, &json!({ "query": query, "max_results": 5 }))
            }
            Step::Give => text(ANSWER),
        },
        None => text(ANSWER),
    }
}

/// How to get at a tool.
enum Step<'a> {
    Use(&'a str),
    /// The client holds its tools back until the model looks for them.
    Search(&'a str),
    /// A background call, about a title for instance, repeats the prompt but has no tools.
    Give,
}

fn step<'a>(body: &Value, names: &[&'a str]) -> Step<'a> {
    let tools = elements(&body["tools"]);
    let offered = |name: &str| tools.iter().any(|tool| tool["name"] == name);
    let first = names.first().copied().unwrap_or_default();
    match names.iter().find(|name| offered(name)) {
        Some(name) => Step::Use(name),
        None if searched(body) => Step::Use(first),
        None if offered(TOOL_SEARCH) => Step::Search(first),
        None => Step::Give,
    }
}

/// Whether the latest use of a tool was a search for one.
fn searched(body: &Value) -> bool {
    let mut uses = tool_uses(body);
    uses.next_back().is_some_and(|name| name == TOOL_SEARCH)
}

fn call(body: &Value, name: &str, input: &Value) -> Value {
    let id = format!("toolu_{:024}", tool_uses(body).count() + 1);
    json!({ "type": "tool_use", "id": id, "name": name, "input": input })
}

/// What the user typed; results of tools are not the user's words.
pub(crate) fn user_words(body: &Value) -> String {
    let mut words = String::new();
    for message in elements(&body["messages"]) {
        if message["role"] != "user" {
            continue;
        }
        words.push_str(message["content"].as_str().unwrap_or_default());
        for block in elements(&message["content"]) {
            words.push_str(block["text"].as_str().unwrap_or_default());
            words.push('\n');
        }
    }
    words
}

/// The turn that is next: how often this conversation has used a tool that the script knows of.
fn calls_made(body: &Value) -> usize {
    tool_uses(body).filter(|name| *name != TOOL_SEARCH).count()
}

/// The tools that this conversation has used, in order.
fn tool_uses(body: &Value) -> impl DoubleEndedIterator<Item = &str> {
    elements(&body["messages"])
        .iter()
        .flat_map(|message| elements(&message["content"]))
        .filter(|block| block["type"] == "tool_use")
        .filter_map(|block| block["name"].as_str())
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// One content block as a whole message, streamed if that was asked for.
fn speak(script: &Script, block: &Value, asked: &Value) -> Response {
    let tokens = script.tokens;
    let reason = match block["type"].as_str() {
        _ if script.refuses => "refusal",
        Some("tool_use") => "tool_use",
        _ => "end_turn",
    };
    let message = |content: &[&Value], reason: Option<&str>| {
        json!({
            "id": "msg_00000000000000000000000001",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "content": content,
            "stop_reason": reason,
            "stop_sequence": null,
            "usage": { "input_tokens": tokens, "output_tokens": 6 },
        })
    };
    if asked["stream"] != true {
        return Response::json(200, &message(&[block], Some(reason)));
    }
    let (empty, delta) = match reason {
        "tool_use" => (
            json!({ "type": "tool_use", "id": block["id"], "name": block["name"], "input": {} }),
            json!({ "type": "input_json_delta", "partial_json": block["input"].to_string() }),
        ),
        _ => (
            json!({ "type": "text", "text": "" }),
            json!({ "type": "text_delta", "text": block["text"] }),
        ),
    };
    let events = [
        json!({ "type": "message_start", "message": message(&[], None) }),
        json!({ "type": "content_block_start", "index": 0, "content_block": empty }),
        json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({
            "type": "message_delta",
            "delta": { "stop_reason": reason, "stop_sequence": null },
            "usage": { "output_tokens": 6 },
        }),
        json!({ "type": "message_stop" }),
    ];
    let stream = events.map(|event| {
        let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
        format!("event: {name}\ndata: {event}\n\n")
    });
    Response::new(200, "text/event-stream", stream.concat().into_bytes())
}
