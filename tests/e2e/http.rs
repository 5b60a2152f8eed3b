//! Just enough HTTP/1.1 for the endpoint: one request in, one response out, on any stream.

use std::io;
use std::io::BufRead;
use std::io::Read;
use std::io::Write;

use serde_json::Value;

/// One request as it arrived, kept whole, because what must not be in it can be anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Whether it came through TLS.
    pub(crate) secure: bool,
    /// The host that the client believed it was talking to, without the port.
    pub(crate) host: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// In order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(key, _)| key == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    pub(crate) fn route(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(route, _)| route)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The model that the body asks for.
    pub(crate) fn model(&self) -> Option<String> {
        let body = self.json();
        body.get("model")?.as_str().map(str::to_owned)
    }

    /// Whether the body holds somebody's words, in any dialect of any vendor.
    pub(crate) fn has_prompt(&self) -> bool {
        let body = self.json();
        ["messages", "contents", "prompt", "input"]
            .iter()
            .filter_map(|key| body.get(key))
            .any(|words| words.is_array() || words.is_string())
    }

    /// Whether `text` occurs anywhere: in the path, a header or the body.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.path.contains(text)
            || self.headers.iter().any(|(_, value)| value.contains(text))
            || String::from_utf8_lossy(&self.body).contains(text)
    }
}

/// What goes back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// Where the request is to be made instead.
    pub(crate) location: Option<&'static str>,
}

impl Response {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    pub(crate) const fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, content_type, body, location: None }
    }
}

/// The next request of a kept-alive connection; none when the client has hung up.
pub(crate) fn read(stream: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(first) = line(stream)? else {
        return Ok(None);
    };
    let mut words = first.split(' ');
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    while let Some(header) = line(stream)?.filter(|header| !header.is_empty()) {
        if let Some((name, value)) = header.split_once(':') {
            let name = name.trim().to_ascii_lowercase();
            request.headers.push((name, value.trim().to_owned()));
        }
    }
    request.body = body(&request, stream)?;
    request.host = host(&request);
    Ok(Some(request))
}

pub(crate) fn write(
    stream: &mut impl Write,
    request: &Request,
    response: &Response,
) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n",
        response.status,
        reason(response.status),
        response.content_type,
        response.body.len()
    )?;
    if let Some(location) = response.location {
        write!(stream, "location: {location}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    if request.method != "HEAD" {
        stream.write_all(&response.body)?;
    }
    stream.flush()
}

fn line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line);
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn body(request: &Request, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if request.header("transfer-encoding") == Some("chunked") {
        while let Some(size) = line(stream)? {
            let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            stream.take(size).read_to_end(&mut body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = request.header("content-length") {
        let length = length.parse().map_err(io::Error::other)?;
        stream.take(length).read_to_end(&mut body)?;
    }
    Ok(body)
}

/// A request to a proxy names its host in the request line, any other in the Host header.
fn host(request: &Request) -> String {
    let named = request
        .path
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .or_else(|| request.header("host"))
        .unwrap_or_default();
    let end = named.rfind(':').unwrap_or(named.len());
    named.get(..end).unwrap_or_default().to_ascii_lowercase()
}

fn reason(status: u16) -> &'static str {
    match status {
        200..=299 => "OK",
        300..=399 => "Moved",
        400..=499 => "Refused",
        _ => "Failed",
    }
}
