//! The node's place in the network: libp2p over TCP and QUIC, on a thread of its own.
//!
//! [`start`] binds every address or fails, and returns a [`SwarmHandle`], which can be cloned and sent anywhere. Behind
//! it one thread with one runtime owns all sockets and connections; handles read what it publishes, and send it
//! commands through a bounded queue.
//!
//! - TCP is encrypted with noise and multiplexed with yamux; QUIC does both by itself. Addresses are IP addresses: no
//!   names, no relays.
//! - Two nodes never share a port: the second one's start fails ([`SwarmError::address_in_use`]).
//! - A peer is connected from its first connection to the end of its last one.
//! - Connections that somebody here asked for stay open until one side stops; the other ones close when they are idle.
//!   A connection on which a ping is not answered is closed.
//! - Everything is bounded: [`limits`].
//!
//! What it does not do yet: find peers by itself, serve streams to guests, translate addresses behind a NAT.

mod address;
mod admission;
mod behaviour;
mod changes;
mod claim;
mod dials;
mod error;
mod events;
mod handle;
mod hold;
pub mod limits;
mod muxer;
mod peers;
mod redial;
mod service;
#[cfg(test)]
mod tests;
mod transport;

pub use address::{AddrError, parse_multiaddr};
pub use admission::Refusal;
pub use changes::PeerChanges;
pub use claim::default_listen;
pub use error::{ConnectError, SwarmError};
pub use handle::{SwarmConfig, SwarmHandle, start};
pub use limits::Limits;
pub use peers::Peer;
