//! Multiaddresses that this node can use: `/ip4|ip6/…/tcp/P` and `/ip4|ip6/…/udp/P/quic-v1`, with or without `/p2p/ID`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use super::limits::MAX_ADDR_BYTES;

/// What the error texts show of a bad address.
const SHOWN_BYTES: usize = 80;

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddrError {
    /// The text is longer than [`MAX_ADDR_BYTES`].
    #[error("the address has {0} bytes, at most {MAX_ADDR_BYTES} are allowed")]
    TooLong(usize),
    /// The text is no multiaddress.
    #[error("{text} is no multiaddress ({reason}); an example: /ip4/192.0.2.1/tcp/2025")]
    Syntax {
        /// The text, quoted, escaped and shortened.
        text: String,
        /// What the parser found.
        reason: String,
    },
    /// A multiaddress of a kind that this node has no transport for.
    #[error("{addr}: {reason}")]
    Unsupported {
        /// The address, escaped and shortened.
        addr: String,
        /// What is not supported, and what is.
        reason: String,
    },
}

/// Reads a multiaddress and checks that this node has a transport for it.
pub fn parse_multiaddr(text: &str) -> Result<Multiaddr, AddrError> {
    if text.len() > MAX_ADDR_BYTES {
        return Err(AddrError::TooLong(text.len()));
    }
    let addr: Multiaddr = text.parse().map_err(|error: libp2p::multiaddr::Error| AddrError::Syntax {
        text: format!("\"{}\"", shown(text)),
        reason: shown(&error.to_string()),
    })?;
    Target::of(&addr)?;
    Ok(addr)
}

/// The transports of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Transport {
    Tcp,
    Quic,
}

/// A multiaddress taken apart: every address that this node can use has exactly these parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) transport: Transport,
    pub(super) socket: SocketAddr,
    pub(super) peer: Option<PeerId>,
}

impl Target {
    pub(super) fn of(addr: &Multiaddr) -> Result<Self, AddrError> {
        let refuse = |reason: String| AddrError::Unsupported { addr: shown(&addr.to_string()), reason };
        let mut parts = addr.iter();
        let ip = match parts.next() {
            Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
            Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
            other => return Err(refuse(not_an_ip(other))),
        };
        let (transport, port) = match parts.next() {
            Some(Protocol::Tcp(port)) => (Transport::Tcp, port),
            Some(Protocol::Udp(port)) if parts.next() == Some(Protocol::QuicV1) => (Transport::Quic, port),
            _ => return Err(refuse("/tcp/PORT or /udp/PORT/quic-v1 must follow the IP address".into())),
        };
        let peer = match parts.next() {
            None => None,
            Some(Protocol::P2p(id)) => Some(id),
            Some(other) => return Err(refuse(format!("/{} is not supported", other.tag()))),
        };
        match parts.next() {
            None => Ok(Self { transport, socket: SocketAddr::new(ip, port), peer }),
            Some(Protocol::P2pCircuit) => Err(refuse("relays (/p2p-circuit) are not supported".into())),
            Some(_) => Err(refuse("nothing may follow /p2p/ID".into())),
        }
    }

    /// Whether something can answer there: a wildcard or port 0 can be listened on, not dialled.
    pub(super) fn dialable(&self) -> Result<(), AddrError> {
        if self.socket.ip().is_unspecified() || self.socket.port() == 0 {
            let reason = "a wildcard address or port 0 can be listened on, not dialled".into();
            return Err(AddrError::Unsupported { addr: self.to_string(), reason });
        }
        Ok(())
    }

    /// The address without its peer id.
    pub(super) fn addr(&self) -> Multiaddr {
        let addr = Multiaddr::from(self.socket.ip());
        match self.transport {
            Transport::Tcp => addr.with(Protocol::Tcp(self.socket.port())),
            Transport::Quic => addr.with(Protocol::Udp(self.socket.port())).with(Protocol::QuicV1),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(f, "{}/p2p/{peer}", self.addr()),
            None => write!(f, "{}", self.addr()),
        }
    }
}

