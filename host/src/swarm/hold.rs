//! Keeps connections open that somebody asked for.
//!
//! An idle connection is closed by either side, so the one that dialled it cannot keep it alone. It opens one stream,
//! on which nothing is ever sent; while that is open, the connection is idle on neither side. The other side may close
//! the stream, and the connection stays only as long as it is used.
//!
//! Every outbound connection is one that the operator or a guest asked for, so every one is held. A connection that a
//! peer opened is held from the moment on when somebody here asks for that peer.

use std::collections::HashSet;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::AsyncRead;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::handler::ConnectionEvent;
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
    NotifyHandler, Stream, StreamProtocol, SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};

/// The stream's protocol: nothing is sent on it, in either direction.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/ww/hold/1.0.0");

/// The behaviour.
#[derive(Default)]
pub(super) struct Hold {
    /// Peers whose connections do not know yet that they are wanted. Connected ones only, so there are never many.
    wanted: HashSet<PeerId>,
}

impl Hold {
    /// Holds one connection of a connected peer.
    pub(super) fn want(&mut self, peer: PeerId) {
        self.wanted.insert(peer);
    }
}

/// Tells a connection that it is wanted.
#[derive(Debug)]
pub(super) struct Wanted;

impl NetworkBehaviour for Hold {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler { wanted: false, requested: false, stream: None })
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler { wanted: true, requested: false, stream: None })
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        let Some(peer_id) = self.wanted.iter().next().copied() else { return Poll::Pending };
        self.wanted.remove(&peer_id);
        Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::Any, event: Wanted })
    }
}

/// The part of one connection.
pub(super) struct Handler {
    /// Whether this side wants the connection: then it opens the stream, and does not close the connection where the
    /// peer, being no `ww` node, does not know the protocol.
    wanted: bool,
    requested: bool,
    /// The open stream. A second one of the peer's takes the place of the first, so there is never more than one.
    stream: Option<Stream>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Wanted;
    type ToBehaviour = Infallible;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ())
    }

    fn connection_keep_alive(&self) -> bool {
        self.wanted
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Self::ToBehaviour>> {
        if self.wanted && !self.requested {
            self.requested = true;
            let protocol = SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ());
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        if let Some(stream) = &mut self.stream
            && Pin::new(stream).poll_read(cx, &mut [0]).is_ready()
        {
            // Its end, an error, or bytes that nobody should send.
            self.stream = None;
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, Wanted: Self::FromBehaviour) {
        self.wanted = true;
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(inbound) => self.stream = Some(inbound.protocol),
            ConnectionEvent::FullyNegotiatedOutbound(outbound) => self.stream = Some(outbound.protocol),
            _ => {}
        }
    }
}
