//! Whether a provider on this machine is listening; if not, Claude Code would retry silently for
//! three minutes.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

use crate::provider::Provider;

/// How long one attempt may take. On loopback, the answer comes at once.
const PATIENCE: Duration = Duration::from_millis(250);

/// The addresses that a provider on this machine listens on; empty for any other provider.
pub(crate) fn addresses(provider: &Provider) -> Vec<SocketAddr> {
    let Some(endpoint) = provider.endpoint.as_ref().filter(|endpoint| endpoint.is_loopback())
    else {
        return Vec::new();
    };
    let port = endpoint.port();
    match endpoint.host().parse() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        // `localhost`, the only name that counts as this machine.
        Err(_) => vec![
            SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
            SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port),
        ],
    }
}

/// The first address, if all of them refuse a connection.
pub(crate) fn absent(addresses: &[SocketAddr]) -> Option<SocketAddr> {
    let refuses = |address: &SocketAddr| {
        let tried = TcpStream::connect_timeout(address, PATIENCE);
        tried.is_err_and(|error| {
            // Without IPv6, nothing listens there either.
            matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable)
        })
    };
    let first = addresses.first()?;
    addresses.iter().all(refuses).then_some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn who_listens_is_there_and_who_refuses_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = listener.local_addr().unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(absent(&[]), None);
        assert_eq!(absent(&[there]), None);
        assert_eq!(absent(&[gone]), Some(gone));
        assert_eq!(absent(&[gone, there]), None, "one of two addresses is enough");
    }
}
