//! Every limit, reached over loopback.

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use libp2p::core::muxing::SubstreamBox;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::raw::Raw;
use super::*;
use crate::swarm::limits::{QUIC_CONNECTION_WINDOW, QUIC_STREAM_WINDOW};
use crate::swarm::{ConnectError, Refusal};

async fn tcp(node: &SwarmHandle) -> TcpStream {
    let addr = bare_addr(node, TCP).to_string();
    let port = addr.rsplit('/').next().unwrap();
    TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap()
}

/// Returns when the node has closed the connection.
async fn closed(stream: &mut TcpStream) {
    let wait = async { while matches!(stream.read(&mut [0; 64]).await, Ok(read) if read > 0) {} };
    tokio::time::timeout(PATIENCE, wait).await.expect("the node keeps the connection");
}

fn is_open(stream: &mut TcpStream) -> bool {
    stream.read(&mut [0; 64]).now_or_never().is_none()
}

async fn raw(node: &SwarmHandle, transport: &str) -> Raw {
    Raw::connect(&Keypair::generate_ed25519(), bare_addr(node, transport)).await
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let limits = Limits::default();
    assert_eq!((limits.pending_inbound, limits.inbound, limits.per_peer, limits.inbound_per_ip), (16, 64, 2, 8));
    assert_eq!((limits.streams, limits.negotiating), (32, 16));
    assert_eq!((limits.handshake.as_secs(), limits.idle.as_secs()), (10, 60));
    assert!(limits.exempt_loopback);
}

#[test]
fn the_seventeenth_pending_connection_is_closed() {
    run(async {
        let node = node(&[TCP]).await;
        let mut pending = Vec::new();
        for _ in 0..16 {
            pending.push(tcp(&node).await);
        }
        closed(&mut tcp(&node).await).await;
        assert!(pending.iter_mut().all(is_open));
        pending.pop();
        eventually("a place is free again", async || {
            let mut next = tcp(&node).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            is_open(&mut next)
        })
        .await;
    });
}

#[test]
fn who_says_nothing_is_cut_off_after_the_handshake_time() {
    run(async {
        let node = limited(&[TCP], Limits { handshake: Duration::from_millis(100), ..Limits::default() }).await;
        closed(&mut tcp(&node).await).await;
    });
}

#[test]
fn one_ip_address_gets_so_many_connections() {
    run(async {
        let limits = Limits { exempt_loopback: false, inbound_per_ip: 3, ..Limits::default() };
        let node = limited(&[TCP], limits).await;
        let _established = raw(&node, TCP).await;
        until_peers(&node, 1).await;
        let mut pending = [tcp(&node).await, tcp(&node).await];
        closed(&mut tcp(&node).await).await;
        assert!(pending.iter_mut().all(is_open));
    });
}

#[test]
fn established_inbound_connections_are_limited() {
    run(async {
        let node = limited(&[TCP, QUIC], Limits { inbound: 2, ..Limits::default() }).await;
        let first = raw(&node, TCP).await;
        let _second = raw(&node, QUIC).await;
        until_peers(&node, 2).await;
        for transport in [TCP, QUIC] {
            let mut third = raw(&node, transport).await;
            third.ended().await;
            assert_eq!(node.peers().await.len(), 2);
        }
        drop(first);
        until_peers(&node, 1).await;
        let _next = raw(&node, TCP).await;
        until_peers(&node, 2).await;
    });
}

#[test]
fn one_peer_gets_two_connections() {
    run(async {
        let node = node(&[TCP]).await;
        let keypair = Keypair::generate_ed25519();
        let _first = Raw::connect(&keypair, bare_addr(&node, TCP)).await;
        let _second = Raw::connect(&keypair, bare_addr(&node, TCP)).await;
        Raw::connect(&keypair, bare_addr(&node, TCP)).await.ended().await;
        eventually("two connections", async || node.peers().await.iter().any(|peer| peer.addrs.len() == 2)).await;
    });
}

#[test]
fn outbound_connections_are_limited_by_name() {
    run(async {
        let (one, two) = (node(&[TCP]).await, node(&[TCP]).await);
        let node = limited(&[], Limits { outbound: 1, ..Limits::default() }).await;
        node.connect(full_addr(&one, TCP)).await.unwrap();
        let error = node.connect(full_addr(&two, TCP)).await.unwrap_err();
        assert!(matches!(&error, ConnectError::Refused { refusal: Refusal::Outbound(1), .. }), "{error:?}");
        assert!(error.is_overload() && error.to_string().contains("at most 1 outbound"), "{error}");
        one.shutdown().await;
        until_peers(&node, 0).await;
        node.connect(full_addr(&two, TCP)).await.unwrap();
    });
}

/// Opens a stream and sends the first byte of a negotiation on it. An error: the connection has ended.
async fn stalled(peer: &mut Raw) -> std::io::Result<SubstreamBox> {
    let mut stream = peer.open().await.ok_or(std::io::ErrorKind::NotConnected)?;
    stream.write_all(b"\x13").await?;
    stream.flush().await?;
    Ok(stream)
}

