//! What the swarm reports, and what follows from it.

use std::io;

use libp2p::PeerId;
use libp2p::core::transport::ListenerId;
use libp2p::ping;
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use tokio::time::Instant;

use super::admission::Refusal;
use super::behaviour::BehaviourEvent;
use super::dials::Caller;
use super::error::{ConnectError, innermost};
use super::peers::Peer;
use super::service::Service;

impl Service {
    pub(super) fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let remote = endpoint.get_remote_address();
                tracing::debug!(target: "ww::swarm", peer = %peer_id, addr = %remote, "connected");
                self.peers.opened(peer_id, connection_id, remote, endpoint.is_dialer());
                self.publish();
                self.on_connected(peer_id, connection_id);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                let cause = cause.map(|cause| cause.to_string()).unwrap_or_default();
                tracing::debug!(target: "ww::swarm", peer = %peer_id, cause, "connection closed");
                let last = self.peers.closed(peer_id, connection_id);
                self.publish();
                if last {
                    self.redial.gone(peer_id, Instant::now());
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, peer_id, error } => {
                self.on_dial_failed(connection_id, peer_id, error);
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                let error = innermost(&error);
                tracing::debug!(target: "ww::swarm", addr = %send_back_addr, error, "inbound connection failed");
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                tracing::debug!(target: "ww::swarm", addr = %address, "listening");
                self.publish();
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                tracing::debug!(target: "ww::swarm", addr = %address, "not listening any more");
                self.publish();
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } => self.on_listener_closed(listener_id, reason),
            SwarmEvent::ListenerError { error, .. } => {
                tracing::debug!(target: "ww::swarm", %error, "a listener failed to accept");
            }
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(event),
            _ => {}
        }
    }

    fn on_connected(&mut self, peer: PeerId, id: ConnectionId) {
        if let Some(index) = self.redial.index_of(id) {
            self.redial.connected(index, peer, Instant::now());
        } else if let Some((_, callers)) = self.dials.ended(id) {
            if callers.iter().all(|caller| caller.reply.is_closed()) {
                self.swarm.close_connection(id);
            }
            let peer = self.peers.get(peer);
            answer_all(callers, peer.ok_or(ConnectError::Stopped));
        }
    }

    fn on_dial_failed(&mut self, id: ConnectionId, peer: Option<PeerId>, error: DialError) {
        let connected = peer.filter(|_| is_second_too_many(&error)).and_then(|peer| self.peers.get(peer));
        if let Some(index) = self.redial.index_of(id) {
            match connected {
                Some(peer) => self.redial.connected(index, peer.id, Instant::now()),
                None => {
                    let error = ConnectError::of_dial(&self.redial.target(index), error);
                    self.configured_failed(index, &error);
                }
            }
        } else if let Some((target, callers)) = self.dials.ended(id) {
            // An address without a peer id can turn out to be a peer that has all its connections already.
            let result = connected.ok_or_else(|| ConnectError::of_dial(&target, error));
            tracing::debug!(target: "ww::swarm", addr = %target, error = ?result.as_ref().err(), "dial ended");
            answer_all(callers, result);
        }
    }

    pub(super) fn configured_failed(&mut self, index: usize, error: &ConnectError) {
        let pause = self.redial.failed(index, Instant::now());
        // Once is enough for the operator to see a wrong address; a peer that is down for a day is not news.
        if pause == self.retry_min {
            tracing::warn!(target: "ww::swarm", %error, "a configured peer is not connected; dialling goes on");
        } else {
            tracing::debug!(target: "ww::swarm", %error, ?pause, "a configured peer is not connected");
        }
    }

    fn on_ping(&mut self, event: ping::Event) {
        if let Err(ping::Failure::Timeout) = event.result {
            tracing::debug!(target: "ww::swarm", peer = %event.peer, "no answer to a ping, closing the connection");
            self.swarm.close_connection(event.connection);
        }
    }

    fn on_listener_closed(&mut self, listener: ListenerId, reason: io::Result<()>) {
        if self.listeners.remove(&listener)
            && let Err(error) = reason
        {
            tracing::warn!(target: "ww::swarm", %error, "an address is not listened on any more");
        }
        self.publish();
    }
}

fn answer_all(callers: Vec<Caller>, result: Result<Peer, ConnectError>) {
    for caller in callers {
        caller.answer(result.clone());
    }
}

/// Whether a dial was refused because the peer is connected as often as it may be.
fn is_second_too_many(error: &DialError) -> bool {
    let DialError::Denied { cause } = error else { return false };
    matches!(cause.downcast_ref::<Refusal>(), Some(Refusal::PerPeer(_)))
}
