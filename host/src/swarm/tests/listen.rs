//! Binding addresses, and ending.

use libp2p::multiaddr::Protocol;

use super::*;
use crate::swarm::{ConnectError, SwarmError, default_listen};

/// Whether the swarm's thread runs: its name carries the end of the peer id.
#[cfg(target_os = "linux")]
fn thread_runs(id: libp2p::PeerId) -> bool {
    let id = id.to_base58();
    let end = &id[id.len() - 6..];
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("comm")).ok();
    tasks.filter_map(name).any(|name| name.trim_end().ends_with(end))
}

#[test]
fn a_taken_port_ends_the_start_and_is_named() {
    run(async {
        for transport in [TCP, QUIC] {
            let first = node(&[transport]).await;
            let taken = bare_addr(&first, transport);
            let error = start(SwarmConfig { listen: vec![taken.clone()], ..config(&[]) }).await.err().unwrap();
            assert_eq!(error.address_in_use(), Some(&taken), "{error}");
            let port = taken.iter().find_map(|part| match part {
                Protocol::Tcp(port) | Protocol::Udp(port) => Some(port),
                _ => None,
            });
            assert_eq!(error.port_in_use(), port);
            assert!(error.to_string().contains(&taken.to_string()));
            node(&[]).await.connect(taken).await.unwrap();
        }
    });
}

#[test]
fn a_wildcard_and_an_address_under_it_cannot_share_a_port() {
    run(async {
        for (transport, wildcard) in [(TCP, "/ip4/0.0.0.0/tcp/0"), (QUIC, "/ip4/0.0.0.0/udp/0/quic-v1")] {
            let first = node(&[wildcard]).await;
            let taken = bare_addr(&first, transport);
            let error = start(SwarmConfig { listen: vec![taken], ..config(&[]) }).await.err().unwrap();
            assert!(error.port_in_use().is_some(), "{error}");
        }
    });
}

#[test]
fn of_nodes_that_start_at_once_on_one_port_one_gets_it() {
    run(async {
        for transport in [TCP, QUIC] {
            let first = node(&[transport]).await;
            let addr = bare_addr(&first, transport);
            first.shutdown().await;
            let starts = (0..6).map(|_| tokio::spawn(start(SwarmConfig { listen: vec![addr.clone()], ..config(&[]) })));
            let starts: Vec<_> = starts.collect();
            let mut running = Vec::new();
            for start in starts {
                running.extend(start.await.unwrap().ok());
            }
            assert!(running.len() <= 1, "{} nodes on {addr}", running.len());
            assert!(transport == QUIC || running.len() == 1, "nobody on {addr}");
        }
    });
}

#[test]
fn a_failed_start_leaves_nothing_bound_and_nothing_running() {
    run(async {
        let first = node(&[TCP]).await;
        let spare = node(&[TCP]).await;
        let free = bare_addr(&spare, TCP);
        spare.shutdown().await;
        let config = SwarmConfig { listen: vec![free.clone(), bare_addr(&first, TCP)], ..config(&[]) };
        let id = config.keypair.public().to_peer_id();
        let error = start(config).await.err().unwrap();
        assert_eq!(error.address_in_use(), Some(&bare_addr(&first, TCP)));
        #[cfg(target_os = "linux")]
        eventually("its thread is gone", async || !thread_runs(id)).await;
        #[cfg(not(target_os = "linux"))]
        let _ = id;
        let again = start(SwarmConfig { listen: vec![free.clone()], ..super::config(&[]) }).await.unwrap();
        assert_eq!(again.addrs(), [free]);
    });
}

#[test]
fn an_address_that_is_not_ours_ends_the_start() {
    run(async {
        for text in ["/ip4/192.0.2.1/tcp/0", "/ip4/192.0.2.1/udp/0/quic-v1", "/ip4/192.0.2.1/tcp/2025"] {
            let error = start(config(&[text])).await.err().unwrap();
            assert!(matches!(error, SwarmError::Listen { .. }) && error.address_in_use().is_none(), "{error:?}");
            assert!(error.to_string().contains(text), "{error}");
        }
    });
}