#[test]
fn a_yamux_peer_that_opens_too_many_streams_is_disconnected() {
    run(async {
        let node = node(&[TCP]).await;
        let mut peer = raw(&node, TCP).await;
        assert_eq!(peer.peer, node.peer_id());
        until_peers(&node, 1).await;
        let mut streams = Vec::new();
        while let Ok(stream) = stalled(&mut peer).await {
            streams.push(stream);
            assert!(streams.len() < 200, "nothing happens");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // The node's own streams for identify and ping count, too.
        assert!(streams.len() >= 28, "{} streams", streams.len());
        peer.ended().await;
        until_peers(&node, 0).await;
    });
}

#[test]
fn a_quic_peer_that_opens_too_many_streams_has_to_wait() {
    run(async {
        let node = node(&[QUIC]).await;
        let mut peer = raw(&node, QUIC).await;
        let mut streams = Vec::new();
        while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), stalled(&mut peer)).await {
            streams.push(stream.unwrap());
            assert!(streams.len() <= 32, "more than the limit");
        }
        assert_eq!(streams.len(), 32);
        assert_eq!(node.peers().await.len(), 1);
    });
}

/// The node negotiates only so many streams at once, so nobody reads the ones after.
#[test]
fn what_a_quic_peer_sends_unread_is_bounded_a_stream_and_a_connection() {
    run(async {
        let node = node(&[QUIC]).await;
        let mut peer = raw(&node, QUIC).await;
        let mut streams = Vec::new();
        for _ in 0..16 {
            streams.push(stalled(&mut peer).await.unwrap());
        }
        let chunk = vec![0; 64 * 1024];
        let mut total = 0;
        for _ in 16..32 {
            let mut stream = peer.open().await.unwrap();
            let mut taken = 0;
            while let Ok(written) = tokio::time::timeout(Duration::from_millis(20), stream.write(&chunk)).await {
                taken += written.unwrap();
                assert!(taken <= QUIC_STREAM_WINDOW as usize, "{taken} bytes on one stream");
            }
            total += taken;
            streams.push(stream);
        }
        assert!(total <= QUIC_CONNECTION_WINDOW as usize, "{total} bytes on one connection");
        assert!(total > QUIC_STREAM_WINDOW as usize, "{total} bytes: the windows were not reached");
        assert_eq!(node.peers().await.len(), 1);
    });
}

#[test]
fn streams_past_the_sixteenth_wait_until_one_has_negotiated() {
    run(async {
        let node = node(&[TCP]).await;
        let mut peer = raw(&node, TCP).await;
        let mut streams = Vec::new();
        for _ in 0..16 {
            streams.push(stalled(&mut peer).await.unwrap());
        }
        let mut late = peer.open().await.unwrap();
        late.write_all(b"\x13/multistream/1.0.0\n\x11/ipfs/ping/1.0.0\n").await.unwrap();
        late.flush().await.unwrap();
        let mut answer = [0; 20];
        let early = tokio::time::timeout(Duration::from_millis(200), late.read_exact(&mut answer)).await;
        assert!(early.is_err(), "answered beside 16 others");
        streams.pop().unwrap().close().await.unwrap();
        late.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"\x13/multistream/1.0.0\n");
    });
}

#[test]
fn an_idle_connection_is_closed_unless_it_was_asked_for() {
    run(async {
        let limits = Limits { idle: Duration::from_millis(400), ..Limits::default() };
        let node = limited(&[TCP, QUIC], limits.clone()).await;
        let (asked_tcp, asked_quic) = (limited(&[], limits.clone()).await, limited(&[], limits).await);
        asked_tcp.connect(full_addr(&node, TCP)).await.unwrap();
        asked_quic.connect(full_addr(&node, QUIC)).await.unwrap();
        let mut idle = raw(&node, TCP).await;
        idle.ended().await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(until_peers(&node, 2).await.len(), 2);
        assert_eq!((asked_tcp.peers().await.len(), asked_quic.peers().await.len()), (1, 1));
    });
}

#[test]
fn a_connection_of_a_peers_is_held_once_it_is_asked_for_here() {
    run(async {
        let node = limited(&[TCP], Limits { idle: Duration::from_millis(400), ..Limits::default() }).await;
        let keypair = Keypair::generate_ed25519();
        let mut peer = Raw::connect(&keypair, bare_addr(&node, TCP)).await;
        let id = until_peers(&node, 1).await[0].id;
        let anywhere = addr("/ip4/192.0.2.1/tcp/1").with(Protocol::P2p(id));
        assert_eq!(node.connect(anywhere).await.unwrap().id, id);
        assert!(tokio::time::timeout(Duration::from_millis(1200), peer.ended()).await.is_err(), "closed as idle");
    });
}
