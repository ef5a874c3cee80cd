//! Membranes through which a far side is grafted, under the name `peer`: one with the guards of the node, and one without.

use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use membrane::{Authority, Caller, Grants, Membrane, Registry, Source, Worker};
use ww_call::new_client;
use ww_capnp::stem_capnp::membrane as membrane_capnp;
use ww_conformance::conformance_capnp::peer;

/// A far side, for each graft.
pub(super) trait Peers: 'static {
    /// The root of one.
    fn peer(&self) -> peer::Client;
}

/// Whether capabilities go through guards.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guards {
    /// The objects are handed over as they are.
    Off,
    /// As the node does it.
    On,
}

/// A Membrane with nothing but the far side.
pub(super) fn membrane(peers: impl Peers, guards: Guards) -> membrane_capnp::Client {
    match guards {
        Guards::Off => new_client(Unguarded(peers)),
        Guards::On => {
            let mut registry = Registry::new();
            registry.register("peer".parse().expect("a name"), Guarded(peers)).expect("the only one");
            let worker = Worker::new(&Authority::new(0));
            tokio::task::spawn_local(worker.clone().run());
            Membrane::client(Rc::new(registry), Grants::all(), worker, "conformance".into())
        }
    }
}

struct Guarded<P>(P);

impl<P: Peers> Source for Guarded<P> {
    fn attach(&self, _caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
        futures::future::ready(Ok(self.0.peer().into_client_hook())).boxed_local()
    }
}

struct Unguarded<P>(P);

impl<P: Peers> membrane_capnp::Server for Unguarded<P> {
    async fn graft(
        self: Rc<Self>,
        _params: membrane_capnp::GraftParams,
        mut results: membrane_capnp::GraftResults,
    ) -> Result<(), Error> {
        let mut export = results.get().init_caps(1).get(0);
        export.set_name("peer");
        export.init_cap().set_as_capability(self.0.peer().into_client_hook());
        Ok(())
    }
}
