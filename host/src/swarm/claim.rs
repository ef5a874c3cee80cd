//! Makes sure that a port is ours alone before the transport binds it.
//!
//! libp2p's TCP transport binds its listeners with `SO_REUSEPORT`, so a second node of the same user would bind the same
//! port without an error, and the kernel would deal the connections out to both. So a socket **without** that option
//! binds and listens first, which fails where anybody listens there. Then the option is switched on, the transport
//! binds beside it, and the first socket closes. Nobody can slip in between: every other node needs such a socket, too.

use std::io;
use std::net::SocketAddr;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use socket2::{Domain, Socket, Type};

use super::address::{Target, Transport};

/// Checks that nobody else has the address, and keeps it while the transport binds it. Drop it afterwards.
///
/// `None`: nothing to hold, because the port is the kernel's choice, or because the transport's own bind is exclusive.
pub(super) fn claim(target: &Target) -> io::Result<Option<Socket>> {
    if target.socket.port() == 0 {
        return Ok(None);
    }
    match target.transport {
        Transport::Tcp => claim_tcp(target.socket).map(Some),
        // QUIC's socket is exclusive by itself. Binding it here once only yields an error that says why.
        Transport::Quic => bind(target.socket, Type::DGRAM).map(|_| None),
    }
}

fn claim_tcp(addr: SocketAddr) -> io::Result<Socket> {
    let socket = bind(addr, Type::STREAM)?;
    socket.listen(1)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    Ok(socket)
}

fn bind(addr: SocketAddr, kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), kind, None)?;
    if addr.is_ipv6() {
        // As the transports do, so that `[::]` and `0.0.0.0` can have the same port.
        socket.set_only_v6(true)?;
    }
    #[cfg(unix)]
    if kind == Type::STREAM {
        // Connections of an earlier node that are still in TIME_WAIT must not stop this one.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&addr.into())?;
    Ok(socket)
}

/// Where a node listens by default: TCP and QUIC on `port` of every interface, IPv4 and, where the machine has it, IPv6.
/// With port 0 each of them gets a port of its own.
pub fn default_listen(port: u16) -> Vec<Multiaddr> {
    let unspecified = |ip: Protocol<'static>| {
        let tcp = Multiaddr::from(ip.clone()).with(Protocol::Tcp(port));
        let quic = Multiaddr::from(ip).with(Protocol::Udp(port)).with(Protocol::QuicV1);
        [tcp, quic]
    };
    let mut addrs = Vec::from(unspecified(Protocol::Ip4(std::net::Ipv4Addr::UNSPECIFIED)));
    if has_ipv6() {
        addrs.extend(unspecified(Protocol::Ip6(std::net::Ipv6Addr::UNSPECIFIED)));
    }
    addrs
}

/// Whether IPv6 sockets can be bound. Where IPv6 is off, either the address family or its loopback address is missing.
fn has_ipv6() -> bool {
    bind(SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 0)), Type::DGRAM).is_ok()
}
