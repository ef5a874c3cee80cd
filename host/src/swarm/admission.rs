//! Decides which connections are let in: a libp2p behaviour that counts them and speaks no protocol.
//!
//! libp2p has such a behaviour, but it knows no IP addresses, and it never forgets a peer id that it has seen, so that
//! strangers could grow it without end.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::task::{Context, Poll};

use libp2p::core::{ConnectedPoint, Endpoint, transport::PortUse};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
    dummy,
};
use libp2p::{Multiaddr, PeerId};

use super::limits::Limits;

/// The limit that a connection was refused by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many inbound handshakes at once.
    #[error("at most {0} inbound connections may be pending")]
    PendingInbound(usize),
    /// Too many inbound connections.
    #[error("at most {0} inbound connections are allowed")]
    Inbound(usize),
    /// Too many outbound handshakes at once.
    #[error("at most {0} outbound connections may be pending")]
    PendingOutbound(usize),
    /// Too many outbound connections.
    #[error("at most {0} outbound connections are allowed")]
    Outbound(usize),
    /// Too many connections to one peer.
    #[error("at most {0} connections to one peer are allowed")]
    PerPeer(usize),
    /// Too many inbound connections from one address.
    #[error("at most {limit} inbound connections from {ip} are allowed")]
    PerIp {
        /// The address; for IPv6 the first one of its /64.
        ip: IpAddr,
        /// The limit.
        limit: usize,
    },
}

/// The behaviour. Its counts follow the swarm's events, so a connection that any behaviour refuses is forgotten here.
pub(super) struct Admission {
    limits: Limits,
    pending_in: HashMap<ConnectionId, Option<IpAddr>>,
    inbound: HashMap<ConnectionId, Option<IpAddr>>,
    pending_out: HashSet<ConnectionId>,
    outbound: HashSet<ConnectionId>,
    per_peer: HashMap<PeerId, usize>,
    per_ip: HashMap<IpAddr, usize>,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            pending_in: HashMap::new(),
            inbound: HashMap::new(),
            pending_out: HashSet::new(),
            outbound: HashSet::new(),
            per_peer: HashMap::new(),
            per_ip: HashMap::new(),
        }
    }

    fn admit_pending_inbound(&mut self, id: ConnectionId, remote: &Multiaddr) -> Result<(), Refusal> {
        below(self.pending_in.len(), self.limits.pending_inbound, Refusal::PendingInbound)?;
        let ip = self.counted_ip(remote);
        if let Some(ip) = ip {
            let count = self.per_ip.get(&ip).copied().unwrap_or(0);
            below(count, self.limits.inbound_per_ip, |limit| Refusal::PerIp { ip, limit })?;
            self.per_ip.insert(ip, count + 1);
        }
        self.pending_in.insert(id, ip);
        Ok(())
    }

    fn admit_inbound(&self, peer: PeerId) -> Result<(), Refusal> {
        below(self.inbound.len(), self.limits.inbound, Refusal::Inbound)?;
        self.admit_peer(peer)
    }

    fn admit_pending_outbound(&mut self, id: ConnectionId) -> Result<(), Refusal> {
        below(self.pending_out.len(), self.limits.pending_outbound, Refusal::PendingOutbound)?;
        // Counted with those that are pending, so that no handshake is made for nothing.
        below(self.outbound.len() + self.pending_out.len(), self.limits.outbound, |_| {
            Refusal::Outbound(self.limits.outbound)
        })?;
        self.pending_out.insert(id);
        Ok(())
    }

    fn admit_peer(&self, peer: PeerId) -> Result<(), Refusal> {
        let count = self.per_peer.get(&peer).copied().unwrap_or(0);
        below(count, self.limits.per_peer, Refusal::PerPeer)
    }

    fn established(&mut self, id: ConnectionId, peer: PeerId, endpoint: &ConnectedPoint) {
        *self.per_peer.entry(peer).or_default() += 1;
        match endpoint {
            ConnectedPoint::Dialer { .. } => {
                self.pending_out.remove(&id);
                self.outbound.insert(id);
            }
            ConnectedPoint::Listener { .. } => {
                // The count of its IP address goes on from pending to established.
                let ip = self.pending_in.remove(&id).flatten();
                self.inbound.insert(id, ip);
            }
        }
    }

    fn closed(&mut self, id: ConnectionId, peer: PeerId) {
        release(&mut self.per_peer, &peer);
        self.outbound.remove(&id);
        if let Some(Some(ip)) = self.inbound.remove(&id) {
            release(&mut self.per_ip, &ip);
        }
    }

    fn failed(&mut self, id: ConnectionId) {
        self.pending_out.remove(&id);
        if let Some(Some(ip)) = self.pending_in.remove(&id) {
            release(&mut self.per_ip, &ip);
        }
    }

    /// What the per-IP count goes by: whoever has one IPv6 address has its whole /64.
    fn counted_ip(&self, remote: &Multiaddr) -> Option<IpAddr> {
        let ip = match remote.iter().next()? {
            Protocol::Ip4(ip) => IpAddr::V4(ip),
            Protocol::Ip6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
            _ => return None,
        };
        match ip {
            ip if ip.is_loopback() && self.limits.exempt_loopback => None,
            IpAddr::V6(ip) => Some(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into()),
            ip => Some(ip),
        }
    }
}

