//! Following who is connected.

use libp2p::PeerId;
use tokio::sync::watch;

use super::handle::State;
use super::peers::Peer;

/// The peers of a node as they come and go, for one who looks again and again. It keeps no history: whoever looks late
/// sees what is, not what was.
pub struct PeerChanges(watch::Receiver<State>);

impl PeerChanges {
    pub(super) fn new(state: watch::Receiver<State>) -> Self {
        Self(state)
    }

    /// The ids of those that are connected, in the order of [`SwarmHandle::peers`](super::SwarmHandle::peers). Changes
    /// count from here.
    pub fn ids(&mut self) -> Vec<PeerId> {
        self.0.borrow_and_update().peers.iter().map(|peer| peer.id).collect()
    }

    /// One of them, as it is at this moment.
    pub fn peer(&self, id: PeerId) -> Option<Peer> {
        self.0.borrow().peers.iter().find(|peer| peer.id == id).cloned()
    }

    /// Returns when there may have been a change since the [ids](Self::ids) were last asked for. `None`: the swarm has
    /// stopped, and there will be no more.
    pub async fn changed(&mut self) -> Option<()> {
        self.0.changed().await.ok()
    }
}
