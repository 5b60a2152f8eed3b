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
const TIME_LIMIT: Duration = Duration::from_millis(250);

/// The addresses that a provider on this machine listens on; empty for any other provider.
pub(crate) fn addresses(provider: &Provider) -> Vec<SocketAddr> {
    let endpoint = match &provider.endpoint {
        Some(endpoint) if endpoint.is_loopback() => endpoint,
        _ => return Vec::new(),
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
    for address in addresses {
        match TcpStream::connect_timeout(address, TIME_LIMIT) {
            // Without IPv6, nothing listens on its address either.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable
                ) => {}
            Ok(_) | Err(_) => return None,
        }
    }
    addresses.first().copied()
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