fn below(count: usize, limit: usize, refusal: impl FnOnce(usize) -> Refusal) -> Result<(), Refusal> {
    if count < limit { Ok(()) } else { Err(refusal(limit)) }
}

fn release<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl NetworkBehaviour for Admission {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.admit_pending_inbound(id, remote).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit_inbound(peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        _: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.admit_pending_outbound(id).map_err(ConnectionDenied::new)?;
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit_peer(peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(event) => {
                self.established(event.connection_id, event.peer_id, event.endpoint);
            }
            FromSwarm::ConnectionClosed(event) => self.closed(event.connection_id, event.peer_id),
            FromSwarm::DialFailure(event) => self.failed(event.connection_id),
            FromSwarm::ListenFailure(event) => self.failed(event.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn listener(remote: &str) -> ConnectedPoint {
        ConnectedPoint::Listener { local_addr: Multiaddr::empty(), send_back_addr: addr(remote) }
    }

    fn dialer() -> ConnectedPoint {
        ConnectedPoint::Dialer { address: Multiaddr::empty(), role_override: Endpoint::Dialer, port_use: PortUse::New }
    }

    fn id(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    /// Takes the `number`th connection of a peer of its own through both phases.
    fn enter(admission: &mut Admission, number: usize, remote: &str) -> Result<PeerId, Refusal> {
        let peer = PeerId::random();
        admission.admit_pending_inbound(id(number), &addr(remote))?;
        if let Err(refusal) = admission.admit_inbound(peer) {
            admission.failed(id(number));
            return Err(refusal);
        }
        admission.established(id(number), peer, &listener(remote));
        Ok(peer)
    }

    fn is_empty(admission: &Admission) -> bool {
        admission.pending_in.is_empty()
            && admission.inbound.is_empty()
            && admission.pending_out.is_empty()
            && admission.outbound.is_empty()
            && admission.per_peer.is_empty()
            && admission.per_ip.is_empty()
    }

    #[test]
    fn pending_inbound_connections_are_bounded() {
        let mut admission = Admission::new(Limits::default());
        for number in 0..16 {
            admission.admit_pending_inbound(id(number), &addr("/ip4/127.0.0.1/tcp/1")).unwrap();
        }
        let refused = admission.admit_pending_inbound(id(16), &addr("/ip4/127.0.0.1/tcp/1"));
        assert_eq!(refused, Err(Refusal::PendingInbound(16)));
        for number in 0..17 {
            admission.failed(id(number));
        }
        assert!(is_empty(&admission));
    }

    #[test]
    fn established_inbound_connections_are_bounded_and_free_their_place() {
        let mut admission = Admission::new(Limits::default());
        let peers: Vec<_> =
            (0..64).map(|number| enter(&mut admission, number, "/ip4/127.0.0.1/tcp/1").unwrap()).collect();
        assert_eq!(enter(&mut admission, 64, "/ip4/127.0.0.1/tcp/1"), Err(Refusal::Inbound(64)));
        admission.closed(id(0), peers[0]);
        let late = enter(&mut admission, 65, "/ip4/127.0.0.1/tcp/1").unwrap();
        admission.closed(id(65), late);
        (1..64).for_each(|number| admission.closed(id(number), peers[number]));
        assert!(is_empty(&admission), "nothing is kept of a peer that left");
    }

    #[test]
    fn one_ip_address_gets_eight_inbound_connections_in_both_phases_together() {
        let mut admission = Admission::new(Limits::default());
        let peers: Vec<_> =
            (0..4).map(|number| enter(&mut admission, number, "/ip4/192.0.2.1/tcp/1").unwrap()).collect();
        for number in 4..8 {
            admission.admit_pending_inbound(id(number), &addr("/ip4/192.0.2.1/udp/2/quic-v1")).unwrap();
        }
        let ip = "192.0.2.1".parse().unwrap();
        let full = Err(Refusal::PerIp { ip, limit: 8 });
        assert_eq!(admission.admit_pending_inbound(id(8), &addr("/ip4/192.0.2.1/tcp/3")), full);
        assert_eq!(admission.admit_pending_inbound(id(9), &addr("/ip6/::ffff:192.0.2.1/tcp/3")), full);
        admission.admit_pending_inbound(id(10), &addr("/ip4/192.0.2.2/tcp/3")).unwrap();
        admission.failed(id(7));
        admission.closed(id(0), peers[0]);
        enter(&mut admission, 11, "/ip4/192.0.2.1/tcp/1").unwrap();
        enter(&mut admission, 12, "/ip4/192.0.2.1/tcp/1").unwrap();
        assert_eq!(admission.admit_pending_inbound(id(13), &addr("/ip4/192.0.2.1/tcp/3")), full);
    }

    #[test]
    fn one_ipv6_network_counts_as_one_address() {
        let mut admission = Admission::new(Limits::default());
        for number in 0..8 {
            enter(&mut admission, number, &format!("/ip6/2001:db8::{number:x}/tcp/1")).unwrap();
        }
        assert!(matches!(enter(&mut admission, 8, "/ip6/2001:db8::ffff:1/tcp/1"), Err(Refusal::PerIp { .. })));
        enter(&mut admission, 9, "/ip6/2001:db8:0:1::1/tcp/1").unwrap();
    }

    #[test]
    fn loopback_is_exempt_unless_told_otherwise() {
        let mut admission = Admission::new(Limits::default());
        (0..9).for_each(|number| assert!(enter(&mut admission, number, "/ip6/::1/tcp/1").is_ok()));
        let mut admission = Admission::new(Limits { exempt_loopback: false, ..Limits::default() });
        (0..8).for_each(|number| assert!(enter(&mut admission, number, "/ip4/127.0.0.1/tcp/1").is_ok()));
        assert!(matches!(enter(&mut admission, 8, "/ip4/127.0.0.1/tcp/1"), Err(Refusal::PerIp { .. })));
    }

    #[test]
    fn outbound_connections_are_bounded_with_those_under_way() {
        let limits = Limits { pending_outbound: 2, outbound: 3, ..Limits::default() };
        let mut admission = Admission::new(limits);
        let peer = PeerId::random();
        admission.admit_pending_outbound(id(0)).unwrap();
        admission.admit_pending_outbound(id(1)).unwrap();
        assert_eq!(admission.admit_pending_outbound(id(2)), Err(Refusal::PendingOutbound(2)));
        admission.established(id(0), peer, &dialer());
        admission.established(id(1), peer, &dialer());
        assert_eq!(admission.admit_peer(peer), Err(Refusal::PerPeer(2)));
        admission.admit_pending_outbound(id(3)).unwrap();
        assert_eq!(admission.admit_pending_outbound(id(4)), Err(Refusal::Outbound(3)));
        admission.failed(id(3));
        admission.closed(id(0), peer);
        admission.closed(id(1), peer);
        assert!(is_empty(&admission));
    }
}
