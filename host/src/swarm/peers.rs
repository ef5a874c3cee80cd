//! Who is connected, by which connections.

use std::collections::HashMap;

use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};

use super::address::{Target, without_peer};

/// A peer that this node is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its peer id.
    pub id: PeerId,
    /// The far ends of the connections to it, one a connection, oldest first, without `/p2p/…`.
    pub addrs: Vec<Multiaddr>,
}

/// The open connections of every peer. A peer is in it until its last one is closed.
#[derive(Default)]
pub(super) struct Peers {
    /// In the order in which they were opened, never empty.
    connections: HashMap<PeerId, Vec<Connection>>,
}

struct Connection {
    id: ConnectionId,
    addr: Multiaddr,
    dialled: bool,
}

impl Peers {
    pub(super) fn opened(&mut self, peer: PeerId, id: ConnectionId, remote: &Multiaddr, dialled: bool) {
        let connection = Connection { id, addr: without_peer(remote), dialled };
        self.connections.entry(peer).or_default().push(connection);
    }

    /// Returns whether that was the peer's last connection.
    pub(super) fn closed(&mut self, peer: PeerId, id: ConnectionId) -> bool {
        let Some(connections) = self.connections.get_mut(&peer) else { return false };
        connections.retain(|connection| connection.id != id);
        let last = connections.is_empty();
        if last {
            self.connections.remove(&peer);
        }
        last
    }

    pub(super) fn get(&self, id: PeerId) -> Option<Peer> {
        let connections = self.connections.get(&id)?;
        Some(Peer { id, addrs: connections.iter().map(|connection| connection.addr.clone()).collect() })
    }

    /// The connected peer that `target` means: the one that it names, else the one that was dialled at its address.
    pub(super) fn at(&self, target: &Target) -> Option<Peer> {
        match target.peer {
            Some(peer) => self.get(peer),
            None => {
                let addr = target.addr();
                let dialled = |connection: &Connection| connection.dialled && connection.addr == addr;
                let (id, _) = self.connections.iter().find(|(_, connections)| connections.iter().any(dialled))?;
                self.get(*id)
            }
        }
    }

    /// All of them, sorted by the text of their ids.
    pub(super) fn list(&self) -> Vec<Peer> {
        let mut peers: Vec<_> = self.connections.keys().filter_map(|id| self.get(*id)).collect();
        peers.sort_by_cached_key(|peer| peer.id.to_base58());
        peers
    }
}