/// An address without the trailing `/p2p/ID`.
pub(super) fn without_peer(addr: &Multiaddr) -> Multiaddr {
    addr.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect()
}

fn not_an_ip(part: Option<Protocol<'_>>) -> String {
    match part {
        Some(Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) | Protocol::Dnsaddr(_)) => {
            "/dns is not supported: name the IP address".into()
        }
        Some(Protocol::P2p(_)) => "a peer id alone cannot be dialled: put the peer's address before it".into(),
        Some(other) => format!("/{} is not supported: an address starts with /ip4 or /ip6", other.tag()),
        None => "an address starts with /ip4 or /ip6".into(),
    }
}

/// A text that came from elsewhere, as an error shows it: its beginning, with nothing in it that breaks a line or does
/// something to a terminal. The parser's own errors repeat what they were given, so they are such a text, too.
fn shown(text: &str) -> String {
    if text.len() <= SHOWN_BYTES {
        return text.escape_debug().to_string();
    }
    let end = (0..=SHOWN_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", text[..end].escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

    fn error(text: &str) -> String {
        parse_multiaddr(text).unwrap_err().to_string()
    }

    #[test]
    fn both_transports_and_ip_versions_parse_and_print_unchanged() {
        for text in ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/2025", "/ip4/0.0.0.0/udp/0/quic-v1"] {
            for text in [text.to_owned(), format!("{text}/p2p/{ID}")] {
                let addr = parse_multiaddr(&text).unwrap();
                assert_eq!(addr.to_string(), text);
                assert_eq!(Target::of(&addr).unwrap().to_string(), text);
            }
        }
    }

    #[test]
    fn the_error_says_what_is_not_supported() {
        assert!(error("/dns4/example.org/tcp/1").contains("/dns is not supported"));
        assert!(error(&format!("/p2p/{ID}")).contains("peer id alone"));
        assert!(error("/ip4/127.0.0.1").contains("/tcp/PORT or /udp/PORT/quic-v1"));
        assert!(error("/ip4/127.0.0.1/udp/1").contains("/udp/PORT/quic-v1"));
        assert!(error("/ip4/127.0.0.1/tcp/1/ws").contains("/ws is not supported"));
        assert!(error("/memory/1").contains("/memory is not supported"));
        assert!(error(&format!("/ip4/1.2.3.4/tcp/1/p2p/{ID}/p2p-circuit")).contains("relays"));
        assert!(error(&format!("/ip4/1.2.3.4/tcp/1/p2p/{ID}/tcp/1")).contains("nothing may follow"));
    }

    #[test]
    fn garbage_is_named_in_one_short_line() {
        for text in [
            "",
            "/",
            "hello",
            "/ip4/300.1.1.1/tcp/1",
            "/ip4/1.2.3.4/tcp/70000",
            "\n\u{1b}[2J",
            "/a\nb",
            "/dns/a\nb/tcp/1",
            &"é/".repeat(170),
        ] {
            let error = error(text);
            assert!(error.len() < 300 && !error.contains(['\n', '\u{1b}']), "{error:?}");
        }
        assert!(error(&"a".repeat(MAX_ADDR_BYTES + 1)).contains(&MAX_ADDR_BYTES.to_string()));
    }

    #[test]
    fn wildcards_and_port_0_cannot_be_dialled() {
        for text in ["/ip4/0.0.0.0/tcp/1", "/ip6/::/udp/1/quic-v1", "/ip4/127.0.0.1/tcp/0"] {
            assert!(Target::of(&text.parse().unwrap()).unwrap().dialable().is_err(), "{text}");
        }
        assert!(Target::of(&"/ip4/127.0.0.1/tcp/1".parse().unwrap()).unwrap().dialable().is_ok());
    }
}
