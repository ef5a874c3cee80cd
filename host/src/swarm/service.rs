//! The swarm's thread: one loop that owns everything and that everything else talks to.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use libp2p::core::transport::ListenerId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Swarm, TransportError};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::address::Target;
use super::behaviour::Behaviour;
use super::claim::claim;
use super::dials::{Caller, Dials};
use super::error::{ConnectError, SwarmError};
use super::handle::{Command, State, SwarmConfig};
use super::limits::{ADDRESSES, SHUTDOWN};
use super::peers::Peers;
use super::redial::Redial;
use super::transport;

/// Time for QUIC's last packets to leave after the connections are closed; its sockets work in tasks of their own.
const LAST_PACKETS: Duration = Duration::from_millis(20);

/// The addresses of a configuration, checked.
pub(super) struct Plan {
    pub(super) listen: Vec<Target>,
    pub(super) peers: Vec<Target>,
}

/// Everything that the thread owns.
pub(super) struct Service {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) listeners: HashSet<ListenerId>,
    commands: mpsc::Receiver<Command>,
    state: watch::Sender<State>,
    pub(super) peers: Peers,
    pub(super) dials: Dials,
    pub(super) redial: Redial,
    pub(super) retry_min: Duration,
}

impl Service {
    /// Binds every address and learns what is behind the wildcards. Nothing is dialled yet.
    pub(super) async fn start(
        config: SwarmConfig,
        plan: Plan,
        commands: mpsc::Receiver<Command>,
        state: watch::Sender<State>,
    ) -> Result<Self, SwarmError> {
        let SwarmConfig { keypair, limits, .. } = config;
        let transport =
            transport::build(&keypair, &limits).map_err(|error| SwarmError::Transport(error.to_string()))?;
        let behaviour = Behaviour::new(&keypair, &limits);
        let settings = libp2p::swarm::Config::with_tokio_executor()
            .with_idle_connection_timeout(limits.idle)
            .with_max_negotiating_inbound_streams(limits.negotiating);
        let swarm = Swarm::new(transport, behaviour, keypair.public().to_peer_id(), settings);
        let redial = Redial::new(plan.peers, limits.retry_min, Instant::now());
        let mut service = Self {
            swarm,
            listeners: HashSet::new(),
            commands,
            state,
            peers: Peers::default(),
            dials: Dials::default(),
            redial,
            retry_min: limits.retry_min,
        };
        for target in &plan.listen {
            service.listen(target)?;
        }
        service.learn_addresses().await;
        Ok(service)
    }

    fn listen(&mut self, target: &Target) -> Result<(), SwarmError> {
        let addr = target.addr();
        let failed = |cause| SwarmError::Listen { addr: addr.clone(), cause };
        let claimed = claim(target).map_err(failed)?;
        let result = self.swarm.listen_on(addr.clone());
        drop(claimed);
        let listener = result.map_err(|error| match error {
            // The transport buries the cause; asking once more digs it out, unless it has gone by now.
            TransportError::Other(error) => failed(claim(target).err().unwrap_or(error)),
            TransportError::MultiaddrNotSupported(_) => failed(io::ErrorKind::Unsupported.into()),
        })?;
        self.listeners.insert(listener);
        Ok(())
    }

    /// Waits for the first address of every listener, and takes what else is known by then.
    async fn learn_addresses(&mut self) {
        let mut silent = self.listeners.clone();
        let learn = async {
            while !silent.is_empty() {
                let event = self.swarm.select_next_some().await;
                if let SwarmEvent::NewListenAddr { listener_id, .. } = &event {
                    silent.remove(listener_id);
                }
                self.on_event(event);
            }
        };
        if timeout(ADDRESSES, learn).await.is_err() {
            tracing::debug!(target: "ww::swarm", "no interface is up for some of the addresses to listen on");
        }
        while let Some(event) = self.swarm.select_next_some().now_or_never() {
            self.on_event(event);
        }
    }

    /// Works until the last handle is gone or somebody shuts the swarm down, then says goodbye.
    pub(super) async fn run(mut self) {
        loop {
            self.dial_configured();
            let due = self.redial.next_due();
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_event(event),
                command = self.commands.recv() => match command {
                    Some(Command::Connect { target, caller }) => self.connect(target, caller),
                    Some(Command::Shutdown) | None => break,
                },
                () = until(due) => {}
            }
        }
        self.close().await;
    }

    fn connect(&mut self, target: Target, caller: Caller) {
        if let Some(peer) = self.peers.at(&target) {
            self.swarm.behaviour_mut().hold.want(peer.id);
            return caller.answer(Ok(peer));
        }
        let Some(caller) = self.dials.join(&target, caller) else { return };
        match self.dial(&target) {
            Ok(id) => self.dials.started(id, target, caller),
            Err(error) => caller.answer(Err(ConnectError::of_dial(&target, error))),
        }
    }

    fn dial_configured(&mut self) {
        let now = Instant::now();
        while let Some((index, target)) = self.redial.due(now) {
            if let Some(peer) = self.peers.at(&target) {
                self.swarm.behaviour_mut().hold.want(peer.id);
                self.redial.connected(index, peer.id, now);
                continue;
            }
            match self.dial(&target) {
                Ok(id) => self.redial.dialling(index, id),
                Err(error) => self.configured_failed(index, &ConnectError::of_dial(&target, error)),
            }
        }
    }

    /// From a port of its own: one shared with the listener would make two nodes that dial each other at the same
    /// moment meet in one TCP connection, which both then open as the dialler.
    fn dial(&mut self, target: &Target) -> Result<ConnectionId, DialError> {
        let addr = target.addr();
        let options = match target.peer {
            Some(peer) => DialOpts::peer_id(peer)
                .condition(PeerCondition::Always)
                .addresses(vec![addr])
                .allocate_new_port()
                .build(),
            None => DialOpts::unknown_peer_id().address(addr).allocate_new_port().build(),
        };
        let id = options.connection_id();
        tracing::debug!(target: "ww::swarm", addr = %target, "dialling");
        self.swarm.dial(options).map(|()| id)
    }

    /// Tells everybody who is connected and where the node listens.
    pub(super) fn publish(&self) {
        let mut addrs: Vec<_> = self.swarm.listeners().cloned().collect();
        addrs.sort_by_cached_key(ToString::to_string);
        addrs.dedup();
        self.state.send_replace(State { addrs, peers: self.peers.list() });
    }

    /// Stops listening, answers who waits, and gives the peers a moment to be told.
    async fn close(mut self) {
        self.commands.close();
        self.dials = Dials::default();
        for listener in std::mem::take(&mut self.listeners) {
            self.swarm.remove_listener(listener);
        }
        let connected: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            // An error means that it has gone by itself.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let goodbye = async {
            while self.swarm.connected_peers().next().is_some() {
                let event = self.swarm.select_next_some().await;
                self.on_event(event);
            }
            sleep(LAST_PACKETS).await;
        };
        if timeout(SHUTDOWN, goodbye).await.is_err() {
            tracing::debug!(target: "ww::swarm", "some connections did not close in time");
        }
        self.state.send_replace(State::default());
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
