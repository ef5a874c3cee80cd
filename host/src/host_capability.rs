//! `Host`: the node that a guest runs on, as a capability.

mod watch;

use std::rc::Rc;

use capnp::Error;
use tokio::sync::Semaphore;
use ww_capnp::system_capnp::{host, peer_info};

use crate::swarm::{ConnectError, Peer, SwarmHandle, parse_multiaddr};
use watch::Watch;

pub use watch::MAX_WATCHES;

/// The name of the node itself among the capabilities.
pub const NAME: &str = "host";

/// Serves `Host` from a running swarm. Ids and addresses cross as text.
pub struct HostCapability {
    swarm: SwarmHandle,
    /// One permit an open watch.
    watches: Semaphore,
}

impl HostCapability {
    /// The capability of the node that `swarm` belongs to.
    pub fn new(swarm: SwarmHandle) -> Self {
        Self { swarm, watches: Semaphore::new(MAX_WATCHES) }
    }
}

impl host::Server for HostCapability {
    async fn id(self: Rc<Self>, _: host::IdParams, mut results: host::IdResults) -> Result<(), Error> {
        results.get().set_peer_id(self.swarm.peer_id().to_base58());
        Ok(())
    }

    async fn addrs(self: Rc<Self>, _: host::AddrsParams, mut results: host::AddrsResults) -> Result<(), Error> {
        let addrs = self.swarm.addrs();
        let mut list = results.get().init_addrs(length(addrs.len())?);
        for (index, addr) in (0..).zip(&addrs) {
            list.set(index, addr.to_string());
        }
        Ok(())
    }

    async fn peers(self: Rc<Self>, _: host::PeersParams, mut results: host::PeersResults) -> Result<(), Error> {
        let peers = self.swarm.peers().await;
        let mut list = results.get().init_peers(length(peers.len())?);
        for (index, peer) in (0..).zip(&peers) {
            write_peer(peer, list.reborrow().get(index))?;
        }
        Ok(())
    }

    async fn connect(
        self: Rc<Self>,
        params: host::ConnectParams,
        mut results: host::ConnectResults,
    ) -> Result<(), Error> {
        let addr = {
            let text = params.get()?.get_addr()?;
            let text = text.to_str().map_err(|_| failed("the address is no UTF-8"))?;
            parse_multiaddr(text).map_err(failed)?
        };
        // Parameters are the caller's memory: not held while a handshake lasts.
        drop(params);
        let peer = self.swarm.connect(addr).await.map_err(connect_error)?;
        write_peer(&peer, results.get().init_peer())
    }

    async fn watch_peers(
        self: Rc<Self>,
        params: host::WatchPeersParams,
        _: host::WatchPeersResults,
    ) -> Result<(), Error> {
        let Ok(_permit) = self.watches.try_acquire() else {
            let text = format!("host.watchPeers: {MAX_WATCHES} watches are open on this node, which is the limit");
            return Err(Error::overloaded(format!("{text}; drop one first")));
        };
        let no_watcher = |_| Error::failed("host.watchPeers: there is no watcher".into());
        let watcher = params.get()?.get_watcher().map_err(no_watcher)?;
        // Parameters are the caller's memory: not held while a watch lasts.
        drop(params);
        Err(Watch::new(watcher, self.swarm.peer_changes()).run().await)
    }
}

fn write_peer(peer: &Peer, mut info: peer_info::Builder<'_>) -> Result<(), Error> {
    info.set_peer_id(peer.id.to_base58());
    let mut addrs = info.init_addrs(length(peer.addrs.len())?);
    for (index, addr) in (0..).zip(&peer.addrs) {
        addrs.set(index, addr.to_string());
    }
    Ok(())
}

fn connect_error(error: ConnectError) -> Error {
    let text = format!("host.connect: {error}");
    if error.is_overload() { Error::overloaded(text) } else { Error::failed(text) }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::failed(format!("host.connect: {error}"))
}

fn length(len: usize) -> Result<u32, Error> {
    u32::try_from(len).map_err(|_| Error::failed(format!("host: a list of {len} entries is too long")))
}

#[cfg(test)]
mod tests;
