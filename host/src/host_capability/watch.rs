//! Telling a watcher of peers that come and go.

use std::collections::BTreeSet;

use capnp::Error;
use libp2p::PeerId;
use ww_capnp::system_capnp::peer_watcher;

use super::write_peer;
use crate::swarm::{Peer, PeerChanges};

/// Watches of one node, of all its guests together. Each keeps the ids that it told of, some 10 KiB at most, and looks
/// through all peers when one of them comes or goes. A guest has use for one, and hands on what it hears.
pub const MAX_WATCHES: usize = 64;

/// One watch. Nothing queues in it: it knows what it told, sees what is, and tells the difference.
pub(super) struct Watch {
    watcher: peer_watcher::Client,
    changes: PeerChanges,
    /// Those that the watcher takes for connected.
    told: BTreeSet<PeerId>,
}

impl Watch {
    pub(super) fn new(watcher: peer_watcher::Client, changes: PeerChanges) -> Self {
        Self { watcher, changes, told: BTreeSet::new() }
    }

    /// Tells until the watcher fails or the swarm stops; returns why. Dropping it ends the watch.
    pub(super) async fn run(mut self) -> Error {
        loop {
            for id in self.differences() {
                if let Err(Error { kind, extra }) = self.tell(id).await {
                    return Error { kind, extra: format!("host.watchPeers: the watcher failed: {extra}") };
                }
            }
            if self.changes.changed().await.is_none() {
                return Error::disconnected("host.watchPeers: the node has left the network".into());
            }
        }
    }

    /// Those of whose coming or going the watcher does not know. All of them have their turn before any has a second
    /// one: a peer that comes and goes all the time does not keep the others from being told of.
    fn differences(&mut self) -> Vec<PeerId> {
        let ids = self.changes.ids();
        let now: BTreeSet<_> = ids.iter().copied().collect();
        let gone = self.told.difference(&now).copied();
        gone.chain(ids.into_iter().filter(|id| !self.told.contains(id))).collect()
    }

    /// Tells of one peer what is true now, where the watcher does not know.
    async fn tell(&mut self, id: PeerId) -> Result<(), Error> {
        match self.changes.peer(id) {
            Some(peer) if self.told.insert(id) => self.connected(&peer).await,
            None if self.told.remove(&id) => self.disconnected(id).await,
            _ => Ok(()),
        }
    }

    async fn connected(&self, peer: &Peer) -> Result<(), Error> {
        let mut request = self.watcher.connected_request();
        write_peer(peer, request.get().init_peer())?;
        request.send().promise.await.map(|_| ())
    }

    async fn disconnected(&self, id: PeerId) -> Result<(), Error> {
        let mut request = self.watcher.disconnected_request();
        request.get().set_peer_id(id.to_base58());
        request.send().promise.await.map(|_| ())
    }
}
