//! Watchers of peers that come and go, on real nodes.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use capnp::capability::Promise;
use tokio::task::JoinHandle;
use ww_capnp::system_capnp::peer_watcher;

use super::*;

/// A watcher that writes down what it is told, and answers while it is let.
#[derive(Default)]
struct Recorder {
    events: RefCell<Vec<String>>,
    /// It does not answer.
    busy: Cell<bool>,
    /// It fails every call with this.
    fails: RefCell<Option<Error>>,
    answering: Cell<usize>,
    most_answering: Cell<usize>,
}

impl Recorder {
    async fn told(&self, event: String) -> Result<(), Error> {
        self.events.borrow_mut().push(event);
        self.answering.set(self.answering.get() + 1);
        self.most_answering.set(self.most_answering.get().max(self.answering.get()));
        while self.busy.get() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.answering.set(self.answering.get() - 1);
        self.fails.borrow().clone().map_or(Ok(()), Err)
    }

    /// What it was told since it was last asked, once there is as much.
    async fn take(&self, count: usize) -> Vec<String> {
        eventually(&format!("{count} events"), || self.events.borrow().len() >= count).await;
        self.events.take()
    }
}

impl peer_watcher::Server for Recorder {
    async fn connected(
        self: Rc<Self>,
        params: peer_watcher::ConnectedParams,
        _: peer_watcher::ConnectedResults,
    ) -> Result<(), Error> {
        let (id, addrs) = read_peer(params.get()?.get_peer()?);
        assert_eq!(addrs.len(), 1, "one connection: {addrs:?}");
        self.told(format!("+{id}")).await
    }

    async fn disconnected(
        self: Rc<Self>,
        params: peer_watcher::DisconnectedParams,
        _: peer_watcher::DisconnectedResults,
    ) -> Result<(), Error> {
        let id = params.get()?.get_peer_id()?.to_string()?;
        self.told(format!("-{id}")).await
    }
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// A node that is watched.
struct Watched {
    swarm: SwarmHandle,
    /// As a guest holds it: a call goes on while somebody waits for it, and is cancelled by drop.
    host: host::Client,
}

impl Watched {
    async fn new() -> Self {
        let (swarm, _) = node(Limits::default()).await;
        let host = ww_call::new_client(HostCapability::new(swarm.clone()));
        Self { swarm, host }
    }

    /// Another node, connected to this one, and its id.
    async fn joined(&self) -> (SwarmHandle, String) {
        let (other, client) = node(Limits::default()).await;
        connect(&client, &self.swarm.addrs()[0].to_string()).await.unwrap();
        let id = other.peer_id();
        self.until(id, true).await;
        (other, id.to_base58())
    }

    async fn left(&self, other: SwarmHandle) {
        other.shutdown().await;
        self.until(other.peer_id(), false).await;
    }

    /// Waits until this node knows whether the peer is connected.
    async fn until(&self, id: libp2p::PeerId, connected: bool) {
        let changes = self.swarm.peer_changes();
        eventually("a connection, or its end", || changes.peer(id).is_some() == connected).await;
    }

    fn call(&self, recorder: &Rc<Recorder>) -> Promise<(), Error> {
        let mut request = self.host.watch_peers_request();
        request.get().set_watcher(ww_call::local::new_client_from_rc(recorder.clone()));
        let promise = request.send().promise;
        Promise::from_future(async move { promise.await.map(|_| ()) })
    }

