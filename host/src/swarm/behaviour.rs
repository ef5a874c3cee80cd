//! What the swarm does on every connection: admit it, hold it, say who we are, check that the peer is alive.

use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{identify, ping};

use super::admission::Admission;
use super::hold::Hold;
use super::limits::{Limits, PING_INTERVAL, PING_TIMEOUT};

/// What nodes of one network agree on, sent by identify.
const NETWORK: &str = "/ww/id/1.0.0";

/// The program and its version, sent by identify.
const AGENT: &str = concat!("ww/", env!("CARGO_PKG_VERSION"));

/// The protocols of a node. Admission comes first: what it refuses costs the others nothing.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    admission: Admission,
    pub(super) hold: Hold,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
}

impl Behaviour {
    pub(super) fn new(keypair: &Keypair, limits: &Limits) -> Self {
        let identify = identify::Config::new(NETWORK.into(), keypair.public()).with_agent_version(AGENT.into());
        let ping = ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT);
        Self {
            admission: Admission::new(limits.clone()),
            hold: Hold::default(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping),
        }
    }
}
