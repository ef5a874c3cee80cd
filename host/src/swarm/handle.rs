//! The side of the swarm that the rest of the node sees.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::address::{AddrError, Target};
use super::changes::PeerChanges;
use super::dials::Caller;
use super::error::{ConnectError, SwarmError};
use super::limits::{COMMAND_QUEUE, Limits, MAX_CONFIGURED_PEERS, SHUTDOWN};
use super::peers::Peer;
use super::service::{Plan, Service};

/// How a swarm starts.
#[derive(Clone, Debug)]
pub struct SwarmConfig {
    /// The node's identity.
    pub keypair: Keypair,
    /// Where to listen; all of them have to be bound. See [`default_listen`](super::default_listen).
    pub listen: Vec<Multiaddr>,
    /// Peers to be connected to. They are dialled at the start and whenever they are not connected.
    pub peers: Vec<Multiaddr>,
    /// The bounds.
    pub limits: Limits,
}

impl SwarmConfig {
    /// A swarm that listens nowhere and knows nobody, with the default limits.
    pub fn new(keypair: Keypair) -> Self {
        Self { keypair, listen: Vec::new(), peers: Vec::new(), limits: Limits::default() }
    }

    /// Checks every address before anything is started.
    fn plan(&self) -> Result<Plan, SwarmError> {
        if self.peers.len() > MAX_CONFIGURED_PEERS {
            return Err(SwarmError::TooManyPeers(self.peers.len()));
        }
        let mut plan = Plan { listen: Vec::new(), peers: Vec::new() };
        for addr in &self.listen {
            let target = Target::of(addr).map_err(SwarmError::ListenAddress)?;
            if target.peer.is_some() {
                let reason = "an address to listen on has no /p2p/ID".into();
                return Err(SwarmError::ListenAddress(AddrError::Unsupported { addr: target.to_string(), reason }));
            }
            if !plan.listen.contains(&target) || target.socket.port() == 0 {
                plan.listen.push(target);
            }
        }
        let myself = self.keypair.public().to_peer_id();
        for addr in &self.peers {
            let target = Target::of(addr).map_err(SwarmError::PeerAddress)?;
            target.dialable().map_err(SwarmError::PeerAddress)?;
            if target.peer == Some(myself) {
                return Err(SwarmError::PeerIsSelf(addr.clone()));
            }
            if !plan.peers.contains(&target) {
                plan.peers.push(target);
            }
        }
        Ok(plan)
    }
}

/// What the swarm's thread tells everybody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) addrs: Vec<Multiaddr>,
    pub(super) peers: Vec<Peer>,
}

/// What everybody else tells the swarm's thread.
pub(super) enum Command {
    Connect { target: Target, caller: Caller },
    Shutdown,
}

/// A running swarm. Clones are handles to the same one; it stops when the last is dropped, or at [`shutdown`].
///
/// [`shutdown`]: SwarmHandle::shutdown
#[derive(Clone)]
pub struct SwarmHandle {
    shared: Arc<Shared>,
}

struct Shared {
    id: PeerId,
    state: watch::Receiver<State>,
    commands: mpsc::Sender<Command>,
    /// One permit an outstanding `connect`.
    connects: Arc<Semaphore>,
    max_connects: usize,
    /// Closed by the thread as the last thing that it does.
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Starts a swarm on a thread of its own. Returns when every address to listen on is bound, or nothing runs.
///
/// A thread of its own, with its own runtime, because guests that compute would hold up every timer and handshake.
pub async fn start(config: SwarmConfig) -> Result<SwarmHandle, SwarmError> {
    let plan = config.plan()?;
    let id = config.keypair.public().to_peer_id();
    let max_connects = config.limits.connects;
    let (state_sender, state) = watch::channel(State::default());
    let (commands, command_receiver) = mpsc::channel(COMMAND_QUEUE);
    let (ready_sender, ready) = oneshot::channel();
    let (end_sender, ended) = watch::channel(());

    let run = move || {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(async {
                match Service::start(config, plan, command_receiver, state_sender).await {
                    // Where nobody waits for it any more, the handle is gone, too, and the service ends at once.
                    Ok(service) => {
                        let _ = ready_sender.send(Ok(()));
                        service.run().await;
                    }
                    Err(error) => drop(ready_sender.send(Err(error))),
                }
            }),
            Err(error) => drop(ready_sender.send(Err(SwarmError::Thread(error)))),
        }
        drop(end_sender);
    };
    let thread = thread::Builder::new().name(thread_name(id)).spawn(run).map_err(SwarmError::Thread)?;
    let ended_early = || SwarmError::Thread(std::io::Error::other("it ended before the swarm was ready"));
    ready.await.map_err(|_| ended_early())??;