    fn watch(&self, recorder: &Rc<Recorder>) -> JoinHandle<Result<(), Error>> {
        tokio::task::spawn_local(self.call(recorder))
    }
}

#[test]
fn a_watcher_is_told_of_those_that_are_there_and_then_of_those_that_come_and_go() {
    run(async {
        let node = Watched::new().await;
        let ((one, one_id), (_two, two_id)) = (node.joined().await, node.joined().await);
        let recorder = Rc::default();
        let watch = node.watch(&recorder);
        let mut expected = [format!("+{one_id}"), format!("+{two_id}")];
        expected.sort();
        assert_eq!(recorder.take(2).await, expected);
        node.left(one).await;
        assert_eq!(recorder.take(1).await, [format!("-{one_id}")]);
        let (_three, three_id) = node.joined().await;
        assert_eq!(recorder.take(1).await, [format!("+{three_id}")]);
        assert!(!watch.is_finished());
    });
}

#[test]
fn a_slow_watcher_is_told_the_difference_and_one_thing_at_a_time() {
    run(async {
        let node = Watched::new().await;
        let recorder = Rc::new(Recorder { busy: Cell::new(true), ..Recorder::default() });
        let _watch = node.watch(&recorder);
        let (one, one_id) = node.joined().await;
        assert_eq!(recorder.take(1).await, [format!("+{one_id}")]);
        // It is busy with that, while others come and go, and one comes and stays.
        for _ in 0..5 {
            let (other, _) = node.joined().await;
            node.left(other).await;
        }
        node.left(one).await;
        let (_two, two_id) = node.joined().await;
        assert!(recorder.events.borrow().is_empty(), "{:?}", recorder.events);
        recorder.busy.set(false);
        assert_eq!(recorder.take(2).await, [format!("-{one_id}"), format!("+{two_id}")]);
        assert_eq!(recorder.most_answering.get(), 1);
    });
}

#[test]
fn a_peer_that_is_gone_by_its_turn_is_not_told_of() {
    run(async {
        let node = Watched::new().await;
        let (mut first, mut second) = (node.joined().await, node.joined().await);
        if first.1 > second.1 {
            std::mem::swap(&mut first, &mut second);
        }
        let recorder = Rc::new(Recorder { busy: Cell::new(true), ..Recorder::default() });
        let _watch = node.watch(&recorder);
        assert_eq!(recorder.take(1).await, [format!("+{}", first.1)]);
        node.left(second.0).await;
        node.left(first.0).await;
        recorder.busy.set(false);
        assert_eq!(recorder.take(1).await, [format!("-{}", first.1)]);
        let (_third, third_id) = node.joined().await;
        assert_eq!(recorder.take(1).await, [format!("+{third_id}")], "and nothing of the second one");
    });
}

#[test]
fn a_watcher_that_fails_ends_the_watch_with_its_error() {
    run(async {
        let node = Watched::new().await;
        let fails = RefCell::new(Some(Error::unimplemented("I have seen enough".into())));
        let recorder = Rc::new(Recorder { fails, ..Recorder::default() });
        let watch = node.watch(&recorder);
        let (_one, one_id) = node.joined().await;
        let error = watch.await.unwrap().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unimplemented);
        assert_eq!(error.extra, "host.watchPeers: the watcher failed: I have seen enough");
        node.joined().await;
        assert_eq!(recorder.take(1).await, [format!("+{one_id}")], "it is left alone");
        assert_eq!(Rc::strong_count(&recorder), 1, "nobody holds it");
    });
}

#[test]
fn dropping_the_call_ends_the_watch() {
    run(async {
        let node = Watched::new().await;
        let recorder = Rc::new(Recorder { busy: Cell::new(true), ..Recorder::default() });
        let watch = node.watch(&recorder);
        let _one = node.joined().await;
        recorder.take(1).await;
        assert!(Rc::strong_count(&recorder) > 1);
        // Also while it answers.
        watch.abort();
        assert!(watch.await.unwrap_err().is_cancelled());
        assert_eq!(Rc::strong_count(&recorder), 1, "nobody holds it");
    });
}

#[test]
fn watches_are_bounded() {
    run(async {
        let node = Watched::new().await;
        let recorder = Rc::default();
        let mut watches: Vec<_> = (0..MAX_WATCHES).map(|_| node.call(&recorder)).collect();
        let error = node.call(&recorder).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Overloaded);
        assert!(error.extra.contains("64 watches are open on this node, which is the limit"), "{}", error.extra);
        // Where one ends, there is room for another one.
        watches.pop();
        let last = node.watch(&recorder);
        let _one = node.joined().await;
        assert_eq!(recorder.take(1).await.len(), 1);
        assert!(!last.is_finished());
    });
}

#[test]
fn a_watch_without_a_watcher_is_refused() {
    run(async {
        let node = Watched::new().await;
        let error = node.host.watch_peers_request().send().promise.await.map(|_| ()).unwrap_err();
        assert_eq!((error.kind, error.extra.as_str()), (ErrorKind::Failed, "host.watchPeers: there is no watcher"));
    });
}

#[test]
fn a_watch_ends_with_the_network() {
    run(async {
        let node = Watched::new().await;
        let recorder = Rc::default();
        let watch = node.watch(&recorder);
        node.swarm.shutdown().await;
        let error = watch.await.unwrap().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Disconnected);
        assert_eq!(error.extra, "host.watchPeers: the node has left the network");
    });
}
