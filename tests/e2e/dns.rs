//! The whole domain name system of a row: every name is this machine.

use std::io;
use std::net::UdpSocket;
use std::thread;

const ADDRESS: u16 = 1;

/// Answers on `127.0.0.1:53` for as long as the process lives.
pub(crate) fn serve() -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:53")?;
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let query = buffer.get(..length).unwrap_or_default();
            if let Some(answer) = answer(query) {
                // Whoever no longer waits for it asks again.
                socket.send_to(&answer, from).ok();
            }
        }
    });
    Ok(())
}

/// 127.0.0.1 for a question about an IPv4 address, no records for any other.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let id = query.get(..2)?;
    let question = question(query.get(12..)?)?;
    let kind = question.get(question.len().checked_sub(4)?..)?;
    let kind = u16::from_be_bytes([*kind.first()?, *kind.get(1)?]);
    let found = u8::from(kind == ADDRESS);
    let mut answer = id.to_vec();
    // A response, recursion desired and available; one question, and the answers to it.
    answer.extend([0x81, 0x80, 0, 1, 0, found, 0, 0, 0, 0]);
    answer.extend(question);
    if found == 1 {
        // The name of the question, IN A, a minute, four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    Some(answer)
}

/// The first question: labels up to the empty one, then type and class.
fn question(bytes: &[u8]) -> Option<&[u8]> {
    let mut end = 0;
    loop {
        let length = usize::from(*bytes.get(end)?);
        end += 1 + length;
        if length == 0 {
            return bytes.get(..end + 4);
        }
    }
}
