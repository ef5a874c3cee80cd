//! The swarm over loopback. Every swarm here is a real one on real sockets, on ports that the kernel chose.

mod connect;
mod limits;
mod listen;
mod muxer;
mod raw;

use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;

use super::{Limits, Peer, SwarmConfig, SwarmHandle, start};

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// Far longer than anything takes here: only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

fn addr(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

fn config(listen: &[&str]) -> SwarmConfig {
    let listen = listen.iter().map(|text| addr(text)).collect();
    SwarmConfig { listen, ..SwarmConfig::new(Keypair::generate_ed25519()) }
}

async fn node(listen: &[&str]) -> SwarmHandle {
    start(config(listen)).await.unwrap()
}

async fn limited(listen: &[&str], limits: Limits) -> SwarmHandle {
    start(SwarmConfig { limits, ..config(listen) }).await.unwrap()
}

/// The node's address over a transport, with its peer id.
fn full_addr(node: &SwarmHandle, transport: &str) -> Multiaddr {
    bare_addr(node, transport).with(Protocol::P2p(node.peer_id()))
}

/// The same without the peer id.
fn bare_addr(node: &SwarmHandle, transport: &str) -> Multiaddr {
    let kind = if transport == QUIC { "/quic-v1" } else { "/tcp/" };
    node.addrs().into_iter().find(|addr| addr.to_string().contains(kind)).unwrap()
}

/// Waits until `holds`, and fails with `what` if that never comes.
async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "never: {what}");
}

async fn until_peers(node: &SwarmHandle, count: usize) -> Vec<Peer> {
    eventually(&format!("{count} peers"), async || node.peers().await.len() == count).await;
    node.peers().await
}

/// Runs a test with a runtime of its own, and with an end.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(3 * PATIENCE, test).await.expect("the test hangs") });
}
