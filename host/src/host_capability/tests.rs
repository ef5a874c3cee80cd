//! The capability, on real nodes on loopback.

mod watch;

use capnp::ErrorKind;
use libp2p::identity::Keypair;

use super::*;
use crate::swarm::{Limits, SwarmConfig, start};

/// A node on loopback, and its capability as a guest holds it.
async fn node(limits: Limits) -> (SwarmHandle, host::Client) {
    let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
    let config = SwarmConfig { listen, limits, ..SwarmConfig::new(Keypair::generate_ed25519()) };
    let swarm = start(config).await.unwrap();
    let client = capnp_rpc::new_client(HostCapability::new(swarm.clone()));
    (swarm, client)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

async fn id(client: &host::Client) -> String {
    let response = client.id_request().send().promise.await.unwrap();
    response.get().unwrap().get_peer_id().unwrap().to_string().unwrap()
}

async fn addrs(client: &host::Client) -> Vec<String> {
    let response = client.addrs_request().send().promise.await.unwrap();
    let addrs = response.get().unwrap().get_addrs().unwrap();
    addrs.iter().map(|addr| addr.unwrap().to_string().unwrap()).collect()
}

fn read_peer(info: peer_info::Reader<'_>) -> (String, Vec<String>) {
    let addrs = info.get_addrs().unwrap().iter().map(|addr| addr.unwrap().to_string().unwrap()).collect();
    (info.get_peer_id().unwrap().to_string().unwrap(), addrs)
}

async fn peers(client: &host::Client) -> Vec<(String, Vec<String>)> {
    let response = client.peers_request().send().promise.await.unwrap();
    response.get().unwrap().get_peers().unwrap().iter().map(read_peer).collect()
}

async fn connect(client: &host::Client, addr: &str) -> Result<(String, Vec<String>), Error> {
    let mut request = client.connect_request();
    request.get().set_addr(addr);
    let response = request.send().promise.await?;
    Ok(read_peer(response.get()?.get_peer()?))
}

#[test]
fn a_guest_sees_the_node_and_connects_it_to_another() {
    run(async {
        let (swarm, one) = node(Limits::default()).await;
        let (_other, two) = node(Limits::default()).await;
        assert_eq!(id(&one).await, swarm.peer_id().to_base58());
        let listed: Vec<_> = swarm.addrs().iter().map(ToString::to_string).collect();
        assert_eq!(addrs(&one).await, listed);
        assert!(peers(&one).await.is_empty());

        let far = addrs(&two).await.remove(0);
        let expected = (id(&two).await, vec![far.clone()]);
        assert_eq!(connect(&one, &format!("{far}/p2p/{}", expected.0)).await.unwrap(), expected);
        assert_eq!(peers(&one).await, [expected]);
        for _ in 0..1000 {
            if let [(seen, _)] = peers(&two).await.as_slice() {
                assert_eq!(*seen, id(&one).await);
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the other node never lists it");
    });
}

#[test]
fn what_cannot_be_connected_fails_with_a_text_that_says_why() {
    run(async {
        let (swarm, client) = node(Limits::default()).await;
        let myself = format!("{}/p2p/{}", swarm.addrs()[0], swarm.peer_id());
        let cases = [
            ("", "/ip4"),
            ("nonsense", "is no multiaddress"),
            ("/dns4/example.org/tcp/1", "/dns is not supported"),
            ("/ip4/127.0.0.1/tcp/0", "not dialled"),
            (&myself, "is this node itself"),
            ("/ip4/127.0.0.1/tcp/1", "cannot connect to /ip4/127.0.0.1/tcp/1"),
        ];
        for (addr, expected) in cases {
            let error = connect(&client, addr).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Failed, "{addr}");
            assert!(error.extra.contains(expected) && error.extra.contains("host.connect"), "{addr}: {}", error.extra);
        }
    });
}

#[test]
fn a_guest_that_connects_without_end_is_told_to_wait() {
    run(async {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = format!("/ip4/127.0.0.1/tcp/{}", silent.local_addr().unwrap().port());
        let (swarm, client) = node(Limits::default()).await;
        let calls = futures::future::join_all((0..200).map(|_| connect(&client, &addr)));
        let mut calls = std::pin::pin!(calls);
        tokio::select! {
            _ = &mut calls => panic!("nobody answers"),
            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => swarm.shutdown().await,
        }
        let results = calls.await;
        let overloaded = |error: &Error| error.kind == ErrorKind::Overloaded && error.extra.contains("at most 16");
        let refused =
            results.iter().filter_map(|result| result.as_ref().err()).filter(|error| overloaded(error)).count();
        assert_eq!(refused, 200 - 16);
    });
}