    let connects = Arc::new(Semaphore::new(max_connects));
    let thread = Mutex::new(Some(thread));
    Ok(SwarmHandle { shared: Arc::new(Shared { id, state, commands, connects, max_connects, ended, thread }) })
}

/// At most 15 bytes are shown of a thread's name, so the end of the id has to do.
fn thread_name(id: PeerId) -> String {
    let id = id.to_base58();
    format!("ww-swarm-{}", &id[id.len().saturating_sub(6)..])
}

impl SwarmHandle {
    /// This node's peer id.
    pub fn peer_id(&self) -> PeerId {
        self.shared.id
    }

    /// The addresses that this node listens on, wildcards expanded, sorted, without `/p2p/…`. Empty after the end.
    pub fn addrs(&self) -> Vec<Multiaddr> {
        self.state().addrs
    }

    /// The peers that this node is connected to, sorted by id. A peer is listed until its last connection is closed.
    pub async fn peers(&self) -> Vec<Peer> {
        self.state().peers
    }

    /// Follows who is connected, from now on.
    pub fn peer_changes(&self) -> PeerChanges {
        PeerChanges::new(self.shared.state.clone())
    }

    /// Connects to an address, with or without a `/p2p/ID` part, and returns when the peer is authenticated, or at once
    /// where it is connected already. The connection is kept until one side stops, even if nothing uses it.
    ///
    /// Dropping the future gives the attempt up; a connection that comes of it nevertheless is closed.
    pub async fn connect(&self, addr: Multiaddr) -> Result<Peer, ConnectError> {
        let target = Target::of(&addr)?;
        if target.peer == Some(self.shared.id) {
            return Err(ConnectError::Myself { addr: target.to_string() });
        }
        target.dialable()?;
        let too_many = |_| ConnectError::TooManyCalls(self.shared.max_connects);
        let permit = self.shared.connects.clone().try_acquire_owned().map_err(too_many)?;
        let (reply, answer) = oneshot::channel();
        let command = Command::Connect { target, caller: Caller { reply, permit } };
        self.shared.commands.send(command).await.map_err(|_| ConnectError::Stopped)?;
        answer.await.map_err(|_| ConnectError::Stopped)?
    }

    /// Stops the swarm: closes its sockets, tells its peers, and returns when its thread is gone.
    pub async fn shutdown(&self) {
        // An error means that it has stopped already.
        let _ = self.shared.commands.send(Command::Shutdown).await;
        if tokio::time::timeout(2 * SHUTDOWN, self.stopped()).await.is_err() {
            tracing::warn!(target: "ww::swarm", "the swarm's thread does not end");
            return;
        }
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has only its own return left to do.
            let _ = thread.join();
        }
    }

    /// Returns when the swarm has stopped, for whatever reason.
    pub async fn stopped(&self) {
        let mut ended = self.shared.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    fn state(&self) -> State {
        match self.shared.state.has_changed() {
            Ok(_) => self.shared.state.borrow().clone(),
            // The thread is gone, and what it said last is not true any more.
            Err(_) => State::default(),
        }
    }
}
