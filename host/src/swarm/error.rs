//! What can go wrong: at the start, and with one connection.

use std::error::Error;
use std::io;

use libp2p::swarm::DialError;
use libp2p::{Multiaddr, PeerId};

use super::address::{AddrError, Target};
use super::admission::Refusal;
use super::limits::MAX_CONFIGURED_PEERS;

/// Why the swarm did not start.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// An address to listen on cannot be bound.
    #[error("swarm: cannot listen on {addr}: {cause}")]
    Listen {
        /// The address, as it was given.
        addr: Multiaddr,
        /// What the operating system or the transport said.
        cause: io::Error,
    },
    /// An address to listen on is of a kind that this node has no transport for.
    #[error("swarm: cannot listen on {0}")]
    ListenAddress(AddrError),
    /// A configured peer cannot be dialled.
    #[error("swarm: cannot dial the peer {0}")]
    PeerAddress(AddrError),
    /// A configured peer is this node.
    #[error("swarm: the peer {0} is this node itself")]
    PeerIsSelf(Multiaddr),
    /// More configured peers than connections.
    #[error("swarm: {0} peers are configured, at most {MAX_CONFIGURED_PEERS} are allowed")]
    TooManyPeers(usize),
    /// The thread or its runtime could not be made.
    #[error("swarm: cannot start its thread: {0}")]
    Thread(io::Error),
    /// The encrypted transport could not be made from the identity.
    #[error("swarm: cannot set up the transport: {0}")]
    Transport(String),
}

impl SwarmError {
    /// The address that another process listens on, where that is what stopped the start.
    pub fn address_in_use(&self) -> Option<&Multiaddr> {
        match self {
            Self::Listen { addr, cause } if cause.kind() == io::ErrorKind::AddrInUse => Some(addr),
            _ => None,
        }
    }

    /// The port of [`address_in_use`](Self::address_in_use).
    pub fn port_in_use(&self) -> Option<u16> {
        let target = Target::of(self.address_in_use()?).ok()?;
        Some(target.socket.port())
    }
}

/// Why there is no connection to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be used.
    #[error(transparent)]
    Address(#[from] AddrError),
    /// The address, or its peer id, is this node's.
    #[error("{addr} is this node itself")]
    Myself {
        /// The address.
        addr: String,
    },
    /// Somebody else answered.
    #[error("{addr} is peer {found}, not {expected}")]
    WrongPeer {
        /// The address without a peer id.
        addr: String,
        /// The peer id that the caller named.
        expected: PeerId,
        /// The peer id that the other side proved to have.
        found: PeerId,
    },
    /// Nobody answered in time, or the connection failed before it was authenticated.
    #[error("cannot connect to {addr}: {reason}")]
    Unreachable {
        /// The address.
        addr: String,
        /// The innermost cause.
        reason: String,
    },
    /// A limit on connections.
    #[error("cannot connect to {addr}: {refusal}")]
    Refused {
        /// The address.
        addr: String,
        /// The limit.
        refusal: Refusal,
    },
    /// Too many calls at once.
    #[error("at most {0} calls of connect may be outstanding")]
    TooManyCalls(usize),
    /// The swarm is stopping or has stopped.
    #[error("the swarm has stopped")]
    Stopped,
}

impl ConnectError {
    /// Whether a limit was reached, so that the same call may succeed later.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::TooManyCalls(_))
    }

    pub(super) fn of_dial(target: &Target, error: DialError) -> Self {
        let addr = target.to_string();
        match error {
            DialError::LocalPeerId { .. } | DialError::NoAddresses => Self::Myself { addr },
            DialError::WrongPeerId { obtained, .. } => match target.peer {
                Some(expected) => Self::WrongPeer { addr: target.addr().to_string(), expected, found: obtained },
                None => Self::Unreachable { addr, reason: format!("unexpected peer {obtained}") },
            },
            DialError::Denied { cause } => match cause.downcast::<Refusal>() {
                Ok(refusal) => Self::Refused { addr, refusal },
                Err(cause) => Self::Unreachable { addr, reason: innermost(&cause) },
            },
            DialError::Transport(errors) => {
                let reason = errors.first().map_or_else(|| "no transport".into(), |(_, error)| innermost(error));
                Self::Unreachable { addr, reason }
            }
            DialError::Aborted | DialError::DialPeerConditionFalse(_) => Self::Stopped,
        }
    }
}

/// The text at the end of a chain of causes; the texts before it only name libp2p's layers.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    loop {
        // An `io::Error` hides the one that it wraps from `source`, and names that one's source instead.
        let wrapped = error.downcast_ref::<io::Error>().and_then(|error| error.get_ref());
        match wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source()) {
            Some(inner) => error = inner,
            None => return error.to_string(),
        }
    }
}
