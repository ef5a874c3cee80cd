//! Connecting, being listed, being left.

use futures::FutureExt;
use libp2p::PeerId;
use libp2p::multiaddr::Protocol;

use super::*;
use crate::swarm::ConnectError;

/// A port on which connections are taken and nothing is ever said.
async fn silence() -> (tokio::net::TcpListener, Multiaddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, addr(&format!("/ip4/127.0.0.1/tcp/{port}")))
}

#[test]
fn two_nodes_list_each_other_until_one_leaves() {
    run(async {
        for transport in [TCP, QUIC] {
            let (one, two) = (node(&[transport]).await, node(&[transport]).await);
            let addr = full_addr(&two, transport);
            let peer = one.connect(addr.clone()).await.unwrap();
            assert_eq!(peer, Peer { id: two.peer_id(), addrs: vec![bare_addr(&two, transport)] });
            assert_eq!(one.peers().await, std::slice::from_ref(&peer), "listed before connect returns");
            let seen = until_peers(&two, 1).await;
            assert_eq!(seen[0].id, one.peer_id());
            assert_eq!(seen[0].addrs.len(), 1);

            for same in [addr, bare_addr(&two, transport)] {
                assert_eq!(one.connect(same).await.as_ref(), Ok(&peer), "already connected, {transport}");
            }
            assert_eq!(two.peers().await.len(), 1);

            let left = std::time::Instant::now();
            one.shutdown().await;
            until_peers(&two, 0).await;
            assert!(left.elapsed() < PATIENCE / 2, "the peer was told, {transport}");
        }
    });
}

#[test]
fn peers_are_sorted_and_connections_go_over_both_transports() {
    run(async {
        let hub = node(&[TCP, QUIC]).await;
        let spokes = [node(&[]).await, node(&[]).await, node(&[]).await];
        for (spoke, transport) in spokes.iter().zip([TCP, QUIC, TCP]) {
            spoke.connect(full_addr(&hub, transport)).await.unwrap();
        }
        let listed: Vec<_> = until_peers(&hub, 3).await.iter().map(|peer| peer.id.to_base58()).collect();
        assert!(listed.is_sorted(), "{listed:?}");
    });
}

