//! The bounds of the swarm. Nothing that a peer or a guest can fill is without one.

use std::time::Duration;

/// Inbound connections whose handshake is not done yet. Each costs a task and some 10 KiB, and whoever sends a SYN can
/// open one.
pub const MAX_PENDING_INBOUND: usize = 16;

/// Established inbound connections. With [`CONNECTION_WINDOW`] it bounds what strangers can make the node hold: 1 GiB
/// in the worst case, from eight addresses at least ([`MAX_INBOUND_PER_IP`]).
pub const MAX_INBOUND: usize = 64;

/// Outbound connections whose handshake is not done yet: [`MAX_CONNECTS`] of guests and [`MAX_REDIALS`] of ours.
pub const MAX_PENDING_OUTBOUND: usize = MAX_CONNECTS + MAX_REDIALS;

/// Established outbound connections. A guest may ask for as many as it likes, and each is kept.
pub const MAX_OUTBOUND: usize = 64;

/// Established connections to one peer, both directions together: two nodes that dial each other at the same moment
/// end with two.
pub const MAX_PER_PEER: usize = 2;

/// Inbound connections from one IP address (one /64 of IPv6), pending and established together. Peer ids are free, so
/// this is what keeps one machine from taking every slot. Loopback is exempt: many nodes of one machine are normal.
pub const MAX_INBOUND_PER_IP: usize = 8;

/// Streams of one connection: with yamux both directions together, with QUIC those that the peer opens. A yamux peer
/// that opens one more is told to go away, and the stream is not made; a QUIC peer has to wait.
pub const MAX_STREAMS: usize = 32;

/// Inbound streams of one connection that have not agreed on a protocol yet. Those past it wait in the multiplexer.
pub const MAX_NEGOTIATING: usize = 16;

/// Bytes that one yamux connection may hold for streams that nobody reads. yamux wants 256 KiB a stream, which is 8 MiB
/// for [`MAX_STREAMS`]; the other 8 MiB are what streams that are read fast may grow into. yamux's own default is 1 GiB.
/// Measured: a peer that fills 12 streams that nobody reads makes the node grow by 3 MiB.
pub const CONNECTION_WINDOW: usize = 16 * 1024 * 1024;

/// Bytes that one QUIC connection may hold unread. QUIC's windows do not grow, so a peer gets all of it at once: the
/// same 12 streams cost 6 MiB.
pub const QUIC_CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;

/// Bytes that one QUIC stream may hold unread: 10 MB a second at a round trip of 50 ms, and no sixteen streams of a
/// connection that wait for a slow reader stop the others.
pub const QUIC_STREAM_WINDOW: u32 = QUIC_CONNECTION_WINDOW / 16;

/// Time for a connection to become established and authenticated, the TCP connect included.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// Time after which a connection without a stream is closed, unless somebody here asked for the peer.
pub const IDLE: Duration = Duration::from_secs(60);

/// Time between two pings of one connection. Each proves that the peer is still there.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Time for the answer to a ping. After it the connection counts as dead and is closed.
pub const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Calls of `connect` that may be outstanding. A call past it fails at once, so that a guest in a loop costs nothing.
pub const MAX_CONNECTS: usize = 16;

/// Configured peers that are dialled at the same time; the others wait for their turn.
pub const MAX_REDIALS: usize = 8;

/// Configured peers. The operator names them, but each one holds an outbound connection.
pub const MAX_CONFIGURED_PEERS: usize = MAX_OUTBOUND;

/// Time before a configured peer is dialled again; it doubles with every failure, up to [`RETRY_MAX`].
pub const RETRY_MIN: Duration = Duration::from_secs(1);

/// Longest time between two dials of a configured peer, and how long a connection must hold to count as healthy.
pub const RETRY_MAX: Duration = Duration::from_secs(60);

/// Commands on their way to the swarm's thread. More than [`MAX_CONNECTS`] never wait, by the permits that they carry.
pub const COMMAND_QUEUE: usize = 2 * MAX_CONNECTS;

/// Time for peers to be told at the end. Connections that take longer are cut.
pub const SHUTDOWN: Duration = Duration::from_secs(2);

/// Time to learn the addresses behind a wildcard after it is bound. A machine whose interfaces are all down has none.
pub const ADDRESSES: Duration = Duration::from_secs(1);

/// Bytes of a multiaddress as text. The longest form that is dialled has about 120.
pub const MAX_ADDR_BYTES: usize = 512;

/// The limits of one swarm. The default is what the constants of this module say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_PENDING_INBOUND`].
    pub pending_inbound: usize,
    /// See [`MAX_INBOUND`].
    pub inbound: usize,
    /// See [`MAX_PENDING_OUTBOUND`].
    pub pending_outbound: usize,
    /// See [`MAX_OUTBOUND`].
    pub outbound: usize,
    /// See [`MAX_PER_PEER`].
    pub per_peer: usize,
    /// See [`MAX_INBOUND_PER_IP`].
    pub inbound_per_ip: usize,
    /// Whether loopback addresses are free of `inbound_per_ip`.
    pub exempt_loopback: bool,
    /// See [`MAX_STREAMS`].
    pub streams: usize,
    /// See [`MAX_NEGOTIATING`].
    pub negotiating: usize,
    /// See [`HANDSHAKE`].
    pub handshake: Duration,
    /// See [`IDLE`].
    pub idle: Duration,
    /// See [`MAX_CONNECTS`].
    pub connects: usize,
    /// See [`RETRY_MIN`].
    pub retry_min: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_inbound: MAX_PENDING_INBOUND,
            inbound: MAX_INBOUND,
            pending_outbound: MAX_PENDING_OUTBOUND,
            outbound: MAX_OUTBOUND,
            per_peer: MAX_PER_PEER,
            inbound_per_ip: MAX_INBOUND_PER_IP,
            exempt_loopback: true,
            streams: MAX_STREAMS,
            negotiating: MAX_NEGOTIATING,
            handshake: HANDSHAKE,
            idle: IDLE,
            connects: MAX_CONNECTS,
            retry_min: RETRY_MIN,
        }
    }
}
