//! A node: what it is, and what its guest can graft.

use std::rc::Rc;

use libp2p::Multiaddr;
use membrane::{Authority, Grants, Membrane, Name, Registry, Worker};
use ww_capnp::stem_capnp::membrane as membrane_capnp;
use ww_capnp::system_capnp::host;
use ww_cell::limits::COMPILE_TIME;
use ww_cell::{Engine, EngineConfig};

use super::error::Error;
use super::grants;
use super::image::Image;
use super::state::State;
use crate::cli::{self, RunArgs};
use crate::control;
use crate::data::Data;
use crate::host_capability::{self, HostCapability};
use crate::identity::{Identity, IdentityError};
use crate::plugin::component::Cells;
use crate::plugin::{Plan, Providers};
use crate::swarm::{self, SwarmConfig, SwarmHandle};

/// The epoch that a node without a chain starts in, and stays in.
const FIRST_EPOCH: u64 = 0;

/// A running node. Its identity is locked while it lives.
pub(super) struct Node {
    pub(super) engine: Engine,
    swarm: SwarmHandle,
    registry: Rc<Registry>,
    providers: Providers,
    control: control::Serving,
    grants: Grants,
    worker: Rc<Worker>,
    notice: Option<String>,
    _identity: Identity,
}

impl Node {
    /// Starts a node: first what can be refused, the addresses to listen on among it.
    pub(super) async fn start(args: &RunArgs, plan: Plan, data: &Data) -> Result<Self, Error> {
        let (identity, notice) = identity(args, data)?;
        let mut config = SwarmConfig::new(identity.keypair().clone());
        config.listen = listen(args);
        config.peers.clone_from(&args.peer);
        let swarm = swarm::start(config).await?;
        let worker = Worker::new(&Authority::new(FIRST_EPOCH));
        tokio::task::spawn_local(worker.clone().run());
        let mut registry = registry(&swarm)?;
        let cells = Cells::new(engine_config(args, data)?, data.providers(), worker.clone());
        let engine = cells.engine()?.clone();
        let providers = Providers::open(plan.plugins, &mut registry, &worker, &cells).await?;
        let control = control::serve(data.path(), providers.commands())?;
        let registry = Rc::new(registry);
        let grants = grants::of(&plan.guest, &registry)?;
        Ok(Self { engine, swarm, registry, providers, control, grants, worker, notice, _identity: identity })
    }

    /// Says what the node is and does, on one line, and on another one what else its user has to know. Guests whose
    /// output is read by people are not to be drowned.
    pub(super) fn announce(&self, image: &Image, state: &State) {
        let notices: Vec<_> = self.notice.as_deref().into_iter().chain(state.notice()).collect();
        if !notices.is_empty() {
            tracing::warn!(target: "ww::run", "{}", notices.join("; "));
        }
        let addrs: Vec<_> = self.swarm.addrs().iter().map(ToString::to_string).collect();
        let (id, layers, addrs) = (self.swarm.peer_id(), image.layers(), addrs.join(" "));
        tracing::info!(target: "ww::run", "node {id} runs {layers}, listening on {addrs}");
    }

    /// The Membrane of the image's own guest, which goes by this name.
    pub(super) fn membrane(&self, name: String) -> membrane_capnp::Client {
        Membrane::client(self.registry.clone(), self.grants.clone(), self.worker.clone(), name)
    }

    /// Closes the providers, and leaves the network.
    pub(super) async fn stop(self) {
        drop(self.control);
        self.providers.close().await;
        self.swarm.shutdown().await;
    }
}

fn engine_config(args: &RunArgs, data: &Data) -> Result<EngineConfig, Error> {
    let (limits, debug) = (args.limit.unwrap_or_default(), args.wasm_debug);
    let compiler = cli::compiler(limits, debug).map_err(Error::Runtime)?;
    Ok(EngineConfig {
        cache: Some(data.code_cache()),
        debug,
        compile_time: limits.compile.unwrap_or(COMPILE_TIME),
        compiler: Some(compiler),
    })
}

/// The key that was asked for, else the user's. Where another node uses that one, a key for this run, and a line for the
/// user.
fn identity(args: &RunArgs, data: &Data) -> Result<(Identity, Option<String>), Error> {
    if args.ephemeral {
        return Ok((Identity::ephemeral(), None));
    }
    if let Some(path) = &args.identity {
        return Ok((Identity::load_or_create(path)?, None));
    }
    match Identity::load_or_create(&data.identity()) {
        Err(IdentityError::InUse { path }) => {
            let notice = format!("{} is in use by another node; this one gets an ephemeral identity", path.display());
            Ok((Identity::ephemeral(), Some(notice)))
        }
        other => Ok((other?, None)),
    }
}

fn listen(args: &RunArgs) -> Vec<Multiaddr> {
    let mut listen = args.listen.clone();
    listen.extend(args.listen_port().into_iter().flat_map(swarm::default_listen));
    listen
}

/// The names of what a node itself offers.
pub(crate) fn offered() -> Vec<Name> {
    host_capability::NAME.parse().into_iter().collect()
}

/// What the node itself offers.
fn registry(swarm: &SwarmHandle) -> Result<Registry, Error> {
    let mut registry = Registry::new();
    let client: host::Client = ww_call::new_client(HostCapability::new(swarm.clone()));
    if let Ok(name) = host_capability::NAME.parse() {
        registry.register(name, client)?;
    }
    Ok(registry)
}