#[test]
fn another_peer_than_the_expected_one_is_refused_by_name() {
    run(async {
        let (one, two) = (node(&[]).await, node(&[TCP, QUIC]).await);
        let expected = PeerId::random();
        for transport in [TCP, QUIC] {
            let error = one.connect(bare_addr(&two, transport).with(Protocol::P2p(expected))).await.unwrap_err();
            assert!(matches!(error, ConnectError::WrongPeer { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains(&expected.to_base58()) && text.contains(&two.peer_id().to_base58()), "{text}");
        }
        until_peers(&two, 0).await;
        assert!(one.peers().await.is_empty());
    });
}

#[test]
fn a_node_does_not_connect_to_itself() {
    run(async {
        let node = node(&["/ip4/0.0.0.0/tcp/0", QUIC]).await;
        let elsewhere = addr("/ip4/192.0.2.1/tcp/1").with(Protocol::P2p(node.peer_id()));
        for addr in [full_addr(&node, TCP), bare_addr(&node, TCP), bare_addr(&node, QUIC), elsewhere] {
            let error = node.connect(addr).await.unwrap_err();
            assert!(error.to_string().contains("is this node itself"), "{error:?}");
        }
        // An address that reaches it, and that it does not know to be its own.
        let Some(Protocol::Tcp(port)) = bare_addr(&node, TCP).iter().nth(1) else { panic!("a TCP address") };
        let error = node.connect(addr(&format!("/ip4/127.0.0.2/tcp/{port}"))).await.unwrap_err();
        assert!(error.to_string().contains("is this node itself"), "{error:?}");
        assert!(node.peers().await.is_empty());
    });
}

#[test]
fn where_nobody_listens_the_error_says_so() {
    run(async {
        let (listener, addr) = silence().await;
        drop(listener);
        let error = node(&[]).await.connect(addr.clone()).await.unwrap_err().to_string();
        assert!(error.contains("refused") && error.contains(&addr.to_string()), "{error}");
    });
}

#[test]
fn addresses_that_nobody_can_dial_are_refused_at_once() {
    run(async {
        let node = node(&[]).await;
        for text in ["/ip4/0.0.0.0/tcp/1", "/ip4/127.0.0.1/tcp/0", "/dns4/localhost/tcp/1", "/ip4/127.0.0.1/udp/1"] {
            let error = node.connect(addr(text)).await.unwrap_err();
            assert!(matches!(error, ConnectError::Address(_)), "{error:?}");
        }
    });
}

#[test]
fn a_peer_is_listed_until_its_last_connection_is_gone() {
    run(async {
        let node = node(&[TCP, QUIC]).await;
        let keypair = Keypair::generate_ed25519();
        let first = raw::Raw::connect(&keypair, bare_addr(&node, TCP)).await;
        until_peers(&node, 1).await;
        let second = raw::Raw::connect(&keypair, bare_addr(&node, QUIC)).await;
        let far_ends = async || node.peers().await.iter().map(|peer| peer.addrs.len()).sum::<usize>();
        eventually("both connections are listed", async || far_ends().await == 2).await;
        let peer = node.peers().await.remove(0);
        assert!(!peer.addrs[0].to_string().contains("quic") && peer.addrs[1].to_string().contains("quic"), "{peer:?}");
        drop(first);
        eventually("one connection is left", async || far_ends().await == 1).await;
        assert_eq!(node.peers().await[0].addrs, peer.addrs[1..]);
        drop(second);
        until_peers(&node, 0).await;
    });
}

#[test]
fn an_address_of_a_peer_with_all_its_connections_is_connected() {
    run(async {
        let hub = node(&[TCP, QUIC, "/ip4/127.0.0.2/tcp/0"]).await;
        let one = node(&[]).await;
        let addrs = hub.addrs();
        assert_eq!(addrs.len(), 3);
        for (count, addr) in [1, 2, 2].into_iter().zip(addrs) {
            let peer = one.connect(addr).await.unwrap();
            assert_eq!((peer.id, peer.addrs.len()), (hub.peer_id(), count));
        }
    });
}

#[test]
fn two_nodes_that_dial_each_other_at_once_are_connected() {
    run(async {
        for transport in [TCP, QUIC] {
            let (one, two) = (node(&[transport]).await, node(&[transport]).await);
            let both = tokio::join!(one.connect(full_addr(&two, transport)), two.connect(full_addr(&one, transport)),);
            assert_eq!(both.0.unwrap().id, two.peer_id());
            assert_eq!(both.1.unwrap().id, one.peer_id());
        }
    });
}

#[test]
fn calls_past_the_limit_fail_at_once_and_name_it() {
    run(async {
        let (_listener, addr) = silence().await;
        let node = node(&[]).await;
        let calls: Vec<_> = (0..16).map(|_| Box::pin(node.connect(addr.clone()))).collect();
        let mut calls: Vec<_> = calls
            .into_iter()
            .map(|mut call| {
                assert!(call.as_mut().now_or_never().is_none());
                call
            })
            .collect();
        for _ in 0..10_000 {
            let error = node.connect(addr.clone()).now_or_never().unwrap().unwrap_err();
            assert_eq!(error, ConnectError::TooManyCalls(16));
        }
        assert!(ConnectError::TooManyCalls(16).to_string().contains("at most 16"));
        node.shutdown().await;
        assert_eq!(calls.remove(0).await, Err(ConnectError::Stopped));
    });
}

#[test]
fn a_handshake_that_takes_too_long_fails_and_frees_its_place() {
    run(async {
        let (_listener, addr) = silence().await;
        let limits = Limits { handshake: Duration::from_millis(400), connects: 1, ..Limits::default() };
        let node = limited(&[], limits).await;
        let error = node.connect(addr.clone()).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
        // Nobody waits for this one, and its place is free again all the same.
        assert!(node.connect(addr.clone()).now_or_never().is_none());
        assert_eq!(node.connect(addr.clone()).await, Err(ConnectError::TooManyCalls(1)));
        eventually("the place is free", async || {
            !matches!(node.connect(addr.clone()).await, Err(ConnectError::TooManyCalls(_)))
        })
        .await;
    });
}

#[test]
fn a_connection_that_nobody_waits_for_any_more_is_closed() {
    run(async {
        let two = node(&[TCP]).await;
        let one = loop {
            let one = limited(&[], Limits { connects: 1, ..Limits::default() }).await;
            // On a busy machine it can be there before it is asked for: then once more.
            if one.connect(full_addr(&two, TCP)).now_or_never().is_none() {
                break one;
            }
        };
        let (_listener, nowhere) = silence().await;
        eventually("the dial has ended", async || one.connect(nowhere.clone()).now_or_never().is_none()).await;
        until_peers(&one, 0).await;
        until_peers(&two, 0).await;
    });
}

#[test]
fn configured_peers_are_dialled_until_they_are_there_and_again_when_they_come_back() {
    run(async {
        let keypair = Keypair::generate_ed25519();
        let first = start(SwarmConfig { listen: vec![addr(TCP)], ..SwarmConfig::new(keypair.clone()) }).await.unwrap();
        let known = full_addr(&first, TCP);
        let restart = SwarmConfig { listen: first.addrs(), ..SwarmConfig::new(keypair) };
        first.shutdown().await;

        let limits = Limits { retry_min: Duration::from_millis(20), ..Limits::default() };
        let node = start(SwarmConfig { peers: vec![known], limits, ..config(&[]) }).await.unwrap();
        assert!(node.peers().await.is_empty());
        for _ in 0..2 {
            let other = start(restart.clone()).await.unwrap();
            assert_eq!(until_peers(&node, 1).await[0].id, other.peer_id());
            until_peers(&other, 1).await;
            other.shutdown().await;
            until_peers(&node, 0).await;
        }
    });
}