#[test]
fn bad_configurations_are_refused_before_anything_starts() {
    run(async {
        let myself = config(&[]);
        let me = addr("/ip4/127.0.0.1/tcp/1").with(Protocol::P2p(myself.keypair.public().to_peer_id()));
        let one = |text: &str| vec![addr(text)];
        let cases = [
            (config(&["/dns4/localhost/tcp/1"]), "/dns is not supported"),
            (SwarmConfig { listen: vec![me.clone()], ..config(&[]) }, "no /p2p/ID"),
            (SwarmConfig { peers: one("/ip4/0.0.0.0/tcp/1"), ..config(&[]) }, "not dialled"),
            (SwarmConfig { peers: one("/ip4/1.2.3.4/udp/1"), ..config(&[]) }, "quic-v1"),
            (SwarmConfig { peers: vec![me], ..myself }, "is this node itself"),
            (SwarmConfig { peers: vec![addr("/ip4/1.2.3.4/tcp/1"); 65], ..config(&[]) }, "at most 64"),
        ];
        for (config, expected) in cases {
            let error = start(config).await.err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    });
}

#[test]
fn wildcards_are_expanded_and_the_list_is_sorted() {
    run(async {
        let node = node(&["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"]).await;
        let addrs: Vec<_> = node.addrs().iter().map(ToString::to_string).collect();
        assert!(addrs.is_sorted(), "{addrs:?}");
        assert!(addrs.iter().any(|addr| addr.starts_with("/ip4/127.0.0.1/tcp/")), "{addrs:?}");
        assert!(addrs.iter().any(|addr| addr.starts_with("/ip4/127.0.0.1/udp/")), "{addrs:?}");
        assert!(!addrs.iter().any(|addr| addr.contains("0.0.0.0") || addr.contains("/p2p/")), "{addrs:?}");
    });
}

#[test]
fn the_default_listens_on_both_transports_and_on_ipv6_where_there_is_any() {
    run(async {
        let texts: Vec<_> = default_listen(2025).iter().map(ToString::to_string).collect();
        assert_eq!(texts[..2], ["/ip4/0.0.0.0/tcp/2025", "/ip4/0.0.0.0/udp/2025/quic-v1"]);
        assert!(texts.len() == 2 || texts[2..] == ["/ip6/::/tcp/2025", "/ip6/::/udp/2025/quic-v1"], "{texts:?}");

        let node = start(SwarmConfig { listen: default_listen(0), ..config(&[]) }).await.unwrap();
        let loopback = |addr: &Multiaddr| {
            let text = addr.to_string();
            text.starts_with("/ip4/127.0.0.1/") || text.starts_with("/ip6/::1/")
        };
        let addrs: Vec<_> = node.addrs().into_iter().filter(loopback).collect();
        assert_eq!(addrs.len(), texts.len(), "{addrs:?}");
        for addr in addrs {
            super::node(&[]).await.connect(addr).await.unwrap();
        }
    });
}

#[test]
fn one_fixed_port_serves_every_default_address() {
    run(async {
        let probe = start(SwarmConfig { listen: default_listen(0), ..config(&[]) }).await.unwrap();
        let Some(Protocol::Tcp(port)) = bare_addr(&probe, TCP).iter().nth(1) else { panic!("a TCP address") };
        probe.shutdown().await;
        let node = start(SwarmConfig { listen: default_listen(port), ..config(&[]) }).await.unwrap();
        let second = start(SwarmConfig { listen: default_listen(port), ..config(&[]) }).await.err().unwrap();
        assert_eq!(second.port_in_use(), Some(port), "{second}");
        super::node(&[]).await.connect(full_addr(&node, QUIC)).await.unwrap();
    });
}

#[test]
fn after_a_shutdown_nothing_is_left() {
    run(async {
        let (one, two) = (node(&[TCP, QUIC]).await, node(&[]).await);
        let addr = full_addr(&one, TCP);
        two.connect(addr.clone()).await.unwrap();
        let listen = one.addrs();
        one.shutdown().await;
        #[cfg(target_os = "linux")]
        assert!(!thread_runs(one.peer_id()));
        assert!(one.addrs().is_empty() && one.peers().await.is_empty());
        assert_eq!(one.connect(super::addr("/ip4/127.0.0.1/tcp/1")).await, Err(ConnectError::Stopped));
        one.shutdown().await;
        one.stopped().await;
        until_peers(&two, 0).await;
        let again = start(SwarmConfig { listen: listen.clone(), ..config(&[]) }).await.unwrap();
        assert_eq!(again.addrs(), listen, "the ports are free at once");
    });
}

#[test]
fn dropping_the_last_handle_ends_the_swarm() {
    run(async {
        let (one, two) = (node(&[TCP]).await, node(&[]).await);
        two.connect(full_addr(&one, TCP)).await.unwrap();
        let (id, clone) = (one.peer_id(), one.clone());
        drop(one);
        assert_eq!(two.peers().await.len(), 1);
        #[cfg(target_os = "linux")]
        assert!(thread_runs(id));
        drop(clone);
        until_peers(&two, 0).await;
        #[cfg(target_os = "linux")]
        eventually("its thread is gone", async || !thread_runs(id)).await;
        #[cfg(not(target_os = "linux"))]
        let _ = id;
    });
}

#[test]
fn a_start_that_nobody_waits_for_ends_by_itself() {
    run(async {
        use futures::FutureExt;
        let config = config(&[TCP]);
        let id = config.keypair.public().to_peer_id();
        drop(start(config).now_or_never());
        #[cfg(target_os = "linux")]
        eventually("its thread is gone", async || !thread_runs(id)).await;
        #[cfg(not(target_os = "linux"))]
        let _ = id;
    });
}
